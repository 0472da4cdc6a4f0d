//! Who is on which list, who of them is eligible, and who of those has nothing open.

use crate::ids::{AgentId, ChatflowId};
use crate::routing::{Membership, Memberships};

/// The lists as the recorders see them: from facts, not from the rules.
#[derive(Clone, Debug)]
pub(super) struct Lists {
    memberships: Memberships,
    /// For each chatflow and slot.
    eligible: Vec<Vec<bool>>,
    /// For each chatflow: eligible agents without an open conversation.
    idle: Vec<u32>,
    /// For each agent: open conversations.
    open: Vec<u32>,
}

impl Lists {
    /// Everybody eligible and nothing open, as a simulation begins.
    pub(super) fn new(agents: usize, lists: &[Vec<AgentId>]) -> Self {
        Self {
            memberships: Memberships::new(agents, lists.iter().map(Vec::as_slice)),
            eligible: lists.iter().map(|slots| vec![true; slots.len()]).collect(),
            idle: lists.iter().map(|slots| slots.len() as u32).collect(),
            open: vec![0; agents],
        }
    }

    /// The slot of an agent on a chatflow's list.
    pub(super) fn slot(&self, chatflow: ChatflowId, agent: AgentId) -> Option<usize> {
        let places = self.memberships.of(agent);
        places.iter().find(|place| place.chatflow == chatflow).map(|place| place.slot as usize)
    }

    /// Whether an agent is on any list.
    pub(super) fn is_listed(&self, agent: AgentId) -> bool {
        !self.memberships.of(agent).is_empty()
    }

    pub(super) fn is_eligible(&self, chatflow: ChatflowId, slot: usize) -> bool {
        self.eligible[chatflow.index()][slot]
    }

    /// Eligible agents of a list that have no open conversation.
    pub(super) fn idle(&self, chatflow: ChatflowId) -> u32 {
        self.idle[chatflow.index()]
    }

    pub(super) fn set_eligible(
        &mut self,
        chatflow: ChatflowId,
        slot: usize,
        agent: AgentId,
        eligible: bool,
    ) {
        let before = std::mem::replace(&mut self.eligible[chatflow.index()][slot], eligible);
        if self.open[agent.index()] == 0 && before != eligible {
            let idle = &mut self.idle[chatflow.index()];
            *idle = if eligible { *idle + 1 } else { *idle - 1 };
        }
    }

    pub(super) fn opened(&mut self, agent: AgentId) {
        self.open[agent.index()] += 1;
        if self.open[agent.index()] == 1 {
            self.change_idle(agent, false);
        }
    }

    pub(super) fn closed(&mut self, agent: AgentId) {
        self.open[agent.index()] -= 1;
        if self.open[agent.index()] == 0 {
            self.change_idle(agent, true);
        }
    }

    fn change_idle(&mut self, agent: AgentId, idle: bool) {
        for &Membership { chatflow, slot } in self.memberships.of(agent) {
            if self.eligible[chatflow.index()][slot as usize] {
                let count = &mut self.idle[chatflow.index()];
                *count = if idle { *count + 1 } else { *count - 1 };
            }
        }
    }
}
