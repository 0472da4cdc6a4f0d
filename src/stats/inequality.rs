//! How evenly something was handed out: Jain, Gini, extremes and chi-square of what each got
//! against what each was due.
//!
//! Each portion has x (received) and e (entitled); those with e = 0 are left out. Entitlements need
//! not be on the scale of what was received: rotation has Σe = Σx, busy time by online hours has
//! hours as e, and plain values have e = 1 throughout.

use super::distributions::chi_square_survival;

/// What one taker received, and what it was entitled to.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Portion {
    /// Received, x: assignments, or a time. Finite and not negative.
    pub received: f64,
    /// Entitled, e: entitled assignments, or any weight. A portion with 0 is left out.
    pub entitled: f64,
}

/// Pearson's test of the received counts against the entitled ones.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct ChiSquare {
    /// `Σ (x_i − e_i·Σx/Σe)² / (e_i·Σx/Σe)`, which is n(1/J − 1).
    pub statistic: f64,
    /// Takers less one.
    pub degrees: u64,
    /// The probability of a statistic at least as large, were lots drawn by entitlement.
    pub p: f64,
}

/// Jain's index weighted by entitlement, `J = (Σx)² / (Σe · Σ x²/e)` (Jain, Chiu and Hawe 1984):
/// 1 when everybody got exactly in proportion, 1/k when one of k equals got everything. `None` when
/// nobody is entitled or nothing was received.
///
/// # Panics
///
/// If an amount of somebody entitled is negative or not finite.
#[must_use]
pub fn jain(portions: &[Portion]) -> Option<f64> {
    let Totals { received, entitled, .. } = totals(portions)?;
    let squares: f64 =
        kept(portions).map(|part| part.received * part.received / part.entitled).sum();
    // The division first: entitlements and counts on any scale give a quotient near 1.
    Some((received / entitled) * (received / squares))
}

/// The Gini coefficient of y = x/e weighted by e, from the Lorenz curve of what was received
/// against entitlement: twice the area between it and the diagonal. 0 is even. `None` when nobody
/// is entitled or nothing was received.
///
/// With portions in order of y and E the cumulative entitlement, the trapezoids add up to
/// `Σ x_i (E_{i−1} + E_i) / (Σx·Σe) − 1`.
///
/// # Panics
///
/// If an amount of somebody entitled is negative or not finite.
#[must_use]
pub fn gini(portions: &[Portion]) -> Option<f64> {
    let Totals { received, entitled, .. } = totals(portions)?;
    let mut in_order: Vec<Portion> = kept(portions).copied().collect();
    in_order.sort_by(|a, b| (a.received / a.entitled).total_cmp(&(b.received / b.entitled)));
    let (mut below, mut sum) = (0.0, 0.0);
    for part in &in_order {
        sum += part.received * (2.0 * below + part.entitled);
        below += part.entitled;
    }
    // An even division may round to just below 0.
    Some((sum / received / entitled - 1.0).max(0.0))
}

/// The largest y = x/e over the mean Σx/Σe. `None` when nobody is entitled or nothing was received.
///
/// # Panics
///
/// If an amount of somebody entitled is negative or not finite.
#[must_use]
pub fn max_over_mean(portions: &[Portion]) -> Option<f64> {
    relative_to_mean(portions)?.reduce(f64::max)
}

/// The smallest y = x/e over the mean Σx/Σe. `None` when nobody is entitled or nothing was
/// received.
///
/// # Panics
///
/// If an amount of somebody entitled is negative or not finite.
#[must_use]
pub fn min_over_mean(portions: &[Portion]) -> Option<f64> {
    relative_to_mean(portions)?.reduce(f64::min)
}

/// How uneven the counts are against drawing lots, `n(1/J − 1)/ν`: 0 is an exact round robin, 1 as
/// fair as lots among the eligible (its expectation is 1), above 1 structurally unfair.
///
/// `nu` is the statistic's expectation under lots, `ν = Σ_i Σ_d p_id (1 − p_id) / e_i` over the
/// decisions d with p_id the part of d that i was entitled to: k − 1 when all k were always
/// eligible. `None` when `nu` is 0 (nobody ever had a choice), nobody is entitled or nothing was
/// received.
///
/// # Panics
///
/// If an amount of somebody entitled is negative or not finite.
#[must_use]
pub fn excess(portions: &[Portion], nu: f64) -> Option<f64> {
    let statistic = pearson(portions)?;
    (nu > 0.0 && nu.is_finite()).then(|| statistic / nu)
}

/// Pearson's chi-square test of even distribution, on counts; only for rotations that are meant to
/// be even, and on counts pooled over replications. `None` with fewer than two entitled or nothing
/// received.
///
/// # Panics
///
/// If an amount of somebody entitled is negative or not finite.
#[must_use]
pub fn chi_square(portions: &[Portion]) -> Option<ChiSquare> {
    let statistic = pearson(portions)?;
    let degrees = totals(portions)?.takers - 1;
    (degrees > 0).then(|| ChiSquare {
        statistic,
        degrees,
        p: chi_square_survival(statistic, degrees),
    })
}

/// `n(1/J − 1)`, as squared differences: no digits are lost when J is near 1.
fn pearson(portions: &[Portion]) -> Option<f64> {
    let Totals { received, entitled, .. } = totals(portions)?;
    let scale = received / entitled;
    let squares = kept(portions).map(|part| {
        let expected = part.entitled * scale;
        let difference = part.received - expected;
        difference * difference / expected
    });
    Some(squares.sum())
}

fn relative_to_mean(portions: &[Portion]) -> Option<impl Iterator<Item = f64>> {
    let Totals { received, entitled, .. } = totals(portions)?;
    let mean = received / entitled;
    Some(kept(portions).map(move |part| part.received / part.entitled / mean))
}

struct Totals {
    received: f64,
    entitled: f64,
    takers: u64,
}

/// The sums over those entitled; `None` when nobody is or nothing was received.
fn totals(portions: &[Portion]) -> Option<Totals> {
    let mut totals = Totals { received: 0.0, entitled: 0.0, takers: 0 };
    for part in kept(portions) {
        let is_amount = part.received >= 0.0 && part.received.is_finite();
        assert!(is_amount && part.entitled.is_finite(), "{part:?} is not an amount");
        totals.received += part.received;
        totals.entitled += part.entitled;
        totals.takers += 1;
    }
    (totals.takers > 0 && totals.received > 0.0).then_some(totals)
}

fn kept(portions: &[Portion]) -> impl Iterator<Item = &Portion> {
    portions.iter().filter(|part| part.entitled > 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn portions(parts: &[(f64, f64)]) -> Vec<Portion> {
        parts.iter().map(|&(received, entitled)| Portion { received, entitled }).collect()
    }

    fn equal(received: &[f64]) -> Vec<Portion> {
        received.iter().map(|&received| Portion { received, entitled: 1.0 }).collect()
    }

    fn close(value: Option<f64>, expected: f64, absolute: f64) {
        let value = value.expect("there is a value");
        assert!((value - expected).abs() <= absolute, "{value} is not {expected}");
    }

    const STEPS: [f64; 6] = [10.0, 20.0, 30.0, 40.0, 50.0, 60.0];

    #[test]
    fn ten_to_sixty_in_equal_steps() {
        let steps = equal(&STEPS);
        // Gini: Σ x(2i − 1) = 10(1 + 6 + 15 + 28 + 45 + 66) = 1610; 1610/(210·6) − 1 = .277778.
        close(gini(&steps), 0.277_778, 5e-7);
        // Jain: 210²/(6·9100) = 44100/54600 = .807692.
        close(jain(&steps), 0.807_692, 5e-7);
        // Mean 35: 60/35 and 10/35, six apart.
        close(max_over_mean(&steps), 60.0 / 35.0, 1e-15);
        close(min_over_mean(&steps), 10.0 / 35.0, 1e-15);
        // χ² = (25² + 15² + 5² + 5² + 15² + 25²)/35 = 1750/35 = 50.
        let test = chi_square(&steps).expect("there are counts");
        close(Some(test.statistic), 50.0, 1e-12);
        assert_eq!(test.degrees, 5);
        // 50 over k − 1 = 5: ten times as uneven as lots.
        close(excess(&steps, 5.0), 10.0, 1e-12);
    }

    #[test]
    fn exactly_the_entitlement_is_even_whatever_the_entitlements() {
        let exact = portions(&[(3.0, 3.0), (10.0, 10.0), (87.0, 87.0)]);
        close(jain(&exact), 1.0, 1e-15);
        close(gini(&exact), 0.0, 1e-15);
        close(max_over_mean(&exact), 1.0, 1e-15);
        close(min_over_mean(&exact), 1.0, 1e-15);
        assert_eq!(excess(&exact, 2.0), Some(0.0));
        assert_eq!(chi_square(&exact).map(|test| test.p), Some(1.0));
    }

    #[test]
    fn one_who_gets_everything() {
        // k = 4: Jain 1/4, Gini 3/4, the largest four times the mean, the smallest nothing.
        let greedy = equal(&[0.0, 8.0, 0.0, 0.0]);
        close(jain(&greedy), 0.25, 1e-15);
        close(gini(&greedy), 0.75, 1e-15);
        close(max_over_mean(&greedy), 4.0, 1e-15);
        close(min_over_mean(&greedy), 0.0, 0.0);
    }

    #[test]
    fn those_entitled_to_nothing_are_left_out() {
        let mut with_absent = equal(&STEPS);
        with_absent.push(Portion { received: 0.0, entitled: 0.0 });
        assert_eq!(jain(&with_absent), jain(&equal(&STEPS)));
        assert_eq!(gini(&with_absent), gini(&equal(&STEPS)));
        assert_eq!(min_over_mean(&with_absent), min_over_mean(&equal(&STEPS)));
        assert_eq!(chi_square(&with_absent), chi_square(&equal(&STEPS)));
    }

    #[test]
    fn nothing_received_and_nobody_entitled_have_no_figures() {
        for parts in [equal(&[0.0, 0.0]), portions(&[(5.0, 0.0)]), Vec::new()] {
            assert_eq!(jain(&parts), None);
            assert_eq!(gini(&parts), None);
            assert_eq!(max_over_mean(&parts), None);
            assert_eq!(min_over_mean(&parts), None);
            assert_eq!(excess(&parts, 1.0), None);
            assert_eq!(chi_square(&parts), None);
        }
    }

    #[test]
    fn without_a_choice_there_is_no_excess_and_no_test() {
        let alone = equal(&[12.0]);
        assert_eq!(jain(&alone), Some(1.0));
        assert_eq!(excess(&alone, 0.0), None);
        assert_eq!(chi_square(&alone), None);
    }

    #[test]
    fn lots_over_ten_agents_have_an_excess_of_one_on_average() {
        // Lots among k = 10, n = 50, in 4,000 rounds: χ² has mean 9 and variance
        // 2·9·(n − 1)/n = 17.64, so the excess has standard deviation 4.2/9 = .467 and its average
        // over the rounds a standard error of .0074. Four of them: .03.
        let mut state = 1_u64;
        let mut lot = || {
            // A linear congruential generator (Knuth's MMIX), its high digits.
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as usize % 10
        };
        let rounds = 4_000;
        let mut sum = 0.0;
        for _ in 0..rounds {
            let mut counts = [0.0; 10];
            for _ in 0..50 {
                counts[lot()] += 1.0;
            }
            let parts = counts.map(|received| Portion { received, entitled: 5.0 });
            sum += excess(&parts, 9.0).expect("there are counts");
        }
        close(Some(sum / f64::from(rounds)), 1.0, 0.03);
    }

    proptest! {
        #[test]
        fn the_figures_agree_with_their_definitions(
            parts in prop::collection::vec((0..100_u32, 1..50_u32), 1..12),
        ) {
            let parts: Vec<(f64, f64)> =
                parts.iter().map(|&(x, e)| (f64::from(x), f64::from(e))).collect();
            let x_sum: f64 = parts.iter().map(|part| part.0).sum();
            let e_sum: f64 = parts.iter().map(|part| part.1).sum();
            prop_assume!(x_sum > 0.0);
            let portions = portions(&parts);
            // Gini as the mean absolute difference, ΣΣ e_i e_j |y_i − y_j| / (2 Σe Σx).
            let mut differences = 0.0;
            for (x, e) in &parts {
                for (other_x, other_e) in &parts {
                    differences += e * other_e * (x / e - other_x / other_e).abs();
                }
            }
            close(gini(&portions), differences / (2.0 * e_sum * x_sum), 1e-12);
            // χ² = n (1/J − 1).
            let statistic = pearson(&portions).expect("something was received");
            let by_jain = x_sum * (1.0 / jain(&portions).expect("something was received") - 1.0);
            prop_assert!((statistic - by_jain).abs() <= 1e-9 * (1.0 + statistic));
        }

        #[test]
        fn the_scale_of_entitlements_does_not_matter(
            parts in prop::collection::vec((1..100_u32, 1..50_u32), 1..12),
        ) {
            let scaled = |by: f64| -> Vec<Portion> {
                let one = |&(x, e): &(u32, u32)| Portion {
                    received: f64::from(x),
                    entitled: f64::from(e) * by,
                };
                parts.iter().map(one).collect()
            };
            let (plain, times_four) = (scaled(1.0), scaled(4.0));
            prop_assert_eq!(jain(&plain), jain(&times_four));
            prop_assert_eq!(gini(&plain), gini(&times_four));
            prop_assert_eq!(chi_square(&plain), chi_square(&times_four));
        }
    }
}
