//! `check`: read and check, simulate nothing.

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;

use crate::diagnostic::{Code, Diagnostic, to_json};
use crate::experiment::{check_measures, load_recorded};
use crate::kernel::Timeframe;
use crate::scenario::{Override, Reading, Scenario, TrafficArrivals, lints, read};
use crate::trace::RecordedArrivals;

use super::exit::Exit;
use super::output::{Format, exit_of, say, say_json, tell_diagnostics};

/// What can be typed after `check`.
#[derive(Debug, Args)]
pub(super) struct CheckArguments {
    /// Scenario files.
    #[arg(required = true)]
    scenarios: Vec<PathBuf>,
    /// Set a value of the scenario, as in `team.sales.agents=8`; may be repeated.
    #[arg(long = "set", value_name = "PATH=VALUE")]
    set: Vec<String>,
    /// How to print what is found.
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
}

/// Reads `--set` values.
///
/// # Errors
///
/// The exit of a command line that cannot be understood; what is wrong has been told.
pub(super) fn overrides(set: &[String]) -> Result<Vec<Override>, Exit> {
    let (good, bad): (Vec<_>, Vec<_>) =
        set.iter().map(|text| Override::parse(text)).partition(Result::is_ok);
    let mistakes: Vec<Diagnostic> = bad.into_iter().filter_map(Result::err).collect();
    if mistakes.is_empty() {
        return Ok(good.into_iter().flatten().collect());
    }
    tell_diagnostics(&mistakes);
    Err(Exit::Usage)
}

/// A scenario that may be run.
pub(super) struct Checked {
    pub(super) reading: Reading,
    pub(super) timeframe: Timeframe,
    pub(super) recorded: Vec<Option<RecordedArrivals>>,
    pub(super) warnings: Vec<Diagnostic>,
}

/// Reads and checks a scenario and the files it names.
///
/// # Errors
///
/// Everything that is wrong with them.
pub(super) fn checked(path: &Path, set: &[Override]) -> Result<Checked, Vec<Diagnostic>> {
    let reading = read(path, set)?;
    let mut mistakes = Vec::new();
    let scenario = &reading.scenario;
    if let Err(more) = check_measures(scenario) {
        mistakes.extend(more);
    }
    let timeframe = Timeframe::of(scenario).map_err(|error| {
        let message = format!("{}: the run leaves the calendar: {error}", path.display());
        vec![Diagnostic::error(Code::ImpossibleValue, message)]
    })?;
    let recorded = match load_recorded(scenario, &timeframe) {
        Ok(recorded) => recorded,
        Err(more) => {
            mistakes.extend(more);
            return Err(mistakes);
        }
    };
    if !mistakes.is_empty() {
        return Err(mistakes);
    }
    let mut warnings = lints(scenario);
    warnings.extend(rows_outside(scenario, &recorded));
    Ok(Checked { reading, timeframe, recorded, warnings })
}

/// Recorded arrivals that the run does not reach.
fn rows_outside(scenario: &Scenario, recorded: &[Option<RecordedArrivals>]) -> Vec<Diagnostic> {
    let traffic = scenario.traffic.iter().zip(recorded);
    traffic
        .filter_map(|(traffic, recorded)| {
            let (TrafficArrivals::Recorded(source), Some(recorded)) = (&traffic.arrivals, recorded)
            else {
                return None;
            };
            let outside = recorded.outside();
            let all = outside + recorded.rows().len() as u64;
            let message = format!("{outside} of {all} recorded arrivals lie outside the run");
            let warning = Diagnostic::warning(Code::RowsOutside, message).at(&source.place);
            (outside > 0).then(|| warning.help("is that the period, and the format of its times?"))
        })
        .collect()
}

/// Checks the scenarios one after the other.
pub(super) fn check(arguments: &CheckArguments) -> Exit {
    let set = match overrides(&arguments.set) {
        Ok(set) => set,
        Err(exit) => return exit,
    };
    let mut exit = Exit::Done;
    let mut reports = Vec::new();
    for path in &arguments.scenarios {
        let (found, fine) = match checked(path, &set) {
            Ok(checked) => {
                let scenario = &checked.reading.scenario;
                let fine = format!(
                    "{}: {} in {}, {}, {}: nothing wrong{}\n",
                    path.display(),
                    several(scenario.agents.len(), "agent"),
                    several(scenario.teams.len(), "team"),
                    several(scenario.chatflows.len(), "chatflow"),
                    several(scenario.run.replications as usize, "replication"),
                    match checked.warnings.len() {
                        0 => String::new(),
                        n => format!(", {}", several(n, "warning")),
                    }
                );
                (checked.warnings, Some(fine))
            }
            Err(mistakes) => (mistakes, None),
        };
        exit = exit.or_worse(exit_of(&found));
        match arguments.format {
            Format::Human => {
                tell_diagnostics(&found);
                say(&fine.unwrap_or_default());
            }
            Format::Json => reports.push(json!({
                "scenario": path.display().to_string(),
                "valid": fine.is_some(),
                "diagnostics": to_json(&found),
            })),
        }
    }
    if arguments.format == Format::Json {
        say_json(&json!(reports));
    }
    exit
}

fn several(number: usize, thing: &str) -> String {
    if number == 1 { format!("1 {thing}") } else { format!("{number} {thing}s") }
}
