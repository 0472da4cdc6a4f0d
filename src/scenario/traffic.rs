//! `[[traffic]]`: when visitors come, and to which chatflow.

use std::path::Path;

use crate::calendar::Zone;
use crate::diagnostic::{Code, Diagnostic, Place};
use crate::ids::ChatflowId;
use crate::workload::{ArrivalModel, Busyness, Profile};

use super::chatflows::Chatflows;
use super::model::{TraceColumn, TraceSource, Traffic, TrafficArrivals};
use super::people::{People, drop_duplicates};
use super::reader::{Fields, Keys, Mistakes, name, number, string, tables};
use super::tree::Node;
use super::values::zone;
use super::visitors::{Population, default_population};

const TRAFFIC: Keys = Keys {
    table: "[[traffic]]",
    built: &[
        "name", "chatflow", "visitors", "per_hour", "per_day", "per_week", "profile", "busyness",
        "trace",
    ],
    unbuilt: &["spikes", "scale"],
};
const BUSYNESS: Keys = Keys {
    table: "`busyness`",
    built: &["day_cv", "day_gamma", "slot_cv", "slot_gamma"],
    unbuilt: &[],
};
const TRACE: Keys = Keys {
    table: "`trace`",
    built: &[
        "file",
        "at",
        "chatflow",
        "contact",
        "owner",
        "tracked",
        "leaves_email",
        "messages",
        "patience_s",
        "work_s",
        "format",
        "time_zone",
    ],
    unbuilt: &[],
};

/// Arrivals of an average day where nothing is said.
const PER_DAY: f64 = 100.0;

/// More arrivals than this on an average day are refused.
const MOST_PER_DAY: f64 = 1e8;

/// The largest coefficient of variation of a factor of busyness, and the smallest shape.
const LARGEST_CV: f64 = 10.0;
const LEAST_SHAPE: f64 = 0.01;

/// What traffic refers to.
pub(super) struct World<'w> {
    pub(super) people: &'w People,
    pub(super) chatflows: &'w Chatflows,
    pub(super) run_zone: &'w Zone,
    /// Files are found from here.
    pub(super) directory: &'w Path,
}

/// Reads `[[traffic]]` in file order. If there is traffic and no population of visitors, one is
/// added.
pub(super) fn read(
    node: Option<&Node>,
    world: &World<'_>,
    populations: &mut Vec<Population>,
    mistakes: &mut Mistakes,
) -> Vec<Traffic> {
    let tables = tables(node, "traffic", mistakes);
    if populations.is_empty() && !tables.is_empty() {
        populations.push(default_population(world.people, mistakes));
    }
    let mut all: Vec<(Traffic, &Place)> = tables
        .into_iter()
        .filter_map(|node| {
            let fields = Fields::of(node, &TRAFFIC, mistakes)?;
            traffic(&fields, world, populations, mistakes)
        })
        .collect();
    drop_duplicates(&mut all, "[[traffic]] table", |(t, place)| (&t.name, place), mistakes);
    all.into_iter().map(|(traffic, _)| traffic).collect()
}

fn traffic<'a>(
    fields: &Fields<'a>,
    world: &World<'_>,
    populations: &[Population],
    mistakes: &mut Mistakes,
) -> Option<(Traffic, &'a Place)> {
    let arrivals = match fields.get("trace") {
        Some(node) => recorded(node, fields, world, mistakes).map(TrafficArrivals::Recorded),
        None => Some(TrafficArrivals::Drawn(Box::new(drawn(fields, mistakes)))),
    };
    let visitors = visitors(fields, populations, mistakes);
    let named = fields.get("name").map(|node| (name(node, mistakes), &node.place));
    let chatflow = chatflow(fields, world, arrivals.as_ref(), mistakes)?;
    let (name, place) = match named {
        Some((name, place)) => (name?, place),
        None => {
            let place = fields.get("chatflow").map_or(fields.place, |node| &node.place);
            (world.chatflows.all[chatflow.index()].name.clone(), place)
        }
    };
    Some((Traffic { name, chatflow, visitors: visitors?, arrivals: arrivals? }, place))
}

fn chatflow(
    fields: &Fields<'_>,
    world: &World<'_>,
    arrivals: Option<&TrafficArrivals>,
    mistakes: &mut Mistakes,
) -> Option<ChatflowId> {
    if let Some(node) = fields.get("chatflow") {
        let name = string(node, mistakes)?;
        return world.chatflows.named(name, &node.place, mistakes);
    }
    let rows_say_it = match arrivals {
        Some(TrafficArrivals::Recorded(trace)) => {
            trace.columns.iter().any(|(column, _)| *column == TraceColumn::Chatflow)
        }
        _ => false,
    };
    match world.chatflows.all[..] {
        [] => None,
        [_] => Some(ChatflowId::new(0)),
        [_, ..] if rows_say_it => Some(ChatflowId::new(0)),
        [_, ..] => {
            let names: Vec<&str> = world.chatflows.all.iter().map(|f| f.name.as_str()).collect();
            ambiguous(fields, "chatflow", &names, mistakes);
            None
        }
    }
}

/// The index of the population.
fn visitors(
    fields: &Fields<'_>,
    populations: &[Population],
    mistakes: &mut Mistakes,
) -> Option<usize> {
    let names = populations.iter().map(|population| population.visitors.name.as_str());
    if let Some(node) = fields.get("visitors") {
        let name = string(node, mistakes)?;
        let index = names.clone().position(|known| known == name);
        if index.is_none() {
            mistakes.unknown_name(&node.place, "[visitors] table", name, names);
        }
        return index;
    }
    match populations.len() {
        0 => None,
        1 => Some(0),
        _ => {
            ambiguous(fields, "visitors", &names.collect::<Vec<_>>(), mistakes);
            None
        }
    }
}

fn ambiguous(fields: &Fields<'_>, key: &str, names: &[&str], mistakes: &mut Mistakes) {
    let message = format!("[[traffic]] needs `{key}`, because there are several");
    let help = format!("one of {}", names.join(", "));
    mistakes.error_with_help(Code::MissingKey, fields.place, message, help);
}

/// Arrivals drawn from a rate.
fn drawn(fields: &Fields<'_>, mistakes: &mut Mistakes) -> ArrivalModel {
    let given = fields.given(&["per_hour", "per_day", "per_week"]);
    if let [first, second, ..] = given[..] {
        let message = format!("[[traffic]] has one rate, not `{first}` and `{second}`");
        both(fields, first, second, message, mistakes);
    }
    let per_day = given.first().and_then(|&key| {
        let days_each = match key {
            "per_hour" => 24.0,
            "per_day" => 1.0,
            _ => 1.0 / 7.0,
        };
        fields
            .read(key, mistakes, |n, m| number(n, 0.0, MOST_PER_DAY / days_each, m))
            .map(|rate| rate * days_each)
    });
    ArrivalModel {
        per_day: per_day.unwrap_or(PER_DAY),
        profile: fields.read("profile", mistakes, profile).unwrap_or_else(business),
        busyness: fields.read("busyness", mistakes, busyness).unwrap_or_default(),
    }
}

/// A contradiction between two keys.
fn both(fields: &Fields<'_>, a: &str, b: &str, message: String, mistakes: &mut Mistakes) {
    let place = |key| fields.key_place(key).unwrap_or(fields.place);
    let diagnostic = Diagnostic::error(Code::Conflict, message).at(place(b));
    mistakes.add(diagnostic.related(place(a), "already here"));
}

fn business() -> Profile {
    Profile::named("business").expect("it is built in")
}

fn profile(node: &Node, mistakes: &mut Mistakes) -> Option<Profile> {
    let built_in = || format!("built in are {}", Profile::names().join(", "));
    if node.as_table().is_some() {
        mistakes.not_built(&node.place, "a profile of one's own", built_in());
        return None;
    }
    let name = string(node, mistakes)?;
    let profile = Profile::named(name);
    if profile.is_none() && name.ends_with(".csv") {
        mistakes.not_built(&node.place, "a profile in a file", built_in());
    } else if profile.is_none() {
        mistakes.unknown_name(&node.place, "profile", name, Profile::names().iter().copied());
    }
    profile
}

fn busyness(node: &Node, mistakes: &mut Mistakes) -> Option<Busyness> {
    let fields = Fields::of(node, &BUSYNESS, mistakes)?;
    let mut shape = |cv: &str, gamma: &str| match fields.given(&[
        "day_cv",
        "slot_cv",
        "day_gamma",
        "slot_gamma",
    ]) {
        given if given.contains(&cv) && given.contains(&gamma) => {
            let message = format!("`{cv}` and `{gamma}` say the same thing");
            both(&fields, cv, gamma, message, mistakes);
            None
        }
        given if given.contains(&cv) => fields
            .read(cv, mistakes, |n, m| number(n, 0.0, LARGEST_CV, m))
            .filter(|cv| *cv > 0.0)
            .map(|cv| (cv * cv).recip()),
        given if given.contains(&gamma) => {
            fields.read(gamma, mistakes, |n, m| number(n, LEAST_SHAPE, 1e12, m))
        }
        _ => None,
    };
    let day_shape = shape("day_cv", "day_gamma");
    let slot_shape = shape("slot_cv", "slot_gamma");
    Some(Busyness { day_shape, slot_shape })
}

/// Arrivals recorded in a file.
fn recorded(
    node: &Node,
    fields: &Fields<'_>,
    world: &World<'_>,
    mistakes: &mut Mistakes,
) -> Option<TraceSource> {
    for key in fields.given(&["per_hour", "per_day", "per_week", "profile", "busyness"]) {
        let message = format!("a recorded trace brings its own times, so there is no `{key}`");
        both(fields, "trace", key, message, mistakes);
    }
    let trace = node.as_table().is_some().then(|| Fields::of(node, &TRACE, mistakes)).flatten();
    let file_node = match trace {
        Some(trace) => trace.require("file", mistakes),
        None => Some(node),
    };
    let mut columns = Vec::new();
    let mut format = None;
    let mut time_zone = None;
    if let Some(trace) = trace {
        for column in TraceColumn::ALL {
            let name = trace.read(column.name(), mistakes, string);
            columns.extend(name.map(|name| (column, name.to_owned())));
        }
        format = trace.read("format", mistakes, time_format);
        time_zone = trace.read("time_zone", mistakes, zone);
    }
    let file_node = file_node?;
    let file = world.directory.join(string(file_node, mistakes)?);
    let place = file_node.place.clone();
    if file.is_dir() {
        let message = format!("{} is a directory", file.display());
        mistakes.error(Code::UnreadableFile, &place, message);
    } else if !file.exists() {
        let message = format!("there is no file {}", file.display());
        let help = "files are found from the directory of the scenario";
        mistakes.error_with_help(Code::MissingFile, &place, message, help);
    }
    let time_zone = time_zone.unwrap_or_else(|| world.run_zone.clone());
    let rows_name_chatflows = fields.get("chatflow").is_none() && world.chatflows.all.len() > 1;
    Some(TraceSource { file, columns, format, time_zone, rows_name_chatflows, place })
}

/// A format of times in `strptime` form.
fn time_format(node: &Node, mistakes: &mut Mistakes) -> Option<String> {
    let text = string(node, mistakes)?;
    match jiff::fmt::strtime::format(text, jiff::Timestamp::UNIX_EPOCH) {
        Ok(written) if text.contains('%') && !written.is_empty() => Some(text.to_owned()),
        _ => {
            let message = format!("\"{text}\" is no format of times");
            let help = "as in \"%d/%m/%Y %H:%M\"";
            mistakes.error_with_help(Code::ImpossibleValue, &node.place, message, help);
            None
        }
    }
}
