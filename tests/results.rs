//! The results directory of every shipped scenario: its columns, and what must add up in it.

mod support {
    pub(crate) mod binary;
    pub(crate) mod shipped;
    pub(crate) mod tables;
}

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;

use serde_json::Value;

use support::shipped::shipped;
use support::tables::{Results, Row, run};

const MEASURE_COLUMNS: &str = "measure,scope,name,stat,value,unit,ci_low,ci_high,n";

/// Every first message ends as exactly one of these.
const FINAL_OUTCOMES: [&str; 6] = [
    "answered_rate",
    "email_fallback_rate",
    "lost_rate",
    "refused_rate",
    "abandonment_rate",
    "open_at_end_rate",
];

const STATISTICS: [&str; 13] = [
    "count", "ratio", "value", "mean", "sd", "min", "max", "p50", "p75", "p90", "p95", "p99",
    "p999",
];

/// What sums of some thousand terms near 1 may be off by rounding.
const ROUNDING: f64 = 1e-9;

/// Every shipped scenario, with two replications.
fn all_shipped() -> Vec<(String, Results)> {
    let directory = shipped("small-team");
    let directory = directory.parent().expect("a file is in a directory");
    let entries = fs::read_dir(directory).expect("scenarios are shipped");
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "toml"));
    files.sort();
    assert!(files.len() >= 9, "{files:?}");
    let name = |path: &PathBuf| path.file_stem().expect("a name").to_string_lossy().into_owned();
    files.iter().map(|path| (name(path), run(path, &["-r", "2"]))).collect()
}

fn close(a: f64, b: f64) -> bool {
    (a - b).abs() <= ROUNDING * a.abs().max(b.abs()).max(1.0)
}

/// Values of `measures.csv` by measure, scope, name and statistic.
type Values = BTreeMap<[String; 4], f64>;

fn key(row: &Row) -> [String; 4] {
    ["measure", "scope", "name", "stat"].map(|column| row.text(column).to_owned())
}

fn values(rows: &[Row]) -> Values {
    rows.iter().filter_map(|row| Some((key(row), row.maybe("value")?))).collect()
}

/// `name`, `name.index` or `name{label=value,…}`.
fn is_name_of_a_measure(text: &str) -> bool {
    let word = |text: &str| {
        let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        !text.is_empty() && text.chars().all(allowed)
    };
    let (name, labels) = match text.split_once('{') {
        Some((name, rest)) => match rest.strip_suffix('}') {
            Some(labels) => (name, Some(labels)),
            None => return false,
        },
        None => (text, None),
    };
    let label = |pair: &str| {
        pair.split_once('=').is_some_and(|(key, value)| word(key) && !value.is_empty())
    };
    name.split('.').count() <= 2
        && name.split('.').all(word)
        && labels.is_none_or(|labels| labels.split(',').all(label))
}

#[test]
fn the_results_of_every_shipped_scenario_are_well_formed_and_add_up() {
    for (scenario, results) in all_shipped() {
        eprintln!("{scenario}");
        let rows = results.rows("measures.csv");
        measures_are_well_formed(&results, &rows);
        let values = values(&rows);
        outcomes_add_up(&values);
        parts_add_up_to_the_whole(&values);
        headlines_are_there(&results);
        other_tables_agree_with_the_measures(&results, &values);
        documents_can_be_read(&results, &scenario);
    }
}

fn measures_are_well_formed(results: &Results, rows: &[Row]) {
    let text = fs::read_to_string(results.path("measures.csv")).expect("it is there");
    assert_eq!(text.lines().next(), Some(MEASURE_COLUMNS));
    let mut seen = BTreeSet::new();
    for row in rows {
        assert!(seen.insert(key(row)), "twice: {row:?}");
        assert!(is_name_of_a_measure(row.text("measure")), "{row:?}");
        let scope = row.text("scope");
        assert!(["all", "chatflow", "team", "agent", "owned"].contains(&scope), "{row:?}");
        assert_eq!(scope == "all", row.text("name").is_empty(), "{row:?}");
        assert!(STATISTICS.contains(&row.text("stat")), "{row:?}");
        assert!(!row.text("unit").is_empty(), "{row:?}");
        let n = row.number("n");
        assert!(n >= 0.0 && n.fract() == 0.0, "{row:?}");
        let [value, low, high] = ["value", "ci_low", "ci_high"].map(|column| row.maybe(column));
        assert!([value, low, high].iter().flatten().all(|x| x.is_finite()), "{row:?}");
        let Some(value) = value else {
            assert!(low.is_none() && high.is_none(), "an interval of nothing: {row:?}");
            continue;
        };
        assert!(low.is_none_or(|low| low <= value + ROUNDING), "{row:?}");
        assert!(high.is_none_or(|high| value <= high + ROUNDING), "{row:?}");
        assert!(value >= 0.0 || row.text("measure").contains("excess"), "{row:?}");
    }
}

fn outcomes_add_up(values: &Values) {
    let groups: BTreeSet<(&str, &str)> = values
        .keys()
        .map(|[_, scope, name, _]| (scope.as_str(), name.as_str()))
        .filter(|(scope, _)| ["all", "chatflow", "owned"].contains(scope))
        .collect();
    for (scope, name) in groups {
        let value = |measure: &str| {
            values.get(&[measure, scope, name, "ratio"].map(str::to_owned)).copied()
        };
        let outcomes: Vec<f64> = FINAL_OUTCOMES.iter().filter_map(|m| value(m)).collect();
        if outcomes.is_empty() {
            let conversations = ["conversations", scope, name, "count"].map(str::to_owned);
            assert_eq!(values[&conversations], 0.0, "{scope} {name}");
            continue;
        }
        assert_eq!(outcomes.len(), FINAL_OUTCOMES.len(), "{scope} {name}");
        assert!(close(outcomes.iter().sum(), 1.0), "{scope} {name}: {outcomes:?}");
        let by_reason: f64 = values
            .iter()
            .filter(|([measure, s, n, _], _)| {
                measure.starts_with("email_fallback_rate{reason=") && s == scope && n == name
            })
            .map(|(_, rate)| rate)
            .sum();
        let emailed = value("email_fallback_rate").expect("counted above");
        assert!(close(by_reason, emailed), "{scope} {name}: {by_reason}, not {emailed}");
    }
}

/// The sum over the parts of one kind.
fn sum(values: &Values, measure: &str, scope: &str) -> f64 {
    let of_kind = |[m, s, _, _]: &[String; 4]| m == measure && s == scope;
    values.iter().filter(|(key, _)| of_kind(key)).map(|(_, value)| value).sum()
}

fn parts_add_up_to_the_whole(values: &Values) {
    for share in ["share", "entitled_share"] {
        let shares = sum(values, share, "agent");
        assert!(close(shares, 1.0), "{share} of agents adds to {shares}");
    }
    for count in ["conversations", "joined", "reassignments"] {
        let whole = sum(values, count, "all");
        for scope in ["chatflow", "owned"] {
            let parts = sum(values, count, scope);
            assert!(close(parts, whole), "{count} by {scope}: {parts}, not {whole}");
        }
    }
    let ways = ["rotation", "owner", "queue", "reassigned_in"];
    let by_way: f64 =
        ways.iter().map(|way| sum(values, &format!("assignments{{way={way}}}"), "agent")).sum();
    let assignments = sum(values, "assignments", "agent");
    assert!(close(by_way, assignments), "{by_way}, not {assignments}");
    let moved = |way| sum(values, &format!("assignments{{way={way}}}"), "agent");
    assert!(close(moved("reassigned_in"), moved("reassigned_out")));
    assert!(close(moved("reassigned_in"), sum(values, "reassignments", "all")));
}

fn headlines_are_there(results: &Results) {
    assert!(results.figure("conversations", "count").number("value") > 0.0);
    for rate in FINAL_OUTCOMES.into_iter().chain(["in_hours_email_rate", "occupancy"]) {
        assert_eq!(results.figure(rate, "ratio").text("unit"), "1");
    }
    for (measure, stat) in [
        ("first_response_s{way=chat}", "p50"),
        ("first_response_s{way=chat}", "p90"),
        ("answer_wait_s", "mean"),
    ] {
        assert_eq!(results.figure(measure, stat).text("unit"), "s");
    }
    assert_eq!(results.figure("fairness.excess", "value").text("n"), "2");
}

fn other_tables_agree_with_the_measures(results: &Results, values: &Values) {
    let total = |file: &str, column: &str| -> f64 {
        results.rows(file).iter().map(|row| row.number(column)).sum()
    };
    let conversations = sum(values, "conversations", "all");
    assert!(close(total("chatflows.csv", "conversations"), conversations));
    assert!(close(total("timeline.csv", "arrivals"), conversations));
    assert!(close(total("replications.csv", "conversations") / 2.0, conversations));
    // An hour of the week comes `hours` times in the run.
    let week = results.rows("week.csv");
    assert_eq!(week.len(), 168);
    let of_week = week.iter().filter_map(|r| Some(r.number("hours") * r.maybe("arrivals")?)).sum();
    assert!(close(of_week, conversations), "{of_week}, not {conversations}");

    let rotation = sum(values, "assignments{way=rotation}", "agent");
    assert!(close(total("agents.csv", "assigned_rotation"), rotation));
    let emailed = conversations * sum(values, "email_fallback_rate", "all");
    let received = total("agents.csv", "emails_received");
    assert!(close(received, emailed), "{received} emails received, not {emailed}");

    for row in results.rows("replications.csv") {
        let outcomes: f64 = FINAL_OUTCOMES.iter().map(|outcome| row.number(outcome)).sum();
        assert!(close(outcomes, 1.0), "{row:?}");
    }
}

fn documents_can_be_read(results: &Results, scenario: &str) {
    let text =
        |file| fs::read_to_string(results.path(file)).unwrap_or_else(|e| panic!("{file}: {e}"));
    let json = |file| -> Value { serde_json::from_str(&text(file)).expect(file) };
    let manifest = json("manifest.json");
    assert_eq!(manifest["name"], scenario, "a scenario is named like its file");
    assert_eq!(manifest["replications"], 2);
    let shipped = fs::read_to_string(shipped(scenario)).expect("it is shipped");
    assert_eq!(manifest["scenario"], shipped.as_str());
    assert!(json("summary.json")["measures"].as_array().is_some_and(|all| !all.is_empty()));
    let performance = json("perf.json");
    for figure in [
        "wall_s",
        "events",
        "events_per_s",
        "decisions",
        "decisions_per_s",
        "simulated_days_per_s",
        "peak_rss_bytes",
        "threads",
    ] {
        assert!(performance[figure].is_number(), "{figure}");
    }
    let work = json("work.json");
    assert_eq!(work["events"], performance["events"]);
    assert_eq!(work["decisions"], performance["decisions"]);
    let digest = text("DIGEST");
    let hex = digest.trim_end();
    assert_eq!(hex.len(), 64);
    assert!(hex.chars().all(|c| c.is_ascii_digit() || ('a'..='f').contains(&c)), "{hex}");
    assert!(text("latency.hgrm").contains("TotalCount"));
}

// Quantiles are read from the cells of a histogram, the extremes are exact: the upper end of the
// last cell must not be told as a quantile above the largest value.
#[test]
fn quantiles_ascend_from_the_smallest_value_to_the_largest() {
    for (scenario, results) in all_shipped() {
        let values = values(&results.rows("measures.csv"));
        for ([measure, scope, name, _], max) in values.iter().filter(|(key, _)| key[3] == "max") {
            let quantiles = ["min", "p50", "p75", "p90", "p95", "p99", "p999"]
                .map(|stat| values[&[measure, scope, name, stat].map(ToString::to_string)]);
            assert!(quantiles.is_sorted(), "{scenario}: {measure} {scope} {name}: {quantiles:?}");
            assert!(
                quantiles[6] <= *max,
                "{scenario}: {measure} {scope} {name}: {quantiles:?} {max}"
            );
        }
        let latency = results.rows("latency.csv");
        let curve = |row: &Row| ["measure", "scope", "name"].map(|c| row.text(c).to_owned());
        for pair in latency.windows(2) {
            if curve(&pair[0]) == curve(&pair[1]) {
                for column in ["percentile", "value_s", "at_most"] {
                    assert!(pair[0].number(column) <= pair[1].number(column), "{pair:?}");
                }
            } else {
                assert_eq!(pair[0].number("at_most"), pair[0].number("n"), "{pair:?}");
            }
        }
    }
}
