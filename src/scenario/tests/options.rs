//! `--set PATH=VALUE`.

use jiff::civil::date;

use crate::calendar::CivilSpan;
use crate::diagnostic::{Code, render_human};
use crate::random::Law;
use crate::routing::RotationPolicy;
use crate::time::SimDuration;
use crate::workload::AwayTime;

use super::super::Override;
use super::{SMALL, WHOLE, good, mistakes_with, read_with};

#[test]
fn options_reach_every_part_of_a_scenario_by_key_and_name() {
    let s = good(
        WHOLE,
        &[
            "team.sales.agents=8",
            "chatflow.website.rotation=random",
            "run.lasts=4w",
            "run.starts=2026-06-01",
            "traffic.website.per_day=200",
            "visitors.web.patience=forever",
            "visitors.web.known=0.5",
            "habits.default.first_reply={ lognormal = { median = \"1m\", sigma = 1 } }",
            "habits.default.away.0.at=12:30",
            "habits.default.away.1.per_day=2",
            "threshold.0.must=<= 5",
            "agent.sales-3.days_off=[\"2026-06-02\"]",
            "agent.sales-8.time_zone=UTC",
            "report.service_level.1=90s",
            "name=other",
        ],
    );
    assert_eq!(s.agents.len(), 8);
    assert_eq!(s.agents[7].hours.zone.name(), "UTC");
    assert_eq!(s.agents[7].name, "sales-8");
    assert_eq!(s.chatflows[0].routing.rotation, RotationPolicy::Random);
    assert_eq!(s.run.lasts, CivilSpan { days: 28, ms: 0 });
    assert_eq!(s.run.starts.date(), date(2026, 6, 1));
    assert_eq!(s.visitors[0].model.patience, None);
    assert_eq!(
        s.agents[0].habits.away[0].time,
        AwayTime::At { minute: 750, spread: SimDuration::from_secs(1500) }
    );
    assert_eq!(s.agents[0].habits.away[1].time, AwayTime::PerDay(2.0));
    assert_eq!(s.thresholds[0].must.value, 5.0);
    assert_eq!(s.agents[2].hours.days_off.len(), 1);
    assert_eq!(s.report.service_level[1], SimDuration::from_secs(90));
    assert_eq!(s.name, "other");
}

#[test]
fn options_make_the_tables_they_need_and_later_ones_win() {
    let text = SMALL.to_owned() + "[[traffic]]\n";
    let s = good(
        &text,
        &[
            "run.seed=2",
            "run.seed=3",
            "report.interval=5m",
            "habits.slow.reply=2m",
            "agent.sales-2.habits=slow",
            "visitors.web.known=0.1",
            "traffic.website.busyness.day_cv=0.5",
        ],
    );
    assert_eq!(s.run.seed, 3);
    assert_eq!(s.report.interval, SimDuration::from_secs(300));
    assert_eq!(s.agents[1].habits.reply.0.law, Law::Constant(120_000.0));
    assert_eq!(s.visitors[0].name, "web");
}

#[test]
fn options_that_lead_nowhere_say_so_in_their_own_text() {
    let set = |option: &str, expected: &str| {
        let found = mistakes_with(WHOLE, &[option]);
        assert!(found.len() == 1 && found[0].starts_with(expected), "{option}: {found:#?}");
    };
    set(
        "team.salse.agents=8",
        "SET 1:6 unknown-name no team is called `salse` (did you mean `sales`?)",
    );
    set(
        "teem.sales.agents=8",
        "SET 1:1 unknown-key a scenario has no `teem` (did you mean `team`?)",
    );
    set(
        "team.sales.agnts=8",
        "SET 1:12 unknown-key [[team]] has no key `agnts` (did you mean `agents`?)",
    );
    set("team.sales.agents=no", "SET 1:19 wrong-type expected a number of agents or a list");
    set("team.sales=8", "SET 1:6 unknown-key the path says nothing below `sales`");
    set("run=8", "SET 1:1 unknown-key the path says nothing below `run`");
    set("name.x=8", "SET 1:1 unknown-key `name` has nothing inside it");
    set("run.lasts=30", "SET 1:11 needs-unit");
    set("run.lasts.x=30", "SET 1:5 wrong-type `lasts` is a string and has nothing inside it");
    set("run..x=30", "SET 1:1 syntax");
    set("run.\"lasts=30", "SET 1:1 syntax a quote is not closed");
    set(
        "agent.sales-9.days_off=[]",
        "SET 1:7 unknown-name no agent is called `sales-9` (did you mean `sales-3`?)",
    );
    set("agent.sales-03.days_off=[]", "SET 1:7 unknown-name");
    set("threshold.1.must=<= 5", "SET 1:11 unknown-name `threshold` has 1 entries");
    set("habits.default.away.2.at=12:00", "SET 1:21 unknown-name `away` has 2 entries");
    set(
        "visitors.webb.known=0.5",
        "SET 1:10 unknown-name no [visitors] table in use is called `webb` (did you mean `web`?)",
    );
    set(
        "habits.brsk.reply=5s",
        "SET 1:8 unknown-name no [habits] table in use is called `brsk` (did you mean `brisk`?)",
    );
    set("habits.default.reply={ constant", "SET 1:");
    set("period.opening.name=x", "SET 1:1 unknown-key");
    let found = read_with(WHOLE, &["team.sales.agents=0"]).expect_err("nobody");
    let human = render_human(&found, false);
    assert!(human.contains("--> --set team.sales.agents=0:1:19"), "{human}");
    assert!(human.contains("1 | team.sales.agents=0"), "{human}");
}

#[test]
fn an_option_is_a_path_and_a_value() {
    let option = Override::parse(" team.sales.agents = 8 ").expect("fine");
    assert_eq!((option.path.as_str(), option.value.as_str()), ("team.sales.agents", "8"));
    assert_eq!(Override::parse("a=b=c").expect("fine").value, "b=c");
    for text in ["team.sales.agents", "=8", ""] {
        assert_eq!(Override::parse(text).expect_err("no path").code, Code::Syntax);
    }
}

#[test]
fn names_with_dots_stand_in_quotes() {
    let text = SMALL.replace("\"sales\"", "\"a.b\"").replace("team:sales", "team:a.b");
    assert_eq!(good(&text, &["team.\"a.b\".agents=2"]).agents.len(), 2);
}
