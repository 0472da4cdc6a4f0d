//! The dictionary: every measure with its name, its sentence, its formula and its unit. CSV columns,
//! chart axes and the documentation take them from here.
//!
//! A rate is a ratio of two sums that are both kept; 0/0 is no value, never 0.

use crate::routing::EmailReason;
use crate::time::SimDuration;

use super::cells::{AgentCount, Count, Counts, Dist};

/// The sums of one part of the results in one replication, from which every ratio is taken.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Sums {
    /// Counts of conversations.
    pub counts: Counts,
    /// For each T of the service level: answered within T, abandoned before T.
    pub service: Vec<[u64; 2]>,
    /// Sums over agents, in order of [`AgentCount::ALL`].
    pub agents: [u64; AgentCount::ALL.len()],
    /// Rotation assignments, and the part of them entitled to.
    pub rotation: [f64; 2],
    /// Rotation assignments of everybody.
    pub rotation_of_all: f64,
}

impl Sums {
    fn of(&self, count: Count) -> f64 {
        self.counts.of(count) as f64
    }

    fn agent(&self, count: AgentCount) -> f64 {
        self.agents[count as usize] as f64
    }
}

/// Numerator or denominator.
pub type Sum = Box<dyn Fn(&Sums) -> f64 + Send + Sync>;

/// What a measure is made of.
pub enum Kind {
    /// A number per replication.
    Count(Sum),
    /// A ratio of sums.
    Ratio {
        /// What is divided …
        numerator: Sum,
        /// … by what.
        denominator: Sum,
        /// Never above 1.
        share: bool,
    },
    /// Lengths of time of conversations, shown by mean, spread, extremes and quantiles.
    Times(Dist),
    /// Lengths of time of an agent's conversations; a number in [`super::AgentSummary::dists`].
    AgentTimes(usize),
    /// An index of how even the rotation was, one value a replication.
    Fairness(Index),
}

/// An index of inequality on assignments ÷ entitled assignments.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Index {
    /// Jain's index, weighted by entitlement.
    Jain,
    /// Gini's index, weighted by entitlement.
    Gini,
    /// The largest over the mean.
    MaxOverMean,
    /// The smallest over the mean.
    MinOverMean,
    /// 0 is exact round robin, 1 as fair as drawing lots.
    Excess,
}

/// Which parts of the results a measure is about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum About {
    /// Conversations: everything, chatflows, owned visitors and others.
    Conversations,
    /// Agents at work: everything, teams, agents.
    Work,
    /// What single agents got: teams and agents.
    Agents,
    /// Rotations: everything and chatflows.
    Rotations,
}

/// Whether more of it is good.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Better {
    /// More is better.
    Higher,
    /// Less is better.
    Lower,
    /// It depends on what one wants.
    Neither,
}

/// One measure.
pub struct Entry {
    /// As in `measures.csv`, with its labels.
    pub name: String,
    /// One sentence.
    pub sentence: &'static str,
    /// Numerator over denominator, in words.
    pub formula: &'static str,
    /// Unit of the value; `1` for ratios and indices.
    pub unit: &'static str,
    /// Whether more of it is good.
    pub better: Better,
    /// Of what it is a measure.
    pub about: About,
    /// How it is made.
    pub kind: Kind,
}

impl Entry {
    fn new(name: impl Into<String>, about: About, unit: &'static str, kind: Kind) -> Self {
        let name = name.into();
        Self { name, sentence: "", formula: "", unit, better: Better::Neither, about, kind }
    }

    fn says(self, sentence: &'static str, formula: &'static str) -> Self {
        Self { sentence, formula, ..self }
    }

    fn better(self, better: Better) -> Self {
        Self { better, ..self }
    }
}

fn ratio(
    numerator: impl Fn(&Sums) -> f64 + Send + Sync + 'static,
    denominator: impl Fn(&Sums) -> f64 + Send + Sync + 'static,
    share: bool,
) -> Kind {
    Kind::Ratio { numerator: Box::new(numerator), denominator: Box::new(denominator), share }
}

/// A share of all conversations.
fn rate(count: Count) -> Kind {
    ratio(move |s| s.of(count), |s| s.of(Count::Conversations), true)
}

/// All measures, in the order in which they are shown, for these T of the service level.
#[must_use]
pub fn entries(service_level: &[SimDuration]) -> Vec<Entry> {
    let mut all = outcomes();
    all.extend(emails());
    all.extend(times());
    all.extend(service(service_level));
    all.extend(replies());
    all.extend(ownership());
    all.extend(agents());
    all.extend(fairness());
    all
}

fn count(name: &str, count: Count) -> Entry {
    let kind = Kind::Count(Box::new(move |s| s.of(count)));
    Entry::new(name, About::Conversations, "per replication", kind)
}

fn outcomes() -> Vec<Entry> {
    use About::Conversations as Cases;
    let of = "÷ conversations";
    vec![
        count("conversations", Count::Conversations)
            .says("First messages of visitors in the measured period.", "mean over replications"),
        count("joined", Count::Joined).says(
            "Messages that joined an open conversation of the same contact.",
            "mean over replications",
        ),
        Entry::new("assigned_rate", Cases, "1", rate(Count::Assigned))
            .says("Given to an agent; overlaps with the outcomes below.", of),
        Entry::new("answered_rate", Cases, "1", rate(Count::Answered))
            .says("Answered in the chat.", of)
            .better(Better::Higher),
        Entry::new(
            "email_fallback_rate",
            Cases,
            "1",
            ratio(|s| s.counts.emailed() as f64, |s| s.of(Count::Conversations), true),
        )
        .says("First messages that became an email.", of)
        .better(Better::Lower),
        Entry::new("lost_rate", Cases, "1", rate(Count::Lost))
            .says("Nobody could answer and the visitor left no address.", of)
            .better(Better::Lower),
        Entry::new("refused_rate", Cases, "1", rate(Count::Refused))
            .says("Turned away.", of)
            .better(Better::Lower),
        Entry::new("abandonment_rate", Cases, "1", rate(Count::Abandoned))
            .says("The visitor left before the first reply.", of)
            .better(Better::Lower),
        Entry::new("open_at_end_rate", Cases, "1", rate(Count::OpenAtEnd))
            .says("Chats without a reply when the run ended.", of)
            .better(Better::Lower),
    ]
}

fn emails() -> Vec<Entry> {
    use About::Conversations as Cases;
    let by_reason = EmailReason::ALL
        .into_iter()
        .filter(|reason| *reason != EmailReason::ReassignFailed)
        .map(|reason| {
            let name = format!("email_fallback_rate{{reason={}}}", reason.name());
            Entry::new(name, Cases, "1", rate(Count::emailed(reason)))
                .says("First messages that became an email for this reason.", "÷ conversations")
                .better(Better::Lower)
        });
    let in_hours = |count: Count| ratio(move |s| s.of(count), |s| s.of(Count::InHours), true);
    let of = "both only while at least one agent of the list was in hours";
    by_reason
        .chain([
            Entry::new("in_hours_email_rate", Cases, "1", in_hours(Count::InHoursEmailed))
                .says("Emails ÷ conversations begun in hours: what a routing setup costs.", of)
                .better(Better::Lower),
            Entry::new("in_hours_idle_email_rate", Cases, "1", in_hours(Count::InHoursEmailedIdle))
                .says(
                    "Emails sent while an eligible agent of the list had no open conversation.",
                    of,
                )
                .better(Better::Lower),
            Entry::new(
                "reply_email_rate{reason=reassign_failed}",
                Cases,
                "1",
                ratio(|s| s.of(Count::RepliesEmailed), |s| s.of(Count::VisitorReplies), true),
            )
            .says("Replies of visitors that became an email.", "÷ visitor replies")
            .better(Better::Lower),
        ])
        .collect()
}

fn times() -> Vec<Entry> {
    let times = |name: &str, dist, sentence| {
        Entry::new(name, About::Conversations, "s", Kind::Times(dist))
            .says(sentence, "over the conversations that have it")
            .better(Better::Lower)
    };
    vec![
        times(
            "answer_wait_s",
            Dist::AnswerWait,
            "First message to the moment an agent starts on it.",
        ),
        times(
            "first_response_s{way=chat}",
            Dist::FirstResponseChat,
            "First message to first reply.",
        ),
        times(
            "first_response_s{way=email}",
            Dist::FirstResponseEmail,
            "First message to the email's answer.",
        ),
        times(
            "first_response_team_s{way=chat}",
            Dist::FirstResponseTeamChat,
            "The same, counting only time in which some agent of the list was in hours.",
        ),
        times(
            "first_response_team_s{way=email}",
            Dist::FirstResponseTeamEmail,
            "The same, counting only time in which some agent of the list was in hours.",
        ),
        times(
            "first_response_agent_s{way=chat}",
            Dist::FirstResponseAgentChat,
            "The same, counting only the answering agent's hours.",
        ),
        times(
            "first_response_agent_s{way=email}",
            Dist::FirstResponseAgentEmail,
            "The same, counting only the answering agent's hours.",
        ),
        times("since_assignment_s", Dist::SinceAssignment, "Last assignment to first reply."),
        times("reply_s", Dist::Reply, "Every later visitor message to the reply to it."),
        times("resolution_s", Dist::Resolution, "First message to close."),
        Entry::new("first_response_s{way=chat}", About::Agents, "s", Kind::AgentTimes(0))
            .says("First message to this agent's first reply.", "over the agent's first replies")
            .better(Better::Lower),
        Entry::new("since_assignment_s", About::Agents, "s", Kind::AgentTimes(1))
            .says("Last assignment to this agent's first reply.", "over the agent's first replies")
            .better(Better::Lower),
        Entry::new("reply_s", About::Agents, "s", Kind::AgentTimes(2))
            .says("Later visitor message to this agent's reply.", "over the agent's later replies")
            .better(Better::Lower),
    ]
}

fn service(levels: &[SimDuration]) -> Vec<Entry> {
    levels
        .iter()
        .enumerate()
        .flat_map(|(number, level)| {
            let within = compact(*level);
            let answered = move |s: &Sums| s.service[number][0] as f64;
            let begun = move |s: &Sums| s.of(Count::InHours) - s.service[number][1] as f64;
            let all = |s: &Sums| s.of(Count::InHours);
            let sentence = "Answered in chat with answer_wait_s ≤ T.";
            [
                Entry::new(
                    format!("service_level{{within={within}}}"),
                    About::Conversations,
                    "1",
                    ratio(answered, begun, true),
                )
                .says(sentence, "÷ (conversations begun in hours − those abandoned before T)")
                .better(Better::Higher),
                Entry::new(
                    format!("service_level{{within={within},of=conversations}}"),
                    About::Conversations,
                    "1",
                    ratio(answered, all, true),
                )
                .says(sentence, "÷ conversations begun in hours")
                .better(Better::Higher),
            ]
        })
        .collect()
}

/// A length of time as it is written in a scenario: `20s`, `1m`, `1m30s`, `1500ms`.
#[must_use]
pub fn compact(length: SimDuration) -> String {
    let ms = length.as_millis();
    if ms == 0 {
        return "0s".to_owned();
    }
    if !ms.is_multiple_of(1000) {
        return format!("{ms}ms");
    }
    let s = ms / 1000;
    if s <= 90 {
        return format!("{s}s");
    }
    [(s / 3600, 'h'), (s / 60 % 60, 'm'), (s % 60, 's')]
        .into_iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, unit)| format!("{number}{unit}"))
        .collect()
}

fn replies() -> Vec<Entry> {
    use About::Conversations as Cases;
    let of_replies =
        |count: Count| ratio(move |s| s.of(count), |s| s.of(Count::VisitorReplies), true);
    vec![
        count("reassignments", Count::Reassignments)
            .says("Conversations that moved to another agent.", "mean over replications"),
        Entry::new(
            "reassign_rate",
            Cases,
            "1",
            ratio(|s| s.of(Count::ReassignedAway), |s| s.of(Count::RepliesMetAway), true),
        )
        .says("Reassignments for away.", "÷ visitor replies that met an away agent"),
        Entry::new("reply_to_away_rate", Cases, "1", of_replies(Count::RepliesToAway))
            .says(
                "Visitor replies that met an away agent and stayed.",
                "÷ visitor replies, joined messages included",
            )
            .better(Better::Lower),
        Entry::new("reply_out_of_hours_rate", Cases, "1", of_replies(Count::RepliesOutOfHours))
            .says("Visitor replies that met an out-of-hours agent and stayed.", "÷ visitor replies")
            .better(Better::Lower),
        Entry::new(
            "ghost_rate",
            Cases,
            "1",
            ratio(|s| s.of(Count::GhostAssignments), |s| s.of(Count::Assignments), true),
        )
        .says("Assignments to an agent who was not there.", "÷ assignments")
        .better(Better::Lower),
    ]
}

fn ownership() -> Vec<Entry> {
    use About::Conversations as Cases;
    let of_owned = |count: Count| ratio(move |s| s.of(count), |s| s.of(Count::Owned), true);
    vec![
        Entry::new("untracked_rate", Cases, "1", of_owned(Count::OwnedUntracked))
            .says("Owned visitors without a cookie.", "÷ conversations of owned visitors"),
        Entry::new("avatar_mismatch_rate", Cases, "1", of_owned(Count::AvatarMismatches))
            .says(
                "Owned visitors greeted by one agent and first answered by another.",
                "÷ conversations of owned visitors",
            )
            .better(Better::Lower),
    ]
}

fn agents() -> Vec<Entry> {
    use AgentCount as A;
    let mut all = vec![
        Entry::new(
            "occupancy",
            About::Work,
            "1",
            ratio(|s| s.agent(A::BusyMs), |s| s.agent(A::OnlineMs), false),
        )
        .says("Time at work on a message or an email.", "÷ time online"),
        Entry::new(
            "utilization",
            About::Work,
            "1",
            ratio(|s| s.agent(A::BusyMs), |s| s.agent(A::InHoursMs), false),
        )
        .says("Time at work on a message or an email.", "÷ time in hours"),
        Entry::new(
            "share",
            About::Agents,
            "1",
            ratio(|s| s.rotation[0], |s| s.rotation_of_all, true),
        )
        .says("Part of the rotation's assignments.", "÷ those of everybody"),
        Entry::new(
            "entitled_share",
            About::Agents,
            "1",
            ratio(|s| s.rotation[1], |s| s.rotation_of_all, true),
        )
        .says(
            "Part of the rotation's assignments entitled to.",
            "Σ 1/eligible ÷ assignments of everybody",
        ),
    ];
    let total = |s: &Sums| {
        [A::Rotation, A::Owner, A::Queue, A::Other, A::ReassignedIn]
            .iter()
            .map(|c| s.agent(*c))
            .sum()
    };
    all.push(
        Entry::new("assignments", About::Agents, "per replication", Kind::Count(Box::new(total)))
            .says("Conversations given to the agent, by any way.", "mean over replications"),
    );
    for (label, count, sentence) in [
        ("rotation", A::Rotation, "Given by the rotation to a first message."),
        ("owner", A::Owner, "Given because the agent owns the contact."),
        ("queue", A::Queue, "Given out of a queue."),
        ("reassigned_in", A::ReassignedIn, "Came from another agent."),
        ("reassigned_out", A::ReassignedOut, "Went to another agent."),
    ] {
        let kind = Kind::Count(Box::new(move |s| s.agent(count)));
        all.push(
            Entry::new(
                format!("assignments{{way={label}}}"),
                About::Agents,
                "per replication",
                kind,
            )
            .says(sentence, "mean over replications"),
        );
    }
    all
}

fn fairness() -> Vec<Entry> {
    let index = |name: &str, index, sentence, better| {
        Entry::new(name, About::Rotations, "1", Kind::Fairness(index))
            .says(sentence, "on assignments ÷ entitled assignments; mean over replications")
            .better(better)
    };
    vec![
        index(
            "fairness.excess",
            Index::Excess,
            "0 is exact round robin, 1 as fair as drawing lots, more is unfair.",
            Better::Lower,
        ),
        index(
            "fairness.jain",
            Index::Jain,
            "1 when everybody got the entitlement.",
            Better::Higher,
        ),
        index("fairness.gini", Index::Gini, "0 when everybody got the entitlement.", Better::Lower),
        index(
            "fairness.max_over_mean",
            Index::MaxOverMean,
            "The best served against the mean.",
            Better::Lower,
        ),
        index(
            "fairness.min_over_mean",
            Index::MinOverMean,
            "The worst served against the mean.",
            Better::Higher,
        ),
    ]
}

/// The statistics of a distribution, with their probabilities for quantiles.
pub const QUANTILES: [(&str, f64); 6] =
    [("p50", 0.5), ("p75", 0.75), ("p90", 0.9), ("p95", 0.95), ("p99", 0.99), ("p999", 0.999)];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_measure_has_a_sentence_a_formula_and_a_unit_and_no_two_have_one_name_for_one_part() {
        let all = entries(&[SimDuration::from_secs(20), SimDuration::from_secs(60)]);
        let mut seen = std::collections::BTreeSet::new();
        for entry in &all {
            assert!(!entry.sentence.is_empty() && !entry.formula.is_empty(), "{}", entry.name);
            assert!(!entry.unit.is_empty(), "{}", entry.name);
            let about = format!("{:?}", entry.about);
            assert!(seen.insert((entry.name.clone(), about)), "{} twice", entry.name);
        }
    }

    #[test]
    fn lengths_are_written_as_in_a_scenario() {
        for (ms, text) in [
            (20_000, "20s"),
            (60_000, "60s"),
            (90_000, "90s"),
            (120_000, "2m"),
            (150_000, "2m30s"),
            (3_600_000, "1h"),
            (1_500, "1500ms"),
        ] {
            assert_eq!(compact(SimDuration::from_millis(ms)), text);
        }
    }
}
