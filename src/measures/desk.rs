//! How long agents were in hours, online and busy within the measured period, in whole
//! milliseconds.

use crate::ids::AgentId;
use crate::time::SimTime;

/// Something an agent is or is not, and for how long it was.
#[derive(Clone, Copy, Debug, Default)]
struct Flag {
    on: bool,
    since: u64,
    total: u64,
}

impl Flag {
    fn set(&mut self, on: bool, at: u64, from: u64, to: u64) {
        if self.on {
            self.total += at.clamp(from, to) - self.since.clamp(from, to);
        }
        self.on = on;
        self.since = at;
    }
}

/// Which flag.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum State {
    InHours,
    Online,
    Busy,
}

/// The flags of all agents.
#[derive(Clone, Debug)]
pub(super) struct DeskTimes {
    from: u64,
    to: u64,
    agents: Vec<[Flag; 3]>,
}

impl DeskTimes {
    /// Everybody in hours, online and idle, as a simulation begins.
    pub(super) fn new(agents: usize, from: SimTime, to: SimTime) -> Self {
        let on = Flag { on: true, ..Flag::default() };
        Self {
            from: from.as_millis(),
            to: to.as_millis(),
            agents: vec![[on, on, Flag::default()]; agents],
        }
    }

    #[inline]
    pub(super) fn set(&mut self, agent: AgentId, state: State, on: bool, at: SimTime) {
        self.agents[agent.index()][state as usize].set(on, at.as_millis(), self.from, self.to);
    }

    /// Accounts for the time to the end of the period, and gives for each agent the milliseconds in
    /// hours, online and busy.
    pub(super) fn finish(mut self) -> Vec<[u64; 3]> {
        let to = self.to;
        for flag in self.agents.iter_mut().flatten() {
            // A change after the period has accounted for all of it.
            let at = to.max(flag.since);
            flag.set(false, at, self.from, to);
        }
        self.agents.into_iter().map(|flags| flags.map(|flag| flag.total)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_time_inside_the_period_counts() {
        let at = SimTime::from_millis;
        let ana = AgentId::new(0);
        let mut times = DeskTimes::new(1, at(10), at(20));
        times.set(ana, State::Online, false, at(12));
        times.set(ana, State::Online, true, at(15));
        times.set(ana, State::Busy, true, at(4));
        times.set(ana, State::Busy, false, at(11));
        times.set(ana, State::Busy, true, at(19));
        times.set(ana, State::Busy, false, at(40));
        times.set(ana, State::Online, false, at(50));
        assert_eq!(times.finish(), [[10, 2 + 5, 1 + 1]]);
    }
}
