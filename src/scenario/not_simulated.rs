//! Routing settings that the engine has and the simulation does not have yet: everything that makes
//! a conversation wait or that needs a clock of its own.

use super::presets::{Bundle, Preset};
use super::reader::{Fields, Mistakes};
use super::tree::{Node, NodeValue};

/// Keys of `[[chatflow]]` of which no value is simulated.
const KEYS: [&str; 7] = [
    "queue_limit",
    "queue_full",
    "queue_timeout",
    "drain",
    "at_close",
    "no_answer",
    "office_hours",
];

/// Values of other keys that are not.
const WORDS: [(&str, &str); 5] = [
    ("rotation", "percent-spare"),
    ("nobody_online", "queue"),
    ("reassign_none", "unassign"),
    ("hours_act_as", "switch"),
    ("reopen", "route"),
];

/// Switches that only the engine knows.
const SWITCH: &str = "owner_capacity";

/// Notes what a chatflow gives, or its preset implies, that is not simulated. What the preset says
/// of a queue does not count by itself: without anybody who waits it changes nothing.
pub(super) fn note(fields: &Fields<'_>, preset: Option<(Preset, &Node)>, mistakes: &mut Mistakes) {
    for key in KEYS {
        if let Some(place) = fields.key_place(key) {
            mistakes.not_simulated(place, &format!("`{key}`"), None);
        }
    }
    for (key, word) in WORDS {
        if let Some(node) = fields.get(key)
            && node.as_str() == Some(word)
        {
            mistakes.not_simulated(&node.place, &format!("\"{word}\""), None);
        }
    }
    if let Some(node) = fields.get(SWITCH)
        && let NodeValue::Boolean(true) = node.value
    {
        let place = fields.key_place(SWITCH).unwrap_or(fields.place);
        mistakes.not_simulated(place, &format!("`{SWITCH} = true`"), None);
    }
    let Some((preset, node)) = preset else { return };
    let implied: Vec<String> = words_of(&preset.bundle())
        .into_iter()
        .filter(|said| WORDS.contains(said) && fields.get(said.0).is_none())
        .map(|(key, word)| format!("`{key} = \"{word}\"`"))
        .collect();
    if !implied.is_empty() {
        let sets = format!("it sets {}", implied.join(" and "));
        mistakes.not_simulated(&node.place, &format!("\"{}\"", preset.name), Some(&sets));
    }
}

/// What a preset says of the keys in [`WORDS`].
fn words_of(bundle: &Bundle) -> [(&'static str, &'static str); 5] {
    let Bundle { routing, hours_act_as, .. } = bundle;
    [
        ("rotation", routing.rotation.name()),
        ("nobody_online", routing.nobody_online.name()),
        ("reassign_none", routing.reassign_none.name()),
        ("hours_act_as", hours_act_as.name()),
        ("reopen", routing.reopen.name()),
    ]
}
