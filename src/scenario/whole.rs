//! The scenario as a whole: its top, `[run]` and `[report]`, and the order in which the parts that
//! refer to each other are read.

use std::path::Path;

use jiff::civil::{DateTime, date};

use crate::calendar::{CivilSpan, Zone};
use crate::diagnostic::{Code, Place};
use crate::time::SimDuration;

use super::model::{Ends, Guess, ReportSettings, Run, Scenario, Traffic, TrafficArrivals};
use super::overrides::Made;
use super::reader::{Fields, Keys, Mistakes, choice, list, string, whole};
use super::traffic::World;
use super::tree::{Node, Table};
use super::values::{civil_span, date_time, duration, zone};
use super::visitors::Population;
use super::{chatflows, habits, people, thresholds, traffic, visitors};

const SCENARIO: Keys = Keys {
    table: "a scenario",
    built: &[
        "format",
        "name",
        "question",
        "run",
        "team",
        "agent",
        "habits",
        "chatflow",
        "visitors",
        "traffic",
        "report",
        "threshold",
    ],
    unbuilt: &["period"],
};
const RUN: Keys = Keys {
    table: "[run]",
    built: &[
        "starts",
        "lasts",
        "warm_up",
        "ends",
        "drain_at_most",
        "time_zone",
        "seed",
        "replications",
    ],
    unbuilt: &["precision", "replications_max"],
};
const REPORT: Keys =
    Keys { table: "[report]", built: &["service_level", "interval"], unbuilt: &[] };

/// The version of the format.
const FORMAT: u32 = 1;

/// Longer runs and warm-ups are refused: ten years.
const LONGEST_RUN_DAYS: u64 = 3_653;

const MOST_REPLICATIONS: u32 = 1_000_000;

const MINUTE_MS: u64 = 60_000;
const DAY_MS: u64 = 24 * 60 * MINUTE_MS;

/// Reads everything; `None` only if there is a mistake.
pub(super) fn read(
    root: &Table,
    place: &Place,
    directory: &Path,
    made: &[Made],
    mistakes: &mut Mistakes,
) -> Option<Scenario> {
    let top = Fields::of_table(root, place, &SCENARIO, mistakes);
    if let Some(node) = top.require("format", mistakes) {
        format(node, mistakes);
    }
    let name = top.require("name", mistakes).and_then(|node| directory_name(node, mistakes));
    let question = top.read("question", mistakes, string).map(str::to_owned);
    let run = run(top.get("run"), mistakes);

    let habits = habits::read(top.get("habits"), mistakes);
    let mut people = people::read(root, &run.time_zone, &habits, mistakes);
    if people.agents.is_empty() {
        let message = "a scenario needs an agent";
        let help = "add a [[team]] or an [[agent]]";
        mistakes.error_with_help(Code::MissingKey, place, message, help);
    }
    let chatflows = chatflows::read(top.get("chatflow"), place, &people, &run.time_zone, mistakes);
    chatflows.settle_hours(&mut people, mistakes);
    let mut populations = visitors::read(top.get("visitors"), &people, mistakes);
    let world =
        World { people: &people, chatflows: &chatflows, run_zone: &run.time_zone, directory };
    let traffic = traffic::read(top.get("traffic"), &world, &mut populations, mistakes);
    let thresholds = thresholds::read(top.get("threshold"), &people, &chatflows, mistakes);
    let report = report(top.get("report"), mistakes);
    check_made(made, root, &populations, &traffic, mistakes);
    let unused = unused(root, &populations, &traffic);

    let box_is_ticked: Vec<bool> =
        chatflows.all.iter().map(|flow| flow.routing.route_to_owner).collect();
    let guesses = guesses(&populations, &traffic, &box_is_ticked);
    Some(Scenario {
        name: name?,
        question,
        run,
        agents: people.agents,
        teams: people.teams,
        chatflows: chatflows.all,
        visitors: populations.into_iter().map(|population| population.visitors).collect(),
        traffic,
        report,
        thresholds,
        guesses,
        unused,
        not_simulated: Vec::new(),
    })
}

/// The tables of habits and visitors that nothing uses, by key and place.
fn unused(root: &Table, populations: &[Population], traffic: &[Traffic]) -> Vec<(String, Place)> {
    let tables = |kind: &str| {
        let entry = root.get(kind).and_then(|entry| entry.node.as_table());
        entry.map_or(&[][..], |table| table.entries.as_slice())
    };
    let habits = tables("habits")
        .iter()
        .filter(|entry| entry.key != "default" && !uses_habits(root, &entry.key));
    let come = |name: &str| {
        traffic.iter().any(|traffic| populations[traffic.visitors].visitors.name == name)
    };
    let visitors = tables("visitors").iter().filter(|entry| !come(&entry.key));
    let named = |kind: &'static str| {
        move |entry: &super::tree::Entry| (format!("{kind}.{}", entry.key), entry.key_place.clone())
    };
    habits.map(named("habits")).chain(visitors.map(named("visitors"))).collect()
}

fn format(node: &Node, mistakes: &mut Mistakes) {
    if let Some(format) = whole(node, 0, u32::MAX, mistakes)
        && format != FORMAT
    {
        let message = format!("this version reads format {FORMAT}, not {format}");
        mistakes.impossible(&node.place, message);
    }
}

/// A name that can be a directory's.
fn directory_name(node: &Node, mistakes: &mut Mistakes) -> Option<String> {
    let name = string(node, mistakes)?;
    let is_allowed = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
    if name.is_empty() || name.starts_with('.') || !name.chars().all(is_allowed) || name.len() > 100
    {
        let message = format!("`{name}` cannot be the name of a scenario");
        let help = "it names a directory: letters, digits, `-`, `_` and `.`, not first a `.`";
        mistakes.error_with_help(Code::ImpossibleValue, &node.place, message, help);
        return None;
    }
    Some(name.to_owned())
}

fn run(node: Option<&Node>, mistakes: &mut Mistakes) -> Run {
    let defaults = Run {
        time_zone: Zone::named("America/New_York").expect("it is bundled"),
        starts: DateTime::from(date(2026, 3, 2)),
        lasts: CivilSpan { days: 7, ms: 0 },
        warm_up: CivilSpan::ZERO,
        ends: Ends::Drain,
        drain_at_most: CivilSpan { days: 7, ms: 0 },
        seed: 1,
        replications: 20,
    };
    let Some(fields) = node.and_then(|node| Fields::of(node, &RUN, mistakes)) else {
        return defaults;
    };
    let ends = [("drain", Ends::Drain), ("cut", Ends::Cut)];
    Run {
        time_zone: fields.read("time_zone", mistakes, zone).unwrap_or(defaults.time_zone),
        starts: fields.read("starts", mistakes, date_time).unwrap_or(defaults.starts),
        lasts: fields.read("lasts", mistakes, lasts).unwrap_or(defaults.lasts),
        warm_up: fields.read("warm_up", mistakes, warm_up).unwrap_or(defaults.warm_up),
        ends: fields
            .read("ends", mistakes, |n, m| choice(n, &ends, &[], m))
            .unwrap_or(defaults.ends),
        drain_at_most: fields
            .read("drain_at_most", mistakes, run_span)
            .unwrap_or(defaults.drain_at_most),
        seed: fields
            .read("seed", mistakes, |n, m| whole(n, 0, u64::MAX, m))
            .unwrap_or(defaults.seed),
        replications: fields
            .read("replications", mistakes, |n, m| whole(n, 1, MOST_REPLICATIONS, m))
            .unwrap_or(defaults.replications),
    }
}

fn lasts(node: &Node, mistakes: &mut Mistakes) -> Option<CivilSpan> {
    let span = run_span(node, mistakes)?;
    if span == CivilSpan::ZERO {
        mistakes.impossible(&node.place, "a run lasts longer than no time at all");
        return None;
    }
    Some(span)
}

fn warm_up(node: &Node, mistakes: &mut Mistakes) -> Option<CivilSpan> {
    if node.as_str() == Some("auto") {
        mistakes.not_built(&node.place, "\"auto\"", "give a length of time, such as \"1d\"");
        return None;
    }
    run_span(node, mistakes)
}

fn run_span(node: &Node, mistakes: &mut Mistakes) -> Option<CivilSpan> {
    let span = civil_span(node, mistakes)?;
    if u64::from(span.days) + span.ms / DAY_MS > LONGEST_RUN_DAYS {
        mistakes.impossible(&node.place, "that is longer than ten years");
        return None;
    }
    Some(span)
}

fn report(node: Option<&Node>, mistakes: &mut Mistakes) -> ReportSettings {
    let defaults = ReportSettings {
        service_level: vec![SimDuration::from_secs(20), SimDuration::from_secs(60)],
        interval: SimDuration::from_secs(15 * 60),
    };
    let Some(fields) = node.and_then(|node| Fields::of(node, &REPORT, mistakes)) else {
        return defaults;
    };
    let service_level = fields.read("service_level", mistakes, |node, mistakes| {
        let mut all = list(node, "a list such as [\"20s\", \"60s\"]", mistakes, within)?;
        all.sort_unstable();
        all.dedup();
        Some(all)
    });
    ReportSettings {
        service_level: service_level.unwrap_or(defaults.service_level),
        interval: fields.read("interval", mistakes, interval).unwrap_or(defaults.interval),
    }
}

/// A time within which answers count.
fn within(node: &Node, mistakes: &mut Mistakes) -> Option<SimDuration> {
    let within = duration(node, mistakes)?;
    if within == SimDuration::ZERO {
        mistakes.impossible(&node.place, "nobody answers within no time at all");
        return None;
    }
    Some(within)
}

/// The interval of the timeline.
fn interval(node: &Node, mistakes: &mut Mistakes) -> Option<SimDuration> {
    let ms = duration(node, mistakes)?.as_millis();
    if !(MINUTE_MS..=DAY_MS).contains(&ms) || !DAY_MS.is_multiple_of(ms) {
        let message = "the interval has to divide a day into equal parts of at least a minute";
        let help = "as in \"5m\", \"15m\", \"30m\" or \"1h\"";
        mistakes.error_with_help(Code::ImpossibleValue, &node.place, message, help);
        return None;
    }
    Some(SimDuration::from_millis(ms))
}

/// A table that only the command line has, and that nothing uses, has a mistyped name.
fn check_made(
    made: &[Made],
    root: &Table,
    populations: &[Population],
    traffic: &[Traffic],
    mistakes: &mut Mistakes,
) {
    for Made { kind, name, place } in made {
        let is_used = if kind == "visitors" {
            traffic.iter().any(|t| populations[t.visitors].visitors.name == *name)
        } else {
            name == "default" || uses_habits(root, name)
        };
        if !is_used {
            let entry = root.get(kind).and_then(|entry| entry.node.as_table());
            let known = entry.into_iter().flat_map(|table| &table.entries);
            let others = known.map(|entry| entry.key.as_str()).filter(|other| other != name);
            mistakes.unknown_name(place, &format!("[{kind}] table in use"), name, others);
        }
    }
}

/// Whether a team or an agent names these habits.
fn uses_habits(root: &Table, name: &str) -> bool {
    let tables = ["team", "agent"].into_iter().filter_map(|key| root.get(key)?.node.as_array());
    tables
        .flatten()
        .any(|node| node.as_table().and_then(|table| table.get_str("habits")) == Some(name))
}

/// The guessed defaults that are used, population by population.
fn guesses(populations: &[Population], traffic: &[Traffic], box_is_ticked: &[bool]) -> Vec<Guess> {
    let mut guesses = Vec::new();
    for (index, population) in populations.iter().enumerate() {
        let of_population = || traffic.iter().filter(move |traffic| traffic.visitors == index);
        if of_population().next().is_none() {
            continue;
        }
        let owners_matter = of_population().any(|traffic| match traffic.arrivals {
            // The rows of a trace may name any chatflow.
            TrafficArrivals::Recorded(_) => box_is_ticked.contains(&true),
            TrafficArrivals::Drawn(_) => box_is_ticked[traffic.chatflow.index()],
        });
        guesses.extend(population.guesses(owners_matter));
    }
    guesses
}
