//! A sheet of paper: lines, areas and words by pixel, written by `plotters`' SVG backend, which
//! escapes whatever users have called things.
//!
//! Axes are drawn here and not by `plotters`, because it would measure letters with the fonts of
//! the machine, and charts must be the same on every machine. Widths of words are estimated from
//! the widths of letters in common sans-serif fonts.

use plotters::backend::{DrawingBackend, SVGBackend};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{
    Color, FontDesc, FontFamily, FontStyle, FontTransform, RGBAColor, RGBColor, ShapeStyle,
    TextStyle, WHITE,
};

/// Pixels from the left, and from the top.
pub(super) type Point = (f64, f64);

/// The SVG backend divides heights of letters by this.
const BACKEND_LETTERS: f64 = 1.24;

/// Why drawing cannot fail.
const INFALLIBLE: &str = "a string takes all that is drawn";

/// A rectangle on the page, in pixels.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Area {
    pub(super) left: f64,
    pub(super) top: f64,
    pub(super) right: f64,
    pub(super) bottom: f64,
}

impl Area {
    pub(super) const fn width(self) -> f64 {
        self.right - self.left
    }

    pub(super) const fn height(self) -> f64 {
        self.bottom - self.top
    }

    /// Whether two areas share more than an edge.
    pub(super) const fn overlaps(self, other: Self) -> bool {
        self.left < other.right
            && other.left < self.right
            && self.top < other.bottom
            && other.top < self.bottom
    }

    /// Whether a point lies inside, the edges included.
    pub(super) const fn contains(self, (x, y): Point) -> bool {
        self.left <= x && x <= self.right && self.top <= y && y <= self.bottom
    }

    /// Whether another area lies inside.
    pub(super) const fn encloses(self, other: Self) -> bool {
        self.contains((other.left, other.top)) && self.contains((other.right, other.bottom))
    }
}

/// How words look, and which of their points is given.
#[derive(Clone, Copy)]
pub(super) struct Words {
    size: f64,
    colour: RGBColor,
    style: FontStyle,
    anchor: HPos,
    is_upright: bool,
}

impl Words {
    /// Letters of this height; the left end is given.
    pub(super) const fn new(size: f64, colour: RGBColor) -> Self {
        Self { size, colour, style: FontStyle::Normal, anchor: HPos::Left, is_upright: false }
    }

    pub(super) const fn bold(self) -> Self {
        Self { style: FontStyle::Bold, ..self }
    }

    /// The middle is given.
    pub(super) const fn centred(self) -> Self {
        Self { anchor: HPos::Center, ..self }
    }

    /// The right end is given.
    pub(super) const fn to_the_left(self) -> Self {
        Self { anchor: HPos::Right, ..self }
    }

    /// Read from bottom to top.
    pub(super) const fn upright(self) -> Self {
        Self { is_upright: true, ..self }
    }
}

/// The paper.
pub(super) struct Canvas<'a> {
    backend: SVGBackend<'a>,
}

impl Canvas<'_> {
    /// A white sheet of so many pixels with what `drawing` puts on it, as SVG.
    pub(super) fn draw(
        (width, height): (f64, f64),
        drawing: impl FnOnce(&mut Canvas<'_>),
    ) -> String {
        let mut svg = String::new();
        let (right, bottom) = pixels((width, height));
        let size = (right.unsigned_abs(), bottom.unsigned_abs());
        let mut canvas = Canvas { backend: SVGBackend::with_string(&mut svg, size) };
        canvas.rectangle(Area { left: 0.0, top: 0.0, right: width, bottom: height }, WHITE);
        drawing(&mut canvas);
        canvas.backend.present().expect(INFALLIBLE);
        drop(canvas);
        svg
    }

    /// A filled rectangle.
    pub(super) fn rectangle(&mut self, area: Area, colour: impl Color) {
        let (from, to) = (pixels((area.left, area.top)), pixels((area.right, area.bottom)));
        if from.0 < to.0 && from.1 < to.1 {
            let style = colour.to_rgba();
            self.backend.draw_rect(from, to, &style, true).expect(INFALLIBLE);
        }
    }

    /// A straight line.
    pub(super) fn line(&mut self, from: Point, to: Point, colour: impl Color, width: u32) {
        let style = stroke(colour.to_rgba(), width);
        self.backend.draw_line(pixels(from), pixels(to), &style).expect(INFALLIBLE);
    }

    /// A line through points.
    pub(super) fn path(&mut self, points: &[Point], colour: impl Color, width: u32) {
        let style = stroke(colour.to_rgba(), width);
        let points = points.iter().map(|&point| pixels(point));
        self.backend.draw_path(points, &style).expect(INFALLIBLE);
    }

    /// A filled polygon.
    pub(super) fn polygon(&mut self, points: &[Point], colour: impl Color) {
        let points = points.iter().map(|&point| pixels(point));
        self.backend.fill_polygon(points, &colour.to_rgba()).expect(INFALLIBLE);
    }

    /// A filled circle with a white rim, which keeps it apart from lines under it.
    pub(super) fn dot(&mut self, centre: Point, radius: u32, colour: impl Color) {
        let centre = pixels(centre);
        self.backend.draw_circle(centre, radius + 1, &WHITE, true).expect(INFALLIBLE);
        self.backend.draw_circle(centre, radius, &colour.to_rgba(), true).expect(INFALLIBLE);
    }

    /// Words on one line, vertically centred on the point.
    pub(super) fn text(&mut self, text: &str, at: Point, words: Words) {
        let transform =
            if words.is_upright { FontTransform::Rotate270 } else { FontTransform::None };
        let size = words.size * BACKEND_LETTERS;
        let font = FontDesc::new(FontFamily::SansSerif, size, words.style).transform(transform);
        let style =
            TextStyle::from(font).color(&words.colour).pos(Pos::new(words.anchor, VPos::Center));
        self.backend.draw_text(&printable(text), &style, pixels(at)).expect(INFALLIBLE);
    }
}

fn stroke(color: RGBAColor, stroke_width: u32) -> ShapeStyle {
    ShapeStyle { color, filled: false, stroke_width }
}

/// The nearest pixel.
fn pixels((x, y): Point) -> (i32, i32) {
    #[expect(clippy::cast_possible_truncation, reason = "pages are thousands of pixels at most")]
    let nearest = |at: f64| libm::rint(at) as i32;
    (nearest(x), nearest(y))
}

/// Without the characters that XML does not allow, not even escaped.
fn printable(text: &str) -> String {
    let allowed = |c: char| !c.is_control() && !matches!(c, '\u{fffe}' | '\u{ffff}');
    text.chars().map(|c| if allowed(c) { c } else { '\u{fffd}' }).collect()
}

/// About how wide a text is in pixels; rather too much than too little.
pub(super) fn width_of(text: &str, size: f64) -> f64 {
    text.chars().map(|c| width_of_letter(c) * size).sum()
}

/// In heights of letters, after DejaVu Sans, which is wider than Arial and Helvetica.
const fn width_of_letter(letter: char) -> f64 {
    match letter {
        'i' | 'j' | 'l' | '\'' => 0.29,
        ' ' | '.' | ',' | ':' | ';' | '!' | '|' | '·' => 0.33,
        'f' | 't' | 'r' | '(' | ')' | '[' | ']' | '/' | '-' | 'I' | 'J' => 0.41,
        'c' | 's' | 'z' | 'k' | 'v' | 'x' | 'y' | '–' => 0.58,
        'm' | 'w' | 'M' | 'W' | '@' | '%' | '…' => 1.0,
        'a'..='z' | '0'..='9' => 0.64,
        '\u{2e80}'.. => 1.05,
        _ => 0.75,
    }
}

/// A text that is at most so wide, its end cut off and replaced by `…` if necessary.
pub(super) fn shortened(text: &str, width: f64, size: f64) -> String {
    if width_of(text, size) <= width {
        return text.to_owned();
    }
    let mut left = width - width_of("…", size);
    let kept: String = text
        .chars()
        .take_while(|&c| {
            left -= width_of_letter(c) * size;
            left >= 0.0
        })
        .collect();
    format!("{}…", kept.trim_end())
}

/// A text broken into lines that are at most so wide; a longer word has a line of its own.
pub(super) fn wrapped(text: &str, width: f64, size: f64) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if width_of(line, size) + width_of(word, size) + size < width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_end_in_an_ellipsis_and_short_ones_stay() {
        assert_eq!(shortened("ana", 100.0, 12.0), "ana");
        let long = shortened(&"name ".repeat(50), 100.0, 12.0);
        assert!(long.ends_with('…') && width_of(&long, 12.0) <= 100.0, "{long}");
        assert_eq!(shortened("anything", 0.0, 12.0), "…");
    }

    #[test]
    fn lines_are_as_long_as_they_can_be_and_no_longer() {
        let text = "a caption of several words that does not fit into one line of this width";
        let lines = wrapped(text, 150.0, 12.0);
        assert!(lines.len() > 2 && lines.iter().all(|l| width_of(l, 12.0) <= 150.0), "{lines:?}");
        assert_eq!(lines.join(" "), text);
        assert_eq!(wrapped("", 150.0, 12.0), Vec::<String>::new());
    }

    #[test]
    fn words_are_escaped_and_characters_that_no_xml_may_hold_replaced() {
        let svg = Canvas::draw((100.0, 50.0), |canvas| {
            let ink = super::super::style::INK;
            canvas.text("<a & \"b\">\u{7}", (10.0, 10.0), Words::new(12.0, ink));
        });
        assert!(svg.contains("&lt;a &amp; &quot;b&quot;&gt;\u{fffd}"), "{svg}");
    }

    #[test]
    fn areas_that_touch_do_not_overlap() {
        let area = |left, right| Area { left, top: 0.0, right, bottom: 10.0 };
        assert!(area(0.0, 5.0).overlaps(area(4.0, 9.0)));
        assert!(!area(0.0, 5.0).overlaps(area(5.0, 9.0)));
        assert!(
            area(0.0, 9.0).encloses(area(4.0, 9.0)) && !area(4.0, 9.0).encloses(area(0.0, 9.0))
        );
    }
}
