//! Warnings about a scenario that is valid but will hardly do what was meant.

use std::collections::BTreeMap;

use crate::calendar::{OfficeHours, Origin, Schedule, Window, civil_slots};
use crate::diagnostic::{Code, Diagnostic};
use crate::ids::{AgentId, ChatflowId};
use crate::routing::{LeadRecipients, OwnerOffline, Target};
use crate::time::SimTime;
use crate::workload::{ArrivalModel, OwnerShares};

use super::model::{Chatflow, Scenario, TrafficArrivals};
use super::reader::some_names;

const HOUR_MS: u64 = 3_600_000;

/// What will happen in a run that was hardly meant: agents who never get a chat, chatflows nobody
/// writes into or nobody answers, contacts that belong to agents who never work.
///
/// # Panics
///
/// If the run is beyond the calendar, which no scenario that was read is.
#[must_use]
pub fn lints(scenario: &Scenario) -> Vec<Diagnostic> {
    let hours = RunHours::of(scenario);
    let mut warnings = Vec::new();
    warnings.extend(idle_agents(scenario));
    warnings.extend(silent_chatflows(scenario));
    for (index, flow) in scenario.chatflows.iter().enumerate() {
        warnings.extend(uncovered_hours(scenario, ChatflowId::new(index), flow, &hours));
    }
    warnings.extend(idle_owners(scenario, &hours));
    warnings.extend(overnight(scenario));
    warnings.extend(scenario.unused.iter().map(|(table, place)| {
        Diagnostic::warning(Code::UnusedTable, format!("nothing uses [{table}]")).at(place)
    }));
    warnings
}

/// Windows over midnight that are longer than half a day, which are rather mistyped than worked.
fn overnight(scenario: &Scenario) -> Vec<Diagnostic> {
    let mut windows: Vec<Window> = scenario
        .agents
        .iter()
        .filter_map(|agent| agent.hours.weekly.as_ref())
        .flat_map(|weekly| (0..7).flat_map(|day| weekly.on(day)))
        .copied()
        .filter(|window| window.is_over_midnight() && window.minutes() > 12 * 60)
        .collect();
    windows.sort_unstable();
    windows.dedup();
    windows
        .into_iter()
        .map(|window| {
            let message = format!("{window} is read as a night shift of more than twelve hours");
            let help = "were opening and closing meant the other way round?";
            Diagnostic::warning(Code::LongNight, message).help(help)
        })
        .collect()
}

/// Everybody's office hours, compiled for the measured part of the run.
struct RunHours<'s> {
    origin: Origin,
    starts: SimTime,
    until: SimTime,
    /// Many agents keep the same hours.
    schedules: BTreeMap<&'s OfficeHours, Schedule>,
}

impl<'s> RunHours<'s> {
    fn of(scenario: &'s Scenario) -> Self {
        let run = &scenario.run;
        let (origin, starts) = Origin::new(run.time_zone.clone(), run.starts, run.warm_up)
            .expect("dates of a scenario are within the calendar");
        let until = origin
            .after(run.starts, run.lasts)
            .expect("lengths of a scenario are within the calendar");
        let mut schedules = BTreeMap::new();
        for agent in &scenario.agents {
            schedules.entry(&agent.hours).or_insert_with(|| agent.hours.schedule(&origin, until));
        }
        Self { origin, starts, until, schedules }
    }

    fn schedule(&self, scenario: &'s Scenario, agent: AgentId) -> &Schedule {
        &self.schedules[&scenario.agents[agent.index()].hours]
    }

    fn never_in_hours(&self, scenario: &'s Scenario, agent: AgentId) -> bool {
        self.schedule(scenario, agent).open_between(self.starts, self.until).as_millis() == 0
    }
}

/// Agents who are on no list, get no email leads, and own nobody whose owner is asked.
fn idle_agents(scenario: &Scenario) -> Option<Diagnostic> {
    let mut is_reached = vec![false; scenario.agents.len()];
    for flow in &scenario.chatflows {
        for agent in listed(scenario, flow) {
            is_reached[agent.index()] = true;
        }
        if let LeadRecipients::Agent(agent) = flow.routing.email_leads.to {
            is_reached[agent.index()] = true;
        }
    }
    let owners = owner_shares(scenario, |_| true);
    let idle: Vec<AgentId> = (0..scenario.agents.len())
        .map(AgentId::new)
        .filter(|agent| !is_reached[agent.index()])
        .filter(|&agent| owners.iter().all(|shares| share_of(shares, agent) == 0.0))
        .collect();
    let (verb, they) = if idle.len() == 1 { ("is", "gets") } else { ("are", "get") };
    (!idle.is_empty()).then(|| {
        let message =
            format!("{} {verb} on no routing list and never {they} a chat", names(scenario, &idle));
        Diagnostic::warning(Code::IdleAgent, message)
            .help("add them to a team or to a chatflow's `route_to`")
    })
}

/// Chatflows nobody writes into.
fn silent_chatflows(scenario: &Scenario) -> Vec<Diagnostic> {
    // The rows of a recorded trace may name any chatflow.
    if scenario.traffic.iter().any(|t| matches!(t.arrivals, TrafficArrivals::Recorded(_))) {
        return Vec::new();
    }
    scenario
        .chatflows
        .iter()
        .enumerate()
        .filter(|(index, _)| scenario.traffic.iter().all(|t| t.chatflow.index() != *index))
        .map(|(_, flow)| {
            let name = &flow.name;
            Diagnostic::warning(Code::NoTraffic, format!("nobody ever writes into `{name}`"))
                .help(format!("add a [[traffic]] with chatflow = \"{name}\""))
        })
        .collect()
}

/// The hours of a run in which nobody of a chatflow's list works, and who comes in them.
fn uncovered_hours(
    scenario: &Scenario,
    id: ChatflowId,
    flow: &Chatflow,
    hours: &RunHours<'_>,
) -> Option<Diagnostic> {
    let mut kept: Vec<&OfficeHours> =
        listed(scenario, flow).map(|agent| &scenario.agents[agent.index()].hours).collect();
    kept.sort_unstable();
    kept.dedup();
    let schedules: Vec<&Schedule> = kept.into_iter().map(|kept| &hours.schedules[kept]).collect();
    let covered = Schedule::union(&schedules);
    let open = covered.open_between(hours.starts, hours.until);
    let total = hours.until.since(hours.starts);
    if open == total {
        return None;
    }
    let name = &flow.name;
    if open.as_millis() == 0 {
        let message = format!("nobody of `{name}` is in hours at any time of the run");
        return Some(
            Diagnostic::warning(Code::NobodyInHours, message)
                .help("look at `office_hours`, `time_zone` and `days_off` of its agents"),
        );
    }
    let in_hours = |ms: u64| (ms + HOUR_MS / 2) / HOUR_MS;
    let message = format!(
        "nobody of `{name}` is in hours for {} of the run's {} hours",
        in_hours((total - open).as_millis()),
        in_hours(total.as_millis())
    );
    let models: Vec<&ArrivalModel> = scenario
        .traffic
        .iter()
        .filter(|traffic| traffic.chatflow == id)
        .filter_map(|traffic| match &traffic.arrivals {
            TrafficArrivals::Drawn(model) => Some(model.as_ref()),
            TrafficArrivals::Recorded(_) => None,
        })
        .collect();
    let message = match share_outside(&models, &covered, hours) {
        Some(share) => format!("{message}; {:.0} % of its visitors come then", share * 100.0),
        None => message,
    };
    Some(Diagnostic::warning(Code::NobodyInHours, message))
}

/// The expected share of arrivals that find nobody in hours; `None` if none are expected at all.
fn share_outside(
    models: &[&ArrivalModel],
    covered: &Schedule,
    hours: &RunHours<'_>,
) -> Option<f64> {
    let (mut outside, mut all) = (0.0, 0.0);
    for slot in civil_slots(&hours.origin, hours.until) {
        let (from, to) = (slot.starts.max(hours.starts), slot.ends);
        let length = to.since(from);
        let closed = length - covered.open_between(from, to);
        for model in models {
            let rate = model.per_day * model.profile.at(slot.hour_of_week);
            all += rate * length.as_secs_f64();
            outside += rate * closed.as_secs_f64();
        }
    }
    (all > 0.0).then(|| outside / all)
}

/// Agents who own contacts, whose owner is asked and emailed, and who are in hours at no time of the
/// run.
fn idle_owners(scenario: &Scenario, hours: &RunHours<'_>) -> Option<Diagnostic> {
    let owners = owner_shares(scenario, |flow| flow.routing.owner_offline == OwnerOffline::Email);
    let idle: Vec<AgentId> = (0..scenario.agents.len())
        .map(AgentId::new)
        .filter(|&agent| hours.never_in_hours(scenario, agent))
        .filter(|&agent| owners.iter().any(|shares| share_of(shares, agent) > 0.0))
        .collect();
    let largest = owners
        .iter()
        .map(|shares| idle.iter().map(|&agent| share_of(shares, agent)).sum::<f64>())
        .fold(0.0, f64::max);
    let works = if idle.len() == 1 { "works" } else { "work" };
    (!idle.is_empty()).then(|| {
        let message = format!(
            "{:.0} % of the owned contacts belong to {}, who never {works} in this run",
            largest * 100.0,
            names(scenario, &idle)
        );
        Diagnostic::warning(Code::IdleOwner, message)
            .help("as long as they are active, their contacts' chats become emails to them")
    })
}

/// Agents of a chatflow's list, some perhaps twice.
fn listed<'s>(scenario: &'s Scenario, flow: &'s Chatflow) -> impl Iterator<Item = AgentId> + 's {
    flow.routing
        .route_to
        .iter()
        .flat_map(|target| match target {
            Target::Agent(agent) => std::slice::from_ref(agent),
            Target::Team(team) => &scenario.teams[team.index()].agents,
        })
        .copied()
}

/// The owner shares of the populations that write where the owner is asked and `counts` holds.
fn owner_shares(scenario: &Scenario, counts: impl Fn(&Chatflow) -> bool) -> Vec<&OwnerShares> {
    let asked = |flow: &Chatflow| flow.routing.route_to_owner && counts(flow);
    let ticked = |traffic: &&super::model::Traffic| match traffic.arrivals {
        TrafficArrivals::Recorded(_) => scenario.chatflows.iter().any(asked),
        TrafficArrivals::Drawn(_) => asked(&scenario.chatflows[traffic.chatflow.index()]),
    };
    let mut populations: Vec<usize> =
        scenario.traffic.iter().filter(ticked).map(|traffic| traffic.visitors).collect();
    populations.sort_unstable();
    populations.dedup();
    populations
        .into_iter()
        .map(|index| &scenario.visitors[index].model)
        .filter(|model| model.known > 0.0 && model.owned > 0.0 && model.tracked > 0.0)
        .map(|model| &model.owners)
        .collect()
}

/// The share of owned contacts that belongs to `agent`. Owners come in order of their ids, so the
/// quantiles that are an agent's lie between two borders, found by halving.
fn share_of(shares: &OwnerShares, agent: AgentId) -> f64 {
    // The smallest quantile whose owner is not `before`.
    let border = |before: &dyn Fn(AgentId) -> bool| {
        let (mut low, mut high) = (0.0_f64, 1.0_f64);
        for _ in 0..50 {
            let middle = f64::midpoint(low, high);
            if before(shares.owner(middle)) { low = middle } else { high = middle }
        }
        high
    };
    border(&|owner| owner <= agent) - border(&|owner| owner < agent)
}

fn names(scenario: &Scenario, agents: &[AgentId]) -> String {
    let names: Vec<&str> =
        agents.iter().map(|agent| scenario.agents[agent.index()].name.as_str()).collect();
    some_names(&names)
}

#[cfg(test)]
mod tests {
    use super::super::tests::{SMALL, good};
    use super::*;

    /// What is warned about in the small scenario with `added` to it.
    fn warned(added: &str, options: &[&str]) -> Vec<String> {
        let found = lints(&good(&(SMALL.to_owned() + added), options));
        assert!(found.iter().all(|d| !d.is_error()));
        found.iter().map(|d| format!("{} {}", d.code, d.message)).collect()
    }

    #[test]
    fn a_scenario_in_which_everybody_works_has_no_warnings() {
        assert_eq!(warned("[[traffic]]\n", &[]), Vec::<String>::new());
    }

    #[test]
    fn agents_on_no_list_are_named() {
        let agents: String = ["ana", "ben", "eve", "kim", "zoe"]
            .iter()
            .map(|name| format!("[[agent]]\nname = \"{name}\"\n"))
            .collect();
        let text = "[[traffic]]\n".to_owned() + &agents;
        assert_eq!(
            warned(&text, &[]),
            [
                "idle-agent `ana`, `ben`, `eve` and 2 others are on no routing list and never get a chat"
            ]
        );
        // Leads reach one of them, and contacts belong to two of those that are left.
        assert_eq!(
            warned(
                &text,
                &[
                    "chatflow.website.email_leads.to=agent:ana",
                    "chatflow.website.route_to_owner=true",
                    "visitors.web.owners={ sales-1 = 8, ben = 1, zoe = 1 }",
                ]
            ),
            ["idle-agent `eve` and `kim` are on no routing list and never get a chat"]
        );
    }

    #[test]
    fn a_chatflow_without_traffic_is_named() {
        let text = "[[chatflow]]\nname = \"b\"\nroute_to = [\"agent:sales-1\"]\n[[traffic]]\nchatflow = \"b\"\n";
        assert_eq!(warned(text, &[]), ["no-traffic nobody ever writes into `website`"]);
    }

    // Of the business profile's arrivals 7,390 of 23,686 come outside 9 to 17 on Monday to Friday.
    #[test]
    fn hours_without_anybody_are_counted_with_the_visitors_who_come_in_them() {
        const AFTER: &str = "run.starts=2026-03-09";
        let hours = "team.sales.office_hours={ mon-fri = \"09:00-17:00\" }";
        let expected =
            "nobody-in-hours nobody of `website` is in hours for 128 of the run's 168 hours";
        // The warm-up is not part of it, and the clocks go forward in it.
        assert_eq!(
            warned("[[traffic]]\n", &[hours, "run.warm_up=2d", AFTER]),
            [format!("{expected}; 31 % of its visitors come then")]
        );
        assert_eq!(warned("[[traffic]]\ntrace = \"Cargo.toml\"\n", &[hours, AFTER]), [expected]);
        let sunday = ["run.starts=2026-03-08", "run.lasts=1d"];
        let sunday: Vec<&str> = sunday.into_iter().chain([hours]).collect();
        assert_eq!(
            warned("[[traffic]]\n", &sunday),
            ["nobody-in-hours nobody of `website` is in hours at any time of the run"]
        );
    }

    #[test]
    fn contacts_of_agents_who_never_work_are_counted() {
        let text = "[[traffic]]\n[[agent]]\nname = \"ana\"\noffice_hours = {}\n";
        let options = [
            "chatflow.website.route_to=[\"team:sales\", \"agent:ana\"]",
            "visitors.web.owners={ sales-1 = 3, ana = 1 }",
        ];
        assert_eq!(warned(text, &options), Vec::<String>::new());
        let ticked: Vec<&str> =
            options.into_iter().chain(["chatflow.website.route_to_owner=true"]).collect();
        assert_eq!(
            warned(text, &ticked),
            ["idle-owner 25 % of the owned contacts belong to `ana`, who never works in this run"]
        );
    }

    #[test]
    fn shares_of_owners_are_found_from_their_quantiles() {
        let shares = OwnerShares::by_weights(&[0.0, 3.0, 0.0, 1.0, 0.0]).expect("fine");
        for (agent, share) in [(0, 0.0), (1, 0.75), (2, 0.0), (3, 0.25), (4, 0.0)] {
            let got = share_of(&shares, AgentId::new(agent));
            assert!((got - share).abs() < 1e-12, "{agent}: {got}");
        }
    }
}
