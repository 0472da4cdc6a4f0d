//! Parses the command line, runs one command, turns an error into a message and an exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(routelab::cli::main().code())
}
