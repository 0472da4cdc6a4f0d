//! Charts of small, empty, odd and large runs.

use std::path::Path;

use super::{Chart, charts};
use crate::experiment::{Results, RunOptions, run_replications};
use crate::ids::ChatflowId;
use crate::kernel::{Timeframe, World};
use crate::scenario::{Scenario, parse};

/// The charts of a scenario.
fn charts_of(text: &str) -> Vec<Chart> {
    charts_of_scenario(&scenario_of(text))
}

fn scenario_of(text: &str) -> Scenario {
    parse("test.toml", text, Path::new("."), &[]).expect("a valid scenario")
}

fn charts_of_scenario(scenario: &Scenario) -> Vec<Chart> {
    let timeframe = Timeframe::of(scenario).expect("in range");
    let recorded = vec![None; scenario.traffic.len()];
    let world = World::new(scenario, timeframe.clone(), recorded);
    let options = RunOptions { threads: Some(1), log: false };
    let replications = run_replications(&world, options, || {}).expect("no bug");
    let lists = (0..scenario.chatflows.len())
        .map(|chatflow| world.list(ChatflowId::new(chatflow)).to_vec())
        .collect();
    let results = Results::new(scenario, lists, replications);
    charts(&results, &timeframe)
}

/// A week of an office with these lines in its tables of teams and agents, chatflow and traffic.
fn office(name: &str, agents: &str, traffic: &str) -> String {
    format!(
        r#"
        format = 1
        name = "{name}"
        [run]
        starts = "2026-03-02"
        lasts = "7d"
        time_zone = "Europe/London"
        replications = 3
        {agents}
        [[chatflow]]
        name = "website"
        route_to = ["team:all"]
        [[traffic]]
        chatflow = "website"
        {traffic}
        "#
    )
}

const OFFICE_HOURS: &str = r#"office_hours = { mon-fri = "09:00-17:00" }"#;

fn team_of(agents: u32) -> String {
    format!("[[team]]\nname = \"all\"\nagents = {agents}\n{OFFICE_HOURS}")
}

/// Panics unless all tags are closed in order, attributes are in quotes and no `<` or `&` is left
/// as it was.
fn assert_well_formed(svg: &str) {
    let mut open: Vec<&str> = Vec::new();
    let mut rest = svg;
    while let Some(start) = rest.find('<') {
        assert_text(&rest[..start]);
        let end = start + rest[start..].find('>').expect("a tag ends");
        let tag = &rest[start + 1..end];
        rest = &rest[end + 1..];
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name), "closed in order");
            continue;
        }
        let is_empty = tag.ends_with('/');
        let tag = tag.trim_end_matches('/');
        let (name, attributes) = tag.split_once(' ').unwrap_or((tag, ""));
        assert!(name.bytes().all(|b| b.is_ascii_alphabetic()), "{tag}");
        assert_eq!(attributes.matches('"').count() % 2, 0, "{tag}");
        assert_text(attributes);
        if !is_empty {
            open.push(name);
        }
    }
    assert_eq!(open, Vec::<&str>::new());
    assert_text(rest);
}

fn assert_text(text: &str) {
    assert!(!text.contains(|c: char| c.is_control() && c != '\n'), "{text:?}");
    for (at, _) in text.match_indices('&') {
        let entities = ["&lt;", "&gt;", "&amp;", "&quot;", "&apos;"];
        assert!(entities.iter().any(|entity| text[at..].starts_with(entity)), "{text}");
    }
}

fn named<'a>(charts: &'a [Chart], file: &str) -> &'a str {
    let chart = charts.iter().find(|chart| chart.file == file);
    &chart.expect("a chart").svg
}

/// What can be read on a chart, in the order in which it was written.
fn words_of(svg: &str) -> String {
    let texts = svg.split('<').filter_map(|tag| Some(tag.split_once('>')?.1));
    texts.flat_map(str::split_whitespace).collect::<Vec<_>>().join(" ")
}

fn check(charts: &[Chart]) {
    assert_eq!(charts.len(), 4);
    for chart in charts {
        assert_well_formed(&chart.svg);
        assert!(chart.svg.contains("· seed "), "{}", chart.file);
        assert!(!chart.svg.contains("NaN") && !chart.svg.contains("inf"), "{}", chart.file);
    }
}

#[test]
fn a_week_in_an_office_has_all_four_charts() {
    let charts = charts_of(&office("office", &team_of(5), "per_day = 60"));
    check(&charts);
    for chart in &charts {
        assert!(!chart.svg.contains("no data:"), "{}", chart.file);
        assert!(chart.svg.contains("office · seed 1 · 3 replications"), "{}", chart.file);
    }
    assert!(named(&charts, "first_response.svg").contains("p90"));
    assert!(named(&charts, "week.svg").contains("local time of Europe/London"));
    assert!(named(&charts, "timeline.svg").contains("Thu 5 Mar"));
    let fairness = named(&charts, "fairness.svg");
    assert!((1..=5).all(|agent| fairness.contains(&format!("all-{agent}\n"))));
}

#[test]
fn a_run_without_visitors_says_that_there_is_no_data() {
    let charts = charts_of(&office("nobody", &team_of(2), "per_day = 0"));
    check(&charts);
    for file in ["first_response.svg", "week.svg", "fairness.svg"] {
        assert!(named(&charts, file).contains("no data: "), "{file}");
    }
    // Agents are online all the same.
    assert!(!named(&charts, "timeline.svg").contains("no data"));
}

#[test]
fn names_are_escaped_and_shortened() {
    let mut scenario = scenario_of(&office("office", &team_of(3), "per_day = 60"));
    // Not all of these can be written in a file; the charts are not to depend on that.
    scenario.name = "long & <longer> ".repeat(40);
    let names = [r#"<script>alert("a & b")</script>"#, &"x".repeat(300), "bell\u{7}"];
    for (agent, name) in scenario.agents.iter_mut().zip(names) {
        agent.name = name.to_owned();
    }
    let charts = charts_of_scenario(&scenario);
    check(&charts);
    for chart in &charts {
        assert!(chart.svg.contains("long &amp; &lt;longer&gt;") && chart.svg.contains('…'));
    }
    let fairness = named(&charts, "fairness.svg");
    assert!(fairness.contains("&lt;script&gt;alert") && !fairness.contains("<script"));
    assert!(fairness.contains("xxx…") && fairness.contains("bell\u{fffd}"));
}

#[test]
fn one_agent_and_a_hundred_are_drawn() {
    let one = charts_of(&office("one", &team_of(1), "per_day = 20"));
    check(&one);
    let hundred = charts_of(&office("many", &team_of(100), "per_day = 400"));
    check(&hundred);
    let fairness = named(&hundred, "fairness.svg");
    assert!(fairness.contains("… 60 agents in between …"));
    let words = words_of(fairness);
    let caption = "Of 100 agents with entitlement the 20 with the most above it";
    assert!(words.contains(caption), "{words}");
}

#[test]
fn a_run_of_minutes_and_a_single_replication_are_drawn() {
    let text = office("short", &team_of(1), "per_day = 2000")
        .replace("\"7d\"", "\"7m\"")
        .replace("replications = 3", "replications = 1\nends = \"cut\"")
        .replace("2026-03-02", "2026-03-02T09:00");
    let charts = charts_of(&text);
    check(&charts);
    assert!(named(&charts, "first_response.svg").contains("· 1 replication\n"));
}
