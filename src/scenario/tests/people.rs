//! Mistakes about people: teams, agents, hours, habits and the distributions of their work.

use super::{SMALL, good, wrong};

#[test]
fn mistakes_of_teams_and_agents() {
    wrong("[[team]]\nagents = 2\n", &["1:1 missing-key [[team]] needs `name`"]);
    wrong("[[team]]\nname = \"sales\"\n", &["2:8 conflict there are two teams called `sales`"]);
    wrong("[[team]]\nname = \"b\"\nagents = []\n", &["3:10 impossible-value a team needs"]);
    wrong("[[team]]\nname = \"b\"\nagents = \"ana\"\n", &["3:10 wrong-type"]);
    wrong("[[team]]\nname = \"b\"\nagents = 99999999\n", &["3:10 impossible-value expected"]);
    wrong(
        "[[agent]]\nname = \"ana\"\n[[team]]\nname = \"b\"\nagents = [\"anna\", \"ana\", \"ana\"]\n",
        &[
            "5:11 unknown-name no agent is called `anna` (did you mean `ana`?)",
            "5:26 conflict `ana` is in team `b` twice",
        ],
    );
    wrong("[[agent]]\nname = \"a,b\"\n", &["2:8 impossible-value a name cannot have"]);
    wrong("[[agent]]\nname = \" \"\n", &["2:8 impossible-value a name cannot be empty"]);
    wrong(
        "[[agent]]\nname = \"a\"\n[[agent]]\nname = \"a\"\n",
        &["4:8 conflict there are two agents"],
    );
    wrong(
        "[[agent]]\nname = \"a\"\nteam = \"sale\"\n",
        &["3:8 unknown-name no team is called `sale`"],
    );
    wrong(
        "[[agent]]\nname = \"a\"\nhabits = \"defalt\"\n",
        &["3:10 unknown-name no [habits] table is called `defalt` (did you mean `default`?)"],
    );
    for key in ["leaves", "joins", "speed"] {
        wrong(&format!("[[agent]]\nname = \"a\"\n{key} = 1\n"), &["3:1 not-built-yet"]);
    }
    let number = |line: &str, expected: &[&str]| {
        wrong(&format!("[[agent]]\nname = \"a\"\n{line}\n"), expected);
    };
    number("capacity = 1", &["3:1 not-built-yet `capacity` is part"]);
    let range = "3:12 impossible-value expected a whole number from 0 to 65535";
    number("capacity = 65536", &["3:1 not-built-yet", range]);
    number("weight = 0", &["3:10 impossible-value expected a whole number from 1 to 1000000"]);
    number("weight = 1000001", &["3:10 impossible-value"]);
    wrong(
        "[[agent]]\nname = \"a\"\ncapacty = 1\n",
        &["3:1 unknown-key [[agent]] has no key `capacty` (did you mean `capacity`?)"],
    );
    wrong(
        "[[agent]]\nname = \"a\"\ndays_off = [\"2026-02-29\"]\n",
        &["3:13 impossible-value the calendar has no 2026-02-29 (February 2026 has 28 days)"],
    );
}

#[test]
fn teams_and_agents_have_to_agree() {
    wrong(
        "[[agent]]\nname = \"bob\"\nteam = \"b\"\n[[team]]\nname = \"b\"\nagents = 2\n",
        &["3:8 conflict `bob` says it is in team `b`, which does not have it"],
    );
    wrong(
        "[[agent]]\nname = \"bob\"\nteam = \"sales\"\n[[team]]\nname = \"b\"\nagents = [\"bob\"]\n",
        &["3:8 conflict `bob` names its teams but not `b`, which has it"],
    );
    wrong(
        "[[agent]]\nname = \"bob\"\nteam = \"b\"\nteams = [\"b\"]\n[[team]]\nname = \"b\"\n",
        &["4:1 conflict an agent says `team` or `teams`"],
    );
    let two = "[[agent]]\nname = \"bob\"\nteams = [\"b\", \"c\"]\n[[team]]\nname = \"b\"\ntime_zone = \"UTC\"\n\
               [[team]]\nname = \"c\"\ntime_zone = \"Europe/London\"\n";
    wrong(
        two,
        &["9:13 conflict `bob` is in the teams `b` and `c`, which give it different `time_zone`"],
    );
    let own = two.replace("name = \"bob\"\n", "name = \"bob\"\ntime_zone = \"Asia/Tokyo\"\n");
    let s = good(&(SMALL.to_owned() + &own), &[]);
    // Nobody else names `sales`, so it has its five.
    assert_eq!(s.agents.len(), 6);
    assert_eq!(s.agents[5].hours.zone.name(), "Asia/Tokyo");
    assert_eq!(s.teams[1].agents, s.teams[2].agents);
}

#[test]
fn mistakes_of_office_hours() {
    let hours = |hours: &str, expected: &[&str]| {
        wrong(&format!("[[agent]]\nname = \"a\"\noffice_hours = {hours}\n"), expected);
    };
    hours("\"9-5\"", &["3:16 wrong-type expected hours by weekday"]);
    hours(
        "{ mon = \"09:00-09:00\" }",
        &["3:24 impossible-value `09:00-09:00` is no window of office hours (it opens and closes"],
    );
    hours("{ mon = \"9 to 5\" }", &["3:24 impossible-value `9 to 5` is no window"]);
    hours("{ monday = \"09:00-17:00\" }", &["3:18 unknown-key `monday` is no weekday"]);
    hours(
        "{ mon-fri = \"09:00-17:00\", fri = \"16:00-18:00\" }",
        &["3:49 impossible-value windows of fri overlap"],
    );
    hours(
        "{ mon = [\"22:00-06:00\", \"23:00-23:30\"] }",
        &["3:40 impossible-value windows of mon overlap"],
    );
    let s = good(
        &(SMALL.to_owned()
            + "[[agent]]\nname = \"a\"\noffice_hours = { mon-fri = \"09:00-12:00\", fri = [\"13:00-15:00\"] }\n"),
        &[],
    );
    assert_eq!(s.agents[5].hours.weekly.as_ref().map(|w| w.on(4).len()), Some(2));
}

#[test]
fn mistakes_of_habits() {
    let habits = |line: &str, expected: &[&str]| {
        wrong(&format!("[habits.x]\n{line}\n"), expected);
    };
    habits("attention = [1.0, 1.7]", &["2:13 not-built-yet attention shared"]);
    habits("attention = \"parallel\"", &["2:13 impossible-value"]);
    habits("finishes = \"chats\"", &["2:12 not-built-yet \"chats\""]);
    habits("late = { share = 0.1 }", &["2:1 not-built-yet `late`"]);
    habits("connection = {}", &["2:1 not-built-yet `connection`"]);
    habits(
        "first_replay = \"1m\"",
        &["2:1 unknown-key [habits] has no key `first_replay` (did you mean `first_reply`?)"],
    );
    habits("away = { lasts = \"5m\" }", &["2:8 wrong-type expected a list of absences"]);
    habits("away = [{ lasts = \"5m\" }]", &["2:9 missing-key an absence needs `at` or `per_day`"]);
    habits("away = [{ after = \"1h\", lasts = \"5m\" }]", &["2:11 not-built-yet `after`"]);
    habits("away = [{ at = \"12:15\" }]", &["2:9 missing-key an entry of `away` needs `lasts`"]);
    habits("away = [{ at = \"12:15\", per_day = 1, lasts = \"5m\" }]", &["2:25 conflict"]);
    habits("away = [{ per_day = 1, spread = \"5m\", lasts = \"5m\" }]", &["2:24 conflict"]);
    habits("away = [{ at = \"24:15\", lasts = \"5m\" }]", &["2:16 impossible-value"]);
    habits("away = [{ per_day = -1, lasts = \"5m\" }]", &["2:21 impossible-value"]);
    habits(
        "away = [{ per_day = 1, lasts = \"5m\", forgets = 1.5 }]",
        &["2:48 impossible-value expected a number from 0 to 1"],
    );
    wrong("[habits]\nx = 5\n", &["2:5 wrong-type expected a table"]);
    let s = good(
        &(SMALL.to_owned()
            + "[habits.default]\nfinishes = \"message\"\naway = [{ at = 12:15, lasts = \"5m\" }]\n"),
        &[],
    );
    assert_eq!(s.agents[0].habits.away.len(), 1);
}

#[test]
fn mistakes_of_distributions() {
    let reply = |d: &str, expected: &[&str]| wrong(&format!("[habits.x]\nreply = {d}\n"), expected);
    reply("45", &["2:9 needs-unit a length of time needs a unit (write \"45s\""]);
    reply("true", &["2:9 wrong-type expected a distribution"]);
    reply("{}", &["2:9 missing-key a distribution needs a law"]);
    reply(
        "{ exponental = \"5m\" }",
        &[
            "2:9 missing-key",
            "2:11 unknown-key a distribution has no key `exponental` (did you mean `exponential`?)",
        ],
    );
    reply(
        "{ constant = \"5m\", exponential = \"5m\" }",
        &["2:9 conflict a distribution has one law"],
    );
    reply(
        "{ exponential = { median = \"5m\" } }",
        &["2:25 missing-key `exponential` needs `mean`", "2:27 unknown-key"],
    );
    reply(
        "{ exponential = \"-5m\" }",
        &["2:25 impossible-value a length of time cannot be negative"],
    );
    reply("{ uniform = [\"7m\", \"3m\"] }", &["2:21 impossible-value the low end comes first"]);
    reply(
        "{ uniform = [\"7m\"] }",
        &["2:21 wrong-type expected a list of the low and the high end"],
    );
    reply(
        "{ lognormal = { mu = 3.0, sigma = 1 } }",
        &["2:23 needs-unit `mu` is the logarithm of a time"],
    );
    reply("{ lognormal = { mu = 3.0, sigma = -1, unit = \"s\" } }", &["2:43 impossible-value"]);
    reply(
        "{ lognormal = { mu = 3.0, sigma = 1, unit = \"sec\" } }",
        &["2:53 impossible-value `sec` is not a unit"],
    );
    reply(
        "{ lognormal = { median = \"5m\", p90 = \"5m\" } }",
        &["2:23 impossible-value `p90` has to be more"],
    );
    reply(
        "{ lognormal = { median = \"0s\", p90 = \"5m\" } }",
        &["2:34 impossible-value this has to be more than 0"],
    );
    reply(
        "{ lognormal = { median = \"5m\", cv = 1 } }",
        &["2:23 conflict a lognormal is given by two"],
    );
    reply("{ lognormal = { mean = \"5m\", cv = -1 } }", &["2:43 impossible-value"]);
    reply(
        "{ constant = \"5m\", at_least = \"9m\", at_most = \"8m\" }",
        &["2:9 impossible-value `at_least`"],
    );
    for law in ["triangular", "gamma", "erlang", "weibull", "mixture", "empirical"] {
        reply(&format!("{{ {law} = [] }}"), &["2:11 not-built-yet"]);
    }
    let count =
        |d: &str, expected: &[&str]| wrong(&format!("[visitors.x]\nmessages = {d}\n"), expected);
    count("\"5m\"", &["2:12 wrong-type expected a number, found a string"]);
    count("-5", &["2:12 impossible-value"]);
    count("nan", &["2:12 impossible-value"]);
    count(
        "{ lognormal = { mu = 1.0, sigma = 1, unit = \"s\" } }",
        &["2:56 conflict a count has no unit"],
    );
}
