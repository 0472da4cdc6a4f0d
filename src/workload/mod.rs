//! How people behave: when visitors come, what they are and want, how agents work and when they
//! are away. This module draws; it decides nothing about routing and does not know that routing
//! exists, so people behave the same under every policy. That is what makes comparisons fair.

mod arrivals;
mod habits;
mod owners;
mod profiles;
mod visitors;

pub use arrivals::{ArrivalModel, Arrivals, Busyness};
pub use habits::{Absence, AwayHabit, AwayPlan, AwayTime, Habits};
pub use owners::OwnerShares;
pub use profiles::Profile;
pub use visitors::{Conduct, ContactFacts, Visitor, VisitorModel};
