//! stub
use crate::experiment::Results;
use crate::kernel::Timeframe;
/// A chart.
pub struct Chart {
    /// f
    pub file: &'static str,
    /// s
    pub svg: String,
}
/// none
pub fn charts(_: &Results<'_>, _: &Timeframe) -> Vec<Chart> {
    Vec::new()
}
