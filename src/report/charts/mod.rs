//! The charts of a run, as SVG: self-contained, without fonts, the same on every machine.
//!
//! Each says which scenario, seed and replications it is of, names its units, shows intervals where
//! there are any and how many conversations it speaks for. Where there is nothing to draw it says
//! so.

mod fairness;
mod first_response;
mod timeline;
mod week;

mod axis;
mod canvas;
mod style;

#[cfg(test)]
mod tests;

use crate::experiment::Results;
use crate::kernel::Timeframe;

/// A chart.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Chart {
    /// The name of its file.
    pub file: &'static str,
    /// The file: an SVG document.
    pub svg: String,
}

/// All charts of a run, in the order in which they are read.
#[must_use]
pub fn charts(results: &Results<'_>, timeframe: &Timeframe) -> Vec<Chart> {
    vec![
        Chart { file: "first_response.svg", svg: first_response::draw(results) },
        Chart { file: "week.svg", svg: week::draw(results, timeframe) },
        Chart { file: "timeline.svg", svg: timeline::draw(results, timeframe) },
        Chart { file: "fairness.svg", svg: fairness::draw(results) },
    ]
}
