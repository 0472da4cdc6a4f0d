//! `[habits.NAME]`: how agents work and when they are away.

use crate::calendar::parse_clock;
use crate::diagnostic::Code;
use crate::random::{Distribution, DurationDistribution, Law};
use crate::time::SimDuration;
use crate::workload::{AwayHabit, AwayTime, Habits};

use super::distributions::{durations, lognormal_seconds};
use super::reader::{Fields, Keys, Mistakes, choice, date_text, list, named_tables, number, share};
use super::tree::{Node, NodeValue};
use super::values::duration;

const HABITS: Keys = Keys {
    table: "[habits]",
    built: &["first_reply", "reply", "email_reply", "attention", "away", "finishes"],
    unbuilt: &["late", "connection"],
};
const AWAY: Keys = Keys {
    table: "an entry of `away`",
    built: &["at", "spread", "per_day", "lasts", "reassign_replies", "forgets"],
    unbuilt: &["after"],
};

/// More absences than this on one day are refused.
const MOST_A_DAY: f64 = 1000.0;

/// All habits by name. There is always a `default`.
pub(super) struct HabitsByName(Vec<(String, Habits)>);

impl HabitsByName {
    pub(super) fn get(&self, name: &str) -> Option<&Habits> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, habits)| habits)
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_str())
    }
}

/// Reads `[habits.*]`: the others inherit what they leave out from `[habits.default]`.
pub(super) fn read(node: Option<&Node>, mistakes: &mut Mistakes) -> HabitsByName {
    let entries = named_tables(node, "habits", mistakes);
    let default = entries.iter().find(|entry| entry.key == "default");
    let inherited = match default {
        Some(entry) => habits(&entry.node, &formats_default(), mistakes),
        None => formats_default(),
    };
    let mut all = vec![("default".to_owned(), inherited.clone())];
    for entry in entries.iter().filter(|entry| entry.key != "default") {
        all.push((entry.key.clone(), habits(&entry.node, &inherited, mistakes)));
    }
    HabitsByName(all)
}

/// What the format gives to those who say nothing.
fn formats_default() -> Habits {
    let minutes = |minutes: u64| SimDuration::from_secs(60 * minutes).as_millis() as f64;
    let law = Law::lognormal_by_median_and_p90(minutes(5), minutes(15));
    Habits {
        first_reply: lognormal_seconds(4.0, 1.0),
        reply: lognormal_seconds(3.4, 0.9),
        email_reply: DurationDistribution(Distribution::of(law)),
        away: Vec::new(),
    }
}

fn habits(node: &Node, inherited: &Habits, mistakes: &mut Mistakes) -> Habits {
    let Some(fields) = Fields::of(node, &HABITS, mistakes) else { return inherited.clone() };
    if let Some(attention) = fields.get("attention") {
        match attention.value {
            NodeValue::Array(_) => {
                let what = "attention shared between chats";
                let help = "remove it: the default is \"serial\"";
                mistakes.not_built(&attention.place, what, help);
            }
            _ => {
                choice(attention, &[("serial", ())], &[], mistakes);
            }
        }
    }
    fields
        .read("finishes", mistakes, |n, m| choice(n, &[("message", ())], &["chats", "nothing"], m));
    let mut part = |key, inherited| fields.read(key, mistakes, durations).unwrap_or(inherited);
    let first_reply = part("first_reply", inherited.first_reply);
    let reply = part("reply", inherited.reply);
    let email_reply = part("email_reply", inherited.email_reply);
    let away = fields
        .read("away", mistakes, |n, m| list(n, "a list of absences", m, away))
        .unwrap_or_else(|| inherited.away.clone());
    Habits { first_reply, reply, email_reply, away }
}

fn away(node: &Node, mistakes: &mut Mistakes) -> Option<AwayHabit> {
    let fields = Fields::of(node, &AWAY, mistakes)?;
    let time = match fields.given(&["at", "per_day", "spread"])[..] {
        ["at"] | ["at", "spread"] => at(&fields, mistakes),
        ["per_day"] => fields
            .read("per_day", mistakes, |n, m| number(n, 0.0, MOST_A_DAY, m))
            .map(AwayTime::PerDay),
        ["per_day", "spread"] => {
            let place = fields.key_place("spread").unwrap_or(fields.place);
            mistakes.error(Code::Conflict, place, "`spread` goes with `at`, not with `per_day`");
            None
        }
        ["at", "per_day", ..] => {
            let place = fields.key_place("per_day").unwrap_or(fields.place);
            mistakes.error(
                Code::Conflict,
                place,
                "an absence is `at` a time or `per_day`, not both",
            );
            None
        }
        _ => {
            // An absence by `after` has been refused already.
            if fields.given(&["after"]).is_empty() {
                let message = "an absence needs `at` or `per_day`";
                mistakes.error(Code::MissingKey, fields.place, message);
            }
            None
        }
    };
    let lasts = fields.require("lasts", mistakes).and_then(|node| durations(node, mistakes));
    let reassign_replies = fields.read("reassign_replies", mistakes, share).unwrap_or(0.0);
    let forgets = fields.read("forgets", mistakes, share).unwrap_or(0.0);
    Some(AwayHabit { time: time?, lasts: lasts?, reassign_replies, forgets })
}

fn at(fields: &Fields<'_>, mistakes: &mut Mistakes) -> Option<AwayTime> {
    let spread = fields.read("spread", mistakes, duration).unwrap_or(SimDuration::ZERO);
    let node = fields.get("at")?;
    let text = date_text(node, "a time of day such as \"12:15\"", mistakes)?;
    match parse_clock(text) {
        Ok(minute) if minute < 24 * 60 => Some(AwayTime::At { minute, spread }),
        _ => {
            let message = format!("`{text}` is no time of day");
            let help = "write it as \"12:15\"; times go from 00:00 to 23:59";
            mistakes.error_with_help(Code::ImpossibleValue, &node.place, message, help);
            None
        }
    }
}
