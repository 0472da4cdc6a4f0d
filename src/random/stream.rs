//! Streams by (seed, replication, purpose, entity), each starting at the cost of a few multiplications.
//!
//! The generator is SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number
//! generators", OOPSLA 2014) with the finaliser "variant 13" of Stafford. A stream needs no
//! warming up, which matters because every visitor has several of their own.

/// What a random number is for. The number of each purpose is part of the model version: a new
/// purpose is added at the end, an old one never moves.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Purpose {
    /// Times of arrival of one traffic.
    Arrivals = 1,
    /// Busyness factors of civil days of one traffic.
    DayBusyness = 2,
    /// Busyness factors of civil half-hours of one traffic.
    SlotBusyness = 3,
    /// What a visitor is: known, owned, tracked, leaves an address, patience, number of messages.
    Visitor = 4,
    /// Who writes each next message of a conversation.
    Speakers = 5,
    /// The think time before each message of a visitor.
    Think = 6,
    /// The quantile of the work that each message asks for.
    Work = 7,
    /// What stays with a contact from visit to visit: known, owned, by whom.
    Contact = 8,
    /// An agent's absences.
    Absence = 9,
    /// The number that comes with an input of the engine, for what draws lots there.
    Lots = 10,
}

/// 2^64 divided by the golden ratio, odd: the step between a stream's states.
const STEP: u64 = 0x9E37_79B9_7F4A_7C15;

#[inline]
const fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// The number of an entity that is known by a name: FNV-1a over the UTF-8 bytes, then mixed.
/// Entities are keyed by name and not by place, so that reordering a file changes no draw.
#[must_use]
pub fn entity(name: &str) -> u64 {
    let hash = name
        .bytes()
        .fold(0xCBF2_9CE4_8422_2325_u64, |h, b| (h ^ u64::from(b)).wrapping_mul(0x100_0000_01B3));
    mix(hash)
}

/// All streams of one replication.
#[derive(Clone, Copy, Debug)]
pub struct Streams {
    key: u64,
}

impl Streams {
    /// The streams of replication `replication` (counted from 0) under `seed`.
    #[must_use]
    pub const fn new(seed: u64, replication: u64) -> Self {
        Self { key: mix(mix(seed ^ STEP).wrapping_add(mix(replication.wrapping_add(STEP)))) }
    }

    /// The number of the `number`-th thing that belongs to a named entity: a traffic's visitors, days.
    #[must_use]
    #[inline]
    pub const fn numbered(entity: u64, number: u64) -> u64 {
        mix(entity.wrapping_add(number.wrapping_mul(STEP)))
    }

    /// The stream of one entity for one purpose.
    #[must_use]
    #[inline]
    pub const fn stream(self, purpose: Purpose, entity: u64) -> Stream {
        Stream {
            state: mix(self.key ^ mix(entity.wrapping_add((purpose as u64).wrapping_mul(STEP)))),
        }
    }
}

/// One stream of numbers. A copy continues on its own from the same place.
#[derive(Clone, Copy, Debug)]
pub struct Stream {
    state: u64,
}

impl Stream {
    /// The next 64 bits.
    #[inline]
    pub const fn next_u64(&mut self) -> u64 {
        self.state = self.state.wrapping_add(STEP);
        mix(self.state)
    }

    /// The next number strictly between 0 and 1, on a grid of 2^-53.
    #[inline]
    pub fn next_unit(&mut self) -> f64 {
        unit(self.next_u64())
    }

    /// True with probability `p`.
    #[inline]
    pub fn next_bool(&mut self, p: f64) -> bool {
        self.next_unit() < p
    }

    /// The `number`-th number of the stream (from 0) strictly between 0 and 1, without the ones
    /// before it. Whoever draws by number needs no state.
    #[must_use]
    #[inline]
    pub fn unit_at(self, number: u64) -> f64 {
        unit(mix(self.state.wrapping_add(number.wrapping_add(1).wrapping_mul(STEP))))
    }

    /// The stream of the `number`-th thing that belongs to this stream's entity.
    #[must_use]
    #[inline]
    pub const fn numbered(self, number: u64) -> Self {
        Self { state: mix(self.state ^ mix(number.wrapping_add(STEP))) }
    }

    /// A stream of this stream's entity for another purpose, which costs no hashing of names.
    #[must_use]
    #[inline]
    pub const fn branch(self, purpose: Purpose) -> Self {
        Self { state: mix(self.state ^ (purpose as u64).wrapping_mul(0xD6E8_FEB8_6659_FD93)) }
    }
}

/// The middles of 2^53 equal cells of (0, 1): never 0 and never 1, so that every quantile is finite.
#[inline]
fn unit(bits: u64) -> f64 {
    ((bits >> 11) as f64 + 0.5) * (1.0 / 9_007_199_254_740_992.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_draw_by_number_is_the_draw_in_order() {
        let mut stream = Streams::new(1, 2).stream(Purpose::Think, 77);
        let by_number = stream;
        for number in 0..100 {
            assert_eq!(stream.next_unit().to_bits(), by_number.unit_at(number).to_bits());
        }
    }

    #[test]
    fn seed_replication_purpose_and_entity_each_give_other_numbers() {
        let base = Streams::new(1, 0).stream(Purpose::Think, 5).next_u64();
        assert_ne!(base, Streams::new(2, 0).stream(Purpose::Think, 5).next_u64());
        assert_ne!(base, Streams::new(1, 1).stream(Purpose::Think, 5).next_u64());
        assert_ne!(base, Streams::new(1, 0).stream(Purpose::Work, 5).next_u64());
        assert_ne!(base, Streams::new(1, 0).stream(Purpose::Think, 6).next_u64());
        assert_ne!(
            base,
            Streams::new(1, 0).stream(Purpose::Think, 5).branch(Purpose::Work).next_u64()
        );
    }

    // 256 cells, 2^18 first draws of neighbouring entities: chi-square has 255 degrees of freedom,
    // standard deviation sqrt(2*255) = 22.6; five of those either side.
    #[test]
    fn first_draws_of_neighbouring_entities_are_spread_evenly() {
        for purpose in [Purpose::Visitor, Purpose::Think, Purpose::Work] {
            let mut cells = [0_u32; 256];
            let streams = Streams::new(7, 3);
            let n = 1 << 18;
            for entity in 0..n {
                let u = streams.stream(purpose, entity).next_unit();
                cells[(u * 256.0) as usize] += 1;
            }
            let expected = n as f64 / 256.0;
            let chi2: f64 =
                cells.iter().map(|&c| (f64::from(c) - expected).powi(2) / expected).sum();
            assert!((255.0 - 113.0..255.0 + 113.0).contains(&chi2), "{purpose:?}: {chi2}");
        }
    }

    // Correlation of 2^18 pairs has standard deviation 2^-9 = 0.00195; five of those.
    #[test]
    fn neighbouring_entities_and_purposes_are_uncorrelated() {
        let n = 1_u64 << 18;
        let streams = Streams::new(11, 0);
        let correlation = |pair: &dyn Fn(u64) -> (f64, f64)| {
            let sum: f64 = (0..n).map(pair).map(|(a, b)| (a - 0.5) * (b - 0.5)).sum();
            sum / n as f64 * 12.0
        };
        let first = |p, e| streams.stream(p, e).next_unit();
        let neighbours = correlation(&|e| (first(Purpose::Think, e), first(Purpose::Think, e + 1)));
        let purposes = correlation(&|e| (first(Purpose::Think, e), first(Purpose::Work, e)));
        let branches = correlation(&|e| {
            let s = streams.stream(Purpose::Visitor, e);
            (s.branch(Purpose::Think).unit_at(0), s.branch(Purpose::Work).unit_at(0))
        });
        for (what, r) in
            [("neighbours", neighbours), ("purposes", purposes), ("branches", branches)]
        {
            assert!(r.abs() < 0.0098, "{what}: {r}");
        }
    }
}
