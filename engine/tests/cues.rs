//! Markers, subtitles and timecode as editing programs write them, and every way in which they can be broken.

use engine::cues::markers::{Cues, MAX_BYTES, read};
use engine::cues::timecode::FrameRate;

fn rate(name: &str) -> FrameRate {
    FrameRate::from_text(name).unwrap()
}

fn cues(name: &str, text: &str) -> Cues {
    read(name, text.as_bytes(), FrameRate::PAL).unwrap()
}

fn refused(name: &str, text: &str) -> String {
    read(name, text.as_bytes(), FrameRate::PAL)
        .unwrap_err()
        .to_string()
}

fn moments(cues: &Cues) -> Vec<(f64, &str)> {
    cues.hits
        .iter()
        .map(|hit| (hit.time_s, hit.name.as_str()))
        .collect()
}

/// Frame numbers from SMPTE ST 12-1: two numbers are dropped at 29.97 in every minute but each tenth, four at 59.94.
#[test]
fn drop_frame_timecode_counts_as_the_standard_does() {
    let cases = [
        ("29.97df", "00:00:59;29", 1799),
        ("29.97df", "00:01:00;02", 1800),
        ("29.97df", "00:10:00;00", 17_982),
        ("29.97df", "01:00:00;00", 107_892),
        ("59.94df", "00:01:00;04", 3600),
        ("59.94df", "01:00:00;00", 215_784),
        ("25", "01:00:00:00", 90_000),
        ("23.976", "00:00:01:00", 24),
        ("29.97", "00:01:00:00", 1800),
    ];
    for (name, timecode, frame) in cases {
        assert_eq!(
            rate(name).frame_of_timecode(timecode).unwrap(),
            frame,
            "{name} {timecode}"
        );
        assert_eq!(rate(name).timecode(frame), timecode, "{name}");
    }
}

#[test]
fn every_frame_of_an_hour_keeps_its_number_through_its_timecode() {
    for name in [
        "23.976", "24", "25", "29.97", "29.97df", "30", "50", "59.94", "59.94df", "60",
    ] {
        let rate = rate(name);
        for frame in (0..220_000).step_by(97) {
            assert_eq!(
                rate.frame_of_timecode(&rate.timecode(frame)).unwrap(),
                frame,
                "{name}"
            );
            assert_eq!(rate.frame(rate.seconds(frame)), frame, "{name}");
        }
        assert_eq!(rate.to_string(), name);
    }
}

#[test]
fn timecode_that_does_not_exist_is_refused() {
    for (name, timecode) in [
        ("29.97df", "00:01:00;00"),
        ("59.94df", "00:01:00;03"),
        ("25", "00:00:00:25"),
        ("25", "00:60:00:00"),
        ("25", "12:00"),
        ("25", "a:b:c:d"),
        ("25", "-1:00:00:00"),
    ] {
        let message = rate(name)
            .frame_of_timecode(timecode)
            .unwrap_err()
            .to_string();
        assert!(message.contains(timecode), "{message}");
    }
    for name in ["23.976df", "12", "25df", ""] {
        assert!(FrameRate::from_text(name).is_err(), "{name}");
    }
}

#[test]
fn tables_of_markers_are_read_in_every_dialect() {
    let own = cues("cut.csv", "time_s,name\n1.5,door\n12,\"a, b\"\n\n");
    assert_eq!(moments(&own), [(1.5, "door"), (12.0, "a, b")]);
    // Premiere: tabs, UTF-16 with a mark, timecode in the column In.
    let premiere = "Marker Name\tDescription\tIn\tOut\tDuration\tMarker Type\r\nhit\t\t00:00:02:05\t00:00:02:05\t00:00:00:00\tComment\r\n";
    let bytes: Vec<u8> = [0xFF, 0xFE]
        .into_iter()
        .chain(premiere.encode_utf16().flat_map(u16::to_le_bytes))
        .collect();
    let read_back = read("markers.txt", &bytes, FrameRate::PAL).unwrap();
    assert_eq!(moments(&read_back), [(2.2, "hit")]);
    let resolve = "#,Record In,Record Out,Name,Notes\n1,00:00:04:00,00:00:04:01,Marker 1,look\n";
    assert_eq!(moments(&cues("resolve.csv", resolve)), [(4.0, "Marker 1")]);
    let spoken = cues("a.csv", "time_s,name,end_s\n2,speech,3.5\n4,turn,\n");
    assert_eq!(
        (spoken.speech[0].start_s, spoken.speech[0].end_s),
        (2.0, 3.5)
    );
    assert_eq!(moments(&spoken), [(4.0, "turn")]);
}

#[test]
fn a_broken_table_is_refused_with_line_and_value() {
    assert!(refused("a.csv", "time_s,name\n1.0,x\nsoon,y\n").contains("line 3: \"soon\""));
    assert!(refused("a.csv", "time_s,name\n-1,x\n").contains("line 2: \"-1\""));
    assert!(refused("a.csv", "time_s,name\nNaN,x\n").contains("line 2"));
    assert!(refused("a.csv", "when,what\n1,x\n").contains("time_s"));
    assert!(refused("a.csv", "In,Name\n00:00:99:00,x\n").contains("00:00:99:00"));
    let latin = [b"time_s,name\n1,caf".as_slice(), &[0xE9], b"\n"].concat();
    let message = read("a.csv", &latin, FrameRate::PAL)
        .unwrap_err()
        .to_string();
    assert!(message.contains("line 2"), "{message}");
}

#[test]
fn subtitles_give_the_times_of_speech() {
    let srt =
        "1\n00:00:01,000 --> 00:00:02,500\nHello.\n\n2\n00:01:00,250 --> 01:00:00,000\nThere.\n";
    let vtt = "WEBVTT\n\n00:01.000 --> 00:02.500 align:start\nHello.\n\n01:00.250 --> 01:00:00.000\nThere.\n";
    for (name, text) in [("a.srt", srt), ("a.vtt", vtt)] {
        let speech = cues(name, text).speech;
        let times: Vec<_> = speech
            .iter()
            .map(|range| (range.start_s, range.end_s))
            .collect();
        assert_eq!(times, [(1.0, 2.5), (60.25, 3600.0)], "{name}");
    }
    assert!(refused("a.srt", "1\n00:00:05,000 --> 00:00:04,000\nx\n").contains("line 2"));
    assert!(refused("a.srt", "1\n00:00:05 --> 00:00:06,000\nx\n").contains("00:00:05"));
    assert!(refused("a.srt", "1\n00:71:05,000 --> 00:72:06,000\nx\n").contains("line 2"));
    assert!(refused("a.srt", "nothing here\n").contains("no line with times"));
}

const EDL: &str = "TITLE: cut\nFCM: NON-DROP FRAME\n\n\
001  AX       V     C        00:00:00:00 00:00:04:00 01:00:00:00 01:00:04:00\n\
* FROM CLIP NAME: a.mov\n\
002  BX       V     D    012 00:00:10:00 00:00:16:00 01:00:04:00 01:00:10:00\n";

#[test]
fn an_edit_list_gives_its_locators_or_else_its_cuts() {
    assert_eq!(moments(&cues("a.edl", EDL)), [(4.0, "cut")]);
    let located = format!("{EDL}* LOC: 01:00:06:05 RED     the door\n");
    assert_eq!(moments(&cues("a.edl", &located)), [(6.2, "the door")]);
    let resolve = "TITLE: t\n001  001  V  C  01:00:08:00 01:00:08:01 01:00:08:00 01:00:08:01\n |C:ResolveColorBlue |M:look up |D:1\n";
    assert_eq!(moments(&cues("a.edl", resolve)), [(0.0, "look up")]);
}

#[test]
fn a_broken_edit_list_is_refused_with_line_and_value() {
    let backwards = "001 AX V C 00:00:00:00 00:00:04:00 01:00:04:00 01:00:00:00\n";
    assert!(refused("a.edl", backwards).contains("line 1"));
    let late_frame = "001 AX V C 00:00:00:00 00:00:04:00 01:00:00:31 01:00:04:00\n";
    assert!(refused("a.edl", late_frame).contains("01:00:00:31"));
    assert!(refused("a.edl", "TITLE: empty\n").contains("no events"));
    let early = format!("{EDL}* LOC: 00:59:00:00 RED early\n");
    assert!(refused("a.edl", &early).contains("before the first event"));
}

#[test]
fn a_file_of_a_hundred_megabytes_is_refused_before_it_is_read() {
    let bytes = vec![b' '; 100_000_000];
    let message = read("a.edl", &bytes, FrameRate::PAL)
        .unwrap_err()
        .to_string();
    assert!(message.contains("100000000") && message.contains(&MAX_BYTES.to_string()));
}

const FCPXML: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE fcpxml>
<fcpxml version="1.10"><library><event><project>
<sequence tcStart="3600s" duration="20s"><spine>
<asset-clip offset="3600s" start="0s" duration="5s"><marker start="2s" duration="1/25s" value="one"/></asset-clip>
<asset-clip offset="3605s" start="100s" duration="15s">
<marker start="5255/50s" duration="1/25s" value="two"/>
<clip offset="102s" start="7s" lane="1"><chapter-marker start="8s" value="three"/></clip>
</asset-clip>
</spine></sequence></project></event></library></fcpxml>"#;

#[test]
fn markers_of_fcpxml_fall_where_their_clips_lie() {
    // 105.1 s in a clip that shows 100 s at 5 s; a connected clip at 102 s of its parent, that is 7 s, shows 7 s there.
    let found = cues("a.fcpxml", FCPXML);
    let times: Vec<(f64, &str)> = moments(&found);
    assert_eq!(times.len(), 3);
    for ((time_s, name), (wanted_s, wanted)) in
        times
            .into_iter()
            .zip([(2.0, "one"), (10.1, "two"), (8.0, "three")])
    {
        assert!(
            (time_s - wanted_s).abs() < 1e-9 && name == wanted,
            "{name} at {time_s}"
        );
    }
    assert_eq!(found.hits[0].origin, "line 5");
}

#[test]
fn xml_that_reaches_outside_is_refused() {
    let outside = FCPXML.replace(
        "<!DOCTYPE fcpxml>",
        "<!DOCTYPE fcpxml [<!ENTITY secret SYSTEM \"file:///etc/passwd\">]>",
    );
    assert!(refused("a.fcpxml", &outside).contains("refused"));
    let remote = FCPXML.replace(
        "<!DOCTYPE fcpxml>",
        "<!DOCTYPE fcpxml SYSTEM \"http://example.org/x.dtd\">",
    );
    assert!(refused("a.fcpxml", &remote).contains("refused"));
    let broken = FCPXML.replace("5255/50s", "5255/0s");
    let message = refused("a.fcpxml", &broken);
    assert!(
        message.contains("line 7") && message.contains("5255/0s"),
        "{message}"
    );
    assert!(refused("a.fcpxml", "<a><b></a>").contains("line 1"));
    assert!(refused("a.fcpxml", "<a/>").contains("no sequence"));
}

fn otio(marker_value: &str) -> String {
    format!(
        r#"{{"OTIO_SCHEMA": "Timeline.1", "tracks": {{"OTIO_SCHEMA": "Stack.1", "source_range": null,
        "markers": [{{"name": "all", "marked_range": {{"start_time": {{"value": 25, "rate": 25}}}}}}],
        "children": [{{"OTIO_SCHEMA": "Track.1", "markers": [], "children": [
        {{"OTIO_SCHEMA": "Gap.1", "source_range": {{"start_time": {{"value": 0, "rate": 25}}, "duration": {{"value": 50, "rate": 25}}}}}},
        {{"OTIO_SCHEMA": "Transition.1"}},
        {{"OTIO_SCHEMA": "Clip.2", "source_range": {{"start_time": {{"value": 240, "rate": 24}}, "duration": {{"value": 48, "rate": 24}}}},
        "markers": [{{"name": "in clip", "marked_range": {{"start_time": {marker_value}}}}}]}}]}}]}}}}"#
    )
}

#[test]
fn markers_of_opentimelineio_fall_where_their_clips_lie() {
    // The clip begins at 2 s and shows 10 s there; its marker is at 10.5 s of it.
    let found = cues("a.otio", &otio(r#"{"value": 252, "rate": 24}"#));
    assert_eq!(moments(&found), [(1.0, "all"), (2.5, "in clip")]);
    assert!(refused("a.otio", &otio(r#"{"value": 252, "rate": 0}"#)).contains("rate"));
    assert!(refused("a.otio", "{").contains("line 1"));
    assert!(refused("a.otio", r#"{"OTIO_SCHEMA": "Clip.1"}"#).contains("Clip.1"));
}

#[test]
fn files_of_no_known_kind_are_refused_and_kinds_are_known_by_their_beginning() {
    assert!(refused("a.doc", "Dear editor").contains("a.doc"));
    assert_eq!(cues("markers", "time_s,name\n1,x\n").hits.len(), 1);
    assert_eq!(cues("noname", EDL).hits.len(), 1);
}
