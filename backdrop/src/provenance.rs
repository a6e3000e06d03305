//! Where a picture came from: the recipe that makes it again, and the XMP packet that says a model made it. Any thread.

use serde_json::Value;

/// IPTC's term for pictures that a trained model made (Digital Source Type vocabulary).
const SOURCE_TYPE: &str = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia";
/// Namespace of our own XMP field.
const NAMESPACE: &str = "urn:understory:1.0";

/// What every file says about itself.
#[derive(Clone, Debug, PartialEq)]
pub struct Provenance {
    /// Makes the picture again: seed, model, settings.
    pub recipe: Value,
}

impl Provenance {
    /// The recipe on one line.
    pub fn recipe_text(&self) -> String {
        self.recipe.to_string()
    }

    /// The XMP packet (ISO 16684-1): source type, tool, recipe.
    pub fn xmp(&self) -> String {
        let tool = format!("Understory {}", env!("CARGO_PKG_VERSION"));
        let recipe = escaped(&self.recipe_text());
        format!(
            "<?xpacket begin=\"\u{feff}\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\
             <x:xmpmeta xmlns:x=\"adobe:ns:meta/\">\
             <rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">\
             <rdf:Description rdf:about=\"\" \
             xmlns:Iptc4xmpExt=\"http://iptc.org/std/Iptc4xmpExt/2008-02-29/\" \
             xmlns:xmp=\"http://ns.adobe.com/xap/1.0/\" xmlns:understory=\"{NAMESPACE}\" \
             Iptc4xmpExt:DigitalSourceType=\"{SOURCE_TYPE}\" xmp:CreatorTool=\"{tool}\" \
             understory:recipe=\"{recipe}\"/></rdf:RDF></x:xmpmeta><?xpacket end=\"r\"?>"
        )
    }
}

/// The recipe inside a file of any of our formats: its XMP is found by its field, wherever it lies. None when there is none.
pub fn recipe_of(bytes: &[u8]) -> Option<Value> {
    const FIELD: &[u8] = b"understory:recipe=\"";
    let start = bytes
        .windows(FIELD.len())
        .position(|window| window == FIELD)?
        + FIELD.len();
    let length = bytes[start..].iter().position(|&byte| byte == b'"')?;
    let text = std::str::from_utf8(&bytes[start..start + length]).ok()?;
    serde_json::from_str(&unescaped(text)).ok()
}

const ESCAPES: [(&str, &str); 4] = [
    ("&", "&amp;"),
    ("<", "&lt;"),
    (">", "&gt;"),
    ("\"", "&quot;"),
];

fn escaped(text: &str) -> String {
    ESCAPES
        .iter()
        .fold(text.to_owned(), |text, (plain, escape)| {
            text.replace(plain, escape)
        })
}

fn unescaped(text: &str) -> String {
    ESCAPES
        .iter()
        .rev()
        .fold(text.to_owned(), |text, (plain, escape)| {
            text.replace(escape, plain)
        })
}
