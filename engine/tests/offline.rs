//! Scores played offline with notes from closed forms: exact frames, tails, stems, gain.

#[path = "closed_form/fixture.rs"]
mod fixture;

use engine::EnvelopeSettings;
use engine::offline::{RenderSettings, Rendering, SlotMap, render_score, safe_gain_db};
use engine::score::Score;
use engine::score::write::{
    MidiMessage, Tune, TuneTrack, controller, midi_bytes, note_off, note_on, program,
};
use engine::worker::bake::BakedNote;

/// 100 ticks a beat at 120 beats a minute: a tick is 5 ms.
const TICK_S: f64 = 0.005;

fn score(tracks: &[(u8, &[(u32, MidiMessage)])]) -> Score {
    let tune = Tune {
        ticks_per_beat: 100,
        tempo: Vec::new(),
        tracks: tracks
            .iter()
            .map(|(channel, messages)| TuneTrack {
                name: "part".to_owned(),
                channel: *channel,
                messages: messages.to_vec(),
            })
            .collect(),
        texts: Vec::new(),
    };
    Score::from_midi(&midi_bytes(&tune).unwrap()).unwrap()
}

/// Sines for every key a score needs.
fn notes(score: &Score, slots: &SlotMap) -> Vec<BakedNote> {
    slots
        .wishes(score)
        .into_iter()
        .map(|place| BakedNote {
            place,
            note: fixture::note(&fixture::sine(), place.key),
        })
        .collect()
}

fn settings(sample_rate_hz: u32) -> RenderSettings {
    RenderSettings {
        sample_rate_hz,
        envelope: EnvelopeSettings {
            release_ms: 100.0,
            ..EnvelopeSettings::default()
        },
        ..RenderSettings::default()
    }
}

fn play(score: &Score, sample_rate_hz: u32) -> Rendering {
    let slots = SlotMap::of(score);
    let notes = notes(score, &slots);
    render_score(
        score,
        &slots,
        &notes,
        &settings(sample_rate_hz),
        &mut |_| {},
    )
    .unwrap()
}

fn first_sound(samples: &[f32]) -> usize {
    samples.iter().position(|sample| *sample != 0.0).unwrap()
}

#[test]
fn a_note_starts_on_its_frame_and_ends_with_its_release() {
    let score = score(&[(0, &[(37, note_on(69, 100)), (137, note_off(69))])]);
    for sample_rate_hz in [22_050, 44_100, 48_000, 96_000] {
        let rendering = play(&score, sample_rate_hz);
        let rate = f64::from(sample_rate_hz);
        let start = (37.0 * TICK_S * rate).round() as usize;
        // Amplitudes rise from zero at the first frame, so that the second is the first to be heard.
        let heard = first_sound(&rendering.left);
        assert!(
            (start..=start + 2).contains(&heard),
            "{sample_rate_hz} Hz: {heard}, not {start}"
        );
        let end_s = 137.0 * TICK_S + 0.1;
        assert!(
            rendering.duration_s() <= end_s + 0.01,
            "{} s",
            rendering.duration_s()
        );
        assert!(
            rendering.duration_s() > end_s - 0.05,
            "{} s",
            rendering.duration_s()
        );
    }
}

#[test]
fn a_release_of_45_s_is_rendered_to_its_end() {
    let score = score(&[(0, &[(0, note_on(69, 100)), (20, note_off(69))])]);
    let slots = SlotMap::of(&score);
    let settings = RenderSettings {
        envelope: EnvelopeSettings {
            release_ms: 45_000.0,
            ..EnvelopeSettings::default()
        },
        ..settings(16_000)
    };
    let notes = notes(&score, &slots);
    let rendering = render_score(&score, &slots, &notes, &settings, &mut |_| {}).unwrap();
    // The fall is cubic: in its last hundredth a full-scale sine is below a millionth, in its last 400th below 1e-8.
    assert!(
        (44.6..45.11).contains(&rendering.duration_s()),
        "{} s",
        rendering.duration_s()
    );
}

#[test]
fn the_same_score_gives_the_same_bits_and_another_seed_others() {
    let score = score(&[(
        0,
        &[
            (0, note_on(60, 100)),
            (50, note_on(64, 80)),
            (100, note_off(60)),
            (120, note_off(64)),
        ],
    )]);
    let slots = SlotMap::of(&score);
    let notes = notes(&score, &slots);
    let play = |seed| {
        let settings = RenderSettings {
            seed,
            ..settings(48_000)
        };
        render_score(&score, &slots, &notes, &settings, &mut |_| {}).unwrap()
    };
    assert_eq!(play(1), play(1));
    assert_ne!(play(1), play(2));
}

#[test]
fn channels_rendered_alone_add_up_to_the_whole() {
    let score = score(&[
        (0, &[(0, note_on(60, 100)), (90, note_off(60))]),
        (
            3,
            &[
                (0, program(40)),
                (0, controller(10, 20)),
                (30, note_on(67, 90)),
                (130, note_off(67)),
            ],
        ),
    ]);
    let slots = SlotMap::of(&score);
    let notes = notes(&score, &slots);
    let play = |score: &Score| {
        render_score(score, &slots, &notes, &settings(48_000), &mut |_| {}).unwrap()
    };
    let (whole, first, second) = (
        play(&score),
        play(&score.channel_alone(0)),
        play(&score.channel_alone(3)),
    );
    for (frame, sample) in whole.left.iter().enumerate() {
        let sum: f32 = [&first, &second]
            .iter()
            .filter_map(|stem| stem.left.get(frame))
            .sum();
        assert!(
            (sum - sample).abs() < 1e-6,
            "frame {frame}: {sum}, whole {sample}"
        );
    }
}

#[test]
fn the_pedal_holds_a_released_note() {
    let with_pedal = score(&[(
        0,
        &[
            (0, controller(64, 127)),
            (0, note_on(60, 100)),
            (20, note_off(60)),
            (300, controller(64, 0)),
        ],
    )]);
    let without = score(&[(0, &[(0, note_on(60, 100)), (20, note_off(60))])]);
    assert!(play(&with_pedal, 48_000).duration_s() > 1.5);
    assert!(play(&without, 48_000).duration_s() < 0.3);
}

#[test]
fn what_would_pass_minus_1_dbtp_is_lowered_and_the_rest_left_alone() {
    assert_eq!(safe_gain_db(None), 0.0);
    assert_eq!(safe_gain_db(Some(-1.5)), 0.0);
    assert_eq!(safe_gain_db(Some(2.0)), -3.0);
    // Twenty loud notes of one key class pass full scale together.
    let loud: Vec<(u32, MidiMessage)> = (40..60)
        .flat_map(|key| [(0, note_on(key, 127)), (200, note_off(key))])
        .chain([(0, controller(7, 127))])
        .collect();
    let mut rendering = play(&score(&[(0, &loud)]), 48_000);
    let gain_db = rendering.safe_gain_db().unwrap();
    assert!(gain_db < 0.0, "{gain_db}");
    rendering.apply_gain(gain_db);
    let after = engine::loudness::measure(&rendering.left, &rendering.right, 48_000).unwrap();
    assert!(
        (after.true_peak_db.unwrap() + 1.0).abs() < 0.01,
        "{after:?}"
    );
}

#[test]
fn more_programs_than_slots_share_the_slot_of_their_family() {
    let all: Vec<(u32, MidiMessage)> = (0..128)
        .flat_map(|number| {
            let start = u32::from(number) * 10;
            [
                (start, program(number)),
                (start, note_on(60, 100)),
                (start + 9, note_off(60)),
            ]
        })
        .collect();
    let slots = SlotMap::of(&score(&[(0, &all)]));
    assert_eq!(slots.programs().len(), 16);
    assert_eq!(slots.slot(40), slots.slot(47));
    assert_ne!(slots.slot(39), slots.slot(40));
    let few = SlotMap::of(&score(&[(0, &all[..6])]));
    assert_eq!((few.slot(0), few.slot(1)), (0, 1));
}

#[test]
fn one_sound_for_all_programs_bakes_each_note_once_and_plays_the_same() {
    let part = |number, start| {
        [
            (0, program(number)),
            (start, note_on(60, 100)),
            (start + 50, note_off(60)),
        ]
    };
    let score = score(&[(0, &part(4, 0)), (3, &part(90, 20))]);
    let (apart, together) = (SlotMap::of(&score), SlotMap::of_one_sound(&score));
    assert_eq!(apart.wishes(&score).len(), 2);
    assert_eq!(together.wishes(&score).len(), 1);
    let play = |slots: &SlotMap| {
        let notes = notes(&score, slots);
        render_score(&score, slots, &notes, &settings(48_000), &mut |_| {}).unwrap()
    };
    assert_eq!(play(&apart), play(&together));
}

#[test]
fn a_score_of_hours_is_refused_before_the_work() {
    let mut long = score(&[(0, &[(0, note_on(60, 100)), (20, note_off(60))])]);
    long.duration_s = 7000.0;
    let slots = SlotMap::of(&long);
    let refused = render_score(&long, &slots, &[], &settings(48_000), &mut |_| {}).unwrap_err();
    assert!(refused.to_string().contains("7000 s"), "{refused}");
}

#[test]
fn notes_that_were_not_baked_leave_silence_and_no_panic() {
    let score = score(&[(0, &[(0, note_on(60, 100)), (20, note_off(60))])]);
    let rendering = render_score(
        &score,
        &SlotMap::of(&score),
        &[],
        &settings(48_000),
        &mut |_| {},
    )
    .unwrap();
    assert_eq!(rendering.left, Vec::<f32>::new());
}
