//! What the engine is told: commands, without a time.

use crate::ids::{AgentId, ChatflowId, ContactId, ConversationId};

use super::ownership::VisitorFacts;
use super::presence::PresenceChange;
use super::settings::Target;

/// A visitor writes.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Message {
    /// An id of the caller's. One that the engine does not know means a first message.
    pub conversation: ConversationId,
    /// What is written into; ignored for a conversation that the engine knows.
    pub chatflow: ChatflowId,
    /// Who writes, if they may write more than one conversation; R-49 is about these.
    pub writer: Option<ContactId>,
    /// What is known of them.
    pub visitor: VisitorFacts,
    /// whether somebody unknown would leave an address.
    pub leaves_email: bool,
    /// A number in `[0, 1)` for what draws lots; the engine has no randomness of its own. A
    /// conversation keeps that of its first message for when it is moved or leaves the queue.
    pub lot: f64,
}

/// What the engine is told.
#[derive(Clone, PartialEq, Debug)]
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
    /// A conversation ends, or one that waits is given up. It may be written to again.
    Close(ConversationId),
    /// A conversation that is closed will not be written to again; its id may be used anew. One
    /// that is open is closed by it.
    Forget(ConversationId),
    /// An agent's presence changes.
    Presence(AgentId, PresenceChange),
    /// An agent's capacity changes.
    Capacity(AgentId, u32),
    /// a chatflow's own office hours begin or end. Chatflows begin open.
    ChatflowHours {
        /// Whose.
        chatflow: ChatflowId,
        /// From now on.
        open: bool,
    },
    /// a conversation has had no reply in time.
    NoAnswer(ConversationId),
    /// a conversation has waited too long.
    Timeout(ConversationId),
    /// the timer of one chatflow's queue, or of all.
    Tick(Option<ChatflowId>),
    /// somebody edits a routing list.
    EditList(ChatflowId, Vec<Target>),
}
