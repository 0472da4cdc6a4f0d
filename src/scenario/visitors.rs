//! `[visitors.NAME]`: who comes.

use crate::diagnostic::Code;
use crate::random::{CountDistribution, Distribution, DurationDistribution, Law};
use crate::time::SimDuration;
use crate::workload::{OwnerShares, VisitorModel};

use super::distributions::{counts, durations, lognormal_seconds};
use super::model::{Guess, VisitorPopulation};
use super::people::People;
use super::reader::{Fields, Keys, Mistakes, check_name, choice, named_tables, number, share};
use super::tree::Node;

const VISITORS: Keys = Keys {
    table: "[visitors]",
    built: &[
        "known",
        "owned",
        "tracked",
        "owners",
        "leaves_email",
        "messages",
        "same_speaker",
        "think",
        "patience",
        "patience_until",
    ],
    unbuilt: &["contacts", "late_reply", "return", "reads_first"],
};
const GINI: Keys = Keys { table: "`owners`", built: &["gini"], unbuilt: &[] };

const KNOWN: f64 = 0.45;
const OWNED: f64 = 0.70;
const TRACKED: f64 = 0.80;
const LEAVES_EMAIL: f64 = 0.35;
const PATIENCE_S: u64 = 350;
const OWNERS_GINI: f64 = 0.46;
const SAME_SPEAKER: f64 = 0.37;

/// A population, and which of its guessed defaults it uses.
pub(super) struct Population {
    pub(super) visitors: VisitorPopulation,
    /// Keys that are left out and whose default is a guess, with its value.
    guesses: Vec<(&'static str, String)>,
}

impl Population {
    /// The guesses that make a difference; those about owners do only where the box is ticked.
    pub(super) fn guesses(&self, owners_matter: bool) -> impl Iterator<Item = Guess> {
        let all_known = self.visitors.model.known >= 1.0;
        let matters = move |key: &str| match key {
            "owned" | "tracked" => owners_matter,
            "leaves_email" => !all_known,
            _ => true,
        };
        self.guesses.iter().filter(move |(key, _)| matters(key)).map(|(key, value)| Guess {
            path: format!("visitors.{}.{key}", self.visitors.name),
            value: value.clone(),
        })
    }
}

/// Reads `[visitors.*]` in file order.
pub(super) fn read(
    node: Option<&Node>,
    people: &People,
    mistakes: &mut Mistakes,
) -> Vec<Population> {
    named_tables(node, "visitors", mistakes)
        .iter()
        .filter_map(|entry| {
            let fields = Fields::of(&entry.node, &VISITORS, mistakes)?;
            check_name(&entry.key, &entry.key_place, mistakes)?;
            Some(population(&entry.key, Some(&fields), people, mistakes))
        })
        .collect()
}

/// A population of which nothing is said.
pub(super) fn default_population(people: &People, mistakes: &mut Mistakes) -> Population {
    population("default", None, people, mistakes)
}

fn population(
    name: &str,
    fields: Option<&Fields<'_>>,
    people: &People,
    mistakes: &mut Mistakes,
) -> Population {
    let mut guesses = Vec::new();
    let mut guessed_share = |key: &'static str, default: f64, mistakes: &mut Mistakes| {
        if fields.is_none_or(|fields| fields.get(key).is_none()) {
            guesses.push((key, default.to_string()));
        }
        fields.and_then(|fields| fields.read(key, mistakes, share)).unwrap_or(default)
    };
    let known = guessed_share("known", KNOWN, mistakes);
    let owned = guessed_share("owned", OWNED, mistakes);
    let tracked = guessed_share("tracked", TRACKED, mistakes);
    let leaves_email = guessed_share("leaves_email", LEAVES_EMAIL, mistakes);
    let patience = match fields.and_then(|fields| fields.get("patience")) {
        Some(node) if node.as_str() == Some("forever") => None,
        Some(node) => durations(node, mistakes),
        None => {
            let value = format!("{{ exponential = {{ mean = \"{PATIENCE_S}s\" }} }}");
            guesses.push(("patience", value));
            let mean = SimDuration::from_secs(PATIENCE_S).as_millis() as f64;
            Some(DurationDistribution(Distribution::of(Law::Exponential { mean })))
        }
    };
    let read = |key: &str| fields.and_then(|fields| fields.get(key));
    if let Some(node) = read("patience_until") {
        choice(node, &[("reply", ())], &["pickup"], mistakes);
    }
    let model = VisitorModel {
        known,
        owned,
        tracked,
        leaves_email,
        patience,
        owners: owners(read("owners"), people, mistakes),
        messages: read("messages").and_then(|n| counts(n, mistakes)).unwrap_or_else(messages),
        same_speaker: read("same_speaker").and_then(|n| share(n, mistakes)).unwrap_or(SAME_SPEAKER),
        think: read("think")
            .and_then(|n| durations(n, mistakes))
            .unwrap_or_else(|| lognormal_seconds(3.88, 1.41)),
    };
    Population { visitors: VisitorPopulation { name: name.to_owned(), model }, guesses }
}

/// The number of messages where nothing is said.
fn messages() -> CountDistribution {
    let law = Law::LogNormal { mu: 1.96, sigma: 0.77 };
    CountDistribution(Distribution { at_least: 2.0, ..Distribution::of(law) })
}

fn owners(node: Option<&Node>, people: &People, mistakes: &mut Mistakes) -> OwnerShares {
    let agents = people.agents.len();
    let shares = match node {
        None => {
            let gini = OWNERS_GINI.min(OwnerShares::largest_gini(agents));
            OwnerShares::by_gini(agents, gini)
        }
        Some(node) => given_owners(node, people, mistakes),
    };
    // Without agents or with wrong shares there is a mistake, and no shares are needed.
    shares.or_else(|| OwnerShares::even(1)).expect("one agent has shares")
}

/// `"even"`, `{ gini = 0.46 }` or `{ ana = 3, ben = 1 }`.
fn given_owners(node: &Node, people: &People, mistakes: &mut Mistakes) -> Option<OwnerShares> {
    let agents = people.agents.len();
    if node.as_str().is_some() {
        choice(node, &[("even", ())], &[], mistakes)?;
        return OwnerShares::even(agents);
    }
    let Some(table) = node.as_table() else {
        mistakes.wrong_type(node, "\"even\", { gini = 0.46 } or a weight for each owner");
        return None;
    };
    if table.get("gini").is_some() && !people.is_agent("gini") {
        let fields = Fields::of(node, &GINI, mistakes)?;
        let gini_node = fields.get("gini")?;
        let gini = number(gini_node, 0.0, 1.0, mistakes)?;
        let largest = OwnerShares::largest_gini(agents);
        if gini > largest {
            let message = format!("the Gini index of {agents} agents is at most {largest:.3}");
            mistakes.impossible(&gini_node.place, message);
            return None;
        }
        return OwnerShares::by_gini(agents, gini);
    }
    let mut weights = vec![0.0; agents];
    for entry in &table.entries {
        let agent = people.agent(&entry.key, &entry.key_place, mistakes);
        let weight = number(&entry.node, 0.0, 1e9, mistakes);
        if let (Some(agent), Some(weight)) = (agent, weight) {
            weights[agent.index()] = weight;
        }
    }
    let shares = OwnerShares::by_weights(&weights);
    if shares.is_none() {
        let message = "no owner has a weight above 0";
        mistakes.error(Code::ImpossibleValue, &node.place, message);
    }
    shares
}
