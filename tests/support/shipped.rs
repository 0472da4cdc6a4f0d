//! Where the shipped scenarios are.

use std::path::{Path, PathBuf};

/// A scenario that is shipped.
pub(crate) fn shipped(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios").join(format!("{name}.toml"))
}
