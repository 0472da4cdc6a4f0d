//! Lots: the eligible slot number ⌊lot · eligible⌋ in slot order. No state.

use crate::routing::eligible::SlotSet;

#[inline]
pub(super) fn pick(eligible: &SlotSet, lot: f64) -> Option<usize> {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a lot is in [0, 1), so the product is in [0, 2^32)"
    )]
    let number = (lot * f64::from(eligible.len())) as u32;
    // A lot of exactly 1, which callers should not send, is taken for the last slot.
    eligible.nth(number.min(eligible.len().saturating_sub(1)))
}
