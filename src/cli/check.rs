//! `check`: read and check, simulate nothing.

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;

use crate::diagnostic::{Diagnostic, to_json};
use crate::experiment::{check_measures, load_recorded};
use crate::kernel::Timeframe;
use crate::scenario::{Override, Reading, lints, read};
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
pub(super) fn checked(path: &Path, set: &[String]) -> Result<Checked, Vec<Diagnostic>> {
    let mut overrides = Vec::new();
    let mut mistakes = Vec::new();
    for text in set {
        match Override::parse(text) {
            Ok(value) => overrides.push(value),
            Err(mistake) => mistakes.push(mistake),
        }
    }
    let reading = match read(path, &overrides) {
        Ok(reading) if mistakes.is_empty() => reading,
        Ok(_) => return Err(mistakes),
        Err(more) => {
            mistakes.extend(more);
            return Err(mistakes);
        }
    };
    let scenario = &reading.scenario;
    if let Err(more) = check_measures(scenario) {
        mistakes.extend(more);
    }
    let timeframe = Timeframe::of(scenario).map_err(|error| {
        let message = format!("{}: the run leaves the calendar: {error}", path.display());
        vec![Diagnostic::error(crate::diagnostic::Code::ImpossibleValue, message)]
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
    let warnings = lints(scenario);
    Ok(Checked { reading, timeframe, recorded, warnings })
}

/// Checks the scenarios one after the other.
pub(super) fn check(arguments: &CheckArguments) -> Exit {
    let mut exit = Exit::Done;
    let mut reports = Vec::new();
    for path in &arguments.scenarios {
        let (found, fine) = match checked(path, &arguments.set) {
            Ok(checked) => {
                let scenario = &checked.reading.scenario;
                let fine = format!(
                    "{}: {} agents in {} teams, {} chatflows, {} replications: nothing wrong{}\n",
                    path.display(),
                    scenario.agents.len(),
                    scenario.teams.len(),
                    scenario.chatflows.len(),
                    scenario.run.replications,
                    match checked.warnings.len() {
                        0 => String::new(),
                        1 => ", 1 warning".to_owned(),
                        n => format!(", {n} warnings"),
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
