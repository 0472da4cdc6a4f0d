//! Exit codes.

/// How a command ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Exit {
    /// Done; every threshold passes.
    Done,
    /// Bad command line, or the results directory holds another run.
    Usage,
    /// A scenario, data file or results file is invalid.
    Invalid,
    /// An input file is missing.
    Missing,
    /// A bug of ours.
    Bug,
    /// Results could not be written.
    NotWritten,
    /// Inconclusive, and that was to fail.
    Inconclusive,
    /// A threshold failed.
    Failed,
}

impl Exit {
    /// The code.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Usage => 2,
            Self::Invalid => 65,
            Self::Missing => 66,
            Self::Bug => 70,
            Self::NotWritten => 74,
            Self::Inconclusive => 96,
            Self::Failed => 99,
        }
    }

    /// Of two, the one that a command with both ends with.
    #[must_use]
    pub fn or_worse(self, other: Self) -> Self {
        const ORDER: [Exit; 8] = [
            Exit::Bug,
            Exit::NotWritten,
            Exit::Invalid,
            Exit::Missing,
            Exit::Usage,
            Exit::Failed,
            Exit::Inconclusive,
            Exit::Done,
        ];
        ORDER.into_iter().find(|exit| *exit == self || *exit == other).unwrap_or(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_several_codes_the_first_of_the_documented_order_counts() {
        assert_eq!(Exit::Done.or_worse(Exit::Failed), Exit::Failed);
        assert_eq!(Exit::Failed.or_worse(Exit::Inconclusive), Exit::Failed);
        assert_eq!(Exit::Missing.or_worse(Exit::Invalid), Exit::Invalid);
        assert_eq!(Exit::Invalid.or_worse(Exit::Bug), Exit::Bug);
        assert_eq!(Exit::NotWritten.or_worse(Exit::Bug), Exit::Bug);
    }
}
