//! Running a scenario and reading the tables that it leaves.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::binary::{place, routelab};

/// The results of a run. They are deleted when this is dropped.
pub(crate) struct Results(TempDir);

/// Runs a scenario without a word, which has to succeed.
pub(crate) fn run(scenario: &Path, arguments: &[&str]) -> Results {
    let results = Results(place());
    let mut command = routelab();
    command.args(["run", "--quiet"]).arg(scenario).arg("-o").arg(results.path("")).args(arguments);
    command.ok().unwrap_or_else(|error| panic!("{error}"));
    results
}

impl Results {
    /// The path of a file.
    pub(crate) fn path(&self, file: &str) -> PathBuf {
        self.0.path().join("out").join(file)
    }

    /// The rows of a CSV file.
    pub(crate) fn rows(&self, file: &str) -> Vec<Row> {
        let path = self.path(file);
        let mut reader = csv::Reader::from_path(path).unwrap_or_else(|e| panic!("{file}: {e}"));
        let header = reader.headers().expect("a header of UTF-8 text").clone();
        let cells = |record: csv::StringRecord| {
            header.iter().zip(&record).map(|(c, text)| (c.to_owned(), text.to_owned())).collect()
        };
        let rows = reader.records().map(|row| Row(cells(row.expect("a cell for each column"))));
        rows.collect()
    }

    /// The row of `measures.csv` that is about everything.
    pub(crate) fn figure(&self, measure: &str, stat: &str) -> Row {
        let wanted = [measure, "all", stat];
        let mut rows = self.rows("measures.csv").into_iter();
        rows.find(|row| ["measure", "scope", "stat"].map(|column| row.text(column)) == wanted)
            .unwrap_or_else(|| panic!("no row {wanted:?}"))
    }
}

/// A row of a CSV file by the names of its columns.
#[derive(Debug)]
pub(crate) struct Row(BTreeMap<String, String>);

impl Row {
    /// The text of a cell.
    pub(crate) fn text(&self, column: &str) -> &str {
        self.0.get(column).unwrap_or_else(|| panic!("there is a column {column}"))
    }

    /// The number in a cell; `None` if it is empty.
    pub(crate) fn maybe(&self, column: &str) -> Option<f64> {
        let text = self.text(column);
        let number = || text.parse().unwrap_or_else(|_| panic!("{column}: `{text}` is no number"));
        (!text.is_empty()).then(number)
    }

    /// The number in a cell that is not empty.
    pub(crate) fn number(&self, column: &str) -> f64 {
        self.maybe(column).unwrap_or_else(|| panic!("{column} is empty"))
    }
}
