//! Assignments against entitlement: each decision of a rotation entitles every eligible agent of
//! the list to the same part of it.

use crate::ids::ChatflowId;

/// What one slot of a list got and was entitled to.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct SlotSums {
    /// Assignments by the rotation.
    pub assigned: u64,
    /// Entitled assignments: the sum over decisions of 1 / number eligible, or by weight.
    pub entitled: f64,
    /// The sum over decisions of p(1 − p), p being the part entitled to: the variance that drawing
    /// lots would have.
    pub variance: f64,
}

/// What an agent of weight 1 would have been entitled to at every decision so far, and the sum of
/// its squares.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
struct Unit {
    part: f64,
    square: f64,
}

/// The fairness of one chatflow's rotation. Where weights are set a decision is shared by weight.
#[derive(Clone, Debug)]
pub struct FairnessSums {
    total: Unit,
    weights: Vec<u32>,
    /// The sum of the weights of those who are eligible.
    weight: u64,
    slots: Vec<SlotSums>,
    /// For each slot that is eligible, `total` when it became so.
    since: Vec<Option<Unit>>,
}

impl FairnessSums {
    /// With every slot eligible; one weight for each.
    #[must_use]
    pub fn new(weights: Vec<u32>) -> Self {
        let slots = weights.len();
        Self {
            total: Unit::default(),
            weight: weights.iter().copied().map(u64::from).sum(),
            weights,
            slots: vec![SlotSums::default(); slots],
            since: vec![Some(Unit::default()); slots],
        }
    }

    /// A decision of the rotation for `slot`, among those who are eligible.
    #[inline]
    pub fn assigned(&mut self, slot: usize) {
        let part = 1.0 / self.weight as f64;
        self.total.part += part;
        self.total.square += part * part;
        self.slots[slot].assigned += 1;
    }

    /// A slot becomes eligible or ceases to be. Cost does not depend on how many decisions there
    /// were: the entitlement of all eligible slots grows in one running sum.
    pub fn set_eligible(&mut self, slot: usize, eligible: bool) {
        let weight = f64::from(self.weights[slot]);
        match (self.since[slot].take(), eligible) {
            (None, true) => {
                self.weight += u64::from(self.weights[slot]);
                self.since[slot] = Some(self.total);
            }
            (None, false) => {}
            (Some(since), true) => self.since[slot] = Some(since),
            (Some(since), false) => {
                self.weight -= u64::from(self.weights[slot]);
                // p = weight · part, and p(1 − p) is the variance that drawing lots would have.
                let entitled = weight * (self.total.part - since.part);
                let squares = weight * weight * (self.total.square - since.square);
                self.slots[slot].entitled += entitled;
                self.slots[slot].variance += entitled - squares;
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
        let mut sums = FairnessSums::new(vec![1; 3]);
        sums.assigned(0);
        sums.assigned(1);
        sums.set_eligible(2, false);
        sums.assigned(0);
        sums.set_eligible(2, true);
        sums.assigned(2);
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
    fn entitlement_is_shared_by_weight_where_there_are_weights() {
        let mut sums = FairnessSums::new(vec![3, 1, 4]);
        sums.assigned(0);
        sums.set_eligible(2, false);
        sums.assigned(0);
        let slots = sums.finish();
        // 3, 1 and 4 of 8, then 3 and 1 of 4.
        let expected = [
            (0.375 + 0.75, 0.375 * 0.625 + 0.75 * 0.25),
            (0.125 + 0.25, 0.125 * 0.875 + 0.25 * 0.75),
            (0.5, 0.25),
        ];
        for (slot, (entitled, variance)) in slots.iter().zip(expected) {
            assert!((slot.entitled - entitled).abs() < 1e-12, "{slot:?}");
            assert!((slot.variance - variance).abs() < 1e-12, "{slot:?}");
        }
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
