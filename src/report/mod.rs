//! Results in, files out. Everything here is a pure function of the same results, but for
//! `directory`, which puts the files where they belong.

pub mod charts;
pub mod format;

mod csv_files;
mod directory;
mod latency;
mod summary;
mod terminal;

pub use directory::{DirectoryError, Found, find, load, probe, write};
pub use summary::{Performance, summary_json};
pub use terminal::terminal;
