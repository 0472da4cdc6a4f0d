//! How long visitors wait for their first answer: the share answered within every length of time,
//! on a logarithmic axis, because chats are answered in seconds and emails in days.

use plotters::style::RGBColor;

use super::axis::{Scale, TIMES};
use super::canvas::{Area, Canvas, Point, Words, width_of};
use super::style::{CHAT, EMAIL, EMAIL_IN_HOURS, GRID, INK, LABEL, PALE_INK, Page, SMALL, dark};
use crate::experiment::{Results, Row, Scope, Stat};
use crate::measures::Dist;
use crate::report::format::{count, duration, duration_with_interval, rounded_number};
use crate::stats::Histogram;

/// What may be drawn: words, measure, distribution, colour.
const LINES: [(&str, &str, Dist, RGBColor); 3] = [
    ("in chat, elapsed time", "first_response_s{way=chat}", Dist::FirstResponseChat, CHAT),
    ("by email, elapsed time", "first_response_s{way=email}", Dist::FirstResponseEmail, EMAIL),
    (
        "by email, team’s office hours only",
        "first_response_team_s{way=email}",
        Dist::FirstResponseTeamEmail,
        EMAIL_IN_HOURS,
    ),
];

/// The quantiles that are marked.
const MARKS: [(f64, Stat, &str); 2] = [(0.5, Stat::P50, "p50"), (0.9, Stat::P90, "p90")];

/// Between two lines of the legend.
const LEGEND_LINE: f64 = 20.0;

/// One line of the chart.
struct Line {
    words: &'static str,
    colour: RGBColor,
    n: u64,
    /// Milliseconds, and how many were answered within them.
    steps: Vec<(u64, u64)>,
    /// Of [`MARKS`].
    quantiles: Vec<Option<Quantile>>,
}

/// A quantile with its interval, in seconds.
struct Quantile {
    value: f64,
    low: Option<f64>,
    high: Option<f64>,
}

pub(super) fn draw(results: &Results<'_>) -> String {
    let lines: Vec<Line> = LINES.iter().filter_map(|line| Line::of(results, *line)).collect();
    let page = Page {
        title: "First response: share of those answered within a time".to_owned(),
        subtitle: String::new(),
        caption: caption(results),
        chart_height: 412.0,
    };
    if lines.is_empty() {
        return page.no_data(results, "nobody was answered");
    }
    page.draw(results, |canvas, area| {
        let legend_bottom = legend(canvas, &lines, area);
        let plot = Area {
            left: area.left + 62.0,
            top: legend_bottom + 16.0,
            right: area.right - 14.0,
            bottom: area.bottom - 46.0,
        };
        let longest = lines.iter().filter_map(|l| l.steps.last()).map(|s| s.0).max();
        let scales = Scales::new(plot, longest.unwrap_or(0));
        scales.draw_axes(canvas);
        let curves: Vec<Vec<Point>> = lines.iter().map(|line| scales.curve(line)).collect();
        for (line, curve) in lines.iter().zip(&curves) {
            canvas.path(curve, line.colour, 3);
        }
        marks(canvas, &scales, &lines, &curves);
    })
}

/// Who is shown and who is not.
fn caption(results: &Results<'_>) -> String {
    let conversations = |dist| {
        let answered = results.pooled(dist, &Scope::All).0.count();
        (answered, answered + results.not_covered(dist))
    };
    let (chats, all) = conversations(Dist::FirstResponseChat);
    let (emails, _) = conversations(Dist::FirstResponseEmail);
    let neither = all.saturating_sub(chats + emails);
    format!(
        "n: of {} conversations in all replications, {} were answered in chat and {} by email; the \
         other {} have no first response and are not in this chart. Each line rises to 100 % of \
         those answered its way. Dots: median (p50) and 90th percentile (p90); bars across them \
         and numbers in brackets: 95 % intervals.",
        count(all),
        count(chats),
        count(emails),
        count(neither),
    )
}

impl Line {
    /// `None` if there is nothing to draw.
    fn of(
        results: &Results<'_>,
        (words, measure, dist, colour): (&'static str, &str, Dist, RGBColor),
    ) -> Option<Self> {
        let (tally, histogram) = results.pooled(dist, &Scope::All);
        let n = tally.count();
        let quantile = |stat| {
            let Row { value, low, high, .. } = *results.row(measure, &Scope::All, stat)?;
            Some(Quantile { value: value?, low, high })
        };
        let quantiles = MARKS.iter().map(|mark| quantile(mark.1)).collect();
        (n > 0).then(|| Self { words, colour, n, steps: steps(&histogram), quantiles })
    }
}

/// The steps of the empirical distribution function.
fn steps(histogram: &Histogram) -> Vec<(u64, u64)> {
    let mut within = 0;
    let cells = histogram.cells().map(|cell| {
        within += cell.count;
        (cell.representative(), within)
    });
    cells.collect()
}

/// A table with a row for each line of the chart; where it ends.
fn legend(canvas: &mut Canvas<'_>, lines: &[Line], area: Area) -> f64 {
    let (words, n, quantiles) = (area.left + 40.0, area.left + 352.0, [372.0, 652.0]);
    let pale = Words::new(SMALL, PALE_INK);
    let mut y = area.top + 8.0;
    canvas.text("n", (n, y), pale.to_the_left());
    for (mark, x) in MARKS.iter().zip(quantiles) {
        let head = format!("{} (95 % interval)", mark.2);
        canvas.text(&head, (area.left + x, y), pale);
    }
    for line in lines {
        y += LEGEND_LINE;
        canvas.line((area.left, y), (area.left + 30.0, y), line.colour, 3);
        canvas.text(line.words, (words, y), Words::new(LABEL, INK));
        canvas.text(&count(line.n), (n, y), Words::new(SMALL, INK).to_the_left());
        for (quantile, x) in line.quantiles.iter().zip(quantiles) {
            if let Some(Quantile { value, low, high }) = quantile {
                let text = duration_with_interval(*value, *low, *high);
                canvas.text(&text, (area.left + x, y), Words::new(SMALL, INK));
            }
        }
    }
    y + LEGEND_LINE / 2.0
}

/// Both axes.
struct Scales {
    plot: Area,
    /// Of the logarithm of seconds.
    x: Scale,
    y: Scale,
}

impl Scales {
    /// From a second to the first tick that nobody waited longer than, at least a minute.
    fn new(plot: Area, longest_ms: u64) -> Self {
        let longest = longest_ms as f64 / 1_000.0;
        let last = TIMES.iter().map(|tick| tick.0).find(|&tick| tick >= longest.max(60.0));
        let last = last.unwrap_or(longest);
        Self {
            plot,
            x: Scale { values: (0.0, libm::log(last)), pixels: (plot.left, plot.right) },
            y: Scale { values: (0.0, 1.0), pixels: (plot.bottom, plot.top) },
        }
    }

    /// Where a length of time is; below a second on the left edge.
    fn x(&self, seconds: f64) -> f64 {
        self.x.at(libm::log(seconds.max(1.0)))
    }

    fn draw_axes(&self, canvas: &mut Canvas<'_>) {
        let Area { left, top, right, bottom } = self.plot;
        for percent in (0..=100).step_by(20) {
            let y = self.y.at(f64::from(percent) / 100.0);
            canvas.line((left, y), (right, y), GRID, 1);
            let words = Words::new(SMALL, PALE_INK).to_the_left();
            canvas.text(&format!("{percent} %"), (left - 8.0, y), words);
        }
        let mut free_from = f64::NEG_INFINITY;
        for (seconds, label) in TIMES {
            let x = self.x(seconds);
            if libm::log(seconds) > self.x.values.1 + 1e-9 {
                break;
            }
            canvas.line((x, top), (x, bottom), GRID, 1);
            let half = width_of(label, SMALL) / 2.0;
            if x - half >= free_from {
                let words = Words::new(SMALL, PALE_INK).centred();
                canvas.text(label, (x, bottom + 15.0), words);
                free_from = x + half + 6.0;
            }
        }
        canvas.line((left, bottom), (right, bottom), INK, 1);
        let middle = (left + right) / 2.0;
        let words = Words::new(LABEL, INK).centred();
        canvas.text(
            "time from the first message to the first answer (logarithmic)",
            (middle, bottom + 37.0),
            words,
        );
        let at = (left - 54.0, (top + bottom) / 2.0);
        canvas.text("share of those answered (%)", at, words.upright());
    }

    /// One point for every column of pixels from where the line leaves 0 % to where it reaches
    /// 100 %.
    fn curve(&self, line: &Line) -> Vec<Point> {
        let Area { left, right, .. } = self.plot;
        let per_pixel = self.x.values.1 / (right - left);
        let mut points: Vec<Point> = Vec::new();
        let mut steps = line.steps.iter().peekable();
        let mut within = 0;
        let mut column = 0.0;
        while left + column <= right && (within < line.n || points.len() < 2) {
            // Half a millisecond forgives the rounding of the logarithm at the last tick.
            let ms = libm::exp(column * per_pixel) * 1_000.0 + 0.5;
            while let Some(step) = steps.next_if(|step| step.0 as f64 <= ms) {
                within = step.1;
            }
            if within == 0 {
                points.clear();
            }
            points.push((left + column, self.y.at(within as f64 / line.n as f64)));
            column += 1.0;
        }
        points
    }
}

/// Dots at the quantiles, bars for their intervals, and words beside them where there is room; the
/// table above has them all.
fn marks(canvas: &mut Canvas<'_>, scales: &Scales, lines: &[Line], curves: &[Vec<Point>]) {
    let mut taken: Vec<Area> = Vec::new();
    let mut dots: Vec<(Point, RGBColor, String)> = Vec::new();
    for line in lines {
        for ((share, _, name), quantile) in MARKS.iter().zip(&line.quantiles) {
            let Some(Quantile { value, low, high }) = quantile else { continue };
            let at = (scales.x(*value), scales.y.at(*share));
            if let (Some(low), Some(high)) = (low, high) {
                taken.push(bar(canvas, (scales.x(*low), scales.x(*high)), at.1));
            }
            canvas.dot(at, 5, line.colour);
            taken.push(around(at, (7.0, 7.0)));
            let value = duration(rounded_number(*value, *low, *high));
            dots.push((at, line.colour, format!("{name} {value}")));
        }
    }
    for (at, colour, text) in &dots {
        let is_free = |place: &Area| {
            scales.plot.encloses(*place)
                && !taken.iter().any(|other| other.overlaps(*place))
                && !curves.iter().any(|curve| crosses(curve, *place))
                && dots.iter().all(|dot| distance(*place, *at) <= distance(*place, dot.0))
        };
        let size = (width_of(text, LABEL), LABEL + 3.0);
        if let Some(place) = places(*at, size).into_iter().find(is_free) {
            let middle = ((place.left + place.right) / 2.0, (place.top + place.bottom) / 2.0);
            canvas.text(text, middle, Words::new(LABEL, dark(*colour)).centred());
            taken.push(place);
        }
    }
}

/// Draws an interval; what it covers.
fn bar(canvas: &mut Canvas<'_>, (from, to): (f64, f64), y: f64) -> Area {
    canvas.line((from, y), (to, y), INK, 2);
    for end in [from, to] {
        canvas.line((end, y - 4.0), (end, y + 4.0), INK, 2);
    }
    Area { left: from - 2.0, top: y - 5.0, right: to + 2.0, bottom: y + 5.0 }
}

fn around((x, y): Point, (wide, high): (f64, f64)) -> Area {
    Area { left: x - wide, top: y - high, right: x + wide, bottom: y + high }
}

/// The square of the distance of a point from an area.
fn distance(area: Area, (x, y): Point) -> f64 {
    let right = (area.left - x).max(x - area.right).max(0.0);
    let down = (area.top - y).max(y - area.bottom).max(0.0);
    right * right + down * down
}

/// Whether a line that rises to the right meets an area.
fn crosses(curve: &[Point], area: Area) -> bool {
    curve.windows(2).any(|ends| {
        let ((left, bottom), (right, top)) = (ends[0], ends[1]);
        // A little wider than it is: a level line has no height of its own.
        area.overlaps(Area {
            left: left - 2.0,
            top: top - 2.0,
            right: right + 2.0,
            bottom: bottom + 2.0,
        })
    })
}

/// Where words could stand beside a point of a line that rises to the right, close enough to belong
/// to it: to the right of it or to the left, a little below or above.
fn places((x, y): Point, (width, height): (f64, f64)) -> Vec<Area> {
    let place =
        |(right, down): (f64, f64)| around((x + right, y + down), (width / 2.0, height / 2.0));
    let beside = width / 2.0 + 9.0;
    let mut all = Vec::new();
    for away in [0.0, 4.0, 10.0, 16.0] {
        for up in [4.0, 10.0, 16.0] {
            all.push(place((beside + away, up)));
            all.push(place((-beside - away, -up)));
        }
    }
    all
}
