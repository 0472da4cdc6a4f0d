//! Office hours as people state them, and their compilation into simulated time.
//!
//! The rule is [`OfficeHours::is_open_at`]: somebody is in hours if their own clock shows a time
//! inside one of their windows. [`OfficeHours::schedule`] says the same for a whole run at once.

use std::collections::BTreeSet;
use std::fmt;

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

use super::schedule::merge;
use super::{DAY_MINUTES, DAY_MS, MINUTE_MS, Origin, Schedule, Zone, weekday_of};
use crate::time::SimTime;

/// A half-open time of day `[opens, closes)`, in minutes since midnight.
///
/// A window that closes at an earlier time than it opens goes over midnight and belongs to the day
/// it opens.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Window {
    opens: u16,
    closes: u16,
}

/// Why a text or a pair of minutes is no [`Window`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum WindowError {
    /// The text is not two times with a hyphen between them, or not a time.
    Shape,
    /// A time after 24:00, or an opening at 24:00.
    HourOutOfRange,
    /// It opens and closes at the same time, so nobody can tell never from always.
    OpensWhenItCloses,
}

impl fmt::Display for WindowError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Shape => "times are written as in \"09:00-17:00\"",
            Self::HourOutOfRange => {
                "times go from 00:00 to 23:59, and only a closing time may be 24:00"
            }
            Self::OpensWhenItCloses => {
                "it opens and closes at the same time; the whole day is \"00:00-24:00\""
            }
        })
    }
}

impl std::error::Error for WindowError {}

impl Window {
    /// The whole civil day, `00:00-24:00`.
    pub const WHOLE_DAY: Self = Self { opens: 0, closes: DAY_MINUTES };

    /// The window from minute `opens` (0 … 1439) to minute `closes` (0 … 1440) of the day.
    ///
    /// # Errors
    ///
    /// If a minute is out of range, or both are the same.
    pub fn new(opens: u16, closes: u16) -> Result<Self, WindowError> {
        if opens >= DAY_MINUTES || closes > DAY_MINUTES {
            return Err(WindowError::HourOutOfRange);
        }
        if opens == closes {
            return Err(WindowError::OpensWhenItCloses);
        }
        Ok(Self { opens, closes })
    }

    /// Reads `09:00-17:00`. `22:00-06:00` goes over midnight.
    ///
    /// # Errors
    ///
    /// If the text has another shape, or the times make no window.
    pub fn parse(text: &str) -> Result<Self, WindowError> {
        let (opens, closes) = text.split_once('-').ok_or(WindowError::Shape)?;
        Self::new(parse_clock(opens.trim())?, parse_clock(closes.trim())?)
    }

    /// Minute of the day at which it opens, 0 … 1439.
    #[must_use]
    pub const fn opens(self) -> u16 {
        self.opens
    }

    /// Minute of the day at which it closes, 0 … 1440; of the next day if it goes over midnight.
    #[must_use]
    pub const fn closes(self) -> u16 {
        self.closes
    }

    /// Whether it closes on the day after the one on which it opens.
    #[must_use]
    pub const fn is_over_midnight(self) -> bool {
        self.closes < self.opens
    }

    /// How long it is open if no clock is changed, 1 … 1440 minutes.
    #[must_use]
    pub const fn minutes(self) -> u16 {
        let midnights = if self.is_over_midnight() { DAY_MINUTES } else { 0 };
        self.closes + midnights - self.opens
    }
}

impl fmt::Display for Window {
    /// As [`Window::parse`] reads it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { opens, closes } = self;
        let [opens_h, opens_m] = [opens / 60, opens % 60];
        let [closes_h, closes_m] = [closes / 60, closes % 60];
        write!(f, "{opens_h:02}:{opens_m:02}-{closes_h:02}:{closes_m:02}")
    }
}

/// Reads a time of day such as `9:30`, `09:30` or `24:00` as minutes since midnight, 0 … 1440.
///
/// # Errors
///
/// If the text has another shape, or the time is after 24:00.
pub fn parse_clock(text: &str) -> Result<u16, WindowError> {
    let (hour, minute) = text.split_once(':').ok_or(WindowError::Shape)?;
    let number = |digits: &str| {
        let all_digits = digits.bytes().all(|b| b.is_ascii_digit());
        let number = digits.parse::<u16>().ok().filter(|_| all_digits && digits.len() <= 2);
        number.ok_or(WindowError::Shape)
    };
    let (hour, minutes) = (number(hour)?, number(minute)?);
    if minute.len() != 2 {
        return Err(WindowError::Shape);
    }
    if minutes > 59 || hour * 60 + minutes > DAY_MINUTES {
        return Err(WindowError::HourOutOfRange);
    }
    Ok(hour * 60 + minutes)
}

/// Reads `sat` or a range such as `mon-fri`; `fri-mon` goes over the weekend. In order, 0 = Monday.
/// `None` if that is not what the text says.
#[must_use]
pub fn parse_weekdays(text: &str) -> Option<Vec<u8>> {
    const NAMES: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
    let weekday = |name: &str| (0..7u8).find(|&day| NAMES[usize::from(day)] == name);
    match text.split_once('-') {
        None => Some(vec![weekday(text)?]),
        Some((first, last)) => {
            let (first, last) = (weekday(first)?, weekday(last)?);
            let days = (last + 7 - first) % 7;
            Some((first..=first + days).map(|day| day % 7).collect())
        }
    }
}

/// The windows of each day of the week.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct WeeklyHours {
    /// Each sorted and without duplicates, so that the same hours are equal however they were
    /// listed.
    days: [Vec<Window>; 7],
}

impl WeeklyHours {
    /// These windows, Monday's first. Windows may overlap.
    #[must_use]
    pub fn new(mut days: [Vec<Window>; 7]) -> Self {
        for windows in &mut days {
            windows.sort_unstable();
            windows.dedup();
        }
        Self { days }
    }

    /// The same windows every day.
    #[must_use]
    pub fn every_day(windows: &[Window]) -> Self {
        Self::new(std::array::from_fn(|_| windows.to_vec()))
    }

    /// The windows that open on `weekday`, 0 = Monday.
    ///
    /// # Panics
    ///
    /// If `weekday` is not 0 … 6.
    #[must_use]
    pub fn on(&self, weekday: u8) -> &[Window] {
        &self.days[usize::from(weekday)]
    }
}

/// When somebody works, by the clock and the calendar of their own zone.
///
/// Those who keep the same hours compare equal, so that their schedule need be compiled only once.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct OfficeHours {
    /// Whose clock the windows are about.
    pub zone: Zone,
    /// The windows of the week; `None` is always in hours, but for the days off.
    pub weekly: Option<WeeklyHours>,
    /// Civil days whose windows are removed: those that open on that day, to their end.
    pub days_off: BTreeSet<Date>,
}

/// A civil day on which somebody works.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WorkingDay {
    /// The date in the agent's own zone.
    pub date: Date,
    /// When that day begins; `None` if that is before the simulation does.
    pub midnight: Option<SimTime>,
    /// The times in hours that belong to the day, `[opens, closes)`, in order and merged; at least
    /// one. They may reach into the next day. A fold may cut a window in two.
    pub windows: Vec<(SimTime, SimTime)>,
}

/// A time in hours, and the civil day to which its window belongs, in days since 1 January 1970.
type Stint = (i64, (SimTime, SimTime));

impl OfficeHours {
    /// In hours at any time.
    #[must_use]
    pub fn always(zone: Zone) -> Self {
        Self { zone, weekly: None, days_off: BTreeSet::new() }
    }

    /// Whether the local clock shows a time inside a window.
    ///
    /// Nothing is said here about clocks that are changed, because it follows: a window in a gap is
    /// never shown and therefore shorter, a window in a fold is shown and therefore worked twice.
    #[must_use]
    pub fn is_open_at(&self, at: Timestamp) -> bool {
        let shown = self.zone.tz().to_datetime(at);
        let minute = i16::from(shown.hour()) * 60 + i16::from(shown.minute());
        let minute = minute.unsigned_abs();
        let is_in = |date: Date, minute: u16| {
            !self.days_off.contains(&date)
                && self
                    .windows_on(date.weekday().to_monday_zero_offset().unsigned_abs().into())
                    .iter()
                    .any(|w| (w.opens..w.opens + w.minutes()).contains(&minute))
        };
        is_in(shown.date(), minute)
            || shown.date().yesterday().is_ok_and(|date| is_in(date, minute + DAY_MINUTES))
    }

    /// The whole run's time in hours, from the simulation's first instant to `until`.
    #[must_use]
    pub fn schedule(&self, origin: &Origin, until: SimTime) -> Schedule {
        if self.weekly.is_none() && self.days_off.is_empty() {
            return Schedule::always(until);
        }
        let stints = self.stints(origin, until);
        Schedule::of(until, stints.into_iter().map(|(_, interval)| interval).collect())
    }

    /// The civil days, in the agent's own zone, on which a window opens, with what of the windows
    /// lies between the simulation's first instant and `until`; days without any are left out.
    #[must_use]
    pub fn working_days(&self, origin: &Origin, until: SimTime) -> Vec<WorkingDay> {
        let mut stints = self.stints(origin, until);
        stints.sort_unstable();
        stints
            .chunk_by(|a, b| a.0 == b.0)
            .map(|stints| {
                let date = date_of(stints[0].0);
                let mut windows = stints.iter().map(|&(_, interval)| interval).collect();
                merge(&mut windows);
                WorkingDay { date, midnight: origin.clock_on(&self.zone, date, 0), windows }
            })
            .collect()
    }

    /// The windows that open on `weekday`, 0 = Monday.
    fn windows_on(&self, weekday: usize) -> &[Window] {
        match &self.weekly {
            Some(weekly) => &weekly.days[weekday],
            None => &[Window::WHOLE_DAY],
        }
    }

    /// Every window of every civil day, as instants, cut at zero and `until`. O(days).
    ///
    /// While the clocks are left alone an instant is what the clock shows less a constant. So the
    /// run is taken in stretches of constant offset, and of each window what the clock shows in
    /// that stretch. What is in a gap is in no stretch, what is in a fold is in two.
    fn stints(&self, origin: &Origin, until: SimTime) -> Vec<Stint> {
        let days_off: BTreeSet<i64> = self.days_off.iter().map(|&date| day_of(date)).collect();
        let (zero_ms, until_ms) = (origin.unix_ms(SimTime::ZERO), origin.unix_ms(until));
        let sim_time = |ms| origin.since_zero(ms).expect("a stretch begins at zero or later");

        let mut stints = Vec::new();
        for stretch in self.zone.stretches(zero_ms, until_ms) {
            let shown_first = stretch.starts_ms + stretch.offset_ms;
            let shown_end = stretch.ends_ms + stretch.offset_ms;
            // A window over midnight may have opened the day before.
            let first_day = shown_first.div_euclid(DAY_MS) - 1;
            let last_day = (shown_end - 1).div_euclid(DAY_MS);
            for day in (first_day..=last_day).filter(|day| !days_off.contains(day)) {
                for window in self.windows_on(weekday_of(day)) {
                    let opens = day * DAY_MS + i64::from(window.opens) * MINUTE_MS;
                    let closes = opens + i64::from(window.minutes()) * MINUTE_MS;
                    let (opens, closes) = (opens.max(shown_first), closes.min(shown_end));
                    if opens < closes {
                        let instant = |shown| sim_time(shown - stretch.offset_ms);
                        stints.push((day, (instant(opens), instant(closes))));
                    }
                }
            }
        }
        stints
    }
}

/// Days from 1 January 1970 to `date`.
fn day_of(date: Date) -> i64 {
    date.duration_since(Date::constant(1970, 1, 1)).as_hours() / 24
}

/// The date `day` days after 1 January 1970.
fn date_of(day: i64) -> Date {
    Date::constant(1970, 1, 1).saturating_add(SignedDuration::from_hours(day * 24))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn windows_read_as_they_print() {
        for text in ["09:00-17:00", "00:00-24:00", "22:00-06:00", "22:00-00:00", "00:01-00:00"] {
            assert_eq!(Window::parse(text).expect("a window").to_string(), text);
        }
        assert_eq!(Window::parse("9:05 - 17:00"), Window::new(545, 1020));
    }

    #[test]
    fn closing_when_it_opens_is_refused() {
        for text in ["09:00-09:00", "00:00-00:00", "9:00-09:00"] {
            assert_eq!(Window::parse(text), Err(WindowError::OpensWhenItCloses), "{text}");
        }
        assert_eq!(Window::new(540, 540), Err(WindowError::OpensWhenItCloses));
    }

    #[test]
    fn an_hour_that_no_clock_shows_is_refused() {
        for text in ["25:00-26:00", "09:00-24:01", "24:00-06:00", "24:00-24:00", "09:60-17:00"] {
            assert_eq!(Window::parse(text), Err(WindowError::HourOutOfRange), "{text}");
        }
    }

    #[test]
    fn what_is_not_two_times_is_refused() {
        for text in
            ["", "9-17", "09:00", "09:00-", "09:00-17:00-18:00", "+9:00-17:00", "09:0-17:00"]
        {
            assert_eq!(Window::parse(text), Err(WindowError::Shape), "{text}");
        }
        for text in ["009:00-17:00", ":00-17:00", "-1:00-2:00", "09:00–17:00", "9am-5pm"] {
            assert_eq!(Window::parse(text), Err(WindowError::Shape), "{text}");
        }
    }

    #[test]
    fn a_window_over_midnight_is_as_long_as_it_looks() {
        for (text, minutes) in [
            ("22:00-06:00", 480),
            ("09:00-17:00", 480),
            ("00:00-24:00", 1440),
            ("22:00-00:00", 120),
            ("12:01-12:00", 1439),
        ] {
            assert_eq!(Window::parse(text).expect("a window").minutes(), minutes, "{text}");
        }
    }

    #[test]
    fn weekdays_are_single_or_in_ranges_that_may_wrap() {
        for (text, days) in [
            ("sat", vec![5]),
            ("mon-fri", vec![0, 1, 2, 3, 4]),
            ("mon-sun", vec![0, 1, 2, 3, 4, 5, 6]),
            ("sat-sun", vec![5, 6]),
            ("fri-mon", vec![4, 5, 6, 0]),
            ("tue-mon", vec![1, 2, 3, 4, 5, 6, 0]),
            ("wed-wed", vec![2]),
        ] {
            assert_eq!(parse_weekdays(text), Some(days), "{text}");
        }
        for text in ["", "Mon", "monday", "mon-", "-fri", "mon-tue-wed", "mon fri", "daily"] {
            assert_eq!(parse_weekdays(text), None, "{text}");
        }
    }

    #[test]
    fn the_same_hours_are_equal_however_they_were_listed() {
        let [early, late] = ["08:00-12:00", "13:00-16:00"].map(|t| Window::parse(t).expect("ok"));
        let hours = |windows: &[Window]| WeeklyHours::every_day(windows);
        assert_eq!(hours(&[early, late]), hours(&[late, early, late]));
        assert_eq!(hours(&[late, early]).on(6), [early, late]);
    }

    #[test]
    fn days_are_numbered_from_a_thursday() {
        for (day, number, weekday) in
            [(date(1970, 1, 1), 0, 3), (date(1969, 12, 31), -1, 2), (date(2026, 3, 2), 20_514, 0)]
        {
            assert_eq!(day_of(day), number);
            assert_eq!(date_of(number), day);
            assert_eq!(weekday_of(number), weekday);
        }
    }
}
