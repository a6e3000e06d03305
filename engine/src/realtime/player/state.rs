//! What a player says of itself: rate, voices, settings. Changes nothing. Audio thread.

use super::{Player, PlayerParameters};

impl Player {
    /// Sample rate, Hz.
    ///
    /// # Real-time
    /// Safe.
    pub fn sample_rate_hz(&self) -> f64 {
        self.sample_rate_hz
    }

    /// Voices that sound now, fading ones included.
    ///
    /// # Real-time
    /// Safe.
    pub fn num_sounding(&self) -> usize {
        self.voices.iter().filter(|voice| voice.is_busy()).count()
    }

    /// Where the voices of a key stand in their note, s from its start; writes as many as there is room for and gives their
    /// number. For a picture of the note.
    ///
    /// # Real-time
    /// Safe.
    pub fn playheads_into(&self, key: u8, out: &mut [f32]) -> usize {
        let voices = self.voices.iter();
        let of_key = voices.filter(|voice| voice.is_busy() && voice.key == key);
        let mut num_found = 0;
        for (out, voice) in out.iter_mut().zip(of_key) {
            *out = voice.position_s();
            num_found += 1;
        }
        num_found
    }

    /// Whether nothing will be heard until the next event: no voice, and no room that still rings.
    ///
    /// # Real-time
    /// Safe.
    pub fn is_silent(&self) -> bool {
        self.bus.is_silent() && self.num_sounding() == 0
    }

    /// What the player is set to.
    ///
    /// # Real-time
    /// Safe.
    pub fn parameters(&self) -> &PlayerParameters {
        &self.settings.parameters
    }
}
