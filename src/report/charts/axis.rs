//! Where values lie on the page, and at which of them an axis has its ticks.

use jiff::ToSpan;
use jiff::civil::{Date, DateTime, Time};

use crate::calendar::Origin;
use crate::kernel::Timeframe;
use crate::time::SimTime;

/// Values along a stretch of pixels, evenly.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scale {
    /// The lowest and the highest value.
    pub(super) values: (f64, f64),
    /// Where those are on the page.
    pub(super) pixels: (f64, f64),
}

impl Scale {
    /// Where a value is; one beyond the ends is at the end.
    pub(super) fn at(&self, value: f64) -> f64 {
        let (low, high) = self.values;
        let part = if high > low { ((value - low) / (high - low)).clamp(0.0, 1.0) } else { 0.0 };
        self.pixels.0 + part * (self.pixels.1 - self.pixels.0)
    }
}

/// Round values from 0 to at least `top`, about `wanted` steps of them; and how many decimals they
/// need.
pub(super) fn ticks(top: f64, wanted: u32) -> (Vec<f64>, usize) {
    let top = if top.is_finite() && top > 0.0 { top } else { 1.0 };
    let rough = top / f64::from(wanted.max(1));
    let power = libm::floor(libm::log10(rough));
    // As 1, 2 or 5 over a whole power of ten, so that 0.3 is not 0.30000000000000004.
    let unit = libm::pow(10.0, libm::fabs(power));
    let scaled = |steps: f64| if power < 0.0 { steps / unit } else { steps * unit };
    let step = [1.0, 2.0, 5.0, 10.0].into_iter().find(|&s| scaled(s) >= rough * (1.0 - 1e-9));
    let step = step.unwrap_or(10.0);
    let mut all = vec![0.0];
    while all.last().is_some_and(|&last| last < top * (1.0 - 1e-9)) {
        all.push(scaled(step * all.len() as f64));
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "at most 324")]
    let decimals =
        if power < 0.0 && step < 10.0 { -power as usize } else { (-power - 1.0).max(0.0) as usize };
    (all, decimals)
}

/// The ticks of logarithmic axes of time, in seconds: those that people count by.
pub(super) const TIMES: [(f64, &str); 15] = [
    (1.0, "1 s"),
    (3.0, "3 s"),
    (10.0, "10 s"),
    (30.0, "30 s"),
    (60.0, "1 min"),
    (180.0, "3 min"),
    (600.0, "10 min"),
    (1_800.0, "30 min"),
    (3_600.0, "1 h"),
    (10_800.0, "3 h"),
    (28_800.0, "8 h"),
    (86_400.0, "1 d"),
    (259_200.0, "3 d"),
    (604_800.0, "7 d"),
    (2_592_000.0, "30 d"),
];

/// A tick of an axis of dates.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct DateTick {
    pub(super) at: SimTime,
    pub(super) label: String,
}

/// How far the ticks of an axis of dates are apart.
#[derive(Clone, Copy)]
enum Every {
    Hours(i16),
    Days(i16),
    /// On Mondays.
    Weeks(i16),
    Months(i16),
}

/// From fine to coarse, with about how many hours apart they are.
const STEPS: [(Every, f64); 16] = [
    (Every::Hours(1), 1.0),
    (Every::Hours(2), 2.0),
    (Every::Hours(3), 3.0),
    (Every::Hours(6), 6.0),
    (Every::Hours(12), 12.0),
    (Every::Days(1), 24.0),
    (Every::Days(2), 48.0),
    (Every::Weeks(1), 168.0),
    (Every::Weeks(2), 336.0),
    (Every::Months(1), 720.0),
    (Every::Months(3), 2_160.0),
    (Every::Months(6), 4_320.0),
    (Every::Months(12), 8_640.0),
    (Every::Months(24), 17_280.0),
    (Every::Months(60), 43_200.0),
    (Every::Months(120), 86_400.0),
];

/// At most `most` dates (or times, if the run is short) of the measured period, by the run's clock.
pub(super) fn dates(timeframe: &Timeframe, most: f64) -> Vec<DateTick> {
    let (origin, period) = (&timeframe.origin, timeframe.period);
    let hours = period.ends.since(period.starts).as_secs_f64() / 3_600.0;
    let fits = |step: &&(Every, f64)| hours / step.1 <= most;
    let every = STEPS.iter().find(fits).map_or(Every::Months(240), |step| step.0);
    let first = origin.local(period.starts).date;
    let mut ticks: Vec<DateTick> = Vec::new();
    let mut shown = first_shown(first, every);
    loop {
        let at = origin.sim_time_of(origin.zone(), shown);
        if at.is_some_and(|at| at > period.ends) {
            return ticks;
        }
        let is_new = ticks.last().is_none_or(|last| Some(last.at) < at);
        if let Some(at) = at.filter(|at| *at >= period.starts && is_new) {
            ticks.push(DateTick { at, label: label(origin, at, every) });
        }
        let step = match every {
            Every::Hours(hours) => hours.hours(),
            Every::Days(days) => days.days(),
            Every::Weeks(weeks) => weeks.weeks(),
            Every::Months(months) => months.months(),
        };
        match shown.checked_add(step) {
            Ok(next) => shown = next,
            Err(_) => return ticks,
        }
    }
}

/// The last time at or before the start of a day at which there could be a tick.
fn first_shown(first: Date, every: Every) -> DateTime {
    let date = match every {
        Every::Hours(_) | Every::Days(_) => first,
        Every::Weeks(_) => {
            let since_monday = first.weekday().to_monday_zero_offset();
            first.saturating_sub(i64::from(since_monday).days())
        }
        Every::Months(months) if months >= 12 => first.first_of_year(),
        Every::Months(months) => {
            let quarter = i8::try_from(months).unwrap_or(1);
            let month = (first.month() - 1) / quarter * quarter + 1;
            Date::new(first.year(), month, 1).unwrap_or(first)
        }
    };
    date.to_datetime(Time::midnight())
}

fn label(origin: &Origin, at: SimTime, every: Every) -> String {
    let local = origin.local(at);
    let format = match every {
        Every::Hours(_) if (local.hour, local.minute) != (0, 0) => {
            return format!("{:02}:{:02}", local.hour, local.minute);
        }
        Every::Hours(_) | Every::Days(_) => "%a %-d %b",
        Every::Weeks(_) => "%-d %b",
        Every::Months(months) if months < 12 => "%b %Y",
        Every::Months(_) => "%Y",
    };
    local.date.strftime(format).to_string()
}

#[cfg(test)]
mod tests {
    use jiff::civil::datetime;

    use super::*;
    use crate::calendar::{CivilSpan, Zone};
    use crate::kernel::Period;

    #[test]
    fn ticks_are_round_and_reach_the_top() {
        for (top, wanted, expected, decimals) in [
            (1.0, 5, vec![0.0, 0.2, 0.4, 0.6, 0.8, 1.0], 1),
            (7.0, 4, vec![0.0, 2.0, 4.0, 6.0, 8.0], 0),
            (0.03, 3, vec![0.0, 0.01, 0.02, 0.03], 2),
            (95.0, 4, vec![0.0, 50.0, 100.0], 0),
            (0.9, 1, vec![0.0, 1.0], 0),
            (0.0, 4, vec![0.0, 0.5, 1.0], 1),
            (f64::NAN, 4, vec![0.0, 0.5, 1.0], 1),
        ] {
            assert_eq!(ticks(top, wanted), (expected, decimals), "{top}");
        }
    }

    fn labels(zone: &str, starts: DateTime, days: u32, most: f64) -> Vec<String> {
        let zone = Zone::named(zone).expect("a zone");
        let (origin, start) = Origin::new(zone, starts, CivilSpan::ZERO).expect("in range");
        let ends = origin.after(starts, CivilSpan { days, ms: 0 }).expect("in range");
        let period = Period { starts: start, ends, limit: ends };
        let all = dates(&Timeframe { origin, period }, most);
        assert!(all.len() <= most as usize + 1 && all.is_sorted_by(|a, b| a.at < b.at), "{all:?}");
        all.into_iter().map(|tick| tick.label).collect()
    }

    #[test]
    fn dates_are_marked_as_finely_as_there_is_room() {
        let start = datetime(2026, 3, 4, 0, 0, 0, 0);
        assert_eq!(
            labels("UTC", start, 1, 5.0),
            ["Wed 4 Mar", "06:00", "12:00", "18:00", "Thu 5 Mar"]
        );
        assert_eq!(labels("UTC", start, 3, 7.0).len(), 7);
        assert_eq!(labels("UTC", start, 3, 4.0)[1..], ["Thu 5 Mar", "Fri 6 Mar", "Sat 7 Mar"]);
        assert_eq!(labels("UTC", start, 28, 5.0), ["9 Mar", "16 Mar", "23 Mar", "30 Mar"]);
        assert_eq!(labels("UTC", start, 300, 5.0), ["Apr 2026", "Jul 2026", "Oct 2026"]);
        assert_eq!(labels("UTC", start, 1_000, 5.0), ["2027", "2028"]);
    }

    #[test]
    fn midnight_is_midnight_when_the_clocks_are_changed() {
        // The night to 29 March has 23 hours in London; 1:00 is skipped.
        let start = datetime(2026, 3, 28, 12, 0, 0, 0);
        assert_eq!(labels("Europe/London", start, 2, 2.0), ["Sun 29 Mar", "Mon 30 Mar"]);
        assert_eq!(
            labels("Europe/London", start, 1, 30.0)[12..15],
            ["Sun 29 Mar", "02:00", "03:00"]
        );
    }
}
