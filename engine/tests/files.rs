//! Files and figures of finished sounds: WAV, loudness, fingerprint.

use std::io::Cursor;

use engine::fingerprint::fingerprint;
use engine::loudness;
use engine::wav::{self, Recipe, SampleStorage};

fn sine(frequency_hz: f64, amplitude: f64, num_frames: usize) -> Vec<f32> {
    (0..num_frames)
        .map(|frame| {
            let turns = frequency_hz * frame as f64 / 48_000.0;
            (amplitude * (std::f64::consts::TAU * turns).sin()) as f32
        })
        .collect()
}

fn recipe() -> Recipe {
    Recipe {
        software: "Understory 0.1.0".to_string(),
        comment: r#"{"seed":1}"#.to_string(),
    }
}

fn file(left: &[f32], right: &[f32], storage: SampleStorage) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    wav::write(&mut bytes, (left, right), 48_000, storage, &recipe()).unwrap();
    bytes.into_inner()
}

#[test]
fn float_files_hold_the_samples_bit_for_bit() {
    let left = sine(440.0, 0.7, 4801);
    let right = sine(441.0, 1.5, 4801);
    let bytes = file(&left, &right, SampleStorage::Float32);
    let mut reader = hound::WavReader::new(Cursor::new(bytes)).unwrap();
    assert_eq!(reader.spec().sample_rate, 48_000);
    let samples: Vec<f32> = reader.samples::<f32>().map(Result::unwrap).collect();
    let expected: Vec<f32> = left
        .iter()
        .zip(&right)
        .flat_map(|(l, r)| [*l, *r])
        .collect();
    assert_eq!(samples, expected);
}

#[test]
fn whole_number_files_are_off_by_their_rounding_and_dither_at_most() {
    let left = sine(440.0, 0.7, 4800);
    for (storage, bits, most_steps) in [
        (SampleStorage::Integer24, 24, 0.5),
        (SampleStorage::Integer16, 16, 1.5),
    ] {
        let bytes = file(&left, &left, storage);
        let mut reader = hound::WavReader::new(Cursor::new(bytes)).unwrap();
        assert_eq!(reader.spec().bits_per_sample, bits);
        let scale = f64::from(1 << (bits - 1));
        for (sample, expected) in reader.samples::<i32>().step_by(2).zip(&left) {
            let error_steps = f64::from(sample.unwrap()) - f64::from(*expected) * scale;
            assert!(
                error_steps.abs() <= most_steps,
                "{bits} bit: {error_steps} steps"
            );
        }
    }
}

#[test]
fn samples_beyond_full_scale_stay_at_full_scale() {
    let bytes = file(
        &[2.0, -2.0],
        &[f32::INFINITY, f32::NEG_INFINITY],
        SampleStorage::Integer24,
    );
    let mut reader = hound::WavReader::new(Cursor::new(bytes)).unwrap();
    let samples: Vec<i32> = reader.samples().map(Result::unwrap).collect();
    assert_eq!(samples, [8_388_607, 8_388_607, -8_388_608, -8_388_608]);
}

#[test]
fn the_recipe_stands_in_the_info_list_and_the_riff_length_covers_it() {
    let bytes = file(&[0.0; 3], &[0.0; 3], SampleStorage::Integer24);
    let riff_length = u32::from_le_bytes(bytes[4..8].try_into().unwrap()) as usize;
    assert_eq!(riff_length + 8, bytes.len());
    let find = |needle: &[u8]| {
        bytes
            .windows(needle.len())
            .position(|window| window == needle)
    };
    let comment = find(b"ICMT").unwrap();
    let length = u32::from_le_bytes(bytes[comment + 4..comment + 8].try_into().unwrap());
    assert_eq!(length, 11);
    assert_eq!(&bytes[comment + 8..comment + 19], b"{\"seed\":1}\0");
    assert!(find(b"Understory 0.1.0\0").is_some());
    let list = find(b"LIST").unwrap();
    let list_length = u32::from_le_bytes(bytes[list + 4..list + 8].try_into().unwrap()) as usize;
    assert_eq!(&bytes[list + 8 + list_length..][..4], b"iXML");
}

#[test]
fn a_file_beyond_4_gb_is_refused_before_the_work() {
    // 2^32 bytes at 6 bytes a frame.
    assert!(wav::check_size(715_000_000, SampleStorage::Integer24).is_ok());
    let message = wav::check_size(716_000_000, SampleStorage::Integer24)
        .unwrap_err()
        .to_string();
    assert!(message.contains("716000000 frames"), "{message}");
}

/// Refuses everything beyond its capacity, as a full disk does.
struct FullDisk(Cursor<Vec<u8>>, usize);

impl std::io::Write for FullDisk {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        if self.0.position() as usize + bytes.len() > self.1 {
            return Err(std::io::ErrorKind::StorageFull.into());
        }
        self.0.write(bytes)
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl std::io::Seek for FullDisk {
    fn seek(&mut self, place: std::io::SeekFrom) -> std::io::Result<u64> {
        self.0.seek(place)
    }
}

#[test]
fn a_full_disk_is_an_error_at_whatever_byte_it_is_full() {
    let samples = sine(440.0, 0.5, 64);
    let whole = file(&samples, &samples, SampleStorage::Integer24).len();
    for capacity in 0..=whole {
        let mut disk = FullDisk(Cursor::new(Vec::new()), capacity);
        let result = wav::write(
            &mut disk,
            (&samples, &samples),
            48_000,
            SampleStorage::Integer24,
            &recipe(),
        );
        let refused = matches!(result, Err(engine::Error::Write(_)));
        assert_eq!(refused, capacity < whole, "{capacity}: {result:?}");
    }
}

#[test]
fn the_loudness_of_the_standard_sine_is_the_standards_figure() {
    // ITU-R BS.1770-4, annex 1: 997 Hz at 0 dBFS in one channel reads -3.01 LUFS; in both, 3.01 dB more.
    let tone = sine(997.0, 0.1, 5 * 48_000);
    let both = loudness::measure(&tone, &tone, 48_000).unwrap();
    assert!(
        (both.integrated_lufs.unwrap() + 20.0).abs() < 0.05,
        "{both:?}"
    );
    assert!((both.true_peak_db.unwrap() + 20.0).abs() < 0.1, "{both:?}");
    let silence = loudness::measure(&[0.0; 48_000], &[0.0; 48_000], 48_000).unwrap();
    assert_eq!(
        (silence.integrated_lufs, silence.true_peak_db),
        (None, None)
    );
}

#[test]
fn true_peaks_between_the_samples_are_seen() {
    // A quarter of the sample rate, sampled 45 degrees off its peaks: samples at 0.707, the wave between them at 1.
    let tone: Vec<f32> = (0..48_000)
        .map(|frame| {
            let turns = 0.25 * f64::from(frame) + 0.125;
            (std::f64::consts::TAU * turns).sin() as f32
        })
        .collect();
    let peak_db = loudness::measure(&tone, &tone, 48_000)
        .unwrap()
        .true_peak_db
        .unwrap();
    assert!(peak_db.abs() < 0.4, "{peak_db} dBTP");
}

#[test]
fn the_fingerprint_is_sha_256_over_little_endian_pairs() {
    // From another implementation: printf '\0\0\200\077\0\0\0\300' | sha256sum
    assert_eq!(fingerprint(&[1.0], &[-2.0]), "ee4ac73c2bd27756");
    assert_ne!(fingerprint(&[1.0], &[-2.0]), fingerprint(&[-2.0], &[1.0]));
}

#[test]
fn the_recipe_stands_in_the_film_world_s_own_chunk_too() {
    let bytes = file(&[0.0], &[0.0], SampleStorage::Integer24);
    let chunk = wav::chunks::chunk(&bytes, b"iXML").unwrap();
    let document = roxmltree::Document::parse(std::str::from_utf8(chunk).unwrap()).unwrap();
    let text = |name: &str| {
        let mut nodes = document
            .descendants()
            .filter(|node| node.has_tag_name(name));
        nodes
            .next()
            .and_then(|node| node.text())
            .unwrap_or_default()
            .to_owned()
    };
    assert!(document.root_element().has_tag_name("BWFXML"));
    assert_eq!(
        (text("PROJECT"), text("USER")),
        (recipe().software, recipe().comment)
    );
    assert_eq!(wav::chunks::recipe(&bytes), Some(recipe()));
}
