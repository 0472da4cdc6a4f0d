//! Office hours and days off as scenarios write them.

use std::collections::BTreeSet;

use jiff::civil::Date;

use crate::calendar::{WeeklyHours, Window, parse_weekdays};
use crate::diagnostic::{Code, Diagnostic, Place};

use super::reader::{Mistakes, list, string};
use super::tree::Node;
use super::values::date;

const WEEKDAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// Minutes of a day.
const DAY: u16 = 24 * 60;

/// `{ mon-fri = "09:00-17:00", sat = ["09:00-12:00", "13:00-15:00"] }`.
pub(super) fn weekly_hours(node: &Node, mistakes: &mut Mistakes) -> Option<WeeklyHours> {
    let Some(table) = node.as_table() else {
        let message = format!("expected hours by weekday, found {}", node.kind());
        let help = "write it as { mon-fri = \"09:00-17:00\" }";
        mistakes.error_with_help(Code::WrongType, &node.place, message, help);
        return None;
    };
    let mut days: [Vec<(Window, &Place)>; 7] = Default::default();
    for entry in &table.entries {
        let Some(weekdays) = parse_weekdays(&entry.key) else {
            let message = format!("`{}` is no weekday or range of weekdays", entry.key);
            let diagnostic = Diagnostic::error(Code::UnknownKey, message).at(&entry.key_place);
            mistakes.add(diagnostic.help("weekdays are mon … sun, ranges are mon-fri"));
            continue;
        };
        let windows = if entry.node.as_array().is_some() {
            list(&entry.node, "a list of windows", mistakes, window)?
        } else {
            window(&entry.node, mistakes).into_iter().collect()
        };
        for (window, place) in windows {
            let clash = weekdays.iter().find_map(|&day| {
                let taken = &days[usize::from(day)];
                let other = taken.iter().find(|(taken, _)| overlap(*taken, window))?;
                Some((day, other.1))
            });
            if let Some((day, other)) = clash {
                let day = WEEKDAYS[usize::from(day)];
                let message = format!("windows of {day} overlap");
                let diagnostic = Diagnostic::error(Code::ImpossibleValue, message);
                mistakes.add(diagnostic.at(place).related(other, "with this one"));
                continue;
            }
            for &day in &weekdays {
                days[usize::from(day)].push((window, place));
            }
        }
    }
    Some(WeeklyHours::new(days.map(|day| day.into_iter().map(|(window, _)| window).collect())))
}

fn window<'a>(node: &'a Node, mistakes: &mut Mistakes) -> Option<(Window, &'a Place)> {
    let text = string(node, mistakes)?;
    match Window::parse(text) {
        Ok(window) => Some((window, &node.place)),
        Err(error) => {
            let message = format!("`{text}` is no window of office hours");
            let help = error.to_string();
            mistakes.error_with_help(Code::ImpossibleValue, &node.place, message, help);
            None
        }
    }
}

/// Whether two windows of the same day are both open at some minute of it or of the night after.
fn overlap(a: Window, b: Window) -> bool {
    let end = |w: Window| w.opens() + w.minutes();
    debug_assert!(end(a) <= 2 * DAY, "a window ends on the next day at the latest");
    a.opens() < end(b) && b.opens() < end(a)
}

/// `["2026-03-17"]`.
pub(super) fn days_off(node: &Node, mistakes: &mut Mistakes) -> Option<BTreeSet<Date>> {
    list(node, "a list of dates", mistakes, date).map(BTreeSet::from_iter)
}
