//! What each replication contributed, as a file: sums and histograms, from which everything that is
//! shown can be worked out again without simulating.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::kernel::{Period, WorkCounters};
use crate::measures::{
    AGENT_BITS, AgentCount, AgentSummary, CELL_BITS, CellSummary, Column, Count, Counts, Dist,
    SlotSums, SparseDistribution, Summary, Timeline,
};
use crate::scenario::Scenario;
use crate::stats::{Histogram, Tally, TallyParts};

use super::replications::Replication;

/// A part file that cannot be used, and why.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PartError(String);

impl fmt::Display for PartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for PartError {}

fn broken(what: impl Into<String>) -> PartError {
    PartError(what.into())
}

#[derive(Serialize, Deserialize)]
struct PartFile {
    replication: u32,
    work: [u64; 5],
    most_open: u64,
    cells: Vec<[CellFile; 2]>,
    agents: Vec<AgentFile>,
    fairness: Vec<Vec<(u64, f64, f64)>>,
    /// By column: the values of all intervals; columns of zeros are left out.
    timeline: BTreeMap<String, Vec<u64>>,
}

#[derive(Serialize, Deserialize)]
struct CellFile {
    counts: BTreeMap<String, u64>,
    service: Vec<[u64; 2]>,
    times: BTreeMap<String, TimesFile>,
}

#[derive(Serialize, Deserialize)]
struct AgentFile {
    counts: BTreeMap<String, u64>,
    times: [TimesFile; 3],
}

#[derive(Serialize, Deserialize)]
struct TimesFile {
    count: u64,
    sum: u64,
    /// A sum of squares does not always fit into 64 bits, and JSON has no numbers beyond them.
    sum_sq: String,
    min: Option<u64>,
    max: Option<u64>,
    bits: u32,
    cells: Vec<(u32, u64)>,
}

/// The bytes of a replication's part file.
#[must_use]
pub fn write_part(replication: &Replication) -> Vec<u8> {
    let summary = &replication.summary;
    let work = replication.work;
    let file = PartFile {
        replication: replication.number,
        work: [work.events, work.decisions, work.draws, work.scheduled, work.taken],
        most_open: summary.most_open,
        cells: summary.cells.iter().map(|pair| pair.each_ref().map(CellFile::of)).collect(),
        agents: summary.agents.iter().map(AgentFile::of).collect(),
        fairness: summary
            .fairness
            .iter()
            .map(|slots| slots.iter().map(|s| (s.assigned, s.entitled, s.variance)).collect())
            .collect(),
        timeline: Column::ALL
            .into_iter()
            .map(|column| {
                let values = summary.timeline.rows().map(|(_, _, row)| row[column as usize]);
                (column.name().to_owned(), values.collect::<Vec<u64>>())
            })
            .filter(|(_, values)| values.iter().any(|value| *value != 0))
            .collect(),
    };
    serde_json::to_vec(&file).expect("plain data is always JSON")
}

/// The replication in a part file of this scenario, whose routing lists have these lengths.
///
/// # Errors
///
/// If the bytes are no part file, or of another scenario.
pub fn read_part(
    bytes: &[u8],
    scenario: &Scenario,
    period: Period,
    list_lengths: &[usize],
) -> Result<Replication, PartError> {
    let file: PartFile = serde_json::from_slice(bytes).map_err(|e| broken(e.to_string()))?;
    let [events, decisions, draws, scheduled, taken] = file.work;
    if file.cells.len() != scenario.chatflows.len() || file.agents.len() != scenario.agents.len() {
        return Err(broken("it has other chatflows or agents than the scenario"));
    }
    let lists: Vec<usize> = file.fairness.iter().map(Vec::len).collect();
    if lists != list_lengths {
        return Err(broken("its routing lists are of another length than the scenario's"));
    }
    let interval = scenario.timeline_step().as_millis();
    let mut timeline = Timeline::new(period.starts, period.ends, interval);
    let intervals = timeline.rows().count();
    for (name, values) in &file.timeline {
        let column = Column::named(name)
            .ok_or_else(|| broken(format!("it has an unknown column `{name}`")))?;
        if values.len() != intervals {
            return Err(broken("its timeline is of another period"));
        }
        for (interval, value) in values.iter().enumerate() {
            let row = timeline.row_mut(interval).expect("as many as there are intervals");
            row[column as usize] = *value;
        }
    }
    let levels = scenario.report.service_level.len();
    let cells =
        file.cells.into_iter().map(|[other, owned]| Ok([other.cell(levels)?, owned.cell(levels)?]));
    let slot = |(assigned, entitled, variance)| SlotSums { assigned, entitled, variance };
    Ok(Replication {
        number: file.replication,
        summary: Summary {
            cells: cells.collect::<Result<_, PartError>>()?,
            agents: file.agents.into_iter().map(AgentFile::agent).collect::<Result<_, _>>()?,
            fairness: file
                .fairness
                .into_iter()
                .map(|f| f.into_iter().map(slot).collect())
                .collect(),
            timeline,
            most_open: file.most_open,
        },
        work: WorkCounters { events, decisions, draws, scheduled, taken },
        logs: None,
    })
}

fn named_counts(names: &[&'static str], values: &[u64]) -> BTreeMap<String, u64> {
    let all = names.iter().zip(values).filter(|(_, value)| **value != 0);
    all.map(|(name, value)| ((*name).to_owned(), *value)).collect()
}

impl CellFile {
    fn of(cell: &CellSummary) -> Self {
        let values = Count::ALL.map(|count| cell.counts.of(count));
        Self {
            counts: named_counts(&Count::ALL.map(Count::name), &values),
            service: cell.service.clone(),
            times: Dist::ALL
                .into_iter()
                .zip(&cell.dists)
                .filter(|(_, times)| times.tally.count() > 0)
                .map(|(dist, times)| (dist.name().to_owned(), TimesFile::of(times)))
                .collect(),
        }
    }

    fn cell(mut self, service_levels: usize) -> Result<CellSummary, PartError> {
        if self.service.len() != service_levels {
            return Err(broken("it has other service levels than the scenario"));
        }
        let mut counts = Counts::default();
        for count in Count::ALL {
            counts.add(count, self.counts.get(count.name()).copied().unwrap_or(0));
        }
        let dists = Dist::ALL.map(|dist| match self.times.remove(dist.name()) {
            Some(times) => times.times(CELL_BITS),
            None => Ok(SparseDistribution {
                tally: Tally::default(),
                bits: CELL_BITS,
                cells: Vec::new(),
            }),
        });
        let dists = dists.into_iter().collect::<Result<_, _>>()?;
        Ok(CellSummary { counts, dists, service: self.service })
    }
}

impl AgentFile {
    fn of(agent: &AgentSummary) -> Self {
        Self {
            counts: named_counts(&AgentCount::ALL.map(AgentCount::name), &agent.counts),
            times: agent.dists.each_ref().map(TimesFile::of),
        }
    }

    fn agent(self) -> Result<AgentSummary, PartError> {
        let [first, since, reply] = self.times;
        let bits = AGENT_BITS;
        Ok(AgentSummary {
            counts: AgentCount::ALL.map(|c| self.counts.get(c.name()).copied().unwrap_or(0)),
            dists: [first.times(bits)?, since.times(bits)?, reply.times(bits)?],
        })
    }
}

impl TimesFile {
    fn of(times: &SparseDistribution) -> Self {
        let TallyParts { count, sum, sum_sq, min, max } = times.tally.parts();
        let (bits, cells) = (times.bits, times.cells.clone());
        Self { count, sum, sum_sq: sum_sq.to_string(), min, max, bits, cells }
    }

    fn times(self, expected_bits: u32) -> Result<SparseDistribution, PartError> {
        if self.bits != expected_bits {
            return Err(broken("its histograms are of another precision"));
        }
        let sum_sq = self.sum_sq.parse().map_err(|_| broken("a sum of squares is no number"))?;
        let Self { count, sum, min, max, bits, cells, .. } = self;
        let tally = Tally::from_parts(TallyParts { count, sum, sum_sq, min, max })
            .ok_or_else(|| broken("its sums are of no sample"))?;
        let histogram = Histogram::from_sparse(bits, cells.iter().copied())
            .ok_or_else(|| broken("its cells are of no histogram"))?;
        if histogram.count() != count {
            return Err(broken("its histogram and its count differ"));
        }
        Ok(SparseDistribution { tally, bits, cells })
    }
}
