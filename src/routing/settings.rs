//! What a Routing tab says, and what the account says about its people. Every setting's default is
//! the help page's reading, or the fairest one where the page is silent.

use crate::ids::{AgentId, TeamId, closed_list};

/// An entry of the routing list.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Target {
    /// One agent.
    Agent(AgentId),
    /// Every agent of a team, in the team's order.
    Team(TeamId),
}

closed_list! {
    /// what the entries of the list mean as slots.
    #[derive(Default)]
    Targets {
        /// Teams are expanded in order; an agent counts once, at the first place.
        #[default]
        Flat = "flat",
        /// Each target is one slot and keeps a ring of its own inside; only with the ring.
        Nested = "nested",
        /// The first target with an eligible member wins; the rotation runs inside it.
        Ordered = "ordered",
    }
}

closed_list! {
    /// who among the eligible slots is next. Ties go to the earlier slot.
    #[derive(Default)]
    RotationPolicy {
        /// The first eligible slot after the pointer, which moves to it.
        #[default]
        Ring = "ring",
        /// Longest since last assigned; never assigned is oldest.
        Lru = "lru",
        /// Agents with nothing open first, the one that became so longest ago; then as least-open.
        LongestIdle = "longest-idle",
        /// Fewest open conversations; tie: as lru.
        LeastOpen = "least-open",
        /// Largest free share of capacity; tie: most free places.
        PercentSpare = "percent-spare",
        /// Fewest assignments ever.
        LifetimeCount = "lifetime-count",
        /// Smooth weighted round robin over the eligible.
        SmoothWeighted = "smooth-weighted",
        /// First eligible in list order.
        Priority = "priority",
        /// The eligible slot number ⌊u · eligible⌋, for the number u that comes with the input.
        Random = "random",
        /// The position after the last assignee in the list of those eligible now; if that one is
        /// not among them, the first.
        LastIndex = "last-index",
    }
}

impl RotationPolicy {
    /// Whether it picks the first by some rank, rather than by a place or by weights.
    pub(super) const fn is_ranked(self) -> bool {
        self.ranks_by_load() || matches!(self, Self::Lru | Self::LifetimeCount)
    }

    /// Whether that rank depends on how many conversations agents have open.
    pub(super) const fn ranks_by_load(self) -> bool {
        matches!(self, Self::LongestIdle | Self::LeastOpen | Self::PercentSpare)
    }
}

closed_list! {
    /// whether pointers, counters and marks are kept for each chatflow or shared by all.
    #[derive(Default)]
    Memory {
        /// Each chatflow has its own.
        #[default]
        Chatflow = "chatflow",
        /// All chatflows share them.
        Account = "account",
    }
}

closed_list! {
    /// what the office hours do.
    #[derive(Default)]
    HoursActAs {
        /// Out of hours is not online.
        #[default]
        Gate = "gate",
        /// Each boundary sets away off or on, and a manual toggle lasts until the next one.
        Switch = "switch",
    }
}

closed_list! {
    /// what becomes of an owned visitor whose owner is not online.
    #[derive(Default)]
    OwnerOffline {
        /// Emailed to the owner.
        #[default]
        Email = "email",
        /// The list decides.
        List = "list",
    }
}

closed_list! {
    /// what becomes of a visitor whose owner is deactivated.
    #[derive(Default)]
    OrphanAction {
        /// The list decides.
        #[default]
        List = "list",
        /// An email to the owner's dead letter box.
        Email = "email",
    }
}

closed_list! {
    /// what happens when nobody can take a first message.
    #[derive(Default)]
    NobodyAction {
        /// An email lead.
        #[default]
        Email = "email",
        /// The visitor waits.
        Queue = "queue",
        /// The rotation's next agent gets it all the same.
        Assign = "assign",
        /// The visitor is turned away.
        Refuse = "refuse",
    }
}

closed_list! {
    /// who may take a conversation that moves.
    #[derive(Default)]
    ReassignTo {
        /// The chatflow's list.
        #[default]
        List = "list",
        /// Those of the list who share a team with the agent it leaves.
        Team = "team",
        /// The target that the conversation came through.
        EntryTeam = "entry_team",
    }
}

closed_list! {
    /// what becomes of a conversation that should move when nobody can take it.
    #[derive(Default)]
    ReassignNone {
        /// It stays, and its agent is emailed too.
        #[default]
        Keep = "keep",
        /// It goes into the queue.
        Unassign = "unassign",
    }
}

closed_list! {
    /// what becomes of a message to a closed conversation.
    #[derive(Default)]
    Reopen {
        /// The same agent if eligible, else as a reply.
        #[default]
        Same = "same",
        /// A new first message.
        Route = "route",
    }
}

closed_list! {
    /// What a smooth weighted rotation does with who comes back.
    #[derive(Default)]
    ReturnerWeight {
        /// The current weight is resumed.
        #[default]
        Keep = "keep",
        /// It begins at zero.
        Zero = "zero",
    }
}

closed_list! {
    /// what becomes of a visitor who finds the queue full.
    #[derive(Default)]
    QueueFull {
        /// An email lead.
        #[default]
        Email = "email",
        /// Turned away.
        Refuse = "refuse",
    }
}

closed_list! {
    /// what becomes of a visitor who has waited too long.
    #[derive(Default)]
    QueueTimeout {
        /// An email lead.
        #[default]
        Email = "email",
        /// Lost, address or not.
        Lost = "lost",
    }
}

closed_list! {
    /// what becomes of those waiting when the last agent of the list leaves hours.
    #[derive(Default)]
    AtClose {
        /// They go on waiting.
        #[default]
        Keep = "keep",
        /// An email lead each.
        Email = "email",
        /// Lost, address or not.
        Lost = "lost",
    }
}

closed_list! {
    /// how email leads are spread.
    #[derive(Default)]
    LeadRotation {
        /// Round robin, with a pointer of their own.
        #[default]
        Ring = "ring",
        /// By the number that comes with the input.
        Random = "random",
    }
}

/// when those waiting are given to agents.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Drain {
    /// After every input.
    #[default]
    AtOnce,
    /// When a timer says so, so many at most each time.
    Timer {
        /// Conversations a tick.
        at_most: u32,
    },
    /// Never; somebody has to pick them.
    Never,
}

/// the waiting line of a chatflow.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct QueueSettings {
    /// A visitor who finds so many waiting does not wait; `None` for no limit.
    pub limit: Option<u32>,
    /// What becomes of that visitor.
    pub full: QueueFull,
    /// What becomes of one whose time is up; that it is up reaches the engine as an input.
    pub timeout: QueueTimeout,
    /// When agents get those who wait.
    pub drain: Drain,
    /// What happens at the end of the day.
    pub at_close: AtClose,
}

/// to whom email leads go.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
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
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct EmailLeads {
    /// Among whom.
    pub to: LeadRecipients,
    /// By which order.
    pub by: LeadRotation,
}

/// The Routing tab of one chatflow.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct ChatflowSettings {
    /// the routing list, in order.
    pub route_to: Vec<Target>,
    /// what its entries mean.
    pub targets: Targets,
    /// the rotation over its slots.
    pub rotation: RotationPolicy,
    /// R-11, smooth-weighted: what becomes of the weight of who comes back.
    pub returner_weight: ReturnerWeight,
    /// whose memory the rotation has.
    pub memory: Memory,
    /// the box "if a visitor is owned, route their incoming chats to the owner".
    pub route_to_owner: bool,
    /// assignments by owner move the rotation's state.
    pub owner_counts: bool,
    /// an owner who is full does not get it.
    pub owner_capacity: bool,
    ///
    pub owner_offline: OwnerOffline,
    ///
    pub orphan: OrphanAction,
    ///
    pub nobody_online: NobodyAction,
    ///
    pub all_at_capacity: NobodyAction,
    ///
    pub queue: QueueSettings,
    /// who gets the email leads.
    pub email_leads: EmailLeads,
    ///
    pub reassign_to: ReassignTo,
    ///
    pub reassign_none: ReassignNone,
    /// leaving hours moves replies like being away does.
    pub hours_end_reassigns: bool,
    ///
    pub reopen: Reopen,
}

impl Default for ChatflowSettings {
    fn default() -> Self {
        Self {
            route_to: Vec::new(),
            targets: Targets::default(),
            rotation: RotationPolicy::default(),
            returner_weight: ReturnerWeight::default(),
            memory: Memory::default(),
            route_to_owner: false,
            owner_counts: false,
            owner_capacity: false,
            owner_offline: OwnerOffline::default(),
            orphan: OrphanAction::default(),
            nobody_online: NobodyAction::Email,
            all_at_capacity: NobodyAction::Queue,
            queue: QueueSettings::default(),
            email_leads: EmailLeads::default(),
            reassign_to: ReassignTo::default(),
            reassign_none: ReassignNone::default(),
            hours_end_reassigns: false,
            reopen: Reopen::default(),
        }
    }
}

/// What the account says about an agent.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct AgentSettings {
    /// the most open conversations; `None` for no limit.
    pub capacity: Option<u32>,
    /// for the smooth weighted rotation; at least 1.
    pub weight: u32,
    /// what the office hours do.
    pub hours_act_as: HoursActAs,
}

impl Default for AgentSettings {
    fn default() -> Self {
        Self { capacity: None, weight: 1, hours_act_as: HoursActAs::Gate }
    }
}

/// Everything the engine is told before the first input.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Setup {
    /// The agents in order of their ids.
    pub agents: Vec<AgentSettings>,
    /// The members of each team, in order.
    pub teams: Vec<Vec<AgentId>>,
    /// The chatflows in order of their ids.
    pub chatflows: Vec<ChatflowSettings>,
}

/// A setup that contradicts itself, and how.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SetupError(String);

impl std::fmt::Display for SetupError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for SetupError {}

/// The largest capacity that [`RotationPolicy::PercentSpare`] can compare exactly.
const LARGEST_CAPACITY: u32 = 65_535;

impl Setup {
    /// Checks what no single setting can show to be wrong.
    ///
    /// # Errors
    ///
    /// If two settings exclude each other: `nested` with another rotation than the ring, a memory
    /// shared by the account with anything but a flat list, `percent-spare` over an agent without a
    /// capacity or with one above 65,535, a weight of 0.
    pub fn check(&self) -> Result<(), SetupError> {
        let refuse = |what: String| Err(SetupError(what));
        if self.agents.iter().any(|agent| agent.weight == 0) {
            return refuse("a weight is at least 1".to_owned());
        }
        for (number, flow) in self.chatflows.iter().enumerate() {
            if flow.targets == Targets::Nested && flow.rotation != RotationPolicy::Ring {
                return refuse(format!("chatflow {number}: nested targets only rotate by ring"));
            }
            if flow.targets != Targets::Flat && flow.memory == Memory::Account {
                return refuse(format!("chatflow {number}: only a flat list shares its memory"));
            }
            let mut listed = flow.route_to.iter().flat_map(|target| match target {
                Target::Agent(agent) => std::slice::from_ref(agent),
                Target::Team(team) => self.teams[team.index()].as_slice(),
            });
            let without = listed.find(|agent| {
                let capacity = self.agents[agent.index()].capacity;
                capacity.is_none_or(|most| most > LARGEST_CAPACITY)
            });
            if flow.rotation == RotationPolicy::PercentSpare && without.is_some() {
                return refuse(format!(
                    "chatflow {number}: percent-spare needs a capacity up to {LARGEST_CAPACITY} for everybody"
                ));
            }
        }
        Ok(())
    }
}
