//! From replications to statements: means with their confidence intervals, and exact bounds for
//! proportions that never varied.

use super::distributions::student_t_quantile;
use super::special::{Tails, inverse_beta};

/// A closed interval.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Interval {
    /// The lower end.
    pub low: f64,
    /// The upper end, not below `low`.
    pub high: f64,
}

impl Interval {
    /// Half the distance between the ends.
    #[must_use]
    pub fn half_width(self) -> f64 {
        (self.high - self.low) / 2.0
    }

    /// Whether `value` lies inside, the ends included.
    #[must_use]
    pub fn contains(self, value: f64) -> bool {
        self.low <= value && value <= self.high
    }
}

/// A mean over independent replications.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct MeanEstimate {
    /// The mean X̄.
    pub mean: f64,
    /// Its standard error S/√R; `None` below two replications.
    pub standard_error: Option<f64>,
    /// The confidence interval; `None` below two replications.
    pub interval: Option<Interval>,
    /// The replications R.
    pub replications: u64,
}

/// The mean of one value for each replication, with the interval `X̄ ± t(R − 1, 1 − α/2)·S/√R` at
/// confidence `level` = 1 − α (Law, *Simulation Modeling and Analysis*, 9.4).
///
/// `None` when there are no values or one is not finite.
///
/// # Panics
///
/// If `level` is outside (0, 1).
#[must_use]
pub fn mean_interval(values: &[f64], level: f64) -> Option<MeanEstimate> {
    if values.is_empty() || !values.iter().all(|value| value.is_finite()) {
        return None;
    }
    let replications = values.len() as u64;
    let r = replications as f64;
    let mean = values.iter().sum::<f64>() / r;
    let standard_error = (replications >= 2).then(|| {
        let squares: f64 = values.iter().map(|value| (value - mean) * (value - mean)).sum();
        libm::sqrt(squares / (r - 1.0) / r)
    });
    let interval = student_interval(mean, standard_error, replications, level);
    Some(MeanEstimate { mean, standard_error, interval, replications })
}

/// `value ± t(R − 1, 1 − α/2)·SE`; `None` without a standard error.
pub(super) fn student_interval(
    value: f64,
    standard_error: Option<f64>,
    replications: u64,
    level: f64,
) -> Option<Interval> {
    let half_width = half_width(standard_error?, replications, level);
    Some(Interval { low: value - half_width, high: value + half_width })
}

/// `t(R − 1, 1 − α/2)·SE` at confidence `level` = 1 − α.
pub(super) fn half_width(standard_error: f64, replications: u64, level: f64) -> f64 {
    assert!(level > 0.0 && level < 1.0, "a confidence level of {level} is not inside (0, 1)");
    student_t_quantile(0.5 + level / 2.0, replications - 1) * standard_error
}

/// The exact interval of Clopper and Pearson (*Biometrika* 26, 1934) for the probability behind
/// `successes` out of `n`, at confidence `level` = 1 − α with α/2 on either side.
///
/// The ends are the α/2-quantile of Beta(s, n − s + 1) and the 1 − α/2-quantile of Beta(s + 1,
/// n − s); the lower end is 0 without a success and the upper end 1 without a failure. `None` when
/// `n` is 0 or there are more successes than trials.
///
/// # Panics
///
/// If `level` is outside (0, 1).
#[must_use]
pub fn clopper_pearson(successes: u64, n: u64, level: f64) -> Option<Interval> {
    assert!(level > 0.0 && level < 1.0, "a confidence level of {level} is not inside (0, 1)");
    if n == 0 || successes > n {
        return None;
    }
    let half_alpha = (1.0 - level) / 2.0;
    let rest = 0.5 + level / 2.0;
    let (s, f) = (successes as f64, (n - successes) as f64);
    // Beta(n, 1) has the distribution function x^n, and Beta(1, n) 1 − (1 − x)^n.
    let root = libm::log(half_alpha) / n as f64;
    let low = match successes {
        0 => 0.0,
        _ if successes == n => libm::exp(root),
        _ => inverse_beta(s, f + 1.0, Tails { lower: half_alpha, upper: rest }),
    };
    let high = match successes {
        0 => -libm::expm1(root),
        _ if successes == n => 1.0,
        _ => inverse_beta(s + 1.0, f, Tails { lower: rest, upper: half_alpha }),
    };
    Some(Interval { low, high })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(value: f64, expected: f64, absolute: f64) {
        assert!((value - expected).abs() <= absolute, "{value} is not {expected}");
    }

    #[test]
    fn a_mean_of_nothing_is_nothing() {
        assert_eq!(mean_interval(&[], 0.95), None);
        assert_eq!(mean_interval(&[1.0, f64::NAN], 0.95), None);
    }

    #[test]
    fn one_replication_has_a_mean_and_no_interval() {
        let one = mean_interval(&[3.0], 0.95).expect("there is a value");
        assert_eq!((one.mean, one.standard_error, one.interval), (3.0, None, None));
    }

    #[test]
    fn the_interval_is_t_standard_errors_on_either_side() {
        // 1, 2, 3, 4, 5: mean 3, S² = 10/4, S/√5 = √(1/2), times t(4) = 2.776445105.
        let five = mean_interval(&[1.0, 2.0, 3.0, 4.0, 5.0], 0.95).expect("there are values");
        let interval = five.interval.expect("there are five");
        assert_eq!((five.mean, five.replications), (3.0, 5));
        close(five.standard_error.expect("there are five"), libm::sqrt(0.5), 1e-15);
        close(interval.half_width(), 2.776_445_105 * libm::sqrt(0.5), 1e-9);
        assert!(interval.contains(3.0) && !interval.contains(5.0));
    }

    #[test]
    fn replications_that_agree_leave_no_width() {
        let same = mean_interval(&[0.25; 10], 0.95).expect("there are values");
        assert_eq!(same.interval, Some(Interval { low: 0.25, high: 0.25 }));
    }

    #[test]
    fn clopper_pearson_without_successes_or_failures_is_closed_form() {
        // 0 of 10: 1 − 0.025^(1/10) = 0.308497108; the mirror image for 10 of 10.
        let none = clopper_pearson(0, 10, 0.95).expect("there are trials");
        let all = clopper_pearson(10, 10, 0.95).expect("there are trials");
        assert_eq!((none.low, all.high), (0.0, 1.0));
        close(none.high, 0.308_497_108, 1e-9);
        close(all.low, 1.0 - 0.308_497_108, 1e-9);
        // 1 of 1: α/2.
        close(clopper_pearson(1, 1, 0.95).expect("there are trials").low, 0.025, 1e-15);
    }

    #[test]
    fn clopper_pearson_agrees_with_fifty_digit_arithmetic() {
        let exact = [
            (1, 10, 0.002_528_578_544_461_784_5, 0.445_016_117_028_195_42),
            (3, 8, 0.085_233_414_137_253_54, 0.755_136_783_633_448_4),
            (9, 10, 0.554_983_882_971_804_6, 0.997_471_421_455_538_2),
            (1, 100_000, 2.531_780_477_933_314e-7, 5.571_516_034_774_276e-5),
            (50, 1_000, 0.037_335_397_604_661_77, 0.065_390_487_915_493_65),
            (999, 1_000, 0.994_441_075_720_173_4, 0.999_974_682_512_508_8),
        ];
        for (successes, n, low, high) in exact {
            let ends = clopper_pearson(successes, n, 0.95).expect("there are trials");
            close(ends.low / low, 1.0, 1e-12);
            close(ends.high / high, 1.0, 1e-12);
        }
    }

    #[test]
    fn clopper_pearson_ends_have_half_alpha_beyond_them() {
        // 3 of 8: P(X ≥ 3 | low) = P(X ≤ 3 | high) = 0.025, summed term by term.
        let ends = clopper_pearson(3, 8, 0.95).expect("there are trials");
        let term = |x: usize, p: f64| {
            let choose = [1.0, 8.0, 28.0, 56.0, 70.0, 56.0, 28.0, 8.0, 1.0][x];
            choose * libm::pow(p, x as f64) * libm::pow(1.0 - p, (8 - x) as f64)
        };
        close((3..=8).map(|x| term(x, ends.low)).sum(), 0.025, 1e-14);
        close((0..=3).map(|x| term(x, ends.high)).sum(), 0.025, 1e-14);
    }

    #[test]
    fn clopper_pearson_mirrors_successes_and_failures() {
        let cases = [(1, 2), (3, 8), (1, 1_000), (1, 1_000_000_000), (400_000_000, 1_000_000_000)];
        for (s, n) in cases {
            for level in [0.5, 0.95, 0.999_999_9] {
                let ends = clopper_pearson(s, n, level).expect("there are trials");
                let mirror = clopper_pearson(n - s, n, level).expect("there are trials");
                close(ends.low, 1.0 - mirror.high, 1e-14);
                close(ends.high, 1.0 - mirror.low, 1e-14);
            }
        }
    }

    #[test]
    fn no_trials_and_impossible_counts_have_no_interval() {
        assert_eq!(clopper_pearson(0, 0, 0.95), None);
        assert_eq!(clopper_pearson(3, 2, 0.95), None);
    }
}
