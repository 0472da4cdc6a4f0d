//! Assignments against entitlement: each decision of a rotation entitles every eligible agent of
//! the list to the same part of it.

use crate::ids::ChatflowId;

/// What one slot of a list got and was entitled to.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct SlotSums {
    /// Assignments by the rotation.
    pub assigned: u64,
    /// Entitled assignments: the sum over decisions of 1 / number eligible.
    pub entitled: f64,
    /// The sum over decisions of p(1 − p) with p = 1 / number eligible: the variance that drawing
    /// lots would have.
    pub variance: f64,
}

/// The fairness of one chatflow's rotation.
#[derive(Clone, Debug)]
pub struct FairnessSums {
    /// Entitlement of anybody who was eligible at every decision so far.
    total: SlotSums,
    slots: Vec<SlotSums>,
    /// For each slot that is eligible, `total` when it became so.
    since: Vec<Option<SlotSums>>,
}

impl FairnessSums {
    /// With every slot eligible.
    #[must_use]
    pub fn new(slots: usize) -> Self {
        Self {
            total: SlotSums::default(),
            slots: vec![SlotSums::default(); slots],
            since: vec![Some(SlotSums::default()); slots],
        }
    }

    /// A decision of the rotation for `slot`, with so many eligible.
    #[inline]
    pub fn assigned(&mut self, slot: usize, eligible: u32) {
        let p = 1.0 / f64::from(eligible);
        self.total.entitled += p;
        self.total.variance += p * (1.0 - p);
        self.slots[slot].assigned += 1;
    }

    /// A slot becomes eligible or ceases to be. Cost does not depend on how many decisions there
    /// were: the entitlement of all eligible slots grows in one running sum.
    pub fn set_eligible(&mut self, slot: usize, eligible: bool) {
        match (self.since[slot].take(), eligible) {
            (None, true) => self.since[slot] = Some(self.total),
            (None, false) => {}
            (Some(since), true) => self.since[slot] = Some(since),
            (Some(since), false) => {
                self.slots[slot].entitled += self.total.entitled - since.entitled;
                self.slots[slot].variance += self.total.variance - since.variance;
            }
        }
    }

    /// The sums of all slots, with the entitlement up to now.
    #[must_use]
    pub fn finish(mut self) -> Vec<SlotSums> {
        for slot in 0..self.slots.len() {
            self.set_eligible(slot, false);
        }
        self.slots
    }
}

/// Watches I-7: while nobody comes or goes, the ring takes everybody once before anybody
/// twice.
#[derive(Clone, Debug)]
pub(super) struct RingLaw {
    chatflow: ChatflowId,
    /// Picks since the eligible set changed last.
    picks: u64,
    /// The number of picks at which the eligible set changed last, over the whole run.
    epoch: u64,
    /// For each slot the epoch and the number of its last pick.
    last: Vec<(u64, u64)>,
}

impl RingLaw {
    pub(super) fn new(chatflow: ChatflowId, slots: usize) -> Self {
        Self { chatflow, picks: 0, epoch: 1, last: vec![(0, 0); slots] }
    }

    pub(super) fn changed(&mut self) {
        self.epoch += 1;
        self.picks = 0;
    }

    /// A pick of the ring; what is wrong with it, if anything is.
    pub(super) fn picked(&mut self, slot: usize, eligible: u32) -> Result<(), String> {
        self.picks += 1;
        let (epoch, pick) = std::mem::replace(&mut self.last[slot], (self.epoch, self.picks));
        if epoch == self.epoch && self.picks - pick != u64::from(eligible) {
            return Err(format!(
                "I-7: the ring of {:?} came back to slot {slot} after {} picks with {eligible} eligible",
                self.chatflow,
                self.picks - pick
            ));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entitlement_is_shared_among_those_who_are_eligible_at_each_decision() {
        let mut sums = FairnessSums::new(3);
        sums.assigned(0, 3);
        sums.assigned(1, 3);
        sums.set_eligible(2, false);
        sums.assigned(0, 2);
        sums.set_eligible(2, true);
        sums.assigned(2, 3);
        let slots = sums.finish();
        let entitled: Vec<f64> = slots.iter().map(|s| s.entitled).collect();
        // Three decisions among three and, without the third, one among two.
        for (got, expected) in entitled.iter().zip([1.5, 1.5, 1.0]) {
            assert!((got - expected).abs() < 1e-12, "{entitled:?}");
        }
        let variance = [2.0 / 3.0 + 0.25, 2.0 / 3.0 + 0.25, 2.0 / 3.0];
        for (slot, expected) in slots.iter().zip(variance) {
            assert!((slot.variance - expected).abs() < 1e-12, "{slot:?}");
        }
        assert_eq!(slots.iter().map(|s| s.assigned).collect::<Vec<_>>(), [2, 1, 1]);
    }

    #[test]
    fn the_ring_law_is_broken_by_coming_back_early_or_late() {
        let mut law = RingLaw::new(ChatflowId::new(0), 3);
        for slot in [0, 1, 2, 0] {
            assert_eq!(law.picked(slot, 3), Ok(()));
        }
        assert!(law.picked(0, 3).is_err(), "at once");
        let mut law = RingLaw::new(ChatflowId::new(0), 3);
        for slot in [0, 1, 1] {
            let _ = law.picked(slot, 3);
        }
        law.changed();
        assert_eq!(law.picked(1, 2), Ok(()), "after a change anybody may be next");
    }
}
