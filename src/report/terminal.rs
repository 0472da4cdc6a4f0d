//! The summary on the terminal. Plain text of at most 80 columns; colour only says again what words
//! and marks have said already.

use crate::experiment::{Judgement, Manifest, Results, Row, Scope, Stat, Verdict};
use crate::kernel::Timeframe;
use crate::measures::{AgentCount, Count, Dist};
use crate::routing::EmailReason;
use crate::scenario::Ends;
use crate::time::{SimDuration, SimTime};

use super::format::{
    count, duration, duration_with_interval, percent, percent_with_interval, rounded, with_interval,
};
use super::summary::{Performance, relation};

const BOLD: &str = "\u{1b}[1m";
const DIM: &str = "\u{1b}[2m";
const RED: &str = "\u{1b}[31m";
const GREEN: &str = "\u{1b}[32m";
const YELLOW: &str = "\u{1b}[33m";
const PLAIN: &str = "\u{1b}[0m";

/// The whole summary, with escape codes for colour, which the caller strips where they are not
/// wanted. `performance` is `None` if nothing was simulated because the results were there.
#[must_use]
pub fn terminal(
    results: &Results<'_>,
    timeframe: &Timeframe,
    manifest: &Manifest,
    verdicts: &[Verdict],
    warnings: &[String],
    performance: Option<&Performance>,
) -> String {
    let mut page = Page { text: String::new(), results };
    page.head(timeframe, manifest);
    page.thresholds(verdicts);
    page.outcomes();
    page.responses();
    page.emails();
    page.replies();
    page.fairness();
    page.warnings(warnings);
    page.guesses();
    page.foot(manifest, performance);
    page.text
}

struct Page<'a> {
    text: String,
    results: &'a Results<'a>,
}

impl Page<'_> {
    fn line(&mut self, line: &str) {
        self.text.push_str(line.trim_end());
        self.text.push('\n');
    }

    fn heading(&mut self, words: &str) {
        self.line("");
        self.line(&format!("{BOLD}{words}{PLAIN}"));
    }

    fn row(&self, measure: &str, stat: Stat) -> Option<&Row> {
        self.results.row(measure, &Scope::All, stat)
    }

    fn head(&mut self, timeframe: &Timeframe, manifest: &Manifest) {
        let scenario = self.results.scenario;
        let (origin, period) = (&timeframe.origin, timeframe.period);
        let day = |at: SimTime| origin.local(at).date.strftime("%a %-d %b %Y").to_string();
        self.line("");
        self.line(&format!("{BOLD}{}{PLAIN}", scenario.name));
        if let Some(question) = &scenario.question {
            for line in wrap(question, 78) {
                self.line(&line);
            }
        }
        let last = SimTime::from_millis(period.ends.as_millis().saturating_sub(1));
        let (first, last) = (day(period.starts), day(last));
        let days = if first == last { first } else { format!("{first} – {last}") };
        let zone = scenario.run.time_zone.name();
        self.line(&format!("{DIM}{days}, {zone}{PLAIN}"));
        let times = if manifest.replications == 1 { "replication" } else { "replications" };
        let warm_up = match period.starts.since(SimTime::ZERO) {
            SimDuration::ZERO => String::new(),
            warm_up => format!(" after {warm_up} of warm-up"),
        };
        let ends = match scenario.run.ends {
            Ends::Drain => "drained",
            Ends::Cut => "cut",
        };
        self.line(&format!(
            "{DIM}{} {times}{warm_up}, {ends} at the end, seed {}; ranges are 95 % intervals{PLAIN}",
            manifest.replications, manifest.seed
        ));
    }

    fn thresholds(&mut self, verdicts: &[Verdict]) {
        if verdicts.is_empty() {
            return;
        }
        self.heading("Thresholds");
        for verdict in verdicts {
            let (mark, colour, more) = match verdict.judgement {
                Judgement::Pass => ("✓ pass", GREEN, String::new()),
                Judgement::Fail => ("✗ FAIL", RED, String::new()),
                Judgement::NoData => ("✗ NO DATA", RED, String::new()),
                Judgement::Inconclusive { replications } => (
                    "? inconclusive",
                    YELLOW,
                    replications.map_or(String::new(), |r| {
                        format!("; about {r} replications would decide")
                    }),
                ),
            };
            let of = match verdict.scope.name() {
                "" => String::new(),
                name => format!(" of {} {name}", verdict.scope.kind()),
            };
            let must = format!("{} {}", relation(verdict.must.relation), verdict.must.value);
            self.line(&format!("  {colour}{mark}{PLAIN}  {}{of} {must}", verdict.measure));
            let measured = match verdict.value {
                None => "nothing to measure".to_owned(),
                Some(value) => {
                    let (low, high) = (verdict.low, verdict.high);
                    let text = if verdict.measure.split('.').next().is_some_and(in_seconds) {
                        duration_with_interval(value, low, high)
                    } else {
                        with_interval(value, low, high)
                    };
                    format!("{text}, n {}", count(verdict.n))
                }
            };
            self.line(&format!("      measured {measured}{more}"));
        }
    }

    /// Every first message has exactly one final outcome; the shares are rounded so that what is
    /// printed adds up to 100 %.
    fn outcomes(&mut self) {
        let conversations = self.row("conversations", Stat::Count);
        let mean = conversations.and_then(|r| r.value).unwrap_or(0.0);
        let joined = self.results.value("joined", Stat::Count).unwrap_or(0.0);
        let joined = if joined > 0.0 {
            format!("; {} further messages joined an open one", count(joined.round() as u64))
        } else {
            String::new()
        };
        self.heading(&format!("What became of {} conversations", count(mean.round() as u64)));
        self.line(&format!("  {DIM}mean of a replication{joined}{PLAIN}"));
        if mean == 0.0 {
            self.line("  nobody came");
            return;
        }
        let outcomes = [
            ("answered in chat", "answered_rate", true),
            ("emailed", "email_fallback_rate", true),
            ("lost, no address", "lost_rate", true),
            ("left before a reply", "abandonment_rate", true),
            ("refused", "refused_rate", false),
            ("open at the end", "open_at_end_rate", false),
        ];
        let shares: Vec<f64> = outcomes
            .iter()
            .map(|(_, measure, _)| self.results.value(measure, Stat::Ratio).unwrap_or(0.0))
            .collect();
        let rounded = tenths_of_percent(&shares);
        for ((words, measure, always), tenths) in outcomes.into_iter().zip(rounded) {
            let row = self.row(measure, Stat::Ratio);
            let share = row.and_then(|r| r.value).unwrap_or(0.0);
            if !always && share == 0.0 {
                continue;
            }
            let interval = row.map_or(String::new(), |r| tenths_interval(r.low, r.high));
            let bar = "█".repeat((share * 30.0).round() as usize);
            let whole = format!("{}.{}", tenths / 10, tenths % 10);
            self.line(&format!("  {words:<20} {whole:>5} %  {interval:<17} {bar}"));
        }
    }

    fn responses(&mut self) {
        let rows = [
            ("agent starts on it", "answer_wait_s"),
            ("first reply in chat", "first_response_s{way=chat}"),
            ("answer by email", "first_response_s{way=email}"),
            ("  in team hours", "first_response_team_s{way=email}"),
            ("later replies", "reply_s"),
        ];
        self.heading("How fast");
        self.line(&format!(
            "  {:<20} {:>12} {:>12} {:>12} {:>12}",
            "", "median", "90 %", "99 %", "mean"
        ));
        for (words, measure) in rows {
            let n = self.row(measure, Stat::Mean).map_or(0, |r| r.n);
            if n == 0 {
                continue;
            }
            let cell = |stat| self.results.value(measure, stat).map_or("–".to_owned(), duration);
            let cells = [Stat::P50, Stat::P90, Stat::Quantile(4), Stat::Mean].map(cell);
            let [p50, p90, p99, mean] = cells;
            self.line(&format!("  {words:<20} {p50:>12} {p90:>12} {p99:>12} {mean:>12}"));
        }
        let covered = self.row("first_response_s{way=chat}", Stat::Mean).map_or(0, |r| r.n);
        let without = self.results.not_covered(Dist::FirstResponseChat);
        if covered > 0 {
            self.line(&format!(
                "  {DIM}first replies in chat: n {}; {} conversations have none{PLAIN}",
                count(covered),
                count(without)
            ));
        }
        for level in &self.results.scenario.report.service_level {
            let within = crate::measures::dictionary::compact(*level);
            let measure = format!("service_level{{within={within}}}");
            if let Some(Row { value: Some(value), low, high, .. }) = self.row(&measure, Stat::Ratio)
            {
                let share = share_text(*value, *low, *high);
                let line =
                    format!("  answered, and begun within {within}: {share} of those in hours");
                self.line(&line);
            }
        }
    }

    fn emails(&mut self) {
        let total = self.results.value("email_fallback_rate", Stat::Ratio).unwrap_or(0.0);
        if total == 0.0 {
            return;
        }
        self.heading("Where the emails come from");
        for reason in EmailReason::ALL {
            let measure = format!("email_fallback_rate{{reason={}}}", reason.name());
            let Some(Row { value: Some(value), low, high, .. }) = self.row(&measure, Stat::Ratio)
            else {
                continue;
            };
            if *value == 0.0 {
                continue;
            }
            let share = share_text(*value, *low, *high);
            let line = format!("  {:<18} {share} of all conversations", reason.name());
            self.line(&line);
        }
        let rate = |measure| self.row(measure, Stat::Ratio);
        if let Some(Row { value: Some(value), low, high, .. }) = rate("in_hours_email_rate") {
            let share = share_text(*value, *low, *high);
            let line = format!("  {:<18} {share} of those begun in hours", "while in hours");
            self.line(&line);
        }
        let emailed: u64 = self.sum(Count::InHoursEmailed);
        let idle: u64 = self.sum(Count::InHoursEmailedIdle);
        if emailed > 0 {
            let each = self.results.replications.len() as f64;
            let words = format!(
                "of these {} emails a replication, {} ({}) were sent while somebody on the list was online with nothing open",
                number_of_things(emailed as f64 / each),
                number_of_things(idle as f64 / each),
                percent(idle as f64 / emailed as f64)
            );
            for line in wrap(&words, 76) {
                self.line(&format!("  {line}"));
            }
        }
        self.unanswered();
    }

    /// Emails that nobody had come to when the run ended.
    fn unanswered(&mut self) {
        let of = |count| {
            let each = (0..self.results.replications.len())
                .map(|r| self.results.sums(r, &Scope::All).agents[count as usize]);
            each.sum::<u64>()
        };
        let (received, answered) = (of(AgentCount::EmailsReceived), of(AgentCount::EmailsAnswered));
        if received > answered {
            let share = percent((received - answered) as f64 / received as f64);
            self.line(&format!(
                "  {YELLOW}{share} of the emails had no answer when the run ended{PLAIN}"
            ));
        }
    }

    fn sum(&self, count: Count) -> u64 {
        (0..self.results.replications.len())
            .map(|r| self.results.sums(r, &Scope::All).counts.of(count))
            .sum()
    }

    fn replies(&mut self) {
        let rows = [
            ("reply_to_away_rate", "visitor replies that waited for an agent who was away"),
            ("reply_out_of_hours_rate", "visitor replies that waited for the next office hours"),
            ("reassign_rate", "replies to away agents that moved to somebody else"),
            ("reply_email_rate{reason=reassign_failed}", "visitor replies that became an email"),
            ("ghost_rate", "assignments to an agent who was not there"),
            ("avatar_mismatch_rate", "owned visitors greeted by one, served by another"),
        ];
        // Where somebody is ever away a 0 says something; elsewhere it is noise.
        let agents = &self.results.scenario.agents;
        let some_are_away = agents.iter().any(|agent| !agent.habits.away.is_empty());
        let lines: Vec<String> = rows
            .into_iter()
            .filter_map(|(measure, words)| {
                let value = self.results.value(measure, Stat::Ratio)?;
                let about_away = matches!(measure, "reply_to_away_rate" | "reassign_rate");
                let telling = value > 0.0 || (some_are_away && about_away);
                telling.then(|| format!("  {:>7}  {words}", percent(value)))
            })
            .collect();
        if !lines.is_empty() {
            self.heading("Away, hours and owners");
            for line in lines {
                self.line(&line);
            }
        }
    }

    fn fairness(&mut self) {
        let results = self.results;
        let agents: Vec<(&str, f64, f64, f64)> = results
            .scenario
            .agents
            .iter()
            .filter_map(|agent| {
                let scope = Scope::Agent(agent.name.clone());
                let value =
                    |measure, stat| results.row(measure, &scope, stat).and_then(|r| r.value);
                let entitled = value("entitled_share", Stat::Ratio)?;
                let share = value("share", Stat::Ratio)?;
                let assignments = value("assignments", Stat::Count)?;
                (entitled > 0.0).then_some((agent.name.as_str(), assignments, share, entitled))
            })
            .collect();
        let by_assignments =
            |a: &&(&str, f64, f64, f64), b: &&(&str, f64, f64, f64)| a.1.total_cmp(&b.1);
        let least = agents.iter().min_by(by_assignments);
        let most = agents.iter().max_by(by_assignments);
        let (Some(least), Some(most)) = (least, most) else { return };
        self.heading("Who got what");
        if let Some(Row { value: Some(value), low, high, .. }) =
            self.row("fairness.excess", Stat::Value)
        {
            let excess = with_interval(*value, *low, *high);
            self.line(&format!("  fairness excess {excess}"));
            self.line(&format!(
                "  {DIM}0 is an exact round robin, 1 as fair as drawing lots{PLAIN}"
            ));
        }
        for (words, (name, assignments, share, entitled)) in [("least", least), ("most", most)] {
            let scope = Scope::Agent((*name).to_owned());
            let by_owner = results.row("assignments{way=owner}", &scope, Stat::Count);
            let as_owner = match by_owner.and_then(|row| row.value) {
                Some(n) if n > 0.0 => format!(", {} of them as the owner", number_of_things(n)),
                _ => String::new(),
            };
            self.line(&format!(
                "  {words:<5} {}: {} chats{as_owner}",
                shorten(name, 24),
                number_of_things(*assignments)
            ));
            self.line(&format!(
                "        {} of what the rotation gave, entitled to {}",
                percent(*share),
                percent(*entitled)
            ));
        }
        let rate = |measure| self.results.value(measure, Stat::Ratio).map(percent);
        if let (Some(occupancy), Some(utilization)) = (rate("occupancy"), rate("utilization")) {
            self.line(&format!(
                "  {} agents, busy {occupancy} of their time online, {utilization} of their hours",
                count(self.results.scenario.agents.len() as u64)
            ));
        }
    }

    fn warnings(&mut self, warnings: &[String]) {
        if warnings.is_empty() {
            return;
        }
        self.heading("Warnings");
        for warning in warnings {
            for (number, line) in wrap(warning, 76).iter().enumerate() {
                let mark = if number == 0 { "!" } else { " " };
                self.line(&format!("  {YELLOW}{mark}{PLAIN} {line}"));
            }
        }
    }

    fn guesses(&mut self) {
        let guesses = &self.results.scenario.guesses;
        if guesses.is_empty() {
            return;
        }
        self.heading("Guessed, not measured: set these from your own figures");
        for guess in guesses {
            self.line(&format!("  {} = {}", guess.path, guess.value));
        }
    }

    fn foot(&mut self, manifest: &Manifest, performance: Option<&Performance>) {
        self.line("");
        match performance {
            Some(p) => {
                let wall = if p.wall_s < 10.0 {
                    format!("{:.2} s", p.wall_s)
                } else {
                    format!("{:.0} s", p.wall_s)
                };
                self.line(&format!(
                    "{DIM}{} events and {} decisions in {wall}: {} M events/s on {} {}{PLAIN}",
                    count(p.events),
                    count(p.decisions),
                    rounded(p.events_per_s / 1e6, None, None),
                    p.threads,
                    if p.threads == 1 { "thread" } else { "threads" }
                ));
            }
            None => self.line(&format!(
                "{DIM}nothing was simulated: the finished results of this run, seed {}, were there{PLAIN}",
                manifest.seed
            )),
        }
    }
}

/// Shares as tenths of a percent, rounded so that they add up to what the shares do (largest
/// remainders, Hamilton's method).
fn tenths_of_percent(shares: &[f64]) -> Vec<u64> {
    let exact: Vec<f64> = shares.iter().map(|share| share * 1000.0).collect();
    let mut rounded: Vec<u64> = exact.iter().map(|x| x.floor() as u64).collect();
    let total = exact.iter().sum::<f64>().round() as u64;
    let mut order: Vec<usize> = (0..exact.len()).collect();
    order.sort_by(|a, b| {
        (exact[*b] - exact[*b].floor()).total_cmp(&(exact[*a] - exact[*a].floor()))
    });
    let missing = total.saturating_sub(rounded.iter().sum());
    for place in order.into_iter().take(usize::try_from(missing).unwrap_or(0)) {
        rounded[place] += 1;
    }
    rounded
}

/// The ends of an interval of a share, to tenths of a percent, as the shares beside them.
fn tenths_interval(low: Option<f64>, high: Option<f64>) -> String {
    match (low, high) {
        (Some(low), Some(high)) => format!("({:.1} – {:.1})", low * 100.0, high * 100.0),
        _ => String::new(),
    }
}

/// A share with its interval; one of nothing with what it is at most.
fn share_text(share: f64, low: Option<f64>, high: Option<f64>) -> String {
    match high {
        Some(high) if share == 0.0 => format!("0 % (at most {})", percent(high)),
        _ => percent_with_interval(share, low, high),
    }
}

/// Whether a measure is a length of time: names carry their unit last.
fn in_seconds(measure: &str) -> bool {
    measure.split('{').next().is_some_and(|name| name.ends_with("_s"))
}

fn number_of_things(x: f64) -> String {
    if x >= 100.0 { count(x.round() as u64) } else { format!("{x:.1}") }
}

fn shorten(name: &str, width: usize) -> String {
    if name.chars().count() <= width {
        return name.to_owned();
    }
    name.chars().take(width - 1).chain(['…']).collect()
}

fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let last = lines.last_mut().expect("there is always a line");
        if !last.is_empty() && last.chars().count() + 1 + word.chars().count() > width {
            lines.push(word.to_owned());
        } else {
            if !last.is_empty() {
                last.push(' ');
            }
            last.push_str(word);
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_printed_adds_up_to_a_hundred_percent() {
        // Each alone would round to 33.3 %.
        assert_eq!(tenths_of_percent(&[1.0 / 3.0; 3]), [334, 333, 333]);
        assert_eq!(tenths_of_percent(&[0.6666, 0.3333, 0.0001]).iter().sum::<u64>(), 1000);
        assert_eq!(tenths_of_percent(&[1.0, 0.0]), [1000, 0]);
    }

    #[test]
    fn long_lines_are_wrapped_between_words() {
        assert_eq!(wrap("a bb ccc dddd", 6), ["a bb", "ccc", "dddd"]);
        assert_eq!(wrap("", 6), [""]);
    }
}
