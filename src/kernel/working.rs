//! What agents do at their desks: they take up the oldest chat, put down an email for it, answer.

use crate::ids::{AgentId, ConversationId};
use crate::time::{SimDuration, SimTime};
use crate::trace::{Case, Observation, Recorder, ResponseClocks, Way};

use super::conversation::Need;
use super::desk::{Tray, Work};
use super::event::Event;
use super::simulation::Simulation;
use super::visits::Speaker;

impl<R: Recorder> Simulation<'_, R> {
    pub(super) fn put_on_desk(&mut self, slot: ConversationId) {
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
    pub(super) fn take_off_desk(&mut self, slot: ConversationId, agent: AgentId) {
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
    pub(super) fn look_at_desk(&mut self, agent: AgentId) {
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

    pub(super) fn begin_chat(&mut self, agent: AgentId, chat: ConversationId) {
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

    pub(super) fn length_of(
        &self,
        agent: AgentId,
        slot: ConversationId,
        tray: Tray,
    ) -> SimDuration {
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

    pub(super) fn begin(&mut self, agent: AgentId, work: Work, length: SimDuration) {
        let done_at = self.now + length;
        self.desks.of_mut(agent).in_hand = Some((work, done_at));
        self.recorder.record(self.now, &Observation::BusyChanged { agent, busy: true });
        self.schedule(done_at, Event::AgentFinishes(agent));
    }

    pub(super) fn agent_finishes(&mut self, agent: AgentId) -> bool {
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

    pub(super) fn chat_is_answered(&mut self, agent: AgentId, chat: ConversationId) {
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

    pub(super) fn email_is_answered(&mut self, agent: AgentId, email: ConversationId) {
        let clocks = self.clocks(agent, email);
        let case = self.conversations.of(email).case;
        let fact = Observation::FirstReply { case: &case, agent, way: Way::Email, clocks };
        self.recorder.record(self.now, &fact);
        self.desks.take(agent, Tray::Emails, email);
        self.forget(email);
    }

    pub(super) fn clocks(&self, agent: AgentId, slot: ConversationId) -> ResponseClocks {
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
}
