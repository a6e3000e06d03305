//! A bed as a picture of its notes: time to the right, pitch upwards, one color a part; sections, chords and hits above. PNG
//! bytes out.

use engine::score::compose::{Bed, BedNote, BedPart};

use super::canvas::{Canvas, Color, Rectangle};
use super::text::{Align, Font};

const WIDTH: usize = 1600;
const HEIGHT: usize = 900;
const ROLL: Rectangle = Rectangle {
    left: 92,
    top: 150,
    width: 1460,
    height: 650,
};
/// Keys of the picture.
const KEYS: (u8, u8) = (24, 96);
const BACKGROUND: Color = [10, 9, 16];
const PLOT_BACKGROUND: Color = [16, 15, 24];
const LINE: Color = [52, 49, 64];
const TITLE: Color = [250, 240, 228];
const LABEL: Color = [176, 168, 178];
const HIT: Color = [255, 226, 120];
/// By number of the part.
const PARTS: [Color; 5] = [
    [98, 122, 190],
    [196, 88, 92],
    [104, 186, 150],
    [242, 190, 110],
    [190, 132, 214],
];

/// Draws the bed.
///
/// # Errors
/// When the encoder fails.
pub fn png_bytes(bed: &Bed) -> Result<Vec<u8>, Box<dyn std::error::Error + Send + Sync>> {
    let font = Font::embedded()?;
    let mut canvas = Canvas::new(WIDTH, HEIGHT, BACKGROUND);
    let title = format!(
        "{}, {:.1} s, {:.1} beats a minute",
        bed.key, bed.length_s, bed.tempo_bpm
    );
    font.draw(&mut canvas, &title, (92.0, 44.0), 28.0, TITLE, Align::Left);
    canvas.fill(ROLL, PLOT_BACKGROUND);
    draw_grid(&mut canvas, &font, bed);
    for note in &bed.notes {
        draw_note(&mut canvas, bed, note);
    }
    draw_legend(&mut canvas, &font);
    Ok(canvas.png_bytes()?)
}

fn x(bed: &Bed, time_s: f64) -> usize {
    ROLL.left + (time_s / bed.length_s * ROLL.width as f64) as usize
}

fn y(key: u8) -> usize {
    let row = f64::from(KEYS.1.saturating_sub(key)) / f64::from(KEYS.1 - KEYS.0);
    ROLL.top + (row.clamp(0.0, 1.0) * (ROLL.height - 8) as f64) as usize
}

fn draw_grid(canvas: &mut Canvas, font: &Font, bed: &Bed) {
    for octave in (KEYS.0..=KEYS.1).step_by(12) {
        let line = Rectangle {
            left: ROLL.left,
            top: y(octave) + 4,
            width: ROLL.width,
            height: 1,
        };
        canvas.fill(line, LINE);
        let name = format!("C{}", octave / 12 - 1);
        let place = (84.0, (y(octave) + 8) as f32);
        font.draw(canvas, &name, place, 15.0, LABEL, Align::Right);
    }
    for section in &bed.sections {
        let left = x(bed, section.start_s);
        let color = if section.hit.is_some() { HIT } else { LABEL };
        let line = Rectangle {
            left,
            top: ROLL.top - 44,
            width: 1,
            height: ROLL.height + 44,
        };
        canvas.shade(line, color, 0.7);
        let name = section.kind.name();
        let place = (left as f32 + 5.0, 122.0);
        font.draw(canvas, name, place, 17.0, TITLE, Align::Left);
        let mut beat = 0.0;
        for bar in &section.bars {
            beat += bar;
            let line = Rectangle {
                left: x(bed, section.time_s(beat).min(bed.length_s)),
                top: ROLL.top,
                width: 1,
                height: ROLL.height,
            };
            canvas.shade(line, LINE, 0.8);
        }
    }
    // Chord names where there is room for them.
    let mut free = 0;
    for chord in &bed.chords {
        let section = &bed.sections[chord.section];
        let left = x(bed, section.time_s(chord.start_beat));
        if left >= free {
            let place = (left as f32 + 3.0, 144.0);
            font.draw(canvas, &chord.symbol, place, 13.0, LABEL, Align::Left);
            free = left + 12 + 7 * chord.symbol.len();
        }
    }
}

fn draw_note(canvas: &mut Canvas, bed: &Bed, note: &BedNote) {
    let left = x(bed, note.start_s);
    let right = x(bed, note.end_s).max(left + 2);
    let bar = Rectangle {
        left,
        top: y(note.key),
        width: right - left,
        height: 7,
    };
    canvas.shade(bar, PARTS[note.part.index()], 0.35 + 0.6 * note.velocity);
}

fn draw_legend(canvas: &mut Canvas, font: &Font) {
    for part in BedPart::ALL {
        let left = 92 + 130 * part.index();
        let color = PARTS[part.index()];
        canvas.fill(
            Rectangle {
                left,
                top: 832,
                width: 26,
                height: 12,
            },
            color,
        );
        let place = (left as f32 + 36.0, 845.0);
        font.draw(canvas, part.name(), place, 18.0, LABEL, Align::Left);
    }
}
