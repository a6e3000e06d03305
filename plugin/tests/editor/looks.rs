//! How it looks: kept pictures.

use super::fixture::playing;
use super::picture::assert_looks_like;
use super::stage::Stage;

#[test]
fn the_editor_looks_as_kept_at_three_sizes_in_three_palettes() {
    for name in ["Canopy", "Dew", "Moss"] {
        for percent in [75, 100, 200] {
            let mut model = playing(name);
            model.scale_percent = percent;
            let stage = Stage::scaled(model, percent);
            assert_looks_like(
                &stage.canvas(),
                &format!("{}-{percent}", name.to_lowercase()),
            );
        }
    }
}
