//! The rules as stories: one step a line, the answer after `=>`.
//!
//! A story opens with the agents and the list, then goes on with what happens:
//!
//! ```text
//! agents ana ben eve
//! team sales ana ben
//! web routes to team:sales eve, owner first
//! ben goes away
//! v1 writes => assigned ana rotation
//! ```
//!
//! A visitor `v1` writes the conversation `v1`; `v1 writes again from k` and the like say more.

use std::collections::BTreeMap;

use super::*;
use crate::ids::{AgentId, ChatflowId, ContactId, ConversationId, TeamId};

/// Numbers for names, in order of first appearance.
#[derive(Default)]
struct Names(BTreeMap<String, usize>);

impl Names {
    fn number(&mut self, name: &str) -> usize {
        let next = self.0.len();
        *self.0.entry(name.to_owned()).or_insert(next)
    }

    fn name(&self, number: usize) -> &str {
        self.0.iter().find(|(_, n)| **n == number).expect("a number that was given").0
    }
}

#[derive(Default)]
struct Stage {
    agents: Names,
    teams: Names,
    flows: Names,
    conversations: Names,
    contacts: Names,
    setup: Setup,
    engine: Option<Engine>,
}

/// Plays a story and compares every answer that it writes down.
#[track_caller]
fn check(story: &str) {
    let mut stage = Stage::default();
    for (number, line) in story.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (step, expected) = match line.split_once("=>") {
            Some((step, expected)) => (step.trim(), Some(expected.trim())),
            None => (line, None),
        };
        let answer = stage.play(step);
        if let Some(expected) = expected {
            assert_eq!(answer, expected, "line {}: {step}", number + 1);
        }
    }
}

impl Stage {
    fn play(&mut self, step: &str) -> String {
        let words: Vec<&str> = step.split([' ', ',']).filter(|w| !w.is_empty()).collect();
        match words[..] {
            ["agents", ref names @ ..] => {
                for name in names {
                    self.agents.number(name);
                }
                self.setup.agents = vec![AgentSettings::default(); names.len()];
                String::new()
            }
            ["team", name, ref members @ ..] => {
                self.teams.number(name);
                let members = members.iter().map(|m| AgentId::new(self.agents.number(m))).collect();
                self.setup.teams.push(members);
                String::new()
            }
            [flow, "routes", "to", ref rest @ ..] => {
                self.flows.number(flow);
                let settings = self.settings(rest);
                self.setup.chatflows.push(settings);
                String::new()
            }
            _ => self.happens(&words),
        }
    }

    fn settings(&mut self, words: &[&str]) -> ChatflowSettings {
        let mut settings = ChatflowSettings::default();
        let mut rest = words;
        while let [word, more @ ..] = rest {
            rest = more;
            match (*word, more) {
                ("owner", ["first", more @ ..]) => {
                    settings.route_to_owner = true;
                    rest = more;
                }
                ("at", ["random", more @ ..]) => {
                    settings.rotation = RotationPolicy::Random;
                    rest = more;
                }
                ("leads", ["to", whom, more @ ..]) => {
                    settings.email_leads.to = match *whom {
                        "agents" => LeadRecipients::Agents,
                        "expanded" => LeadRecipients::Expanded,
                        name => LeadRecipients::Agent(AgentId::new(self.agents.number(name))),
                    };
                    rest = more;
                }
                ("leads", ["at", "random", more @ ..]) => {
                    settings.email_leads.by = LeadRotation::Random;
                    rest = more;
                }
                (target, _) => settings.route_to.push(match target.strip_prefix("team:") {
                    Some(team) => Target::Team(TeamId::new(self.teams.number(team))),
                    None => Target::Agent(AgentId::new(self.agents.number(target))),
                }),
            }
        }
        settings
    }

    fn happens(&mut self, words: &[&str]) -> String {
        use PresenceChange as Change;
        let change = match words[1..] {
            ["goes", "away"] => Some(Change::Away),
            ["comes", "back"] => Some(Change::Back),
            ["wants", "replies", "reassigned"] => Some(Change::ReassignOn),
            ["keeps", "replies"] => Some(Change::ReassignOff),
            ["leaves", "hours"] => Some(Change::LeaveHours),
            ["enters", "hours"] => Some(Change::EnterHours),
            ["disconnects"] => Some(Change::Disconnect),
            ["connects"] => Some(Change::Connect),
            ["is", "deactivated"] => Some(Change::Deactivate),
            ["is", "activated"] => Some(Change::Activate),
            _ => None,
        };
        let input = match (change, words) {
            (Some(change), _) => {
                Input::Presence(AgentId::new(self.agents.number(words[0])), change)
            }
            (None, [who, "closes"]) => {
                Input::Close(ConversationId::new(self.conversations.number(who)))
            }
            (None, [_, "loads", details @ ..]) => {
                let message = self.message("", details);
                Input::Load { chatflow: message.chatflow, visitor: message.visitor }
            }
            (None, [who, "writes", details @ ..]) => Input::Message(self.message(who, details)),
            _ => panic!("no such step: {words:?}"),
        };
        let setup = &self.setup;
        let mut answers = Vec::new();
        self.engine.get_or_insert_with(|| Engine::new(setup)).apply(&input, &mut answers);
        let answers: Vec<String> = answers.iter().map(|answer| self.say(answer)).collect();
        answers.join("; ")
    }

    /// `owned by ana`, `without cookie`, `as kim`, `known`, `without address`, `lot 0.7`, `to FLOW`.
    fn message(&mut self, conversation: &str, details: &[&str]) -> Message {
        let mut message = Message {
            conversation: ConversationId::new(self.conversations.number(conversation)),
            chatflow: ChatflowId::new(0),
            writer: None,
            visitor: VisitorFacts { known: false, owner: None, tracked: true },
            leaves_email: true,
            lot: 0.0,
        };
        for pair in details.chunks(2) {
            match pair {
                ["again", "please"] => {}
                ["owned", name] => {
                    message.visitor.known = true;
                    message.visitor.owner = Some(AgentId::new(self.agents.number(name)));
                }
                ["without", "cookie"] => message.visitor.tracked = false,
                ["without", "address"] => message.leaves_email = false,
                ["known", "contact"] => message.visitor.known = true,
                ["as", name] => message.writer = Some(ContactId::new(self.contacts.number(name))),
                ["to", name] => message.chatflow = ChatflowId::new(self.flows.number(name)),
                ["lot", number] => message.lot = number.parse().expect("a number"),
                other => panic!("no such detail: {other:?}"),
            }
        }
        message
    }

    fn say(&self, answer: &Answer) -> String {
        match *answer {
            Answer::Greeted(None) => "the team".to_owned(),
            Answer::Greeted(Some(agent)) => self.agents.name(agent.index()).to_owned(),
            Answer::Decided(decision) => {
                let agent = decision.agent.map_or("nobody", |a| self.agents.name(a.index()));
                let (outcome, reason) = (decision.outcome.name(), decision.outcome.reason());
                match decision.outcome {
                    Outcome::Kept(KeptReason::Joined) => {
                        let joined = self.conversations.name(decision.conversation.index());
                        format!("kept {agent} joined {joined}")
                    }
                    _ => format!("{outcome} {agent} {reason}"),
                }
            }
            Answer::EligibleChanged { chatflow, agent, eligible } => format!(
                "{} {} {}",
                self.flows.name(chatflow.index()),
                if eligible { "gains" } else { "loses" },
                self.agents.name(agent.index())
            ),
        }
    }
}

#[test]
fn the_ring_goes_round_and_who_returns_waits_for_it() {
    check(
        "agents ana ben eve
         web routes to ana ben eve
         v1 writes => assigned ana rotation
         ben disconnects => web loses ben
         v2 writes => assigned eve rotation
         v3 writes => assigned ana rotation
         ben connects => web gains ben
         v4 writes => assigned ben rotation
         v5 writes => assigned eve rotation",
    );
}

#[test]
fn a_team_is_expanded_in_place_and_an_agent_counts_once_at_the_first_place() {
    check(
        "agents ana ben eve zoe
         team sales ben ana eve
         web routes to eve team:sales zoe
         v1 writes => assigned eve rotation
         v2 writes => assigned ben rotation
         v3 writes => assigned ana rotation
         v4 writes => assigned zoe rotation
         v5 writes => assigned eve rotation",
    );
}

#[test]
fn with_nobody_there_the_pointer_stays() {
    check(
        "agents ana ben
         web routes to ana ben
         v1 writes => assigned ana rotation
         ana goes away => web loses ana
         ben leaves hours => web loses ben
         v2 writes => emailed ana nobody_online
         ana comes back => web gains ana
         ben enters hours => web gains ben
         v3 writes => assigned ben rotation",
    );
}

#[test]
fn lots_pick_the_eligible_slot_that_the_number_points_to() {
    check(
        "agents ana ben eve zoe
         web routes to ana ben eve zoe, at random
         v1 writes lot 0 => assigned ana rotation
         v2 writes lot 0.26 => assigned ben rotation
         v3 writes lot 0.99 => assigned zoe rotation
         ben goes away => web loses ben
         v4 writes lot 0.34 => assigned eve rotation
         v5 writes lot 0.33 => assigned ana rotation",
    );
}

#[test]
fn owners_and_closes_do_not_move_the_pointer() {
    check(
        "agents ana ben eve
         web routes to ana ben eve, owner first
         v1 writes => assigned ana unowned
         v2 writes owned eve => assigned eve owner
         v1 closes =>
         v3 writes => assigned ben unowned",
    );
}

#[test]
fn an_owner_need_not_be_on_the_list() {
    check(
        "agents ana zoe
         web routes to ana, owner first
         v1 writes owned zoe => assigned zoe owner",
    );
}

#[test]
fn an_owner_who_is_not_online_is_emailed_though_the_list_is_idle() {
    check(
        "agents ana ben zoe
         web routes to ana ben, owner first
         zoe goes away =>
         v1 writes owned zoe => emailed zoe owner_offline
         zoe comes back =>
         zoe leaves hours =>
         v2 writes owned zoe => emailed zoe owner_offline
         zoe enters hours =>
         v3 writes owned zoe => assigned zoe owner
         v4 writes => assigned ana unowned",
    );
}

#[test]
fn without_the_box_ownership_counts_for_nothing() {
    check(
        "agents ana zoe
         web routes to ana
         v1 writes owned zoe => assigned ana rotation
         v2 loads owned zoe => the team",
    );
}

#[test]
fn who_is_not_recognised_or_whose_owner_has_left_goes_to_the_list_and_the_cause_is_told() {
    check(
        "agents ana zoe
         web routes to ana, owner first
         v1 writes owned zoe without cookie => assigned ana untracked
         v2 writes known contact => assigned ana unowned
         v3 writes => assigned ana unowned
         zoe is deactivated =>
         v4 writes owned zoe => assigned ana orphan",
    );
}

#[test]
fn the_widget_shows_the_owner_online_or_not_but_not_one_who_has_left() {
    check(
        "agents ana zoe
         web routes to ana, owner first
         v1 loads owned zoe => zoe
         zoe goes away =>
         v1 loads owned zoe => zoe
         v1 loads owned zoe without cookie => the team
         v1 loads => the team
         zoe is deactivated =>
         v1 loads owned zoe => the team",
    );
}

#[test]
fn leads_go_round_the_active_agents_whether_online_or_not() {
    check(
        "agents ana ben eve
         web routes to ana ben eve
         ana leaves hours => web loses ana
         ben leaves hours => web loses ben
         eve leaves hours => web loses eve
         v1 writes => emailed ana nobody_online
         v2 writes => emailed ben nobody_online
         eve is deactivated =>
         v3 writes => emailed ana nobody_online
         eve is activated =>
         v4 writes => emailed ben nobody_online
         v5 writes => emailed eve nobody_online",
    );
}

#[test]
fn a_lead_needs_an_address_unless_the_contact_is_known() {
    check(
        "agents ana
         web routes to ana
         ana goes away => web loses ana
         v1 writes without address => lost nobody nobody_online
         v2 writes known contact without address => emailed ana nobody_online",
    );
}

#[test]
fn leads_go_to_the_agents_who_are_listed_themselves_before_those_in_teams() {
    check(
        "agents ana ben eve
         team sales ana ben
         web routes to team:sales eve
         all routes to team:sales eve, leads to expanded
         one routes to team:sales eve, leads to ben
         lot routes to team:sales eve, leads to expanded, leads at random
         ana goes away => web loses ana; all loses ana; one loses ana; lot loses ana
         ben goes away => web loses ben; all loses ben; one loses ben; lot loses ben
         eve goes away => web loses eve; all loses eve; one loses eve; lot loses eve
         v1 writes to web => emailed eve nobody_online
         v2 writes to web => emailed eve nobody_online
         v3 writes to all => emailed ana nobody_online
         v4 writes to all => emailed ben nobody_online
         v5 writes to one => emailed ben nobody_online
         v6 writes to one => emailed ben nobody_online
         v7 writes to lot lot 0.9 => emailed eve nobody_online",
    );
}

#[test]
fn replies_move_on_only_from_an_agent_who_is_away_and_asked_for_it() {
    check(
        "agents ana ben
         web routes to ana ben
         v1 writes => assigned ana rotation
         v1 writes => kept ana reply
         ana goes away => web loses ana
         v1 writes => kept ana reply_to_away
         ana wants replies reassigned =>
         v1 writes => reassigned ben away
         ana comes back => web gains ana
         v1 writes => kept ben reply",
    );
}

#[test]
fn wanting_replies_reassigned_does_nothing_for_who_is_not_away() {
    check(
        "agents ana ben
         web routes to ana ben
         ana wants replies reassigned =>
         v1 writes => assigned ana rotation
         v1 writes => kept ana reply",
    );
}

#[test]
fn a_reassignment_moves_the_ring_like_a_first_message() {
    check(
        "agents ana ben eve
         web routes to ana ben eve
         v1 writes => assigned ana rotation
         ana wants replies reassigned =>
         ana goes away => web loses ana
         v1 writes => reassigned ben away
         v2 writes => assigned eve rotation",
    );
}

#[test]
fn a_conversation_that_came_by_the_owner_moves_to_the_chatflows_list() {
    check(
        "agents ana zoe
         web routes to ana, owner first
         v1 writes owned zoe => assigned zoe owner
         zoe goes away =>
         zoe wants replies reassigned =>
         v1 writes owned zoe => reassigned ana away",
    );
}

#[test]
fn with_nobody_else_there_a_reply_stays_and_is_emailed_too() {
    check(
        "agents ana ben
         web routes to ana ben
         v1 writes => assigned ana rotation
         ben disconnects => web loses ben
         ana goes away => web loses ana
         ana wants replies reassigned =>
         v1 writes => kept ana reassign_failed
         ben connects => web gains ben
         v1 writes => reassigned ben away",
    );
}

#[test]
fn leaving_hours_or_losing_the_line_is_not_being_away() {
    check(
        "agents ana ben
         web routes to ana ben
         ana wants replies reassigned =>
         v1 writes => assigned ana rotation
         ana disconnects => web loses ana
         v1 writes => kept ana reply_to_disconnected
         ana leaves hours =>
         v1 writes => kept ana reply_out_of_hours
         ana goes away =>
         v1 writes => reassigned ben away",
    );
}

#[test]
fn conversations_of_who_has_left_the_account_move_on() {
    check(
        "agents ana ben
         web routes to ana ben
         v1 writes => assigned ana rotation
         ana is deactivated => web loses ana
         v1 writes => reassigned ben deactivated",
    );
}

#[test]
fn a_second_conversation_of_one_writer_joins_the_open_one_of_that_chatflow() {
    check(
        "agents ana ben
         web routes to ana ben
         shop routes to ana ben
         v1 writes as kim to web => assigned ana rotation
         v2 writes as kim to web => kept ana joined v1
         v3 writes as kim to shop => assigned ana rotation
         v1 closes =>
         v4 writes as kim to web => assigned ben rotation",
    );
}

#[test]
fn a_message_that_joins_is_a_reply_and_moves_on_like_one() {
    check(
        "agents ana ben
         web routes to ana ben
         v1 writes as kim => assigned ana rotation
         ana goes away => web loses ana
         v2 writes as kim => kept ana reply_to_away
         ana wants replies reassigned =>
         v3 writes as kim => reassigned ben away",
    );
}

#[test]
fn an_email_ends_a_conversation_and_the_next_message_routes_anew() {
    check(
        "agents ana
         web routes to ana
         ana goes away => web loses ana
         v1 writes as kim => emailed ana nobody_online
         ana comes back => web gains ana
         v1 writes as kim => assigned ana rotation",
    );
}
