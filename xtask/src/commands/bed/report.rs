//! What `bed` says when it is done: words and JSON.

use engine::mix::speech::word_band_db;
use serde_json::{Value, json};

use super::request::Request;
use super::{files, recipe};
use crate::bed_production::BedProduction;
use crate::outcome::Outcome;
use crate::performance::rounded;

/// Words and JSON.
pub fn outcome(request: &Request, production: &BedProduction, written: &files::Written) -> Outcome {
    let bed = &production.bed;
    let loudness = production.mastering.loudness;
    let duration_s = production.rendering.duration_s();
    let realtime_factor = duration_s / production.work_s();
    let warnings = warnings(request, production);
    let above_db = voice_above_bed_db(request, production);
    let json = json!({
        "file": written.path, "files": written.others, "duration_s": rounded(duration_s, 6),
        "frames": production.rendering.left.len(), "realtime_factor": rounded(realtime_factor, 2),
        "compose_s": rounded(production.compose_s, 4), "bake_s": rounded(production.bake_s, 4),
        "render_s": rounded(production.render_s, 4), "master_s": rounded(production.master_s, 4),
        "baked_notes": production.num_baked, "notes": bed.notes.len(),
        "lufs": loudness.integrated_lufs.map(|lufs| rounded(lufs, 3)),
        "true_peak_db": loudness.true_peak_db.map(|peak_db| rounded(peak_db, 3)),
        "gain_db": rounded(production.mastering.gain_db, 3),
        "limited_db": rounded(production.mastering.most_held_db(), 2),
        "tempo_bpm": rounded(bed.tempo_bpm, 3), "key": bed.key.to_string(),
        "sections": sections(production), "hits": hits(request, production),
        "speech": speech(request, above_db), "sounds": recipe::sounds(&request.order),
        "fingerprint": production.fingerprint(), "warnings": warnings,
    });
    let mut words: Vec<String> = warnings
        .iter()
        .map(|warning| format!("warning: {warning}"))
        .collect();
    words.push(format!(
        "{}: {duration_s:.3} s in {}, {} at {:.1} beats a minute, {} of {} hits on their frame, {}, made {realtime_factor:.0} times faster than real time, fingerprint {}",
        written.path.display(),
        bed.key,
        form_in_words(production),
        bed.tempo_bpm,
        request.num_met(bed),
        bed.hits.len(),
        loudness.integrated_lufs.map_or("silent".to_owned(), |lufs| format!("{lufs:.1} LUFS")),
        production.fingerprint()
    ));
    words.extend(above_db.map(|above_db| {
        format!("the voice stands {above_db:.0} dB above the bed where words live (1 to 4 kHz)")
    }));
    Outcome::done(words.join("\n"), json)
}

fn sections(production: &BedProduction) -> Vec<Value> {
    let sections = production.bed.sections.iter();
    sections
        .map(|section| {
            json!({
                "kind": section.kind.name(), "start_s": rounded(section.start_s, 6), "end_s": rounded(section.end_s, 6),
                "bars": section.bars.len(), "beats": rounded(section.beats(), 4),
                "tempo_bpm": rounded(section.tempo_bpm, 3), "energy": rounded(section.energy.0, 3),
            })
        })
        .collect()
}

fn hits(request: &Request, production: &BedProduction) -> Vec<Value> {
    let frame_s = request.frame_rate.frame_s();
    let hits = production.bed.hits.iter();
    hits.map(|hit| {
        json!({
            "name": hit.name, "wanted": rounded(hit.wanted_s, 6), "placed": rounded(hit.placed_s, 6),
            "miss_frames": rounded((hit.placed_s - hit.wanted_s) / frame_s, 2), "remedy": hit.remedy,
        })
    })
    .collect()
}

/// How far the recorded voice stands above the bed in the band of words while somebody speaks, on the mean, dB.
fn voice_above_bed_db(request: &Request, production: &BedProduction) -> Option<f64> {
    let rendering = &production.rendering;
    let rate_hz = f64::from(rendering.sample_rate_hz);
    let mut above_db = Vec::new();
    if let Some(voice) = &request.voice {
        for range in &request.order.settings.speech {
            let last = voice.channels[0].len().min(rendering.left.len());
            let frame = |time_s: f64| ((time_s * rate_hz) as usize).min(last);
            let place = frame(range.start_s)..frame(range.end_s);
            if place.len() < 100 {
                continue;
            }
            let band = |left: &[f32], right: &[f32]| {
                word_band_db(
                    &left[place.clone()],
                    &right[place.clone()],
                    rendering.sample_rate_hz,
                )
            };
            above_db.push(
                band(&voice.channels[0], &voice.channels[1])
                    - band(&rendering.left, &rendering.right),
            );
        }
    }
    let mean_db = above_db.iter().sum::<f64>() / above_db.len().max(1) as f64;
    (!above_db.is_empty()).then_some(mean_db)
}

/// Where somebody speaks, and how the voice stands to the bed; the latter needs a recording.
fn speech(request: &Request, above_db: Option<f64>) -> Value {
    let ranges: Vec<Value> = request
        .order
        .settings
        .speech
        .iter()
        .map(|range| json!([rounded(range.start_s, 3), rounded(range.end_s, 3)]))
        .collect();
    json!({
        "ranges": ranges,
        "voice_above_bed_1_to_4_khz_db": above_db.map(|above_db| rounded(above_db, 2)),
        "voice_lufs": request.voice.as_ref().and_then(|voice| voice.lufs).map(|lufs| rounded(lufs, 2)),
    })
}

fn form_in_words(production: &BedProduction) -> String {
    let sections = production.bed.sections.iter();
    let mut kinds: Vec<&str> = sections.map(|section| section.kind.name()).collect();
    kinds.dedup();
    kinds.join(" ")
}

fn warnings(request: &Request, production: &BedProduction) -> Vec<String> {
    let misses = production
        .bed
        .hits
        .iter()
        .filter(|hit| !request.is_met(hit));
    let mut warnings: Vec<String> = misses
        .map(|hit| {
            let remedy = hit.remedy.clone().unwrap_or_default();
            format!(
                "the hit at {:.3} s falls on {:.3} s; {remedy}",
                hit.wanted_s, hit.placed_s
            )
        })
        .collect();
    if production.mastering.loudness.integrated_lufs.is_none() {
        warnings.push("nothing is heard: every part that plays is muted".to_owned());
    }
    warnings
}
