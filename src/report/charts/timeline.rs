//! What happened when: agents online, arrivals and open conversations over simulated time.

use plotters::style::RGBColor;

use super::axis::{DateTick, Scale, dates, ticks};
use super::canvas::{Area, Canvas, Point, Words};
use super::style::{ARRIVALS, GRID, INK, LABEL, ONLINE, OPEN, PALE_INK, Page, SMALL, tint};
use crate::experiment::Results;
use crate::kernel::Timeframe;
use crate::measures::Column;
use crate::report::format::{count, duration};

/// More intervals than this are folded: the chart has about as many columns of pixels.
const MOST_POINTS: usize = 1100;

/// What is folded to, in minutes, because it divides days or weeks: other lengths would beat with
/// the rhythm of the days.
const FOLDS: [u64; 13] =
    [5, 10, 15, 30, 60, 120, 180, 240, 360, 720, 24 * 60, 7 * 24 * 60, 28 * 24 * 60];

/// Between two panels.
const GAP: f64 = 34.0;

/// One panel: its words, column and colour.
struct Panel {
    title: String,
    column: Column,
    colour: RGBColor,
}

/// One or more intervals next to each other.
struct Stretch {
    /// Milliseconds of simulated time.
    from: u64,
    to: u64,
    /// Sums in order of [`Column::ALL`].
    sums: [u64; Column::ALL.len()],
}

pub(super) fn draw(results: &Results<'_>, timeframe: &Timeframe) -> String {
    let (stretches, folded) = fold(results);
    let interval = results.scenario.report.interval.as_secs_f64();
    let length = duration(interval);
    let panels = [
        Panel { title: "agents online (mean)".to_owned(), column: Column::Online, colour: ONLINE },
        Panel {
            title: format!("arrivals (first messages per {length})"),
            column: Column::Arrivals,
            colour: ARRIVALS,
        },
        Panel { title: "open conversations (mean)".to_owned(), column: Column::Open, colour: OPEN },
    ];
    let arrivals: u64 = stretches.iter().map(|s| s.sums[Column::Arrivals as usize]).sum();
    let mut caption = format!(
        "Means of a replication in intervals of {length}; n: {} first messages in all replications. \
         Agents online are those of the routing lists whose presence is online.",
        count(arrivals)
    );
    if folded > 1 {
        caption.push_str(&format!(
            " Each step shows the mean of {folded} intervals ({}).",
            duration(interval * folded as f64)
        ));
    }
    let page = Page {
        title: "Agents online, arrivals and open conversations over time".to_owned(),
        subtitle: format!("local time of {}", timeframe.origin.zone().name()),
        caption,
        chart_height: 490.0,
    };
    if stretches.is_empty() {
        return page.no_data(results, "the measured period is empty");
    }
    page.draw(results, |canvas, area| {
        let (left, right) = (area.left + 54.0, area.right - 30.0);
        let height = (area.height() - 44.0) / panels.len() as f64;
        let starts = timeframe.period.starts.as_millis() as f64;
        let ends = timeframe.period.ends.as_millis() as f64;
        let x = Scale { values: (starts, ends), pixels: (left, right) };
        let dates = dates(timeframe, 9.0);
        for (number, panel) in panels.iter().enumerate() {
            let top = area.top + number as f64 * height + GAP - 8.0;
            let bottom = area.top + (number + 1) as f64 * height;
            let values: Vec<f64> = stretches
                .iter()
                .map(|s| mean(s, panel.column, interval, results.replications.len()))
                .collect();
            let plot = Area { left, top, right, bottom };
            panel.draw(canvas, plot, &Steps { x, stretches: &stretches, values: &values }, &dates);
        }
        for DateTick { at, label } in &dates {
            let at = (x.at(at.as_millis() as f64), area.bottom - 44.0 + 15.0);
            canvas.text(label, at, Words::new(SMALL, PALE_INK).centred());
        }
        let years = years(timeframe);
        let at = ((left + right) / 2.0, area.bottom - 8.0);
        let words = Words::new(LABEL, INK).centred();
        canvas.text(&format!("simulated time, {years}; dates mark midnight"), at, words);
    })
}

/// The intervals, or as many of them at once as it takes to have few enough; and how many.
fn fold(results: &Results<'_>) -> (Vec<Stretch>, usize) {
    let rows: Vec<_> = results.timeline.rows().collect();
    let folded = folded(rows.len(), results.scenario.report.interval.as_millis());
    let stretch = |rows: &[(_, _, &[u64; Column::ALL.len()])]| {
        let mut sums = [0; Column::ALL.len()];
        for (_, _, row) in rows {
            for (sum, value) in sums.iter_mut().zip(row.iter()) {
                *sum += value;
            }
        }
        sums
    };
    let stretches = rows.chunks(folded).map(|rows| Stretch {
        from: rows[0].0.as_millis(),
        to: rows[rows.len() - 1].1.as_millis(),
        sums: stretch(rows),
    });
    (stretches.collect(), folded)
}

/// How many of so many intervals to take at once: as few as have a length of [`FOLDS`] and leave no
/// more than [`MOST_POINTS`].
fn folded(rows: usize, interval_ms: u64) -> usize {
    let least = rows.div_ceil(MOST_POINTS).max(1);
    if least == 1 {
        return 1;
    }
    let lengths = FOLDS.iter().map(|minutes| minutes * 60_000);
    let whole = lengths.filter(|length| length.is_multiple_of(interval_ms));
    let times = whole.filter_map(|length| usize::try_from(length / interval_ms).ok());
    times.into_iter().find(|&times| times >= least).unwrap_or(least)
}

/// The mean level, or the mean count of an interval of so many seconds, of a replication.
fn mean(stretch: &Stretch, column: Column, interval: f64, replications: usize) -> f64 {
    let ms = (stretch.to - stretch.from) as f64 * replications as f64;
    let sum = stretch.sums[column as usize] as f64;
    match column {
        Column::Online | Column::Open | Column::Waiting => sum / ms,
        _ => sum / ms * interval * 1_000.0,
    }
}

fn years(timeframe: &Timeframe) -> String {
    let year = |at| timeframe.origin.local(at).date.year();
    let (first, last) = (year(timeframe.period.starts), year(timeframe.period.ends));
    if first == last { first.to_string() } else { format!("{first} – {last}") }
}

/// A line that is level during each stretch.
struct Steps<'a> {
    x: Scale,
    stretches: &'a [Stretch],
    values: &'a [f64],
}

impl Steps<'_> {
    fn points(&self, y: Scale) -> Vec<Point> {
        let mut points = Vec::with_capacity(2 * self.values.len());
        for (stretch, value) in self.stretches.iter().zip(self.values) {
            let height = y.at(*value);
            points.push((self.x.at(stretch.from as f64), height));
            points.push((self.x.at(stretch.to as f64), height));
        }
        points
    }
}

impl Panel {
    fn draw(&self, canvas: &mut Canvas<'_>, plot: Area, steps: &Steps<'_>, dates: &[DateTick]) {
        let Area { left, top, right, bottom } = plot;
        let largest = steps.values.iter().fold(0.0, |largest: f64, value| largest.max(*value));
        let (values, decimals) = ticks(largest, 3);
        let y =
            Scale { values: (0.0, values.last().copied().unwrap_or(1.0)), pixels: (bottom, top) };
        canvas.text(&self.title, (left, top - 13.0), Words::new(LABEL, INK));
        let line = steps.points(y);
        let mut area = line.clone();
        area.push((right, bottom));
        area.push((left, bottom));
        canvas.polygon(&area, tint(self.colour));
        for value in values {
            let at = y.at(value);
            canvas.line((left, at), (right, at), GRID, 1);
            let words = Words::new(SMALL, PALE_INK).to_the_left();
            canvas.text(&format!("{value:.decimals$}"), (left - 8.0, at), words);
        }
        for tick in dates {
            let at = steps.x.at(tick.at.as_millis() as f64);
            canvas.line((at, top), (at, bottom), GRID, 1);
        }
        // Many steps would fill the panel with their edges.
        let width = if steps.values.len() > MOST_POINTS / 2 { 1 } else { 2 };
        canvas.path(&line, self.colour, width);
        canvas.line((left, bottom), (right, bottom), INK, 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_runs_are_folded_to_lengths_that_divide_days_or_weeks() {
        const MINUTE: u64 = 60_000;
        for (rows, minutes, times) in [
            (0, 15, 1),
            (1_100, 15, 1),
            (1_101, 15, 2),
            // Six weeks by the hour: as they are, so that an hour without anybody shows.
            (1_008, 60, 1),
            // Three months by the hour: to two hours.
            (2_160, 60, 2),
            // 400 days by the quarter of an hour: by 35 at least, so to half days.
            (38_400, 15, 48),
            // Twenty years by the hour: to weeks.
            (175_200, 60, 168),
            // No length is a multiple of 7 minutes but weeks.
            (7_000, 7, 1_440),
            (7_000, 11, 7),
        ] {
            assert_eq!(folded(rows, minutes * MINUTE), times, "{rows} of {minutes} min");
        }
    }
}
