//! Small numbers that name things and cannot be mixed up, and closed lists of names.
//!
//! Every id is an index into a table that its owner keeps: agents in file order, conversations in
//! whatever slots the caller of the engine hands out. They are four bytes, `Copy`, and of different
//! types, so that passing a team where an agent is wanted does not compile.

/// Declares an enum that is a closed list of names: every variant with its text, all of them in
/// order as `ALL`, `name` and back by `named`.
macro_rules! closed_list {
    ($(#[$meta:meta])* $name:ident { $($(#[$variant_meta:meta])* $variant:ident = $text:literal),* $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub enum $name {
            $($(#[$variant_meta])* $variant,)*
        }

        impl $name {
            /// All of them, in order.
            pub const ALL: [Self; [$($text),*].len()] = [$(Self::$variant),*];

            /// Its name in files and options.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)*
                }
            }

            /// The one of this name.
            #[must_use]
            pub fn named(name: &str) -> Option<Self> {
                Self::ALL.into_iter().find(|entry| entry.name() == name)
            }
        }
    };
}
pub(crate) use closed_list;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub struct $name(u32);

        impl $name {
            /// The id of the `index`-th entry of its table.
            ///
            /// # Panics
            ///
            /// If `index` does not fit into 32 bits.
            #[must_use]
            #[inline]
            pub fn new(index: usize) -> Self {
                Self(u32::try_from(index).expect("tables hold fewer than 2^32 entries"))
            }

            /// The place in its table.
            #[must_use]
            #[inline]
            pub const fn index(self) -> usize {
                self.0 as usize
            }
        }
    };
}

id! {
    /// A person who answers.
    AgentId
}
id! {
    /// A named, ordered set of agents.
    TeamId
}
id! {
    /// What a visitor writes into, with its Routing tab.
    ChatflowId
}
id! {
    /// A visitor the contacts database knows, or one that writes more than once.
    ContactId
}
id! {
    /// One exchange from first visitor message to close.
    ConversationId
}
id! {
    /// A source of visitors: one `[[traffic]]` table.
    TrafficId
}
