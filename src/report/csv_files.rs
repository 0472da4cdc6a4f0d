//! The CSV files. A missing number is an empty cell.

use csv::Writer;

use crate::experiment::{Results, Row, Scope, Stat};
use crate::kernel::Timeframe;
use crate::measures::dictionary::{Index, compact};
use crate::measures::{Column, Dist};
use crate::time::SimTime;

const MEMORY: &str = "writing to memory does not fail";
const MS_PER_HOUR: f64 = 3_600_000.0;
const WEEKDAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// A table that is being written.
struct Table(Writer<Vec<u8>>);

impl Table {
    fn new<S: AsRef<str>>(header: impl IntoIterator<Item = S>) -> Self {
        let mut table = Self(Writer::from_writer(Vec::new()));
        table.row(header);
        table
    }

    fn row<S: AsRef<str>>(&mut self, cells: impl IntoIterator<Item = S>) {
        for cell in cells {
            self.0.write_field(cell.as_ref()).expect(MEMORY);
        }
        self.0.write_record(None::<&[u8]>).expect(MEMORY);
    }

    fn finish(self) -> Vec<u8> {
        self.0.into_inner().expect(MEMORY)
    }
}

fn cell(number: Option<f64>) -> String {
    number.map_or(String::new(), |x| x.to_string())
}

/// `measures.csv`.
pub(super) fn measures(results: &Results<'_>) -> Vec<u8> {
    let header = ["measure", "scope", "name", "stat", "value", "unit", "ci_low", "ci_high", "n"];
    let mut table = Table::new(header);
    for Row { measure, scope, stat, value, unit, low, high, n } in &results.rows {
        let n = n.to_string();
        let (value, low, high) = (cell(*value), cell(*low), cell(*high));
        table.row([
            measure.as_str(),
            scope.kind(),
            scope.name(),
            stat.name(),
            &value,
            unit,
            &low,
            &high,
            &n,
        ]);
    }
    table.finish()
}

/// The columns of `agents.csv` and `teams.csv` after the name: the column, the measure and its
/// statistic.
const WORK_COLUMNS: [(&str, &str, Stat); 16] = [
    ("assigned_rotation", "assignments{way=rotation}", Stat::Count),
    ("assigned_owner", "assignments{way=owner}", Stat::Count),
    ("assigned_queue", "assignments{way=queue}", Stat::Count),
    ("reassigned_in", "assignments{way=reassigned_in}", Stat::Count),
    ("reassigned_out", "assignments{way=reassigned_out}", Stat::Count),
    ("share", "share", Stat::Ratio),
    ("share_ci_low", "share", Stat::Ratio),
    ("share_ci_high", "share", Stat::Ratio),
    ("entitled_share", "entitled_share", Stat::Ratio),
    ("occupancy", "occupancy", Stat::Ratio),
    ("utilization", "utilization", Stat::Ratio),
    ("first_response_p50_s", "first_response_s{way=chat}", Stat::P50),
    ("first_response_p90_s", "first_response_s{way=chat}", Stat::P90),
    ("since_assignment_p50_s", "since_assignment_s", Stat::P50),
    ("reply_p50_s", "reply_s", Stat::P50),
    ("reply_p90_s", "reply_s", Stat::P90),
];

/// Counts of an agent's or a team's people, per replication; hours from milliseconds.
const WORK_COUNTS: [(&str, crate::measures::AgentCount, f64); 8] = {
    use crate::measures::AgentCount as A;
    [
        ("emails_received", A::EmailsReceived, 1.0),
        ("emails_answered", A::EmailsAnswered, 1.0),
        ("first_replies", A::FirstReplies, 1.0),
        ("abandoned", A::Abandoned, 1.0),
        ("ghost_assignments", A::Ghost, 1.0),
        ("in_hours_h", A::InHoursMs, MS_PER_HOUR),
        ("online_h", A::OnlineMs, MS_PER_HOUR),
        ("busy_h", A::BusyMs, MS_PER_HOUR),
    ]
};

fn work_table(results: &Results<'_>, what: &str, scopes: impl Iterator<Item = Scope>) -> Vec<u8> {
    let names = WORK_COLUMNS.iter().map(|c| c.0).chain(WORK_COUNTS.iter().map(|c| c.0));
    let mut table = Table::new(std::iter::once(what).chain(names));
    let replications = results.replications.len();
    for scope in scopes {
        let mut cells = vec![scope.name().to_owned()];
        cells.extend(WORK_COLUMNS.iter().map(|(column, measure, stat)| {
            let row = results.row(measure, &scope, *stat);
            cell(row.and_then(|row| match *column {
                "share_ci_low" => row.low,
                "share_ci_high" => row.high,
                _ => row.value,
            }))
        }));
        let mut totals = [0; WORK_COUNTS.len()];
        for replication in 0..replications {
            let sums = results.sums(replication, &scope);
            for (total, (_, count, _)) in totals.iter_mut().zip(WORK_COUNTS) {
                *total += sums.agents[count as usize];
            }
        }
        cells.extend(
            totals.iter().zip(WORK_COUNTS).map(|(total, (_, _, unit))| {
                (*total as f64 / unit / replications as f64).to_string()
            }),
        );
        table.row(cells);
    }
    table.finish()
}

/// `agents.csv`: means per replication.
pub(super) fn agents(results: &Results<'_>) -> Vec<u8> {
    let scopes = results.scenario.agents.iter().map(|a| Scope::Agent(a.name.clone()));
    work_table(results, "agent", scopes)
}

/// `teams.csv`: the sums of a team's agents, as means per replication.
pub(super) fn teams(results: &Results<'_>) -> Vec<u8> {
    let scopes = results.scenario.teams.iter().map(|t| Scope::Team(t.name.clone()));
    work_table(results, "team", scopes)
}

/// `chatflows.csv`.
pub(super) fn chatflows(results: &Results<'_>) -> Vec<u8> {
    let columns: [(&str, &str, Stat); 18] = [
        ("conversations", "conversations", Stat::Count),
        ("joined", "joined", Stat::Count),
        ("answered_rate", "answered_rate", Stat::Ratio),
        ("email_fallback_rate", "email_fallback_rate", Stat::Ratio),
        ("lost_rate", "lost_rate", Stat::Ratio),
        ("refused_rate", "refused_rate", Stat::Ratio),
        ("abandonment_rate", "abandonment_rate", Stat::Ratio),
        ("open_at_end_rate", "open_at_end_rate", Stat::Ratio),
        ("in_hours_email_rate", "in_hours_email_rate", Stat::Ratio),
        ("in_hours_idle_email_rate", "in_hours_idle_email_rate", Stat::Ratio),
        ("reassignments", "reassignments", Stat::Count),
        ("answer_wait_mean_s", "answer_wait_s", Stat::Mean),
        ("first_response_p50_s", "first_response_s{way=chat}", Stat::P50),
        ("first_response_p90_s", "first_response_s{way=chat}", Stat::P90),
        ("email_response_p50_s", "first_response_s{way=email}", Stat::P50),
        ("reply_p50_s", "reply_s", Stat::P50),
        ("resolution_p50_s", "resolution_s", Stat::P50),
        ("fairness_excess", "fairness.excess", Stat::Value),
    ];
    let mut table = Table::new(std::iter::once("chatflow").chain(columns.iter().map(|c| c.0)));
    for chatflow in &results.scenario.chatflows {
        let scope = Scope::Chatflow(chatflow.name.clone());
        let value = |measure, stat| cell(results.row(measure, &scope, stat).and_then(|r| r.value));
        let cells = columns.iter().map(|(_, measure, stat)| value(measure, *stat));
        table.row(std::iter::once(chatflow.name.clone()).chain(cells));
    }
    table.finish()
}

/// The columns of `timeline.csv` and `week.csv` that are sums, after the levels.
fn sum_columns() -> impl Iterator<Item = Column> {
    Column::ALL.into_iter().filter(|column| !LEVELS.iter().any(|level| level.0 == *column))
}

const LEVELS: [(Column, &str); 3] = [
    (Column::Online, "online_agents"),
    (Column::Open, "open_conversations"),
    (Column::Waiting, "waiting"),
];

fn level_and_sum_names() -> impl Iterator<Item = &'static str> {
    LEVELS.iter().map(|level| level.1).chain(sum_columns().map(Column::name))
}

/// Sums of some stretches of simulated time.
#[derive(Clone, Copy, Default)]
struct Stretch {
    ms: u64,
    sums: [u64; Column::ALL.len()],
}

impl Stretch {
    fn add(&mut self, ms: u64, sums: &[u64; Column::ALL.len()]) {
        self.ms += ms;
        for (mine, theirs) in self.sums.iter_mut().zip(sums) {
            *mine += theirs;
        }
    }

    /// Mean levels, then counts per replication and `per` stretches.
    fn cells(&self, replications: usize, per: f64) -> Vec<String> {
        let ms = self.ms as f64 * replications as f64;
        let levels = LEVELS.iter().map(|(column, _)| self.sums[*column as usize] as f64 / ms);
        let counts = sum_columns()
            .map(|column| self.sums[column as usize] as f64 / replications as f64 / per);
        levels.chain(counts).map(|x| x.to_string()).collect()
    }
}

/// `timeline.csv`: means per replication and interval.
pub(super) fn timeline(results: &Results<'_>, timeframe: &Timeframe) -> Vec<u8> {
    let header = ["starts_at", "minutes"].into_iter().chain(level_and_sum_names());
    let mut table = Table::new(header);
    let interval = results.scenario.report.interval.as_millis();
    let begins = timeframe.period.starts.as_millis();
    let mut finish = |from: SimTime, stretch: &Stretch| {
        let minutes = (stretch.ms as f64 / 60_000.0).to_string();
        let cells = stretch.cells(results.replications.len(), 1.0);
        table.row([timeframe.origin.rfc3339(from), minutes].into_iter().chain(cells));
    };
    let mut current: Option<(SimTime, Stretch)> = None;
    for (from, to, sums) in results.timeline.rows() {
        if (from.as_millis() - begins).is_multiple_of(interval)
            && let Some((from, stretch)) = current.take()
        {
            finish(from, &stretch);
        }
        let (_, stretch) = current.get_or_insert((from, Stretch::default()));
        stretch.add(to.since(from).as_millis(), sums);
    }
    if let Some((from, stretch)) = current {
        finish(from, &stretch);
    }
    table.finish()
}

/// `week.csv`: the timeline folded to the hours of the week of the run's zone; counts are means
/// per replication and hour.
pub(super) fn week(results: &Results<'_>, timeframe: &Timeframe) -> Vec<u8> {
    let mut hours = [Stretch::default(); 168];
    for (from, to, sums) in results.timeline.rows() {
        let hour = timeframe.origin.hour_of_week(from);
        hours[usize::from(hour)].add(to.since(from).as_millis(), sums);
    }
    let header = ["weekday", "hour", "hours"]
        .into_iter()
        .chain(level_and_sum_names())
        .chain(["email_fallback_rate", "lost_rate"]);
    let mut table = Table::new(header);
    for (number, stretch) in hours.iter().enumerate() {
        let count = stretch.ms as f64 / MS_PER_HOUR;
        let mut cells =
            vec![WEEKDAYS[number / 24].to_owned(), (number % 24).to_string(), count.to_string()];
        if stretch.ms == 0 {
            cells.extend(level_and_sum_names().map(|_| String::new()));
        } else {
            cells.extend(stretch.cells(results.replications.len(), count));
        }
        let arrivals = stretch.sums[Column::Arrivals as usize];
        let emailed: u64 = sum_columns()
            .filter(|column| column.name().starts_with("emailed_"))
            .map(|column| stretch.sums[column as usize])
            .sum();
        for part in [emailed, stretch.sums[Column::Lost as usize]] {
            cells.push(cell((arrivals > 0).then(|| part as f64 / arrivals as f64)));
        }
        table.row(cells);
    }
    table.finish()
}

/// Percentiles of `latency.csv`.
const PERCENTILES: [f64; 18] = [
    0.0, 1.0, 5.0, 10.0, 20.0, 25.0, 30.0, 40.0, 50.0, 60.0, 70.0, 75.0, 80.0, 90.0, 95.0, 99.0,
    99.9, 99.99,
];

/// `latency.csv`: response time distributions over all replications.
pub(super) fn latency(results: &Results<'_>) -> Vec<u8> {
    let header =
        ["measure", "scope", "name", "percentile", "value_s", "at_most", "n", "not_covered"];
    let mut table = Table::new(header);
    let chatflows = results.scenario.chatflows.iter().map(|c| Scope::Chatflow(c.name.clone()));
    let scopes: Vec<Scope> = std::iter::once(Scope::All).chain(chatflows).collect();
    for (measure, dist) in [
        ("answer_wait_s", Dist::AnswerWait),
        ("first_response_s{way=chat}", Dist::FirstResponseChat),
        ("first_response_s{way=email}", Dist::FirstResponseEmail),
        ("first_response_team_s{way=chat}", Dist::FirstResponseTeamChat),
        ("first_response_team_s{way=email}", Dist::FirstResponseTeamEmail),
        ("reply_s", Dist::Reply),
        ("resolution_s", Dist::Resolution),
    ] {
        for scope in &scopes {
            let (tally, histogram) = results.pooled(dist, scope);
            let (Some(smallest), Some(largest)) = (tally.min(), tally.max()) else { continue };
            let of_conversations = *scope == Scope::All && dist != Dist::Reply;
            let not_covered = if of_conversations {
                results.not_covered(dist).to_string()
            } else {
                String::new()
            };
            let n = histogram.count();
            for percentile in PERCENTILES.into_iter().chain([100.0]) {
                let value = match histogram.quantile(percentile / 100.0) {
                    Some(value) if percentile < 100.0 => value.clamp(smallest, largest),
                    _ => largest,
                };
                table.row([
                    measure,
                    scope.kind(),
                    scope.name(),
                    &percentile.to_string(),
                    &(value as f64 / 1000.0).to_string(),
                    &histogram.count_at_most(value).to_string(),
                    &n.to_string(),
                    &not_covered,
                ]);
            }
        }
    }
    table.finish()
}

/// `replications.csv`: the headline measures of each replication.
pub(super) fn replications(results: &Results<'_>) -> Vec<u8> {
    use crate::measures::AgentCount as A;
    use crate::measures::Count;
    let levels = &results.scenario.report.service_level;
    let mut header: Vec<String> = [
        "replication",
        "conversations",
        "joined",
        "answered_rate",
        "email_fallback_rate",
        "lost_rate",
        "refused_rate",
        "abandonment_rate",
        "open_at_end_rate",
        "in_hours_email_rate",
        "in_hours_idle_email_rate",
        "reassignments",
        "first_response_p50_s",
        "first_response_p90_s",
        "reply_p50_s",
        "fairness_excess",
        "occupancy",
    ]
    .map(str::to_owned)
    .to_vec();
    header.extend(levels.iter().map(|level| format!("service_level_{}", compact(*level))));
    let mut table = Table::new(header);
    for (index, replication) in results.replications.iter().enumerate() {
        let sums = results.sums(index, &Scope::All);
        let of = |count| sums.counts.of(count) as f64;
        let ratio = |x: f64, y: f64| cell((y > 0.0).then(|| x / y));
        let all = of(Count::Conversations);
        let in_hours = of(Count::InHours);
        let quantile =
            |dist, p| cell(Results::quantile_of(replication, dist, p).map(|ms| ms as f64 / 1000.0));
        let agent = |count: A| sums.agents[count as usize] as f64;
        let mut cells = vec![
            replication.number.to_string(),
            all.to_string(),
            of(Count::Joined).to_string(),
            ratio(of(Count::Answered), all),
            ratio(sums.counts.emailed() as f64, all),
            ratio(of(Count::Lost), all),
            ratio(of(Count::Refused), all),
            ratio(of(Count::Abandoned), all),
            ratio(of(Count::OpenAtEnd), all),
            ratio(of(Count::InHoursEmailed), in_hours),
            ratio(of(Count::InHoursEmailedIdle), in_hours),
            of(Count::Reassignments).to_string(),
            quantile(Dist::FirstResponseChat, 0.5),
            quantile(Dist::FirstResponseChat, 0.9),
            quantile(Dist::Reply, 0.5),
            cell(results.fairness(index, &Scope::All, Index::Excess)),
            ratio(agent(A::BusyMs), agent(A::OnlineMs)),
        ];
        cells.extend(
            sums.service
                .iter()
                .map(|[within, gone]| ratio(*within as f64, in_hours - *gone as f64)),
        );
        table.row(cells);
    }
    table.finish()
}
