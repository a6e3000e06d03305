//! Screenshots on disk: written when asked for, otherwise compared with a tolerance.

use std::fs::{File, create_dir_all};
use std::io::{BufReader, BufWriter};
use std::path::{Path, PathBuf};

use super::painter::Canvas;

/// Set to write what is drawn as the new reference (after looking at it).
const WRITE: &str = "UNDERSTORY_WRITE_SCREENSHOTS";
/// A pixel differs when one of its channels is further off than this: another machine may round a blend the other way.
const CHANNEL_TOLERANCE: u8 = 6;
/// Share of the pixels that may differ: the edge of a glyph that another machine places half a pixel further.
const PIXEL_TOLERANCE: f64 = 0.002;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/editor/screenshots")
}

/// Compares with the kept picture of that name.
pub fn assert_looks_like(canvas: &Canvas, name: &str) {
    let path = folder().join(format!("{name}.png"));
    if std::env::var_os(WRITE).is_some() {
        write(canvas, &path);
        return;
    }
    let kept = read(&path);
    assert_eq!(
        (kept.width, kept.height),
        (canvas.width, canvas.height),
        "size of {name}"
    );
    let differing = canvas
        .pixels
        .iter()
        .zip(&kept.pixels)
        .filter(|(now, then)| {
            now.iter()
                .zip(*then)
                .any(|(now, then)| now.abs_diff(*then) > CHANNEL_TOLERANCE)
        });
    let share = differing.count() as f64 / canvas.pixels.len() as f64;
    if share > PIXEL_TOLERANCE {
        let found = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.png"));
        write(canvas, &found);
        panic!(
            "{name}: {:.2} % of the pixels differ from {}; look at {}",
            100.0 * share,
            path.display(),
            found.display()
        );
    }
}

pub fn write(canvas: &Canvas, path: &Path) {
    create_dir_all(path.parent().expect("a folder")).expect("the folder can be made");
    let file = BufWriter::new(File::create(path).expect("the picture can be written"));
    let mut encoder = png::Encoder::new(file, canvas.width as u32, canvas.height as u32);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_compression(png::Compression::High);
    let mut writer = encoder.write_header().expect("a header");
    writer
        .write_image_data(canvas.pixels.as_flattened())
        .expect("pixels");
}

fn read(path: &Path) -> Canvas {
    let (size, bytes) = read_bytes(path, png::ColorType::Rgb);
    let (pixels, _) = bytes.as_chunks::<3>();
    Canvas {
        width: size[0],
        height: size[1],
        pixels: pixels.to_vec(),
    }
}

/// Width, height and values of a grey picture.
pub fn read_grey(path: &Path) -> ([usize; 2], Vec<u8>) {
    read_bytes(path, png::ColorType::Grayscale)
}

fn read_bytes(path: &Path, color: png::ColorType) -> ([usize; 2], Vec<u8>) {
    let file = File::open(path).unwrap_or_else(|cause| {
        panic!("{}: {cause}; a missing screenshot is written with {WRITE}=1, after a look at the editor", path.display())
    });
    let mut reader = png::Decoder::new(BufReader::new(file))
        .read_info()
        .expect("a PNG");
    let mut bytes = vec![0; reader.output_buffer_size().expect("a size")];
    let info = reader.next_frame(&mut bytes).expect("a frame");
    assert_eq!(info.color_type, color, "{}", path.display());
    bytes.truncate(info.buffer_size());
    ([info.width as usize, info.height as usize], bytes)
}
