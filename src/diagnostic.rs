//! What a user can get wrong: a code, a place in a file, a message and a remedy; rendered for people
//! and for machines.
//!
//! Whoever reads input builds [`Diagnostic`]s and goes on reading, so that all mistakes are shown
//! at once. What only a bug can cause is not a diagnostic but an assert.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use annotate_snippets::{
    AnnotationKind, Group, Level, Message, Renderer, Snippet, normalize_untrusted_str,
};
use serde_json::{Value, json};

macro_rules! codes {
    ($($variant:ident $name:literal $meaning:literal)*) => {
        /// The kind of a mistake. Names are stable: scripts may match them.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub enum Code {
            $(#[doc = $meaning] $variant,)*
        }

        impl Code {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The name that users see and type.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// What it means, in a sentence or two.
            #[must_use]
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$variant => $meaning,)* }
            }
        }
    };
}

codes! {
    Syntax "syntax" "The text is not valid TOML, or a value of `--set` is not."
    UnknownKey "unknown-key" "A table has a key that the format does not know."
    UnknownName "unknown-name" "A name refers to nothing: an agent, team, chatflow, profile or time zone that does not exist."
    MissingKey "missing-key" "A key that has no default is left out."
    WrongType "wrong-type" "A value is of the wrong kind, such as a number where a list is expected."
    NeedsUnit "needs-unit" "A length of time is a bare number; it needs a unit, as in `\"45s\"`."
    ImpossibleValue "impossible-value" "A value is of the right kind but cannot be: out of range, no such date, windows that overlap."
    Conflict "conflict" "Two things that are said contradict each other, or the same is said twice."
    NotBuiltYet "not-built-yet" "It is part of the format, but this version does not simulate it yet."
    MissingFile "missing-file" "A file that is named does not exist."
    UnreadableFile "unreadable-file" "A file exists but cannot be read: a directory, no permission, not UTF-8, too large."
    BadRow "bad-row" "A row of a data file does not say what its columns promise."
    UnknownMeasure "unknown-measure" "A threshold names a measure that does not exist."
    IdleAgent "idle-agent" "A warning: an agent is on no routing list and never gets a chat."
    IdleOwner "idle-owner" "A warning: contacts belong to an agent who never works."
    NoTraffic "no-traffic" "A warning: nobody ever writes into a chatflow."
    UnusedTable "unused-table" "A warning: a table of habits or visitors is named by nothing."
    LongNight "long-night" "A warning: office hours run over midnight for more than half a day."
    RowsOutside "rows-outside" "A warning: rows of a recorded file lie outside the period of the run."
    NobodyInHours "nobody-in-hours" "A warning: nobody of a chatflow's list is in hours, always or for part of the run."
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// So many diagnostics are written out for people; nobody reads more.
const MOST_SHOWN: usize = 200;

/// Lines in the output for machines are cut after so many characters.
const LONGEST_LINE: usize = 500;

/// Whether it stops the program.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Severity {
    /// Nothing is done.
    Error,
    /// It is done, but probably not what was meant.
    Warning,
}

impl Severity {
    /// `error` or `warning`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

/// A text that was read, under the name it goes by.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SourceText {
    /// The file's path as the user wrote it, or what else the text came from, such as
    /// `--set team.sales.agents=8`.
    pub name: String,
    /// The text, or as much of it as is kept.
    pub text: String,
    /// The number of the first line of `text` in the file; 1 if all of it is kept.
    first_line: usize,
    /// Where each line of `text` begins, so that a place finds its line without counting.
    line_starts: Vec<usize>,
}

impl SourceText {
    /// A whole text.
    #[must_use]
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Arc<Self> {
        Self::from_line(name.into(), text.into(), 1)
    }

    fn from_line(name: String, text: String, first_line: usize) -> Arc<Self> {
        let after_newlines = text.match_indices('\n').map(|(newline, _)| newline + 1);
        let line_starts = std::iter::once(0).chain(after_newlines).collect();
        Arc::new(Self { name, text, first_line, line_starts })
    }

    /// The number, within `text` and from 0, of the line in which the byte `offset` lies.
    fn line_of(&self, offset: usize) -> usize {
        self.line_starts.partition_point(|&starts| starts <= offset) - 1
    }
}

/// A stretch of a text.
#[derive(Clone, PartialEq, Eq)]
pub struct Place {
    source: Arc<SourceText>,
    start: usize,
    end: usize,
}

impl Place {
    /// The bytes `span` of `source`. What lies beyond the text or inside a character is moved to the
    /// next border of a character before it.
    #[must_use]
    pub fn new(source: &Arc<SourceText>, span: Range<usize>) -> Self {
        let border = |offset: usize| {
            let mut offset = offset.min(source.text.len());
            while !source.text.is_char_boundary(offset) {
                offset -= 1;
            }
            offset
        };
        let start = border(span.start);
        let end = border(span.end).max(start);
        Self { source: Arc::clone(source), start, end }
    }

    /// A whole line of a file that is not kept in memory; `line` counts from 1.
    #[must_use]
    pub fn of_line(name: impl Into<String>, line: usize, text: impl Into<String>) -> Self {
        let source = SourceText::from_line(name.into(), text.into(), line);
        let end = source.text.len();
        Self { source, start: 0, end }
    }

    /// The text it lies in.
    #[must_use]
    pub const fn source(&self) -> &Arc<SourceText> {
        &self.source
    }

    /// The file, as the user wrote it.
    #[must_use]
    pub fn file(&self) -> &str {
        &self.source.name
    }

    /// The bytes of the text.
    #[must_use]
    pub const fn span(&self) -> Range<usize> {
        self.start..self.end
    }

    /// What stands there.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.source.text[self.span()]
    }

    /// The line on which it begins, from 1.
    #[must_use]
    pub fn line(&self) -> usize {
        self.position(self.start).0
    }

    /// The column in which it begins, from 1, in characters.
    #[must_use]
    pub fn column(&self) -> usize {
        self.position(self.start).1
    }

    /// Line and column just behind its end.
    #[must_use]
    pub fn end(&self) -> (usize, usize) {
        self.position(self.end)
    }

    /// The text of the line on which it begins, without the line's end.
    #[must_use]
    pub fn line_text(&self) -> &str {
        &self.source.text[self.line_span()]
    }

    fn line_span(&self) -> Range<usize> {
        let SourceText { text, line_starts, .. } = &*self.source;
        let line = self.source.line_of(self.start);
        let starts = line_starts[line];
        let ends = line_starts.get(line + 1).map_or(text.len(), |next| next - 1);
        let ends = if text[starts..ends].ends_with('\r') { ends - 1 } else { ends };
        starts..ends.max(starts)
    }

    fn position(&self, offset: usize) -> (usize, usize) {
        let line = self.source.line_of(offset);
        let before = &self.source.text[self.source.line_starts[line]..offset];
        (self.source.first_line + line, before.chars().count() + 1)
    }
}

impl fmt::Display for Place {
    /// `file:line:column`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (line, column) = self.position(self.start);
        write!(f, "{}:{line}:{column}", self.file())
    }
}

impl fmt::Debug for Place {
    /// As it is displayed; the text would drown everything else.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Place({self})")
    }
}

/// Another place that a mistake has to do with.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Related {
    /// Where.
    pub place: Place,
    /// What is there.
    pub message: String,
}

/// One mistake, or one thing to know.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Diagnostic {
    /// Its kind.
    pub code: Code,
    /// Whether it stops the program.
    pub severity: Severity,
    /// What is wrong, in a clause without a full stop.
    pub message: String,
    /// Where, if it is in a file.
    pub place: Option<Place>,
    /// Other places that matter, such as the first of two things of the same name.
    pub related: Vec<Related>,
    /// What to do about it.
    pub help: Option<String>,
}

impl Diagnostic {
    /// Something that stops the program.
    #[must_use]
    pub fn error(code: Code, message: impl Into<String>) -> Self {
        let (message, severity) = (message.into(), Severity::Error);
        Self { code, severity, message, place: None, related: Vec::new(), help: None }
    }

    /// Something to know.
    #[must_use]
    pub fn warning(code: Code, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(code, message) }
    }

    /// The same, at a place.
    #[must_use]
    pub fn at(self, place: &Place) -> Self {
        Self { place: Some(place.clone()), ..self }
    }

    /// The same, with another place that matters.
    #[must_use]
    pub fn related(mut self, place: &Place, message: impl Into<String>) -> Self {
        self.related.push(Related { place: place.clone(), message: message.into() });
        self
    }

    /// The same, with a remedy.
    #[must_use]
    pub fn help(self, help: impl Into<String>) -> Self {
        Self { help: Some(help.into()), ..self }
    }

    /// Whether it stops the program.
    #[must_use]
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

/// The exit code that these call for: 0 without errors, 66 if all that is wrong is that files are
/// missing, else 65.
#[must_use]
pub fn exit_code(diagnostics: &[Diagnostic]) -> u8 {
    let mut errors = diagnostics.iter().filter(|d| d.is_error());
    match errors.next() {
        None => 0,
        Some(first)
            if first.code == Code::MissingFile && errors.all(|d| d.code == Code::MissingFile) =>
        {
            66
        }
        Some(_) => 65,
    }
}

/// Diagnostics for people: each with its line, underlined, and its remedy. Of very many the first
/// are shown and the others counted.
#[must_use]
pub fn render_human(diagnostics: &[Diagnostic], colour: bool) -> String {
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
    let mut out = String::new();
    for diagnostic in diagnostics.iter().take(MOST_SHOWN) {
        let level = match diagnostic.severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
        };
        let title = level
            .primary_title(normalize_untrusted_str(&diagnostic.message))
            .id(diagnostic.code.name());
        let mut group = Group::with_title(title);
        if let Some(place) = &diagnostic.place {
            group = group.element(snippet(place, AnnotationKind::Primary, None));
        }
        for Related { place, message } in &diagnostic.related {
            group = group.element(snippet(place, AnnotationKind::Context, Some(message)));
        }
        if let Some(help) = &diagnostic.help {
            let help: Message<'_> = Level::HELP.message(normalize_untrusted_str(help));
            group = group.element(help);
        }
        out.push_str(&renderer.render(&[group]));
        out.push_str("\n\n");
    }
    if let Some(more @ 1..) = diagnostics.len().checked_sub(MOST_SHOWN) {
        out.push_str(&format!("… and {more} more\n\n"));
    }
    out
}

/// The line on which `place` begins, with the part of `place` that is on it marked.
fn snippet<'a>(
    place: &'a Place,
    kind: AnnotationKind,
    label: Option<&'a str>,
) -> Snippet<'a, annotate_snippets::Annotation<'a>> {
    let line = place.line_span();
    let start = place.start.min(line.end);
    let end = place.end.clamp(start, line.end);
    let mut mark = kind.span(start - line.start..end - line.start);
    if let Some(label) = label {
        mark = mark.label(normalize_untrusted_str(label));
    }
    Snippet::source(&place.source.text[line])
        .line_start(place.line())
        .path(normalize_untrusted_str(place.file()))
        .annotation(mark)
}

/// Diagnostics for machines: an array of objects with `code`, `severity`, `message`, `file`, `line`,
/// `column`, `end_line`, `end_column`, `text` (the line, cut if it is very long), `help` and `related`. Columns count
/// characters from 1, the end is just behind the last one; what is not known is `null`.
#[must_use]
pub fn to_json(diagnostics: &[Diagnostic]) -> Value {
    diagnostics.iter().map(diagnostic_to_json).collect()
}

fn diagnostic_to_json(diagnostic: &Diagnostic) -> Value {
    let mut object = place_to_json(diagnostic.place.as_ref());
    object["code"] = json!(diagnostic.code.name());
    object["severity"] = json!(diagnostic.severity.name());
    object["message"] = json!(diagnostic.message);
    object["help"] = json!(diagnostic.help);
    object["related"] = diagnostic
        .related
        .iter()
        .map(|related| {
            let mut object = place_to_json(Some(&related.place));
            object["message"] = json!(related.message);
            object
        })
        .collect();
    object
}

fn place_to_json(place: Option<&Place>) -> Value {
    let (end_line, end_column) = place.map(Place::end).unzip();
    json!({
        "file": place.map(Place::file),
        "line": place.map(Place::line),
        "column": place.map(Place::column),
        "end_line": end_line,
        "end_column": end_column,
        "text": place.map(|place| place.line_text().chars().take(LONGEST_LINE).collect::<String>()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(text: &str, marked: &str) -> Place {
        let start = text.find(marked).expect("the text has it");
        Place::new(&SourceText::new("team.toml", text), start..start + marked.len())
    }

    #[test]
    fn lines_and_columns_count_from_one_and_in_characters() {
        let place = place("a = 1\nname = \"Zoë\" # x\r\nc = 2", "# x");
        assert_eq!((place.line(), place.column()), (2, 14));
        assert_eq!(place.end(), (2, 17));
        assert_eq!(place.line_text(), "name = \"Zoë\" # x");
        assert_eq!(place.to_string(), "team.toml:2:14");
    }

    #[test]
    fn a_place_beyond_the_text_or_inside_a_character_is_moved() {
        let source = SourceText::new("x", "aë");
        assert_eq!(Place::new(&source, 2..90).span(), 1..3);
        assert_eq!(Place::new(&source, 90..95).span(), 3..3);
    }

    #[test]
    fn people_see_the_line_underlined_and_the_remedy() {
        let text = "[run]\nlasts = \"7d\"\nwarm_up = 30\n";
        let diagnostic = Diagnostic::error(Code::NeedsUnit, "a length of time needs a unit")
            .at(&place(text, "30"))
            .related(&place(text, "\"7d\""), "as here")
            .help("write \"30s\"");
        let expected = "\
error[needs-unit]: a length of time needs a unit
 --> team.toml:3:11
  |
3 | warm_up = 30
  |           ^^
  |
 ::: team.toml:2:9
  |
2 | lasts = \"7d\"
  |         ---- as here
  |
  = help: write \"30s\"

";
        assert_eq!(render_human(std::slice::from_ref(&diagnostic), false), expected);
        assert!(render_human(&[diagnostic], true).contains('\u{1b}'));
    }

    #[test]
    fn a_row_of_a_file_shows_its_number_and_text() {
        let place = Place::of_line("big.csv", 120_345, "2026-03-02T10:00,,yes");
        let diagnostic = Diagnostic::warning(Code::BadRow, "no contact").at(&place);
        let human = render_human(std::slice::from_ref(&diagnostic), false);
        assert!(human.contains("--> big.csv:120345:1"), "{human}");
        assert!(human.contains("120345 | 2026-03-02T10:00,,yes"), "{human}");
        let json = to_json(&[diagnostic]);
        assert_eq!(json[0]["line"], 120_345);
        assert_eq!(json[0]["end_column"], 22);
        assert_eq!(json[0]["severity"], "warning");
        assert_eq!(json[0]["text"], "2026-03-02T10:00,,yes");
        assert_eq!(json[0]["help"], Value::Null);
    }

    #[test]
    fn of_very_many_the_others_are_counted() {
        let many = vec![Diagnostic::error(Code::Syntax, "no"); MOST_SHOWN + 3];
        assert!(render_human(&many, false).ends_with("error[syntax]: no\n\n… and 3 more\n\n"));
        assert!(!render_human(&many[..MOST_SHOWN], false).contains("more"));
        assert_eq!(to_json(&many).as_array().map(Vec::len), Some(MOST_SHOWN + 3));
    }

    #[test]
    fn any_span_of_any_text_can_be_rendered() {
        for text in ["", "\n", "a\r\n\tb", "\u{1b}[31mé\0", "日本\n", "x\u{202e}"] {
            let source = SourceText::new("\u{1b}", text);
            for start in 0..=text.len() + 1 {
                for end in start..=text.len() + 1 {
                    let d =
                        Diagnostic::error(Code::Syntax, text).at(&Place::new(&source, start..end));
                    let human = render_human(std::slice::from_ref(&d), false);
                    assert!(!human.contains('\u{1b}'), "{human:?}");
                    assert!(to_json(&[d])[0]["line"].is_u64());
                }
            }
        }
    }

    #[test]
    fn only_missing_files_exit_with_66() {
        let [missing, other] = [Code::MissingFile, Code::Syntax].map(|c| Diagnostic::error(c, ""));
        let warning = Diagnostic::warning(Code::NoTraffic, "");
        assert_eq!(exit_code(&[]), 0);
        assert_eq!(exit_code(std::slice::from_ref(&warning)), 0);
        assert_eq!(exit_code(&[warning, missing.clone()]), 66);
        assert_eq!(exit_code(&[missing, other]), 65);
    }

    #[test]
    fn codes_have_names_of_their_own() {
        let names: std::collections::BTreeSet<_> = Code::ALL.iter().map(|c| c.name()).collect();
        assert_eq!(names.len(), Code::ALL.len());
        assert!(names.iter().all(|n| n.bytes().all(|b| b.is_ascii_lowercase() || b == b'-')));
    }
}
