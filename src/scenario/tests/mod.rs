//! The scenario file from outside: what reads, and what every mistake says and where.

mod anything;
mod mistakes;
mod options;
mod people;
mod reads;
mod routing;

use std::path::Path;

use crate::diagnostic::Diagnostic;

use super::{Override, Scenario, parse, parse_setup};

/// A scenario that reads, to which tests add.
pub(super) const SMALL: &str = "\
format = 1
name = \"small\"
[[team]]
name = \"sales\"
[[chatflow]]
name = \"website\"
route_to = [\"team:sales\"]
";

/// Reads `text` with options `PATH=VALUE`.
pub(super) fn read_with(text: &str, options: &[&str]) -> Result<Scenario, Vec<Diagnostic>> {
    let options: Vec<Override> =
        options.iter().map(|o| Override::parse(o).expect("PATH=VALUE")).collect();
    parse("x.toml", text, Path::new("."), &options)
}

/// Reads `text`, which has to be right for the engine alone.
pub(super) fn setup(text: &str, options: &[&str]) -> Scenario {
    let options: Vec<Override> =
        options.iter().map(|o| Override::parse(o).expect("PATH=VALUE")).collect();
    parse_setup("x.toml", text, Path::new("."), &options)
        .unwrap_or_else(|d| panic!("{}", crate::diagnostic::render_human(&d, false)))
}

/// The scenario, which has to be right.
pub(super) fn good(text: &str, options: &[&str]) -> Scenario {
    read_with(text, options)
        .unwrap_or_else(|d| panic!("{}", crate::diagnostic::render_human(&d, false)))
}

/// What is wrong, as `line:column code message (help)`; `SET` before what is wrong with an option.
pub(super) fn mistakes_with(text: &str, options: &[&str]) -> Vec<String> {
    let found = read_with(text, options).expect_err("something is wrong");
    found.iter().map(line).collect()
}

/// The same of a text alone.
pub(super) fn mistakes(text: &str) -> Vec<String> {
    mistakes_with(text, &[])
}

pub(super) fn line(d: &Diagnostic) -> String {
    let place = d.place.as_ref().expect("mistakes in scenarios have a place");
    let set = if place.file() == "x.toml" { "" } else { "SET " };
    let help = d.help.as_ref().map(|help| format!(" ({help})")).unwrap_or_default();
    format!("{set}{}:{} {} {}{help}", place.line(), place.column(), d.code, d.message)
}

/// Checks that `added`, put to the end of the small scenario, is found to be wrong; places count
/// from the added text.
pub(super) fn wrong(added: &str, expected: &[&str]) {
    let text = SMALL.to_owned() + added;
    let before = SMALL.lines().count();
    let found: Vec<String> = mistakes(&text)
        .into_iter()
        .map(|line| {
            let (at, rest) = line.split_once(':').expect("it begins with a place");
            format!("{}:{rest}", at.parse::<usize>().expect("a line").saturating_sub(before))
        })
        .collect();
    assert!(
        found.len() == expected.len() && found.iter().zip(expected).all(|(f, e)| f.starts_with(e)),
        "{added}\nfound {found:#?}\nexpected {expected:#?}"
    );
}

/// The scenario that documents the format, without what is not built yet.
pub(super) const WHOLE: &str = r#"
format   = 1
name     = "small-team"
question = "What does the first week look like?"

[run]
starts       = "2026-03-02"
lasts        = "7d"
warm_up      = "1d"
ends         = "drain"
time_zone    = "America/New_York"
seed         = 1
replications = 20

[[team]]
name         = "sales"
agents       = 5
office_hours = { mon-fri = "09:00-17:00" }

[[agent]]
name         = "sales-3"
office_hours = { mon-thu = ["08:00-12:00", "13:00-16:00"], fri = "08:00-12:00" }
time_zone    = "Europe/Dublin"
days_off     = ["2026-03-17"]
habits       = "brisk"

[habits.brisk]
reply        = { lognormal = { mu = 3.0, sigma = 0.9, unit = "s" } }

[habits.default]
first_reply  = { lognormal = { mu = 4.0, sigma = 1.0, unit = "s" } }
reply        = { lognormal = { mu = 3.4, sigma = 0.9, unit = "s" } }
attention    = "serial"
email_reply  = { lognormal = { median = "5m", p90 = "15m" } }
away = [
  { at = "12:15", spread = "25m", lasts = "45m" },
  { per_day = 3.3, lasts = { lognormal = { median = "13m", sigma = 0.3, unit = "m" } }, reassign_replies = 0.5, forgets = 0.15 },
]

[[chatflow]]
name           = "website"
route_to       = ["team:sales"]
route_to_owner = false

[visitors.web]
known        = 0.45
owned        = 0.70
tracked      = 0.80
owners       = { gini = 0.46 }
leaves_email = 0.35
messages     = { lognormal = { mu = 1.96, sigma = 0.77 }, at_least = 2 }
same_speaker = 0.37
think        = { lognormal = { mu = 3.88, sigma = 1.41, unit = "s" } }
patience     = { exponential = { mean = "350s" } }
patience_until = "reply"

[[traffic]]
chatflow = "website"
visitors = "web"
per_day  = 100
profile  = "business"
busyness = { day_cv = 0.20, slot_cv = 0.15 }

[report]
service_level = ["20s", "60s"]
interval = "15m"

[[threshold]]
measure = "first_response_s.p90"
where   = { chatflow = "website" }
must    = "<= 300"
"#;
