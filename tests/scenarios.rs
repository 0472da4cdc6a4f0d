//! What the shipped scenarios must show: each is compared with what can be worked out by hand.

mod support {
    pub(crate) mod binary;
    pub(crate) mod estimates;
    pub(crate) mod shipped;
    pub(crate) mod tables;
}

use std::collections::{BTreeMap, BTreeSet};

use routelab::workload::Profile;

use support::binary::routelab;
use support::estimates::Estimate;
use support::shipped::shipped;
use support::tables::{Results, Row, run};

/// The column of `replications.csv`, one value a replication.
fn column(results: &Results, name: &str) -> Vec<f64> {
    results.rows("replications.csv").iter().map(|row| row.number(name)).collect()
}

/// Hours of the week from Monday 0:00 in which a team that works 9 to 17, Monday to Friday, works.
fn office_hours() -> impl Iterator<Item = u8> {
    (0..5).flat_map(|day| (9..17).map(move |hour| day * 24 + hour))
}

fn business() -> Profile {
    Profile::named("business").expect("it is built in")
}

// ---- small-team ----

/// The share of a replication's first messages that find nobody, by numerical integration.
///
/// The week is 2 to 8 March in New York, so that Sunday has no hour from 2 to 3. Outside 9 to 17
/// nobody is there. At lunch each of five is away for 45 minutes from 12:00 plus up to 90 minutes,
/// and says so with probability 0.85; a minute in which all five are is as good as outside.
fn nobody_there_in_small_team() -> f64 {
    let profile = business();
    let all: f64 = (0..168).filter(|hour| *hour != 6 * 24 + 2).map(|hour| profile.at(hour)).sum();
    let in_hours: f64 = office_hours().map(|hour| profile.at(hour)).sum();
    let mut at_lunch = 0.0;
    for day in 0..5 {
        // Minutes after noon: the last lunch ends at 14:15.
        for minute in 0..135_u8 {
            let now = f64::from(minute) + 0.5;
            let began_in_time = now.min(90.0) - (now - 45.0).max(0.0);
            let away = 0.85 * began_in_time / 90.0;
            at_lunch += profile.at(day * 24 + 12 + minute / 60) / 60.0 * away.powi(5);
        }
    }
    (all - in_hours + at_lunch) / all
}

#[test]
fn a_third_of_small_teams_visitors_find_nobody_and_lunch_adds_little_to_it() {
    // 7,390 of the 23,686 recorded arrivals behind the profile lie outside 9 to 17. At worst, when
    // everybody's lunch may have begun and none has ended, a minute finds all five away with
    // probability (0.85 / 2)⁵ = 1.4 %.
    let outside = 7_390.0 / 23_686.0;
    let expected = nobody_there_in_small_team();
    // The missing hour of Sunday takes less than 0.1 % of the week's visitors out of it.
    assert!(expected > outside - 0.001 && expected < outside + 0.014, "{expected}");

    let results = run(&shipped("small-team"), &[]);
    let conversations = column(&results, "conversations");
    let emailed = column(&results, "email_fallback_rate");
    let lost = column(&results, "lost_rate");
    let pairs: Vec<(f64, f64)> = (0..conversations.len())
        .map(|r| ((emailed[r] + lost[r]) * conversations[r], conversations[r]))
        .collect();
    Estimate::of_ratio(&pairs).must_be(expected);

    // Of those who find nobody the 45 % who are known get an email, and 35 % of the others.
    let pairs: Vec<(f64, f64)> =
        (0..conversations.len()).map(|r| (emailed[r] * conversations[r], pairs[r].0)).collect();
    Estimate::of_ratio(&pairs).must_be(0.45 + 0.55 * 0.35);
}

// Between two changes of who is online the ring gives each agent its part of N assignments rounded
// up or down: a variance of at most 1/4. A week has at most 5 agents × 5 lunches × 2 = 50 changes,
// and so 51 stretches: at most 51/4 = 12.75. Drawing lots has n·p(1 − p) with p = 1/5 and n = 100 ×
// 7 × 0.69 = 480 chats in hours: 77. Their ratio is the excess: at most about 0.17.
#[test]
fn small_teams_ring_is_far_fairer_than_drawing_lots() {
    let results = run(&shipped("small-team"), &[]);
    let excess = results.figure("fairness.excess", "value").number("value");
    assert!(excess > 0.0 && excess < 0.17, "{excess}");
}

// ---- owner-heavy ----

/// Φ, by the trapezoidal rule on its density.
fn normal(x: f64) -> f64 {
    let steps = 2_000;
    let width = x / f64::from(steps);
    let density = |x: f64| (-x * x / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt();
    let inside: f64 = (1..steps).map(|i| density(f64::from(i) * width)).sum();
    0.5 + width * (inside + (density(0.0) + density(x)) / 2.0)
}

/// The share of the chats that arrive in hours while one agent is away, if absences begin in a
/// Poisson process over the shift: the number who are away at t minutes after opening is that of
/// customers in an M/G/∞ that opened empty, Poisson with mean Σ λᵢ ∫₀ᵗ P(Lᵢ > s) ds (Law,
/// *Simulation Modeling and Analysis*, appendix 1B). Absences that overlap are one.
fn absent_share_in_owner_heavy() -> f64 {
    let outlasts = |minutes: f64| {
        let lognormal = |median: f64| {
            if minutes <= 0.0 { 1.0 } else { 1.0 - normal((minutes / median).ln() / 0.3) }
        };
        let lunch = if minutes < 45.0 { 1.0 } else { 0.0 };
        (4.2 * lognormal(13.0) + 2.0 * lognormal(27.0) + lunch) / 480.0
    };
    let profile = business();
    let (mut mean, mut absent, mut all) = (0.0, 0.0, 0.0);
    for minute in 0..480_u16 {
        let step = outlasts(f64::from(minute) + 0.5);
        let hour = u8::try_from(9 + minute / 60).expect("an hour of the day");
        let weight: f64 = (0..5).map(|day| profile.at(day * 24 + hour)).sum();
        absent += weight * (1.0 - (-(mean + step / 2.0)).exp());
        all += weight;
        mean += step;
    }
    absent / all
}

#[test]
fn owners_who_are_away_turn_seven_tenths_of_their_absence_into_email() {
    let absent = absent_share_in_owner_heavy();
    assert!((0.70 * absent - 0.189).abs() < 0.0005, "{absent}");
    let results = run(&shipped("owner-heavy"), &[]);
    Estimate::of_mean(&column(&results, "in_hours_email_rate")).must_be(0.70 * absent);
}

#[test]
fn without_the_box_nobody_in_hours_is_sent_an_email() {
    // That all twenty are away at once has probability 0.27²⁰ = 4·10⁻¹².
    let results = run(&shipped("owner-heavy-off"), &[]);
    let rate = results.figure("in_hours_email_rate", "ratio");
    assert_eq!(rate.number("value"), 0.0);
    // None of n: the upper end p of Clopper and Pearson has (1 − p)ⁿ = 0.025, so p < −ln 0.025 / n.
    assert!(rate.number("ci_high") < 3.69 / rate.number("n"), "{rate:?}");
}

#[test]
fn the_summary_says_how_many_emails_were_sent_while_somebody_was_idle() {
    let results = run(&shipped("owner-heavy"), &[]);
    // The finished run is there: this prints its summary.
    let mut command = routelab();
    command.arg("run").arg(shipped("owner-heavy")).arg("-o").arg(results.path(""));
    let output = command.output().expect("it runs");
    let summary = String::from_utf8(output.stdout).expect("UTF-8");
    let words = summary.split_whitespace().collect::<Vec<_>>().join(" ");
    let count = |measure: &str| {
        let rate = results.figure(measure, "ratio");
        (rate.number("value") * rate.number("n") / 20.0).round()
    };
    let (emails, idle) = (count("in_hours_email_rate"), count("in_hours_idle_email_rate"));
    // Of 11,200 chats 0.69 come in hours, and of those 0.19 become an email; nearly always some of
    // the fourteen or so who are there have nothing to do.
    assert!(emails > 1_000.0 && idle > 0.9 * emails, "{emails} {idle}");
    let thousands = |n: f64| format!("{},{:03}", (n / 1000.0).floor(), n % 1000.0);
    let (emails, idle) = (thousands(emails), thousands(idle));
    let begins = format!("of these {emails} emails a replication, {idle} (");
    let (_, rest) = words.split_once(&begins).unwrap_or_else(|| panic!("no `{begins}`: {words}"));
    let ends = "were sent while somebody on the list was online with nothing open";
    assert!(rest.contains(ends), "{rest}");
}

// ---- follow-the-sun ----

// In UTC and in winter London works 9–17, New York 14–22 and Sydney 22–6: a hole from 6 to 9. New
// York moves to 13–21 on 8 March, London to 8–16 on 29 March, and Sydney to 23–7 with its Sunday of
// 5 April, whose morning is the evening of the 4th in UTC.
#[test]
fn the_holes_of_follow_the_sun_move_with_the_clocks() {
    let results = run(&shipped("follow-the-sun"), &["-r", "1"]);
    let mut holes: BTreeMap<String, Vec<u32>> = BTreeMap::new();
    for row in &results.rows("timeline.csv") {
        assert_eq!(row.number("minutes"), 60.0);
        let (day, clock) = row.text("starts_at").split_at(10);
        let hours = holes.entry(day.to_owned()).or_default();
        if row.number("online_agents") == 0.0 {
            hours.push(clock[1..3].parse().expect("an hour"));
        }
    }
    assert_eq!(holes.len(), 43);
    for (day, hours) in holes {
        // Dates in this form are ordered as their text is.
        let expected: &[u32] = match day.as_str() {
            day if day < "2026-03-08" => &[6, 7, 8],
            day if day < "2026-03-29" => &[6, 7, 8, 21],
            day if day < "2026-04-04" => &[6, 7, 21],
            "2026-04-04" => &[6, 7, 21, 22],
            _ => &[7, 21, 22],
        };
        assert_eq!(hours, expected, "{day}");
    }
}

// ---- lunch ----

/// The longest wait for a reply, in seconds and in ascending order, of each conversation in which a
/// visitor's reply met an agent who was away.
fn waits_of_those_who_met_somebody_away(scenario: &str) -> Vec<f64> {
    let results = run(&shipped(scenario), &["--log"]);
    let number =
        |row: &Row| (row.text("replication").to_owned(), row.text("conversation").to_owned());
    let met_away: BTreeSet<_> = results
        .rows("decisions.csv")
        .iter()
        .filter(|row| {
            matches!(
                (row.text("outcome"), row.text("reason")),
                ("kept", "reply_to_away" | "reassign_failed") | ("reassigned", "away")
            )
        })
        .map(number)
        .collect();
    let mut waits: Vec<f64> = results
        .rows("conversations.csv")
        .iter()
        .filter(|row| met_away.contains(&number(row)))
        .filter_map(|row| row.maybe("longest_reply_s"))
        .collect();
    waits.sort_by(f64::total_cmp);
    // Enough for the quartiles below to mean something.
    assert!(waits.len() > 200, "{scenario}: {}", waits.len());
    waits
}

fn quantile(sorted: &[f64], p: f64) -> f64 {
    sorted[(sorted.len() as f64 * p) as usize]
}

const ABSENCE_S: f64 = 45.0 * 60.0;

// Without the toggle a reply waits for what is left of 45 minutes. Visitors think for 48 s in the
// median and for less than 5 minutes nine times of ten, so most meet the absence near its
// beginning: two thirds of it are a safe bound. With the toggle the reply is somebody else's first:
// nine of ten of those take less than e^(4 + 1.28) = 197 s at a desk that is seldom busy, so the
// median of the longest of a conversation's waits is below five minutes.
#[test]
fn reassigning_replies_saves_most_of_the_absence_where_lunch_is_staggered() {
    let without = quantile(&waits_of_those_who_met_somebody_away("lunch-staggered"), 0.5);
    let with = quantile(&waits_of_those_who_met_somebody_away("lunch-staggered-reassign"), 0.5);
    assert!(without > ABSENCE_S * 2.0 / 3.0 && without < ABSENCE_S + 300.0, "{without}");
    assert!(with < 300.0, "{with}");
}

// When all leave within five minutes, nobody is there to take over but who leaves last, and those
// who look online because they forgot to say that they are gone, who answer no sooner. If as many
// as a third of the visitors were helped at once, the median of all would be the lower quartile of
// those who wait: (1/2 − 1/3) / (1 − 1/3) = 1/4.
#[test]
fn reassigning_replies_gains_nothing_where_all_go_to_lunch_at_once() {
    let without = waits_of_those_who_met_somebody_away("lunch-away");
    let with = waits_of_those_who_met_somebody_away("lunch-away-reassign");
    let median = quantile(&with, 0.5);
    assert!(median > quantile(&without, 0.25), "{median}");
    assert!(median > ABSENCE_S * 2.0 / 3.0 && median < ABSENCE_S + 300.0, "{median}");
}

// ---- night-leads ----

fn emails_received(results: &Results) -> Vec<(String, f64)> {
    let rows = results.rows("agents.csv");
    rows.iter().map(|row| (row.text("agent").to_owned(), row.number("emails_received"))).collect()
}

#[test]
fn the_nights_emails_go_round_and_each_of_ten_gets_a_tenth() {
    for seed in ["1", "2", "3"] {
        let results = run(&shipped("night-leads"), &["-r", "1", "-s", seed]);
        let received = emails_received(&results);
        assert_eq!(received.len(), 10);
        let numbers = || received.iter().map(|(_, emails)| *emails);
        let (most, least) = (numbers().fold(0.0, f64::max), numbers().fold(1e9, f64::min));
        assert!(most - least <= 1.0, "seed {seed}: {received:?}");
        let conversations = results.figure("conversations", "count").number("value");
        let rate = results.figure("email_fallback_rate", "ratio").number("value");
        let total: f64 = numbers().sum();
        assert!((total - rate * conversations).abs() < 1e-6, "{total}");
    }
}

#[test]
fn the_nights_emails_go_to_one_named_agent_if_told_to() {
    let leads = "chatflow.website.email_leads={ to = \"agent:desk-1\" }";
    let results = run(&shipped("night-leads"), &["-r", "1", "--set", leads]);
    for (agent, emails) in emails_received(&results) {
        assert_eq!(emails > 0.0, agent == "desk-1", "{agent}: {emails}");
    }
}
