//! `[[chatflow]]`: what visitors write into, and its Routing tab.

use crate::diagnostic::{Code, Diagnostic, Place};
use crate::ids::ChatflowId;
use crate::routing::{
    ChatflowSettings, EmailLeads, LeadRecipients, LeadRotation, RotationPolicy, Target,
};
use crate::time::SimDuration;

use super::model::Chatflow;
use super::people::{People, drop_duplicates};
use super::reader::{Fields, Keys, Mistakes, boolean, choice, name, string, tables};
use super::tree::Node;
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
        "reassign_to",
        "reassign_none",
        "hours_end_reassigns",
        "reopen",
    ],
    unbuilt: &[
        "office_hours",
        "all_at_capacity",
        "queue_limit",
        "queue_full",
        "queue_timeout",
        "drain",
        "at_close",
        "no_answer",
        "returner_weight",
    ],
};
const EMAIL_LEADS: Keys = Keys { table: "`email_leads`", built: &["to", "by"], unbuilt: &[] };

const ROTATIONS: [(&str, RotationPolicy); 2] =
    [("ring", RotationPolicy::Ring), ("random", RotationPolicy::Random)];
const UNBUILT_ROTATIONS: [&str; 8] = [
    "lru",
    "longest-idle",
    "least-open",
    "percent-spare",
    "lifetime-count",
    "smooth-weighted",
    "priority",
    "last-index",
];
const UNBUILT_PRESETS: [&str; 11] = [
    "hubspot-2017",
    "hubspot-2024",
    "intercom-round-robin",
    "intercom-balanced",
    "chatwoot",
    "rocketchat-auto",
    "rocketchat-balancing",
    "rocketchat-rotation",
    "libredesk",
    "tiledesk",
    "happychat",
];

/// Settings of which only the default is built: the key, the default, the other values.
const FIXED_WORDS: [(&str, &str, &[&str]); 9] = [
    ("targets", "flat", &["nested", "ordered"]),
    ("owner_offline", "email", &["list"]),
    ("orphan", "list", &["email"]),
    ("memory", "chatflow", &["account"]),
    ("hours_act_as", "gate", &["switch"]),
    ("nobody_online", "email", &["queue", "assign", "refuse"]),
    ("reassign_to", "list", &["team", "entry_team"]),
    ("reassign_none", "keep", &["unassign"]),
    ("reopen", "same", &["route"]),
];

/// Settings of which only `false` is built.
const FIXED_SWITCHES: [&str; 3] = ["owner_counts", "owner_capacity", "hours_end_reassigns"];

/// All chatflows, in file order.
pub(super) struct Chatflows {
    pub(super) all: Vec<Chatflow>,
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
}

/// Reads `[[chatflow]]`; there has to be one.
pub(super) fn read(
    node: Option<&Node>,
    root: &Place,
    people: &People,
    mistakes: &mut Mistakes,
) -> Chatflows {
    if node.is_none() {
        let help = "as in: [[chatflow]] name = \"website\", route_to = [\"team:sales\"]";
        let message = "a scenario needs a `[[chatflow]]`";
        mistakes.error_with_help(Code::MissingKey, root, message, help);
    }
    let mut all: Vec<(Chatflow, &Place)> = tables(node, "chatflow", mistakes)
        .into_iter()
        .filter_map(|node| chatflow(node, people, mistakes))
        .collect();
    drop_duplicates(&mut all, "chatflow", |(flow, place)| (&flow.name, place), mistakes);
    Chatflows { all: all.into_iter().map(|(flow, _)| flow).collect() }
}

fn chatflow<'a>(
    node: &'a Node,
    people: &People,
    mistakes: &mut Mistakes,
) -> Option<(Chatflow, &'a Place)> {
    let fields = Fields::of(node, &CHATFLOW, mistakes)?;
    for (key, default, others) in FIXED_WORDS {
        fields.read(key, mistakes, |n, m| choice(n, &[(default, ())], others, m));
    }
    for key in FIXED_SWITCHES {
        if fields.read(key, mistakes, boolean) == Some(true) {
            let place = fields.key_place(key).unwrap_or(fields.place);
            let help = "remove it: the default is false";
            mistakes.not_built(place, &format!("`{key} = true`"), help);
        }
    }
    fields.read("preset", mistakes, |n, m| choice(n, &[("hubspot-2018", ())], &UNBUILT_PRESETS, m));
    let route_to =
        fields.require("route_to", mistakes).and_then(|node| route_to(node, people, mistakes));
    let routing = ChatflowSettings {
        route_to: route_to.unwrap_or_default(),
        rotation: fields.read("rotation", mistakes, rotation).unwrap_or_default(),
        route_to_owner: fields.read("route_to_owner", mistakes, boolean).unwrap_or(false),
        email_leads: fields
            .read("email_leads", mistakes, |n, m| email_leads(n, people, m))
            .unwrap_or_default(),
        ..ChatflowSettings::default()
    };
    let close_after = fields.read("close_after", mistakes, duration).unwrap_or(SimDuration::ZERO);
    let name_node = fields.require("name", mistakes)?;
    let name = name(name_node, mistakes)?;
    Some((Chatflow { name, routing, close_after }, &name_node.place))
}

fn rotation(node: &Node, mistakes: &mut Mistakes) -> Option<RotationPolicy> {
    choice(node, &ROTATIONS, &UNBUILT_ROTATIONS, mistakes)
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
