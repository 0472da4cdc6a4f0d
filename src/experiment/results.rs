//! What the replications say together: every measure of the dictionary, for every part of the
//! results that it is about, with its interval.

use std::borrow::Cow;

use crate::ids::AgentId;
use crate::measures::dictionary::{About, Entry, Index, Kind, QUANTILES, Sums, entries};
use crate::measures::{
    AgentSummary, CELL_BITS, CellSummary, Count, Dist, SlotSums, SparseDistribution, Timeline,
};
use crate::scenario::Scenario;
use crate::stats::{
    Histogram, Interval, PooledQuantiles, Portion, Tally, clopper_pearson, excess, gini, jain,
    max_over_mean, mean_interval, min_over_mean, ratio_of_sums,
};

use super::replications::Replication;

/// Confidence level of all intervals.
pub(super) const LEVEL: f64 = 0.95;

/// A part of the results.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Scope {
    /// Everything.
    All,
    /// The conversations of one chatflow.
    Chatflow(String),
    /// The agents of one team.
    Team(String),
    /// One agent.
    Agent(String),
    /// The conversations of owned visitors, or of the others.
    Owned(bool),
}

impl Scope {
    /// The column `scope`.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Chatflow(_) => "chatflow",
            Self::Team(_) => "team",
            Self::Agent(_) => "agent",
            Self::Owned(_) => "owned",
        }
    }

    /// The column `name`.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::All => "",
            Self::Chatflow(name) | Self::Team(name) | Self::Agent(name) => name,
            Self::Owned(true) => "true",
            Self::Owned(false) => "false",
        }
    }
}

/// A statistic.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Stat {
    /// A number per replication.
    Count,
    /// A ratio of sums.
    Ratio,
    /// The mean.
    Mean,
    /// The standard deviation.
    Sd,
    /// The smallest.
    Min,
    /// The largest.
    Max,
    /// A quantile; an index into [`QUANTILES`].
    Quantile(usize),
    /// An index.
    Value,
}

impl Stat {
    /// The column `stat`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Count => "count",
            Self::Ratio => "ratio",
            Self::Mean => "mean",
            Self::Sd => "sd",
            Self::Min => "min",
            Self::Max => "max",
            Self::Quantile(number) => QUANTILES[number].0,
            Self::Value => "value",
        }
    }

    /// The statistic of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        [Self::Count, Self::Ratio, Self::Mean, Self::Sd, Self::Min, Self::Max, Self::Value]
            .into_iter()
            .chain((0..QUANTILES.len()).map(Self::Quantile))
            .find(|stat| stat.name() == name)
    }

    /// The median.
    pub const P50: Self = Self::Quantile(0);
    /// The 90th percentile.
    pub const P90: Self = Self::Quantile(2);
}

/// A row of `measures.csv`.
#[derive(Clone, PartialEq, Debug)]
pub struct Row {
    /// Name with labels.
    pub measure: String,
    /// Of which part.
    pub scope: Scope,
    /// Which statistic.
    pub stat: Stat,
    /// `None` if there is nothing to say.
    pub value: Option<f64>,
    /// Unit of the value.
    pub unit: &'static str,
    /// Lower end of the 95 % interval; `None` if unknown or open.
    pub low: Option<f64>,
    /// Upper end.
    pub high: Option<f64>,
    /// Samples: denominator of a ratio, conversations of a distribution, replications of others.
    pub n: u64,
}

/// All replications of a scenario and what they say together.
#[derive(Debug)]
pub struct Results<'a> {
    /// What was simulated.
    pub scenario: &'a Scenario,
    /// The routing list of each chatflow, in order of slots.
    pub lists: Vec<Vec<AgentId>>,
    /// In order of their numbers.
    pub replications: Vec<Replication>,
    /// In order of scopes, then of the dictionary.
    pub rows: Vec<Row>,
    /// Sums over replications.
    pub timeline: Timeline,
}

impl<'a> Results<'a> {
    /// Puts replications together.
    ///
    /// # Panics
    ///
    /// If there are none, or they are of another scenario.
    #[must_use]
    pub fn new(
        scenario: &'a Scenario,
        lists: Vec<Vec<AgentId>>,
        replications: Vec<Replication>,
    ) -> Self {
        let (first, others) = replications.split_first().expect("at least one replication");
        let mut timeline = first.summary.timeline.clone();
        for other in others {
            timeline.merge(&other.summary.timeline);
        }
        let dictionary = entries(&scenario.report.service_level);
        let mut results = Self { scenario, lists, replications, rows: Vec::new(), timeline };
        let scopes = results.scopes();
        results.rows =
            scopes.iter().flat_map(|scope| results.rows_of(scope, &dictionary)).collect();
        results
    }

    /// The row of a measure, if the part has it.
    #[must_use]
    pub fn row(&self, measure: &str, scope: &Scope, stat: Stat) -> Option<&Row> {
        self.rows
            .iter()
            .find(|row| row.stat == stat && row.measure == measure && row.scope == *scope)
    }

    /// The value of a measure over everything.
    #[must_use]
    pub fn value(&self, measure: &str, stat: Stat) -> Option<f64> {
        self.row(measure, &Scope::All, stat).and_then(|row| row.value)
    }

    /// A distribution over everything, or over one chatflow, as one histogram of all replications
    /// in milliseconds, with the exact sums.
    #[must_use]
    pub fn pooled(&self, dist: Dist, scope: &Scope) -> (Tally, Histogram) {
        let mut tally = Tally::default();
        let mut histogram: Option<Histogram> = None;
        for number in 0..self.replications.len() {
            for sparse in self.distributions(number, scope, dist) {
                tally.merge(&sparse.tally);
                let own = sparse.histogram();
                match &mut histogram {
                    Some(pool) => pool.add(&own),
                    None => histogram = Some(own),
                }
            }
        }
        (tally, histogram.unwrap_or_else(|| Histogram::new(0)))
    }

    /// The sums of one replication (an index from 0) for a part of the results.
    #[must_use]
    pub fn sums(&self, replication: usize, scope: &Scope) -> Sums {
        let summary = &self.replications[replication].summary;
        let mut sums = Sums {
            service: vec![[0; 2]; self.scenario.report.service_level.len()],
            ..Sums::default()
        };
        for cell in self.cells(replication, scope) {
            sums.counts.merge(&cell.counts);
            for (mine, theirs) in sums.service.iter_mut().zip(&cell.service) {
                mine[0] += theirs[0];
                mine[1] += theirs[1];
            }
        }
        let agents = self.agents(scope);
        let mut of_agent = vec![[0.0; 2]; self.scenario.agents.len()];
        for (slots, sums_of_slots) in self.lists.iter().zip(&summary.fairness) {
            for (agent, slot) in slots.iter().zip(sums_of_slots) {
                of_agent[agent.index()][0] += slot.assigned as f64;
                of_agent[agent.index()][1] += slot.entitled;
                sums.rotation_of_all += slot.assigned as f64;
            }
        }
        for agent in &agents {
            let own: &AgentSummary = &summary.agents[agent.index()];
            for (mine, theirs) in sums.agents.iter_mut().zip(&own.counts) {
                *mine += theirs;
            }
            sums.rotation[0] += of_agent[agent.index()][0];
            sums.rotation[1] += of_agent[agent.index()][1];
        }
        sums
    }

    /// The parts of the results, in the order in which they are shown.
    #[must_use]
    pub fn scopes(&self) -> Vec<Scope> {
        let scenario = self.scenario;
        let mut all = vec![Scope::All];
        all.extend(scenario.chatflows.iter().map(|c| Scope::Chatflow(c.name.clone())));
        all.extend([Scope::Owned(true), Scope::Owned(false)]);
        all.extend(scenario.teams.iter().map(|t| Scope::Team(t.name.clone())));
        all.extend(scenario.agents.iter().map(|a| Scope::Agent(a.name.clone())));
        all
    }

    fn rows_of(&self, scope: &Scope, dictionary: &[Entry]) -> Vec<Row> {
        let applies = |about| match scope {
            Scope::All => matches!(about, About::Conversations | About::Work | About::Rotations),
            Scope::Chatflow(_) => matches!(about, About::Conversations | About::Rotations),
            Scope::Owned(_) => about == About::Conversations,
            Scope::Team(_) | Scope::Agent(_) => matches!(about, About::Work | About::Agents),
        };
        let sums: Vec<Sums> = (0..self.replications.len()).map(|r| self.sums(r, scope)).collect();
        dictionary
            .iter()
            .filter(|entry| applies(entry.about))
            .flat_map(|entry| self.rows_of_entry(scope, entry, &sums))
            .collect()
    }

    fn rows_of_entry(&self, scope: &Scope, entry: &Entry, sums: &[Sums]) -> Vec<Row> {
        let row = |stat, unit, value, interval: Option<Interval>, n| Row {
            measure: entry.name.clone(),
            scope: scope.clone(),
            stat,
            value,
            unit,
            low: interval.map(|i| i.low),
            high: interval.map(|i| i.high),
            n,
        };
        match &entry.kind {
            Kind::Count(count) => {
                let values: Vec<f64> = sums.iter().map(count).collect();
                let estimate = mean_interval(&values, LEVEL);
                let (mean, interval) =
                    (estimate.map(|e| e.mean), estimate.and_then(|e| e.interval));
                let interval = interval.map(|i| Interval { low: i.low.max(0.0), ..i });
                vec![row(Stat::Count, entry.unit, mean, interval, sums.len() as u64)]
            }
            Kind::Ratio { numerator, denominator, share } => {
                let pairs: Vec<_> = sums.iter().map(|s| (numerator(s), denominator(s))).collect();
                let (value, interval) = ratio_and_interval(&pairs, *share);
                let n = pairs.iter().map(|p| p.1).sum::<f64>() as u64;
                vec![row(Stat::Ratio, entry.unit, value, interval, n)]
            }
            Kind::Times(dist) => {
                let all: Vec<Vec<&SparseDistribution>> = (0..self.replications.len())
                    .map(|r| self.distributions(r, scope, *dist).collect())
                    .collect();
                rows_of_times(&all, entry.unit, row)
            }
            Kind::AgentTimes(number) => {
                let agents = self.agents(scope);
                let all: Vec<Vec<&SparseDistribution>> = self
                    .replications
                    .iter()
                    .map(|r| {
                        agents.iter().map(|a| &r.summary.agents[a.index()].dists[*number]).collect()
                    })
                    .collect();
                rows_of_times(&all, entry.unit, row)
            }
            Kind::Fairness(index) => {
                let values: Vec<f64> = (0..self.replications.len())
                    .filter_map(|r| self.fairness(r, scope, *index))
                    .collect();
                let estimate = mean_interval(&values, LEVEL);
                let (mean, interval) =
                    (estimate.map(|e| e.mean), estimate.and_then(|e| e.interval));
                vec![row(Stat::Value, entry.unit, mean, interval, values.len() as u64)]
            }
        }
    }

    /// An index of fairness of one replication.
    #[must_use]
    pub fn fairness(&self, replication: usize, scope: &Scope, index: Index) -> Option<f64> {
        let slots = self.slot_sums(replication, scope);
        let portions: Vec<Portion> = slots
            .iter()
            .map(|s| Portion { received: s.assigned as f64, entitled: s.entitled })
            .collect();
        match index {
            Index::Jain => jain(&portions),
            Index::Gini => gini(&portions),
            Index::MaxOverMean => max_over_mean(&portions),
            Index::MinOverMean => min_over_mean(&portions),
            Index::Excess => {
                let entitled = slots.iter().filter(|s| s.entitled > 0.0);
                let nu = entitled.map(|s| s.variance / s.entitled).sum();
                excess(&portions, nu)
            }
        }
    }

    /// What the rotations gave each agent; those of several lists are added up by agent.
    fn slot_sums(&self, replication: usize, scope: &Scope) -> Cow<'_, [SlotSums]> {
        let fairness = &self.replications[replication].summary.fairness;
        if let Scope::Chatflow(name) = scope {
            let number = self.scenario.chatflows.iter().position(|c| c.name == *name);
            return number.map_or(Cow::Owned(Vec::new()), |n| Cow::Borrowed(&fairness[n]));
        }
        let mut by_agent = vec![SlotSums::default(); self.scenario.agents.len()];
        for (slots, sums) in self.lists.iter().zip(fairness) {
            for (agent, slot) in slots.iter().zip(sums) {
                let own = &mut by_agent[agent.index()];
                own.assigned += slot.assigned;
                own.entitled += slot.entitled;
                own.variance += slot.variance;
            }
        }
        // In order of names: the order of the file must not show in the last digit of a sum.
        let mut order: Vec<usize> = (0..by_agent.len()).collect();
        order.sort_by(|a, b| self.scenario.agents[*a].name.cmp(&self.scenario.agents[*b].name));
        Cow::Owned(order.into_iter().map(|agent| by_agent[agent]).collect())
    }

    /// The agents of a part, each once.
    fn agents(&self, scope: &Scope) -> Vec<AgentId> {
        let scenario = self.scenario;
        match scope {
            Scope::All => (0..scenario.agents.len()).map(AgentId::new).collect(),
            Scope::Team(name) => scenario
                .teams
                .iter()
                .find(|team| team.name == *name)
                .map_or(Vec::new(), |team| team.agents.clone()),
            Scope::Agent(name) => scenario
                .agents
                .iter()
                .position(|agent| agent.name == *name)
                .map_or(Vec::new(), |index| vec![AgentId::new(index)]),
            Scope::Chatflow(_) | Scope::Owned(_) => Vec::new(),
        }
    }

    fn cells(&self, replication: usize, scope: &Scope) -> impl Iterator<Item = &CellSummary> {
        let cells = &self.replications[replication].summary.cells;
        let scenario = self.scenario;
        cells.iter().enumerate().flat_map(move |(chatflow, pair)| {
            pair.iter().enumerate().filter_map(move |(owned, cell)| {
                let belongs = match scope {
                    Scope::All => true,
                    Scope::Chatflow(name) => scenario.chatflows[chatflow].name == *name,
                    Scope::Owned(wanted) => (owned == 1) == *wanted,
                    Scope::Team(_) | Scope::Agent(_) => false,
                };
                belongs.then_some(cell)
            })
        })
    }

    fn distributions(
        &self,
        replication: usize,
        scope: &Scope,
        dist: Dist,
    ) -> impl Iterator<Item = &SparseDistribution> {
        self.cells(replication, scope).map(move |cell| &cell.dists[dist as usize])
    }

    /// A distribution of everything in one replication, in milliseconds.
    #[must_use]
    pub fn histogram_of(replication: &Replication, dist: Dist) -> Histogram {
        let mut all = Histogram::new(CELL_BITS);
        for cell in replication.summary.cells.iter().flatten() {
            all.add(&cell.dists[dist as usize].histogram());
        }
        all
    }

    /// How many conversations of everything have no value of a distribution, over all replications.
    #[must_use]
    pub fn not_covered(&self, dist: Dist) -> u64 {
        let all = (0..self.replications.len()).flat_map(|r| self.cells(r, &Scope::All)).map(|c| {
            c.counts.of(Count::Conversations).saturating_sub(c.dists[dist as usize].tally.count())
        });
        all.sum()
    }
}

/// A ratio of sums over replications with its interval. One that is 0 or 1 in every replication gets
/// the exact bound on its pooled count (Clopper and Pearson 1934).
fn ratio_and_interval(pairs: &[(f64, f64)], share: bool) -> (Option<f64>, Option<Interval>) {
    let Some(estimate) = ratio_of_sums(pairs.iter().copied()) else { return (None, None) };
    let (x, y) = pairs.iter().fold((0.0, 0.0), |sum, pair| (sum.0 + pair.0, sum.1 + pair.1));
    let extreme = pairs.iter().all(|p| p.0 == 0.0) || pairs.iter().all(|p| p.0 == p.1);
    let interval = if share && extreme {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "these are counts"
        )]
        clopper_pearson(x as u64, y as u64, LEVEL)
    } else {
        estimate.interval(LEVEL).map(|i| Interval {
            low: i.low.max(0.0),
            high: if share { i.high.min(1.0) } else { i.high },
        })
    };
    (Some(estimate.value), interval)
}

fn rows_of_times(
    replications: &[Vec<&SparseDistribution>],
    unit: &'static str,
    row: impl Fn(Stat, &'static str, Option<f64>, Option<Interval>, u64) -> Row,
) -> Vec<Row> {
    let mut pool = Tally::default();
    let mut pairs = Vec::new();
    let mut histograms = Vec::new();
    for parts in replications {
        let mut tally = Tally::default();
        let mut histogram: Option<Histogram> = None;
        for part in parts {
            tally.merge(&part.tally);
            match &mut histogram {
                Some(all) => all.add(&part.histogram()),
                None => histogram = Some(part.histogram()),
            }
        }
        pool.merge(&tally);
        pairs.push((tally.sum() as f64, tally.count() as f64));
        histograms.extend(histogram);
    }
    let n = pool.count();
    let seconds = |ms: f64| ms / 1000.0;
    let mean = ratio_of_sums(pairs.iter().copied());
    let interval = mean
        .and_then(|m| m.interval(LEVEL))
        .map(|i| Interval { low: seconds(i.low.max(0.0)), high: seconds(i.high) });
    let mut rows = vec![
        row(Stat::Mean, unit, mean.map(|m| seconds(m.value)), interval, n),
        row(Stat::Sd, unit, pool.sd().map(seconds), None, n),
        row(Stat::Min, unit, pool.min().map(|ms| seconds(ms as f64)), None, n),
        row(Stat::Max, unit, pool.max().map(|ms| seconds(ms as f64)), None, n),
    ];
    let quantiles = PooledQuantiles::new(&histograms);
    for (number, (_, p)) in QUANTILES.into_iter().enumerate() {
        let estimate = quantiles.as_ref().and_then(|q| q.estimate(p, LEVEL));
        let mut quantile = row(Stat::Quantile(number), unit, None, None, n);
        if let Some(estimate) = estimate {
            quantile.value = Some(seconds(estimate.value as f64));
            quantile.low = estimate.low.map(|ms| seconds(ms as f64));
            quantile.high = estimate.high.map(|ms| seconds(ms as f64));
        }
        rows.push(quantile);
    }
    rows
}
