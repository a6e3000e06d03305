//! `batch`: a manifest checked as a whole, killed and taken up again, cut into shards, with a report that can be trusted.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use crate::running::{assert_refused, in_tree, json, midi, names, program, said, understory};

/// Items of the manifest that `workplace` writes.
const NUM_ITEMS: usize = 24;

/// A folder with a manifest of notes, renders, beds and pictures, all tiny, and what they read.
pub fn workplace() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &[u8]| std::fs::write(folder.path().join(name), text).unwrap();
    let toy = in_tree("models/tests/fixtures/picture_toy.onnx");
    std::fs::copy(toy, folder.path().join("toy.onnx")).unwrap();
    write("song.mid", &midi(&[0x00, 0x90, 60, 100, 0x32, 60, 0]));
    write("cut.csv", b"time_s,name\n1.2,door\n");
    let mut csv = String::from(
        "kind,id,out,seed,rate,hold,set,length,markers,song,size,palette,model,strict\n\
         # a comment, and a quoted cell with a comma\n",
    );
    for n in 1..=11 {
        csv +=
            &format!("note,n{n},sounds/n{n}.wav,{n},16000,0.1,warm=0.5;brightness=0.{n},,,,,,,\n");
    }
    for n in 1..=9 {
        csv += &format!(
            "backdrop,p{n},p{n}.{},{n},,,,,,,80x45,\"#102030,#f0e0d0\",toy.onnx,{}\n",
            ["png", "jpg", "webp"][n % 3],
            ["yes", "", "false"][n % 3]
        );
    }
    csv += "render,r1,,3,16000,,,,,song.mid,,,,\nrender,,r2.wav,4,16000,,,,,song.mid,,,,\n";
    csv += "bed,b1,,5,16000,,,2s,cut.csv,,,,,\nbed,b2,,6,16000,,,2s,,,,,,\n";
    write("all.csv", csv.as_bytes());
    folder
}

pub fn batch(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = program(folder);
    command.args(["batch", "all.csv", "--json"]).args(arguments);
    command
}

/// Every file below a folder but reports and contact sheets, with its bytes.
pub fn made(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(inside) = folders.pop() {
        for entry in std::fs::read_dir(&inside).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_dir() {
                folders.push(path);
            } else if !name.starts_with("report") && !name.starts_with("contact-sheet") {
                let name = path.strip_prefix(folder).unwrap().to_path_buf();
                files.insert(name, std::fs::read(&path).unwrap());
            }
        }
    }
    files
}

/// The lines of a report without the time they took.
pub fn report(folder: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(folder.join("report.jsonl")).unwrap();
    let lines = text.lines().map(|line| {
        let mut entry: Value = serde_json::from_str(line).unwrap();
        assert!(entry["ms"].as_f64().unwrap() > 0.0);
        entry.as_object_mut().unwrap().remove("ms");
        entry
    });
    lines.collect()
}

#[test]
fn a_batch_killed_twice_and_one_cut_into_shards_give_the_files_and_report_of_one_run() {
    let place = workplace();
    let run = |arguments: &[&str]| json(&batch(place.path(), arguments).output().unwrap());
    let told = run(&["-o", "whole", "--jobs", "2"]);
    assert_eq!(
        (&told["done"], &told["skipped"], &told["failed"]),
        (&NUM_ITEMS.into(), &0.into(), &0.into())
    );
    let whole = made(&place.path().join("whole"));
    let whole_report = report(&place.path().join("whole"));
    assert_eq!((whole.len(), whole_report.len()), (NUM_ITEMS, NUM_ITEMS));

    for lines_before_the_kill in [3, 9] {
        kill_after(place.path(), lines_before_the_kill);
    }
    let told = run(&["-o", "killed", "--resume", "--jobs", "1"]);
    assert_eq!(told["failed"], 0);
    assert!(told["skipped"].as_u64().unwrap() >= 3, "{told}");
    assert!(made(&place.path().join("killed")) == whole, "files differ");
    assert_eq!(report(&place.path().join("killed")), whole_report);

    for shard in ["2/3", "3/3", "1/3"] {
        let told = run(&["-o", "shards", "--shard", shard, "--resume"]);
        assert_eq!(told["done"], NUM_ITEMS / 3);
    }
    let told = run(&["-o", "shards", "--resume"]);
    assert_eq!(
        (&told["done"], &told["skipped"]),
        (&0.into(), &NUM_ITEMS.into())
    );
    assert!(made(&place.path().join("shards")) == whole, "files differ");
    assert_eq!(report(&place.path().join("shards")), whole_report);
}

/// Runs the batch until its report holds so many lines, and ends it as nothing can be ended more rudely.
fn kill_after(place: &Path, num_lines: usize) {
    let mut child = batch(place, &["-o", "killed", "--resume", "--jobs", "2"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let report = place.join("killed/report.jsonl");
    loop {
        let text = std::fs::read(&report).unwrap_or_default();
        let lines = text.iter().filter(|&&byte| byte == b'\n').count();
        if lines >= num_lines || child.try_wait().unwrap().is_some() {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    // It may have come to its end by itself; what follows holds then too.
    let _ = child.kill();
    child.wait().unwrap();
}

#[test]
fn what_was_changed_lost_or_torn_is_made_again_and_nothing_else() {
    let place = workplace();
    let folder = place.path().join("all");
    json(&batch(place.path(), &[]).output().unwrap());
    let (whole, whole_report) = (made(&folder), report(&folder));
    let stranger = batch(place.path(), &[]).output().unwrap();
    assert_eq!(stranger.status.code(), Some(2));
    assert!(
        said(&stranger)["error"]
            .as_str()
            .unwrap()
            .contains("--resume")
    );

    let mut bytes = std::fs::read(folder.join("p4.jpg")).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(folder.join("p4.jpg"), bytes).unwrap();
    std::fs::remove_file(folder.join("sounds/n3.wav")).unwrap();
    std::fs::write(folder.join("sounds/.n3.wav.abc.part"), b"half").unwrap();
    let text = std::fs::read(folder.join("report.jsonl")).unwrap();
    std::fs::write(folder.join("report.jsonl"), &text[..text.len() - 20]).unwrap();
    let told = json(&batch(place.path(), &["--resume"]).output().unwrap());
    assert_eq!(
        (&told["done"], &told["skipped"]),
        (&3.into(), &(NUM_ITEMS - 3).into())
    );
    assert!(made(&folder) == whole, "files differ");
    assert_eq!(report(&folder), whole_report);
    let sheet = png::Decoder::new(std::io::BufReader::new(
        std::fs::File::open(folder.join("contact-sheet.png")).unwrap(),
    ));
    assert!(sheet.read_info().is_ok());

    // Another model, seed or setting is another item; a file of somebody else is not touched.
    let csv = std::fs::read_to_string(place.path().join("all.csv")).unwrap();
    std::fs::write(
        place.path().join("all.csv"),
        csv.replace("n5.wav,5,", "n5.wav,55,"),
    )
    .unwrap();
    std::fs::write(folder.join("b2.wav"), b"mine").unwrap();
    let refused = batch(place.path(), &["--resume"]).output().unwrap();
    assert!(said(&refused)["error"].as_str().unwrap().contains("b2.wav"));
    std::fs::remove_file(folder.join("b2.wav")).unwrap();
    let told = json(&batch(place.path(), &["--resume"]).output().unwrap());
    assert_eq!(told["done"], 2);
}

#[test]
fn every_fault_of_a_manifest_is_told_at_once_with_line_and_column_and_nothing_is_written() {
    let place = tempfile::tempdir().unwrap();
    let csv = "kind,id,out,key,length,mood,size,sound,seed,bits\n\
        note,a,,60,,,,,1,24\n\
        note,b,,200,,,,nosuchsound,1,24\n\
        bed,c,,,9s,grumpy,,,x,24\n\
        bed,d,,,,calm,,,1,24\n\
        poem,e,,,,,,,1,\n\
        note,f,../f.wav,60,,,,,1,\n\
        note,a,a.wav,60,,,64x36,,1,\n\
        backdrop,g,,,,,0x5,,1,\n\
        bed,h,,,9s,calm,,,1,24,\n\
        note,i,,60,,,,,1,17\n";
    std::fs::write(place.path().join("all.csv"), csv).unwrap();
    let output = understory(place.path(), &["batch", "all.csv"]);
    assert_refused(&output, 2, "nothing was made", place.path(), &["all.csv"]);
    let words = String::from_utf8_lossy(&output.stderr);
    for (place, what) in [
        ("line 3, key:", "200"),
        ("line 3, sound:", "nosuchsound"),
        ("line 4, mood:", "hopeful"),
        ("line 4, seed:", "x"),
        ("line 5", "--length"),
        ("line 6, kind:", "poem"),
        ("line 7, out:", "below the folder"),
        ("line 8, size:", "note has no flag"),
        ("line 9, size:", "1 to 16384"),
        ("line 10:", "11 cells"),
        ("line 11, bits:", "32f"),
    ] {
        let told = words.lines().find(|line| line.contains(place));
        assert!(
            told.is_some_and(|line| line.contains(what)),
            "{place} {what}: {words}"
        );
    }
    assert!(words.contains("the manifest has 11 faults"), "{words}");
}

#[test]
fn two_items_of_one_name_or_file_are_refused() {
    let place = tempfile::tempdir().unwrap();
    let lines = [
        r#"{"kind": "note", "id": "a", "hold": 0.1}"#,
        r#"{"kind": "note", "id": "a", "out": "b.wav", "hold": 0.1}"#,
        r#"{"kind": "note", "id": "c", "out": "b.wav", "hold": 0.1, "set": ["warm=1", "brightness=0.5"]}"#,
        r#"{"kind": "note", "id": "d", "hold": {"s": 1}}"#,
        r#"{"kind": "note", "id""#,
    ];
    std::fs::write(place.path().join("all.jsonl"), lines.join("\n")).unwrap();
    let output = understory(place.path(), &["batch", "all.jsonl"]);
    assert_refused(&output, 2, "nothing was made", place.path(), &["all.jsonl"]);
    let words = String::from_utf8_lossy(&output.stderr);
    for told in [
        "line 2, id:",
        "line 3, out:",
        "line 4, hold:",
        "line 5: is no JSON",
    ] {
        assert!(words.contains(told), "{told}: {words}");
    }
}

#[test]
fn an_item_that_fails_is_reported_and_the_others_are_made() {
    let place = tempfile::tempdir().unwrap();
    let lines = [
        r#"{"kind": "note", "id": "a", "hold": 0.1, "rate": 16000}"#,
        r#"{"kind": "bed", "id": "b", "length": "2s", "rate": 16000, "midi": "taken"}"#,
        r#"{"kind": "note", "id": "c", "hold": 0.1, "rate": 16000}"#,
    ];
    std::fs::write(place.path().join("all.jsonl"), lines.join("\n")).unwrap();
    std::fs::create_dir_all(place.path().join("out/taken")).unwrap();
    let output = understory(place.path(), &["batch", "all.jsonl", "-o", "out", "--json"]);
    assert_eq!(output.status.code(), Some(2));
    let told = said(&output);
    assert_eq!((&told["done"], &told["failed"]), (&2.into(), &1.into()));
    assert!(
        told["failures"][0]["error"]
            .as_str()
            .unwrap()
            .contains("taken")
    );
    let wanted = [
        "a.wav",
        "c.wav",
        "contact-sheet.png",
        "report.csv",
        "report.html",
        "report.jsonl",
        "taken",
    ];
    assert_eq!(names(&place.path().join("out")), wanted);
    assert_eq!(report(&place.path().join("out"))[1]["status"], "failed");
}

#[test]
fn a_bed_of_a_batch_brings_its_picture_into_a_folder_that_was_not_there() {
    let place = tempfile::tempdir().unwrap();
    let toy = in_tree("models/tests/fixtures/picture_toy.onnx");
    std::fs::copy(toy, place.path().join("toy.onnx")).unwrap();
    let line = r#"{"kind": "bed", "id": "b", "length": "2s", "rate": 16000, "backdrop": "cards/b.png", "backdrop-size": "64x36", "backdrop-model": "toy.onnx"}"#;
    std::fs::write(place.path().join("all.jsonl"), line).unwrap();
    let run = |arguments: &[&str]| {
        let all = [&["batch", "all.jsonl", "--json"], arguments].concat();
        json(&understory(place.path(), &all))
    };
    assert_eq!(run(&[])["done"], 1);
    let folder = place.path().join("all");
    let files = &report(&folder)[0]["files"];
    assert_eq!(
        (&files[0]["file"], &files[1]["file"]),
        (&"b.wav".into(), &"cards/b.png".into())
    );
    assert_eq!(names(&folder.join("cards")), ["b.png"]);
    std::fs::remove_file(folder.join("cards/b.png")).unwrap();
    assert_eq!(run(&["--resume"])["done"], 1);
    assert_eq!(names(&folder.join("cards")), ["b.png"]);
}
