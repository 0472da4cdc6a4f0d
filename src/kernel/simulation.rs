//! The loop: simulated time moves here and only here.
//!
//! One replication is one [`Simulation`]. It takes the next event off the agenda, tells the engine
//! what the event means, does what the engine answers, and schedules what follows. Who listens is
//! told every fact in order of time.

use crate::ids::{AgentId, ChatflowId, ContactId, ConversationId, TrafficId};
use crate::random::{Purpose, Streams};
use crate::routing::{
    Answer, Decision, Engine, Input, Message, Outcome, PresenceChange, VisitorFacts,
};
use crate::scenario::{Ends, TrafficArrivals};
use crate::time::{SimDuration, SimTime};
use crate::trace::{Case, Observation, RecordedArrival, Recorder, ResponseClocks, Way};
use crate::workload::{Absence, Arrivals, Conduct, ContactFacts, Visitor, VisitorModel};

use super::agenda::Agenda;
use super::conversation::{Conversation, Conversations, Need, Phase, Waiting, WaitingMessages};
use super::desk::{Desks, Tray, Work};
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

/// Who wrote a message.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Speaker {
    Visitor,
    Agent,
}

/// Where a traffic's visitors come from.
#[derive(Debug)]
enum Source<'a> {
    Drawn(Arrivals<'a>),
    Recorded(std::slice::Iter<'a, RecordedArrival>),
}

/// A traffic in the course of a replication.
#[derive(Debug)]
struct Stream<'a> {
    source: Source<'a>,
    /// How many have come.
    visitors: u64,
    /// The one who comes next, if recorded.
    next_recorded: Option<RecordedArrival>,
}

/// An agent's absences and the place reached among their beginnings and ends.
#[derive(Debug)]
struct Absences {
    all: Vec<Absence>,
    next: usize,
}

/// Somebody arrives: everything that is settled about them.
struct Arrival {
    chatflow: ChatflowId,
    population: usize,
    visitor: Visitor,
    conduct: Conduct,
    writer: Option<ContactId>,
    need: Need,
}

struct Simulation<'w, R> {
    world: &'w World<'w>,
    recorder: &'w mut R,
    streams: Streams,
    engine: Engine,
    answers: Vec<Answer>,
    agenda: Agenda,
    now: SimTime,
    limit: SimTime,
    traffics: Vec<Stream<'w>>,
    absences: Vec<Absences>,
    desks: Desks,
    conversations: Conversations,
    waiting: WaitingMessages,
    /// Conversations begun so far.
    numbers: u32,
    /// Open chats and unanswered emails.
    unfinished: u64,
    ended: bool,
    work: WorkCounters,
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
    fn schedule(&mut self, at: SimTime, event: Event) {
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

    fn tell_presence(&mut self, agent: AgentId, change: PresenceChange) {
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

    // ---- visitors ----

    fn schedule_arrival(&mut self, traffic: TrafficId) {
        let stream = &mut self.traffics[traffic.index()];
        let at = match &mut stream.source {
            Source::Drawn(arrivals) => {
                self.work.draws += 1;
                arrivals.next()
            }
            Source::Recorded(rows) => {
                stream.next_recorded = rows.next().copied();
                stream.next_recorded.map(|row| row.at)
            }
        };
        if let Some(at) = at {
            self.schedule(at, Event::VisitorArrives(traffic));
        }
    }

    fn visitor_arrives(&mut self, traffic: TrafficId) {
        let arrival = self.draw_arrival(traffic);
        self.schedule_arrival(traffic);

        let Visitor { contact, tracked, leaves_email, .. } = arrival.visitor;
        let facts = VisitorFacts { known: contact.known, owner: contact.owner, tracked };
        let chatflow = arrival.chatflow;
        let greeted_by = match self.tell(Input::Load { chatflow, visitor: facts }) {
            Answer::Greeted(owner) => owner,
            other => unreachable!("a page load is greeted, not {other:?}"),
        };
        let slot = self.conversations.next_slot();
        let decision = self.decide(Message {
            conversation: slot,
            chatflow,
            writer: arrival.writer,
            visitor: facts,
            leaves_email,
            lot: arrival.conduct.lot(0),
        });
        if decision.conversation == slot {
            let case = Case {
                number: self.numbers + 1,
                slot,
                chatflow,
                began_at: self.now,
                measured: self.now >= self.world.period().starts,
                known: contact.known,
                tracked,
                owner: contact.owner,
                greeted_by,
                begun_in_hours: self.world.list_hours(chatflow).is_open(self.now),
            };
            self.conversation_begins(case, &arrival, &decision);
        } else {
            self.further_message(&decision, arrival.need, true);
        }
    }

    fn draw_arrival(&mut self, traffic: TrafficId) -> Arrival {
        let settings = &self.world.scenario.traffic[traffic.index()];
        let population = settings.visitors;
        let model = &self.world.scenario.visitors[population].model;
        let stream = &mut self.traffics[traffic.index()];
        let entity =
            Streams::numbered(self.world.traffic_entities[traffic.index()], stream.visitors);
        stream.visitors += 1;
        let own = self.streams.stream(Purpose::Visitor, entity);
        let conduct = Conduct::of(own);
        self.work.draws += 8;
        let mut arrival = Arrival {
            chatflow: settings.chatflow,
            population,
            visitor: Visitor::draw(model, None, own),
            conduct,
            writer: None,
            need: Need::Quantile(conduct.work(0)),
        };
        let Some(row) = stream.next_recorded else { return arrival };
        let recorded = self.world.recorded(traffic).expect("a recorded arrival has a record");
        let visitor = &mut arrival.visitor;
        if let Some(contact) = row.contact {
            // A contact is the same on every visit of a replication.
            let key = recorded.contacts()[contact.index()];
            let mut stream = self.streams.stream(Purpose::Contact, key);
            visitor.contact = ContactFacts::draw(model, true, &mut stream);
            arrival.writer = Some(self.world.contact(traffic, contact));
        }
        if let Some(owner) = row.owner {
            visitor.contact =
                ContactFacts { known: visitor.contact.known || owner.is_some(), owner };
        }
        visitor.tracked = row.tracked.unwrap_or(visitor.tracked);
        visitor.leaves_email = row.leaves_email.unwrap_or(visitor.leaves_email);
        visitor.messages = row.messages.unwrap_or(visitor.messages);
        visitor.patience = row.patience.unwrap_or(visitor.patience);
        arrival.chatflow = row.chatflow.unwrap_or(arrival.chatflow);
        arrival.need = row.work.map_or(arrival.need, Need::Fixed);
        arrival
    }

    fn conversation_begins(&mut self, case: Case, arrival: &Arrival, decision: &Decision) {
        self.numbers = case.number;
        let present = decision.agent.is_none_or(|agent| self.desks.of(agent).attended());
        let fact = Observation::Began { case: &case, decision: *decision, present };
        self.recorder.record(self.now, &fact);
        let phase = match decision.outcome {
            Outcome::Assigned(_) => Phase::Chat,
            Outcome::Emailed(_) => Phase::Email,
            Outcome::Lost(_) | Outcome::Refused(_) => return,
            other => unreachable!("a first message is not {other:?}"),
        };
        let slot = case.slot;
        self.unfinished += 1;
        self.conversations.add(Conversation {
            case,
            conduct: arrival.conduct,
            population: arrival.population,
            phase,
            agent: decision.agent,
            assigned_at: self.now,
            messages_left: arrival.visitor.messages - 1,
            message: 0,
            waiting_since: Some(self.now),
            also_waiting: Waiting::NONE,
            need: arrival.need,
            answered: false,
            picked_up_at: None,
            agent_has_replied: false,
            on_pile: false,
            visitor_writes_at: SimTime::NEVER,
            gives_up_at: SimTime::NEVER,
            closes_at: SimTime::NEVER,
        });
        let Some(agent) = decision.agent else {
            // An email to nobody, since no active agent is left: nobody will ever answer it.
            let fact = Observation::LeftOpen { case: &case, way: Way::Email, answered: false };
            self.recorder.record(self.now, &fact);
            self.forget(slot);
            return;
        };
        if phase == Phase::Email {
            self.desks.put(agent, Tray::Emails, slot);
            self.conversations.of_mut(slot).on_pile = true;
            self.look_at_desk(agent);
            return;
        }
        if arrival.visitor.patience != SimDuration::FOREVER {
            let gives_up_at = self.now + arrival.visitor.patience;
            self.conversations.of_mut(slot).gives_up_at = gives_up_at;
            self.schedule(gives_up_at, Event::VisitorGivesUp(slot));
        }
        self.settle_next_message(slot, Speaker::Visitor);
        self.put_on_desk(slot);
    }

    fn visitor_writes(&mut self, slot: ConversationId) -> bool {
        let conversation = self.conversations.of_mut(slot);
        if conversation.visitor_writes_at != self.now {
            return false;
        }
        conversation.visitor_writes_at = SimTime::NEVER;
        let (case, conduct, number) =
            (conversation.case, conversation.conduct, conversation.message);
        self.work.draws += 2;
        let decision = self.decide(Message {
            conversation: slot,
            chatflow: case.chatflow,
            // The conversation is open: who writes is known by it.
            writer: None,
            visitor: VisitorFacts::default(),
            leaves_email: false,
            lot: conduct.lot(number),
        });
        self.further_message(&decision, Need::Quantile(conduct.work(number)), false);
        self.settle_next_message(slot, Speaker::Visitor);
        true
    }

    /// A visitor's message to an open conversation, decided.
    fn further_message(&mut self, decision: &Decision, need: Need, joined: bool) {
        let slot = decision.conversation;
        let agent = decision.agent.expect("an open conversation has an agent");
        let present = self.desks.of(agent).attended();
        let conversation = self.conversations.of_mut(slot);
        let case = conversation.case;
        let from = conversation.agent.expect("an open conversation has an agent");
        let fact =
            Observation::VisitorWrote { case: &case, from, decision: *decision, present, joined };
        self.recorder.record(self.now, &fact);
        // A message that joins a conversation which was about to close keeps it open.
        conversation.closes_at = SimTime::NEVER;
        if conversation.waiting_since.is_none() {
            conversation.waiting_since = Some(self.now);
            conversation.need = need;
        } else {
            self.waiting.push(&mut conversation.also_waiting, self.now);
        }
        match decision.outcome {
            Outcome::Reassigned(_) => {
                self.take_off_desk(slot, from);
                let conversation = self.conversations.of_mut(slot);
                conversation.agent = Some(agent);
                conversation.assigned_at = self.now;
                conversation.agent_has_replied = false;
                self.look_at_desk(from);
            }
            Outcome::Kept(_) => {}
            other => unreachable!("a further message is not {other:?}"),
        }
        self.put_on_desk(slot);
    }

    fn visitor_gives_up(&mut self, slot: ConversationId) -> bool {
        let conversation = self.conversations.of(slot);
        if conversation.gives_up_at != self.now {
            return false;
        }
        let (case, agent) = (conversation.case, conversation.agent);
        self.recorder.record(self.now, &Observation::Abandoned { case: &case, agent });
        let agent = agent.expect("an open chat has an agent");
        self.take_off_desk(slot, agent);
        self.engine.apply(&Input::Forget(slot), &mut self.answers);
        self.forget(slot);
        self.look_at_desk(agent);
        true
    }

    /// After a message: who writes next, and if it is the visitor, when. What an agent writes next
    /// is on the desk already, or is put there.
    fn settle_next_message(&mut self, slot: ConversationId, wrote: Speaker) {
        let scenario = self.world.scenario;
        let conversation = self.conversations.of_mut(slot);
        if conversation.messages_left == 0 {
            // The visitor's last message still gets its answer; the agent's last one is the end.
            if wrote == Speaker::Agent && conversation.waiting_since.is_none() {
                self.conversation_is_over(slot);
            }
            return;
        }
        conversation.messages_left -= 1;
        conversation.message += 1;
        let model: &VisitorModel = &scenario.visitors[conversation.population].model;
        let number = conversation.message;
        self.work.draws += 1;
        let same = conversation.conduct.same_speaker(model, number);
        match (wrote, same) {
            (Speaker::Visitor, true) | (Speaker::Agent, false) => {
                self.work.draws += 1;
                let at = self.now + conversation.conduct.think(model, number);
                conversation.visitor_writes_at = at;
                self.schedule(at, Event::VisitorWrites(slot));
            }
            (Speaker::Agent, true) => {
                self.work.draws += 1;
                conversation.need = Need::Quantile(conversation.conduct.work(number));
                self.put_on_desk(slot);
            }
            // The reply to what waits: it is on the desk.
            (Speaker::Visitor, false) => {}
        }
    }

    fn conversation_is_over(&mut self, slot: ConversationId) {
        let conversation = self.conversations.of_mut(slot);
        let after = self.world.scenario.chatflows[conversation.case.chatflow.index()].close_after;
        if after == SimDuration::ZERO {
            self.close(slot);
        } else {
            let at = self.now + after;
            conversation.closes_at = at;
            self.schedule(at, Event::ConversationCloses(slot));
        }
    }

    fn close(&mut self, slot: ConversationId) {
        let conversation = self.conversations.of(slot);
        let agent = conversation.agent.expect("an open chat has an agent");
        let case = conversation.case;
        self.engine.apply(&Input::Forget(slot), &mut self.answers);
        self.recorder.record(self.now, &Observation::Closed { case: &case, agent });
        self.forget(slot);
    }

    /// Frees the slot of a conversation that has ended.
    fn forget(&mut self, slot: ConversationId) {
        let mut waiting = self.conversations.of(slot).also_waiting;
        while self.waiting.pop(&mut waiting).is_some() {}
        self.conversations.free(slot);
        self.unfinished -= 1;
    }

    // ---- agents at their desks ----

    fn put_on_desk(&mut self, slot: ConversationId) {
        let conversation = self.conversations.of_mut(slot);
        let agent = conversation.agent.expect("an open chat has an agent");
        let in_hand = self.desks.of(agent).in_hand.map(|(work, _)| work);
        // One reply answers all that waits.
        if !conversation.on_pile && in_hand != Some(Work::Chat(slot)) {
            conversation.on_pile = true;
            self.desks.put(agent, Tray::Chats, slot);
            self.look_at_desk(agent);
        }
    }

    /// Drops the work on a conversation, wherever on its agent's desk it is.
    fn take_off_desk(&mut self, slot: ConversationId, agent: AgentId) {
        let conversation = self.conversations.of_mut(slot);
        if std::mem::take(&mut conversation.on_pile) {
            self.desks.take(agent, Tray::Chats, slot);
        } else if let Some((Work::Chat(in_hand), _)) = self.desks.of(agent).in_hand
            && in_hand == slot
        {
            self.desks.of_mut(agent).in_hand = None;
            self.recorder.record(self.now, &Observation::BusyChanged { agent, busy: false });
        }
    }

    /// The agent takes up what is to be done next, if anything has changed that.
    fn look_at_desk(&mut self, agent: AgentId) {
        let desk = self.desks.of(agent);
        let attended = desk.attended();
        let chat = self.desks.first(agent, Tray::Chats);
        match desk.in_hand {
            // The reply being written is finished, here or not.
            Some((Work::Chat(_), _)) => return,
            Some((Work::Email(_), _)) if attended && chat.is_none() => return,
            // An email yields at once to a chat, and to leaving the desk.
            Some((Work::Email(_), _)) => {
                let put_down = self.desks.put_down_email(agent, self.now);
                let (email, left) = put_down.expect("an email is in hand");
                self.conversations.of_mut(email).need = Need::Left(left);
                self.recorder.record(self.now, &Observation::BusyChanged { agent, busy: false });
            }
            None => {}
        }
        if !attended {
            return;
        }
        if let Some(chat) = chat {
            self.desks.take(agent, Tray::Chats, chat);
            self.begin_chat(agent, chat);
        } else if let Some(email) = self.desks.first(agent, Tray::Emails) {
            let length = self.length_of(agent, email, Tray::Emails);
            self.begin(agent, Work::Email(email), length);
        }
    }

    fn begin_chat(&mut self, agent: AgentId, chat: ConversationId) {
        let length = self.length_of(agent, chat, Tray::Chats);
        let conversation = self.conversations.of_mut(chat);
        conversation.on_pile = false;
        if conversation.picked_up_at.is_none() {
            conversation.picked_up_at = Some(self.now);
            let case = &conversation.case;
            let waited = self.now.since(case.began_at);
            self.recorder.record(self.now, &Observation::PickedUp { case, agent, waited });
        }
        self.begin(agent, Work::Chat(chat), length);
    }

    fn length_of(&self, agent: AgentId, slot: ConversationId, tray: Tray) -> SimDuration {
        let conversation = self.conversations.of(slot);
        let habits = &self.world.scenario.agents[agent.index()].habits;
        let law = match tray {
            Tray::Emails => &habits.email_reply,
            Tray::Chats if conversation.agent_has_replied => &habits.reply,
            Tray::Chats => &habits.first_reply,
        };
        match conversation.need {
            Need::Quantile(u) => law.quantile(u),
            Need::Fixed(length) | Need::Left(length) => length,
        }
    }

    fn begin(&mut self, agent: AgentId, work: Work, length: SimDuration) {
        let done_at = self.now + length;
        self.desks.of_mut(agent).in_hand = Some((work, done_at));
        self.recorder.record(self.now, &Observation::BusyChanged { agent, busy: true });
        self.schedule(done_at, Event::AgentFinishes(agent));
    }

    fn agent_finishes(&mut self, agent: AgentId) -> bool {
        let work = match self.desks.of(agent).in_hand {
            Some((work, done_at)) if done_at == self.now => work,
            _ => return false,
        };
        self.desks.of_mut(agent).in_hand = None;
        self.recorder.record(self.now, &Observation::BusyChanged { agent, busy: false });
        match work {
            Work::Chat(chat) => self.chat_is_answered(agent, chat),
            Work::Email(email) => self.email_is_answered(agent, email),
        }
        self.look_at_desk(agent);
        true
    }

    fn chat_is_answered(&mut self, agent: AgentId, chat: ConversationId) {
        let clocks = self.clocks(agent, chat);
        let conversation = self.conversations.of_mut(chat);
        let case = &conversation.case;
        if let Some(since) = conversation.waiting_since.take() {
            if conversation.answered {
                let waited = self.now.since(since);
                self.recorder.record(self.now, &Observation::Replied { case, agent, waited });
            } else {
                let fact = Observation::FirstReply { case, agent, way: Way::Chat, clocks };
                self.recorder.record(self.now, &fact);
            }
            while let Some(since) = self.waiting.pop(&mut conversation.also_waiting) {
                let waited = self.now.since(since);
                self.recorder.record(self.now, &Observation::Replied { case, agent, waited });
            }
            conversation.answered = true;
            conversation.gives_up_at = SimTime::NEVER;
        }
        conversation.agent_has_replied = true;
        // While the visitor goes on writing, a reply in between settles nothing.
        if conversation.visitor_writes_at == SimTime::NEVER {
            self.settle_next_message(chat, Speaker::Agent);
        }
    }

    fn email_is_answered(&mut self, agent: AgentId, email: ConversationId) {
        let clocks = self.clocks(agent, email);
        let case = self.conversations.of(email).case;
        let fact = Observation::FirstReply { case: &case, agent, way: Way::Email, clocks };
        self.recorder.record(self.now, &fact);
        self.desks.take(agent, Tray::Emails, email);
        self.forget(email);
    }

    fn clocks(&self, agent: AgentId, slot: ConversationId) -> ResponseClocks {
        let conversation = self.conversations.of(slot);
        let Case { began_at, chatflow, .. } = conversation.case;
        ResponseClocks {
            elapsed: self.now.since(began_at),
            team: self.world.list_hours(chatflow).open_between(began_at, self.now),
            agent: self.world.schedule(agent).open_between(began_at, self.now),
            since_assignment: self.now.since(conversation.assigned_at),
            answer_wait: conversation.picked_up_at.unwrap_or(self.now).since(began_at),
        }
    }

    // ---- the engine ----

    /// Tells the engine something that has exactly one answer.
    fn tell(&mut self, input: Input) -> Answer {
        self.engine.apply(&input, &mut self.answers);
        assert_eq!(self.answers.len(), 1, "one answer to {input:?}");
        self.answers[0]
    }

    fn decide(&mut self, message: Message) -> Decision {
        self.work.decisions += 1;
        match self.tell(Input::Message(message)) {
            Answer::Decided(decision) => decision,
            other => unreachable!("a message is decided, not {other:?}"),
        }
    }
}
