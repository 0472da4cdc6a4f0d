//! What all charts share: the colours and what they stand for, the sizes of letters, and a page
//! with a heading above and a caption below.
//!
//! The colours are those of Okabe and Ito (*Color Universal Design*, 2008), which people with any
//! of the common kinds of colour vision can tell apart. One thing has one colour on all charts.

use plotters::style::RGBColor;

use super::canvas::{Area, Canvas, Words, shortened, wrapped};
use crate::experiment::Results;

/// Answered in chat, and assignments, which lead to it.
pub(super) const CHAT: RGBColor = RGBColor(0x00, 0x72, 0xB2);
/// Answered by email.
pub(super) const EMAIL: RGBColor = RGBColor(0xD5, 0x5E, 0x00);
/// The same on the team's clock.
pub(super) const EMAIL_IN_HOURS: RGBColor = RGBColor(0xE6, 0x9F, 0x00);
/// Agents online.
pub(super) const ONLINE: RGBColor = RGBColor(0x00, 0x9E, 0x73);
/// Visitors' first messages.
pub(super) const ARRIVALS: RGBColor = RGBColor(0xCC, 0x79, 0xA7);
/// Open conversations.
pub(super) const OPEN: RGBColor = RGBColor(0x56, 0xB4, 0xE9);
/// What agents were entitled to, and other marks that things are held against.
pub(super) const REFERENCE: RGBColor = RGBColor(0x11, 0x11, 0x11);

/// Letters and axes.
pub(super) const INK: RGBColor = RGBColor(0x22, 0x22, 0x22);
/// Letters that say less.
pub(super) const PALE_INK: RGBColor = RGBColor(0x5A, 0x5A, 0x5A);
/// Lines that only guide the eye.
pub(super) const GRID: RGBColor = RGBColor(0xE2, 0xE2, 0xE2);
/// Where there is no data.
pub(super) const NO_DATA: RGBColor = RGBColor(0xF0, 0xF0, 0xF0);
/// The hatching of that.
pub(super) const NO_DATA_HATCH: RGBColor = RGBColor(0xB8, 0xB8, 0xB8);

/// Height of letters in titles, in pixels.
pub(super) const TITLE: f64 = 16.0;
/// Height of letters of axes and of marks in the chart.
pub(super) const LABEL: f64 = 14.0;
/// Height of letters in captions and ticks.
pub(super) const SMALL: f64 = 12.0;

/// Width of all charts.
pub(super) const WIDTH: f64 = 960.0;

/// From the edge of the page to anything on it.
const MARGIN: f64 = 20.0;
/// From one line of small letters to the next.
const LINE: f64 = 17.0;
/// What the two lines of the heading take.
const HEADING: f64 = 62.0;
/// Between the chart and the caption.
const ABOVE_CAPTION: f64 = 12.0;

/// From nothing to all, in even steps: ever darker, so that they can be told apart without colour
/// as well (after Brewer's *YlOrBr*, of the same family as [`EMAIL`]).
const SHADES: [RGBColor; 6] = [
    RGBColor(0xFF, 0xFB, 0xE8),
    RGBColor(0xFE, 0xE3, 0x91),
    RGBColor(0xFE, 0xC0, 0x4A),
    RGBColor(0xEC, 0x70, 0x14),
    RGBColor(0xB3, 0x44, 0x05),
    RGBColor(0x5C, 0x21, 0x06),
];

/// The shade of a share between 0 and 1.
pub(super) fn shade(share: f64) -> RGBColor {
    let place = share.clamp(0.0, 1.0) * (SHADES.len() - 1) as f64;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "within the list")]
    let below = (place as usize).min(SHADES.len() - 2);
    let part = place - below as f64;
    let (from, to) = (SHADES[below], SHADES[below + 1]);
    let between = |from: u8, to: u8| {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "two bytes")]
        {
            libm::rint(f64::from(from) + part * (f64::from(to) - f64::from(from))) as u8
        }
    };
    RGBColor(between(from.0, to.0), between(from.1, to.1), between(from.2, to.2))
}

/// Letters that can be read on a shade.
pub(super) fn ink_on(RGBColor(red, green, blue): RGBColor) -> RGBColor {
    // Rec. 601 luma.
    let luma = 0.299 * f64::from(red) + 0.587 * f64::from(green) + 0.114 * f64::from(blue);
    if luma > 140.0 { INK } else { RGBColor(0xFF, 0xFF, 0xFF) }
}

/// A colour thinned with white, for areas.
pub(super) fn tint(RGBColor(red, green, blue): RGBColor) -> RGBColor {
    let lighter = |part: u8| u8::MAX - (u8::MAX - part) / 10 * 3;
    RGBColor(lighter(red), lighter(green), lighter(blue))
}

/// A colour dark enough for words.
pub(super) fn dark(RGBColor(red, green, blue): RGBColor) -> RGBColor {
    let darker = |part: u8| part / 3 * 2;
    RGBColor(darker(red), darker(green), darker(blue))
}

/// What a page says about its chart.
pub(super) struct Page {
    /// What the chart shows.
    pub(super) title: String,
    /// Joined to the name of the run.
    pub(super) subtitle: String,
    /// Sentences below the chart.
    pub(super) caption: String,
    /// Height of the area for the chart; heading and caption come on top of it.
    pub(super) chart_height: f64,
}

impl Page {
    /// Draws the page, and on it what `chart` draws into the area that is left.
    pub(super) fn draw(
        &self,
        results: &Results<'_>,
        chart: impl FnOnce(&mut Canvas<'_>, Area),
    ) -> String {
        let width = WIDTH - 2.0 * MARGIN;
        let caption = wrapped(&self.caption, width, SMALL);
        let bottom = HEADING + self.chart_height;
        let height = bottom + ABOVE_CAPTION + LINE * caption.len() as f64 + MARGIN / 2.0;
        Canvas::draw((WIDTH, height), |canvas| {
            let title = Words::new(TITLE, INK).bold();
            canvas.text(&shortened(&self.title, width * 0.92, TITLE), (MARGIN, 28.0), title);
            let subtitle = subtitle(results, &self.subtitle, width);
            canvas.text(&subtitle, (MARGIN, 49.0), Words::new(SMALL, PALE_INK));

            for (number, line) in caption.iter().enumerate() {
                let y = bottom + ABOVE_CAPTION + LINE * (number as f64 + 0.5);
                canvas.text(line, (MARGIN, y), Words::new(SMALL, PALE_INK));
            }
            let area = Area { left: MARGIN, top: HEADING, right: WIDTH - MARGIN, bottom };
            chart(canvas, area);
        })
    }

    /// The same page without a chart, saying that there is none and why.
    pub(super) fn no_data(&self, results: &Results<'_>, why: &str) -> String {
        self.draw(results, |canvas, area| {
            let middle = ((area.left + area.right) / 2.0, (area.top + area.bottom) / 2.0);
            let words = Words::new(TITLE, PALE_INK).centred();
            canvas.text(&format!("no data: {why}"), middle, words);
        })
    }
}

/// `small-team · seed 1 · 20 replications · …`, the name shortened to fit.
fn subtitle(results: &Results<'_>, more: &str, width: f64) -> String {
    let replications = results.replications.len();
    let times = if replications == 1 { "replication" } else { "replications" };
    let seed = results.scenario.run.seed;
    let mut rest = format!(" · seed {seed} · {replications} {times}");
    if !more.is_empty() {
        rest.push_str(" · ");
        rest.push_str(more);
    }
    let left = width - super::canvas::width_of(&rest, SMALL);
    shortened(&results.scenario.name, left, SMALL) + &rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shades_grow_darker_with_the_share() {
        let luma = |RGBColor(r, g, b): RGBColor| {
            299 * u32::from(r) + 587 * u32::from(g) + 114 * u32::from(b)
        };
        let shades: Vec<u32> = (0..=100).map(|p| luma(shade(f64::from(p) / 100.0))).collect();
        assert!(shades.is_sorted_by(|a, b| a > b), "{shades:?}");
        assert_eq!((shade(-1.0), shade(2.0)), (shade(0.0), shade(1.0)));
    }
}
