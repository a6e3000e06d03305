//! What a command has to say when it is done: words for people, JSON for scripts, an exit code.

use serde_json::{Map, Value};

/// A finished command. `main` prints it: the words to stdout, or with `--json` the JSON there and the words to stderr.
#[derive(Debug)]
pub struct Outcome {
    /// A few lines for a person; may be empty.
    pub words: String,
    /// One object for a script; none when another program has printed it already.
    pub json: Option<Map<String, Value>>,
    /// 0, unless the command did its work and the answer is a bad one (a check that failed).
    pub exit_code: u8,
}

impl Outcome {
    /// A command that did what was asked. `json` is best made by `serde_json::json!({...})`; what is no object is put
    /// under `result`.
    pub fn done(words: impl Into<String>, json: Value) -> Self {
        let json = match json {
            Value::Object(map) => map,
            other => Map::from_iter([("result".to_owned(), other)]),
        };
        Self {
            words: words.into(),
            json: Some(json),
            exit_code: 0,
        }
    }

    /// The same with another exit code: the work is done, its answer is bad news.
    pub fn with_exit_code(mut self, exit_code: u8) -> Self {
        self.exit_code = exit_code;
        self
    }

    /// A command whose work another program did and said, on our own stdout.
    pub fn passed_on(exit_code: u8) -> Self {
        Self {
            words: String::new(),
            json: None,
            exit_code,
        }
    }
}
