//! The figures of a report's line as people look for them: what the page and the table of a batch both show. Reads no file.

use serde_json::Value;

use super::report::Entry;

/// A text as good as none.
const NONE: &str = "";

/// The columns of the table, in order.
pub const COLUMNS: [&str; 24] = [
    "line",
    "id",
    "kind",
    "status",
    "file",
    "bytes",
    "sha256",
    "ms",
    "duration_s",
    "lufs",
    "true_peak_db",
    "gain_db",
    "f0_hz",
    "cents",
    "tempo_bpm",
    "num_hits",
    "worst_hit_ms",
    "width",
    "height",
    "contrast",
    "palette_error",
    "seed",
    "fingerprint",
    "error",
];

/// What stands in a column for an item; empty where the item has no such thing.
pub fn cell(entry: &Entry, column: &str) -> String {
    let file = entry.files.first();
    match column {
        "line" => entry.line.to_string(),
        "id" => entry.id.clone(),
        "kind" => entry.kind.clone(),
        "status" => entry.status.clone(),
        "file" => file.map_or_else(String::new, |made| {
            made.file.to_string_lossy().replace('\\', "/")
        }),
        "bytes" => file.map_or_else(String::new, |made| made.bytes.to_string()),
        "sha256" => file.map_or_else(String::new, |made| made.sha256.clone()),
        "ms" => entry.ms.to_string(),
        "num_hits" => hits(entry).map_or_else(String::new, |hits| hits.len().to_string()),
        "worst_hit_ms" => worst_hit_ms(entry).map_or_else(String::new, |ms| format!("{ms:.2}")),
        "error" => entry.error.clone(),
        figure => words(entry.figures.get(figure)),
    }
}

/// A number of the item.
pub fn number(entry: &Entry, figure: &str) -> Option<f64> {
    entry.figures.get(figure)?.as_f64()
}

/// How far the hit farthest from its wish is placed from it, ms; `None` for what has no hits.
pub fn worst_hit_ms(entry: &Entry) -> Option<f64> {
    let distance = |hit: &Value| Some((hit["placed"].as_f64()? - hit["wanted"].as_f64()?).abs());
    let distances = hits(entry)?.iter().filter_map(distance);
    distances.reduce(f64::max).map(|seconds| 1e3 * seconds)
}

fn hits(entry: &Entry) -> Option<&Vec<Value>> {
    entry.figures.get("hits")?.as_array()
}

fn words(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => NONE.to_owned(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}
