//! How the rate of arrivals varies over the hours of a week.
//!
//! The built-in shapes are counts of recorded traffic; only their proportions are used.

/// 168 factors with average 1, one for each hour of the week from Monday 0:00.
#[derive(Clone, PartialEq, Debug)]
pub struct Profile([f64; 168]);

/// The names of the built-in profiles.
const NAMES: [&str; 4] = ["flat", "business", "extended", "around-the-clock"];

impl Profile {
    /// The same rate at every hour.
    #[must_use]
    pub const fn flat() -> Self {
        Self([1.0; 168])
    }

    /// The profile in proportion to these weights (any unit), Monday 0:00 first, scaled to average
    /// 1; `None` if a weight is negative or not finite, or if all are 0.
    #[must_use]
    pub fn from_weights(weights: [f64; 168]) -> Option<Self> {
        let sum: f64 = weights.iter().sum();
        let valid = weights.iter().all(|w| *w >= 0.0) && sum > 0.0 && sum.is_finite();
        valid.then(|| Self(weights.map(|w| w * 168.0 / sum)))
    }

    /// A built-in profile; see [`Profile::names`].
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let counts = match name {
            "flat" => return Some(Self::flat()),
            "business" => &BUSINESS,
            "extended" => &EXTENDED,
            "around-the-clock" => &AROUND_THE_CLOCK,
            _ => return None,
        };
        Self::from_weights(
            counts.as_flattened().try_into().map(|c: [u16; 168]| c.map(f64::from)).ok()?,
        )
    }

    /// The names of the built-in profiles.
    #[must_use]
    pub const fn names() -> &'static [&'static str] {
        &NAMES
    }

    /// The factor of an hour of the week, 0 for Monday 0:00 to 167 for Sunday 23:00.
    ///
    /// # Panics
    ///
    /// If `hour_of_week` is 168 or more.
    #[must_use]
    #[inline]
    pub fn at(&self, hour_of_week: u8) -> f64 {
        self.0[usize::from(hour_of_week)]
    }
}

/// Arrivals at an IT service desk by weekday and hour, 2016-03-01 to 2016-05-27 (UCI data set 498).
#[rustfmt::skip]
const BUSINESS: [[u16; 24]; 7] = [
    [32, 27, 11, 17, 16, 12, 51, 110, 598, 729, 642, 568, 305, 403, 483, 467, 361, 204, 82, 47, 33, 65, 29, 25],
    [31, 36, 23, 30, 11, 19, 60, 95, 479, 603, 530, 427, 261, 305, 424, 374, 369, 206, 78, 49, 47, 58, 54, 22],
    [51, 33, 33, 18, 22, 24, 53, 119, 498, 560, 562, 489, 245, 302, 468, 418, 373, 218, 98, 47, 41, 83, 46, 24],
    [39, 36, 17, 9, 22, 25, 35, 99, 377, 498, 479, 406, 223, 275, 353, 378, 312, 177, 85, 58, 34, 67, 24, 21],
    [43, 23, 26, 19, 24, 19, 49, 88, 366, 441, 420, 408, 196, 227, 362, 339, 311, 182, 62, 35, 33, 45, 44, 30],
    [34, 27, 19, 13, 17, 17, 31, 27, 47, 34, 40, 28, 24, 26, 24, 28, 30, 15, 22, 22, 11, 18, 21, 20],
    [28, 17, 8, 13, 7, 10, 24, 18, 38, 28, 56, 29, 18, 17, 31, 21, 29, 20, 20, 17, 16, 13, 20, 19],
];

/// Calls to a bank in a country whose weekend is Friday and Saturday, 1999.
#[rustfmt::skip]
const EXTENDED: [[u16; 24]; 7] = [
    [13, 8, 1, 1, 0, 4, 26, 174, 394, 471, 463, 452, 372, 401, 475, 413, 333, 263, 363, 258, 251, 208, 190, 192],
    [11, 6, 4, 2, 2, 6, 21, 183, 384, 411, 532, 490, 387, 433, 464, 484, 557, 429, 354, 276, 271, 260, 211, 167],
    [27, 7, 5, 0, 2, 1, 19, 158, 389, 430, 496, 441, 382, 815, 463, 462, 272, 300, 355, 342, 272, 247, 230, 177],
    [25, 2, 2, 0, 0, 5, 21, 148, 328, 400, 514, 440, 381, 375, 471, 495, 579, 402, 295, 213, 212, 162, 174, 145],
    [26, 2, 7, 3, 5, 3, 10, 94, 304, 296, 274, 298, 286, 186, 80, 26, 8, 4, 5, 3, 8, 3, 0, 1],
    [0, 2, 0, 0, 0, 0, 0, 0, 0, 5, 1, 2, 0, 0, 4, 4, 5, 6, 21, 237, 165, 145, 124, 136],
    [20, 7, 2, 1, 0, 3, 14, 147, 410, 457, 494, 436, 358, 384, 428, 414, 581, 496, 302, 244, 170, 365, 259, 133],
];

/// Conversations begun with the customer care of 25 companies, by hour UTC.
#[rustfmt::skip]
const AROUND_THE_CLOCK: [[u16; 24]; 7] = [
    [8, 6, 4, 3, 3, 2, 2, 4, 2, 4, 3, 5, 2, 4, 9, 12, 6, 12, 7, 14, 16, 9, 6, 9],
    [9, 3, 6, 3, 4, 6, 3, 3, 2, 3, 4, 2, 3, 6, 16, 10, 11, 10, 3, 7, 14, 8, 11, 9],
    [2, 8, 9, 6, 3, 4, 2, 2, 1, 3, 5, 1, 6, 9, 4, 10, 11, 12, 13, 20, 7, 11, 9, 11],
    [12, 9, 10, 8, 3, 2, 6, 1, 1, 5, 2, 7, 4, 5, 7, 8, 9, 11, 8, 11, 8, 7, 8, 9],
    [7, 10, 8, 4, 5, 0, 3, 1, 3, 2, 4, 2, 4, 7, 5, 13, 7, 14, 9, 9, 9, 5, 4, 8],
    [7, 5, 1, 2, 2, 2, 1, 4, 0, 3, 2, 4, 5, 3, 2, 6, 9, 13, 10, 8, 2, 8, 8, 4],
    [7, 13, 8, 6, 4, 11, 1, 2, 2, 2, 2, 0, 4, 3, 4, 10, 7, 2, 6, 5, 8, 10, 7, 9],
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_named_profile_has_average_one() {
        for name in Profile::names() {
            let profile = Profile::named(name).expect("the list is of names that exist");
            let mean = (0..168).map(|h| profile.at(h)).sum::<f64>() / 168.0;
            assert!((mean - 1.0).abs() < 1e-12, "{name}: {mean}");
        }
        assert_eq!(Profile::named("busines"), None);
    }

    // Counted in the recorded file: 7,390 of 23,686 arrivals fall outside 9 to 17 on Monday to Friday.
    #[test]
    fn the_business_profile_has_31_percent_outside_nine_to_five() {
        let profile = Profile::named("business").expect("shipped");
        let inside: f64 =
            (0..5).flat_map(|d| (9..17).map(move |h| d * 24 + h)).map(|h| profile.at(h)).sum();
        assert!((1.0 - inside / 168.0 - 7_390.0 / 23_686.0).abs() < 1e-12);
    }

    #[test]
    fn weights_that_make_no_profile_are_refused() {
        assert_eq!(Profile::from_weights([0.0; 168]), None);
        let mut weights = [1.0; 168];
        weights[3] = -1.0;
        assert_eq!(Profile::from_weights(weights), None);
    }
}
