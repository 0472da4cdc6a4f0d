//! THE ENGINE: who gets a chat. No clock, no randomness, no files; it is told what happened
//! ([`Input`]) and answers what to do ([`Answer`]). Anything that depends on time reaches it as an
//! input from whoever owns the clock: the simulator here, a timer in a service.
//!
//! The rules come from a help page of 2018 on how chats are routed to a sales team. In order, with
//! what the page says in our words and where the rule lives:
//!
//! | rule | what it says | where |
//! |---|---|---|
//! | R-1 … R-4 | office hours, away and connection make an agent online; who is online and has room is eligible | [`Presence`] |
//! | R-5 | a chatflow may have hours of its own | [`Input::ChatflowHours`] |
//! | R-10 | the list names agents and teams: one flat list, slots within slots, or an order of preference | [`Targets`] |
//! | R-11, R-12 | ten ways to say who is next; who was skipped waits for the turn to come round | [`RotationPolicy`] |
//! | R-13 … R-17 | what a rotation remembers, what moves it, and what editing the list does to it | [`Memory`] |
//! | R-18, R-19 | fair while nobody comes or goes; no slower with more agents | [`SlotSet`] |
//! | R-20 … R-22 | box ticked and the visitor owned: the owner if online, else an email to the owner | [`VisitorFacts`] |
//! | R-23 | the widget shows the owner's face, online or not | [`Answer::Greeted`] |
//! | R-30 … R-33 | nobody can take it: an email lead, the queue, somebody all the same, or nobody | [`NobodyAction`] |
//! | R-34 | those who wait are served in order of arrival | [`QueueSettings`] |
//! | R-40 … R-47 | replies to agents who are gone, and chats without an answer, move on | [`ReassignedReason`] |
//! | R-48, R-49 | writing again to what is closed, and to what is open | [`Reopen`], [`Message`] |
//!
//! Where a rule leaves something open, [`readings`] says how it is read. A second implementation of
//! all of it, [`Naive`], written from the rules alone and without any cleverness, follows the engine
//! through millions of random inputs in the tests.
//!
//! ```
//! use routelab::ids::{AgentId, ChatflowId, ConversationId};
//! use routelab::routing::*;
//!
//! let setup = Setup {
//!     agents: vec![AgentSettings::default(); 2],
//!     teams: vec![vec![AgentId::new(0), AgentId::new(1)]],
//!     chatflows: vec![ChatflowSettings {
//!         route_to: vec![Target::Agent(AgentId::new(0)), Target::Agent(AgentId::new(1))],
//!         ..ChatflowSettings::default()
//!     }],
//! };
//! let mut engine = Engine::new(&setup);
//! let mut answers = Vec::new();
//! engine.apply(&Input::Presence(AgentId::new(0), PresenceChange::Away), &mut answers);
//! let message = Message {
//!     conversation: ConversationId::new(0),
//!     chatflow: ChatflowId::new(0),
//!     writer: None,
//!     visitor: VisitorFacts::default(),
//!     leaves_email: true,
//!     lot: 0.5,
//! };
//! engine.apply(&Input::Message(message), &mut answers);
//! let Answer::Decided(decision) = answers[0] else { panic!("a message is decided") };
//! assert_eq!(decision.outcome, Outcome::Assigned(AssignedReason::Rotation));
//! assert_eq!(decision.agent, Some(AgentId::new(1)));
//! ```

mod conversations;
mod decision;
mod eligible;
mod engine;
mod flow;
mod input;
mod naive;
mod ownership;
mod presence;
mod roster;
mod rotation;
mod settings;

#[doc = include_str!("readings.md")]
pub mod readings {}

#[cfg(test)]
mod agreement;
#[cfg(test)]
mod stories;

pub use decision::{
    Answer, AssignedReason, Decision, EmailReason, KeptReason, Outcome, QueuedReason,
    ReassignedReason, RefusedReason,
};
pub use eligible::SlotSet;
pub use engine::Engine;
pub use input::{Input, Message};
pub use naive::Naive;
pub use ownership::VisitorFacts;
pub use presence::{Presence, PresenceChange};
pub use roster::{Membership, Memberships};
pub use settings::{
    AgentSettings, AtClose, ChatflowSettings, Drain, EmailLeads, HoursActAs, LeadRecipients,
    LeadRotation, Memory, NobodyAction, OrphanAction, OwnerOffline, QueueFull, QueueSettings,
    QueueTimeout, ReassignNone, ReassignTo, Reopen, ReturnerWeight, RotationPolicy, Setup,
    SetupError, Target, Targets,
};
