//! The sums that measures are made of: counts and distributions, one set for each chatflow and for
//! owned and other visitors, and a smaller one for each agent.

use crate::ids::closed_list;
use crate::routing::EmailReason;
use crate::stats::{Histogram, Tally};
use crate::time::SimDuration;

closed_list! {
    /// What is counted. Everything counts in the period of the conversation's first message.
    Count {
        /// First messages.
        Conversations = "conversations",
        /// Messages that joined an open conversation.
        Joined = "joined",
        /// First messages that went to an agent.
        Assigned = "assigned",
        /// Conversations answered in chat.
        Answered = "answered",
        /// First messages that became an email, by reason of R-33.
        EmailedOwnerOffline = "emailed_owner_offline",
        /// See above.
        EmailedOrphan = "emailed_orphan",
        /// See above.
        EmailedNobodyOnline = "emailed_nobody_online",
        /// See above.
        EmailedAllAtCapacity = "emailed_all_at_capacity",
        /// See above.
        EmailedChatflowClosed = "emailed_chatflow_closed",
        /// See above.
        EmailedQueueFull = "emailed_queue_full",
        /// See above.
        EmailedQueueTimeout = "emailed_queue_timeout",
        /// See above.
        EmailedQueueClosed = "emailed_queue_closed",
        /// Visitor replies that became an email.
        RepliesEmailed = "replies_emailed",
        /// First messages that nobody could answer and that left no address.
        Lost = "lost",
        /// Visitors turned away.
        Refused = "refused",
        /// Visitors who left before the first reply.
        Abandoned = "abandoned",
        /// Chats without a reply when the run ended.
        OpenAtEnd = "open_at_end",
        /// Conversations begun while somebody of the list was in hours.
        InHours = "in_hours",
        /// Of these: emailed.
        InHoursEmailed = "in_hours_emailed",
        /// Of these: emailed while an eligible agent of the list had no open conversation.
        InHoursEmailedIdle = "in_hours_emailed_idle",
        /// Conversations of owned visitors.
        Owned = "owned",
        /// Of these: without a cookie.
        OwnedUntracked = "owned_untracked",
        /// Of these: greeted by the owner, first answered by somebody else.
        AvatarMismatches = "avatar_mismatches",
        /// First messages and reassignments that gave a conversation to an agent.
        Assignments = "assignments",
        /// Of these: to an agent who was not there.
        GhostAssignments = "ghost_assignments",
        /// All moves of a conversation to another agent.
        Reassignments = "reassignments",
        /// Of these: because the agent was away.
        ReassignedAway = "reassigned_away",
        /// Later messages of visitors, those that joined an open conversation included.
        VisitorReplies = "visitor_replies",
        /// Of these: to an agent who was away, whatever became of them.
        RepliesMetAway = "replies_met_away",
        /// Of these: stayed with an agent who was away.
        RepliesToAway = "replies_to_away",
        /// Of these: stayed with an agent who was out of hours.
        RepliesOutOfHours = "replies_out_of_hours",
    }
}

impl Count {
    /// Where an email for this reason counts.
    #[must_use]
    pub const fn emailed(reason: EmailReason) -> Self {
        match reason {
            EmailReason::OwnerOffline => Self::EmailedOwnerOffline,
            EmailReason::Orphan => Self::EmailedOrphan,
            EmailReason::NobodyOnline => Self::EmailedNobodyOnline,
            EmailReason::AllAtCapacity => Self::EmailedAllAtCapacity,
            EmailReason::ChatflowClosed => Self::EmailedChatflowClosed,
            EmailReason::QueueFull => Self::EmailedQueueFull,
            EmailReason::QueueTimeout => Self::EmailedQueueTimeout,
            EmailReason::QueueClosed => Self::EmailedQueueClosed,
            EmailReason::ReassignFailed => Self::RepliesEmailed,
        }
    }
}

/// All counts of a cell.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Counts([u64; Count::ALL.len()]);

impl Default for Counts {
    fn default() -> Self {
        Self([0; Count::ALL.len()])
    }
}

impl Counts {
    /// The value of one count.
    #[must_use]
    #[inline]
    pub const fn of(&self, count: Count) -> u64 {
        self.0[count as usize]
    }

    /// Adds to one count.
    #[inline]
    pub const fn add(&mut self, count: Count, n: u64) {
        self.0[count as usize] += n;
    }

    /// Adds all counts of another cell.
    pub fn merge(&mut self, other: &Self) {
        for (mine, theirs) in self.0.iter_mut().zip(&other.0) {
            *mine += theirs;
        }
    }

    /// First messages that became an email, whatever the reason.
    #[must_use]
    pub fn emailed(&self) -> u64 {
        EmailReason::ALL
            .into_iter()
            .filter(|reason| *reason != EmailReason::ReassignFailed)
            .map(|reason| self.of(Count::emailed(reason)))
            .sum()
    }
}

closed_list! {
    /// Which distribution of lengths of time.
    Dist {
        /// First message to first reply in the chat.
        FirstResponseChat = "first_response_chat",
        /// First message to the answer by email.
        FirstResponseEmail = "first_response_email",
        /// As the first, counting only time in which some agent of the list was in hours.
        FirstResponseTeamChat = "first_response_team_chat",
        /// The same by email.
        FirstResponseTeamEmail = "first_response_team_email",
        /// As the first, counting only the answering agent's hours.
        FirstResponseAgentChat = "first_response_agent_chat",
        /// The same by email.
        FirstResponseAgentEmail = "first_response_agent_email",
        /// First message to the moment an agent began on it.
        AnswerWait = "answer_wait",
        /// Last assignment to first reply.
        SinceAssignment = "since_assignment",
        /// Later visitor message to the reply to it.
        Reply = "reply",
        /// First message to close.
        Resolution = "resolution",
    }
}

/// A distribution of lengths of time in whole milliseconds: exact sums and a histogram.
#[derive(Clone, Debug)]
pub struct Distribution {
    tally: Tally,
    histogram: Histogram,
}

/// Bits of the histograms of cells: 1,024 steps for each doubling, 0.1 % wide at most.
pub const CELL_BITS: u32 = 10;
/// Bits of the histograms of agents: 64 steps for each doubling, 1.6 % wide at most.
pub const AGENT_BITS: u32 = 6;

impl Distribution {
    fn new(bits: u32) -> Self {
        Self { tally: Tally::default(), histogram: Histogram::new(bits) }
    }

    /// Counts one length of time.
    #[inline]
    pub fn record(&mut self, length: SimDuration) {
        self.tally.record(length.as_millis());
        self.histogram.record(length.as_millis());
    }

    fn sparse(&self) -> SparseDistribution {
        SparseDistribution {
            tally: self.tally,
            bits: self.histogram.bits(),
            cells: self.histogram.sparse().collect(),
        }
    }
}

/// A distribution as it is kept and written: only what is not empty.
#[derive(Clone, PartialEq, Debug)]
pub struct SparseDistribution {
    /// Exact count, sums and extremes, in milliseconds.
    pub tally: Tally,
    /// The histogram's bits.
    pub bits: u32,
    /// The histogram's cells: number and count.
    pub cells: Vec<(u32, u64)>,
}

impl SparseDistribution {
    /// The histogram.
    ///
    /// # Panics
    ///
    /// If the cells are no histogram's; those read from files have been checked.
    #[must_use]
    pub fn histogram(&self) -> Histogram {
        Histogram::from_sparse(self.bits, self.cells.iter().copied()).expect("cells of a histogram")
    }
}

/// The sums of one chatflow and of owned or other visitors.
#[derive(Clone, Debug)]
pub struct Cell {
    /// What is counted.
    pub counts: Counts,
    dists: [Distribution; Dist::ALL.len()],
    /// For each T of the service level: answered in chat within T, and abandoned before T, of
    /// those begun in hours.
    pub service: Vec<[u64; 2]>,
}

impl Cell {
    /// Empty, with this many T of the service level.
    #[must_use]
    pub fn new(service_levels: usize) -> Self {
        Self {
            counts: Counts::default(),
            dists: std::array::from_fn(|_| Distribution::new(CELL_BITS)),
            service: vec![[0; 2]; service_levels],
        }
    }

    /// One of the distributions.
    #[inline]
    pub const fn dist(&mut self, dist: Dist) -> &mut Distribution {
        &mut self.dists[dist as usize]
    }

    /// All distributions as they are kept.
    #[must_use]
    pub fn sparse(&self) -> Vec<SparseDistribution> {
        self.dists.iter().map(Distribution::sparse).collect()
    }
}

closed_list! {
    /// What is counted for an agent.
    AgentCount {
        /// Conversations given by the rotation to a first message.
        Rotation = "rotation",
        /// Conversations given because the agent owns the contact.
        Owner = "owner",
        /// Conversations given out of a queue.
        Queue = "queue",
        /// Conversations given because a setting says so though not eligible, or reopened.
        Other = "other",
        /// Conversations that came from another agent.
        ReassignedIn = "reassigned_in",
        /// Conversations that went to another agent.
        ReassignedOut = "reassigned_out",
        /// Emails received for first messages.
        EmailsReceived = "emails_received",
        /// Of these: answered.
        EmailsAnswered = "emails_answered",
        /// First replies in chats.
        FirstReplies = "first_replies",
        /// Chats whose visitor left before the first reply.
        Abandoned = "abandoned",
        /// Conversations given while not there.
        Ghost = "ghost",
        /// Milliseconds at work on a message or an email, within the measured period.
        BusyMs = "busy_ms",
        /// Milliseconds online, within the measured period.
        OnlineMs = "online_ms",
        /// Milliseconds in hours, within the measured period.
        InHoursMs = "in_hours_ms",
    }
}

/// The sums of one agent.
#[derive(Clone, Debug)]
pub struct AgentCell {
    counts: [u64; AgentCount::ALL.len()],
    /// First message to first reply in the chat.
    pub first_response: Distribution,
    /// Last assignment to first reply in the chat.
    pub since_assignment: Distribution,
    /// Later visitor message to the reply to it.
    pub reply: Distribution,
}

impl Default for AgentCell {
    fn default() -> Self {
        Self {
            counts: [0; AgentCount::ALL.len()],
            first_response: Distribution::new(AGENT_BITS),
            since_assignment: Distribution::new(AGENT_BITS),
            reply: Distribution::new(AGENT_BITS),
        }
    }
}

impl AgentCell {
    /// Adds to a count.
    #[inline]
    pub const fn add(&mut self, count: AgentCount, n: u64) {
        self.counts[count as usize] += n;
    }

    /// All counts, in order of [`AgentCount::ALL`].
    #[must_use]
    pub const fn counts(&self) -> [u64; AgentCount::ALL.len()] {
        self.counts
    }

    /// The distributions as they are kept: first response, since assignment, reply.
    #[must_use]
    pub fn sparse(&self) -> [SparseDistribution; 3] {
        [self.first_response.sparse(), self.since_assignment.sparse(), self.reply.sparse()]
    }
}
