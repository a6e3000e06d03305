//! `test`: sets up what the tests need and runs all of them: Rust in debug, the sound's Rust in release, Python.
//!
//! The runners' own words go to stderr as they come; their summaries stand once more at the end.

mod window;

use std::path::Path;
use std::time::{Duration, Instant};

use clap::Args;
use serde_json::json;

use super::setup::{self, Environment, Part};
use crate::failure::Failure;
use crate::flags::Common;
use crate::outcome::Outcome;
use crate::places::workspace_root;
use crate::tool::{Tool, cargo};

/// Flags of `test`.
#[derive(Args)]
pub struct Arguments {
    /// Fail where the editor's window cannot be tested: without this flag a machine that has no display to offer, and
    /// nobody with the rights to install one, says so and goes on.
    #[arg(long)]
    window: bool,
}

/// The plugin's tests in a CLAP host. `--package plugin` would choose other features of its dependencies than the steps
/// before did, and compile a hundred crates again.
const IN_A_HOST: [&str; 4] = ["test", "--workspace", "--test", "in_a_host"];

/// One run of one test runner.
struct Step {
    name: &'static str,
    tool: Tool,
}

/// How it went.
struct Report {
    name: &'static str,
    passed: bool,
    time: Duration,
    summaries: Vec<String>,
}

/// Runs every test; a failing step does not hide the ones after it.
pub fn run(arguments: &Arguments, _common: &Common) -> Result<Outcome, Failure> {
    let started = Instant::now();
    setup::ensure(&[
        Part::RuntimeLibrary,
        Part::PythonEnvironment,
        Part::PluginHosts,
    ])?;
    let mut reports = vec![Report {
        name: "setup",
        passed: true,
        time: started.elapsed(),
        summaries: vec!["everything is here".into()],
    }];
    for step in steps()? {
        reports.push(run_step(step)?);
    }
    reports.push(window::run(arguments.window)?);
    let passed = reports.iter().all(|report| report.passed);
    let json = json!({
        "passed": passed,
        "duration_s": started.elapsed().as_secs_f64(),
        "steps": reports.iter().map(|report| json!({
            "name": report.name, "passed": report.passed, "duration_s": report.time.as_secs_f64(), "summaries": report.summaries,
        })).collect::<Vec<_>>(),
    });
    Ok(Outcome::done(in_words(&reports, passed), json).with_exit_code(u8::from(!passed)))
}

fn steps() -> Result<Vec<Step>, Failure> {
    let root = workspace_root()?;
    let in_root = |tool: Tool| tool.current_dir(&root);
    let has_nextest = cargo().args(["nextest", "--version"]).answer().is_some();
    let mut steps = Vec::new();
    if has_nextest {
        steps.push(Step {
            name: "Rust, debug",
            tool: in_root(cargo().args(["nextest", "run", "--workspace", "--no-fail-fast"])),
        });
        steps.push(Step {
            name: "Rust, examples in docs",
            tool: in_root(cargo().args(["test", "--workspace", "--doc"])),
        });
    } else {
        steps.push(Step {
            name: "Rust, debug",
            tool: in_root(cargo().args(["test", "--workspace", "--no-fail-fast"])),
        });
    }
    // The allocation alarm and the real-time figures mean something only in the build that users run.
    let release = cargo().args([
        "test",
        "--release",
        "--no-fail-fast",
        "--package",
        "engine",
        "--package",
        "tests",
    ]);
    steps.push(Step {
        name: "Rust, release",
        tool: in_root(release),
    });
    let training = root.join("models/training");
    let pytest = Tool::new(setup::environment_python(Environment::Training)?)
        .args(["-m", "pytest"])
        .arg(&training)
        .env("PYTHONPATH", &training);
    steps.push(Step {
        name: "Python",
        tool: in_root(pytest),
    });
    steps.extend(outside_steps(&root)?);
    Ok(steps)
}

/// What users get, seen by other programs: the bundles by hosts, pictures by readers.
fn outside_steps(root: &Path) -> Result<Vec<Step>, Failure> {
    let bundles = root.join("target/bundled");
    let ourselves = std::env::current_exe().map_err(Failure::system)?;
    // Without the headers of the system's sound libraries, and without the rights to install them, the bundles go without.
    let with_app = setup::ensure(&[Part::SoundDrivers]).is_ok();
    let bundle = Tool::new(&ourselves)
        .arg("bundle")
        .args(with_app.then_some("--app"))
        .arg("--out")
        .arg(&bundles);
    let built = cargo()
        .args(IN_A_HOST)
        .args(["--", "--ignored", "the_built_file", "the_bundles_own"])
        .env("UNDERSTORY_BUNDLES", &bundles);
    // The tests in it say that they were skipped where it cannot be had.
    let _with_daw = setup::ensure(&[Part::Daw]).is_ok();
    let hosts = Tool::new(setup::environment_python(Environment::Hosts)?)
        .args(["-m", "pytest"])
        .arg(root.join("tests/hosts"))
        .env("UNDERSTORY_BUNDLES", &bundles);
    let readers = Tool::new(setup::environment_python(Environment::Hosts)?)
        .args(["-m", "pytest"])
        .arg(root.join("tests/readers"))
        .env("UNDERSTORY_PROGRAM", &ourselves);
    let steps = [
        ("Bundles", bundle),
        ("Built CLAP", built),
        ("Hosts", hosts),
        ("Readers of pictures", readers),
    ];
    let in_root = |(name, tool): (_, Tool)| Step {
        name,
        tool: tool.current_dir(root),
    };
    Ok(steps.map(in_root).into())
}

fn run_step(step: Step) -> Result<Report, Failure> {
    eprintln!("test: {}", step.name);
    let started = Instant::now();
    let (passed, summaries) = step.tool.run_keeping(is_summary)?;
    Ok(Report {
        name: step.name,
        passed,
        time: started.elapsed(),
        summaries,
    })
}

/// The closing line of `cargo test`, `cargo nextest` or pytest; empty test programs are left out.
fn is_summary(line: &str) -> bool {
    let line = line.trim();
    let is_cargo =
        line.starts_with("test result:") && !line.contains("0 passed; 0 failed; 0 ignored");
    let is_nextest = line.starts_with("Summary [");
    let is_pytest = line.starts_with("==")
        && [" passed", " failed", " error", "no tests ran"]
            .iter()
            .any(|word| line.contains(word));
    is_cargo || is_nextest || is_pytest
}

fn in_words(reports: &[Report], passed: bool) -> String {
    let mut lines = Vec::new();
    for report in reports {
        let verdict = if report.passed { "passed" } else { "FAILED" };
        lines.push(format!(
            "{}: {verdict} in {:.1} s",
            report.name,
            report.time.as_secs_f64()
        ));
        lines.extend(
            report
                .summaries
                .iter()
                .map(|summary| format!("    {}", summary.trim())),
        );
    }
    lines.push(if passed {
        "all tests passed".into()
    } else {
        "some tests FAILED".into()
    });
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_closing_lines_of_all_three_runners_are_kept_and_others_are_not() {
        for line in [
            "test result: ok. 12 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.01s",
            "     Summary [   4.012s] 37 tests run: 37 passed, 2 skipped",
            "======== 5 passed, 1 skipped in 12.3s ========",
            "=== 1 failed, 4 passed in 2.00s ===",
        ] {
            assert!(is_summary(line), "{line}");
        }
        for line in [
            "test result: ok. 0 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s",
            "==== test session starts ====",
            "test a_sentence ... ok",
        ] {
            assert!(!is_summary(line), "{line}");
        }
    }
}
