//! What the kernel keeps of a conversation while it is alive, and the slots they live in.

use crate::ids::{AgentId, ConversationId};
use crate::time::{SimDuration, SimTime};
use crate::trace::Case;
use crate::workload::Conduct;

/// How far a conversation has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Phase {
    /// The slot is free.
    Free,
    /// An open chat.
    Chat,
    /// An email that waits for its answer.
    Email,
}

/// How much work a message asks for.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) enum Need {
    /// This quantile of the answering agent's distribution.
    Quantile(f64),
    /// Recorded.
    Fixed(SimDuration),
    /// What is left after an interruption.
    Left(SimDuration),
}

/// A conversation that is alive.
#[derive(Clone, Debug)]
pub(super) struct Conversation {
    pub(super) case: Case,
    pub(super) conduct: Conduct,
    /// Which visitor population.
    pub(super) population: usize,
    pub(super) phase: Phase,
    /// Who has it, or gets the email.
    pub(super) agent: Option<AgentId>,
    /// When the agent got it.
    pub(super) assigned_at: SimTime,
    /// Messages still to come after the last one, both sides together.
    pub(super) messages_left: u32,
    /// Number of the last message that the visitor's script has settled, from 0.
    pub(super) message: u32,
    /// The oldest visitor message without a reply.
    pub(super) waiting_since: Option<SimTime>,
    /// Later visitor messages without a reply, latest first.
    pub(super) also_waiting: Waiting,
    /// The work on the message to be written next by the agent.
    pub(super) need: Need,
    /// A reply was given.
    pub(super) answered: bool,
    /// When an agent began on the first message.
    pub(super) picked_up_at: Option<SimTime>,
    /// The agent who has it now has replied.
    pub(super) agent_has_replied: bool,
    /// Lies on its agent's pile.
    pub(super) on_pile: bool,
    /// When the visitor writes next; [`SimTime::NEVER`] while it is the agent's turn.
    pub(super) visitor_writes_at: SimTime,
    /// When the visitor's patience ends.
    pub(super) gives_up_at: SimTime,
    /// When it closes.
    pub(super) closes_at: SimTime,
}

/// A list of times in a [`WaitingMessages`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Waiting(u32);

impl Waiting {
    pub(super) const NONE: Self = Self(u32::MAX);
}

/// The times of visitor messages that wait behind an older one of the same conversation: linked
/// lists in one table, so that a burst of messages costs no allocation.
#[derive(Debug, Default)]
pub(super) struct WaitingMessages {
    entries: Vec<(SimTime, Waiting)>,
    free: Vec<u32>,
}

impl WaitingMessages {
    /// Adds a time to a list.
    pub(super) fn push(&mut self, list: &mut Waiting, at: SimTime) {
        let entry = (at, *list);
        *list = match self.free.pop() {
            Some(place) => {
                self.entries[place as usize] = entry;
                Waiting(place)
            }
            None => {
                self.entries.push(entry);
                Waiting(
                    u32::try_from(self.entries.len() - 1).expect("fewer than 2^32 messages wait"),
                )
            }
        };
    }

    /// Takes the latest time off a list.
    pub(super) fn pop(&mut self, list: &mut Waiting) -> Option<SimTime> {
        if *list == Waiting::NONE {
            return None;
        }
        let place = list.0;
        let (at, rest) = self.entries[place as usize];
        self.free.push(place);
        *list = rest;
        Some(at)
    }
}

/// The conversations that are alive, in slots that are used again.
#[derive(Debug, Default)]
pub(super) struct Conversations {
    slots: Vec<Conversation>,
    free: Vec<ConversationId>,
}

impl Conversations {
    /// The slot that the next conversation will have.
    pub(super) fn next_slot(&self) -> ConversationId {
        self.free.last().copied().unwrap_or_else(|| ConversationId::new(self.slots.len()))
    }

    /// Puts a conversation into [`Conversations::next_slot`].
    pub(super) fn add(&mut self, conversation: Conversation) {
        match self.free.pop() {
            Some(slot) => self.slots[slot.index()] = conversation,
            None => self.slots.push(conversation),
        }
    }

    /// Frees a slot.
    pub(super) fn free(&mut self, slot: ConversationId) {
        let conversation = &mut self.slots[slot.index()];
        assert_ne!(conversation.phase, Phase::Free, "a slot is freed once");
        conversation.phase = Phase::Free;
        // What was scheduled for this conversation must not happen to the next one in its slot.
        conversation.visitor_writes_at = SimTime::NEVER;
        conversation.gives_up_at = SimTime::NEVER;
        conversation.closes_at = SimTime::NEVER;
        self.free.push(slot);
    }

    #[inline]
    pub(super) fn of(&self, slot: ConversationId) -> &Conversation {
        &self.slots[slot.index()]
    }

    #[inline]
    pub(super) fn of_mut(&mut self, slot: ConversationId) -> &mut Conversation {
        &mut self.slots[slot.index()]
    }

    /// Those that are alive, in order of slots.
    pub(super) fn alive(&self) -> impl Iterator<Item = &Conversation> {
        self.slots.iter().filter(|conversation| conversation.phase != Phase::Free)
    }
}
