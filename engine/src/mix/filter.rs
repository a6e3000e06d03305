//! A bell that turns with time: the state-variable filter of A. Simper (2013, "Solving the continuous SVF equations using
//! trapezoidal integration"), stable while its gain moves. Any thread: it allocates nothing.

/// One channel of a bell.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Bell {
    first: f64,
    second: f64,
}

/// The bell's shape at one moment.
#[derive(Clone, Copy, Debug)]
pub(super) struct BellShape {
    a1: f64,
    a2: f64,
    a3: f64,
    mix: f64,
}

impl BellShape {
    /// The band around the centre alone, for [`Bell::process_band`].
    pub fn band(centre_hz: f64, q: f64, sample_rate_hz: f64) -> Self {
        let flat = Self::new(centre_hz, q, 0.0, sample_rate_hz);
        BellShape {
            mix: 1.0 / q,
            ..flat
        }
    }

    /// `gain_db` at the centre; `q` is that of the bell at half its gain.
    pub fn new(centre_hz: f64, q: f64, gain_db: f64, sample_rate_hz: f64) -> Self {
        let root = 10_f64.powf(gain_db / 40.0);
        let g = (std::f64::consts::PI * (centre_hz / sample_rate_hz).min(0.45)).tan();
        let k = 1.0 / (q * root);
        let a1 = 1.0 / (1.0 + g * (g + k));
        let a2 = g * a1;
        BellShape {
            a1,
            a2,
            a3: g * a2,
            mix: k * (root * root - 1.0),
        }
    }
}

impl Bell {
    pub fn process(&mut self, shape: &BellShape, sample: f64) -> f64 {
        sample + self.process_band(shape, sample)
    }

    /// What the bell adds to a sample.
    pub fn process_band(&mut self, shape: &BellShape, sample: f64) -> f64 {
        let third = sample - self.second;
        let band = shape.a1 * self.first + shape.a2 * third;
        let low = self.second + shape.a2 * self.first + shape.a3 * third;
        self.first = 2.0 * band - self.first;
        self.second = 2.0 * low - self.second;
        shape.mix * band
    }
}
