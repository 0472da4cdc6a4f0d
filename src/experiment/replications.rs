//! Replications in parallel. Each is a function of the world and its number alone, and they are
//! gathered in order of their numbers, so the number of threads cannot show in the results.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use rayon::prelude::*;

use crate::diagnostic::Diagnostic;
use crate::ids::{AgentId, ChatflowId};
use crate::kernel::{Timeframe, WorkCounters, World, simulate};
use crate::measures::{Measuring, MeasuringSettings, Summary};
use crate::random::entity;
use crate::routing::{ChatflowSettings, Memory, ReassignTo, RotationPolicy, Targets};
use crate::scenario::{Scenario, TrafficArrivals};
use crate::trace::{Log, LogNames, RecordedArrivals, TraceNames};

/// The rows of both log files of a replication, without headers.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Logs {
    /// Of `decisions.csv`.
    pub decisions: Vec<u8>,
    /// Of `conversations.csv`.
    pub conversations: Vec<u8>,
}

/// One finished replication.
#[derive(Clone, PartialEq, Debug)]
pub struct Replication {
    /// Counted from 1.
    pub number: u32,
    /// Its sums.
    pub summary: Summary,
    /// What it took.
    pub work: WorkCounters,
    /// Its log, if that was asked for.
    pub logs: Option<Logs>,
}

/// How to run.
#[derive(Clone, Copy, Debug)]
pub struct RunOptions {
    /// Threads; `None` for as many as the machine has.
    pub threads: Option<usize>,
    /// Write every decision and conversation down.
    pub log: bool,
}

/// A bug of ours: something that must always be true was not.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Bug {
    /// In which replication, counted from 1.
    pub replication: u32,
    /// What happened.
    pub what: String,
}

/// Reads the recorded arrivals of every traffic that has any.
///
/// # Errors
///
/// Everything that is wrong with the files.
pub fn load_recorded(
    scenario: &Scenario,
    timeframe: &Timeframe,
) -> Result<Vec<Option<RecordedArrivals>>, Vec<Diagnostic>> {
    let agents: HashMap<&str, AgentId> = scenario
        .agents
        .iter()
        .enumerate()
        .map(|(i, a)| (a.name.as_str(), AgentId::new(i)))
        .collect();
    let chatflows: HashMap<&str, ChatflowId> = scenario
        .chatflows
        .iter()
        .enumerate()
        .map(|(i, c)| (c.name.as_str(), ChatflowId::new(i)))
        .collect();
    let names = TraceNames { agents: &agents, chatflows: &chatflows };
    let mut all = Vec::new();
    let mut errors = Vec::new();
    for traffic in &scenario.traffic {
        all.push(match &traffic.arrivals {
            TrafficArrivals::Drawn(_) => None,
            TrafficArrivals::Recorded(source) => {
                let (origin, ends) = (&timeframe.origin, timeframe.period.ends);
                match RecordedArrivals::read(source, names, origin, ends, entity) {
                    Ok(recorded) => Some(recorded),
                    Err(wrong) => {
                        errors.extend(wrong);
                        None
                    }
                }
            }
        });
    }
    if errors.is_empty() { Ok(all) } else { Err(errors) }
}

/// Simulates replications 1 to the scenario's number of them. `done` is called from any thread as
/// each one finishes.
///
/// # Errors
///
/// The bug of the lowest-numbered replication in which an invariant broke.
pub fn run_replications(
    world: &World<'_>,
    options: RunOptions,
    done: impl Fn() + Sync,
) -> Result<Vec<Replication>, Bug> {
    let log_names = options.log.then(|| Arc::new(log_names(world)));
    let settings = measuring_settings(world);
    let run = |number: u32| {
        let result = run_one(world, number, &settings, log_names.as_ref());
        done();
        result
    };
    let numbers = 1..=world.scenario().run.replications;
    let results: Vec<Result<Replication, Bug>> = match options.threads {
        Some(1) => numbers.map(run).collect(),
        threads => {
            let pool = rayon::ThreadPoolBuilder::new()
                .num_threads(threads.unwrap_or(0))
                .build()
                .map_err(|error| Bug { replication: 1, what: format!("no threads: {error}") })?;
            pool.install(|| numbers.into_par_iter().map(run).collect())
        }
    };
    results.into_iter().collect()
}

fn run_one(
    world: &World<'_>,
    number: u32,
    settings: &MeasuringSettings,
    log_names: Option<&Arc<LogNames>>,
) -> Result<Replication, Bug> {
    let bug = |what| Bug { replication: number, what };
    let mut recorder = (
        Measuring::new(settings.clone()),
        log_names.map(|names| Log::new(number, Arc::clone(names))),
    );
    let work = catch_unwind(AssertUnwindSafe(|| simulate(world, number - 1, &mut recorder)))
        .map_err(|panic| bug(panic_message(panic.as_ref())))?;
    let (measuring, log) = recorder;
    let summary = measuring.finish().map_err(|violation| bug(violation.to_string()))?;
    let logs = log.map(|log| {
        let (decisions, conversations) = log.into_rows();
        Logs { decisions, conversations }
    });
    Ok(Replication { number, summary, work, logs })
}

/// The message of a panic that was caught.
#[must_use]
pub fn panic_message(panic: &(dyn std::any::Any + Send)) -> String {
    panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("a panic without a message")
        .to_owned()
}

fn log_names(world: &World<'_>) -> LogNames {
    let scenario = world.scenario();
    LogNames {
        agents: scenario.agents.iter().map(|a| a.name.clone()).collect(),
        chatflows: scenario.chatflows.iter().map(|c| c.name.clone()).collect(),
        origin: world.timeframe().origin.clone(),
    }
}

fn measuring_settings(world: &World<'_>) -> MeasuringSettings {
    let scenario = world.scenario();
    let chatflows = 0..scenario.chatflows.len();
    let setup = scenario.setup();
    MeasuringSettings {
        agents: scenario.agents.len(),
        lists: chatflows.clone().map(|c| world.list(ChatflowId::new(c)).to_vec()).collect(),
        weights: chatflows
            .map(|c| {
                let weighs =
                    scenario.chatflows[c].routing.rotation == RotationPolicy::SmoothWeighted;
                let weight =
                    |agent: &AgentId| if weighs { setup.agents[agent.index()].weight } else { 1 };
                world.list(ChatflowId::new(c)).iter().map(weight).collect()
            })
            .collect(),
        rings: scenario.chatflows.iter().map(|c| is_plain_ring(&c.routing)).collect(),
        starts: world.period().starts,
        ends: world.period().ends,
        interval: scenario.timeline_step(),
        service_level: scenario.report.service_level.clone(),
    }
}

/// R-18 is about a ring over a flat list that nothing but its own picks moves, and that is never
/// asked to pass anybody by.
fn is_plain_ring(settings: &ChatflowSettings) -> bool {
    settings.rotation == RotationPolicy::Ring
        && settings.targets == Targets::Flat
        && settings.memory == Memory::Chatflow
        && !settings.owner_counts
        && settings.reassign_to == ReassignTo::List
}
