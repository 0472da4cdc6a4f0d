//! `[[threshold]]`: what must hold of a measure.

use crate::diagnostic::{Code, Place};

use super::chatflows::Chatflows;
use super::model::{Bound, Relation, Threshold, ThresholdScope};
use super::people::People;
use super::reader::{Fields, Keys, Mistakes, boolean, string, tables};
use super::tree::Node;

const THRESHOLD: Keys =
    Keys { table: "[[threshold]]", built: &["measure", "where", "must"], unbuilt: &[] };
const WHERE: Keys =
    Keys { table: "`where`", built: &["chatflow", "team", "agent", "owned"], unbuilt: &["period"] };

/// Reads `[[threshold]]` in file order.
pub(super) fn read(
    node: Option<&Node>,
    people: &People,
    chatflows: &Chatflows,
    mistakes: &mut Mistakes,
) -> Vec<Threshold> {
    tables(node, "threshold", mistakes)
        .into_iter()
        .filter_map(|node| {
            let fields = Fields::of(node, &THRESHOLD, mistakes)?;
            let scope = fields
                .get("where")
                .map_or(Some(ThresholdScope::All), |n| scope(n, people, chatflows, mistakes));
            let must = fields.require("must", mistakes).and_then(|node| must(node, mistakes));
            let measure_node = fields.require("measure", mistakes)?;
            let measure = string(measure_node, mistakes)?.trim();
            if measure.is_empty() {
                mistakes.impossible(&measure_node.place, "a threshold is about some measure");
            }
            Some(Threshold {
                measure: measure.to_owned(),
                scope: scope?,
                must: must?,
                place: measure_node.place.clone(),
            })
        })
        .collect()
}

fn scope(
    node: &Node,
    people: &People,
    chatflows: &Chatflows,
    mistakes: &mut Mistakes,
) -> Option<ThresholdScope> {
    let fields = Fields::of(node, &WHERE, mistakes)?;
    let named = |key: &str, mistakes: &mut Mistakes| -> Option<(&str, &Place)> {
        let node = fields.get(key)?;
        Some((string(node, mistakes)?, &node.place))
    };
    match fields.given(&["chatflow", "team", "agent", "owned", "period"])[..] {
        [] => Some(ThresholdScope::All),
        ["chatflow"] => {
            let (name, place) = named("chatflow", mistakes)?;
            chatflows.named(name, place, mistakes).map(ThresholdScope::Chatflow)
        }
        ["team"] => {
            let (name, place) = named("team", mistakes)?;
            people.team(name, place, mistakes).map(ThresholdScope::Team)
        }
        ["agent"] => {
            let (name, place) = named("agent", mistakes)?;
            people.agent(name, place, mistakes).map(ThresholdScope::Agent)
        }
        ["owned"] => fields.read("owned", mistakes, boolean).map(ThresholdScope::Owned),
        // `period` has been refused already.
        [_] => None,
        [..] => {
            let message = "`where` names one part of the results";
            mistakes.error(Code::Conflict, &node.place, message);
            None
        }
    }
}

/// `"<= 300"`, `">= 90%"`.
fn must(node: &Node, mistakes: &mut Mistakes) -> Option<Bound> {
    let text = string(node, mistakes)?;
    let bound = parse_bound(text);
    if bound.is_none() {
        let message = format!("\"{text}\" is no comparison with a number");
        let help = "as in \"<= 300\", \"< 0.05\" or \">= 90%\"";
        mistakes.error_with_help(Code::ImpossibleValue, &node.place, message, help);
    }
    bound
}

fn parse_bound(text: &str) -> Option<Bound> {
    let text = text.trim();
    let relations = [
        ("<=", Relation::AtMost),
        (">=", Relation::AtLeast),
        ("<", Relation::Less),
        (">", Relation::More),
    ];
    let (relation, number) = relations
        .into_iter()
        .find_map(|(sign, relation)| Some((relation, text.strip_prefix(sign)?.trim())))?;
    let (number, divisor) = match number.strip_suffix('%') {
        Some(percent) => (percent.trim_end(), 100.0),
        None => (number, 1.0),
    };
    let is_plain = number.starts_with(|c: char| c.is_ascii_digit() || "-+.".contains(c));
    let value = number.parse::<f64>().ok().filter(|value| is_plain && value.is_finite())?;
    Some(Bound { relation, value: value / divisor })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_are_a_sign_and_a_number() {
        for (text, relation, value) in [
            ("<= 300", Relation::AtMost, 300.0),
            ("<0.05", Relation::Less, 0.05),
            (" >= 90% ", Relation::AtLeast, 0.9),
            ("> -1.5e3", Relation::More, -1500.0),
            (">= 99.5 %", Relation::AtLeast, 0.995),
        ] {
            assert_eq!(parse_bound(text), Some(Bound { relation, value }), "{text}");
        }
        for text in ["300", "= 3", "<=", "<= 5m", "< inf", "> NaN", "=< 3", "< 5 %%"] {
            assert_eq!(parse_bound(text), None, "{text}");
        }
    }
}
