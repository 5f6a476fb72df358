//! The simulation is deterministic.

use end_to_end::simulation::{self, Options};

#[test]
fn a_seed_has_the_same_trace_every_time() {
    for seed in 1..30 {
        let first = simulation::run(seed, Options::default());
        let second = simulation::run(seed, Options::default());
        if first.trace.digest() != second.trace.digest() {
            let differing = first.trace.lines().iter().zip(second.trace.lines()).find(|(one, other)| one != other);
            panic!(
                "seed {seed} differs: {differing:#?}\n{:#?}\n{:#?}",
                &first.trace.lines()[1..6],
                &second.trace.lines()[1..6]
            );
        }
    }
}
