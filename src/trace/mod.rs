//! What happened, as facts: [`Observation`]s in the past tense, whoever listens to them
//! ([`Recorder`]), the log files that write them down, and arrivals recorded elsewhere.

mod log;
mod observation;
mod recorded;

pub use log::{Log, LogNames};
pub use observation::{Case, Observation, Recorder, ResponseClocks, Way};
pub use recorded::{RecordedArrival, RecordedArrivals, TraceColumn, TraceNames, TraceSource};
