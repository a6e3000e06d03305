//! A manifest that is wrong anywhere is refused by the name of the field.

#[path = "fixtures/load.rs"]
mod fixtures;

use fixtures::toy_manifest;
use models::{DEFAULT_TRUNCATION, Error, Fault, Manifest, SoundPoint};
use serde_json::{Value, json};

/// The good manifest with one place changed (JSON pointer).
fn changed(pointer: &str, value: Value) -> String {
    let mut manifest = serde_json::to_value(toy_manifest()).unwrap();
    *manifest.pointer_mut(pointer).unwrap() = value;
    manifest.to_string()
}

fn refused_field(json: &str) -> String {
    match Manifest::parse(json) {
        Err(Error::ManifestField { field, .. }) => field,
        other => panic!("not refused by field: {other:?}"),
    }
}

#[test]
fn the_good_manifest_survives_a_round_trip() {
    let manifest = toy_manifest();
    assert_eq!(
        Manifest::parse(&serde_json::to_string(&manifest).unwrap()).unwrap(),
        manifest
    );
    assert_eq!(
        (
            manifest.grid.num_rows(),
            manifest.grid.num_columns(),
            manifest.grid.num_bands()
        ),
        (64, 128, 64)
    );
}

#[test]
fn every_impossible_value_is_refused_by_the_name_of_its_field() {
    let cases = [
        ("/name", json!(""), "name"),
        ("/kind", json!("picture"), "kind"),
        ("/representation", json!("mel_if"), "representation"),
        ("/latent_length", json!(0), "latent_length"),
        ("/latent_length", json!(9_000_000_000_u64), "latent_length"),
        ("/style_length", json!("6"), "style_length"),
        ("/key_range", json!([96, 28]), "key_range"),
        ("/key_range", json!([0, 200]), "key_range"),
        ("/parameters", json!(-1), "parameters"),
        ("/attributes", json!([]), "attributes"),
        ("/grid/sample_rate_hz", json!(0), "grid.sample_rate_hz"),
        ("/grid/tuning_hz", json!(-440), "grid.tuning_hz"),
        (
            "/grid/max_frequency_hz",
            json!(30_000),
            "grid.max_frequency_hz",
        ),
        (
            "/grid/row_first_harmonic/0",
            json!(0),
            "grid.row_first_harmonic",
        ),
        (
            "/grid/row_first_harmonic/5",
            json!(5),
            "grid.row_first_harmonic",
        ),
        (
            "/grid/row_last_harmonic/63",
            json!(1),
            "grid.row_last_harmonic",
        ),
        (
            "/grid/row_last_harmonic/63",
            json!(4_294_967_295_u32),
            "grid.row_last_harmonic",
        ),
        (
            "/grid/row_last_harmonic",
            json!([1, 2, 3]),
            "grid.row_last_harmonic",
        ),
        (
            "/grid/column_times_s/7",
            json!(0.001),
            "grid.column_times_s",
        ),
        (
            "/grid/column_times_s/7",
            json!("early"),
            "grid.column_times_s[7]",
        ),
        ("/grid/column_times_s", json!([0.1]), "grid.column_times_s"),
        (
            "/grid/noise_band_edges_hz/3",
            json!(19_999),
            "grid.noise_band_edges_hz",
        ),
        (
            "/grid/level_range_db",
            json!([0, -80]),
            "grid.level_range_db",
        ),
        (
            "/grid/noise_range_db",
            json!([-10, -10]),
            "grid.noise_range_db",
        ),
        ("/grid/duration_s", json!(1e9), "grid.duration_s"),
        ("/grid/release_start_s", json!(5), "grid.release_start_s"),
        ("/grid/sustain_start_s", json!(2.9), "grid.sustain_start_s"),
        ("/grid/sustain_end_s", json!(3.5), "grid.sustain_end_s"),
        ("/inputs/0/shape/1", json!(96), "inputs"),
        ("/inputs/1/name", json!("pitch"), "inputs"),
        ("/outputs/2/shape", json!(["n", 64, 127]), "outputs"),
        ("/outputs", json!([]), "outputs"),
        ("/controls/0/vector", json!([1.0]), "controls[0].vector"),
        ("/controls/1/name", json!("brightness"), "controls[1].name"),
        ("/controls/1/kind", json!("smell"), "controls[1].kind"),
        ("/controls/1/min", json!(1), "controls[1].min"),
        (
            "/controls/0/effect/spearman",
            json!(null),
            "controls[0].effect.spearman",
        ),
        ("/reference/keys", json!([]), "reference.keys"),
        ("/reference/keys", json!([48, 60, 72, 97]), "reference.keys"),
        ("/reference/spots", json!([]), "reference.spots"),
        (
            "/reference/spots/3/index",
            json!(64 * 128),
            "reference.spots[3]",
        ),
        ("/reference/spots/0/key", json!(61), "reference.spots[0]"),
        ("/tolerance/output_abs", json!(-1), "tolerance.output_abs"),
    ];
    for (pointer, value, field) in cases {
        assert_eq!(
            refused_field(&changed(pointer, value.clone())),
            field,
            "{pointer} = {value}"
        );
    }
}

#[test]
fn a_mood_moves_the_controls_of_its_mix_and_may_name_no_other() {
    let mut whole = serde_json::to_value(toy_manifest()).unwrap();
    let mix =
        |control: &str, value: f32| json!([{ "name": "warm", "controls": { control: value } }]);
    whole["moods"] = mix("brightness", -0.5);
    let manifest = Manifest::parse(&whole.to_string()).unwrap();
    let neutral = SoundPoint::from_seed(1, DEFAULT_TRUNCATION, &manifest).unwrap();
    let (mut by_mood, mut by_control) = (neutral.clone(), neutral);
    by_mood.add_named("warm", 2.0, &manifest).unwrap();
    by_control.add_named("brightness", -1.0, &manifest).unwrap();
    assert_eq!(by_mood, by_control);
    for (control, value) in [("smell", 1.0), ("brightness", 99.0)] {
        whole["moods"] = mix(control, value);
        assert_eq!(
            refused_field(&whole.to_string()),
            format!("moods[0].controls.{control}")
        );
    }
}

#[test]
fn every_field_of_the_manifest_is_needed() {
    let whole = serde_json::to_value(toy_manifest()).unwrap();
    for field in whole.as_object().unwrap().keys() {
        let mut manifest = whole.clone();
        manifest.as_object_mut().unwrap().remove(field);
        let message = Manifest::parse(&manifest.to_string())
            .unwrap_err()
            .to_string();
        assert!(
            message.contains(&format!("`{field}`")),
            "{field}: {message}"
        );
    }
}

#[test]
fn a_newer_schema_is_refused_as_such_whatever_else_it_holds() {
    let error = Manifest::parse(r#"{"schema_version": 2, "grid": "another shape"}"#).unwrap_err();
    assert!(matches!(error, Error::SchemaNewer { found: 2, known: 1 }));
    assert_eq!(error.fault(), Fault::ModelFile);
    assert!(error.to_string().contains("update Understory"));
    assert_eq!(
        refused_field(&changed("/schema_version", json!(0))),
        "schema_version"
    );
}

#[test]
fn what_is_not_a_json_object_is_refused_without_panic() {
    for text in [
        "",
        "{",
        "[]",
        "null",
        "\u{0}",
        "{\"schema_version\": 1}",
        "{\"schema_version\": 1e99}",
    ] {
        assert!(
            matches!(Manifest::parse(text), Err(Error::ManifestField { .. })),
            "{text:?}"
        );
    }
}
