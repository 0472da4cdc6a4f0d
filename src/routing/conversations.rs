//! Open conversations and who holds them.

use std::collections::HashMap;

use crate::ids::{AgentId, ChatflowId, ContactId, ConversationId};

/// An open conversation.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Open {
    /// I-1: its one agent.
    pub agent: AgentId,
    /// What it was written into.
    pub chatflow: ChatflowId,
    /// Who writes, if they may write more than one conversation.
    pub writer: Option<ContactId>,
}

/// The open conversations, by the ids that the engine's caller gives them. Ids of conversations that
/// have ended may be given again, so the table is no longer than the most that were open at once.
#[derive(Clone, Debug, Default)]
pub(super) struct Conversations {
    table: Vec<Option<Open>>,
    /// Only looked up, never gone through.
    by_writer: HashMap<(ContactId, ChatflowId), ConversationId>,
    /// Open conversations of each agent.
    held: Vec<u32>,
}

impl Conversations {
    /// None yet, for `agents` agents.
    #[must_use]
    pub(super) fn new(agents: usize) -> Self {
        Self { held: vec![0; agents], ..Self::default() }
    }

    /// The open conversation with this id.
    #[must_use]
    #[inline]
    pub(super) fn get(&self, conversation: ConversationId) -> Option<Open> {
        self.table.get(conversation.index()).copied().flatten()
    }

    /// the open conversation of this writer in this chatflow.
    #[must_use]
    #[inline]
    pub(super) fn of_writer(
        &self,
        writer: ContactId,
        chatflow: ChatflowId,
    ) -> Option<ConversationId> {
        self.by_writer.get(&(writer, chatflow)).copied()
    }

    /// Opens a conversation.
    ///
    /// # Panics
    ///
    /// If one with this id, or of this writer in this chatflow (I-4), is open.
    pub(super) fn open(&mut self, conversation: ConversationId, open: Open) {
        let place = conversation.index();
        if self.table.len() <= place {
            self.table.resize(place + 1, None);
        }
        assert!(self.table[place].is_none(), "{conversation:?} is open already");
        self.table[place] = Some(open);
        self.held[open.agent.index()] += 1;
        if let Some(writer) = open.writer {
            let other = self.by_writer.insert((writer, open.chatflow), conversation);
            assert!(other.is_none(), "I-4: one open conversation per visitor and chatflow");
        }
    }

    /// Gives an open conversation to another agent.
    ///
    /// # Panics
    ///
    /// If it is not open.
    pub(super) fn give(&mut self, conversation: ConversationId, agent: AgentId) {
        let open = self.table[conversation.index()].as_mut().expect("only open conversations move");
        self.held[open.agent.index()] -= 1;
        open.agent = agent;
        self.held[agent.index()] += 1;
    }

    /// Ends a conversation; nothing happens if it is not open.
    pub(super) fn close(&mut self, conversation: ConversationId) {
        let Some(entry) = self.table.get_mut(conversation.index()) else { return };
        let Some(open) = entry.take() else { return };
        self.held[open.agent.index()] -= 1;
        if let Some(writer) = open.writer {
            self.by_writer.remove(&(writer, open.chatflow));
        }
    }
}
