//! Nanoseconds a decision: every rotation over lists of 10 to 100,000 agents of whom all, one in
//! ten or one in a thousand are eligible. One iteration is a first message and its end; the answer
//! is asserted.
//!
//! `cargo bench --bench decisions`

use divan::Bencher;
use routelab::ids::{AgentId, ChatflowId, ConversationId};
use routelab::routing::{
    AgentSettings, Answer, AssignedReason, ChatflowSettings, Engine, Input, Message, Outcome,
    PresenceChange, RotationPolicy, Setup, Target, VisitorFacts,
};

fn main() {
    divan::main();
}

/// Agents, and of how many of them one is eligible.
const CELLS: [(usize, usize); 8] = [
    (10, 1),
    (10, 10),
    (1_000, 1),
    (1_000, 10),
    (1_000, 1_000),
    (100_000, 1),
    (100_000, 10),
    (100_000, 1_000),
];

/// An engine with one list of `agents`, every `one_in`-th of whom is online.
fn engine(rotation: RotationPolicy, agents: usize, one_in: usize) -> Engine {
    let settings = AgentSettings { capacity: Some(10_000), ..AgentSettings::default() };
    let setup = Setup {
        agents: vec![settings; agents],
        teams: Vec::new(),
        chatflows: vec![ChatflowSettings {
            route_to: (0..agents).map(|a| Target::Agent(AgentId::new(a))).collect(),
            rotation,
            ..ChatflowSettings::default()
        }],
    };
    let mut engine = Engine::new(&setup);
    let mut answers = Vec::new();
    for agent in (0..agents).filter(|agent| !agent.is_multiple_of(one_in)) {
        engine.apply(&Input::Presence(AgentId::new(agent), PresenceChange::Away), &mut answers);
    }
    engine
}

/// Begins and ends a conversation, and checks who got it.
fn decide(engine: &mut Engine, answers: &mut Vec<Answer>, lot: f64, one_in: usize) {
    let conversation = ConversationId::new(0);
    let message = Message {
        conversation,
        chatflow: ChatflowId::new(0),
        writer: None,
        visitor: VisitorFacts::default(),
        leaves_email: true,
        lot,
    };
    engine.apply(&Input::Message(message), answers);
    let Some(Answer::Decided(decision)) = answers.first() else { panic!("a message is decided") };
    assert_eq!(decision.outcome, Outcome::Assigned(AssignedReason::Rotation));
    let agent = decision.agent.expect("who is assigned is named");
    assert!(agent.index().is_multiple_of(one_in), "only who is online is picked");
    engine.apply(&Input::Forget(conversation), answers);
}

fn bench(bencher: Bencher<'_, '_>, rotation: RotationPolicy, (agents, one_in): (usize, usize)) {
    let mut engine = engine(rotation, agents, one_in);
    let mut answers = Vec::new();
    let mut lot = 0.0;
    bencher.bench_local(|| {
        lot = (lot + 0.618_033_988_749_894_9) % 1.0;
        decide(&mut engine, &mut answers, lot, one_in);
    });
}

macro_rules! rotations {
    ($($name:ident = $policy:ident),* $(,)?) => {
        $(
            #[divan::bench(args = CELLS, sample_size = 1000)]
            fn $name(bencher: Bencher<'_, '_>, cell: (usize, usize)) {
                bench(bencher, RotationPolicy::$policy, cell);
            }
        )*
    };
}

rotations! {
    ring = Ring,
    random = Random,
    priority = Priority,
    last_index = LastIndex,
    lru = Lru,
    longest_idle = LongestIdle,
    least_open = LeastOpen,
    percent_spare = PercentSpare,
    lifetime_count = LifetimeCount,
}

/// Grows with the number of agents who are eligible, and so has smaller lists.
#[divan::bench(args = [(10, 1), (1_000, 1), (1_000, 10)], sample_size = 1000)]
fn smooth_weighted(bencher: Bencher<'_, '_>, cell: (usize, usize)) {
    bench(bencher, RotationPolicy::SmoothWeighted, cell);
}
