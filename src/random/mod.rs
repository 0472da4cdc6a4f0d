//! Every random number routelab draws: for what it is drawn, from which stream, and by which law.
//!
//! A draw is a pure function of `(seed, replication, purpose, entity, number of the draw)`. Nothing
//! depends on the order in which things happen, so two setups meet the same visitors, adding an
//! agent shifts nobody else's draws, and threads cannot be told apart in the results.

mod distribution;
mod stream;

pub use distribution::{
    CountDistribution, Distribution, DurationDistribution, Law, gamma_mean_one,
};
pub use stream::{Purpose, Stream, Streams, entity};
