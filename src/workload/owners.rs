//! Who owns the contacts: the share of owned contacts that belongs to each agent.

use crate::ids::AgentId;

/// Shares over agents, as a cumulative table.
#[derive(Clone, PartialEq, Debug)]
pub struct OwnerShares {
    /// Owners with a share above 0, with the sum of the shares up to and including theirs.
    cumulative: Vec<(AgentId, f64)>,
}

impl OwnerShares {
    /// Shares in proportion to `weights`, one for each agent in order of ids; `None` if a weight is
    /// negative or not finite, or none is above 0.
    #[must_use]
    pub fn by_weights(weights: &[f64]) -> Option<Self> {
        let sum: f64 = weights.iter().sum();
        if !(weights.iter().all(|w| *w >= 0.0) && sum > 0.0 && sum.is_finite()) {
            return None;
        }
        let mut so_far = 0.0;
        let cumulative = weights
            .iter()
            .enumerate()
            .filter(|(_, weight)| **weight > 0.0)
            .map(|(index, weight)| {
                so_far += weight / sum;
                (AgentId::new(index), so_far)
            })
            .collect();
        Some(Self { cumulative })
    }

    /// The same share for each of `agents` agents; `None` without agents.
    #[must_use]
    pub fn even(agents: usize) -> Option<Self> {
        Self::by_weights(&vec![1.0; agents])
    }

    /// Geometric shares 1, r, r², … over `agents` agents in order, with r chosen by bisection so
    /// that their Gini index is `gini`. What lies above [`OwnerShares::largest_gini`] gives all to
    /// the first agent; `None` without agents.
    #[must_use]
    pub fn by_gini(agents: usize, gini: f64) -> Option<Self> {
        let (mut low, mut high) = (0.0_f64, 1.0_f64);
        // The index falls from its largest value at r = 0 to 0 at r = 1; 60 halvings leave 2^-60.
        for _ in 0..60 {
            let middle = f64::midpoint(low, high);
            if gini_of_geometric(agents, middle) > gini { low = middle } else { high = middle }
        }
        Self::by_weights(&geometric(agents, f64::midpoint(low, high)))
    }

    /// The largest Gini index that shares over this many agents can have: (n − 1)/n.
    #[must_use]
    pub fn largest_gini(agents: usize) -> f64 {
        if agents == 0 { 0.0 } else { (agents - 1) as f64 / agents as f64 }
    }

    /// The owner at quantile `u`, strictly between 0 and 1.
    #[must_use]
    pub fn owner(&self, u: f64) -> AgentId {
        let place = self.cumulative.partition_point(|&(_, up_to)| up_to < u);
        self.cumulative[place.min(self.cumulative.len() - 1)].0
    }
}

fn geometric(agents: usize, ratio: f64) -> Vec<f64> {
    std::iter::successors(Some(1.0), |share| Some(share * ratio)).take(agents).collect()
}

/// Gini index of shares that fall: Σ (n + 1 − 2i) x_i / (n Σ x_i), i = 1 … n from the largest.
fn gini_of_geometric(agents: usize, ratio: f64) -> f64 {
    let shares = geometric(agents, ratio);
    let n = agents as f64;
    let weighted: f64 =
        shares.iter().enumerate().map(|(i, x)| (n - 1.0 - 2.0 * i as f64) * x).sum();
    weighted / (n * shares.iter().sum::<f64>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn geometric_shares_have_the_gini_asked_for() {
        for (agents, gini) in [(5, 0.46), (20, 0.46), (20, 0.9), (3, 0.0)] {
            let shares = OwnerShares::by_gini(agents, gini).expect("there are agents");
            let mut each = Vec::new();
            let mut before = 0.0;
            for &(_, up_to) in &shares.cumulative {
                each.push(up_to - before);
                before = up_to;
            }
            // Mean absolute difference over twice the mean: the definition, not the formula above.
            let n = each.len() as f64;
            let differences: f64 =
                each.iter().flat_map(|a| each.iter().map(move |b| (a - b).abs())).sum();
            let got = differences / (2.0 * n * n * (1.0 / n));
            assert!((got - gini).abs() < 1e-9, "{agents} agents: {got}, not {gini}");
        }
    }

    #[test]
    fn owners_come_in_proportion_to_their_weights() {
        let shares = OwnerShares::by_weights(&[0.0, 3.0, 1.0]).expect("weights are fine");
        assert_eq!(shares.owner(0.001), AgentId::new(1));
        assert_eq!(shares.owner(0.74), AgentId::new(1));
        assert_eq!(shares.owner(0.76), AgentId::new(2));
        assert_eq!(shares.owner(0.999_999_999), AgentId::new(2));
        assert_eq!(OwnerShares::by_weights(&[0.0, 0.0]), None);
        assert_eq!(OwnerShares::even(0), None);
    }
}
