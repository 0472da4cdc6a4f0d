//! Agents and teams, and the slots that a routing list means.

use crate::ids::{AgentId, ChatflowId};

use super::settings::{ChatflowSettings, LeadRecipients, Target};

/// The agents of a target, in order.
pub(super) fn members_of<'a>(target: &'a Target, teams: &'a [Vec<AgentId>]) -> &'a [AgentId] {
    match target {
        Target::Agent(agent) => std::slice::from_ref(agent),
        Target::Team(team) => &teams[team.index()],
    }
}

/// R-10, `flat`: the list with its teams expanded in order; an agent counts once, at the first place.
/// With each agent the target of that place.
pub(super) fn flat_slots(
    route_to: &[Target],
    teams: &[Vec<AgentId>],
    agents: usize,
) -> (Vec<AgentId>, Vec<Target>) {
    let mut listed = vec![false; agents];
    let mut slots = Vec::new();
    let mut entries = Vec::new();
    for target in route_to {
        for &agent in members_of(target, teams) {
            if !std::mem::replace(&mut listed[agent.index()], true) {
                slots.push(agent);
                entries.push(*target);
            }
        }
    }
    (slots, entries)
}

/// those among whom a chatflow's email leads go round, in order.
pub(super) fn lead_slots(
    settings: &ChatflowSettings,
    teams: &[Vec<AgentId>],
    agents: usize,
) -> Vec<AgentId> {
    let expanded = || flat_slots(&settings.route_to, teams, agents).0;
    match settings.email_leads.to {
        LeadRecipients::Agent(agent) => vec![agent],
        LeadRecipients::Expanded => expanded(),
        LeadRecipients::Agents => {
            let targets = settings.route_to.iter().copied();
            let direct: Vec<Target> = targets.filter(|t| matches!(t, Target::Agent(_))).collect();
            if direct.is_empty() { expanded() } else { flat_slots(&direct, teams, agents).0 }
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
