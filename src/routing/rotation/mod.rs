//! who among the eligible slots is next. One file a policy; the closed enum that holds them.

mod random;
mod ring;

use super::eligible::SlotSet;
use super::settings::RotationPolicy;

use ring::Ring;

/// A rotation and its state.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Rotation {
    /// Round robin.
    Ring(Ring),
    /// Lots.
    Random,
}

impl Rotation {
    /// A rotation that has not picked anybody yet.
    #[must_use]
    pub(super) const fn new(policy: RotationPolicy) -> Self {
        match policy {
            RotationPolicy::Ring => Self::Ring(Ring::new()),
            RotationPolicy::Random => Self::Random,
        }
    }

    /// Picks an eligible slot and moves on; without one it changes nothing. `lot` is the
    /// number in `[0, 1)` that came with the input.
    #[inline]
    pub(super) fn pick(&mut self, eligible: &SlotSet, lot: f64) -> Option<usize> {
        match self {
            Self::Ring(ring) => ring.pick(eligible),
            Self::Random => random::pick(eligible, lot),
        }
    }
}
