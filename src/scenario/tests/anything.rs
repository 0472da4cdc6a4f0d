//! Whatever is typed, the answer is a scenario or a list of mistakes.

use std::path::Path;

use proptest::prelude::*;

use crate::diagnostic::{render_human, to_json};

use super::super::{Override, lints, parse};
use super::{WHOLE, read_with};

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let text = String::from_utf8_lossy(&bytes);
        if let Err(found) = read_with(&text, &[]) {
            prop_assert!(!render_human(&found, true).is_empty());
        }
    }

    #[test]
    fn no_change_of_a_scenario_makes_it_panic(
        at in 0..WHOLE.len(),
        length in 0..40_usize,
        from in 0..WHOLE.len(),
        inserted in prop_oneof![Just(""), Just("0"), Just("-1"), Just("\""), Just("[]"), Just("{}"), Just("1e308"), Just("\n[["), Just("é")],
    ) {
        let end = (at + length).min(WHOLE.len());
        let copied = &WHOLE[from..(from + length).min(WHOLE.len())];
        let text = format!("{}{inserted}{copied}{}", &WHOLE[..at], &WHOLE[end..]);
        match read_with(&text, &[]) {
            Ok(scenario) => drop(lints(&scenario)),
            Err(found) => {
                prop_assert!(!found.is_empty());
                prop_assert!(!render_human(&found, false).is_empty());
                prop_assert!(to_json(&found).is_array());
            }
        }
    }

    #[test]
    fn no_option_makes_it_panic(path in "[a-z.\"0-9-]{0,24}", value in "\\PC{0,12}") {
        let option = Override { path: format!("habits.{path}"), value };
        if let Err(found) = parse("x.toml", WHOLE, Path::new("."), &[option]) {
            prop_assert!(!render_human(&found, false).is_empty());
        }
    }
}
