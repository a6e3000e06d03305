//! How the editors look: one dark neutral ground, a grid of 8 points, Inter in three sizes, lines instead of boxes, accents
//! from the sound's palette. Editor thread. Draws nothing itself.

use std::sync::Arc;

use egui::{Color32, CornerRadius, FontData, FontDefinitions, FontFamily, FontId, Stroke, Vec2};

use super::palette::{Palette, contrast};

/// The grid. Distances are multiples of it, or halves.
pub const GRID: f32 = 8.0;
/// Design size, points.
pub const BASE_SIZE: Vec2 = Vec2::new(960.0, 600.0);
/// Scales that the editor is made for, percent.
pub const SCALES_PERCENT: [u32; 6] = [75, 100, 125, 150, 175, 200];

/// The ground.
pub const GROUND: Color32 = Color32::from_rgb(0x13, 0x14, 0x16);
/// Fields, menus, tooltips.
pub const RAISED: Color32 = Color32::from_rgb(0x1c, 0x1d, 0x21);
/// What the pointer is over.
pub const HOVERED: Color32 = Color32::from_rgb(0x26, 0x28, 0x2d);
/// Hairlines between rooms.
pub const LINE: Color32 = Color32::from_rgb(0x2b, 0x2d, 0x32);
/// Tracks, outlines of what can be taken hold of.
pub const TRACK: Color32 = Color32::from_rgb(0x48, 0x4b, 0x53);
/// What is read first.
pub const TEXT: Color32 = Color32::from_rgb(0xea, 0xeb, 0xee);
/// What is read second.
pub const QUIET: Color32 = Color32::from_rgb(0xa2, 0xa5, 0xae);
/// Faults.
pub const FAULT: Color32 = Color32::from_rgb(0xff, 0x8f, 0x78);

/// Least contrast of text with what lies behind it (WCAG 2.2, level AA).
pub const LEAST_CONTRAST: f32 = 4.5;

/// The family of the heavier cut.
const STRONG: &str = "strong";

/// Labels, tags, values, figures.
pub fn small() -> FontId {
    FontId::new(12.0, FontFamily::Proportional)
}

/// Section titles.
pub fn small_strong() -> FontId {
    FontId::new(12.0, FontFamily::Name(STRONG.into()))
}

/// Names and sentences.
pub fn body() -> FontId {
    FontId::new(14.0, FontFamily::Proportional)
}

/// The current row, the wordmark.
pub fn body_strong() -> FontId {
    FontId::new(14.0, FontFamily::Name(STRONG.into()))
}

/// The sound's name.
pub fn title() -> FontId {
    FontId::new(20.0, FontFamily::Name(STRONG.into()))
}

/// Colours that change with the sound.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Theme {
    /// The sound's palette.
    pub palette: Palette,
    /// What is active: light enough to be read as text on every ground of this theme.
    pub accent: Color32,
    /// A darker kin of the accent, for fills.
    pub deep: Color32,
}

impl Theme {
    /// The theme of a palette.
    pub fn new(palette: Palette) -> Self {
        Self {
            palette,
            accent: readable(palette.accent(), HOVERED),
            deep: color(palette.0[1]),
        }
    }
}

/// An sRGB triple as egui has it.
pub fn color([red, green, blue]: [u8; 3]) -> Color32 {
    Color32::from_rgb(red, green, blue)
}

/// The color, moved towards white until it can be read on `ground`.
fn readable(from: [u8; 3], ground: Color32) -> Color32 {
    let ground = [ground.r(), ground.g(), ground.b()];
    let mixed = |share: f32| {
        from.map(|channel| (f32::from(channel) + share * (255.0 - f32::from(channel))) as u8)
    };
    let steps = (0..=20).map(|step| mixed(step as f32 / 20.0));
    let readable = steps
        .into_iter()
        .find(|mix| contrast(*mix, ground) >= LEAST_CONTRAST);
    readable.map_or(Color32::WHITE, color)
}

/// Gives a fresh egui context the typeface and the look. Once per window, before its first pass.
pub fn install(context: &egui::Context) {
    context.set_fonts(fonts());
    context.set_theme(egui::Theme::Dark);
    context.all_styles_mut(style);
}

fn fonts() -> FontDefinitions {
    let mut fonts = FontDefinitions::empty();
    let cuts: [(&str, &'static [u8], FontFamily); 2] = [
        (
            "Inter Regular",
            include_bytes!("../../assets/fonts/Inter-Regular.ttf"),
            FontFamily::Proportional,
        ),
        (
            "Inter SemiBold",
            include_bytes!("../../assets/fonts/Inter-SemiBold.ttf"),
            FontFamily::Name(STRONG.into()),
        ),
    ];
    for (name, bytes, family) in cuts {
        let data = FontData::from_static(bytes);
        fonts.font_data.insert(name.into(), Arc::new(data));
        fonts.families.insert(family, vec![name.into()]);
    }
    // egui asks for a monospaced family by itself; the figures of ours are tabular anyway.
    fonts
        .families
        .insert(FontFamily::Monospace, vec!["Inter Regular".into()]);
    fonts
}

fn style(style: &mut egui::Style) {
    use egui::TextStyle;
    style.text_styles = [
        (TextStyle::Small, small()),
        (TextStyle::Body, body()),
        (TextStyle::Button, body()),
        (TextStyle::Monospace, small()),
        (TextStyle::Heading, title()),
    ]
    .into();
    style.spacing.item_spacing = Vec2::new(GRID, GRID / 2.0);
    style.spacing.button_padding = Vec2::new(GRID, GRID / 2.0);
    style.spacing.menu_margin = egui::Margin::same(8);
    style.spacing.interact_size.y = 3.0 * GRID;
    style.interaction.tooltip_delay = 0.4;
    let visuals = &mut style.visuals;
    visuals.panel_fill = GROUND;
    visuals.window_fill = RAISED;
    visuals.extreme_bg_color = GROUND;
    visuals.text_edit_bg_color = Some(RAISED);
    visuals.faint_bg_color = RAISED;
    visuals.window_stroke = Stroke::new(1.0, LINE);
    visuals.override_text_color = None;
    visuals.weak_text_color = Some(QUIET);
    visuals.window_corner_radius = CornerRadius::same(4);
    visuals.menu_corner_radius = CornerRadius::same(4);
    visuals.selection.bg_fill = TRACK;
    visuals.selection.stroke = Stroke::new(1.0, TEXT);
    let widgets = &mut visuals.widgets;
    for (state, fill, text) in [
        (&mut widgets.noninteractive, RAISED, TEXT),
        (&mut widgets.inactive, RAISED, TEXT),
        (&mut widgets.hovered, HOVERED, TEXT),
        (&mut widgets.active, HOVERED, TEXT),
        (&mut widgets.open, HOVERED, TEXT),
    ] {
        state.bg_fill = fill;
        state.weak_bg_fill = fill;
        state.bg_stroke = Stroke::new(1.0, LINE);
        state.fg_stroke = Stroke::new(1.0, text);
        state.corner_radius = CornerRadius::same(2);
        state.expansion = 0.0;
    }
}
