//! Percentiles over replications: read from the pooled histogram, with Woodruff's interval.

use super::histogram::{Histogram, Pooled};
use super::interval::{clopper_pearson, half_width};
use super::ratio::{RatioEstimate, ratio_of_sums};
use std::borrow::Borrow;

/// The histograms of all replications, kept apart and added up.
#[derive(Clone, Debug)]
pub struct PooledQuantiles<'a, H> {
    replications: &'a [H],
    pool: Pooled,
}

/// A quantile over replications.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct QuantileEstimate {
    /// The pooled quantile, in the unit of what was recorded.
    pub value: u64,
    /// The lower end of its confidence interval, not above `value`; `None` where it is open, and
    /// below two replications.
    pub low: Option<u64>,
    /// The upper end, not below `value`; `None` where it is open, and below two replications.
    pub high: Option<u64>,
    /// The share of values in the cell of `value` or below, with the standard error the interval
    /// was read back with.
    pub share: RatioEstimate,
    /// The values in all replications together.
    pub n: u64,
}

impl<'a, H: Borrow<Histogram>> PooledQuantiles<'a, H> {
    /// Adds the histograms up, one for each replication (an empty one where nothing was recorded);
    /// `None` without replications.
    ///
    /// # Panics
    ///
    /// If their cells differ.
    #[must_use]
    pub fn new(replications: &'a [H]) -> Option<Self> {
        let mut pool = Pooled::new(replications.first()?.borrow().bits());
        for histogram in replications {
            pool.add(histogram.borrow());
        }
        Some(Self { replications, pool })
    }

    /// The sum of the histograms.
    #[must_use]
    pub const fn pool(&self) -> &Pooled {
        &self.pool
    }

    /// The `p`-quantile with its interval at confidence `level` = 1 − α; `None` when nothing was
    /// recorded or `p` is outside [0, 1].
    ///
    /// Woodruff's method (*JASA* 47, 1952): with q the pooled quantile, the share Σ(count ≤ q)/Σn
    /// is a ratio over replications with a delta-method standard error SE, and the interval is
    /// read back from the pooled histogram at `p ± t(R − 1, 1 − α/2)·SE`; it is open where that
    /// reaches 0 or 1. Quantiles grow with p, so the interval contains the value.
    ///
    /// # Panics
    ///
    /// If `level` is outside (0, 1).
    #[must_use]
    pub fn estimate(&self, p: f64, level: f64) -> Option<QuantileEstimate> {
        let value = self.pool.quantile(p)?;
        let share = share_at_most(self.replications, value)?;
        let n = self.pool.count();
        let at_most = self.pool.count_at_most(value);
        let reach = if at_most == n {
            // All samples lie at or below it, in every replication: a spread of 0 would say that
            // nothing larger can be. The exact bound on the pooled count says what is known.
            let known = share.standard_error.and_then(|_| clopper_pearson(n, n, level));
            known.map(|bound| 1.0 - bound.low)
        } else {
            share.standard_error.map(|error| half_width(error, share.replications, level))
        };
        let end = |p: f64| if p > 0.0 && p < 1.0 { self.pool.quantile(p) } else { None };
        Some(QuantileEstimate {
            value,
            low: reach.and_then(|reach| end(p - reach)),
            high: reach.and_then(|reach| end(p + reach)),
            share,
            n,
        })
    }
}

/// The share of all values that lie in the cell of `value` or below, as a ratio of sums over
/// replications; `None` when nothing was recorded.
#[must_use]
pub fn share_at_most<H: Borrow<Histogram>>(
    replications: &[H],
    value: u64,
) -> Option<RatioEstimate> {
    let counts = replications.iter().map(Borrow::borrow);
    ratio_of_sums(counts.map(|counts| (counts.count_at_most(value) as f64, counts.count() as f64)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn histogram(values: impl IntoIterator<Item = u64>) -> Histogram {
        let mut histogram = Histogram::new(7);
        for value in values {
            histogram.record(value);
        }
        histogram
    }

    /// Ten values, of which `low` are 1, 2, … and the others 100 and up.
    fn ten_with(low: u64) -> Histogram {
        histogram((1..=10).map(|value| if value <= low { value } else { 100 + value }))
    }

    #[test]
    fn the_share_below_a_quantile_has_a_delta_method_error() {
        // 8, 9, 10, 9, 9 of 10 each: ν = .9, residuals −1, 0, 1, 0, 0, SE² = 2/(4·5·10²) = .001,
        // SE = .0316228, times t(4) = 2.776445: .0877989.
        let replications = [8, 9, 10, 9, 9].map(ten_with);
        let share = share_at_most(&replications, 10).expect("there are values");
        let interval = share.interval(0.95).expect("there are five");
        assert!((share.value - 0.9).abs() < 1e-15);
        assert!((interval.half_width() - 0.087_798_9).abs() < 1e-7);
    }

    #[test]
    fn the_interval_is_read_back_from_the_pool() {
        // Pooled, 1..=8 come five times each, 9 four times, 10 once, then 109 once and 110 four
        // times: 50 values, of which 45 are at most 10. The .9-quantile is the 45th: 10. From .8122
        // to .9878 are the 41st (40.6; a 9) and the 50th (49.4; 110).
        let replications = [8, 9, 10, 9, 9].map(ten_with);
        let quantiles = PooledQuantiles::new(&replications).expect("there are replications");
        let p90 = quantiles.estimate(0.9, 0.95).expect("there are values");
        assert_eq!((p90.value, p90.low, p90.high, p90.n), (10, Some(9), Some(110), 50));
    }

    #[test]
    fn an_interval_that_reaches_past_the_values_is_open() {
        // The five replications above at p = .91: the 46th value (45.5) is 109; 9, 9, 10, 9, 9 are
        // at most that, so ν = .92, residuals −.2, −.2, .8, −.2, −.2, SE² = .8/(4·5·10²) = .0004,
        // and .02·2.776445 = .0555 leads to .8545 (the 43rd, a 9) and .9655 (the 49th, a 110). At
        // 99.9 % it is .02·8.610302 = .1722: .7378 (the 37th, an 8), and past 1.
        let replications = [8, 9, 10, 9, 9].map(ten_with);
        let quantiles = PooledQuantiles::new(&replications).expect("there are replications");
        let p91 = quantiles.estimate(0.91, 0.95).expect("there are values");
        assert_eq!((p91.value, p91.low, p91.high), (109, Some(9), Some(110)));
        let surer = quantiles.estimate(0.91, 0.999).expect("there are values");
        assert_eq!((surer.value, surer.low, surer.high), (109, Some(8), None));
        // Two replications that disagree wholly: t(1) = 12.7 reaches far past 0 and 1.
        let apart = [histogram([1, 1, 1]), histogram([9, 9, 9])];
        let quantiles = PooledQuantiles::new(&apart).expect("there are replications");
        let median = quantiles.estimate(0.5, 0.95).expect("there are values");
        assert_eq!((median.value, median.low, median.high), (1, None, None));
    }

    #[test]
    fn one_replication_has_a_quantile_and_no_interval() {
        let one = [histogram(1..=10)];
        let quantiles = PooledQuantiles::new(&one).expect("there is a replication");
        let median = quantiles.estimate(0.5, 0.95).expect("there are values");
        assert_eq!((median.value, median.low, median.high, median.n), (5, None, None, 10));
        assert_eq!(median.share.standard_error, None);
    }

    #[test]
    fn nothing_recorded_has_no_quantiles() {
        assert!(PooledQuantiles::<Histogram>::new(&[]).is_none());
        let empty = [Histogram::new(7), Histogram::new(7)];
        let quantiles = PooledQuantiles::new(&empty).expect("there are replications");
        assert_eq!(quantiles.estimate(0.5, 0.95), None);
    }

    proptest! {
        #[test]
        fn the_interval_contains_the_value(
            samples in prop::collection::vec(prop::collection::vec(0..100_000_u64, 0..40), 1..12),
            p in 0.0..=1.0,
        ) {
            let replications: Vec<Histogram> = samples.into_iter().map(histogram).collect();
            let borrowed: Vec<&Histogram> = replications.iter().collect();
            let quantiles = PooledQuantiles::new(&borrowed).expect("there are replications");
            if let Some(estimate) = quantiles.estimate(p, 0.95) {
                prop_assert!(estimate.low.is_none_or(|low| low <= estimate.value));
                prop_assert!(estimate.high.is_none_or(|high| estimate.value <= high));
            }
        }
    }
}
