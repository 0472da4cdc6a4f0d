//! Everything that is needed to run it again, and what tells two runs apart.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Changes whenever the same scenario and seed give other results than before.
pub const MODEL_VERSION: u32 = 1;

/// `manifest.json`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Manifest {
    /// Version of the program.
    pub routelab: String,
    /// Version of the model.
    pub model_version: u32,
    /// The scenario's name.
    pub name: String,
    /// The scenario file as it was read.
    pub scenario: String,
    /// SHA-256 of it, in hexadecimal.
    pub scenario_sha256: String,
    /// Values that were set on the command line, `PATH=VALUE`, in order.
    pub overrides: Vec<String>,
    /// The seed of all streams.
    pub seed: u64,
    /// How often it was simulated.
    pub replications: u32,
    /// Data files, as the scenario names them, with their SHA-256.
    pub files: Vec<(String, String)>,
    /// Whether every decision and conversation was written down.
    pub log: bool,
}

impl Manifest {
    /// Whether the results of the other run can stand for this one: everything that changes the
    /// numbers is the same, and no log is missing.
    #[must_use]
    pub fn is_covered_by(&self, other: &Self) -> bool {
        let same = Self { log: self.log, routelab: self.routelab.clone(), ..other.clone() };
        *self == same && (other.log || !self.log)
    }
}

/// SHA-256 in hexadecimal.
#[must_use]
pub fn sha256_hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sha256_of_abc_is_the_published_one() {
        let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(sha256_hex(b"abc"), expected);
    }

    #[test]
    fn results_with_a_log_cover_a_run_without_but_not_the_other_way_round() {
        let without = Manifest {
            routelab: "1".into(),
            model_version: 1,
            name: "x".into(),
            scenario: String::new(),
            scenario_sha256: String::new(),
            overrides: Vec::new(),
            seed: 1,
            replications: 1,
            files: Vec::new(),
            log: false,
        };
        let with = Manifest { log: true, ..without.clone() };
        assert!(without.is_covered_by(&with) && !with.is_covered_by(&without));
        assert!(!without.is_covered_by(&Manifest { seed: 2, ..without.clone() }));
    }
}
