//! A manifest as rows of named cells: CSV with a header, or JSON Lines. Knows no command.

use std::path::Path;

use serde_json::Value;

use super::fault::Fault;
use crate::failure::Failure;

/// Largest manifest that is read.
const MAX_BYTES: u64 = 256 << 20;

/// One item as it was written.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Line of the file, from 1.
    pub line: usize,
    /// Column and values, those without a value left out. A list has several.
    pub cells: Vec<(String, Vec<String>)>,
}

/// Rows that could be read, and what is wrong with the others.
pub struct Rows {
    /// In the order of the file.
    pub rows: Vec<Row>,
    /// Lines that are none.
    pub faults: Vec<Fault>,
}

/// Reads a manifest, by its ending: `.csv`, `.jsonl` or `.ndjson`.
///
/// # Errors
/// Exit code 3 when it cannot be read at all.
pub fn read(path: &Path) -> Result<Rows, Failure> {
    let wrong = |reason: String| Failure::input_file(format!("{}: {reason}", path.display()));
    let length = std::fs::metadata(path)
        .map_err(|error| wrong(error.to_string()))?
        .len();
    if length > MAX_BYTES {
        return Err(wrong(format!("{length} bytes are too many for a manifest")));
    }
    let bytes = std::fs::read(path).map_err(|error| wrong(error.to_string()))?;
    let text = String::from_utf8(bytes).map_err(|_| wrong("is no UTF-8 text".to_owned()))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let ending = path.extension().unwrap_or_default().to_ascii_lowercase();
    let rows = match ending.to_str() {
        Some("csv") => csv_rows(text).map_err(wrong)?,
        Some("jsonl" | "ndjson") => json_rows(text),
        _ => return Err(wrong("end its name with .csv or .jsonl".to_owned())),
    };
    if rows.rows.is_empty() && rows.faults.is_empty() {
        return Err(wrong("holds no item".to_owned()));
    }
    Ok(rows)
}

fn csv_rows(text: &str) -> Result<Rows, String> {
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .trim(csv::Trim::All)
        .comment(Some(b'#'))
        .from_reader(text.as_bytes());
    let header: Vec<String> = reader
        .headers()
        .map_err(|error| error.to_string())?
        .iter()
        .map(column_name)
        .collect();
    let mut rows = Vec::new();
    let mut faults = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| error.to_string())?;
        let line = record.position().map_or(0, |place| place.line() as usize);
        if record.len() != header.len() {
            let words = format!(
                "has {} cells, the header {}; quote cells that hold commas",
                record.len(),
                header.len()
            );
            faults.push(Fault::of_line(line, words));
            continue;
        }
        let cells = header.iter().zip(record.iter());
        let cells = cells.filter(|(_, cell)| !cell.is_empty());
        rows.push(Row {
            line,
            cells: cells
                .map(|(column, cell)| (column.clone(), vec![cell.to_owned()]))
                .collect(),
        });
    }
    Ok(Rows { rows, faults })
}

fn json_rows(text: &str) -> Rows {
    let mut rows = Vec::new();
    let mut faults = Vec::new();
    for (index, content) in text.lines().enumerate() {
        let line = index + 1;
        if content.trim().is_empty() {
            continue;
        }
        match serde_json::from_str(content) {
            Ok(Value::Object(object)) => {
                let mut cells = Vec::new();
                for (column, value) in &object {
                    let column = column_name(column);
                    match values(value) {
                        Some(values) if values.is_empty() => {}
                        Some(values) => cells.push((column, values)),
                        None => faults.push(Fault::at(
                            line,
                            &column,
                            "write a text, a number, true, false, or a list of those",
                        )),
                    }
                }
                rows.push(Row { line, cells });
            }
            Ok(_) => faults.push(Fault::of_line(line, "is no JSON object")),
            Err(error) => faults.push(Fault::of_line(line, format!("is no JSON: {error}"))),
        }
    }
    Rows { rows, faults }
}

/// As a flag is called, without its dashes.
fn column_name(text: &str) -> String {
    text.trim()
        .trim_start_matches('-')
        .replace('_', "-")
        .to_lowercase()
}

fn values(value: &Value) -> Option<Vec<String>> {
    match value {
        Value::Null => Some(Vec::new()),
        Value::String(text) => Some(vec![text.clone()]),
        Value::Number(_) | Value::Bool(_) => Some(vec![value.to_string()]),
        Value::Array(list) => list
            .iter()
            .map(|one| values(one).filter(|values| values.len() == 1 && !one.is_array()))
            .collect::<Option<Vec<_>>>()
            .map(|lists| lists.into_iter().flatten().collect()),
        Value::Object(_) => None,
    }
}
