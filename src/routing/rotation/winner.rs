//! The smallest of many keys, kept up to date: a winner tree (Knuth, *The Art of Computer
//! Programming*, vol. 3, 5.4.1). Changing a key costs one comparison for each doubling of the
//! number of slots, finding the smallest the same.

/// The key of a slot that does not compete.
pub(super) const ABSENT: u64 = u64::MAX;

/// A winner tree over the keys of slots.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct WinnerTree {
    /// `nodes[1]` is the root, the children of `i` are `2i` and `2i + 1`, the leaves are the slots.
    nodes: Vec<u64>,
    leaves: usize,
}

impl WinnerTree {
    /// Nobody competes.
    pub(super) fn new(slots: usize) -> Self {
        let leaves = slots.next_power_of_two();
        Self { nodes: vec![ABSENT; 2 * leaves], leaves }
    }

    /// Changes a key.
    pub(super) fn set(&mut self, slot: usize, key: u64) {
        let mut node = self.leaves + slot;
        self.nodes[node] = key;
        while node > 1 {
            node /= 2;
            let smaller = self.nodes[2 * node].min(self.nodes[2 * node + 1]);
            if self.nodes[node] == smaller {
                break;
            }
            self.nodes[node] = smaller;
        }
    }

    /// The first slot with the smallest key.
    pub(super) fn winner(&self) -> Option<usize> {
        let smallest = self.nodes[1];
        if smallest == ABSENT {
            return None;
        }
        let mut node = 1;
        while node < self.leaves {
            node = 2 * node + usize::from(self.nodes[2 * node] != smallest);
        }
        Some(node - self.leaves)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_winner_is_the_first_of_the_smallest(
            slots in 1_usize..70,
            changes in prop::collection::vec((any::<prop::sample::Index>(), prop_oneof![0_u64..5, Just(ABSENT)]), 1..200),
        ) {
            let mut tree = WinnerTree::new(slots);
            let mut plain = vec![ABSENT; slots];
            for (slot, key) in changes {
                let slot = slot.index(slots);
                tree.set(slot, key);
                plain[slot] = key;
                let expected = (0..slots).filter(|s| plain[*s] != ABSENT).min_by_key(|s| plain[*s]);
                prop_assert_eq!(tree.winner(), expected);
            }
        }
    }
}
