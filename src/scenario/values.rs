//! Lengths of time, dates and times as people write them.

use jiff::civil::{Date, DateTime};

use crate::calendar::{CivilSpan, Zone};
use crate::diagnostic::Code;
use crate::time::SimDuration;

use super::reader::{Mistakes, date_text, string};
use super::tree::{Node, NodeValue};

const DAY_MS: u64 = 24 * 60 * 60 * 1000;

/// Longer lengths of time are refused: 100 years.
const LONGEST_DAYS: u64 = 36_525;

const UNITS: [(&str, u64); 6] =
    [("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000), ("d", DAY_MS), ("w", 7 * DAY_MS)];

/// Milliseconds of a unit of time.
pub(super) fn unit_ms(unit: &str) -> Option<u64> {
    UNITS.iter().find(|(name, _)| *name == unit).map(|(_, ms)| *ms)
}

/// A length of time on the clock; a day is 24 hours.
pub(super) fn duration(node: &Node, mistakes: &mut Mistakes) -> Option<SimDuration> {
    let span = civil_span(node, mistakes)?;
    Some(SimDuration::from_millis(u64::from(span.days) * DAY_MS + span.ms))
}

/// A length of time whose days and weeks are those of the calendar.
pub(super) fn civil_span(node: &Node, mistakes: &mut Mistakes) -> Option<CivilSpan> {
    let text = match &node.value {
        NodeValue::String(text) => text.trim(),
        NodeValue::Integer(_) | NodeValue::Float(_) => {
            let written = node.place.text();
            needs_unit(node, written, mistakes);
            return None;
        }
        _ => {
            mistakes.wrong_type(node, "a length of time such as \"45s\"");
            return None;
        }
    };
    match parse_span(text) {
        Ok(span) => Some(span),
        Err(SpanError::NeedsUnit) => {
            needs_unit(node, text, mistakes);
            None
        }
        Err(SpanError::Impossible(message)) => {
            let help = "write it as \"45s\", \"30m\", \"1h30m\", \"5d\" or \"4w\"";
            mistakes.error_with_help(Code::ImpossibleValue, &node.place, message, help);
            None
        }
    }
}

fn needs_unit(node: &Node, number: &str, mistakes: &mut Mistakes) {
    let help = format!(
        "write \"{number}s\" for seconds, \"{number}d\" for days; units are ms, s, m, h, d and w"
    );
    let message = "a length of time needs a unit";
    mistakes.error_with_help(Code::NeedsUnit, &node.place, message, help);
}

#[derive(PartialEq, Debug)]
enum SpanError {
    NeedsUnit,
    Impossible(String),
}

/// Reads numbers with units, such as `1h30m` or `1.5h`.
fn parse_span(text: &str) -> Result<CivilSpan, SpanError> {
    let impossible = |message: String| Err(SpanError::Impossible(message));
    if text.is_empty() {
        return impossible("a length of time cannot be empty".to_owned());
    }
    if text.starts_with('-') {
        return impossible("a length of time cannot be negative".to_owned());
    }
    let (mut days, mut ms) = (0_u64, 0_u64);
    let mut seen = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let (number, after) = rest.split_at(digits);
        let letters = after.find(|c: char| c.is_ascii_digit()).unwrap_or(after.len());
        let (unit, after) = after.split_at(letters);
        rest = after;
        let Some((whole, part)) = parse_decimal(number) else {
            return impossible(format!("`{text}` is not a length of time"));
        };
        if unit.is_empty() {
            return Err(SpanError::NeedsUnit);
        }
        let Some(unit_ms) = unit_ms(unit) else {
            return impossible(format!("`{unit}` is not a unit of time"));
        };
        if seen.contains(&unit) {
            return impossible(format!("`{text}` has `{unit}` twice"));
        }
        seen.push(unit);
        let part_ms = SimDuration::from_millis_rounded(part * unit_ms as f64).as_millis();
        // Whole days stay days, because a day of the calendar may have 23 or 25 hours.
        let (more_days, more_ms) = match unit_ms / DAY_MS {
            0 => (0, whole.saturating_mul(unit_ms).saturating_add(part_ms)),
            unit_days => {
                let days = whole.saturating_mul(unit_days).saturating_add(part_ms / DAY_MS);
                (days, part_ms % DAY_MS)
            }
        };
        (days, ms) = (days.saturating_add(more_days), ms.saturating_add(more_ms));
    }
    match u32::try_from(days) {
        Ok(fits) if days.saturating_add(ms / DAY_MS) <= LONGEST_DAYS => {
            Ok(CivilSpan { days: fits, ms })
        }
        _ => impossible("that is longer than 100 years".to_owned()),
    }
}

/// The whole part and the fraction.
fn parse_decimal(text: &str) -> Option<(u64, f64)> {
    let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
    let all_digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if !all_digits(whole) || !all_digits(part) {
        return None;
    }
    // What does not fit is too long in any case.
    let whole = whole.parse().unwrap_or(u64::MAX);
    Some((whole, format!("0.{part}").parse().ok()?))
}

/// A date, or a date and a time, on the clocks of some zone. A date alone is its midnight.
pub(super) fn date_time(node: &Node, mistakes: &mut Mistakes) -> Option<DateTime> {
    let text =
        date_text(node, "a date or a date and time, such as \"2026-03-02T09:00\"", mistakes)?;
    let (date, time) = split_date(text);
    let time_is_plain = time.bytes().all(|b| b.is_ascii_digit() || b":.".contains(&b));
    let read: Option<DateTime> = match parse_date(date) {
        Ok(date) if time.is_empty() => Some(date.into()),
        Ok(_) if time_is_plain => format!("{date}T{time}").parse().ok(),
        Ok(_) => {
            let message = "the time is written without a zone or offset";
            let help = "`time_zone` says on which clocks it is";
            mistakes.error_with_help(Code::ImpossibleValue, &node.place, message, help);
            return None;
        }
        Err(error) => {
            error.note(node, date, mistakes);
            return None;
        }
    };
    match read {
        Some(at) if (1970..2200).contains(&at.year()) => Some(at),
        Some(_) => {
            mistakes.impossible(&node.place, "dates go from 1970 to 2199");
            None
        }
        None => {
            mistakes.impossible(&node.place, format!("`{time}` is no time of day"));
            None
        }
    }
}

/// A day of the calendar.
pub(super) fn date(node: &Node, mistakes: &mut Mistakes) -> Option<Date> {
    let text = date_text(node, "a date such as \"2026-03-17\"", mistakes)?;
    parse_date(text).map_err(|error| error.note(node, text, mistakes)).ok()
}

/// The text before and after the `T` or blank of a date and time.
fn split_date(text: &str) -> (&str, &str) {
    let is_between = |text: &str| text.starts_with(['T', 't', ' ']);
    match (text.get(..10), text.get(10..).filter(|rest| is_between(rest))) {
        (Some(date), Some(time)) => (date, &time[1..]),
        _ => (text, ""),
    }
}

enum DateError {
    Shape,
    /// With how many days the month has, if it is the day that is wrong.
    NoSuchDay(Option<String>),
}

impl DateError {
    fn note(self, node: &Node, date: &str, mistakes: &mut Mistakes) {
        let (message, help) = match self {
            Self::Shape => {
                (format!("`{date}` is no date"), "write it as \"2026-03-02\"".to_owned())
            }
            Self::NoSuchDay(why) => {
                let why = why.unwrap_or_else(|| "a year has 12 months".to_owned());
                (format!("the calendar has no {date}"), why)
            }
        };
        mistakes.error_with_help(Code::ImpossibleValue, &node.place, message, help);
    }
}

fn parse_date(text: &str) -> Result<Date, DateError> {
    let shaped = text.len() == 10
        && text.bytes().enumerate().all(|(i, b)| match i {
            4 | 7 => b == b'-',
            _ => b.is_ascii_digit(),
        });
    if !shaped {
        return Err(DateError::Shape);
    }
    text.parse().map_err(|_| {
        let month = format!("{}-01", &text[..7]).parse::<Date>().ok();
        DateError::NoSuchDay(
            month.map(|m| format!("{} has {} days", m.strftime("%B %Y"), m.days_in_month())),
        )
    })
}

/// A time zone by its IANA name.
pub(super) fn zone(node: &Node, mistakes: &mut Mistakes) -> Option<Zone> {
    let name = string(node, mistakes)?;
    let zone = Zone::named(name);
    if zone.is_none() {
        let names = Zone::names();
        mistakes.unknown_name(&node.place, "time zone", name, names.iter().map(String::as_str));
    }
    zone
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_time_add_up_and_days_stay_days() {
        let s = |text: &str| parse_span(text).map(|span| (span.days, span.ms));
        for (text, span) in [
            ("45s", (0, 45_000)),
            ("1h30m", (0, 5_400_000)),
            ("1.5h", (0, 5_400_000)),
            ("0.25s", (0, 250)),
            ("850ms", (0, 850)),
            ("4w", (28, 0)),
            ("1w2d3h", (9, 10_800_000)),
            ("1.5d", (1, 43_200_000)),
            ("0.5w", (3, 43_200_000)),
            ("0s", (0, 0)),
        ] {
            assert_eq!(s(text), Ok(span), "{text}");
        }
    }

    #[test]
    fn what_is_no_length_of_time_says_why() {
        assert_eq!(parse_span("45"), Err(SpanError::NeedsUnit));
        assert_eq!(parse_span("1h30"), Err(SpanError::NeedsUnit));
        for (text, part) in [
            ("", "empty"),
            ("-5s", "negative"),
            ("5min", "`min` is not a unit"),
            ("1h2h", "`h` twice"),
            ("soon", "not a length"),
            ("1..5h", "not a length"),
            (".5h", "not a length"),
            ("1 h", "` h` is not a unit"),
            ("99999999999999999999999w", "100 years"),
            ("5218w", "100 years"),
        ] {
            match parse_span(text) {
                Err(SpanError::Impossible(message)) => assert!(message.contains(part), "{message}"),
                other => panic!("{text}: {other:?}"),
            }
        }
    }
}
