//! THE ENGINE: who gets a chat. No clock, no randomness, no files; it is told what happened
//! ([`Input`]) and answers what to do ([`Answer`]). Anything that depends on time reaches it as an
//! input from whoever owns the clock: the simulator here, a timer in a service.
//!
//! The rules come from a help page of 2018 on how chats are routed to a sales team. In order, with
//! what the page says in our words and where the rule lives:
//!
//! | rule | what it says | where |
//! |---|---|---|
//! | R-1 … R-3 | office hours, away and connection make an agent online; who is online is eligible | [`Presence`] |
//! | R-10 | the list names agents and teams; an agent counts once, at the first place | `roster` |
//! | R-11, R-12 | round robin over who is online; who was skipped waits for the ring to come round | `rotation` |
//! | R-14, R-15, R-17 | owners do not move the pointer, reassignments do, closing does not | [`Engine`] |
//! | R-18, R-19 | fair while nobody comes or goes; no slower with more agents | `eligible` |
//! | R-20 … R-22 | box ticked and the visitor owned: the owner if online, else an email to the owner | [`VisitorFacts`] |
//! | R-23 | the widget shows the owner's face, online or not | [`Answer::Greeted`] |
//! | R-30, R-32, R-33 | nobody online: an email lead goes round the active agents | [`EmailReason`] |
//! | R-40 … R-46 | a reply to an agent who is away and wants replies reassigned moves on | [`ReassignedReason`] |
//! | R-49 | one open conversation per visitor and chatflow | [`Message`] |
//!
//! ```
//! use routelab::ids::{AgentId, ChatflowId, ConversationId};
//! use routelab::routing::*;
//!
//! let setup = Setup {
//!     agents: 2,
//!     teams: vec![vec![AgentId::new(0), AgentId::new(1)]],
//!     chatflows: vec![ChatflowSettings {
//!         route_to: vec![Target::Agent(AgentId::new(0)), Target::Agent(AgentId::new(1))],
//!         ..ChatflowSettings::default()
//!     }],
//! };
//! let mut engine = Engine::new(&setup);
//! let mut answers = Vec::new();
//! engine.apply(Input::Presence(AgentId::new(0), PresenceChange::Away), &mut answers);
//! let message = Message {
//!     conversation: ConversationId::new(0),
//!     chatflow: ChatflowId::new(0),
//!     writer: None,
//!     visitor: VisitorFacts::default(),
//!     leaves_email: true,
//!     lot: 0.5,
//! };
//! engine.apply(Input::Message(message), &mut answers);
//! let Answer::Decided(decision) = answers[0] else { panic!("a message is decided") };
//! assert_eq!(decision.outcome, Outcome::Assigned(AssignedReason::Rotation));
//! assert_eq!(decision.agent, Some(AgentId::new(1)));
//! ```

mod conversations;
mod decision;
mod eligible;
mod engine;
mod ownership;
mod presence;
mod roster;
mod rotation;
mod settings;
#[cfg(test)]
mod stories;

pub use decision::{
    Answer, AssignedReason, Decision, EmailReason, KeptReason, Outcome, QueuedReason,
    ReassignedReason, RefusedReason,
};
pub use eligible::SlotSet;
pub use engine::{Engine, Input, Message};
pub use ownership::VisitorFacts;
pub use presence::{Presence, PresenceChange};
pub use roster::{Membership, Memberships};
pub use settings::{ChatflowSettings, EmailLeads, LeadRecipients, RotationPolicy, Setup, Target};
