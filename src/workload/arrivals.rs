//! When visitors come: a non-homogeneous Poisson process, by inversion.
//!
//! The rate is constant within a civil half-hour, so the time to the next arrival is found exactly:
//! a unit exponential is spent against the rate of one half-hour after the other (Lewis and
//! Shedler; Law, *Simulation Modeling and Analysis*, 8.6.2). Arrivals are Poisson within the
//! half-hour and mixed by gamma factors between half-hours and days, as measured traffic is.

use crate::calendar::Slot;
use crate::random::{Purpose, Stream, Streams, gamma_mean_one};
use crate::time::SimTime;

use super::profiles::Profile;

const MS_PER_DAY: f64 = 86_400_000.0;

/// How much busier or quieter than its average a day or a half-hour is, as gamma factors with mean 1.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Busyness {
    /// Shape of the factor of a civil day; `None` for a factor of 1.
    pub day_shape: Option<f64>,
    /// Shape of the factor of a civil half-hour; `None` for a factor of 1.
    pub slot_shape: Option<f64>,
}

/// The rate of arrivals of one traffic.
#[derive(Clone, PartialEq, Debug)]
pub struct ArrivalModel {
    /// Arrivals of an average day.
    pub per_day: f64,
    /// How the rate varies over the week.
    pub profile: Profile,
    /// How it varies beyond that.
    pub busyness: Busyness,
}

/// The arrivals of one traffic in one replication, in order of time.
#[derive(Clone, Debug)]
pub struct Arrivals<'a> {
    model: &'a ArrivalModel,
    slots: &'a [Slot],
    streams: Streams,
    entity: u64,
    times: Stream,
    slot: usize,
    /// Arrivals per millisecond in the current slot.
    rate: f64,
    /// Milliseconds since the simulation began, not yet rounded.
    now_ms: f64,
    day: Option<(u32, f64)>,
}

impl<'a> Arrivals<'a> {
    /// The arrivals within `slots` of the traffic whose streams are keyed by `entity`.
    #[must_use]
    pub fn new(model: &'a ArrivalModel, slots: &'a [Slot], streams: Streams, entity: u64) -> Self {
        let mut arrivals = Self {
            model,
            slots,
            streams,
            entity,
            times: streams.stream(Purpose::Arrivals, entity),
            slot: 0,
            rate: 0.0,
            now_ms: 0.0,
            day: None,
        };
        arrivals.enter_slot();
        arrivals
    }

    fn enter_slot(&mut self) {
        let Some(slot) = self.slots.get(self.slot) else { return };
        self.now_ms = slot.starts.as_millis() as f64;
        self.rate = self.model.per_day / MS_PER_DAY * self.model.profile.at(slot.hour_of_week);
        if self.rate > 0.0 {
            self.rate *= self.day_factor(slot.day) * self.slot_factor();
        }
    }

    fn day_factor(&mut self, day: u32) -> f64 {
        let Some(shape) = self.model.busyness.day_shape else { return 1.0 };
        match self.day {
            Some((known, factor)) if known == day => factor,
            _ => {
                let mut stream = self
                    .streams
                    .stream(Purpose::DayBusyness, Streams::numbered(self.entity, u64::from(day)));
                let factor = gamma_mean_one(shape, &mut stream);
                self.day = Some((day, factor));
                factor
            }
        }
    }

    fn slot_factor(&self) -> f64 {
        let Some(shape) = self.model.busyness.slot_shape else { return 1.0 };
        let mut stream = self
            .streams
            .stream(Purpose::SlotBusyness, Streams::numbered(self.entity, self.slot as u64));
        gamma_mean_one(shape, &mut stream)
    }
}

impl Iterator for Arrivals<'_> {
    type Item = SimTime;

    fn next(&mut self) -> Option<SimTime> {
        let mut to_spend = -libm::log(self.times.next_unit());
        loop {
            let ends_ms = self.slots.get(self.slot)?.ends.as_millis() as f64;
            let in_slot = (ends_ms - self.now_ms) * self.rate;
            if to_spend < in_slot {
                // Rounding down keeps the arrival inside its half-hour.
                self.now_ms += to_spend / self.rate;
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "whole milliseconds, and never negative"
                )]
                return Some(SimTime::from_millis(self.now_ms as u64));
            }
            to_spend -= in_slot;
            self.slot += 1;
            self.enter_slot();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slots(n: u64) -> Vec<Slot> {
        (0..n)
            .map(|i| Slot {
                starts: SimTime::from_millis(i * 1_800_000),
                ends: SimTime::from_millis((i + 1) * 1_800_000),
                hour_of_week: (i / 2 % 168) as u8,
                day: (i / 48) as u32,
                half: (i % 2) as u8,
            })
            .collect()
    }

    fn count_by_slot(model: &ArrivalModel, slots: &[Slot], replication: u64) -> Vec<f64> {
        let mut counts = vec![0.0; slots.len()];
        for at in Arrivals::new(model, slots, Streams::new(3, replication), 9) {
            counts[(at.as_millis() / 1_800_000) as usize] += 1.0;
        }
        counts
    }

    // 400 weeks with 700 a week: a count has standard deviation √280,000 = 529; four of those.
    #[test]
    fn a_week_brings_what_the_profile_says_in_total_and_by_hour() {
        let model = ArrivalModel {
            per_day: 100.0,
            profile: Profile::named("business").expect("shipped"),
            busyness: Busyness::default(),
        };
        let week = slots(336);
        let weeks: Vec<_> = (0..400).map(|r| count_by_slot(&model, &week, r)).collect();
        let total: f64 = weeks.iter().flatten().sum();
        assert!((total - 280_000.0).abs() < 4.0 * 529.0, "{total}");
        for (hour, pair) in (0_u8..168).zip(0..168) {
            let got: f64 = weeks.iter().map(|w| w[2 * pair] + w[2 * pair + 1]).sum();
            let expected = 400.0 * 100.0 / 24.0 * model.profile.at(hour);
            // 168 comparisons: five standard deviations.
            assert!(
                (got - expected).abs() <= 5.0 * expected.sqrt().max(1.0),
                "{hour}: {got} {expected}"
            );
        }
    }

    // With a day factor of cv 0.2 a day's count N has variance m + (0.2 m)²; for m = 100 that is
    // 100 + 400 = 500, an index of dispersion of 5. Over 2,000 days the sample variance has a
    // relative standard error near √(2/2000) = 3.2 %; five of those.
    #[test]
    fn busyness_of_days_disperses_the_days() {
        let model = ArrivalModel {
            per_day: 100.0,
            profile: Profile::flat(),
            busyness: Busyness { day_shape: Some(25.0), slot_shape: None },
        };
        let slots = slots(48 * 2_000);
        let counts = count_by_slot(&model, &slots, 0);
        let days: Vec<f64> = counts.chunks(48).map(|d| d.iter().sum()).collect();
        let mean = days.iter().sum::<f64>() / 2_000.0;
        let variance = days.iter().map(|d| (d - mean).powi(2)).sum::<f64>() / 1_999.0;
        assert!((variance / mean - 5.0).abs() < 5.0 * 0.16, "{}", variance / mean);
    }

    #[test]
    fn arrivals_are_in_order_and_inside_the_slots() {
        let model = ArrivalModel {
            per_day: 5_000.0,
            profile: Profile::flat(),
            busyness: Busyness { day_shape: None, slot_shape: Some(0.5) },
        };
        let slots = slots(96);
        let times: Vec<_> = Arrivals::new(&model, &slots, Streams::new(1, 1), 2).collect();
        assert!(times.is_sorted());
        assert!(times.last().expect("some come") < &slots[95].ends);
    }
}
