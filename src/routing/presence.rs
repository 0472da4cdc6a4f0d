//! Active, connected, in hours, away, reassign replies: what the engine is told of
//! an agent, and who counts as online.

use super::settings::HoursActAs;

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

/// An agent's presence: five independent flags, and what the office hours do to them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Presence(u8);

const ACTIVE: u8 = 1;
const CONNECTED: u8 = 2;
const IN_HOURS: u8 = 4;
const AWAY: u8 = 8;
const REASSIGN: u8 = 16;
/// the hours act as a switch.
const SWITCH: u8 = 32;

impl Presence {
    /// Active, connected, in hours, not away: how every agent begins.
    #[must_use]
    pub const fn new(hours_act_as: HoursActAs) -> Self {
        let switch = match hours_act_as {
            HoursActAs::Gate => 0,
            HoursActAs::Switch => SWITCH,
        };
        Self(ACTIVE | CONNECTED | IN_HOURS | switch)
    }

    /// The presence after a change. Telling what is already so changes nothing, but that R-4's
    /// switch sets away off and on at every boundary.
    #[must_use]
    pub const fn after(self, change: PresenceChange) -> Self {
        let switch = self.0 & SWITCH != 0;
        Self(match change {
            PresenceChange::EnterHours if switch => (self.0 | IN_HOURS) & !AWAY,
            PresenceChange::LeaveHours if switch => (self.0 & !IN_HOURS) | AWAY,
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

    /// active, not away, in hours and connected; under R-4's switch whether in hours or not.
    #[must_use]
    #[inline]
    pub const fn online(self) -> bool {
        let there = self.0 & (ACTIVE | CONNECTED | AWAY) == ACTIVE | CONNECTED;
        there && self.0 & (IN_HOURS | SWITCH) != 0
    }

    /// Active and in hours, there or not.
    #[must_use]
    #[inline]
    pub const fn staffs(self) -> bool {
        self.0 & (ACTIVE | IN_HOURS) == ACTIVE | IN_HOURS
    }

    /// gone because the hours are over. Under R-4's switch the hours only set away.
    #[must_use]
    #[inline]
    pub const fn out_of_hours(self) -> bool {
        self.0 & (IN_HOURS | SWITCH) == 0
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
            let presence = Presence::new(HoursActAs::Gate).after(gone);
            assert!(!presence.online(), "{gone:?}");
            assert!(presence.after(there).online(), "{there:?}");
        }
    }

    #[test]
    fn reassign_replies_survives_coming_back_and_alone_changes_nothing() {
        let presence = Presence::new(HoursActAs::Gate).after(Change::ReassignOn);
        assert!(presence.online());
        let presence = presence.after(Change::Away).after(Change::Back);
        assert!(presence.online() && presence.reassign_replies());
    }
}
