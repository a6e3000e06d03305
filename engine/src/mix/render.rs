//! A whole bed as one pair of channels: played, ducked, summed. Worker or command line.

use super::duck::{DuckInput, DuckSettings, Ducker};
use super::renderer::{BedRenderer, Layers};
use crate::error::Result;
use crate::score::compose::SpeechRange;

/// Frames rendered between two looks at the progress.
const SPAN_FRAMES: usize = 1 << 16;

/// Where somebody speaks, and how the bed makes room there.
#[derive(Clone, Debug, PartialEq)]
pub struct Ducking {
    /// How deep, how fast.
    pub settings: DuckSettings,
    /// In any order; they may overlap.
    pub speech: Vec<SpeechRange>,
}

impl Ducking {
    /// Frames from which the bed is to be ducked and back, in turn. It begins to make room ahead, so that the whole depth
    /// is there with the first word.
    fn edges(&self, sample_rate_hz: u32) -> Vec<usize> {
        let ahead_s = 1e-3 * self.settings.attack_ms;
        let frame = |time_s: f64| (time_s.max(0.0) * f64::from(sample_rate_hz)).round() as usize;
        let mut ranges: Vec<(usize, usize)> = self
            .speech
            .iter()
            .map(|range| (frame(range.start_s - ahead_s), frame(range.end_s)))
            .filter(|(start, end)| start < end)
            .collect();
        ranges.sort_unstable();
        let mut edges: Vec<usize> = Vec::with_capacity(2 * ranges.len());
        for (start, end) in ranges {
            match edges.last_mut() {
                Some(last) if start <= *last => *last = end.max(*last),
                _ => edges.extend([start, end]),
            }
        }
        edges
    }
}

/// Plays the bed from its start to its end. `progress` hears the share done, 0..1.
///
/// # Errors
/// As [`BedRenderer::seek`] and [`Ducker::new`].
pub fn render_bed(
    renderer: &mut BedRenderer,
    sample_rate_hz: u32,
    ducking: Option<&Ducking>,
    progress: &mut dyn FnMut(f64),
) -> Result<[Vec<f32>; 2]> {
    let length = renderer.length_frames() as usize;
    let settings = ducking.map(|ducking| ducking.settings).unwrap_or_default();
    let mut ducker = Ducker::new(&settings, f64::from(sample_rate_hz))?;
    let edges = ducking
        .map(|ducking| ducking.edges(sample_rate_hz))
        .unwrap_or_default();
    let mut out = [vec![0.0; length], vec![0.0; length]];
    let mut layers = Layers::new(SPAN_FRAMES);
    renderer.seek(0)?;
    for start in (0..length).step_by(SPAN_FRAMES) {
        let end = (start + SPAN_FRAMES).min(length);
        if end - start < SPAN_FRAMES {
            layers = Layers::new(end - start);
        }
        renderer.render_into(&mut layers)?;
        let [left, right] = &mut out;
        let mut from = start;
        while from < end {
            let passed = edges.partition_point(|&edge| edge <= from);
            let to = edges.get(passed).map_or(end, |&edge| edge.min(end));
            let input = part_of(&layers, from - start, to - start);
            let span = [&mut left[from..to], &mut right[from..to]];
            if edges.is_empty() {
                sum_into(&input, span);
            } else {
                ducker.process_into(&input, passed % 2 == 1, span);
            }
            from = to;
        }
        progress(end as f64 / length as f64);
    }
    Ok(out)
}

fn part_of(layers: &Layers, from: usize, to: usize) -> DuckInput<'_> {
    DuckInput {
        ground: [&layers.ground[0][from..to], &layers.ground[1][from..to]],
        foreground: [
            &layers.foreground[0][from..to],
            &layers.foreground[1][from..to],
        ],
        hall: [&layers.hall[0][from..to], &layers.hall[1][from..to]],
    }
}

/// The bed alone: to the bit what a [`Ducker`] that stands open gives.
fn sum_into(input: &DuckInput<'_>, out: [&mut [f32]; 2]) {
    for (channel, out) in out.into_iter().enumerate() {
        let layers = input.ground[channel]
            .iter()
            .zip(input.foreground[channel])
            .zip(input.hall[channel]);
        for (sample, ((ground, foreground), hall)) in out.iter_mut().zip(layers) {
            *sample = (f64::from(*ground) + f64::from(*foreground) + f64::from(*hall)) as f32;
        }
    }
}
