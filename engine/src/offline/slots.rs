//! Which programs of a score share which slot of the player's note table, and which notes they need. Pure data.

use std::collections::BTreeSet;

use crate::controller::MAX_SOUNDS;
use crate::realtime::{Wish, layer_of_velocity};
use crate::score::Score;

/// General MIDI groups its programs by eight.
const PROGRAMS_PER_FAMILY: u8 = 8;

/// Which slot of the note table each General MIDI program of a score has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SlotMap {
    /// Per program, its slot.
    slots: [u8; 128],
    /// Per slot, the program that names it.
    programs: Vec<u8>,
}

impl SlotMap {
    /// One slot per program in use. Beyond the player's slots, programs of one family (strings, reeds ...) share the slot
    /// of the family's first in use.
    pub fn of(score: &Score) -> Self {
        let used: BTreeSet<u8> = score
            .parts
            .iter()
            .flat_map(|part| part.programs.iter().copied())
            .collect();
        let share_families = used.len() > MAX_SOUNDS;
        let mut map = SlotMap {
            slots: [0; 128],
            programs: Vec::new(),
        };
        for program in used {
            let same_slot = |&other: &u8| {
                share_families && other / PROGRAMS_PER_FAMILY == program / PROGRAMS_PER_FAMILY
            };
            let slot = map
                .programs
                .iter()
                .position(same_slot)
                .unwrap_or(map.programs.len());
            if slot == map.programs.len() {
                map.programs.push(program);
            }
            map.slots[usize::from(program)] = slot as u8;
        }
        map
    }

    /// One slot for all programs: for a score that one sound plays, so that no note is baked twice.
    pub fn of_one_sound(score: &Score) -> Self {
        let programs = score.parts.iter().flat_map(|part| &part.programs);
        SlotMap {
            slots: [0; 128],
            programs: programs.min().copied().into_iter().collect(),
        }
    }

    /// The programs that name the slots, by slot.
    pub fn programs(&self) -> &[u8] {
        &self.programs
    }

    /// The slot of a program.
    pub fn slot(&self, program: u8) -> u8 {
        self.slots[usize::from(program) % self.slots.len()]
    }

    /// Every note the score needs, each once, by slot, layer and key.
    pub fn wishes(&self, score: &Score) -> Vec<Wish> {
        let needed: BTreeSet<(u8, u8, u8)> = score
            .strikes()
            .map(|strike| {
                (
                    self.slot(strike.program),
                    layer_of_velocity(strike.velocity) as u8,
                    strike.key,
                )
            })
            .collect();
        needed
            .into_iter()
            .map(|(slot, layer, key)| Wish { slot, layer, key })
            .collect()
    }
}
