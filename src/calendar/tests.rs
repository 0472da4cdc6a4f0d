//! The calendar as a whole: office hours in all sorts of zones, against the clock on the wall.

use std::collections::BTreeSet;

use jiff::civil::{Date, DateTime, date, datetime};

use super::*;
use crate::time::SimTime;

const MINUTE: u64 = 60_000;
const HOUR: u64 = 60 * MINUTE;

fn zone(name: &str) -> Zone {
    Zone::named(name).expect("a zone")
}

/// A run in UTC from midnight of `starts`, and the instant `days` later.
fn run(starts: Date, days: u32) -> (Origin, SimTime) {
    let starts = starts.at(0, 0, 0, 0);
    let (origin, _) = Origin::new(Zone::utc(), starts, CivilSpan::ZERO).expect("in range");
    let until = origin.after(starts, CivilSpan { days, ms: 0 }).expect("in range");
    (origin, until)
}

fn daily(zone_name: &str, windows: &[&str]) -> OfficeHours {
    let windows: Vec<Window> =
        windows.iter().map(|text| Window::parse(text).expect("a window")).collect();
    OfficeHours {
        zone: zone(zone_name),
        weekly: Some(WeeklyHours::every_day(&windows)),
        days_off: BTreeSet::new(),
    }
}

/// The intervals as times of `origin`'s clock: `dd hh:mm-dd hh:mm`.
fn shown(origin: &Origin, intervals: &[(SimTime, SimTime)]) -> Vec<String> {
    let clock = |at| {
        let l = origin.local(at);
        format!("{:02} {:02}:{:02}", l.date.day(), l.hour, l.minute)
    };
    intervals.iter().map(|&(a, b)| format!("{}-{}", clock(a), clock(b))).collect()
}

/// What `hours` are in UTC on the `days` days from `starts`.
fn in_utc(hours: &OfficeHours, starts: Date, days: u32) -> Vec<String> {
    let (origin, until) = run(starts, days);
    shown(&origin, hours.schedule(&origin, until).intervals())
}

/// Compares the schedule with the readable rule at every minute, and at every boundary to the
/// millisecond.
fn assert_agrees_with_the_clock_on_the_wall(
    hours: &OfficeHours,
    origin: &Origin,
    until: SimTime,
    what: &str,
) {
    let schedule = hours.schedule(origin, until);
    for minute in 0..until.as_millis().div_ceil(MINUTE) {
        let at = SimTime::from_millis(minute * MINUTE);
        let open = hours.is_open_at(origin.timestamp(at));
        assert_eq!(schedule.is_open(at), open, "{what}: {} {hours:?}", origin.rfc3339(at));
    }
    for &(opens, closes) in schedule.intervals() {
        for edge in [opens, closes] {
            for ms in edge.as_millis().saturating_sub(1)..=edge.as_millis() + 1 {
                let at = SimTime::from_millis(ms);
                if at < until {
                    let open = hours.is_open_at(origin.timestamp(at));
                    let text = origin.rfc3339(at);
                    assert_eq!(schedule.is_open(at), open, "{what}: {text} {hours:?}");
                }
            }
        }
    }
    // A day at a time it is the same.
    let days = hours.working_days(origin, until);
    let again = days.iter().flat_map(|day| day.windows.iter().copied()).collect();
    assert_eq!(Schedule::of(until, again), schedule, "{what}: {hours:?}");
    assert!(days.windows(2).all(|pair| pair[0].date < pair[1].date), "{what}");
}

/// A small generator of test cases (SplitMix64: Steele, Lea, Flood 2014, "Fast splittable
/// pseudorandom number generators").
struct Cases(u64);

impl Cases {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: u64) -> u64 {
        self.next() % n
    }

    /// Often near the hours at which clocks are changed, and often the very ends of the day.
    fn window(&mut self) -> Window {
        loop {
            let minute = |cases: &mut Self| match cases.below(4) {
                0 => cases.below(8) * 30,
                1 => 1440 - cases.below(5) * 30,
                _ => cases.below(1441),
            };
            let [opens, closes] = [minute(self), minute(self)].map(|m| m as u16);
            if let Ok(window) = Window::new(opens, closes) {
                return window;
            }
        }
    }

    fn hours(&mut self, zone: Zone, around: Date) -> OfficeHours {
        let weekly = (self.below(8) > 0).then(|| {
            WeeklyHours::new(std::array::from_fn(|_| {
                (0..self.below(4)).map(|_| self.window()).collect()
            }))
        });
        let days_off = (0..self.below(4))
            .map(|_| around + jiff::Span::new().days(self.below(16) as i64 - 8))
            .collect();
        OfficeHours { zone, weekly, days_off }
    }
}

#[test]
fn a_schedule_agrees_with_the_clock_on_the_wall_at_every_minute() {
    // Around each of these the clocks of the zone are changed: by an hour, by half an hour, at
    // midnight, at a minute past it, by a whole day, or not at all.
    let places = [
        ("Europe/London", date(2026, 3, 29)),
        ("Europe/London", date(2026, 10, 25)),
        ("America/New_York", date(2026, 3, 8)),
        ("America/New_York", date(2041, 11, 3)),
        ("Australia/Sydney", date(2026, 4, 5)),
        ("Australia/Sydney", date(2026, 10, 4)),
        ("Australia/Lord_Howe", date(2026, 4, 5)),
        ("Australia/Lord_Howe", date(2026, 10, 4)),
        ("Asia/Kathmandu", date(2026, 1, 1)),
        ("Pacific/Apia", date(2011, 12, 30)),
        ("Pacific/Kwajalein", date(1993, 8, 21)),
        ("America/Sao_Paulo", date(2018, 2, 18)),
        ("America/Sao_Paulo", date(2018, 11, 4)),
        ("America/St_Johns", date(2010, 11, 7)),
        ("Africa/Casablanca", date(2026, 2, 15)),
        ("Africa/Monrovia", date(1972, 1, 7)),
        ("UTC", date(2024, 2, 29)),
    ];
    for seed in 0..10 {
        for (name, around) in places {
            let cases = &mut Cases(seed);
            // Starts at any second, so that the run's minutes are not the clock's.
            let starts = (around - jiff::Span::new().days(6)).at(0, 0, 0, 0)
                + jiff::Span::new().seconds(cases.below(86_400) as i64);
            let (origin, _) = Origin::new(Zone::utc(), starts, CivilSpan::ZERO).expect("in range");
            let until = SimTime::from_millis(12 * 24 * HOUR + cases.below(HOUR));
            let hours = cases.hours(zone(name), around);
            let what = format!("seed {seed}, {name}");
            assert_agrees_with_the_clock_on_the_wall(&hours, &origin, until, &what);
        }
    }
}

#[test]
fn a_schedule_of_years_agrees_with_the_clock_on_the_wall() {
    let (origin, until) = run(date(2025, 1, 1), 3 * 365);
    for name in ["Europe/London", "America/New_York", "Australia/Lord_Howe"] {
        let hours = daily(name, &["01:30-02:15", "22:00-01:45"]);
        assert_agrees_with_the_clock_on_the_wall(&hours, &origin, until, name);
    }
}

#[test]
fn three_teams_nine_to_five_leave_hours_in_which_nobody_is_in() {
    let (origin, until) = run(date(2026, 3, 1), 43);
    let teams = ["Europe/London", "America/New_York", "Australia/Sydney"]
        .map(|name| daily(name, &["09:00-17:00"]).schedule(&origin, until));
    let anybody = Schedule::union(&teams.each_ref());

    // Hours of each UTC day from 1 March to 12 April.
    let nobody: Vec<Vec<u64>> = (0..43)
        .map(|day| {
            let hour = |h| SimTime::from_millis((day * 24 + h) * HOUR);
            let closed = |&h: &u64| anybody.open_between(hour(h), hour(h + 1)).as_millis() == 0;
            let open = (0..24).filter(|h| !closed(h)).count() as u64;
            // Every hour is either wholly covered or not at all.
            assert_eq!(anybody.open_between(hour(0), hour(24)).as_millis(), open * HOUR);
            (0..24).filter(closed).collect()
        })
        .collect();

    let mut expected = Vec::new();
    expected.extend(vec![vec![6, 7, 8]; 7]); // 1 to 7 March
    expected.extend(vec![vec![6, 7, 8, 21]; 21]); // from 8 March: New York an hour earlier
    expected.extend(vec![vec![6, 7, 21]; 6]); // from 29 March: London an hour earlier
    expected.push(vec![6, 7, 21, 22]); // 4 April: Sydney's next day begins an hour later
    expected.extend(vec![vec![7, 21, 22]; 8]); // from 5 April to the 12th
    assert_eq!(nobody, expected);
}

#[test]
fn nine_is_open_and_five_is_closed() {
    let hours = daily("UTC", &["09:00-17:00"]);
    let (origin, until) = run(date(2026, 3, 1), 1);
    let schedule = hours.schedule(&origin, until);
    for (ms, open) in
        [(9 * HOUR - 1, false), (9 * HOUR, true), (17 * HOUR - 1, true), (17 * HOUR, false)]
    {
        let at = SimTime::from_millis(ms);
        assert_eq!(schedule.is_open(at), open, "{ms}");
        assert_eq!(hours.is_open_at(origin.timestamp(at)), open, "{ms}");
    }
}

#[test]
fn a_window_over_midnight_belongs_to_the_day_it_opens() {
    let mut hours = daily("UTC", &["22:00-06:00"]);
    hours.days_off.insert(date(2026, 3, 3));
    assert_eq!(
        in_utc(&hours, date(2026, 3, 1), 4),
        ["01 00:00-01 06:00", "01 22:00-02 06:00", "02 22:00-03 06:00", "04 22:00-05 00:00"]
    );
}

#[test]
fn a_day_off_removes_a_civil_day_of_the_agents_own_zone() {
    let mut hours = OfficeHours::always(zone("America/New_York"));
    hours.days_off.insert(date(2026, 3, 8));
    // 23 hours, because the clocks are put forward that day.
    assert_eq!(in_utc(&hours, date(2026, 3, 7), 4), ["07 00:00-08 05:00", "09 04:00-11 00:00"]);
}

#[test]
fn weekends_are_closed_when_only_weekdays_have_hours() {
    let nine_to_five = vec![Window::parse("09:00-17:00").expect("a window")];
    let mut days: [Vec<Window>; 7] = Default::default();
    for day in parse_weekdays("mon-fri").expect("weekdays") {
        days[usize::from(day)].clone_from(&nine_to_five);
    }
    let weekly = Some(WeeklyHours::new(days));
    let hours = OfficeHours { zone: Zone::utc(), weekly, days_off: BTreeSet::new() };
    // 6 March 2026 is a Friday.
    assert_eq!(in_utc(&hours, date(2026, 3, 6), 4), ["06 09:00-06 17:00", "09 09:00-09 17:00"]);
}

#[test]
fn no_windows_at_all_is_never_and_no_schedule_at_all_is_always() {
    let (origin, until) = run(date(2026, 3, 1), 3);
    let never = daily("UTC", &[]);
    assert_eq!(never.schedule(&origin, until).intervals(), []);
    assert_eq!(never.working_days(&origin, until), []);
    let always = OfficeHours::always(zone("Europe/London"));
    assert_eq!(always.schedule(&origin, until), Schedule::always(until));
}

// Gaps: on 29 March 2026 London's clocks go from 00:59 to 02:00, at 01:00 UTC.

#[test]
fn a_window_around_a_gap_is_an_hour_shorter() {
    let hours = daily("Europe/London", &["00:00-06:00"]);
    assert_eq!(in_utc(&hours, date(2026, 3, 29), 1), ["29 00:00-29 05:00", "29 23:00-30 00:00"]);
}

#[test]
fn a_window_that_opens_in_a_gap_opens_when_the_clocks_are_changed() {
    let hours = daily("Europe/London", &["01:30-03:00"]);
    assert_eq!(in_utc(&hours, date(2026, 3, 29), 1), ["29 01:00-29 02:00"]);
}

#[test]
fn a_window_that_closes_in_a_gap_closes_when_the_clocks_are_changed() {
    let hours = daily("Europe/London", &["00:30-01:30"]);
    assert_eq!(in_utc(&hours, date(2026, 3, 29), 1), ["29 00:30-29 01:00", "29 23:30-30 00:00"]);
}

#[test]
fn a_window_inside_a_gap_is_not_open_at_all() {
    let hours = daily("Europe/London", &["01:15-01:45"]);
    assert_eq!(in_utc(&hours, date(2026, 3, 29), 1), [""; 0]);
}

#[test]
fn a_day_that_a_zone_skips_is_no_working_day() {
    // Samoa went from Thursday 29 to Saturday 31 December 2011.
    let (origin, until) = run(date(2011, 12, 28), 5);
    let days = daily("Pacific/Apia", &["09:00-17:00"]).working_days(&origin, until);
    let dates: Vec<i8> = days.iter().map(|day| day.date.day()).collect();
    assert_eq!(dates, [27, 28, 29, 31, 1, 2]);
}

// Folds: on 25 October 2026 London's clocks show 01:00 to 01:59 twice, from 00:00 and 01:00 UTC.

#[test]
fn a_window_around_a_fold_is_an_hour_longer() {
    let hours = daily("Europe/London", &["00:30-06:00"]);
    assert_eq!(in_utc(&hours, date(2026, 10, 24), 2), ["24 00:00-24 05:00", "24 23:30-25 06:00"]);
}

#[test]
fn a_window_that_closes_in_a_fold_closes_twice() {
    let hours = daily("Europe/London", &["00:00-01:30"]);
    assert_eq!(in_utc(&hours, date(2026, 10, 25), 1), ["25 00:00-25 00:30", "25 01:00-25 01:30"]);
}

#[test]
fn a_window_that_opens_in_a_fold_opens_twice() {
    let hours = daily("Europe/London", &["01:30-03:00"]);
    assert_eq!(in_utc(&hours, date(2026, 10, 25), 1), ["25 00:30-25 01:00", "25 01:30-25 03:00"]);
}

#[test]
fn a_window_inside_a_fold_is_worked_twice() {
    let hours = daily("Europe/London", &["01:15-01:45"]);
    assert_eq!(in_utc(&hours, date(2026, 10, 25), 1), ["25 00:15-25 00:45", "25 01:15-25 01:45"]);
    let (origin, until) = run(date(2026, 10, 25), 1);
    assert_eq!(hours.working_days(&origin, until).len(), 1);
}

#[test]
fn half_an_hour_of_daylight_saving_is_half_an_hour() {
    let hours = daily("Australia/Lord_Howe", &["01:00-03:00"]);
    // Back by 30 minutes at 02:00 on 5 April 2026, 15:00 UTC the day before.
    assert_eq!(in_utc(&hours, date(2026, 4, 4), 1), ["04 14:00-04 16:30"]);
}

#[test]
fn working_days_are_cut_where_the_simulation_begins_and_ends() {
    let starts: DateTime = datetime(2026, 3, 2, 2, 0, 0, 0);
    let (origin, _) = Origin::new(Zone::utc(), starts, CivilSpan::ZERO).expect("in range");
    let until = SimTime::from_millis(45 * HOUR);
    let days = daily("UTC", &["22:00-06:00"]).working_days(&origin, until);
    let lines: Vec<String> = days
        .iter()
        .map(|day| {
            let midnight = day.midnight.map(|at| at.as_millis() / HOUR);
            format!("{} {midnight:?} {:?}", day.date, shown(&origin, &day.windows))
        })
        .collect();
    assert_eq!(
        lines,
        [
            "2026-03-01 None [\"02 02:00-02 06:00\"]",
            "2026-03-02 None [\"02 22:00-03 06:00\"]",
            "2026-03-03 Some(22) [\"03 22:00-03 23:00\"]",
        ]
    );
}

#[test]
fn without_a_schedule_every_day_but_the_days_off_is_a_working_day() {
    let (origin, until) = run(date(2026, 3, 28), 3);
    let mut hours = OfficeHours::always(zone("Europe/London"));
    hours.days_off.insert(date(2026, 3, 30));
    let days = hours.working_days(&origin, until);
    let windows: Vec<Vec<String>> = days.iter().map(|day| shown(&origin, &day.windows)).collect();
    assert_eq!(windows, [["28 00:00-29 00:00"], ["29 00:00-29 23:00"], ["30 23:00-31 00:00"]]);
    assert_eq!(days[2].date, date(2026, 3, 31));
}
