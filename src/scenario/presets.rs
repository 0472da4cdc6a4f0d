//! `preset`: bundles of routing settings. Each models how a product is documented to route, and any
//! setting that is given besides overrides it.

use crate::routing::{
    ChatflowSettings, Drain, HoursActAs, Memory, NobodyAction, OwnerOffline, ReassignTo,
    ReturnerWeight, RotationPolicy,
};
use crate::time::SimDuration;

use super::model::ChatflowTimers;

/// A bundle of routing settings with a name.
#[derive(Clone, Copy, Debug)]
pub struct Preset {
    /// As scenarios write it.
    pub name: &'static str,
    /// What it is a model of, in a sentence.
    pub models: &'static str,
    /// What it changes of the defaults.
    changes: fn(&mut Bundle),
}

/// What holds for a chatflow that gives nothing but a preset.
#[derive(Clone, Debug, Default)]
pub(super) struct Bundle {
    pub(super) routing: ChatflowSettings,
    pub(super) timers: ChatflowTimers,
    pub(super) hours_act_as: HoursActAs,
}

impl Bundle {
    fn drain_every(&mut self, seconds: u64, at_most: u32) {
        self.timers.drain_every = Some(SimDuration::from_secs(seconds));
        self.routing.queue.drain = Drain::Timer { at_most };
    }

    /// What nobody can take waits, and a job gives out one every five seconds.
    fn waits_for_one_every_five_seconds(&mut self) {
        self.routing.nobody_online = NobodyAction::Queue;
        self.drain_every(5, 1);
    }
}

/// All presets; the first is the default.
pub const PRESETS: [Preset; 12] = [
    Preset {
        name: "hubspot-2018",
        models: "the help page: round robin over who is online, owned visitors to their owner if \
                 the box is ticked, an email lead when nobody is there",
        changes: |_| {},
    },
    Preset {
        name: "hubspot-2017",
        models: "the help page, but all email leads go to one agent, whom `email_leads` has to name",
        changes: |_| {},
    },
    Preset {
        name: "hubspot-2024",
        models: "the later product: chats of an owner who is offline go to the list, what nobody \
                 can take waits without an email, and office hours switch agents away and back",
        changes: |bundle| {
            bundle.routing.owner_offline = OwnerOffline::List;
            bundle.routing.nobody_online = NobodyAction::Queue;
            bundle.hours_act_as = HoursActAs::Switch;
        },
    },
    Preset {
        name: "intercom-round-robin",
        models: "round robin; what nobody can take lies in the inbox until somebody picks it, and \
                 replies move on only within the team that the chat came through",
        changes: |bundle| {
            bundle.routing.nobody_online = NobodyAction::Queue;
            bundle.routing.queue.drain = Drain::Never;
            bundle.routing.reassign_to = ReassignTo::EntryTeam;
        },
    },
    Preset {
        name: "intercom-balanced",
        models: "fewest open conversations, up to the capacity of each agent; what nobody can take \
                 waits and is assigned when somebody is free",
        changes: |bundle| {
            bundle.routing.rotation = RotationPolicy::LeastOpen;
            bundle.routing.nobody_online = NobodyAction::Queue;
            bundle.routing.all_at_capacity = NobodyAction::Queue;
        },
    },
    Preset {
        name: "chatwoot",
        models: "longest since last assigned; what nobody can take stays unassigned until a job \
                 that runs every 15 minutes assigns up to 100",
        changes: |bundle| {
            bundle.routing.rotation = RotationPolicy::Lru;
            bundle.routing.nobody_online = NobodyAction::Queue;
            bundle.drain_every(15 * 60, 100);
        },
    },
    Preset {
        name: "rocketchat-auto",
        models: "fewest chats ever; chats of an owner who is offline go to the list, and the queue \
                 gives out one chat every 5 seconds",
        changes: |bundle| {
            bundle.routing.rotation = RotationPolicy::LifetimeCount;
            bundle.routing.owner_offline = OwnerOffline::List;
            bundle.waits_for_one_every_five_seconds();
        },
    },
    Preset {
        name: "rocketchat-balancing",
        models: "fewest open chats, with one memory for all chatflows; the queue gives out one chat \
                 every 5 seconds",
        changes: |bundle| {
            bundle.routing.rotation = RotationPolicy::LeastOpen;
            bundle.routing.memory = Memory::Account;
            bundle.waits_for_one_every_five_seconds();
        },
    },
    Preset {
        name: "rocketchat-rotation",
        models: "longest since last assigned, with one memory for all chatflows; the queue gives \
                 out one chat every 5 seconds",
        changes: |bundle| {
            bundle.routing.rotation = RotationPolicy::Lru;
            bundle.routing.memory = Memory::Account;
            bundle.waits_for_one_every_five_seconds();
        },
    },
    Preset {
        name: "libredesk",
        models: "smooth weighted round robin that forgets the weight of who was offline; a job \
                 works off the whole queue every 5 minutes",
        changes: |bundle| {
            bundle.routing.rotation = RotationPolicy::SmoothWeighted;
            bundle.routing.returner_weight = ReturnerWeight::Zero;
            bundle.routing.nobody_online = NobodyAction::Queue;
            bundle.drain_every(5 * 60, u32::MAX);
        },
    },
    Preset {
        name: "tiledesk",
        models: "the place after the last assignee among those available now, with one memory for \
                 all chatflows",
        changes: |bundle| {
            bundle.routing.rotation = RotationPolicy::LastIndex;
            bundle.routing.memory = Memory::Account;
        },
    },
    Preset {
        name: "happychat",
        models: "the largest free share of capacity; what nobody can take waits",
        changes: |bundle| {
            bundle.routing.rotation = RotationPolicy::PercentSpare;
            bundle.routing.nobody_online = NobodyAction::Queue;
        },
    },
];

impl Preset {
    pub(super) fn bundle(self) -> Bundle {
        let mut bundle = Bundle::default();
        (self.changes)(&mut bundle);
        bundle
    }

    /// Whether email leads have to go to one agent who is named.
    pub(super) fn names_who_gets_leads(self) -> bool {
        self.name == "hubspot-2017"
    }
}
