//! Samples of two sides, taken in turn.

use std::hint::black_box;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// How much is measured.
#[derive(Clone, Copy)]
pub struct Effort {
    /// Samples of each side.
    pub rounds: usize,
    /// How long each sample lasts at least.
    pub slice: Duration,
}

impl Effort {
    pub fn new(quick: bool) -> Self {
        if quick {
            Self { rounds: 3, slice: Duration::from_millis(5) }
        } else {
            Self { rounds: 25, slice: Duration::from_millis(40) }
        }
    }
}

/// One side: a name and what it does.
pub type Side<'a> = (&'static str, Box<dyn FnMut() + 'a>);

/// A side; what it gives back is dropped inside the measured time, as it is in a program.
pub fn side<'a, T>(name: &'static str, mut work: impl FnMut() -> T + 'a) -> Side<'a> {
    (name, Box::new(move || drop(black_box(work()))))
}

/// Nanoseconds of one piece of work, for each side one sample per round, interleaved.
pub fn compare(effort: Effort, sides: &mut [Side<'_>]) -> Value {
    let repeats: Vec<u32> = sides.iter_mut().map(|(_, work)| calibrate(effort.slice, work)).collect();
    let mut samples = vec![Vec::new(); sides.len()];
    for round in 0..effort.rounds {
        for turn in 0..sides.len() {
            let at = (turn + round) % sides.len();
            let start = Instant::now();
            for _ in 0..repeats[at] {
                sides[at].1();
            }
            samples[at].push(start.elapsed().as_nanos() as f64 / f64::from(repeats[at]));
        }
    }
    Value::Object(sides.iter().zip(samples).map(|((name, _), samples)| ((*name).to_owned(), json!(samples))).collect())
}

fn calibrate(slice: Duration, work: &mut impl FnMut()) -> u32 {
    let start = Instant::now();
    let mut count = 0;
    while start.elapsed() < slice {
        work();
        count += 1;
    }
    count.max(1)
}
