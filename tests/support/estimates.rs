//! Figures with their standard errors, worked out apart from the code that is under test.

/// A figure and its standard error.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Estimate {
    pub(crate) value: f64,
    pub(crate) se: f64,
}

impl Estimate {
    /// The mean of independent values and its standard error S/√R.
    pub(crate) fn of_mean(values: &[f64]) -> Self {
        Self::of_ratio(&values.iter().map(|value| (*value, 1.0)).collect::<Vec<_>>())
    }

    /// The ratio ν = Σx/Σy of independent pairs. Its standard error is that of the mean of x − νy,
    /// divided by the mean of y (the delta method).
    pub(crate) fn of_ratio(pairs: &[(f64, f64)]) -> Self {
        let count = pairs.len() as f64;
        let (x, y) = pairs.iter().fold((0.0, 0.0), |sum, p| (sum.0 + p.0, sum.1 + p.1));
        let value = x / y;
        let squares: f64 = pairs.iter().map(|(x, y)| (x - value * y).powi(2)).sum();
        Self { value, se: (squares / (count - 1.0) / count).sqrt() / (y / count) }
    }

    /// Fails if the figure is more than four standard errors from what it should be: with the
    /// normal law that happens once in 15,800 times to a simulator that is right.
    #[track_caller]
    pub(crate) fn must_be(self, expected: f64) {
        let Self { value, se } = self;
        let off = (value - expected) / se;
        eprintln!("{value}, {off:.2} standard errors ({se}) from {expected}");
        assert!(off.abs() <= 4.0, "{value} is {off:.1} standard errors ({se}) from {expected}");
    }
}
