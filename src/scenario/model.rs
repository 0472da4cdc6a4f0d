//! A scenario that has been read and checked. Every id points to something, every number is in its
//! range, every name is known: there is no half-valid [`Scenario`].

use jiff::civil::DateTime;

use crate::calendar::{CivilSpan, OfficeHours, Zone};
use crate::diagnostic::{Diagnostic, Place};
use crate::ids::{AgentId, ChatflowId, TeamId};
use crate::routing::{AgentSettings, ChatflowSettings, Setup};
use crate::time::SimDuration;
use crate::workload::{ArrivalModel, Habits, VisitorModel};

pub use crate::trace::{TraceColumn, TraceSource};

/// A whole scenario.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// Names the results directory.
    pub name: String,
    /// What somebody wants to know.
    pub question: Option<String>,
    /// How long, where, how often.
    pub run: Run,
    /// Agents in file order; the index is the [`AgentId`].
    pub agents: Vec<Agent>,
    /// Teams in file order; the index is the [`TeamId`].
    pub teams: Vec<Team>,
    /// Chatflows in file order; the index is the [`ChatflowId`].
    pub chatflows: Vec<Chatflow>,
    /// Visitor populations, by the names that traffic uses.
    pub visitors: Vec<VisitorPopulation>,
    /// Sources of visitors in file order.
    pub traffic: Vec<Traffic>,
    /// What the report shows.
    pub report: ReportSettings,
    /// What must hold.
    pub thresholds: Vec<Threshold>,
    /// Defaults that are guesses and are used here.
    pub guesses: Vec<Guess>,
    /// Tables of habits and visitors that nothing uses, by key, with their places.
    pub unused: Vec<(String, Place)>,
    /// Settings that the engine has and the simulation does not have yet, as errors at their places
    /// in the order of the text. Empty in a scenario that is to be simulated.
    pub not_simulated: Vec<Diagnostic>,
}

impl Scenario {
    /// The engine's part of the scenario.
    #[must_use]
    pub fn setup(&self) -> Setup {
        Setup {
            agents: self.agents.iter().map(|agent| agent.settings).collect(),
            teams: self.teams.iter().map(|team| team.agents.clone()).collect(),
            chatflows: self.chatflows.iter().map(|flow| flow.routing.clone()).collect(),
        }
    }

    /// The step in which the timeline is recorded: the longest that divides the interval, an hour,
    /// and the time from a full hour to the start of the run, so that the timeline also folds to the
    /// hours of the week; a minute at least, so that a start at an odd second does not make it long.
    #[must_use]
    pub fn timeline_step(&self) -> SimDuration {
        const HOUR_MS: u64 = 3_600_000;
        const MINUTE_MS: u64 = 60_000;
        let interval = self.report.interval.as_millis();
        let start_ms = u64::from(self.run.starts.minute().unsigned_abs()) * MINUTE_MS
            + u64::from(self.run.starts.second().unsigned_abs()) * 1000;
        let whole = common_divisor(interval, HOUR_MS);
        let exact = common_divisor(whole, start_ms);
        SimDuration::from_millis(if exact >= MINUTE_MS { exact } else { whole })
    }
}

/// The greatest common divisor (Euclid).
const fn common_divisor(mut a: u64, mut b: u64) -> u64 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

/// The table `[run]`.
#[derive(Clone, Debug)]
pub struct Run {
    /// The zone of everything that names none.
    pub time_zone: Zone,
    /// Where measuring begins, on the clocks of `time_zone`.
    pub starts: DateTime,
    /// How long visitors come.
    pub lasts: CivilSpan,
    /// Simulated before `starts` and not measured.
    pub warm_up: CivilSpan,
    /// What happens after `lasts`.
    pub ends: Ends,
    /// How long a drain may take.
    pub drain_at_most: CivilSpan,
    /// The seed of all streams.
    pub seed: u64,
    /// How often it is simulated; at least 1.
    pub replications: u32,
}

/// What happens after the last visitor.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ends {
    /// The run goes on until nothing is open.
    Drain,
    /// The run stops and counts what is open.
    Cut,
}

/// A person who answers.
#[derive(Clone, Debug)]
pub struct Agent {
    /// Unique among agents.
    pub name: String,
    /// When they work.
    pub hours: OfficeHours,
    /// How they work.
    pub habits: Habits,
    /// What the engine is told about them.
    pub settings: AgentSettings,
}

/// A named, ordered set of agents.
#[derive(Clone, Debug)]
pub struct Team {
    /// Unique among teams.
    pub name: String,
    /// In order; nobody twice.
    pub agents: Vec<AgentId>,
}

/// What visitors write into.
#[derive(Clone, Debug)]
pub struct Chatflow {
    /// Unique among chatflows.
    pub name: String,
    /// Its Routing tab.
    pub routing: ChatflowSettings,
    /// How long after the last reply a conversation closes.
    pub close_after: SimDuration,
    /// What whoever owns the clock has to tell the engine.
    pub timers: ChatflowTimers,
    /// Its own office hours, on the clocks of the run; `None` if it is always open.
    pub hours: Option<OfficeHours>,
}

/// The lengths of time among a chatflow's settings. The engine has no clock: that they are over
/// reaches it as an input. `None` for what never happens; none is zero.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct ChatflowTimers {
    /// How long somebody waits in the queue at most.
    pub queue_timeout: Option<SimDuration>,
    /// How often the queue is worked off, if by a timer.
    pub drain_every: Option<SimDuration>,
    /// How long an agent may leave a conversation unanswered before it moves on.
    pub no_answer: Option<SimDuration>,
}

/// A named `[visitors.NAME]`.
#[derive(Clone, Debug)]
pub struct VisitorPopulation {
    /// Unique among populations.
    pub name: String,
    /// How its visitors are spread.
    pub model: VisitorModel,
}

/// One source of visitors.
#[derive(Clone, Debug)]
pub struct Traffic {
    /// Unique among traffics; keys its streams.
    pub name: String,
    /// Where its visitors write.
    pub chatflow: ChatflowId,
    /// Index into [`Scenario::visitors`].
    pub visitors: usize,
    /// When they come.
    pub arrivals: TrafficArrivals,
}

/// When the visitors of a traffic come.
#[derive(Clone, Debug)]
pub enum TrafficArrivals {
    /// Drawn from a rate.
    Drawn(Box<ArrivalModel>),
    /// Recorded in a file.
    Recorded(TraceSource),
}

/// The table `[report]`.
#[derive(Clone, Debug)]
pub struct ReportSettings {
    /// The T of `service_level{within=T}`, ascending, none twice.
    pub service_level: Vec<SimDuration>,
    /// The interval of the timeline.
    pub interval: SimDuration,
}

/// What must hold of a measure.
#[derive(Clone, Debug)]
pub struct Threshold {
    /// The measure as written: `NAME`, `NAME{label=value}`, either with `.STAT`.
    pub measure: String,
    /// Of which part of the results.
    pub scope: ThresholdScope,
    /// On which side of the bound.
    pub must: Bound,
    /// Where it is written.
    pub place: Place,
}

/// The part of the results that a threshold is about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ThresholdScope {
    /// Everything.
    All,
    /// One chatflow.
    Chatflow(ChatflowId),
    /// One team.
    Team(TeamId),
    /// One agent.
    Agent(AgentId),
    /// Owned visitors, or the others.
    Owned(bool),
}

/// A comparison with a number.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Bound {
    /// How to compare.
    pub relation: Relation,
    /// With what.
    pub value: f64,
}

/// How a measure compares with its bound.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Relation {
    /// `<`
    Less,
    /// `<=`
    AtMost,
    /// `>`
    More,
    /// `>=`
    AtLeast,
}

/// A default that is a guess, not a measurement, and that this scenario leaves to it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Guess {
    /// The key, as a path through the scenario: `visitors.web.known`.
    pub path: String,
    /// The value it has.
    pub value: String,
}
