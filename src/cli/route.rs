//! `route`: the engine in a pipe. Events come in as CSV, one a row, and decisions go out as CSV.
//!
//! Memory grows only with names and with conversations that may be written to again: what has
//! ended for the engine gives its number back.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::fs::File;
use std::io::{self, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use csv::ByteRecord;
use jiff::Timestamp;

use crate::calendar::{CivilSpan, Origin, Schedule, Zone};
use crate::diagnostic::{Code, Diagnostic, Place};
use crate::ids::{AgentId, ChatflowId, ContactId, ConversationId};
use crate::random::{Purpose, Streams};
use crate::routing::{
    Answer, Decision, Engine, Input, Message, Outcome, PresenceChange, Reopen, VisitorFacts,
};
use crate::scenario::{Scenario, read_setup};
use crate::time::SimTime;

use super::exit::Exit;
use super::output::{tell, tell_diagnostics};

/// What can be typed after `route`.
#[derive(Debug, Args)]
pub(super) struct RouteArguments {
    /// A scenario file; only teams, agents and chatflows are used.
    setup: PathBuf,
    /// A CSV file of events in order of time, or `-` for standard input, which is answered line by
    /// line.
    events: PathBuf,
    /// Where the decisions go [default: standard output].
    #[arg(short, long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// The header of the decisions.
const HEADER: &str = "at,conversation,event,outcome,agent,reason,eligible\n";

/// Office hours are worked out for this long after the first event.
const HOURS_REACH: CivilSpan = CivilSpan { days: 3_660, ms: 0 };

/// Feeds the events through the engine.
pub(super) fn route(arguments: &RouteArguments) -> Exit {
    let scenario = match read_setup(&arguments.setup, &[]) {
        Ok(reading) => reading.scenario,
        Err(mistakes) => return tell_diagnostics(&mistakes),
    };
    let from_stdin = arguments.events == Path::new("-");
    let events: Box<dyn Read> = if from_stdin {
        Box::new(io::stdin().lock())
    } else {
        match File::open(&arguments.events) {
            Ok(file) => Box::new(file),
            Err(error) => {
                tell(&format!("error: {}: {error}", arguments.events.display()));
                let missing = error.kind() == io::ErrorKind::NotFound;
                return if missing { Exit::Missing } else { Exit::Invalid };
            }
        }
    };
    let out: Box<dyn Write> = match &arguments.out {
        None => Box::new(io::stdout().lock()),
        Some(path) => match File::create(path) {
            Ok(file) => Box::new(file),
            Err(error) => {
                tell(&format!("error: {}: {error}", path.display()));
                return Exit::NotWritten;
            }
        },
    };
    let mut pipe = Pipe::new(&scenario, BufWriter::with_capacity(1 << 16, out), from_stdin);
    let result = pipe.run(csv::ReaderBuilder::new().buffer_capacity(1 << 16).from_reader(events));
    // What was decided before an error is kept.
    let flushed = pipe.out.flush().map_err(Trouble::Output);
    match result.and(flushed) {
        Ok(()) => Exit::Done,
        // A reader who has gone has read enough.
        Err(Trouble::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => Exit::Done,
        Err(Trouble::Output(error)) => {
            tell(&format!("error: the decisions could not be written: {error}"));
            Exit::NotWritten
        }
        Err(Trouble::Row { line, text, message }) => {
            let name = arguments.events.display().to_string();
            let line = usize::try_from(line).unwrap_or(usize::MAX);
            let place = Place::of_line(name, line, text);
            let error = Diagnostic::error(Code::BadRow, message).at(&place);
            tell_diagnostics(&[error.help("what was decided before this row has been written")])
        }
    }
}

/// Why a stream of events ends before its end.
enum Trouble {
    Output(io::Error),
    Row { line: u64, text: String, message: String },
}

impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}

/// The columns of an event, by their places in [`COLUMNS`].
const COLUMNS: [&str; 11] = [
    "at",
    "event",
    "agent",
    "chatflow",
    "conversation",
    "visitor",
    "contact",
    "owner",
    "tracked",
    "leaves_email",
    "value",
];

#[derive(Clone, Copy)]
enum Column {
    At,
    Event,
    Agent,
    Chatflow,
    Conversation,
    Visitor,
    Contact,
    Owner,
    Tracked,
    LeavesEmail,
    Value,
}

/// One event as it stands in the file.
struct Row<'a> {
    record: &'a ByteRecord,
    places: &'a [Option<usize>; COLUMNS.len()],
}

impl<'a> Row<'a> {
    /// The text of a column, empty if the file does not have it.
    fn bytes(&self, column: Column) -> &'a [u8] {
        self.places[column as usize].and_then(|place| self.record.get(place)).unwrap_or_default()
    }

    fn text(&self, column: Column) -> Result<&'a str, String> {
        std::str::from_utf8(self.bytes(column))
            .map_err(|_| format!("the column `{}` is not UTF-8 text", COLUMNS[column as usize]))
    }

    /// A blank means true.
    fn yes_no(&self, column: Column) -> Result<bool, String> {
        match self.bytes(column) {
            b"" | b"true" => Ok(true),
            b"false" => Ok(false),
            _ => Err(format!("`{}` is `true`, `false` or blank", COLUMNS[column as usize])),
        }
    }
}

/// Numbers for names that come up in the events.
#[derive(Default)]
struct Names {
    numbers: HashMap<Box<[u8]>, usize>,
}

/// Times of the events, all of one kind.
enum Clock {
    /// Nothing has happened yet.
    Unset,
    /// Seconds from the start, as numbers; office hours do not matter.
    Seconds(f64),
    /// Instants, with the office hours of the setup.
    Calendar(Box<Hours>),
}

/// The office hours of the setup as events go by.
struct Hours {
    origin: Origin,
    schedules: Vec<Schedule>,
    schedule_of: Vec<usize>,
    chatflow_hours: Vec<Option<Schedule>>,
    /// What changes next: when, and whose hours (agents first, then chatflows).
    changes: BinaryHeap<Reverse<(SimTime, usize)>>,
    now: SimTime,
}

/// The engine between an input and an output.
struct Pipe<'s, W: Write> {
    scenario: &'s Scenario,
    engine: Engine,
    answers: Vec<Answer>,
    agents: HashMap<&'s [u8], AgentId>,
    chatflows: HashMap<&'s [u8], ChatflowId>,
    /// The conversations that the engine knows.
    conversations: Names,
    /// Their names, by number; the chatflow each was begun in.
    known: Vec<Option<(Box<[u8]>, ChatflowId)>>,
    free: Vec<usize>,
    visitors: Names,
    clock: Clock,
    out: W,
    /// Somebody waits for every answer.
    flush_each: bool,
}

impl<'s, W: Write> Pipe<'s, W> {
    fn new(scenario: &'s Scenario, out: W, flush_each: bool) -> Self {
        let named = |(index, name): (usize, &'s String)| (name.as_bytes(), index);
        let agents = scenario.agents.iter().map(|a| &a.name).enumerate().map(named);
        let chatflows = scenario.chatflows.iter().map(|c| &c.name).enumerate().map(named);
        Self {
            scenario,
            engine: Engine::new(&scenario.setup()),
            answers: Vec::new(),
            agents: agents.map(|(name, index)| (name, AgentId::new(index))).collect(),
            chatflows: chatflows.map(|(name, index)| (name, ChatflowId::new(index))).collect(),
            conversations: Names::default(),
            known: Vec::new(),
            free: Vec::new(),
            visitors: Names::default(),
            clock: Clock::Unset,
            out,
            flush_each,
        }
    }

    fn run<R: Read>(&mut self, mut events: csv::Reader<R>) -> Result<(), Trouble> {
        let trouble = |line, text: &ByteRecord, message: String| {
            let cells: Vec<_> = text.iter().map(String::from_utf8_lossy).collect();
            Trouble::Row { line, text: cells.join(","), message }
        };
        self.out.write_all(HEADER.as_bytes())?;
        if self.flush_each {
            self.out.flush()?;
        }
        let header = match events.byte_headers() {
            Ok(header) => header.clone(),
            Err(error) => return Err(trouble(1, &ByteRecord::new(), error.to_string())),
        };
        let places = columns(&header).map_err(|message| trouble(1, &header, message))?;
        let mut record = ByteRecord::new();
        let mut number = 0;
        loop {
            match events.read_byte_record(&mut record) {
                Ok(false) => return Ok(()),
                Ok(true) => {}
                Err(error) => {
                    let line = error.position().map_or(0, csv::Position::line);
                    let message = "this row has another number of columns than the header";
                    return Err(trouble(line, &ByteRecord::new(), message.to_owned()));
                }
            }
            number += 1;
            let row = Row { record: &record, places: &places };
            match self.event(&row, number) {
                Ok(()) => {}
                Err(Happened::Wrong(message)) => {
                    let line = record.position().map_or(0, csv::Position::line);
                    return Err(trouble(line, &record, message));
                }
                Err(Happened::Output(error)) => return Err(Trouble::Output(error)),
            }
            if self.flush_each {
                self.out.flush()?;
            }
        }
    }

    fn event(&mut self, row: &Row<'_>, number: u64) -> Result<(), Happened> {
        let at = row.text(Column::At)?;
        self.time_is(at)?;
        let event = row.text(Column::Event)?;
        let presence = |change| Ok(Input::Presence(self.agent(row)?, change));
        use PresenceChange as Change;
        let input: Result<Input, String> = match event {
            "message" => return self.message(row, at, number),
            "load" => return self.load(row, at),
            "close" => return self.close(row, at),
            "connect" => presence(Change::Connect),
            "disconnect" => presence(Change::Disconnect),
            "away" => presence(Change::Away),
            "back" => presence(Change::Back),
            "reassign_on" => presence(Change::ReassignOn),
            "reassign_off" => presence(Change::ReassignOff),
            "activate" => presence(Change::Activate),
            "deactivate" => presence(Change::Deactivate),
            "capacity" => self.agent(row).and_then(|agent| {
                let capacity = row.text(Column::Value)?;
                let parsed = capacity.parse::<u16>().map_err(|_| {
                    format!("a capacity is a whole number up to 65535, not `{capacity}`")
                })?;
                Ok(Input::Capacity(agent, u32::from(parsed)))
            }),
            "no_answer" | "timeout" => {
                let Some(id) = self.known_conversation(row)? else { return Ok(()) };
                Ok(if event == "timeout" { Input::Timeout(id) } else { Input::NoAnswer(id) })
            }
            "tick" => Ok(Input::Tick(None)),
            other => Err(format!("there is no event `{other}`")),
        };
        self.engine.apply(&input?, &mut self.answers);
        self.print(at, event)
    }

    fn agent(&self, row: &Row<'_>) -> Result<AgentId, String> {
        let name = row.bytes(Column::Agent);
        self.agents.get(name).copied().ok_or_else(|| match name {
            b"" => "this event needs an agent".to_owned(),
            _ => format!("the setup has no agent `{}`", String::from_utf8_lossy(name)),
        })
    }

    fn chatflow(&self, row: &Row<'_>) -> Result<ChatflowId, String> {
        let name = row.bytes(Column::Chatflow);
        if name.is_empty() && self.scenario.chatflows.len() == 1 {
            return Ok(ChatflowId::new(0));
        }
        self.chatflows.get(name).copied().ok_or_else(|| match name {
            b"" => "this event needs a chatflow".to_owned(),
            _ => format!("the setup has no chatflow `{}`", String::from_utf8_lossy(name)),
        })
    }

    fn visitor(&self, row: &Row<'_>) -> Result<VisitorFacts, String> {
        let owner = match row.bytes(Column::Owner) {
            b"" => None,
            name => Some(self.agents.get(name).copied().ok_or_else(|| {
                format!("the setup has no agent `{}`", String::from_utf8_lossy(name))
            })?),
        };
        let known = owner.is_some() || !row.bytes(Column::Contact).is_empty();
        Ok(VisitorFacts { known, owner, tracked: row.yes_no(Column::Tracked)? })
    }

    fn load(&mut self, row: &Row<'_>, at: &str) -> Result<(), Happened> {
        let (chatflow, visitor) = (self.chatflow(row)?, self.visitor(row)?);
        self.engine.apply(&Input::Load { chatflow, visitor }, &mut self.answers);
        let Some(Answer::Greeted(face)) = self.answers.first().copied() else { return Ok(()) };
        let agent = face.map_or("", |a| &self.scenario.agents[a.index()].name);
        let eligible = self.engine.eligible_of(chatflow);
        self.out.write_all(at.as_bytes())?;
        self.out.write_all(b",")?;
        quoted(&mut self.out, row.bytes(Column::Conversation))?;
        self.out.write_all(b",load,greeted,")?;
        quoted(&mut self.out, agent.as_bytes())?;
        writeln!(self.out, ",,{eligible}")?;
        Ok(())
    }

    fn message(&mut self, row: &Row<'_>, at: &str, number: u64) -> Result<(), Happened> {
        let name = row.bytes(Column::Conversation);
        if name.is_empty() {
            return Err(Happened::Wrong("a message needs a conversation".to_owned()));
        }
        let known = self.conversations.numbers.get(name).copied();
        let begun_in = known.and_then(|number| self.known[number].as_ref()).map(|k| k.1);
        let chatflow = match begun_in {
            Some(chatflow) => chatflow,
            None => self.chatflow(row)?,
        };
        let visitor = self.visitor(row)?;
        let leaves_email = row.yes_no(Column::LeavesEmail)?;
        let lot = match row.text(Column::Value)? {
            "" => Streams::new(0, 0).stream(Purpose::Lots, number).next_unit(),
            text => match text.parse::<f64>() {
                Ok(lot) if (0.0..1.0).contains(&lot) => lot,
                _ => {
                    let message =
                        format!("the value of a message is from 0 to below 1, not `{text}`");
                    return Err(Happened::Wrong(message));
                }
            },
        };
        let writer = match row.bytes(Column::Visitor) {
            b"" => None,
            name => Some(ContactId::new(self.visitors.number(name))),
        };
        let place = match known {
            Some(place) => place,
            None => self.learn(name, chatflow),
        };
        let conversation = ConversationId::new(place);
        let message = Message { conversation, chatflow, writer, visitor, leaves_email, lot };
        self.engine.apply(&Input::Message(message), &mut self.answers);
        let joined_another = self.answers.iter().any(|answer| {
            matches!(answer, Answer::Decided(decision) if decision.conversation != conversation)
                && known.is_none()
        });
        let decided_itself = self.answers.iter().any(|answer| {
            matches!(answer, Answer::Decided(decision) if decision.conversation == conversation)
        });
        self.print(at, "message")?;
        if joined_another && !decided_itself {
            // The conversation never began: what was written is part of another.
            self.forget(place);
        }
        Ok(())
    }

    fn close(&mut self, row: &Row<'_>, at: &str) -> Result<(), Happened> {
        let Some(id) = self.known_conversation(row)? else { return Ok(()) };
        let chatflow = self.known[id.index()].as_ref().map(|known| known.1);
        let settings = chatflow.map(|c| &self.scenario.chatflows[c.index()].routing);
        // What would be routed anew anyway need not be remembered.
        let forgets = settings.is_some_and(|settings| settings.reopen == Reopen::Route);
        let input = if forgets { Input::Forget(id) } else { Input::Close(id) };
        self.engine.apply(&input, &mut self.answers);
        if forgets {
            self.forget(id.index());
        }
        self.print(at, "close")
    }

    fn known_conversation(&self, row: &Row<'_>) -> Result<Option<ConversationId>, String> {
        match row.bytes(Column::Conversation) {
            b"" => Err("this event needs a conversation".to_owned()),
            name => Ok(self.conversations.numbers.get(name).copied().map(ConversationId::new)),
        }
    }

    /// Gives a conversation a number.
    fn learn(&mut self, name: &[u8], chatflow: ChatflowId) -> usize {
        let entry = Some((Box::from(name), chatflow));
        let place = match self.free.pop() {
            Some(place) => {
                self.known[place] = entry;
                place
            }
            None => {
                self.known.push(entry);
                self.known.len() - 1
            }
        };
        self.conversations.numbers.insert(Box::from(name), place);
        place
    }

    /// Takes the number of a conversation back.
    fn forget(&mut self, place: usize) {
        if let Some((name, _)) = self.known[place].take() {
            self.conversations.numbers.remove(&name);
            self.free.push(place);
        }
    }

    /// Prints the decisions among the answers.
    fn print(&mut self, at: &str, event: &str) -> Result<(), Happened> {
        let answers = std::mem::take(&mut self.answers);
        for answer in &answers {
            let Answer::Decided(decision) = answer else { continue };
            self.print_decision(at, event, decision)?;
            let ended = matches!(
                decision.outcome,
                Outcome::Emailed(_) | Outcome::Lost(_) | Outcome::Refused(_)
            );
            if ended {
                self.forget(decision.conversation.index());
            }
        }
        self.answers = answers;
        Ok(())
    }

    fn print_decision(&mut self, at: &str, event: &str, decision: &Decision) -> io::Result<()> {
        let out = &mut self.out;
        out.write_all(at.as_bytes())?;
        out.write_all(b",")?;
        if let Some((name, _)) = &self.known[decision.conversation.index()] {
            quoted(out, name)?;
        }
        out.write_all(b",")?;
        out.write_all(event.as_bytes())?;
        out.write_all(b",")?;
        out.write_all(decision.outcome.name().as_bytes())?;
        out.write_all(b",")?;
        if let Some(agent) = decision.agent {
            // Names of agents have no commas; they may have quotes.
            quoted(out, self.scenario.agents[agent.index()].name.as_bytes())?;
        }
        out.write_all(b",")?;
        out.write_all(decision.outcome.reason().as_bytes())?;
        writeln!(out, ",{}", decision.eligible)
    }

    // ---- time ----

    /// Lets the time of the next event come; office hours that begin or end until then do so first.
    fn time_is(&mut self, text: &str) -> Result<(), Happened> {
        if let Ok(seconds) = text.parse::<f64>() {
            let before = match self.clock {
                Clock::Unset => f64::NEG_INFINITY,
                Clock::Seconds(before) => before,
                Clock::Calendar(_) => return Err(mixed()),
            };
            if !seconds.is_finite() || seconds < before {
                return Err(backwards(text));
            }
            self.clock = Clock::Seconds(seconds);
            return Ok(());
        }
        let Ok(at) = text.parse::<Timestamp>() else {
            let message = format!(
                "`{text}` is neither a number of seconds nor a time like 2026-03-02T09:15:00Z"
            );
            return Err(Happened::Wrong(message));
        };
        match &self.clock {
            Clock::Seconds(_) => return Err(mixed()),
            Clock::Unset => self.calendar_begins(at)?,
            Clock::Calendar(_) => {}
        }
        let Clock::Calendar(hours) = &mut self.clock else { return Ok(()) };
        let Some(now) = hours.origin.sim_time(at).filter(|now| *now >= hours.now) else {
            return Err(backwards(text));
        };
        hours.now = now;
        while let Some(&Reverse((change, whose))) =
            self.clock.hours_mut().and_then(|h| h.changes.peek()).filter(|c| c.0.0 <= now)
        {
            self.hours_change(change, whose)?;
        }
        Ok(())
    }

    /// The first time tells where the events lie on the calendar. Agents who are out of hours then
    /// are told to be.
    fn calendar_begins(&mut self, at: Timestamp) -> Result<(), Happened> {
        let starts = jiff::tz::TimeZone::UTC.to_datetime(at);
        let origin =
            Origin::new(Zone::utc(), starts, CivilSpan::ZERO).ok().map(|(origin, _)| origin);
        let reach = origin.as_ref().and_then(|origin| origin.after(starts, HOURS_REACH).ok());
        let (Some(origin), Some(until)) = (origin, reach) else {
            return Err(Happened::Wrong("this time is beyond the calendar".to_owned()));
        };
        let mut known = HashMap::new();
        let mut schedules = Vec::new();
        let mut schedule_of = Vec::new();
        for agent in &self.scenario.agents {
            let number = *known.entry(&agent.hours).or_insert_with(|| {
                schedules.push(agent.hours.schedule(&origin, until));
                schedules.len() - 1
            });
            schedule_of.push(number);
        }
        let chatflow_hours: Vec<Option<Schedule>> = self
            .scenario
            .chatflows
            .iter()
            .map(|flow| flow.hours.as_ref().map(|hours| hours.schedule(&origin, until)))
            .collect();
        let hours = Hours {
            origin,
            schedules,
            schedule_of,
            chatflow_hours,
            changes: BinaryHeap::new(),
            now: SimTime::ZERO,
        };
        self.clock = Clock::Calendar(Box::new(hours));
        for whose in 0..self.scenario.agents.len() + self.scenario.chatflows.len() {
            self.hours_change(SimTime::ZERO, whose)?;
        }
        Ok(())
    }

    /// Tells the engine the hours of an agent (or, after the agents, of a chatflow) as they are at
    /// `at`, and notes when they change next.
    fn hours_change(&mut self, at: SimTime, whose: usize) -> Result<(), Happened> {
        let agents = self.scenario.agents.len();
        let Clock::Calendar(hours) = &mut self.clock else { return Ok(()) };
        if hours.changes.peek().is_some_and(|next| next.0 == (at, whose)) {
            hours.changes.pop();
        }
        let schedule = if whose < agents {
            Some(&hours.schedules[hours.schedule_of[whose]])
        } else {
            hours.chatflow_hours[whose - agents].as_ref()
        };
        let Some(schedule) = schedule else { return Ok(()) };
        if let Some(next) = schedule.next_change(at) {
            hours.changes.push(Reverse((next, whose)));
        }
        let open = schedule.is_open(at);
        let text = hours.origin.rfc3339(at);
        let input = if whose < agents {
            let change = if open { PresenceChange::EnterHours } else { PresenceChange::LeaveHours };
            Input::Presence(AgentId::new(whose), change)
        } else {
            Input::ChatflowHours { chatflow: ChatflowId::new(whose - agents), open }
        };
        // Everybody begins in hours and every chatflow open: what is so is not told.
        if at == SimTime::ZERO && open {
            return Ok(());
        }
        self.engine.apply(&input, &mut self.answers);
        self.print(&text, "hours")
    }
}

impl Clock {
    fn hours_mut(&mut self) -> Option<&mut Hours> {
        match self {
            Self::Calendar(hours) => Some(hours),
            Self::Unset | Self::Seconds(_) => None,
        }
    }
}

impl Names {
    fn number(&mut self, name: &[u8]) -> usize {
        if let Some(number) = self.numbers.get(name) {
            return *number;
        }
        let number = self.numbers.len();
        self.numbers.insert(Box::from(name), number);
        number
    }
}

/// What ended a row before its end.
enum Happened {
    /// The row is wrong.
    Wrong(String),
    /// The answer could not be written.
    Output(io::Error),
}

impl From<String> for Happened {
    fn from(message: String) -> Self {
        Self::Wrong(message)
    }
}

impl From<io::Error> for Happened {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}

fn mixed() -> Happened {
    Happened::Wrong("times are all numbers of seconds or all date-times, not both".to_owned())
}

fn backwards(text: &str) -> Happened {
    Happened::Wrong(format!("`{text}` is before the row above it; events are in order of time"))
}

/// Where each column stands in the file.
fn columns(header: &ByteRecord) -> Result<[Option<usize>; COLUMNS.len()], String> {
    let mut places = [None; COLUMNS.len()];
    for (place, name) in header.iter().enumerate() {
        let name = name.strip_prefix(b"\xef\xbb\xbf").unwrap_or(name);
        let Some(column) = COLUMNS.iter().position(|column| column.as_bytes() == name) else {
            let name = String::from_utf8_lossy(name);
            return Err(format!("there is no column `{name}`; there are {}", COLUMNS.join(", ")));
        };
        if places[column].replace(place).is_some() {
            return Err(format!("the column `{}` is there twice", COLUMNS[column]));
        }
    }
    for needed in [Column::At, Column::Event] {
        if places[needed as usize].is_none() {
            return Err(format!("the column `{}` is missing", COLUMNS[needed as usize]));
        }
    }
    Ok(places)
}

/// Writes a cell, in quotes if it has to be.
fn quoted<W: Write>(out: &mut W, cell: &[u8]) -> io::Result<()> {
    if !cell.iter().any(|byte| matches!(byte, b',' | b'"' | b'\n' | b'\r')) {
        return out.write_all(cell);
    }
    out.write_all(b"\"")?;
    for part in cell.split_inclusive(|byte| *byte == b'"') {
        out.write_all(part)?;
        if part.ends_with(b"\"") {
            out.write_all(b"\"")?;
        }
    }
    out.write_all(b"\"")
}
