//! Rates and means per conversation: ratios of sums over replications, with the delta method.

use super::interval::{Interval, student_interval};

/// A ratio of two sums over independent replications.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct RatioEstimate {
    /// The ratio ν = Σx / Σy.
    pub value: f64,
    /// Its standard error by the delta method; `None` below two replications.
    pub standard_error: Option<f64>,
    /// The replications R.
    pub replications: u64,
}

impl RatioEstimate {
    /// The interval `ν ± t(R − 1, 1 − α/2)·SE` at confidence `level` = 1 − α; `None` below two
    /// replications. It is not cut to what the ratio can be.
    ///
    /// # Panics
    ///
    /// If `level` is outside (0, 1).
    #[must_use]
    pub fn interval(&self, level: f64) -> Option<Interval> {
        student_interval(self.value, self.standard_error, self.replications, level)
    }
}

/// The ratio of sums of one `(x, y)` for each replication; `None` when the denominators sum to 0.
///
/// The variance of ν = X̄/Ȳ is `(S_xx − 2ν S_xy + ν² S_yy) / (R Ȳ²)` (Law, *Simulation Modeling and
/// Analysis*, 9.5; Cochran, *Sampling Techniques*, 6.3), with `S` over R − 1. It is computed from
/// residuals, `Σ(x − νy)² / ((R − 1) R Ȳ²)`: the residuals sum to 0, so the two are equal, but this
/// one cannot cancel to a negative number.
#[must_use]
pub fn ratio_of_sums<I>(pairs: I) -> Option<RatioEstimate>
where
    I: IntoIterator<Item = (f64, f64), IntoIter: Clone>,
{
    let pairs = pairs.into_iter();
    let Line { value, y_mean, replications } = line(pairs.clone())?;
    let r = replications as f64;
    let standard_error = (replications >= 2).then(|| {
        let squares: f64 = pairs.map(|(x, y)| x - value * y).map(|rest| rest * rest).sum();
        libm::sqrt(squares / (r - 1.0) / r) / y_mean.abs()
    });
    Some(RatioEstimate { value, standard_error, replications })
}

/// One value for each replication, `ν + (x − νy)/Ȳ`, whose mean is the ratio of sums and whose
/// standard error is the delta method's: what stands for a ratio where replications are compared in
/// pairs. `None` when the denominators sum to 0.
#[must_use]
pub fn linearised<I>(pairs: I) -> Option<Vec<f64>>
where
    I: IntoIterator<Item = (f64, f64), IntoIter: Clone>,
{
    let pairs = pairs.into_iter();
    let Line { value, y_mean, .. } = line(pairs.clone())?;
    Some(pairs.map(|(x, y)| value + (x - value * y) / y_mean).collect())
}

/// The line through the origin that the replications scatter about.
struct Line {
    value: f64,
    y_mean: f64,
    replications: u64,
}

fn line(pairs: impl Iterator<Item = (f64, f64)>) -> Option<Line> {
    let mut replications = 0;
    let (mut x_sum, mut y_sum) = (0.0, 0.0);
    for (x, y) in pairs {
        replications += 1;
        x_sum += x;
        y_sum += y;
    }
    let value = x_sum / y_sum;
    let is_ratio = y_sum != 0.0 && value.is_finite();
    is_ratio.then(|| Line { value, y_mean: y_sum / replications as f64, replications })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::interval::mean_interval;
    use proptest::prelude::*;

    const CHECK: [(f64, f64); 5] = [(3.0, 10.0), (5.0, 12.0), (4.0, 11.0), (6.0, 13.0), (2.0, 9.0)];

    fn close(value: f64, expected: f64, absolute: f64) {
        assert!((value - expected).abs() <= absolute, "{value} is not {expected}");
    }

    #[test]
    fn the_delta_method_on_five_replications() {
        // ν = 20/55 = 4/11; residuals (−7, 7, 0, 14, −14)/11, their squares 490/121;
        // SE² = 490/121 / (4·5·11²) = 490/292820 = 0.0016733829, SE = 0.0409070.
        let ratio = ratio_of_sums(CHECK).expect("there are denominators");
        close(ratio.value, 0.363_636_36, 5e-9);
        close(ratio.standard_error.expect("there are five"), 0.040_907_00, 5e-9);
        // t(4) = 2.776445105: 0.11357604.
        let interval = ratio.interval(0.95).expect("there are five");
        close(interval.half_width(), 2.776_445_105 * libm::sqrt(490.0 / 292_820.0), 1e-9);
    }

    #[test]
    fn a_ratio_over_nothing_is_nothing() {
        assert_eq!(ratio_of_sums([]), None);
        assert_eq!(ratio_of_sums([(0.0, 0.0), (0.0, 0.0)]), None);
        assert_eq!(linearised([(0.0, 0.0)]), None);
    }

    #[test]
    fn one_replication_has_a_ratio_and_no_error() {
        let one = ratio_of_sums([(1.0, 4.0)]).expect("there is a denominator");
        assert_eq!((one.value, one.standard_error, one.interval(0.95)), (0.25, None, None));
    }

    #[test]
    fn a_rate_that_never_varies_has_no_error() {
        let same = ratio_of_sums([(1.0, 4.0), (2.0, 8.0), (0.0, 0.0)]).expect("12 denominators");
        assert_eq!((same.value, same.standard_error, same.replications), (0.25, Some(0.0), 3));
    }

    proptest! {
        #[test]
        fn residuals_give_the_textbook_variance(
            pairs in prop::collection::vec((0..100_u32, 1..100_u32), 2..30),
        ) {
            let pairs: Vec<(f64, f64)> =
                pairs.iter().map(|&(x, y)| (f64::from(x), f64::from(y))).collect();
            let r = pairs.len() as f64;
            let x_mean = pairs.iter().map(|pair| pair.0).sum::<f64>() / r;
            let y_mean = pairs.iter().map(|pair| pair.1).sum::<f64>() / r;
            let (mut xx, mut xy, mut yy) = (0.0, 0.0, 0.0);
            for (x, y) in &pairs {
                xx += (x - x_mean) * (x - x_mean) / (r - 1.0);
                xy += (x - x_mean) * (y - y_mean) / (r - 1.0);
                yy += (y - y_mean) * (y - y_mean) / (r - 1.0);
            }
            let ratio = ratio_of_sums(pairs.iter().copied()).expect("denominators are positive");
            let nu = ratio.value;
            let textbook = (xx - 2.0 * nu * xy + nu * nu * yy) / (r * y_mean * y_mean);
            let error = ratio.standard_error.expect("at least two");
            prop_assert!((error * error - textbook).abs() <= 1e-9 * (1.0 + textbook));

            let values = linearised(pairs).expect("denominators are positive");
            let mean = mean_interval(&values, 0.95).expect("at least two");
            prop_assert!((mean.mean - nu).abs() <= 1e-12 * (1.0 + nu));
            let mean_error = mean.standard_error.expect("at least two");
            prop_assert!((mean_error - error).abs() <= 1e-9 * (1.0 + error));
        }
    }
}
