//! How an agent works, and when an agent is away although in hours.

use crate::calendar::{Origin, WorkingDay, Zone};
use crate::random::{DurationDistribution, Stream};
use crate::time::{SimDuration, SimTime};

/// How an agent works.
#[derive(Clone, PartialEq, Debug)]
pub struct Habits {
    /// Noticing and answering a new chat.
    pub first_reply: DurationDistribution,
    /// Work for a later reply.
    pub reply: DurationDistribution,
    /// Work on an email.
    pub email_reply: DurationDistribution,
    /// Absences.
    pub away: Vec<AwayHabit>,
}

/// A kind of absence.
#[derive(Clone, PartialEq, Debug)]
pub struct AwayHabit {
    /// When it begins.
    pub time: AwayTime,
    /// How long it lasts.
    pub lasts: DurationDistribution,
    /// Probability that the reassign-replies toggle is on.
    pub reassign_replies: f64,
    /// Probability that the agent is gone but has not set the away toggle.
    pub forgets: f64,
}

/// When absences begin, on days with office hours.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum AwayTime {
    /// Once a day, at a clock time of the agent's zone plus a uniform part of `spread`.
    At {
        /// Minutes after midnight.
        minute: u16,
        /// The latest beginning after that.
        spread: SimDuration,
    },
    /// A Poisson number of times a day, uniformly over that day's hours.
    PerDay(f64),
}

/// One absence of one agent.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Absence {
    /// Gone from here …
    pub from: SimTime,
    /// … until just before here.
    pub to: SimTime,
    /// The away toggle was set; if not, the agent looks online.
    pub announced: bool,
    /// The reassign-replies toggle is on.
    pub reassign_replies: bool,
}

/// When the absences of agents with the same habits, hours and zone may begin: everything about
/// them that no draw decides, worked out once for all replications.
#[derive(Clone, Debug)]
pub struct AwayPlan {
    habits: Vec<AwayHabit>,
    days: Vec<WorkingDay>,
    /// How much earlier than the simulation the days' zero is.
    lead: SimDuration,
    /// For each habit and day, in that order, the instant of a clock time.
    clock_times: Vec<Vec<Option<SimTime>>>,
}

impl AwayPlan {
    /// The plan of agents with these habits, who work on `days` by the clocks of `zone`. The days'
    /// `origin` lies `lead` before that of the simulation, so that the first days are whole and
    /// absences that began before the simulation reach into it.
    #[must_use]
    pub fn new(
        habits: &[AwayHabit],
        days: Vec<WorkingDay>,
        origin: &Origin,
        lead: SimDuration,
        zone: &Zone,
    ) -> Self {
        let clock_times = habits
            .iter()
            .map(|habit| match habit.time {
                AwayTime::PerDay(_) => Vec::new(),
                AwayTime::At { minute, .. } => {
                    days.iter().map(|day| clock_time(day, minute, origin, zone)).collect()
                }
            })
            .collect();
        Self { habits: habits.to_vec(), days, lead, clock_times }
    }

    /// All absences of one agent in one replication, in order of time, disjoint. Absences that
    /// overlap or touch are one, with the toggles of the one that began first: who is gone already
    /// touches no toggle.
    #[must_use]
    pub fn absences(&self, stream: Stream) -> Vec<Absence> {
        let mut all = Vec::new();
        for (number, habit) in self.habits.iter().enumerate() {
            for (day_number, day) in self.days.iter().enumerate() {
                // A stream a habit and day: a busy day does not move the next day's absences.
                let mut draws = stream.numbered((number as u64) << 32 | day_number as u64);
                match habit.time {
                    AwayTime::At { spread, .. } => {
                        let later = spread.as_millis() as f64 * draws.next_unit();
                        let begins = self.clock_times[number][day_number]
                            .map(|at| at + SimDuration::from_millis_rounded(later));
                        all.extend(begins.map(|from| habit.absence(from, &mut draws)));
                    }
                    AwayTime::PerDay(mean) => {
                        for _ in 0..poisson(mean, &mut draws) {
                            let from = within(&day.windows, draws.next_unit());
                            all.push(habit.absence(from, &mut draws));
                        }
                    }
                }
            }
        }
        all.sort_by_key(|a| (a.from, a.to));
        all.retain(|a| a.from < a.to);
        all.dedup_by(|later, earlier| {
            let overlap = later.from <= earlier.to;
            if overlap {
                earlier.to = earlier.to.max(later.to);
            }
            overlap
        });
        let zero = SimTime::ZERO + self.lead;
        all.retain(|a| a.to > zero);
        for absence in &mut all {
            absence.from = SimTime::ZERO + absence.from.since(zero);
            absence.to = SimTime::ZERO + absence.to.since(zero);
        }
        all
    }
}

/// The instant at which the clock shows `minute` on a working day. A shift over midnight belongs to
/// the day it starts: two in the morning of Monday's night shift is on Tuesday.
fn clock_time(day: &WorkingDay, minute: u16, origin: &Origin, zone: &Zone) -> Option<SimTime> {
    let on_the_day = origin.clock_on(zone, day.date, minute);
    let after_midnight = origin.clock_on(zone, day.date, minute + MINUTES_OF_A_DAY);
    let at_work =
        |at: &SimTime| day.windows.iter().any(|(opens, closes)| opens <= at && at < closes);
    match on_the_day.filter(at_work) {
        None => after_midnight.filter(at_work).or(on_the_day),
        found => found,
    }
}

const MINUTES_OF_A_DAY: u16 = 24 * 60;

impl AwayHabit {
    fn absence(&self, from: SimTime, draws: &mut Stream) -> Absence {
        let to = from + self.lasts.quantile(draws.next_unit());
        let reassign_replies = draws.next_bool(self.reassign_replies);
        let announced = !draws.next_bool(self.forgets);
        Absence { from, to, announced, reassign_replies }
    }
}

/// The instant that lies a share `u` into the total length of `windows`.
fn within(windows: &[(SimTime, SimTime)], u: f64) -> SimTime {
    let total: u64 = windows.iter().map(|(from, to)| to.since(*from).as_millis()).sum();
    let mut left = SimDuration::from_millis_rounded(total as f64 * u);
    for &(from, to) in windows {
        if left < to.since(from) {
            return from + left;
        }
        left = left - to.since(from);
    }
    windows.last().map_or(SimTime::ZERO, |w| w.1)
}

/// A Poisson number with this mean: how many unit exponentials fit into it.
fn poisson(mean: f64, draws: &mut Stream) -> u32 {
    let mut left = mean;
    let mut count = 0;
    loop {
        left += libm::log(draws.next_unit());
        if left < 0.0 {
            return count;
        }
        count += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::{CivilSpan, OfficeHours, WeeklyHours, Window, Zone};
    use crate::random::{Purpose, Streams};

    const HOUR: u64 = 3_600_000;

    /// The plan of an agent in New York, 9 to 17 on every day, over `days` days from 2 March 2026.
    fn plan(habits: &[AwayHabit], days: u32) -> (AwayPlan, Origin) {
        let zone = Zone::named("America/New_York").expect("bundled");
        let starts = "2026-03-02T00:00".parse().expect("a date");
        let none = CivilSpan { days: 0, ms: 0 };
        let (origin, _) = Origin::new(zone.clone(), starts, none).expect("in range");
        let until = origin.after(starts, CivilSpan { days, ms: 0 }).expect("in range");
        let nine_to_five = vec![Window::parse("09:00-17:00").expect("a window")];
        let hours = OfficeHours {
            zone: zone.clone(),
            weekly: Some(WeeklyHours::new(std::array::from_fn(|_| nine_to_five.clone()))),
            days_off: std::collections::BTreeSet::new(),
        };
        let days = hours.working_days(&origin, until);
        (AwayPlan::new(habits, days, &origin, SimDuration::ZERO, &zone), origin)
    }

    #[test]
    fn two_in_the_morning_of_mondays_night_shift_is_on_tuesday() {
        let zone = Zone::utc();
        let starts = "2026-03-02T00:00".parse().expect("a date");
        let none = CivilSpan { days: 0, ms: 0 };
        let (origin, _) = Origin::new(zone.clone(), starts, none).expect("in range");
        let until = origin.after(starts, CivilSpan { days: 2, ms: 0 }).expect("in range");
        let night = Window::parse("22:00-06:00").expect("a window");
        let mut week: [Vec<Window>; 7] = Default::default();
        week[0].push(night);
        let hours = OfficeHours {
            zone: zone.clone(),
            weekly: Some(WeeklyHours::new(week)),
            days_off: std::collections::BTreeSet::new(),
        };
        let days = hours.working_days(&origin, until);
        let at_two = habit(AwayTime::At { minute: 120, spread: SimDuration::ZERO }, 60);
        let plan = AwayPlan::new(&[at_two], days, &origin, SimDuration::ZERO, &zone);
        let all = plan.absences(stream(0));
        assert_eq!(all.iter().map(|a| a.from.as_millis()).collect::<Vec<_>>(), [26 * HOUR]);
    }

    // An absence of ten hours that began at 20:00, four hours before the simulation.
    #[test]
    fn an_absence_that_began_before_the_simulation_reaches_into_it() {
        let zone = Zone::utc();
        let none = CivilSpan { days: 0, ms: 0 };
        let early = "2026-03-01T00:00".parse().expect("a date");
        let (origin, _) = Origin::new(zone.clone(), early, none).expect("in range");
        let until = origin.after(early, CivilSpan { days: 1, ms: 0 }).expect("in range");
        let days = OfficeHours::always(zone.clone()).working_days(&origin, until);
        let long = habit(AwayTime::At { minute: 1_200, spread: SimDuration::ZERO }, 600);
        let lead = SimDuration::from_millis(24 * HOUR);
        let all = AwayPlan::new(&[long], days, &origin, lead, &zone).absences(stream(0));
        assert_eq!(all.len(), 1);
        assert_eq!((all[0].from, all[0].to.as_millis()), (SimTime::ZERO, 6 * HOUR));
    }

    fn habit(time: AwayTime, minutes: u64) -> AwayHabit {
        let lasts = DurationDistribution::constant(SimDuration::from_secs(minutes * 60));
        AwayHabit { time, lasts, reassign_replies: 0.5, forgets: 0.15 }
    }

    fn stream(replication: u64) -> Stream {
        Streams::new(1, replication).stream(Purpose::Absence, 1)
    }

    #[test]
    fn lunch_is_at_a_quarter_past_twelve_on_both_sides_of_the_clock_change() {
        let spread = SimDuration::from_secs(25 * 60);
        let (plan, origin) = plan(&[habit(AwayTime::At { minute: 735, spread }, 45)], 14);
        let lunches = plan.absences(stream(0));
        assert_eq!(lunches.len(), 14);
        for lunch in lunches {
            let local = origin.local(lunch.from);
            let minute = u64::from(local.hour) * 60 + u64::from(local.minute);
            assert!((735..=760).contains(&minute), "{minute}");
            assert_eq!(lunch.to.since(lunch.from), SimDuration::from_secs(45 * 60));
        }
    }

    #[test]
    fn absences_that_overlap_are_one_and_keep_the_first_ones_toggles() {
        let at = |minute| AwayTime::At { minute, spread: SimDuration::ZERO };
        let announced = AwayHabit { forgets: 0.0, reassign_replies: 1.0, ..habit(at(720), 60) };
        let forgotten = AwayHabit { forgets: 1.0, reassign_replies: 0.0, ..habit(at(750), 60) };
        let (plan, _) = plan(&[forgotten, announced], 1);
        let all = plan.absences(stream(0));
        assert_eq!(all.len(), 1);
        assert_eq!(all[0].to.since(all[0].from).as_millis(), HOUR * 3 / 2);
        assert!(all[0].announced && all[0].reassign_replies);
    }

    // 2,000 days with 3.3 absences each of no more than an instant: 6,600 with standard deviation
    // 81; four of those. Beginnings are uniform over 9 to 17: a mean of 13:00 with a standard
    // deviation of 8 h/√12/√6600 = 1.7 minutes.
    #[test]
    fn absences_by_the_day_come_in_their_number_and_all_over_the_shift() {
        let mut brief = habit(AwayTime::PerDay(3.3), 0);
        brief.lasts = DurationDistribution::constant(SimDuration::from_millis(1));
        let (plan, origin) = plan(&[brief], 20);
        let all: Vec<_> = (0..100).flat_map(|r| plan.absences(stream(r))).collect();
        assert!((all.len() as f64 - 6_600.0).abs() < 4.0 * 81.0, "{}", all.len());
        let minutes: Vec<f64> = all
            .iter()
            .map(|a| origin.local(a.from))
            .map(|l| f64::from(l.hour) * 60.0 + f64::from(l.minute) + 0.5)
            .collect();
        assert!(minutes.iter().all(|m| (540.0..1020.0).contains(m)));
        let mean = minutes.iter().sum::<f64>() / minutes.len() as f64;
        assert!((mean - 780.0).abs() < 4.0 * 1.7, "{mean}");
    }
}
