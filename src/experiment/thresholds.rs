//! Whether what must hold does: pass, fail, inconclusive, no data.

use crate::diagnostic::{Code, Diagnostic};
use crate::measures::dictionary::{Entry, Kind, QUANTILES, entries};
use crate::scenario::{Bound, Relation, Scenario, Threshold, ThresholdScope};

use super::results::{Results, Scope, Stat};

/// What is to be said of a threshold.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Judgement {
    /// It holds, with the whole interval.
    Pass,
    /// It does not, with the whole interval.
    Fail,
    /// The interval contains the bound.
    Inconclusive {
        /// About so many replications would decide, if the value stays what it is.
        replications: Option<u32>,
    },
    /// There is nothing to measure; counts as failed.
    NoData,
}

impl Judgement {
    /// Its name in files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Inconclusive { .. } => "inconclusive",
            Self::NoData => "no data",
        }
    }
}

/// A threshold, judged.
#[derive(Clone, PartialEq, Debug)]
pub struct Verdict {
    /// The measure with its labels and statistic.
    pub measure: String,
    /// Of which part.
    pub scope: Scope,
    /// The bound.
    pub must: Bound,
    /// The measured value and its interval.
    pub value: Option<f64>,
    /// Lower end of the interval, if it has one.
    pub low: Option<f64>,
    /// Upper end.
    pub high: Option<f64>,
    /// Samples.
    pub n: u64,
    /// What is to be said.
    pub judgement: Judgement,
}

/// The measure and statistic that a threshold means: `NAME`, `NAME{label=value}`, either with
/// `.STAT`. A distribution without labels means that of chats; without a statistic its mean.
fn resolve<'a>(written: &str, dictionary: &'a [Entry], scope: &Scope) -> Option<(&'a Entry, Stat)> {
    let find = |name: &str| {
        let chat = format!("{name}{{way=chat}}");
        let fits = |entry: &&Entry| scope.has(entry.about);
        let named =
            |wanted: &str| dictionary.iter().filter(fits).find(|entry| entry.name == wanted);
        named(name).or_else(|| named(&chat))
    };
    if let Some(entry) = find(written) {
        return Some((entry, default_stat(&entry.kind)));
    }
    let (name, stat) = written.rsplit_once('.')?;
    let (entry, stat) = (find(name)?, Stat::named(stat)?);
    has(&entry.kind, stat).then_some((entry, stat))
}

const fn default_stat(kind: &Kind) -> Stat {
    match kind {
        Kind::Count(_) => Stat::Count,
        Kind::Ratio { .. } => Stat::Ratio,
        Kind::Times(_) | Kind::AgentTimes(_) => Stat::Mean,
        Kind::Fairness(_) => Stat::Value,
    }
}

fn has(kind: &Kind, stat: Stat) -> bool {
    match kind {
        Kind::Times(_) | Kind::AgentTimes(_) => {
            !matches!(stat, Stat::Count | Stat::Ratio | Stat::Value)
        }
        other => stat == default_stat(other),
    }
}

fn scope_of(threshold: &Threshold, scenario: &Scenario) -> Scope {
    match threshold.scope {
        ThresholdScope::All => Scope::All,
        ThresholdScope::Chatflow(id) => {
            Scope::Chatflow(scenario.chatflows[id.index()].name.clone())
        }
        ThresholdScope::Team(id) => Scope::Team(scenario.teams[id.index()].name.clone()),
        ThresholdScope::Agent(id) => Scope::Agent(scenario.agents[id.index()].name.clone()),
        ThresholdScope::Owned(owned) => Scope::Owned(owned),
    }
}

/// Checks that every threshold is about a measure that exists for its part of the results.
///
/// # Errors
///
/// One diagnostic for each that is not.
pub fn check_measures(scenario: &Scenario) -> Result<(), Vec<Diagnostic>> {
    let dictionary = entries(&scenario.report.service_level);
    let errors: Vec<Diagnostic> = scenario
        .thresholds
        .iter()
        .filter_map(|threshold| {
            let scope = scope_of(threshold, scenario);
            if let Some((entry, _)) = resolve(&threshold.measure, &dictionary, &scope) {
                return out_of_reach(threshold, entry);
            }
            let elsewhere =
                dictionary.iter().any(|e| threshold.measure.starts_with(e.name.as_str()));
            let message = if elsewhere {
                format!(
                    "`{}` is no measure of one {}, or has no such statistic",
                    threshold.measure,
                    scope.kind()
                )
            } else {
                format!("there is no measure `{}`", threshold.measure)
            };
            let nearest = dictionary
                .iter()
                .filter(|entry| scope.has(entry.about))
                .flat_map(written_forms)
                .max_by(|a, b| {
                    let near = |s: &str| strsim::jaro_winkler(s, &threshold.measure);
                    near(a).total_cmp(&near(b))
                });
            let error = Diagnostic::error(Code::UnknownMeasure, message).at(&threshold.place);
            Some(match nearest {
                Some(name) => error.help(format!("the nearest is `{name}`")),
                None => error,
            })
        })
        .collect();
    if errors.is_empty() { Ok(()) } else { Err(errors) }
}

/// A bound that a rate can never reach makes a gate that is always open or always shut.
fn out_of_reach(threshold: &Threshold, entry: &Entry) -> Option<Diagnostic> {
    // Work is finished after hours, so that busy time may exceed the time online a little.
    let most = match entry.kind {
        Kind::Ratio { share: true, .. } => 1.0,
        Kind::Ratio { share: false, .. } => 2.0,
        _ => return None,
    };
    let bound = threshold.must.value;
    if (0.0..=most).contains(&bound) {
        return None;
    }
    let message = format!("`{}` is a ratio, and {bound} is out of its reach", entry.name);
    let error = Diagnostic::error(Code::ImpossibleValue, message).at(&threshold.place);
    Some(error.help(format!(
        "write a share such as {}, or a percentage such as \"{bound}%\"",
        bound / 100.0
    )))
}

fn written_forms(entry: &Entry) -> Vec<String> {
    let mut forms = vec![entry.name.clone()];
    if let Kind::Times(_) | Kind::AgentTimes(_) = entry.kind {
        forms.extend(
            ["mean"]
                .into_iter()
                .chain(QUANTILES.map(|q| q.0))
                .map(|s| format!("{}.{s}", entry.name)),
        );
    }
    forms
}

/// Judges all thresholds of a scenario.
///
/// # Panics
///
/// If a threshold is about a measure that [`check_measures`] would not have let pass.
#[must_use]
pub fn judge(results: &Results<'_>) -> Vec<Verdict> {
    let scenario = results.scenario;
    let dictionary = entries(&scenario.report.service_level);
    scenario
        .thresholds
        .iter()
        .map(|threshold| {
            let scope = scope_of(threshold, scenario);
            let (entry, stat) = resolve(&threshold.measure, &dictionary, &scope)
                .expect("thresholds have been checked");
            let row = results.row(&entry.name, &scope, stat);
            let (value, low, high, n) =
                row.map_or((None, None, None, 0), |r| (r.value, r.low, r.high, r.n));
            let measure = if stat == default_stat(&entry.kind) && stat != Stat::Mean {
                entry.name.clone()
            } else {
                format!("{}.{}", entry.name, stat.name())
            };
            let replications = results.replications.len();
            let judgement = judgement(threshold.must, stat, value, low, high, replications);
            Verdict { measure, scope, must: threshold.must, value, low, high, n, judgement }
        })
        .collect()
}

/// Where there is no interval — extremes and spreads have none, and one replication gives none — the
/// value alone decides.
fn judgement(
    must: Bound,
    stat: Stat,
    value: Option<f64>,
    low: Option<f64>,
    high: Option<f64>,
    replications: usize,
) -> Judgement {
    let Some(value) = value else { return Judgement::NoData };
    let holds = |x: f64| match must.relation {
        Relation::Less => x < must.value,
        Relation::AtMost => x <= must.value,
        Relation::More => x > must.value,
        Relation::AtLeast => x >= must.value,
    };
    let without = replications == 1 || matches!(stat, Stat::Min | Stat::Max | Stat::Sd);
    let ends = if without && low.is_none() && high.is_none() {
        [value, value]
    } else {
        // An interval that is open on a side reaches as far as anything.
        [low.unwrap_or(f64::NEG_INFINITY), high.unwrap_or(f64::INFINITY)]
    };
    match ends.map(holds) {
        [true, true] => Judgement::Pass,
        [false, false] => Judgement::Fail,
        _ => Judgement::Inconclusive {
            replications: would_decide(must, value, low, high, replications),
        },
    }
}

/// A half-width shrinks with the root of the number of replications: h·√(R/R') = |value − bound|.
fn would_decide(
    must: Bound,
    value: f64,
    low: Option<f64>,
    high: Option<f64>,
    replications: usize,
) -> Option<u32> {
    let half_width = (value - low?).max(high? - value);
    let times = half_width / (value - must.value);
    let needed = replications as f64 * times * times;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "checked to be in range"
    )]
    (needed.is_finite() && needed < 1e6).then(|| needed.ceil() as u32 + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_interval_decides() {
        let must = Bound { relation: Relation::AtMost, value: 10.0 };
        let judge = |value, low, high| judgement(must, Stat::P90, value, low, high, 20);
        assert_eq!(judge(Some(8.0), Some(7.0), Some(9.0)), Judgement::Pass);
        assert_eq!(judge(Some(8.0), Some(7.0), Some(10.0)), Judgement::Pass);
        assert_eq!(judge(Some(12.0), Some(11.0), Some(13.0)), Judgement::Fail);
        assert_eq!(judge(None, None, None), Judgement::NoData);
        // Half-width 4, distance 2: four times the replications, and one.
        let inconclusive = Judgement::Inconclusive { replications: Some(81) };
        assert_eq!(judge(Some(8.0), Some(4.0), Some(12.0)), inconclusive);
        assert_eq!(
            judge(Some(8.0), Some(7.0), None),
            Judgement::Inconclusive { replications: None },
            "an open interval decides nothing"
        );
        assert_eq!(judgement(must, Stat::P90, Some(8.0), None, None, 1), Judgement::Pass);
        assert_eq!(judgement(must, Stat::Max, Some(11.0), None, None, 20), Judgement::Fail);
        assert_eq!(
            judgement(must, Stat::Ratio, Some(0.0), Some(0.0), Some(11.0), 1),
            // (11/10)² of one replication is two, and one.
            Judgement::Inconclusive { replications: Some(3) },
            "an exact bound counts even with one replication"
        );
    }

    #[test]
    fn thresholds_name_measures_with_and_without_labels_and_statistics() {
        let dictionary = entries(&[crate::time::SimDuration::from_secs(20)]);
        let found = |written: &str| {
            resolve(written, &dictionary, &Scope::All)
                .map(|(e, s)| format!("{} {}", e.name, s.name()))
        };
        for (written, expected) in [
            ("email_fallback_rate", "email_fallback_rate ratio"),
            ("email_fallback_rate{reason=orphan}", "email_fallback_rate{reason=orphan} ratio"),
            ("first_response_s.p90", "first_response_s{way=chat} p90"),
            ("first_response_s{way=email}.p50", "first_response_s{way=email} p50"),
            ("first_response_s", "first_response_s{way=chat} mean"),
            ("fairness.excess", "fairness.excess value"),
            ("conversations", "conversations count"),
            ("service_level{within=20s}", "service_level{within=20s} ratio"),
        ] {
            assert_eq!(found(written).as_deref(), Some(expected), "{written}");
        }
        for wrong in ["emails", "first_response_s.p42", "email_fallback_rate.p90", "share"] {
            assert_eq!(found(wrong), None, "{wrong}");
        }
        assert!(resolve("share", &dictionary, &Scope::Agent("ana".into())).is_some());
    }
}
