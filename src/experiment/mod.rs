//! Many runs: replications in parallel, what they say together, and whether it is good enough.

mod manifest;
mod parts;
mod replications;
mod results;
mod thresholds;

pub use manifest::{MODEL_VERSION, Manifest, sha256_hex};
pub use parts::{PartError, read_part, write_part};
pub use replications::{
    Bug, Logs, Replication, RunOptions, load_recorded, panic_message, run_replications,
};
pub use results::{Results, Row, Scope, Stat};
pub use thresholds::{Judgement, Verdict, check_measures, judge};
