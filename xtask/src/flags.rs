//! The flags that every command understands.

use std::path::PathBuf;

use clap::Args;

/// Flags of every command. Their names and meaning are fixed: other tools rely on them.
#[derive(Args, Debug)]
pub struct Common {
    /// Print one JSON object to stdout as the last thing; words go to stderr.
    #[arg(long, global = true)]
    pub json: bool,
    /// Where to write.
    #[arg(short, long, global = true, value_name = "PATH")]
    pub out: Option<PathBuf>,
    /// The whole number that makes everything repeatable.
    #[arg(long, global = true, default_value_t = 1, value_name = "N")]
    pub seed: u32,
    /// Overwrite files that are already there.
    #[arg(long, global = true)]
    pub force: bool,
}
