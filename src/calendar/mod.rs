//! Civil time to simulated time, and back.
//!
//! People keep hours by the clock on their wall; a simulation counts milliseconds. Everything that
//! knows about zones, clocks put forward and back, weekdays and days off is here, and what comes
//! out is plain: instants, and intervals of instants compiled before the run.
//!
//! ```text
//!   Zone ──► Origin ◄──► SimTime       when is it nine there? what does the clock show?
//!     │        ├───────► civil_slots   the half-hours of the run's own calendar
//!     │        ▼
//!     └► OfficeHours ──► Schedule      open at t? next change after t? open time from a to b?
//!              └───────► WorkingDay    the same, a civil day at a time
//! ```
//!
//! Two awkward cases have names. In a **gap** the clocks skip civil times (spring); in a **fold**
//! they show them twice (autumn). Zone data is compiled in: the machine's own is never read,
//! because two machines would then not get the same figures.

mod hours;
mod origin;
mod schedule;
mod slots;
mod zone;

#[cfg(test)]
mod tests;

pub use hours::{
    OfficeHours, WeeklyHours, Window, WindowError, WorkingDay, parse_clock, parse_weekdays,
};
pub use origin::{CivilSpan, Local, Origin, OutOfRange};
pub use schedule::Schedule;
pub use slots::{Slot, civil_slots};
pub use zone::Zone;

/// Milliseconds of a minute.
const MINUTE_MS: i64 = 60_000;

/// Milliseconds of a civil day on which no clock is changed.
const DAY_MS: i64 = 24 * 60 * MINUTE_MS;

/// Minutes of such a day; as a time of day, `24:00`.
const DAY_MINUTES: u16 = 24 * 60;

/// The weekday, 0 = Monday, of the civil day `day` days after 1 January 1970, which was a Thursday.
fn weekday_of(day: i64) -> usize {
    usize::try_from((day + 3).rem_euclid(7)).expect("a remainder of seven is not negative")
}
