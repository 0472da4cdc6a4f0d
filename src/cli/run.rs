//! `run`: simulate all replications, write the results directory, print the summary, judge.

use std::fs;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use clap::{Args, ValueEnum};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::diagnostic::Diagnostic;
use crate::experiment::{
    Judgement, MODEL_VERSION, Manifest, Replication, Results, RunOptions, Verdict, judge,
    run_replications, sha256_hex,
};
use crate::ids::{AgentId, ChatflowId};
use crate::kernel::World;
use crate::report::{
    DirectoryError, Found, Performance, find, load, probe, summary_json, terminal, write,
};
use crate::scenario::TrafficArrivals;

use super::check::{Checked, checked, overrides};
use super::exit::Exit;
use super::output::{Format, say, say_json, tell, tell_diagnostics};

/// What can be typed after `run`.
#[derive(Debug, Args)]
pub(super) struct RunArguments {
    /// Scenario files.
    #[arg(required = true)]
    scenarios: Vec<PathBuf>,
    /// Results directory; with several scenarios the directory that theirs are put into
    /// [default: reports/<scenario name>].
    #[arg(short, long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Seed of all random numbers, in place of the scenario's.
    #[arg(short, long, value_name = "N")]
    seed: Option<u64>,
    /// How often to simulate, in place of the scenario's number.
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    replications: Option<u32>,
    /// Threads [default: as many as the machine has].
    #[arg(short = 'j', long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    threads: Option<u16>,
    /// Set a value of the scenario, as in `team.sales.agents=8`; may be repeated.
    #[arg(long = "set", value_name = "PATH=VALUE")]
    set: Vec<String>,
    /// Also write every decision and every conversation.
    #[arg(long)]
    log: bool,
    /// Replace the results that are there.
    #[arg(long)]
    fresh: bool,
    /// A threshold that is inconclusive fails.
    #[arg(long)]
    strict: bool,
    /// Print no summary.
    #[arg(short, long)]
    quiet: bool,
    /// How to print the summary.
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
    /// How to show progress.
    #[arg(long, value_enum, default_value = "auto")]
    progress: ProgressKind,
}

/// `--progress`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
enum ProgressKind {
    /// A bar on a terminal, for what takes longer than a second.
    Auto,
    /// A line now and then.
    Plain,
    /// Nothing.
    None,
}

/// Runs the scenarios one after the other.
pub(super) fn run(arguments: &RunArguments) -> Exit {
    // All are checked before the first one runs: nothing is written if anything is wrong.
    let mut set = arguments.set.clone();
    set.extend(arguments.seed.map(|seed| format!("run.seed={seed}")));
    set.extend(arguments.replications.map(|n| format!("run.replications={n}")));
    let values = match overrides(&set) {
        Ok(values) => values,
        Err(exit) => return exit,
    };
    let mut ready = Vec::new();
    let mut exit = Exit::Done;
    for path in &arguments.scenarios {
        match checked(path, &values) {
            Ok(checked) => ready.push(checked),
            Err(mistakes) => exit = exit.or_worse(tell_diagnostics(&mistakes)),
        }
    }
    if exit != Exit::Done {
        return exit;
    }
    let mut places = std::collections::BTreeSet::new();
    for checked in &ready {
        let place = results_place(arguments, &checked.reading.scenario.name);
        if let Some(place) = places.replace(place) {
            tell(&format!(
                "error: two of these scenarios would write to {}; nothing was simulated\n  help: give them different names, or run one at a time with --out DIR",
                place.display()
            ));
            return Exit::Usage;
        }
    }
    for checked in ready {
        exit = exit.or_worse(run_one(arguments, checked));
    }
    exit
}

/// Where the results of a scenario go.
fn results_place(arguments: &RunArguments, name: &str) -> PathBuf {
    match &arguments.out {
        Some(out) if arguments.scenarios.len() > 1 => out.join(name),
        Some(out) => out.clone(),
        None => Path::new("reports").join(name),
    }
}

fn run_one(arguments: &RunArguments, checked: Checked) -> Exit {
    let Checked { reading, timeframe, recorded, warnings } = checked;
    let scenario = &reading.scenario;
    let directory = results_place(arguments, &scenario.name);
    let manifest = match manifest(arguments, &reading) {
        Ok(manifest) => manifest,
        Err(exit) => return exit,
    };
    let there = match find(&directory) {
        Err(error) => return not_written(&error),
        Ok(Found::Nothing) => false,
        Ok(Found::Run(other)) if !arguments.fresh => {
            if !manifest.is_covered_by(&other) {
                let what = format!("holds another run ({})", differences(&manifest, &other));
                return refused(&directory, &what, "replace it with --fresh, or choose");
            }
            true
        }
        Ok(Found::Incomplete(file)) if !arguments.fresh => {
            let what = format!("holds a run that is not complete: {file} is missing");
            return refused(&directory, &what, "replace it with --fresh, or choose");
        }
        Ok(Found::Run(_) | Found::Incomplete(_)) => false,
        Ok(Found::SomethingElse) => {
            return refused(&directory, "is there and is no results directory", "choose");
        }
    };
    if !there && let Err(error) = probe(&directory) {
        return not_written(&error);
    }

    let world = World::new(scenario, timeframe, recorded);
    let lists: Vec<Vec<AgentId>> =
        (0..scenario.chatflows.len()).map(|c| world.list(ChatflowId::new(c)).to_vec()).collect();
    let (replications, performance) = if there {
        let lengths: Vec<usize> = lists.iter().map(Vec::len).collect();
        match load(&directory, scenario, world.period(), &lengths) {
            Ok(replications) => (replications, None),
            Err(error) => {
                tell(&format!("error: {error}\n  help: simulate it again with --fresh"));
                return Exit::Invalid;
            }
        }
    } else {
        match simulate(arguments, &world) {
            Ok((replications, performance)) => (replications, Some(performance)),
            Err(exit) => return exit,
        }
    };
    let results = Results::new(scenario, lists, replications);
    let verdicts = judge(&results);
    let warnings: Vec<String> = warnings.iter().map(one_line).collect();
    if let Some(performance) = &performance {
        let timeframe = world.timeframe();
        let written =
            write(&directory, &results, timeframe, &manifest, &verdicts, &warnings, performance);
        if let Err(error) = written {
            return not_written(&error);
        }
    }
    if !arguments.quiet {
        match arguments.format {
            Format::Json => say_json(&summary_json(&results, &manifest, &verdicts, &warnings)),
            Format::Human => {
                let performance = performance.as_ref();
                let timeframe = world.timeframe();
                say(&terminal(&results, timeframe, &manifest, &verdicts, &warnings, performance));
                say(&format!("{}\n", directory.display()));
            }
        }
    }
    let exit_of = |verdict: &Verdict| match verdict.judgement {
        Judgement::Fail | Judgement::NoData => Exit::Failed,
        Judgement::Inconclusive { .. } if arguments.strict => Exit::Inconclusive,
        Judgement::Inconclusive { .. } | Judgement::Pass => Exit::Done,
    };
    // Whoever asked for no summary still wants to know why the exit is not 0.
    for verdict in verdicts.iter().filter(|v| arguments.quiet && exit_of(v) != Exit::Done) {
        tell(&one_verdict(&scenario.name, verdict));
    }
    verdicts.iter().fold(Exit::Done, |exit, verdict| exit.or_worse(exit_of(verdict)))
}

fn simulate(
    arguments: &RunArguments,
    world: &World<'_>,
) -> Result<(Vec<Replication>, Performance), Exit> {
    let available = std::thread::available_parallelism().map_or(1, usize::from);
    let threads = arguments.threads.map_or(available, usize::from);
    let total = world.scenario().run.replications;
    let progress = Progress::new(arguments, &world.scenario().name, total);
    let started = Instant::now();
    let options = RunOptions { threads: Some(threads), log: arguments.log };
    let result = run_replications(world, options, || progress.done_one());
    let wall_s = started.elapsed().as_secs_f64();
    progress.finish();
    let replications = result.map_err(|bug| {
        let scenario = &world.scenario().name;
        tell(&format!(
            "error: a bug of routelab, not of yours: {}\n  in replication {} of {scenario}; this repeats it:\n  routelab run {} --seed {} --replications {} --threads 1 --out DIR{}",
            bug.what,
            bug.replication,
            arguments.scenarios.iter().map(|p| p.display().to_string()).collect::<Vec<_>>().join(" "),
            world.scenario().run.seed,
            bug.replication,
            arguments.set.iter().map(|s| format!(" --set '{s}'")).collect::<String>(),
        ));
        Exit::Bug
    })?;
    let events = replications.iter().map(|r| r.work.events).sum::<u64>();
    let decisions = replications.iter().map(|r| r.work.decisions).sum::<u64>();
    let days = world.period().ends.as_millis() as f64 / 86_400_000.0 * f64::from(total);
    // A clock may stand still between two readings; a rate is never infinite.
    let per_s = |n: f64| n / wall_s.max(1e-9);
    let performance = Performance {
        wall_s,
        events,
        events_per_s: per_s(events as f64),
        decisions,
        decisions_per_s: per_s(decisions as f64),
        simulated_days_per_s: per_s(days),
        peak_rss_bytes: peak_rss_bytes(),
        threads,
    };
    Ok((replications, performance))
}

fn manifest(
    arguments: &RunArguments,
    reading: &crate::scenario::Reading,
) -> Result<Manifest, Exit> {
    let scenario = &reading.scenario;
    let mut files = Vec::new();
    for traffic in &scenario.traffic {
        if let TrafficArrivals::Recorded(source) = &traffic.arrivals {
            let bytes = fs::read(&source.file).map_err(|error| {
                tell(&format!("error: {}: {error}", source.file.display()));
                Exit::Missing
            })?;
            files.push((source.file.display().to_string(), sha256_hex(&bytes)));
        }
    }
    Ok(Manifest {
        routelab: env!("CARGO_PKG_VERSION").to_owned(),
        model_version: MODEL_VERSION,
        name: scenario.name.clone(),
        scenario: reading.text.clone(),
        scenario_sha256: sha256_hex(reading.text.as_bytes()),
        overrides: arguments.set.clone(),
        seed: scenario.run.seed,
        replications: scenario.run.replications,
        files,
        log: arguments.log,
    })
}

/// What two runs differ in, for people.
fn differences(new: &Manifest, old: &Manifest) -> String {
    let mut all = Vec::new();
    if new.scenario_sha256 != old.scenario_sha256 {
        all.push("of another scenario text".to_owned());
    }
    if new.seed != old.seed {
        all.push(format!("seed {}, not {}", old.seed, new.seed));
    }
    if new.replications != old.replications {
        all.push(format!("{} replications, not {}", old.replications, new.replications));
    }
    if new.log && !old.log {
        all.push("without a log".to_owned());
    }
    if new.model_version != old.model_version {
        all.push(format!("of model version {}, not {}", old.model_version, new.model_version));
    }
    if new.files != old.files {
        all.push("of other data files".to_owned());
    }
    if all.is_empty() {
        all.push("with other values set".to_owned());
    }
    all.join(", ")
}

fn refused(directory: &Path, what: &str, remedy: &str) -> Exit {
    tell(&format!(
        "error: {} {what}; nothing was touched\n  help: {remedy} another place with --out DIR",
        directory.display()
    ));
    Exit::Usage
}

fn not_written(error: &DirectoryError) -> Exit {
    tell(&format!(
        "error: the results could not be written: {error}\n  what was there before is intact"
    ));
    Exit::NotWritten
}

/// A threshold that does not pass, for those who asked for no summary.
fn one_verdict(scenario: &str, verdict: &Verdict) -> String {
    let value = verdict.value.map_or("nothing to measure".to_owned(), |value| value.to_string());
    let of = match verdict.scope.name() {
        "" => String::new(),
        name => format!(" of {} {name}", verdict.scope.kind()),
    };
    format!(
        "{scenario}: threshold {}: {}{of} is {value}",
        verdict.judgement.name(),
        verdict.measure
    )
}

/// A warning without its place in the text, for the summary.
fn one_line(diagnostic: &Diagnostic) -> String {
    match &diagnostic.help {
        Some(help) => format!("{}: {help}", diagnostic.message),
        None => diagnostic.message.clone(),
    }
}

/// The most memory this process ever had, where the system tells.
fn peak_rss_bytes() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes =
        line.and_then(|rest| rest.trim().trim_end_matches("kB").trim().parse::<u64>().ok());
    kilobytes.unwrap_or(0) * 1024
}

/// How far a run has come, on stderr.
struct Progress {
    bar: ProgressBar,
    plain: bool,
    total: u32,
    done: AtomicU32,
    started: Instant,
    name: String,
}

/// A run that is over sooner shows no bar.
const PATIENCE: Duration = Duration::from_secs(1);

impl Progress {
    fn new(arguments: &RunArguments, name: &str, total: u32) -> Self {
        let wanted = !arguments.quiet && arguments.progress != ProgressKind::None;
        let plain = wanted && arguments.progress == ProgressKind::Plain;
        let on_terminal = wanted && !plain && std::io::stderr().is_terminal();
        let bar = if on_terminal {
            let bar =
                ProgressBar::with_draw_target(Some(u64::from(total)), ProgressDrawTarget::hidden());
            let style = "{msg} {wide_bar} {pos}/{len} replications, {eta} left";
            bar.set_style(ProgressStyle::with_template(style).expect("a template that is right"));
            bar.set_message(name.to_owned());
            bar
        } else {
            ProgressBar::hidden()
        };
        let done = AtomicU32::new(0);
        Self { bar, plain, total, done, started: Instant::now(), name: name.to_owned() }
    }

    fn done_one(&self) {
        let done = self.done.fetch_add(1, Ordering::Relaxed) + 1;
        if self.plain {
            let step = (self.total / 10).max(1);
            if done.is_multiple_of(step) || done == self.total {
                tell(&format!("{}: {done} of {} replications", self.name, self.total));
            }
        } else {
            if self.bar.is_hidden()
                && self.bar.length().is_some()
                && self.started.elapsed() > PATIENCE
            {
                self.bar.set_draw_target(ProgressDrawTarget::stderr());
            }
            self.bar.inc(1);
        }
    }

    fn finish(&self) {
        self.bar.finish_and_clear();
    }
}
