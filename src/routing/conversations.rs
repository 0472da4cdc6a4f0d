//! Conversations that the engine knows: open ones and who holds them, those that wait, and closed
//! ones that may be written to again.

use std::collections::HashMap;

use crate::ids::{AgentId, ChatflowId, ContactId, ConversationId};

use super::decision::QueuedReason;
use super::settings::Target;

/// How a conversation stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum State {
    /// I-1: its one agent has it.
    Open(AgentId),
    /// it waits. The number says since when, in the order of coming to wait; `last` is who
    /// had it before, if anybody.
    Waiting { number: u64, reason: QueuedReason, last: Option<AgentId> },
    /// Closed; this agent had it last.
    Closed(AgentId),
}

/// A conversation that the engine knows.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Conversation {
    pub(super) chatflow: ChatflowId,
    /// Who writes, if they may write more than one conversation.
    pub(super) writer: Option<ContactId>,
    /// The target that it came through; none for one that came by the owner rule.
    pub(super) entry: Option<Target>,
    /// The number that came with its first message.
    pub(super) lot: f64,
    /// somebody known, or somebody who would leave an address.
    pub(super) can_be_emailed: bool,
    pub(super) state: State,
}

/// The conversations, by the ids that the engine's caller gives them. Ids that are forgotten may be
/// given again, so the table is no longer than the most that were known at once.
#[derive(Clone, Debug, Default)]
pub(super) struct Conversations {
    table: Vec<Option<Conversation>>,
    /// the open or waiting conversation of a writer. Only looked up, never gone through.
    by_writer: HashMap<(ContactId, ChatflowId), ConversationId>,
}

impl Conversations {
    /// The conversation with this id.
    #[inline]
    pub(super) fn get(&self, conversation: ConversationId) -> Option<&Conversation> {
        self.table.get(conversation.index())?.as_ref()
    }

    /// the open or waiting conversation of this writer in this chatflow.
    #[inline]
    pub(super) fn of_writer(
        &self,
        writer: ContactId,
        chatflow: ChatflowId,
    ) -> Option<ConversationId> {
        self.by_writer.get(&(writer, chatflow)).copied()
    }

    /// Puts a conversation down under an id, in place of what was known under it.
    ///
    /// # Panics
    ///
    /// If its writer has another one open or waiting in this chatflow (I-4).
    pub(super) fn put(&mut self, id: ConversationId, conversation: Conversation) {
        let place = id.index();
        if self.table.len() <= place {
            self.table.resize(place + 1, None);
        }
        if let Some(writer) = conversation.writer {
            let key = (writer, conversation.chatflow);
            if matches!(conversation.state, State::Closed(_)) {
                if self.by_writer.get(&key) == Some(&id) {
                    self.by_writer.remove(&key);
                }
            } else {
                let other = self.by_writer.insert(key, id);
                assert!(
                    other.is_none_or(|other| other == id),
                    "I-4: one open conversation per visitor and chatflow"
                );
            }
        }
        self.table[place] = Some(conversation);
    }

    /// Changes how a conversation stands.
    ///
    /// # Panics
    ///
    /// If it is not known.
    pub(super) fn set(&mut self, id: ConversationId, state: State) {
        let known = self.table[id.index()].as_mut().expect("only known conversations change");
        known.state = state;
        if let (State::Closed(_), Some(writer)) = (state, known.writer) {
            self.by_writer.remove(&(writer, known.chatflow));
        }
    }

    /// Forgets a conversation; nothing happens if it is not known.
    pub(super) fn forget(&mut self, id: ConversationId) {
        let Some(known) = self.table.get_mut(id.index()).and_then(Option::take) else { return };
        if let (false, Some(writer)) = (matches!(known.state, State::Closed(_)), known.writer) {
            self.by_writer.remove(&(writer, known.chatflow));
        }
    }
}
