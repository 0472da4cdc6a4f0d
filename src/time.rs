//! Simulated time in whole milliseconds. There is no way to read a clock here.
//!
//! A [`SimTime`] counts from the start of the simulation (the beginning of the warm-up); where that
//! is on a wall calendar only [`crate::calendar`] knows.

use std::fmt;
use std::ops::{Add, AddAssign, Sub};

/// An instant: milliseconds since the simulation began.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct SimTime(u64);

/// A length of time in milliseconds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct SimDuration(u64);

impl SimTime {
    /// The instant the simulation begins.
    pub const ZERO: Self = Self(0);
    /// Later than anything that happens.
    pub const NEVER: Self = Self(u64::MAX);

    /// The instant `ms` milliseconds after the simulation began.
    #[must_use]
    #[inline]
    pub const fn from_millis(ms: u64) -> Self {
        Self(ms)
    }

    /// Milliseconds since the simulation began.
    #[must_use]
    #[inline]
    pub const fn as_millis(self) -> u64 {
        self.0
    }

    /// Time since `earlier`; zero if `earlier` is in fact later.
    #[must_use]
    #[inline]
    pub const fn since(self, earlier: Self) -> SimDuration {
        SimDuration(self.0.saturating_sub(earlier.0))
    }
}

impl SimDuration {
    /// No time at all.
    pub const ZERO: Self = Self(0);
    /// Longer than any simulation.
    pub const FOREVER: Self = Self(u64::MAX);

    /// `ms` milliseconds.
    #[must_use]
    #[inline]
    pub const fn from_millis(ms: u64) -> Self {
        Self(ms)
    }

    /// `s` whole seconds.
    #[must_use]
    #[inline]
    pub const fn from_secs(s: u64) -> Self {
        Self(s * 1000)
    }

    /// `ms` milliseconds rounded to the nearest whole one; negative and NaN become zero, and what
    /// does not fit becomes [`SimDuration::FOREVER`].
    #[must_use]
    #[inline]
    pub fn from_millis_rounded(ms: f64) -> Self {
        // A float-to-integer cast saturates and sends NaN to zero.
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "saturation is what is wanted"
        )]
        Self(libm::rint(ms) as u64)
    }

    /// Whole milliseconds.
    #[must_use]
    #[inline]
    pub const fn as_millis(self) -> u64 {
        self.0
    }

    /// Seconds.
    #[must_use]
    #[inline]
    pub fn as_secs_f64(self) -> f64 {
        self.0 as f64 / 1000.0
    }
}

impl Add<SimDuration> for SimTime {
    type Output = Self;
    /// Saturates at [`SimTime::NEVER`].
    #[inline]
    fn add(self, d: SimDuration) -> Self {
        Self(self.0.saturating_add(d.0))
    }
}

impl Add for SimDuration {
    type Output = Self;
    #[inline]
    fn add(self, d: Self) -> Self {
        Self(self.0.saturating_add(d.0))
    }
}

impl AddAssign for SimDuration {
    #[inline]
    fn add_assign(&mut self, d: Self) {
        *self = *self + d;
    }
}

impl Sub for SimDuration {
    type Output = Self;
    #[inline]
    fn sub(self, d: Self) -> Self {
        Self(self.0.saturating_sub(d.0))
    }
}

impl fmt::Display for SimDuration {
    /// The two largest units that say something: `2h05m`, `1m30s`, `850ms`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ms = self.0;
        let s = ms / 1000;
        match s {
            0 => write!(f, "{ms}ms"),
            1..60 if !ms.is_multiple_of(1000) => write!(f, "{}.{}s", s, ms % 1000 / 100),
            1..60 => write!(f, "{s}s"),
            60..3600 => write!(f, "{}m{:02}s", s / 60, s % 60),
            3600..86_400 => write!(f, "{}h{:02}m", s / 3600, s / 60 % 60),
            _ => write!(f, "{}d{:02}h", s / 86_400, s / 3600 % 24),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_print_their_two_largest_units() {
        for (ms, text) in [
            (0, "0ms"),
            (850, "850ms"),
            (1_500, "1.5s"),
            (59_000, "59s"),
            (90_000, "1m30s"),
            (7_500_000, "2h05m"),
            (90_000_000, "1d01h"),
        ] {
            assert_eq!(SimDuration::from_millis(ms).to_string(), text);
        }
    }

    #[test]
    fn adding_to_the_end_of_time_stays_there() {
        assert_eq!(SimTime::NEVER + SimDuration::from_secs(1), SimTime::NEVER);
        assert_eq!(SimTime::ZERO.since(SimTime::from_millis(5)), SimDuration::ZERO);
    }

    #[test]
    fn rounding_goes_to_the_nearest_and_never_below_zero() {
        assert_eq!(SimDuration::from_millis_rounded(1.6).as_millis(), 2);
        assert_eq!(SimDuration::from_millis_rounded(-3.0).as_millis(), 0);
        assert_eq!(SimDuration::from_millis_rounded(f64::NAN).as_millis(), 0);
        assert_eq!(SimDuration::from_millis_rounded(f64::INFINITY), SimDuration::FOREVER);
    }
}
