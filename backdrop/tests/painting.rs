//! What must be true of every painted picture: its colours, its sameness over sizes and tiles.

#[path = "toy/load.rs"]
mod toy;

use backdrop::color::{ColorSpace, Oklab};
use backdrop::paint::Painter;
use backdrop::rows::{Depth, Rows};
use backdrop::{Field, Motion, Request, View};
use models::{DEFAULT_TRUNCATION, PictureGenerator, PicturePoint};
use toy::{COLORS, bytes, light, request, studio};

/// An upper bound of a point's distance to the hull of five others, which is the union of their five tetrahedra: in each the
/// barycentric coordinates are solved for (Cramer), negative ones set to 0, and the point compared with what is left.
fn distance_to_hull(point: Oklab, corners: &[Oklab; 5]) -> f64 {
    let of = |color: Oklab| [color.lightness, color.a, color.b];
    let minus = |one: [f64; 3], other: [f64; 3]| [0, 1, 2].map(|axis| one[axis] - other[axis]);
    let determinant = |[a, b, c]: [[f64; 3]; 3]| {
        a[0] * (b[1] * c[2] - b[2] * c[1]) - a[1] * (b[0] * c[2] - b[2] * c[0])
            + a[2] * (b[0] * c[1] - b[1] * c[0])
    };
    let mut nearest = f64::INFINITY;
    for left_out in 0..5 {
        let kept: Vec<[f64; 3]> = (0..5)
            .filter(|&corner| corner != left_out)
            .map(|corner| of(corners[corner]))
            .collect();
        let edges = [1, 2, 3].map(|corner| minus(kept[corner], kept[0]));
        let volume = determinant(edges);
        if volume.abs() < 1e-9 {
            continue;
        }
        let way = minus(of(point), kept[0]);
        let share = [0, 1, 2].map(|edge| {
            let mut edges = edges;
            edges[edge] = way;
            determinant(edges) / volume
        });
        let weights = [
            1.0 - share[0] - share[1] - share[2],
            share[0],
            share[1],
            share[2],
        ]
        .map(|weight: f64| weight.max(0.0));
        let sum: f64 = weights.iter().sum();
        let inside = [0, 1, 2].map(|axis| {
            (0..4)
                .map(|corner| weights[corner] / sum * kept[corner][axis])
                .sum::<f64>()
        });
        let gap = minus(inside, of(point));
        nearest = nearest.min(gap.iter().map(|part| part * part).sum::<f64>().sqrt());
    }
    nearest
}

#[test]
fn the_hull_distance_is_zero_inside_and_right_outside() {
    let at = |lightness: f64, a: f64, b: f64| Oklab { lightness, a, b };
    let corners = [
        at(0.0, 0.0, 0.0),
        at(1.0, 0.0, 0.0),
        at(0.0, 1.0, 0.0),
        at(0.0, 0.0, 1.0),
        at(0.1, 0.1, 0.1),
    ];
    assert!(distance_to_hull(at(0.2, 0.2, 0.2), &corners) < 1e-12);
    assert!((distance_to_hull(at(-0.3, 0.0, 0.0), &corners) - 0.3).abs() < 0.2);
}

fn colors_of(light: &[f32]) -> impl Iterator<Item = Oklab> {
    light
        .as_chunks::<3>()
        .0
        .iter()
        .map(|pixel| Oklab::from_linear(pixel.map(f64::from)))
}

#[test]
fn strict_pictures_stay_within_the_palettes_hull() {
    let mut studio = studio();
    for seed in 1..=4 {
        let mut request = request(64, 36, seed, COLORS);
        request.strict = true;
        let scene = studio.scene(&request).unwrap();
        let corners = scene.look.palette.oklab();
        let largest = colors_of(&light(&scene))
            .map(|color| distance_to_hull(color, &corners))
            .fold(0.0, f64::max);
        assert!(largest < 0.005, "seed {seed}: {largest}");
    }
}

#[test]
fn the_residual_moves_no_pixel_further_than_the_manifest_says_and_the_figure_tells() {
    let mut studio = studio();
    let bound = f64::from(studio.manifest().residual_bound);
    // Far from black, white and the edge of sRGB: what is clipped there counts too, and is not meant here.
    let free = request(512, 288, 3, "#6b5a5a,#5a6b5a,#5a5a6b,#7d7466,#66747d");
    let strict = Request {
        strict: true,
        ..free.clone()
    };
    let scene = studio.scene(&free).unwrap();
    let mixes = light(&studio.scene(&strict).unwrap());
    let moved = colors_of(&light(&scene))
        .zip(colors_of(&mixes))
        .map(|(free, strict)| free.distance(strict))
        .fold(0.0, f64::max);
    let mut painter = Painter::new(&scene.field, &scene.look, scene.request.size, Depth::Eight);
    while painter.next_row().is_some() {}
    let told = painter.measured().palette_error;
    assert!(moved <= told + 0.002, "moved {moved}, told {told}");
    assert!(
        moved > 0.0 && told <= bound + 0.03,
        "told {told}, bound {bound}"
    );
}

#[test]
fn where_light_is_clipped_the_figure_still_bounds_every_pixels_way_from_the_palette() {
    let mut studio = studio();
    for seed in 1..=3 {
        // Corners of sRGB: whatever the residual adds to them, no screen shows.
        let mut request = request(96, 54, seed, "#000000,#ff0000,#00ff00,#0000ff,#ffffff");
        // Hard edges: nearly every pixel is one of the corners.
        request.blend = 0.05;
        let scene = studio.scene(&request).unwrap();
        let light = light(&scene);
        let num_clipped = light
            .iter()
            .filter(|value| **value == 0.0 || **value == 1.0)
            .count();
        assert!(num_clipped > 0, "seed {seed}: nothing was clipped");
        let corners = scene.look.palette.oklab();
        let largest = colors_of(&light)
            .map(|color| distance_to_hull(color, &corners))
            .fold(0.0, f64::max);
        let mut painter = Painter::new(&scene.field, &scene.look, scene.request.size, Depth::Eight);
        while painter.next_row().is_some() {}
        let told = painter.measured().palette_error;
        // Single precision, as in the test above.
        assert!(
            largest <= told + 0.002,
            "seed {seed}: {largest}, told {told}"
        );
    }
}

#[test]
fn all_sizes_of_a_shape_are_the_same_picture() {
    let mut studio = studio();
    let small = studio.scene(&request(320, 180, 5, COLORS)).unwrap();
    let large = studio.scene(&request(1280, 720, 5, COLORS)).unwrap();
    assert_eq!(small.field, large.field);
    let (small, large) = (light(&small), light(&large));
    let mut sum = 0.0;
    for y in 0..180 {
        for x in 0..320 {
            for channel in 0..3 {
                let block = (0..4)
                    .flat_map(|dy| (0..4).map(move |dx| ((4 * y + dy) * 1280 + 4 * x + dx) * 3));
                let mean = block.map(|start| large[start + channel]).sum::<f32>() / 16.0;
                sum += f64::from((mean - small[(y * 320 + x) * 3 + channel]).abs());
            }
        }
    }
    let mean = sum / (320.0 * 180.0 * 3.0);
    assert!(mean < 0.004, "{mean}");
}

#[test]
fn wide_and_upright_pictures_share_their_middle() {
    let mut studio = studio();
    // 16:9 and 1:1 have the same units along the short side; the trunk sees the noise of both sides, so it is alike, not equal.
    let wide = studio.scene(&request(320, 180, 6, COLORS)).unwrap();
    let square = studio.scene(&request(180, 180, 6, COLORS)).unwrap();
    let (wide, square) = (light(&wide), light(&square));
    let (mut same, mut other) = (0.0, 0.0);
    for y in 60..120 {
        for x in 60..120 {
            let at = |light: &[f32], width: usize, x: usize| f64::from(light[(y * width + x) * 3]);
            same += (at(&wide, 320, x + 70) - at(&square, 180, x)).abs();
            other += (at(&wide, 320, x + 10) - at(&square, 180, x)).abs();
        }
    }
    assert!(same < 0.2 * other, "{same} {other}");
}

#[test]
fn tiles_of_any_height_give_the_same_cells_bit_for_bit() {
    let mut generator = PictureGenerator::load(toy::model()).unwrap();
    let manifest = generator.manifest().clone();
    let frame = manifest.geometry.frame(1920, 1080);
    let palette = manifest.reference.palette;
    let point = PicturePoint::from_seed(9, DEFAULT_TRUNCATION, palette, &manifest).unwrap();
    let whole = generator.run_in_tiles(&point, &frame, 1000).unwrap();
    for tile_rows in [1, 7, 32, 63] {
        assert!(
            generator.run_in_tiles(&point, &frame, tile_rows).unwrap() == whole,
            "{tile_rows}"
        );
    }
}

#[test]
fn the_same_request_has_the_same_pixels_and_another_seed_others() {
    let paint = |seed| bytes(&studio().scene(&request(160, 90, seed, COLORS)).unwrap());
    assert!(paint(1) == paint(1));
    assert!(paint(1) != paint(2));
}

#[test]
fn grain_and_stars_change_pixels_but_not_the_palette_figure() {
    let mut studio = studio();
    let plain = request(640, 360, 3, "#020308,#0a1020,#101c3a,#20305a,#304878");
    let rough = Request {
        grain: 0.4,
        stars: 1.0,
        ..plain.clone()
    };
    let figures = |scene: &backdrop::Scene| {
        let mut painter = Painter::new(&scene.field, &scene.look, scene.request.size, Depth::Eight);
        while painter.next_row().is_some() {}
        painter.measured()
    };
    let (plain, rough) = (studio.scene(&plain).unwrap(), studio.scene(&rough).unwrap());
    assert_ne!(figures(&plain).fingerprint, figures(&rough).fingerprint);
    assert_eq!(figures(&plain).palette_error, figures(&rough).palette_error);
    // Stars are bright points on this dark ground.
    let brightest = |scene: &backdrop::Scene| light(scene).into_iter().fold(0.0, f32::max);
    assert!(brightest(&rough) > 2.0 * brightest(&plain));
}

#[test]
fn display_p3_shows_the_same_colors_in_other_numbers() {
    let mut studio = studio();
    // Mixes of the palette alone: a residual may leave sRGB, and what is clipped there is not clipped here.
    let srgb = Request {
        strict: true,
        ..request(96, 54, 4, COLORS)
    };
    let wide = Request {
        color_space: ColorSpace::DisplayP3,
        ..srgb.clone()
    };
    let (srgb, wide) = (
        light(&studio.scene(&srgb).unwrap()),
        light(&studio.scene(&wide).unwrap()),
    );
    // Linear Display P3 to linear sRGB, CSS Color 4.
    let back = [
        [1.224_940_2, -0.224_940_2, 0.0],
        [-0.042_057, 1.042_057, 0.0],
        [-0.019_637_6, -0.078_636, 1.098_273_6],
    ];
    for (srgb, wide) in srgb.as_chunks::<3>().0.iter().zip(wide.as_chunks::<3>().0) {
        for (row, expected) in back.iter().zip(srgb) {
            let found: f32 = row
                .iter()
                .zip(wide)
                .map(|(factor, value)| factor * value)
                .sum();
            assert!((found - expected).abs() < 2e-3, "{found} {expected}");
        }
    }
    assert!(srgb != wide);
}

#[test]
fn a_transparent_color_leaves_alpha_where_the_others_are() {
    let mut studio = studio();
    let mut request = request(96, 54, 4, COLORS);
    request.transparent = Some(1);
    let scene = studio.scene(&request).unwrap();
    let light = light(&scene);
    assert_eq!(light.len(), 96 * 54 * 4);
    let alpha: Vec<f32> = light.iter().skip(3).step_by(4).copied().collect();
    assert!(alpha.iter().all(|alpha| (0.0..=1.0).contains(alpha)));
    let (low, high) = (
        alpha.iter().copied().fold(1.0, f32::min),
        alpha.iter().copied().fold(0.0, f32::max),
    );
    assert!(low < 0.9 && high > low, "{low} {high}");
    request.transparent = Some(6);
    assert!(studio.scene(&request).is_err());
}

#[test]
fn a_single_pixel_and_a_line_are_pictures_too() {
    let mut studio = studio();
    for (width, height) in [(1, 1), (1, 4000), (4000, 1), (2, 3), (17, 1)] {
        let scene = studio.scene(&request(width, height, 1, COLORS)).unwrap();
        assert_eq!(bytes(&scene).len() as u32, width * height * 3);
    }
}

#[test]
fn numbers_that_are_not_finite_or_out_of_range_are_refused() {
    let plain = || request(64, 36, 1, COLORS);
    let wrong = [
        Request {
            grain: 1.5,
            ..plain()
        },
        Request {
            grain: f32::NAN,
            ..plain()
        },
        Request {
            stars: -0.1,
            ..plain()
        },
        Request {
            blend: 0.0,
            ..plain()
        },
        Request {
            view: View {
                zoom: 0.5,
                ..View::default()
            },
            ..plain()
        },
        Request {
            view: View {
                zoom: f64::NAN,
                ..View::default()
            },
            ..plain()
        },
        Request {
            styles: vec![("no such style".into(), 1.0)],
            ..plain()
        },
        Request {
            styles: vec![("silk".into(), -1.0)],
            ..plain()
        },
        Request {
            styles: vec![("silk".into(), 0.0)],
            ..plain()
        },
        Request {
            styles: vec![("silk".into(), f32::MAX), ("mesh".into(), f32::MAX)],
            ..plain()
        },
        Request {
            controls: vec![("detail".into(), 99.0)],
            ..plain()
        },
        Request {
            controls: vec![("nonsense".into(), 0.0)],
            ..plain()
        },
        Request {
            latent_sum: vec![(1.0, 5), (-1.0, 5)],
            ..plain()
        },
    ];
    let mut studio = studio();
    for request in wrong {
        let error = studio.scene(&request).unwrap_err();
        assert_eq!(error.fault(), backdrop::Fault::Request, "{error}");
    }
}

#[test]
fn a_sum_of_seeds_that_is_one_seed_is_that_seeds_shape() {
    let mut studio = studio();
    let mut field = |sum: Vec<(f32, u32)>| {
        let request = Request {
            latent_sum: sum,
            styles: vec![("silk".into(), 1.0)],
            ..request(64, 36, 1, COLORS)
        };
        studio.field(&request, Motion::default()).unwrap()
    };
    let (one, same, other) = (
        field(vec![(1.0, 7)]),
        field(vec![(1.0, 3), (-1.0, 3), (1.0, 7)]),
        field(vec![(1.0, 8)]),
    );
    let far = |left: &Field, right: &Field| {
        left.planes()
            .iter()
            .zip(right.planes())
            .map(|(left, right)| (left - right).abs())
            .fold(0.0, f32::max)
    };
    assert!(far(&one, &same) < 1e-3);
    assert!(far(&one, &other) > 1e-2);
}
