//! What reads, and as what.

use std::path::Path;

use jiff::civil::date;

use crate::calendar::CivilSpan;
use crate::diagnostic::{Code, exit_code};
use crate::ids::{AgentId, ChatflowId, TeamId};
use crate::random::{DurationDistribution, Law};
use crate::routing::{LeadRecipients, LeadRotation, RotationPolicy, Target};
use crate::time::SimDuration;
use crate::workload::AwayTime;

use super::super::*;
use super::{SMALL, WHOLE, good};

#[test]
fn the_scenario_that_documents_the_format_reads() {
    let s = good(WHOLE, &[]);
    assert_eq!(s.name, "small-team");
    assert_eq!(s.run.starts.date(), date(2026, 3, 2));
    assert_eq!(s.run.warm_up, CivilSpan { days: 1, ms: 0 });
    let names: Vec<&str> = s.agents.iter().map(|a| a.name.as_str()).collect();
    assert_eq!(names, ["sales-1", "sales-2", "sales-3", "sales-4", "sales-5"]);
    let third = &s.agents[2];
    assert_eq!(third.hours.zone.name(), "Europe/Dublin");
    assert!(third.hours.days_off.contains(&date(2026, 3, 17)));
    assert_eq!(third.hours.weekly.as_ref().map(|w| w.on(0).len()), Some(2));
    assert_eq!(s.agents[0].hours.weekly.as_ref().map(|w| w.on(5).len()), Some(0));
    // Brisk agents reply by a law of their own and are away like all others.
    let lognormal = |d: DurationDistribution| match d.0.law {
        Law::LogNormal { mu, sigma } => (mu - 1000_f64.ln(), sigma),
        other => panic!("{other:?}"),
    };
    assert!((lognormal(third.habits.reply).0 - 3.0).abs() < 1e-12);
    assert!((lognormal(s.agents[0].habits.reply).0 - 3.4).abs() < 1e-12);
    assert_eq!(third.habits.away, s.agents[0].habits.away);
    assert_eq!(third.habits.first_reply, s.agents[0].habits.first_reply);
    let spread = SimDuration::from_secs(25 * 60);
    assert_eq!(third.habits.away[0].time, AwayTime::At { minute: 735, spread });
    assert_eq!(third.habits.away[1].time, AwayTime::PerDay(3.3));
    assert_eq!(s.teams[0].agents, (0..5).map(AgentId::new).collect::<Vec<_>>());
    assert_eq!(s.chatflows[0].routing.route_to, [Target::Team(TeamId::new(0))]);
    let TrafficArrivals::Drawn(arrivals) = &s.traffic[0].arrivals else { panic!("drawn") };
    assert!((arrivals.busyness.day_shape.expect("given") - 25.0).abs() < 1e-9);
    assert_eq!(s.thresholds[0].scope, ThresholdScope::Chatflow(ChatflowId::new(0)));
    assert_eq!(s.thresholds[0].must, Bound { relation: Relation::AtMost, value: 300.0 });
    assert_eq!(s.thresholds[0].place.line(), 69);
    assert_eq!(s.guesses, []);
}

#[test]
fn what_is_left_out_is_as_in_the_documented_scenario() {
    let small = SMALL.to_owned() + "[[traffic]]\n";
    let (s, whole) = (good(&small, &[]), good(WHOLE, &[]));
    assert_eq!(s.run.time_zone, whole.run.time_zone);
    assert_eq!((s.run.starts, s.run.lasts), (whole.run.starts, whole.run.lasts));
    assert_eq!((s.run.seed, s.run.replications, s.run.ends), (1, 20, Ends::Drain));
    assert_eq!(s.run.warm_up, CivilSpan::ZERO);
    assert_eq!(s.agents.len(), 5);
    assert_eq!(s.agents[0].hours.weekly, None);
    assert_eq!(s.agents[0].habits.reply, whole.agents[0].habits.reply);
    assert_eq!(s.agents[0].habits.first_reply, whole.agents[0].habits.first_reply);
    assert_eq!(s.agents[0].habits.email_reply, whole.agents[0].habits.email_reply);
    assert_eq!(s.agents[0].habits.away, []);
    assert_eq!(s.visitors[0].model, whole.visitors[0].model);
    assert_eq!(s.visitors[0].name, "default");
    assert_eq!(s.traffic[0].name, "website");
    let TrafficArrivals::Drawn(arrivals) = &s.traffic[0].arrivals else { panic!("drawn") };
    let TrafficArrivals::Drawn(documented) = &whole.traffic[0].arrivals else { panic!("drawn") };
    assert_eq!(arrivals.profile, documented.profile);
    assert_eq!(arrivals.busyness, crate::workload::Busyness::default());
    assert_eq!(s.report.service_level, whole.report.service_level);
    assert_eq!(s.report.interval, whole.report.interval);
    assert_eq!(s.chatflows[0].close_after, SimDuration::ZERO);
}

#[test]
fn guesses_are_named_only_where_they_are_used_and_matter() {
    let paths = |text: &str, options: &[&str]| -> Vec<String> {
        good(text, options).guesses.into_iter().map(|guess| guess.path).collect()
    };
    let d = |key: &str| format!("visitors.default.{key}");
    let text = SMALL.to_owned() + "[[traffic]]\n";
    assert_eq!(paths(SMALL, &[]), Vec::<String>::new());
    assert_eq!(paths(&text, &[]), ["known", "leaves_email", "patience"].map(d));
    assert_eq!(
        paths(&text, &["chatflow.website.route_to_owner=true"]),
        ["known", "owned", "tracked", "leaves_email", "patience"].map(d)
    );
    assert_eq!(paths(&text, &["visitors.default.known=1"]), ["patience"].map(d));
    assert_eq!(good(&text, &[]).guesses[2].value, "{ exponential = { mean = \"350s\" } }");
}

#[test]
fn dates_may_be_written_with_quotes_or_without_and_with_a_time() {
    for (text, hour) in [
        ("\"2026-03-02\"", 0),
        ("2026-03-02", 0),
        ("\"2026-03-02T09:30\"", 9),
        ("\"2026-03-02 09:30:15\"", 9),
        ("2026-03-02T09:30:00", 9),
        ("2026-03-02 09:30:00", 9),
    ] {
        let s = good(&format!("{SMALL}[run]\nstarts = {text}\n"), &[]);
        assert_eq!((s.run.starts.date(), s.run.starts.hour()), (date(2026, 3, 2), hour), "{text}");
    }
}

#[test]
fn agents_are_in_the_order_in_which_the_file_mentions_them() {
    let s = good(
        "format = 1\nname = \"x\"\n[[agent]]\nname = \"zoe\"\n[[team]]\nname = \"b\"\nagents = 2\n\
         [[agent]]\nname = \"ana\"\nteam = \"c\"\n[[team]]\nname = \"c\"\n[[agent]]\nname = \"b-2\"\n\
         time_zone = \"UTC\"\n[[team]]\nname = \"d\"\nagents = [\"eve\", \"b-1\"]\n[[agent]]\nname = \"eve\"\n\
         [[chatflow]]\nname = \"w\"\nroute_to = [\"team:c\", \"agent:b-2\"]\n",
        &[],
    );
    let names: Vec<&str> = s.agents.iter().map(|a| a.name.as_str()).collect();
    assert_eq!(names, ["zoe", "b-1", "b-2", "ana", "eve"]);
    assert_eq!(s.agents[2].hours.zone.name(), "UTC");
    let members: Vec<Vec<usize>> =
        s.teams.iter().map(|t| t.agents.iter().map(|a| a.index()).collect()).collect();
    assert_eq!(members, [vec![1, 2], vec![3], vec![4, 1]]);
}

#[test]
fn distributions_have_the_parameters_that_are_written() {
    let law = |d: &str| {
        let text = format!("{SMALL}[habits.default]\nreply = {d}\n");
        good(&text, &[]).agents[0].habits.reply.0
    };
    assert_eq!(law("\"45s\"").law, Law::Constant(45_000.0));
    assert_eq!(law("{ constant = \"5m\" }").law, Law::Constant(300_000.0));
    assert_eq!(law("{ exponential = \"100s\" }").law, Law::Exponential { mean: 100_000.0 });
    assert_eq!(
        law("{ exponential = { mean = \"100s\" } }").law,
        Law::Exponential { mean: 100_000.0 }
    );
    assert_eq!(
        law("{ uniform = [\"3m\", \"7m\"] }").law,
        Law::Uniform { low: 180_000.0, high: 420_000.0 }
    );
    let clamped =
        law("{ lognormal = { mean = \"40s\", cv = 1.5 }, at_least = \"1s\", at_most = \"1h\" }");
    assert_eq!(clamped.law, Law::lognormal_by_mean_and_cv(40_000.0, 1.5));
    assert_eq!((clamped.at_least, clamped.at_most), (1_000.0, 3_600_000.0));
    for d in
        ["{ mu = 2.0, sigma = 0.3, unit = \"m\" }", "{ median = \"443.343365936s\", sigma = 0.3 }"]
    {
        let median = law(&format!("{{ lognormal = {d} }}")).quantile(0.5);
        assert!((median - 2_f64.exp() * 60_000.0).abs() < 1.0, "{d}: {median}");
    }
}

#[test]
fn every_setting_may_be_given_its_default() {
    let s = good(
        &(SMALL.to_owned()
            + "preset = \"hubspot-2018\"\ntargets = \"flat\"\nowner_offline = \"email\"\nowner_counts = false\n\
               owner_capacity = false\norphan = \"list\"\nmemory = \"chatflow\"\nhours_act_as = \"gate\"\n\
               nobody_online = \"email\"\nreassign_to = \"list\"\nreassign_none = \"keep\"\n\
               hours_end_reassigns = false\nreopen = \"same\"\nclose_after = \"5m\"\n\
               rotation = \"random\"\nroute_to_owner = true\n\
               email_leads = { to = \"agent:sales-2\", by = \"random\" }\n"),
        &[],
    );
    let routing = &s.chatflows[0].routing;
    assert_eq!(routing.rotation, RotationPolicy::Random);
    assert_eq!(routing.email_leads.to, LeadRecipients::Agent(AgentId::new(1)));
    assert_eq!(routing.email_leads.by, LeadRotation::Random);
    assert!(routing.route_to_owner);
    assert_eq!(s.chatflows[0].close_after, SimDuration::from_secs(300));
}

#[test]
fn files_that_cannot_be_read_say_why() {
    let code = |path: &Path| {
        let found = read(path, &[]).expect_err("it cannot be read");
        (found[0].code, exit_code(&found))
    };
    let directory = tempfile::tempdir().expect("a directory");
    let file = |name: &str, bytes: &[u8]| {
        let path = directory.path().join(name);
        std::fs::write(&path, bytes).expect("it can be written");
        path
    };
    assert_eq!(code(&directory.path().join("none.toml")), (Code::MissingFile, 66));
    assert_eq!(code(directory.path()), (Code::UnreadableFile, 65));
    assert_eq!(code(&file("latin.toml", b"name = \"caf\xe9\"")), (Code::UnreadableFile, 65));
    assert_eq!(code(&file("x.json", b"{}")), (Code::NotBuiltYet, 65));
    file("rows.csv", b"at\n");
    let text = SMALL.to_owned() + "[[traffic]]\ntrace = \"rows.csv\"\n";
    let reading = read(&file("good.toml", text.as_bytes()), &[]).expect("it reads");
    assert_eq!(reading.text, text);
    assert_eq!(reading.scenario.traffic.len(), 1);
}
