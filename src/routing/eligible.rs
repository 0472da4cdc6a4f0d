//! The set of eligible slots of a list: a hierarchical bitmap with next-after-a-place.
//!
//! The lowest level has one bit a slot; a bit of a higher level says that the word below it is not
//! empty. With three levels, a list of 262,144 slots, finding the next eligible slot looks at no
//! more than five words, whoever is online. A Fenwick tree over the lowest words finds the n-th.

const BITS: usize = u64::BITS as usize;

/// A set of slots of one list.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SlotSet {
    /// `levels[0]` has a bit for each slot, `levels[l + 1]` one for each word of `levels[l]`.
    levels: Vec<Vec<u64>>,
    /// Fenwick tree: members in ranges of words of the lowest level.
    counts: Vec<u32>,
    len: u32,
}

impl SlotSet {
    /// The empty set over `slots` slots.
    #[must_use]
    pub fn new(slots: usize) -> Self {
        let mut levels = Vec::new();
        let mut width = slots;
        loop {
            width = width.div_ceil(BITS).max(1);
            levels.push(vec![0; width]);
            if width == 1 {
                break;
            }
        }
        let counts = vec![0; levels[0].len() + 1];
        Self { levels, counts, len: 0 }
    }

    /// Number of members.
    #[must_use]
    #[inline]
    pub const fn len(&self) -> u32 {
        self.len
    }

    /// Whether there is no member.
    #[must_use]
    #[inline]
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Whether `slot` is a member.
    #[must_use]
    #[inline]
    pub fn contains(&self, slot: usize) -> bool {
        self.levels[0][slot / BITS] >> (slot % BITS) & 1 == 1
    }

    /// Makes `slot` a member or not; true if that changed anything.
    pub fn set(&mut self, slot: usize, member: bool) -> bool {
        if self.contains(slot) == member {
            return false;
        }
        let mut place = slot;
        for level in &mut self.levels {
            let word = &mut level[place / BITS];
            let was_empty = *word == 0;
            *word ^= 1 << (place % BITS);
            // The level above knows only empty from not empty.
            if was_empty == (*word == 0) || (member && !was_empty) {
                break;
            }
            place /= BITS;
        }
        let mut node = slot / BITS + 1;
        while node < self.counts.len() {
            self.counts[node] = if member { self.counts[node] + 1 } else { self.counts[node] - 1 };
            node += node & node.wrapping_neg();
        }
        self.len = if member { self.len + 1 } else { self.len - 1 };
        true
    }

    /// The first member at or after `slot`, without wrapping.
    #[must_use]
    #[inline]
    pub fn first_from(&self, slot: usize) -> Option<usize> {
        let mut place = slot;
        for (height, level) in self.levels.iter().enumerate() {
            let &word = level.get(place / BITS)?;
            let rest = word & (u64::MAX << (place % BITS));
            if rest != 0 {
                place = place / BITS * BITS + rest.trailing_zeros() as usize;
                for below in self.levels[..height].iter().rev() {
                    place = place * BITS + below[place].trailing_zeros() as usize;
                }
                return Some(place);
            }
            place = place / BITS + 1;
        }
        None
    }

    /// The first member after `slot`, wrapping once to the beginning and so, at last, to `slot`
    /// itself; from the beginning without a `slot`.
    #[must_use]
    #[inline]
    pub fn next_after(&self, slot: Option<usize>) -> Option<usize> {
        if self.len == 0 {
            return None;
        }
        let from = slot.map_or(0, |s| s + 1);
        self.first_from(from).or_else(|| self.first_from(0))
    }

    /// The member with exactly `n` members before it.
    #[must_use]
    pub fn nth(&self, n: u32) -> Option<usize> {
        if n >= self.len {
            return None;
        }
        let words = self.levels[0].len();
        let mut left = n;
        let mut node = 0;
        let mut step = (words + 1).next_power_of_two();
        while step > 0 {
            if node + step <= words && self.counts[node + step] <= left {
                node += step;
                left -= self.counts[node];
            }
            step /= 2;
        }
        let mut word = self.levels[0][node];
        for _ in 0..left {
            word &= word - 1;
        }
        Some(node * BITS + word.trailing_zeros() as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    proptest! {
        #[test]
        fn the_bitmap_and_an_ordered_set_agree(
            slots in prop_oneof![1_usize..200, 4_000_usize..5_000, 262_000_usize..263_000],
            changes in prop::collection::vec((any::<prop::sample::Index>(), any::<bool>()), 1..200),
            places in prop::collection::vec(any::<prop::sample::Index>(), 1..50),
        ) {
            let mut fast = SlotSet::new(slots);
            let mut plain = BTreeSet::new();
            for (slot, member) in changes {
                let slot = slot.index(slots);
                let changed = if member { plain.insert(slot) } else { plain.remove(&slot) };
                prop_assert_eq!(fast.set(slot, member), changed);
            }
            prop_assert_eq!(fast.len() as usize, plain.len());
            for (n, slot) in plain.iter().enumerate() {
                prop_assert_eq!(fast.nth(n as u32), Some(*slot));
            }
            prop_assert_eq!(fast.nth(plain.len() as u32), None);
            for place in places {
                let place = place.index(slots);
                let after = plain.range(place + 1..).next().or(plain.first()).copied();
                prop_assert_eq!(fast.next_after(Some(place)), after);
                prop_assert_eq!(fast.contains(place), plain.contains(&place));
            }
            prop_assert_eq!(fast.next_after(None), plain.first().copied());
        }
    }
}
