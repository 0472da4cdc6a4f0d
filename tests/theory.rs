//! Scenarios simple enough for a formula, and the formula.

mod support {
    pub(crate) mod binary;
    pub(crate) mod estimates;
    pub(crate) mod tables;
}

use std::fs;

use routelab::stats::student_t_quantile;

use support::binary::place;
use support::estimates::Estimate;
use support::tables::{Results, run};

/// Agents of one team who are always there, and flat traffic in UTC. Visitors send one message and
/// wait for ever; each costs an agent an exponential time with a mean of one minute.
struct Textbook {
    agents: u32,
    rotation: &'static str,
    per_hour: f64,
    lasts: &'static str,
    replications: u32,
    /// More lines for the team.
    team: &'static str,
}

impl Textbook {
    fn simulate(&self) -> Results {
        let Self { agents, rotation, per_hour, lasts, replications, team } = self;
        let text = format!(
            r#"format = 1
name = "textbook"

[run]
starts = "2026-03-02"
lasts = "{lasts}"
warm_up = "1d"
time_zone = "UTC"
replications = {replications}

[[team]]
name = "desk"
agents = {agents}
{team}

[habits.default]
first_reply = {{ exponential = {{ mean = "1m" }} }}

[[chatflow]]
name = "website"
route_to = ["team:desk"]
rotation = "{rotation}"

[visitors.web]
messages = {{ constant = 1 }}
patience = "forever"

[[traffic]]
chatflow = "website"
visitors = "web"
per_hour = {per_hour}
profile = "flat"
"#
        );
        let place = place();
        let path = place.path().join("textbook.toml");
        fs::write(&path, text).expect("it can be written");
        run(&path, &[])
    }
}

/// The mean of a time, with the standard error that its 95 % interval implies.
fn mean_time(results: &Results, measure: &str, replications: u32) -> Estimate {
    let row = results.figure(measure, "mean");
    let width = row.number("ci_high") - row.number("ci_low");
    let t = student_t_quantile(0.975, u64::from(replications) - 1);
    Estimate { value: row.number("value"), se: width / 2.0 / t }
}

// ---- waiting ----

/// Four agents at half load: λ/4 = 30 and μ = 60 an hour. 120 an hour over 28 days and 10
/// replications are 806,400 chats. One wait of M/M/1 has the asymptotic variance
/// ρ(2 + 5ρ − 4ρ² + ρ³)/(μ²(1 − ρ)⁴) = 29 minutes² (Whitt 1989), so the mean of all has a standard
/// error near √(29/806,400) = 0.6 % of a minute.
const HALF_LOADED: Textbook = Textbook {
    agents: 4,
    rotation: "random",
    per_hour: 120.0,
    lasts: "28d",
    replications: 10,
    team: "",
};

/// Accepts a mean wait in minutes if its standard error is at most 1 % and it is within four of it.
#[track_caller]
fn wait_must_be(textbook: &Textbook, minutes: f64) {
    let results = textbook.simulate();
    let wait = mean_time(&results, "answer_wait_s", textbook.replications);
    assert!(wait.se < 0.01 * wait.value, "{wait:?}");
    wait.must_be(minutes * 60.0);
    // What follows the wait is the work: a minute on average.
    let response = mean_time(&results, "first_response_s{way=chat}", textbook.replications);
    response.must_be((minutes + 1.0) * 60.0);
}

// A Poisson process split by lot is Poisson: each agent is an M/M/1, with a wait of λ/(μ(μ − λ)).
#[test]
fn drawing_lots_makes_every_agent_an_m_m_1_queue() {
    let (arrivals, service) = (0.5, 1.0);
    wait_must_be(&HALF_LOADED, arrivals / (service * (service - arrivals)));
}

/// The mean wait of E_k/M/1 in units of service, by G/M/1: σ in (0, 1) solves σ = A*(μ(1 − σ)) with
/// A*(s) = (kλ/(kλ + s))^k, and the wait is σ/(μ(1 − σ)) (Gross and Harris, 5.3).
fn erlang_m_1_wait(k: i32, load: f64) -> f64 {
    let rate = f64::from(k) * load;
    let mut sigma = 0.5;
    // A contraction: its derivative at the root is below 1 where the load is.
    for _ in 0..10_000 {
        sigma = (rate / (rate + 1.0 - sigma)).powi(k);
    }
    sigma / (1.0 - sigma)
}

// The ring gives each of four every fourth chat: the time between two is the sum of four
// exponentials.
#[test]
fn a_ring_makes_every_agent_an_erlang_m_1_queue() {
    // M/M/1 is the case k = 1, and D/M/1 with its σ = e^(−2(1 − σ)) = 0.2031878700 its limit.
    assert!((erlang_m_1_wait(1, 0.5) - 1.0).abs() < 1e-9);
    let deterministic = 0.203_187_870_0 / (1.0 - 0.203_187_870_0);
    assert!((erlang_m_1_wait(1_000_000, 0.5) - deterministic).abs() < 1e-5);
    wait_must_be(&Textbook { rotation: "ring", ..HALF_LOADED }, erlang_m_1_wait(4, 0.5));
}

// Busy is who is at work, so the occupancy is the load.
//
// Little's law: the integral of open chats is the sum of the times they were open, but for the time
// after the first instant of those who came before it, and after the last of those still open then.
// A chat that is n-th at a desk stays n minutes on average, so N at a desk leave N(N + 1)/2; with N
// geometric, P(N = n) = 2^−(n + 1), that has variance 22, and 176 for four desks and both ends: for
// the mean of 10 replications a standard deviation of √17.6 = 4.2 chat-minutes in 40,320 minutes.
#[test]
fn occupancy_is_the_load_and_littles_law_holds() {
    let results = HALF_LOADED.simulate();
    let values: Vec<f64> =
        results.rows("replications.csv").iter().map(|row| row.number("occupancy")).collect();
    Estimate::of_mean(&values).must_be(0.5);

    let timeline = results.rows("timeline.csv");
    let integral: f64 =
        timeline.iter().map(|r| r.number("open_conversations") * r.number("minutes")).sum();
    let chats = results.figure("conversations", "count").number("value");
    let minutes_each = results.figure("resolution_s", "mean").number("value") / 60.0;
    Estimate { value: integral, se: 4.2 }.must_be(chats * minutes_each);
}

// ---- fairness ----

// Drawing lots over k = 10: n(1/J − 1) is chi-squared with 9 degrees of freedom, so the excess of a
// replication has mean 1 and variance 2/9, and that of 200 a standard error of 0.033. Jain's index
// is near n/(n + 9) with n near 1,000.
#[test]
fn lots_have_an_excess_of_one_and_the_jain_index_of_the_formula() {
    let lots = Textbook {
        agents: 10,
        per_hour: 1_000.0 / 24.0,
        lasts: "1d",
        replications: 200,
        ..HALF_LOADED
    };
    let results = lots.simulate();
    let rows = results.rows("replications.csv");
    let values: Vec<f64> = rows.iter().map(|row| row.number("fairness_excess")).collect();
    let excess = Estimate::of_mean(&values);
    let by_theory = (2.0_f64 / 9.0 / 200.0).sqrt();
    // The standard error of a standard deviation of 200 chi-squared values is below a tenth of it.
    assert!((excess.se / by_theory - 1.0).abs() < 0.4, "{excess:?} {by_theory}");
    excess.must_be(1.0);

    let jain = results.figure("fairness.jain", "value");
    let t = student_t_quantile(0.975, 199);
    let se = (jain.number("ci_high") - jain.number("ci_low")) / 2.0 / t;
    let n = rows.iter().map(|row| row.number("conversations")).sum::<f64>() / 200.0;
    Estimate { value: jain.number("value"), se }.must_be(n / (n + 9.0));
}

#[test]
fn a_ring_whose_agents_are_always_there_is_exact_to_one_assignment() {
    let ring =
        Textbook { rotation: "ring", agents: 7, lasts: "5d", replications: 1, ..HALF_LOADED };
    let results = ring.simulate();
    let counts: Vec<f64> =
        results.rows("agents.csv").iter().map(|row| row.number("assigned_rotation")).collect();
    assert_eq!(counts.len(), 7);
    let (most, least) = counts.iter().fold((0.0_f64, f64::MAX), |(m, l), c| (m.max(*c), l.min(*c)));
    assert!(least > 0.0 && most - least <= 1.0, "{counts:?}");
    // The excess is Σ(x − e)²/e ÷ 6, and no x is a whole one from its e = n/7: below 7·(7/n)/6.
    let n: f64 = counts.iter().sum();
    let excess = results.figure("fairness.excess", "value").number("value");
    assert!((0.0..49.0 / 6.0 / n).contains(&excess), "{excess}");
}

// ---- offices ----

// Of 168 hours a week 40 are worked. Each of n visitors comes in the others with probability
// 128/168, independently: √(p(1 − p)/n) with n near 28 × 2,880 × 5 = 403,200 is 0.0007.
#[test]
fn offices_from_nine_to_five_miss_128_of_168_hours() {
    let offices = Textbook {
        team: "office_hours = { mon-fri = \"09:00-17:00\" }",
        lasts: "4w",
        replications: 5,
        ..HALF_LOADED
    };
    let results = offices.simulate();
    let [emailed, lost] = ["email_fallback_rate", "lost_rate"].map(|m| results.figure(m, "ratio"));
    let (p, n) = (128.0_f64 / 168.0, emailed.number("n"));
    let value = emailed.number("value") + lost.number("value");
    Estimate { value, se: (p * (1.0 - p) / n).sqrt() }.must_be(p);
    // By default 45 % are known, and 35 % of the others leave an address.
    let part = 0.45 + 0.55 * 0.35;
    let se = (part * (1.0 - part) / (p * n)).sqrt();
    Estimate { value: emailed.number("value") / value, se }.must_be(part);
}
