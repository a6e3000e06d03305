//! The page and the table of a batch: what they show, and that all of it lies beside them.

use crate::batch::{batch, report};
use crate::running::{in_tree, json};

/// What a page refers to, by `src` or `href`, its percents written out.
fn references(page: &str) -> Vec<String> {
    let starts = page
        .match_indices("src=\"")
        .chain(page.match_indices("href=\""));
    let targets = starts.map(|(at, attribute)| {
        let rest = &page[at + attribute.len()..];
        rest[..rest.find('"').unwrap()].to_owned()
    });
    targets.map(|target| unescaped(&target)).collect()
}

fn unescaped(link: &str) -> String {
    let mut bytes = Vec::new();
    let mut left = link.as_bytes();
    while let Some((&byte, rest)) = left.split_first() {
        if byte == b'%' {
            let code = std::str::from_utf8(&rest[..2]).unwrap();
            bytes.push(u8::from_str_radix(code, 16).unwrap());
            left = &rest[2..];
        } else {
            bytes.push(byte);
            left = rest;
        }
    }
    String::from_utf8(bytes).unwrap()
}

#[test]
fn page_and_table_show_every_item_by_links_that_work_and_ask_no_network() {
    let place = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(place.path().join(name), text).unwrap();
    let toy = in_tree("models/tests/fixtures/picture_toy.onnx");
    std::fs::copy(toy, place.path().join("toy.onnx")).unwrap();
    write("cut.csv", "time_s,name\n1.2,door\n");
    write(
        "all.csv",
        "kind,id,out,rate,hold,length,markers,size,model\n\
         note,a <b> & c,on stage/100% #1.wav,16000,0.1,,,,\n\
         bed,b1,,16000,,2s,cut.csv,,\n\
         backdrop,p1,,,,,,80x45,toy.onnx\n",
    );
    let told = json(&batch(place.path(), &["-o", "made"]).output().unwrap());
    assert_eq!(
        (&told["done"], &told["failed"]),
        (&3.into(), &0.into()),
        "{told}"
    );
    let folder = place.path().join("made");
    let page = std::fs::read_to_string(folder.join("report.html")).unwrap();
    assert_eq!(told["page"], "made/report.html");
    for reference in references(&page) {
        let path = reference.strip_prefix("./").unwrap_or(&reference);
        assert!(folder.join(path).is_file(), "{reference}");
    }
    for wanted in [
        "./on%20stage/100%25%20%231.wav",
        "a &lt;b&gt; &amp; c",
        "src=\"./p1.png\"",
        "src=\"./contact-sheet.png\"",
        " LUFS",
        "hits within",
        "80 x 45",
    ] {
        assert!(page.contains(wanted), "{wanted}");
    }
    assert_eq!(page.matches("<audio ").count(), 2);
    for net in ["http:", "https:", "\"//", "url(", "<script", "@import"] {
        assert!(!page.contains(net), "{net}");
    }
    let mut table = csv::Reader::from_path(folder.join("report.csv")).unwrap();
    let header = table.headers().unwrap().clone();
    let column = |name: &str| header.iter().position(|found| found == name).unwrap();
    let rows: Vec<csv::StringRecord> = table.records().map(Result::unwrap).collect();
    let report = report(&folder);
    assert_eq!(rows.len(), report.len());
    for (row, entry) in rows.iter().zip(&report) {
        assert_eq!(&row[column("id")], entry["id"].as_str().unwrap());
        assert_eq!(
            &row[column("sha256")],
            entry["files"][0]["sha256"].as_str().unwrap()
        );
        let lufs = entry["figures"]["lufs"].as_f64();
        assert_eq!(row[column("lufs")].parse().ok(), lufs);
    }
    let hit = &report[1]["figures"]["hits"][0];
    let miss_ms = 1e3 * (hit["placed"].as_f64().unwrap() - hit["wanted"].as_f64().unwrap()).abs();
    let told_ms: f64 = rows[1][column("worst_hit_ms")].parse().unwrap();
    assert!(
        (told_ms - miss_ms).abs() < 0.006,
        "{told_ms}, not {miss_ms}"
    );
}
