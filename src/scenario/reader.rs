//! Reading tables strictly: every table says which keys it has, every reader says what it expects,
//! and every mistake is noted while the reading goes on.

use crate::diagnostic::{Code, Diagnostic, Place};

use super::tree::{Entry, Node, NodeValue, Table};

/// Names longer than this are not compared with others.
const LONGEST_COMPARED: usize = 64;

/// So many wrong names get a suggestion; a file with more is not a matter of typing errors, and
/// comparing all with all would take too long.
const MOST_COMPARED: u32 = 200;

/// A list of choices up to this long is shown as a whole.
const SHORT_LIST: usize = 12;

/// Of a longer list of names so many are written out; the others are counted.
const NAMES_SHOWN: usize = 3;

/// What is wrong with a scenario, as far as it has been read.
#[derive(Default, Debug)]
pub(super) struct Mistakes {
    found: Vec<Diagnostic>,
    /// What is right, but only the engine can do it.
    not_simulated: Vec<Diagnostic>,
    compared: u32,
}

impl Mistakes {
    pub(super) fn add(&mut self, diagnostic: Diagnostic) {
        self.found.push(diagnostic);
    }

    /// An error of one place and one sentence.
    pub(super) fn error(&mut self, code: Code, place: &Place, message: impl Into<String>) {
        self.add(Diagnostic::error(code, message).at(place));
    }

    pub(super) fn error_with_help(
        &mut self,
        code: Code,
        place: &Place,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.add(Diagnostic::error(code, message).at(place).help(help));
    }

    /// A value that cannot be.
    pub(super) fn impossible(&mut self, place: &Place, message: impl Into<String>) {
        self.error(Code::ImpossibleValue, place, message);
    }

    /// A value of the wrong kind; `expected` with an article.
    pub(super) fn wrong_type(&mut self, node: &Node, expected: &str) {
        let message = format!("expected {expected}, found {}", node.kind());
        self.error(Code::WrongType, &node.place, message);
    }

    /// Something that is part of the format but not built.
    pub(super) fn not_built(&mut self, place: &Place, what: &str, help: impl Into<String>) {
        let message =
            format!("{what} is part of the format, but this version does not simulate it yet");
        self.error_with_help(Code::NotBuiltYet, place, message, help);
    }

    /// Something that the engine does and the simulation does not; `because` as a clause.
    pub(super) fn not_simulated(&mut self, place: &Place, what: &str, because: Option<&str>) {
        let message =
            format!("{what} is part of the format, but this version does not simulate it yet");
        let route = "`routelab route` does; remove it to simulate";
        let help = because.map_or(route.to_owned(), |because| format!("{because}; {route}"));
        let diagnostic = Diagnostic::error(Code::NotBuiltYet, message).at(place).help(help);
        self.not_simulated.push(diagnostic);
    }

    /// What is not simulated, in the order of the text; it is no mistake any more.
    pub(super) fn take_not_simulated(&mut self) -> Vec<Diagnostic> {
        let mut all = std::mem::take(&mut self.not_simulated);
        all.sort_by_key(|d| d.place.as_ref().map(order_in_text));
        all
    }

    /// Makes what is not simulated a mistake like any other.
    pub(super) fn refuse_not_simulated(&mut self) {
        self.found.append(&mut self.not_simulated);
    }

    /// A name that refers to nothing; `what` as in "no {what} is called …".
    pub(super) fn unknown_name<'n>(
        &mut self,
        place: &Place,
        what: &str,
        name: &str,
        known: impl IntoIterator<Item = &'n str>,
    ) {
        let message = format!("no {what} is called `{name}`");
        self.unknown(Code::UnknownName, place, message, name, known);
    }

    /// A member of a team who is nowhere described.
    pub(super) fn unknown_agent<'n>(
        &mut self,
        place: &Place,
        name: &str,
        known: impl IntoIterator<Item = &'n str>,
    ) {
        let near = suggestion(name, known).filter(|text| text.starts_with("did you mean"));
        let describe = || format!("describe them: [[agent]] with name = \"{name}\"");
        let help = near.unwrap_or_else(describe);
        let message = format!("no agent is called `{name}`");
        self.error_with_help(Code::UnknownName, place, message, help);
    }

    /// A word that is not one of those known.
    pub(super) fn unknown<'n>(
        &mut self,
        code: Code,
        place: &Place,
        message: impl Into<String>,
        word: &str,
        known: impl IntoIterator<Item = &'n str>,
    ) {
        let mut diagnostic = Diagnostic::error(code, message).at(place);
        self.compared += 1;
        if self.compared <= MOST_COMPARED {
            diagnostic.help = suggestion(word, known);
        }
        self.add(diagnostic);
    }

    /// `value` if nothing is wrong, else everything that is, in the order of the text.
    pub(super) fn or<T>(mut self, value: Option<T>) -> Result<T, Vec<Diagnostic>> {
        match value {
            Some(value) if self.found.is_empty() => Ok(value),
            _ => {
                assert!(!self.found.is_empty(), "a scenario that cannot be built has a mistake");
                self.found.sort_by_key(|d| d.place.as_ref().map(order_in_text));
                Err(self.found)
            }
        }
    }
}

/// Sorts places by file first, then by what is given on the command line.
pub(super) fn order_in_text(place: &Place) -> (bool, String, usize) {
    let given = place.file().starts_with("--set ");
    (given, if given { place.file().to_owned() } else { String::new() }, place.span().start)
}

/// `ana`, `ben` and 5 others.
pub(super) fn some_names(names: &[&str]) -> String {
    let shown = if names.len() <= NAMES_SHOWN + 1 { names.len() } else { NAMES_SHOWN };
    let mut parts: Vec<String> = names[..shown].iter().map(|name| format!("`{name}`")).collect();
    if shown < names.len() {
        parts.push(format!("{} others", names.len() - shown));
    }
    match parts.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
        None => String::new(),
    }
}

/// "did you mean …?", or the whole list if nothing is near and it is short.
fn suggestion<'n>(word: &str, known: impl IntoIterator<Item = &'n str>) -> Option<String> {
    let known: Vec<&str> = known.into_iter().collect();
    if let Some(near) = nearest(word, &known) {
        return Some(format!("did you mean `{near}`?"));
    }
    if known.is_empty() || known.len() > SHORT_LIST {
        return None;
    }
    let list: Vec<String> = known.iter().map(|name| format!("`{name}`")).collect();
    Some(if list.len() == 1 {
        format!("there is only {}", list[0])
    } else {
        format!("there are {}", list.join(", "))
    })
}

/// The name that takes the fewest changes of a letter, if that is at most a third of them.
fn nearest<'n>(word: &str, known: &[&'n str]) -> Option<&'n str> {
    if word.len() > LONGEST_COMPARED {
        return None;
    }
    let lower = word.to_lowercase();
    let most = (word.chars().count() / 3).max(1);
    let distance = |name: &str| {
        let possible =
            name.len() <= LONGEST_COMPARED && name.len().abs_diff(word.len()) <= 4 * most;
        possible.then(|| strsim::osa_distance(&lower, &name.to_lowercase()))
    };
    known
        .iter()
        .filter_map(|name| Some((distance(name)?, *name)))
        .filter(|&(distance, _)| distance <= most)
        .min_by_key(|&(distance, _)| distance)
        .map(|(_, name)| name)
}

/// The keys of a kind of table.
pub(super) struct Keys {
    /// As it is called in messages: `[[team]]`.
    pub(super) table: &'static str,
    /// Keys that can be given.
    pub(super) built: &'static [&'static str],
    /// Keys of the format that are not built yet.
    pub(super) unbuilt: &'static [&'static str],
}

/// A table whose keys have been checked.
#[derive(Clone, Copy)]
pub(super) struct Fields<'a> {
    table: &'a Table,
    /// The place of its header.
    pub(super) place: &'a Place,
    keys: &'static Keys,
}

impl<'a> Fields<'a> {
    /// Notes every key that does not belong there.
    pub(super) fn of_table(
        table: &'a Table,
        place: &'a Place,
        keys: &'static Keys,
        mistakes: &mut Mistakes,
    ) -> Self {
        for Entry { key, key_place, .. } in &table.entries {
            let is = |known: &&str| *known == key;
            if keys.unbuilt.iter().any(&is) {
                mistakes.not_built(key_place, &format!("`{key}`"), "remove it");
            } else if !keys.built.iter().any(is) {
                let message = format!("{} has no key `{key}`", keys.table);
                let known = keys.built.iter().chain(keys.unbuilt).copied();
                mistakes.unknown(Code::UnknownKey, key_place, message, key, known);
            }
        }
        Self { table, place, keys }
    }

    /// The same of a value that should be a table.
    pub(super) fn of(node: &'a Node, keys: &'static Keys, mistakes: &mut Mistakes) -> Option<Self> {
        match node.as_table() {
            Some(table) => Some(Self::of_table(table, &node.place, keys, mistakes)),
            None => {
                mistakes.wrong_type(node, "a table");
                None
            }
        }
    }

    pub(super) fn get(&self, key: &str) -> Option<&'a Node> {
        debug_assert!(self.keys.built.contains(&key), "{} declares `{key}`", self.keys.table);
        self.table.get(key).map(|entry| &entry.node)
    }

    /// The place of a key that is there.
    pub(super) fn key_place(&self, key: &str) -> Option<&'a Place> {
        self.table.get(key).map(|entry| &entry.key_place)
    }

    /// The value under `key`; its absence is a mistake.
    pub(super) fn require(&self, key: &str, mistakes: &mut Mistakes) -> Option<&'a Node> {
        let node = self.get(key);
        if node.is_none() {
            let message = format!("{} needs `{key}`", self.keys.table);
            mistakes.error(Code::MissingKey, self.place, message);
        }
        node
    }

    /// What `read` makes of the value under `key`; `None` if it is left out or wrong.
    pub(super) fn read<T>(
        &self,
        key: &str,
        mistakes: &mut Mistakes,
        read: impl FnOnce(&'a Node, &mut Mistakes) -> Option<T>,
    ) -> Option<T> {
        read(self.get(key)?, mistakes)
    }

    /// Those of `keys` that are there.
    pub(super) fn given(&self, keys: &[&'static str]) -> Vec<&'static str> {
        keys.iter().copied().filter(|key| self.table.get(key).is_some()).collect()
    }
}

/// The tables of `[[header]]`.
pub(super) fn tables<'a>(
    node: Option<&'a Node>,
    header: &str,
    mistakes: &mut Mistakes,
) -> Vec<&'a Node> {
    let Some(node) = node else { return Vec::new() };
    let Some(items) = node.as_array() else {
        let message = format!("expected a list of tables, found {}", node.kind());
        let help = format!("write `[[{header}]]`, once for each");
        mistakes.error_with_help(Code::WrongType, &node.place, message, help);
        return Vec::new();
    };
    let (tables, others): (Vec<_>, Vec<_>) = items.iter().partition(|n| n.as_table().is_some());
    for other in others {
        mistakes.wrong_type(other, "a table");
    }
    tables
}

/// The entries of `[header.NAME]`.
pub(super) fn named_tables<'a>(
    node: Option<&'a Node>,
    header: &str,
    mistakes: &mut Mistakes,
) -> &'a [Entry] {
    let Some(node) = node else { return &[] };
    if let Some(table) = node.as_table() {
        return &table.entries;
    }
    let message = format!("expected tables with names, found {}", node.kind());
    let help = format!("write `[{header}.NAME]`");
    mistakes.error_with_help(Code::WrongType, &node.place, message, help);
    &[]
}

pub(super) fn string<'a>(node: &'a Node, mistakes: &mut Mistakes) -> Option<&'a str> {
    let text = node.as_str();
    if text.is_none() {
        mistakes.wrong_type(node, "a string");
    }
    text
}

/// A date or time that may stand with quotes or without.
pub(super) fn date_text<'a>(
    node: &'a Node,
    expected: &str,
    mistakes: &mut Mistakes,
) -> Option<&'a str> {
    match &node.value {
        NodeValue::String(text) | NodeValue::Datetime(text) => Some(text),
        _ => {
            mistakes.wrong_type(node, expected);
            None
        }
    }
}

pub(super) fn boolean(node: &Node, mistakes: &mut Mistakes) -> Option<bool> {
    if let NodeValue::Boolean(yes) = node.value {
        return Some(yes);
    }
    mistakes.wrong_type(node, "true or false");
    None
}

/// A whole number between two bounds.
pub(super) fn whole<T>(node: &Node, low: T, high: T, mistakes: &mut Mistakes) -> Option<T>
where
    T: TryFrom<i128> + PartialOrd + std::fmt::Display,
{
    let expected = format!("a whole number from {low} to {high}");
    match node.value {
        NodeValue::Integer(number) => {
            let number = number.and_then(|number| T::try_from(number).ok());
            let fits = number.filter(|number| (&low..=&high).contains(&number));
            if fits.is_none() {
                mistakes.impossible(&node.place, format!("expected {expected}"));
            }
            fits
        }
        NodeValue::Float(_) => {
            mistakes.error(Code::WrongType, &node.place, format!("expected {expected}"));
            None
        }
        _ => {
            mistakes.wrong_type(node, &expected);
            None
        }
    }
}

/// A number between two bounds.
pub(super) fn number(node: &Node, low: f64, high: f64, mistakes: &mut Mistakes) -> Option<f64> {
    let value = match node.value {
        #[expect(clippy::cast_precision_loss, reason = "such numbers are not exact anyway")]
        NodeValue::Integer(number) => number.map_or(f64::INFINITY, |number| number as f64),
        NodeValue::Float(value) => value,
        _ => {
            mistakes.wrong_type(node, "a number");
            return None;
        }
    };
    if (low..=high).contains(&value) {
        return Some(value);
    }
    mistakes.impossible(&node.place, format!("expected a number from {low} to {high}"));
    None
}

/// A share or probability.
pub(super) fn share(node: &Node, mistakes: &mut Mistakes) -> Option<f64> {
    number(node, 0.0, 1.0, mistakes)
}

/// A list, each item read by `read`; those that are wrong are left out.
pub(super) fn list<'a, T>(
    node: &'a Node,
    expected: &str,
    mistakes: &mut Mistakes,
    mut read: impl FnMut(&'a Node, &mut Mistakes) -> Option<T>,
) -> Option<Vec<T>> {
    let Some(items) = node.as_array() else {
        mistakes.wrong_type(node, expected);
        return None;
    };
    Some(items.iter().filter_map(|item| read(item, mistakes)).collect())
}

/// One of a few words. The first of `built` is the default.
pub(super) fn choice<T: Copy>(
    node: &Node,
    built: &[(&str, T)],
    unbuilt: &[&str],
    mistakes: &mut Mistakes,
) -> Option<T> {
    let text = string(node, mistakes)?;
    if let Some((_, value)) = built.iter().find(|(word, _)| *word == text) {
        return Some(*value);
    }
    if unbuilt.contains(&text) {
        let help = format!("remove it: the default is \"{}\"", built[0].0);
        mistakes.not_built(&node.place, &format!("\"{text}\""), help);
    } else {
        let known = built.iter().map(|(word, _)| *word).chain(unbuilt.iter().copied());
        let message = format!("\"{text}\" is not one of the choices");
        mistakes.unknown(Code::ImpossibleValue, &node.place, message, text, known);
    }
    None
}

/// A name that may stand in the labels of measures.
pub(super) fn name(node: &Node, mistakes: &mut Mistakes) -> Option<String> {
    let text = string(node, mistakes)?;
    check_name(text, &node.place, mistakes)?;
    Some(text.to_owned())
}

/// Notes what a name cannot have; `None` if it has it.
pub(super) fn check_name(text: &str, place: &Place, mistakes: &mut Mistakes) -> Option<()> {
    if text.trim().is_empty() {
        mistakes.impossible(place, "a name cannot be empty");
        return None;
    }
    if text.contains(|c: char| c.is_control() || matches!(c, ',' | '{' | '}' | '=')) {
        mistakes.error_with_help(
            Code::ImpossibleValue,
            place,
            "a name cannot have `,`, `{`, `}`, `=` or control characters",
            "names stand in the labels of measures, which use these",
        );
        return None;
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_takes_the_fewest_changes_and_not_too_many() {
        for (word, known, expected) in [
            ("rotaton", &["rotation", "route_to"][..], Some("rotation")),
            ("Sales", &["support", "sales"], Some("sales")),
            ("slaes", &["support", "sales"], Some("sales")),
            ("bne", &["ana", "ben"], Some("ben")),
            ("marketing", &["sales"], None),
            ("x", &["y", "z"], Some("y")),
        ] {
            assert_eq!(nearest(word, known), expected, "{word}");
        }
        assert_eq!(nearest(&"a".repeat(100), &["a"]), None);
    }

    #[test]
    fn short_lists_are_shown_when_nothing_is_near() {
        assert_eq!(
            suggestion("lru", ["ring", "random"]).as_deref(),
            Some("there are `ring`, `random`")
        );
        assert_eq!(
            suggestion("website", ["pricing-page"]).as_deref(),
            Some("there is only `pricing-page`")
        );
        assert_eq!(suggestion("lru", []), None);
    }
}
