//! Incomplete beta and gamma functions: what the distributions and intervals stand on.
//!
//! Both are a leading factor times a continued fraction or series. The leading factors are binomial
//! and Poisson probabilities, written as Loader does ("Fast and Accurate Computation of Binomial
//! Probabilities", 2000) with deviances and Stirling corrections: differences of large logarithms
//! of gamma functions would cost half the digits at a million degrees of freedom.

use std::f64::consts::TAU;

/// A probability and its complement; neither is the other's rounding error.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Tails {
    /// The probability below.
    pub(super) lower: f64,
    /// The probability above.
    pub(super) upper: f64,
}

/// A number between 0 and 1 with its complement, both accurate however small.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Fraction {
    pub(super) x: f64,
    pub(super) complement: f64,
}

/// The regularised incomplete beta functions `I_x(a, b)` and `1 − I_x(a, b)`, for positive `a` and
/// `b`: the continued fraction DLMF 8.17.22 on the side of the mean where it converges fast.
pub(super) fn incomplete_beta(a: f64, b: f64, at: Fraction) -> Tails {
    if at.x <= 0.0 {
        return Tails { lower: 0.0, upper: 1.0 };
    }
    if at.complement <= 0.0 {
        return Tails { lower: 1.0, upper: 0.0 };
    }
    let factor = beta_factor(a, b, at);
    if at.x <= (a + 1.0) / (a + b + 2.0) {
        let lower = factor * beta_continued_fraction(a, b, at.x) / a;
        Tails { lower, upper: 1.0 - lower }
    } else {
        let upper = factor * beta_continued_fraction(b, a, at.complement) / b;
        Tails { lower: 1.0 - upper, upper }
    }
}

/// `x^a (1 − x)^b / B(a, b)`, which is `x (1 − x)` times the density of the beta distribution.
pub(super) fn beta_factor(a: f64, b: f64, at: Fraction) -> f64 {
    let n = a + b;
    let correction = stirling_correction(n) - stirling_correction(a) - stirling_correction(b);
    let deviance = deviance(a, n * at.x) + deviance(b, n * at.complement);
    libm::sqrt(a / n * b / TAU) * libm::exp(correction - deviance)
}

/// The `x` with `I_x(a, b) = lower` and `1 − I_x(a, b) = upper` (the two add to 1, both positive).
///
/// Newton's method on the logarithm of the smaller probability, which is concave in `x` and in
/// `ln x`, so that it converges from everywhere; a bracket catches the first steps that leave
/// (0, 1).
pub(super) fn inverse_beta(a: f64, b: f64, target: Tails) -> f64 {
    if a > b {
        // Near 1 a double has no digits left for 1 − x; the mirror image has.
        return 1.0 - inverse_beta(b, a, Tails { lower: target.upper, upper: target.lower });
    }
    let (mut low, mut high) = (0.0, 1.0);
    let mut x = a / (a + b);
    for _ in 0..200 {
        let at = Fraction { x, complement: 1.0 - x };
        let tails = incomplete_beta(a, b, at);
        if (target.lower <= target.upper && tails.lower > target.lower)
            || (target.lower > target.upper && tails.upper < target.upper)
        {
            high = x;
        } else {
            low = x;
        }
        let density = beta_factor(a, b, at) / (at.x * at.complement);
        let next = if target.lower <= target.upper {
            let step = libm::log(tails.lower / target.lower) * tails.lower / (x * density);
            x * libm::exp(-step)
        } else {
            x + libm::log(tails.upper / target.upper) * tails.upper / density
        };
        // Also false for the NaN of a probability that underflowed.
        let is_inside = next > low && next < high;
        let next = if is_inside { next } else { f64::midpoint(low, high) };
        let moved = (next - x).abs();
        x = next;
        // Each step squares the error: after one of 10^-8 nothing but rounding is left.
        if is_inside && moved <= 1e-8 * x.min(1.0 - x) {
            break;
        }
    }
    x
}

/// The regularised incomplete gamma functions `P(a, x)` (lower) and `Q(a, x)` (upper), for positive
/// `a`: the series DLMF 8.11.4 below the mean, the continued fraction DLMF 8.9.2 above.
pub(super) fn incomplete_gamma(a: f64, x: f64) -> Tails {
    if x <= 0.0 {
        return Tails { lower: 0.0, upper: 1.0 };
    }
    if x == f64::INFINITY {
        return Tails { lower: 1.0, upper: 0.0 };
    }
    // x^a e^-x / Γ(a + 1).
    let factor = libm::exp(-stirling_correction(a) - deviance(a, x)) / libm::sqrt(TAU * a);
    if x < a + 1.0 {
        let lower = factor * gamma_series(a, x);
        Tails { lower, upper: 1.0 - lower }
    } else {
        let upper = factor * a * gamma_continued_fraction(a, x);
        Tails { lower: 1.0 - upper, upper }
    }
}

/// Far more steps than any fraction or series here takes (about the square root of the largest
/// parameter): the loops end by converging.
const STEPS: u32 = 10_000_000;

/// Keeps a denominator off zero (the modification of Lentz's method by Thompson and Barnett, 1986).
fn nonzero(value: f64) -> f64 {
    const TINY: f64 = 1e-300;
    if value.abs() < TINY { TINY } else { value }
}

/// A continued fraction being evaluated from the front by the modified method of Lentz.
struct Lentz {
    numerator: f64,
    denominator: f64,
    value: f64,
}

impl Lentz {
    /// Appends the partial quotient `a / (b + …)`; false when that no longer changed the value.
    fn append(&mut self, a: f64, b: f64) -> bool {
        self.denominator = 1.0 / nonzero(b + a * self.denominator);
        self.numerator = nonzero(b + a / self.numerator);
        let change = self.numerator * self.denominator;
        self.value *= change;
        (change - 1.0).abs() > f64::EPSILON
    }
}

fn beta_continued_fraction(a: f64, b: f64, x: f64) -> f64 {
    let first = 1.0 / nonzero(1.0 - (a + b) * x / (a + 1.0));
    let mut fraction = Lentz { numerator: 1.0, denominator: first, value: first };
    for m in 1..STEPS {
        let m = f64::from(m);
        let even = m / (a + 2.0 * m - 1.0) * ((b - m) / (a + 2.0 * m)) * x;
        let odd = -(a + m) / (a + 2.0 * m) * ((a + b + m) / (a + 2.0 * m + 1.0)) * x;
        let even_moved = fraction.append(even, 1.0);
        let odd_moved = fraction.append(odd, 1.0);
        if !even_moved && !odd_moved {
            break;
        }
    }
    fraction.value
}

fn gamma_series(a: f64, x: f64) -> f64 {
    let (mut sum, mut term) = (1.0, 1.0);
    for n in 1..STEPS {
        term *= x / (a + f64::from(n));
        sum += term;
        if term <= sum * (f64::EPSILON / 4.0) {
            break;
        }
    }
    sum
}

fn gamma_continued_fraction(a: f64, x: f64) -> f64 {
    let first = 1.0 / (x + 1.0 - a);
    let mut fraction = Lentz { numerator: f64::MAX, denominator: first, value: first };
    for n in 1..STEPS {
        let n = f64::from(n);
        if !fraction.append(-n * (n - a), x + 1.0 - a + 2.0 * n) {
            break;
        }
    }
    fraction.value
}

/// What Stirling's formula leaves out: `ln Γ(z + 1) − (z + ½) ln z + z − ½ ln 2π` for positive `z`,
/// by its asymptotic series (DLMF 5.11.1) above 15 and by recurrence up to there.
fn stirling_correction(z: f64) -> f64 {
    // Five terms: the next, 691/360360 z^-11, is 2·10^-16 at 15.
    let (mut z, mut below) = (z, 0.0);
    while z < 15.0 {
        below += (z + 0.5) * libm::log1p(1.0 / z) - 1.0;
        z += 1.0;
    }
    let w = 1.0 / (z * z);
    let series = 1.0 / 1_680.0 - w * (1.0 / 1_188.0 - w * (691.0 / 360_360.0));
    let series = 1.0 / 12.0 - w * (1.0 / 360.0 - w * (1.0 / 1_260.0 - w * series));
    below + series / z
}

/// `x ln(x / mean) + mean − x`, without cancellation near the mean (Loader 2000, section 3.2).
fn deviance(x: f64, mean: f64) -> f64 {
    let difference = x - mean;
    let total = x + mean;
    if difference.abs() >= 0.1 * total {
        return x * libm::log(x / mean) - difference;
    }
    // ln(x/mean) = 2 artanh(v) = 2 (v + v³/3 + v⁵/5 + …).
    let v = difference / total;
    let mut power = 2.0 * x * v;
    let mut sum = difference * v;
    let mut odd = 3.0;
    loop {
        power *= v * v;
        let next = sum + power / odd;
        if next == sum {
            return sum;
        }
        sum = next;
        odd += 2.0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(value: f64, expected: f64, relative: f64) {
        let error = (value - expected).abs() / expected.abs();
        assert!(error <= relative, "{value} is not {expected}: relative error {error:e}");
    }

    fn at(x: f64) -> Fraction {
        Fraction { x, complement: 1.0 - x }
    }

    #[test]
    fn whole_parameters_give_binomial_sums() {
        // I_x(a, b) = P(at least a of a + b − 1): I_½(2, 3) = P(≥ 2 of 4) = 11/16.
        close(incomplete_beta(2.0, 3.0, at(0.5)).lower, 11.0 / 16.0, 1e-15);
        // I_0.1(3, 1) = 0.1³, I_0.9(1, 3) = 1 − 0.1³.
        close(incomplete_beta(3.0, 1.0, at(0.1)).lower, 1e-3, 1e-14);
        let exact = Fraction { x: 0.9, complement: 0.1 };
        close(incomplete_beta(1.0, 3.0, exact).upper, 1e-3, 1e-14);
    }

    #[test]
    fn the_incomplete_beta_is_symmetric_where_the_parameters_are() {
        // The fraction takes about √a steps and rounds in each: 10^4.5 steps at 10^9.
        for a in [0.5, 3.0, 1e3, 1e6, 1e9] {
            close(incomplete_beta(a, a, at(0.5)).lower, 0.5, 1e-10);
        }
    }

    #[test]
    fn whole_parameters_give_poisson_sums() {
        // Q(3, 2) = e^-2 (1 + 2 + 2) = 0.676676416183…; Q(1, 40) = e^-40.
        close(incomplete_gamma(3.0, 2.0).upper, 5.0 * libm::exp(-2.0), 1e-14);
        close(incomplete_gamma(1.0, 40.0).upper, libm::exp(-40.0), 1e-13);
        // P(1, x) = 1 − e^-x.
        close(incomplete_gamma(1.0, 1e-6).lower, -libm::expm1(-1e-6), 1e-13);
    }

    #[test]
    fn stirling_corrections_agree_with_the_gamma_function() {
        // z = 1: ln Γ(2) − 0 + 1 − ½ ln 2π = 1 − 0.918938533204673.
        close(stirling_correction(1.0), 1.0 - 0.918_938_533_204_672_8, 1e-13);
        // z = ½: ln(√π/2) + ½ − ½ ln 2π, for (z + ½) ln z = −ln 2: −0.120782237635245 + 0.693147…
        let half = libm::lgamma(1.5) - libm::log(0.5) + 0.5 - 0.918_938_533_204_672_8;
        close(stirling_correction(0.5), half, 1e-13);
    }

    #[test]
    fn the_inverse_undoes_the_incomplete_beta() {
        for (a, b) in [(0.5, 0.5), (2.0, 3.0), (1.0, 1e6), (300.0, 20.0), (5e5, 5e5)] {
            for lower in [1e-9, 0.005, 0.025, 0.5, 0.975, 0.999] {
                let x = inverse_beta(a, b, Tails { lower, upper: 1.0 - lower });
                close(incomplete_beta(a, b, at(x)).lower, lower, 1e-9);
            }
        }
    }
}
