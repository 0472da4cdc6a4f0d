//! The log files of a run: every decision and every conversation, one CSV row each.
//!
//! `decisions.csv` has the columns of the engine in a pipe after the number of the replication;
//! `conversations.csv` says how each conversation went.

use std::sync::Arc;

use crate::calendar::Origin;
use crate::ids::AgentId;
use crate::routing::{Decision, Outcome};
use crate::time::{SimDuration, SimTime};

use super::observation::{Case, Observation, Recorder, Way};

/// What the ids in a log are called, and where its times lie on the calendar.
#[derive(Clone, Debug)]
pub struct LogNames {
    /// By [`AgentId`].
    pub agents: Vec<String>,
    /// By chatflow.
    pub chatflows: Vec<String>,
    /// Where simulated time begins.
    pub origin: Origin,
}

/// Header of `decisions.csv`.
const DECISIONS: [&str; 8] =
    ["replication", "at", "conversation", "event", "outcome", "agent", "reason", "eligible"];

/// Header of `conversations.csv`.
const CONVERSATIONS: [&str; 20] = [
    "replication",
    "conversation",
    "chatflow",
    "began_at",
    "measured",
    "known",
    "owner",
    "tracked",
    "greeted_by",
    "outcome",
    "reason",
    "assigned_to",
    "answered_by",
    "way",
    "first_response_s",
    "reassigned",
    "replies",
    "longest_reply_s",
    "ended",
    "ended_at",
];

/// How one conversation has gone so far.
#[derive(Clone, Copy, Debug, Default)]
struct History {
    outcome: &'static str,
    reason: &'static str,
    assigned_to: Option<AgentId>,
    answered: Option<(AgentId, Way, SimDuration)>,
    reassigned: u32,
    replies: u32,
    longest_reply: Option<SimDuration>,
}

/// Writes both logs of one replication into memory.
#[derive(Debug)]
pub struct Log {
    replication: String,
    names: Arc<LogNames>,
    decisions: csv::Writer<Vec<u8>>,
    conversations: csv::Writer<Vec<u8>>,
    open: Vec<History>,
}

const MEMORY: &str = "writing to memory does not fail";

impl Log {
    /// An empty log of replication `replication` (counted from 1).
    #[must_use]
    pub fn new(replication: u32, names: Arc<LogNames>) -> Self {
        Self {
            replication: replication.to_string(),
            names,
            decisions: csv::Writer::from_writer(Vec::new()),
            conversations: csv::Writer::from_writer(Vec::new()),
            open: Vec::new(),
        }
    }

    /// The header lines of `decisions.csv` and `conversations.csv`.
    #[must_use]
    pub fn headers() -> (String, String) {
        (DECISIONS.join(",") + "\n", CONVERSATIONS.join(",") + "\n")
    }

    /// The rows of `decisions.csv` and of `conversations.csv`, without headers.
    #[must_use]
    pub fn into_rows(self) -> (Vec<u8>, Vec<u8>) {
        (self.decisions.into_inner().expect(MEMORY), self.conversations.into_inner().expect(MEMORY))
    }

    fn decided(&mut self, at: SimTime, case: &Case, decision: &Decision) {
        let (number, eligible) = (case.number.to_string(), decision.eligible.to_string());
        let at = self.names.origin.rfc3339(at);
        let agent = decision.agent.map_or("", |a| &self.names.agents[a.index()]);
        let (outcome, reason) = (decision.outcome.name(), decision.outcome.reason());
        self.decisions
            .write_record([
                &self.replication,
                at.as_str(),
                &number,
                "message",
                outcome,
                agent,
                reason,
                &eligible,
            ])
            .expect(MEMORY);
    }

    fn history(&mut self, case: &Case) -> &mut History {
        let slot = case.slot.index();
        if self.open.len() <= slot {
            self.open.resize(slot + 1, History::default());
        }
        &mut self.open[slot]
    }

    fn ended(&mut self, at: SimTime, case: &Case, how: &str) {
        let history = *self.history(case);
        let yes_no = |yes| if yes { "true" } else { "false" };
        let seconds =
            |d: Option<SimDuration>| d.map_or(String::new(), |d| d.as_secs_f64().to_string());
        let (answered_by, way, first) = match history.answered {
            None => (None, "", None),
            Some((agent, Way::Chat, first)) => (Some(agent), "chat", Some(first)),
            Some((agent, Way::Email, first)) => (Some(agent), "email", Some(first)),
        };
        let names = Arc::clone(&self.names);
        let name = |agent: Option<AgentId>| agent.map_or("", |a| &names.agents[a.index()]);
        let ended_at = if how == "open" { String::new() } else { self.names.origin.rfc3339(at) };
        let row = [
            &self.replication,
            &case.number.to_string(),
            names.chatflows[case.chatflow.index()].as_str(),
            &self.names.origin.rfc3339(case.began_at),
            yes_no(case.measured),
            yes_no(case.known),
            name(case.owner),
            yes_no(case.tracked),
            name(case.greeted_by),
            history.outcome,
            history.reason,
            name(history.assigned_to),
            name(answered_by),
            way,
            &seconds(first),
            &history.reassigned.to_string(),
            &history.replies.to_string(),
            &seconds(history.longest_reply),
            how,
            &ended_at,
        ];
        self.conversations.write_record(row).expect(MEMORY);
    }
}

impl Recorder for Log {
    fn record(&mut self, at: SimTime, observation: &Observation<'_>) {
        match *observation {
            Observation::Began { case, decision, .. } => {
                self.decided(at, case, &decision);
                *self.history(case) = History {
                    outcome: decision.outcome.name(),
                    reason: decision.outcome.reason(),
                    assigned_to: decision.agent,
                    ..History::default()
                };
                match decision.outcome {
                    Outcome::Lost(_) => self.ended(at, case, "lost"),
                    Outcome::Refused(_) => self.ended(at, case, "refused"),
                    _ => {}
                }
            }
            Observation::VisitorWrote { case, decision, .. } => {
                self.decided(at, case, &decision);
                if let Outcome::Reassigned(_) = decision.outcome {
                    self.history(case).reassigned += 1;
                }
            }
            Observation::FirstReply { case, agent, way, clocks } => {
                let history = self.history(case);
                history.answered = Some((agent, way, clocks.elapsed));
                history.replies += 1;
                if way == Way::Email {
                    self.ended(at, case, "emailed");
                }
            }
            Observation::Replied { case, waited, .. } => {
                let history = self.history(case);
                history.replies += 1;
                history.longest_reply = history.longest_reply.max(Some(waited));
            }
            Observation::Abandoned { case, .. } => self.ended(at, case, "abandoned"),
            Observation::Closed { case, .. } => self.ended(at, case, "closed"),
            Observation::LeftOpen { case, .. } => self.ended(at, case, "open"),
            Observation::PickedUp { .. }
            | Observation::EligibleChanged { .. }
            | Observation::HoursChanged { .. }
            | Observation::OnlineChanged { .. }
            | Observation::BusyChanged { .. } => {}
        }
    }
}
