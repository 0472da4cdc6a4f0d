//! What the engine answers: closed lists of outcomes and reasons, whose names are those of the
//! output files.

use crate::ids::{AgentId, ChatflowId, ConversationId, closed_list};

/// Everything the engine says.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Answer {
    /// whose face a page load shows; `None` for the team's.
    Greeted(Option<AgentId>),
    /// What becomes of a message.
    Decided(Decision),
    /// An agent has become eligible on a chatflow's list, or is no longer.
    EligibleChanged {
        /// Whose list.
        chatflow: ChatflowId,
        /// Who.
        agent: AgentId,
        /// From now on.
        eligible: bool,
    },
}

/// What becomes of one message, and why.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Decision {
    /// The conversation; if the message joined another one, that one.
    pub conversation: ConversationId,
    /// What and why.
    pub outcome: Outcome,
    /// The agent who has the conversation now, or gets the email.
    pub agent: Option<AgentId>,
    /// How many agents of the list were eligible just before.
    pub eligible: u32,
}

closed_list! {
    /// Why an agent was given a conversation.
    AssignedReason {
        /// the owner is online.
        Owner = "owner",
        /// The box is off and the list decides.
        Rotation = "rotation",
        /// nobody owns the visitor.
        Unowned = "unowned",
        /// owned, but no cookie says so.
        Untracked = "untracked",
        /// the owner is deactivated.
        Orphan = "orphan",
        /// the owner is not online, or full, and the setting says the list.
        OwnerUnavailable = "owner_unavailable",
        /// from the queue.
        Queue = "queue",
        /// the visitor wrote again after the close.
        Reopened = "reopened",
        /// given although not eligible, because the setting says so.
        Forced = "forced",
    }
}

closed_list! {
    /// Why a conversation moved.
    ReassignedReason {
        /// its agent is away with reassign replies on.
        Away = "away",
        /// no reply in time.
        NoAnswer = "no_answer",
        /// its agent is deactivated.
        Deactivated = "deactivated",
        /// its agent's hours are over and the setting says so.
        HoursEnd = "hours_end",
        /// reopened, and its agent is not there.
        Reopened = "reopened",
    }
}

closed_list! {
    /// Why a conversation stayed where it was.
    KeptReason {
        /// The agent is there.
        Reply = "reply",
        /// a message joined an open conversation whose agent is there.
        Joined = "joined",
        /// the agent is away without reassign replies.
        ReplyToAway = "reply_to_away",
        /// the agent's hours are over.
        ReplyOutOfHours = "reply_out_of_hours",
        /// the agent's connection is lost.
        ReplyToDisconnected = "reply_to_disconnected",
        /// nobody else is eligible; the agent is emailed too.
        ReassignFailed = "reassign_failed",
    }
}

closed_list! {
    /// Why a conversation waits.
    QueuedReason {
        ///
        NobodyOnline = "nobody_online",
        ///
        AllAtCapacity = "all_at_capacity",
        ///
        ChatflowClosed = "chatflow_closed",
        ///
        ReassignFailed = "reassign_failed",
    }
}

closed_list! {
    /// why a message became an email, or was lost for want of an address.
    EmailReason {
        /// the owner is not online.
        OwnerOffline = "owner_offline",
        /// the owner is deactivated.
        Orphan = "orphan",
        /// nobody of the list is online.
        NobodyOnline = "nobody_online",
        /// all of the list are full.
        AllAtCapacity = "all_at_capacity",
        /// outside the chatflow's hours.
        ChatflowClosed = "chatflow_closed",
        /// the queue is full.
        QueueFull = "queue_full",
        /// waited too long.
        QueueTimeout = "queue_timeout",
        /// the last agent of the list went home.
        QueueClosed = "queue_closed",
        /// a reply that nobody else could take.
        ReassignFailed = "reassign_failed",
    }
}

closed_list! {
    /// Why a visitor was turned away.
    RefusedReason {
        ///
        NobodyOnline = "nobody_online",
        ///
        AllAtCapacity = "all_at_capacity",
        ///
        ChatflowClosed = "chatflow_closed",
        ///
        QueueFull = "queue_full",
    }
}

/// What becomes of a message.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// An agent got the conversation.
    Assigned(AssignedReason),
    /// The conversation moved to another agent.
    Reassigned(ReassignedReason),
    /// It stayed with its agent.
    Kept(KeptReason),
    /// It waits for an agent.
    Queued(QueuedReason),
    /// It became an email to an agent.
    Emailed(EmailReason),
    /// It would have become an email, but there is no address.
    Lost(EmailReason),
    /// The visitor was turned away.
    Refused(RefusedReason),
}

impl Outcome {
    /// The outcome's name in files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Assigned(_) => "assigned",
            Self::Reassigned(_) => "reassigned",
            Self::Kept(_) => "kept",
            Self::Queued(_) => "queued",
            Self::Emailed(_) => "emailed",
            Self::Lost(_) => "lost",
            Self::Refused(_) => "refused",
        }
    }

    /// The reason's name in files.
    #[must_use]
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Assigned(reason) => reason.name(),
            Self::Reassigned(reason) => reason.name(),
            Self::Kept(reason) => reason.name(),
            Self::Queued(reason) => reason.name(),
            Self::Emailed(reason) | Self::Lost(reason) => reason.name(),
            Self::Refused(reason) => reason.name(),
        }
    }
}
