//! `check`: format, lints, docs, Python syntax, licences of what others wrote and the house rules that a machine can see.
//! Changes nothing.

mod packages;
mod sources;

use std::path::Path;
use std::time::Instant;

use clap::Args;
use serde_json::json;

use crate::failure::Failure;
use crate::flags::Common;
use crate::licences;
use crate::outcome::Outcome;
use crate::places::workspace_root;
use crate::tool::{Tool, cargo};

/// Flags of `check`.
#[derive(Args)]
pub struct Arguments {}

/// A broken house rule: where, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// File below the root, or the name of a package; with a line where there is one.
    pub place: String,
    /// What is wrong and what to do.
    pub message: String,
}

/// Runs all checks; one that fails does not hide the others.
pub fn run(_arguments: &Arguments, _common: &Common) -> Result<Outcome, Failure> {
    let root = workspace_root()?;
    let findings = house_rules(&root)?;
    let mut steps = vec![("house rules", findings.is_empty(), 0.0)];
    for (name, tool) in tools(&root)? {
        eprintln!("check: {name}");
        let started = Instant::now();
        let passed = tool.current_dir(&root).run()?;
        steps.push((name, passed, started.elapsed().as_secs_f64()));
    }
    let passed = steps.iter().all(|(_, passed, _)| *passed);
    let mut lines: Vec<_> = findings
        .iter()
        .map(|finding| format!("{}: {}", finding.place, finding.message))
        .collect();
    for (name, passed, seconds) in &steps {
        lines.push(format!(
            "{name}: {} in {seconds:.1} s",
            if *passed { "passed" } else { "FAILED" }
        ));
    }
    let json = json!({
        "passed": passed,
        "steps": steps.iter().map(|(name, passed, seconds)| json!({ "name": name, "passed": passed, "duration_s": seconds })).collect::<Vec<_>>(),
        "findings": findings.iter().map(|finding| json!({ "place": finding.place, "message": finding.message })).collect::<Vec<_>>(),
    });
    Ok(Outcome::done(lines.join("\n"), json).with_exit_code(u8::from(!passed)))
}

fn tools(root: &Path) -> Result<Vec<(&'static str, Tool)>, Failure> {
    let clippy = [
        "clippy",
        "--workspace",
        "--all-targets",
        "--quiet",
        "--",
        "-D",
        "warnings",
    ];
    let doc = [
        "doc",
        "--workspace",
        "--no-deps",
        "--document-private-items",
        "--quiet",
    ];
    // Byte code goes to a folder that is thrown away: a check leaves nothing in the tree.
    let scratch = std::env::temp_dir().join("understory-check-byte-code");
    let python = Tool::new(if cfg!(windows) { "python" } else { "python3" })
        .args(["-m", "compileall", "-q"])
        .arg(root.join("models"))
        .env("PYTHONPYCACHEPREFIX", scratch);
    Ok(vec![
        ("format", cargo().args(["fmt", "--all", "--check"])),
        ("lints", cargo().args(clippy)),
        ("docs", cargo().args(doc).env("RUSTDOCFLAGS", "-D warnings")),
        ("Python syntax", python),
    ])
}

fn house_rules(root: &Path) -> Result<Vec<Finding>, Failure> {
    let files = sources::read_all(root)?;
    let mut findings: Vec<Finding> = files.iter().flat_map(sources::broken_rules).collect();
    let metadata = cargo()
        .current_dir(root)
        .args(["metadata", "--no-deps", "--format-version", "1"])
        .answer();
    let metadata = metadata.and_then(|text| serde_json::from_str(&text).ok());
    let metadata = metadata
        .ok_or_else(|| Failure::other("`cargo metadata` gave no answer; run it to see why"))?;
    findings.extend(packages::broken_rules(&metadata));
    for package in licences::all_packages(root)? {
        let place = format!("{} {}", package.name, package.version);
        findings.extend(licences::fault(&package).map(|message| Finding { place, message }));
    }
    Ok(findings)
}
