//! The loop: simulated time moves here and only here.
//!
//! One replication is one [`Simulation`]. It takes the next event off the agenda, tells the engine
//! what the event means, does what the engine answers, and schedules what follows. Who listens is
//! told every fact in order of time.

use crate::ids::{AgentId, TrafficId};
use crate::random::{Purpose, Streams};
use crate::routing::{Answer, Decision, Engine, Input, Message, PresenceChange};
use crate::scenario::{Ends, TrafficArrivals};
use crate::time::SimTime;
use crate::trace::{Observation, RecordedArrival, Recorder, Way};
use crate::workload::{Absence, Arrivals};

use super::agenda::Agenda;
use super::conversation::{Conversations, Phase, WaitingMessages};
use super::desk::Desks;
use super::event::Event;
use super::world::World;

/// Exact counts of what a replication took.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct WorkCounters {
    /// Events that happened; what was cancelled before its time does not count.
    pub events: u64,
    /// Messages that the engine decided.
    pub decisions: u64,
    /// Random numbers drawn for visitors, their messages and their arrivals.
    pub draws: u64,
    /// Events put on the agenda.
    pub scheduled: u64,
    /// Events taken off the agenda, cancelled ones included.
    pub taken: u64,
}

/// Simulates one replication of a world.
pub fn simulate<R: Recorder>(
    world: &World<'_>,
    replication: u32,
    recorder: &mut R,
) -> WorkCounters {
    Simulation::new(world, replication, recorder).run()
}

/// Where a traffic's visitors come from.
#[derive(Debug)]
pub(super) enum Source<'a> {
    Drawn(Arrivals<'a>),
    Recorded(std::slice::Iter<'a, RecordedArrival>),
}

/// A traffic in the course of a replication.
#[derive(Debug)]
pub(super) struct Stream<'a> {
    pub(super) source: Source<'a>,
    /// How many have come.
    pub(super) visitors: u64,
    /// The one who comes next, if recorded.
    pub(super) next_recorded: Option<RecordedArrival>,
}

/// An agent's absences and the place reached among their beginnings and ends.
#[derive(Debug)]
pub(super) struct Absences {
    all: Vec<Absence>,
    next: usize,
}

/// One replication in the course of being simulated. What visitors do is in `visits`, what agents do
/// at their desks in `working`.
pub(super) struct Simulation<'w, R> {
    pub(super) world: &'w World<'w>,
    pub(super) recorder: &'w mut R,
    pub(super) streams: Streams,
    pub(super) engine: Engine,
    pub(super) answers: Vec<Answer>,
    pub(super) agenda: Agenda,
    pub(super) now: SimTime,
    pub(super) limit: SimTime,
    pub(super) traffics: Vec<Stream<'w>>,
    pub(super) absences: Vec<Absences>,
    pub(super) desks: Desks,
    pub(super) conversations: Conversations,
    pub(super) waiting: WaitingMessages,
    /// Conversations begun so far.
    pub(super) numbers: u32,
    /// Open chats and unanswered emails.
    pub(super) unfinished: u64,
    pub(super) ended: bool,
    pub(super) work: WorkCounters,
}

impl<'w, R: Recorder> Simulation<'w, R> {
    fn new(world: &'w World<'w>, replication: u32, recorder: &'w mut R) -> Self {
        let streams = Streams::new(world.scenario.run.seed, u64::from(replication));
        let agents = world.scenario.agents.len();
        let absences = (0..agents)
            .map(AgentId::new)
            .map(|agent| {
                let plan = world.away_plan(agent);
                let stream = streams.stream(Purpose::Absence, world.agent_entities[agent.index()]);
                Absences { all: plan.map_or_else(Vec::new, |p| p.absences(stream)), next: 0 }
            })
            .collect();
        let mut simulation = Self {
            world,
            recorder,
            streams,
            engine: world.engine.clone(),
            answers: Vec::new(),
            agenda: Agenda::default(),
            now: SimTime::ZERO,
            limit: world.period().limit,
            traffics: Vec::new(),
            absences,
            desks: Desks::new(agents),
            conversations: Conversations::default(),
            waiting: WaitingMessages::default(),
            numbers: 0,
            unfinished: 0,
            ended: false,
            work: WorkCounters::default(),
        };
        for agent in (0..agents).map(AgentId::new) {
            simulation.agent_begins(agent);
        }
        for (index, traffic) in world.scenario.traffic.iter().enumerate() {
            let source = match &traffic.arrivals {
                TrafficArrivals::Drawn(model) => Source::Drawn(Arrivals::new(
                    model,
                    &world.slots,
                    streams,
                    world.traffic_entities[index],
                )),
                TrafficArrivals::Recorded(_) => {
                    let recorded =
                        world.recorded(TrafficId::new(index)).expect("read before the run");
                    Source::Recorded(recorded.rows().iter())
                }
            };
            let stream = Stream { source, visitors: 0, next_recorded: None };
            simulation.traffics.push(stream);
            simulation.schedule_arrival(TrafficId::new(index));
        }
        simulation.schedule(world.period().ends, Event::RunEnds);
        simulation
    }

    fn run(mut self) -> WorkCounters {
        while !(self.ended && self.unfinished == 0) {
            let Some((at, event)) = self.agenda.take_next() else { break };
            assert!(at >= self.now, "time never runs back");
            self.now = at;
            if self.happens(event) {
                self.work.events += 1;
            }
            if self.ended && self.world.scenario.run.ends == Ends::Cut {
                break;
            }
        }
        for conversation in self.conversations.alive() {
            let way = match conversation.phase {
                Phase::Email => Way::Email,
                Phase::Chat | Phase::Free => Way::Chat,
            };
            let (case, answered) = (&conversation.case, conversation.answered);
            self.recorder.record(self.now, &Observation::LeftOpen { case, way, answered });
        }
        (self.work.scheduled, self.work.taken) = self.agenda.operations();
        self.work
    }

    /// Whether it happened: an event whose cause is gone does not.
    fn happens(&mut self, event: Event) -> bool {
        match event {
            Event::HoursChange(agent) => self.hours_change(agent),
            Event::AbsenceChanges(agent) => self.absence_changes(agent),
            Event::AgentFinishes(agent) => return self.agent_finishes(agent),
            Event::VisitorWrites(conversation) => return self.visitor_writes(conversation),
            Event::VisitorGivesUp(conversation) => return self.visitor_gives_up(conversation),
            Event::ConversationCloses(conversation) => {
                if self.conversations.of(conversation).closes_at != self.now {
                    return false;
                }
                self.close(conversation);
            }
            Event::VisitorArrives(traffic) => self.visitor_arrives(traffic),
            Event::RunEnds => self.ended = true,
        }
        true
    }

    /// Puts an event on the agenda. What lies beyond the end of the simulation never happens: a
    /// patience or an absence may be longer than any calendar.
    #[inline]
    pub(super) fn schedule(&mut self, at: SimTime, event: Event) {
        if at <= self.limit {
            self.agenda.schedule(at, event);
        }
    }

    // ---- presence ----

    /// Sets the agent's presence at the first instant and schedules what moves it.
    fn agent_begins(&mut self, agent: AgentId) {
        let schedule = self.world.schedule(agent);
        if !schedule.is_open(self.now) {
            self.set_in_hours(agent, false);
        }
        if let Some(at) = schedule.next_change(self.now) {
            self.schedule(at, Event::HoursChange(agent));
        }
        self.schedule_absence(agent);
    }

    fn hours_change(&mut self, agent: AgentId) {
        let schedule = self.world.schedule(agent);
        self.set_in_hours(agent, schedule.is_open(self.now));
        if let Some(at) = schedule.next_change(self.now) {
            self.schedule(at, Event::HoursChange(agent));
        }
        self.look_at_desk(agent);
    }

    fn set_in_hours(&mut self, agent: AgentId, in_hours: bool) {
        self.desks.of_mut(agent).in_hours = in_hours;
        self.recorder.record(self.now, &Observation::HoursChanged { agent, in_hours });
        let change = if in_hours { PresenceChange::EnterHours } else { PresenceChange::LeaveHours };
        self.tell_presence(agent, change);
    }

    fn schedule_absence(&mut self, agent: AgentId) {
        let absences = &self.absences[agent.index()];
        // Even numbers are beginnings, odd ones ends.
        if let Some(absence) = absences.all.get(absences.next / 2) {
            let at = if absences.next.is_multiple_of(2) { absence.from } else { absence.to };
            self.schedule(at, Event::AbsenceChanges(agent));
        }
    }

    fn absence_changes(&mut self, agent: AgentId) {
        let absences = &mut self.absences[agent.index()];
        let absence = absences.all[absences.next / 2];
        let begins = absences.next.is_multiple_of(2);
        absences.next += 1;
        self.desks.of_mut(agent).gone = begins;
        if absence.announced && begins {
            let reassign = if absence.reassign_replies {
                PresenceChange::ReassignOn
            } else {
                PresenceChange::ReassignOff
            };
            self.tell_presence(agent, reassign);
            self.tell_presence(agent, PresenceChange::Away);
        } else if absence.announced {
            self.tell_presence(agent, PresenceChange::Back);
        }
        self.schedule_absence(agent);
        self.look_at_desk(agent);
    }

    pub(super) fn tell_presence(&mut self, agent: AgentId, change: PresenceChange) {
        let before = self.engine.presence(agent).online();
        self.engine.apply(&Input::Presence(agent, change), &mut self.answers);
        let online = self.engine.presence(agent).online();
        if online != before {
            self.recorder.record(self.now, &Observation::OnlineChanged { agent, online });
        }
        for answer in &self.answers {
            if let Answer::EligibleChanged { chatflow, agent, eligible } = *answer {
                let fact = Observation::EligibleChanged { chatflow, agent, eligible };
                self.recorder.record(self.now, &fact);
            }
        }
    }

    // ---- the engine ----

    /// Tells the engine something that has exactly one answer.
    pub(super) fn tell(&mut self, input: Input) -> Answer {
        self.engine.apply(&input, &mut self.answers);
        assert_eq!(self.answers.len(), 1, "one answer to {input:?}");
        self.answers[0]
    }

    pub(super) fn decide(&mut self, message: Message) -> Decision {
        self.work.decisions += 1;
        match self.tell(Input::Message(message)) {
            Answer::Decided(decision) => decision,
            other => unreachable!("a message is decided, not {other:?}"),
        }
    }
}
