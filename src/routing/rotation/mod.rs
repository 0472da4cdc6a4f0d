//! who among the eligible slots of a group is next.
//!
//! A [`Group`] is a list of agents over which one rotation runs: the whole list under `flat`, one
//! target under `nested` and `ordered`. What the policies look at is of three kinds, and each has
//! its own way to be fast:
//!
//! - a place: `ring`, `priority`, `random`, `last-index` ask the bitmap of eligible slots;
//! - a rank: `lru`, `longest-idle`, `least-open`, `percent-spare`, `lifetime-count` each turn what
//!   they compare into one number, and a winner tree keeps the smallest;
//! - weights: `smooth-weighted` goes through all who are eligible, and so grows with their number.
//!
//! When not everybody who is eligible may be picked (a move away from an agent who is still online,
//! a move within a team), the candidates are few or the case is rare: they are gone through one by
//! one, by the same rules ([`Group::pick_among`]).

mod winner;

use crate::ids::AgentId;

use super::eligible::SlotSet;
use super::settings::{Memory, ReturnerWeight, RotationPolicy};

use winner::{ABSENT, WinnerTree};

/// What the policies look at in an agent; the same for all lists.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Load {
    /// Open conversations.
    pub(super) open: u32,
    /// The most of them; `None` without a limit.
    pub(super) capacity: Option<u32>,
    /// When the last one ended, as a place in the order of such ends; 0 for never had one.
    pub(super) empty_since: u64,
    /// For the smooth weighted rotation.
    pub(super) weight: u32,
}

/// What a rotation remembers of an agent.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Memo {
    /// The place of the last assignment in the order of assignments; 0 for never.
    pub(super) assigned_at: u64,
    /// Assignments ever.
    pub(super) count: u64,
    /// Current weight of the smooth weighted rotation.
    pub(super) current: i64,
}

/// what all rotations of the account remember together.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Account {
    /// By agent.
    memos: Vec<Memo>,
    /// The account's last winner.
    last: Option<AgentId>,
    /// Assignments so far: the order of assignments.
    assignments: u64,
}

impl Account {
    pub(super) fn new(agents: usize) -> Self {
        Self { memos: vec![Memo::default(); agents], last: None, assignments: 0 }
    }
}

/// A list of agents and the rotation over it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Group {
    policy: RotationPolicy,
    memory: Memory,
    members: Vec<AgentId>,
    eligible: SlotSet,
    /// under shared memory, the slot of each agent who has one here, by agent.
    places: Vec<Option<u32>>,
    /// The ring's pointer.
    pointer: Option<usize>,
    /// The last assignee, on the list or not, with the slot.
    last: Option<(Option<usize>, AgentId)>,
    memos: Vec<Memo>,
    assignments: u64,
    ranks: Option<WinnerTree>,
}

impl Group {
    /// A rotation that has not picked anybody, over members none of whom is eligible yet.
    pub(super) fn new(policy: RotationPolicy, memory: Memory, members: Vec<AgentId>) -> Self {
        let ranked = policy.is_ranked();
        Self {
            policy,
            memory,
            eligible: SlotSet::new(members.len()),
            pointer: None,
            last: None,
            memos: vec![Memo::default(); members.len()],
            assignments: 0,
            ranks: ranked.then(|| WinnerTree::new(members.len())),
            places: if memory == Memory::Account { places_of(&members) } else { Vec::new() },
            members,
        }
    }

    pub(super) fn members(&self) -> &[AgentId] {
        &self.members
    }

    pub(super) const fn eligible(&self) -> &SlotSet {
        &self.eligible
    }

    /// A member becomes eligible or ceases to be.
    pub(super) fn set_eligible(
        &mut self,
        slot: usize,
        eligible: bool,
        load: &Load,
        account: &Account,
    ) {
        self.eligible.set(slot, eligible);
        self.rank(slot, load, account);
    }

    /// What a member's rank depends on has changed.
    pub(super) fn rank(&mut self, slot: usize, load: &Load, account: &Account) {
        if self.ranks.is_none() {
            return;
        }
        let key = if self.eligible.contains(slot) { self.key(slot, load, account) } else { ABSENT };
        if let Some(ranks) = &mut self.ranks {
            ranks.set(slot, key);
        }
    }

    /// What the ranked policies compare, smallest first, as one number.
    fn key(&self, slot: usize, load: &Load, account: &Account) -> u64 {
        let memo = self.memo(slot, account);
        // Fewest open conversations, then longest since last assigned. 2^20 open conversations and
        // 2^43 assignments are beyond any run; more would count as equal.
        let least_open =
            u64::from(load.open.min((1 << 20) - 1)) << 43 | memo.assigned_at.min((1 << 43) - 1);
        match self.policy {
            RotationPolicy::Lru => memo.assigned_at,
            RotationPolicy::LifetimeCount => memo.count,
            RotationPolicy::LeastOpen => least_open,
            RotationPolicy::LongestIdle if load.open == 0 => load.empty_since,
            RotationPolicy::LongestIdle => 1 << 63 | least_open,
            RotationPolicy::PercentSpare => spare_key(load),
            _ => 0,
        }
    }

    fn memo(&self, slot: usize, account: &Account) -> Memo {
        match self.memory {
            Memory::Chatflow => self.memos[slot],
            Memory::Account => account.memos[self.members[slot].index()],
        }
    }

    fn memo_mut<'a>(&'a mut self, slot: usize, account: &'a mut Account) -> &'a mut Memo {
        match self.memory {
            Memory::Chatflow => &mut self.memos[slot],
            Memory::Account => &mut account.memos[self.members[slot].index()],
        }
    }

    /// The slot of the account's last winner, if that is on this list.
    fn account_place(&self, account: &Account) -> Option<usize> {
        let place = self.places.get(account.last?.index()).copied().flatten();
        place.map(|slot| slot as usize)
    }

    /// The slot after which the ring goes on: that of the account's last winner if the memory is
    /// shared and that one is on this list, else the group's own last winner's.
    fn ring_place(&self, account: &Account) -> Option<usize> {
        match self.memory {
            Memory::Chatflow => self.pointer,
            Memory::Account => self.account_place(account).or(self.pointer),
        }
    }

    fn last_assignee(&self, account: &Account) -> Option<usize> {
        match self.memory {
            Memory::Chatflow => self.last.and_then(|(slot, _)| slot),
            Memory::Account => self.account_place(account),
        }
    }

    /// The next of all who are eligible. It is not noted yet: see [`Group::note`].
    #[inline]
    pub(super) fn next(
        &mut self,
        lot: f64,
        account: &mut Account,
        loads: &[Load],
    ) -> Option<usize> {
        match self.policy {
            RotationPolicy::Ring => self.eligible.next_after(self.ring_place(account)),
            RotationPolicy::Priority => self.eligible.first_from(0),
            RotationPolicy::Random => self.eligible.nth(nth_of(lot, self.eligible.len())),
            RotationPolicy::LastIndex => {
                let last = self.last_assignee(account);
                self.eligible.next_after(last.filter(|slot| self.eligible.contains(*slot)))
            }
            RotationPolicy::SmoothWeighted => {
                let eligible = &self.eligible;
                let all =
                    std::iter::successors(eligible.first_from(0), |s| eligible.first_from(s + 1));
                let candidates: Vec<usize> = all.collect();
                self.heaviest(&candidates, account, loads)
            }
            _ => self.ranks.as_ref().and_then(WinnerTree::winner),
        }
    }

    /// The same as [`Group::next`] as if only the candidates, slots in order, were eligible.
    pub(super) fn pick_among(
        &mut self,
        candidates: &[usize],
        lot: f64,
        account: &mut Account,
        loads: &[Load],
    ) -> Option<usize> {
        let first = *candidates.first()?;
        let after = |place: Option<usize>| {
            let next = candidates.iter().find(|slot| place.is_none_or(|p| **slot > p));
            Some(next.copied().unwrap_or(first))
        };
        match self.policy {
            RotationPolicy::Ring => after(self.ring_place(account)),
            RotationPolicy::Priority => Some(first),
            RotationPolicy::Random => {
                candidates.get(nth_of(lot, candidates.len() as u32) as usize).copied()
            }
            RotationPolicy::LastIndex => {
                let last = self.last_assignee(account);
                after(last.filter(|slot| candidates.contains(slot)))
            }
            RotationPolicy::SmoothWeighted => self.heaviest(candidates, account, loads),
            _ => candidates
                .iter()
                .copied()
                .min_by_key(|slot| self.key(*slot, &loads[self.members[*slot].index()], account)),
        }
    }

    /// Smooth weighted round robin: everybody gains their weight, the heaviest wins and loses the
    /// sum of all weights.
    fn heaviest(
        &mut self,
        candidates: &[usize],
        account: &mut Account,
        loads: &[Load],
    ) -> Option<usize> {
        let total = self.gain(candidates, account, loads);
        let mut best: Option<(usize, i64)> = None;
        for &slot in candidates {
            let current = self.memo(slot, account).current;
            if best.is_none_or(|(_, heaviest)| current > heaviest) {
                best = Some((slot, current));
            }
        }
        let (winner, _) = best?;
        self.memo_mut(winner, account).current -= total;
        Some(winner)
    }

    fn gain(&mut self, candidates: &[usize], account: &mut Account, loads: &[Load]) -> i64 {
        let mut total = 0;
        for &slot in candidates {
            let weight = i64::from(loads[self.members[slot].index()].weight);
            self.memo_mut(slot, account).current += weight;
            total += weight;
        }
        total
    }

    /// an owner's assignment counts as a pick of this slot by the smooth weighted rotation.
    pub(super) fn owner_weighs(&mut self, slot: usize, account: &mut Account, loads: &[Load]) {
        if self.policy == RotationPolicy::SmoothWeighted {
            let eligible = &self.eligible;
            let all = std::iter::successors(eligible.first_from(0), |s| eligible.first_from(s + 1));
            let candidates: Vec<usize> = all.collect();
            let total = self.gain(&candidates, account, loads);
            self.memo_mut(slot, account).current -= total;
        }
    }

    /// Notes that the rotation's state moves to this slot.
    #[inline]
    pub(super) fn note(&mut self, slot: usize, account: &mut Account) {
        let agent = self.members[slot];
        self.pointer = Some(slot);
        match self.memory {
            Memory::Chatflow => {
                self.last = Some((Some(slot), agent));
                self.assignments += 1;
                let memo = &mut self.memos[slot];
                memo.assigned_at = self.assignments;
                memo.count += 1;
            }
            Memory::Account => account.note(agent),
        }
    }

    /// somebody comes back online, and the setting says with which weight.
    pub(super) fn returns(&mut self, slot: usize, rule: ReturnerWeight, account: &mut Account) {
        if rule == ReturnerWeight::Zero && self.policy == RotationPolicy::SmoothWeighted {
            self.memo_mut(slot, account).current = 0;
        }
    }

    /// the members have been edited. The pointer stays on the same agent, or goes to the
    /// nearest place before it that is left; what was remembered of those who stay is kept.
    /// `retired` keeps what was remembered of those who left, and gives it back.
    pub(super) fn edited(
        self,
        members: Vec<AgentId>,
        retired: &mut std::collections::BTreeMap<AgentId, Memo>,
    ) -> Self {
        for (agent, memo) in self.members.iter().zip(&self.memos) {
            retired.insert(*agent, *memo);
        }
        let mut new = Self::new(self.policy, self.memory, members);
        new.last = self
            .last
            .map(|(_, agent)| (new.members.iter().position(|member| *member == agent), agent));
        new.assignments = self.assignments;
        new.pointer = moved_pointer(self.pointer, &self.members, &new.members);
        for (agent, memo) in new.members.iter().zip(&mut new.memos) {
            *memo = retired.remove(agent).unwrap_or_default();
        }
        new
    }
}

impl Account {
    /// who comes back begins at zero.
    pub(super) fn forget_weight(&mut self, agent: AgentId) {
        self.memos[agent.index()].current = 0;
    }

    /// Notes an assignment for the whole account.
    pub(super) fn note(&mut self, agent: AgentId) {
        self.assignments += 1;
        self.last = Some(agent);
        let memo = &mut self.memos[agent.index()];
        memo.assigned_at = self.assignments;
        memo.count += 1;
    }
}

/// What `percent-spare` compares, as a number that is smaller for more to spare: the free share of the
/// capacity, then the free places. Who was given more than the capacity has less than nothing to
/// spare.
fn spare_key(load: &Load) -> u64 {
    // Two shares with denominators below 2^16 differ by more than 2^-32, so 32 bits tell them apart.
    let capacity = i64::from(load.capacity.unwrap_or(1).max(1));
    let free = i64::from(load.capacity.unwrap_or(0)) - i64::from(load.open);
    let share = (free << 32).div_euclid(capacity).clamp(-(1 << 42), 1 << 32) + (1 << 42);
    let places = free.clamp(-(1 << 19), (1 << 19) - 1) + (1 << 19);
    (!(share << 20 | places)).cast_unsigned() & (u64::MAX >> 1)
}

/// The slots of members, by agent.
fn places_of(members: &[AgentId]) -> Vec<Option<u32>> {
    let most = members.iter().map(|agent| agent.index() + 1).max().unwrap_or(0);
    let mut places = vec![None; most];
    for (slot, agent) in (0..).zip(members) {
        places[agent.index()] = Some(slot);
    }
    places
}

/// where a pointer goes when a list is edited.
pub(super) fn moved_pointer<T: PartialEq>(
    pointer: Option<usize>,
    old: &[T],
    new: &[T],
) -> Option<usize> {
    let pointer = pointer?;
    old[..=pointer].iter().rev().find_map(|entry| new.iter().position(|other| other == entry))
}

/// ⌊lot · number⌋; a lot of exactly 1, which callers should not send, is taken for the last.
pub(super) fn nth_of(lot: f64, number: u32) -> u32 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a lot is in [0, 1), so the product is in [0, 2^32)"
    )]
    let nth = (lot * f64::from(number)) as u32;
    nth.min(number.saturating_sub(1))
}
