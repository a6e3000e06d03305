//! How a thought is told: its developments, as far as there is room for them. Pure arithmetic.

/// One note of a thought: where it begins and how long it is, in beats, and its step from the first note.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tone {
    pub start: f64,
    pub beats: f64,
    pub step: i32,
}

/// How a thought is told.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Telling {
    Rest,
    Plain,
    /// A step up or down.
    Sequence(i32),
    Inversion,
    /// Twice as slow.
    Augmentation,
    /// Its first half.
    Fragment,
}

/// The tones of a telling, as far as there is room.
pub(super) fn told(tones: &[Tone], telling: Telling, room: f64) -> Vec<Tone> {
    let half = tones.len().div_ceil(2);
    let mut told: Vec<Tone> = match telling {
        Telling::Rest => Vec::new(),
        Telling::Plain => tones.to_vec(),
        Telling::Sequence(steps) => moved(tones, |step| step + steps),
        Telling::Inversion => moved(tones, |step| -step),
        Telling::Augmentation => tones
            .iter()
            .map(|tone| Tone {
                start: 2.0 * tone.start,
                beats: 2.0 * tone.beats,
                step: tone.step,
            })
            .collect(),
        Telling::Fragment => tones.iter().take(half).copied().collect(),
    };
    told.retain(|tone| tone.start + 0.25 <= room);
    if let Some(last) = told.last_mut() {
        // The last note of a telling rings on a little.
        last.beats = last.beats.max(1.5).min(room - last.start);
    }
    told
}

fn moved(tones: &[Tone], step_of: impl Fn(i32) -> i32) -> Vec<Tone> {
    tones
        .iter()
        .map(|tone| Tone {
            step: step_of(tone.step),
            ..*tone
        })
        .collect()
}
