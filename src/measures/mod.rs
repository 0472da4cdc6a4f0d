//! The dictionary of measures, and the recorders that fold facts into the sums they are made of.
//!
//! A recorder keeps sums and histograms only, so that replications, chatflows and parts of a run
//! that was spread over machines add up exactly; what is divided by what is said once, in the
//! [`dictionary`].

mod auditor;
mod cells;
mod desk;
pub mod dictionary;
mod fairness;
mod lists;
mod measuring;
mod timeline;

pub use auditor::Violation;
pub use cells::{
    AGENT_BITS, AgentCell, AgentCount, CELL_BITS, Cell, Count, Counts, Dist, Distribution,
    SparseDistribution,
};
pub use fairness::{FairnessSums, SlotSums};
pub use measuring::{AgentSummary, CellSummary, Measuring, MeasuringSettings, Summary};
pub use timeline::{Column, Timeline};
