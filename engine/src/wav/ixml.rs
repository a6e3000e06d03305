//! The recipe once more as iXML (specification 3.01): what recorders, editors and archives of film sound show. Any thread but the
//! audio thread.

use std::io::{self, Seek, Write};

use super::Recipe;
use super::broadcast::append_chunk;

const VERSION: &str = "3.01";
/// IPTC's term for what a trained model made (Digital Source Type vocabulary); pictures carry the same.
const NOTE: &str = "trainedAlgorithmicMedia";

/// Appends the chunk and mends the file's length.
pub(super) fn append<W: Write + Seek>(file: &mut W, recipe: &Recipe) -> io::Result<()> {
    append_chunk(file, b"iXML", document(recipe).as_bytes())
}

fn document(recipe: &Recipe) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<BWFXML><IXML_VERSION>{VERSION}</IXML_VERSION>\
         <PROJECT>{}</PROJECT><NOTE>{NOTE}</NOTE><USER>{}</USER></BWFXML>\n",
        escaped(&recipe.software),
        escaped(&recipe.comment)
    )
}

/// XML knows no control characters, which JSON has written out already.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
