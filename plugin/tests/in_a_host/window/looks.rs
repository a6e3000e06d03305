//! The kept picture of the window, and what of it must be as it was.
//!
//! Map, list, note and figures show sounds and model, which change with what is shipped; how those are drawn is compared
//! without a window in `tests/editor`. Here the rooms count that look the same whatever plays.

use std::fs::File;
use std::io::{BufReader, BufWriter};
use std::path::{Path, PathBuf};

use super::screen::Picture;

/// Set to write what is seen as the new reference (after looking at it).
const WRITE: &str = "UNDERSTORY_WRITE_SCREENSHOTS";
/// A pixel differs when one of its channels is further off than this: another graphics library blends edges its own way.
const CHANNEL_TOLERANCE: u8 = 32;
/// Share of a room's pixels that may differ.
const PIXEL_TOLERANCE: f64 = 0.01;
/// Name, left and upper edge, right and lower edge, pixels.
type Room = (&'static str, [usize; 4]);

/// A window that is kept.
pub struct Kept {
    /// Its file's stem.
    name: &'static str,
    rooms: &'static [Room],
}

pub const INSTRUMENT: Kept = Kept {
    name: "looks",
    rooms: &[
        ("wordmark", [0, 0, 180, 48]),
        ("envelope and shape", [706, 226, 960, 480]),
        ("keyboard", [0, 506, 960, 576]),
    ],
};

pub const BED: Kept = Kept {
    name: "bed",
    rooms: &[
        ("wordmark", [0, 0, 180, 48]),
        ("mood and score", [0, 50, 256, 440]),
        ("export", [578, 540, 960, 576]),
    ],
};

fn reference_path(kept: &Kept) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/in_a_host/window");
    folder.join(format!("{}.png", kept.name))
}

/// Whether the reference is to be written anew.
pub fn is_writing() -> bool {
    std::env::var_os(WRITE).is_some()
}

pub fn write_reference(kept: &Kept, picture: &Picture) {
    write(picture, &reference_path(kept));
}

/// Keeps a picture for a person to look at; says where.
pub fn keep(picture: &Picture, name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.png"));
    write(picture, &path);
    path
}

/// The rooms that differ.
pub fn differing(kept: &Kept, now: &Picture, then: &Picture) -> Vec<&'static str> {
    assert_eq!((now.width, now.height), (then.width, then.height));
    let is_other = |room: [usize; 4]| share_of_other_pixels(now, then, room) > PIXEL_TOLERANCE;
    let rooms = kept.rooms.iter().filter(|(_, room)| is_other(*room));
    rooms.map(|(name, _)| *name).collect()
}

fn share_of_other_pixels(now: &Picture, then: &Picture, room: [usize; 4]) -> f64 {
    let [left, top, right, bottom] = room;
    let rows = (top..bottom).map(|row| row * now.width);
    let places = rows.flat_map(|row| row + left..row + right);
    let is_other = |place: &usize| {
        let channels = now.pixels[*place].iter().zip(then.pixels[*place]);
        channels
            .into_iter()
            .any(|(now, then)| now.abs_diff(then) > CHANNEL_TOLERANCE)
    };
    places.filter(is_other).count() as f64 / ((right - left) * (bottom - top)) as f64
}

fn write(picture: &Picture, path: &Path) {
    let file = BufWriter::new(File::create(path).expect("the picture can be written"));
    let mut encoder = png::Encoder::new(file, picture.width as u32, picture.height as u32);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_compression(png::Compression::High);
    let mut writer = encoder.write_header().expect("a header");
    writer
        .write_image_data(picture.pixels.as_flattened())
        .expect("pixels");
}

/// The kept picture.
pub fn reference(kept: &Kept) -> Picture {
    let path = reference_path(kept);
    let file = File::open(&path).unwrap_or_else(|cause| {
        panic!(
            "{}: {cause}; it is written with {WRITE}=1, after a look at the window",
            path.display()
        )
    });
    let mut reader = png::Decoder::new(BufReader::new(file))
        .read_info()
        .expect("a PNG");
    let mut bytes = vec![0; reader.output_buffer_size().expect("a size")];
    let info = reader.next_frame(&mut bytes).expect("a frame");
    bytes.truncate(info.buffer_size());
    let (pixels, _) = bytes.as_chunks::<3>();
    Picture {
        width: info.width as usize,
        height: info.height as usize,
        pixels: pixels.to_vec(),
    }
}
