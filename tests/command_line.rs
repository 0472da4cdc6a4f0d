//! The command line from outside: what it writes, what it leaves alone, how it refuses, and the
//! exit code of each.

mod support {
    pub(crate) mod binary;
    pub(crate) mod shipped;
}

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use assert_cmd::assert::Assert;
use serde_json::Value;
use tempfile::TempDir;

use support::binary::{place, routelab};
use support::shipped::shipped;

/// Everything that a results directory holds without a log.
const FILES: [&str; 14] = [
    "manifest.json",
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

/// One day of a team of three; small, and with a threshold that always holds.
const SMALL: &str = r#"format = 1
name = "small"

[run]
starts = "2026-03-02"
lasts = "1d"
time_zone = "UTC"
replications = 5

[[team]]
name = "sales"
agents = 3
office_hours = { mon-fri = "09:00-17:00" }

[[chatflow]]
name = "website"
route_to = ["team:sales"]

[visitors.web]
known = 0.45

[[traffic]]
chatflow = "website"
per_day = 100

[[threshold]]
measure = "lost_rate"
must = "<= 1"
"#;

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).expect("output is UTF-8")
}

fn stdout(assert: &Assert) -> &str {
    text(&assert.get_output().stdout)
}

fn stderr(assert: &Assert) -> &str {
    text(&assert.get_output().stderr)
}

/// `run SCENARIO -o OUT …`.
fn run(scenario: &Path, out: &Path, arguments: &[&str]) -> Assert {
    routelab().arg("run").arg(scenario).arg("-o").arg(out).args(arguments).assert()
}

/// A scenario with this text, alone in its directory.
fn scenario(text: &str) -> (TempDir, PathBuf) {
    let place = place();
    let path = place.path().join("scenario.toml");
    fs::write(&path, text).expect("a temporary file can be written");
    (place, path)
}

/// All files below a directory, with what they hold and when they were written.
fn snapshot(directory: &Path) -> BTreeMap<PathBuf, (Vec<u8>, SystemTime)> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(directory).expect("a directory that can be read") {
        let path = entry.expect("an entry that can be read").path();
        if path.is_dir() {
            files.extend(snapshot(&path));
        } else {
            let written = fs::metadata(&path).and_then(|m| m.modified()).expect("it has a time");
            files.insert(path.clone(), (fs::read(&path).expect("it can be read"), written));
        }
    }
    files
}

/// The names in a directory, in order.
fn names(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).expect("a directory that can be read");
    let mut names: Vec<String> = entries
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

fn digest(out: &Path) -> String {
    fs::read_to_string(out.join("DIGEST")).expect("every run leaves a DIGEST")
}

// ---- what a run writes ----

#[test]
fn a_run_writes_every_file_of_the_results_directory_and_nothing_anywhere_else() {
    let (work, elsewhere) = (place(), place());
    let out = work.path().join("out");
    let command = routelab()
        .current_dir(elsewhere.path())
        .args(["run", "-r", "2"])
        .arg(shipped("small-team"))
        .arg("-o")
        .arg(&out)
        .assert()
        .code(0);
    let mut expected: Vec<String> = FILES.map(str::to_owned).to_vec();
    expected.extend(["charts".to_owned(), "parts".to_owned()]);
    expected.sort();
    assert_eq!(names(&out), expected);
    assert_eq!(names(&out.join("parts")), ["00001.json", "00002.json"]);
    let charts = names(&out.join("charts"));
    assert!(!charts.is_empty() && charts.iter().all(|chart| chart.ends_with(".svg")), "{charts:?}");
    assert_eq!(names(work.path()), ["out"], "temporary directories are gone");
    assert_eq!(names(elsewhere.path()), [""; 0], "nothing in the current directory");
    let summary = stdout(&command);
    assert!(summary.contains("small-team") && summary.contains("What became of"), "{summary}");
    assert!(!summary.contains('\u{1b}'), "no colour where nobody sees it");
}

#[test]
fn without_a_place_results_go_to_reports_and_the_scenarios_name() {
    let work = place();
    let mut command = routelab();
    command.current_dir(work.path()).args(["run", "-q", "-r", "1"]).arg(shipped("small-team"));
    command.assert().code(0);
    assert_eq!(names(work.path()), ["reports"]);
    assert!(work.path().join("reports/small-team/DIGEST").exists());
}

#[test]
fn several_scenarios_share_a_place_under_their_names() {
    let work = place();
    let mut command = routelab();
    command.args(["run", "-q", "-r", "1", "-o"]).arg(work.path().join("all"));
    command.args([shipped("small-team"), shipped("night-leads")]).assert().code(0);
    assert_eq!(names(&work.path().join("all")), ["night-leads", "small-team"]);
}

#[test]
fn a_log_adds_decisions_and_conversations_and_is_missed_if_it_is_not_there() {
    let work = place();
    let out = work.path().join("out");
    let path = shipped("small-team");
    run(&path, &out, &["-q", "-r", "1"]).code(0);
    let without = digest(&out);
    let refused = run(&path, &out, &["-q", "-r", "1", "--log"]).code(2);
    assert!(stderr(&refused).contains("without a log"), "{}", stderr(&refused));
    run(&path, &out, &["-q", "-r", "1", "--log", "--fresh"]).code(0);
    let held = names(&out);
    assert!(["conversations.csv", "decisions.csv"].iter().all(|f| held.contains(&f.to_string())));
    assert_eq!(digest(&out), without, "logging changes no figure");
    // Results with a log are as good as results without.
    let before = snapshot(&out);
    run(&path, &out, &["-q", "-r", "1"]).code(0);
    assert_eq!(snapshot(&out), before);
}

#[test]
fn json_goes_to_stdout_and_quiet_prints_nothing() {
    let work = place();
    let path = shipped("small-team");
    let printed = run(&path, &work.path().join("a"), &["-r", "2", "--format", "json"]).code(0);
    let summary: Value = serde_json::from_str(stdout(&printed)).expect("JSON and nothing else");
    assert_eq!(summary["name"], "small-team");
    assert_eq!(summary["replications"], 2);
    assert_eq!(stderr(&printed), "");
    let written = fs::read_to_string(work.path().join("a/summary.json")).expect("it is there");
    assert_eq!(summary, serde_json::from_str::<Value>(&written).expect("it is JSON"));
    let quiet = run(&path, &work.path().join("b"), &["-r", "2", "--quiet"]).code(0);
    assert_eq!((stdout(&quiet), stderr(&quiet)), ("", ""));
}

// ---- what is there already ----

#[test]
fn the_same_run_again_is_not_simulated_and_says_so() {
    let work = place();
    let out = work.path().join("out");
    let path = shipped("small-team");
    run(&path, &out, &["-r", "2", "-j", "1"]).code(0);
    let before = snapshot(&out);
    let again = run(&path, &out, &["-r", "2", "-j", "2"]).code(0);
    assert!(stdout(&again).contains("nothing was simulated"), "{}", stdout(&again));
    assert_eq!(snapshot(&out), before);
    assert_eq!(names(work.path()), ["out"]);
}

#[test]
fn another_run_is_refused_and_replaces_what_is_there_only_if_told_to() {
    let (work, path) = (place(), shipped("small-team"));
    let out = work.path().join("out");
    run(&path, &out, &["-q", "-r", "2", "-s", "1"]).code(0);
    let before = snapshot(&out);
    let of_seed_1 = digest(&out);
    for (other, says) in [
        (&["-q", "-r", "2", "-s", "2"][..], "seed 1, not 2"),
        (&["-q", "-r", "3", "-s", "1"], "2 replications, not 3"),
        (&["-q", "-r", "2", "-s", "1", "--set", "team.sales.agents=6"], "other values set"),
    ] {
        let refused = run(&path, &out, other).code(2);
        assert!(stderr(&refused).contains(says), "{}", stderr(&refused));
        assert!(stderr(&refused).contains("--fresh"), "{}", stderr(&refused));
        assert_eq!(snapshot(&out), before);
    }
    run(&path, &out, &["-q", "-r", "2", "-s", "2", "--fresh"]).code(0);
    assert_ne!(digest(&out), of_seed_1);
    assert_eq!(names(work.path()), ["out"], "the old results are gone");
}

#[test]
fn what_is_no_results_directory_is_never_replaced() {
    let work = place();
    let photos = work.path().join("photos");
    fs::create_dir(&photos).expect("it can be made");
    fs::write(photos.join("cat.jpg"), "meow").expect("it can be written");
    let file = work.path().join("thesis.txt");
    fs::write(&file, "chapter 1").expect("it can be written");
    let before = snapshot(work.path());
    for place in [&photos, &file] {
        for fresh in [&["-r", "1"][..], &["-r", "1", "--fresh"]] {
            let refused = run(&shipped("small-team"), place, fresh).code(2);
            assert!(stderr(&refused).contains("no results directory"), "{}", stderr(&refused));
            assert!(stderr(&refused).contains("--out"), "{}", stderr(&refused));
            assert_eq!(stdout(&refused), "");
        }
    }
    assert_eq!(snapshot(work.path()), before);
    // An empty directory is a fine place.
    let empty = work.path().join("empty");
    fs::create_dir(&empty).expect("it can be made");
    run(&shipped("small-team"), &empty, &["-q", "-r", "1"]).code(0);
}

#[test]
fn results_that_cannot_be_written_are_told_with_74() {
    let work = place();
    // No file system has names of 300 letters.
    let refused = run(&shipped("small-team"), &work.path().join("x".repeat(300)), &["-r", "1"]);
    let refused = refused.code(74);
    assert!(stderr(&refused).contains("could not be written"), "{}", stderr(&refused));
    assert_eq!(names(work.path()), [""; 0]);
}

// ---- the same figures ----

#[test]
fn the_digest_depends_on_the_seed_and_not_on_the_number_of_threads() {
    let work = place();
    let digest_of = |name: &str, arguments: &[&str]| {
        let out = work.path().join(name);
        run(&shipped("small-team"), &out, &[&["-q", "-r", "4"], arguments].concat()).code(0);
        digest(&out)
    };
    let one = digest_of("one", &["-s", "7", "-j", "1"]);
    assert_eq!(digest_of("two", &["-s", "7", "-j", "2"]), one);
    assert_ne!(digest_of("other", &["-s", "8", "-j", "2"]), one);
}

#[test]
fn the_order_of_teams_that_nobody_routes_to_does_not_show() {
    let base = fs::read_to_string(shipped("small-team")).expect("it is shipped");
    let nights = "\n[[team]]\nname = \"nights\"\nagents = 2\n";
    let days = "\n[[team]]\nname = \"days\"\nagents = 3\n";
    let work = place();
    let digests = [("a", [nights, days]), ("b", [days, nights])].map(|(name, teams)| {
        let (_kept, path) = scenario(&(base.clone() + &teams.concat()));
        let out = work.path().join(name);
        run(&path, &out, &["-q", "-r", "2"]).code(0);
        digest(&out)
    });
    assert_eq!(digests[0], digests[1]);
}

// ---- wrong files ----

/// A mistake in a scenario.
struct Mistake {
    /// What of [`SMALL`] …
    replaces: &'static str,
    /// … is written like this.
    by: &'static str,
    /// The exit code.
    exit: i32,
    /// The code of the diagnostic.
    code: &'static str,
    /// The file in which it is found, and the line and column.
    at: (&'static str, u64, u64),
    /// What the message says, among other things.
    says: &'static str,
    /// What it says about how to mend it; empty where what is wrong says that already.
    remedy: &'static str,
}

const MISTAKES: [Mistake; 12] = [
    Mistake {
        replaces: "per_day = 100",
        by: "per_dya = 100",
        exit: 65,
        code: "unknown-key",
        at: ("scenario.toml", 24, 1),
        says: "no key `per_dya`",
        remedy: "did you mean `per_day`?",
    },
    Mistake {
        replaces: "team:sales",
        by: "team:slaes",
        exit: 65,
        code: "unknown-name",
        at: ("scenario.toml", 17, 13),
        says: "no team is called `slaes`",
        remedy: "did you mean `sales`?",
    },
    Mistake {
        replaces: "\"1d\"",
        by: "5",
        exit: 65,
        code: "needs-unit",
        at: ("scenario.toml", 6, 9),
        says: "needs a unit",
        remedy: "write \"5s\" for seconds",
    },
    Mistake {
        replaces: "2026-03-02",
        by: "2026-02-30",
        exit: 65,
        code: "impossible-value",
        at: ("scenario.toml", 5, 10),
        says: "the calendar has no 2026-02-30",
        remedy: "February 2026 has 28 days",
    },
    Mistake {
        replaces: "09:00-17:00",
        by: "09:00-09:00",
        exit: 65,
        code: "impossible-value",
        at: ("scenario.toml", 13, 28),
        says: "opens and closes at the same time",
        remedy: "the whole day is \"00:00-24:00\"",
    },
    Mistake {
        replaces: "0.45",
        by: "1.4",
        exit: 65,
        code: "impossible-value",
        at: ("scenario.toml", 20, 9),
        says: "expected a number",
        remedy: "from 0 to 1",
    },
    Mistake {
        replaces: "[\"team:sales\"]",
        by: "[]",
        exit: 65,
        code: "impossible-value",
        at: ("scenario.toml", 17, 12),
        says: "the routing list is empty",
        remedy: "",
    },
    Mistake {
        replaces: "per_day = 100",
        by: "per_day = -3",
        exit: 65,
        code: "impossible-value",
        at: ("scenario.toml", 24, 11),
        says: "expected a number",
        remedy: "from 0 to",
    },
    Mistake {
        replaces: "per_day = 100",
        by: "trace = \"nowhere.csv\"",
        exit: 66,
        code: "missing-file",
        at: ("scenario.toml", 24, 9),
        says: "there is no file",
        remedy: "files are found from the directory of the scenario",
    },
    Mistake {
        replaces: "per_day = 100",
        by: "trace = \"arrivals.csv\"",
        exit: 65,
        code: "bad-row",
        at: ("arrivals.csv", 3, 1),
        says: "`soon` is not a time",
        remedy: "like 2026-03-02T09:15",
    },
    Mistake {
        replaces: "lost_rate",
        by: "loss_rate",
        exit: 65,
        code: "unknown-measure",
        at: ("scenario.toml", 27, 11),
        says: "there is no measure `loss_rate`",
        remedy: "the nearest is `lost_rate`",
    },
    Mistake {
        replaces: "agents = 3",
        by: "agents = 3\ncapacity = 2",
        exit: 65,
        code: "not-built-yet",
        at: ("scenario.toml", 13, 1),
        says: "does not simulate it yet",
        remedy: "remove it",
    },
];

impl Mistake {
    /// The scenario with the mistake, beside recorded arrivals with a bad row.
    fn made(&self) -> (TempDir, PathBuf) {
        assert_eq!(SMALL.matches(self.replaces).count(), 1, "{}", self.replaces);
        let (place, path) = scenario(&SMALL.replace(self.replaces, self.by));
        let arrivals = "at,contact\n2026-03-02T09:00,kim\nsoon,lee\n";
        fs::write(place.path().join("arrivals.csv"), arrivals).expect("it can be written");
        (place, path)
    }
}

#[test]
fn a_run_refuses_a_wrong_file_with_its_place_and_a_remedy_and_writes_nothing() {
    for mistake in &MISTAKES {
        let (place, path) = mistake.made();
        let before = snapshot(place.path());
        let refused = run(&path, &place.path().join("out"), &[]).code(mistake.exit);
        let said = stderr(&refused);
        let (file, line, column) = mistake.at;
        let place_said = format!("{file}:{line}:{column}");
        for expected in [mistake.code, &place_said, mistake.says, mistake.remedy] {
            assert!(said.contains(expected), "{}: no `{expected}` in\n{said}", mistake.by);
        }
        assert_eq!(stdout(&refused), "");
        assert_eq!(snapshot(place.path()), before, "{}", mistake.by);
        assert!(!place.path().join("out").exists());
    }
}

#[test]
fn a_check_refuses_the_same_files_with_the_same_codes_for_people_and_for_machines() {
    for mistake in &MISTAKES {
        let (place, path) = mistake.made();
        let before = snapshot(place.path());
        let human = routelab().arg("check").arg(&path).assert().code(mistake.exit);
        assert!(stderr(&human).contains(mistake.says), "{}", stderr(&human));
        let machine = routelab()
            .arg("check")
            .arg(&path)
            .args(["--format", "json"])
            .assert()
            .code(mistake.exit);
        let found: Value = serde_json::from_str(stdout(&machine)).expect("JSON and nothing else");
        assert_eq!(found[0]["valid"], false);
        let diagnostics = found[0]["diagnostics"].as_array().expect("a list");
        assert_eq!(diagnostics.len(), 1, "{}: {found}", mistake.by);
        let diagnostic = &diagnostics[0];
        let (file, line, column) = mistake.at;
        assert_eq!(diagnostic["code"], mistake.code, "{diagnostic}");
        assert_eq!(diagnostic["severity"], "error", "{diagnostic}");
        assert_eq!((&diagnostic["line"], &diagnostic["column"]), (&line.into(), &column.into()));
        let named = diagnostic["file"].as_str().expect("the name of a file");
        assert!(named.ends_with(file), "{diagnostic}");
        assert_eq!(snapshot(place.path()), before, "{}", mistake.by);
    }
}

#[test]
fn all_mistakes_of_a_file_are_told_at_once_in_order_of_their_lines() {
    let changes = [
        ("2026-03-02", "2026-02-30"),
        ("09:00-17:00", "09:00-09:00"),
        ("team:sales", "team:slaes"),
        ("0.45", "1.4"),
        ("per_day", "per_dya"),
        ("lost_rate\"\nmust", "lost_rate\"\nmsut"),
    ];
    let wrong = changes.iter().fold(SMALL.to_owned(), |text, (from, to)| text.replace(from, to));
    let (place, path) = scenario(&wrong);
    let refused = run(&path, &place.path().join("out"), &[]).code(65);
    for (_, wrong) in &changes[..5] {
        assert!(stderr(&refused).contains(wrong), "no {wrong} in\n{}", stderr(&refused));
    }
    let check = routelab().arg("check").arg(&path).args(["--format", "json"]).assert().code(65);
    let found: Value = serde_json::from_str(stdout(&check)).expect("JSON and nothing else");
    let diagnostics = found[0]["diagnostics"].as_array().expect("a list");
    let lines: Vec<u64> =
        diagnostics.iter().map(|d| d["line"].as_u64().expect("every one has a line")).collect();
    assert!(lines.is_sorted(), "{lines:?}");
    for line in [5, 13, 17, 20, 24, 28] {
        assert!(lines.contains(&line), "no line {line} in {lines:?}");
    }
    assert_eq!(names(place.path()), ["scenario.toml"]);
}

#[test]
fn a_missing_scenario_is_told_with_66_and_stops_the_others_before_they_begin() {
    let work = place();
    let gone = work.path().join("gone.toml");
    let out = work.path().join("out");
    let refused = run(&gone, &out, &[]).code(66);
    assert!(stderr(&refused).contains("gone.toml"), "{}", stderr(&refused));
    routelab().arg("check").arg(&gone).assert().code(66);
    let mut both = routelab();
    both.arg("run").arg(shipped("small-team")).arg(&gone).arg("-o").arg(&out).assert().code(66);
    assert_eq!(names(work.path()), [""; 0], "nothing is written if anything is wrong");
}

#[test]
fn every_shipped_scenario_passes_its_check() {
    let directory = shipped("small-team");
    let directory = directory.parent().expect("a file is in a directory");
    let all = names(directory);
    assert!(all.len() >= 9, "{all:?}");
    let mut command = routelab();
    command.arg("check").args(all.iter().map(|name| directory.join(name)));
    let checked = command.assert().code(0);
    assert_eq!(stdout(&checked).matches("nothing wrong").count(), all.len());
}

#[test]
fn a_bad_command_line_is_told_with_2_and_asking_for_help_is_none() {
    for wrong in [&[][..], &["rnu"], &["run"], &["run", "--frehs", "x.toml"], &["check"]] {
        let refused = routelab().args(wrong).assert().code(2);
        assert!(!stderr(&refused).is_empty());
        assert_eq!(stdout(&refused), "");
    }
    routelab().args(["run", "x.toml", "-j", "0"]).assert().code(2);
    routelab().args(["run", "x.toml", "-s", "soon"]).assert().code(2);
    for asked in ["--help", "--version"] {
        let answer = routelab().arg(asked).assert().code(0);
        assert!(stdout(&answer).contains("routelab"), "{}", stdout(&answer));
    }
}

// ---- thresholds ----

/// Runs [`SMALL`] with these thresholds; the exit code and the verdicts.
fn judged(thresholds: &[(&str, &str)], arguments: &[&str]) -> (i32, Vec<String>) {
    let (base, _) = SMALL.split_once("[[threshold]]").expect("it has one");
    let tables: String = thresholds
        .iter()
        .map(|(measure, must)| {
            format!("[[threshold]]\nmeasure = \"{measure}\"\nmust = \"{must}\"\n")
        })
        .collect();
    let (place, path) = scenario(&(base.to_owned() + &tables));
    let mut all = vec!["--format", "json"];
    all.extend(arguments);
    let done = run(&path, &place.path().join("out"), &all);
    let summary: Value = serde_json::from_str(stdout(&done)).expect("JSON and nothing else");
    let verdicts = summary["thresholds"].as_array().expect("a list").iter();
    let verdicts = verdicts.map(|v| v["verdict"].as_str().expect("a word").to_owned()).collect();
    assert!(place.path().join("out/DIGEST").exists(), "results are written whatever they say");
    (done.get_output().status.code().expect("it was not killed"), verdicts)
}

#[test]
fn a_threshold_that_holds_passes_and_one_that_does_not_fails_with_99() {
    assert_eq!(judged(&[("lost_rate", "<= 1")], &[]), (0, vec!["pass".to_owned()]));
    // About a hundred come: 1 is ten standard deviations away.
    assert_eq!(judged(&[("conversations", "<= 1")], &[]), (99, vec!["fail".to_owned()]));
}

#[test]
fn a_threshold_without_data_fails() {
    // Nobody is away, so no reply ever meets an agent who is.
    let threshold = [("reassign_rate", "<= 1")];
    assert_eq!(judged(&threshold, &[]), (99, vec!["no data".to_owned()]));
}

#[test]
fn a_threshold_inside_the_interval_is_inconclusive_and_fails_only_if_strict() {
    let (place, path) = scenario(SMALL);
    let first = run(&path, &place.path().join("out"), &["--format", "json"]).code(0);
    let summary: Value = serde_json::from_str(stdout(&first)).expect("JSON and nothing else");
    let measures = summary["measures"].as_array().expect("a list");
    let row = measures.iter().find(|row| row["measure"] == "conversations").expect("it is there");
    // An interval contains its own value, and five numbers of visitors are hardly all the same.
    let (low, value) = (row["ci_low"].as_f64(), row["value"].as_f64());
    assert!(low.expect("five replications") < value.expect("somebody came"));
    let bound = format!(">= {}", row["value"]);
    let threshold = [("conversations", bound.as_str())];
    assert_eq!(judged(&threshold, &[]), (0, vec!["inconclusive".to_owned()]));
    assert_eq!(judged(&threshold, &["--strict"]), (96, vec!["inconclusive".to_owned()]));
    // What failed outweighs what is open.
    let both = [threshold[0], ("conversations", "<= 1")];
    assert_eq!(judged(&both, &["--strict"]).0, 99);
}

#[test]
fn nothing_can_be_written_below_a_file_and_the_file_stays_as_it_is() {
    let work = place();
    let file = work.path().join("thesis.txt");
    fs::write(&file, "chapter 1").expect("it can be written");
    let before = snapshot(work.path());
    for below in ["x", "x/y"] {
        let refused = run(&shipped("small-team"), &file.join(below), &["-r", "1"]).code(74);
        assert!(stderr(&refused).contains("thesis.txt"), "{}", stderr(&refused));
        assert_eq!(snapshot(work.path()), before);
    }
}
