//! The command line: what can be typed, then what it means. One file a command.

mod check;
mod exit;
mod output;
mod route;
mod run;

use clap::{Parser, Subcommand};

use crate::experiment::panic_message;

pub use exit::Exit;

/// A simulator for chat routing: who gets which chat, how fast visitors are answered, how much
/// becomes email.
#[derive(Debug, Parser)]
#[command(name = "routelab", version, arg_required_else_help = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Simulate scenarios, write their results, and judge their thresholds.
    Run(run::RunArguments),
    /// Read and check scenarios without simulating: all mistakes at once, then warnings.
    Check(check::CheckArguments),
    /// Feed events through the routing engine alone and print its decisions.
    Route(route::RouteArguments),
}

/// Parses the command line of this process, runs the command, and says how it ended. What a user
/// got wrong has been printed by then.
#[must_use]
pub fn main() -> Exit {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // Help and version are no mistakes; printing to a closed pipe is nobody's.
            let _ = error.print();
            return if error.use_stderr() { Exit::Usage } else { Exit::Done };
        }
    };
    // What panics is told once, in our own words, and not by the default hook as well.
    std::panic::set_hook(Box::new(|_| {}));
    let result = std::panic::catch_unwind(|| match arguments.command {
        Command::Run(arguments) => run::run(&arguments),
        Command::Check(arguments) => check::check(&arguments),
        Command::Route(arguments) => route::route(&arguments),
    });
    result.unwrap_or_else(|panic| {
        output::tell(&format!(
            "error: a bug of routelab, not of yours: {}\n  please report it with the command line and the files that lead to it",
            panic_message(panic.as_ref())
        ));
        Exit::Bug
    })
}
