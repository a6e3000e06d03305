//! What the machine itself makes late. Virtual machines put threads off without saying so, and the time of the thread runs on
//! meanwhile: plain arithmetic that should take as long as a block takes is measured beside every block.

use std::hint::black_box;

use cpu_time::ThreadTime;

/// Rounds of a first measurement.
const FIRST_ROUNDS: u64 = 200_000;
/// Measurements, of which the shortest counts: that one was not put off.
const NUM_TRIES: usize = 20;

/// So many rounds of arithmetic: no memory, no system.
#[derive(Clone, Copy, Debug)]
pub struct Yardstick {
    rounds: u64,
}

impl Yardstick {
    /// One that takes so long where nothing puts it off.
    pub fn lasting(time_s: f64) -> Self {
        let first = Self {
            rounds: FIRST_ROUNDS,
        };
        let shortest_s = (0..NUM_TRIES)
            .map(|_| first.time_s())
            .fold(f64::INFINITY, f64::min);
        Self {
            rounds: (FIRST_ROUNDS as f64 * time_s / shortest_s).max(1.0) as u64,
        }
    }

    /// Goes through it once; what that took.
    pub fn time_s(self) -> f64 {
        let start = ThreadTime::now();
        let mut number = 1_u64;
        for round in 0..self.rounds {
            // Each round waits for the one before (Knuth's multiplier, The Art of Computer Programming, volume 2, 3.3.4).
            number = black_box(
                number
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(round),
            );
        }
        black_box(number);
        start.elapsed().as_secs_f64()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_takes_about_as_long_as_it_should() {
        let shortest_s = |yardstick: Yardstick| {
            let tries = (0..NUM_TRIES).map(|_| yardstick.time_s());
            tries.fold(f64::INFINITY, f64::min)
        };
        let taken_s = shortest_s(Yardstick::lasting(2e-3));
        assert!((1e-3..4e-3).contains(&taken_s), "{taken_s} s of 2 ms");
    }
}
