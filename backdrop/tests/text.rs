//! A text can be read where it is said to be readable.

#[path = "toy/load.rs"]
mod toy;

use backdrop::color::{Srgb8, contrast_ratio};
use backdrop::guide::guide;
use backdrop::paint::Painter;
use backdrop::palette::Palette;
use backdrop::rows::{Depth, Rows};
use backdrop::sheet::{SheetShape, arrange};
use backdrop::size::Area;
use backdrop::text::READABLE;
use backdrop::{Request, Scene, Size, Studio, TextRequest};
use toy::{COLORS, bytes, request, studio};

fn with_text(
    request: Request,
    area: &str,
    ink: Option<&str>,
    search: bool,
    scrim: bool,
) -> Request {
    let area = Area::from_text(area, request.size).unwrap();
    let ink = ink.map(|hex| Srgb8::from_hex(hex).unwrap());
    Request {
        text: Some(TextRequest {
            area,
            ink,
            search,
            scrim,
        }),
        ..request
    }
}

/// The figure by WCAG's own words, from the finished eight-bit pixels.
fn worst_contrast(scene: &Scene, area: Area, ink: Srgb8) -> f64 {
    let size = scene.request.size;
    let (left, top, right, bottom) = area.pixels(size);
    let bytes = bytes(scene);
    let mut ratios: Vec<f64> = (top..bottom)
        .flat_map(|y| (left..right).map(move |x| (y * size.width() + x) as usize * 3))
        .map(|at| {
            contrast_ratio(
                Srgb8([bytes[at], bytes[at + 1], bytes[at + 2]]).luminance(),
                ink.luminance(),
            )
        })
        .collect();
    ratios.sort_by(f64::total_cmp);
    ratios[ratios.len() / 20]
}

fn told(studio: &mut Studio, request: &Request) -> (Scene, f64) {
    let scene = studio.scene(request).unwrap();
    let mut painter = Painter::new(&scene.field, &scene.look, request.size, Depth::Eight);
    while painter.next_row().is_some() {}
    let contrast = painter.measured().contrast.unwrap().worst;
    (scene, contrast)
}

#[test]
fn the_contrast_figure_is_that_of_the_finished_pixels() {
    let mut studio = studio();
    for seed in 1..5 {
        let request = with_text(
            request(320, 180, seed, COLORS),
            "10%,20%,40%,30%",
            Some("#ffffff"),
            false,
            false,
        );
        let (scene, told) = told(&mut studio, &request);
        let area = request.text.unwrap().area;
        let found = worst_contrast(&scene, area, Srgb8([255; 3]));
        // Dither moves a pixel by up to a step, and the count has steps of 1/256.
        assert!(
            (told - found).abs() < 0.02 * found + 0.01,
            "seed {seed}: {told} {found}"
        );
    }
}

#[test]
fn of_a_hundred_legible_requests_a_hundred_reach_four_and_a_half() {
    let mut studio = studio();
    let inks = [None, Some("#ffffff"), Some("#000000"), Some("#ffe9a8")];
    let boxes = ["5%,60%,60%,30%", "0,0,40%,100%", "25%,35%,50%,30%"];
    let (mut by_search, mut by_scrim) = (0, 0);
    for seed in 0..100u32 {
        let plain = Request {
            palette: Some(Palette::from_seed(1000 + seed)),
            ..request(192, 108, seed, COLORS)
        };
        let ink = inks[seed as usize % inks.len()];
        let request = with_text(plain, boxes[seed as usize % boxes.len()], ink, true, true);
        let (scene, contrast) = told(&mut studio, &request);
        assert!(contrast >= READABLE, "seed {seed}, {ink:?}: {contrast}");
        if scene.look.scrim.is_some() {
            by_scrim += 1;
        } else {
            by_search += 1;
        }
        let found = worst_contrast(
            &scene,
            request.text.unwrap().area,
            scene.legibility.unwrap().ink,
        );
        assert!(
            found >= 0.98 * READABLE,
            "seed {seed}: {found} on the pixels"
        );
    }
    assert!(by_search > 0 && by_scrim > 0, "{by_search} {by_scrim}");
}

#[test]
fn a_scrim_leaves_pixels_far_from_the_text_alone() {
    let mut studio = studio();
    let plain = request(320, 180, 3, "#606060,#707070,#808080,#909090,#a0a0a0");
    let text = with_text(plain.clone(), "5%,5%,20%,20%", Some("#ffffff"), false, true);
    let (plain, text) = (studio.scene(&plain).unwrap(), studio.scene(&text).unwrap());
    assert!(text.look.scrim.is_some());
    let (plain, text) = (bytes(&plain), bytes(&text));
    let pixel = |bytes: &[u8], x: usize, y: usize| bytes[(y * 320 + x) * 3];
    assert!(pixel(&text, 40, 25) < pixel(&plain, 40, 25));
    assert_eq!(pixel(&text, 250, 150), pixel(&plain, 250, 150));
}

#[test]
fn a_scrim_is_not_painted_where_the_text_reads_anyway() {
    let text = with_text(
        request(320, 180, 3, "#000000,#050505,#0a0a0a,#101010,#151515"),
        "5%,5%,50%,50%",
        None,
        true,
        true,
    );
    let scene = studio().scene(&text).unwrap();
    assert_eq!(
        (scene.look.scrim, scene.num_tried_seeds, scene.request.seed),
        (None, 1, 3)
    );
    assert_eq!(scene.legibility.unwrap().ink, Srgb8([255; 3]));
}

#[test]
fn busy_ground_is_told_from_calm_ground() {
    let mut studio = studio();
    let mut busyness = |palette: &str| {
        // The residual is as busy on any palette.
        let ground = Request {
            strict: true,
            ..request(320, 180, 3, palette)
        };
        let text = with_text(ground, "0,0,100%,100%", None, false, false);
        studio.scene(&text).unwrap().legibility.unwrap().busyness
    };
    let (busy, calm) = (busyness("#000000,#ffffff"), busyness("#404040,#484848"));
    assert!(busy > 4.0 * calm, "{busy} {calm}");
}

#[test]
fn boxes_are_read_in_pixels_and_percent_and_refused_outside() {
    let size = Size::new(1000, 500).unwrap();
    let area = Area::from_text("100, 20%,50%,100", size).unwrap();
    assert_eq!(area.pixels(size), (100, 100, 600, 200));
    for text in [
        "",
        "1,2,3",
        "1,2,3,4,5",
        "a,b,c,d",
        "0,0,0,10",
        "0,0,-5,10",
        "900,0,200,10",
        "0,0,101%,5",
        "NaN,0,1,1",
        "-1,0,10,10",
    ] {
        assert!(Area::from_text(text, size).is_err(), "{text}");
    }
}

#[test]
fn sizes_are_read_by_name_and_number_and_refused_beyond_the_limits() {
    assert_eq!(
        Size::from_text("4k").unwrap(),
        Size::new(3840, 2160).unwrap()
    );
    assert_eq!(
        Size::from_text("16384X1").unwrap(),
        Size::new(16_384, 1).unwrap()
    );
    for text in [
        "0x10",
        "10x0",
        "100000x1",
        "16385x16",
        "99999999999x5",
        "-5x5",
        "1920",
        "big",
        "",
        "1920x1080x3",
    ] {
        let error = Size::from_text(text).unwrap_err();
        assert_eq!(error.fault(), backdrop::Fault::Request, "{text}");
    }
}

#[test]
fn the_guide_marks_the_safe_frames_and_the_box_and_nothing_else() {
    let size = Size::new(1000, 500).unwrap();
    let area = Area::from_text("20%,60%,30%,20%", size).unwrap();
    let picture = guide(size, Some(area)).unwrap();
    let alpha = |x: usize, y: usize| picture.bytes()[(y * 1000 + x) * 4 + 3];
    // Title safe leaves 5 % on each side, action safe 3.5 %; the box begins at 200, 300.
    assert!(alpha(50, 200) > 0 && alpha(35, 200) > 0 && alpha(200, 350) > 0 && alpha(500, 250) > 0);
    assert_eq!(alpha(120, 120), 0);
    assert_eq!(alpha(250, 350), 0);
}

#[test]
fn a_sheet_holds_its_pictures_in_order() {
    let mut studio = studio();
    let shape = SheetShape::from_text("3x2").unwrap();
    let mut pictures = Vec::new();
    for seed in 0..6 {
        let scene = studio.scene(&request(64, 36, seed, COLORS)).unwrap();
        let mut painter = Painter::new(&scene.field, &scene.look, scene.request.size, Depth::Eight);
        pictures.push(backdrop::rows::Picture::collect(&mut painter));
    }
    let sheet = arrange(shape, &pictures).unwrap();
    let size = sheet.layout().size;
    assert_eq!((size.width(), size.height()), (8 + 3 * 72, 8 + 2 * 44));
    let at = |x: usize, y: usize| &sheet.bytes()[(y * size.width() as usize + x) * 3..][..3];
    // The fifth picture is in the second row, second column.
    assert_eq!(at(8 + 72, 8 + 44), &pictures[4].bytes()[..3]);
    for text in ["0x3", "3", "x", "21x20", "-1x2", "1000x1"] {
        assert!(SheetShape::from_text(text).is_err(), "{text}");
    }
}
