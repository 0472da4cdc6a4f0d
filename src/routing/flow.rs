//! One chatflow as the engine sees it: its list, the groups over which rotations run, who may take
//! what, and who waits.

use std::collections::{BTreeMap, VecDeque};

use crate::ids::{AgentId, ChatflowId, ConversationId};

use super::eligible::SlotSet;
use super::roster::{flat_slots, lead_slots, members_of};
use super::rotation::{Account, Group, Load, Memo, moved_pointer, nth_of};
use super::settings::{
    ChatflowSettings, LeadRotation, Memory, ReassignTo, ReturnerWeight, RotationPolicy, Setup,
    Target, Targets,
};

/// Who may take a conversation.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Takers {
    /// Whoever is eligible.
    Eligible,
    /// R-31, `assign`: whoever is online, full or not.
    Online,
    /// R-30, `assign`: whoever is active, online or not.
    Active,
    /// whoever is eligible but for the one it leaves.
    Move {
        /// Whom it leaves.
        from: AgentId,
        /// The target that it came through, if it came through one.
        entry: Option<Target>,
    },
}

/// An agent who was picked, and the target through which.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Pick {
    pub(super) agent: AgentId,
    pub(super) entry: Target,
}

/// What a pick looks at beyond its own chatflow.
pub(super) struct Surroundings<'a> {
    pub(super) account: &'a mut Account,
    pub(super) loads: &'a [Load],
    pub(super) online: &'a [bool],
    pub(super) active: &'a [bool],
    pub(super) teams: &'a [Vec<AgentId>],
    /// For each agent the teams they are in.
    pub(super) teams_of: &'a [Vec<u32>],
}

/// the ring of email leads.
#[derive(Clone, Debug)]
struct Leads {
    slots: Vec<AgentId>,
    active: SlotSet,
    pointer: Option<usize>,
}

/// One chatflow.
#[derive(Clone, Debug)]
pub(super) struct Flow {
    pub(super) settings: ChatflowSettings,
    ///
    pub(super) open: bool,
    /// The list with its teams expanded: everybody once.
    list: Vec<AgentId>,
    /// For each of the list, the first target that contains them.
    entries: Vec<Target>,
    /// who of the list is eligible.
    eligible: SlotSet,
    /// How many of the list are online.
    online: u32,
    /// How many of the list are active and in hours.
    staffed: u32,
    /// One over the list under `flat`, else one a target.
    groups: Vec<Group>,
    /// `nested`: the pointer over the targets.
    outer: Option<usize>,
    leads: Leads,
    /// in order of coming to wait. An entry counts only while the conversation's own number
    /// of waiting says the same.
    pub(super) waiting: VecDeque<(u64, ConversationId)>,
    /// How many really wait.
    pub(super) waiters: u32,
    /// What rotations remember of agents who have left the list.
    retired: BTreeMap<AgentId, Memo>,
}

impl Flow {
    /// A chatflow in which nobody is eligible, online or active yet.
    pub(super) fn new(chatflow: ChatflowId, setup: &Setup) -> Self {
        let settings = setup.chatflows[chatflow.index()].clone();
        let (list, entries) = flat_slots(&settings.route_to, &setup.teams, setup.agents.len());
        let groups = group_members(&settings, &list, &setup.teams)
            .into_iter()
            .map(|members| Group::new(settings.rotation, settings.memory, members))
            .collect();
        let lead_slots = lead_slots(&settings, &setup.teams, setup.agents.len());
        Self {
            open: true,
            eligible: SlotSet::new(list.len()),
            list,
            entries,
            online: 0,
            staffed: 0,
            groups,
            outer: None,
            leads: Leads {
                active: SlotSet::new(lead_slots.len()),
                slots: lead_slots,
                pointer: None,
            },
            waiting: VecDeque::new(),
            waiters: 0,
            retired: BTreeMap::new(),
            settings,
        }
    }

    pub(super) fn list(&self) -> &[AgentId] {
        &self.list
    }

    pub(super) fn lead_list(&self) -> &[AgentId] {
        &self.leads.slots
    }

    pub(super) fn groups(&self) -> &[Group] {
        &self.groups
    }

    pub(super) const fn eligible(&self) -> &SlotSet {
        &self.eligible
    }

    pub(super) const fn anybody_online(&self) -> bool {
        self.online > 0
    }

    pub(super) const fn anybody_staffs(&self) -> bool {
        self.staffed > 0
    }

    pub(super) fn set_eligible(&mut self, slot: usize, eligible: bool) {
        self.eligible.set(slot, eligible);
    }

    pub(super) fn count_online(&mut self, online: bool) {
        self.online = if online { self.online + 1 } else { self.online - 1 };
    }

    pub(super) fn count_staff(&mut self, staffs: bool) {
        self.staffed = if staffs { self.staffed + 1 } else { self.staffed - 1 };
    }

    pub(super) fn group_mut(&mut self, group: usize) -> &mut Group {
        &mut self.groups[group]
    }

    pub(super) fn set_lead_active(&mut self, slot: usize, active: bool) {
        self.leads.active.set(slot, active);
    }

    /// the next of the active lead agents.
    pub(super) fn next_lead(&mut self, lot: f64) -> Option<AgentId> {
        let leads = &mut self.leads;
        let slot = match self.settings.email_leads.by {
            LeadRotation::Ring => leads.active.next_after(leads.pointer),
            LeadRotation::Random => leads.active.nth(nth_of(lot, leads.active.len())),
        }?;
        leads.pointer = Some(slot);
        Some(leads.slots[slot])
    }

    /// The target of a group.
    fn target_of(&self, group: usize, slot: usize) -> Target {
        match self.settings.targets {
            Targets::Flat => self.entries[slot],
            Targets::Nested | Targets::Ordered => self.settings.route_to[group],
        }
    }

    /// the rotation picks, and its state moves; without anybody who may take it, nothing does
    ///
    #[inline]
    pub(super) fn pick(
        &mut self,
        takers: Takers,
        lot: f64,
        around: &mut Surroundings<'_>,
    ) -> Option<Pick> {
        let simple = match takers {
            Takers::Eligible => true,
            Takers::Move { from, .. } => {
                self.settings.reassign_to == ReassignTo::List
                    && self.settings.targets == Targets::Flat
                    && !around.eligible_now(from)
            }
            Takers::Online | Takers::Active => false,
        };
        if simple {
            self.pick_eligible(lot, around)
        } else {
            self.pick_restricted(takers, lot, around)
        }
    }

    #[inline]
    fn pick_eligible(&mut self, lot: f64, around: &mut Surroundings<'_>) -> Option<Pick> {
        let group = match self.settings.targets {
            Targets::Flat => 0,
            Targets::Ordered => (0..self.groups.len()).find(|g| self.has_eligible(*g))?,
            Targets::Nested => self.next_target(Self::has_eligible)?,
        };
        let chosen = &mut self.groups[group];
        let slot = chosen.next(lot, around.account, around.loads)?;
        Some(self.picked(group, slot, around))
    }

    fn has_eligible(&self, group: usize) -> bool {
        !self.groups[group].eligible().is_empty()
    }

    /// `nested`: the next target after the pointer that has somebody.
    fn next_target(&self, has_somebody: impl Fn(&Self, usize) -> bool) -> Option<usize> {
        let targets = self.groups.len();
        let first = self.outer.map_or(0, |pointer| pointer + 1);
        (first..targets).chain(0..first.min(targets)).find(|group| has_somebody(self, *group))
    }

    fn picked(&mut self, group: usize, slot: usize, around: &mut Surroundings<'_>) -> Pick {
        self.groups[group].note(slot, around.account);
        if self.settings.targets == Targets::Nested {
            self.outer = Some(group);
        }
        Pick { agent: self.groups[group].members()[slot], entry: self.target_of(group, slot) }
    }

    fn pick_restricted(
        &mut self,
        takers: Takers,
        lot: f64,
        around: &mut Surroundings<'_>,
    ) -> Option<Pick> {
        let all: Vec<Vec<usize>> =
            (0..self.groups.len()).map(|group| self.candidates(group, takers, around)).collect();
        let has_somebody = |_: &Self, group: usize| !all[group].is_empty();
        // the target it came through is tried first.
        let entered = match takers {
            Takers::Move { entry: Some(entry), .. }
                if self.settings.targets != Targets::Flat
                    && self.settings.reassign_to == ReassignTo::List =>
            {
                self.settings.route_to.iter().position(|target| *target == entry)
            }
            _ => None,
        };
        let group = match self.settings.targets {
            Targets::Flat => 0,
            _ if entered.is_some_and(|group| has_somebody(self, group)) => entered?,
            Targets::Ordered => (0..self.groups.len()).find(|g| has_somebody(self, *g))?,
            Targets::Nested => self.next_target(has_somebody)?,
        };
        let chosen = &mut self.groups[group];
        let slot = chosen.pick_among(&all[group], lot, around.account, around.loads)?;
        Some(self.picked(group, slot, around))
    }

    /// The slots of a group whose agents may take it, in order.
    fn candidates(&self, group: usize, takers: Takers, around: &Surroundings<'_>) -> Vec<usize> {
        let members = self.groups[group].members();
        let may = |slot: &usize| {
            let agent = members[*slot];
            match takers {
                Takers::Eligible => self.groups[group].eligible().contains(*slot),
                Takers::Online => around.online[agent.index()],
                Takers::Active => around.active[agent.index()],
                Takers::Move { from, entry } => {
                    agent != from
                        && self.groups[group].eligible().contains(*slot)
                        && self.may_take_over(agent, from, entry, around)
                }
            }
        };
        (0..members.len()).filter(may).collect()
    }

    /// `reassign_to`.
    fn may_take_over(
        &self,
        agent: AgentId,
        from: AgentId,
        entry: Option<Target>,
        around: &Surroundings<'_>,
    ) -> bool {
        match (self.settings.reassign_to, entry) {
            (ReassignTo::List, _) | (ReassignTo::EntryTeam, None) => true,
            (ReassignTo::Team, _) => {
                let theirs = &around.teams_of[from.index()];
                around.teams_of[agent.index()].iter().any(|team| theirs.contains(team))
            }
            (ReassignTo::EntryTeam, Some(entry)) => {
                members_of(&entry, around.teams).contains(&agent)
            }
        }
    }

    /// an assignment by owner counts as a pick.
    pub(super) fn owner_counts(&mut self, owner: AgentId, around: &mut Surroundings<'_>) {
        let found = self.groups.iter().enumerate().find_map(|(group, over)| {
            over.members().iter().position(|member| *member == owner).map(|slot| (group, slot))
        });
        match found {
            Some((group, slot)) => {
                self.groups[group].owner_weighs(slot, around.account, around.loads);
                self.picked(group, slot, around);
            }
            None if self.settings.memory == Memory::Account => around.account.note(owner),
            None => {}
        }
    }

    /// somebody comes back online who is not on the list now, and the setting says with which
    /// weight they would come back to it.
    pub(super) fn absentee_returns(&mut self, agent: AgentId, account: &mut Account) {
        let settings = &self.settings;
        if settings.returner_weight != ReturnerWeight::Zero
            || settings.rotation != RotationPolicy::SmoothWeighted
        {
            return;
        }
        match settings.memory {
            Memory::Account => account.forget_weight(agent),
            Memory::Chatflow => {
                if let Some(memo) = self.retired.get_mut(&agent) {
                    memo.current = 0;
                }
            }
        }
    }

    /// the list is edited. Whoever was on it or is now has to be told to it again.
    pub(super) fn edit(&mut self, route_to: Vec<Target>, setup: &Setup) {
        let old_targets = std::mem::replace(&mut self.settings.route_to, route_to);
        let (list, entries) = flat_slots(&self.settings.route_to, &setup.teams, setup.agents.len());
        let new_members = group_members(&self.settings, &list, &setup.teams);
        let old_groups = std::mem::take(&mut self.groups);
        if self.settings.targets == Targets::Flat {
            let retired = &mut self.retired;
            let edited = old_groups.into_iter().zip(new_members);
            self.groups = edited.map(|(group, members)| group.edited(members, retired)).collect();
        } else {
            self.outer = moved_pointer(self.outer, &old_targets, &self.settings.route_to);
            let mut kept: Vec<(Target, Group)> = old_targets.into_iter().zip(old_groups).collect();
            let targets = self.settings.route_to.clone();
            for (target, members) in targets.into_iter().zip(new_members) {
                let old = kept.iter().position(|(old, _)| *old == target);
                self.groups.push(match old {
                    // A target that stays has the members it had.
                    Some(place) => kept.swap_remove(place).1.edited(members, &mut BTreeMap::new()),
                    None => Group::new(self.settings.rotation, self.settings.memory, members),
                });
            }
        }
        let lead_slots = lead_slots(&self.settings, &setup.teams, setup.agents.len());
        let pointer = moved_pointer(self.leads.pointer, &self.leads.slots, &lead_slots);
        self.leads = Leads { active: SlotSet::new(lead_slots.len()), slots: lead_slots, pointer };
        self.eligible = SlotSet::new(list.len());
        self.list = list;
        self.entries = entries;
        (self.online, self.staffed) = (0, 0);
    }
}

impl Surroundings<'_> {
    fn eligible_now(&self, agent: AgentId) -> bool {
        let load = &self.loads[agent.index()];
        self.online[agent.index()] && load.capacity.is_none_or(|capacity| load.open < capacity)
    }
}

/// The members of each group of a list.
fn group_members(
    settings: &ChatflowSettings,
    list: &[AgentId],
    teams: &[Vec<AgentId>],
) -> Vec<Vec<AgentId>> {
    match settings.targets {
        Targets::Flat => vec![list.to_vec()],
        Targets::Nested | Targets::Ordered => {
            settings.route_to.iter().map(|target| members_of(target, teams).to_vec()).collect()
        }
    }
}
