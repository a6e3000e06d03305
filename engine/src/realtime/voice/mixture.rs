//! What a voice's notes sound like together at one instant: levels in dB, deviations in cents and noise in dB are mixed
//! partial by partial and band by band, so that a morph is one sound on its way and not two at once. Audio thread.
//!
//! Notes of one key have the same partials whatever model made them; bands are mixed where the models agree on them.

use std::sync::Arc;

use super::super::NoiseBins;
use super::super::approximations::exp2;
use super::super::parameters::NUM_CORNERS;
use super::super::shape::{self, Place};
use super::sources::{HeldNote, Moment};
use super::{Voice, VoiceScratch};
use crate::note::{MAX_PARTIALS, Note};

impl Voice {
    /// Amplitudes of all partials, gains of the notes included, at the end of the tick.
    pub(super) fn fill_amplitudes(
        &self,
        there: Place,
        weights: &[f32; NUM_CORNERS],
        scratch: &mut VoiceScratch,
    ) {
        let mut mixture = Mixture::default();
        let most = self.most_partials_of_notes();
        self.sources
            .for_each_sounding(weights, Moment::End, |held, share| {
                let note = &held.ready.note;
                let part = if share == 1.0 {
                    &mut scratch.amplitudes
                } else {
                    &mut scratch.part
                };
                shape::levels_into(note, there, &mut scratch.rows, part);
                part[note.num_partials()..most].fill(note.layout().level_floor_db);
                if share != 1.0 {
                    let sums = &mut scratch.amplitudes[..most];
                    sum_up(&mut mixture, sums, &scratch.part[..most], share);
                }
                mixture.add(note, share);
            });
        let num_partials = mixture.num_partials;
        scratch.num_partials = num_partials;
        let amplitudes = &mut scratch.amplitudes;
        shape::to_amplitudes(&mut amplitudes[..num_partials], mixture.floor_db);
        amplitudes[num_partials..].fill(0.0);
        let gain = self.gain_of(&mixture);
        for amplitude in &mut amplitudes[..num_partials] {
            *amplitude *= gain;
        }
    }

    /// Deviations of all partials at the start of the tick.
    pub(super) fn fill_deviations(
        &self,
        here: Place,
        weights: &[f32; NUM_CORNERS],
        scratch: &mut VoiceScratch,
    ) {
        let mut mixture = Mixture::default();
        let most = self.most_partials_of_notes();
        self.sources
            .for_each_sounding(weights, Moment::Start, |held, share| {
                let note = &held.ready.note;
                let part = if share == 1.0 {
                    &mut scratch.deviations_cents
                } else {
                    &mut scratch.part
                };
                shape::deviations_into(note, here, &mut scratch.rows, part);
                part[note.num_partials()..most].fill(0.0);
                if share != 1.0 {
                    let sums = &mut scratch.deviations_cents[..most];
                    sum_up(&mut mixture, sums, &scratch.part[..most], share);
                }
                mixture.add(note, share);
            });
        let num_known = if mixture.num_parts == 0 { 0 } else { most };
        scratch.deviations_cents[num_known..].fill(0.0);
    }

    /// Power of each bin of the noise, gains of the notes included, as the shares are at the end of the tick.
    pub(super) fn fill_noise_powers(
        &self,
        place: Place,
        weights: &[f32; NUM_CORNERS],
        tilt_db: f32,
        scratch: &mut VoiceScratch,
    ) {
        scratch.shaper.bin_powers.fill(0.0);
        let mut mixture = Mixture::default();
        let mut shared: Option<&Arc<NoiseBins>> = None;
        // Bands of different models do not match: such notes are added bin by bin instead.
        let mut is_same = true;
        self.sources
            .for_each_sounding(weights, Moment::End, |held, _| {
                let bins = &held.ready.bins;
                is_same &= Arc::ptr_eq(shared.get_or_insert(bins), bins);
            });
        self.sources
            .for_each_sounding(weights, Moment::End, |held, share| {
                let note = &held.ready.note;
                shape::noise_levels_into(note, place, &mut scratch.rows);
                let height = note.layout().num_bands();
                if is_same && share != 1.0 {
                    let sums = &mut scratch.band_sums[..height];
                    if mixture.num_parts == 0 {
                        sums.fill(0.0);
                    }
                    shape::add_weighted(sums, &scratch.rows[..height], share);
                } else if is_same {
                    scratch.band_sums[..height].copy_from_slice(&scratch.rows[..height]);
                } else {
                    let gain = self.note_gain(note);
                    shape::to_powers(&mut scratch.rows[..height], note.layout().noise_floor_db);
                    held.ready.bins.tilt(&mut scratch.rows, tilt_db);
                    let bin_powers = &mut scratch.shaper.bin_powers;
                    let factor = share * gain * gain;
                    held.ready
                        .bins
                        .add_bin_powers(&scratch.rows, factor, bin_powers);
                }
                mixture.num_bands = height;
                mixture.add(note, share);
            });
        if let Some(bins) = shared.filter(|_| is_same) {
            let sums = &mut scratch.band_sums;
            shape::to_powers(&mut sums[..mixture.num_bands], mixture.noise_floor_db);
            if tilt_db != 0.0 {
                bins.tilt(sums, tilt_db);
            }
            let gain = self.gain_of(&mixture);
            bins.add_bin_powers(sums, gain * gain, &mut scratch.shaper.bin_powers);
        }
    }

    /// Partials that any note of the voice has.
    fn most_partials_of_notes(&self) -> usize {
        let held = self.sources.held();
        let num_partials = held.map(|held| held.ready.note.num_partials());
        num_partials.max().unwrap_or(0).min(MAX_PARTIALS)
    }

    fn note_gain(&self, note: &Note) -> f32 {
        if self.straight { 1.0 } else { note.gain() }
    }

    fn gain_of(&self, mixture: &Mixture) -> f32 {
        if self.straight { 1.0 } else { mixture.gain() }
    }
}

/// The first part overwrites, the others add.
fn sum_up(mixture: &mut Mixture, sums: &mut [f32], part: &[f32], share: f32) {
    if mixture.num_parts == 0 {
        sums.fill(0.0);
    }
    shape::add_weighted(sums, part, share);
}

/// What the parts of a mixture have in common.
#[derive(Default)]
struct Mixture {
    num_parts: usize,
    num_partials: usize,
    num_bands: usize,
    floor_db: f32,
    noise_floor_db: f32,
    /// Gain of a mixture of one.
    only_gain: f32,
    /// Weighted mean of the gains' logarithms.
    gain_log2: f32,
}

impl Mixture {
    fn add(&mut self, note: &Note, share: f32) {
        self.num_parts += 1;
        self.num_partials = self.num_partials.max(note.num_partials()).min(MAX_PARTIALS);
        self.floor_db += share * note.layout().level_floor_db;
        self.noise_floor_db += share * note.layout().noise_floor_db;
        self.only_gain = note.gain();
        self.gain_log2 += share * note.gain_log2();
    }

    fn gain(&self) -> f32 {
        match self.num_parts {
            0 => 0.0,
            1 => self.only_gain,
            _ => exp2(self.gain_log2),
        }
    }
}

/// Partials of a note when played at some pitch: none above the model's highest frequency.
pub(super) fn num_partials(held: &HeldNote, f0_hz: f64) -> usize {
    let note = &held.ready.note;
    note.num_partials()
        .min((note.layout().max_frequency_hz / f0_hz) as usize)
}
