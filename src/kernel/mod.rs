//! Simulated time moves here and only here.
//!
//! Events at the same instant are ordered by rank ([`Event::rank`]), those of one rank by the order
//! in which they were scheduled. The kernel does not know what is measured: it tells facts to a
//! [`crate::trace::Recorder`].

mod agenda;
mod conversation;
mod desk;
mod event;
mod simulation;
mod visits;
mod working;
mod world;

pub use agenda::Agenda;
pub use event::Event;
pub use simulation::{WorkCounters, simulate};
pub use world::{Period, Timeframe, World};
