//! The time integral of a level that moves in whole steps (open conversations, people waiting),
//! exact in milliseconds × level, clipped to a window.

/// Adds up a level over time: `∫ level dt` over `[from, to)`, and the largest level in it.
///
/// The level is 0 until the first change. Changes before the window set the level it starts with;
/// changes after it count for nothing. A level counts, for the integral and for the largest, only
/// when it held for at least one millisecond, so changes at the same instant may come in any order
/// and may pass through anything on the way.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TimeWeighted {
    from_ms: u64,
    to_ms: u64,
    now_ms: u64,
    level: i64,
    integral: u128,
    max: Option<i64>,
}

impl TimeWeighted {
    /// A level of 0 from time 0 on, watched over `[from_ms, to_ms)`.
    ///
    /// # Panics
    ///
    /// If the window ends before it begins.
    #[must_use]
    pub fn new(from_ms: u64, to_ms: u64) -> Self {
        assert!(from_ms <= to_ms, "the window {from_ms}..{to_ms} ms ends before it begins");
        Self { from_ms, to_ms, now_ms: 0, level: 0, integral: 0, max: None }
    }

    /// The level is `level` from `at_ms` on.
    ///
    /// # Panics
    ///
    /// If time runs backwards, or the level was negative for longer than an instant.
    #[inline]
    pub fn set(&mut self, at_ms: u64, level: i64) {
        self.advance(at_ms);
        self.level = level;
    }

    /// The level rises (or falls) by `delta` at `at_ms`.
    ///
    /// # Panics
    ///
    /// If time runs backwards, or the level was negative for longer than an instant.
    #[inline]
    pub fn add(&mut self, at_ms: u64, delta: i64) {
        self.advance(at_ms);
        self.level += delta;
    }

    /// Accounts for the time up to `at_ms`, usually the end of the run. Without it, the time since
    /// the last change is missing from every figure.
    ///
    /// # Panics
    ///
    /// If time runs backwards, or the level was negative for longer than an instant.
    pub fn finish(&mut self, at_ms: u64) {
        self.advance(at_ms);
    }

    /// The level as of the last change.
    #[must_use]
    pub const fn level(&self) -> i64 {
        self.level
    }

    /// Level × milliseconds within the window, up to the last change or [`TimeWeighted::finish`].
    #[must_use]
    pub const fn integral(&self) -> u128 {
        self.integral
    }

    /// The milliseconds of the window accounted for so far.
    #[must_use]
    pub fn covered_ms(&self) -> u64 {
        self.now_ms.clamp(self.from_ms, self.to_ms) - self.from_ms
    }

    /// The largest level that held inside the window; `None` when none of it is accounted for.
    #[must_use]
    pub const fn max(&self) -> Option<i64> {
        self.max
    }

    /// The time-weighted mean level, integral / covered time; `None` when no time is covered.
    #[must_use]
    pub fn mean(&self) -> Option<f64> {
        let covered = self.covered_ms();
        (covered > 0).then(|| self.integral as f64 / covered as f64)
    }

    #[inline]
    fn advance(&mut self, at_ms: u64) {
        assert!(self.now_ms <= at_ms, "time ran backwards from {} to {at_ms} ms", self.now_ms);
        let begin = self.now_ms.max(self.from_ms);
        let end = at_ms.min(self.to_ms);
        if begin < end {
            let level = u128::try_from(self.level).expect("a level that lasts is not negative");
            self.integral += level * u128::from(end - begin);
            self.max = self.max.max(Some(self.level));
        }
        self.now_ms = at_ms;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_level_counts_for_as_long_as_it_holds() {
        let mut waiting = TimeWeighted::new(0, 100);
        waiting.add(10, 1); // 10..30 at 1 => 20
        waiting.add(30, 2); // 30..40 at 3 => 30
        waiting.set(40, 0); // 40..100 at 0 => 0
        waiting.finish(100);
        assert_eq!((waiting.integral(), waiting.max(), waiting.covered_ms()), (50, Some(3), 100));
        assert_eq!(waiting.mean(), Some(0.5));
    }

    #[test]
    fn only_the_part_inside_the_window_counts() {
        let mut level = TimeWeighted::new(100, 200);
        level.set(0, 9);
        level.set(50, 2); // The level the window starts with: 100..150 at 2 => 100.
        level.set(150, 1); // 150..200 at 1 => 50
        level.set(250, 70); // After the window.
        level.finish(1_000);
        assert_eq!((level.integral(), level.max(), level.mean()), (150, Some(2), Some(1.5)));
    }

    #[test]
    fn a_window_nobody_reached_has_no_mean_and_no_largest() {
        let mut level = TimeWeighted::new(100, 200);
        level.set(10, 3);
        level.finish(100);
        assert_eq!((level.integral(), level.max(), level.mean()), (0, None, None));
        let empty = TimeWeighted::new(5, 5);
        assert_eq!((empty.integral(), empty.max(), empty.mean()), (0, None, None));
    }

    #[test]
    fn a_level_that_lasts_no_time_is_not_the_largest() {
        let mut level = TimeWeighted::new(0, 10);
        level.add(3, 1);
        level.add(5, 1);
        level.add(5, -1);
        level.finish(10);
        assert_eq!((level.integral(), level.max()), (7, Some(1)));
    }

    #[test]
    #[should_panic(expected = "time ran backwards from 5 to 4 ms")]
    fn time_does_not_run_backwards() {
        let mut level = TimeWeighted::new(0, 10);
        level.add(5, 1);
        level.add(4, 1);
    }

    #[test]
    #[should_panic(expected = "a level that lasts is not negative")]
    fn a_count_below_zero_that_lasts_is_a_bug() {
        let mut level = TimeWeighted::new(0, 10);
        level.add(5, -1);
        level.finish(6);
    }

    proptest! {
        /// Each stay enters and leaves; the integral is the sum of the stays' time in the window,
        /// whatever the order of the changes that share an instant.
        #[test]
        fn the_order_of_changes_at_one_instant_does_not_matter(
            stays in prop::collection::vec((0..40_u64, 0..20_u64), 0..30),
            from in 0..30_u64,
            length in 0..40_u64,
        ) {
            let to = from + length;
            let mut changes: Vec<(u64, i64)> =
                stays.iter().flat_map(|&(at, long)| [(at, 1), (at + long, -1)]).collect();
            let follow = |changes: &[(u64, i64)]| {
                let mut level = TimeWeighted::new(from, to);
                for &(at, delta) in changes {
                    level.add(at, delta);
                }
                level.finish(100);
                level
            };
            changes.sort_by_key(|&(at, delta)| (at, delta));
            let leaving_first = follow(&changes);
            changes.sort_by_key(|&(at, delta)| (at, -delta));
            let entering_first = follow(&changes);
            prop_assert_eq!(leaving_first, entering_first);

            let inside = |&(at, long): &(u64, u64)| {
                (at + long).clamp(from, to) - at.clamp(from, to)
            };
            let by_stay: u64 = stays.iter().map(inside).sum();
            prop_assert_eq!(leaving_first.integral(), u128::from(by_stay));
        }
    }
}
