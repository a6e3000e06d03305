//! What the columns of a manifest mean: the flags of the commands, as clap knows them.

use std::path::{Component, Path, PathBuf};

use clap::{Arg, ArgAction, CommandFactory};

use super::fault::Fault;
use super::manifest::Row;
use super::work::ItemArguments;

/// Columns that are no flags.
pub const KIND: &str = "kind";
/// Name of the item.
pub const ID: &str = "id";
/// The file it becomes.
pub const OUT: &str = "out";
/// Flags that make no sense in an item.
const FORBIDDEN: [&str; 9] = [
    "json", "force", "learn", "help", "version", "jobs", "sfz", "sfz-keys", "keep",
];
/// Flags that name files to read, relative to the manifest.
const INPUTS: [&str; 7] = [
    "song",
    "like",
    "markers",
    "dialogue",
    "tables",
    "model",
    "backdrop-model",
];
/// A flag that may name a file to read.
const PERHAPS_INPUT: &str = "palette";
/// Flags that name more files to write, relative to the folder of the batch.
const OUTPUTS: [&str; 8] = [
    "backdrop",
    "midi",
    "tempo-map",
    "markers-out",
    "cue-sheet",
    "together",
    "roll",
    "guide",
];
/// A flag that names a folder to write to.
const STEMS: &str = "stems";
/// Several values in one cell of a CSV file stand between these.
const SEPARATOR: char = ';';
const YES: [&str; 4] = ["true", "yes", "1", "x"];
const NO: [&str; 3] = ["false", "no", "0"];

/// A row as arguments of a command.
#[derive(Clone, Debug, Default)]
pub struct Line {
    /// With paths as this process needs them.
    pub arguments: Vec<String>,
    /// As the manifest says it: what the item is known by, wherever manifest and folder lie.
    pub written: Vec<String>,
    /// Files to read.
    pub inputs: Vec<PathBuf>,
    /// Files to write, relative to the folder; the item's own first.
    pub outputs: Vec<PathBuf>,
}

/// Makes arguments of a row. `default_out` names the file when the row does not.
pub fn line(
    row: &Row,
    kind: &str,
    default_out: &str,
    (manifest_folder, folder): (&Path, &Path),
) -> Result<Line, Vec<Fault>> {
    let command = ItemArguments::command();
    let Some(command) = command.find_subcommand(kind) else {
        let words = format!("`{kind}` is none of note, render, bed and backdrop");
        return Err(vec![Fault::at(row.line, KIND, words)]);
    };
    let mut line = Line {
        arguments: vec![kind.to_owned()],
        written: vec![kind.to_owned()],
        ..Line::default()
    };
    let mut faults = Vec::new();
    let named = row.cells.iter().find(|(column, _)| column == OUT);
    let out = named.map_or(default_out, |(_, values)| values[0].as_str());
    line.push_output(OUT, out, folder)
        .unwrap_or_else(|words| faults.push(Fault::at(row.line, OUT, words)));
    for (column, values) in &row.cells {
        if [KIND, ID, OUT].contains(&column.as_str()) {
            continue;
        }
        let flag = if FORBIDDEN.contains(&column.as_str()) {
            None
        } else if column == "seed" {
            // A flag of every command, which clap keeps elsewhere.
            Some(None)
        } else {
            command
                .get_arguments()
                .find(|flag| {
                    flag.get_id().as_str().replace('_', "-") == *column
                        || flag.get_long() == Some(column)
                })
                .map(Some)
        };
        let pushed = match flag {
            None => Err(format!("{kind} has no flag of that name")),
            Some(flag) => line.push(flag, column, values, (manifest_folder, folder)),
        };
        pushed.unwrap_or_else(|words| faults.push(Fault::at(row.line, column, words)));
    }
    if faults.is_empty() {
        Ok(line)
    } else {
        Err(faults)
    }
}

impl Line {
    fn push(
        &mut self,
        flag: Option<&Arg>,
        column: &str,
        values: &[String],
        (manifest_folder, folder): (&Path, &Path),
    ) -> Result<(), String> {
        let action = flag.map_or(&ArgAction::Set, Arg::get_action);
        let is_list = matches!(action, ArgAction::Append);
        if values.len() > 1 && !is_list {
            return Err("holds a list where one value belongs".to_owned());
        }
        let value = &values[0];
        if matches!(action, ArgAction::SetTrue) {
            let value = value.to_lowercase();
            return match (YES.contains(&value.as_str()), NO.contains(&value.as_str())) {
                (true, _) => {
                    self.push_flag(&format!("--{column}"));
                    Ok(())
                }
                (_, true) => Ok(()),
                _ => Err(format!("`{value}` is neither true nor false")),
            };
        }
        if is_list {
            let parts = values.iter().flat_map(|value| value.split(SEPARATOR));
            for part in parts.map(str::trim).filter(|part| !part.is_empty()) {
                self.push_flag(&format!("--{column}={part}"));
            }
            return Ok(());
        }
        if OUTPUTS.contains(&column) || column == STEMS {
            return self.push_output(column, value, folder);
        }
        let is_place = flag.is_some_and(Arg::is_positional);
        let beside = manifest_folder.join(value);
        let is_input = INPUTS.contains(&column) || (column == PERHAPS_INPUT && beside.is_file());
        let read = if is_input {
            self.inputs.push(beside.clone());
            beside.display().to_string()
        } else {
            value.clone()
        };
        let as_argument = |value: &str| match is_place {
            true => value.to_owned(),
            false => format!("--{column}={value}"),
        };
        self.arguments.push(as_argument(&read));
        self.written.push(as_argument(value));
        Ok(())
    }

    fn push_flag(&mut self, argument: &str) {
        self.arguments.push(argument.to_owned());
        self.written.push(argument.to_owned());
    }

    /// A path below the folder, and nowhere else.
    fn push_output(&mut self, column: &str, value: &str, folder: &Path) -> Result<(), String> {
        let path = Path::new(value);
        let stays = path
            .components()
            .all(|part| matches!(part, Component::Normal(_)));
        if !stays || value.is_empty() {
            return Err(format!(
                "`{value}` is no path below the folder of the batch; leave out `..` and the root"
            ));
        }
        self.arguments
            .push(format!("--{column}={}", folder.join(path).display()));
        self.written.push(format!("--{column}={value}"));
        if column == STEMS {
            // Stems are named after the item's file: two items of one name may not share the folder.
            let stem = self.outputs.first().and_then(|out| out.file_stem());
            self.outputs.push(path.join(stem.unwrap_or_default()));
        } else {
            self.outputs.push(path.to_path_buf());
        }
        Ok(())
    }
}
