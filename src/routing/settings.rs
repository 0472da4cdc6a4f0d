//! What a Routing tab says.

use crate::ids::{AgentId, TeamId};

/// An entry of the routing list.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Target {
    /// One agent.
    Agent(AgentId),
    /// Every agent of a team, in the team's order.
    Team(TeamId),
}

/// who among the eligible slots is next.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum RotationPolicy {
    /// Round robin: the first eligible slot after the pointer.
    #[default]
    Ring,
    /// The eligible slot number ⌊u · eligible⌋, for the number u that comes with the input.
    Random,
}

/// to whom email leads go.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum LeadRecipients {
    /// The directly listed agents; if there are none, the list with its teams expanded.
    #[default]
    Agents,
    /// The list with its teams expanded.
    Expanded,
    /// One agent, listed or not.
    Agent(AgentId),
}

/// how email leads are spread.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct EmailLeads {
    /// Among whom.
    pub to: LeadRecipients,
    /// By which order; the pointer is the leads' own.
    pub by: RotationPolicy,
}

/// The Routing tab of one chatflow.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ChatflowSettings {
    /// the routing list, in order.
    pub route_to: Vec<Target>,
    /// the rotation over its slots.
    pub rotation: RotationPolicy,
    /// the box "if a visitor is owned, route their incoming chats to the owner".
    pub route_to_owner: bool,
    /// who gets the email leads.
    pub email_leads: EmailLeads,
}

/// Everything the engine is told before the first input.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Setup {
    /// Number of agents; their ids are 0 to this.
    pub agents: usize,
    /// The members of each team, in order.
    pub teams: Vec<Vec<AgentId>>,
    /// The chatflows in order of their ids.
    pub chatflows: Vec<ChatflowSettings>,
}
