//! Machines with a fault: a clock that jumps, files that take a few bytes at a time, disks that fill or fail, memory that ends.
//!
//! The fault is put between the program and its system by a small library (`faults/shim.c`, built here with the compiler
//! that Rust links with). The program is the real one, on the shipped models.

use std::ffi::OsString;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

use crate::batch;
use crate::running::{assert_refused, in_tree, names, program, understory};

/// How `abort` ends a process.
const SIGABRT: i32 = 6;

/// The library with the faults. Test processes that build it at once each rename a whole one into place.
fn shim() -> &'static Path {
    static SHIM: OnceLock<PathBuf> = OnceLock::new();
    SHIM.get_or_init(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
        let built = folder.join(format!("faults-{}.so", std::process::id()));
        let compiler = std::env::var_os("CC").unwrap_or_else(|| OsString::from("cc"));
        let output = Command::new(compiler)
            .args(["-shared", "-fPIC", "-O1", "-Wall", "-Wextra", "-Werror"])
            .arg("-o")
            .arg(&built)
            .arg(in_tree("xtask/tests/commands/faults/shim.c"))
            .arg("-ldl")
            .output()
            .unwrap();
        let words = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{words}");
        let shim = folder.join("faults.so");
        std::fs::rename(built, &shim).unwrap();
        shim
    })
}

fn with_fault(command: &mut Command, fault: &str) -> Output {
    command
        .env("LD_PRELOAD", shim())
        .env("UNDERSTORY_FAULT", fault)
        .output()
        .unwrap()
}

/// One small file of each kind, and its name.
const MAKERS: [(&str, &[&str]); 3] = [
    ("a.wav", &["note", "--hold", "0.2", "--rate", "16000"]),
    ("a.png", &["backdrop", "--size", "320x180"]),
    ("b.wav", &["bed", "--length", "2s", "--rate", "16000"]),
];

fn make(folder: &Path, name: &str, arguments: &[&str]) -> Command {
    let mut command = program(folder);
    command.args(arguments).args(["--out", name]);
    command
}

#[test]
fn the_faults_are_there() {
    let seconds = |fault: &str| -> i64 {
        let date = with_fault(Command::new("date").arg("+%s"), fault);
        String::from_utf8(date.stdout)
            .unwrap()
            .trim()
            .parse()
            .unwrap()
    };
    let jumped = (seconds("clock") - seconds("none")).abs();
    let copied = |fault: &str| {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("from"), vec![7; 200_000]).unwrap();
        let mut dd = Command::new("dd");
        dd.current_dir(folder.path())
            .args(["if=from", "of=to", "bs=200000", "conv=fsync"]);
        let output = with_fault(&mut dd, fault);
        (
            output.status.success(),
            std::fs::read(folder.path().join("to")).unwrap().len(),
        )
    };
    assert_eq!(copied("none"), (true, 200_000));
    assert!(
        copied("full-after=1000") == (false, 1000),
        "the disk is not full"
    );
    assert!(!copied("no-sync").0, "the disk does not fail");
    assert!(jumped >= 3000, "the clock does not jump: {jumped} s");
}

#[test]
fn jumps_of_the_clock_and_short_writes_change_no_byte() {
    for (name, arguments) in MAKERS {
        let folder = tempfile::tempdir().unwrap();
        let made = understory(folder.path(), &[arguments, &["--out", name]].concat());
        assert!(made.status.success(), "{made:?}");
        let wanted = std::fs::read(folder.path().join(name)).unwrap();
        for fault in ["clock", "short-writes"] {
            let output = with_fault(make(folder.path(), name, arguments).arg("--force"), fault);
            assert!(output.status.success(), "{fault}: {output:?}");
            let found = std::fs::read(folder.path().join(name)).unwrap();
            assert!(found == wanted, "{fault}: {name} differs");
        }
        assert_eq!(names(folder.path()), [name]);
    }
}

#[test]
fn a_batch_survives_jumps_of_the_clock_and_short_writes() {
    let plain = batch::workplace();
    assert!(batch::batch(plain.path(), &[]).status().unwrap().success());
    for fault in ["clock", "short-writes"] {
        let faulty = batch::workplace();
        let output = with_fault(&mut batch::batch(faulty.path(), &[]), fault);
        assert!(output.status.success(), "{fault}: {output:?}");
        assert!(
            batch::made(faulty.path()) == batch::made(plain.path()),
            "{fault}"
        );
        assert_eq!(
            batch::report(&faulty.path().join("all")),
            batch::report(&plain.path().join("all")),
            "{fault}"
        );
    }
}

#[test]
fn a_disk_that_fills_or_fails_ends_with_code_4_and_no_file() {
    for (name, arguments) in MAKERS {
        for fault in ["full-after=0", "full-after=3000", "no-sync"] {
            let folder = tempfile::tempdir().unwrap();
            let output = with_fault(&mut make(folder.path(), name, arguments), fault);
            assert_refused(&output, 4, name, folder.path(), &[]);
        }
    }
}

/// Memory may end in the runtime, which says so, or in Rust, which ends the process with a sentence: either way no file
/// that is not whole has the asked-for name, and the next run finds it free.
#[test]
fn memory_that_ends_leaves_no_half_file() {
    for (name, arguments) in MAKERS {
        let folder = tempfile::tempdir().unwrap();
        let (mut refused, mut first) = (0, 1);
        loop {
            let output = with_fault(
                &mut make(folder.path(), name, arguments),
                &format!("no-memory-at={first}"),
            );
            if output.status.success() {
                break;
            }
            refused += 1;
            let words = String::from_utf8_lossy(&output.stderr);
            let told = output.status.code() == Some(4) && words.contains("memory");
            let ended =
                output.status.signal() == Some(SIGABRT) && words.contains("memory allocation of");
            assert!(told || ended, "{name}, request {first}: {output:?}");
            assert!(
                !folder.path().join(name).exists(),
                "{name}, request {first}"
            );
            first *= 2;
        }
        assert!(refused >= 4, "{name}: only {refused} runs lacked memory");
    }
}
