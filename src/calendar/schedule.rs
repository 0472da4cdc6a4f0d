//! When somebody is in hours, compiled: intervals of simulated time that answer by binary search.

use crate::time::{SimDuration, SimTime};

/// Sorted, disjoint, not touching, half-open intervals `[opens, closes)` from the simulation's
/// first instant up to an end, from which on nothing is known.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Schedule {
    until: SimTime,
    intervals: Vec<(SimTime, SimTime)>,
    /// `opened_before[i]` is the open time before interval `i` opens, in milliseconds.
    opened_before: Vec<u64>,
}

impl Schedule {
    /// Open from the first instant to `until`.
    #[must_use]
    pub fn always(until: SimTime) -> Self {
        Self::of(until, vec![(SimTime::ZERO, until)])
    }

    /// The union of `intervals` in any order, cut at `until`.
    #[must_use]
    pub fn of(until: SimTime, mut intervals: Vec<(SimTime, SimTime)>) -> Self {
        for (_, closes) in &mut intervals {
            *closes = (*closes).min(until);
        }
        merge(&mut intervals);
        let opened_before = intervals
            .iter()
            .scan(0, |opened, &(opens, closes)| {
                let before = *opened;
                *opened += closes.since(opens).as_millis();
                Some(before)
            })
            .collect();
        Self { until, intervals, opened_before }
    }

    /// Open whenever one of `schedules` is: a team's hours from its members'.
    ///
    /// They should reach equally far; the union reaches as far as the longest.
    #[must_use]
    pub fn union(schedules: &[&Self]) -> Self {
        let until = schedules.iter().map(|s| s.until).max().unwrap_or(SimTime::ZERO);
        let intervals = schedules.iter().flat_map(|s| s.intervals.iter().copied()).collect();
        Self::of(until, intervals)
    }

    /// How far the schedule reaches.
    #[must_use]
    pub const fn until(&self) -> SimTime {
        self.until
    }

    /// The open intervals `[opens, closes)`, in order.
    #[must_use]
    pub fn intervals(&self) -> &[(SimTime, SimTime)] {
        &self.intervals
    }

    /// Whether it is open at `at`: yes at the instant of opening, no at the instant of closing, and
    /// no where the schedule does not reach.
    #[must_use]
    #[inline]
    pub fn is_open(&self, at: SimTime) -> bool {
        self.last_opened(at).is_some_and(|i| at < self.intervals[i].1)
    }

    /// The next opening or closing strictly after `after`. Where the schedule ends is neither.
    #[must_use]
    pub fn next_change(&self, after: SimTime) -> Option<SimTime> {
        let last = self.last_opened(after);
        match last.map(|i| self.intervals[i].1) {
            Some(closes) if after < closes => (closes < self.until).then_some(closes),
            _ => self.intervals.get(last.map_or(0, |i| i + 1)).map(|&(opens, _)| opens),
        }
    }

    /// Open time in `[from, to)`; zero if `to` is not after `from`. O(log intervals).
    #[must_use]
    pub fn open_between(&self, from: SimTime, to: SimTime) -> SimDuration {
        if to <= from {
            return SimDuration::ZERO;
        }
        let first = self.last_opened(from);
        // Most questions are about minutes, and lie inside one interval.
        if let Some(i) = first
            && to <= self.intervals[i].1
        {
            return to.since(from);
        }
        let last = self.last_opened(to);
        SimDuration::from_millis(self.opened(last, to) - self.opened(first, from))
    }

    /// The interval that opened last at or before `at`.
    #[inline]
    fn last_opened(&self, at: SimTime) -> Option<usize> {
        self.intervals.partition_point(|&(opens, _)| opens <= at).checked_sub(1)
    }

    /// Open milliseconds before `at`, of which `interval` is the interval that opened last.
    fn opened(&self, interval: Option<usize>, at: SimTime) -> u64 {
        interval.map_or(0, |i| {
            let (opens, closes) = self.intervals[i];
            self.opened_before[i] + at.min(closes).since(opens).as_millis()
        })
    }
}

/// Sorts the intervals, joins those that overlap or touch, and drops the empty ones.
pub(super) fn merge(intervals: &mut Vec<(SimTime, SimTime)>) {
    intervals.retain(|&(opens, closes)| opens < closes);
    intervals.sort_unstable();
    intervals.dedup_by(|next, kept| {
        let joins = next.0 <= kept.1;
        if joins {
            kept.1 = kept.1.max(next.1);
        }
        joins
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn t(ms: u64) -> SimTime {
        SimTime::from_millis(ms)
    }

    fn schedule(until: u64, intervals: &[(u64, u64)]) -> Schedule {
        Schedule::of(t(until), intervals.iter().map(|&(a, b)| (t(a), t(b))).collect())
    }

    #[test]
    fn overlapping_and_touching_intervals_become_one() {
        let merged =
            schedule(50, &[(20, 30), (5, 9), (30, 35), (1, 6), (2, 3), (40, 40), (45, 90)]);
        assert_eq!(merged.intervals(), [(t(1), t(9)), (t(20), t(35)), (t(45), t(50))]);
    }

    #[test]
    fn opening_is_open_and_closing_is_closed() {
        let s = schedule(100, &[(10, 20)]);
        let open: Vec<bool> = [9, 10, 19, 20].map(|ms| s.is_open(t(ms))).into();
        assert_eq!(open, [false, true, true, false]);
    }

    #[test]
    fn the_next_change_is_strictly_later_and_the_end_is_none() {
        let s = schedule(100, &[(0, 5), (10, 20), (90, 100)]);
        for (after, next) in [
            (0, Some(5)),
            (4, Some(5)),
            (5, Some(10)),
            (10, Some(20)),
            (20, Some(90)),
            (90, None),
            (200, None),
        ] {
            assert_eq!(s.next_change(t(after)), next.map(t), "{after}");
        }
        assert_eq!(Schedule::always(t(100)).next_change(t(0)), None);
        assert_eq!(schedule(100, &[]).next_change(t(0)), None);
    }

    #[test]
    fn open_time_between_any_two_instants_is_what_counting_says() {
        let s = schedule(60, &[(0, 3), (7, 8), (20, 41), (50, 60)]);
        for from in 0..70 {
            for to in 0..70 {
                let counted = (from..to).filter(|&ms| s.is_open(t(ms))).count() as u64;
                assert_eq!(s.open_between(t(from), t(to)).as_millis(), counted, "{from} {to}");
            }
        }
        assert_eq!(Schedule::always(SimTime::NEVER).open_between(t(3), t(9)).as_millis(), 6);
    }

    #[test]
    fn a_union_is_open_when_any_of_them_is() {
        let (a, b) = (schedule(60, &[(0, 10), (30, 40)]), schedule(60, &[(5, 20), (50, 60)]));
        let both = Schedule::union(&[&a, &b]);
        for ms in 0..70 {
            assert_eq!(both.is_open(t(ms)), a.is_open(t(ms)) || b.is_open(t(ms)), "{ms}");
        }
        assert_eq!(both.next_change(t(50)), None);
        assert_eq!(Schedule::union(&[]).intervals(), []);
    }
}
