//! Input → decisions: the only place where the rules meet.

use crate::ids::{AgentId, ChatflowId, ContactId, ConversationId};

use super::conversations::{Conversations, Open};
use super::decision::{
    Answer, AssignedReason, Decision, EmailReason, KeptReason, Outcome, ReassignedReason,
};
use super::eligible::SlotSet;
use super::ownership::{self, Ruling, VisitorFacts};
use super::presence::{Presence, PresenceChange};
use super::roster::{Memberships, flat_slots, lead_slots};
use super::rotation::Rotation;
use super::settings::Setup;

/// A visitor writes.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Message {
    /// An id of the caller's; one that is not open means a first message.
    pub conversation: ConversationId,
    /// What is written into.
    pub chatflow: ChatflowId,
    /// Who writes, if they may write more than one conversation; R-49 is about these.
    pub writer: Option<ContactId>,
    /// What is known of them.
    pub visitor: VisitorFacts,
    /// whether somebody unknown would leave an address.
    pub leaves_email: bool,
    /// A number in `[0, 1)` for what draws lots; the engine has no randomness of its own.
    pub lot: f64,
}

/// What the engine is told.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Input {
    /// A page with the chat widget loads.
    Load {
        /// Whose widget.
        chatflow: ChatflowId,
        /// For whom.
        visitor: VisitorFacts,
    },
    /// A visitor writes.
    Message(Message),
    /// A conversation ends.
    Close(ConversationId),
    /// An agent's presence changes.
    Presence(AgentId, PresenceChange),
}

/// What the engine knows about one chatflow.
#[derive(Clone, Debug)]
struct Flow {
    route_to_owner: bool,
    /// who is in which slot.
    slots: Vec<AgentId>,
    /// the slots whose agent is eligible.
    eligible: SlotSet,
    rotation: Rotation,
    lead_slots: Vec<AgentId>,
    /// the lead slots whose agent is active.
    lead_eligible: SlotSet,
    lead_rotation: Rotation,
}

/// The routing engine.
///
/// It has no clock, no randomness and no files: the same inputs give the same answers (I-8).
#[derive(Clone, Debug)]
pub struct Engine {
    presence: Vec<Presence>,
    lists: Memberships,
    lead_lists: Memberships,
    flows: Vec<Flow>,
    conversations: Conversations,
}

impl Engine {
    /// An engine in which every agent is active, connected, in hours and not away.
    ///
    /// # Panics
    ///
    /// If an id of the setup points to nothing.
    #[must_use]
    pub fn new(setup: &Setup) -> Self {
        let flows: Vec<Flow> = setup
            .chatflows
            .iter()
            .enumerate()
            .map(|(index, settings)| {
                let slots = flat_slots(&settings.route_to, &setup.teams, setup.agents);
                let lead_slots = lead_slots(ChatflowId::new(index), setup);
                Flow {
                    route_to_owner: settings.route_to_owner,
                    eligible: full(slots.len()),
                    slots,
                    rotation: Rotation::new(settings.rotation),
                    lead_eligible: full(lead_slots.len()),
                    lead_slots,
                    lead_rotation: Rotation::new(settings.email_leads.by),
                }
            })
            .collect();
        let lists = Memberships::new(setup.agents, flows.iter().map(|flow| flow.slots.as_slice()));
        let lead_lists =
            Memberships::new(setup.agents, flows.iter().map(|flow| flow.lead_slots.as_slice()));
        Self {
            presence: vec![Presence::INITIAL; setup.agents],
            lists,
            lead_lists,
            flows,
            conversations: Conversations::new(setup.agents),
        }
    }

    /// Tells the engine what happened. Its answers, in order, replace what `answers` held: none
    /// for a close, one decision for a message, changes of eligible sets for presence.
    ///
    /// # Panics
    ///
    /// If an id points to nothing.
    pub fn apply(&mut self, input: Input, answers: &mut Vec<Answer>) {
        answers.clear();
        match input {
            Input::Load { chatflow, visitor } => {
                let box_ticked = self.flows[chatflow.index()].route_to_owner;
                let face = ownership::greeting(box_ticked, visitor, &self.presence);
                answers.push(Answer::Greeted(face));
            }
            Input::Message(message) => answers.push(Answer::Decided(self.message(&message))),
            Input::Close(conversation) => self.conversations.close(conversation),
            Input::Presence(agent, change) => self.presence_changes(agent, change, answers),
        }
    }

    /// The slots of a chatflow's list, in order.
    #[must_use]
    pub fn slots(&self, chatflow: ChatflowId) -> &[AgentId] {
        &self.flows[chatflow.index()].slots
    }

    /// An agent's presence.
    #[must_use]
    pub fn presence(&self, agent: AgentId) -> Presence {
        self.presence[agent.index()]
    }

    /// R-49 tells a first message from a reply and from one that joins.
    #[inline]
    fn message(&mut self, message: &Message) -> Decision {
        if let Some(open) = self.conversations.get(message.conversation) {
            return self.reply(message.conversation, open, message.lot, KeptReason::Reply);
        }
        let joined = message.writer.and_then(|w| self.conversations.of_writer(w, message.chatflow));
        if let Some(conversation) = joined {
            let open = self.conversations.get(conversation).expect("R-49 finds only open ones");
            return self.reply(conversation, open, message.lot, KeptReason::Joined);
        }
        self.first_message(message)
    }

    fn first_message(&mut self, message: &Message) -> Decision {
        let flow = &mut self.flows[message.chatflow.index()];
        let eligible = flow.eligible.len();
        let (outcome, agent) =
            match ownership::rule(flow.route_to_owner, message.visitor, &self.presence) {
                Ruling::Owner(owner) => (Outcome::Assigned(AssignedReason::Owner), Some(owner)),
                Ruling::EmailOwner(owner) => {
                    (Outcome::Emailed(EmailReason::OwnerOffline), Some(owner))
                }
                Ruling::List(reason) => match flow.pick(message.lot) {
                    Some(agent) => (Outcome::Assigned(reason), Some(agent)),
                    None => flow.email_lead(message, EmailReason::NobodyOnline),
                },
            };
        if let (Outcome::Assigned(_), Some(agent)) = (outcome, agent) {
            assert!(self.presence[agent.index()].online(), "I-2: {agent:?} is not eligible");
            let (chatflow, writer) = (message.chatflow, message.writer);
            self.conversations.open(message.conversation, Open { agent, chatflow, writer });
        }
        Decision { conversation: message.conversation, outcome, agent, eligible }
    }

    /// a visitor's message to an open conversation. `there` is the reason for staying
    /// with an agent who is there.
    fn reply(
        &mut self,
        conversation: ConversationId,
        open: Open,
        lot: f64,
        there: KeptReason,
    ) -> Decision {
        let presence = self.presence[open.agent.index()];
        let eligible = self.flows[open.chatflow.index()].eligible.len();
        let stays = |reason| (Outcome::Kept(reason), open.agent);
        let (outcome, agent) = if !presence.active() {
            self.move_on(conversation, open, lot, ReassignedReason::Deactivated)
        } else if presence.away() && presence.reassign_replies() {
            self.move_on(conversation, open, lot, ReassignedReason::Away)
        } else if presence.away() {
            stays(KeptReason::ReplyToAway)
        } else if !presence.in_hours() {
            stays(KeptReason::ReplyOutOfHours)
        } else if !presence.connected() {
            stays(KeptReason::ReplyToDisconnected)
        } else {
            stays(there)
        };
        Decision { conversation, outcome, agent: Some(agent), eligible }
    }

    /// to the next of the list, by the same rotation as first messages.
    fn move_on(
        &mut self,
        conversation: ConversationId,
        open: Open,
        lot: f64,
        reason: ReassignedReason,
    ) -> (Outcome, AgentId) {
        let Some(agent) = self.flows[open.chatflow.index()].pick(lot) else {
            return (Outcome::Kept(KeptReason::ReassignFailed), open.agent);
        };
        assert!(self.presence[agent.index()].online(), "I-2: {agent:?} is not eligible");
        // Who is away or deactivated is not online and so not eligible: no need to exclude them.
        assert_ne!(agent, open.agent, "R-41: the agent who is gone is excluded");
        self.conversations.give(conversation, agent);
        (Outcome::Reassigned(reason), agent)
    }

    fn presence_changes(
        &mut self,
        agent: AgentId,
        change: PresenceChange,
        answers: &mut Vec<Answer>,
    ) {
        let before = self.presence[agent.index()];
        let after = before.after(change);
        self.presence[agent.index()] = after;
        if before.online() != after.online() {
            for place in self.lists.of(agent) {
                let eligible = after.online();
                self.flows[place.chatflow.index()].eligible.set(place.slot as usize, eligible);
                answers.push(Answer::EligibleChanged { chatflow: place.chatflow, agent, eligible });
            }
        }
        if before.active() != after.active() {
            for place in self.lead_lists.of(agent) {
                let flow = &mut self.flows[place.chatflow.index()];
                flow.lead_eligible.set(place.slot as usize, after.active());
            }
        }
    }
}

impl Flow {
    /// the rotation's next eligible agent.
    #[inline]
    fn pick(&mut self, lot: f64) -> Option<AgentId> {
        self.rotation.pick(&self.eligible, lot).map(|slot| self.slots[slot])
    }

    /// an email lead, or nothing if an unknown visitor leaves no address.
    fn email_lead(&mut self, message: &Message, reason: EmailReason) -> (Outcome, Option<AgentId>) {
        if !message.visitor.known && !message.leaves_email {
            return (Outcome::Lost(reason), None);
        }
        let slot = self.lead_rotation.pick(&self.lead_eligible, message.lot);
        (Outcome::Emailed(reason), slot.map(|slot| self.lead_slots[slot]))
    }
}

fn full(slots: usize) -> SlotSet {
    let mut set = SlotSet::new(slots);
    for slot in 0..slots {
        set.set(slot, true);
    }
    set
}
