//! The recorder of all measures of one replication, and the summary that is left of it.

use crate::ids::{AgentId, ChatflowId};
use crate::routing::{AssignedReason, Decision, KeptReason, Outcome, ReassignedReason};
use crate::stats::TimeWeighted;
use crate::time::{SimDuration, SimTime};
use crate::trace::{Case, Observation, Recorder, ResponseClocks, Way};

use super::auditor::{Auditor, Violation};
use super::cells::{AgentCell, AgentCount, Cell, Count, Counts, Dist, SparseDistribution};
use super::desk::{DeskTimes, State};
use super::fairness::{FairnessSums, RingLaw, SlotSums};
use super::lists::Lists;
use super::timeline::{Column, Level, Timeline};

/// What the recorder has to know beforehand.
#[derive(Clone, Debug)]
pub struct MeasuringSettings {
    /// Number of agents.
    pub agents: usize,
    /// For each list the weights by which its rotation shares, slot by slot; 1 for rotations that
    /// have none.
    pub weights: Vec<Vec<u32>>,
    /// The routing list of each chatflow, in order of slots.
    pub lists: Vec<Vec<AgentId>>,
    /// Whether each chatflow's rotation is a plain ring, whose law is watched.
    pub rings: Vec<bool>,
    /// Measuring begins.
    pub starts: SimTime,
    /// Time-weighted measures end.
    pub ends: SimTime,
    /// The interval of the timeline.
    pub interval: SimDuration,
    /// The T of the service level.
    pub service_level: Vec<SimDuration>,
}

/// What is left of one chatflow and of owned or other visitors.
#[derive(Clone, PartialEq, Debug)]
pub struct CellSummary {
    /// What was counted.
    pub counts: Counts,
    /// In order of [`Dist::ALL`].
    pub dists: Vec<SparseDistribution>,
    /// For each T of the service level: answered within T, abandoned before T.
    pub service: Vec<[u64; 2]>,
}

/// What is left of one agent.
#[derive(Clone, PartialEq, Debug)]
pub struct AgentSummary {
    /// In order of [`AgentCount::ALL`].
    pub counts: [u64; AgentCount::ALL.len()],
    /// First response, since assignment, reply.
    pub dists: [SparseDistribution; 3],
}

impl AgentSummary {
    /// One of the counts.
    #[must_use]
    pub const fn of(&self, count: AgentCount) -> u64 {
        self.counts[count as usize]
    }
}

/// What is left of one replication.
#[derive(Clone, PartialEq, Debug)]
pub struct Summary {
    /// For each chatflow: visitors nobody owns, owned visitors.
    pub cells: Vec<[CellSummary; 2]>,
    /// For each agent.
    pub agents: Vec<AgentSummary>,
    /// For each chatflow and slot of its list.
    pub fairness: Vec<Vec<SlotSums>>,
    /// The measured period by intervals.
    pub timeline: Timeline,
    /// The most conversations that were open at once in the measured period.
    pub most_open: u64,
}

/// Folds the facts of one replication into sums, and watches the invariants.
#[derive(Debug)]
pub struct Measuring {
    settings: MeasuringSettings,
    cells: Vec<[Cell; 2]>,
    agents: Vec<AgentCell>,
    times: DeskTimes,
    lists: Lists,
    fairness: Vec<FairnessSums>,
    rings: Vec<Option<RingLaw>>,
    timeline: Timeline,
    online: Level,
    open: Level,
    open_weighted: TimeWeighted,
    auditor: Auditor,
}

impl Measuring {
    /// A recorder for a replication in which, before anything happens, everybody is in hours,
    /// online and eligible.
    #[must_use]
    pub fn new(settings: MeasuringSettings) -> Self {
        let MeasuringSettings { agents, starts, ends, .. } = settings;
        let lists = Lists::new(agents, &settings.lists);
        let listed = (0..agents).filter(|a| lists.is_listed(AgentId::new(*a))).count();
        let cell = Cell::new(settings.service_level.len());
        Self {
            cells: vec![[cell.clone(), cell]; settings.lists.len()],
            agents: vec![AgentCell::default(); agents],
            times: DeskTimes::new(agents, starts, ends),
            fairness: settings.weights.iter().cloned().map(FairnessSums::new).collect(),
            rings: settings
                .rings
                .iter()
                .zip(&settings.lists)
                .enumerate()
                .map(|(number, (ring, slots))| {
                    ring.then(|| RingLaw::new(ChatflowId::new(number), slots.len()))
                })
                .collect(),
            timeline: Timeline::new(starts, ends, settings.interval.as_millis()),
            online: Level::new(Column::Online, listed as u64),
            open: Level::new(Column::Open, 0),
            open_weighted: TimeWeighted::new(starts.as_millis(), ends.as_millis()),
            auditor: Auditor::new(agents, starts, ends),
            lists,
            settings,
        }
    }

    /// What is left, or what must always be true and was not.
    ///
    /// # Errors
    ///
    /// The first invariant that broke.
    pub fn finish(mut self) -> Result<Summary, Violation> {
        let ends = self.settings.ends;
        self.online.until(ends, &mut self.timeline);
        self.open.until(ends, &mut self.timeline);
        self.open_weighted.finish(ends.as_millis().max(self.auditor.last().as_millis()));
        if let Some(violation) = self.auditor.finish(self.open_weighted.integral()) {
            return Err(violation);
        }
        let times = self.times.finish();
        let agents = self
            .agents
            .iter()
            .zip(times)
            .map(|(cell, [in_hours, online, busy])| {
                let mut counts = cell.counts();
                counts[AgentCount::InHoursMs as usize] = in_hours;
                counts[AgentCount::OnlineMs as usize] = online;
                counts[AgentCount::BusyMs as usize] = busy;
                AgentSummary { counts, dists: cell.sparse() }
            })
            .collect();
        let summary = |cell: Cell| CellSummary {
            counts: cell.counts,
            dists: cell.sparse(),
            service: cell.service,
        };
        Ok(Summary {
            cells: self.cells.into_iter().map(|pair| pair.map(summary)).collect(),
            agents,
            fairness: self.fairness.into_iter().map(FairnessSums::finish).collect(),
            timeline: self.timeline,
            most_open: self.open_weighted.max().and_then(|m| u64::try_from(m).ok()).unwrap_or(0),
        })
    }

    /// The sums that a conversation belongs to, if it is measured.
    #[inline]
    fn cell(&mut self, case: &Case) -> Option<&mut Cell> {
        let owned = usize::from(case.owner.is_some());
        case.measured.then(|| &mut self.cells[case.chatflow.index()][owned])
    }

    fn began(&mut self, at: SimTime, case: &Case, decision: &Decision, present: bool) {
        let idle = self.lists.idle(case.chatflow) > 0;
        if let Some(cell) = self.cell(case) {
            cell.counts.add(Count::Conversations, 1);
            cell.counts.add(Count::InHours, u64::from(case.begun_in_hours));
            if case.owner.is_some() {
                cell.counts.add(Count::Owned, 1);
                cell.counts.add(Count::OwnedUntracked, u64::from(!case.tracked));
            }
        }
        self.timeline.count(at, Column::Arrivals);
        match decision.outcome {
            Outcome::Assigned(reason) => {
                if let Some(cell) = self.cell(case) {
                    cell.counts.add(Count::Assigned, 1);
                }
                self.timeline.count(at, Column::Assigned);
                let agent = decision.agent.expect("who is assigned is named");
                let (way, by_rotation) = match reason {
                    AssignedReason::Owner => (AgentCount::Owner, false),
                    AssignedReason::Queue => (AgentCount::Queue, false),
                    AssignedReason::Reopened | AssignedReason::Forced => (AgentCount::Other, false),
                    AssignedReason::Rotation
                    | AssignedReason::Unowned
                    | AssignedReason::Untracked
                    | AssignedReason::Orphan
                    | AssignedReason::OwnerUnavailable => (AgentCount::Rotation, true),
                };
                self.given(case, agent, way, present);
                if by_rotation {
                    self.by_rotation(at, case, agent, decision.eligible);
                }
                self.open.up(at, &mut self.timeline);
                self.open_weighted.add(at.as_millis(), 1);
                self.lists.opened(agent);
            }
            Outcome::Emailed(reason) => {
                if let Some(cell) = self.cell(case) {
                    cell.counts.add(Count::emailed(reason), 1);
                    if case.begun_in_hours {
                        cell.counts.add(Count::InHoursEmailed, 1);
                        cell.counts.add(Count::InHoursEmailedIdle, u64::from(idle));
                    }
                }
                if let Some(column) = Column::emailed(reason) {
                    self.timeline.count(at, column);
                }
                if let Some(agent) = decision.agent.filter(|_| case.measured) {
                    self.agents[agent.index()].add(AgentCount::EmailsReceived, 1);
                }
            }
            Outcome::Lost(_) => {
                if let Some(cell) = self.cell(case) {
                    cell.counts.add(Count::Lost, 1);
                }
                self.timeline.count(at, Column::Lost);
            }
            Outcome::Refused(_) => {
                if let Some(cell) = self.cell(case) {
                    cell.counts.add(Count::Refused, 1);
                }
                self.timeline.count(at, Column::Refused);
            }
            Outcome::Reassigned(_) | Outcome::Kept(_) | Outcome::Queued(_) => {}
        }
    }

    /// A conversation was given to an agent, by whatever way.
    fn given(&mut self, case: &Case, agent: AgentId, way: AgentCount, present: bool) {
        let Some(cell) = self.cell(case) else { return };
        cell.counts.add(Count::Assignments, 1);
        cell.counts.add(Count::GhostAssignments, u64::from(!present));
        let own = &mut self.agents[agent.index()];
        own.add(way, 1);
        own.add(AgentCount::Ghost, u64::from(!present));
    }

    /// The rotation of a chatflow has picked an agent among so many.
    fn by_rotation(&mut self, at: SimTime, case: &Case, agent: AgentId, eligible: u32) {
        let Some(slot) = self.lists.slot(case.chatflow, agent) else {
            let what = format!("I-2: the rotation picked {agent:?}, who is not on the list");
            self.auditor.broken(at, Some(case.number), what);
            return;
        };
        if !self.lists.is_eligible(case.chatflow, slot) {
            let what = format!("I-2: the rotation picked {agent:?}, who is not eligible");
            self.auditor.broken(at, Some(case.number), what);
        }
        if case.measured {
            self.fairness[case.chatflow.index()].assigned(slot);
        }
        if let Some(ring) = &mut self.rings[case.chatflow.index()]
            && let Err(what) = ring.picked(slot, eligible)
        {
            self.auditor.broken(at, Some(case.number), what);
        }
    }

    fn visitor_wrote(
        &mut self,
        at: SimTime,
        case: &Case,
        decision: &Decision,
        present: bool,
        joined: bool,
    ) {
        if let Some(cell) = self.cell(case) {
            cell.counts.add(Count::Joined, u64::from(joined));
            cell.counts.add(Count::VisitorReplies, 1);
            let met_away = match decision.outcome {
                Outcome::Reassigned(reason) => reason == ReassignedReason::Away,
                Outcome::Kept(reason) => {
                    matches!(reason, KeptReason::ReplyToAway | KeptReason::ReassignFailed)
                }
                _ => false,
            };
            cell.counts.add(Count::RepliesMetAway, u64::from(met_away));
            let kept = |reason| u64::from(decision.outcome == Outcome::Kept(reason));
            cell.counts.add(Count::RepliesToAway, kept(KeptReason::ReplyToAway));
            cell.counts.add(Count::RepliesOutOfHours, kept(KeptReason::ReplyOutOfHours));
            cell.counts.add(Count::RepliesEmailed, kept(KeptReason::ReassignFailed));
            let moved = decision.outcome == Outcome::Reassigned(ReassignedReason::Away);
            cell.counts.add(Count::ReassignedAway, u64::from(moved));
        }
        if let (Outcome::Reassigned(_), Some(agent)) = (decision.outcome, decision.agent) {
            if let Some(cell) = self.cell(case) {
                cell.counts.add(Count::Reassignments, 1);
            }
            self.given(case, agent, AgentCount::ReassignedIn, present);
            self.by_rotation(at, case, agent, decision.eligible);
        }
    }

    fn first_reply(&mut self, case: &Case, agent: AgentId, way: Way, clocks: &ResponseClocks) {
        let service_level = std::mem::take(&mut self.settings.service_level);
        if let Some(cell) = self.cell(case) {
            if case.greeted_by.is_some_and(|greeter| greeter != agent) {
                cell.counts.add(Count::AvatarMismatches, 1);
            }
            let [elapsed, team, own] = match way {
                Way::Chat => [
                    Dist::FirstResponseChat,
                    Dist::FirstResponseTeamChat,
                    Dist::FirstResponseAgentChat,
                ],
                Way::Email => [
                    Dist::FirstResponseEmail,
                    Dist::FirstResponseTeamEmail,
                    Dist::FirstResponseAgentEmail,
                ],
            };
            cell.dist(elapsed).record(clocks.elapsed);
            cell.dist(team).record(clocks.team);
            cell.dist(own).record(clocks.agent);
            if way == Way::Chat {
                cell.counts.add(Count::Answered, 1);
                cell.dist(Dist::SinceAssignment).record(clocks.since_assignment);
                if case.begun_in_hours {
                    for (level, sums) in service_level.iter().zip(&mut cell.service) {
                        sums[0] += u64::from(clocks.answer_wait <= *level);
                    }
                }
            }
            let own = &mut self.agents[agent.index()];
            match way {
                Way::Chat => {
                    own.add(AgentCount::FirstReplies, 1);
                    own.first_response.record(clocks.elapsed);
                    own.since_assignment.record(clocks.since_assignment);
                }
                Way::Email => own.add(AgentCount::EmailsAnswered, 1),
            }
        }
        self.settings.service_level = service_level;
    }

    fn abandoned(&mut self, at: SimTime, case: &Case, agent: Option<AgentId>) {
        let service_level = std::mem::take(&mut self.settings.service_level);
        if let Some(cell) = self.cell(case) {
            cell.counts.add(Count::Abandoned, 1);
            if case.begun_in_hours {
                let waited = at.since(case.began_at);
                for (level, sums) in service_level.iter().zip(&mut cell.service) {
                    sums[1] += u64::from(waited < *level);
                }
            }
            if let Some(agent) = agent {
                self.agents[agent.index()].add(AgentCount::Abandoned, 1);
            }
        }
        self.settings.service_level = service_level;
        self.ended(at, agent);
    }

    /// An open conversation is open no longer.
    fn ended(&mut self, at: SimTime, agent: Option<AgentId>) {
        self.open.down(at, &mut self.timeline);
        self.open_weighted.add(at.as_millis(), -1);
        if let Some(agent) = agent {
            self.lists.closed(agent);
        }
    }
}

impl Recorder for Measuring {
    fn record(&mut self, at: SimTime, observation: &Observation<'_>) {
        self.auditor.watch(at, observation);
        match *observation {
            Observation::Began { case, decision, present } => {
                self.began(at, case, &decision, present);
            }
            Observation::VisitorWrote { case, from, decision, present, joined } => {
                if let (Outcome::Reassigned(_), Some(to)) = (decision.outcome, decision.agent) {
                    self.lists.closed(from);
                    self.lists.opened(to);
                    if case.measured {
                        self.agents[from.index()].add(AgentCount::ReassignedOut, 1);
                    }
                }
                self.visitor_wrote(at, case, &decision, present, joined);
            }
            Observation::PickedUp { case, waited, .. } => {
                if let Some(cell) = self.cell(case) {
                    cell.dist(Dist::AnswerWait).record(waited);
                }
            }
            Observation::FirstReply { case, agent, way, clocks } => {
                self.first_reply(case, agent, way, &clocks);
            }
            Observation::Replied { case, agent, waited } => {
                if let Some(cell) = self.cell(case) {
                    cell.dist(Dist::Reply).record(waited);
                    self.agents[agent.index()].reply.record(waited);
                }
            }
            Observation::Abandoned { case, agent } => self.abandoned(at, case, agent),
            Observation::Closed { case, agent } => {
                if let Some(cell) = self.cell(case) {
                    cell.dist(Dist::Resolution).record(at.since(case.began_at));
                }
                self.ended(at, Some(agent));
            }
            Observation::LeftOpen { case, way, answered } => {
                if way == Way::Chat {
                    if let Some(cell) = self.cell(case) {
                        cell.counts.add(Count::OpenAtEnd, u64::from(!answered));
                    }
                    self.ended(at, None);
                }
            }
            Observation::EligibleChanged { chatflow, agent, eligible } => {
                let slot = self.lists.slot(chatflow, agent).expect("who is eligible is listed");
                self.lists.set_eligible(chatflow, slot, agent, eligible);
                self.fairness[chatflow.index()].set_eligible(slot, eligible);
                if let Some(ring) = &mut self.rings[chatflow.index()] {
                    ring.changed();
                }
            }
            Observation::HoursChanged { agent, in_hours } => {
                self.times.set(agent, State::InHours, in_hours, at);
            }
            Observation::OnlineChanged { agent, online } => {
                self.times.set(agent, State::Online, online, at);
                if self.lists.is_listed(agent) {
                    match online {
                        true => self.online.up(at, &mut self.timeline),
                        false => self.online.down(at, &mut self.timeline),
                    }
                }
            }
            Observation::BusyChanged { agent, busy } => {
                self.times.set(agent, State::Busy, busy, at);
            }
        }
    }
}
