//! Active, connected, in hours, away, reassign replies: what the engine is told of
//! an agent, and who counts as online.

/// What happens to an agent's presence. The engine does not know when; whoever owns the clock does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PresenceChange {
    /// The office hours begin.
    EnterHours,
    /// The office hours end.
    LeaveHours,
    /// The away toggle is set.
    Away,
    /// The away toggle is cleared.
    Back,
    /// The reassign-replies toggle is set.
    ReassignOn,
    /// The reassign-replies toggle is cleared.
    ReassignOff,
    /// The connection is there.
    Connect,
    /// The connection is lost.
    Disconnect,
    /// The agent joins the account.
    Activate,
    /// The agent leaves the account.
    Deactivate,
}

/// An agent's presence: five independent flags.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Presence(u8);

const ACTIVE: u8 = 1;
const CONNECTED: u8 = 2;
const IN_HOURS: u8 = 4;
const AWAY: u8 = 8;
const REASSIGN: u8 = 16;

impl Presence {
    /// Active, connected, in hours, not away: how every agent begins.
    pub const INITIAL: Self = Self(ACTIVE | CONNECTED | IN_HOURS);

    /// The presence after a change. Telling what is already so changes nothing.
    #[must_use]
    pub const fn after(self, change: PresenceChange) -> Self {
        Self(match change {
            PresenceChange::EnterHours => self.0 | IN_HOURS,
            PresenceChange::LeaveHours => self.0 & !IN_HOURS,
            PresenceChange::Away => self.0 | AWAY,
            PresenceChange::Back => self.0 & !AWAY,
            PresenceChange::ReassignOn => self.0 | REASSIGN,
            PresenceChange::ReassignOff => self.0 & !REASSIGN,
            PresenceChange::Connect => self.0 | CONNECTED,
            PresenceChange::Disconnect => self.0 & !CONNECTED,
            PresenceChange::Activate => self.0 | ACTIVE,
            PresenceChange::Deactivate => self.0 & !ACTIVE,
        })
    }

    /// active, not away, in hours and connected.
    #[must_use]
    #[inline]
    pub const fn online(self) -> bool {
        self.0 & (ACTIVE | CONNECTED | IN_HOURS | AWAY) == ACTIVE | CONNECTED | IN_HOURS
    }

    /// Belongs to the account.
    #[must_use]
    #[inline]
    pub const fn active(self) -> bool {
        self.0 & ACTIVE != 0
    }

    /// The away toggle is set.
    #[must_use]
    #[inline]
    pub const fn away(self) -> bool {
        self.0 & AWAY != 0
    }

    /// The reassign-replies toggle is set.
    #[must_use]
    #[inline]
    pub const fn reassign_replies(self) -> bool {
        self.0 & REASSIGN != 0
    }

    /// The office hours say so.
    #[must_use]
    #[inline]
    pub const fn in_hours(self) -> bool {
        self.0 & IN_HOURS != 0
    }

    /// The connection is there.
    #[must_use]
    #[inline]
    pub const fn connected(self) -> bool {
        self.0 & CONNECTED != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use PresenceChange as Change;

    #[test]
    fn any_one_reason_to_be_gone_is_enough() {
        for (gone, there) in [
            (Change::LeaveHours, Change::EnterHours),
            (Change::Away, Change::Back),
            (Change::Disconnect, Change::Connect),
            (Change::Deactivate, Change::Activate),
        ] {
            let presence = Presence::INITIAL.after(gone);
            assert!(!presence.online(), "{gone:?}");
            assert!(presence.after(there).online(), "{there:?}");
        }
    }

    #[test]
    fn reassign_replies_survives_coming_back_and_alone_changes_nothing() {
        let presence = Presence::INITIAL.after(Change::ReassignOn);
        assert!(presence.online());
        let presence = presence.after(Change::Away).after(Change::Back);
        assert!(presence.online() && presence.reassign_replies());
    }
}
