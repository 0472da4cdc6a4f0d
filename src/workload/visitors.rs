//! What a visitor is, wants and does, from that visitor's own streams.
//!
//! Everything is settled by the visitor's number in the traffic and nothing by what happens to
//! them, so visitor 4,711 is the same person under every setup. That one must be known, owned *and*
//! tracked to count as owned is a rule and lives in the engine.

use crate::ids::AgentId;
use crate::random::{CountDistribution, DurationDistribution, Purpose, Stream};
use crate::time::SimDuration;

use super::owners::OwnerShares;

/// How the visitors of one population are spread. Shares are between 0 and 1.
#[derive(Clone, PartialEq, Debug)]
pub struct VisitorModel {
    /// Share the contacts database knows.
    pub known: f64,
    /// Share of the known that an agent owns.
    pub owned: f64,
    /// Share of the owned that a cookie recognises.
    pub tracked: f64,
    /// Who owns them.
    pub owners: OwnerShares,
    /// Share of the unknown that leaves an address when nobody is there.
    pub leaves_email: f64,
    /// Messages of a conversation, both sides together.
    pub messages: CountDistribution,
    /// Probability that the next message is by the one who wrote last.
    pub same_speaker: f64,
    /// From the message before to the visitor's next.
    pub think: DurationDistribution,
    /// How long a visitor waits for the first reply; `None` waits forever.
    pub patience: Option<DurationDistribution>,
}

/// What stays with a contact from visit to visit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ContactFacts {
    /// The contacts database knows them.
    pub known: bool,
    /// The agent they belong to.
    pub owner: Option<AgentId>,
}

impl ContactFacts {
    /// Draws a contact: known with the model's share unless it `is_known` anyway, then the owner.
    #[must_use]
    pub fn draw(model: &VisitorModel, is_known: bool, stream: &mut Stream) -> Self {
        // Three numbers in any case, so that a share that changes moves no other draw.
        let (u_known, u_owned, u_owner) =
            (stream.next_unit(), stream.next_unit(), stream.next_unit());
        let known = is_known || u_known < model.known;
        let owner = (known && u_owned < model.owned).then(|| model.owners.owner(u_owner));
        Self { known, owner }
    }
}

/// A conversation has no more messages than this: nobody writes them, and a law with a heavy tail
/// would draw numbers that no run gets to the end of.
const MOST_MESSAGES: u32 = 10_000;

/// One visit, as settled at its beginning.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Visitor {
    /// Known and owned by whom.
    pub contact: ContactFacts,
    /// A cookie recognises them.
    pub tracked: bool,
    /// Would leave an address if nobody were there.
    pub leaves_email: bool,
    /// Messages of the conversation, both sides together; at least 1.
    pub messages: u32,
    /// How long they wait for the first reply.
    pub patience: SimDuration,
}

impl Visitor {
    /// Draws a visitor from their own stream; `contact` if it is already settled who they are.
    #[must_use]
    pub fn draw(model: &VisitorModel, contact: Option<ContactFacts>, stream: Stream) -> Self {
        let mut stream = stream;
        let drawn = ContactFacts::draw(model, false, &mut stream);
        let (tracked, leaves_email) =
            (stream.next_bool(model.tracked), stream.next_bool(model.leaves_email));
        let (u_messages, u_patience) = (stream.next_unit(), stream.next_unit());
        Self {
            contact: contact.unwrap_or(drawn),
            tracked,
            leaves_email,
            messages: model.messages.quantile(u_messages).clamp(1, MOST_MESSAGES),
            patience: model.patience.map_or(SimDuration::FOREVER, |p| p.quantile(u_patience)),
        }
    }
}

/// How a visitor goes on: draws by number of the message, so that they need no memory and do not
/// depend on what the agents do in between.
#[derive(Clone, Copy, Debug)]
pub struct Conduct {
    stream: Stream,
}

impl Conduct {
    /// The conduct of the visitor whose stream this is.
    #[must_use]
    pub const fn of(stream: Stream) -> Self {
        Self { stream }
    }

    /// Whether message `number` (the first message is 0) is by the one who wrote the message before.
    #[must_use]
    #[inline]
    pub fn same_speaker(self, model: &VisitorModel, number: u32) -> bool {
        self.stream.branch(Purpose::Speakers).unit_at(u64::from(number)) < model.same_speaker
    }

    /// How long the visitor thinks before writing message `number`.
    #[must_use]
    #[inline]
    pub fn think(self, model: &VisitorModel, number: u32) -> SimDuration {
        model.think.quantile(self.stream.branch(Purpose::Think).unit_at(u64::from(number)))
    }

    /// The quantile of the work that message `number` asks for.
    #[must_use]
    #[inline]
    pub fn work(self, number: u32) -> f64 {
        self.stream.branch(Purpose::Work).unit_at(u64::from(number))
    }

    /// The number that comes with the engine's input at message `number`.
    #[must_use]
    #[inline]
    pub fn lot(self, number: u32) -> f64 {
        self.stream.branch(Purpose::Lots).unit_at(u64::from(number))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Distribution, Law, Streams};

    fn model(owned: f64) -> VisitorModel {
        VisitorModel {
            known: 0.45,
            owned,
            tracked: 0.8,
            owners: OwnerShares::even(4).expect("four agents"),
            leaves_email: 0.35,
            messages: CountDistribution(Distribution::of(Law::LogNormal { mu: 1.96, sigma: 0.77 })),
            same_speaker: 0.37,
            think: DurationDistribution(Distribution::of(Law::LogNormal { mu: 10.8, sigma: 1.4 })),
            patience: None,
        }
    }

    #[test]
    fn changing_one_share_changes_nothing_else_about_a_visitor() {
        for number in 0..1_000 {
            let stream = Streams::new(1, 1).stream(Purpose::Visitor, number);
            let (few, many) = (
                Visitor::draw(&model(0.1), None, stream),
                Visitor::draw(&model(0.9), None, stream),
            );
            assert_eq!((few.tracked, few.leaves_email), (many.tracked, many.leaves_email));
            assert_eq!((few.messages, few.contact.known), (many.messages, many.contact.known));
            assert!(few.contact.owner.is_none() || few.contact.owner == many.contact.owner);
        }
    }

    // Shares over n visitors have standard deviation √(p(1−p)/n); four of those.
    #[test]
    fn shares_are_the_models() {
        let n = 100_000_u32;
        let visitors: Vec<_> = (0..u64::from(n))
            .map(|i| {
                Visitor::draw(&model(0.7), None, Streams::new(5, 0).stream(Purpose::Visitor, i))
            })
            .collect();
        let share = |what: &dyn Fn(&Visitor) -> bool| {
            visitors.iter().filter(|v| what(v)).count() as f64 / f64::from(n)
        };
        for (got, p) in [
            (share(&|v| v.contact.known), 0.45),
            (share(&|v| v.contact.owner.is_some()), 0.45 * 0.7),
            (share(&|v| v.tracked), 0.8),
            (share(&|v| v.leaves_email), 0.35),
        ] {
            assert!((got - p).abs() < 4.0 * (p * (1.0 - p) / f64::from(n)).sqrt(), "{got} {p}");
        }
    }
}
