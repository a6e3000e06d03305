//! Closed loops: which moment and which view each frame shows. Frame N is frame 0 exactly. Any thread; paints nothing.

use models::Motion;

use crate::error::{Error, Result};
use crate::field::NUM_PLANES;
use crate::view::View;

/// Most frames of a loop: ten minutes at 60 frames a second.
const MAX_FRAMES: f64 = 36_000.0;
const RATE_RANGE: (u32, u32) = (1, 240);
/// How far a slow zoom goes in.
const ZOOM_DEPTH: f64 = 0.14;
/// A parallax is zoomed in a little, so that no layer shows its edge.
const PARALLAX_ZOOM: f64 = 1.1;
/// The nearest layer's way to each side, in units.
const PARALLAX_UNITS: f64 = 0.32;

/// What moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Movement {
    /// The picture itself flows: the network is run for every frame.
    Drift,
    /// A still that slowly comes nearer and goes back.
    Zoom,
    /// A still whose colours lie at different depths and sway.
    Parallax,
}

impl Movement {
    /// By name.
    ///
    /// # Errors
    /// For any other name.
    pub fn from_name(name: &str) -> Result<Self> {
        match name.to_lowercase().as_str() {
            "drift" => Ok(Self::Drift),
            "zoom" => Ok(Self::Zoom),
            "parallax" => Ok(Self::Parallax),
            _ => Err(Error::request(
                "movement",
                name,
                "choose drift, zoom or parallax",
            )),
        }
    }

    /// The name that [`Movement::from_name`] reads.
    pub fn name(self) -> &'static str {
        match self {
            Self::Drift => "drift",
            Self::Zoom => "zoom",
            Self::Parallax => "parallax",
        }
    }
}

/// A loop as it is asked for; made by [`Loop::new`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Loop {
    /// Frames until it is where it was.
    pub num_frames: u32,
    /// Frames per second.
    pub rate_hz: u32,
    /// What moves.
    pub movement: Movement,
    /// How much of the picture a drift exchanges, 0..1.
    pub amount: f64,
}

impl Loop {
    /// A loop of this length, rounded to whole frames, at least two.
    ///
    /// # Errors
    /// For a rate outside 1 to 240, an amount outside 0..1, or more frames than anyone can wait for.
    pub fn new(length_s: f64, rate_hz: u32, movement: Movement, amount: f64) -> Result<Self> {
        let (low, high) = RATE_RANGE;
        if !(low..=high).contains(&rate_hz) {
            return Err(Error::request(
                "frames per second",
                rate_hz.to_string(),
                format!("choose {low} to {high}"),
            ));
        }
        if !(0.0..=1.0).contains(&amount) {
            return Err(Error::request(
                "motion",
                amount.to_string(),
                "choose 0 (still) to 1",
            ));
        }
        let num_frames = (length_s * f64::from(rate_hz)).round();
        if !(2.0..=MAX_FRAMES).contains(&num_frames) {
            let reason = format!(
                "at {rate_hz} frames a second that is {num_frames} frames; a loop has 2 to {MAX_FRAMES}"
            );
            return Err(Error::request("loop", format!("{length_s} s"), reason));
        }
        Ok(Self {
            num_frames: num_frames as u32,
            rate_hz,
            movement,
            amount,
        })
    }

    /// Where on the circle a frame lies, 0..1; the frame after the last is the first.
    pub fn phase(&self, frame: u32) -> f64 {
        f64::from(frame % self.num_frames) / f64::from(self.num_frames)
    }

    /// The network's part of a frame. Stills that are only filmed stay as they are.
    pub fn motion(&self, frame: u32) -> Motion {
        match self.movement {
            Movement::Drift => Motion {
                amount: self.amount,
                phase: self.phase(frame),
            },
            Movement::Zoom | Movement::Parallax => Motion::default(),
        }
    }

    /// The camera's part of a frame.
    pub fn view(&self, frame: u32, still: View) -> View {
        let turn = std::f64::consts::TAU * self.phase(frame);
        match self.movement {
            Movement::Drift => still,
            Movement::Zoom => View {
                zoom: still.zoom * (1.0 + ZOOM_DEPTH * 0.5 * (1.0 - turn.cos())),
                ..still
            },
            Movement::Parallax => {
                // Dark colours are far, light ones near; the residual goes with the middle.
                let depth = |plane: usize| match plane {
                    5 => 0.0,
                    color => color as f64 / 2.0 - 1.0,
                };
                let sway = PARALLAX_UNITS * turn.sin();
                let layer_shifts: [f64; NUM_PLANES] =
                    std::array::from_fn(|plane| sway * depth(plane));
                View {
                    zoom: still.zoom * PARALLAX_ZOOM,
                    layer_shifts,
                    ..still
                }
            }
        }
    }
}
