//! Time zones by their IANA names, from the data compiled into the program.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};

use jiff::Timestamp;
use jiff::tz::{TimeZone, TimeZoneDatabase};

/// A named time zone. Two zones are the same if their names are.
#[derive(Clone)]
pub struct Zone {
    tz: TimeZone,
}

/// A part of a time range in which a zone's offset does not change: `[starts_ms, ends_ms)` in
/// milliseconds since the Unix epoch. Adding `offset_ms` gives what the local clock shows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Stretch {
    pub(super) starts_ms: i64,
    pub(super) ends_ms: i64,
    pub(super) offset_ms: i64,
}

impl Zone {
    /// The zone of exactly this IANA name, such as `Europe/Dublin`; `None` if there is none.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let tz = TimeZoneDatabase::bundled().get(name).ok()?;
        // The database ignores case, and knows a name for "zone unknown".
        (!tz.is_unknown() && tz.iana_name() == Some(name)).then_some(Self { tz })
    }

    /// Coordinated universal time, whose clocks are never changed.
    #[must_use]
    pub fn utc() -> Self {
        Self { tz: TimeZone::UTC }
    }

    /// The IANA name.
    #[must_use]
    pub fn name(&self) -> &str {
        self.tz.iana_name().expect("every zone here was found by its name")
    }

    /// All names that [`Zone::named`] knows, sorted.
    #[must_use]
    pub fn names() -> Vec<String> {
        let database = TimeZoneDatabase::bundled();
        let mut names: Vec<String> = database
            .available()
            .map(|name| name.as_str().to_owned())
            .filter(|name| Self::named(name).is_some())
            .collect();
        names.sort_unstable();
        names
    }

    /// The time zone as the `jiff` crate has it.
    pub(super) fn tz(&self) -> &TimeZone {
        &self.tz
    }

    /// `[from_ms, to_ms)`, milliseconds since the Unix epoch, cut wherever the clocks are changed.
    ///
    /// Inside a stretch civil time is plain arithmetic, and gaps and folds lie between stretches.
    pub(super) fn stretches(&self, from_ms: i64, to_ms: i64) -> Vec<Stretch> {
        if from_ms >= to_ms {
            return Vec::new();
        }
        let from = Timestamp::from_millisecond(from_ms).expect("an origin's times are in range");
        let mut stretches = Vec::new();
        let mut starts_ms = from_ms;
        let mut offset_ms = i64::from(self.tz.to_offset(from).seconds()) * 1000;
        for transition in self.tz.following(from) {
            let at_ms = transition.timestamp().as_millisecond();
            if at_ms >= to_ms {
                break;
            }
            // A zone may also change nothing but the name of its time.
            let next_ms = i64::from(transition.offset().seconds()) * 1000;
            if next_ms != offset_ms {
                stretches.push(Stretch { starts_ms, ends_ms: at_ms, offset_ms });
                (starts_ms, offset_ms) = (at_ms, next_ms);
            }
        }
        stretches.push(Stretch { starts_ms, ends_ms: to_ms, offset_ms });
        stretches
    }
}

impl PartialEq for Zone {
    fn eq(&self, other: &Self) -> bool {
        self.name() == other.name()
    }
}

impl Eq for Zone {}

impl PartialOrd for Zone {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Zone {
    fn cmp(&self, other: &Self) -> Ordering {
        self.name().cmp(other.name())
    }
}

impl Hash for Zone {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name().hash(state);
    }
}

impl fmt::Debug for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Zone({})", self.name())
    }
}

impl fmt::Display for Zone {
    /// The IANA name.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones_are_found_by_their_exact_name_only() {
        assert_eq!(Zone::named("Europe/Dublin").expect("a zone").name(), "Europe/Dublin");
        for wrong in ["europe/dublin", "Dublin", "", "Etc/Unknown", "utc", "EST5EDT,M3.2.0,M11.1.0"]
        {
            assert_eq!(Zone::named(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn utc_is_a_zone_like_any_other() {
        assert_eq!(Zone::named("UTC"), Some(Zone::utc()));
        assert_ne!(Zone::named("Etc/GMT").expect("a zone"), Zone::utc());
    }

    #[test]
    fn every_listed_name_is_a_zone_and_the_usual_ones_are_listed() {
        let names = Zone::names();
        assert!(names.len() > 400, "{}", names.len());
        for name in &names {
            assert_eq!(Zone::named(name).expect("a listed zone").name(), name);
        }
        for name in ["UTC", "Europe/London", "America/New_York", "Australia/Lord_Howe"] {
            assert!(names.binary_search(&name.to_owned()).is_ok(), "{name}");
        }
    }

    #[test]
    fn stretches_touch_and_only_differ_by_their_offset() {
        let zone = Zone::named("America/St_Johns").expect("a zone");
        let (from, to) = (0, 40 * 366 * 86_400_000);
        let stretches = zone.stretches(from, to);
        assert_eq!(stretches.first().map(|s| s.starts_ms), Some(from));
        assert_eq!(stretches.last().map(|s| s.ends_ms), Some(to));
        for pair in stretches.windows(2) {
            assert_eq!(pair[0].ends_ms, pair[1].starts_ms);
            assert_ne!(pair[0].offset_ms, pair[1].offset_ms);
        }
        assert_eq!(zone.stretches(5, 5), []);
    }
}
