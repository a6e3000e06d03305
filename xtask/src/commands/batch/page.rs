//! `report.html`: the batch as a page to look at and listen to. It lies beside the files and names them by relative
//! links; it has no script and asks no network.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use super::figures::{number, worst_hit_ms};
use super::report::{Entry, MadeFile};
use crate::failure::Failure;
use crate::output_file::OutputFile;

/// Kinds of items in the order of their sections, each with what it is called there.
const KINDS: [(&str, &str); 4] = [
    ("bed", "Beds"),
    ("render", "Renders"),
    ("note", "Notes"),
    ("backdrop", "Backdrops"),
];
/// Endings of what browsers show, by the element that shows it.
const SOUNDS: [&str; 1] = ["wav"];
const PICTURES: [&str; 6] = ["png", "jpg", "jpeg", "webp", "gif", "avif"];
const FILMS: [&str; 3] = ["mp4", "mov", "webm"];
const STYLE: &str = include_str!("page.css");

/// Writes the page; `sheets` are the contact sheets.
///
/// # Errors
/// Exit code 4 when the disk is full or fails.
pub fn write(
    folder: &Path,
    title: &str,
    entries: &[Entry],
    sheets: &[PathBuf],
) -> Result<PathBuf, Failure> {
    let text = page(title, entries, folder, sheets);
    OutputFile::write_whole(&folder.join("report.html"), true, text.as_bytes())
}

fn page(title: &str, entries: &[Entry], folder: &Path, sheets: &[PathBuf]) -> String {
    let title = escaped(title);
    let mut text = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<h1>{title}</h1>\n"
    );
    text += &summary(entries);
    text += &failures(entries);
    for (kind, name) in KINDS {
        let items: Vec<&Entry> = entries
            .iter()
            .filter(|entry| entry.kind == kind && !entry.failed())
            .collect();
        if !items.is_empty() {
            text += &section(name, &items, kind == "backdrop");
        }
    }
    if !sheets.is_empty() {
        text += "<h2>Contact sheets</h2>\n";
    }
    for sheet in sheets {
        let link = link(sheet.strip_prefix(folder).unwrap_or(sheet));
        // Writing to a text cannot fail.
        let _ = writeln!(
            text,
            "<a href=\"{link}\"><img class=\"sheet\" loading=\"lazy\" src=\"{link}\" alt=\"contact sheet\"></a>"
        );
    }
    text + "</body>\n</html>\n"
}

/// What came of everything, in one table.
fn summary(entries: &[Entry]) -> String {
    let mut text = String::from(
        "<table class=\"summary\">\n<tr><th></th><th>made</th><th>failed</th><th>seconds to make</th><th>length</th>\
         <th>loudness</th><th>highest true peak</th><th>farthest hit</th><th>lowest contrast</th></tr>\n",
    );
    for (kind, name) in KINDS {
        let items: Vec<&Entry> = entries.iter().filter(|entry| entry.kind == kind).collect();
        if items.is_empty() {
            continue;
        }
        let num_failed = items.iter().filter(|entry| entry.failed()).count();
        let figures =
            |name: &'static str| items.iter().filter_map(move |entry| number(entry, name));
        let made_s = 1e-3 * items.iter().map(|entry| entry.ms).sum::<f64>();
        let length_s: f64 = figures("duration_s").sum();
        let farthest_ms = items.iter().filter_map(|entry| worst_hit_ms(entry));
        let cells = [
            name.to_owned(),
            (items.len() - num_failed).to_string(),
            num_failed.to_string(),
            format!("{made_s:.1}"),
            length(length_s),
            range(figures("lufs")),
            shown(figures("true_peak_db").reduce(f64::max), 2, " dBTP"),
            shown(farthest_ms.reduce(f64::max), 2, " ms"),
            shown(figures("contrast").reduce(f64::min), 2, ":1"),
        ];
        let _ = writeln!(text, "<tr><td>{}</td></tr>", cells.join("</td><td>"));
    }
    text + "</table>\n<p>All figures: <a href=\"report.csv\">report.csv</a>, <a href=\"report.jsonl\">report.jsonl</a>.</p>\n"
}

fn failures(entries: &[Entry]) -> String {
    let failed: Vec<&Entry> = entries.iter().filter(|entry| entry.failed()).collect();
    if failed.is_empty() {
        return String::new();
    }
    let mut text = String::from("<h2>Failed</h2>\n<ul class=\"failed\">\n");
    for entry in failed {
        let _ = writeln!(
            text,
            "<li>line {}, <b>{}</b>: {}</li>",
            entry.line,
            escaped(&entry.id),
            escaped(&entry.error)
        );
    }
    text + "</ul>\n"
}

fn section(name: &str, items: &[&Entry], are_pictures: bool) -> String {
    let class = if are_pictures { "pictures" } else { "sounds" };
    let mut text = format!("<h2>{name}</h2>\n<div class=\"{class}\">\n");
    for entry in items {
        text += &item(entry);
    }
    text + "</div>\n"
}

fn item(entry: &Entry) -> String {
    let shows = entry.files.first().map(element).unwrap_or_default();
    let figures = [
        number(entry, "duration_s").map(length),
        number(entry, "lufs").map(|lufs| format!("{lufs:.1} LUFS")),
        number(entry, "true_peak_db").map(|peak| format!("{peak:.1} dBTP")),
        number(entry, "tempo_bpm").map(|tempo| format!("{tempo:.0} bpm")),
        worst_hit_ms(entry).map(|ms| format!("hits within {ms:.1} ms")),
        number(entry, "cents").map(in_cents),
        size(entry),
        number(entry, "contrast").map(|contrast| format!("contrast {contrast:.2}:1")),
        Some(format!("made in {:.0} ms", entry.ms)),
    ];
    let figures: Vec<String> = figures.into_iter().flatten().collect();
    let more = entry.files.iter().skip(1).map(|made| {
        let name = made.file.file_name().unwrap_or_default().to_string_lossy();
        format!(" <a href=\"{}\">{}</a>", link(&made.file), escaped(&name))
    });
    let id = escaped(&entry.id);
    format!(
        "<figure id=\"{id}\">{shows}<figcaption><b>{id}</b> {}{}</figcaption></figure>\n",
        figures.join(" · "),
        more.take(8).collect::<String>()
    )
}

/// To a tenth; hardly flat is +0.0 and not -0.0.
fn in_cents(cents: f64) -> String {
    let tenths = (10.0 * cents).round() + 0.0;
    format!("{:+.1} cents", tenths / 10.0)
}

fn size(entry: &Entry) -> Option<String> {
    let (width, height) = (number(entry, "width")?, number(entry, "height")?);
    Some(format!("{width} x {height}"))
}

/// What a browser shows of a file.
fn element(made: &MadeFile) -> String {
    let ending = made.file.extension().unwrap_or_default().to_string_lossy();
    let (link, ending) = (link(&made.file), ending.to_lowercase());
    let is_one_of = |endings: &[&str]| endings.contains(&ending.as_str());
    if is_one_of(&SOUNDS) {
        return format!("<audio controls preload=\"none\" src=\"{link}\"></audio>");
    }
    if is_one_of(&PICTURES) {
        return format!("<a href=\"{link}\"><img loading=\"lazy\" src=\"{link}\" alt=\"\"></a>");
    }
    if is_one_of(&FILMS) {
        return format!("<video controls loop preload=\"none\" src=\"{link}\"></video>");
    }
    format!(
        "<a href=\"{link}\">{}</a>",
        escaped(&made.file.to_string_lossy())
    )
}

fn length(seconds: f64) -> String {
    if seconds <= 0.0 {
        return String::new();
    }
    if seconds < 60.0 {
        return format!("{seconds:.1} s");
    }
    let whole = seconds.round() as u64;
    format!("{}:{:02} min", whole / 60, whole % 60)
}

fn range(values: impl Iterator<Item = f64>) -> String {
    let (low, high) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
        (low.min(value), high.max(value))
    });
    if low > high {
        return String::new();
    }
    format!("{low:.1} to {high:.1} LUFS")
}

fn shown(value: Option<f64>, decimals: usize, unit: &str) -> String {
    value.map_or_else(String::new, |value| format!("{value:.decimals$}{unit}"))
}

/// A relative path as a link: what is no letter, digit or one of `-._~/` as percent and its bytes (RFC 3986). A first
/// part with a colon would be a scheme, so every link starts in the folder.
fn link(path: &Path) -> String {
    let mut text = String::from("./");
    for byte in path.to_string_lossy().replace('\\', "/").bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            text.push(char::from(byte));
        } else {
            let _ = write!(text, "%{byte:02X}");
        }
    }
    text
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_that_is_hardly_flat_is_in_tune() {
        let told = [-0.04, 0.04, -0.06, 3.26].map(in_cents);
        let wanted = ["+0.0", "+0.0", "-0.1", "+3.3"].map(|number| format!("{number} cents"));
        assert_eq!(told, wanted);
    }

    #[test]
    fn names_that_mean_something_in_html_or_links_are_written_out() {
        assert_eq!(link(Path::new("a b/c#1?.png")), "./a%20b/c%231%3F.png");
        assert_eq!(link(Path::new("ü.wav")), "./%C3%BC.wav");
        assert_eq!(escaped("<b> & \"c\""), "&lt;b&gt; &amp; &quot;c&quot;");
    }
}
