//! Distributions, drawn by their quantile function: one uniform number in, one value out.
//!
//! Drawing by quantile is what lets a message carry its need for work from one setup to another:
//! the same quantile, mapped through whichever agent answers. All transcendental functions come
//! from `libm`, whose results are the same on every machine.

use crate::stats::normal_quantile;
use crate::time::SimDuration;

use super::stream::Stream;

/// A law of probability on the numbers from 0 up. Units are the owner's: milliseconds for times,
/// none for counts.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Law {
    /// Always the same.
    Constant(f64),
    /// Exponential with this mean.
    Exponential {
        /// The mean.
        mean: f64,
    },
    /// Uniform between two ends.
    Uniform {
        /// The lower end.
        low: f64,
        /// The upper end.
        high: f64,
    },
    /// Log-normal: the exponential of a normal with mean `mu` and standard deviation `sigma`.
    LogNormal {
        /// Mean of the logarithm.
        mu: f64,
        /// Standard deviation of the logarithm.
        sigma: f64,
    },
}

impl Law {
    /// The log-normal with this median and 90th percentile.
    #[must_use]
    pub fn lognormal_by_median_and_p90(median: f64, p90: f64) -> Self {
        let mu = libm::log(median);
        Self::LogNormal { mu, sigma: (libm::log(p90) - mu) / normal_quantile(0.9) }
    }

    /// The log-normal with this mean and coefficient of variation: σ² = ln(1 + cv²), μ = ln(mean) − σ²/2.
    #[must_use]
    pub fn lognormal_by_mean_and_cv(mean: f64, cv: f64) -> Self {
        let variance = libm::log1p(cv * cv);
        Self::LogNormal { mu: libm::log(mean) - variance / 2.0, sigma: libm::sqrt(variance) }
    }

    /// The value below which a share `u` of all draws lies; `u` strictly between 0 and 1.
    #[must_use]
    #[inline]
    pub fn quantile(&self, u: f64) -> f64 {
        match *self {
            Self::Constant(value) => value,
            Self::Exponential { mean } => -mean * libm::log1p(-u),
            Self::Uniform { low, high } => low + (high - low) * u,
            Self::LogNormal { mu, sigma } => libm::exp(mu + sigma * normal_quantile(u)),
        }
    }
}

/// A [`Law`] clamped to a range.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Distribution {
    /// The law before clamping.
    pub law: Law,
    /// Smaller draws become this.
    pub at_least: f64,
    /// Larger draws become this.
    pub at_most: f64,
}

impl Distribution {
    /// The law with no bound but that nothing is negative.
    #[must_use]
    pub const fn of(law: Law) -> Self {
        Self { law, at_least: 0.0, at_most: f64::INFINITY }
    }

    /// The clamped value at quantile `u`, strictly between 0 and 1.
    #[must_use]
    #[inline]
    pub fn quantile(&self, u: f64) -> f64 {
        self.law.quantile(u).max(self.at_least).min(self.at_most)
    }
}

/// A distribution of lengths of time; its law is in milliseconds.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct DurationDistribution(pub Distribution);

impl DurationDistribution {
    /// Always the same length.
    #[must_use]
    pub fn constant(length: SimDuration) -> Self {
        Self(Distribution::of(Law::Constant(length.as_millis() as f64)))
    }

    /// The length at quantile `u`, rounded to whole milliseconds.
    #[must_use]
    #[inline]
    pub fn quantile(&self, u: f64) -> SimDuration {
        SimDuration::from_millis_rounded(self.0.quantile(u))
    }
}

/// A distribution of counts; values are rounded to whole numbers.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct CountDistribution(pub Distribution);

impl CountDistribution {
    /// The count at quantile `u`, rounded to the nearest whole number.
    #[must_use]
    #[inline]
    pub fn quantile(&self, u: f64) -> u32 {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "saturation is what is wanted"
        )]
        let count = libm::rint(self.0.quantile(u)) as u32;
        count
    }
}

/// A draw from the gamma distribution with mean 1 and shape `shape` (coefficient of variation
/// 1/√shape), by the method of Marsaglia and Tsang (ACM TOMS 26, 2000) with their boost for shapes
/// below 1.
#[must_use]
pub fn gamma_mean_one(shape: f64, stream: &mut Stream) -> f64 {
    let boosted = if shape < 1.0 { shape + 1.0 } else { shape };
    let d = boosted - 1.0 / 3.0;
    let c = 1.0 / libm::sqrt(9.0 * d);
    let draw = loop {
        let x = normal_quantile(stream.next_unit());
        let v = 1.0 + c * x;
        if v <= 0.0 {
            continue;
        }
        let v = v * v * v;
        if libm::log(stream.next_unit()) < 0.5 * x * x + d - d * v + d * libm::log(v) {
            break d * v;
        }
    };
    let boost = if shape < 1.0 { libm::pow(stream.next_unit(), 1.0 / shape) } else { 1.0 };
    draw * boost / shape
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, Streams};

    fn mean_and_sd(n: u32, mut draw: impl FnMut() -> f64) -> (f64, f64) {
        let draws: Vec<f64> = (0..n).map(|_| draw()).collect();
        let mean = draws.iter().sum::<f64>() / f64::from(n);
        let variance = draws.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / f64::from(n - 1);
        (mean, variance.sqrt())
    }

    // The standard error of the mean of n draws is sd/√n; four of those.
    #[test]
    fn means_are_the_laws_own() {
        let mut stream = Streams::new(1, 0).stream(Purpose::Think, 1);
        let n = 200_000;
        for (law, mean) in [
            (Law::Exponential { mean: 350.0 }, 350.0),
            (Law::Uniform { low: 3.0, high: 7.0 }, 5.0),
            (Law::LogNormal { mu: 3.4, sigma: 0.9 }, (3.4_f64 + 0.405).exp()),
            (Law::lognormal_by_mean_and_cv(40.0, 1.5), 40.0),
        ] {
            let (got, sd) = mean_and_sd(n, || law.quantile(stream.next_unit()));
            assert!((got - mean).abs() < 4.0 * sd / f64::from(n).sqrt(), "{law:?}: {got} {mean}");
        }
    }

    #[test]
    fn a_lognormal_by_median_and_p90_has_them() {
        let law = Law::lognormal_by_median_and_p90(300.0, 900.0);
        assert!((law.quantile(0.5) - 300.0).abs() < 1e-9);
        assert!((law.quantile(0.9) - 900.0).abs() < 1e-9);
    }

    #[test]
    fn gamma_factors_have_mean_one_and_their_spread() {
        let mut stream = Streams::new(1, 0).stream(Purpose::DayBusyness, 1);
        for shape in [0.5_f64, 1.0, 25.0, 44.4] {
            let n = 200_000;
            let (mean, sd) = mean_and_sd(n, || gamma_mean_one(shape, &mut stream));
            let cv = 1.0 / shape.sqrt();
            assert!((mean - 1.0).abs() < 4.0 * cv / f64::from(n).sqrt(), "{shape}: mean {mean}");
            // The relative standard error of a standard deviation is √((kurtosis − 1)/4n) with
            // kurtosis 3 + 6/shape.
            let error = ((2.0 + 6.0 / shape) / 4.0 / f64::from(n)).sqrt();
            assert!((sd / cv - 1.0).abs() < 4.0 * error, "{shape}: cv {sd}, not {cv}");
        }
    }

    #[test]
    fn draws_are_clamped_and_counts_rounded() {
        let d = Distribution {
            law: Law::Uniform { low: 0.0, high: 10.0 },
            at_least: 2.0,
            at_most: 8.0,
        };
        assert_eq!(CountDistribution(d).quantile(0.01), 2);
        assert_eq!(CountDistribution(d).quantile(0.36), 4);
        assert_eq!(CountDistribution(d).quantile(0.99), 8);
    }
}
