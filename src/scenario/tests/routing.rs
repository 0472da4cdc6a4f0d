//! The Routing tab: every setting and value, the presets, what excludes each other, and what only
//! the engine can do yet.

use std::fmt::Debug;
use std::path::Path;

use crate::calendar::OfficeHours;
use crate::diagnostic::Code;
use crate::ids::AgentId;
use crate::routing::{
    AgentSettings, AtClose, ChatflowSettings, Drain, HoursActAs, LeadRecipients, Memory,
    NobodyAction, OrphanAction, OwnerOffline, QueueFull, QueueTimeout, ReassignNone, ReassignTo,
    Reopen, ReturnerWeight, RotationPolicy, Targets,
};
use crate::time::SimDuration;

use super::super::{
    Chatflow, ChatflowTimers, PRESETS, Scenario, parse, parse_setup, read, read_setup,
};
use super::{SMALL, good, line, mistakes, setup};

/// The small scenario with `lines` in its chatflow.
fn text_with(lines: &str) -> String {
    format!("{SMALL}{lines}\n")
}

/// The chatflow of the small scenario with `lines` in it, for the engine alone.
fn flow(lines: &str) -> Chatflow {
    setup(&text_with(lines), &[]).chatflows.remove(0)
}

/// Its settings without the list.
fn settings(lines: &str) -> ChatflowSettings {
    ChatflowSettings { route_to: Vec::new(), ..flow(lines).routing }
}

/// Checks that each of `words` reads as the choice it stands beside, and as nothing else.
fn words<T: Debug + PartialEq>(
    key: &str,
    expected: &[(&str, T)],
    all: usize,
    get: fn(&ChatflowSettings) -> T,
) {
    assert_eq!(expected.len(), all, "{key} has other values too");
    for (word, choice) in expected {
        // Everybody has a capacity, so that shares of it can be compared.
        let text = text_with(&format!("{key} = \"{word}\""));
        let s = setup(&text, &["team.sales.capacity=3"]);
        assert_eq!(get(&s.chatflows[0].routing), *choice, "{key} = {word}");
        s.setup().check().expect("what was read does not contradict itself");
    }
    let column = key.len() + 4;
    let choices = format!("8:{column} impossible-value \"?\" is not one of the choices");
    wrong_setup(&format!("{key} = \"?\""), &choices);
}

/// Checks that the small scenario with `lines` in its chatflow has one mistake for the engine alone.
fn wrong_setup(lines: &str, expected: &str) {
    let found = parse_setup("x.toml", &text_with(lines), Path::new("."), &[]);
    let found: Vec<String> = found.expect_err("it is wrong").iter().map(line).collect();
    assert!(found.len() == 1 && found[0].starts_with(expected), "{lines}: {found:#?}");
}

#[test]
fn every_word_reads_as_the_choice_of_that_name() {
    words(
        "targets",
        &[("flat", Targets::Flat), ("nested", Targets::Nested), ("ordered", Targets::Ordered)],
        Targets::ALL.len(),
        |s| s.targets,
    );
    words(
        "rotation",
        &[
            ("ring", RotationPolicy::Ring),
            ("lru", RotationPolicy::Lru),
            ("longest-idle", RotationPolicy::LongestIdle),
            ("least-open", RotationPolicy::LeastOpen),
            ("percent-spare", RotationPolicy::PercentSpare),
            ("lifetime-count", RotationPolicy::LifetimeCount),
            ("smooth-weighted", RotationPolicy::SmoothWeighted),
            ("priority", RotationPolicy::Priority),
            ("random", RotationPolicy::Random),
            ("last-index", RotationPolicy::LastIndex),
        ],
        RotationPolicy::ALL.len(),
        |s| s.rotation,
    );
    words(
        "returner_weight",
        &[("keep", ReturnerWeight::Keep), ("zero", ReturnerWeight::Zero)],
        ReturnerWeight::ALL.len(),
        |s| s.returner_weight,
    );
    words(
        "memory",
        &[("chatflow", Memory::Chatflow), ("account", Memory::Account)],
        Memory::ALL.len(),
        |s| s.memory,
    );
    words(
        "owner_offline",
        &[("email", OwnerOffline::Email), ("list", OwnerOffline::List)],
        OwnerOffline::ALL.len(),
        |s| s.owner_offline,
    );
    words(
        "orphan",
        &[("list", OrphanAction::List), ("email", OrphanAction::Email)],
        OrphanAction::ALL.len(),
        |s| s.orphan,
    );
    let nobody = [
        ("email", NobodyAction::Email),
        ("queue", NobodyAction::Queue),
        ("assign", NobodyAction::Assign),
        ("refuse", NobodyAction::Refuse),
    ];
    words("nobody_online", &nobody, NobodyAction::ALL.len(), |s| s.nobody_online);
    words("all_at_capacity", &nobody, NobodyAction::ALL.len(), |s| s.all_at_capacity);
    words(
        "queue_full",
        &[("email", QueueFull::Email), ("refuse", QueueFull::Refuse)],
        QueueFull::ALL.len(),
        |s| s.queue.full,
    );
    words(
        "at_close",
        &[("keep", AtClose::Keep), ("email", AtClose::Email), ("lost", AtClose::Lost)],
        AtClose::ALL.len(),
        |s| s.queue.at_close,
    );
    words(
        "reassign_to",
        &[
            ("list", ReassignTo::List),
            ("team", ReassignTo::Team),
            ("entry_team", ReassignTo::EntryTeam),
        ],
        ReassignTo::ALL.len(),
        |s| s.reassign_to,
    );
    words(
        "reassign_none",
        &[("keep", ReassignNone::Keep), ("unassign", ReassignNone::Unassign)],
        ReassignNone::ALL.len(),
        |s| s.reassign_none,
    );
    words("reopen", &[("same", Reopen::Same), ("route", Reopen::Route)], Reopen::ALL.len(), |s| {
        s.reopen
    });
}

#[test]
fn switches_turn_on_what_they_name_and_nothing_else() {
    let none = || settings("");
    assert_eq!(none(), ChatflowSettings::default());
    assert_eq!(
        settings("route_to_owner = true"),
        ChatflowSettings { route_to_owner: true, ..none() }
    );
    assert_eq!(settings("owner_counts = true"), ChatflowSettings { owner_counts: true, ..none() });
    assert_eq!(
        settings("owner_capacity = true"),
        ChatflowSettings { owner_capacity: true, ..none() }
    );
    assert_eq!(
        settings("hours_end_reassigns = true"),
        ChatflowSettings { hours_end_reassigns: true, ..none() }
    );
    assert_eq!(settings("owner_capacity = false"), none());
}

#[test]
fn lengths_of_time_go_to_whoever_has_the_clock_and_the_rest_to_the_engine() {
    let plain = flow("");
    assert_eq!((plain.timers, &plain.hours), (ChatflowTimers::default(), &None));
    let seconds = |s: u64| Some(SimDuration::from_secs(s));
    for (line, then) in [
        ("queue_timeout = { after = \"2m\" }", QueueTimeout::Email),
        ("queue_timeout = { after = \"2m\", then = \"email\" }", QueueTimeout::Email),
        ("queue_timeout = { after = \"2m\", then = \"lost\" }", QueueTimeout::Lost),
    ] {
        let flow = flow(line);
        assert_eq!(flow.timers.queue_timeout, seconds(120), "{line}");
        assert_eq!(flow.routing.queue.timeout, then, "{line}");
    }
    for (line, every, drain) in [
        ("", None, Drain::AtOnce),
        ("drain = \"never\"", None, Drain::Never),
        ("drain = { every = \"5s\", at_most = 1 }", seconds(5), Drain::Timer { at_most: 1 }),
        ("drain = { every = \"5m\" }", seconds(300), Drain::Timer { at_most: u32::MAX }),
    ] {
        let flow = flow(line);
        assert_eq!((flow.timers.drain_every, flow.routing.queue.drain), (every, drain), "{line}");
    }
    assert_eq!(flow("no_answer = { after = \"2m\" }").timers.no_answer, seconds(120));
    assert_eq!(settings("queue_limit = 0").queue.limit, Some(0));
    assert_eq!(settings("queue_limit = 7").queue.limit, Some(7));
    let zone = "run.time_zone=Europe/Dublin";
    let own = setup(&text_with("office_hours = { mon-fri = \"09:00-17:00\" }"), &[zone]);
    let Some(OfficeHours { zone, weekly: Some(weekly), days_off }) = &own.chatflows[0].hours else {
        panic!("it has hours")
    };
    assert_eq!((zone.name(), weekly.on(0).len(), weekly.on(6).len()), ("Europe/Dublin", 1, 0));
    assert!(days_off.is_empty());
}

#[test]
fn mistakes_of_the_queue_and_the_timers() {
    let wrong = wrong_setup;
    wrong("queue_limit = -1", "8:15 impossible-value expected a whole number from 0");
    wrong("queue_limit = 1.5", "8:15 wrong-type");
    wrong("queue_timeout = \"2m\"", "8:17 wrong-type expected a table");
    wrong("queue_timeout = {}", "8:17 missing-key `queue_timeout` needs `after`");
    wrong("queue_timeout = { after = \"0s\" }", "8:27 impossible-value this has to be longer");
    wrong("queue_timeout = { after = \"1m\", then = \"keep\" }", "8:40 impossible-value");
    wrong("drain = \"nver\"", "8:9 impossible-value \"nver\" is not one of the choices (did you");
    wrong("drain = 5", "8:9 wrong-type expected \"never\" or { every = \"5s\", at_most = 1 }");
    wrong("drain = { at_most = 1 }", "8:9 missing-key `drain` needs `every`");
    wrong("drain = { every = \"0s\" }", "8:19 impossible-value");
    wrong("drain = { every = \"5s\", at_most = 0 }", "8:35 impossible-value");
    wrong("no_answer = { after = 120 }", "8:23 needs-unit");
    wrong("no_answer = { after = \"1m\", then = 1 }", "8:29 unknown-key `no_answer` has no key");
    wrong("office_hours = \"9-5\"", "8:16 wrong-type expected hours by weekday");
    wrong("hours_act_as = \"gait\"", "8:16 impossible-value");
}

#[test]
fn capacity_and_weight_are_the_agents_own_or_else_their_teams() {
    let options = ["team.sales.capacity=3", "team.sales.weight=2", "agent.sales-2.capacity=0"];
    let s = setup(&(SMALL.to_owned() + "[[agent]]\nname = \"ana\"\nweight = 1000000\n"), &options);
    let agent = |capacity, weight| AgentSettings { capacity, weight, ..AgentSettings::default() };
    assert_eq!(
        s.setup().agents,
        [
            agent(Some(3), 2),
            agent(Some(0), 2),
            agent(Some(3), 2),
            agent(Some(3), 2),
            agent(Some(3), 2),
            agent(None, 1_000_000),
        ]
    );
    // Weights are simulated.
    let s = good(SMALL, &["team.sales.weight=2", "chatflow.website.rotation=smooth-weighted"]);
    assert_eq!(s.agents[0].settings, agent(None, 2));
}

#[test]
fn hours_act_on_the_agents_of_the_list_as_their_chatflows_agree() {
    let two = "[[agent]]\nname = \"ana\"\n[[agent]]\nname = \"bob\"\n\
               [[chatflow]]\nname = \"b\"\nroute_to = [\"agent:ana\"]\nhours_act_as = \"switch\"\n";
    let s = setup(&(SMALL.to_owned() + two), &[]);
    let acts: Vec<HoursActAs> = s.agents.iter().map(|a| a.settings.hours_act_as).collect();
    let gate = HoursActAs::Gate;
    assert_eq!(acts, [gate, gate, gate, gate, gate, HoursActAs::Switch, gate]);

    let shared = SMALL.to_owned()
        + "hours_act_as = \"gate\"\n[[chatflow]]\nname = \"b\"\nroute_to = [\"team:sales\"]\n\
           hours_act_as = \"switch\"\n[[chatflow]]\nname = \"c\"\nroute_to = [\"agent:sales-5\"]\n";
    let found = parse_setup("x.toml", &shared, Path::new("."), &[]).expect_err("they do not agree");
    assert_eq!(
        found.iter().map(line).collect::<Vec<_>>(),
        ["12:16 conflict `sales-1` is on the lists of `website` and `b`, which give different \
             `hours_act_as` (say the same in both: an agent's office hours act in one way)"]
    );
    let related = &found[0].related[0];
    assert_eq!((related.place.line(), &*related.message), (8, "\"gate\" of `website`"));
    // Who says nothing means the gate, and the place is the chatflow's name.
    let silent = shared.replace("hours_act_as = \"gate\"\n", "");
    let found = parse_setup("x.toml", &silent, Path::new("."), &[]).expect_err("the same");
    assert_eq!(found[0].related[0].place.line(), 6);
    let agreed = shared
        .replace("\"gate\"", "\"switch\"")
        .replace("\"c\"\n", "\"c\"\npreset = \"hubspot-2024\"\n");
    let s = setup(&agreed, &[]);
    assert!(s.agents.iter().all(|agent| agent.settings.hours_act_as == HoursActAs::Switch));
}

#[test]
fn presets_set_what_their_table_says_and_nothing_else() {
    let changes = |preset: &str, change: fn(&mut ChatflowSettings)| {
        let text = text_with(&format!("preset = \"{preset}\""));
        let s = setup(&text, &["team.sales.capacity=3"]);
        s.setup().check().expect("a preset does not contradict itself");
        let flow = &s.chatflows[0];
        let mut expected =
            ChatflowSettings { route_to: flow.routing.route_to.clone(), ..Default::default() };
        change(&mut expected);
        assert_eq!(flow.routing, expected, "{preset}");
        let timers = ChatflowTimers { drain_every: flow.timers.drain_every, ..Default::default() };
        assert_eq!(flow.timers, timers, "{preset}");
        (flow.timers.drain_every.map(SimDuration::as_millis), s.agents[0].settings.hours_act_as)
    };
    let (gate, switch) = (HoursActAs::Gate, HoursActAs::Switch);
    assert_eq!(changes("hubspot-2018", |_| {}), (None, gate));
    assert_eq!(
        changes("hubspot-2024", |s| {
            s.owner_offline = OwnerOffline::List;
            s.nobody_online = NobodyAction::Queue;
        }),
        (None, switch)
    );
    assert_eq!(
        changes("intercom-round-robin", |s| {
            s.nobody_online = NobodyAction::Queue;
            s.queue.drain = Drain::Never;
            s.reassign_to = ReassignTo::EntryTeam;
        }),
        (None, gate)
    );
    assert_eq!(
        changes("intercom-balanced", |s| {
            s.rotation = RotationPolicy::LeastOpen;
            s.nobody_online = NobodyAction::Queue;
        }),
        (None, gate)
    );
    assert_eq!(
        changes("chatwoot", |s| {
            s.rotation = RotationPolicy::Lru;
            s.nobody_online = NobodyAction::Queue;
            s.queue.drain = Drain::Timer { at_most: 100 };
        }),
        (Some(900_000), gate)
    );
    assert_eq!(
        changes("rocketchat-auto", |s| {
            s.rotation = RotationPolicy::LifetimeCount;
            s.owner_offline = OwnerOffline::List;
            s.nobody_online = NobodyAction::Queue;
            s.queue.drain = Drain::Timer { at_most: 1 };
        }),
        (Some(5_000), gate)
    );
    assert_eq!(
        changes("rocketchat-balancing", |s| {
            s.rotation = RotationPolicy::LeastOpen;
            s.memory = Memory::Account;
            s.nobody_online = NobodyAction::Queue;
            s.queue.drain = Drain::Timer { at_most: 1 };
        }),
        (Some(5_000), gate)
    );
    assert_eq!(
        changes("rocketchat-rotation", |s| {
            s.rotation = RotationPolicy::Lru;
            s.memory = Memory::Account;
            s.nobody_online = NobodyAction::Queue;
            s.queue.drain = Drain::Timer { at_most: 1 };
        }),
        (Some(5_000), gate)
    );
    assert_eq!(
        changes("libredesk", |s| {
            s.rotation = RotationPolicy::SmoothWeighted;
            s.returner_weight = ReturnerWeight::Zero;
            s.nobody_online = NobodyAction::Queue;
            s.queue.drain = Drain::Timer { at_most: u32::MAX };
        }),
        (Some(300_000), gate)
    );
    assert_eq!(
        changes("tiledesk", |s| {
            s.rotation = RotationPolicy::LastIndex;
            s.memory = Memory::Account;
        }),
        (None, gate)
    );
    assert_eq!(
        changes("happychat", |s| {
            s.rotation = RotationPolicy::PercentSpare;
            s.nobody_online = NobodyAction::Queue;
        }),
        (None, gate)
    );
    let mut names: Vec<&str> = PRESETS.iter().map(|preset| preset.name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), 12, "the eleven above and the one whose leads are named");
    assert!(PRESETS.iter().all(|preset| !preset.models.is_empty()));
}

#[test]
fn what_is_given_overrides_the_preset_wherever_it_stands() {
    let s = good(
        &text_with("nobody_online = \"refuse\"\npreset = \"chatwoot\"\nrotation = \"ring\""),
        &[],
    );
    let routing = &s.chatflows[0].routing;
    assert_eq!(routing.rotation, RotationPolicy::Ring);
    assert_eq!(routing.nobody_online, NobodyAction::Refuse);
    assert_eq!(routing.queue.drain, Drain::Timer { at_most: 100 });
    let never = flow("preset = \"chatwoot\"\ndrain = \"never\"");
    assert_eq!((never.timers.drain_every, never.routing.queue.drain), (None, Drain::Never));
}

#[test]
fn a_preset_that_sends_all_leads_to_one_agent_has_to_be_told_to_whom() {
    let preset = "preset = \"hubspot-2017\"\n";
    let s = good(&text_with(&format!("{preset}email_leads = {{ to = \"agent:sales-2\" }}")), &[]);
    assert_eq!(s.chatflows[0].routing.email_leads.to, LeadRecipients::Agent(AgentId::new(1)));
    let needs = "missing-key \"hubspot-2017\" needs `email_leads` to name an agent (all leads go \
                 to one: email_leads = { to = \"agent:NAME\" })";
    assert_eq!(mistakes(&text_with(preset)), [format!("8:10 {needs}")]);
    assert_eq!(
        mistakes(&text_with(&format!("{preset}email_leads = {{ to = \"expanded\" }}"))),
        [format!("9:15 {needs}")]
    );
    let unknown = mistakes(&text_with(&format!("{preset}email_leads = {{ to = \"agent:x\" }}")));
    assert!(unknown.len() == 1 && unknown[0].starts_with("9:22 unknown-name"), "{unknown:?}");
}

#[test]
fn settings_that_exclude_each_other_are_shown_together() {
    let found = |lines: &str| {
        let found = parse_setup("x.toml", &text_with(lines), Path::new("."), &[]);
        let found = found.expect_err("they exclude each other");
        assert!(found.iter().all(|d| d.code == Code::Conflict));
        let related = |d: &crate::diagnostic::Diagnostic| -> String {
            d.related.iter().map(|r| format!("; {} {}", r.place.line(), r.message)).collect()
        };
        found.iter().map(|d| line(d) + &related(d)).collect::<Vec<String>>()
    };
    assert_eq!(
        found("rotation = \"lru\"\ntargets = \"nested\""),
        ["9:11 conflict \"nested\" targets rotate by \"ring\" only; 8 \"lru\""]
    );
    for targets in ["nested", "ordered"] {
        assert_eq!(
            found(&format!("targets = \"{targets}\"\nmemory = \"account\"")),
            [format!(
                "8:11 conflict \"{targets}\" targets cannot share a memory with other chatflows; \
                 9 \"account\""
            )]
        );
    }
    // The other side may be a preset's.
    assert_eq!(
        found("preset = \"tiledesk\"\ntargets = \"ordered\""),
        [
            "9:11 conflict \"ordered\" targets cannot share a memory with other chatflows; 8 \"account\""
        ]
    );
    assert_eq!(
        found("preset = \"happychat\""),
        [
            "8:10 conflict \"percent-spare\" compares capacities, and `sales-1`, `sales-2`, `sales-3` \
          and 2 others have none (give the team or the agents a `capacity`)"
        ]
    );
    let one = "[[agent]]\nname = \"ana\"\n[[chatflow]]\nname = \"b\"\n\
               route_to = [\"team:sales\", \"agent:ana\"]\nrotation = \"percent-spare\"\n";
    let text = SMALL.replace("name = \"sales\"", "name = \"sales\"\ncapacity = 3") + one;
    let found = parse_setup("x.toml", &text, Path::new("."), &[]).expect_err("ana has none");
    assert_eq!(
        found.iter().map(line).collect::<Vec<_>>(),
        [
            "14:12 conflict \"percent-spare\" compares capacities, and `ana` has none (give the team \
          or the agents a `capacity`)"
        ]
    );
}

/// What is not simulated of the small scenario with `lines` in its chatflow: places and what is
/// said, which is the same as what refuses it.
fn not_simulated(text: &str) -> Vec<String> {
    let s = setup(text, &[]);
    let refused = parse("x.toml", text, Path::new("."), &[]);
    match refused {
        Err(refused) => assert_eq!(refused, s.not_simulated),
        Ok(scenario) => assert!(scenario.not_simulated.is_empty() && s.not_simulated.is_empty()),
    }
    let ends = "`routelab route` does; remove it to simulate)";
    s.not_simulated
        .iter()
        .map(|d| {
            assert!(d.is_error() && d.code == Code::NotBuiltYet);
            let line = line(d);
            assert!(line.ends_with(ends), "{line}");
            line.replace(
                " is part of the format, but this version does not simulate it yet (",
                ": ",
            )
            .replace(ends, "")
        })
        .collect()
}

#[test]
fn what_makes_conversations_wait_is_read_for_the_engine_and_refused_for_a_simulation() {
    let chatflow = |line: &str, expected: &[&str]| {
        assert_eq!(not_simulated(&text_with(line)), expected, "{line}");
    };
    chatflow("nobody_online = \"queue\"", &["8:17 not-built-yet \"queue\": "]);
    chatflow("reassign_none = \"unassign\"", &["8:17 not-built-yet \"unassign\": "]);
    chatflow("queue_limit = 5", &["8:1 not-built-yet `queue_limit`: "]);
    chatflow("queue_full = \"email\"", &["8:1 not-built-yet `queue_full`: "]);
    chatflow("queue_timeout = { after = \"2m\" }", &["8:1 not-built-yet `queue_timeout`: "]);
    chatflow("drain = \"never\"", &["8:1 not-built-yet `drain`: "]);
    chatflow("at_close = \"keep\"", &["8:1 not-built-yet `at_close`: "]);
    chatflow("no_answer = { after = \"2m\" }", &["8:1 not-built-yet `no_answer`: "]);
    chatflow("office_hours = {}", &["8:1 not-built-yet `office_hours`: "]);
    chatflow("hours_act_as = \"switch\"", &["8:16 not-built-yet \"switch\": "]);
    chatflow("reopen = \"route\"", &["8:10 not-built-yet \"route\": "]);
    chatflow("owner_capacity = true", &["8:1 not-built-yet `owner_capacity = true`: "]);
    // In the order of the text, whoever says it.
    let capacity = SMALL.replace("name = \"sales\"", "name = \"sales\"\ncapacity = 3");
    assert_eq!(
        not_simulated(
            &(capacity + "rotation = \"percent-spare\"\n[[agent]]\nname = \"ana\"\ncapacity = 1\n")
        ),
        [
            "5:1 not-built-yet `capacity`: ",
            "9:12 not-built-yet \"percent-spare\": ",
            "12:1 not-built-yet `capacity`: ",
        ]
    );
}

#[test]
fn a_preset_is_simulated_as_far_as_nobody_waits() {
    let preset = |line: &str, expected: &[&str]| {
        assert_eq!(not_simulated(&text_with(line)), expected, "{line}");
    };
    preset("preset = \"hubspot-2018\"", &[]);
    preset("preset = \"tiledesk\"", &[]);
    preset(
        "preset = \"hubspot-2024\"",
        &["8:10 not-built-yet \"hubspot-2024\": it sets `nobody_online = \"queue\"` and \
           `hours_act_as = \"switch\"`; "],
    );
    for name in [
        "intercom-round-robin",
        "intercom-balanced",
        "chatwoot",
        "rocketchat-auto",
        "rocketchat-balancing",
        "rocketchat-rotation",
        "libredesk",
    ] {
        let implied =
            format!("8:10 not-built-yet \"{name}\": it sets `nobody_online = \"queue\"`; ");
        preset(&format!("preset = \"{name}\""), &[&implied]);
        preset(&format!("preset = \"{name}\"\nnobody_online = \"email\""), &[]);
    }
    preset("preset = \"chatwoot\"\nnobody_online = \"queue\"", &["9:17 not-built-yet \"queue\": "]);
}

#[test]
fn everything_else_of_the_routing_tab_is_simulated() {
    for line in [
        "targets = \"nested\"",
        "targets = \"ordered\"\nrotation = \"least-open\"",
        "memory = \"account\"\nrotation = \"lru\"",
        "rotation = \"longest-idle\"",
        "rotation = \"lifetime-count\"",
        "rotation = \"smooth-weighted\"\nreturner_weight = \"zero\"",
        "rotation = \"priority\"",
        "rotation = \"random\"",
        "rotation = \"last-index\"",
        "owner_counts = true",
        "owner_offline = \"list\"",
        "orphan = \"email\"",
        "nobody_online = \"assign\"",
        "nobody_online = \"refuse\"",
        "all_at_capacity = \"queue\"",
        "all_at_capacity = \"refuse\"",
        "reassign_to = \"team\"",
        "reassign_to = \"entry_team\"",
        "hours_end_reassigns = true",
        "owner_capacity = false",
        "reopen = \"same\"",
        "hours_act_as = \"gate\"",
        "reassign_none = \"keep\"",
    ] {
        let s: Scenario = good(&text_with(line), &[]);
        assert!(s.not_simulated.is_empty());
        s.setup().check().expect("what was read does not contradict itself");
    }
}

#[test]
fn mistakes_come_before_what_is_not_simulated_only_if_they_stand_before_it() {
    let text = text_with("queue_limit = 5\nrotaton = \"ring\"\ndrain = \"never\"");
    let lines = |found: Vec<crate::diagnostic::Diagnostic>| -> Vec<usize> {
        found.iter().filter_map(|d| Some(d.place.as_ref()?.line())).collect()
    };
    let refused = parse("x.toml", &text, Path::new("."), &[]).expect_err("wrong");
    assert_eq!(lines(refused), [8, 9, 10]);
    let wrong = parse_setup("x.toml", &text, Path::new("."), &[]).expect_err("one is wrong");
    assert_eq!(lines(wrong), [9]);
}

#[test]
fn a_file_that_is_refused_for_a_simulation_reads_for_the_engine() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("setup.toml");
    let text = text_with("nobody_online = \"queue\"");
    std::fs::write(&path, &text).expect("it can be written");
    assert_eq!(read(&path, &[]).expect_err("it is not simulated")[0].code, Code::NotBuiltYet);
    let reading = read_setup(&path, &[]).expect("the engine has it");
    assert_eq!(reading.text, text);
    assert_eq!(reading.scenario.chatflows[0].routing.nobody_online, NobodyAction::Queue);
    assert_eq!(reading.scenario.not_simulated.len(), 1);
}
