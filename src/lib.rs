//! routelab is a laboratory for chat routing. It pushes synthetic or recorded visitors through a
//! real routing engine in simulated time and tells who got what, how fast visitors were answered,
//! and how much became email.
//!
//! # The story of one message
//!
//! ```text
//!  scenarios/NAME.toml                                     seed
//!         │ scenario (read, check)                           │ random
//!         ▼                                                  ▼
//!     Scenario ───────────► kernel::simulate ◄──────── named streams
//!                               │        ▲
//!                   next Event  │        │ schedule
//!                               ▼        │
//!         calendar ──hours──►  the loop  ◄──who? how long?── workload
//!                               │        ▲
//!                   Input       ▼        │ Decision
//!                          routing::Engine
//!                               │
//!                   Observation ▼ stamped with its time, once
//!                        trace::Recorder ──► measures ──► Summary (one replication)
//!                                                            │ experiment, in order of numbers
//!                                                            ▼
//!                                                         Results ──► report ──► reports/NAME/*
//! ```
//!
//! 1. The agenda yields that a visitor arrives; the first thing that follows is the next arrival.
//! 2. [`workload`] draws this visitor from the visitor's own stream: facts only. That a visitor must
//!    be known, owned *and* tracked to count as owned is a rule and lives in [`routing`].
//! 3. The kernel writes an [`routing::Input`]; [`routing::Engine::apply`] answers with a decision.
//! 4. The kernel tells it as an [`trace::Observation`] to whoever records, and schedules what
//!    follows: the work on the agent's desk, the visitor's next message, the end of patience.
//! 5. Presence moves by itself: hours and absences come off the same agenda and become inputs.
//! 6. In the end the open conversations are told as open, and the recorders turn into a
//!    [`measures::Summary`].
//! 7. [`experiment`] gathers summaries in order of their numbers, so that the number of threads
//!    cannot show.
//!
//! Events are in the present tense, observations in the past, inputs are commands: the grammar
//! tells you where you are.
//!
//! # Order at one instant
//!
//! Simulated time is whole milliseconds. What happens at the same instant happens by rank: presence
//! and hours first, then agents' work, then visitors, then timers, then arrivals; within a rank in
//! the order of scheduling. A 9:00 visitor finds the 9:00 office open.
//!
//! # What is not here
//!
//! - [`routing`] has no `now`. A rule that depends on time reaches it as an input.
//! - [`kernel`] does not know [`measures`]; it knows [`trace::Recorder`]. A new measure never
//!   touches the loop.
//! - [`workload`] does not know [`routing`]: people behave the same under every policy, which is what
//!   makes comparisons fair.
//! - Serialisation appears at the edges ([`experiment`]'s parts and manifest, [`report`]), never in
//!   core types.
//! - The wall clock is read by the progress bar and for `perf.json`, nowhere else.
//! - Inside one replication there is one thread: parallelism is over replications.
//!
//! Modules are declared below in the order in which they are best read.

pub mod ids;
pub mod time;

pub mod stats;

pub mod diagnostic;

pub mod random;

pub mod routing;

pub mod calendar;

pub mod workload;

pub mod trace;

pub mod scenario;

pub mod measures;

pub mod kernel;

pub mod experiment;

pub mod report;

pub mod cli;
