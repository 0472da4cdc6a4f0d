//! `[[chatflow]]`: what visitors write into, and its Routing tab.

use std::collections::BTreeSet;

use crate::calendar::{OfficeHours, Zone};
use crate::diagnostic::{Code, Diagnostic, Place};
use crate::ids::{AgentId, ChatflowId};
use crate::routing::{
    AtClose, Drain, EmailLeads, HoursActAs, LeadRecipients, LeadRotation, Memory, NobodyAction,
    OrphanAction, OwnerOffline, QueueFull, QueueTimeout, ReassignNone, ReassignTo, Reopen,
    ReturnerWeight, RotationPolicy, Target, Targets,
};
use crate::time::SimDuration;

use super::hours::weekly_hours;
use super::model::Chatflow;
use super::not_simulated;
use super::people::{People, drop_duplicates};
use super::presets::{Bundle, PRESETS, Preset};
use super::reader::{
    Fields, Keys, Mistakes, boolean, choice, name, some_names, string, tables, whole,
};
use super::tree::{Node, NodeValue};
use super::values::duration;

const CHATFLOW: Keys = Keys {
    table: "[[chatflow]]",
    built: &[
        "name",
        "route_to",
        "route_to_owner",
        "rotation",
        "close_after",
        "email_leads",
        "preset",
        "targets",
        "owner_offline",
        "owner_counts",
        "owner_capacity",
        "orphan",
        "memory",
        "hours_act_as",
        "nobody_online",
        "all_at_capacity",
        "reassign_to",
        "reassign_none",
        "hours_end_reassigns",
        "reopen",
        "returner_weight",
        "queue_limit",
        "queue_full",
        "queue_timeout",
        "drain",
        "at_close",
        "no_answer",
        "office_hours",
    ],
    unbuilt: &[],
};
const EMAIL_LEADS: Keys = Keys { table: "`email_leads`", built: &["to", "by"], unbuilt: &[] };
const QUEUE_TIMEOUT: Keys =
    Keys { table: "`queue_timeout`", built: &["after", "then"], unbuilt: &[] };
const DRAIN: Keys = Keys { table: "`drain`", built: &["every", "at_most"], unbuilt: &[] };
const NO_ANSWER: Keys = Keys { table: "`no_answer`", built: &["after"], unbuilt: &[] };

/// All chatflows, in file order.
pub(super) struct Chatflows {
    pub(super) all: Vec<Chatflow>,
    /// What the hours of each one's agents do, and where that is said.
    hours_act_as: Vec<(HoursActAs, Place)>,
}

impl Chatflows {
    /// The chatflow of that name, or a mistake at `place`.
    pub(super) fn named(
        &self,
        name: &str,
        place: &Place,
        mistakes: &mut Mistakes,
    ) -> Option<ChatflowId> {
        let index = self.all.iter().position(|flow| flow.name == name);
        if index.is_none() {
            mistakes.unknown_name(place, "chatflow", name, self.all.iter().map(|f| &*f.name));
        }
        index.map(ChatflowId::new)
    }

    /// Tells the agents of each list what their office hours do. An agent's hours act in one way,
    /// so chatflows that share an agent have to agree.
    pub(super) fn settle_hours(&self, people: &mut People, mistakes: &mut Mistakes) {
        let mut said_by: Vec<Option<usize>> = vec![None; people.agents.len()];
        let mut reported = BTreeSet::new();
        for (index, flow) in self.all.iter().enumerate() {
            let (act_as, place) = &self.hours_act_as[index];
            let listed: Vec<AgentId> = people.listed(&flow.routing.route_to).collect();
            for agent in listed {
                let by = *said_by[agent.index()].get_or_insert(index);
                let (first, first_place) = &self.hours_act_as[by];
                let agent = &mut people.agents[agent.index()];
                agent.settings.hours_act_as = *first;
                if first != act_as && reported.insert((by, index)) {
                    let message = format!(
                        "`{}` is on the lists of `{}` and `{}`, which give different `hours_act_as`",
                        agent.name, self.all[by].name, flow.name
                    );
                    let of_first = format!("\"{}\" of `{}`", first.name(), self.all[by].name);
                    let help = "say the same in both: an agent's office hours act in one way";
                    let diagnostic = Diagnostic::error(Code::Conflict, message).at(place);
                    mistakes.add(diagnostic.related(first_place, of_first).help(help));
                }
            }
        }
    }
}

/// A chatflow and where it says what.
struct Read<'a> {
    flow: Chatflow,
    name_place: &'a Place,
    hours_act_as: (HoursActAs, &'a Place),
}

/// Reads `[[chatflow]]`; there has to be one.
pub(super) fn read(
    node: Option<&Node>,
    root: &Place,
    people: &People,
    run_zone: &Zone,
    mistakes: &mut Mistakes,
) -> Chatflows {
    if node.is_none() {
        let help = "as in: [[chatflow]] name = \"website\", route_to = [\"team:sales\"]";
        let message = "a scenario needs a `[[chatflow]]`";
        mistakes.error_with_help(Code::MissingKey, root, message, help);
    }
    let mut all: Vec<Read<'_>> = tables(node, "chatflow", mistakes)
        .into_iter()
        .filter_map(|node| chatflow(node, people, run_zone, mistakes))
        .collect();
    drop_duplicates(&mut all, "chatflow", |read| (&read.flow.name, read.name_place), mistakes);
    let (all, hours_act_as) = all
        .into_iter()
        .map(|Read { flow, hours_act_as: (act_as, place), .. }| (flow, (act_as, place.clone())))
        .unzip();
    Chatflows { all, hours_act_as }
}

fn chatflow<'a>(
    node: &'a Node,
    people: &People,
    run_zone: &Zone,
    mistakes: &mut Mistakes,
) -> Option<Read<'a>> {
    let fields = Fields::of(node, &CHATFLOW, mistakes)?;
    let preset_node = fields.get("preset");
    let preset = fields.read("preset", mistakes, preset).unwrap_or(PRESETS[0]);
    let bundle = settings(&fields, preset, people, mistakes);
    not_simulated::note(&fields, preset_node.map(|node| (preset, node)), mistakes);
    check_leads(&fields, preset, &bundle, mistakes);
    check_rotation(&fields, &bundle, people, mistakes);

    let close_after = fields.read("close_after", mistakes, duration).unwrap_or(SimDuration::ZERO);
    let weekly = fields.read("office_hours", mistakes, weekly_hours);
    let hours = weekly.map(|weekly| OfficeHours {
        zone: run_zone.clone(),
        weekly: Some(weekly),
        days_off: BTreeSet::new(),
    });
    let name_node = fields.require("name", mistakes)?;
    let name = name(name_node, mistakes)?;
    let Bundle { routing, timers, hours_act_as } = bundle;
    let said_at = said_at(&fields, "hours_act_as").unwrap_or(&name_node.place);
    Some(Read {
        flow: Chatflow { name, routing, close_after, timers, hours },
        name_place: &name_node.place,
        hours_act_as: (hours_act_as, said_at),
    })
}

fn preset(node: &Node, mistakes: &mut Mistakes) -> Option<Preset> {
    choice(node, &PRESETS.map(|preset| (preset.name, preset)), &[], mistakes)
}

/// The settings of the Routing tab: what is given, else what the preset says.
fn settings(
    fields: &Fields<'_>,
    preset: Preset,
    people: &People,
    mistakes: &mut Mistakes,
) -> Bundle {
    let mut bundle = preset.bundle();
    let Bundle { routing, timers, hours_act_as } = &mut bundle;
    macro_rules! word {
        ($setting:expr, $key:literal, $choices:ty) => {
            let words = <$choices>::ALL.map(|choice| (choice.name(), choice));
            let given = fields.read($key, mistakes, |n, m| choice(n, &words, &[], m));
            $setting = given.unwrap_or($setting);
        };
    }
    macro_rules! switch {
        ($setting:expr, $key:literal) => {
            $setting = fields.read($key, mistakes, boolean).unwrap_or($setting);
        };
    }
    let list = fields.require("route_to", mistakes).and_then(|n| route_to(n, people, mistakes));
    routing.route_to = list.unwrap_or_default();
    word!(routing.targets, "targets", Targets);
    word!(routing.rotation, "rotation", RotationPolicy);
    word!(routing.returner_weight, "returner_weight", ReturnerWeight);
    word!(routing.memory, "memory", Memory);
    switch!(routing.route_to_owner, "route_to_owner");
    switch!(routing.owner_counts, "owner_counts");
    switch!(routing.owner_capacity, "owner_capacity");
    word!(routing.owner_offline, "owner_offline", OwnerOffline);
    word!(routing.orphan, "orphan", OrphanAction);
    word!(routing.nobody_online, "nobody_online", NobodyAction);
    word!(routing.all_at_capacity, "all_at_capacity", NobodyAction);
    let leads = fields.read("email_leads", mistakes, |n, m| email_leads(n, people, m));
    routing.email_leads = leads.unwrap_or(routing.email_leads);
    word!(routing.reassign_to, "reassign_to", ReassignTo);
    word!(routing.reassign_none, "reassign_none", ReassignNone);
    switch!(routing.hours_end_reassigns, "hours_end_reassigns");
    word!(routing.reopen, "reopen", Reopen);
    word!(*hours_act_as, "hours_act_as", HoursActAs);

    let queue = &mut routing.queue;
    let limit = fields.read("queue_limit", mistakes, |n, m| whole(n, 0, u32::MAX, m));
    queue.limit = limit.or(queue.limit);
    word!(queue.full, "queue_full", QueueFull);
    word!(queue.at_close, "at_close", AtClose);
    if let Some((after, then)) = fields.read("queue_timeout", mistakes, queue_timeout) {
        (timers.queue_timeout, queue.timeout) = (Some(after), then);
    }
    if let Some((every, how)) = fields.read("drain", mistakes, drain) {
        (timers.drain_every, queue.drain) = (every, how);
    }
    timers.no_answer = fields.read("no_answer", mistakes, no_answer).or(timers.no_answer);
    bundle
}

fn queue_timeout(node: &Node, mistakes: &mut Mistakes) -> Option<(SimDuration, QueueTimeout)> {
    let fields = Fields::of(node, &QUEUE_TIMEOUT, mistakes)?;
    let words = QueueTimeout::ALL.map(|then| (then.name(), then));
    let then = fields.read("then", mistakes, |n, m| choice(n, &words, &[], m));
    let after = fields.require("after", mistakes).and_then(|n| positive(n, mistakes))?;
    Some((after, then.unwrap_or_default()))
}

/// How often a timer works off the queue, if one does, and how.
fn drain(node: &Node, mistakes: &mut Mistakes) -> Option<(Option<SimDuration>, Drain)> {
    match node.value {
        NodeValue::String(_) => choice(node, &[("never", (None, Drain::Never))], &[], mistakes),
        NodeValue::Table(_) => {
            let fields = Fields::of(node, &DRAIN, mistakes)?;
            let at_most = fields.read("at_most", mistakes, |n, m| whole(n, 1, u32::MAX, m));
            let every = fields.require("every", mistakes).and_then(|n| positive(n, mistakes))?;
            Some((Some(every), Drain::Timer { at_most: at_most.unwrap_or(u32::MAX) }))
        }
        _ => {
            mistakes.wrong_type(node, "\"never\" or { every = \"5s\", at_most = 1 }");
            None
        }
    }
}

fn no_answer(node: &Node, mistakes: &mut Mistakes) -> Option<SimDuration> {
    let fields = Fields::of(node, &NO_ANSWER, mistakes)?;
    fields.require("after", mistakes).and_then(|node| positive(node, mistakes))
}

/// A length of time after which something happens; if that were none, it would never stop.
fn positive(node: &Node, mistakes: &mut Mistakes) -> Option<SimDuration> {
    let length = duration(node, mistakes)?;
    if length == SimDuration::ZERO {
        mistakes.impossible(&node.place, "this has to be longer than no time at all");
        return None;
    }
    Some(length)
}

/// Where a setting is said: at its own key, else at the preset.
fn said_at<'a>(fields: &Fields<'a>, key: &str) -> Option<&'a Place> {
    fields.get(key).or_else(|| fields.get("preset")).map(|node| &node.place)
}

/// A preset by which all email leads go to one agent has to be told to whom.
fn check_leads(fields: &Fields<'_>, preset: Preset, bundle: &Bundle, mistakes: &mut Mistakes) {
    let is_named = matches!(bundle.routing.email_leads.to, LeadRecipients::Agent(_));
    if !preset.names_who_gets_leads() || is_named {
        return;
    }
    let leads = fields.get("email_leads");
    let names = leads.and_then(|node| node.as_table()?.get_str("to"));
    if names.is_some_and(|to| to.starts_with("agent:")) {
        // The agent is nobody, which has been said.
        return;
    }
    let place = said_at(fields, "email_leads").unwrap_or(fields.place);
    let message = format!("\"{}\" needs `email_leads` to name an agent", preset.name);
    let help = "all leads go to one: email_leads = { to = \"agent:NAME\" }";
    mistakes.error_with_help(Code::MissingKey, place, message, help);
}

/// Notes settings of the rotation that exclude each other.
fn check_rotation(fields: &Fields<'_>, bundle: &Bundle, people: &People, mistakes: &mut Mistakes) {
    let routing = &bundle.routing;
    let place = |key| said_at(fields, key).unwrap_or(fields.place);
    let (targets, rotation) = (routing.targets.name(), routing.rotation.name());
    if routing.targets == Targets::Nested && routing.rotation != RotationPolicy::Ring {
        let message = format!("\"{targets}\" targets rotate by \"ring\" only");
        let diagnostic = Diagnostic::error(Code::Conflict, message).at(place("targets"));
        mistakes.add(diagnostic.related(place("rotation"), format!("\"{rotation}\"")));
    }
    if routing.targets != Targets::Flat && routing.memory == Memory::Account {
        let message = format!("\"{targets}\" targets cannot share a memory with other chatflows");
        let diagnostic = Diagnostic::error(Code::Conflict, message).at(place("targets"));
        mistakes.add(diagnostic.related(place("memory"), "\"account\""));
    }
    if routing.rotation == RotationPolicy::PercentSpare {
        let mut without: Vec<&str> = people
            .listed(&routing.route_to)
            .map(|agent| &people.agents[agent.index()])
            .filter(|agent| agent.settings.capacity.is_none())
            .map(|agent| agent.name.as_str())
            .collect();
        let mut seen = BTreeSet::new();
        without.retain(|name| seen.insert(*name));
        if !without.is_empty() {
            let have = if without.len() == 1 { "has" } else { "have" };
            let who = some_names(&without);
            let message = format!("\"{rotation}\" compares capacities, and {who} {have} none");
            let help = "give the team or the agents a `capacity`";
            mistakes.error_with_help(Code::Conflict, place("rotation"), message, help);
        }
    }
}

/// The routing list.
fn route_to(node: &Node, people: &People, mistakes: &mut Mistakes) -> Option<Vec<Target>> {
    let Some(items) = node.as_array() else {
        mistakes.wrong_type(node, "a list such as [\"team:sales\", \"agent:ana\"]");
        return None;
    };
    if items.is_empty() {
        let help = "list who gets the chats, as in [\"team:sales\", \"agent:ana\"]";
        let message = "the routing list is empty";
        mistakes.error_with_help(Code::ImpossibleValue, &node.place, message, help);
        return None;
    }
    let mut targets: Vec<(Target, &Place)> = Vec::with_capacity(items.len());
    let mut places = std::collections::HashMap::new();
    for item in items {
        let Some(target) = target(item, people, mistakes) else { continue };
        if let Some(first) = item.as_str().and_then(|text| places.insert(text, &item.place)) {
            let message = format!("{} is on the list twice", item.place.text());
            let diagnostic = Diagnostic::error(Code::Conflict, message).at(&item.place);
            mistakes.add(diagnostic.related(first, "already here"));
            continue;
        }
        targets.push((target, &item.place));
    }
    Some(targets.into_iter().map(|(target, _)| target).collect())
}

fn target(node: &Node, people: &People, mistakes: &mut Mistakes) -> Option<Target> {
    let text = string(node, mistakes)?;
    if let Some(name) = text.strip_prefix("agent:") {
        return people.agent(name, &node.place, mistakes).map(Target::Agent);
    }
    if let Some(name) = text.strip_prefix("team:") {
        return people.team(name, &node.place, mistakes).map(Target::Team);
    }
    let help = match text {
        name if people.is_team(name) => format!("write \"team:{name}\""),
        name if people.is_agent(name) => format!("write \"agent:{name}\""),
        _ => "write \"agent:NAME\" or \"team:NAME\"".to_owned(),
    };
    let message = "an entry of the routing list is an agent or a team";
    mistakes.error_with_help(Code::ImpossibleValue, &node.place, message, help);
    None
}

fn email_leads(node: &Node, people: &People, mistakes: &mut Mistakes) -> Option<EmailLeads> {
    let fields = Fields::of(node, &EMAIL_LEADS, mistakes)?;
    let to = fields.read("to", mistakes, |node, mistakes| {
        let text = string(node, mistakes)?;
        if let Some(name) = text.strip_prefix("agent:") {
            return people.agent(name, &node.place, mistakes).map(LeadRecipients::Agent);
        }
        let built = [("agents", LeadRecipients::Agents), ("expanded", LeadRecipients::Expanded)];
        if built.iter().all(|(word, _)| *word != text) {
            let message = format!("\"{text}\" is not one of the choices");
            let known = ["agents", "expanded", "agent:NAME"];
            mistakes.unknown(Code::ImpossibleValue, &node.place, message, text, known);
            return None;
        }
        choice(node, &built, &[], mistakes)
    });
    let by = fields.read("by", mistakes, |n, m| {
        choice(n, &LeadRotation::ALL.map(|by| (by.name(), by)), &[], m)
    });
    Some(EmailLeads { to: to.unwrap_or_default(), by: by.unwrap_or_default() })
}
