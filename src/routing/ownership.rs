//! When a visitor counts as owned, what happens then, and whose face the widget
//! shows.

use crate::ids::AgentId;

use super::decision::{AssignedReason, EmailReason};
use super::presence::Presence;
use super::settings::{ChatflowSettings, OrphanAction, OwnerOffline};

/// What is known of a visitor: facts, no judgement.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct VisitorFacts {
    /// The contacts database knows them.
    pub known: bool,
    /// The agent the contact belongs to.
    pub owner: Option<AgentId>,
    /// A cookie recognises them.
    pub tracked: bool,
}

/// Who decides about a first message.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Ruling {
    /// the owner gets it.
    Owner(AgentId),
    /// the owner is emailed, for this reason.
    EmailOwner(AgentId, EmailReason),
    /// the list, for this reason.
    List(AssignedReason),
}

/// `has_room` says whether an agent is below the capacity.
#[inline]
pub(super) fn rule(
    settings: &ChatflowSettings,
    visitor: VisitorFacts,
    presence: &[Presence],
    has_room: impl Fn(AgentId) -> bool,
) -> Ruling {
    if !settings.route_to_owner {
        return Ruling::List(AssignedReason::Rotation);
    }
    let Some(owner) = visitor.owner.filter(|_| visitor.known) else {
        return Ruling::List(AssignedReason::Unowned);
    };
    if !visitor.tracked {
        return Ruling::List(AssignedReason::Untracked);
    }
    let presence = presence[owner.index()];
    if !presence.active() {
        match settings.orphan {
            OrphanAction::List => Ruling::List(AssignedReason::Orphan),
            OrphanAction::Email => Ruling::EmailOwner(owner, EmailReason::Orphan),
        }
    } else if presence.online() && (!settings.owner_capacity || has_room(owner)) {
        Ruling::Owner(owner)
    } else if presence.online() || settings.owner_offline == OwnerOffline::List {
        Ruling::List(AssignedReason::OwnerUnavailable)
    } else {
        Ruling::EmailOwner(owner, EmailReason::OwnerOffline)
    }
}

/// the owner whose face a page load shows, online or not; `None` for the team's.
#[must_use]
#[inline]
pub(super) fn greeting(
    route_to_owner: bool,
    visitor: VisitorFacts,
    presence: &[Presence],
) -> Option<AgentId> {
    visitor.owner.filter(|owner| {
        route_to_owner && visitor.known && visitor.tracked && presence[owner.index()].active()
    })
}
