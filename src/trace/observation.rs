//! The closed list of facts that a simulation tells, and the trait of those who listen.

use crate::ids::{AgentId, ChatflowId, ConversationId};
use crate::routing::Decision;
use crate::time::{SimDuration, SimTime};

/// What does not change about a conversation.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Case {
    /// Counted from 1 in order of first messages, within the replication.
    pub number: u32,
    /// The slot it lives in; another conversation may have it later.
    pub slot: ConversationId,
    /// What was written into.
    pub chatflow: ChatflowId,
    /// When the first message was written.
    pub began_at: SimTime,
    /// The first message lies in the measured period, after the warm-up.
    pub measured: bool,
    /// The contacts database knows the visitor.
    pub known: bool,
    /// A cookie recognises the visitor.
    pub tracked: bool,
    /// The agent the visitor belongs to.
    pub owner: Option<AgentId>,
    /// the owner whose face the widget showed; `None` for the team's.
    pub greeted_by: Option<AgentId>,
    /// Somebody of the chatflow's list was in hours at the first message.
    pub begun_in_hours: bool,
}

/// How an answer reached the visitor.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Way {
    /// In the chat.
    Chat,
    /// By email.
    Email,
}

/// The clocks of a first response.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ResponseClocks {
    /// First message to first reply.
    pub elapsed: SimDuration,
    /// Of that, while some agent of the list was in hours.
    pub team: SimDuration,
    /// Of that, while the agent who answered was in hours.
    pub agent: SimDuration,
    /// Last assignment (or email) to first reply.
    pub since_assignment: SimDuration,
    /// First message to the moment an agent began on it.
    pub answer_wait: SimDuration,
}

/// A fact.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Observation<'a> {
    /// A first message was decided; the decision is final for this message.
    Began {
        /// The conversation that it begins.
        case: &'a Case,
        /// What became of it.
        decision: Decision,
        /// If it went to an agent: the agent is really there, not gone without having said so.
        present: bool,
    },
    /// A further message of the visitor was decided.
    VisitorWrote {
        /// Its conversation.
        case: &'a Case,
        /// Who had the conversation before.
        from: AgentId,
        /// What became of it.
        decision: Decision,
        /// If it moved to an agent: the agent is really there.
        present: bool,
        /// It came as a conversation of its own and joined this open one.
        joined: bool,
    },
    /// An agent began to work on the first message of a conversation, for the first time.
    PickedUp {
        /// The conversation.
        case: &'a Case,
        /// Who.
        agent: AgentId,
        /// From the first message to now.
        waited: SimDuration,
    },
    /// A visitor's message was answered for the first time in its conversation.
    FirstReply {
        /// The conversation.
        case: &'a Case,
        /// Who answered.
        agent: AgentId,
        /// In the chat or by email.
        way: Way,
        /// How long it took.
        clocks: ResponseClocks,
    },
    /// A later message of the visitor was answered.
    Replied {
        /// The conversation.
        case: &'a Case,
        /// Who answered.
        agent: AgentId,
        /// From the message to the reply.
        waited: SimDuration,
    },
    /// The visitor left before the first reply.
    Abandoned {
        /// The conversation.
        case: &'a Case,
        /// Who had it.
        agent: Option<AgentId>,
    },
    /// A conversation was closed after its last reply.
    Closed {
        /// The conversation.
        case: &'a Case,
        /// Who had it.
        agent: AgentId,
    },
    /// The run ended with this conversation open, or with its email unanswered.
    LeftOpen {
        /// The conversation.
        case: &'a Case,
        /// A chat, or an email that waits for its answer.
        way: Way,
        /// A reply had been given.
        answered: bool,
    },
    /// An agent became eligible on a chatflow's list, or ceased to be.
    EligibleChanged {
        /// Whose list.
        chatflow: ChatflowId,
        /// Who.
        agent: AgentId,
        /// From now on.
        eligible: bool,
    },
    /// An agent's office hours began or ended.
    HoursChanged {
        /// Who.
        agent: AgentId,
        /// From now on.
        in_hours: bool,
    },
    /// An agent came online or ceased to be.
    OnlineChanged {
        /// Who.
        agent: AgentId,
        /// From now on.
        online: bool,
    },
    /// An agent began or ceased to work on something.
    BusyChanged {
        /// Who.
        agent: AgentId,
        /// From now on.
        busy: bool,
    },
}

/// Somebody who listens. The simulation stamps each fact with its time, once, and tells them in
/// order of time.
pub trait Recorder {
    /// Takes note of a fact.
    fn record(&mut self, at: SimTime, observation: &Observation<'_>);
}

impl<A: Recorder, B: Recorder> Recorder for (A, B) {
    #[inline]
    fn record(&mut self, at: SimTime, observation: &Observation<'_>) {
        self.0.record(at, observation);
        self.1.record(at, observation);
    }
}

impl<R: Recorder> Recorder for Option<R> {
    #[inline]
    fn record(&mut self, at: SimTime, observation: &Observation<'_>) {
        if let Some(recorder) = self {
            recorder.record(at, observation);
        }
    }
}
