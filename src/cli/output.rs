//! Where words go: results to stdout, everything else to stderr, colour only to those who see it.

use std::io::Write;

use clap::ValueEnum;
use serde_json::Value;

use crate::diagnostic::{Diagnostic, exit_code, render_human};

use super::exit::Exit;

/// `--format`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(super) enum Format {
    /// For people.
    Human,
    /// For programs.
    Json,
}

/// Results. A reader who has gone, as `| head` does, is no error.
pub(super) fn say(text: &str) {
    let _ = anstream::stdout().write_all(text.as_bytes());
}

/// Results for programs.
pub(super) fn say_json(value: &Value) {
    let mut text = serde_json::to_string_pretty(value).expect("plain data is always JSON");
    text.push('\n');
    say(&text);
}

/// Anything that is no result.
pub(super) fn tell(text: &str) {
    let _ = writeln!(anstream::stderr(), "{text}");
}

/// Diagnostics for people, and the exit that they call for.
pub(super) fn tell_diagnostics(diagnostics: &[Diagnostic]) -> Exit {
    if !diagnostics.is_empty() {
        tell(render_human(diagnostics, true).trim_end());
    }
    exit_of(diagnostics)
}

/// The exit that diagnostics call for.
pub(super) fn exit_of(diagnostics: &[Diagnostic]) -> Exit {
    match exit_code(diagnostics) {
        0 => Exit::Done,
        66 => Exit::Missing,
        _ => Exit::Invalid,
    }
}
