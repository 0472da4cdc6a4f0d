//! `[[team]]` and `[[agent]]`: who there is, in which order, and when they work.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::civil::Date;

use crate::calendar::{OfficeHours, WeeklyHours, Zone};
use crate::diagnostic::{Code, Diagnostic, Place};
use crate::ids::{AgentId, TeamId};
use crate::routing::{AgentSettings, HoursActAs, Target};

use super::habits::HabitsByName;
use super::hours::{days_off, weekly_hours};
use super::model::{Agent, Team};
use super::reader::{Fields, Keys, Mistakes, list, name, string, tables, whole};
use super::roster::Roster;
use super::tree::{Node, NodeValue, Table};
use super::values::zone;

/// Agents of a team that says nothing about them.
pub(super) const DEFAULT_TEAM_SIZE: u32 = 5;

/// More agents than this are refused.
pub(super) const MOST_AGENTS: u32 = 1_000_000;

const TEAM: Keys = Keys {
    table: "[[team]]",
    built: &[
        "name",
        "agents",
        "office_hours",
        "time_zone",
        "days_off",
        "habits",
        "capacity",
        "weight",
    ],
    unbuilt: &["leaves", "joins", "speed"],
};
const AGENT: Keys = Keys {
    table: "[[agent]]",
    built: &[
        "name",
        "team",
        "teams",
        "office_hours",
        "time_zone",
        "days_off",
        "habits",
        "capacity",
        "weight",
    ],
    unbuilt: &["leaves", "joins", "speed"],
};

/// The largest capacity, with which shares of it can still be compared exactly.
const MOST_CAPACITY: u32 = 65_535;

const MOST_WEIGHT: u32 = 1_000_000;

/// Agents and teams, and how they are called.
pub(super) struct People {
    pub(super) agents: Vec<Agent>,
    pub(super) teams: Vec<Team>,
    agent_ids: HashMap<String, AgentId>,
    team_ids: HashMap<String, TeamId>,
}

impl People {
    /// The agent of that name, or a mistake at `place`.
    pub(super) fn agent(
        &self,
        name: &str,
        place: &Place,
        mistakes: &mut Mistakes,
    ) -> Option<AgentId> {
        let id = self.agent_ids.get(name).copied();
        if id.is_none() {
            mistakes.unknown_name(place, "agent", name, self.agents.iter().map(|a| &*a.name));
        }
        id
    }

    /// The team of that name, or a mistake at `place`.
    pub(super) fn team(
        &self,
        name: &str,
        place: &Place,
        mistakes: &mut Mistakes,
    ) -> Option<TeamId> {
        let id = self.team_ids.get(name).copied();
        if id.is_none() {
            mistakes.unknown_name(place, "team", name, self.teams.iter().map(|t| &*t.name));
        }
        id
    }

    /// The agents of a routing list, some perhaps twice.
    pub(super) fn listed<'p>(&'p self, list: &'p [Target]) -> impl Iterator<Item = AgentId> + 'p {
        let agents = list.iter().flat_map(|target| match target {
            Target::Agent(agent) => std::slice::from_ref(agent),
            Target::Team(team) => &self.teams[team.index()].agents,
        });
        agents.copied()
    }

    pub(super) fn is_agent(&self, name: &str) -> bool {
        self.agent_ids.contains_key(name)
    }

    pub(super) fn is_team(&self, name: &str) -> bool {
        self.team_ids.contains_key(name)
    }
}

/// A value and where it was said.
type Said<'a, T> = Option<(T, &'a Node)>;

/// What an agent says, or a team on behalf of its members.
pub(super) struct AboutAgent<'a> {
    office_hours: Said<'a, WeeklyHours>,
    time_zone: Said<'a, Zone>,
    days_off: Said<'a, BTreeSet<Date>>,
    /// By name.
    habits: Said<'a, &'a str>,
    capacity: Said<'a, u32>,
    weight: Said<'a, u32>,
}

impl<'a> AboutAgent<'a> {
    fn read(fields: &Fields<'a>, habits: &HabitsByName, mistakes: &mut Mistakes) -> Self {
        if let Some(place) = fields.key_place("capacity") {
            mistakes.not_simulated(place, "`capacity`", None);
        }
        let number = |key, low, high, mistakes: &mut Mistakes| {
            fields.read(key, mistakes, |n, m| Some((whole(n, low, high, m)?, n)))
        };
        Self {
            capacity: number("capacity", 0, MOST_CAPACITY, mistakes),
            weight: number("weight", 1, MOST_WEIGHT, mistakes),
            office_hours: fields
                .read("office_hours", mistakes, |n, m| Some((weekly_hours(n, m)?, n))),
            time_zone: fields.read("time_zone", mistakes, |n, m| Some((zone(n, m)?, n))),
            days_off: fields.read("days_off", mistakes, |n, m| Some((days_off(n, m)?, n))),
            habits: fields.read("habits", mistakes, |node, mistakes| {
                let name = string(node, mistakes)?;
                if habits.get(name).is_none() {
                    mistakes.unknown_name(&node.place, "[habits] table", name, habits.names());
                    return None;
                }
                Some((name, node))
            }),
        }
    }
}

/// Who belongs to a team, as the team says it.
pub(super) enum Members<'a> {
    /// Nothing is said: those who name the team, or else five.
    Unsaid,
    /// `NAME-1` to `NAME-n`.
    Numbered(u32, &'a Node),
    Listed(Vec<(&'a str, &'a Place)>, &'a Node),
}

pub(super) struct TeamTable<'a> {
    pub(super) name: String,
    /// Where its name is.
    pub(super) place: &'a Place,
    pub(super) header: &'a Place,
    pub(super) members: Members<'a>,
    pub(super) about: AboutAgent<'a>,
}

pub(super) struct AgentTable<'a> {
    pub(super) name: String,
    pub(super) place: &'a Place,
    pub(super) header: &'a Place,
    /// The teams it names.
    pub(super) teams: Vec<(&'a str, &'a Place)>,
    pub(super) about: AboutAgent<'a>,
}

/// Reads `[[team]]` and `[[agent]]`.
pub(super) fn read(
    root: &Table,
    run_zone: &Zone,
    habits: &HabitsByName,
    mistakes: &mut Mistakes,
) -> People {
    let node = |key| root.get(key).map(|entry| &entry.node);
    let mut teams: Vec<TeamTable<'_>> = tables(node("team"), "team", mistakes)
        .into_iter()
        .filter_map(|node| team_table(node, habits, mistakes))
        .collect();
    let mut agents: Vec<AgentTable<'_>> = tables(node("agent"), "agent", mistakes)
        .into_iter()
        .filter_map(|node| agent_table(node, habits, mistakes))
        .collect();
    drop_duplicates(&mut teams, "team", |team| (&team.name, team.place), mistakes);
    drop_duplicates(&mut agents, "agent", |agent| (&agent.name, agent.place), mistakes);

    let roster = Roster::of(&teams, &agents, mistakes);
    let mut settled = Settler { reported: BTreeSet::new(), mistakes };
    let people_agents = roster
        .names
        .iter()
        .enumerate()
        .map(|(index, name)| {
            let table = roster.tables[index].map(|table| &agents[table]);
            let teams: Vec<&TeamTable<'_>> =
                roster.teams_of[index].iter().map(|&team| &teams[team]).collect();
            settled.agent(name, table, &teams, run_zone, habits)
        })
        .collect();
    let people_teams: Vec<Team> = teams
        .iter()
        .zip(roster.members)
        .map(|(team, agents)| Team { name: team.name.clone(), agents })
        .collect();
    People {
        agents: people_agents,
        agent_ids: roster.ids,
        team_ids: people_teams
            .iter()
            .enumerate()
            .map(|(index, team)| (team.name.clone(), TeamId::new(index)))
            .collect(),
        teams: people_teams,
    }
}

fn team_table<'a>(
    node: &'a Node,
    habits: &HabitsByName,
    mistakes: &mut Mistakes,
) -> Option<TeamTable<'a>> {
    let fields = Fields::of(node, &TEAM, mistakes)?;
    let members = fields.read("agents", mistakes, members).unwrap_or(Members::Unsaid);
    let about = AboutAgent::read(&fields, habits, mistakes);
    let name_node = fields.require("name", mistakes)?;
    let name = name(name_node, mistakes)?;
    Some(TeamTable { name, place: &name_node.place, header: &node.place, members, about })
}

fn members<'a>(node: &'a Node, mistakes: &mut Mistakes) -> Option<Members<'a>> {
    match &node.value {
        NodeValue::Integer(Some(0)) => {}
        NodeValue::Integer(_) => {
            return whole(node, 1, MOST_AGENTS, mistakes).map(|n| Members::Numbered(n, node));
        }
        NodeValue::Array(items) if items.is_empty() => {}
        NodeValue::Array(_) => {
            let names = list(node, "a list of names", mistakes, |item, mistakes| {
                Some((string(item, mistakes)?, &item.place))
            })?;
            return Some(Members::Listed(names, node));
        }
        _ => {
            mistakes.wrong_type(node, "a number of agents or a list of their names");
            return None;
        }
    }
    mistakes.impossible(&node.place, "a team needs at least one agent");
    None
}

fn agent_table<'a>(
    node: &'a Node,
    habits: &HabitsByName,
    mistakes: &mut Mistakes,
) -> Option<AgentTable<'a>> {
    let fields = Fields::of(node, &AGENT, mistakes)?;
    let one =
        |node: &'a Node, mistakes: &mut Mistakes| Some((string(node, mistakes)?, &node.place));
    let team = fields.read("team", mistakes, one);
    let teams = fields.read("teams", mistakes, |n, m| list(n, "a list of teams", m, one));
    if let (Some(team), Some(teams)) = (fields.key_place("team"), fields.key_place("teams")) {
        let message = "an agent says `team` or `teams`, not both";
        mistakes.add(Diagnostic::error(Code::Conflict, message).at(teams).related(team, "already"));
    }
    let about = AboutAgent::read(&fields, habits, mistakes);
    let name_node = fields.require("name", mistakes)?;
    let name = name(name_node, mistakes)?;
    let teams = team.into_iter().chain(teams.into_iter().flatten()).collect();
    Some(AgentTable { name, place: &name_node.place, header: &node.place, teams, about })
}

/// Keeps the first of those with the same name and notes the others.
pub(super) fn drop_duplicates<T>(
    tables: &mut Vec<T>,
    what: &str,
    name: impl Fn(&T) -> (&String, &Place),
    mistakes: &mut Mistakes,
) {
    let mut first: BTreeMap<String, Place> = BTreeMap::new();
    tables.retain(|table| {
        let (name, place) = name(table);
        let Some(other) = first.get(name) else {
            first.insert(name.clone(), place.clone());
            return true;
        };
        let message = format!("there are two {what}s called `{name}`");
        let diagnostic = Diagnostic::error(Code::Conflict, message).at(place);
        mistakes.add(diagnostic.related(other, "the first is here"));
        false
    });
}

/// Decides what holds for each agent: what it says itself, else what its teams say.
struct Settler<'m> {
    /// Contradictions between teams that have been noted: both places.
    reported: BTreeSet<(usize, usize)>,
    mistakes: &'m mut Mistakes,
}

impl Settler<'_> {
    fn agent<'a>(
        &mut self,
        name: &str,
        own: Option<&AgentTable<'a>>,
        teams: &[&TeamTable<'a>],
        run_zone: &Zone,
        habits: &HabitsByName,
    ) -> Agent {
        let own = own.map(|table| &table.about);
        macro_rules! settle {
            ($key:ident) => {
                self.value(
                    (name, stringify!($key)),
                    own.and_then(|about| about.$key.as_ref()),
                    teams.iter().filter_map(|team| Some((*team, team.about.$key.as_ref()?))),
                )
            };
        }
        let zone = settle!(time_zone).cloned().unwrap_or_else(|| run_zone.clone());
        let weekly = settle!(office_hours).cloned();
        let days_off = settle!(days_off).cloned().unwrap_or_default();
        let habits = habits
            .get(settle!(habits).copied().unwrap_or("default"))
            .expect("names of habits have been checked, and there is a default")
            .clone();
        let settings = AgentSettings {
            capacity: settle!(capacity).copied(),
            weight: settle!(weight).copied().unwrap_or(1),
            // That is said by the chatflows.
            hours_act_as: HoursActAs::default(),
        };
        let hours = OfficeHours { zone, weekly, days_off };
        Agent { name: name.to_owned(), hours, habits, settings }
    }

    fn value<'t, 'a: 't, T: 't>(
        &mut self,
        (agent, key): (&str, &str),
        own: Option<&'t (T, &'a Node)>,
        teams: impl Iterator<Item = (&'t TeamTable<'a>, &'t (T, &'a Node))>,
    ) -> Option<&'t T> {
        if let Some((value, _)) = own {
            return Some(value);
        }
        let mut teams = teams;
        let (first, (value, node)) = teams.next()?;
        for (team, (_, other)) in teams {
            let places = (node.place.span().start, other.place.span().start);
            if !other.says_the_same_as(node) && self.reported.insert(places) {
                let message = format!(
                    "`{agent}` is in the teams `{}` and `{}`, which give it different `{key}`",
                    first.name, team.name
                );
                let diagnostic = Diagnostic::error(Code::Conflict, message)
                    .at(&other.place)
                    .related(&node.place, format!("of `{}`", first.name))
                    .help(format!("give `{agent}` a `{key}` of its own"));
                self.mistakes.add(diagnostic);
            }
        }
        Some(value)
    }
}
