//! The half-hours of the run's calendar: the steps in which traffic rises and falls.

use super::{DAY_MS, MINUTE_MS, Origin, weekday_of};
use crate::time::SimTime;

/// Milliseconds of half an hour.
const HALF_MS: i64 = 30 * MINUTE_MS;

/// A civil half-hour, or the part of it up to or from an instant at which the clocks are changed.
///
/// In a fold the half-hours of the repeated hour are there twice.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Slot {
    /// When it starts.
    pub starts: SimTime,
    /// When it ends; the next one starts here.
    pub ends: SimTime,
    /// Hours since Monday 0:00 by the run's clock, 0 … 167.
    pub hour_of_week: u8,
    /// Civil days since the day on which the simulation begins. (Clocks put back over midnight just
    /// then would show the day before; that counts as day 0.)
    pub day: u32,
    /// Which half-hour of the civil day, 0 … 47.
    pub half: u8,
}

/// The civil half-hours of the run's zone from the simulation's first instant to `until`, without
/// a hole. The first and the last are cut where the simulation begins and ends.
#[must_use]
pub fn civil_slots(origin: &Origin, until: SimTime) -> Vec<Slot> {
    let (zero_ms, until_ms) = (origin.unix_ms(SimTime::ZERO), origin.unix_ms(until));
    let stretches = origin.zone().stretches(zero_ms, until_ms);
    let Some(first) = stretches.first() else {
        return Vec::new();
    };
    let first_day = (first.starts_ms + first.offset_ms).div_euclid(DAY_MS);
    let sim_time = |ms| origin.since_zero(ms).expect("a stretch begins at zero or later");

    let mut slots = Vec::new();
    for stretch in stretches {
        let mut starts_ms = stretch.starts_ms;
        while starts_ms < stretch.ends_ms {
            let shown_ms = starts_ms + stretch.offset_ms;
            let day = shown_ms.div_euclid(DAY_MS);
            let half = shown_ms.rem_euclid(DAY_MS) / HALF_MS;
            let ends_ms = (starts_ms + HALF_MS - shown_ms.rem_euclid(HALF_MS)).min(stretch.ends_ms);
            slots.push(Slot {
                starts: sim_time(starts_ms),
                ends: sim_time(ends_ms),
                hour_of_week: u8::try_from(weekday_of(day) * 24).expect("a week has 168 hours")
                    + u8::try_from(half / 2).expect("a day has 24 hours"),
                day: u32::try_from((day - first_day).max(0))
                    .expect("a calendar's days fit 32 bits"),
                half: u8::try_from(half).expect("a day has 48 half-hours"),
            });
            starts_ms = ends_ms;
        }
    }
    slots
}

#[cfg(test)]
mod tests {
    use jiff::civil::{DateTime, datetime};

    use super::super::{CivilSpan, Zone};
    use super::*;

    fn slots(zone: &str, starts: DateTime, days: u32) -> (Origin, Vec<Slot>) {
        let zone = Zone::named(zone).expect("a zone");
        let (origin, _) = Origin::new(zone, starts, CivilSpan::ZERO).expect("in range");
        let until = origin.after(starts, CivilSpan { days, ms: 0 }).expect("in range");
        let slots = civil_slots(&origin, until);
        assert_eq!(slots.first().map(|s| s.starts), Some(SimTime::ZERO));
        assert_eq!(slots.last().map(|s| s.ends), Some(until));
        for pair in slots.windows(2) {
            assert_eq!(pair[0].ends, pair[1].starts);
        }
        for slot in &slots {
            for at in [slot.starts, SimTime::from_millis(slot.ends.as_millis() - 1)] {
                let shown = origin.local(at);
                assert_eq!(slot.hour_of_week, shown.hour_of_week());
                assert_eq!(u16::from(slot.half), shown.minute_of_day() / 30);
                let days = shown.date.duration_since(starts.date()).as_hours() / 24;
                assert_eq!(i64::from(slot.day), days);
            }
        }
        (origin, slots)
    }

    fn halves_of(slots: &[Slot], day: u32) -> Vec<u8> {
        slots.iter().filter(|s| s.day == day).map(|s| s.half).collect()
    }

    #[test]
    fn an_ordinary_day_has_48_slots() {
        for zone in ["UTC", "Asia/Kathmandu", "America/New_York"] {
            let (_, slots) = slots(zone, datetime(2026, 6, 1, 0, 0, 0, 0), 3);
            for day in 0..3 {
                assert_eq!(halves_of(&slots, day), Vec::from_iter(0..48));
            }
        }
    }

    #[test]
    fn a_start_between_half_hours_cuts_the_first_slot() {
        let (_, slots) = slots("UTC", datetime(2026, 6, 1, 9, 50, 0, 0), 1);
        assert_eq!(slots[0].ends, SimTime::from_millis(600_000));
        assert_eq!((slots[0].half, slots[1].half), (19, 20));
        assert_eq!(slots.len(), 49);
    }

    #[test]
    fn a_gap_has_no_slots() {
        let (_, slots) = slots("Europe/London", datetime(2026, 3, 28, 0, 0, 0, 0), 3);
        let halves = halves_of(&slots, 1);
        assert_eq!(halves.len(), 46);
        assert!(!halves.contains(&2) && !halves.contains(&3));
    }

    #[test]
    fn a_fold_has_its_slots_twice_and_stays_one_day() {
        let (_, london) = slots("Europe/London", datetime(2026, 10, 25, 0, 0, 0, 0), 2);
        assert_eq!(halves_of(&london, 0)[..8], [0, 1, 2, 3, 2, 3, 4, 5]);
        let (_, lord_howe) = slots("Australia/Lord_Howe", datetime(2026, 4, 5, 0, 0, 0, 0), 2);
        assert_eq!(halves_of(&lord_howe, 0)[..6], [0, 1, 2, 3, 3, 4]);
        // Here the clocks go from midnight back to 23:00.
        let (_, sao_paulo) = slots("America/Sao_Paulo", datetime(2018, 2, 17, 0, 0, 0, 0), 2);
        assert_eq!(halves_of(&sao_paulo, 0)[45..], [45, 46, 47, 46, 47]);
        assert_eq!(halves_of(&sao_paulo, 1).len(), 48);
    }

    #[test]
    fn clocks_changed_between_half_hours_cut_a_slot() {
        // At 0:01 back to 23:01 of the day before.
        let (_, slots) = slots("America/St_Johns", datetime(2010, 11, 6, 0, 0, 0, 0), 2);
        let around: Vec<(u32, u8, u64)> = slots[47..53]
            .iter()
            .map(|s| (s.day, s.half, s.ends.since(s.starts).as_millis() / 60_000))
            .collect();
        assert_eq!(
            around,
            [(0, 47, 30), (1, 0, 1), (0, 46, 29), (0, 47, 30), (1, 0, 30), (1, 1, 30)]
        );
    }

    #[test]
    fn no_time_has_no_slots() {
        let starts = datetime(2026, 3, 1, 0, 0, 0, 0);
        let (origin, _) = Origin::new(Zone::utc(), starts, CivilSpan::ZERO).expect("in range");
        assert_eq!(civil_slots(&origin, SimTime::ZERO), []);
    }
}
