//! Who may use whom, and a few more things about the sources that a reviewer should not have to
//! look for.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// For each module, what of ours it may use. A module that is not listed may not exist.
const MAY_USE: [(&str, &[&str]); 15] = [
    ("ids", &[]),
    ("time", &[]),
    ("stats", &[]),
    ("diagnostic", &["time"]),
    // The quantile function of the normal is mathematics, and `stats` has it.
    ("random", &["ids", "time", "stats"]),
    ("routing", &["ids"]),
    ("calendar", &["time"]),
    ("workload", &["ids", "time", "random", "calendar"]),
    ("trace", &["ids", "time", "diagnostic", "calendar", "routing"]),
    // A scenario names files of recorded arrivals in the words of `trace`.
    (
        "scenario",
        &["ids", "time", "diagnostic", "random", "routing", "calendar", "workload", "trace"],
    ),
    ("measures", &["ids", "time", "stats", "routing", "trace"]),
    ("kernel", &["ids", "time", "random", "routing", "calendar", "workload", "scenario", "trace"]),
    (
        "experiment",
        &[
            "ids",
            "time",
            "stats",
            "diagnostic",
            "random",
            "routing",
            "calendar",
            "workload",
            "scenario",
            "trace",
            "measures",
            "kernel",
        ],
    ),
    (
        "report",
        &[
            "ids",
            "time",
            "stats",
            "diagnostic",
            "routing",
            "calendar",
            "scenario",
            "trace",
            "measures",
            "kernel",
            "experiment",
        ],
    ),
    (
        "cli",
        &[
            "ids",
            "time",
            "stats",
            "diagnostic",
            "random",
            "routing",
            "calendar",
            "workload",
            "scenario",
            "trace",
            "measures",
            "kernel",
            "experiment",
            "report",
        ],
    ),
];

/// Every Rust file below a directory, with its text.
fn rust_files(directory: &Path) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut to_visit = vec![directory.to_owned()];
    while let Some(place) = to_visit.pop() {
        for entry in fs::read_dir(&place).expect("the sources can be listed") {
            let path = entry.expect("the sources can be listed").path();
            if path.is_dir() {
                to_visit.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).expect("the sources can be read");
                found.push((path, text));
            }
        }
    }
    found.sort();
    found
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The module that a file below `src` belongs to; `None` for `lib.rs` and `main.rs`.
fn module_of(path: &Path) -> Option<String> {
    let inside = path.strip_prefix(root().join("src")).expect("below src");
    let first = inside.components().next().expect("a file has a name");
    let name = first.as_os_str().to_string_lossy().trim_end_matches(".rs").to_owned();
    (name != "lib" && name != "main").then_some(name)
}

/// The code of a file without its comments and without its tests, which may use anything.
fn code(text: &str) -> String {
    let code = text.split("#[cfg(test)]\nmod tests {").next().expect("splitting gives one part");
    code.lines().map(|line| line.split("//").next().unwrap_or("")).collect::<Vec<_>>().join("\n")
}

/// The modules of ours that a piece of code names: what follows `crate::`, braces included.
fn used(code: &str) -> BTreeSet<String> {
    let word = |text: &str| {
        text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>()
    };
    let mut found = BTreeSet::new();
    for (_, after) in code.match_indices("crate::").map(|(at, what)| (at, &code[at + what.len()..]))
    {
        match after.strip_prefix('{') {
            None => {
                found.insert(word(after));
            }
            Some(list) => {
                let list = list.split('}').next().unwrap_or("");
                found.extend(list.split(',').map(|part| word(part.trim())));
            }
        }
    }
    found.remove("");
    found
}

#[test]
fn every_module_uses_only_what_it_may() {
    let allowed: BTreeMap<&str, &[&str]> = MAY_USE.into_iter().collect();
    let mut wrong = Vec::new();
    for (path, text) in rust_files(&root().join("src")) {
        let Some(module) = module_of(&path) else { continue };
        if path.file_name().is_some_and(|name| {
            ["tests.rs", "stories.rs", "agreement.rs"].iter().any(|n| name == *n)
        }) || path.components().any(|part| part.as_os_str() == "tests")
        {
            continue;
        }
        let Some(may_use) = allowed.get(module.as_str()) else {
            wrong.push(format!("{}: no rule for the module {module}", path.display()));
            continue;
        };
        for other in used(&code(&text)) {
            if other != module
                && allowed.contains_key(other.as_str())
                && !may_use.contains(&other.as_str())
            {
                wrong.push(format!("{}: {module} may not use {other}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn the_check_of_uses_sees_them() {
    let seen =
        used(&code("use crate::{ids::X, time};\nlet a = crate::stats::mean(); // crate::cli"));
    assert_eq!(seen, ["ids", "stats", "time"].map(str::to_owned).into());
}

#[test]
fn nothing_of_ours_depends_on_itself_in_a_circle() {
    // The table is in an order in which every module uses only earlier ones.
    let mut earlier = BTreeSet::new();
    for (module, may_use) in MAY_USE {
        for other in may_use {
            assert!(earlier.contains(other), "{module} may use {other}, which comes later");
        }
        earlier.insert(module);
    }
}

#[test]
fn the_wall_clock_is_read_only_by_the_command_line() {
    for (path, text) in rust_files(&root().join("src")) {
        let code = code(&text);
        let reads = ["Instant::now", "SystemTime", "Zoned::now", "Timestamp::now"];
        let clock = reads.into_iter().find(|what| code.contains(what));
        if let Some(what) = clock {
            assert_eq!(module_of(&path).as_deref(), Some("cli"), "{}: {what}", path.display());
        }
    }
}

#[test]
fn transcendental_functions_come_from_one_library() {
    // The platform's own differ in the last bit from machine to machine.
    let banned = [
        ".ln()",
        ".exp()",
        ".powf(",
        ".powi(",
        ".log10()",
        ".log2()",
        ".ln_1p()",
        ".exp_m1()",
        ".sin()",
        ".cos()",
    ];
    for (path, text) in rust_files(&root().join("src")) {
        let module = module_of(&path);
        // Charts and the terminal may round as they like: no digest covers them.
        let is_test = path.components().any(|part| part.as_os_str() == "tests");
        if module.as_deref() == Some("report") || is_test {
            continue;
        }
        let code = code(&text);
        for what in banned {
            assert!(!code.contains(what), "{}: `{what}`, use libm", path.display());
        }
    }
}

#[test]
fn every_file_says_first_what_it_is_for_and_leaves_nothing_unfinished() {
    for folder in ["src", "tests"] {
        for (path, text) in rust_files(&root().join(folder)) {
            assert!(text.starts_with("//! "), "{} does not open with a comment", path.display());
            let unfinished = ["todo!", "unimplemented!", "FIXME", "TO-DO", "#[ignore"];
            let this = path.ends_with("architecture.rs");
            for word in unfinished.into_iter().filter(|_| !this) {
                assert!(!text.contains(word), "{}: `{word}`", path.display());
            }
        }
    }
}
