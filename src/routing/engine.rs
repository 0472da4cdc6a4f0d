//! Input → decisions: the only place where the rules meet.

use crate::ids::{AgentId, ChatflowId, ConversationId};

use super::conversations::{Conversation, Conversations, State};
use super::decision::{
    Answer, AssignedReason, Decision, EmailReason, KeptReason, Outcome, QueuedReason,
    ReassignedReason, RefusedReason,
};
use super::flow::{Flow, Pick, Surroundings, Takers};
use super::input::{Input, Message};
use super::ownership::{self, Ruling};
use super::presence::{Presence, PresenceChange};
use super::roster::Memberships;
use super::rotation::{Account, Load};
use super::settings::{
    AtClose, ChatflowSettings, Drain, NobodyAction, QueueFull, QueueTimeout, ReassignNone, Reopen,
    Setup, Target,
};

/// The routing engine.
///
/// It has no clock, no randomness and no files: the same inputs give the same answers (I-8).
#[derive(Clone, Debug)]
pub struct Engine {
    setup: Setup,
    presence: Vec<Presence>,
    /// of each agent, as last told.
    online: Vec<bool>,
    active: Vec<bool>,
    eligible: Vec<bool>,
    loads: Vec<Load>,
    teams_of: Vec<Vec<u32>>,
    account: Account,
    flows: Vec<Flow>,
    lists: Memberships,
    lead_lists: Memberships,
    /// The groups that an agent is in; [`GroupPlace`] says which.
    places: Places,
    /// Some group ranks agents by what they have open.
    load_is_ranked: bool,
    conversations: Conversations,
    /// Conversations that came to wait so far.
    waits: u64,
    /// How many wait over all chatflows.
    waiters: u32,
    /// Ends of an agent's last open conversation so far.
    empties: u64,
}

/// A slot of a group.
#[derive(Clone, Copy, Debug)]
struct GroupPlace {
    chatflow: ChatflowId,
    group: usize,
    slot: usize,
}

/// For each agent the slots of groups that are theirs.
#[derive(Clone, Debug, Default)]
struct Places {
    all: Vec<GroupPlace>,
    ends: Vec<usize>,
}

impl Places {
    fn new(agents: usize, flows: &[Flow]) -> Self {
        let mut by_agent = vec![Vec::new(); agents];
        for (number, flow) in flows.iter().enumerate() {
            for (group, over) in flow.groups().iter().enumerate() {
                for (slot, agent) in over.members().iter().enumerate() {
                    let chatflow = ChatflowId::new(number);
                    by_agent[agent.index()].push(GroupPlace { chatflow, group, slot });
                }
            }
        }
        let ends = by_agent
            .iter()
            .scan(0, |end, own| {
                *end += own.len();
                Some(*end)
            })
            .collect();
        Self { all: by_agent.concat(), ends }
    }

    fn range(&self, agent: AgentId) -> std::ops::Range<usize> {
        let begins = agent.index().checked_sub(1).map_or(0, |before| self.ends[before]);
        begins..self.ends[agent.index()]
    }
}

/// Everything a pick looks at beyond its own chatflow. A macro, because a method would borrow all
/// of the engine.
macro_rules! surroundings {
    ($engine:ident) => {
        Surroundings {
            account: &mut $engine.account,
            loads: &$engine.loads,
            online: &$engine.online,
            active: &$engine.active,
            teams: &$engine.setup.teams,
            teams_of: &$engine.teams_of,
        }
    };
}

impl Engine {
    /// An engine in which every agent is active, connected, in hours and not away, and every
    /// chatflow open.
    ///
    /// # Panics
    ///
    /// If an id of the setup points to nothing, or [`Setup::check`] refuses it.
    #[must_use]
    pub fn new(setup: &Setup) -> Self {
        if let Err(error) = setup.check() {
            panic!("a setup that has been checked: {error}");
        }
        let agents = setup.agents.len();
        let flows: Vec<Flow> =
            (0..setup.chatflows.len()).map(|c| Flow::new(ChatflowId::new(c), setup)).collect();
        let mut teams_of = vec![Vec::new(); agents];
        for (team, members) in (0..).zip(&setup.teams) {
            for agent in members {
                teams_of[agent.index()].push(team);
            }
        }
        let load = |agent: &super::settings::AgentSettings| Load {
            open: 0,
            capacity: agent.capacity,
            empty_since: 0,
            weight: agent.weight,
        };
        let mut engine = Self {
            presence: setup.agents.iter().map(|a| Presence::new(a.hours_act_as)).collect(),
            online: vec![false; agents],
            active: vec![false; agents],
            eligible: vec![false; agents],
            loads: setup.agents.iter().map(load).collect(),
            teams_of,
            account: Account::new(agents),
            lists: Memberships::new(agents, flows.iter().map(Flow::list)),
            lead_lists: Memberships::new(agents, flows.iter().map(Flow::lead_list)),
            places: Places::new(agents, &flows),
            load_is_ranked: setup.chatflows.iter().any(|flow| flow.rotation.ranks_by_load()),
            flows,
            conversations: Conversations::default(),
            waits: 0,
            waiters: 0,
            empties: 0,
            setup: setup.clone(),
        };
        let mut unheard = Vec::new();
        for agent in (0..agents).map(AgentId::new) {
            let presence = engine.presence[agent.index()];
            engine.presence_is(agent, presence, &mut unheard);
            for place in engine.lists.of(agent) {
                engine.flows[place.chatflow.index()].count_staff(true);
            }
        }
        engine
    }

    /// Tells the engine what happened. Its answers, in order, replace what `answers` held.
    ///
    /// # Panics
    ///
    /// If an id points to nothing.
    pub fn apply(&mut self, input: &Input, answers: &mut Vec<Answer>) {
        answers.clear();
        match input {
            Input::Load { chatflow, visitor } => {
                let box_ticked = self.settings(*chatflow).route_to_owner;
                let face = ownership::greeting(box_ticked, *visitor, &self.presence);
                answers.push(Answer::Greeted(face));
            }
            Input::Message(message) => self.message(message, answers),
            Input::Close(conversation) => self.close(*conversation, answers),
            Input::Forget(conversation) => {
                self.close(*conversation, answers);
                self.conversations.forget(*conversation);
            }
            Input::Presence(agent, change) => self.presence_changes(*agent, *change, answers),
            Input::Capacity(agent, capacity) => {
                self.loads[agent.index()].capacity = Some(*capacity);
                self.refresh(*agent, answers);
            }
            Input::ChatflowHours { chatflow, open } => self.flows[chatflow.index()].open = *open,
            Input::NoAnswer(conversation) => self.no_answer(*conversation, answers),
            Input::Timeout(conversation) => self.timeout(*conversation, answers),
            Input::Tick(chatflow) => self.tick(*chatflow, answers),
            Input::EditList(chatflow, route_to) => self.edit_list(*chatflow, route_to, answers),
        }
        if self.waiters > 0 {
            self.serve(answers);
        }
    }

    /// The slots of a chatflow's list with its teams expanded, in order.
    #[must_use]
    pub fn slots(&self, chatflow: ChatflowId) -> &[AgentId] {
        self.flows[chatflow.index()].list()
    }

    /// An agent's presence.
    #[must_use]
    pub fn presence(&self, agent: AgentId) -> Presence {
        self.presence[agent.index()]
    }

    /// whether an agent of a chatflow's list is eligible; nobody else is.
    #[must_use]
    pub fn is_eligible(&self, chatflow: ChatflowId, agent: AgentId) -> bool {
        let place = self.lists.of(agent).iter().find(|place| place.chatflow == chatflow);
        let eligible = self.flows[chatflow.index()].eligible();
        place.is_some_and(|place| eligible.contains(place.slot as usize))
    }

    fn settings(&self, chatflow: ChatflowId) -> &ChatflowSettings {
        &self.flows[chatflow.index()].settings
    }

    /// How many agents of a chatflow's list are eligible.
    #[must_use]
    pub fn eligible_of(&self, chatflow: ChatflowId) -> u32 {
        self.flows[chatflow.index()].eligible().len()
    }

    // ---- messages ----

    /// tell a first message from a reply, from one that joins, and from one to a
    /// conversation that is closed.
    #[inline]
    fn message(&mut self, message: &Message, answers: &mut Vec<Answer>) {
        let known = self.conversations.get(message.conversation).copied();
        match known {
            None => {
                if let Some(joined) = self.joined(message, message.chatflow) {
                    return self.join(joined, message, answers);
                }
                self.first_message(message, answers);
            }
            Some(Conversation { state: State::Open(agent), chatflow, .. }) => {
                self.reply(
                    message.conversation,
                    chatflow,
                    agent,
                    message.lot,
                    KeptReason::Reply,
                    answers,
                );
            }
            Some(Conversation { state: State::Waiting { reason, .. }, chatflow, .. }) => {
                self.still_waits(message.conversation, chatflow, reason, answers);
            }
            Some(Conversation { state: State::Closed(agent), chatflow, .. }) => {
                if let Some(joined) = self.joined(message, chatflow) {
                    return self.join(joined, message, answers);
                }
                match self.settings(chatflow).reopen {
                    Reopen::Route => {
                        self.conversations.forget(message.conversation);
                        self.first_message(&Message { chatflow, ..*message }, answers);
                    }
                    Reopen::Same => self.reopen(message, chatflow, agent, answers),
                }
            }
        }
    }

    fn joined(&self, message: &Message, chatflow: ChatflowId) -> Option<ConversationId> {
        message.writer.and_then(|writer| self.conversations.of_writer(writer, chatflow))
    }

    fn join(&mut self, id: ConversationId, message: &Message, answers: &mut Vec<Answer>) {
        let known = *self.conversations.get(id).expect("who writes is known by what is open");
        match known.state {
            State::Open(agent) => {
                self.reply(id, known.chatflow, agent, message.lot, KeptReason::Joined, answers);
            }
            State::Waiting { reason, .. } => self.still_waits(id, known.chatflow, reason, answers),
            State::Closed(_) => unreachable!("a closed conversation is nobody's open one"),
        }
    }

    fn still_waits(
        &self,
        conversation: ConversationId,
        chatflow: ChatflowId,
        reason: QueuedReason,
        answers: &mut Vec<Answer>,
    ) {
        let (outcome, eligible) = (Outcome::Queued(reason), self.eligible_of(chatflow));
        answers.push(Answer::Decided(Decision { conversation, outcome, agent: None, eligible }));
    }

    fn first_message(&mut self, message: &Message, answers: &mut Vec<Answer>) {
        let chatflow = message.chatflow;
        let eligible = self.eligible_of(chatflow);
        let flow = &self.flows[chatflow.index()];
        let begun = |state, entry| Conversation {
            chatflow,
            writer: message.writer,
            entry,
            lot: message.lot,
            can_be_emailed: message.visitor.known || message.leaves_email,
            state,
        };
        if !flow.open {
            let action = flow.settings.nobody_online;
            let begun = begun(State::Closed(AgentId::new(0)), None);
            return self.nobody(
                message.conversation,
                begun,
                action,
                Nobody::Closed,
                eligible,
                answers,
            );
        }
        let settings = &flow.settings;
        let load = |owner: AgentId| self.loads[owner.index()];
        let has_room = |owner| load(owner).capacity.is_none_or(|most| load(owner).open < most);
        let reason = match ownership::rule(settings, message.visitor, &self.presence, has_room) {
            Ruling::Owner(owner) => {
                if self.settings(chatflow).owner_counts {
                    let flow = &mut self.flows[chatflow.index()];
                    flow.owner_counts(owner, &mut surroundings!(self));
                    self.ranks_changed(owner, chatflow);
                }
                let begun = begun(State::Open(owner), None);
                return self.assign(
                    message.conversation,
                    begun,
                    AssignedReason::Owner,
                    eligible,
                    answers,
                );
            }
            Ruling::EmailOwner(owner, reason) => {
                let (conversation, outcome) = (message.conversation, Outcome::Emailed(reason));
                let decision = Decision { conversation, outcome, agent: Some(owner), eligible };
                return answers.push(Answer::Decided(decision));
            }
            Ruling::List(reason) => reason,
        };
        if let Some(Pick { agent, entry }) = self.pick(chatflow, Takers::Eligible, message.lot) {
            let begun = begun(State::Open(agent), Some(entry));
            return self.assign(message.conversation, begun, reason, eligible, answers);
        }
        let flow = &self.flows[chatflow.index()];
        let (action, why) = if flow.anybody_online() {
            (flow.settings.all_at_capacity, Nobody::Full)
        } else {
            (flow.settings.nobody_online, Nobody::Offline)
        };
        let begun = begun(State::Closed(AgentId::new(0)), None);
        self.nobody(message.conversation, begun, action, why, eligible, answers);
    }

    /// nobody can take a first message.
    fn nobody(
        &mut self,
        id: ConversationId,
        begun: Conversation,
        action: NobodyAction,
        why: Nobody,
        eligible: u32,
        answers: &mut Vec<Answer>,
    ) {
        let chatflow = begun.chatflow;
        let decided = |outcome, agent| {
            Answer::Decided(Decision { conversation: id, outcome, agent, eligible })
        };
        match action {
            NobodyAction::Refuse => answers.push(decided(Outcome::Refused(why.refused()), None)),
            NobodyAction::Queue => {
                let queue = self.settings(chatflow).queue;
                let full = queue.limit.is_some_and(|n| self.flows[chatflow.index()].waiters >= n);
                match (full, queue.full) {
                    (false, _) => {
                        let reason = why.queued();
                        answers.push(decided(Outcome::Queued(reason), None));
                        self.wait(id, begun, reason, None);
                    }
                    (true, QueueFull::Refuse) => {
                        answers.push(decided(Outcome::Refused(RefusedReason::QueueFull), None));
                    }
                    (true, QueueFull::Email) => {
                        let (outcome, agent) = self.lead(&begun, EmailReason::QueueFull);
                        answers.push(decided(outcome, agent));
                    }
                }
            }
            NobodyAction::Assign => {
                let takers = if why == Nobody::Full { Takers::Online } else { Takers::Active };
                match self.pick(chatflow, takers, begun.lot) {
                    Some(Pick { agent, entry }) => {
                        let begun =
                            Conversation { state: State::Open(agent), entry: Some(entry), ..begun };
                        self.assign(id, begun, AssignedReason::Forced, eligible, answers);
                    }
                    None => {
                        let (outcome, agent) = self.lead(&begun, why.emailed());
                        answers.push(decided(outcome, agent));
                    }
                }
            }
            NobodyAction::Email => {
                let (outcome, agent) = self.lead(&begun, why.emailed());
                answers.push(decided(outcome, agent));
            }
        }
    }

    /// an email lead, or nothing if an unknown visitor leaves no address.
    fn lead(&mut self, begun: &Conversation, reason: EmailReason) -> (Outcome, Option<AgentId>) {
        if !begun.can_be_emailed {
            return (Outcome::Lost(reason), None);
        }
        let agent = self.flows[begun.chatflow.index()].next_lead(begun.lot);
        (Outcome::Emailed(reason), agent)
    }

    /// Gives a new conversation to the agent in its state.
    #[inline]
    fn assign(
        &mut self,
        id: ConversationId,
        begun: Conversation,
        reason: AssignedReason,
        eligible: u32,
        answers: &mut Vec<Answer>,
    ) {
        let State::Open(agent) = begun.state else { unreachable!("who is assigned is named") };
        if reason != AssignedReason::Forced {
            assert!(self.presence[agent.index()].online(), "I-2: {agent:?} is not online");
        }
        let (outcome, agent_given) = (Outcome::Assigned(reason), Some(agent));
        answers.push(Answer::Decided(Decision {
            conversation: id,
            outcome,
            agent: agent_given,
            eligible,
        }));
        self.conversations.put(id, begun);
        self.opened(agent, answers);
    }

    // ---- replies ----

    /// a visitor's message to an open conversation. `there` is the reason for staying
    /// with an agent who is there.
    fn reply(
        &mut self,
        id: ConversationId,
        chatflow: ChatflowId,
        agent: AgentId,
        lot: f64,
        there: KeptReason,
        answers: &mut Vec<Answer>,
    ) {
        match self.reply_to(chatflow, agent) {
            Reply::Stays(reason) => {
                self.stays(id, chatflow, agent, reason.unwrap_or(there), answers);
            }
            Reply::Moves(reason) => self.move_on(id, lot, reason, answers),
        }
    }

    /// R-45's order: deactivated, away, out of hours, disconnected.
    fn reply_to(&self, chatflow: ChatflowId, agent: AgentId) -> Reply {
        let presence = self.presence[agent.index()];
        if !presence.active() {
            Reply::Moves(ReassignedReason::Deactivated)
        } else if presence.away() && presence.reassign_replies() {
            Reply::Moves(ReassignedReason::Away)
        } else if presence.away() {
            Reply::Stays(Some(KeptReason::ReplyToAway))
        } else if presence.out_of_hours() && self.settings(chatflow).hours_end_reassigns {
            Reply::Moves(ReassignedReason::HoursEnd)
        } else if presence.out_of_hours() {
            Reply::Stays(Some(KeptReason::ReplyOutOfHours))
        } else if !presence.connected() {
            Reply::Stays(Some(KeptReason::ReplyToDisconnected))
        } else {
            Reply::Stays(None)
        }
    }

    fn stays(
        &self,
        conversation: ConversationId,
        chatflow: ChatflowId,
        agent: AgentId,
        reason: KeptReason,
        answers: &mut Vec<Answer>,
    ) {
        let (outcome, eligible) = (Outcome::Kept(reason), self.eligible_of(chatflow));
        let agent = Some(agent);
        answers.push(Answer::Decided(Decision { conversation, outcome, agent, eligible }));
    }

    /// An open conversation moves on.
    fn move_on(
        &mut self,
        id: ConversationId,
        lot: f64,
        reason: ReassignedReason,
        answers: &mut Vec<Answer>,
    ) {
        let known = self.conversations.get(id).expect("only known conversations move");
        let State::Open(from) = known.state else { unreachable!("only open conversations move") };
        self.move_from(id, from, lot, reason, answers);
    }

    /// to the next who may take it, by the same rotation as first messages. It
    /// leaves `from`, who has it open or, if it was closed, had it last.
    fn move_from(
        &mut self,
        id: ConversationId,
        from: AgentId,
        lot: f64,
        reason: ReassignedReason,
        answers: &mut Vec<Answer>,
    ) {
        let known = *self.conversations.get(id).expect("only known conversations move");
        let is_open = known.state == State::Open(from);
        let eligible = self.eligible_of(known.chatflow);
        let decided = |outcome, agent| {
            Answer::Decided(Decision { conversation: id, outcome, agent, eligible })
        };
        // outside the chatflow's hours nobody takes it.
        let takers = Takers::Move { from, entry: known.entry };
        let open = self.flows[known.chatflow.index()].open;
        let next = if open { self.pick(known.chatflow, takers, lot) } else { None };
        if let Some(Pick { agent, .. }) = next {
            assert!(self.eligible[agent.index()] && agent != from, "I-2: {agent:?} may take it");
            answers.push(decided(Outcome::Reassigned(reason), Some(agent)));
            self.conversations.put(id, Conversation { state: State::Open(agent), ..known });
            if is_open {
                self.closed(from, answers);
            }
            self.opened(agent, answers);
            return;
        }
        match self.settings(known.chatflow).reassign_none {
            ReassignNone::Keep => {
                answers.push(decided(Outcome::Kept(KeptReason::ReassignFailed), Some(from)));
                if !is_open {
                    self.conversations.put(id, Conversation { state: State::Open(from), ..known });
                    self.opened(from, answers);
                }
            }
            ReassignNone::Unassign => {
                let reason = QueuedReason::ReassignFailed;
                answers.push(decided(Outcome::Queued(reason), None));
                self.wait(id, known, reason, Some(from));
                if is_open {
                    self.closed(from, answers);
                }
            }
        }
    }

    /// no reply in time.
    fn no_answer(&mut self, id: ConversationId, answers: &mut Vec<Answer>) {
        if let Some(&Conversation { state: State::Open(_), lot, .. }) = self.conversations.get(id) {
            self.move_on(id, lot, ReassignedReason::NoAnswer, answers);
        }
    }

    /// R-48, `same`: the same agent if eligible, else as a reply.
    fn reopen(
        &mut self,
        message: &Message,
        chatflow: ChatflowId,
        agent: AgentId,
        answers: &mut Vec<Answer>,
    ) {
        let id = message.conversation;
        let known = *self.conversations.get(id).expect("only known conversations reopen");
        if self.eligible[agent.index()] {
            let eligible = self.eligible_of(chatflow);
            let begun = Conversation { state: State::Open(agent), ..known };
            return self.assign(id, begun, AssignedReason::Reopened, eligible, answers);
        }
        match self.reply_to(chatflow, agent) {
            Reply::Stays(Some(reason)) => {
                self.conversations.put(id, Conversation { state: State::Open(agent), ..known });
                self.stays(id, chatflow, agent, reason, answers);
                self.opened(agent, answers);
            }
            // There, but full.
            Reply::Stays(None) | Reply::Moves(_) => {
                self.move_from(id, agent, message.lot, ReassignedReason::Reopened, answers);
            }
        }
    }

    /// The end of a conversation, or of waiting.
    fn close(&mut self, id: ConversationId, answers: &mut Vec<Answer>) {
        let Some(known) = self.conversations.get(id).copied() else { return };
        match known.state {
            State::Open(agent) => {
                self.conversations.set(id, State::Closed(agent));
                self.closed(agent, answers);
            }
            State::Waiting { last, .. } => {
                self.waits_no_longer(known.chatflow);
                match last {
                    Some(agent) => self.conversations.set(id, State::Closed(agent)),
                    None => self.conversations.forget(id),
                }
            }
            State::Closed(_) => {}
        }
    }

    // ---- the queue ----

    fn wait(
        &mut self,
        id: ConversationId,
        conversation: Conversation,
        reason: QueuedReason,
        last: Option<AgentId>,
    ) {
        self.waits += 1;
        let number = self.waits;
        let state = State::Waiting { number, reason, last };
        self.conversations.put(id, Conversation { state, ..conversation });
        let flow = &mut self.flows[conversation.chatflow.index()];
        flow.waiting.push_back((number, id));
        flow.waiters += 1;
        self.waiters += 1;
    }

    fn waits_no_longer(&mut self, chatflow: ChatflowId) {
        self.flows[chatflow.index()].waiters -= 1;
        self.waiters -= 1;
    }

    /// The longest-waiting conversation of a chatflow. Entries of those who wait no longer are
    /// dropped on the way.
    fn first_waiting(&mut self, chatflow: ChatflowId) -> Option<(u64, ConversationId)> {
        let flow = &mut self.flows[chatflow.index()];
        while let Some(&(number, id)) = flow.waiting.front() {
            let known = self.conversations.get(id).map(|c| c.state);
            if matches!(known, Some(State::Waiting { number: own, .. }) if own == number) {
                return Some((number, id));
            }
            flow.waiting.pop_front();
        }
        None
    }

    /// while somebody waits whom somebody may take, the longest-waiting such one is assigned.
    fn serve(&mut self, answers: &mut Vec<Answer>) {
        while let Some(chatflow) =
            self.next_to_serve(|flow| flow.settings.queue.drain == Drain::AtOnce)
        {
            self.release(chatflow, answers);
        }
    }

    /// the timer of queues that are worked off by one.
    fn tick(&mut self, only: Option<ChatflowId>, answers: &mut Vec<Answer>) {
        let mut left: Vec<u32> = self
            .flows
            .iter()
            .enumerate()
            .map(|(number, flow)| match flow.settings.queue.drain {
                Drain::Timer { at_most } if only.is_none_or(|c| c.index() == number) => at_most,
                _ => 0,
            })
            .collect();
        loop {
            let mut next: Option<(u64, ChatflowId)> = None;
            for chatflow in (0..self.flows.len()).map(ChatflowId::new) {
                if left[chatflow.index()] > 0
                    && let Some((number, _)) = self.servable(chatflow)
                    && next.is_none_or(|(first, _)| number < first)
                {
                    next = Some((number, chatflow));
                }
            }
            let Some((_, chatflow)) = next else { return };
            left[chatflow.index()] -= 1;
            self.release(chatflow, answers);
        }
    }

    fn servable(&mut self, chatflow: ChatflowId) -> Option<(u64, ConversationId)> {
        let flow = &self.flows[chatflow.index()];
        if flow.waiters == 0 || !flow.open || flow.eligible().is_empty() {
            return None;
        }
        self.first_waiting(chatflow)
    }

    fn next_to_serve(&mut self, wanted: impl Fn(&Flow) -> bool) -> Option<ChatflowId> {
        let mut next: Option<(u64, ChatflowId)> = None;
        for chatflow in (0..self.flows.len()).map(ChatflowId::new) {
            if wanted(&self.flows[chatflow.index()])
                && let Some((number, _)) = self.servable(chatflow)
                && next.is_none_or(|(first, _)| number < first)
            {
                next = Some((number, chatflow));
            }
        }
        next.map(|(_, chatflow)| chatflow)
    }

    /// Gives the longest-waiting conversation of a chatflow to the rotation's next agent.
    fn release(&mut self, chatflow: ChatflowId, answers: &mut Vec<Answer>) {
        let (_, id) = self.first_waiting(chatflow).expect("somebody waits");
        let known = *self.conversations.get(id).expect("who waits is known");
        let eligible = self.eligible_of(chatflow);
        let picked = self.pick(chatflow, Takers::Eligible, known.lot);
        let Pick { agent, entry } = picked.expect("somebody is eligible");
        self.flows[chatflow.index()].waiting.pop_front();
        self.waits_no_longer(chatflow);
        let begun = Conversation { state: State::Open(agent), entry: Some(entry), ..known };
        self.assign(id, begun, AssignedReason::Queue, eligible, answers);
    }

    /// a conversation has waited too long.
    fn timeout(&mut self, id: ConversationId, answers: &mut Vec<Answer>) {
        let Some(known) = self.conversations.get(id).copied() else { return };
        if let State::Waiting { .. } = known.state {
            let emailed = self.settings(known.chatflow).queue.timeout == QueueTimeout::Email;
            self.given_up(id, &known, emailed, EmailReason::QueueTimeout, answers);
        }
    }

    /// the last agent of a list has left hours.
    fn last_has_left(&mut self, chatflow: ChatflowId, answers: &mut Vec<Answer>) {
        let emailed = match self.settings(chatflow).queue.at_close {
            AtClose::Keep => return,
            AtClose::Email => true,
            AtClose::Lost => false,
        };
        while let Some((_, id)) = self.first_waiting(chatflow) {
            let known = *self.conversations.get(id).expect("who waits is known");
            self.given_up(id, &known, emailed, EmailReason::QueueClosed, answers);
        }
    }

    /// A conversation leaves the queue as an email, or lost.
    fn given_up(
        &mut self,
        id: ConversationId,
        known: &Conversation,
        emailed: bool,
        reason: EmailReason,
        answers: &mut Vec<Answer>,
    ) {
        let eligible = self.eligible_of(known.chatflow);
        let (outcome, agent) =
            if emailed { self.lead(known, reason) } else { (Outcome::Lost(reason), None) };
        self.waits_no_longer(known.chatflow);
        self.conversations.forget(id);
        let decision = Decision { conversation: id, outcome, agent, eligible };
        answers.push(Answer::Decided(decision));
    }

    // ---- the rotation ----

    #[inline]
    fn pick(&mut self, chatflow: ChatflowId, takers: Takers, lot: f64) -> Option<Pick> {
        let pick = self.flows[chatflow.index()].pick(takers, lot, &mut surroundings!(self))?;
        self.ranks_changed(pick.agent, chatflow);
        Some(pick)
    }

    /// What rotations remember of an agent has changed, by a pick of this chatflow.
    #[inline]
    fn ranks_changed(&mut self, agent: AgentId, chatflow: ChatflowId) {
        let shared = self.settings(chatflow).memory == super::settings::Memory::Account;
        for place in &self.places.all[self.places.range(agent)] {
            if shared || place.chatflow == chatflow {
                let group = self.flows[place.chatflow.index()].group_mut(place.group);
                group.rank(place.slot, &self.loads[agent.index()], &self.account);
            }
        }
    }

    // ---- what agents have open ----

    fn opened(&mut self, agent: AgentId, answers: &mut Vec<Answer>) {
        self.loads[agent.index()].open += 1;
        self.load_changed(agent, answers);
    }

    fn closed(&mut self, agent: AgentId, answers: &mut Vec<Answer>) {
        let load = &mut self.loads[agent.index()];
        load.open -= 1;
        if load.open == 0 {
            self.empties += 1;
            load.empty_since = self.empties;
        }
        self.load_changed(agent, answers);
    }

    #[inline]
    fn load_changed(&mut self, agent: AgentId, answers: &mut Vec<Answer>) {
        if self.loads[agent.index()].capacity.is_some() {
            self.refresh(agent, answers);
        }
        if self.load_is_ranked {
            for place in &self.places.all[self.places.range(agent)] {
                let group = self.flows[place.chatflow.index()].group_mut(place.group);
                group.rank(place.slot, &self.loads[agent.index()], &self.account);
            }
        }
    }

    // ---- presence ----

    fn presence_changes(
        &mut self,
        agent: AgentId,
        change: PresenceChange,
        answers: &mut Vec<Answer>,
    ) {
        let before = self.presence[agent.index()];
        let after = before.after(change);
        let returns = !before.online() && after.online();
        self.presence_is(agent, after, answers);
        if returns {
            for flow in &mut self.flows {
                flow.absentee_returns(agent, &mut self.account);
            }
            for place in &self.places.all[self.places.range(agent)] {
                let flow = &mut self.flows[place.chatflow.index()];
                let rule = flow.settings.returner_weight;
                flow.group_mut(place.group).returns(place.slot, rule, &mut self.account);
            }
        }
        if before.staffs() != after.staffs() {
            for place in self.lists.of(agent) {
                self.flows[place.chatflow.index()].count_staff(after.staffs());
            }
        }
        if before.in_hours() && !after.in_hours() {
            for number in 0..self.lists.of(agent).len() {
                let chatflow = self.lists.of(agent)[number].chatflow;
                if !self.flows[chatflow.index()].anybody_staffs() {
                    self.last_has_left(chatflow, answers);
                }
            }
        }
    }

    fn presence_is(&mut self, agent: AgentId, presence: Presence, answers: &mut Vec<Answer>) {
        self.presence[agent.index()] = presence;
        let (online, active) = (presence.online(), presence.active());
        if std::mem::replace(&mut self.online[agent.index()], online) != online {
            for place in self.lists.of(agent) {
                self.flows[place.chatflow.index()].count_online(online);
            }
        }
        if std::mem::replace(&mut self.active[agent.index()], active) != active {
            for place in self.lead_lists.of(agent) {
                self.flows[place.chatflow.index()].set_lead_active(place.slot as usize, active);
            }
        }
        self.refresh(agent, answers);
    }

    /// brings the eligibility of an agent up to date.
    fn refresh(&mut self, agent: AgentId, answers: &mut Vec<Answer>) {
        let load = self.loads[agent.index()];
        let has_room = load.capacity.is_none_or(|capacity| load.open < capacity);
        let eligible = self.online[agent.index()] && has_room;
        if std::mem::replace(&mut self.eligible[agent.index()], eligible) == eligible {
            if self.load_is_ranked {
                for place in &self.places.all[self.places.range(agent)] {
                    let group = self.flows[place.chatflow.index()].group_mut(place.group);
                    group.rank(place.slot, &load, &self.account);
                }
            }
            return;
        }
        for place in self.lists.of(agent) {
            self.flows[place.chatflow.index()].set_eligible(place.slot as usize, eligible);
            answers.push(Answer::EligibleChanged { chatflow: place.chatflow, agent, eligible });
        }
        for place in &self.places.all[self.places.range(agent)] {
            let group = self.flows[place.chatflow.index()].group_mut(place.group);
            group.set_eligible(place.slot, eligible, &load, &self.account);
        }
    }

    /// somebody edits a list.
    fn edit_list(&mut self, chatflow: ChatflowId, route_to: &[Target], answers: &mut Vec<Answer>) {
        let before = self.slots(chatflow).to_vec();
        self.flows[chatflow.index()].edit(route_to.to_vec(), &self.setup);
        let agents = self.setup.agents.len();
        self.lists = Memberships::new(agents, self.flows.iter().map(Flow::list));
        self.lead_lists = Memberships::new(agents, self.flows.iter().map(Flow::lead_list));
        self.places = Places::new(agents, &self.flows);
        for agent in &before {
            let on_it = self.lists.of(*agent).iter().any(|place| place.chatflow == chatflow);
            if self.eligible[agent.index()] && !on_it {
                answers.push(Answer::EligibleChanged { chatflow, agent: *agent, eligible: false });
            }
        }
        // The edited list knows nothing of anybody yet.
        let list = self.slots(chatflow).to_vec();
        for (slot, agent) in list.iter().enumerate() {
            let flow = &mut self.flows[chatflow.index()];
            if self.online[agent.index()] {
                flow.count_online(true);
            }
            if self.presence[agent.index()].staffs() {
                flow.count_staff(true);
            }
            flow.set_eligible(slot, self.eligible[agent.index()]);
            if self.eligible[agent.index()] && !before.contains(agent) {
                answers.push(Answer::EligibleChanged { chatflow, agent: *agent, eligible: true });
            }
        }
        let leads = self.flows[chatflow.index()].lead_list().to_vec();
        for (slot, agent) in leads.iter().enumerate() {
            let active = self.active[agent.index()];
            self.flows[chatflow.index()].set_lead_active(slot, active);
        }
        for agent in (0..agents).map(AgentId::new) {
            for place in &self.places.all[self.places.range(agent)] {
                if place.chatflow == chatflow {
                    let group = self.flows[chatflow.index()].group_mut(place.group);
                    let (load, eligible) =
                        (&self.loads[agent.index()], self.eligible[agent.index()]);
                    group.set_eligible(place.slot, eligible, load, &self.account);
                }
            }
        }
    }
}

/// What a reply calls for.
enum Reply {
    /// It stays; `None` if the agent is simply there.
    Stays(Option<KeptReason>),
    Moves(ReassignedReason),
}

/// Why nobody can take a first message.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Nobody {
    ///
    Closed,
    ///
    Offline,
    ///
    Full,
}

impl Nobody {
    const fn emailed(self) -> EmailReason {
        match self {
            Self::Closed => EmailReason::ChatflowClosed,
            Self::Offline => EmailReason::NobodyOnline,
            Self::Full => EmailReason::AllAtCapacity,
        }
    }

    const fn queued(self) -> QueuedReason {
        match self {
            Self::Closed => QueuedReason::ChatflowClosed,
            Self::Offline => QueuedReason::NobodyOnline,
            Self::Full => QueuedReason::AllAtCapacity,
        }
    }

    const fn refused(self) -> RefusedReason {
        match self {
            Self::Closed => RefusedReason::ChatflowClosed,
            Self::Offline => RefusedReason::NobodyOnline,
            Self::Full => RefusedReason::AllAtCapacity,
        }
    }
}
