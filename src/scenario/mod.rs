//! The scenario file: read, checked, and turned into a [`Scenario`] that cannot be half valid.
//!
//! ```text
//!   text ──► tree (every key and value with its place) ◄── `--set PATH=VALUE`
//!                │
//!                ▼  table by table: keys, values, names
//!            Scenario, or every mistake at once ──► lints: what will happen that was hardly meant
//! ```
//!
//! Reading is strict. A key that is not known, a bare number where a unit is needed, a name that
//! refers to nothing are errors with a place and a remedy, and reading goes on to find the others.
//! What is part of the format but not built is refused by name, never ignored: a result that left
//! a setting out would be the result of another scenario. Settings that the routing engine has and
//! only the simulation lacks are refused by [`read`] and listed by [`read_setup`].

mod chatflows;
mod distributions;
mod habits;
mod hours;
mod lints;
mod model;
mod not_simulated;
mod overrides;
mod people;
mod presets;
mod reader;
mod roster;
mod thresholds;
mod traffic;
mod tree;
mod values;
mod visitors;
mod whole;

#[cfg(test)]
mod tests;

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

pub use lints::lints;
pub use model::{
    Agent, Bound, Chatflow, ChatflowTimers, Ends, Guess, Relation, ReportSettings, Run, Scenario,
    Team, Threshold, ThresholdScope, TraceColumn, TraceSource, Traffic, TrafficArrivals,
    VisitorPopulation,
};
pub use overrides::Override;
pub use presets::{PRESETS, Preset};

use crate::diagnostic::{Code, Diagnostic, Place, SourceText};

use reader::Mistakes;

/// Larger files are no scenarios: 64 MiB.
const LARGEST_FILE: u64 = 64 << 20;

/// The text of a scenario and where it came from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ScenarioFile {
    /// As the user wrote it.
    pub path: PathBuf,
    /// All of it.
    pub text: String,
}

impl ScenarioFile {
    /// Reads the file.
    ///
    /// # Errors
    ///
    /// If it does not exist, or is no text of a sensible size.
    pub fn load(path: &Path) -> Result<Self, Diagnostic> {
        let unreadable = |why: String| {
            let message = format!("cannot read {}: {why}", path.display());
            Diagnostic::error(Code::UnreadableFile, message)
        };
        let mut bytes = Vec::new();
        let read =
            File::open(path).and_then(|file| file.take(LARGEST_FILE + 1).read_to_end(&mut bytes));
        match read {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let message = format!("there is no file {}", path.display());
                let help = "name a scenario file, such as scenarios/small-team.toml";
                return Err(Diagnostic::error(Code::MissingFile, message).help(help));
            }
            Err(error) => return Err(unreadable(error.to_string())),
            Ok(_) if bytes.len() as u64 > LARGEST_FILE => {
                return Err(unreadable("it is larger than 64 MiB".to_owned()));
            }
            Ok(_) => {}
        }
        if path.extension().is_some_and(|extension| extension == "json") {
            let message = format!(
                "{}: a scenario as JSON is part of the format, but this version does not read it yet",
                path.display()
            );
            return Err(Diagnostic::error(Code::NotBuiltYet, message).help("write it as TOML"));
        }
        match String::from_utf8(bytes) {
            Ok(text) => Ok(Self { path: path.to_owned(), text }),
            Err(error) => {
                let good = &error.as_bytes()[..error.utf8_error().valid_up_to()];
                let line = good.iter().filter(|&&byte| byte == b'\n').count() + 1;
                Err(unreadable(format!("line {line} is not UTF-8")))
            }
        }
    }
}

/// A scenario and the text it was read from.
#[derive(Clone, Debug)]
pub struct Reading {
    /// The scenario, with the overrides in it.
    pub scenario: Scenario,
    /// The text of the file, without them.
    pub text: String,
}

/// Reads a scenario file that is to be simulated and puts the values of `overrides` into it. Files
/// that it names are found from its directory.
///
/// # Errors
///
/// Everything that is wrong with it and everything that is not simulated yet, in the order of the
/// text.
pub fn read(path: &Path, overrides: &[Override]) -> Result<Reading, Vec<Diagnostic>> {
    read_by(parse, path, overrides)
}

/// Reads a scenario file for the engine alone, as [`read`] does. What is not simulated is no
/// mistake; it is listed in [`Scenario::not_simulated`].
///
/// # Errors
///
/// Everything that is wrong with it, in the order of the text.
pub fn read_setup(path: &Path, overrides: &[Override]) -> Result<Reading, Vec<Diagnostic>> {
    read_by(parse_setup, path, overrides)
}

/// How a text becomes a scenario: [`parse`] or [`parse_setup`].
type Parse = fn(&str, &str, &Path, &[Override]) -> Result<Scenario, Vec<Diagnostic>>;

fn read_by(parse: Parse, path: &Path, overrides: &[Override]) -> Result<Reading, Vec<Diagnostic>> {
    let ScenarioFile { text, .. } =
        ScenarioFile::load(path).map_err(|diagnostic| vec![diagnostic])?;
    let directory = path.parent().unwrap_or(Path::new(""));
    let scenario = parse(&path.display().to_string(), &text, directory, overrides)?;
    Ok(Reading { scenario, text })
}

/// Reads a scenario that is to be simulated from `text`, which goes by `name`. Files that it names
/// are found from `directory`.
///
/// # Errors
///
/// Everything that is wrong with it and everything that is not simulated yet, in the order of the
/// text. If the text is not TOML, only that.
pub fn parse(
    name: &str,
    text: &str,
    directory: &Path,
    overrides: &[Override],
) -> Result<Scenario, Vec<Diagnostic>> {
    let (scenario, mut mistakes) = parse_with_mistakes(name, text, directory, overrides)?;
    mistakes.refuse_not_simulated();
    mistakes.or(scenario)
}

/// Reads a scenario for the engine alone from `text`, as [`parse`] does. What is not simulated is
/// no mistake; it is listed in [`Scenario::not_simulated`].
///
/// # Errors
///
/// Everything that is wrong with it, in the order of the text. If the text is not TOML, only that.
pub fn parse_setup(
    name: &str,
    text: &str,
    directory: &Path,
    overrides: &[Override],
) -> Result<Scenario, Vec<Diagnostic>> {
    let (scenario, mut mistakes) = parse_with_mistakes(name, text, directory, overrides)?;
    let not_simulated = mistakes.take_not_simulated();
    mistakes.or(scenario).map(|scenario| Scenario { not_simulated, ..scenario })
}

/// The scenario, if enough of it is right, and what is wrong with it.
fn parse_with_mistakes(
    name: &str,
    text: &str,
    directory: &Path,
    overrides: &[Override],
) -> Result<(Option<Scenario>, Mistakes), Vec<Diagnostic>> {
    let source = SourceText::new(name, text);
    let mut root = tree::parse_document(&source)?;
    let mut mistakes = Mistakes::default();
    let made = overrides::apply(&mut root, overrides, &mut mistakes);
    let start = Place::new(&source, 0..0);
    let scenario = whole::read(&root, &start, directory, &made, &mut mistakes);
    Ok((scenario, mistakes))
}
