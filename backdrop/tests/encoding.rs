//! Files of every format open in another decoder with the right size, depth, profile and recipe.

#[path = "toy/load.rs"]
mod toy;

use std::io::Cursor;

use backdrop::color::{ColorSpace, coded_from_linear};
use backdrop::encode::frames::{Video, write_apng, write_gif};
use backdrop::encode::{Format, Settings, write};
use backdrop::paint::Painter;
use backdrop::provenance::{Provenance, recipe_of};
use backdrop::rows::{Depth, Picture};
use backdrop::{Fault, Request, Scene, Size};
use image::ImageDecoder;
use serde_json::json;
use toy::{COLORS, bytes, light, request, studio};

fn scene(transparent: bool) -> Scene {
    let request = Request {
        transparent: transparent.then_some(1),
        ..request(61, 37, 3, COLORS)
    };
    studio().scene(&request).unwrap()
}

fn provenance() -> Provenance {
    Provenance {
        recipe: json!({ "seed": 3, "words": "\"quoted\" <&> größer" }),
    }
}

fn file(scene: &Scene, settings: Settings) -> Vec<u8> {
    let mut painter = Painter::new(
        &scene.field,
        &scene.look,
        scene.request.size,
        settings.depth(),
    );
    let mut target = Cursor::new(Vec::new());
    write(&mut painter, &settings, &provenance(), &mut target).unwrap();
    target.into_inner()
}

fn decoded(bytes: &[u8]) -> (image::DynamicImage, Option<Vec<u8>>) {
    let reader = image::ImageReader::new(Cursor::new(bytes))
        .with_guessed_format()
        .unwrap();
    let mut decoder = reader.into_decoder().unwrap();
    let profile = decoder.icc_profile().unwrap();
    (image::DynamicImage::from_decoder(decoder).unwrap(), profile)
}

#[test]
fn png_of_eight_bits_holds_the_very_pixels() {
    for transparent in [false, true] {
        let scene = scene(transparent);
        let (picture, profile) = decoded(&file(&scene, Settings::of(Format::Png)));
        assert_eq!((picture.width(), picture.height()), (61, 37));
        assert!(picture.as_bytes() == bytes(&scene));
        assert_eq!(profile.unwrap(), ColorSpace::Srgb.icc_profile().unwrap());
    }
}

#[test]
fn sixteen_bit_png_and_tiff_hold_the_light_within_half_a_step() {
    for format in [Format::Png, Format::Tiff] {
        for transparent in [false, true] {
            let scene = scene(transparent);
            let bytes = file(
                &scene,
                Settings {
                    bits: 16,
                    ..Settings::of(format)
                },
            );
            let (picture, profile) = decoded(&bytes);
            let words = match picture {
                image::DynamicImage::ImageRgb16(picture) => picture.into_raw(),
                image::DynamicImage::ImageRgba16(picture) => picture.into_raw(),
                other => panic!("{format:?}: {:?}", other.color()),
            };
            let channels = if transparent { 4 } else { 3 };
            for (index, (word, light)) in words.iter().zip(light(&scene)).enumerate() {
                let is_alpha = index % channels == 3;
                let exact = if is_alpha {
                    f64::from(light)
                } else {
                    coded_from_linear(f64::from(light))
                };
                assert!(
                    (f64::from(*word) - 65_535.0 * exact).abs() < 0.8,
                    "{format:?} {index}: {word} {exact}"
                );
            }
            // The image crate's TIFF reader gives no profile for sixteen bits; the tiff crate's own does.
            let profile = profile.or_else(|| {
                let mut decoder = tiff::decoder::Decoder::new(Cursor::new(&bytes)).unwrap();
                decoder.get_tag_u8_vec(tiff::tags::Tag::IccProfile).ok()
            });
            assert_eq!(profile.unwrap(), ColorSpace::Srgb.icc_profile().unwrap());
        }
    }
}

#[test]
fn lossy_files_are_near_the_pixels_and_keep_both_profiles() {
    for format in [Format::Jpeg, Format::WebP] {
        for space in [ColorSpace::Srgb, ColorSpace::DisplayP3] {
            // Soft, as trained pictures are: the toy's fine edges are what WebP's halved chroma is bad at.
            let request = Request {
                color_space: space,
                blend: 8.0,
                ..request(160, 90, 3, COLORS)
            };
            let scene = studio().scene(&request).unwrap();
            let (picture, profile) = decoded(&file(
                &scene,
                Settings {
                    quality: 98,
                    ..Settings::of(format)
                },
            ));
            assert_eq!(profile.unwrap(), space.icc_profile().unwrap(), "{format:?}");
            let exact = bytes(&scene);
            let found = picture.into_rgb8().into_raw();
            let mean = found
                .iter()
                .zip(&exact)
                .map(|(found, exact)| f64::from(found.abs_diff(*exact)))
                .sum::<f64>();
            assert!(
                mean / (exact.len() as f64) < 2.5,
                "{format:?}: {}",
                mean / exact.len() as f64
            );
        }
    }
}

#[test]
fn webp_keeps_its_transparency() {
    let scene = scene(true);
    let (picture, _) = decoded(&file(&scene, Settings::of(Format::WebP)));
    let alpha = picture
        .into_rgba8()
        .into_raw()
        .into_iter()
        .skip(3)
        .step_by(4);
    for (found, exact) in alpha.zip(bytes(&scene).into_iter().skip(3).step_by(4)) {
        assert!(found.abs_diff(exact) <= 1);
    }
}

#[test]
fn exr_holds_linear_light_in_half_floats() {
    use exr::prelude::{ReadChannels, ReadLayers, read};
    for transparent in [false, true] {
        let scene = scene(transparent);
        let file = file(&scene, Settings::of(Format::Exr));
        let picture = read()
            .no_deep_data()
            .largest_resolution_level()
            .all_channels()
            .first_valid_layer()
            .all_attributes()
            .from_buffered(Cursor::new(file))
            .unwrap();
        let layer = &picture.layer_data;
        assert_eq!((layer.size.0, layer.size.1), (61, 37));
        assert!(picture.attributes.chromaticities.is_some());
        let names: Vec<String> = layer
            .channel_data
            .list
            .iter()
            .map(|channel| channel.name.to_string())
            .collect();
        let wanted: &[&str] = if transparent {
            &["A", "B", "G", "R"]
        } else {
            &["B", "G", "R"]
        };
        assert_eq!(names, wanted);
        let light = light(&scene);
        let channels = names.len();
        for channel in &layer.channel_data.list {
            let place = "RGBA".find(&channel.name.to_string()).unwrap();
            for (index, value) in channel.sample_data.values_as_f32().enumerate() {
                let exact = light[index * channels + place];
                // Half floats have eleven bits.
                assert!(
                    (value - exact).abs() <= exact / 2048.0 + 1e-7,
                    "{} {index}: {value} {exact}",
                    channel.name
                );
            }
        }
    }
}

#[test]
fn every_format_gives_its_recipe_back_and_says_that_a_model_made_it() {
    let scene = scene(false);
    for (ending, format) in Format::ENDINGS {
        if format == Format::Avif && cfg!(not(feature = "avif")) {
            continue;
        }
        let bytes = file(&scene, Settings::of(format));
        let text = String::from_utf8_lossy(&bytes);
        assert!(
            text.contains("digitalsourcetype/trainedAlgorithmicMedia"),
            "{ending}"
        );
        let recipe = recipe_of(&bytes).unwrap_or_else(|| panic!("{ending}: no recipe"));
        assert_eq!(recipe["seed"], 3, "{ending}");
        if format != Format::Exr {
            assert_eq!(recipe, provenance().recipe, "{ending}");
        }
    }
    assert_eq!(recipe_of(b"no recipe here"), None);
}

#[test]
fn a_request_comes_back_from_its_recipe() {
    let mut wanted = request(640, 360, 77, COLORS);
    wanted.styles = vec![("silk".into(), 0.5), ("mesh".into(), 0.25)];
    wanted.controls = vec![("detail".into(), -0.5)];
    wanted.latent_sum = vec![(1.0, 3), (-1.0, 4)];
    wanted.grain = 0.25;
    wanted.transparent = Some(2);
    wanted.strict = true;
    let mut found = Request::from_recipe(&wanted.recipe()).unwrap();
    // A recipe's lists are objects, in alphabetical order.
    found.styles.sort_by(|one, other| other.1.total_cmp(&one.1));
    assert_eq!(found, wanted);
    let mut broken = wanted.recipe();
    broken["seed"] = json!("seven");
    assert_eq!(
        Request::from_recipe(&broken).unwrap_err().fault(),
        Fault::Request
    );
}

#[test]
fn a_longest_file_is_kept_by_lowering_the_quality_or_refused() {
    let scene = studio()
        .scene(&Request {
            grain: 0.5,
            ..request(320, 180, 3, COLORS)
        })
        .unwrap();
    let attempt = |max_bytes| {
        let settings = Settings {
            max_bytes: Some(max_bytes),
            quality: 95,
            ..Settings::of(Format::Jpeg)
        };
        let mut painter = Painter::new(
            &scene.field,
            &scene.look,
            scene.request.size,
            settings.depth(),
        );
        let mut target = Cursor::new(Vec::new());
        let quality = write(&mut painter, &settings, &provenance(), &mut target);
        (quality, target.into_inner().len() as u64)
    };
    let (quality, free) = attempt(u64::MAX);
    assert_eq!(quality.unwrap(), Some(95));
    let (quality, length) = attempt(free * 3 / 4);
    let quality = quality.unwrap().unwrap();
    assert!(
        (40..95).contains(&quality) && length <= free * 3 / 4,
        "{quality} {length}"
    );
    // The best one: one more does not fit.
    let settings = Settings {
        quality: quality + 1,
        ..Settings::of(Format::Jpeg)
    };
    assert!(file(&scene, settings).len() as u64 > free * 3 / 4);
    let (refused, length) = attempt(100);
    assert_eq!((refused.unwrap_err().fault(), length), (Fault::Request, 0));
}

#[test]
fn what_a_format_cannot_hold_is_refused_before_painting() {
    let size = Size::new(64, 36).unwrap();
    let wrong = [
        (
            Settings {
                bits: 16,
                ..Settings::of(Format::Jpeg)
            },
            size,
            false,
            ColorSpace::Srgb,
        ),
        (
            Settings {
                bits: 12,
                ..Settings::of(Format::Png)
            },
            size,
            false,
            ColorSpace::Srgb,
        ),
        (
            Settings {
                quality: 0,
                ..Settings::of(Format::WebP)
            },
            size,
            false,
            ColorSpace::Srgb,
        ),
        (Settings::of(Format::Jpeg), size, true, ColorSpace::Srgb),
        (
            Settings::of(Format::WebP),
            Size::new(16_384, 16).unwrap(),
            false,
            ColorSpace::Srgb,
        ),
        (
            Settings::of(Format::Avif),
            size,
            false,
            ColorSpace::DisplayP3,
        ),
    ];
    for (settings, size, alpha, space) in wrong {
        assert_eq!(
            settings.check(size, alpha, space).unwrap_err().fault(),
            Fault::Request,
            "{settings:?}"
        );
    }
    assert!(Format::from_path(std::path::Path::new("a.bmp")).is_err());
    assert!(Format::from_path(std::path::Path::new("noending")).is_err());
}

#[test]
fn previews_have_all_frames_and_the_first_is_the_still() {
    let scene = scene(false);
    let mut painter = Painter::new(&scene.field, &scene.look, scene.request.size, Depth::Eight);
    let still = Picture::collect(&mut painter);
    let frames = vec![still.clone(), still.clone(), still.clone()];
    let (mut apng, mut animation) = (Vec::new(), Vec::new());
    write_apng(&frames, 12, &provenance(), &mut apng).unwrap();
    write_gif(&frames, 12, &mut animation).unwrap();
    let reader = png::Decoder::new(Cursor::new(&apng)).read_info().unwrap();
    assert_eq!(reader.info().animation_control.unwrap().num_frames, 3);
    assert!(decoded(&apng).0.as_bytes() == still.bytes());
    let mut options = gif::DecodeOptions::new();
    options.set_color_output(gif::ColorOutput::RGBA);
    let mut decoder = options.read_info(Cursor::new(&animation)).unwrap();
    let mut count = 0;
    while let Some(frame) = decoder.read_next_frame().unwrap() {
        assert_eq!((frame.width, frame.height, frame.delay), (61, 37, 8));
        count += 1;
    }
    assert_eq!(count, 3);
}

#[test]
fn the_ffmpeg_line_tags_and_converts_by_bt709() {
    for video in [Video::ProRes, Video::H264] {
        let line = video
            .ffmpeg_arguments(30, "frames/%05d.png", "out.mov")
            .join(" ");
        for word in [
            "-colorspace bt709",
            "-color_primaries bt709",
            "-color_trc bt709",
            "out_color_matrix=bt709",
            "-framerate 30",
        ] {
            assert!(line.contains(word), "{word}: {line}");
        }
    }
}
