//! Distributions as scenarios write them, turned into the laws that are drawn from.

use crate::diagnostic::{Code, Place};
use crate::random::{CountDistribution, Distribution, DurationDistribution, Law};

use super::reader::{Fields, Keys, Mistakes, number, string};
use super::tree::{Node, NodeValue};
use super::values::{duration, unit_ms};

const DISTRIBUTION: Keys = Keys {
    table: "a distribution",
    built: &["constant", "exponential", "uniform", "lognormal", "at_least", "at_most"],
    unbuilt: &["triangular", "gamma", "erlang", "weibull", "mixture", "empirical"],
};
const LAWS: [&str; 10] = [
    "constant",
    "exponential",
    "uniform",
    "lognormal",
    "triangular",
    "gamma",
    "erlang",
    "weibull",
    "mixture",
    "empirical",
];
const EXPONENTIAL: Keys = Keys { table: "`exponential`", built: &["mean"], unbuilt: &[] };
const LOG_NORMAL: Keys = Keys {
    table: "`lognormal`",
    built: &["mu", "sigma", "unit", "median", "p90", "mean", "cv"],
    unbuilt: &[],
};

/// Larger counts than this are refused as parameters.
const LARGEST_COUNT: f64 = 1e6;

/// What a distribution is of.
#[derive(Clone, Copy, PartialEq)]
enum Quantity {
    /// Lengths of time, with units, in milliseconds.
    Time,
    /// Numbers of something.
    Count,
}

/// A distribution of lengths of time; a length alone is always that.
pub(super) fn durations(node: &Node, mistakes: &mut Mistakes) -> Option<DurationDistribution> {
    distribution(node, Quantity::Time, mistakes).map(DurationDistribution)
}

/// A distribution of counts; a number alone is always that.
pub(super) fn counts(node: &Node, mistakes: &mut Mistakes) -> Option<CountDistribution> {
    distribution(node, Quantity::Count, mistakes).map(CountDistribution)
}

/// A log-normal of lengths of time by the parameters of the logarithm of its seconds.
pub(super) fn lognormal_seconds(mu: f64, sigma: f64) -> DurationDistribution {
    let mu = mu + libm::log(1000.0);
    DurationDistribution(Distribution::of(Law::LogNormal { mu, sigma }))
}

fn distribution(node: &Node, of: Quantity, mistakes: &mut Mistakes) -> Option<Distribution> {
    if node.as_table().is_none() {
        if let NodeValue::Array(_) | NodeValue::Boolean(_) | NodeValue::Datetime(_) = node.value {
            mistakes.wrong_type(node, "a distribution such as { exponential = … }");
            return None;
        }
        return of.read(node, mistakes).map(|value| Distribution::of(Law::Constant(value)));
    }
    let fields = Fields::of(node, &DISTRIBUTION, mistakes)?;
    let at_least = fields.read("at_least", mistakes, |n, m| of.read(n, m));
    let at_most = fields.read("at_most", mistakes, |n, m| of.read(n, m));
    if let (Some(least), Some(most)) = (at_least, at_most)
        && least > most
    {
        mistakes.impossible(&node.place, "`at_least` is more than `at_most`");
    }
    let law = match fields.given(&LAWS)[..] {
        ["constant"] => fields.read("constant", mistakes, |n, m| of.read(n, m)).map(Law::Constant),
        ["exponential"] => fields.read("exponential", mistakes, |n, m| exponential(n, of, m)),
        ["uniform"] => fields.read("uniform", mistakes, |n, m| uniform(n, of, m)),
        ["lognormal"] => fields.read("lognormal", mistakes, |n, m| log_normal(n, of, m)),
        // Said already: not built yet.
        [_] => None,
        [] => {
            let message = "a distribution needs a law";
            let help = "constant, exponential, uniform or lognormal";
            mistakes.error_with_help(Code::MissingKey, &node.place, message, help);
            None
        }
        [first, second, ..] => {
            let message = format!("a distribution has one law, not `{first}` and `{second}`");
            mistakes.error(Code::Conflict, &node.place, message);
            None
        }
    };
    Some(Distribution {
        law: law?,
        at_least: at_least.unwrap_or(0.0),
        at_most: at_most.unwrap_or(f64::INFINITY),
    })
}

impl Quantity {
    /// A value, in milliseconds if it is a time.
    fn read(self, node: &Node, mistakes: &mut Mistakes) -> Option<f64> {
        match self {
            Self::Time => duration(node, mistakes).map(|length| length.as_millis() as f64),
            Self::Count => number(node, 0.0, LARGEST_COUNT, mistakes),
        }
    }

    /// A value whose logarithm is taken.
    fn read_positive(self, node: &Node, mistakes: &mut Mistakes) -> Option<f64> {
        let value = self.read(node, mistakes)?;
        if value <= 0.0 {
            mistakes.impossible(&node.place, "this has to be more than 0");
            return None;
        }
        Some(value)
    }
}

/// `"100s"` or `{ mean = "100s" }`.
fn exponential(node: &Node, of: Quantity, mistakes: &mut Mistakes) -> Option<Law> {
    let mean = if node.as_table().is_some() {
        let fields = Fields::of(node, &EXPONENTIAL, mistakes)?;
        of.read(fields.require("mean", mistakes)?, mistakes)?
    } else {
        of.read(node, mistakes)?
    };
    Some(Law::Exponential { mean })
}

/// `["3m", "7m"]`.
fn uniform(node: &Node, of: Quantity, mistakes: &mut Mistakes) -> Option<Law> {
    let Some([low, high]) = node.as_array() else {
        mistakes.wrong_type(node, "a list of the low and the high end");
        return None;
    };
    let (low, high) = (of.read(low, mistakes), of.read(high, mistakes));
    let (low, high) = (low?, high?);
    if low > high {
        mistakes.impossible(&node.place, "the low end comes first");
        return None;
    }
    Some(Law::Uniform { low, high })
}

/// By mu and sigma, median and p90, median and sigma, or mean and cv.
fn log_normal(node: &Node, of: Quantity, mistakes: &mut Mistakes) -> Option<Law> {
    let fields = Fields::of(node, &LOG_NORMAL, mistakes)?;
    let unit = fields.get("unit");
    let by_logarithm = fields.get("mu").is_some();
    let scale = match (of, unit) {
        (Quantity::Time, Some(unit)) => Some(unit_scale(unit, mistakes)?),
        (Quantity::Time, None) if by_logarithm => {
            let message = "`mu` is the logarithm of a time, which needs a unit";
            let help = "add `unit = \"s\"`";
            mistakes.error_with_help(Code::NeedsUnit, &node.place, message, help);
            None
        }
        (Quantity::Count, Some(unit)) => {
            mistakes.error(Code::Conflict, &unit.place, "a count has no unit");
            None
        }
        (_, None) => Some(1.0),
    };
    match fields.given(&["mu", "sigma", "median", "p90", "mean", "cv"])[..] {
        ["mu", "sigma"] => {
            let mu = fields.read("mu", mistakes, |n, m| number(n, -50.0, 50.0, m));
            let sigma = fields.read("sigma", mistakes, sigma);
            Some(Law::LogNormal { mu: mu? + libm::log(scale?), sigma: sigma? })
        }
        ["median", "p90"] => {
            let median = fields.read("median", mistakes, |n, m| of.read_positive(n, m));
            let p90 = fields.read("p90", mistakes, |n, m| of.read_positive(n, m));
            let (median, p90) = (median?, p90?);
            if p90 <= median {
                mistakes.impossible(&node.place, "`p90` has to be more than `median`");
                return None;
            }
            Some(Law::lognormal_by_median_and_p90(median, p90))
        }
        ["sigma", "median"] => {
            let median = fields.read("median", mistakes, |n, m| of.read_positive(n, m));
            let sigma = fields.read("sigma", mistakes, sigma);
            Some(Law::LogNormal { mu: libm::log(median?), sigma: sigma? })
        }
        ["mean", "cv"] => {
            let mean = fields.read("mean", mistakes, |n, m| of.read_positive(n, m));
            let cv = fields.read("cv", mistakes, |n, m| number(n, 0.0, 1000.0, m));
            Some(Law::lognormal_by_mean_and_cv(mean?, cv?))
        }
        _ => {
            wrong_pair(&node.place, mistakes);
            None
        }
    }
}

fn wrong_pair(place: &Place, mistakes: &mut Mistakes) {
    let help = "`mu` and `sigma`, `median` and `p90`, `median` and `sigma`, or `mean` and `cv`";
    let message = "a lognormal is given by two numbers that go together";
    mistakes.error_with_help(Code::Conflict, place, message, help);
}

fn sigma(node: &Node, mistakes: &mut Mistakes) -> Option<f64> {
    number(node, 0.0, 10.0, mistakes)
}

fn unit_scale(node: &Node, mistakes: &mut Mistakes) -> Option<f64> {
    let unit = string(node, mistakes)?;
    let scale = unit_ms(unit).map(|ms| ms as f64);
    if scale.is_none() {
        let message = format!("`{unit}` is not a unit of time");
        let help = "units are ms, s, m, h, d and w";
        mistakes.error_with_help(Code::ImpossibleValue, &node.place, message, help);
    }
    scale
}
