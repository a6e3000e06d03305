//! Controls of the model that a host automates: written by the audio thread, followed by the workers. No locks.
//!
//! Every change makes the followers bake their sound again, held keys first; values that come faster than notes can be
//! baked are passed over.

use std::sync::atomic::{AtomicU32, Ordering};

/// Most controls that can be moved live. Values beyond are ignored.
pub const MAX_TIMBRES: usize = 32;

/// Values of a model's controls in the order of its manifest, standard deviations of the data; 0 is neutral.
#[derive(Debug, Default)]
pub struct LiveTimbre {
    /// `f32` as bits.
    values: [AtomicU32; MAX_TIMBRES],
    /// Counts changes.
    revision: AtomicU32,
}

impl LiveTimbre {
    /// Moves a control. A number that is not finite changes nothing.
    ///
    /// # Real-time
    /// Safe.
    pub fn set(&self, index: usize, value: f32) {
        let Some(slot) = self.values.get(index).filter(|_| value.is_finite()) else {
            return;
        };
        // -0 and 0 are one value.
        let bits = (value + 0.0).to_bits();
        if slot.swap(bits, Ordering::Relaxed) != bits {
            self.revision.fetch_add(1, Ordering::Release);
        }
    }

    /// How often a value has changed.
    ///
    /// # Real-time
    /// Safe.
    pub fn revision(&self) -> u32 {
        self.revision.load(Ordering::Acquire)
    }

    /// The values now.
    pub(super) fn values(&self) -> [f32; MAX_TIMBRES] {
        std::array::from_fn(|index| f32::from_bits(self.values[index].load(Ordering::Relaxed)))
    }
}
