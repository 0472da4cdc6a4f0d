//! Where the simulation's first instant lies on the calendar, and the conversions that follow.

use std::fmt;

use jiff::civil::{Date, DateTime};
use jiff::{SignedDuration, Timestamp};

use super::{DAY_MINUTES, Zone};
use crate::time::SimTime;

/// A length of time as people mean it: a number of civil days, then clock time.
///
/// A civil day ends when the clock shows the same time again, which is 23 or 25 hours later where
/// the clocks are changed. A week is seven of them.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct CivilSpan {
    /// Civil days.
    pub days: u32,
    /// Milliseconds of clock time after (or, going back, before) the days.
    pub ms: u64,
}

impl CivilSpan {
    /// No time at all.
    pub const ZERO: Self = Self { days: 0, ms: 0 };
}

/// A date that no calendar here reaches: before the simulation begins, or beyond the years from
/// -9999 to 9999.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct OutOfRange;

impl fmt::Display for OutOfRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the date is out of range")
    }
}

impl std::error::Error for OutOfRange {}

/// What the clock and the calendar on the wall show at an instant.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Local {
    /// The civil date.
    pub date: Date,
    /// 0 = Monday … 6 = Sunday.
    pub weekday: u8,
    /// 0 … 23.
    pub hour: u8,
    /// 0 … 59.
    pub minute: u8,
    /// 0 … 59.
    pub second: u8,
    /// 0 … 999.
    pub millisecond: u16,
}

impl Local {
    fn of(shown: DateTime) -> Self {
        Self {
            date: shown.date(),
            weekday: shown.weekday().to_monday_zero_offset().unsigned_abs(),
            hour: shown.hour().unsigned_abs(),
            minute: shown.minute().unsigned_abs(),
            second: shown.second().unsigned_abs(),
            millisecond: shown.millisecond().unsigned_abs(),
        }
    }

    /// Hours since Monday 0:00, 0 … 167.
    #[must_use]
    pub const fn hour_of_week(self) -> u8 {
        self.weekday * 24 + self.hour
    }

    /// Minutes since midnight as the clock counts them, 0 … 1439.
    #[must_use]
    pub fn minute_of_day(self) -> u16 {
        u16::from(self.hour) * 60 + u16::from(self.minute)
    }
}

/// Where [`SimTime::ZERO`] lies on the calendar, and the zone in which the run thinks.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Origin {
    zone: Zone,
    /// Milliseconds since the Unix epoch.
    zero_ms: i64,
}

impl Origin {
    /// A run whose measured part begins when `zone`'s clocks show `starts`, after `warm_up`; and
    /// the instant of `starts`, which is therefore the length of the warm-up.
    ///
    /// The warm-up's days are counted back on the calendar first, then its milliseconds on the
    /// clock. What is finer than a millisecond is cut off. A `starts` in a gap is read by the clock
    /// before the change (so it falls after the gap), one in a fold is the first of the two.
    ///
    /// # Errors
    ///
    /// If either end of the warm-up is beyond the calendar.
    pub fn new(
        zone: Zone,
        starts: DateTime,
        warm_up: CivilSpan,
    ) -> Result<(Self, SimTime), OutOfRange> {
        let starts_ms = unix_ms_of(&zone, starts).ok_or(OutOfRange)?;
        let begins = starts.checked_sub(days(warm_up)).map_err(|_| OutOfRange)?;
        let zero_ms = unix_ms_of(&zone, begins)
            .and_then(|ms| ms.checked_sub_unsigned(warm_up.ms))
            .filter(|&ms| Timestamp::from_millisecond(ms).is_ok())
            .ok_or(OutOfRange)?;
        let origin = Self { zone, zero_ms };
        let starts = origin.since_zero(starts_ms).ok_or(OutOfRange)?;
        Ok((origin, starts))
    }

    /// The zone in which the run thinks.
    #[must_use]
    pub fn zone(&self) -> &Zone {
        &self.zone
    }

    /// The instant `span` after the run's clocks show `starts`: its days on the calendar first,
    /// then its milliseconds on the clock. With the run's own start and length, the end of the run.
    ///
    /// # Errors
    ///
    /// If that is beyond the calendar, or before the simulation begins.
    pub fn after(&self, starts: DateTime, span: CivilSpan) -> Result<SimTime, OutOfRange> {
        let last_day = starts.checked_add(days(span)).map_err(|_| OutOfRange)?;
        unix_ms_of(&self.zone, last_day)
            .and_then(|ms| ms.checked_add_unsigned(span.ms))
            .filter(|&ms| Timestamp::from_millisecond(ms).is_ok())
            .and_then(|ms| self.since_zero(ms))
            .ok_or(OutOfRange)
    }

    /// The simulated time of an instant, cut to the millisecond; `None` before the simulation
    /// begins.
    #[must_use]
    pub fn sim_time(&self, at: Timestamp) -> Option<SimTime> {
        self.since_zero(floor_ms(at))
    }

    /// When `zone`'s clocks show `shown`; `None` before the simulation begins or beyond the
    /// calendar.
    ///
    /// In a gap, where they never do: by the clock before the change, which falls after the gap. In
    /// a fold, where they do so twice: the first.
    #[must_use]
    pub fn sim_time_of(&self, zone: &Zone, shown: DateTime) -> Option<SimTime> {
        self.since_zero(unix_ms_of(zone, shown)?)
    }

    /// When `zone`'s clocks show `minute_of_day` on `date`, gap and fold as in
    /// [`Origin::sim_time_of`]; `None` before the simulation begins or beyond the calendar.
    ///
    /// Minute 1440 is the end of the day, and later ones are on days after it.
    #[must_use]
    pub fn clock_on(&self, zone: &Zone, date: Date, minute_of_day: u16) -> Option<SimTime> {
        let carried = SignedDuration::from_hours(i64::from(minute_of_day / DAY_MINUTES) * 24);
        let minutes = minute_of_day % DAY_MINUTES;
        let (hour, minute) = (minutes / 60, minutes % 60);
        let shown = date.checked_add(carried).ok()?.at(
            i8::try_from(hour).expect("a day has 24 hours"),
            i8::try_from(minute).expect("an hour has 60 minutes"),
            0,
            0,
        );
        self.sim_time_of(zone, shown)
    }

    /// The instant of a simulated time. Times beyond the calendar, [`SimTime::NEVER`] among them,
    /// give the calendar's last millisecond.
    #[must_use]
    pub fn timestamp(&self, at: SimTime) -> Timestamp {
        Timestamp::from_millisecond(self.unix_ms(at)).unwrap_or(Timestamp::MAX)
    }

    /// What the run's clock shows, with its offset: `2026-03-01T09:15:00+00:00`.
    #[must_use]
    pub fn rfc3339(&self, at: SimTime) -> String {
        let at = self.timestamp(at);
        at.display_with_offset(self.zone.tz().to_offset(at)).to_string()
    }

    /// What the run's clock and calendar show.
    #[must_use]
    pub fn local(&self, at: SimTime) -> Local {
        self.local_in(&self.zone, at)
    }

    /// What the clock and the calendar show in `zone`.
    #[must_use]
    pub fn local_in(&self, zone: &Zone, at: SimTime) -> Local {
        Local::of(zone.tz().to_datetime(self.timestamp(at)))
    }

    /// Hours since Monday 0:00 by the run's clock, 0 … 167.
    #[must_use]
    pub fn hour_of_week(&self, at: SimTime) -> u8 {
        self.local(at).hour_of_week()
    }

    /// Milliseconds since the Unix epoch, at most the calendar's last.
    pub(super) fn unix_ms(&self, at: SimTime) -> i64 {
        self.zero_ms.saturating_add_unsigned(at.as_millis()).min(Timestamp::MAX.as_millisecond())
    }

    /// Simulated time of milliseconds since the Unix epoch; `None` before the simulation begins.
    pub(super) fn since_zero(&self, unix_ms: i64) -> Option<SimTime> {
        u64::try_from(unix_ms - self.zero_ms).ok().map(SimTime::from_millis)
    }
}

/// The civil days of `span`. As hours, because the arithmetic on dates without a zone takes a day
/// for 24 of them and only a length in hours can be as long as a `u32` of days.
fn days(span: CivilSpan) -> SignedDuration {
    SignedDuration::from_hours(i64::from(span.days) * 24)
}

/// Milliseconds since the Unix epoch, cut off towards the past.
fn floor_ms(at: Timestamp) -> i64 {
    i64::try_from(at.as_nanosecond().div_euclid(1_000_000))
        .expect("the calendar's milliseconds fit 64 bits")
}

/// When the zone's clocks show `shown`, in milliseconds since the Unix epoch.
fn unix_ms_of(zone: &Zone, shown: DateTime) -> Option<i64> {
    zone.tz().to_ambiguous_timestamp(shown).compatible().ok().map(floor_ms)
}

#[cfg(test)]
mod tests {
    use jiff::civil::{date, datetime};

    use super::*;

    const HOUR: u64 = 3_600_000;

    fn zone(name: &str) -> Zone {
        Zone::named(name).expect("a zone")
    }

    fn origin(name: &str, starts: DateTime) -> Origin {
        Origin::new(zone(name), starts, CivilSpan::ZERO).expect("in range").0
    }

    #[test]
    fn a_warm_up_day_is_as_long_as_the_calendar_makes_it() {
        let one_day = CivilSpan { days: 1, ms: 0 };
        for (starts, hours) in [
            (datetime(2026, 3, 2, 0, 0, 0, 0), 24),
            (datetime(2026, 3, 9, 0, 0, 0, 0), 23),
            (datetime(2026, 11, 2, 0, 0, 0, 0), 25),
        ] {
            let (origin, at) = Origin::new(zone("America/New_York"), starts, one_day).expect("ok");
            assert_eq!(at, SimTime::from_millis(hours * HOUR), "{starts}");
            assert_eq!(origin.local(SimTime::ZERO).hour, 0);
            assert_eq!(origin.local(at).date, starts.date());
        }
    }

    #[test]
    fn days_are_counted_on_the_calendar_and_hours_on_the_clock() {
        let starts = datetime(2026, 3, 28, 12, 0, 0, 0);
        let origin = origin("Europe/London", starts);
        let day = origin.after(starts, CivilSpan { days: 1, ms: 0 });
        let hours = origin.after(starts, CivilSpan { days: 0, ms: 24 * HOUR });
        let both = origin.after(starts, CivilSpan { days: 7, ms: HOUR / 2 });
        assert_eq!(day, Ok(SimTime::from_millis(23 * HOUR)));
        assert_eq!(hours, Ok(SimTime::from_millis(24 * HOUR)));
        assert_eq!(both, Ok(SimTime::from_millis((7 * 24 - 1) * HOUR + HOUR / 2)));
    }

    #[test]
    fn in_a_gap_a_time_falls_after_it_and_in_a_fold_the_first_counts() {
        let utc = origin("UTC", datetime(2026, 3, 1, 0, 0, 0, 0));
        let london = zone("Europe/London");
        let gap = utc.sim_time_of(&london, datetime(2026, 3, 29, 1, 30, 0, 0)).expect("later");
        let fold = utc.sim_time_of(&london, datetime(2026, 10, 25, 1, 30, 0, 0)).expect("later");
        assert_eq!(utc.rfc3339(gap), "2026-03-29T01:30:00+00:00");
        assert_eq!(utc.local_in(&london, gap).hour, 2);
        assert_eq!(utc.rfc3339(fold), "2026-10-25T00:30:00+00:00");
    }

    #[test]
    fn times_print_with_the_offset_and_without_the_zone() {
        let london = origin("Europe/London", datetime(2026, 3, 1, 0, 0, 0, 0));
        let nepal = origin("Asia/Kathmandu", datetime(2026, 3, 1, 0, 0, 0, 0));
        let at = SimTime::from_millis(9 * HOUR + HOUR / 4);
        assert_eq!(london.rfc3339(at), "2026-03-01T09:15:00+00:00");
        assert_eq!(nepal.rfc3339(at), "2026-03-01T09:15:00+05:45");
        assert_eq!(nepal.rfc3339(SimTime::from_millis(7)), "2026-03-01T00:00:00.007+05:45");
    }

    #[test]
    fn instants_convert_back_and_forth_and_nothing_is_before_zero() {
        let origin = origin("Australia/Sydney", datetime(1961, 7, 1, 0, 0, 0, 0));
        for ms in [0, 1, 999, 86_400_000, 90 * 365 * 86_400_000] {
            let at = SimTime::from_millis(ms);
            assert_eq!(origin.sim_time(origin.timestamp(at)), Some(at));
        }
        let before = origin.timestamp(SimTime::ZERO) - SignedDuration::from_nanos(1);
        assert_eq!(origin.sim_time(before), None);
        assert_eq!(origin.sim_time_of(origin.zone(), datetime(1961, 6, 30, 23, 59, 59, 0)), None);
    }

    #[test]
    fn the_calendar_shows_the_weekday_and_the_hour_of_the_week() {
        let origin = origin("America/New_York", datetime(2026, 3, 1, 23, 59, 59, 999_000_000));
        let sunday = origin.local(SimTime::ZERO);
        assert_eq!((sunday.date, sunday.weekday), (date(2026, 3, 1), 6));
        assert_eq!((sunday.hour, sunday.minute), (23, 59));
        assert_eq!((sunday.second, sunday.millisecond), (59, 999));
        assert_eq!(sunday.minute_of_day(), 1439);
        assert_eq!(origin.hour_of_week(SimTime::ZERO), 167);
        assert_eq!(origin.hour_of_week(SimTime::from_millis(1)), 0);
    }

    #[test]
    fn minute_1440_is_the_end_of_the_day() {
        let origin = origin("Europe/London", datetime(2026, 3, 28, 0, 0, 0, 0));
        let at = |day, minute| {
            origin.clock_on(origin.zone(), date(2026, 3, day), minute).map(SimTime::as_millis)
        };
        assert_eq!(at(28, 0), Some(0));
        assert_eq!(at(28, 1440), Some(24 * HOUR));
        assert_eq!(at(29, 1440), Some(47 * HOUR));
        assert_eq!(at(27, 1439), None);
        assert_eq!(at(27, 1440), Some(0));
    }

    #[test]
    fn what_is_beyond_the_calendar_is_refused() {
        let starts = datetime(2026, 3, 1, 0, 0, 0, 0);
        let long = CivilSpan { days: u32::MAX, ms: 0 };
        let longer = CivilSpan { days: 0, ms: u64::MAX };
        let origin = origin("UTC", starts);
        for span in [long, longer] {
            assert_eq!(Origin::new(Zone::utc(), starts, span), Err(OutOfRange));
            assert_eq!(origin.after(starts, span), Err(OutOfRange));
        }
        assert_eq!(
            origin.after(datetime(2026, 2, 1, 0, 0, 0, 0), CivilSpan::ZERO),
            Err(OutOfRange)
        );
        assert!(origin.rfc3339(SimTime::NEVER).starts_with("9999-12-30T"));
    }
}
