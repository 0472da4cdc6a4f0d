//! The binary under test, and places for it to write to.

use assert_cmd::Command;
use tempfile::TempDir;

/// An empty directory that is gone when the test is over.
pub(crate) fn place() -> TempDir {
    TempDir::new().expect("a temporary directory can be made")
}

/// The binary.
pub(crate) fn routelab() -> Command {
    Command::new(env!("CARGO_BIN_EXE_routelab"))
}
