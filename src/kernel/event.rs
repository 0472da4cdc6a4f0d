//! What can happen: a closed list, each with its rank among events at the same instant.

use crate::ids::{AgentId, ConversationId, TrafficId};

/// Something that is going to happen.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Event {
    /// An agent's office hours begin or end.
    HoursChange(AgentId),
    /// An agent's absence begins or ends.
    AbsenceChanges(AgentId),
    /// An agent finishes the work at hand.
    AgentFinishes(AgentId),
    /// A visitor writes a further message.
    VisitorWrites(ConversationId),
    /// A visitor's patience ends.
    VisitorGivesUp(ConversationId),
    /// A conversation closes some time after its last reply.
    ConversationCloses(ConversationId),
    /// The next visitor of a traffic arrives.
    VisitorArrives(TrafficId),
    /// No more visitors; with `cut` nothing more at all.
    RunEnds,
}

const INDEX_BITS: u32 = 28;

impl Event {
    /// Presence and hours first, then agents' work, then visitors, then timers, then arrivals: a
    /// 9:00 visitor finds the 9:00 office open.
    #[must_use]
    #[inline]
    pub const fn rank(self) -> u8 {
        match self {
            Self::HoursChange(_) | Self::AbsenceChanges(_) => 0,
            Self::AgentFinishes(_) => 1,
            Self::VisitorWrites(_) | Self::VisitorGivesUp(_) => 2,
            Self::ConversationCloses(_) => 3,
            Self::VisitorArrives(_) => 4,
            Self::RunEnds => 5,
        }
    }

    /// The event as four bits of kind and 28 of index.
    ///
    /// # Panics
    ///
    /// If an index does not fit into 28 bits.
    #[must_use]
    #[inline]
    pub(super) fn packed(self) -> u32 {
        let (kind, index) = match self {
            Self::HoursChange(agent) => (0, agent.index()),
            Self::AbsenceChanges(agent) => (1, agent.index()),
            Self::AgentFinishes(agent) => (2, agent.index()),
            Self::VisitorWrites(conversation) => (3, conversation.index()),
            Self::VisitorGivesUp(conversation) => (4, conversation.index()),
            Self::ConversationCloses(conversation) => (5, conversation.index()),
            Self::VisitorArrives(traffic) => (6, traffic.index()),
            Self::RunEnds => (7, 0),
        };
        assert!(index < 1 << INDEX_BITS, "no more than 2^28 agents and open conversations");
        #[expect(clippy::cast_possible_truncation, reason = "asserted just above")]
        let index = index as u32;
        kind << INDEX_BITS | index
    }

    /// The event that [`Event::packed`] packed.
    #[must_use]
    #[inline]
    pub(super) fn unpacked(packed: u32) -> Self {
        let index = (packed & ((1 << INDEX_BITS) - 1)) as usize;
        match packed >> INDEX_BITS {
            0 => Self::HoursChange(AgentId::new(index)),
            1 => Self::AbsenceChanges(AgentId::new(index)),
            2 => Self::AgentFinishes(AgentId::new(index)),
            3 => Self::VisitorWrites(ConversationId::new(index)),
            4 => Self::VisitorGivesUp(ConversationId::new(index)),
            5 => Self::ConversationCloses(ConversationId::new(index)),
            6 => Self::VisitorArrives(TrafficId::new(index)),
            7 => Self::RunEnds,
            kind => unreachable!("no event has kind {kind}"),
        }
    }
}
