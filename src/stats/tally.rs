//! Count, sum, spread and extremes of whole milliseconds, in exact integers: merging tallies gives
//! the same bits in every order.

/// A running summary of durations in whole milliseconds.
///
/// The sum of everything recorded must stay below 2^64 ms (half a billion years).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Tally {
    count: u64,
    sum: u64,
    sum_sq: u128,
    /// `u64::MAX` while nothing is recorded, so that recording needs no special first case.
    min: u64,
    max: u64,
}

/// A [`Tally`] taken apart, to be written to a file and read back.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct TallyParts {
    /// How many values.
    pub count: u64,
    /// Their sum, in milliseconds.
    pub sum: u64,
    /// The sum of their squares, in square milliseconds.
    pub sum_sq: u128,
    /// The smallest, in milliseconds; `None` exactly when `count` is 0.
    pub min: Option<u64>,
    /// The largest, in milliseconds; `None` exactly when `count` is 0.
    pub max: Option<u64>,
}

impl Default for Tally {
    fn default() -> Self {
        Self { count: 0, sum: 0, sum_sq: 0, min: u64::MAX, max: 0 }
    }
}

impl Tally {
    /// Adds one value, in milliseconds.
    #[inline]
    pub fn record(&mut self, value: u64) {
        self.count += 1;
        self.sum += value;
        self.sum_sq += u128::from(value) * u128::from(value);
        self.min = self.min.min(value);
        self.max = self.max.max(value);
    }

    /// Adds everything another tally has recorded.
    pub fn merge(&mut self, other: &Self) {
        self.count += other.count;
        self.sum += other.sum;
        self.sum_sq += other.sum_sq;
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
    }

    /// How many values were recorded.
    #[must_use]
    pub const fn count(&self) -> u64 {
        self.count
    }

    /// The sum of the values, in milliseconds.
    #[must_use]
    pub const fn sum(&self) -> u64 {
        self.sum
    }

    /// The sum of the squared values, in square milliseconds.
    #[must_use]
    pub const fn sum_sq(&self) -> u128 {
        self.sum_sq
    }

    /// The smallest value, in milliseconds; `None` when nothing was recorded.
    #[must_use]
    pub fn min(&self) -> Option<u64> {
        (self.count > 0).then_some(self.min)
    }

    /// The largest value, in milliseconds; `None` when nothing was recorded.
    #[must_use]
    pub fn max(&self) -> Option<u64> {
        (self.count > 0).then_some(self.max)
    }

    /// The mean in milliseconds; `None` when nothing was recorded.
    #[must_use]
    pub fn mean(&self) -> Option<f64> {
        (self.count > 0).then(|| self.sum as f64 / self.count as f64)
    }

    /// The sample standard deviation in milliseconds, `sqrt(Σ(x − x̄)² / (n − 1))`; `None` below
    /// two values.
    ///
    /// No digits are lost to cancellation, however close together the values lie: with the whole
    /// number `m = ⌊Σx / n⌋` and the remainder `r = Σx − n·m`,
    /// `Σ(x − m)² = Σx² − m·(Σx + r)` and `Σ(x − x̄)² = Σ(x − m)² − r²/n`, of which only the
    /// fractional part of `r²/n` (below 1, while the result is at least 1/2 or exactly 0) leaves
    /// the integers.
    #[must_use]
    pub fn sd(&self) -> Option<f64> {
        if self.count < 2 {
            return None;
        }
        let n = u128::from(self.count);
        let sum = u128::from(self.sum);
        let (whole_mean, rest) = (sum / n, sum % n);
        let about_whole_mean = self.sum_sq - whole_mean * (sum + rest);
        let (whole_shift, shift_rest) = (rest * rest / n, rest * rest % n);
        let squares = (about_whole_mean - whole_shift) as f64 - shift_rest as f64 / n as f64;
        Some(libm::sqrt(squares / (n - 1) as f64))
    }

    /// What has to be written down to get this tally back.
    #[must_use]
    pub fn parts(&self) -> TallyParts {
        TallyParts {
            count: self.count,
            sum: self.sum,
            sum_sq: self.sum_sq,
            min: self.min(),
            max: self.max(),
        }
    }

    /// The tally that [`Tally::parts`] took apart; `None` when no set of values has these parts'
    /// count, sums and extremes in common (a damaged file).
    #[must_use]
    pub fn from_parts(parts: TallyParts) -> Option<Self> {
        if parts.count == 0 {
            return (parts == TallyParts::default()).then(Self::default);
        }
        let tally = Self {
            count: parts.count,
            sum: parts.sum,
            sum_sq: parts.sum_sq,
            min: parts.min?,
            max: parts.max?,
        };
        let [n, sum, min, max] = [tally.count, tally.sum, tally.min, tally.max].map(u128::from);
        // Cauchy–Schwarz on the left, x² ≤ max·x on the right.
        let squares_fit = sum * sum / n <= tally.sum_sq && tally.sum_sq <= max * sum;
        (min <= max && n * min <= sum && sum <= n * max && squares_fit).then_some(tally)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn tally(values: &[u64]) -> Tally {
        let mut tally = Tally::default();
        for &value in values {
            tally.record(value);
        }
        tally
    }

    #[test]
    fn an_empty_tally_has_no_mean_no_spread_and_no_extremes() {
        let empty = Tally::default();
        assert_eq!((empty.count(), empty.sum(), empty.sum_sq()), (0, 0, 0));
        assert_eq!((empty.min(), empty.max(), empty.mean(), empty.sd()), (None, None, None, None));
    }

    #[test]
    fn one_value_has_a_mean_but_no_spread() {
        let one = tally(&[7]);
        assert_eq!(
            (one.mean(), one.sd(), one.min(), one.max()),
            (Some(7.0), None, Some(7), Some(7))
        );
    }

    #[test]
    fn mean_and_spread_of_a_textbook_sample() {
        // 2 4 4 4 5 5 7 9: mean 40/8 = 5, squared deviations 9+1+1+1+0+0+4+16 = 32, 32/7.
        let sample = tally(&[2, 4, 4, 4, 5, 5, 7, 9]);
        assert_eq!(sample.mean(), Some(5.0));
        assert_eq!(sample.sd(), Some(libm::sqrt(32.0 / 7.0)));
    }

    #[test]
    fn spread_survives_values_that_are_large_and_close_together() {
        // 10^15, 10^15 + 1, 10^15 + 2: deviations −1, 0, 1, so the standard deviation is 1. Squares
        // near 10^30 in floating point would have lost it.
        let base = 1_000_000_000_000_000;
        assert_eq!(tally(&[base, base + 1, base + 2]).sd(), Some(1.0));
        // Two values one apart: deviations ±1/2, 2·(1/4)/1 = 1/2.
        assert_eq!(tally(&[base, base + 1]).sd(), Some(libm::sqrt(0.5)));
        assert_eq!(tally(&[base, base, base]).sd(), Some(0.0));
    }

    #[test]
    fn parts_that_no_sample_can_have_are_refused() {
        let good = tally(&[3, 5]).parts();
        let broken = [
            TallyParts { count: 0, ..good },
            TallyParts { min: None, ..good },
            TallyParts { max: Some(2), ..good },
            TallyParts { sum: 5, ..good },
            TallyParts { sum: 11, ..good },
            TallyParts { sum_sq: 31, ..good },
            TallyParts { sum_sq: 41, ..good },
        ];
        for parts in broken {
            assert_eq!(Tally::from_parts(parts), None, "{parts:?}");
        }
    }

    proptest! {
        #[test]
        fn merging_in_any_order_gives_what_recording_everything_gives(
            left in prop::collection::vec(0..1_000_000_000_000_u64, 0..50),
            right in prop::collection::vec(0..1_000_000_000_000_u64, 0..50),
        ) {
            let all = tally(&[left.clone(), right.clone()].concat());
            let (left, right) = (tally(&left), tally(&right));
            let mut forwards = left;
            forwards.merge(&right);
            let mut backwards = right;
            backwards.merge(&left);
            prop_assert_eq!(forwards, all);
            prop_assert_eq!(backwards, all);
        }

        #[test]
        fn parts_go_to_a_file_and_back(values in prop::collection::vec(0..1_000_000_u64, 0..50)) {
            let tally = tally(&values);
            prop_assert_eq!(Tally::from_parts(tally.parts()), Some(tally));
        }
    }
}
