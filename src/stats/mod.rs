//! The mathematics of counting, waiting and comparing; it knows nothing of visitors.
//!
//! Whole numbers go in and are summed exactly, so that merging is the same in any order; estimates
//! come out with what is known of their error. A figure that does not exist (a mean of nothing, an
//! interval from one replication) is `None`, never NaN. Logarithms, exponentials and roots come
//! from `libm`, so that every machine prints the same digits.
//!
//! ```text
//!  one replication                          many replications
//!
//!  Tally         (x, y) sums  ───────────►  ratio_of_sums ──┐
//!  TimeWeighted  one figure   ───────────►  mean_interval ──┼─►  Interval
//!  Histogram     counts       ───────────►  PooledQuantiles ┘
//!  Portion       who got what against what was due: jain, gini, excess, chi_square
//! ```
//!
//! Architecture invariant: nothing here imports anything of ours, not even simulated time. Times
//! are whole milliseconds in a `u64`.

mod tally;

mod time_weighted;

mod histogram;

mod interval;

mod ratio;

mod quantiles;

mod inequality;

mod distributions;

mod special;

pub use distributions::{chi_square_survival, normal_quantile, student_t_quantile};
pub use histogram::{Cell, CellCount, Cells, Histogram, Pooled};
pub use inequality::{
    ChiSquare, Portion, chi_square, excess, gini, jain, max_over_mean, min_over_mean,
};
pub use interval::{Interval, MeanEstimate, clopper_pearson, mean_interval};
pub use quantiles::{PooledQuantiles, QuantileEstimate, share_at_most};
pub use ratio::{RatioEstimate, linearised, ratio_of_sums};
pub use tally::{Tally, TallyParts};
pub use time_weighted::TimeWeighted;
