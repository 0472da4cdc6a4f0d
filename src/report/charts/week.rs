//! When chats cannot be had: the share of first messages that became an email or were lost, for
//! each hour of the week.

use super::canvas::{Area, Canvas, Words};
use super::style::{INK, LABEL, NO_DATA, NO_DATA_HATCH, PALE_INK, Page, SMALL, ink_on, shade};
use crate::experiment::Results;
use crate::kernel::Timeframe;
use crate::measures::Column;
use crate::report::format::{count, percent};
use crate::routing::EmailReason;

/// Rows of the map.
const WEEKDAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/// Hours of a day.
const HOURS: usize = 24;

/// Milliseconds of an hour.
const HOUR_MS: u64 = 3_600_000;

/// What the scale may end at: the smallest of these that covers all hours.
const TOPS: [f64; 4] = [0.1, 0.25, 0.5, 1.0];

/// First messages of an hour of the week.
#[derive(Clone, Copy, Default)]
struct Hour {
    arrivals: u64,
    /// Emailed or lost.
    missed: u64,
}

impl Hour {
    /// `None` without arrivals.
    fn share(self) -> Option<f64> {
        (self.arrivals > 0).then(|| (self.missed as f64 / self.arrivals as f64).min(1.0))
    }
}

pub(super) fn draw(results: &Results<'_>, timeframe: &Timeframe) -> String {
    let hours = fold(results, timeframe);
    let sum = hours.iter().fold(Hour::default(), |sum, hour| Hour {
        arrivals: sum.arrivals + hour.arrivals,
        missed: sum.missed + hour.missed,
    });
    let page = Page {
        title: match sum.share() {
            Some(share) => {
                format!("Emailed or lost by hour of the week: {} over all hours", percent(share))
            }
            None => "Emailed or lost by hour of the week".to_owned(),
        },
        subtitle: format!("local time of {}", timeframe.origin.zone().name()),
        caption: caption(results, sum),
        chart_height: 392.0,
    };
    if sum.arrivals == 0 {
        return page.no_data(results, "no visitor came");
    }
    let shares = hours.map(Hour::share);
    let largest = shares.iter().flatten().fold(0.0, |largest: f64, share| largest.max(*share));
    let top = TOPS.into_iter().find(|&top| top >= largest).unwrap_or(1.0);
    page.draw(results, |canvas, area| {
        let (left, top_edge) = (area.left + 44.0, area.top + 6.0);
        // Whole pixels, so that all cells are of one size.
        let map = Area {
            left,
            top: top_edge,
            right: left + 32.0 * HOURS as f64,
            bottom: top_edge + 48.0 * WEEKDAYS.len() as f64,
        };
        draw_map(canvas, map, &shares, top);
        draw_legend(canvas, Area { left: map.right + 28.0, right: map.right + 46.0, ..map }, top);
    })
}

/// As in `week.csv`, an interval counts in the hour in which it begins.
fn fold(results: &Results<'_>, timeframe: &Timeframe) -> [Hour; 7 * HOURS] {
    let mut hours = [Hour::default(); 7 * HOURS];
    for (from, _, sums) in results.timeline.rows() {
        let hour = &mut hours[usize::from(timeframe.origin.hour_of_week(from))];
        hour.arrivals += sums[Column::Arrivals as usize];
        hour.missed += sums[Column::Lost as usize];
        for column in EmailReason::ALL.into_iter().filter_map(Column::emailed) {
            hour.missed += sums[column as usize];
        }
    }
    hours
}

fn caption(results: &Results<'_>, sum: Hour) -> String {
    let mut caption = format!(
        "Numbers: first messages that became an email or were lost, in % of all that came in that \
         hour; n: {} of {} first messages in all replications. Hatched: nobody came.",
        count(sum.missed),
        count(sum.arrivals),
    );
    let interval = results.scenario.report.interval.as_millis();
    if interval > HOUR_MS {
        caption.push_str(
            " Intervals of the timeline are longer than an hour here; each counts in the hour in \
             which it begins.",
        );
    }
    caption
}

fn draw_map(canvas: &mut Canvas<'_>, map: Area, shares: &[Option<f64>; 7 * HOURS], top: f64) {
    let (width, height) = (map.width() / HOURS as f64, map.height() / 7.0);
    for (number, share) in shares.iter().enumerate() {
        let (day, hour) = ((number / HOURS) as f64, (number % HOURS) as f64);
        let (left, top_edge) = (map.left + hour * width, map.top + day * height);
        // A white line a pixel wide between cells.
        let cell = Area {
            left: left + 1.0,
            top: top_edge + 1.0,
            right: left + width,
            bottom: top_edge + height,
        };
        let Some(share) = *share else {
            hatch(canvas, cell);
            continue;
        };
        let colour = shade(share / top);
        canvas.rectangle(cell, colour);
        let middle = ((cell.left + cell.right) / 2.0, (cell.top + cell.bottom) / 2.0);
        canvas.text(&in_percent(share), middle, Words::new(SMALL, ink_on(colour)).centred());
    }
    for (day, name) in WEEKDAYS.into_iter().enumerate() {
        let y = map.top + (day as f64 + 0.5) * height;
        canvas.text(name, (map.left - 8.0, y), Words::new(LABEL, INK).to_the_left());
    }
    for hour in 0..HOURS {
        let x = map.left + (hour as f64 + 0.5) * width;
        let words = Words::new(SMALL, PALE_INK).centred();
        canvas.text(&hour.to_string(), (x, map.bottom + 14.0), words);
    }
    let middle = (map.left + map.right) / 2.0;
    let words = Words::new(LABEL, INK).centred();
    canvas.text(
        "hour of the day in which the first message came (0: from 0:00 to 1:00)",
        (middle, map.bottom + 36.0),
        words,
    );
}

/// A whole percentage; 0 and 100 only if that is exact.
fn in_percent(share: f64) -> String {
    let nearest = libm::rint(share * 100.0);
    if share > 0.0 && nearest == 0.0 {
        "<1".to_owned()
    } else if share < 1.0 && nearest >= 100.0 {
        ">99".to_owned()
    } else {
        format!("{nearest:.0}")
    }
}

fn hatch(canvas: &mut Canvas<'_>, cell: Area) {
    canvas.rectangle(cell, NO_DATA);
    // Lines that rise to the right, where left + bottom − x − y is a multiple of the distance.
    let mut along = 6.0;
    while along < cell.width() + cell.height() {
        let over = (along - cell.height()).max(0.0);
        let beyond = (along - cell.width()).max(0.0);
        canvas.line(
            (cell.left + over, cell.top + along - over),
            (cell.left + along - beyond, cell.top + beyond),
            NO_DATA_HATCH,
            1,
        );
        along += 9.0;
    }
}

/// The scale, and what is beyond it.
fn draw_legend(canvas: &mut Canvas<'_>, bar: Area, top: f64) {
    let scale = Area { top: bar.top + 20.0, bottom: bar.bottom - 46.0, ..bar };
    canvas.text("% of arrivals", (bar.left - 12.0, bar.top + 3.0), Words::new(SMALL, INK));
    let steps = 60;
    for step in 0..steps {
        let at = |step: i32| scale.bottom - scale.height() * f64::from(step) / f64::from(steps);
        let share = (f64::from(step) + 0.5) / f64::from(steps);
        canvas.rectangle(Area { top: at(step + 1), bottom: at(step), ..scale }, shade(share));
    }
    for part in [0.0, 0.2, 0.4, 0.6, 0.8, 1.0] {
        let y = scale.bottom - scale.height() * part;
        canvas.line((scale.right, y), (scale.right + 4.0, y), INK, 1);
        let label = format!("{:.0} %", part * top * 100.0);
        canvas.text(&label, (scale.right + 8.0, y), Words::new(SMALL, PALE_INK));
    }
    let swatch = Area { top: bar.bottom - 22.0, bottom: bar.bottom - 4.0, ..bar };
    hatch(canvas, swatch);
    let at = (swatch.right + 8.0, (swatch.top + swatch.bottom) / 2.0);
    canvas.text("no data", at, Words::new(SMALL, PALE_INK));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_percentages_keep_0_and_100_for_what_is_exact() {
        for (share, text) in
            [(0.0, "0"), (0.001, "<1"), (0.006, "1"), (0.5, "50"), (0.996, ">99"), (1.0, "100")]
        {
            assert_eq!(in_percent(share), text);
        }
    }
}
