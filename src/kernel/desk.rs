//! Agents at their desks: the chats that wait for a reply, oldest first, the emails below them,
//! and the one thing in hand.
//!
//! The two piles of a desk are lists linked through the conversations' slots, so that putting on,
//! taking off and taking away from the middle cost the same few writes and no memory.

use crate::ids::{AgentId, ConversationId};
use crate::time::{SimDuration, SimTime};

const NONE: u32 = u32::MAX;

/// What an agent has in hand.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Work {
    /// A reply in a chat.
    Chat(ConversationId),
    /// The answer to an email, which stays on top of its pile meanwhile.
    Email(ConversationId),
}

/// A pile: first in, first out.
#[derive(Clone, Copy, Debug)]
struct Pile {
    first: u32,
    last: u32,
}

const EMPTY: Pile = Pile { first: NONE, last: NONE };

#[derive(Clone, Copy, Debug)]
struct Link {
    before: u32,
    after: u32,
}

/// Which of the two piles.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Tray {
    Chats,
    Emails,
}

/// One agent's desk.
#[derive(Clone, Copy, Debug)]
pub(super) struct Desk {
    piles: [Pile; 2],
    /// What is in hand, and when it will be done.
    pub(super) in_hand: Option<(Work, SimTime)>,
    /// The office hours say so.
    pub(super) in_hours: bool,
    /// Absent, announced or not.
    pub(super) gone: bool,
}

impl Desk {
    /// The agent is really there and takes up new work.
    pub(super) const fn attended(&self) -> bool {
        self.in_hours && !self.gone
    }
}

/// All desks.
#[derive(Debug)]
pub(super) struct Desks {
    desks: Vec<Desk>,
    /// By the slot of the conversation; a conversation is on one pile at most.
    links: Vec<Link>,
}

impl Desks {
    /// Empty desks, everybody there.
    pub(super) fn new(agents: usize) -> Self {
        let desk = Desk { piles: [EMPTY; 2], in_hand: None, in_hours: true, gone: false };
        Self { desks: vec![desk; agents], links: Vec::new() }
    }

    #[inline]
    pub(super) fn of(&self, agent: AgentId) -> &Desk {
        &self.desks[agent.index()]
    }

    #[inline]
    pub(super) fn of_mut(&mut self, agent: AgentId) -> &mut Desk {
        &mut self.desks[agent.index()]
    }

    /// Puts a conversation at the end of a pile.
    pub(super) fn put(&mut self, agent: AgentId, tray: Tray, conversation: ConversationId) {
        let place = conversation.index();
        if self.links.len() <= place {
            self.links.resize(place + 1, Link { before: NONE, after: NONE });
        }
        let pile = &mut self.desks[agent.index()].piles[tray as usize];
        let own = slot(conversation);
        self.links[place] = Link { before: pile.last, after: NONE };
        match pile.last {
            NONE => pile.first = own,
            last => self.links[last as usize].after = own,
        }
        pile.last = own;
    }

    /// The oldest of a pile.
    #[inline]
    pub(super) fn first(&self, agent: AgentId, tray: Tray) -> Option<ConversationId> {
        match self.desks[agent.index()].piles[tray as usize].first {
            NONE => None,
            first => Some(ConversationId::new(first as usize)),
        }
    }

    /// Takes a conversation off the pile that it is on.
    pub(super) fn take(&mut self, agent: AgentId, tray: Tray, conversation: ConversationId) {
        let Link { before, after } = self.links[conversation.index()];
        let pile = &mut self.desks[agent.index()].piles[tray as usize];
        match before {
            NONE => {
                assert_eq!(pile.first, slot(conversation), "it lies on this pile");
                pile.first = after;
            }
            before => self.links[before as usize].after = after,
        }
        match after {
            NONE => pile.last = before,
            after => self.links[after as usize].before = before,
        }
    }

    /// Puts down an email that is in hand, and says how much work is left on it.
    pub(super) fn put_down_email(
        &mut self,
        agent: AgentId,
        now: SimTime,
    ) -> Option<(ConversationId, SimDuration)> {
        let desk = &mut self.desks[agent.index()];
        let Some((Work::Email(conversation), done_at)) = desk.in_hand else { return None };
        desk.in_hand = None;
        Some((conversation, done_at.since(now)))
    }
}

fn slot(conversation: ConversationId) -> u32 {
    u32::try_from(conversation.index()).expect("ids are 32 bits")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::VecDeque;

    proptest! {
        #[test]
        fn piles_are_queues_that_can_be_taken_from_the_middle(
            steps in prop::collection::vec((0_usize..3, 0_usize..20, any::<bool>()), 1..300)
        ) {
            let mut desks = Desks::new(3);
            let mut plain: Vec<[VecDeque<usize>; 2]> = vec![Default::default(); 3];
            let mut lies: Vec<Option<(usize, Tray)>> = vec![None; 20];
            for (agent, conversation, email) in steps {
                let tray = if email { Tray::Emails } else { Tray::Chats };
                let id = ConversationId::new(conversation);
                match lies[conversation].take() {
                    Some((agent, tray)) => {
                        desks.take(AgentId::new(agent), tray, id);
                        plain[agent][tray as usize].retain(|c| *c != conversation);
                    }
                    None => {
                        desks.put(AgentId::new(agent), tray, id);
                        plain[agent][tray as usize].push_back(conversation);
                        lies[conversation] = Some((agent, tray));
                    }
                }
                for (agent, piles) in plain.iter().enumerate() {
                    for tray in [Tray::Chats, Tray::Emails] {
                        let first = desks.first(AgentId::new(agent), tray).map(ConversationId::index);
                        prop_assert_eq!(first, piles[tray as usize].front().copied());
                    }
                }
            }
        }
    }
}
