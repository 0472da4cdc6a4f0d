//! What every mistake says, and where: the top of the file, chatflows, visitors and traffic.

use std::path::Path;

use crate::diagnostic::{exit_code, render_human, to_json};
use crate::ids::AgentId;

use super::super::TrafficArrivals;
use super::{SMALL, good, mistakes, read_with, wrong};

#[test]
fn eleven_different_mistakes_are_eleven_diagnostics_in_the_order_of_the_text() {
    let text = r#"format = 1
name = "a b"
colour = "red"
[run]
lasts = 7
starts = "2026-02-30"
[[team]]
name = "sales"
agents = 0
[[chatflow]]
name = "website"
route_to = ["team:salse"]
rotaton = "ring"
nobody_online = "queue"
[[traffic]]
chatflow = "webside"
per_day = "many"
profile = "busines"
"#;
    assert_eq!(
        mistakes(text),
        [
            "2:8 impossible-value `a b` cannot be the name of a scenario (it names a directory: \
             letters, digits, `-`, `_` and `.`, not first a `.`)",
            "3:1 unknown-key a scenario has no key `colour`",
            "5:9 needs-unit a length of time needs a unit (write \"7s\" for seconds, \"7d\" for days; units are ms, \
             s, m, h, d and w)",
            "6:10 impossible-value the calendar has no 2026-02-30 (February 2026 has 28 days)",
            "9:10 impossible-value a team needs at least one agent",
            "12:13 unknown-name no team is called `salse` (did you mean `sales`?)",
            "13:1 unknown-key [[chatflow]] has no key `rotaton` (did you mean `rotation`?)",
            "14:17 not-built-yet \"queue\" is part of the format, but this version does not \
             simulate it yet (`routelab route` does; remove it to simulate)",
            "16:12 unknown-name no chatflow is called `webside` (did you mean `website`?)",
            "17:11 wrong-type expected a number, found a string",
            "18:11 unknown-name no profile is called `busines` (did you mean `business`?)",
        ]
    );
    let found = read_with(text, &[]).expect_err("mistakes");
    assert_eq!(exit_code(&found), 65);
    let human = render_human(&found, false);
    assert!(human.contains("--> x.toml:12:13"), "{human}");
    assert!(human.contains("12 | route_to = [\"team:salse\"]"), "{human}");
    let json = to_json(&found);
    assert_eq!(json[0]["end_column"], 13);
    assert_eq!(json[5]["code"], "unknown-name");
}

#[test]
fn the_top_says_what_is_missing_and_what_cannot_be() {
    assert_eq!(
        mistakes(""),
        [
            "1:1 missing-key a scenario needs `format`",
            "1:1 missing-key a scenario needs `name`",
            "1:1 missing-key a scenario needs an agent (add a [[team]] or an [[agent]])",
            "1:1 missing-key a scenario needs a `[[chatflow]]` (as in: [[chatflow]] name = \
             \"website\", route_to = [\"team:sales\"])",
        ]
    );
    assert_eq!(
        mistakes(&SMALL.replace("format = 1", "format = 2")),
        ["1:10 impossible-value this version reads format 1, not 2"]
    );
    for name in ["", "..", ".x", "a/b", "a\\\\b", "x y"] {
        let found = mistakes(&SMALL.replace("\"small\"", &format!("\"{name}\"")));
        assert!(found[0].starts_with("2:8 impossible-value"), "{found:?}");
    }
    wrong("[[period]]\nname = \"x\"\n", &["1:3 not-built-yet `period`"]);
    wrong("[team]\n", &["1:2 syntax"]);
}

#[test]
fn mistakes_of_the_run() {
    wrong("[run]\nstarts = 5\n", &["2:10 wrong-type expected a date"]);
    wrong("[run]\nstarts = \"tomorrow\"\n", &["2:10 impossible-value `tomorrow` is no date"]);
    wrong("[run]\nstarts = \"2026-13-01\"\n", &["2:10 impossible-value the calendar has no"]);
    wrong("[run]\nstarts = \"2026-03-02T25:00\"\n", &["2:10 impossible-value `25:00` is no time"]);
    wrong(
        "[run]\nstarts = 2026-03-02T09:00:00Z\n",
        &["2:10 impossible-value the time is written without a zone or offset"],
    );
    wrong("[run]\nstarts = 2026-02-30\n", &["2:10 syntax invalid date"]);
    wrong("[run]\nstarts = \"0001-01-01\"\n", &["2:10 impossible-value dates go from 1970"]);
    wrong("[run]\nlasts = \"0d\"\n", &["2:9 impossible-value"]);
    wrong("[run]\nlasts = \"11w20x\"\n", &["2:9 impossible-value `x` is not a unit of time"]);
    wrong("[run]\nlasts = \"30\"\n", &["2:9 needs-unit"]);
    wrong("[run]\nlasts = \"600w\"\n", &["2:9 impossible-value that is longer than ten years"]);
    wrong("[run]\nwarm_up = \"auto\"\n", &["2:11 not-built-yet \"auto\""]);
    wrong("[run]\nprecision = 0.1\n", &["2:1 not-built-yet `precision`"]);
    wrong(
        "[run]\nends = \"dran\"\n",
        &["2:8 impossible-value \"dran\" is not one of the choices (did you"],
    );
    wrong("[run]\nreplications = 0\n", &["2:16 impossible-value expected a whole number from 1"]);
    wrong("[run]\nreplications = 2.5\n", &["2:16 wrong-type expected a whole number"]);
    wrong("[run]\nseed = -1\n", &["2:8 impossible-value expected a whole number from 0"]);
    wrong(
        "[run]\ntime_zone = \"Europe/Dubln\"\n",
        &[
            "2:13 unknown-name no time zone is called `Europe/Dubln` (did you mean `Europe/Dublin`?)",
        ],
    );
    wrong("run = 5\n", &["1:1 unknown-key [[chatflow]] has no key `run`"]);
}

#[test]
fn mistakes_of_chatflows() {
    let flow = |lines: &str, expected: &[&str]| {
        wrong(&format!("[[chatflow]]\nname = \"b\"\n{lines}\n"), expected);
    };
    flow("", &["1:1 missing-key [[chatflow]] needs `route_to`"]);
    flow("route_to = []", &["3:12 impossible-value the routing list is empty"]);
    flow("route_to = \"team:sales\"", &["3:12 wrong-type expected a list"]);
    flow(
        "route_to = [\"sales\"]",
        &[
            "3:13 impossible-value an entry of the routing list is an agent or a team (write \"team:sales\")",
        ],
    );
    flow(
        "route_to = [\"sales-1\"]",
        &[
            "3:13 impossible-value an entry of the routing list is an agent or a team (write \"agent:sales-1\")",
        ],
    );
    flow(
        "route_to = [\"agent:sales-6\"]",
        &["3:13 unknown-name no agent is called `sales-6` (did you mean `sales-1`?)"],
    );
    flow(
        "route_to = [\"team:sales\", \"team:sales\"]",
        &["3:27 conflict \"team:sales\" is on the list twice"],
    );
    let list = "route_to = [\"team:sales\"]\n";
    let also = |line: &str, expected: &[&str]| flow(&format!("{list}{line}"), expected);
    also(
        "rotation = \"rign\"",
        &["4:12 impossible-value \"rign\" is not one of the choices (did you mean `ring`?)"],
    );
    also("owner_counts = \"no\"", &["4:16 wrong-type expected true or false, found a string"]);
    also("preset = \"hubspot\"", &["4:10 impossible-value"]);
    also("close_after = 30", &["4:15 needs-unit"]);
    also("email_leads = \"agents\"", &["4:15 wrong-type expected a table"]);
    also(
        "email_leads = { to = \"agent\" }",
        &["4:22 impossible-value \"agent\" is not one of the choices (did you mean `agents`?)"],
    );
    also("email_leads = { to = \"agent:sales-9\" }", &["4:22 unknown-name"]);
    also("email_leads = { by = \"lru\" }", &["4:22 impossible-value"]);
    wrong(
        "[[chatflow]]\nname = \"website\"\nroute_to = [\"team:sales\"]\n",
        &["2:8 conflict there are two chatflows called `website`"],
    );
}

#[test]
fn mistakes_of_visitors() {
    let web = |line: &str, expected: &[&str]| wrong(&format!("[visitors.web]\n{line}\n"), expected);
    web("known = 1.1", &["2:9 impossible-value expected a number from 0 to 1"]);
    web("known = \"all\"", &["2:9 wrong-type expected a number, found a string"]);
    web("owners = \"eben\"", &["2:10 impossible-value"]);
    web(
        "owners = { gini = 0.9 }",
        &["2:19 impossible-value the Gini index of 5 agents is at most 0.800"],
    );
    web(
        "owners = { sales-1 = 3, sales1 = 1 }",
        &["2:25 unknown-name no agent is called `sales1` (did you mean `sales-1`?)"],
    );
    web("owners = { sales-1 = -3 }", &["2:10 impossible-value no owner", "2:22 impossible-value"]);
    web("owners = { sales-1 = 0 }", &["2:10 impossible-value no owner has a weight above 0"]);
    web("patience = \"for ever\"", &["2:12 impossible-value `for ever` is not a length of time"]);
    web("patience_until = \"pickup\"", &["2:18 not-built-yet"]);
    for key in ["contacts", "late_reply", "return", "reads_first"] {
        web(&format!("{key} = 1"), &["2:1 not-built-yet"]);
    }
    let s = good(
        &(SMALL.to_owned() + "[visitors.web]\npatience = \"forever\"\nowners = { sales-2 = 1 }\n"),
        &[],
    );
    assert_eq!(s.visitors[0].model.patience, None);
    assert_eq!(s.visitors[0].model.owners.owner(0.5), AgentId::new(1));
}

#[test]
fn mistakes_of_traffic() {
    let traffic =
        |line: &str, expected: &[&str]| wrong(&format!("[[traffic]]\n{line}\n"), expected);
    traffic("per_day = 1\nper_week = 7", &["3:1 conflict [[traffic]] has one rate"]);
    traffic("per_day = -1", &["2:11 impossible-value"]);
    traffic("per_day = inf", &["2:11 impossible-value"]);
    traffic("visitors = \"web\"", &["2:12 unknown-name no [visitors] table is called `web`"]);
    traffic("profile = \"mine.csv\"", &["2:11 not-built-yet a profile in a file"]);
    traffic("profile = { hourly = [] }", &["2:11 not-built-yet a profile of one's own"]);
    traffic("spikes = []", &["2:1 not-built-yet"]);
    traffic("scale = \"as-is\"", &["2:1 not-built-yet"]);
    traffic(
        "busyness = { day_cv = 0.2, day_gamma = 10 }",
        &["2:28 conflict `day_cv` and `day_gamma`"],
    );
    traffic("busyness = { day_gamma = 0 }", &["2:26 impossible-value"]);
    traffic("busyness = 0.2", &["2:12 wrong-type"]);
    traffic("[[traffic]]", &["2:1 conflict there are two [[traffic]] tables called `website`"]);
    traffic(
        "[visitors.a]\n[visitors.b]",
        &["1:1 missing-key [[traffic]] needs `visitors`, because there are several (one of a, b)"],
    );
    traffic(
        "[[chatflow]]\nname = \"b\"\nroute_to = [\"team:sales\"]",
        &[
            "1:1 missing-key [[traffic]] needs `chatflow`, because there are several (one of website, b)",
        ],
    );
    let rate = |line: &str| {
        let s = good(&format!("{SMALL}[[traffic]]\n{line}\n"), &[]);
        let TrafficArrivals::Drawn(arrivals) = &s.traffic[0].arrivals else { panic!("drawn") };
        arrivals.per_day
    };
    assert!((rate("per_hour = 5") - 120.0).abs() < 1e-9);
    assert!((rate("per_week = 1400") - 200.0).abs() < 1e-9);
    assert!((rate("") - 100.0).abs() < 1e-9);
}

#[test]
fn a_trace_brings_its_own_times_and_has_to_be_there() {
    let trace =
        |line: &str, expected: &[&str]| wrong(&format!("[[traffic]]\ntrace = {line}\n"), expected);
    trace("\"no-such.csv\"", &["2:9 missing-file there is no file"]);
    trace("\"src\"", &["2:9 unreadable-file"]);
    trace("{ at = \"x\" }", &["2:9 missing-key `trace` needs `file`"]);
    trace(
        "{ file = \"Cargo.toml\", caller = \"x\" }",
        &["2:32 unknown-key `trace` has no key `caller`"],
    );
    trace(
        "{ file = \"Cargo.toml\", format = \"noon\" }",
        &["2:41 impossible-value \"noon\" is no format"],
    );
    trace("\"Cargo.toml\"\nper_day = 5\nprofile = \"flat\"", &["3:1 conflict", "4:1 conflict"]);
    let missing = SMALL.to_owned() + "[[traffic]]\ntrace = \"no-such.csv\"\n";
    assert_eq!(exit_code(&read_with(&missing, &[]).expect_err("missing")), 66);
    let s = good(
        &(SMALL.to_owned()
            + "[[traffic]]\nname = \"recorded\"\ntrace = { file = \"Cargo.toml\", at = \"opened_at\", \
               contact = \"caller\", format = \"%d/%m/%Y %H:%M\", time_zone = \"UTC\" }\n"),
        &[],
    );
    let TrafficArrivals::Recorded(trace) = &s.traffic[0].arrivals else { panic!("recorded") };
    assert_eq!(trace.file, Path::new("./Cargo.toml"));
    let columns: Vec<_> = trace.columns.iter().map(|(c, name)| (c.name(), name.as_str())).collect();
    assert_eq!(columns, [("at", "opened_at"), ("contact", "caller")]);
    assert_eq!(trace.format.as_deref(), Some("%d/%m/%Y %H:%M"));
    assert_eq!(trace.time_zone.name(), "UTC");
    assert_eq!(trace.place.text(), "\"Cargo.toml\"");
}

#[test]
fn mistakes_of_report_and_thresholds() {
    wrong(
        "[report]\ninterval = \"7m\"\n",
        &["2:12 impossible-value the interval has to divide a day"],
    );
    wrong("[report]\ninterval = \"1s\"\n", &["2:12 impossible-value"]);
    wrong("[report]\nservice_level = \"20s\"\n", &["2:17 wrong-type expected a list"]);
    wrong("[report]\nservice_level = [\"20s\", 60]\n", &["2:25 needs-unit"]);
    wrong("[report]\nservice_level = [\"0s\"]\n", &["2:18 impossible-value"]);
    let s = good(
        &(SMALL.to_owned()
            + "[report]\nservice_level = [\"60s\", \"20s\", \"1m\"]\ninterval = \"1d\"\n"),
        &[],
    );
    assert_eq!(s.report.service_level.len(), 2);
    let threshold =
        |lines: &str, expected: &[&str]| wrong(&format!("[[threshold]]\n{lines}\n"), expected);
    threshold(
        "",
        &[
            "1:1 missing-key [[threshold]] needs `must`",
            "1:1 missing-key [[threshold]] needs `measure`",
        ],
    );
    let also = |line: &str, expected: &[&str]| {
        threshold(&format!("measure = \"x\"\nmust = \"< 1\"\n{line}"), expected);
    };
    also(
        "where = { chatflow = \"web\" }",
        &["4:22 unknown-name no chatflow is called `web` (there is only `website`)"],
    );
    also("where = { team = \"sales\", owned = true }", &["4:9 conflict"]);
    also("where = { period = \"opening\" }", &["4:11 not-built-yet"]);
    also("where = { owned = 1 }", &["4:19 wrong-type"]);
    threshold(
        "measure = \"x\"\nmust = \"fast\"",
        &["3:8 impossible-value \"fast\" is no comparison"],
    );
    threshold("measure = \"x\"\nmust = 5", &["3:8 wrong-type"]);
}

#[test]
fn everything_that_is_not_toml_is_said_at_once() {
    let found = mistakes("name = later\nformat = 1\nformat = 1\n[run\n");
    assert!(found.len() >= 3, "{found:?}");
    assert!(found.iter().all(|line| line.contains(" syntax ")), "{found:?}");
    assert!(found[0].starts_with("1:8 ") || found[1].starts_with("1:8 "), "{found:?}");
}
