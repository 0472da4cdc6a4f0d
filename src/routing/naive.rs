//! The rules a second time, for whoever audits the engine: linear scans over plain tables, one
//! function a rule, nothing remembered that can be counted again. It shares the vocabulary of
//! inputs, settings and answers with the engine and not a line of its reasoning.

use std::collections::BTreeMap;

use crate::ids::{AgentId, ChatflowId, ContactId, ConversationId, TeamId};

use super::decision::{
    Answer, AssignedReason, Decision, EmailReason, KeptReason, Outcome, QueuedReason,
    ReassignedReason, RefusedReason,
};
use super::input::{Input, Message};
use super::ownership::VisitorFacts;
use super::presence::PresenceChange;
use super::settings::{
    AtClose, ChatflowSettings, Drain, HoursActAs, LeadRecipients, LeadRotation, Memory,
    NobodyAction, OrphanAction, OwnerOffline, QueueFull, QueueTimeout, ReassignNone, ReassignTo,
    Reopen, ReturnerWeight, RotationPolicy, Setup, Target, Targets,
};

/// What an agent is, as the inputs have said so far.
#[derive(Clone, Copy, Debug)]
struct Person {
    active: bool,
    connected: bool,
    in_hours: bool,
    away: bool,
    reassign_replies: bool,
    /// When the last open conversation went, in the order of such moments; `None` for never.
    became_empty: Option<u64>,
}

/// Where a conversation is.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Place {
    /// With an agent.
    Open(AgentId),
    /// In the queue, for a reason, since a moment in the order of such moments.
    Waiting(QueuedReason, u64),
    /// Closed; it may be written to again.
    Closed,
}

/// A conversation that is open, waits, or may be written to again.
#[derive(Clone, Copy, Debug)]
struct Talk {
    /// Its first message, with the chatflow, the writer and the lot.
    first: Message,
    /// Where it is.
    place: Place,
    /// the target that it came through; `None` until it came through any.
    entry: Option<Target>,
    /// Who had it last; `None` if nobody ever had.
    last_agent: Option<AgentId>,
}

/// whose memory of past assignments.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum MemoryOf {
    /// All chatflows that share theirs.
    Account,
    /// One chatflow.
    Chatflow(ChatflowId),
    /// A chatflow's target that is one agent, under `nested` and `ordered`.
    Agent(ChatflowId, AgentId),
    /// A chatflow's target that is a team, under `nested` and `ordered`.
    Team(ChatflowId, TeamId),
}

impl MemoryOf {
    /// That of a target.
    fn target(chatflow: ChatflowId, target: Target) -> Self {
        match target {
            Target::Agent(agent) => Self::Agent(chatflow, agent),
            Target::Team(team) => Self::Team(chatflow, team),
        }
    }
}

/// Why nobody of the list can take a first message.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Nobody {
    ///
    Online,
    ///
    BelowCapacity,
    ///
    WhileClosed,
}

impl Nobody {
    fn as_email(self) -> EmailReason {
        match self {
            Self::Online => EmailReason::NobodyOnline,
            Self::BelowCapacity => EmailReason::AllAtCapacity,
            Self::WhileClosed => EmailReason::ChatflowClosed,
        }
    }

    fn as_queued(self) -> QueuedReason {
        match self {
            Self::Online => QueuedReason::NobodyOnline,
            Self::BelowCapacity => QueuedReason::AllAtCapacity,
            Self::WhileClosed => QueuedReason::ChatflowClosed,
        }
    }

    fn as_refused(self) -> RefusedReason {
        match self {
            Self::Online => RefusedReason::NobodyOnline,
            Self::BelowCapacity => RefusedReason::AllAtCapacity,
            Self::WhileClosed => RefusedReason::ChatflowClosed,
        }
    }
}

/// who decides about a first message.
enum Ruling {
    Owner(AgentId),
    EmailOwner(AgentId, EmailReason),
    List(AssignedReason),
}

/// what of an agent matters to a reply, in the order in which it matters.
enum Standing {
    Deactivated,
    AwayAndReassigns,
    Away,
    HoursOver,
    Disconnected,
    Online,
}

/// What became of something, and who has it or gets the email.
type Verdict = (Outcome, Option<AgentId>);

/// The second, deliberately simple understanding of the rules. It costs time in proportion to
/// agents and conversations at every input.
#[derive(Clone, Debug)]
pub struct Naive {
    /// What it was told at first, with later capacities and lists written into it.
    setup: Setup,
    /// The agents in order of their ids.
    people: Vec<Person>,
    /// which chatflows are in their hours, in order of their ids.
    chatflow_open: Vec<bool>,
    /// Every conversation that is not forgotten.
    talks: BTreeMap<ConversationId, Talk>,
    /// Moments so far: one counter orders everything that has an order.
    moments: u64,
    /// the moment of the last assignment of each agent in each memory.
    last_assigned: BTreeMap<(MemoryOf, AgentId), u64>,
    /// the number of assignments of each agent in each memory.
    assignments: BTreeMap<(MemoryOf, AgentId), u64>,
    /// the current weights of `smooth-weighted`.
    weights: BTreeMap<(MemoryOf, AgentId), i128>,
    /// who was assigned last in each memory.
    last_assignee: BTreeMap<MemoryOf, AgentId>,
    /// the pointer of each chatflow's or target's own ring.
    pointers: BTreeMap<MemoryOf, AgentId>,
    /// the pointer over the targets of each nested chatflow.
    target_pointers: BTreeMap<ChatflowId, Target>,
    /// the pointer of each chatflow's email leads.
    lead_pointers: BTreeMap<ChatflowId, AgentId>,
}

impl Naive {
    /// All agents active, connected, in hours and not away; all chatflows in their hours; nothing
    /// open.
    #[must_use]
    pub fn new(setup: &Setup) -> Self {
        let person = Person {
            active: true,
            connected: true,
            in_hours: true,
            away: false,
            reassign_replies: false,
            became_empty: None,
        };
        Self {
            setup: setup.clone(),
            people: vec![person; setup.agents.len()],
            chatflow_open: vec![true; setup.chatflows.len()],
            talks: BTreeMap::new(),
            moments: 0,
            last_assigned: BTreeMap::new(),
            assignments: BTreeMap::new(),
            weights: BTreeMap::new(),
            last_assignee: BTreeMap::new(),
            pointers: BTreeMap::new(),
            target_pointers: BTreeMap::new(),
            lead_pointers: BTreeMap::new(),
        }
    }

    /// What one input leads to: a greeting or decisions, in order, those out of the queue last.
    /// Changes of eligible sets are not told.
    ///
    /// # Panics
    ///
    /// If the input names an agent, a team or a chatflow that the setup does not have.
    #[must_use = "the answers are what it is asked for"]
    pub fn apply(&mut self, input: &Input) -> Vec<Answer> {
        let mut answers = Vec::new();
        match input {
            Input::Load { chatflow, visitor } => {
                answers.push(Answer::Greeted(self.r23_greeting(*chatflow, *visitor)));
            }
            Input::Message(message) => answers.push(Answer::Decided(self.message(message))),
            Input::Close(conversation) => self.close(*conversation),
            Input::Forget(conversation) => {
                self.close(*conversation);
                self.talks.remove(conversation);
            }
            Input::Presence(agent, change) => self.presence(*agent, *change, &mut answers),
            Input::Capacity(agent, capacity) => {
                self.setup.agents[agent.index()].capacity = Some(*capacity);
            }
            Input::ChatflowHours { chatflow, open } => {
                self.chatflow_open[chatflow.index()] = *open;
            }
            Input::NoAnswer(conversation) => {
                answers.extend(self.r47_no_answer(*conversation).map(Answer::Decided));
            }
            Input::Timeout(conversation) => {
                answers.extend(self.r34_timeout(*conversation).map(Answer::Decided));
            }
            Input::Tick(chatflow) => self.r34_tick(*chatflow, &mut answers),
            Input::EditList(chatflow, list) => self.r16_edit_list(*chatflow, list),
        }
        self.r34_serve_at_once(&mut answers);
        answers
    }

    /// Whether an agent is on a chatflow's list and eligible.
    #[must_use]
    pub fn is_eligible(&self, chatflow: ChatflowId, agent: AgentId) -> bool {
        self.list(chatflow).contains(&agent)
            && self.r3_may_get_another(agent, self.open_count(agent))
    }

    // ---- Tables ----

    fn settings(&self, chatflow: ChatflowId) -> &ChatflowSettings {
        &self.setup.chatflows[chatflow.index()]
    }

    fn talk_mut(&mut self, conversation: ConversationId) -> &mut Talk {
        self.talks.get_mut(&conversation).expect("a conversation that was just looked at")
    }

    /// The next moment; none is zero.
    fn now(&mut self) -> u64 {
        self.moments += 1;
        self.moments
    }

    /// The agents of a target, in order.
    fn members(&self, target: Target) -> Vec<AgentId> {
        match target {
            Target::Agent(agent) => vec![agent],
            Target::Team(team) => self.setup.teams[team.index()].clone(),
        }
    }

    /// R-10, `flat`: teams are expanded in order, an agent counts once, at the first place.
    fn expanded(&self, targets: &[Target]) -> Vec<AgentId> {
        let mut counted = vec![false; self.people.len()];
        let mut slots = Vec::new();
        for target in targets {
            for agent in self.members(*target) {
                if !counted[agent.index()] {
                    counted[agent.index()] = true;
                    slots.push(agent);
                }
            }
        }
        slots
    }

    /// Every agent of a chatflow's list once.
    fn list(&self, chatflow: ChatflowId) -> Vec<AgentId> {
        self.expanded(&self.settings(chatflow).route_to)
    }

    /// How many conversations an agent holds open, over all chatflows.
    fn open_count(&self, agent: AgentId) -> u32 {
        let open = self.talks.values().filter(|talk| talk.place == Place::Open(agent)).count();
        u32::try_from(open).expect("fewer open conversations than ids")
    }

    /// The agents of a chatflow's list who are eligible now, all conversations counted at once.
    pub(super) fn eligible(&self, chatflow: ChatflowId) -> Vec<AgentId> {
        let mut open = vec![0; self.people.len()];
        for talk in self.talks.values() {
            if let Place::Open(agent) = talk.place {
                open[agent.index()] += 1;
            }
        }
        let mut agents = self.list(chatflow);
        agents.retain(|agent| self.r3_may_get_another(*agent, open[agent.index()]));
        agents
    }

    fn eligible_count(&self, chatflow: ChatflowId) -> u32 {
        u32::try_from(self.eligible(chatflow).len()).expect("no more agents than ids")
    }

    /// The conversations that wait in a chatflow, the one that waits longest first.
    fn waiting(&self, chatflow: ChatflowId) -> Vec<ConversationId> {
        let mut waiting = Vec::new();
        for (conversation, talk) in &self.talks {
            if let Place::Waiting(_, since) = talk.place
                && talk.first.chatflow == chatflow
            {
                waiting.push((since, *conversation));
            }
        }
        waiting.sort_unstable();
        waiting.into_iter().map(|(_, conversation)| conversation).collect()
    }

    // ---- Presence ----

    /// under `switch` the hours work through the away toggle alone.
    pub(super) fn r2_online(&self, agent: AgentId) -> bool {
        let person = self.people[agent.index()];
        let hours =
            self.setup.agents[agent.index()].hours_act_as == HoursActAs::Switch || person.in_hours;
        person.active && !person.away && hours && person.connected
    }

    /// online, and holds fewer open conversations than the capacity, if there is one.
    fn r3_may_get_another(&self, agent: AgentId, open: u32) -> bool {
        self.r2_online(agent) && !self.is_full(agent, open)
    }

    fn is_full(&self, agent: AgentId, open: u32) -> bool {
        let capacity = self.setup.agents[agent.index()].capacity;
        capacity.is_some_and(|capacity| open >= capacity)
    }

    fn presence(&mut self, agent: AgentId, change: PresenceChange, answers: &mut Vec<Answer>) {
        let was_online = self.r2_online(agent);
        let was_in_hours = self.people[agent.index()].in_hours;
        self.r4_change(agent, change);
        if !was_online && self.r2_online(agent) {
            self.r11_returner(agent);
        }
        if was_in_hours && change == PresenceChange::LeaveHours {
            self.r34_at_close(agent, answers);
        }
    }

    /// The flags, and R-4: under `switch` each boundary of the hours sets away off or on.
    fn r4_change(&mut self, agent: AgentId, change: PresenceChange) {
        let switch = self.setup.agents[agent.index()].hours_act_as == HoursActAs::Switch;
        let person = &mut self.people[agent.index()];
        match change {
            PresenceChange::EnterHours => {
                person.in_hours = true;
                if switch {
                    person.away = false;
                }
            }
            PresenceChange::LeaveHours => {
                person.in_hours = false;
                if switch {
                    person.away = true;
                }
            }
            PresenceChange::Away => person.away = true,
            PresenceChange::Back => person.away = false,
            PresenceChange::ReassignOn => person.reassign_replies = true,
            PresenceChange::ReassignOff => person.reassign_replies = false,
            PresenceChange::Connect => person.connected = true,
            PresenceChange::Disconnect => person.connected = false,
            PresenceChange::Activate => person.active = true,
            PresenceChange::Deactivate => person.active = false,
        }
    }

    /// R-11, `smooth-weighted` with `returner_weight = "zero"`: who comes online begins at zero,
    /// in every memory of such a chatflow.
    fn r11_returner(&mut self, agent: AgentId) {
        for (index, settings) in self.setup.chatflows.iter().enumerate() {
            if settings.rotation != RotationPolicy::SmoothWeighted
                || settings.returner_weight != ReturnerWeight::Zero
            {
                continue;
            }
            let chatflow = ChatflowId::new(index);
            for ((memory, whose), weight) in &mut self.weights {
                let concerned = match memory {
                    MemoryOf::Account => settings.memory == Memory::Account,
                    MemoryOf::Chatflow(of) | MemoryOf::Agent(of, _) | MemoryOf::Team(of, _) => {
                        *of == chatflow
                    }
                };
                if concerned && *whose == agent {
                    *weight = 0;
                }
            }
        }
    }

    // ---- First messages ----

    fn message(&mut self, message: &Message) -> Decision {
        let conversation = message.conversation;
        let known = self.talks.get(&conversation).copied();
        if let Some(talk) = known
            && talk.place != Place::Closed
        {
            return self.written_to(conversation, message.lot, KeptReason::Reply);
        }
        // A conversation that is known stays in its chatflow, whatever the message says.
        let chatflow = known.map_or(message.chatflow, |talk| talk.first.chatflow);
        if let Some(other) = self.r49_joins(message.writer, chatflow) {
            return self.written_to(other, message.lot, KeptReason::Joined);
        }
        if known.is_some() && self.settings(chatflow).reopen == Reopen::Same {
            return self.r48_reopen_same(conversation, message.lot);
        }
        self.first_message(Message { chatflow, ..*message })
    }

    /// the open or waiting conversation of a writer in a chatflow.
    fn r49_joins(&self, writer: Option<ContactId>, chatflow: ChatflowId) -> Option<ConversationId> {
        let writer = writer?;
        let mut found = self.talks.iter().filter(|(_, talk)| {
            talk.place != Place::Closed
                && talk.first.writer == Some(writer)
                && talk.first.chatflow == chatflow
        });
        found.next().map(|(conversation, _)| *conversation)
    }

    /// A first message: R-5, then the owner, then the list.
    fn first_message(&mut self, message: Message) -> Decision {
        let chatflow = message.chatflow;
        let eligible = self.eligible_count(chatflow);
        self.talks.remove(&message.conversation);
        let (outcome, agent) = if self.chatflow_open[chatflow.index()] {
            match self.r20_ruling(chatflow, message.visitor) {
                Ruling::Owner(owner) => {
                    self.r14_owner_counts(chatflow, owner);
                    self.opens(message, owner, None);
                    (Outcome::Assigned(AssignedReason::Owner), Some(owner))
                }
                Ruling::EmailOwner(owner, reason) => (Outcome::Emailed(reason), Some(owner)),
                Ruling::List(reason) => self.by_list(message, reason),
            }
        } else {
            self.r30_nobody(message, Nobody::WhileClosed)
        };
        Decision { conversation: message.conversation, outcome, agent, eligible }
    }

    ///
    fn r20_ruling(&self, chatflow: ChatflowId, visitor: VisitorFacts) -> Ruling {
        let settings = self.settings(chatflow);
        if !settings.route_to_owner {
            return Ruling::List(AssignedReason::Rotation);
        }
        if !visitor.known {
            return Ruling::List(AssignedReason::Unowned);
        }
        let Some(owner) = visitor.owner else { return Ruling::List(AssignedReason::Unowned) };
        if !visitor.tracked {
            return Ruling::List(AssignedReason::Untracked);
        }
        if !self.people[owner.index()].active {
            return match settings.orphan {
                OrphanAction::List => Ruling::List(AssignedReason::Orphan),
                OrphanAction::Email => Ruling::EmailOwner(owner, EmailReason::Orphan),
            };
        }
        if self.r2_online(owner) {
            if settings.owner_capacity && self.is_full(owner, self.open_count(owner)) {
                return Ruling::List(AssignedReason::OwnerUnavailable);
            }
            return Ruling::Owner(owner);
        }
        match settings.owner_offline {
            OwnerOffline::Email => Ruling::EmailOwner(owner, EmailReason::OwnerOffline),
            OwnerOffline::List => Ruling::List(AssignedReason::OwnerUnavailable),
        }
    }

    /// the owner's face if the box is ticked and the contact is known, tracked and owned by
    /// an active agent.
    fn r23_greeting(&self, chatflow: ChatflowId, visitor: VisitorFacts) -> Option<AgentId> {
        let owner = visitor.owner?;
        let shown = self.settings(chatflow).route_to_owner
            && visitor.known
            && visitor.tracked
            && self.people[owner.index()].active;
        shown.then_some(owner)
    }

    /// The list decides, or nobody of it can.
    fn by_list(&mut self, message: Message, reason: AssignedReason) -> Verdict {
        let chatflow = message.chatflow;
        let eligible = self.eligible(chatflow);
        if let Some((agent, entry)) = self.r10_pick(chatflow, &eligible, None, message.lot) {
            self.opens(message, agent, Some(entry));
            return (Outcome::Assigned(reason), Some(agent));
        }
        let somebody_online = self.list(chatflow).into_iter().any(|agent| self.r2_online(agent));
        let why = if somebody_online { Nobody::BelowCapacity } else { Nobody::Online };
        self.r30_nobody(message, why)
    }

    /// outside the chatflow's hours.
    fn r30_nobody(&mut self, message: Message, why: Nobody) -> Verdict {
        let settings = self.settings(message.chatflow);
        let action = match why {
            Nobody::Online | Nobody::WhileClosed => settings.nobody_online,
            Nobody::BelowCapacity => settings.all_at_capacity,
        };
        match action {
            NobodyAction::Email => self.r32_email(&message, why.as_email()),
            NobodyAction::Queue => self.r34_queue(message, why),
            NobodyAction::Assign => self.r30_assign(message, why),
            NobodyAction::Refuse => (Outcome::Refused(why.as_refused()), None),
        }
    }

    /// R-30 `assign`: the rotation picks among the active ones, online or not; R-31: among the
    /// online ones, full or not. If there are none: an email.
    fn r30_assign(&mut self, message: Message, why: Nobody) -> Verdict {
        let mut candidates = self.list(message.chatflow);
        candidates.retain(|agent| match why {
            Nobody::Online | Nobody::WhileClosed => self.people[agent.index()].active,
            Nobody::BelowCapacity => self.r2_online(*agent),
        });
        match self.r10_pick(message.chatflow, &candidates, None, message.lot) {
            Some((agent, entry)) => {
                self.opens(message, agent, Some(entry));
                (Outcome::Assigned(AssignedReason::Forced), Some(agent))
            }
            None => self.r32_email(&message, why.as_email()),
        }
    }

    /// the visitor waits, unless too many do already.
    fn r34_queue(&mut self, message: Message, why: Nobody) -> Verdict {
        let queue = self.settings(message.chatflow).queue;
        let waiting = self.waiting(message.chatflow).len();
        if queue.limit.is_some_and(|limit| waiting >= limit as usize) {
            return match queue.full {
                QueueFull::Email => self.r32_email(&message, EmailReason::QueueFull),
                QueueFull::Refuse => (Outcome::Refused(RefusedReason::QueueFull), None),
            };
        }
        let place = Place::Waiting(why.as_queued(), self.now());
        let talk = Talk { first: message, place, entry: None, last_agent: None };
        self.talks.insert(message.conversation, talk);
        (Outcome::Queued(why.as_queued()), None)
    }

    /// an email lead to one active agent, or lost without an address.
    fn r32_email(&mut self, first: &Message, reason: EmailReason) -> Verdict {
        if !first.visitor.known && !first.leaves_email {
            return (Outcome::Lost(reason), None);
        }
        let chatflow = first.chatflow;
        let leads = self.settings(chatflow).email_leads;
        let recipients = self.r32_recipients(chatflow);
        let mut active = recipients.clone();
        active.retain(|agent| self.people[agent.index()].active);
        let agent = match leads.by {
            LeadRotation::Ring => {
                let pointer = self.lead_pointers.get(&chatflow).copied();
                next_in_ring(&recipients, pointer, &active)
            }
            LeadRotation::Random => by_lot(&active, first.lot),
        };
        if let Some(agent) = agent {
            self.lead_pointers.insert(chatflow, agent);
        }
        (Outcome::Emailed(reason), agent)
    }

    /// among whom the leads go round, active or not.
    fn r32_recipients(&self, chatflow: ChatflowId) -> Vec<AgentId> {
        let settings = self.settings(chatflow);
        match settings.email_leads.to {
            LeadRecipients::Agent(agent) => vec![agent],
            LeadRecipients::Expanded => self.list(chatflow),
            LeadRecipients::Agents => {
                let mut directly = settings.route_to.clone();
                directly.retain(|target| matches!(target, Target::Agent(_)));
                if directly.is_empty() { self.list(chatflow) } else { self.expanded(&directly) }
            }
        }
    }

    /// A first message becomes an open conversation.
    fn opens(&mut self, first: Message, agent: AgentId, entry: Option<Target>) {
        let talk = Talk { first, place: Place::Open(agent), entry, last_agent: Some(agent) };
        self.talks.insert(first.conversation, talk);
    }

    // ---- The rotation ----

    /// one of the candidates by the chatflow's rotation, and the target the pick came
    /// through. Under `nested` and `ordered` one target may be tried before the others.
    fn r10_pick(
        &mut self,
        chatflow: ChatflowId,
        candidates: &[AgentId],
        tried_first: Option<Target>,
        lot: f64,
    ) -> Option<(AgentId, Target)> {
        let targets = self.settings(chatflow).route_to.clone();
        let kind = self.settings(chatflow).targets;
        if kind == Targets::Flat {
            let slots = self.expanded(&targets);
            let memory = MemoryOf::Chatflow(chatflow);
            let agent = self.r11_rotate(chatflow, memory, &slots, candidates, lot)?;
            let entry = targets.into_iter().find(|target| self.members(*target).contains(&agent));
            return Some((agent, entry.expect("a slot comes from a target")));
        }
        let mut available = targets.clone();
        available
            .retain(|target| self.members(*target).iter().any(|agent| candidates.contains(agent)));
        let first = tried_first.filter(|target| available.contains(target));
        let target = match kind {
            Targets::Nested => {
                let pointer = self.target_pointers.get(&chatflow).copied();
                first.or_else(|| next_in_ring(&targets, pointer, &available))?
            }
            Targets::Flat | Targets::Ordered => first.or_else(|| available.first().copied())?,
        };
        let slots = self.members(target);
        let memory = MemoryOf::target(chatflow, target);
        let agent = self.r11_rotate(chatflow, memory, &slots, candidates, lot)?;
        if kind == Targets::Nested {
            self.target_pointers.insert(chatflow, target);
        }
        Some((agent, target))
    }

    /// one of the candidates among some slots, whose state moves. R-12: if there is none,
    /// nothing moves.
    fn r11_rotate(
        &mut self,
        chatflow: ChatflowId,
        own: MemoryOf,
        slots: &[AgentId],
        candidates: &[AgentId],
        lot: f64,
    ) -> Option<AgentId> {
        let mut among = slots.to_vec();
        among.retain(|agent| candidates.contains(agent));
        let memory = self.r13_memory(chatflow, own);
        let agent = match self.settings(chatflow).rotation {
            RotationPolicy::Ring => self.ring(memory, own, slots, &among),
            RotationPolicy::Lru => self.lru(memory, &among),
            RotationPolicy::LongestIdle => self.longest_idle(memory, &among),
            RotationPolicy::LeastOpen => self.least_open(memory, &among),
            RotationPolicy::PercentSpare => self.percent_spare(&among),
            RotationPolicy::LifetimeCount => self.lifetime_count(memory, &among),
            RotationPolicy::SmoothWeighted => self.smooth_weighted(memory, &among),
            RotationPolicy::Priority => among.first().copied(),
            RotationPolicy::Random => by_lot(&among, lot),
            RotationPolicy::LastIndex => self.last_index(memory, &among),
        }?;
        self.remember(memory, agent);
        self.pointers.insert(own, agent);
        Some(agent)
    }

    /// whose memory counts for slots that would have one of their own.
    fn r13_memory(&self, chatflow: ChatflowId, own: MemoryOf) -> MemoryOf {
        match self.settings(chatflow).memory {
            Memory::Chatflow => own,
            Memory::Account => MemoryOf::Account,
        }
    }

    /// One more assignment in a memory.
    fn remember(&mut self, memory: MemoryOf, agent: AgentId) {
        let now = self.now();
        self.last_assigned.insert((memory, agent), now);
        *self.assignments.entry((memory, agent)).or_insert(0) += 1;
        self.last_assignee.insert(memory, agent);
    }

    /// R-11 `ring`; R-13: a shared one continues after the account's last winner or, if that agent
    /// is not here, after the own last one.
    fn ring(
        &self,
        memory: MemoryOf,
        own: MemoryOf,
        slots: &[AgentId],
        among: &[AgentId],
    ) -> Option<AgentId> {
        let own_pointer = self.pointers.get(&own).copied();
        let pointer = if memory == MemoryOf::Account {
            let last = self.last_assignee.get(&memory).copied();
            last.filter(|agent| slots.contains(agent)).or(own_pointer)
        } else {
            own_pointer
        };
        next_in_ring(slots, pointer, among)
    }

    /// The moment of the last assignment; zero for never.
    fn assigned_at(&self, memory: MemoryOf, agent: AgentId) -> u64 {
        self.last_assigned.get(&(memory, agent)).copied().unwrap_or(0)
    }

    /// R-11 `lru`.
    fn lru(&self, memory: MemoryOf, among: &[AgentId]) -> Option<AgentId> {
        among.iter().copied().min_by_key(|agent| self.assigned_at(memory, *agent))
    }

    /// R-11 `longest-idle`.
    fn longest_idle(&self, memory: MemoryOf, among: &[AgentId]) -> Option<AgentId> {
        let mut idle = among.to_vec();
        idle.retain(|agent| self.open_count(*agent) == 0);
        if idle.is_empty() {
            return self.least_open(memory, among);
        }
        idle.into_iter().min_by_key(|agent| self.people[agent.index()].became_empty.unwrap_or(0))
    }

    /// R-11 `least-open`.
    fn least_open(&self, memory: MemoryOf, among: &[AgentId]) -> Option<AgentId> {
        among
            .iter()
            .copied()
            .min_by_key(|agent| (self.open_count(*agent), self.assigned_at(memory, *agent)))
    }

    /// R-11 `percent-spare`: shares compared as fractions, by cross multiplication.
    fn percent_spare(&self, among: &[AgentId]) -> Option<AgentId> {
        let mut best: Option<(AgentId, i128, i128)> = None;
        for agent in among.iter().copied() {
            // A setup without capacities is refused before it comes here; without one everything
            // is free. Who may have nothing has nothing to spare.
            let capacity =
                i128::from(self.setup.agents[agent.index()].capacity.unwrap_or(u32::MAX));
            let free = capacity - i128::from(self.open_count(agent));
            let whole = capacity.max(1);
            let better = best.is_none_or(|(_, best_free, best_whole)| {
                let (mine, theirs) = (free * best_whole, best_free * whole);
                mine > theirs || (mine == theirs && free > best_free)
            });
            if better {
                best = Some((agent, free, whole));
            }
        }
        best.map(|(agent, _, _)| agent)
    }

    /// R-11 `lifetime-count`.
    fn lifetime_count(&self, memory: MemoryOf, among: &[AgentId]) -> Option<AgentId> {
        let count = |agent| self.assignments.get(&(memory, agent)).copied().unwrap_or(0);
        among.iter().copied().min_by_key(|agent| count(*agent))
    }

    /// R-11 `smooth-weighted`: each gains its weight, the largest wins and loses the total.
    fn smooth_weighted(&mut self, memory: MemoryOf, among: &[AgentId]) -> Option<AgentId> {
        let total = self.gain_weights(memory, among);
        let mut best: Option<(AgentId, i128)> = None;
        for agent in among.iter().copied() {
            let weight = self.weights.get(&(memory, agent)).copied().unwrap_or(0);
            if best.is_none_or(|(_, most)| weight > most) {
                best = Some((agent, weight));
            }
        }
        let (winner, weight) = best?;
        self.weights.insert((memory, winner), weight - total);
        Some(winner)
    }

    /// Each of some agents gains its weight; the total of what they gained.
    fn gain_weights(&mut self, memory: MemoryOf, among: &[AgentId]) -> i128 {
        let mut total = 0;
        for agent in among {
            let weight = i128::from(self.setup.agents[agent.index()].weight);
            *self.weights.entry((memory, *agent)).or_insert(0) += weight;
            total += weight;
        }
        total
    }

    /// R-11 `last-index`.
    fn last_index(&self, memory: MemoryOf, among: &[AgentId]) -> Option<AgentId> {
        let last = self.last_assignee.get(&memory);
        match among.iter().position(|agent| Some(agent) == last) {
            Some(place) => Some(among[(place + 1) % among.len()]),
            None => among.first().copied(),
        }
    }

    /// with `owner_counts` an assignment to the owner counts as if the rotation had made it.
    fn r14_owner_counts(&mut self, chatflow: ChatflowId, owner: AgentId) {
        let settings = self.settings(chatflow).clone();
        if !settings.owner_counts {
            return;
        }
        let target =
            settings.route_to.iter().copied().find(|target| self.members(*target).contains(&owner));
        let Some(target) = target else {
            if settings.memory == Memory::Account {
                self.remember(MemoryOf::Account, owner);
            }
            return;
        };
        let (own, slots) = match settings.targets {
            Targets::Flat => (MemoryOf::Chatflow(chatflow), self.list(chatflow)),
            Targets::Nested | Targets::Ordered => {
                (MemoryOf::target(chatflow, target), self.members(target))
            }
        };
        let memory = self.r13_memory(chatflow, own);
        if settings.rotation == RotationPolicy::SmoothWeighted {
            let mut eligible = slots;
            eligible.retain(|agent| self.r3_may_get_another(*agent, self.open_count(*agent)));
            let total = self.gain_weights(memory, &eligible);
            *self.weights.entry((memory, owner)).or_insert(0) -= total;
        }
        self.remember(memory, owner);
        self.pointers.insert(own, owner);
        if settings.targets == Targets::Nested {
            self.target_pointers.insert(chatflow, target);
        }
    }

    /// the pointers stay on the same entries or go to the nearest place before that is left.
    /// Targets that leave lose what they remember; agents do not.
    fn r16_edit_list(&mut self, chatflow: ChatflowId, list: &[Target]) {
        let old_targets = self.settings(chatflow).route_to.clone();
        let old_slots = self.list(chatflow);
        let old_recipients = self.r32_recipients(chatflow);
        self.setup.chatflows[chatflow.index()].route_to = list.to_vec();
        let new_slots = self.list(chatflow);
        let new_recipients = self.r32_recipients(chatflow);

        let own = MemoryOf::Chatflow(chatflow);
        let pointer = self.pointers.remove(&own);
        if let Some(agent) = same_or_before(&old_slots, pointer, &new_slots) {
            self.pointers.insert(own, agent);
        }
        let pointer = self.target_pointers.remove(&chatflow);
        if let Some(target) = same_or_before(&old_targets, pointer, list) {
            self.target_pointers.insert(chatflow, target);
        }
        let pointer = self.lead_pointers.remove(&chatflow);
        if let Some(agent) = same_or_before(&old_recipients, pointer, &new_recipients) {
            self.lead_pointers.insert(chatflow, agent);
        }
        for target in old_targets {
            if !list.contains(&target) {
                let gone = MemoryOf::target(chatflow, target);
                self.last_assigned.retain(|(memory, _), _| *memory != gone);
                self.assignments.retain(|(memory, _), _| *memory != gone);
                self.weights.retain(|(memory, _), _| *memory != gone);
                self.last_assignee.remove(&gone);
                self.pointers.remove(&gone);
            }
        }
    }

    // ---- The queue ----

    /// after every input those who wait are served, the longest-waiting first.
    fn r34_serve_at_once(&mut self, answers: &mut Vec<Answer>) {
        let mut chatflows = Vec::new();
        for (index, settings) in self.setup.chatflows.iter().enumerate() {
            if settings.queue.drain == Drain::AtOnce {
                chatflows.push(ChatflowId::new(index));
            }
        }
        while let Some(decision) = self.release_one(&chatflows) {
            answers.push(Answer::Decided(decision));
        }
    }

    /// a timer releases so many of each chatflow at most.
    fn r34_tick(&mut self, only: Option<ChatflowId>, answers: &mut Vec<Answer>) {
        let mut left = Vec::new();
        for (index, settings) in self.setup.chatflows.iter().enumerate() {
            let chatflow = ChatflowId::new(index);
            if let Drain::Timer { at_most } = settings.queue.drain
                && only.is_none_or(|only| only == chatflow)
            {
                left.push((chatflow, at_most));
            }
        }
        loop {
            let mut chatflows = left.clone();
            chatflows.retain(|(_, left)| *left > 0);
            let chatflows: Vec<ChatflowId> = chatflows.into_iter().map(|(of, _)| of).collect();
            let Some(decision) = self.release_one(&chatflows) else { break };
            let chatflow = self.talks[&decision.conversation].first.chatflow;
            for (of, left) in &mut left {
                if *of == chatflow {
                    *left -= 1;
                }
            }
            answers.push(Answer::Decided(decision));
        }
    }

    /// of those who wait in some chatflows and whom somebody may take, the one that entered
    /// the queue first is assigned by its chatflow's rotation.
    fn release_one(&mut self, chatflows: &[ChatflowId]) -> Option<Decision> {
        let mut longest: Option<(u64, ConversationId)> = None;
        for chatflow in chatflows.iter().copied() {
            let waiting = self.waiting(chatflow);
            if waiting.is_empty()
                || !self.chatflow_open[chatflow.index()]
                || self.eligible(chatflow).is_empty()
            {
                continue;
            }
            let conversation = waiting[0];
            if let Place::Waiting(_, since) = self.talks[&conversation].place
                && longest.is_none_or(|(longest, _)| since < longest)
            {
                longest = Some((since, conversation));
            }
        }
        let (_, conversation) = longest?;
        let first = self.talks[&conversation].first;
        let candidates = self.eligible(first.chatflow);
        let eligible = self.eligible_count(first.chatflow);
        let (agent, entry) = self.r10_pick(first.chatflow, &candidates, None, first.lot)?;
        let talk = self.talk_mut(conversation);
        talk.place = Place::Open(agent);
        talk.entry = Some(entry);
        talk.last_agent = Some(agent);
        let outcome = Outcome::Assigned(AssignedReason::Queue);
        Some(Decision { conversation, outcome, agent: Some(agent), eligible })
    }

    /// the time of one that waits is up.
    fn r34_timeout(&mut self, conversation: ConversationId) -> Option<Decision> {
        let talk = *self.talks.get(&conversation)?;
        if !matches!(talk.place, Place::Waiting(..)) {
            return None;
        }
        let then = self.settings(talk.first.chatflow).queue.timeout;
        Some(self.wait_ends(talk.first, EmailReason::QueueTimeout, then == QueueTimeout::Email))
    }

    /// what becomes of those who wait when the last active agent of a list has left hours.
    fn r34_at_close(&mut self, left: AgentId, answers: &mut Vec<Answer>) {
        for index in 0..self.setup.chatflows.len() {
            let chatflow = ChatflowId::new(index);
            let list = self.list(chatflow);
            let somebody_there = list.iter().any(|agent| {
                let person = self.people[agent.index()];
                person.active && person.in_hours
            });
            if somebody_there || !list.contains(&left) {
                continue;
            }
            let email = match self.settings(chatflow).queue.at_close {
                AtClose::Keep => continue,
                AtClose::Email => true,
                AtClose::Lost => false,
            };
            for conversation in self.waiting(chatflow) {
                let first = self.talks[&conversation].first;
                let decision = self.wait_ends(first, EmailReason::QueueClosed, email);
                answers.push(Answer::Decided(decision));
            }
        }
    }

    /// One that waits becomes an email lead or is lost; either way it is forgotten.
    fn wait_ends(&mut self, first: Message, reason: EmailReason, email: bool) -> Decision {
        let eligible = self.eligible_count(first.chatflow);
        let (outcome, agent) =
            if email { self.r32_email(&first, reason) } else { (Outcome::Lost(reason), None) };
        self.talks.remove(&first.conversation);
        Decision { conversation: first.conversation, outcome, agent, eligible }
    }

    // ---- Replies ----

    /// A message to a conversation that waits or is open; `there` is what it is called when the
    /// agent is there.
    fn written_to(
        &mut self,
        conversation: ConversationId,
        lot: f64,
        there: KeptReason,
    ) -> Decision {
        let talk = self.talks[&conversation];
        let eligible = self.eligible_count(talk.first.chatflow);
        let (outcome, agent) = match talk.place {
            Place::Open(agent) => self.r45_reply(conversation, agent, lot, there),
            Place::Waiting(reason, _) => (Outcome::Queued(reason), None),
            Place::Closed => unreachable!("messages to closed conversations reopen them"),
        };
        Decision { conversation, outcome, agent, eligible }
    }

    /// deactivated, away, out of hours, disconnected, in this order. Under R-4 `switch`
    /// being out of hours is nothing of its own.
    fn r45_standing(&self, agent: AgentId) -> Standing {
        let person = self.people[agent.index()];
        let gate = self.setup.agents[agent.index()].hours_act_as == HoursActAs::Gate;
        if !person.active {
            Standing::Deactivated
        } else if person.away && person.reassign_replies {
            Standing::AwayAndReassigns
        } else if person.away {
            Standing::Away
        } else if gate && !person.in_hours {
            Standing::HoursOver
        } else if !person.connected {
            Standing::Disconnected
        } else {
            Standing::Online
        }
    }

    /// what a reply does.
    fn r45_reply(
        &mut self,
        conversation: ConversationId,
        agent: AgentId,
        lot: f64,
        there: KeptReason,
    ) -> Verdict {
        let chatflow = self.talks[&conversation].first.chatflow;
        let hours_end_reassigns = self.settings(chatflow).hours_end_reassigns;
        let moved = match self.r45_standing(agent) {
            Standing::Deactivated => ReassignedReason::Deactivated,
            Standing::AwayAndReassigns => ReassignedReason::Away,
            Standing::HoursOver if hours_end_reassigns => ReassignedReason::HoursEnd,
            Standing::Away => return (Outcome::Kept(KeptReason::ReplyToAway), Some(agent)),
            Standing::HoursOver => {
                return (Outcome::Kept(KeptReason::ReplyOutOfHours), Some(agent));
            }
            Standing::Disconnected => {
                return (Outcome::Kept(KeptReason::ReplyToDisconnected), Some(agent));
            }
            Standing::Online => return (Outcome::Kept(there), Some(agent)),
        };
        self.r41_move(conversation, agent, lot, moved)
    }

    /// moves on, by the lot of the first message.
    fn r47_no_answer(&mut self, conversation: ConversationId) -> Option<Decision> {
        let talk = *self.talks.get(&conversation)?;
        let Place::Open(agent) = talk.place else { return None };
        let eligible = self.eligible_count(talk.first.chatflow);
        let reason = ReassignedReason::NoAnswer;
        let (outcome, agent) = self.r41_move(conversation, agent, talk.first.lot, reason);
        Some(Decision { conversation, outcome, agent, eligible })
    }

    /// R-48 `same`: the same agent if eligible, else as a reply; an agent who is online but full
    /// loses it too.
    fn r48_reopen_same(&mut self, conversation: ConversationId, lot: f64) -> Decision {
        let talk = self.talks[&conversation];
        let chatflow = talk.first.chatflow;
        let eligible = self.eligible_count(chatflow);
        let agent = talk.last_agent.expect("only a conversation that had an agent is kept closed");
        let stays = if self.r3_may_get_another(agent, self.open_count(agent)) {
            Some(Outcome::Assigned(AssignedReason::Reopened))
        } else {
            match self.r45_standing(agent) {
                Standing::Deactivated | Standing::AwayAndReassigns | Standing::Online => None,
                Standing::Away => Some(Outcome::Kept(KeptReason::ReplyToAway)),
                Standing::HoursOver if self.settings(chatflow).hours_end_reassigns => None,
                Standing::HoursOver => Some(Outcome::Kept(KeptReason::ReplyOutOfHours)),
                Standing::Disconnected => Some(Outcome::Kept(KeptReason::ReplyToDisconnected)),
            }
        };
        let (outcome, agent) = if let Some(outcome) = stays {
            self.talk_mut(conversation).place = Place::Open(agent);
            (outcome, Some(agent))
        } else {
            self.r41_move(conversation, agent, lot, ReassignedReason::Reopened)
        };
        Decision { conversation, outcome, agent, eligible }
    }

    /// rotate over the chatflow's slots without the agent it leaves.
    fn r41_move(
        &mut self,
        conversation: ConversationId,
        from: AgentId,
        lot: f64,
        reason: ReassignedReason,
    ) -> Verdict {
        let talk = self.talks[&conversation];
        let chatflow = talk.first.chatflow;
        let was_open = talk.place == Place::Open(from);
        if self.chatflow_open[chatflow.index()] {
            let candidates = self.r41_candidates(&talk, from);
            let reassign_to = self.settings(chatflow).reassign_to;
            let tried_first = talk.entry.filter(|_| reassign_to == ReassignTo::List);
            if let Some((to, _)) = self.r10_pick(chatflow, &candidates, tried_first, lot) {
                let talk = self.talk_mut(conversation);
                talk.place = Place::Open(to);
                talk.last_agent = Some(to);
                if was_open {
                    self.r11_one_less(from);
                }
                return (Outcome::Reassigned(reason), Some(to));
            }
        }
        self.r43_nobody_else(conversation, from)
    }

    /// who may take a conversation from an agent.
    fn r41_candidates(&self, talk: &Talk, from: AgentId) -> Vec<AgentId> {
        let chatflow = talk.first.chatflow;
        let mut candidates = self.eligible(chatflow);
        candidates.retain(|agent| *agent != from);
        match self.settings(chatflow).reassign_to {
            ReassignTo::List => {}
            ReassignTo::Team => candidates.retain(|agent| {
                let teams = &self.setup.teams;
                teams.iter().any(|team| team.contains(agent) && team.contains(&from))
            }),
            ReassignTo::EntryTeam => {
                if let Some(entry) = talk.entry {
                    let members = self.members(entry);
                    candidates.retain(|agent| members.contains(agent));
                }
            }
        }
        candidates
    }

    /// it stays, or goes to the end of the queue, however long that is.
    fn r43_nobody_else(&mut self, conversation: ConversationId, from: AgentId) -> Verdict {
        let talk = self.talks[&conversation];
        match self.settings(talk.first.chatflow).reassign_none {
            ReassignNone::Keep => {
                self.talk_mut(conversation).place = Place::Open(from);
                (Outcome::Kept(KeptReason::ReassignFailed), Some(from))
            }
            ReassignNone::Unassign => {
                let reason = QueuedReason::ReassignFailed;
                let place = Place::Waiting(reason, self.now());
                self.talk_mut(conversation).place = place;
                if talk.place == Place::Open(from) {
                    self.r11_one_less(from);
                }
                (Outcome::Queued(reason), None)
            }
        }
    }

    // ---- Ends ----

    /// A conversation ends. It may be written to again if it ever had an agent.
    fn close(&mut self, conversation: ConversationId) {
        let Some(talk) = self.talks.get(&conversation).copied() else { return };
        match talk.place {
            Place::Open(agent) => {
                self.talk_mut(conversation).place = Place::Closed;
                self.r11_one_less(agent);
            }
            Place::Waiting(..) if talk.last_agent.is_some() => {
                self.talk_mut(conversation).place = Place::Closed;
            }
            Place::Waiting(..) => {
                self.talks.remove(&conversation);
            }
            Place::Closed => {}
        }
    }

    /// R-11, `longest-idle`: an open conversation has gone from an agent; if it was the last, this
    /// is when the agent became empty.
    fn r11_one_less(&mut self, agent: AgentId) {
        if self.open_count(agent) == 0 {
            let now = self.now();
            self.people[agent.index()].became_empty = Some(now);
        }
    }
}

/// The first allowed entry after the pointer, wrapping once; without a pointer, from the start.
fn next_in_ring<T: Copy + PartialEq>(slots: &[T], pointer: Option<T>, allowed: &[T]) -> Option<T> {
    let after = pointer
        .and_then(|pointer| slots.iter().position(|slot| *slot == pointer))
        .map_or(0, |place| place + 1);
    let in_order = slots.iter().skip(after).chain(slots.iter().take(after));
    in_order.copied().find(|slot| allowed.contains(slot))
}

/// R-11 `random`: the entry number ⌊u · entries⌋.
fn by_lot(among: &[AgentId], lot: f64) -> Option<AgentId> {
    let number = (lot * among.len() as f64).floor() as usize;
    among.get(number).or(among.last()).copied()
}

/// where a pointer is after an edit: on the same entry; if that is gone, on the nearest one
/// before it in the old list that is still there; if there is none, nowhere.
fn same_or_before<T: Copy + PartialEq>(old: &[T], pointer: Option<T>, new: &[T]) -> Option<T> {
    let place = old.iter().position(|entry| Some(*entry) == pointer)?;
    old[..=place].iter().rev().copied().find(|entry| new.contains(entry))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::routing::settings::{AgentSettings, QueueSettings};

    fn agent(number: usize) -> AgentId {
        AgentId::new(number)
    }

    /// So many agents of whom all are on the list of one chatflow, which is then changed.
    fn setup(agents: usize, change: impl FnOnce(&mut Setup)) -> Setup {
        let route_to = (0..agents).map(|number| Target::Agent(agent(number))).collect();
        let mut setup = Setup {
            agents: vec![AgentSettings::default(); agents],
            teams: Vec::new(),
            chatflows: vec![ChatflowSettings { route_to, ..ChatflowSettings::default() }],
        };
        change(&mut setup);
        setup
    }

    fn teams(setup: &mut Setup, teams: &[&[usize]]) {
        setup.teams = teams.iter().map(|team| team.iter().copied().map(agent).collect()).collect();
        setup.chatflows[0].route_to =
            (0..teams.len()).map(|team| Target::Team(TeamId::new(team))).collect();
    }

    /// An input in words: `writes 3` (conversation 3), `writes 3 owner 1`, `writes 3 writer 7`,
    /// `writes 3 lot 0.5`, `writes 3 unknown`, `close 3`, `away 1` (agent 1), `capacity 1 2`,
    /// `no_answer 3`, `timeout 3`, `tick`, `shut`, `open`, `list 0 2 1`.
    fn input(step: &str) -> Input {
        let words: Vec<&str> = step.split(' ').collect();
        let number = |at: usize| words[at].parse::<usize>().expect("a number");
        let conversation = || ConversationId::new(number(1));
        let presence = |change| Input::Presence(agent(number(1)), change);
        let chatflow = ChatflowId::new(0);
        match words[0] {
            "writes" => {
                let after = |word: &str| {
                    words.iter().position(|w| *w == word).map(|at| words[at + 1].to_owned())
                };
                let id = |word: &str| after(word).map(|text| text.parse().expect("a number"));
                Input::Message(Message {
                    conversation: conversation(),
                    chatflow,
                    writer: id("writer").map(ContactId::new),
                    visitor: VisitorFacts {
                        known: !words.contains(&"unknown"),
                        owner: id("owner").map(agent),
                        tracked: true,
                    },
                    leaves_email: false,
                    lot: after("lot").map_or(0.0, |text| text.parse().expect("a lot")),
                })
            }
            "close" => Input::Close(conversation()),
            "forget" => Input::Forget(conversation()),
            "no_answer" => Input::NoAnswer(conversation()),
            "timeout" => Input::Timeout(conversation()),
            "tick" => Input::Tick(None),
            "shut" | "open" => Input::ChatflowHours { chatflow, open: words[0] == "open" },
            "capacity" => Input::Capacity(agent(number(1)), number(2) as u32),
            "list" => Input::EditList(
                chatflow,
                (1..words.len()).map(|at| Target::Agent(agent(number(at)))).collect(),
            ),
            "away" => presence(PresenceChange::Away),
            "back" => presence(PresenceChange::Back),
            "enters" => presence(PresenceChange::EnterHours),
            "leaves" => presence(PresenceChange::LeaveHours),
            "reassign" => presence(PresenceChange::ReassignOn),
            "disconnects" => presence(PresenceChange::Disconnect),
            "deactivates" => presence(PresenceChange::Deactivate),
            other => panic!("{other}?"),
        }
    }

    /// What the answers say, in words: `3 assigned rotation 1` and so on.
    fn told(answers: &[Answer]) -> String {
        let words = answers.iter().map(|answer| match answer {
            Answer::Decided(decision) => {
                let outcome = decision.outcome;
                let agent = decision.agent.map_or("-".to_owned(), |a| a.index().to_string());
                let conversation = decision.conversation.index();
                format!("{conversation} {} {} {agent}", outcome.name(), outcome.reason())
            }
            other => format!("{other:?}"),
        });
        words.collect::<Vec<_>>().join("; ")
    }

    /// Steps and, after `=>`, what is answered; without it nothing may be.
    fn check(setup: &Setup, story: &str) {
        let mut naive = Naive::new(setup);
        for line in story.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let (step, expected) = line.split_once(" => ").unwrap_or((line, ""));
            assert_eq!(told(&naive.apply(&input(step))), expected, "at `{line}` of{story}");
        }
    }

    /// Who gets ten conversations in a row, each closed before the next, when all agents are there.
    fn ten(setup: &Setup) -> Vec<usize> {
        let mut naive = Naive::new(setup);
        let mut winners = Vec::new();
        for number in 0..10 {
            let lot = f64::from(number) / 10.0;
            let answers = naive.apply(&input(&format!("writes {number} lot {lot}")));
            let Answer::Decided(decision) = answers[0] else { panic!("{answers:?}") };
            winners.push(decision.agent.expect("somebody is there").index());
            assert!(naive.apply(&Input::Close(ConversationId::new(number as usize))).is_empty());
        }
        winners
    }

    #[test]
    fn each_rotation_has_its_order_when_everybody_is_there() {
        let order = |rotation, weights: [u32; 3]| {
            ten(&setup(3, |setup| {
                setup.chatflows[0].rotation = rotation;
                for (settings, weight) in setup.agents.iter_mut().zip(weights) {
                    *settings = AgentSettings { capacity: Some(2), weight, ..*settings };
                }
            }))
        };
        let round = vec![0, 1, 2, 0, 1, 2, 0, 1, 2, 0];
        let first = vec![0; 10];
        for (rotation, expected) in [
            (RotationPolicy::Ring, &round),
            (RotationPolicy::Lru, &round),
            (RotationPolicy::LongestIdle, &round),
            (RotationPolicy::LeastOpen, &round),
            (RotationPolicy::LifetimeCount, &round),
            (RotationPolicy::LastIndex, &round),
            (RotationPolicy::SmoothWeighted, &round),
            (RotationPolicy::PercentSpare, &first),
            (RotationPolicy::Priority, &first),
            (RotationPolicy::Random, &vec![0, 0, 0, 0, 1, 1, 1, 2, 2, 2]),
        ] {
            assert_eq!(&order(rotation, [1; 3]), expected, "{rotation:?}");
        }
        let weighted = order(RotationPolicy::SmoothWeighted, [5, 1, 1]);
        assert_eq!(weighted, [0, 0, 1, 0, 2, 0, 0, 0, 0, 1]);
    }

    #[test]
    fn the_largest_free_share_is_a_fraction_and_ties_go_to_the_most_free_places() {
        let setup = setup(3, |setup| {
            setup.chatflows[0].rotation = RotationPolicy::PercentSpare;
            for (settings, capacity) in setup.agents.iter_mut().zip([2, 3, 4]) {
                settings.capacity = Some(capacity);
            }
        });
        check(
            &setup,
            "writes 0 => 0 assigned rotation 2
             writes 1 => 1 assigned rotation 1
             writes 2 => 2 assigned rotation 0
             writes 3 => 3 assigned rotation 2
             writes 4 => 4 assigned rotation 1
             writes 5 => 5 assigned rotation 2
             writes 6 => 6 assigned rotation 0
             writes 7 => 7 assigned rotation 1
             writes 8 => 8 assigned rotation 2
             writes 9 => 9 queued all_at_capacity -",
        );
    }

    #[test]
    fn a_ring_and_a_last_index_differ_when_the_last_winner_is_gone() {
        let ring = |rotation| setup(4, |setup| setup.chatflows[0].rotation = rotation);
        check(
            &ring(RotationPolicy::Ring),
            "writes 0 => 0 assigned rotation 0
             writes 1 => 1 assigned rotation 1
             away 1
             writes 2 => 2 assigned rotation 2
             away 2
             writes 3 => 3 assigned rotation 3",
        );
        check(
            &ring(RotationPolicy::LastIndex),
            "writes 0 => 0 assigned rotation 0
             writes 1 => 1 assigned rotation 1
             away 1
             writes 2 => 2 assigned rotation 0",
        );
    }

    #[test]
    fn an_edit_leaves_the_pointer_where_it_was_or_before() {
        check(
            &setup(5, |_| {}),
            "writes 0 => 0 assigned rotation 0
             writes 1 => 1 assigned rotation 1
             writes 2 => 2 assigned rotation 2
             list 4 0 1 3
             writes 3 => 3 assigned rotation 3
             list 2 4
             writes 4 => 4 assigned rotation 2",
        );
    }

    #[test]
    fn the_owner_comes_first_when_online_and_is_emailed_when_not() {
        let boxed = |change: fn(&mut ChatflowSettings)| {
            setup(3, |setup| {
                setup.chatflows[0].route_to_owner = true;
                change(&mut setup.chatflows[0]);
            })
        };
        check(
            &boxed(|_| {}),
            "writes 0 owner 2 => 0 assigned owner 2
             writes 1 => 1 assigned unowned 0
             away 2
             writes 2 owner 2 => 2 emailed owner_offline 2
             deactivates 2
             writes 3 owner 2 => 3 assigned orphan 1",
        );
        check(
            &boxed(|settings| {
                settings.owner_offline = OwnerOffline::List;
                settings.orphan = OrphanAction::Email;
                settings.owner_counts = true;
                settings.owner_capacity = true;
            }),
            "writes 0 owner 1 => 0 assigned owner 1
             writes 1 => 1 assigned unowned 2
             capacity 1 1
             writes 2 owner 1 => 2 assigned owner_unavailable 0
             away 2
             writes 3 owner 2 => 3 assigned owner_unavailable 0
             deactivates 2
             writes 4 owner 2 => 4 emailed orphan 2",
        );
    }

    #[test]
    fn when_nobody_is_there_the_settings_say_what_happens() {
        let nobody = |action| setup(2, |setup| setup.chatflows[0].nobody_online = action);
        for (action, first, second) in [
            (NobodyAction::Email, "emailed nobody_online 0", "emailed nobody_online 1"),
            (NobodyAction::Queue, "queued nobody_online -", "queued nobody_online -"),
            (NobodyAction::Assign, "assigned forced 0", "assigned forced 1"),
            (NobodyAction::Refuse, "refused nobody_online -", "refused nobody_online -"),
        ] {
            check(
                &nobody(action),
                &format!("away 0\n away 1\n writes 0 => 0 {first}\n writes 1 => 1 {second}"),
            );
        }
        check(
            &nobody(NobodyAction::Email),
            "shut
             writes 0 unknown => 0 lost chatflow_closed -
             writes 1 => 1 emailed chatflow_closed 0
             open
             writes 2 => 2 assigned rotation 0
             deactivates 0
             deactivates 1
             writes 3 => 3 emailed nobody_online -",
        );
    }

    #[test]
    fn those_who_wait_are_served_in_order_by_whoever_gets_free() {
        let setup = setup(2, |setup| {
            for agent in &mut setup.agents {
                agent.capacity = Some(1);
            }
            setup.chatflows[0].queue = QueueSettings {
                limit: Some(2),
                full: QueueFull::Refuse,
                at_close: AtClose::Lost,
                ..QueueSettings::default()
            };
        });
        check(
            &setup,
            "writes 0 => 0 assigned rotation 0
             writes 1 => 1 assigned rotation 1
             writes 7 => 7 queued all_at_capacity -
             writes 3 => 3 queued all_at_capacity -
             writes 4 => 4 refused queue_full -
             writes 3 => 3 queued all_at_capacity -
             close 0 => 7 assigned queue 0
             capacity 1 2 => 3 assigned queue 1
             writes 5 => 5 queued all_at_capacity -
             timeout 5 => 5 emailed queue_timeout 0
             writes 5 => 5 queued all_at_capacity -
             leaves 0
             leaves 1 => 5 lost queue_closed -",
        );
    }

    #[test]
    fn a_timer_releases_so_many_and_closed_hours_hold_them_back() {
        let setup = setup(1, |setup| {
            setup.chatflows[0].nobody_online = NobodyAction::Queue;
            setup.chatflows[0].queue.drain = Drain::Timer { at_most: 2 };
        });
        check(
            &setup,
            "away 0
             writes 0 => 0 queued nobody_online -
             writes 1 => 1 queued nobody_online -
             writes 2 => 2 queued nobody_online -
             back 0
             shut
             tick
             open
             writes 3 => 3 assigned rotation 0
             tick => 0 assigned queue 0; 1 assigned queue 0
             close 2
             tick",
        );
    }

    #[test]
    fn replies_move_stay_or_wait_by_what_the_agent_is() {
        let setup = setup(2, |setup| setup.chatflows[0].hours_end_reassigns = true);
        check(
            &setup,
            "writes 0 => 0 assigned rotation 0
             writes 0 => 0 kept reply 0
             disconnects 0
             writes 0 => 0 kept reply_to_disconnected 0
             away 0
             writes 0 => 0 kept reply_to_away 0
             reassign 0
             writes 0 => 0 reassigned away 1
             no_answer 0 => 0 kept reassign_failed 1
             writes 1 writer 5 => 1 assigned rotation 1
             writes 2 writer 5 => 1 kept joined 1
             back 0
             leaves 1
             writes 2 writer 5 => 1 kept reassign_failed 1",
        );
    }

    #[test]
    fn who_writes_again_after_the_close_gets_the_same_agent_or_another() {
        check(
            &setup(2, |_| {}),
            "writes 0 => 0 assigned rotation 0
             close 0
             writes 0 => 0 assigned reopened 0
             close 0
             capacity 0 0
             writes 0 => 0 reassigned reopened 1
             close 0
             away 1
             writes 0 => 0 kept reply_to_away 1
             close 0
             deactivates 1
             writes 0 => 0 kept reassign_failed 1
             forget 0
             writes 0 => 0 queued all_at_capacity -",
        );
        check(
            &setup(2, |setup| setup.chatflows[0].reopen = Reopen::Route),
            "writes 0 => 0 assigned rotation 0
             close 0
             writes 0 => 0 assigned rotation 1",
        );
    }

    #[test]
    fn nobody_else_and_unassign_means_the_end_of_the_queue() {
        let setup = setup(2, |setup| {
            setup.chatflows[0].reassign_none = ReassignNone::Unassign;
            setup.agents[0].capacity = Some(1);
        });
        check(
            &setup,
            "away 1
             writes 0 => 0 assigned rotation 0
             writes 1 => 1 queued all_at_capacity -
             no_answer 0 => 0 queued reassign_failed -; 1 assigned queue 0
             close 1 => 0 assigned queue 0",
        );
    }

    #[test]
    fn nested_targets_take_turns_and_each_has_a_ring_inside() {
        let setup = setup(5, |setup| {
            teams(setup, &[&[0, 1, 2], &[3, 4]]);
            setup.chatflows[0].targets = Targets::Nested;
        });
        check(
            &setup,
            "writes 0 => 0 assigned rotation 0
             writes 1 => 1 assigned rotation 3
             writes 2 => 2 assigned rotation 1
             reassign 1
             away 1
             writes 2 => 2 reassigned away 2
             writes 3 => 3 assigned rotation 4
             away 0
             away 2
             writes 4 => 4 assigned rotation 3",
        );
    }

    #[test]
    fn ordered_targets_are_used_up_in_order() {
        let setup = setup(4, |setup| {
            teams(setup, &[&[0, 1], &[2, 3]]);
            setup.chatflows[0].targets = Targets::Ordered;
            setup.chatflows[0].reassign_to = ReassignTo::EntryTeam;
        });
        check(
            &setup,
            "writes 0 => 0 assigned rotation 0
             writes 1 => 1 assigned rotation 1
             away 0
             away 1
             writes 2 => 2 assigned rotation 2
             back 0
             writes 3 => 3 assigned rotation 0
             no_answer 2 => 2 reassigned no_answer 3
             no_answer 3 => 3 kept reassign_failed 0",
        );
    }

    #[test]
    fn chatflows_that_share_their_memory_share_the_round() {
        let mut setup = setup(3, |setup| setup.chatflows[0].memory = Memory::Account);
        let mut other = setup.chatflows[0].clone();
        other.route_to.pop();
        setup.chatflows.push(other);
        let mut naive = Naive::new(&setup);
        let mut write = |number: usize, chatflow: usize| {
            let Input::Message(message) = input(&format!("writes {number}")) else { panic!() };
            let message = Message { chatflow: ChatflowId::new(chatflow), ..message };
            told(&naive.apply(&Input::Message(message)))
        };
        assert_eq!(write(0, 0), "0 assigned rotation 0");
        assert_eq!(write(1, 1), "1 assigned rotation 1");
        assert_eq!(write(2, 0), "2 assigned rotation 2");
        // Agent 2 is not on the second list, which goes on after its own last one.
        assert_eq!(write(3, 1), "3 assigned rotation 0");
    }
}
