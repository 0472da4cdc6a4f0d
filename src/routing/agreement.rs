//! The engine against its second, naive understanding: random setups under random inputs, answer by
//! answer; and the invariants, checked from the answers alone.
//!
//! `engine_and_naive_agree_on_a_thousand_setups` takes seeds 0 to 999. For a longer run name other
//! seeds: `ROUTELAB_SEEDS=1000..50000 cargo test engine_and_naive`. A case that fails is made
//! shorter before it is printed; the printed inputs are what is left of it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::ids::{AgentId, ChatflowId, ContactId, ConversationId, TeamId};
use crate::random::{Purpose, Stream, Streams};

use super::decision::{Answer, AssignedReason, Decision, Outcome};
use super::engine::Engine;
use super::input::{Input, Message};
use super::naive::Naive;
use super::ownership::VisitorFacts;
use super::presence::PresenceChange;
use super::settings::{
    AgentSettings, AtClose, ChatflowSettings, Drain, EmailLeads, HoursActAs, LeadRecipients,
    LeadRotation, Memory, NobodyAction, OrphanAction, OwnerOffline, QueueFull, QueueSettings,
    QueueTimeout, ReassignNone, ReassignTo, Reopen, ReturnerWeight, RotationPolicy, Setup, Target,
    Targets,
};

// ---- Random setups and inputs ----

/// Choices from a stream.
struct Dice(Stream);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        (self.0.next_u64() % bound as u64) as usize
    }

    fn between(&mut self, least: usize, most: usize) -> usize {
        least + self.below(most - least + 1)
    }

    fn chance(&mut self, p: f64) -> bool {
        self.0.next_bool(p)
    }

    fn one_of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())]
    }

    fn shuffled<T>(&mut self, mut all: Vec<T>) -> Vec<T> {
        for last in (1..all.len()).rev() {
            let other = self.below(last + 1);
            all.swap(last, other);
        }
        all
    }
}

/// How one seed's inputs are made: each seed has its own mixture, so that some see long queues and
/// others none, some nothing but presence and others never any.
struct Mixture {
    /// Weights of the kinds of input, in the order of `Mixture::input`.
    kinds: Vec<usize>,
    /// Ids of conversations are below.
    conversations: usize,
    /// How many conversations neighbouring in number have the same writer.
    writers: usize,
    /// The probability that a presence change is one for the better.
    better: f64,
    /// The least capacity that an input sets, and the largest but for an extreme one.
    capacities: (usize, usize),
}

fn dice(seed: u64) -> Dice {
    Dice(Streams::new(seed, 0).stream(Purpose::Lots, 0))
}

fn random_targets(dice: &mut Dice, agents: usize, teams: usize) -> Vec<Target> {
    let mut all: Vec<Target> = (0..teams).map(|team| Target::Team(TeamId::new(team))).collect();
    all.extend((0..agents.min(12)).map(|agent| Target::Agent(AgentId::new(agent))));
    if dice.chance(0.5) && teams > 0 {
        all.truncate(teams + dice.below(3));
    }
    let mut list = dice.shuffled(all);
    let most = list.len();
    list.truncate(if dice.chance(0.03) { 0 } else { dice.between(1, most) });
    list
}

fn random_chatflow(dice: &mut Dice, agents: usize, teams: usize) -> ChatflowSettings {
    let targets = dice.one_of(&[Targets::Flat, Targets::Flat, Targets::Nested, Targets::Ordered]);
    let rotation = if targets == Targets::Nested || dice.chance(0.1) {
        RotationPolicy::Ring
    } else {
        dice.one_of(&RotationPolicy::ALL)
    };
    let memory =
        if targets == Targets::Flat { dice.one_of(&Memory::ALL) } else { Memory::Chatflow };
    let drain = match dice.below(5) {
        0 => Drain::Timer { at_most: dice.between(1, 3) as u32 },
        1 => Drain::Never,
        _ => Drain::AtOnce,
    };
    let action = |dice: &mut Dice| {
        if dice.chance(0.3) { NobodyAction::Queue } else { dice.one_of(&NobodyAction::ALL) }
    };
    let recipients = match dice.below(4) {
        0 => LeadRecipients::Agent(AgentId::new(dice.below(agents))),
        1 => LeadRecipients::Expanded,
        _ => LeadRecipients::Agents,
    };
    ChatflowSettings {
        route_to: random_targets(dice, agents, teams),
        targets,
        rotation,
        returner_weight: dice.one_of(&ReturnerWeight::ALL),
        memory,
        route_to_owner: dice.chance(0.5),
        owner_counts: dice.chance(0.4),
        owner_capacity: dice.chance(0.5),
        owner_offline: dice.one_of(&OwnerOffline::ALL),
        orphan: dice.one_of(&OrphanAction::ALL),
        nobody_online: action(dice),
        all_at_capacity: action(dice),
        queue: QueueSettings {
            limit: dice.chance(0.4).then(|| dice.below(6) as u32),
            full: dice.one_of(&QueueFull::ALL),
            timeout: dice.one_of(&QueueTimeout::ALL),
            drain,
            at_close: dice.one_of(&AtClose::ALL),
        },
        email_leads: EmailLeads { to: recipients, by: dice.one_of(&LeadRotation::ALL) },
        reassign_to: dice.one_of(&ReassignTo::ALL),
        reassign_none: dice.one_of(&ReassignNone::ALL),
        hours_end_reassigns: dice.chance(0.5),
        reopen: if dice.chance(0.7) { Reopen::Same } else { Reopen::Route },
    }
}

fn random_setup(dice: &mut Dice) -> Setup {
    let agents = if dice.chance(0.03) { dice.between(70, 200) } else { dice.between(1, 12) };
    let teams = (0..dice.below(5))
        .map(|_| {
            let size = if dice.chance(0.05) { 0 } else { dice.between(1, agents) };
            let mut members = dice.shuffled((0..agents).map(AgentId::new).collect());
            members.truncate(size);
            members
        })
        .collect::<Vec<_>>();
    let mut chatflows = (0..dice.between(1, 3))
        .map(|_| random_chatflow(dice, agents, teams.len()))
        .collect::<Vec<_>>();
    // Chatflows that share their weights agree on what becomes of them.
    let shared = chatflows[0].returner_weight;
    for settings in &mut chatflows {
        if settings.memory == Memory::Account {
            settings.returner_weight = shared;
        }
    }
    let shares = chatflows.iter().any(|of| of.rotation == RotationPolicy::PercentSpare);
    let limited = if shares { 1.0 } else { dice.one_of(&[0.0, 0.5, 1.0]) };
    let switch = dice.one_of(&[0.0, 0.0, 0.5, 1.0]);
    let most = dice.between(1, 6);
    let heaviest = dice.one_of(&[1, 3, 10]);
    let agents = (0..agents)
        .map(|_| AgentSettings {
            capacity: dice.chance(limited).then(|| dice.between(1, most) as u32),
            weight: dice.between(1, heaviest) as u32,
            hours_act_as: if dice.chance(switch) { HoursActAs::Switch } else { HoursActAs::Gate },
        })
        .collect();
    Setup { agents, teams, chatflows }
}

impl Mixture {
    fn random(dice: &mut Dice, setup: &Setup) -> Self {
        let mut kinds: Vec<usize> = (0..11).map(|_| dice.one_of(&[0, 1, 2, 4, 8])).collect();
        // Messages in most inputs, ends and presence in some, hours and lists seldom.
        for (kind, more) in [(0, 20), (1, 8), (2, 4), (3, 2)] {
            kinds[kind] += more;
        }
        for seldom in [6, 10] {
            kinds[seldom] = kinds[seldom].min(1);
        }
        let agents = setup.agents.len();
        let shares = setup.chatflows.iter().any(|of| of.rotation == RotationPolicy::PercentSpare);
        Self {
            kinds,
            conversations: dice.one_of(&[6, 12, 30, 60]).max(2 * agents.min(100)),
            writers: dice.one_of(&[1, 1, 2, 4]),
            better: dice.one_of(&[0.5, 0.8, 0.9, 0.95]),
            capacities: (usize::from(shares), dice.between(2, 6)),
        }
    }

    fn conversation(&self, dice: &mut Dice) -> ConversationId {
        ConversationId::new(dice.below(self.conversations))
    }

    fn visitor(&self, dice: &mut Dice, agents: usize) -> VisitorFacts {
        VisitorFacts {
            known: dice.chance(0.8),
            owner: dice.chance(0.7).then(|| AgentId::new(dice.below(agents))),
            tracked: dice.chance(0.8),
        }
    }

    fn presence(&self, dice: &mut Dice, agents: usize) -> Input {
        use PresenceChange as Change;
        let better = dice.chance(self.better);
        let (worse, back) = dice.one_of(&[
            (Change::Away, Change::Back),
            (Change::Away, Change::Back),
            (Change::Away, Change::Back),
            (Change::LeaveHours, Change::EnterHours),
            (Change::LeaveHours, Change::EnterHours),
            (Change::ReassignOff, Change::ReassignOn),
            (Change::ReassignOff, Change::ReassignOn),
            (Change::Disconnect, Change::Connect),
            (Change::Deactivate, Change::Activate),
        ]);
        let agent = AgentId::new(dice.below(agents));
        Input::Presence(agent, if better { back } else { worse })
    }

    fn input(&self, dice: &mut Dice, setup: &Setup) -> Input {
        let agents = setup.agents.len();
        let flows = setup.chatflows.len();
        let chatflow = ChatflowId::new(dice.below(flows));
        let mut at = dice.below(self.kinds.iter().sum());
        let mut kind = 0;
        while at >= self.kinds[kind] {
            at -= self.kinds[kind];
            kind += 1;
        }
        match kind {
            0 => {
                let conversation = self.conversation(dice);
                // Whose a conversation is stays the same; every second is nobody's.
                let number = conversation.index() / 2;
                let writer = conversation
                    .index()
                    .is_multiple_of(2)
                    .then(|| ContactId::new(number / self.writers));
                Input::Message(Message {
                    conversation,
                    chatflow,
                    writer,
                    visitor: self.visitor(dice, agents),
                    leaves_email: dice.chance(0.7),
                    lot: if dice.chance(0.02) { 0.0 } else { dice.0.next_unit() },
                })
            }
            1 => Input::Close(self.conversation(dice)),
            2 => Input::Forget(self.conversation(dice)),
            3 => self.presence(dice, agents),
            4 => {
                let (least, most) = self.capacities;
                let capacity = if dice.chance(0.1) { 65_535 } else { dice.between(least, most) };
                Input::Capacity(AgentId::new(dice.below(agents)), capacity as u32)
            }
            5 => Input::Load { chatflow, visitor: self.visitor(dice, agents) },
            6 => Input::ChatflowHours { chatflow, open: dice.chance(0.8) },
            7 => Input::NoAnswer(self.conversation(dice)),
            8 => Input::Timeout(self.conversation(dice)),
            9 => Input::Tick(dice.chance(0.5).then_some(chatflow)),
            _ => Input::EditList(chatflow, random_targets(dice, agents, setup.teams.len())),
        }
    }
}

/// A setup and what happens to it, all of it from a seed.
struct Case {
    seed: u64,
    setup: Setup,
    inputs: Vec<Input>,
}

impl Case {
    fn random(seed: u64, inputs: usize) -> Self {
        let mut dice = dice(seed);
        let setup = random_setup(&mut dice);
        let mixture = Mixture::random(&mut dice, &setup);
        let inputs = (0..inputs).map(|_| mixture.input(&mut dice, &setup)).collect();
        Self { seed, setup, inputs }
    }
}

// ---- What must be so, from the answers alone ----

/// Where a conversation is, as the answers have told.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Known {
    With(AgentId),
    /// Since the answer of this number.
    Waiting(u64),
}

/// A conversation that is open, waits, or may be written to again.
#[derive(Clone, Copy, Debug)]
struct Talk {
    chatflow: ChatflowId,
    writer: Option<ContactId>,
    /// `None` when closed.
    place: Option<Known>,
    /// Since its first message.
    had_agent: bool,
}

/// Follows the answers and the inputs, and knows no rule but the invariants.
struct Observer {
    setup: Setup,
    chatflow_open: Vec<bool>,
    talks: BTreeMap<ConversationId, Talk>,
    answers: u64,
    /// I-7, a chatflow: the eligible set, and how often each of it was picked while it was so.
    rounds: Vec<(BTreeSet<AgentId>, BTreeMap<AgentId, u32>)>,
}

impl Observer {
    fn new(setup: &Setup) -> Self {
        Self {
            setup: setup.clone(),
            chatflow_open: vec![true; setup.chatflows.len()],
            talks: BTreeMap::new(),
            answers: 0,
            rounds: vec![Default::default(); setup.chatflows.len()],
        }
    }

    fn settings(&self, chatflow: ChatflowId) -> &ChatflowSettings {
        &self.setup.chatflows[chatflow.index()]
    }

    fn on_list(&self, chatflow: ChatflowId, agent: AgentId) -> bool {
        self.settings(chatflow).route_to.iter().any(|target| match target {
            Target::Agent(one) => *one == agent,
            Target::Team(team) => self.setup.teams[team.index()].contains(&agent),
        })
    }

    fn held(&self, agent: AgentId) -> usize {
        self.talks.values().filter(|talk| talk.place == Some(Known::With(agent))).count()
    }

    fn has_room(&self, agent: AgentId) -> bool {
        let capacity = self.setup.agents[agent.index()].capacity;
        capacity.is_none_or(|capacity| self.held(agent) < capacity as usize)
    }

    /// What an input does that no answer tells.
    fn sees(&mut self, input: &Input) {
        match input {
            Input::Capacity(agent, capacity) => {
                self.setup.agents[agent.index()].capacity = Some(*capacity);
            }
            Input::ChatflowHours { chatflow, open } => {
                self.chatflow_open[chatflow.index()] = *open;
            }
            Input::EditList(chatflow, list) => {
                self.setup.chatflows[chatflow.index()].route_to.clone_from(list);
                self.rounds[chatflow.index()] = Default::default();
            }
            Input::Close(conversation) => {
                if let Some(talk) = self.talks.get_mut(conversation) {
                    talk.place = None;
                    if !talk.had_agent {
                        self.talks.remove(conversation);
                    }
                }
            }
            Input::Forget(conversation) => {
                self.talks.remove(conversation);
            }
            _ => {}
        }
    }

    /// What is decided about: the conversation that is known, or one that the message opens.
    fn subject(&self, input: &Input, decision: &Decision) -> Result<Talk, String> {
        let known = self.talks.get(&decision.conversation).copied();
        match (known, input) {
            (Some(talk), _)
                if talk.place.is_some() || self.settings(talk.chatflow).reopen == Reopen::Same =>
            {
                Ok(talk)
            }
            (_, Input::Message(message)) => Ok(Talk {
                chatflow: known.map_or(message.chatflow, |talk| talk.chatflow),
                writer: message.writer,
                place: None,
                had_agent: false,
            }),
            _ => Err(format!("nobody knows this conversation: {decision:?}")),
        }
    }

    /// Checks a decision. `online`: whether each agent is online now.
    fn decided(
        &mut self,
        input: &Input,
        decision: &Decision,
        online: &dyn Fn(AgentId) -> bool,
    ) -> Result<(), String> {
        self.answers += 1;
        let Talk { chatflow, writer, place: before, had_agent } = self.subject(input, decision)?;
        let settings = self.settings(chatflow).clone();
        let may_get_another = |agent| online(agent) && self.has_room(agent);
        let agents = || (0..self.setup.agents.len()).map(AgentId::new);
        let eligible: BTreeSet<AgentId> = agents()
            .filter(|agent| self.on_list(chatflow, *agent) && may_get_another(*agent))
            .collect();
        if decision.eligible as usize != eligible.len() {
            return Err(format!("eligible were {eligible:?}: {decision:?}"));
        }

        let by_rotation = match decision.outcome {
            Outcome::Assigned(reason) => !matches!(
                reason,
                AssignedReason::Owner | AssignedReason::Forced | AssignedReason::Reopened
            ),
            Outcome::Reassigned(_) => true,
            _ => false,
        };
        if by_rotation {
            let agent = decision.agent.ok_or("an assignment to nobody")?;
            if !eligible.contains(&agent) {
                return Err(format!("I-2: {agent:?} was not eligible: {decision:?}"));
            }
            self.overtakes_nobody(agent, decision)?;
        }
        let may_exceed = match decision.outcome {
            Outcome::Assigned(AssignedReason::Forced) | Outcome::Kept(_) => true,
            Outcome::Assigned(AssignedReason::Owner) => !settings.owner_capacity,
            _ => false,
        };
        if let (Some(agent), Outcome::Assigned(_) | Outcome::Reassigned(_)) =
            (decision.agent, decision.outcome)
            && !may_exceed
            && before != Some(Known::With(agent))
            && !self.has_room(agent)
        {
            return Err(format!("I-3: {agent:?} had no room: {decision:?}"));
        }
        self.goes_round(chatflow, &settings, decision, by_rotation, eligible)?;

        let place = match (decision.outcome, decision.agent) {
            (Outcome::Assigned(_) | Outcome::Reassigned(_) | Outcome::Kept(_), Some(agent)) => {
                Some(Known::With(agent))
            }
            (Outcome::Assigned(_) | Outcome::Reassigned(_) | Outcome::Kept(_), None) => {
                return Err(format!("nobody: {decision:?}"));
            }
            (Outcome::Queued(_), _) => match before {
                Some(Known::Waiting(since)) => Some(Known::Waiting(since)),
                _ => Some(Known::Waiting(self.answers)),
            },
            (Outcome::Emailed(_) | Outcome::Lost(_) | Outcome::Refused(_), _) => None,
        };
        self.talks.remove(&decision.conversation);
        if place.is_some() {
            let other = self.talks.iter().find(|(_, talk)| {
                talk.place.is_some()
                    && writer.is_some()
                    && talk.writer == writer
                    && talk.chatflow == chatflow
            });
            if let Some((other, _)) = other {
                return Err(format!("I-4: {other:?} is open too: {decision:?}"));
            }
            let had_agent = had_agent || matches!(place, Some(Known::With(_)));
            let talk = Talk { chatflow, writer, place, had_agent };
            self.talks.insert(decision.conversation, talk);
        }
        Ok(())
    }

    /// I-6, for queues that are served at once: nobody who waits longer could have had the agent.
    fn overtakes_nobody(&self, agent: AgentId, decision: &Decision) -> Result<(), String> {
        let mine = match self.talks.get(&decision.conversation).and_then(|talk| talk.place) {
            Some(Known::Waiting(since)) => since,
            _ => self.answers,
        };
        for (other, talk) in &self.talks {
            let Some(Known::Waiting(since)) = talk.place else { continue };
            if since < mine
                && self.settings(talk.chatflow).queue.drain == Drain::AtOnce
                && self.chatflow_open[talk.chatflow.index()]
                && self.on_list(talk.chatflow, agent)
            {
                return Err(format!("I-6: {other:?} waited longer: {decision:?}"));
            }
        }
        Ok(())
    }

    /// I-7, for a flat ring of one chatflow's own: while the eligible set stays the same, any two
    /// of it are picked equally often, give or take one.
    fn goes_round(
        &mut self,
        chatflow: ChatflowId,
        settings: &ChatflowSettings,
        decision: &Decision,
        by_rotation: bool,
        eligible: BTreeSet<AgentId>,
    ) -> Result<(), String> {
        if settings.rotation != RotationPolicy::Ring
            || settings.targets != Targets::Flat
            || settings.memory != Memory::Chatflow
            || settings.owner_counts
            || settings.reassign_to != ReassignTo::List
        {
            return Ok(());
        }
        let round = &mut self.rounds[chatflow.index()];
        let forced = decision.outcome == Outcome::Assigned(AssignedReason::Forced);
        let excluded = matches!(decision.outcome, Outcome::Reassigned(_));
        if forced || excluded {
            *round = Default::default();
        } else if by_rotation {
            if round.0 != eligible {
                *round = (eligible, BTreeMap::new());
            }
            if let Some(agent) = decision.agent {
                *round.1.entry(agent).or_insert(0) += 1;
            }
            let picks = |agent| round.1.get(agent).copied().unwrap_or(0);
            let most = round.0.iter().map(picks).max().unwrap_or(0);
            let least = round.0.iter().map(picks).min().unwrap_or(0);
            if most > least + 1 {
                return Err(format!("I-7: {:?} of {:?}: {decision:?}", round.1, round.0));
            }
        }
        Ok(())
    }
}

// ---- Both, side by side ----

/// How often each outcome and reason came.
type Counts = BTreeMap<(&'static str, &'static str), u64>;

/// The first difference or broken invariant.
struct Trouble {
    /// The input after which it showed.
    at: usize,
    what: String,
}

/// All eligibility flags by the naive reading.
fn flags(naive: &Naive, setup: &Setup) -> Vec<Vec<bool>> {
    (0..setup.chatflows.len())
        .map(|chatflow| {
            let mut flags = vec![false; setup.agents.len()];
            for agent in naive.eligible(ChatflowId::new(chatflow)) {
                flags[agent.index()] = true;
            }
            flags
        })
        .collect()
}

/// What is to be compared after one input.
struct Pair {
    engine: Engine,
    naive: Naive,
    observer: Observer,
    /// The eligibility flags, as the engine's answers have told them.
    folded: Vec<Vec<bool>>,
    /// The engine's answers to the last input.
    answers: Vec<Answer>,
}

impl Pair {
    fn new(setup: &Setup) -> Self {
        let naive = Naive::new(setup);
        Self {
            engine: Engine::new(setup),
            observer: Observer::new(setup),
            folded: flags(&naive, setup),
            naive,
            answers: Vec::new(),
        }
    }

    /// One input to both.
    fn step(&mut self, input: &Input, whole: bool, counts: &mut Counts) -> Result<(), String> {
        self.answers.clear();
        self.engine.apply(input, &mut self.answers);
        let expected = self.naive.apply(input);
        let mut told = Vec::new();
        for answer in &self.answers {
            match answer {
                Answer::EligibleChanged { chatflow, agent, eligible } => {
                    let flag = &mut self.folded[chatflow.index()][agent.index()];
                    if flag == eligible {
                        return Err(format!("no change: {answer:?}"));
                    }
                    *flag = *eligible;
                }
                Answer::Greeted(_) | Answer::Decided(_) => told.push(*answer),
            }
        }
        if told != expected {
            return Err(format!("engine: {}\n  naive:  {}", words(&told), words(&expected)));
        }
        self.observer.sees(input);
        for answer in &told {
            if let Answer::Decided(decision) = answer {
                let outcome = decision.outcome;
                *counts.entry((outcome.name(), outcome.reason())).or_insert(0) += 1;
                let naive = &self.naive;
                self.observer.decided(input, decision, &|agent| naive.r2_online(agent))?;
            }
        }
        if whole { self.same_flags() } else { Ok(()) }
    }

    /// Engine, naive reading and folded answers have the same agents eligible.
    fn same_flags(&self) -> Result<(), String> {
        let expected = flags(&self.naive, &self.observer.setup);
        for (flow, expected) in expected.iter().enumerate() {
            for (who, expected) in expected.iter().enumerate() {
                let (chatflow, agent) = (ChatflowId::new(flow), AgentId::new(who));
                let engine = self.engine.is_eligible(chatflow, agent);
                let folded = self.folded[flow][who];
                if engine != *expected || folded != *expected {
                    return Err(format!(
                        "{agent:?} eligible on {chatflow:?}: engine {engine}, naive {expected}, \
                         by the engine's answers {folded}"
                    ));
                }
            }
        }
        Ok(())
    }
}

/// Answers in words short enough to compare by eye.
fn words(answers: &[Answer]) -> String {
    let words = answers.iter().map(|answer| match answer {
        Answer::Decided(Decision { conversation, outcome, agent, eligible }) => {
            let agent = agent.map_or("nobody".to_owned(), |agent| format!("{agent:?}"));
            format!("{conversation:?} {outcome:?} {agent} eligible {eligible}")
        }
        other => format!("{other:?}"),
    });
    format!("[{}]", words.collect::<Vec<_>>().join(", "))
}

/// Runs a case; a panic of either side is trouble too.
fn compare(setup: &Setup, inputs: &[Input], counts: &mut Counts) -> Result<(), Trouble> {
    let every = if setup.agents.len() > 12 { 16 } else { 1 };
    let mut at = 0;
    let run = catch_unwind(AssertUnwindSafe(|| {
        let mut pair = Pair::new(setup);
        pair.same_flags()?;
        for (number, input) in inputs.iter().enumerate() {
            at = number;
            let whole = number % every == 0 || number + 1 == inputs.len();
            pair.step(input, whole, counts)?;
        }
        Ok(())
    }));
    let what = match run {
        Ok(Ok(())) => return Ok(()),
        Ok(Err(what)) => what,
        Err(panic) => {
            let text = panic.downcast_ref::<String>().map(String::as_str);
            let text = text.or(panic.downcast_ref::<&str>().copied());
            format!("panic: {}", text.unwrap_or("of an unknown kind"))
        }
    };
    Err(Trouble { at, what })
}

/// Fewer inputs that make trouble still: nothing after the first trouble, then without blocks of
/// inputs, each time half as long, down to single ones, until none can go.
fn shrink(case: &mut Case, mut trouble: Trouble) -> Trouble {
    case.inputs.truncate(trouble.at + 1);
    let mut block = case.inputs.len().div_ceil(2);
    loop {
        let mut shorter = false;
        let mut from = case.inputs.len();
        while from > 0 {
            from = from.saturating_sub(block);
            let mut inputs = case.inputs.clone();
            inputs.drain(from..inputs.len().min(from + block));
            if let Err(found) = compare(&case.setup, &inputs, &mut Counts::new()) {
                inputs.truncate(found.at + 1);
                from = from.min(inputs.len());
                case.inputs = inputs;
                trouble = found;
                shorter = true;
            }
        }
        if block == 1 && !shorter {
            return trouble;
        }
        block = block.div_ceil(2).max(1);
    }
}

/// A case that makes trouble, with what is needed to see why.
fn describe(case: &Case, trouble: &Trouble) -> String {
    let mut text = format!("seed {}, after input {}:\n  {}\n", case.seed, trouble.at, trouble.what);
    for (number, agent) in case.setup.agents.iter().enumerate().take(20) {
        let _ = writeln!(text, "agent {number}: {agent:?}");
    }
    for (number, team) in case.setup.teams.iter().enumerate() {
        let _ = writeln!(text, "team {number}: {team:?}");
    }
    for (number, settings) in case.setup.chatflows.iter().enumerate() {
        let _ = writeln!(text, "chatflow {number}: {settings:?}");
    }
    let from = case.inputs.len().saturating_sub(30);
    let mut naive = Naive::new(&case.setup);
    for (number, input) in case.inputs.iter().enumerate() {
        let answers = catch_unwind(AssertUnwindSafe(|| words(&naive.apply(input))));
        if number >= from {
            let answers = answers.unwrap_or_else(|_| "panic".to_owned());
            let _ = writeln!(text, "{number}: {input:?}\n    naive: {answers}");
        }
    }
    text
}

/// Both on the case of a seed; the error tells the shortest case that could be found.
fn agree(seed: u64, inputs: usize, counts: &mut Counts) -> Result<(), String> {
    let mut case = Case::random(seed, inputs);
    compare(&case.setup, &case.inputs, counts).map_err(|trouble| {
        let trouble = shrink(&mut case, trouble);
        describe(&case, &trouble)
    })
}

/// Every outcome with every reason that it can have.
fn possible() -> BTreeSet<(&'static str, &'static str)> {
    use super::decision::{EmailReason, KeptReason, QueuedReason, ReassignedReason, RefusedReason};
    let mut outcomes = Vec::new();
    outcomes.extend(AssignedReason::ALL.map(Outcome::Assigned));
    outcomes.extend(ReassignedReason::ALL.map(Outcome::Reassigned));
    outcomes.extend(KeptReason::ALL.map(Outcome::Kept));
    outcomes.extend(QueuedReason::ALL.map(Outcome::Queued));
    outcomes.extend(EmailReason::ALL.map(Outcome::Emailed));
    outcomes.extend(EmailReason::ALL.map(Outcome::Lost));
    outcomes.extend(RefusedReason::ALL.map(Outcome::Refused));
    // A failed reassignment is kept or queued, and an owned contact is known and needs no address.
    outcomes.retain(|outcome| {
        !matches!(
            (outcome.name(), outcome.reason()),
            ("emailed" | "lost", "reassign_failed") | ("lost", "owner_offline" | "orphan")
        )
    });
    outcomes.into_iter().map(|outcome| (outcome.name(), outcome.reason())).collect()
}

/// The seeds of `ROUTELAB_SEEDS=FROM..TO`, or the usual ones.
fn seeds() -> std::ops::Range<u64> {
    let Ok(text) = std::env::var("ROUTELAB_SEEDS") else { return 0..1000 };
    let (from, to) = text.split_once("..").expect("ROUTELAB_SEEDS is FROM..TO");
    from.parse().expect("a number before ..")..to.parse().expect("a number after ..")
}

#[test]
#[expect(
    clippy::print_stdout,
    reason = "how often each outcome came is for whoever asks to see it"
)]
fn engine_and_naive_agree_on_a_thousand_setups() {
    let seeds = seeds();
    let whole = seeds.end - seeds.start >= 1000;
    let mut counts = Counts::new();
    for seed in seeds {
        if let Err(text) = agree(seed, 1000, &mut counts) {
            panic!("{text}");
        }
    }
    for ((outcome, reason), count) in &counts {
        println!("{outcome:<10} {reason:<22} {count:>8}");
    }
    let seen: BTreeSet<_> = counts.into_keys().collect();
    // A thousand setups that never lead to some outcome would prove nothing about it.
    assert!(!whole || seen == possible(), "never: {:?}", possible().difference(&seen));
}
