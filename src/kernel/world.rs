//! Everything about a scenario that no draw decides, worked out once for all replications: when
//! offices are open, which half-hours there are, when absences may begin.

use std::collections::BTreeMap;

use crate::calendar::{CivilSpan, OfficeHours, Origin, OutOfRange, Schedule, Slot, civil_slots};
use crate::ids::{AgentId, ChatflowId, ContactId, TrafficId};
use crate::random::entity;
use crate::routing::Engine;
use crate::scenario::{Ends, Scenario};
use crate::time::{SimDuration, SimTime};
use crate::trace::RecordedArrivals;
use crate::workload::AwayPlan;

/// The period of a run.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Period {
    /// Measuring begins; before this is the warm-up.
    pub starts: SimTime,
    /// The last visitor has come; time-weighted measures stop.
    pub ends: SimTime,
    /// Nothing is simulated from here on.
    pub limit: SimTime,
}

/// Where simulated time lies on the calendar.
#[derive(Clone, Debug)]
pub struct Timeframe {
    /// The zone and the zero of simulated time.
    pub origin: Origin,
    /// The period of the run.
    pub period: Period,
}

/// A working day that began before the simulation does so by less than this; so did absences worth
/// knowing of.
const LEAD_DAYS: u32 = 3;

impl Timeframe {
    /// The timeframe of a scenario.
    ///
    /// # Errors
    ///
    /// If the run leaves the years that the calendar knows.
    pub fn of(scenario: &Scenario) -> Result<Self, OutOfRange> {
        let run = &scenario.run;
        let (origin, starts) = Origin::new(run.time_zone.clone(), run.starts, run.warm_up)?;
        let ends = origin.after(run.starts, run.lasts)?;
        let limit = match run.ends {
            Ends::Cut => ends,
            Ends::Drain => {
                let (lasts, drain) = (run.lasts, run.drain_at_most);
                let days = lasts.days.saturating_add(drain.days);
                let ms = lasts.ms.saturating_add(drain.ms);
                origin.after(run.starts, CivilSpan { days, ms })?
            }
        };
        Ok(Self { origin, period: Period { starts, ends, limit } })
    }
}

/// The same calendar with its zero some days earlier, and how much earlier: what was begun then may
/// reach into the run. Where the calendar has no earlier days, the run's own.
fn earlier(scenario: &Scenario, timeframe: &Timeframe) -> (Origin, SimDuration) {
    let run = &scenario.run;
    let days = run.warm_up.days.saturating_add(LEAD_DAYS);
    let warm_up = CivilSpan { days, ..run.warm_up };
    match Origin::new(run.time_zone.clone(), run.starts, warm_up) {
        Ok((early, starts)) => (early, starts.since(timeframe.period.starts)),
        Err(OutOfRange) => (timeframe.origin.clone(), SimDuration::ZERO),
    }
}

/// A scenario made ready for simulation.
#[derive(Debug)]
pub struct World<'a> {
    pub(super) scenario: &'a Scenario,
    pub(super) engine: Engine,
    timeframe: Timeframe,
    pub(super) slots: Vec<Slot>,
    schedules: Vec<Schedule>,
    /// For each agent, which schedule.
    schedule_of: Vec<usize>,
    plans: Vec<AwayPlan>,
    /// For each agent, which plan; agents who are never away have none.
    plan_of: Vec<Option<usize>>,
    /// For each chatflow, when somebody of its list is in hours.
    list_hours: Vec<Schedule>,
    recorded: Vec<Option<RecordedArrivals>>,
    /// For each traffic, the numbers of its recorded contacts among those of all traffics: a contact
    /// who writes into two of them is one.
    contacts: Vec<Vec<ContactId>>,
    pub(super) agent_entities: Vec<u64>,
    pub(super) traffic_entities: Vec<u64>,
}

impl<'a> World<'a> {
    /// Makes a scenario ready. `recorded` has the recorded arrivals of each traffic that has any.
    ///
    /// # Panics
    ///
    /// If `recorded` has not one entry for each traffic.
    #[must_use]
    pub fn new(
        scenario: &'a Scenario,
        timeframe: Timeframe,
        recorded: Vec<Option<RecordedArrivals>>,
    ) -> Self {
        assert_eq!(recorded.len(), scenario.traffic.len(), "one entry for each traffic");
        let Timeframe { ref origin, period } = timeframe;
        let (early, lead) = earlier(scenario, &timeframe);

        let mut known: BTreeMap<&OfficeHours, usize> = BTreeMap::new();
        let mut schedules = Vec::new();
        let mut schedule_of = Vec::with_capacity(scenario.agents.len());
        for agent in &scenario.agents {
            let number = *known.entry(&agent.hours).or_insert_with(|| {
                schedules.push(agent.hours.schedule(origin, period.limit));
                schedules.len() - 1
            });
            schedule_of.push(number);
        }

        let mut plans = Vec::new();
        let mut plan_keys: Vec<(usize, &[crate::workload::AwayHabit])> = Vec::new();
        let mut plan_of = Vec::with_capacity(scenario.agents.len());
        for (agent, &schedule) in scenario.agents.iter().zip(&schedule_of) {
            let away = agent.habits.away.as_slice();
            if away.is_empty() {
                plan_of.push(None);
                continue;
            }
            let number = plan_keys.iter().position(|key| *key == (schedule, away));
            plan_of.push(Some(number.unwrap_or_else(|| {
                let until = period.limit + lead + SimDuration::from_secs(86_400);
                let days = agent.hours.working_days(&early, until);
                plans.push(AwayPlan::new(away, days, &early, lead, &agent.hours.zone));
                plan_keys.push((schedule, away));
                plans.len() - 1
            })));
        }

        let engine = Engine::new(&scenario.setup());
        let list_hours = (0..scenario.chatflows.len())
            .map(|chatflow| {
                let slots = engine.slots(ChatflowId::new(chatflow));
                let mut used: Vec<usize> = slots.iter().map(|a| schedule_of[a.index()]).collect();
                used.sort_unstable();
                used.dedup();
                Schedule::union(&used.iter().map(|&s| &schedules[s]).collect::<Vec<_>>())
            })
            .collect();

        let mut numbers: BTreeMap<u64, ContactId> = BTreeMap::new();
        let contacts = recorded
            .iter()
            .map(|recorded| {
                let keys = recorded.as_ref().map_or(&[][..], RecordedArrivals::contacts);
                keys.iter()
                    .map(|key| {
                        let next = ContactId::new(numbers.len());
                        *numbers.entry(*key).or_insert(next)
                    })
                    .collect()
            })
            .collect();

        Self {
            engine,
            contacts,
            slots: civil_slots(origin, period.ends),
            schedules,
            schedule_of,
            plans,
            plan_of,
            list_hours,
            recorded,
            agent_entities: scenario.agents.iter().map(|a| entity(&a.name)).collect(),
            traffic_entities: scenario.traffic.iter().map(|t| entity(&t.name)).collect(),
            scenario,
            timeframe,
        }
    }

    /// The scenario.
    #[must_use]
    pub const fn scenario(&self) -> &'a Scenario {
        self.scenario
    }

    /// Where simulated time lies on the calendar.
    #[must_use]
    pub const fn timeframe(&self) -> &Timeframe {
        &self.timeframe
    }

    /// The period of the run.
    #[must_use]
    pub const fn period(&self) -> Period {
        self.timeframe.period
    }

    /// The agents of a chatflow's list, in order of its slots.
    #[must_use]
    pub fn list(&self, chatflow: ChatflowId) -> &[AgentId] {
        self.engine.slots(chatflow)
    }

    /// When an agent is in hours.
    #[must_use]
    #[inline]
    pub fn schedule(&self, agent: AgentId) -> &Schedule {
        &self.schedules[self.schedule_of[agent.index()]]
    }

    /// When somebody of a chatflow's list is in hours.
    #[must_use]
    #[inline]
    pub fn list_hours(&self, chatflow: ChatflowId) -> &Schedule {
        &self.list_hours[chatflow.index()]
    }

    /// The recorded arrivals of a traffic, if it has any.
    #[must_use]
    pub fn recorded(&self, traffic: TrafficId) -> Option<&RecordedArrivals> {
        self.recorded[traffic.index()].as_ref()
    }

    /// The number of a recorded contact of a traffic among those of all traffics.
    pub(super) fn contact(&self, traffic: TrafficId, contact: ContactId) -> ContactId {
        self.contacts[traffic.index()][contact.index()]
    }

    pub(super) fn away_plan(&self, agent: AgentId) -> Option<&AwayPlan> {
        self.plan_of[agent.index()].map(|plan| &self.plans[plan])
    }
}
