//! routelab
pub mod calendar;
pub mod cli;
pub mod diagnostic;
pub mod experiment;
pub mod ids;
pub mod kernel;
pub mod measures;
pub mod random;
pub mod report;
pub mod routing;
pub mod scenario;
pub mod stats;
pub mod time;
pub mod trace;
pub mod workload;
