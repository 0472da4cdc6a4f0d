//! The text of a scenario as a tree in which every key and every value knows its place, so that
//! values given on the command line can be grafted in and keep a place of their own.

use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeInteger, DeTable, DeValue, Error};

use crate::diagnostic::{Code, Diagnostic, Place, SourceText};

/// A value and where it stands.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) value: NodeValue,
    pub(super) place: Place,
}

/// What a value can be.
#[derive(Clone, Debug)]
pub(super) enum NodeValue {
    String(String),
    /// `None` if it does not fit.
    Integer(Option<i128>),
    Float(f64),
    Boolean(bool),
    /// A date, a time or both, as written.
    Datetime(String),
    Array(Vec<Node>),
    Table(Table),
}

/// Keys and values in the order of the text.
#[derive(Clone, Debug, Default)]
pub(super) struct Table {
    pub(super) entries: Vec<Entry>,
}

/// A key and its value.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) key: String,
    pub(super) key_place: Place,
    pub(super) node: Node,
}

impl Node {
    /// What it is, with an article.
    pub(super) fn kind(&self) -> &'static str {
        match self.value {
            NodeValue::String(_) => "a string",
            NodeValue::Integer(_) | NodeValue::Float(_) => "a number",
            NodeValue::Boolean(_) => "true or false",
            NodeValue::Datetime(_) => "a date or time",
            NodeValue::Array(_) => "a list",
            NodeValue::Table(_) => "a table",
        }
    }

    pub(super) fn as_str(&self) -> Option<&str> {
        match &self.value {
            NodeValue::String(text) => Some(text),
            _ => None,
        }
    }

    pub(super) fn as_array(&self) -> Option<&[Self]> {
        match &self.value {
            NodeValue::Array(items) => Some(items),
            _ => None,
        }
    }

    pub(super) fn as_table(&self) -> Option<&Table> {
        match &self.value {
            NodeValue::Table(table) => Some(table),
            _ => None,
        }
    }

    /// Whether it says the same, wherever it stands.
    pub(super) fn says_the_same_as(&self, other: &Self) -> bool {
        match (&self.value, &other.value) {
            (NodeValue::String(a), NodeValue::String(b))
            | (NodeValue::Datetime(a), NodeValue::Datetime(b)) => a == b,
            (NodeValue::Integer(a), NodeValue::Integer(b)) => a == b,
            (NodeValue::Float(a), NodeValue::Float(b)) => a.total_cmp(b).is_eq(),
            (NodeValue::Boolean(a), NodeValue::Boolean(b)) => a == b,
            (NodeValue::Array(a), NodeValue::Array(b)) => {
                a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.says_the_same_as(b))
            }
            (NodeValue::Table(a), NodeValue::Table(b)) => {
                a.entries.len() == b.entries.len()
                    && a.entries
                        .iter()
                        .all(|a| b.get(&a.key).is_some_and(|b| a.node.says_the_same_as(&b.node)))
            }
            _ => false,
        }
    }
}

impl Table {
    pub(super) fn get(&self, key: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.key == key)
    }

    pub(super) fn get_mut(&mut self, key: &str) -> Option<&mut Entry> {
        self.entries.iter_mut().find(|entry| entry.key == key)
    }

    /// The string under `key`, if there is one.
    pub(super) fn get_str(&self, key: &str) -> Option<&str> {
        self.get(key)?.node.as_str()
    }

    /// Puts `node` under `key`, in place of what is there.
    pub(super) fn set(&mut self, key: &str, key_place: Place, node: Node) {
        match self.get_mut(key) {
            Some(entry) => entry.node = node,
            None => self.entries.push(Entry { key: key.to_owned(), key_place, node }),
        }
    }
}

/// Reads a document, or says everything about it that is not TOML.
pub(super) fn parse_document(source: &Arc<SourceText>) -> Result<Table, Vec<Diagnostic>> {
    let (document, errors) = DeTable::parse_recoverable(&source.text);
    if errors.is_empty() {
        Ok(table_of(document.into_inner(), source, 0))
    } else {
        Err(errors.iter().map(|error| syntax_error(error, source, 0)).collect())
    }
}

/// Reads the value that is the text of `source` from `offset` on.
pub(super) fn parse_value(source: &Arc<SourceText>, offset: usize) -> Result<Node, Diagnostic> {
    match DeValue::parse(&source.text[offset..]) {
        Ok(value) => Ok(node_of(value, source, offset)),
        Err(error) => Err(syntax_error(&error, source, offset)),
    }
}

fn syntax_error(error: &Error, source: &Arc<SourceText>, offset: usize) -> Diagnostic {
    let span = error.span().unwrap_or(0..0);
    let place = Place::new(source, span.start + offset..span.end + offset);
    let diagnostic = Diagnostic::error(Code::Syntax, error.message()).at(&place);
    if error.message().contains("string values must be quoted") {
        return diagnostic.help("text stands in quotes: \"…\"");
    }
    diagnostic
}

fn table_of(table: DeTable<'_>, source: &Arc<SourceText>, offset: usize) -> Table {
    let mut entries: Vec<Entry> = table
        .into_iter()
        .map(|(key, value)| Entry {
            key_place: place_of(&key, source, offset),
            key: key.into_inner().into_owned(),
            node: node_of(value, source, offset),
        })
        .collect();
    // The parser's tables are ordered by key.
    entries.sort_by_key(|entry| entry.key_place.span().start);
    Table { entries }
}

fn node_of(value: Spanned<DeValue<'_>>, source: &Arc<SourceText>, offset: usize) -> Node {
    let place = place_of(&value, source, offset);
    let value = match value.into_inner() {
        DeValue::String(text) => NodeValue::String(text.into_owned()),
        DeValue::Integer(integer) => NodeValue::Integer(integer_of(&integer)),
        DeValue::Float(float) => NodeValue::Float(float.as_str().parse().unwrap_or(f64::NAN)),
        DeValue::Boolean(yes) => NodeValue::Boolean(yes),
        DeValue::Datetime(_) => NodeValue::Datetime(place.text().to_owned()),
        DeValue::Array(items) => {
            NodeValue::Array(items.into_iter().map(|item| node_of(item, source, offset)).collect())
        }
        DeValue::Table(table) => NodeValue::Table(table_of(table, source, offset)),
    };
    Node { value, place }
}

fn integer_of(integer: &DeInteger<'_>) -> Option<i128> {
    i128::from_str_radix(integer.as_str(), integer.radix()).ok()
}

fn place_of<T>(spanned: &Spanned<T>, source: &Arc<SourceText>, offset: usize) -> Place {
    let span = spanned.span();
    Place::new(source, span.start + offset..span.end + offset)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Table, Vec<Diagnostic>> {
        parse_document(&SourceText::new("x.toml", text))
    }

    #[test]
    fn keys_are_in_the_order_of_the_text_and_know_their_place() {
        let table = parse("b = 1\na = { d = \"x\", c = [1, 2.5] }\n").expect("it is TOML");
        let keys: Vec<&str> = table.entries.iter().map(|e| e.key.as_str()).collect();
        assert_eq!(keys, ["b", "a"]);
        let inner = table.get("a").and_then(|e| e.node.as_table()).expect("a table");
        let list = &inner.get("c").expect("there").node;
        assert_eq!(
            (list.place.line(), list.place.column(), list.place.text()),
            (2, 20, "[1, 2.5]")
        );
        assert_eq!(inner.get_str("d"), Some("x"));
    }

    #[test]
    fn all_syntax_errors_are_reported_at_once() {
        let errors = parse("a = 1\na = 2\nb =\nc = later\n").expect_err("three mistakes");
        let lines: Vec<_> =
            errors.iter().map(|e| e.place.as_ref().expect("a place").line()).collect();
        assert_eq!(lines.len(), 3, "{errors:?}");
        assert!([2, 3, 4].iter().all(|line| lines.contains(line)), "{errors:?}");
        assert!(errors.iter().all(|e| e.code == Code::Syntax));
    }

    #[test]
    fn numbers_that_do_not_fit_are_kept_as_such() {
        let table = parse("a = 99999999999999999999999999999999999999999\nb = 0x1F").expect("ok");
        let value = |key| &table.get(key).expect("there").node.value;
        assert!(matches!(value("a"), NodeValue::Integer(None)));
        assert!(matches!(value("b"), NodeValue::Integer(Some(31))));
    }

    #[test]
    fn sameness_does_not_look_at_places_or_order() {
        let table = parse("a = { x = 1, y = [\"b\"] }\nb = { y = ['b'], x = 1 }\nc = { x = 1 }\n");
        let table = table.expect("it is TOML");
        let node = |key| &table.get(key).expect("there").node;
        assert!(node("a").says_the_same_as(node("b")));
        assert!(!node("a").says_the_same_as(node("c")));
        assert!(!node("c").says_the_same_as(node("a")));
    }

    #[test]
    fn nesting_without_end_is_a_syntax_error() {
        for text in ["x = ".to_owned() + &"[".repeat(100_000), "a.".repeat(100_000) + "b = 1"] {
            assert!(parse(&text).is_err());
        }
    }
}
