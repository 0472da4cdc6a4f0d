//! Round robin: the scan begins at the slot after the pointer and wraps once; the first eligible
//! slot wins and the pointer moves to it. Who was skipped waits for the ring to come round.

use crate::routing::eligible::SlotSet;

/// The pointer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Ring {
    last_winner: Option<usize>,
}

impl Ring {
    pub(super) const fn new() -> Self {
        Self { last_winner: None }
    }

    #[inline]
    pub(super) fn pick(&mut self, eligible: &SlotSet) -> Option<usize> {
        let winner = eligible.next_after(self.last_winner)?;
        self.last_winner = Some(winner);
        Some(winner)
    }
}
