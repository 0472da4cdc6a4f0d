//! `summary.json`, and the figures that differ from run to run.

use serde::Serialize;
use serde_json::{Value, json};

use crate::experiment::{Judgement, Manifest, Results, Scope, Verdict};
use crate::kernel::WorkCounters;
use crate::scenario::Relation;

/// `perf.json`: how long it took. Rates are by simulation time, all threads together.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
pub struct Performance {
    /// Seconds of simulating.
    pub wall_s: f64,
    /// Events of all replications.
    pub events: u64,
    /// Events a second.
    pub events_per_s: f64,
    /// Decisions of all replications.
    pub decisions: u64,
    /// Decisions a second.
    pub decisions_per_s: f64,
    /// Simulated days a second.
    pub simulated_days_per_s: f64,
    /// The most memory that the process ever had, in bytes; 0 where the system does not tell.
    pub peak_rss_bytes: u64,
    /// Threads that simulated.
    pub threads: usize,
}

/// The work of all replications together.
pub(super) fn total_work(results: &Results<'_>) -> WorkCounters {
    results.replications.iter().fold(WorkCounters::default(), |sum, r| WorkCounters {
        events: sum.events + r.work.events,
        decisions: sum.decisions + r.work.decisions,
        draws: sum.draws + r.work.draws,
        scheduled: sum.scheduled + r.work.scheduled,
        taken: sum.taken + r.work.taken,
    })
}

/// `work.json`: exact counts, the same on every machine.
pub(super) fn work_json(results: &Results<'_>) -> Value {
    let work = total_work(results);
    json!({
        "events": work.events,
        "decisions": work.decisions,
        "draws": work.draws,
        "event_list": { "scheduled": work.scheduled, "taken": work.taken },
    })
}

/// How a relation is written.
pub(super) const fn relation(relation: Relation) -> &'static str {
    match relation {
        Relation::Less => "<",
        Relation::AtMost => "<=",
        Relation::More => ">",
        Relation::AtLeast => ">=",
    }
}

/// `summary.json`: every measure but those of single agents and teams, which have files of their
/// own; thresholds; warnings; guessed inputs.
#[must_use]
pub fn summary_json(
    results: &Results<'_>,
    manifest: &Manifest,
    verdicts: &[Verdict],
    warnings: &[String],
) -> Value {
    let measures: Vec<Value> = results
        .rows
        .iter()
        .filter(|row| !matches!(row.scope, Scope::Agent(_) | Scope::Team(_)))
        .map(|row| {
            json!({
                "measure": row.measure,
                "scope": row.scope.kind(),
                "name": row.scope.name(),
                "stat": row.stat.name(),
                "value": row.value,
                "unit": row.unit,
                "ci_low": row.low,
                "ci_high": row.high,
                "n": row.n,
            })
        })
        .collect();
    let thresholds: Vec<Value> = verdicts
        .iter()
        .map(|verdict| {
            let replications = match verdict.judgement {
                Judgement::Inconclusive { replications } => replications,
                _ => None,
            };
            json!({
                "measure": verdict.measure,
                "scope": verdict.scope.kind(),
                "name": verdict.scope.name(),
                "must": format!("{} {}", relation(verdict.must.relation), verdict.must.value),
                "value": verdict.value,
                "ci_low": verdict.low,
                "ci_high": verdict.high,
                "n": verdict.n,
                "verdict": verdict.judgement.name(),
                "replications_that_would_decide": replications,
            })
        })
        .collect();
    let guesses: Vec<Value> = results
        .scenario
        .guesses
        .iter()
        .map(|guess| json!({ "key": guess.path, "value": guess.value }))
        .collect();
    json!({
        "name": manifest.name,
        "question": results.scenario.question,
        "routelab": manifest.routelab,
        "model_version": manifest.model_version,
        "seed": manifest.seed,
        "replications": manifest.replications,
        "confidence": 0.95,
        "measures": measures,
        "thresholds": thresholds,
        "warnings": warnings,
        "guesses": guesses,
    })
}
