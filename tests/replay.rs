//! Recorded arrivals: every row in the period is one conversation or joins one, and what was
//! recorded is the same in every replication while the rest is drawn.

mod support {
    pub(crate) mod binary;
    pub(crate) mod tables;
}

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use tempfile::TempDir;

use support::binary::place;
use support::tables::{Results, Row, run};

const REPLICATIONS: &str = "6";

/// Three people in UTC, of whom one owns what the file says; Monday and Tuesday are replayed.
const SCENARIO: &str = r#"format = 1
name = "replayed"

[run]
starts = "2026-03-02"
lasts = "2d"
time_zone = "UTC"

[[team]]
name = "desk"
agents = 3
office_hours = { mon-fri = "09:00-17:00" }

[[chatflow]]
name = "website"
route_to = ["team:desk"]
route_to_owner = true

[visitors.web]
known = 0.5
leaves_email = 0.5

[[traffic]]
chatflow = "website"
visitors = "web"
trace = "arrivals.csv"
"#;

/// A file of recorded arrivals, in order of time.
struct Recording {
    csv: String,
    /// The times of the rows that lie in the period.
    times: BTreeSet<String>,
}

/// Who wrote when; no two at the same time. `lee` writes six times within minutes and meets the
/// conversation that is still open, unless it is over by then.
fn recording() -> Recording {
    let outside = ["2026-03-01T23:59:59,early,", "2026-03-04T00:00:00,late,"];
    let mut inside =
        vec!["2026-03-02T00:00:00,first,".to_owned(), "2026-03-03T23:59:59.999,last,".to_owned()];
    for second in [0, 1, 2, 30, 60, 90] {
        inside.push(format!("2026-03-02T10:{:02}:{:02},lee,desk-2", second / 60, second % 60));
    }
    // Forty contacts, each on both days, all day long, in and out of hours.
    for number in 0..40 {
        for day in [2, 3] {
            let (hour, minute) = (number * 36 / 60, number * 36 % 60);
            inside.push(format!("2026-03-0{day}T{hour:02}:{minute:02}:07,contact-{number},"));
        }
    }
    let time = |row: &String| row.split(',').next().expect("a time").to_owned() + "+00:00";
    let times: BTreeSet<String> = inside.iter().map(time).collect();
    assert_eq!(times.len(), inside.len());
    let mut rows: Vec<String> = outside.map(str::to_owned).into_iter().chain(inside).collect();
    rows.sort();
    Recording { csv: format!("at,contact,owner\n{}\n", rows.join("\n")), times }
}

fn replayed(place: &TempDir, csv: &str) -> Results {
    fs::write(place.path().join("arrivals.csv"), csv).expect("it can be written");
    let path = place.path().join("replayed.toml");
    fs::write(&path, SCENARIO).expect("it can be written");
    run(&path, &["--log", "-r", REPLICATIONS])
}

/// The rows of a file by the number of the replication.
fn by_replication(rows: Vec<Row>) -> BTreeMap<u32, Vec<Row>> {
    let mut all: BTreeMap<u32, Vec<Row>> = BTreeMap::new();
    for row in rows {
        let number = row.text("replication").parse().expect("a number");
        all.entry(number).or_default().push(row);
    }
    assert_eq!(all.len(), 6);
    all
}

#[test]
fn every_recorded_row_of_the_period_begins_a_conversation_or_joins_one() {
    let Recording { csv, times } = recording();
    let place = place();
    let results = replayed(&place, &csv);
    for row in results.rows("replications.csv") {
        let (conversations, joined) = (row.number("conversations"), row.number("joined"));
        assert_eq!(conversations + joined, times.len() as f64, "{row:?}");
        // The second row of `lee` comes a second after the first: no first reply is as fast.
        assert!((1.0..=5.0).contains(&joined), "{row:?}");
    }
    let both = ["conversations", "joined"].map(|m| results.figure(m, "count").number("value"));
    assert_eq!(both.iter().sum::<f64>(), times.len() as f64, "{both:?}");
}

#[test]
fn every_conversation_has_one_row_and_exactly_one_final_outcome() {
    let Recording { csv, .. } = recording();
    let place = place();
    let results = replayed(&place, &csv);
    let of_log = by_replication(results.rows("conversations.csv"));
    for row in results.rows("replications.csv") {
        let rates = [
            "answered_rate",
            "email_fallback_rate",
            "lost_rate",
            "refused_rate",
            "abandonment_rate",
            "open_at_end_rate",
        ];
        let sum: f64 = rates.iter().map(|rate| row.number(rate)).sum();
        assert!((sum - 1.0).abs() < 1e-12, "{row:?}");

        let number: u32 = row.text("replication").parse().expect("a number");
        let rows = &of_log[&number];
        let numbers: BTreeSet<&str> = rows.iter().map(|row| row.text("conversation")).collect();
        assert_eq!(numbers.len(), rows.len(), "no conversation has two rows");
        assert_eq!(rows.len() as f64, row.number("conversations"));
        let lost = rows.iter().filter(|row| row.text("ended") == "lost").count() as f64;
        assert!((lost / rows.len() as f64 - row.number("lost_rate")).abs() < 1e-12);
        for row in rows {
            let ended = row.text("ended");
            let known = ["closed", "abandoned", "emailed", "lost"].contains(&ended);
            assert!(known, "a run that is drained leaves nothing open: {row:?}");
        }
    }
}

#[test]
fn replications_share_the_recorded_times_and_owners_and_nothing_that_is_drawn() {
    let Recording { csv, times } = recording();
    let place = place();
    let results = replayed(&place, &csv);
    let of_log = by_replication(results.rows("conversations.csv"));
    let column = |rows: &[Row], name: &str| -> Vec<String> {
        rows.iter().map(|row| row.text(name).to_owned()).collect()
    };
    let mut known = BTreeSet::new();
    let mut waits = BTreeSet::new();
    for rows in of_log.values() {
        let begun = column(rows, "began_at");
        assert!(begun.iter().all(|at| times.contains(at)), "{begun:?}");
        // Only `lee` comes twice within a day: everybody else's first messages are there.
        assert!(begun.len() >= times.len() - 5, "{begun:?}");
        for row in rows {
            // Nobody but `lee`, who wrote at ten on Monday, is recorded to have an owner.
            let is_lee = row.text("began_at").starts_with("2026-03-02T10:0")
                && row.text("began_at") < "2026-03-02T10:02";
            assert_eq!(row.text("owner"), if is_lee { "desk-2" } else { "" }, "{row:?}");
        }
        let mut sorted = rows.iter().map(|row| row.text("first_response_s")).collect::<Vec<_>>();
        sorted.sort_unstable();
        waits.insert(sorted.join(" "));
        known.insert(column(rows, "tracked").join(" "));
    }
    // Some 85 visitors, each tracked with probability 0.8, and times to the millisecond.
    assert_eq!((waits.len(), known.len()), (6, 6));
}

#[test]
fn the_order_of_the_rows_in_the_file_does_not_show() {
    let Recording { csv, .. } = recording();
    let mut reversed: Vec<&str> = csv.lines().collect();
    reversed[1..].reverse();
    let digests = [csv.clone(), reversed.join("\n")].map(|csv| {
        let place = place();
        fs::read_to_string(replayed(&place, &csv).path("DIGEST")).expect("it is there")
    });
    assert_eq!(digests[0], digests[1]);
}
