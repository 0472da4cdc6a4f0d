//! What happened when: counts and levels per interval of simulated time.

use crate::ids::closed_list;
use crate::routing::EmailReason;
use crate::time::SimTime;

closed_list! {
    /// A column of the timeline. Levels are integrals in milliseconds, all others counts.
    Column {
        /// Level: agents of the lists that are online.
        Online = "online_ms",
        /// Level: open conversations.
        Open = "open_ms",
        /// Level: conversations that wait for an agent.
        Waiting = "waiting_ms",
        /// First messages.
        Arrivals = "arrivals",
        /// First messages that went to an agent.
        Assigned = "assigned",
        /// First messages that became an email, by reason.
        EmailedOwnerOffline = "emailed_owner_offline",
        /// See above.
        EmailedOrphan = "emailed_orphan",
        /// See above.
        EmailedNobodyOnline = "emailed_nobody_online",
        /// See above.
        EmailedAllAtCapacity = "emailed_all_at_capacity",
        /// See above.
        EmailedChatflowClosed = "emailed_chatflow_closed",
        /// See above.
        EmailedQueueFull = "emailed_queue_full",
        /// See above.
        EmailedQueueTimeout = "emailed_queue_timeout",
        /// See above.
        EmailedQueueClosed = "emailed_queue_closed",
        /// First messages that left no address.
        Lost = "lost",
        /// Visitors turned away.
        Refused = "refused",
    }
}

impl Column {
    /// Where an email for a first message counts; those for replies do not.
    #[must_use]
    pub const fn emailed(reason: EmailReason) -> Option<Self> {
        match reason {
            EmailReason::OwnerOffline => Some(Self::EmailedOwnerOffline),
            EmailReason::Orphan => Some(Self::EmailedOrphan),
            EmailReason::NobodyOnline => Some(Self::EmailedNobodyOnline),
            EmailReason::AllAtCapacity => Some(Self::EmailedAllAtCapacity),
            EmailReason::ChatflowClosed => Some(Self::EmailedChatflowClosed),
            EmailReason::QueueFull => Some(Self::EmailedQueueFull),
            EmailReason::QueueTimeout => Some(Self::EmailedQueueTimeout),
            EmailReason::QueueClosed => Some(Self::EmailedQueueClosed),
            EmailReason::ReassignFailed => None,
        }
    }
}

/// Sums per interval of the measured period.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Timeline {
    starts: u64,
    ends: u64,
    interval: u64,
    /// By interval, then column.
    rows: Vec<[u64; Column::ALL.len()]>,
}

impl Timeline {
    /// Empty, for the intervals of `interval_ms` from `starts` to `ends`; the last may be shorter.
    ///
    /// # Panics
    ///
    /// If the interval is 0 or the end before the start.
    #[must_use]
    pub fn new(starts: SimTime, ends: SimTime, interval_ms: u64) -> Self {
        assert!(interval_ms > 0 && starts <= ends, "a period and an interval");
        let (starts, ends) = (starts.as_millis(), ends.as_millis());
        let intervals = (ends - starts).div_ceil(interval_ms);
        let rows = vec![[0; Column::ALL.len()]; usize::try_from(intervals).expect("memory for it")];
        Self { starts, ends, interval: interval_ms, rows }
    }

    /// The rows: when each interval starts and ends, and its sums in order of [`Column::ALL`].
    pub fn rows(&self) -> impl Iterator<Item = (SimTime, SimTime, &[u64; Column::ALL.len()])> {
        (0..).zip(&self.rows).map(|(number, row)| {
            let from = self.starts + number * self.interval;
            let to = (from + self.interval).min(self.ends);
            (SimTime::from_millis(from), SimTime::from_millis(to), row)
        })
    }

    /// Changes the sums of an interval; for reading them from files.
    pub fn row_mut(&mut self, interval: usize) -> Option<&mut [u64; Column::ALL.len()]> {
        self.rows.get_mut(interval)
    }

    /// Adds the sums of another replication of the same period.
    ///
    /// # Panics
    ///
    /// If the periods differ.
    pub fn merge(&mut self, other: &Self) {
        let period = |t: &Self| (t.starts, t.ends, t.interval);
        assert_eq!(period(self), period(other), "timelines of one period");
        for (mine, theirs) in self.rows.iter_mut().zip(&other.rows) {
            for (mine, theirs) in mine.iter_mut().zip(theirs) {
                *mine += theirs;
            }
        }
    }

    /// Counts something that happened at `at`; outside the period nothing is counted.
    #[inline]
    pub fn count(&mut self, at: SimTime, column: Column) {
        let at = at.as_millis();
        if at >= self.starts && at < self.ends {
            let interval = ((at - self.starts) / self.interval) as usize;
            self.rows[interval][column as usize] += 1;
        }
    }

    /// Adds `level` for the time from `from` to `to`.
    fn hold(&mut self, from: u64, to: u64, column: Column, level: u64) {
        let (mut from, to) = (from.max(self.starts), to.min(self.ends));
        while from < to {
            let interval = (from - self.starts) / self.interval;
            let until = to.min(self.starts + (interval + 1) * self.interval);
            self.rows[interval as usize][column as usize] += level * (until - from);
            from = until;
        }
    }
}

/// A level that rises and falls, being added to a column of a timeline.
#[derive(Clone, Copy, Debug)]
pub(super) struct Level {
    column: Column,
    level: u64,
    since: u64,
}

impl Level {
    pub(super) const fn new(column: Column, level: u64) -> Self {
        Self { column, level, since: 0 }
    }

    /// Accounts for the time up to `at`.
    #[inline]
    pub(super) fn until(&mut self, at: SimTime, timeline: &mut Timeline) {
        let at = at.as_millis();
        if at > self.since {
            if self.level > 0 {
                timeline.hold(self.since, at, self.column, self.level);
            }
            self.since = at;
        }
    }

    #[inline]
    pub(super) fn up(&mut self, at: SimTime, timeline: &mut Timeline) {
        self.until(at, timeline);
        self.level += 1;
    }

    #[inline]
    pub(super) fn down(&mut self, at: SimTime, timeline: &mut Timeline) {
        self.until(at, timeline);
        self.level -= 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_split_over_the_intervals_and_cut_to_the_period() {
        let at = SimTime::from_millis;
        let mut timeline = Timeline::new(at(10), at(35), 10);
        let mut open = Level::new(Column::Open, 0);
        open.up(at(5), &mut timeline);
        open.up(at(18), &mut timeline);
        open.down(at(31), &mut timeline);
        open.until(at(100), &mut timeline);
        let held: Vec<_> = timeline.rows().map(|(_, _, row)| row[Column::Open as usize]).collect();
        // 10–20: 1 for 8 and 2 for 2; 20–30: 2 for 10; 30–35: 2 for 1 and 1 for 4.
        assert_eq!(held, [12, 20, 6]);
        timeline.count(at(9), Column::Lost);
        timeline.count(at(34), Column::Lost);
        timeline.count(at(35), Column::Lost);
        let lost: Vec<_> = timeline.rows().map(|(_, _, row)| row[Column::Lost as usize]).collect();
        assert_eq!(lost, [0, 0, 1]);
    }
}
