//! FCPXML: markers on the clips of the sequence, times as exact fractions. A document type, and with it every entity from
//! outside, is refused.

use roxmltree::{Document, Node, ParsingOptions};

use super::{Cues, hit, wrong_line};
use crate::error::{Error, Result};

/// Elements that are moments.
const MARKERS: [&str; 2] = ["marker", "chapter-marker"];
/// Deepest nesting that is followed.
const MAX_DEPTH: usize = 256;
/// Most nodes of a document.
const MAX_NODES: u32 = 5_000_000;

pub(super) fn read(text: &str) -> Result<Cues> {
    let options = ParsingOptions {
        allow_dtd: false,
        nodes_limit: MAX_NODES,
        ..ParsingOptions::default()
    };
    // FCPXML files open with a document type that names no file; what it could do is not wanted.
    let text = without_plain_document_type(text);
    let document = Document::parse_with_options(&text, options).map_err(|error| {
        let line = error.pos().row as usize;
        let what = match error {
            roxmltree::Error::DtdDetected => {
                "declares a document type with entities, which is refused".to_owned()
            }
            other => format!("is no XML ({other})"),
        };
        wrong_line(
            line,
            text.lines().nth(line.saturating_sub(1)).unwrap_or_default(),
            &what,
        )
    })?;
    let sequence = document
        .descendants()
        .find(|node| node.has_tag_name("sequence"))
        .ok_or_else(|| Error::score("the XML holds no sequence", "export the project as FCPXML"))?;
    let mut cues = Cues::default();
    let start_s = attribute_s(sequence, "tcStart")?.unwrap_or(0.0);
    for spine in sequence
        .children()
        .filter(|node| node.has_tag_name("spine"))
    {
        walk(spine, -start_s, 0, &mut cues)?;
    }
    Ok(cues)
}

/// Takes out `<!DOCTYPE fcpxml>`, which every FCPXML file has; anything longer stays and is refused by the parser.
fn without_plain_document_type(text: &str) -> String {
    let plain = "<!DOCTYPE fcpxml>";
    match text.find(plain) {
        // As many characters as before, so that lines keep their numbers and columns.
        Some(place) => {
            let mut mended = text.to_owned();
            mended.replace_range(place..place + plain.len(), &" ".repeat(plain.len()));
            mended
        }
        None => text.to_owned(),
    }
}

/// Children of a container: `origin_s` is where the container's own time 0 falls in the sequence.
fn walk(container: Node<'_, '_>, origin_s: f64, depth: usize, cues: &mut Cues) -> Result<()> {
    if depth > MAX_DEPTH {
        return Err(wrong_line(line_of(container), "", "is nested too deeply"));
    }
    for node in container.children().filter(Node::is_element) {
        if MARKERS.contains(&node.tag_name().name()) {
            let start_s = attribute_s(node, "start")?.unwrap_or(0.0);
            let time_s = origin_s + start_s;
            if time_s < -1e-9 {
                let value = node.attribute("start").unwrap_or_default();
                return Err(wrong_line(line_of(node), value, "lies before the sequence"));
            }
            let name = node.attribute("value").unwrap_or_default();
            cues.hits.push(hit(time_s.max(0.0), name, line_of(node)));
        } else if let Some(offset_s) = attribute_s(node, "offset")? {
            // A clip's own clock shows `start` at `offset` of its container's clock.
            let start_s = attribute_s(node, "start")?.unwrap_or(0.0);
            walk(node, origin_s + offset_s - start_s, depth + 1, cues)?;
        } else {
            walk(node, origin_s, depth + 1, cues)?;
        }
    }
    Ok(())
}

/// `1001/30000s`, `5s`.
fn attribute_s(node: Node<'_, '_>, name: &str) -> Result<Option<f64>> {
    let Some(text) = node.attribute(name) else {
        return Ok(None);
    };
    let number = |digits: &str| {
        digits
            .trim()
            .parse::<f64>()
            .ok()
            .filter(|value| value.is_finite())
    };
    let seconds =
        text.trim()
            .strip_suffix('s')
            .and_then(|fraction| match fraction.split_once('/') {
                Some((numerator, denominator)) => {
                    let denominator = number(denominator).filter(|value| *value > 0.0)?;
                    Some(number(numerator)? / denominator)
                }
                None => number(fraction),
            });
    seconds.map(Some).ok_or_else(|| {
        wrong_line(
            line_of(node),
            text,
            &format!("is no time ({name} is written as 1001/30000s)"),
        )
    })
}

fn line_of(node: Node<'_, '_>) -> usize {
    node.document().text_pos_at(node.range().start).row as usize
}
