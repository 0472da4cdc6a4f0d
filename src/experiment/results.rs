//! What the replications say together: every measure of the dictionary, for every part of the
//! results that it is about, with its interval.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;

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

    /// Whether it has measures about this.
    #[must_use]
    pub const fn has(&self, about: About) -> bool {
        match self {
            Self::All => !matches!(about, About::Agents),
            Self::Chatflow(_) => matches!(about, About::Conversations | About::Rotations),
            Self::Owned(_) => matches!(about, About::Conversations),
            Self::Team(_) | Self::Agent(_) => matches!(about, About::Work | About::Agents),
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

/// A [`Scope`] by numbers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Part {
    All,
    Chatflow(usize),
    Team(usize),
    Agent(usize),
    Owned(bool),
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
    /// The rows of each scope.
    places: BTreeMap<Scope, (Part, Range<usize>)>,
    /// For each replication and agent: rotation assignments, and those entitled to.
    rotation: Vec<Vec<[f64; 2]>>,
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
        let mut results = Self {
            scenario,
            lists,
            replications,
            rows: Vec::new(),
            timeline,
            places: BTreeMap::new(),
            rotation: Vec::new(),
        };
        results.rotation = (0..results.replications.len())
            .map(|r| results.by_agent(r).iter().map(|s| [s.assigned as f64, s.entitled]).collect())
            .collect();
        for (scope, part) in results.parts() {
            let begins = results.rows.len();
            let rows = results.rows_of(&scope, part, &dictionary);
            results.rows.extend(rows);
            results.places.insert(scope, (part, begins..results.rows.len()));
        }
        results
    }

    /// The row of a measure, if the part has it.
    #[must_use]
    pub fn row(&self, measure: &str, scope: &Scope, stat: Stat) -> Option<&Row> {
        let (_, range) = self.places.get(scope)?;
        self.rows[range.clone()].iter().find(|row| row.stat == stat && row.measure == measure)
    }

    /// All rows of a part.
    #[must_use]
    pub fn rows_of_scope(&self, scope: &Scope) -> &[Row] {
        self.places.get(scope).map_or(&[], |(_, range)| &self.rows[range.clone()])
    }

    fn part(&self, scope: &Scope) -> Option<Part> {
        self.places.get(scope).map(|place| place.0)
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
        let part = self.part(scope);
        for number in (0..self.replications.len()).filter(|_| part.is_some()) {
            for sparse in self.distributions(number, part.unwrap_or(Part::All), dist) {
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
        self.part(scope).map_or_else(Sums::default, |part| self.sums_of(replication, part))
    }

    fn sums_of(&self, replication: usize, part: Part) -> Sums {
        let summary = &self.replications[replication].summary;
        let levels = self.scenario.report.service_level.len();
        let mut sums = Sums { service: vec![[0; 2]; levels], ..Sums::default() };
        for cell in self.cells(replication, part) {
            sums.counts.merge(&cell.counts);
            for (mine, theirs) in sums.service.iter_mut().zip(&cell.service) {
                mine[0] += theirs[0];
                mine[1] += theirs[1];
            }
        }
        let assigned = summary.fairness.iter().flatten().map(|slot| slot.assigned);
        sums.rotation_of_all = assigned.sum::<u64>() as f64;
        for agent in self.agents(part).iter() {
            let own: &AgentSummary = &summary.agents[agent.index()];
            for (mine, theirs) in sums.agents.iter_mut().zip(&own.counts) {
                *mine += theirs;
            }
            let [assigned, entitled] = self.rotation[replication][agent.index()];
            sums.rotation[0] += assigned;
            sums.rotation[1] += entitled;
        }
        sums
    }

    /// The parts of the results, in the order in which they are shown.
    fn parts(&self) -> Vec<(Scope, Part)> {
        let scenario = self.scenario;
        let chatflows = scenario.chatflows.iter().map(|c| Scope::Chatflow(c.name.clone()));
        let teams = scenario.teams.iter().map(|t| Scope::Team(t.name.clone()));
        let agents = scenario.agents.iter().map(|a| Scope::Agent(a.name.clone()));
        let mut all = vec![(Scope::All, Part::All)];
        all.extend(chatflows.zip((0..).map(Part::Chatflow)));
        all.extend([true, false].map(|owned| (Scope::Owned(owned), Part::Owned(owned))));
        all.extend(teams.zip((0..).map(Part::Team)));
        all.extend(agents.zip((0..).map(Part::Agent)));
        all
    }

    fn rows_of(&self, scope: &Scope, part: Part, dictionary: &[Entry]) -> Vec<Row> {
        let sums: Vec<Sums> = (0..self.replications.len()).map(|r| self.sums_of(r, part)).collect();
        dictionary
            .iter()
            .filter(|entry| scope.has(entry.about))
            .flat_map(|entry| self.rows_of_entry(scope, part, entry, &sums))
            .collect()
    }

    fn rows_of_entry(&self, scope: &Scope, part: Part, entry: &Entry, sums: &[Sums]) -> Vec<Row> {
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
                let n = match entry.about {
                    // Their denominators are lengths of time: what is counted is replications.
                    About::Work => pairs.iter().filter(|p| p.1 > 0.0).count() as u64,
                    _ => pairs.iter().map(|p| p.1).sum::<f64>() as u64,
                };
                vec![row(Stat::Ratio, entry.unit, value, interval, n)]
            }
            Kind::Times(dist) => {
                let all: Vec<Vec<&SparseDistribution>> = (0..self.replications.len())
                    .map(|r| self.distributions(r, part, *dist).collect())
                    .collect();
                rows_of_times(&all, entry.unit, row)
            }
            Kind::AgentTimes(number) => {
                let agents = self.agents(part);
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
                    .filter_map(|r| self.fairness_of(r, part, *index))
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
        self.fairness_of(replication, self.part(scope)?, index)
    }

    fn fairness_of(&self, replication: usize, part: Part, index: Index) -> Option<f64> {
        let slots = match part {
            Part::Chatflow(number) => {
                Cow::Borrowed(&self.replications[replication].summary.fairness[number])
            }
            _ => Cow::Owned(self.by_agent_in_order_of_names(replication)),
        };
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

    /// What the rotations gave each agent; those of several lists are added up.
    fn by_agent(&self, replication: usize) -> Vec<SlotSums> {
        let mut by_agent = vec![SlotSums::default(); self.scenario.agents.len()];
        let fairness = &self.replications[replication].summary.fairness;
        for (slots, sums) in self.lists.iter().zip(fairness) {
            for (agent, slot) in slots.iter().zip(sums) {
                let own = &mut by_agent[agent.index()];
                own.assigned += slot.assigned;
                own.entitled += slot.entitled;
                own.variance += slot.variance;
            }
        }
        by_agent
    }

    /// The order of the file must not show in the last digit of a sum.
    fn by_agent_in_order_of_names(&self, replication: usize) -> Vec<SlotSums> {
        let by_agent = self.by_agent(replication);
        let agents = &self.scenario.agents;
        let mut order: Vec<usize> = (0..by_agent.len()).collect();
        order.sort_by(|a, b| agents[*a].name.cmp(&agents[*b].name));
        order.into_iter().map(|agent| by_agent[agent]).collect()
    }

    /// The agents of a part, each once.
    fn agents(&self, part: Part) -> Cow<'_, [AgentId]> {
        match part {
            Part::All => (0..self.scenario.agents.len()).map(AgentId::new).collect(),
            Part::Team(number) => Cow::Borrowed(&self.scenario.teams[number].agents),
            Part::Agent(number) => Cow::Owned(vec![AgentId::new(number)]),
            Part::Chatflow(_) | Part::Owned(_) => Cow::Borrowed(&[]),
        }
    }

    fn cells(&self, replication: usize, part: Part) -> impl Iterator<Item = &CellSummary> {
        let cells = &self.replications[replication].summary.cells;
        cells.iter().enumerate().flat_map(move |(chatflow, pair)| {
            pair.iter().enumerate().filter_map(move |(owned, cell)| {
                let belongs = match part {
                    Part::All => true,
                    Part::Chatflow(number) => chatflow == number,
                    Part::Owned(wanted) => (owned == 1) == wanted,
                    Part::Team(_) | Part::Agent(_) => false,
                };
                belongs.then_some(cell)
            })
        })
    }

    fn distributions(
        &self,
        replication: usize,
        part: Part,
        dist: Dist,
    ) -> impl Iterator<Item = &SparseDistribution> {
        self.cells(replication, part).map(move |cell| &cell.dists[dist as usize])
    }

    /// A quantile of a distribution of everything in one replication, in milliseconds.
    #[must_use]
    pub fn quantile_of(replication: &Replication, dist: Dist, p: f64) -> Option<u64> {
        let mut tally = Tally::default();
        let mut all = Histogram::new(CELL_BITS);
        for cell in replication.summary.cells.iter().flatten() {
            tally.merge(&cell.dists[dist as usize].tally);
            all.add(&cell.dists[dist as usize].histogram());
        }
        Some(all.quantile(p)?.clamp(tally.min()?, tally.max()?))
    }

    /// How many conversations of everything have no value of a distribution, over all replications.
    #[must_use]
    pub fn not_covered(&self, dist: Dist) -> u64 {
        let all = (0..self.replications.len()).flat_map(|r| self.cells(r, Part::All)).map(|c| {
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
    // Sums of fractions may exceed a whole in the last digit.
    let value = if share { estimate.value.min(1.0) } else { estimate.value };
    (Some(value), interval)
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
    // The middle of a cell may lie beyond the exact extremes, which are known.
    let inside = |ms: u64| ms.clamp(pool.min().unwrap_or(0), pool.max().unwrap_or(ms));
    let quantiles = PooledQuantiles::new(&histograms);
    for (number, (_, p)) in QUANTILES.into_iter().enumerate() {
        let estimate = quantiles.as_ref().and_then(|q| q.estimate(p, LEVEL));
        let mut quantile = row(Stat::Quantile(number), unit, None, None, n);
        if let Some(estimate) = estimate {
            quantile.value = Some(seconds(inside(estimate.value) as f64));
            quantile.low = estimate.low.map(|ms| seconds(inside(ms) as f64));
            quantile.high = estimate.high.map(|ms| seconds(inside(ms) as f64));
        }
        rows.push(quantile);
    }
    rows
}
