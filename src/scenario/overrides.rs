//! Values given on the command line, `--set PATH=VALUE`, grafted into the tree of a scenario before
//! it is checked. A wrong value is then found like any other, at a place in the text of the option.

use std::ops::Range;
use std::sync::Arc;

use crate::diagnostic::{Code, Diagnostic, Place, SourceText};

use super::people::DEFAULT_TEAM_SIZE;
use super::reader::Mistakes;
use super::tree::{self, Node, NodeValue, Table};

/// One `PATH=VALUE`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Override {
    /// The way through the scenario by key and name: `team.sales.agents`.
    pub path: String,
    /// A TOML value; a string may go without quotes.
    pub value: String,
}

impl Override {
    /// Reads `PATH=VALUE`.
    ///
    /// # Errors
    ///
    /// If there is no `=` or nothing before it.
    pub fn parse(text: &str) -> Result<Self, Diagnostic> {
        match text.split_once('=') {
            Some((path, value)) if !path.trim().is_empty() => {
                Ok(Self { path: path.trim().to_owned(), value: value.trim().to_owned() })
            }
            _ => {
                let source = SourceText::new(format!("--set {text}"), text);
                Err(Diagnostic::error(Code::Syntax, "expected PATH=VALUE")
                    .at(&Place::new(&source, 0..text.len()))
                    .help("as in `--set team.sales.agents=8`"))
            }
        }
    }
}

/// A `[habits.NAME]` or `[visitors.NAME]` that no file has; a mistake unless something uses it.
#[derive(Debug)]
pub(super) struct Made {
    /// `habits` or `visitors`.
    pub(super) kind: String,
    pub(super) name: String,
    pub(super) place: Place,
}

/// The keys of a scenario below which names, numbers or further keys follow.
const LISTS: [&str; 5] = ["team", "agent", "chatflow", "traffic", "threshold"];
const TABLES: [&str; 4] = ["run", "report", "habits", "visitors"];
const VALUES: [&str; 3] = ["format", "name", "question"];

/// Puts the values of all `overrides` into `root`, later ones over earlier ones.
pub(super) fn apply(
    root: &mut Table,
    overrides: &[Override],
    mistakes: &mut Mistakes,
) -> Vec<Made> {
    let mut grafts: Vec<Graft> =
        overrides.iter().filter_map(|given| Graft::of(given, mistakes)).collect();
    // An agent may exist only because a team was enlarged by another option.
    grafts.sort_by_key(|graft| graft.steps[0].text == "agent");
    let mut made = Vec::new();
    for graft in grafts {
        if let Err(mistake) = graft.put_into(root, &mut made) {
            mistake.note(mistakes);
        }
    }
    made
}

/// A value and the way to its place.
struct Graft {
    steps: Vec<Step>,
    value: Node,
}

/// A key or a name of a path.
struct Step {
    text: String,
    place: Place,
}

/// Why a path leads nowhere.
struct DeadEnd {
    code: Code,
    place: Place,
    message: String,
    /// The word that was not found, and those that would have been.
    word: Option<(String, Vec<String>)>,
}

impl DeadEnd {
    fn new(code: Code, step: &Step, message: impl Into<String>) -> Self {
        Self { code, place: step.place.clone(), message: message.into(), word: None }
    }

    fn unknown(code: Code, step: &Step, message: String, known: Vec<String>) -> Self {
        let word = Some((step.text.clone(), known));
        Self { code, place: step.place.clone(), message, word }
    }

    fn note(self, mistakes: &mut Mistakes) {
        let Self { code, place, message, word } = self;
        match word {
            None => mistakes.error(code, &place, message),
            Some((word, known)) => {
                let known = known.iter().map(String::as_str);
                mistakes.unknown(code, &place, message, &word, known);
            }
        }
    }
}

impl Graft {
    fn of(given: &Override, mistakes: &mut Mistakes) -> Option<Self> {
        let text = format!("{}={}", given.path, given.value);
        let source = SourceText::new(format!("--set {text}"), text);
        let steps = match steps(&given.path) {
            Ok(steps) => steps,
            Err(message) => {
                let place = Place::new(&source, 0..given.path.len());
                mistakes.error(Code::Syntax, &place, message);
                return None;
            }
        };
        let steps = steps
            .into_iter()
            .map(|(text, span)| Step { text, place: Place::new(&source, span) })
            .collect();
        match value(&source, given.path.len() + 1) {
            Ok(value) => Some(Self { steps, value }),
            Err(diagnostic) => {
                mistakes.add(diagnostic);
                None
            }
        }
    }

    fn put_into(self, root: &mut Table, made: &mut Vec<Made>) -> Result<(), DeadEnd> {
        let Self { steps, value } = self;
        let first = &steps[0];
        let top = first.text.as_str();
        let known = LISTS.iter().chain(&TABLES).chain(&VALUES);
        if !known.clone().any(|known| *known == top) {
            let message = format!("a scenario has no `{top}`");
            let known = known.map(ToString::to_string).collect();
            return Err(DeadEnd::unknown(Code::UnknownKey, first, message, known));
        }
        if VALUES.contains(&top) != (steps.len() == 1) {
            let message = if steps.len() == 1 {
                format!("the path says nothing below `{top}`")
            } else {
                format!("`{top}` has nothing inside it")
            };
            return Err(DeadEnd::new(Code::UnknownKey, first, message));
        }
        if LISTS.contains(&top) && root.get(top).is_none() {
            let list = Node { value: NodeValue::Array(Vec::new()), place: first.place.clone() };
            root.set(top, first.place.clone(), list);
        }
        if top == "agent" {
            make_agent_of_team(root, &steps[1]);
        }
        if top == "traffic" {
            name_the_only_chatflow(root);
        }
        if matches!(top, "habits" | "visitors") {
            let Step { text: name, place } = &steps[1];
            let there = root.get(top).and_then(|entry| entry.node.as_table()?.get(name));
            if there.is_none() {
                let (kind, name) = (top.to_owned(), name.clone());
                made.push(Made { kind, name, place: place.clone() });
            }
        }
        put_into_table(root, &steps, value)
    }
}

/// The value as TOML, or else as a string without quotes.
fn value(source: &Arc<SourceText>, offset: usize) -> Result<Node, Diagnostic> {
    let text = &source.text[offset..];
    tree::parse_value(source, offset).or_else(|diagnostic| {
        if text.starts_with(['"', '\'', '[', '{']) {
            return Err(diagnostic);
        }
        let place = Place::new(source, offset..source.text.len());
        Ok(Node { value: NodeValue::String(text.to_owned()), place })
    })
}

/// A path at its dots; what is in double quotes is one step.
fn steps(path: &str) -> Result<Vec<(String, Range<usize>)>, String> {
    let mut steps = Vec::new();
    let mut at = 0;
    loop {
        let rest = &path[at..];
        let (text, length) = match rest.strip_prefix('"') {
            Some(quoted) => {
                let end = quoted.find('"').ok_or("a quote is not closed")?;
                (&quoted[..end], end + 2)
            }
            None => {
                let end = rest.find('.').unwrap_or(rest.len());
                (&rest[..end], end)
            }
        };
        if text.is_empty() {
            return Err("a path is keys and names with dots between them".to_owned());
        }
        steps.push((text.to_owned(), at..at + length));
        at += length;
        match path[at..].chars().next() {
            None => return Ok(steps),
            Some('.') => at += 1,
            Some(_) => return Err("a dot has to follow a quoted name".to_owned()),
        }
    }
}

fn put_into_table(table: &mut Table, steps: &[Step], value: Node) -> Result<(), DeadEnd> {
    let (step, rest) = steps.split_first().expect("a path has at least one step");
    if rest.is_empty() {
        table.set(&step.text, step.place.clone(), value);
        return Ok(());
    }
    if table.get(&step.text).is_none() {
        let empty = Node { value: NodeValue::Table(Table::default()), place: step.place.clone() };
        table.set(&step.text, step.place.clone(), empty);
    }
    let entry = table.get_mut(&step.text).expect("it has just been put there");
    put_into_node(&mut entry.node, step, rest, value)
}

fn put_into_node(node: &mut Node, step: &Step, rest: &[Step], value: Node) -> Result<(), DeadEnd> {
    let kind = node.kind();
    match &mut node.value {
        NodeValue::Table(table) => put_into_table(table, rest, value),
        NodeValue::Array(items) => put_into_list(items, &step.text, rest, value),
        _ => {
            let message = format!("`{}` is {kind} and has nothing inside it", step.text);
            Err(DeadEnd::new(Code::WrongType, step, message))
        }
    }
}

fn put_into_list(
    items: &mut [Node],
    list: &str,
    steps: &[Step],
    value: Node,
) -> Result<(), DeadEnd> {
    let (step, rest) = steps.split_first().expect("a path does not end in a list");
    let by_name = items.iter().position(|item| name_in(list, item) == Some(&step.text));
    let by_number = || step.text.parse().ok().filter(|&number: &usize| number < items.len());
    let Some(place) = by_name.or_else(by_number) else {
        let known: Vec<String> =
            items.iter().filter_map(|item| Some(name_in(list, item)?.to_owned())).collect();
        if !LISTS.contains(&list) || list == "threshold" {
            let message = format!("`{list}` has {} entries, the first is 0", items.len());
            return Err(DeadEnd::new(Code::UnknownName, step, message));
        }
        let message = format!("no {list} is called `{}`", step.text);
        return Err(DeadEnd::unknown(Code::UnknownName, step, message, known));
    };
    if !rest.is_empty() {
        return put_into_node(&mut items[place], step, rest, value);
    }
    if by_name.is_some() {
        let message = format!("the path says nothing below `{}`", step.text);
        return Err(DeadEnd::new(Code::UnknownKey, step, message));
    }
    items[place] = value;
    Ok(())
}

/// The name by which a path finds an entry of a list.
fn name_in<'a>(list: &str, item: &'a Node) -> Option<&'a str> {
    let table = item.as_table()?;
    let name = table.get_str("name");
    if list == "traffic" { name.or_else(|| table.get_str("chatflow")) } else { name }
}

/// Traffic goes by the name of its chatflow, which it may leave out if there is only one.
fn name_the_only_chatflow(root: &mut Table) {
    let flows = root.get("chatflow").and_then(|entry| entry.node.as_array()).unwrap_or_default();
    let [only] = flows else { return };
    let Some(name) = only.as_table().and_then(|table| table.get("name")).cloned() else { return };
    let Some(entry) = root.get_mut("traffic") else { return };
    let NodeValue::Array(all) = &mut entry.node.value else { return };
    for traffic in all {
        if let NodeValue::Table(table) = &mut traffic.value
            && table.get("chatflow").is_none()
        {
            table.set("chatflow", traffic.place.clone(), name.node.clone());
        }
    }
}

/// Adds an `[[agent]]` for an agent that a team has by number only: `sales-3`.
fn make_agent_of_team(root: &mut Table, step: &Step) {
    let is_of_team = |team: &Node| {
        let team = team.as_table()?;
        let number = step.text.strip_prefix(team.get_str("name")?)?.strip_prefix('-')?;
        let size = match team.get("agents").map(|entry| &entry.node.value) {
            None => i128::from(DEFAULT_TEAM_SIZE),
            Some(NodeValue::Integer(size)) => (*size)?,
            Some(_) => return None,
        };
        let number = number.parse::<u32>().ok().filter(|n| n.to_string() == number)?;
        (1..=size).contains(&i128::from(number)).then_some(())
    };
    let teams = root.get("team").and_then(|entry| entry.node.as_array()).unwrap_or_default();
    let is_of_some_team = teams.iter().any(|team| is_of_team(team).is_some());
    let Some(entry) = root.get_mut("agent") else { return };
    let NodeValue::Array(agents) = &mut entry.node.value else { return };
    let is_there = agents.iter().any(|agent| name_in("agent", agent) == Some(&step.text));
    if is_of_some_team && !is_there {
        let name = Node { value: NodeValue::String(step.text.clone()), place: step.place.clone() };
        let mut table = Table::default();
        table.set("name", step.place.clone(), name);
        agents.push(Node { value: NodeValue::Table(table), place: step.place.clone() });
    }
}
