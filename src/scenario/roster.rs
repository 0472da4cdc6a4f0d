//! Who there is, in which order, and who is in which team: what teams and agents say about each
//! other, put together.

use std::cell::LazyCell;
use std::collections::HashMap;

use crate::diagnostic::{Code, Diagnostic, Place};
use crate::ids::AgentId;

use super::people::{AgentTable, DEFAULT_TEAM_SIZE, MOST_AGENTS, Members, TeamTable};
use super::reader::{Mistakes, order_in_text};

/// Who there is, in the order in which the file mentions them, and who is in which team.
#[derive(Default)]
pub(super) struct Roster {
    pub(super) ids: HashMap<String, AgentId>,
    pub(super) names: Vec<String>,
    /// The agent's own table, if it has one.
    pub(super) tables: Vec<Option<usize>>,
    /// The teams that the agent is in.
    pub(super) teams_of: Vec<Vec<usize>>,
    /// The members of each team.
    pub(super) members: Vec<Vec<AgentId>>,
}

impl Roster {
    pub(super) fn of(
        teams: &[TeamTable<'_>],
        agents: &[AgentTable<'_>],
        mistakes: &mut Mistakes,
    ) -> Self {
        let naming = agents_by_team_they_name(teams, agents, mistakes);
        let numbered: Vec<u32> = teams
            .iter()
            .zip(&naming)
            .map(|(team, naming)| match team.members {
                Members::Numbered(size, _) => size,
                Members::Unsaid if naming.is_empty() => DEFAULT_TEAM_SIZE,
                _ => 0,
            })
            .collect();
        let generated: u64 = numbered.iter().copied().map(u64::from).sum();
        if let Some(team) = teams.first()
            && generated > u64::from(MOST_AGENTS)
        {
            let message = format!("there are {generated} agents, more than {MOST_AGENTS}");
            mistakes.impossible(team.header, message);
            return Self { members: vec![Vec::new(); teams.len()], ..Self::default() };
        }
        let mut known: HashMap<String, Option<usize>> = HashMap::new();
        for (team, &size) in teams.iter().zip(&numbered) {
            known.extend((1..=size).map(|n| (format!("{}-{n}", team.name), None)));
        }
        known.extend(agents.iter().enumerate().map(|(index, a)| (a.name.clone(), Some(index))));

        let mut roster = Self { members: vec![Vec::new(); teams.len()], ..Self::default() };
        let mut order: Vec<(&Place, Result<usize, usize>)> = Vec::new();
        order.extend(teams.iter().enumerate().map(|(index, team)| (team.header, Ok(index))));
        order.extend(agents.iter().enumerate().map(|(index, agent)| (agent.header, Err(index))));
        order.sort_by_key(|(header, _)| order_in_text(header));
        for (_, table) in order {
            match table {
                Err(agent) => {
                    roster.add(&agents[agent].name, Some(agent));
                }
                Ok(team) => {
                    for n in 1..=numbered[team] {
                        let name = format!("{}-{n}", teams[team].name);
                        let table = known[&name];
                        roster.join(team, &name, table);
                    }
                    roster.join_listed(team, &teams[team], &known, mistakes);
                }
            }
        }
        for (team, naming) in naming.iter().enumerate() {
            roster.join_naming(team, &teams[team], naming, mistakes);
        }
        roster.check_named_teams(teams, agents, mistakes);
        roster
    }

    fn add(&mut self, name: &str, table: Option<usize>) -> AgentId {
        if let Some(&id) = self.ids.get(name) {
            return id;
        }
        let id = AgentId::new(self.names.len());
        self.ids.insert(name.to_owned(), id);
        self.names.push(name.to_owned());
        self.tables.push(table);
        self.teams_of.push(Vec::new());
        id
    }

    fn join(&mut self, team: usize, name: &str, table: Option<usize>) {
        let id = self.add(name, table);
        self.members[team].push(id);
        self.teams_of[id.index()].push(team);
    }

    /// The agents that a team lists by name.
    fn join_listed(
        &mut self,
        team: usize,
        table: &TeamTable<'_>,
        known: &HashMap<String, Option<usize>>,
        mistakes: &mut Mistakes,
    ) {
        let Members::Listed(names, _) = &table.members else { return };
        let mut places: HashMap<&str, &Place> = HashMap::new();
        // Sorted, so that a suggestion does not depend on the hash.
        let sorted = LazyCell::new(|| {
            let mut names: Vec<&str> = known.keys().map(String::as_str).collect();
            names.sort_unstable();
            names
        });
        for &(name, place) in names {
            let Some(&agent) = known.get(name) else {
                mistakes.unknown_agent(place, name, sorted.iter().copied());
                continue;
            };
            if let Some(first) = places.insert(name, place) {
                let message = format!("`{name}` is in team `{}` twice", table.name);
                let diagnostic = Diagnostic::error(Code::Conflict, message).at(place);
                mistakes.add(diagnostic.related(first, "already here"));
                continue;
            }
            self.join(team, name, agent);
        }
    }

    /// The agents that name a team: its members if it names none, else the two have to agree.
    fn join_naming(
        &mut self,
        team: usize,
        table: &TeamTable<'_>,
        naming: &[(&AgentTable<'_>, &Place)],
        mistakes: &mut Mistakes,
    ) {
        for &(agent, place) in naming {
            let id = self.ids[&agent.name];
            if self.teams_of[id.index()].contains(&team) {
                continue;
            }
            match table.members {
                Members::Unsaid => {
                    self.members[team].push(id);
                    self.teams_of[id.index()].push(team);
                }
                Members::Numbered(_, said) | Members::Listed(_, said) => {
                    let message = format!(
                        "`{}` says it is in team `{}`, which does not have it",
                        agent.name, table.name
                    );
                    let diagnostic = Diagnostic::error(Code::Conflict, message).at(place);
                    mistakes.add(diagnostic.related(&said.place, "the team's agents"));
                }
            }
        }
    }

    /// An agent that names its teams names all of them.
    fn check_named_teams(
        &self,
        teams: &[TeamTable<'_>],
        agents: &[AgentTable<'_>],
        mistakes: &mut Mistakes,
    ) {
        for agent in agents {
            let Some(&(_, place)) = agent.teams.first() else { continue };
            for &team in &self.teams_of[self.ids[&agent.name].index()] {
                let team = &teams[team];
                if !agent.teams.iter().any(|(name, _)| *name == team.name) {
                    let message = format!(
                        "`{}` names its teams but not `{}`, which has it",
                        agent.name, team.name
                    );
                    let diagnostic = Diagnostic::error(Code::Conflict, message).at(place);
                    mistakes.add(diagnostic.related(team.header, "this team"));
                }
            }
        }
    }
}

/// For each team the agents that name it.
fn agents_by_team_they_name<'a>(
    teams: &[TeamTable<'_>],
    agents: &'a [AgentTable<'a>],
    mistakes: &mut Mistakes,
) -> Vec<Vec<(&'a AgentTable<'a>, &'a Place)>> {
    let numbers: HashMap<&str, usize> =
        teams.iter().enumerate().map(|(index, team)| (team.name.as_str(), index)).collect();
    let mut naming = vec![Vec::new(); teams.len()];
    for agent in agents {
        for &(name, place) in &agent.teams {
            match numbers.get(name) {
                Some(&team) => naming[team].push((agent, place)),
                None => {
                    let known = teams.iter().map(|team| team.name.as_str());
                    mistakes.unknown_name(place, "team", name, known);
                }
            }
        }
    }
    naming
}
