//! The command line: `cargo xtask X` and the installed `understory X` are this one program. One file per command.

fn main() {}
