//! A compact histogram of whole numbers: exact for small values, a fixed relative precision above,
//! and memory only as far as the values reach. Histograms of replications are added, never
//! averaged.
//!
//! With `bits = b`, every power of two is cut into `2^b` equally wide cells, so a cell is at most
//! `2^-b` of its lowest value wide, and values below `2^(b+1)` have a cell each:
//!
//! ```text
//!  b = 2   value   0 1 2 3 4 5 6 7 | 8.9 10.11 12.13 14.15 | 16..19 20..23 24..27 28..31 | …
//!          cell    0 1 2 3 4 5 6 7 |  8    9    10    11   |   12     13     14     15   | …
//! ```
//!
//! `hdrhistogram` lays its cells out alike; this one exists because recording is on the hot path
//! of every simulated reply and needs no range, no error and a quarter of the memory. The tests
//! hold it against `hdrhistogram`.

use std::fmt::Debug;

/// The histogram of one replication, four bytes a cell.
pub type Histogram = Cells<u32>;

/// The sum of many histograms, eight bytes a cell.
pub type Pooled = Cells<u64>;

/// What a cell can count with: 32 bits while recording, 64 when pooling.
pub trait CellCount: Copy + Default + Eq + Debug + Into<u64> + TryFrom<u64> {}

impl CellCount for u32 {}
impl CellCount for u64 {}

/// Counts of values in log-linear cells; see [`Histogram`] and [`Pooled`].
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Cells<C> {
    bits: u32,
    count: u64,
    /// As long as the largest value needs and no longer: equal contents are equal histograms.
    counts: Vec<C>,
}

/// One cell that is not empty.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Cell {
    /// The lowest value that falls into it.
    pub lowest: u64,
    /// The highest value that falls into it.
    pub highest: u64,
    /// How many values did.
    pub count: u64,
}

impl Cell {
    /// The value that stands for the whole cell: its middle, rounded down.
    #[must_use]
    pub const fn representative(&self) -> u64 {
        self.lowest + (self.highest - self.lowest) / 2
    }
}

impl<C: CellCount> Cells<C> {
    /// The finest layout: 65,536 cells a power of two.
    pub const MAX_BITS: u32 = 16;

    /// An empty histogram with `2^bits` cells for every power of two.
    ///
    /// # Panics
    ///
    /// If `bits` is above [`Cells::MAX_BITS`].
    #[must_use]
    pub fn new(bits: u32) -> Self {
        assert!(bits <= Self::MAX_BITS, "2^{bits} cells for every power of two are too many");
        Self { bits, count: 0, counts: Vec::new() }
    }

    /// The binary logarithm of the cells for every power of two.
    #[must_use]
    pub const fn bits(&self) -> u32 {
        self.bits
    }

    /// Counts one value.
    ///
    /// # Panics
    ///
    /// If a cell overflows: 2^32 values in one cell of one replication.
    #[inline]
    pub fn record(&mut self, value: u64) {
        let index = self.index(value);
        if index >= self.counts.len() {
            self.grow(index + 1);
        }
        self.counts[index] = plus(self.counts[index], 1);
        self.count += 1;
    }

    /// How many values were counted.
    #[must_use]
    pub const fn count(&self) -> u64 {
        self.count
    }

    /// Adds everything another histogram has counted.
    ///
    /// # Panics
    ///
    /// If the other one has different cells, or if a cell overflows.
    pub fn add<D: CellCount>(&mut self, other: &Cells<D>) {
        assert_eq!(self.bits, other.bits, "only histograms with the same cells can be added");
        if other.counts.len() > self.counts.len() {
            self.grow(other.counts.len());
        }
        for (mine, &theirs) in self.counts.iter_mut().zip(&other.counts) {
            *mine = plus(*mine, theirs.into());
        }
        self.count += other.count;
    }

    /// How many values lie in the cell of `value` or below it. For a `value` that
    /// [`Cells::quantile`] returned, these are the values it stands above or for.
    #[must_use]
    pub fn count_at_most(&self, value: u64) -> u64 {
        self.counts.iter().take(self.index(value) + 1).map(|&count| count.into()).sum()
    }

    /// The `p`-quantile: the representative of the lowest cell at which the cumulative count
    /// reaches `⌈p·n⌉` (and at least 1, so that `p = 0` is the smallest value); exact where cells
    /// hold one value. `None` when nothing was counted or `p` is outside [0, 1].
    ///
    /// A product `p·n` within one part in 10^12 of a whole number is that number: 0.07 × 100 is 7,
    /// although in floating point it is a little more.
    #[must_use]
    pub fn quantile(&self, p: f64) -> Option<u64> {
        if !(0.0..=1.0).contains(&p) {
            return None;
        }
        let rank = rank(p, self.count);
        let mut cumulative = 0;
        self.cells()
            .find(|cell| {
                cumulative += cell.count;
                cumulative >= rank
            })
            .map(|cell| cell.representative())
    }

    /// The cells that are not empty, from low values to high.
    pub fn cells(&self) -> impl Iterator<Item = Cell> + '_ {
        self.sparse().map(|(index, count)| {
            let (lowest, highest) = self.limits(u64::from(index));
            Cell { lowest, highest, count }
        })
    }

    /// Index and count of the cells that are not empty, in ascending order: what a file needs
    /// beside [`Cells::bits`].
    pub fn sparse(&self) -> impl Iterator<Item = (u32, u64)> + '_ {
        (0_u32..)
            .zip(&self.counts)
            .map(|(index, &count)| (index, count.into()))
            .filter(|&(_, count)| count > 0)
    }

    /// The histogram that [`Cells::sparse`] wrote down; `None` when these cannot be its cells (too
    /// many bits, an index out of order or out of range, a count of 0 or one too large): a damaged
    /// file.
    #[must_use]
    pub fn from_sparse(bits: u32, cells: impl IntoIterator<Item = (u32, u64)>) -> Option<Self> {
        if bits > Self::MAX_BITS {
            return None;
        }
        let mut histogram = Self::new(bits);
        let cells_in_all = histogram.index(u64::MAX) + 1;
        for (index, count) in cells {
            let index = usize::try_from(index).ok()?;
            if index < histogram.counts.len() || index >= cells_in_all || count == 0 {
                return None;
            }
            histogram.counts.resize(index + 1, C::default());
            histogram.counts[index] = C::try_from(count).ok()?;
            histogram.count = histogram.count.checked_add(count)?;
        }
        Some(histogram)
    }

    /// The cell of a value: its leading `bits + 1` digits, after as many whole powers of two as
    /// the digits cut off.
    #[inline]
    fn index(&self, value: u64) -> usize {
        let digits = (value | (1 << self.bits)).ilog2();
        let cut = digits - self.bits;
        ((cut as usize) << self.bits) + (value >> cut) as usize
    }

    /// The lowest and the highest value of a cell: the inverse of `index`.
    fn limits(&self, index: u64) -> (u64, u64) {
        let cut = (index >> self.bits).saturating_sub(1);
        let lowest = (index - (cut << self.bits)) << cut;
        (lowest, lowest + ((1 << cut) - 1))
    }

    #[cold]
    fn grow(&mut self, len: usize) {
        self.counts.resize(len, C::default());
    }
}

#[inline]
fn plus<C: CellCount>(count: C, more: u64) -> C {
    let sum = count.into().checked_add(more).and_then(|sum| C::try_from(sum).ok());
    sum.expect("a cell holds what one replication counts")
}

/// `⌈p·n⌉` within 1..=n, forgiving the rounding of the product.
fn rank(p: f64, n: u64) -> u64 {
    let product = p * n as f64;
    let nearest = product.round();
    let is_whole = (product - nearest).abs() <= 1e-12 * nearest;
    let rank = if is_whole { nearest } else { product.ceil() };
    (rank as u64).clamp(1, n.max(1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn histogram(bits: u32, values: &[u64]) -> Histogram {
        let mut histogram = Histogram::new(bits);
        for &value in values {
            histogram.record(value);
        }
        histogram
    }

    fn cell(lowest: u64, highest: u64, count: u64) -> Cell {
        Cell { lowest, highest, count }
    }

    #[test]
    fn an_empty_histogram_has_no_quantiles() {
        let empty = Histogram::new(5);
        assert_eq!((empty.count(), empty.count_at_most(9), empty.quantile(0.5)), (0, 0, None));
        assert_eq!(empty.cells().next(), None);
    }

    #[test]
    fn small_values_have_a_cell_each_and_larger_ones_share() {
        let counts = histogram(2, &[0, 7, 7, 8, 9, 10, 16, 19, 20, 1_000]);
        let cells: Vec<Cell> = counts.cells().collect();
        // 1000 = 0b1111101000: its leading three digits are 111, so its cell is 896..=1023.
        assert_eq!(
            cells,
            [
                cell(0, 0, 1),
                cell(7, 7, 2),
                cell(8, 9, 2),
                cell(10, 11, 1),
                cell(16, 19, 2),
                cell(20, 23, 1),
                cell(896, 1023, 1),
            ]
        );
        assert_eq!(cells[4].representative(), 17);
    }

    #[test]
    fn quantiles_of_exact_values_are_the_order_statistics() {
        // 1..=10: the p-quantile is the ⌈10·p⌉-th smallest.
        let ten = histogram(7, &[10, 9, 8, 7, 6, 5, 4, 3, 2, 1]);
        let expected = [(0.0, 1), (0.1, 1), (0.11, 2), (0.5, 5), (0.51, 6), (0.9, 9), (1.0, 10)];
        for (p, value) in expected {
            assert_eq!(ten.quantile(p), Some(value), "p = {p}");
        }
        assert_eq!(ten.quantile(-0.1), None);
        assert_eq!(ten.quantile(1.1), None);
        assert_eq!(ten.quantile(f64::NAN), None);
        assert_eq!((ten.count_at_most(0), ten.count_at_most(9), ten.count_at_most(99)), (0, 9, 10));
    }

    #[test]
    fn a_product_rounded_up_does_not_move_the_rank() {
        // 0.07 × 100 = 7.000000000000001 in floating point; the rank is 7.
        let hundred: Vec<u64> = (1..=100).collect();
        assert_eq!(histogram(7, &hundred).quantile(0.07), Some(7));
        assert_eq!(rank(0.07, 100), 7);
        assert_eq!(rank(0.070_000_1, 100), 8);
    }

    #[test]
    fn every_value_up_to_the_largest_has_a_cell_at_every_precision() {
        for bits in 0..=Histogram::MAX_BITS {
            let counts = Histogram::new(bits);
            let powers = (0..64).map(|exponent| 1_u64 << exponent);
            for value in powers.flat_map(|power| [power - 1, power, power + power / 3]) {
                let (lowest, highest) = counts.limits(counts.index(value) as u64);
                assert!(lowest <= value && value <= highest, "{value} with {bits} bits");
                assert!(highest - lowest <= lowest >> bits, "{value} with {bits} bits");
            }
            let last = counts.index(u64::MAX);
            assert_eq!(counts.limits(last as u64).1, u64::MAX);
            // Neighbouring cells touch.
            for index in (1..last as u64).step_by(97) {
                assert_eq!(counts.limits(index).0, counts.limits(index - 1).1 + 1);
            }
        }
    }

    #[test]
    fn memory_reaches_as_far_as_the_values() {
        // Seven bits, 60 s in milliseconds: 60,000 has 16 digits, cut 8, so 8·128 + 234 = 1258.
        assert_eq!(histogram(7, &[60_000]).counts.len(), 1_259);
    }

    #[test]
    fn pools_count_beyond_32_bits() {
        let full = Histogram::from_sparse(3, [(1, u64::from(u32::MAX))]).expect("it fits");
        let mut pool = Pooled::new(3);
        pool.add(&full);
        pool.add(&full);
        assert_eq!(pool.count(), 2 * u64::from(u32::MAX));
        assert_eq!(pool.quantile(0.5), Some(1));
    }

    #[test]
    #[should_panic(expected = "a cell holds what one replication counts")]
    fn a_cell_that_overflows_is_not_silent() {
        let mut full = Histogram::from_sparse(3, [(1, u64::from(u32::MAX))]).expect("it fits");
        full.record(1);
    }

    #[test]
    #[should_panic(expected = "only histograms with the same cells can be added")]
    fn different_cells_do_not_add() {
        Pooled::new(3).add(&Histogram::new(4));
    }

    #[test]
    fn damaged_files_are_refused() {
        let damaged: [(u32, &[(u32, u64)]); 6] = [
            (17, &[]),
            (3, &[(2, 1), (1, 1)]),
            (3, &[(2, 1), (2, 1)]),
            (3, &[(2, 0)]),
            (3, &[(u32::MAX, 1)]),
            (3, &[(2, 1 << 32)]),
        ];
        for (bits, cells) in damaged {
            assert_eq!(Histogram::from_sparse(bits, cells.iter().copied()), None, "{cells:?}");
        }
    }

    proptest! {
        #[test]
        fn files_give_back_what_was_written(
            bits in 0..=10_u32,
            values in prop::collection::vec(any::<u64>(), 0..100),
        ) {
            let counts = histogram(bits, &values);
            prop_assert_eq!(Histogram::from_sparse(bits, counts.sparse()), Some(counts));
        }

        #[test]
        fn pooling_in_any_order_gives_the_same(
            left in prop::collection::vec(0..1_000_000_u64, 0..100),
            right in prop::collection::vec(0..1_000_000_u64, 0..100),
        ) {
            let (left, right) = (histogram(6, &left), histogram(6, &right));
            let mut forwards = Pooled::new(6);
            forwards.add(&left);
            forwards.add(&right);
            let mut backwards = Pooled::new(6);
            backwards.add(&right);
            backwards.add(&left);
            prop_assert_eq!(&forwards, &backwards);
            prop_assert_eq!(forwards.count(), left.count() + right.count());
        }

        /// Ten bits: a representative is within 2^-11 of every value of its cell (half a cell);
        /// `hdrhistogram` with three digits reports the top of a cell at most 10^-3 wide.
        #[test]
        fn quantiles_agree_with_hdrhistogram(
            values in prop::collection::vec(0..10_000_000_000_u64, 1..300),
            p in 0.0..=1.0,
        ) {
            let ours = histogram(10, &values).quantile(p).expect("there are values") as f64;
            let mut oracle = hdrhistogram::Histogram::<u64>::new(3).expect("three digits");
            for &value in &values {
                oracle.record(value).expect("it resizes by itself");
            }
            let theirs = oracle.value_at_quantile(p) as f64;
            let bound = theirs * (1.0 / 2_048.0 + 1e-3) + 1.0;
            prop_assert!((ours - theirs).abs() <= bound, "{} against {}", ours, theirs);
        }

        #[test]
        fn quantiles_are_within_the_cell_of_the_order_statistic(
            mut values in prop::collection::vec(any::<u64>(), 1..200),
            per_mille in 0..=1_000_u64,
        ) {
            let counts = histogram(5, &values);
            let quantile = counts.quantile(per_mille as f64 / 1_000.0).expect("there are values");
            values.sort_unstable();
            // ⌈per_mille·n/1000⌉ in whole numbers.
            let rank = (per_mille as usize * values.len()).div_ceil(1_000).max(1);
            prop_assert_eq!(counts.index(quantile), counts.index(values[rank - 1]));
            prop_assert!(counts.count_at_most(quantile) >= rank as u64);
        }
    }
}
