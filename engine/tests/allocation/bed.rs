//! The bed's callback: pages, jumps, fades, detector and ducker.

use engine::mix::ahead;
use engine::mix::duck::DuckSettings;
use engine::mix::{BedRenderer, HallSettings, Layers, MixSettings};
use engine::realtime::{CHUNK_FRAMES, ChunkGains, UnderVoice};
use engine::score::compose::{BedSettings, Mood, compose};

use super::beds::baked;
use super::count_during;

const RATE_HZ: u32 = 16_000;

fn renderer(seed: u32) -> BedRenderer {
    let bed = compose(&BedSettings::new(
        seed,
        3.0,
        Mood::from_name("calm").unwrap(),
    ))
    .unwrap();
    let mix = MixSettings {
        sample_rate_hz: RATE_HZ,
        hall: HallSettings {
            decay_s: 0.2,
            ..HallSettings::default()
        },
        ..MixSettings::default()
    };
    BedRenderer::new(&bed, &baked(&bed), &mix).unwrap()
}

#[test]
fn a_bed_under_a_voice_is_free_of_allocations_through_jumps_fades_and_another_bed() {
    let (mut feeder, mut playhead) = ahead::new(f64::from(RATE_HZ));
    let mut under = UnderVoice::new(&DuckSettings::default(), f64::from(RATE_HZ)).unwrap();
    let mut layers = Layers::new(CHUNK_FRAMES);
    let mut voice = vec![vec![0.0_f32; CHUNK_FRAMES]; 2];
    let (ones, mut was_speech) = ([1.0_f32; CHUNK_FRAMES], false);
    for seed in [1, 2, 3] {
        feeder.begin(u64::from(seed), renderer(seed));
        for step in 0..60_i64 {
            feeder.feed(step * 100).unwrap();
            for (frame, sample) in voice.iter_mut().flatten().enumerate() {
                *sample = 0.3 * (0.5 * frame as f32).sin();
            }
            let place = (step % 7 != 0).then_some(if step % 5 == 0 { 9_000 } else { step * 512 });
            let num_allocations = count_during(|| {
                playhead.take_arrivals();
                playhead.is_ready(u64::from(seed), step * 512, CHUNK_FRAMES);
                playhead.render_into(place, &mut layers, CHUNK_FRAMES);
                under.set_duck(&DuckSettings::default());
                let gains = ChunkGains {
                    voice: &ones,
                    bed: &ones,
                };
                let [left, right] = &mut voice[..] else {
                    return;
                };
                let mut channels = [left.as_mut_slice(), right.as_mut_slice()];
                under.process(&mut channels, (0, CHUNK_FRAMES), &layers, &gains);
                under.take_levels();
            });
            assert_eq!(num_allocations, 0, "bed {seed}, step {step}");
            was_speech |= under.is_speech();
        }
    }
    assert!(was_speech, "the detector never heard the voice");
    assert!(playhead.is_sounding());
    assert_eq!(count_during(|| under.reset()), 0);
}
