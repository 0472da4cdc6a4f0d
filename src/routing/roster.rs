//! Agents and teams, and the slots that a routing list means.

use crate::ids::{AgentId, ChatflowId};

use super::settings::{LeadRecipients, Setup, Target};

/// R-10, `flat`: the list with its teams expanded in order; an agent counts once, at the first place.
#[must_use]
pub(super) fn flat_slots(
    route_to: &[Target],
    teams: &[Vec<AgentId>],
    agents: usize,
) -> Vec<AgentId> {
    let mut listed = vec![false; agents];
    let mut slots = Vec::new();
    for target in route_to {
        let members = match target {
            Target::Agent(agent) => std::slice::from_ref(agent),
            Target::Team(team) => &teams[team.index()],
        };
        for &agent in members {
            if !std::mem::replace(&mut listed[agent.index()], true) {
                slots.push(agent);
            }
        }
    }
    slots
}

/// those among whom a chatflow's email leads go round, in order.
#[must_use]
pub(super) fn lead_slots(chatflow: ChatflowId, setup: &Setup) -> Vec<AgentId> {
    let settings = &setup.chatflows[chatflow.index()];
    let expanded = || flat_slots(&settings.route_to, &setup.teams, setup.agents);
    match settings.email_leads.to {
        LeadRecipients::Agent(agent) => vec![agent],
        LeadRecipients::Expanded => expanded(),
        LeadRecipients::Agents => {
            let direct: Vec<Target> = settings
                .route_to
                .iter()
                .copied()
                .filter(|target| matches!(target, Target::Agent(_)))
                .collect();
            if direct.is_empty() {
                expanded()
            } else {
                flat_slots(&direct, &setup.teams, setup.agents)
            }
        }
    }
}

/// A slot of a chatflow's list.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Membership {
    /// Whose list.
    pub chatflow: ChatflowId,
    /// The place on it.
    pub slot: u32,
}

/// For each agent the slots that are theirs, over all lists.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Memberships {
    all: Vec<Membership>,
    /// The agent's part of `all` ends here and begins where the agent's before ends.
    ends: Vec<u32>,
}

impl Memberships {
    /// From the slots of each list, in order of chatflows.
    #[must_use]
    pub fn new<'a>(agents: usize, lists: impl Iterator<Item = &'a [AgentId]>) -> Self {
        let mut by_agent = vec![Vec::new(); agents];
        for (chatflow, slots) in lists.enumerate() {
            for (slot, agent) in (0_u32..).zip(slots) {
                by_agent[agent.index()]
                    .push(Membership { chatflow: ChatflowId::new(chatflow), slot });
            }
        }
        let ends = by_agent
            .iter()
            .scan(0, |end, own| {
                *end += own.len();
                Some(u32::try_from(*end).expect("lists hold fewer than 2^32 places together"))
            })
            .collect();
        Self { all: by_agent.concat(), ends }
    }

    /// The slots of one agent, in order of chatflows.
    #[must_use]
    #[inline]
    pub fn of(&self, agent: AgentId) -> &[Membership] {
        let begins = match agent.index() {
            0 => 0,
            index => self.ends[index - 1] as usize,
        };
        &self.all[begins..self.ends[agent.index()] as usize]
    }
}
