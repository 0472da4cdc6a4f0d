//! The results directory. It is written beside its place and renamed into it, so that it is there
//! whole or not at all, and what was there before stays until then.

use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::experiment::{
    Manifest, Replication, Results, Verdict, read_part, sha256_hex, write_part,
};
use crate::kernel::{Period, Timeframe};
use crate::scenario::Scenario;
use crate::trace::Log;

use super::summary::{Performance, summary_json, work_json};
use super::{charts, csv_files, latency};

/// What stands at the place of a results directory.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Found {
    /// Nothing, or an empty directory.
    Nothing,
    /// A finished run.
    Run(Box<Manifest>),
    /// A run of which this file is missing.
    Incomplete(String),
    /// Something that is no results directory.
    SomethingElse,
}

/// Why results could not be read or written.
#[derive(Debug)]
pub enum DirectoryError {
    /// The system refused, at this path.
    System(PathBuf, io::Error),
    /// A part file is damaged.
    Damaged(PathBuf, String),
}

impl fmt::Display for DirectoryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::System(path, error) => write!(f, "{}: {error}", path.display()),
            Self::Damaged(path, what) => write!(f, "{} is damaged: {what}", path.display()),
        }
    }
}

impl std::error::Error for DirectoryError {}

fn at<T>(path: &Path, result: io::Result<T>) -> Result<T, DirectoryError> {
    result.map_err(|error| DirectoryError::System(path.to_owned(), error))
}

/// Looks at the place of a results directory.
///
/// # Errors
///
/// If the system does not let us look.
pub fn find(directory: &Path) -> Result<Found, DirectoryError> {
    match fs::read_dir(directory) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Found::Nothing),
        Err(_) if directory.is_file() => return Ok(Found::SomethingElse),
        other => {
            if at(directory, other)?.next().is_none() {
                return Ok(Found::Nothing);
            }
        }
    }
    let manifest = fs::read(directory.join("manifest.json")).ok();
    let manifest = manifest.and_then(|bytes| serde_json::from_slice::<Manifest>(&bytes).ok());
    let Some(manifest) = manifest else { return Ok(Found::SomethingElse) };
    let logs = LOGS.into_iter().filter(|_| manifest.log);
    let missing = FILES.into_iter().chain(logs).find(|file| !directory.join(file).is_file());
    Ok(match missing {
        Some(file) => Found::Incomplete(file.to_owned()),
        None => Found::Run(Box::new(manifest)),
    })
}

/// What every finished run has, besides its parts and charts.
const FILES: [&str; 13] = [
    "summary.json",
    "measures.csv",
    "agents.csv",
    "teams.csv",
    "chatflows.csv",
    "timeline.csv",
    "week.csv",
    "latency.csv",
    "latency.hgrm",
    "replications.csv",
    "perf.json",
    "work.json",
    "DIGEST",
];

/// What a run with a log has besides.
const LOGS: [&str; 2] = ["decisions.csv", "conversations.csv"];

/// The directory that a results directory is or will be in.
fn parent_of(directory: &Path) -> &Path {
    match directory.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    }
}

/// A directory with a name of its own beside the results, which goes away again.
fn beside(directory: &Path, what: &str) -> Result<tempfile::TempDir, DirectoryError> {
    let parent = parent_of(directory);
    at(parent, fs::create_dir_all(parent))?;
    let name = directory.file_name().unwrap_or_default().to_string_lossy();
    let prefix = format!(".{name}.{what}-");
    let mut builder = tempfile::Builder::new();
    let result = builder.prefix(&prefix).tempdir_in(parent);
    at(parent, result)
}

/// Tries whether results can be written at all, before there are any.
///
/// # Errors
///
/// If the system refuses.
pub fn probe(directory: &Path) -> Result<(), DirectoryError> {
    let tried = beside(directory, "partial")?;
    let path = tried.path().to_owned();
    at(&path, tried.close())
}

/// Reads the replications of a finished run, in order of their numbers. `list_lengths` are those of
/// the scenario's routing lists.
///
/// # Errors
///
/// If a part is missing or damaged.
pub fn load(
    directory: &Path,
    scenario: &Scenario,
    period: Period,
    list_lengths: &[usize],
) -> Result<Vec<Replication>, DirectoryError> {
    (1..=scenario.run.replications)
        .map(|number| {
            let path = directory.join(part_name(number));
            let bytes = at(&path, fs::read(&path))?;
            let part = read_part(&bytes, scenario, period, list_lengths)
                .map_err(|error| DirectoryError::Damaged(path.clone(), error.to_string()))?;
            if part.number != number {
                let what = format!("it is replication {}", part.number);
                return Err(DirectoryError::Damaged(path, what));
            }
            Ok(part)
        })
        .collect()
}

fn part_name(number: u32) -> String {
    format!("parts/{number:05}.json")
}

/// Writes everything about a run and puts it in its place, replacing a finished run that is there.
///
/// # Errors
///
/// If the system refuses; what was there before is intact then.
pub fn write(
    directory: &Path,
    results: &Results<'_>,
    timeframe: &Timeframe,
    manifest: &Manifest,
    verdicts: &[Verdict],
    warnings: &[String],
    performance: &Performance,
) -> Result<(), DirectoryError> {
    // A link stays one, and `.` has a name.
    let directory = &fs::canonicalize(directory).unwrap_or_else(|_| directory.to_owned());
    let new = beside(directory, "partial")?;
    let inside = new.path();
    let parent = parent_of(directory);
    // A temporary directory is its owner's alone; results are for whoever may read the parent.
    let permissions = at(parent, fs::metadata(parent))?.permissions();
    at(inside, fs::set_permissions(inside, permissions))?;

    let put = |file: &str, bytes: &[u8]| {
        let path = inside.join(file);
        at(&path, fs::write(&path, bytes))
    };
    let json = |value: &Value| {
        let mut text = serde_json::to_string_pretty(value).expect("plain data is always JSON");
        text.push('\n');
        text
    };
    for folder in ["parts", "charts"] {
        let path = inside.join(folder);
        at(&path, fs::create_dir(&path))?;
    }
    for replication in &results.replications {
        put(&part_name(replication.number), &write_part(replication))?;
    }
    let tables = [
        ("measures.csv", csv_files::measures(results)),
        ("agents.csv", csv_files::agents(results)),
        ("teams.csv", csv_files::teams(results)),
        ("chatflows.csv", csv_files::chatflows(results)),
        ("timeline.csv", csv_files::timeline(results, timeframe)),
        ("week.csv", csv_files::week(results, timeframe)),
        ("latency.csv", csv_files::latency(results)),
        ("replications.csv", csv_files::replications(results)),
    ];
    for (file, bytes) in &tables {
        put(file, bytes)?;
    }
    put("DIGEST", format!("{}\n", digest(&tables)).as_bytes())?;
    put("latency.hgrm", latency::hgrm(results).as_bytes())?;
    for chart in charts::charts(results, timeframe) {
        put(&format!("charts/{}", chart.file), chart.svg.as_bytes())?;
    }
    let summary = summary_json(results, manifest, verdicts, warnings);
    put("summary.json", json(&summary).as_bytes())?;
    put("work.json", json(&work_json(results)).as_bytes())?;
    let to_json =
        |value: serde_json::Result<Value>| json(&value.expect("plain data is always JSON"));
    put("perf.json", to_json(serde_json::to_value(performance)).as_bytes())?;
    if manifest.log {
        let (mut decisions, mut conversations) = Log::headers();
        let rows = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        for logs in results.replications.iter().filter_map(|r| r.logs.as_ref()) {
            decisions += &rows(&logs.decisions);
            conversations += &rows(&logs.conversations);
        }
        put("decisions.csv", decisions.as_bytes())?;
        put("conversations.csv", conversations.as_bytes())?;
    }
    // Last, for it is what makes a directory a finished run.
    put("manifest.json", to_json(serde_json::to_value(manifest)).as_bytes())?;

    if !directory.exists() {
        at(directory, fs::rename(inside, directory))?;
    } else {
        let old = beside(directory, "old")?;
        let place = old.path().join("results");
        match fs::rename(directory, &place) {
            Ok(()) => {
                if let Err(error) = fs::rename(inside, directory) {
                    // Back to what was there.
                    at(directory, fs::rename(&place, directory))?;
                    return at(directory, Err(error));
                }
            }
            // The place itself cannot be moved, as one where a file system is mounted.
            Err(_) => return replace_inside(inside, directory),
        }
    }
    // It has moved: there is nothing left to delete at the temporary place.
    let _ = new.keep();
    Ok(())
}

/// Puts new results into a directory that has to stay where it is. The manifest goes first and
/// comes last, so that what lies between is no finished run.
fn replace_inside(new: &Path, directory: &Path) -> Result<(), DirectoryError> {
    let manifest = directory.join("manifest.json");
    match fs::remove_file(&manifest) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return at(&manifest, Err(error)),
        _ => {}
    }
    for entry in at(directory, fs::read_dir(directory))? {
        let path = at(directory, entry)?.path();
        let removed =
            if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
        at(&path, removed)?;
    }
    for folder in ["parts", "charts"] {
        let target = directory.join(folder);
        at(&target, fs::create_dir(&target))?;
        copy_files(&new.join(folder), &target, |_| true)?;
    }
    copy_files(new, directory, |name| name != "manifest.json")?;
    copy_files(new, directory, |name| name == "manifest.json")
}

fn copy_files(from: &Path, to: &Path, wanted: impl Fn(&str) -> bool) -> Result<(), DirectoryError> {
    for entry in at(from, fs::read_dir(from))? {
        let path = at(from, entry)?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_file() && wanted(&name) {
            let target = to.join(&name);
            at(&target, fs::copy(&path, &target))?;
        }
    }
    Ok(())
}

/// SHA-256 over the tables, each with its rows in order of their bytes, so that the order of names
/// in a scenario does not show.
fn digest(tables: &[(&str, Vec<u8>)]) -> String {
    let mut all = Vec::new();
    for (file, bytes) in tables {
        let mut lines: Vec<&[u8]> =
            bytes.split(|b| *b == b'\n').filter(|l| !l.is_empty()).collect();
        let header = if lines.is_empty() { &[][..] } else { lines.remove(0) };
        lines.sort_unstable();
        all.extend_from_slice(file.as_bytes());
        for line in std::iter::once(header).chain(lines) {
            all.push(b'\n');
            all.extend_from_slice(line);
        }
        all.push(b'\n');
    }
    sha256_hex(&all)
}
