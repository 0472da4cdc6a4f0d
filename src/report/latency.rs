//! `latency.hgrm`: the first response of chats in the text format of HdrHistogram, for the tools
//! that plot it.

use std::fmt::Write;

use hdrhistogram::Histogram;

use crate::experiment::{Results, Scope};
use crate::measures::Dist;

/// Steps between a percentile and 100 % before the distance is halved, as HdrHistogram prints by
/// default.
const TICKS_PER_HALF_DISTANCE: u32 = 5;

/// The percentile distribution of first responses in chat, in seconds.
pub(super) fn hgrm(results: &Results<'_>) -> String {
    let (_, own) = results.pooled(Dist::FirstResponseChat, &Scope::All);
    let mut histogram = Histogram::<u64>::new(3).expect("three digits are allowed");
    for cell in own.cells() {
        histogram
            .record_n(cell.representative(), cell.count)
            .expect("a histogram that resizes itself takes any value");
    }
    let seconds = |ms: f64| ms / 1000.0;
    let mut text = format!(
        "{:>12} {:>14} {:>10} {:>14}\n\n",
        "Value", "Percentile", "TotalCount", "1/(1-Percentile)"
    );
    let mut total = 0;
    for step in histogram.iter_quantiles(TICKS_PER_HALF_DISTANCE) {
        total += step.count_since_last_iteration();
        let percentile = step.quantile_iterated_to();
        let value = seconds(step.value_iterated_to() as f64);
        let _ = write!(text, "{value:12.3} {percentile:2.12} {total:10}");
        let _ = if percentile < 1.0 {
            writeln!(text, " {:14.2}", 1.0 / (1.0 - percentile))
        } else {
            writeln!(text)
        };
    }
    let _ = writeln!(
        text,
        "#[Mean    = {:12.3}, StdDeviation   = {:12.3}]\n#[Max     = {:12.3}, Total count    = {:12}]\n#[Buckets = {:12}, SubBuckets     = {:12}]",
        seconds(histogram.mean()),
        seconds(histogram.stdev()),
        seconds(histogram.max() as f64),
        histogram.len(),
        histogram.buckets(),
        2048,
    );
    text
}
