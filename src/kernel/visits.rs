//! What visitors do: they arrive, write on, give up; and how their conversations begin and end.

use crate::ids::{ChatflowId, ContactId, ConversationId, TrafficId};
use crate::random::{Purpose, Streams};
use crate::routing::{Answer, Decision, Input, Message, Outcome, VisitorFacts};
use crate::time::{SimDuration, SimTime};
use crate::trace::{Case, Observation, Recorder, Way};
use crate::workload::{Conduct, ContactFacts, Visitor, VisitorModel};

use super::conversation::{Conversation, Need, Phase, Waiting};
use super::desk::Tray;
use super::event::Event;
use super::simulation::{Simulation, Source};

/// Who wrote a message.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Speaker {
    Visitor,
    Agent,
}

/// Somebody arrives: everything that is settled about them.
pub(super) struct Arrival {
    chatflow: ChatflowId,
    population: usize,
    visitor: Visitor,
    conduct: Conduct,
    writer: Option<ContactId>,
    need: Need,
}

impl<R: Recorder> Simulation<'_, R> {
    pub(super) fn schedule_arrival(&mut self, traffic: TrafficId) {
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

    pub(super) fn visitor_arrives(&mut self, traffic: TrafficId) {
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

    pub(super) fn draw_arrival(&mut self, traffic: TrafficId) -> Arrival {
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

    pub(super) fn conversation_begins(
        &mut self,
        case: Case,
        arrival: &Arrival,
        decision: &Decision,
    ) {
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

    pub(super) fn visitor_writes(&mut self, slot: ConversationId) -> bool {
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
    pub(super) fn further_message(&mut self, decision: &Decision, need: Need, joined: bool) {
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

    pub(super) fn visitor_gives_up(&mut self, slot: ConversationId) -> bool {
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
    pub(super) fn settle_next_message(&mut self, slot: ConversationId, wrote: Speaker) {
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

    pub(super) fn conversation_is_over(&mut self, slot: ConversationId) {
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

    pub(super) fn close(&mut self, slot: ConversationId) {
        let conversation = self.conversations.of(slot);
        let agent = conversation.agent.expect("an open chat has an agent");
        let case = conversation.case;
        self.engine.apply(&Input::Forget(slot), &mut self.answers);
        self.recorder.record(self.now, &Observation::Closed { case: &case, agent });
        self.forget(slot);
    }

    /// Frees the slot of a conversation that has ended.
    pub(super) fn forget(&mut self, slot: ConversationId) {
        let mut waiting = self.conversations.of(slot).also_waiting;
        while self.waiting.pop(&mut waiting).is_some() {}
        self.conversations.free(slot);
        self.unfinished -= 1;
    }
}
