//! Who got what of what they were entitled to: each agent's part of the rotation's assignments
//! against the part that one share of every decision among the eligible comes to.

use std::collections::BTreeMap;

use super::axis::{Scale, ticks};
use super::canvas::{Area, Canvas, Words, shortened};
use super::style::{CHAT, GRID, INK, LABEL, PALE_INK, Page, REFERENCE, SMALL, tint};
use crate::experiment::{Results, Row, Scope, Stat};
use crate::report::format::{count, decimals, number, with_interval};

/// More agents than this are not all shown …
const MOST_AGENTS: usize = 40;

/// … but this many from either end.
const FROM_EITHER_END: usize = 20;

/// What a row takes when there are few agents, and when there are many.
const ROW_HEIGHTS: (f64, f64) = (34.0, 22.0);

/// What the chart needs besides the rows: the legend above and the axis below.
const AROUND_ROWS: (f64, f64) = (42.0, 46.0);

/// What an agent got and should have got, as shares of everybody's.
#[derive(Clone, Debug)]
struct Portion<'a> {
    agent: &'a str,
    share: f64,
    low: Option<f64>,
    high: Option<f64>,
    entitled: f64,
}

impl Portion<'_> {
    fn difference(&self) -> f64 {
        self.share - self.entitled
    }

    /// After how many decimals the interval ends the share in percent, and its ratio to what it
    /// is entitled to.
    fn decimals(&self) -> [i32; 2] {
        [0.01, self.entitled].map(|whole| {
            let [low, high] = [self.low, self.high].map(|end| end.map(|end| end / whole));
            decimals(self.share / whole, low, high)
        })
    }
}

/// What a line of the chart holds.
enum Line<'a> {
    Agent(&'a Portion<'a>),
    /// So many agents are left out.
    Gap(usize),
}

impl<'a> Line<'a> {
    const fn portion(&self) -> Option<&'a Portion<'a>> {
        match self {
            Self::Agent(portion) => Some(portion),
            Self::Gap(_) => None,
        }
    }
}

pub(super) fn draw(results: &Results<'_>) -> String {
    let portions = portions(results);
    let lines = lines(&portions);
    let (above, below) = AROUND_ROWS;
    let (tall, low) = ROW_HEIGHTS;
    let row_height = if lines.len() <= 10 { tall } else { low };
    let page = Page {
        title: title(results),
        subtitle: "rotation’s assignments only".to_owned(),
        caption: caption(results, portions.len()),
        chart_height: (above + row_height * lines.len() as f64 + below).max(130.0),
    };
    if portions.is_empty() {
        return page.no_data(results, "the rotation assigned nothing");
    }
    page.draw(results, |canvas, area| {
        legend(canvas, area);
        let plot = Area {
            left: area.left + 170.0,
            top: area.top + above,
            right: area.right - 226.0,
            bottom: area.top + above + row_height * lines.len() as f64,
        };
        let shown: Vec<&Portion<'_>> = lines.iter().filter_map(Line::portion).collect();
        let ends = shown.iter().flat_map(|p| [p.share, p.high.unwrap_or(0.0), p.entitled]);
        let largest = ends.fold(0.0, |largest: f64, end| largest.max(end));
        let rows = Rows {
            plot,
            x: draw_axes(canvas, plot, largest),
            height: row_height,
            decimals: least_decimals(&shown),
        };
        for (number, line) in lines.iter().enumerate() {
            let y = plot.top + (number as f64 + 0.5) * row_height;
            match line {
                Line::Agent(portion) => rows.draw(canvas, portion, y),
                Line::Gap(left_out) => {
                    let text = format!("… {} agents in between …", count(*left_out as u64));
                    canvas.text(&text, (plot.left + 8.0, y), Words::new(SMALL, PALE_INK));
                }
            }
        }
        canvas.line((plot.left, plot.top), (plot.left, plot.bottom), INK, 1);
    })
}

fn title(results: &Results<'_>) -> String {
    let excess = results.row("fairness.excess", &Scope::All, Stat::Value);
    match excess.and_then(|row| row.value.map(|value| (value, row.low, row.high))) {
        Some((value, low, high)) => format!(
            "The rotation’s assignments against entitlement: excess {}",
            with_interval(value, low.map(|low| low.max(0.0)), high)
        ),
        None => "The rotation’s assignments against entitlement".to_owned(),
    }
}

fn caption(results: &Results<'_>, agents: usize) -> String {
    let assignments = results
        .rows
        .iter()
        .find(|row| row.measure == "share" && matches!(row.scope, Scope::Agent(_)))
        .map_or(0, |row| row.n);
    let shown = if agents > MOST_AGENTS {
        format!(
            " Of {} agents with entitlement the {FROM_EITHER_END} with the most above it and the \
             {FROM_EITHER_END} with the least are shown.",
            count(agents as u64)
        )
    } else {
        String::new()
    };
    format!(
        "Excess: 0 is an exact round robin, 1 is as fair as drawing lots among the eligible, above \
         1 is structurally unfair. Entitled share: every decision of the rotation entitles each \
         eligible agent to an equal part of it. Sorted by the difference. n: {} assignments in all \
         replications.{shown}",
        count(assignments)
    )
}

/// Agents with entitlement, those furthest above it first.
fn portions<'a>(results: &'a Results<'_>) -> Vec<Portion<'a>> {
    // One pass: there may be many agents, and each has many rows.
    let mut shares: Vec<(&str, &Row)> = Vec::new();
    let mut entitled: BTreeMap<&str, f64> = BTreeMap::new();
    for row in results.rows.iter().filter(|row| row.stat == Stat::Ratio) {
        match (&row.scope, row.measure.as_str(), row.value) {
            (Scope::Agent(agent), "share", _) => shares.push((agent, row)),
            (Scope::Agent(agent), "entitled_share", Some(value)) => {
                entitled.insert(agent, value);
            }
            _ => {}
        }
    }
    let portion = |(agent, row): (&'a str, &Row)| {
        let entitled = *entitled.get(agent).filter(|entitled| **entitled > 0.0)?;
        Some(Portion { agent, share: row.value?, low: row.low, high: row.high, entitled })
    };
    let mut all: Vec<Portion<'_>> = shares.into_iter().filter_map(portion).collect();
    all.sort_by(|a, b| b.difference().total_cmp(&a.difference()));
    all
}

fn lines<'a>(portions: &'a [Portion<'a>]) -> Vec<Line<'a>> {
    if portions.len() <= MOST_AGENTS {
        return portions.iter().map(Line::Agent).collect();
    }
    let (most, rest) = portions.split_at(FROM_EITHER_END);
    let (between, least) = rest.split_at(rest.len() - FROM_EITHER_END);
    let most = most.iter().map(Line::Agent);
    most.chain([Line::Gap(between.len())]).chain(least.iter().map(Line::Agent)).collect()
}

fn legend(canvas: &mut Canvas<'_>, area: Area) {
    let y = area.top + 12.0;
    let words = Words::new(LABEL, INK);
    let mut x = area.left;
    canvas.rectangle(Area { left: x, top: y - 6.0, right: x + 26.0, bottom: y + 6.0 }, tint(CHAT));
    canvas.text("assigned share", (x + 34.0, y), words);
    x += 172.0;
    whisker(canvas, (x, x + 26.0), y);
    canvas.text("its 95 % interval", (x + 34.0, y), words);
    x += 182.0;
    marker(canvas, (x + 4.0, y), 8.0);
    canvas.text("entitled share", (x + 16.0, y), words);
}

/// The axis of shares, and what the columns on the right are.
fn draw_axes(canvas: &mut Canvas<'_>, plot: Area, largest: f64) -> Scale {
    let (values, decimals) = ticks(largest * 100.0, 6);
    let top = values.last().copied().unwrap_or(100.0);
    let x = Scale { values: (0.0, top / 100.0), pixels: (plot.left, plot.right) };
    for value in values {
        let at = x.at(value / 100.0);
        canvas.line((at, plot.top), (at, plot.bottom), GRID, 1);
        let label = format!("{value:.decimals$} %");
        let words = Words::new(SMALL, PALE_INK).centred();
        canvas.text(&label, (at, plot.bottom + 14.0), words);
    }
    let middle = (plot.left + plot.right) / 2.0;
    let words = Words::new(LABEL, INK).centred();
    canvas.text(
        "share of the rotation’s assignments (%); those by owner are not in it",
        (middle, plot.bottom + 36.0),
        words,
    );
    let heads = ["assigned", "entitled", "ratio"];
    for (head, right) in heads.into_iter().zip(columns(plot)) {
        let words = Words::new(SMALL, PALE_INK).to_the_left();
        canvas.text(head, (right, plot.top - 11.0), words);
    }
    x
}

/// Where the columns of numbers end.
fn columns(plot: Area) -> [f64; 3] {
    [86.0, 160.0, 222.0].map(|x| plot.right + x)
}

/// What the rows of agents have in common.
struct Rows {
    plot: Area,
    x: Scale,
    height: f64,
    /// Of shares in percent and of ratios.
    decimals: [i32; 2],
}

impl Rows {
    /// The row of an agent, whose middle is at `y`.
    fn draw(&self, canvas: &mut Canvas<'_>, portion: &Portion<'_>, y: f64) {
        let Self { plot, x, height, decimals: [of_shares, of_ratios] } = *self;
        let name = shortened(portion.agent, 158.0, LABEL);
        canvas.text(&name, (plot.left - 8.0, y), Words::new(LABEL, INK).to_the_left());
        let (half, end) = (height * 0.32, x.at(portion.share));
        let bar = Area { left: plot.left, top: y - half, right: end, bottom: y + half };
        canvas.rectangle(bar, tint(CHAT));
        canvas.line((end, bar.top), (end, bar.bottom), CHAT, 2);
        if let (Some(low), Some(high)) = (portion.low, portion.high) {
            whisker(canvas, (x.at(low), x.at(high)), y);
        }
        marker(canvas, (x.at(portion.entitled), y), height * 0.46);
        let in_percent = |share: f64| format!("{} %", number(share * 100.0, of_shares));
        let ratio = number(portion.share / portion.entitled, of_ratios);
        let numbers = [in_percent(portion.share), in_percent(portion.entitled), ratio];
        for (number, right) in numbers.into_iter().zip(columns(plot)) {
            canvas.text(&number, (right, y), Words::new(SMALL, INK).to_the_left());
        }
    }
}

/// The decimals that the intervals of all agents support: a column has as many everywhere.
fn least_decimals(portions: &[&Portion<'_>]) -> [i32; 2] {
    let all = portions.iter().map(|portion| portion.decimals());
    all.reduce(|a, b| [a[0].min(b[0]), a[1].min(b[1])]).unwrap_or_default()
}

/// An interval.
fn whisker(canvas: &mut Canvas<'_>, (from, to): (f64, f64), y: f64) {
    canvas.line((from, y), (to, y), CHAT, 2);
    for end in [from, to] {
        canvas.line((end, y - 4.0), (end, y + 4.0), CHAT, 2);
    }
}

/// What the bar is held against.
fn marker(canvas: &mut Canvas<'_>, (x, y): (f64, f64), half: f64) {
    canvas.line((x, y - half), (x, y + half), REFERENCE, 3);
}
