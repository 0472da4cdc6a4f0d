//! Watches what must always be true, in every run. It knows only facts: who came online, who was
//! given what, what ended how. The engine and the kernel have asserts of their own; this is a second
//! pair of eyes.

use std::fmt;

use crate::ids::{AgentId, ConversationId};
use crate::routing::{AssignedReason, Decision, Outcome};
use crate::time::SimTime;
use crate::trace::{Case, Observation, Way};

/// Something that must always be true was not: a bug of ours.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Violation {
    /// When, in simulated time.
    pub at: SimTime,
    /// The conversation, if it is about one.
    pub conversation: Option<u32>,
    /// Which invariant and how it broke.
    pub what: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at {} ms", self.what, self.at.as_millis())?;
        match self.conversation {
            Some(number) => write!(f, ", conversation {number}"),
            None => Ok(()),
        }
    }
}

/// A conversation as the auditor sees it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Held {
    number: u32,
    /// I-1: the one agent of an open chat; `None` for an email.
    agent: Option<AgentId>,
    began_at: u64,
}

/// The auditor of one replication.
#[derive(Clone, Debug)]
pub(super) struct Auditor {
    online: Vec<bool>,
    held: Vec<Option<Held>>,
    begun: u64,
    ended: u64,
    last: SimTime,
    /// Little's law: time that closed conversations were open within the period, and the period.
    open_ms: u128,
    from: u64,
    to: u64,
    first: Option<Violation>,
}

impl Auditor {
    pub(super) fn new(agents: usize, from: SimTime, to: SimTime) -> Self {
        Self {
            online: vec![true; agents],
            held: Vec::new(),
            begun: 0,
            ended: 0,
            last: SimTime::ZERO,
            open_ms: 0,
            from: from.as_millis(),
            to: to.as_millis(),
            first: None,
        }
    }

    /// When the last fact was told.
    pub(super) const fn last(&self) -> SimTime {
        self.last
    }

    /// Notes a violation; only the first is kept, for the others follow from it.
    pub(super) fn broken(&mut self, at: SimTime, conversation: Option<u32>, what: String) {
        self.first.get_or_insert(Violation { at, conversation, what });
    }

    pub(super) fn watch(&mut self, at: SimTime, observation: &Observation<'_>) {
        if at < self.last {
            self.broken(at, None, format!("time ran back from {} ms", self.last.as_millis()));
        }
        self.last = at;
        match *observation {
            Observation::OnlineChanged { agent, online } => self.online[agent.index()] = online,
            Observation::Began { case, decision, .. } => self.begins(at, case, &decision),
            Observation::VisitorWrote { case, decision, .. } => self.writes(at, case, &decision),
            Observation::FirstReply { case, way: Way::Email, .. } => self.ends(at, case, false),
            Observation::Abandoned { case, .. } | Observation::Closed { case, .. } => {
                self.ends(at, case, true);
            }
            Observation::LeftOpen { case, way, .. } => self.ends(at, case, way == Way::Chat),
            Observation::FirstReply { case, agent, .. }
            | Observation::Replied { case, agent, .. } => {
                if self.of(case).is_none_or(|held| held.agent != Some(agent)) {
                    self.broken(at, Some(case.number), "I-1: a reply by another agent".into());
                }
            }
            Observation::PickedUp { .. }
            | Observation::EligibleChanged { .. }
            | Observation::HoursChanged { .. }
            | Observation::BusyChanged { .. } => {}
        }
    }

    fn slot(&mut self, slot: ConversationId) -> &mut Option<Held> {
        if self.held.len() <= slot.index() {
            self.held.resize(slot.index() + 1, None);
        }
        &mut self.held[slot.index()]
    }

    fn of(&mut self, case: &Case) -> Option<Held> {
        self.slot(case.slot).filter(|held| held.number == case.number)
    }

    fn begins(&mut self, at: SimTime, case: &Case, decision: &Decision) {
        self.begun += 1;
        let held = Held { number: case.number, agent: None, began_at: at.as_millis() };
        let agent = match decision.outcome {
            Outcome::Assigned(_) => decision.agent,
            Outcome::Lost(_) | Outcome::Refused(_) => {
                self.ended += 1;
                return;
            }
            _ => None,
        };
        let forced = decision.outcome == Outcome::Assigned(AssignedReason::Forced);
        if let Some(agent) = agent.filter(|_| !forced) {
            self.given(at, case, agent);
        }
        if self.slot(case.slot).replace(Held { agent, ..held }).is_some() {
            self.broken(at, Some(case.number), "I-1: a slot that is taken was given again".into());
        }
    }

    fn writes(&mut self, at: SimTime, case: &Case, decision: &Decision) {
        let Some(held) = self.of(case) else {
            self.broken(at, Some(case.number), "I-5: a message after the end".into());
            return;
        };
        match (decision.outcome, decision.agent) {
            (Outcome::Reassigned(_), Some(agent)) => {
                self.given(at, case, agent);
                if held.agent == Some(agent) {
                    self.broken(at, Some(case.number), "R-41: moved to the same agent".into());
                }
                *self.slot(case.slot) = Some(Held { agent: Some(agent), ..held });
            }
            (Outcome::Kept(_), agent) if agent == held.agent => {}
            _ => self.broken(at, Some(case.number), "I-1: a reply that changed hands".into()),
        }
    }

    /// I-2: nobody is assigned who was not eligible. Without capacities that is: online.
    fn given(&mut self, at: SimTime, case: &Case, agent: AgentId) {
        if !self.online[agent.index()] {
            let what = format!("I-2: assigned to {agent:?}, who is not online");
            self.broken(at, Some(case.number), what);
        }
    }

    fn ends(&mut self, at: SimTime, case: &Case, chat: bool) {
        self.ended += 1;
        match self.of(case) {
            None => self.broken(at, Some(case.number), "I-5: a conversation ended twice".into()),
            Some(held) => {
                *self.slot(case.slot) = None;
                if chat {
                    let inside = |t: u64| t.clamp(self.from, self.to);
                    self.open_ms += u128::from(inside(at.as_millis()) - inside(held.began_at));
                }
            }
        }
    }

    /// The checks of a whole run: I-5, every first message has ended; Little's law, the integral of
    /// open conversations over the period is the sum of the times they were open within it.
    pub(super) fn finish(mut self, open_integral_ms: u128) -> Option<Violation> {
        if self.begun != self.ended {
            let what = format!("I-5: {} first messages, {} ends", self.begun, self.ended);
            self.broken(self.last, None, what);
        }
        if self.open_ms != open_integral_ms {
            let what = format!(
                "Little's law: conversations were open for {} ms, their number adds up to {open_integral_ms} ms",
                self.open_ms
            );
            self.broken(self.last, None, what);
        }
        self.first
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::ChatflowId;
    use crate::routing::{KeptReason, ReassignedReason};
    use crate::time::SimDuration;
    use crate::trace::ResponseClocks;

    const ANA: usize = 0;
    const BEN: usize = 1;

    fn case(number: u32, slot: usize) -> Case {
        Case {
            number,
            slot: ConversationId::new(slot),
            chatflow: ChatflowId::new(0),
            began_at: SimTime::from_millis(10),
            measured: true,
            known: false,
            tracked: false,
            owner: None,
            greeted_by: None,
            begun_in_hours: true,
        }
    }

    fn decision(outcome: Outcome, agent: usize) -> Decision {
        let (conversation, eligible) = (ConversationId::new(0), 2);
        Decision { conversation, outcome, agent: Some(AgentId::new(agent)), eligible }
    }

    const GIVEN: Outcome = Outcome::Assigned(AssignedReason::Rotation);

    /// Plays facts to an auditor of the period from 0 to 100 ms and says what it complains of.
    fn complaint(facts: &[(u64, Observation<'_>)], open_ms: u128) -> Option<String> {
        let mut auditor = Auditor::new(2, SimTime::ZERO, SimTime::from_millis(100));
        for (at, fact) in facts {
            auditor.watch(SimTime::from_millis(*at), fact);
        }
        auditor.finish(open_ms).map(|violation| violation.what)
    }

    fn began(case: &Case, agent: usize) -> Observation<'_> {
        Observation::Began { case, decision: decision(GIVEN, agent), present: true }
    }

    fn closed(case: &Case) -> Observation<'_> {
        Observation::Closed { case, agent: AgentId::new(ANA) }
    }

    #[test]
    fn a_conversation_that_begins_and_closes_is_fine() {
        let case = case(1, 0);
        assert_eq!(complaint(&[(10, began(&case, ANA)), (30, closed(&case))], 20), None);
    }

    #[test]
    fn every_broken_invariant_is_told() {
        let (one, two) = (case(1, 0), case(2, 0));
        let offline = Observation::OnlineChanged { agent: AgentId::new(ANA), online: false };
        let wrote = |outcome, agent| Observation::VisitorWrote {
            case: &one,
            from: AgentId::new(ANA),
            decision: decision(outcome, agent),
            present: true,
            joined: false,
        };
        let clocks = ResponseClocks {
            elapsed: SimDuration::ZERO,
            team: SimDuration::ZERO,
            agent: SimDuration::ZERO,
            since_assignment: SimDuration::ZERO,
            answer_wait: SimDuration::ZERO,
        };
        let answered_by_ben = Observation::FirstReply {
            case: &one,
            agent: AgentId::new(BEN),
            way: Way::Chat,
            clocks,
        };
        let moved = Outcome::Reassigned(ReassignedReason::Away);
        for (facts, expected) in [
            (vec![(10, offline), (10, began(&one, ANA)), (20, closed(&one))], "I-2"),
            (vec![(10, began(&one, ANA)), (10, began(&two, ANA)), (20, closed(&two))], "I-1"),
            (vec![(10, began(&one, ANA)), (15, answered_by_ben), (20, closed(&one))], "I-1"),
            (vec![(10, began(&one, ANA)), (15, wrote(moved, ANA)), (20, closed(&one))], "R-41"),
            (
                vec![
                    (10, began(&one, ANA)),
                    (15, wrote(Outcome::Kept(KeptReason::Reply), BEN)),
                    (20, closed(&one)),
                ],
                "I-1",
            ),
            (vec![(10, began(&one, ANA))], "I-5"),
            (vec![(10, began(&one, ANA)), (20, closed(&one)), (20, closed(&one))], "I-5"),
            (vec![(10, began(&one, ANA)), (21, closed(&one))], "Little"),
            (vec![(12, offline), (10, began(&one, BEN)), (20, closed(&one))], "time ran back"),
        ] {
            let told = complaint(&facts, 10).unwrap_or_default();
            assert!(told.starts_with(expected), "{expected}: {told:?}");
        }
    }
}
