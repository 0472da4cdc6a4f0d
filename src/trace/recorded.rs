//! Arrivals recorded elsewhere, read from a CSV file.
//!
//! Each row is one visitor message. What a row does not say is drawn.

use std::collections::HashMap;
use std::path::PathBuf;

use jiff::civil::DateTime;
use jiff::fmt::strtime::BrokenDownTime;

use crate::calendar::{Origin, Zone};
use crate::diagnostic::{Code, Diagnostic, Place};
use crate::ids::{AgentId, ChatflowId, ContactId, closed_list};
use crate::time::{SimDuration, SimTime};

closed_list! {
    /// A column that a file of recorded arrivals may have.
    TraceColumn {
        /// When the message was written; required.
        At = "at",
        /// The chatflow written into, by name.
        Chatflow = "chatflow",
        /// The contact, by any name.
        Contact = "contact",
        /// The owner, by the agent's name; empty for unowned.
        Owner = "owner",
        /// `true` or `false`.
        Tracked = "tracked",
        /// `true` or `false`.
        LeavesEmail = "leaves_email",
        /// Messages of the conversation, both sides together.
        Messages = "messages",
        /// Patience in seconds.
        PatienceS = "patience_s",
        /// Work on the first reply in seconds.
        WorkS = "work_s",
    }
}

/// A file of recorded arrivals and how its columns are called.
#[derive(Clone, Debug)]
pub struct TraceSource {
    /// The file.
    pub file: PathBuf,
    /// Names of the columns as the scenario maps them. A column that is not mapped goes by its own
    /// name where the file has it.
    pub columns: Vec<(TraceColumn, String)>,
    /// How times are written, in `strptime` form; RFC 3339 or a civil date-time if absent.
    pub format: Option<String>,
    /// The zone of times that name none.
    pub time_zone: Zone,
    /// No chatflow goes without saying: every row names its own.
    pub rows_name_chatflows: bool,
    /// Where the scenario names the file.
    pub place: Place,
}

/// The names that a file of recorded arrivals may use.
#[derive(Clone, Copy, Debug)]
pub struct TraceNames<'a> {
    /// By [`AgentId`].
    pub agents: &'a HashMap<&'a str, AgentId>,
    /// By [`ChatflowId`].
    pub chatflows: &'a HashMap<&'a str, ChatflowId>,
}

/// One recorded arrival; what is `None` was not recorded and is drawn.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct RecordedArrival {
    /// When the message was written.
    pub at: SimTime,
    /// What was written into.
    pub chatflow: Option<ChatflowId>,
    /// Who wrote; the id is an index into [`RecordedArrivals::contacts`].
    pub contact: Option<ContactId>,
    /// The owner; the inner `None` is recorded as unowned.
    pub owner: Option<Option<AgentId>>,
    /// A cookie recognised them.
    pub tracked: Option<bool>,
    /// Would leave an address.
    pub leaves_email: Option<bool>,
    /// Messages of the conversation, both sides together; at least 1.
    pub messages: Option<u32>,
    /// How long they waited at most.
    pub patience: Option<SimDuration>,
    /// Work on the first reply.
    pub work: Option<SimDuration>,
}

/// The recorded arrivals of a period.
#[derive(Clone, Debug, Default)]
pub struct RecordedArrivals {
    rows: Vec<RecordedArrival>,
    contacts: Vec<u64>,
    outside: u64,
}

impl RecordedArrivals {
    /// Reads the arrivals of a file that lie between the beginning of simulated time and `ends`.
    /// `key` turns a contact's name into the number that keys their streams.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with the file, each with its line: a missing file, a missing
    /// column, rows that say nothing a number or time can be read from. Not more than
    /// 20 bad rows are told one by one.
    pub fn read(
        source: &TraceSource,
        names: TraceNames<'_>,
        origin: &Origin,
        ends: SimTime,
        key: impl Fn(&str) -> u64,
    ) -> Result<Self, Vec<Diagnostic>> {
        let file = std::fs::File::open(&source.file).map_err(|error| {
            let code = match error.kind() {
                std::io::ErrorKind::NotFound => Code::MissingFile,
                _ => Code::UnreadableFile,
            };
            vec![
                Diagnostic::error(
                    code,
                    format!(
                        "cannot read the recorded arrivals `{}`: {error}",
                        source.file.display()
                    ),
                )
                .at(&source.place)
                .help("the path is relative to the scenario file"),
            ]
        })?;
        let reader = csv::ReaderBuilder::new().from_reader(std::io::BufReader::new(file));
        Self::from_csv(reader, source, names, origin, ends, key)
    }

    fn from_csv<R: std::io::Read>(
        mut reader: csv::Reader<R>,
        source: &TraceSource,
        names: TraceNames<'_>,
        origin: &Origin,
        ends: SimTime,
        key: impl Fn(&str) -> u64,
    ) -> Result<Self, Vec<Diagnostic>> {
        let mut errors = Errors { source, found: Vec::new(), more: 0 };
        let headers = match reader.byte_headers() {
            Ok(headers) => headers.clone(),
            Err(error) => {
                errors.add(1, "", &error.to_string());
                return Err(errors.finish());
            }
        };
        let columns = Columns::find(source, &headers).map_err(Errors::finish)?;

        let mut arrivals = Self::default();
        let mut contacts: HashMap<String, ContactId> = HashMap::new();
        let mut record = csv::ByteRecord::new();
        loop {
            match reader.read_byte_record(&mut record) {
                Ok(false) => break,
                Ok(true) => {}
                Err(error) => {
                    let line = error.position().map_or(0, csv::Position::line);
                    errors.add(line, "", "this row has another number of columns than the header");
                    if !matches!(error.kind(), csv::ErrorKind::UnequalLengths { .. }) {
                        break;
                    }
                    continue;
                }
            }
            let row = Row { record: &record, columns: &columns, source, names, origin };
            match row.arrival() {
                Ok(None) => arrivals.outside += 1,
                Ok(Some(arrival)) if arrival.at >= ends => arrivals.outside += 1,
                Ok(Some(mut arrival)) => {
                    arrival.contact = row.text(TraceColumn::Contact).ok().flatten().map(|name| {
                        let next = ContactId::new(contacts.len());
                        *contacts.entry(name.to_owned()).or_insert_with(|| {
                            arrivals.contacts.push(key(name));
                            next
                        })
                    });
                    arrivals.rows.push(arrival);
                }
                Err(message) => {
                    let line = record.position().map_or(0, csv::Position::line);
                    let text: Vec<_> = record.iter().map(String::from_utf8_lossy).collect();
                    errors.add(line, &text.join(","), &message);
                }
            }
        }
        if errors.found.is_empty() && arrivals.rows.is_empty() && arrivals.outside > 0 {
            let message = format!(
                "all {} rows of `{}` lie outside the period of the run",
                arrivals.outside,
                source.file.display()
            );
            let error = Diagnostic::error(Code::ImpossibleValue, message).at(&source.place);
            errors
                .found
                .push(error.help("set run.starts and run.lasts to when they were recorded"));
        }
        if !errors.found.is_empty() {
            return Err(errors.finish());
        }
        // Equal times keep the order of the file.
        arrivals.rows.sort_by_key(|row| row.at);
        Ok(arrivals)
    }

    /// The arrivals in order of time.
    #[must_use]
    pub fn rows(&self) -> &[RecordedArrival] {
        &self.rows
    }

    /// The keys of the contacts, by [`ContactId`].
    #[must_use]
    pub fn contacts(&self) -> &[u64] {
        &self.contacts
    }

    /// How many rows of the file lie outside the period.
    #[must_use]
    pub const fn outside(&self) -> u64 {
        self.outside
    }
}

/// So many bad rows are told; the others are counted.
pub(super) const MOST_ERRORS: usize = 20;

/// A conversation has no more messages than this.
const MOST_MESSAGES: u32 = 10_000;

struct Errors<'a> {
    source: &'a TraceSource,
    found: Vec<Diagnostic>,
    more: u64,
}

impl Errors<'_> {
    fn add(&mut self, line: u64, text: &str, message: &str) {
        if self.found.len() == MOST_ERRORS {
            self.more += 1;
            return;
        }
        let line = usize::try_from(line).unwrap_or(usize::MAX);
        let place = Place::of_line(self.source.file.display().to_string(), line, text);
        let error = Diagnostic::error(Code::BadRow, message).at(&place);
        self.found.push(error.help("mend or remove this row"));
    }

    fn finish(mut self) -> Vec<Diagnostic> {
        if self.more > 0 {
            let message = format!("and {} more bad rows in this file", self.more);
            self.found.push(Diagnostic::error(Code::BadRow, message).at(&self.source.place));
        }
        self.found
    }
}

/// Where in a row each column stands.
struct Columns([Option<usize>; TraceColumn::ALL.len()]);

impl Columns {
    fn find<'a>(source: &'a TraceSource, headers: &csv::ByteRecord) -> Result<Self, Errors<'a>> {
        let mut errors = Errors { source, found: Vec::new(), more: 0 };
        let names: Vec<_> = headers
            .iter()
            .map(|name| {
                String::from_utf8_lossy(name).trim_start_matches('\u{feff}').trim().to_owned()
            })
            .collect();
        let mut found = [None; TraceColumn::ALL.len()];
        for column in TraceColumn::ALL {
            let mapped = source.columns.iter().find(|(c, _)| *c == column).map(|(_, name)| name);
            let name = mapped.map_or(column.name(), String::as_str);
            let place = names.iter().position(|n| n == name);
            if place.is_none() && (mapped.is_some() || column == TraceColumn::At) {
                let nearest = names
                    .iter()
                    .max_by(|a, b| strsim::jaro(a, name).total_cmp(&strsim::jaro(b, name)))
                    .map_or(String::new(), |n| format!("; the nearest is `{n}`"));
                let message = format!(
                    "`{}` has no column `{name}` for `{}`{nearest}",
                    source.file.display(),
                    column.name()
                );
                let error = Diagnostic::error(Code::UnknownName, message).at(&source.place);
                errors.found.push(error.help(format!(
                    "map it: trace = {{ file = \"…\", {} = \"COLUMN\" }}",
                    column.name()
                )));
            }
            found[column as usize] = place;
        }
        if errors.found.is_empty() { Ok(Self(found)) } else { Err(errors) }
    }
}

/// One row of the file and all that is needed to understand it.
struct Row<'a> {
    record: &'a csv::ByteRecord,
    columns: &'a Columns,
    source: &'a TraceSource,
    names: TraceNames<'a>,
    origin: &'a Origin,
}

impl Row<'_> {
    /// The text of a column; `None` if the file has no such column or the cell is blank.
    fn text(&self, column: TraceColumn) -> Result<Option<&str>, String> {
        let Some(place) = self.columns.0[column as usize] else { return Ok(None) };
        let cell = self.record.get(place).unwrap_or_default();
        let text = std::str::from_utf8(cell)
            .map_err(|_| format!("the column `{}` is not UTF-8 text", column.name()))?
            .trim();
        Ok((!text.is_empty()).then_some(text))
    }

    /// The arrival, without its contact; `None` if it lies before the simulation begins.
    fn arrival(&self) -> Result<Option<RecordedArrival>, String> {
        let at = self.at()?;
        self.text(TraceColumn::Contact)?;
        let owner = match self.columns.0[TraceColumn::Owner as usize] {
            None => None,
            Some(_) => Some(self.named(TraceColumn::Owner, self.names.agents, "agent")?),
        };
        let chatflow = self.named(TraceColumn::Chatflow, self.names.chatflows, "chatflow")?;
        if chatflow.is_none() && self.source.rows_name_chatflows {
            return Err("the chatflow of this row is blank, and [[traffic]] names none".to_owned());
        }
        let tracked = self.yes_no(TraceColumn::Tracked)?;
        let leaves_email = self.yes_no(TraceColumn::LeavesEmail)?;
        let messages = self.messages()?;
        let patience = self.seconds(TraceColumn::PatienceS)?;
        let work = self.seconds(TraceColumn::WorkS)?;
        Ok(at.map(|at| RecordedArrival {
            at,
            chatflow,
            contact: None,
            owner,
            tracked,
            leaves_email,
            messages,
            patience,
            work,
        }))
    }

    fn at(&self) -> Result<Option<SimTime>, String> {
        let text = self.text(TraceColumn::At)?.ok_or("the time of this row is blank")?;
        let shown: DateTime = match &self.source.format {
            Some(format) => {
                let parts = BrokenDownTime::parse(format, text)
                    .map_err(|e| format!("`{text}` is not a time in the format `{format}`: {e}"))?;
                if let Ok(timestamp) = parts.to_timestamp() {
                    return Ok(self.origin.sim_time(timestamp));
                }
                parts
                    .to_datetime()
                    .map_err(|e| format!("`{text}` is not a date and a time: {e}"))?
            }
            None => {
                if let Ok(timestamp) = text.parse() {
                    return Ok(self.origin.sim_time(timestamp));
                }
                text.parse().map_err(|_| {
                    format!("`{text}` is not a time like 2026-03-02T09:15 or 2026-03-02T09:15:00Z")
                })?
            }
        };
        Ok(self.origin.sim_time_of(&self.source.time_zone, shown))
    }

    fn named<T: Copy>(
        &self,
        column: TraceColumn,
        names: &HashMap<&str, T>,
        what: &str,
    ) -> Result<Option<T>, String> {
        self.text(column)?
            .map(|name| {
                names
                    .get(name)
                    .copied()
                    .ok_or_else(|| format!("the scenario has no {what} `{name}`"))
            })
            .transpose()
    }

    fn yes_no(&self, column: TraceColumn) -> Result<Option<bool>, String> {
        match self.text(column)? {
            None => Ok(None),
            Some("true") => Ok(Some(true)),
            Some("false") => Ok(Some(false)),
            Some(other) => Err(format!("`{}` is `true` or `false`, not `{other}`", column.name())),
        }
    }

    fn seconds(&self, column: TraceColumn) -> Result<Option<SimDuration>, String> {
        self.text(column)?
            .map(|text| match text.parse::<f64>() {
                Ok(s) if s >= 0.0 && s.is_finite() => {
                    Ok(SimDuration::from_millis_rounded(s * 1000.0))
                }
                _ => Err(format!("`{}` is a number of seconds, not `{text}`", column.name())),
            })
            .transpose()
    }

    fn messages(&self) -> Result<Option<u32>, String> {
        self.text(TraceColumn::Messages)?
            .map(|text| match text.parse() {
                Ok(count) if (1..=MOST_MESSAGES).contains(&count) => Ok(count),
                _ => Err(format!(
                    "`messages` is a whole number from 1 to {MOST_MESSAGES}, not `{text}`"
                )),
            })
            .transpose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::CivilSpan;

    fn read(
        csv: &str,
        columns: &[(TraceColumn, &str)],
        format: Option<&str>,
    ) -> Result<RecordedArrivals, Vec<String>> {
        let zone = Zone::named("Europe/Berlin").expect("bundled");
        let starts = "2026-03-02T00:00".parse().expect("a date");
        let (origin, _) = Origin::new(zone.clone(), starts, CivilSpan::ZERO).expect("in range");
        let source = TraceSource {
            file: PathBuf::from("arrivals.csv"),
            columns: columns.iter().map(|(c, name)| (*c, (*name).to_owned())).collect(),
            format: format.map(str::to_owned),
            time_zone: zone,
            rows_name_chatflows: false,
            place: Place::of_line("scenario.toml", 1, "trace = …"),
        };
        let agents = HashMap::from([("ana", AgentId::new(0))]);
        let chatflows = HashMap::from([("web", ChatflowId::new(0))]);
        let names = TraceNames { agents: &agents, chatflows: &chatflows };
        let ends = origin.after(starts, CivilSpan { days: 1, ms: 0 }).expect("in range");
        let reader = csv::Reader::from_reader(csv.as_bytes());
        RecordedArrivals::from_csv(reader, &source, names, &origin, ends, |name| name.len() as u64)
            .map_err(|errors| {
                errors
                    .into_iter()
                    .map(|e| format!("{}: {}", e.place.expect("a place").line(), e.message))
                    .collect()
            })
    }

    #[test]
    fn rows_come_in_order_of_time_and_those_outside_the_period_are_counted() {
        let csv = "at,contact\n2026-03-02T10:00,kim\n2026-03-02T09:00:00+01:00,lee\n\
                   2026-03-02T09:30:00,kim\n2026-03-01T23:59,kim\n2026-03-03T00:00,kim\n";
        let arrivals = read(csv, &[], None).expect("a good file");
        let hours: Vec<_> =
            arrivals.rows().iter().map(|r| r.at.as_millis() as f64 / 3.6e6).collect();
        assert_eq!(hours, [9.0, 9.5, 10.0]);
        assert_eq!(arrivals.rows()[1].contact, arrivals.rows()[2].contact);
        assert_ne!(arrivals.rows()[0].contact, arrivals.rows()[1].contact);
        assert_eq!((arrivals.outside(), arrivals.contacts().len()), (2, 2));
    }

    #[test]
    fn columns_go_by_other_names_and_times_by_other_formats() {
        let csv = "opened,by,flow\n02/03/2026 08:15,ana,web\n02/03/2026 08:16,,web\n";
        let columns = [
            (TraceColumn::At, "opened"),
            (TraceColumn::Owner, "by"),
            (TraceColumn::Chatflow, "flow"),
        ];
        let arrivals = read(csv, &columns, Some("%d/%m/%Y %H:%M")).expect("a good file");
        let rows = arrivals.rows();
        assert_eq!(rows[0].owner, Some(Some(AgentId::new(0))));
        assert_eq!(rows[1].owner, Some(None));
        assert_eq!(rows[0].chatflow, Some(ChatflowId::new(0)));
        assert_eq!(rows[0].at.as_millis(), 8 * 3_600_000 + 15 * 60_000);
    }

    #[test]
    fn every_bad_row_is_told_with_its_line() {
        let csv = "at,owner,messages,tracked,patience_s\n\
                   soon,,,,\n\
                   2026-03-02T10:00,bob,,,\n\
                   2026-03-02T10:00,,0,,\n\
                   2026-03-02T10:00,,,perhaps,\n\
                   2026-03-02T10:00,,,,-1\n\
                   ,,,,\n\
                   2026-03-02T10:00\n";
        let errors = read(csv, &[], None).expect_err("seven bad rows");
        assert_eq!(
            errors,
            [
                "2: `soon` is not a time like 2026-03-02T09:15 or 2026-03-02T09:15:00Z",
                "3: the scenario has no agent `bob`",
                "4: `messages` is a whole number from 1 to 10000, not `0`",
                "5: `tracked` is `true` or `false`, not `perhaps`",
                "6: `patience_s` is a number of seconds, not `-1`",
                "7: the time of this row is blank",
                "8: this row has another number of columns than the header",
            ]
        );
    }

    #[test]
    fn a_missing_column_is_told_with_the_nearest() {
        let errors = read("opened_at,caller\n", &[(TraceColumn::At, "opened")], None);
        assert_eq!(
            errors.expect_err("no such column"),
            ["1: `arrivals.csv` has no column `opened` for `at`; the nearest is `opened_at`"]
        );
    }
}
