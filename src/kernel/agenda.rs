//! The event list: what is going to happen, in order.
//!
//! An entry is one 128-bit number, so that comparing entries is comparing numbers: from the top 48
//! bits of time, 4 of rank, 44 of the order of scheduling, and the event itself in the low 32 bits.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::time::SimTime;

use super::event::Event;

/// The event list.
#[derive(Debug, Default)]
pub struct Agenda {
    heap: BinaryHeap<Reverse<u128>>,
    scheduled: u64,
    taken: u64,
}

impl Agenda {
    /// Schedules an event.
    ///
    /// # Panics
    ///
    /// If the time does not fit into 48 bits of milliseconds, some 8,900 years.
    #[inline]
    pub fn schedule(&mut self, at: SimTime, event: Event) {
        let time = at.as_millis();
        assert!(time < 1 << 48, "events lie within 2^48 ms");
        self.scheduled += 1;
        let key = u128::from(time) << 80
            | u128::from(event.rank()) << 76
            | u128::from(self.scheduled) << 32
            | u128::from(event.packed());
        self.heap.push(Reverse(key));
    }

    /// Takes the next event: the earliest; of those at one instant the one of the lowest rank; of
    /// those of one rank the one that was scheduled first.
    #[inline]
    pub fn take_next(&mut self) -> Option<(SimTime, Event)> {
        let Reverse(key) = self.heap.pop()?;
        self.taken += 1;
        #[expect(clippy::cast_possible_truncation, reason = "the parts of the key are cut out")]
        let (time, packed) = ((key >> 80) as u64, key as u32);
        Some((SimTime::from_millis(time), Event::unpacked(packed)))
    }

    /// How many events were ever scheduled, and taken.
    #[must_use]
    pub const fn operations(&self) -> (u64, u64) {
        (self.scheduled, self.taken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{AgentId, ConversationId, TrafficId};

    #[test]
    fn at_one_instant_presence_comes_first_and_arrivals_last_and_else_who_was_scheduled_first() {
        let nine = SimTime::from_millis(9);
        let in_order = [
            Event::HoursChange(AgentId::new(3)),
            Event::AbsenceChanges(AgentId::new(1)),
            Event::AgentFinishes(AgentId::new(7)),
            Event::VisitorWrites(ConversationId::new(2)),
            Event::VisitorWrites(ConversationId::new(1)),
            Event::VisitorGivesUp(ConversationId::new(0)),
            Event::ConversationCloses(ConversationId::new(5)),
            Event::VisitorArrives(TrafficId::new(0)),
            Event::RunEnds,
        ];
        // Ranks in any order of scheduling, the order within a rank kept.
        let mut agenda = Agenda::default();
        agenda.schedule(SimTime::from_millis(10), Event::RunEnds);
        for shift in [8, 7, 2, 0, 3, 1, 4, 5, 6] {
            agenda.schedule(nine, in_order[shift]);
        }
        for event in in_order {
            assert_eq!(agenda.take_next(), Some((nine, event)));
        }
        assert_eq!(agenda.take_next(), Some((SimTime::from_millis(10), Event::RunEnds)));
        assert_eq!(agenda.take_next(), None);
    }
}
