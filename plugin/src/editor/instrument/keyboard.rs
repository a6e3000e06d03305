//! The keyboard with its two strips: a dot for a key that is ready, a ring for one that is being made, a fill for one that is
//! held. Play with the pointer, or walk with the arrow keys and press space. Editor thread.

use egui::{
    Align2, Color32, Key, PointerButton, Pos2, Rect, Response, Role, Sense, Stroke, Ui, WidgetInfo,
    pos2, vec2,
};

use super::note::key_name;
use crate::editor::Pass;
use crate::editor::action::Action;
use crate::editor::model::{KeyBaking, KeyView};
use crate::editor::theme::{GRID, GROUND, HOVERED, LINE, QUIET, RAISED, TEXT, small};
use crate::editor::widgets::button::focus_ring;
use crate::editor::widgets::hands::keep_arrows;
use crate::editor::widgets::strip::{StripFace, strip};
use crate::editor::widgets::text::Line;

/// Height of a black key over that of a white one, and their widths.
const BLACK_HEIGHT: f32 = 0.58;
const BLACK_WIDTH: f32 = 0.62;
/// Loudness of a key that the keyboard pressed.
const TYPED_VELOCITY: f32 = 0.7;

/// Draws keyboard and strips.
pub(crate) fn show(ui: &mut Ui, room: Rect, pass: &mut Pass<'_>) {
    let inner = room.shrink2(vec2(2.0 * GRID, GRID));
    let strip_rect = |index: f32| {
        Rect::from_min_size(
            inner.min + vec2(index * 3.0 * GRID, 0.0),
            vec2(2.0 * GRID, inner.height()),
        )
    };
    let view = &pass.model.keyboard;
    let accent = pass.theme.accent;
    let bend = StripFace {
        name: "Pitch bend",
        value: 0.5 + 0.5 * view.bend,
        rest: 0.5,
        springs: true,
        accent,
    };
    let wheel = StripFace {
        name: "Mod wheel",
        value: view.modulation,
        rest: 0.0,
        springs: false,
        accent,
    };
    let bend = strip(ui, strip_rect(0.0), &bend);
    let modulation = strip(ui, strip_rect(1.0), &wheel);
    pass.actions
        .extend(bend.map(|value| Action::SetBend(2.0 * value - 1.0)));
    pass.actions.extend(modulation.map(Action::SetModulation));
    if view.keys.is_empty() {
        return;
    }
    let keys = Keys::new(
        inner.with_min_x(inner.left() + 6.0 * GRID + GRID),
        view.lowest_key,
        view.keys.len(),
    );
    let response = ui.interact(
        keys.room,
        ui.scope_id().with("keys"),
        Sense::click_and_drag(),
    );
    play_by_pointer(ui, &response, &keys, pass);
    play_by_typing(ui, &response, &keys, pass);
    paint(ui, &response, &keys, pass);
    describe(&response, &keys, pass);
}

/// Where the keys lie.
struct Keys {
    room: Rect,
    lowest: u8,
    count: usize,
    white_width: f32,
}

impl Keys {
    fn new(room: Rect, lowest: u8, count: usize) -> Self {
        let num_white = (0..count)
            .filter(|index| !is_black(lowest.saturating_add(*index as u8)))
            .count();
        Self {
            room,
            lowest,
            count,
            white_width: room.width() / num_white.max(1) as f32,
        }
    }

    fn numbers(&self) -> impl Iterator<Item = u8> + '_ {
        (0..self.count).map(|index| self.lowest.saturating_add(index as u8))
    }

    fn highest(&self) -> u8 {
        self.lowest
            .saturating_add(self.count.saturating_sub(1) as u8)
    }

    fn rect(&self, key: u8) -> Rect {
        let whites_below = (self.lowest..key).filter(|below| !is_black(*below)).count() as f32;
        let left = self.room.left() + whites_below * self.white_width;
        if is_black(key) {
            let size = vec2(
                BLACK_WIDTH * self.white_width,
                BLACK_HEIGHT * self.room.height(),
            );
            Rect::from_min_size(pos2(left - 0.5 * size.x, self.room.top()), size)
        } else {
            Rect::from_min_size(
                pos2(left, self.room.top()),
                vec2(self.white_width, self.room.height()),
            )
        }
    }

    /// The key under a point; black keys lie on top.
    fn at(&self, point: Pos2) -> Option<u8> {
        let under = |wants_black: bool| {
            self.numbers()
                .find(|key| is_black(*key) == wants_black && self.rect(*key).contains(point))
        };
        under(true).or_else(|| under(false))
    }
}

fn is_black(key: u8) -> bool {
    matches!(key % 12, 1 | 3 | 6 | 8 | 10)
}

fn play_by_pointer(ui: &Ui, response: &Response, keys: &Keys, pass: &mut Pass<'_>) {
    let is_down = response.is_pointer_button_down_on()
        && ui.input(|input| input.pointer.button_down(PointerButton::Primary));
    let pointer = response.interact_pointer_pos().filter(|_| is_down);
    let wanted = pointer.and_then(|point| keys.at(point).map(|key| (key, point)));
    let is_typing = response.has_focus() && ui.input(|input| input.key_down(Key::Space));
    if is_typing && !is_down {
        return;
    }
    if wanted.map(|(key, _)| key) == pass.local.pressed_key {
        return;
    }
    pass.actions
        .extend(pass.local.pressed_key.take().map(Action::ReleaseKey));
    if let Some((key, point)) = wanted {
        // Further down a key is louder, as its lever is longer.
        let rect = keys.rect(key);
        let depth = ((point.y - rect.top()) / rect.height()).clamp(0.0, 1.0);
        pass.actions
            .push(Action::PressKey(key, 0.25 + 0.75 * depth));
        pass.local.pressed_key = Some(key);
        pass.local.cursor_key = Some(key);
    }
}

fn play_by_typing(ui: &Ui, response: &Response, keys: &Keys, pass: &mut Pass<'_>) {
    if !response.has_focus() {
        return;
    }
    keep_arrows(ui, response);
    let middle = keys.lowest.midpoint(keys.highest());
    let cursor = pass
        .local
        .cursor_key
        .unwrap_or(60)
        .clamp(keys.lowest, keys.highest());
    let steps = ui.input(|input| {
        let pressed = |key| input.num_presses(key) as i32;
        pressed(Key::ArrowRight) - pressed(Key::ArrowLeft)
            + 12 * (pressed(Key::ArrowUp) - pressed(Key::ArrowDown))
    });
    let moved = (i32::from(cursor) + steps).clamp(keys.lowest.into(), keys.highest().into());
    let cursor = u8::try_from(moved).unwrap_or(middle);
    pass.local.cursor_key = Some(cursor);
    let (is_pressed, is_let_go) = ui.input(|input| {
        (
            input.key_pressed(Key::Space),
            input.key_released(Key::Space),
        )
    });
    if is_pressed && pass.local.pressed_key.is_none() {
        pass.actions.push(Action::PressKey(cursor, TYPED_VELOCITY));
        pass.local.pressed_key = Some(cursor);
    }
    if is_let_go {
        pass.actions
            .extend(pass.local.pressed_key.take().map(Action::ReleaseKey));
    }
}

fn paint(ui: &Ui, response: &Response, keys: &Keys, pass: &Pass<'_>) {
    let painter = ui.painter();
    let hovered = response.hover_pos().and_then(|point| keys.at(point));
    let cursor = pass.local.cursor_key.filter(|_| response.has_focus());
    for wants_black in [false, true] {
        for (key, view) in keys.numbers().zip(&pass.model.keyboard.keys) {
            if is_black(key) != wants_black {
                continue;
            }
            let rect = keys.rect(key);
            let is_held = view.is_held || pass.local.pressed_key == Some(key);
            let fill = key_fill(
                wants_black,
                is_held,
                hovered == Some(key),
                pass.theme.accent,
            );
            painter.rect_filled(rect, if wants_black { 1.0 } else { 0.0 }, fill);
            if wants_black {
                painter.rect_stroke(rect, 1.0, Stroke::new(1.0, LINE), egui::StrokeKind::Inside);
            } else {
                painter.vline(rect.left(), rect.y_range(), Stroke::new(1.0, LINE));
            }
            paint_state(ui, rect, view, is_held, pass.theme.accent);
            if cursor == Some(key) {
                painter.rect_stroke(
                    rect.shrink(1.0),
                    1.0,
                    Stroke::new(1.0, TEXT),
                    egui::StrokeKind::Inside,
                );
            }
            if key % 12 == 0 && rect.width() > 12.0 {
                let foot = rect.with_min_y(rect.bottom() - 16.0);
                let color = if is_held { GROUND } else { QUIET };
                Line::new(&key_name(key), small(), color).paint(
                    painter,
                    foot,
                    Align2::CENTER_CENTER,
                );
            }
        }
    }
    painter.rect_stroke(
        keys.room,
        0.0,
        Stroke::new(1.0, LINE),
        egui::StrokeKind::Middle,
    );
    focus_ring(ui, response);
}

fn key_fill(is_black: bool, is_held: bool, is_hovered: bool, accent: Color32) -> Color32 {
    match (is_black, is_held, is_hovered) {
        (_, true, _) => accent,
        (true, _, false) => GROUND,
        (false, _, false) => RAISED,
        (_, _, true) => HOVERED,
    }
}

fn paint_state(ui: &Ui, rect: Rect, view: &KeyView, is_held: bool, accent: Color32) {
    let foot = if rect.height() > 40.0 { 22.0 } else { 8.0 };
    let at = pos2(rect.center().x, rect.bottom() - foot);
    let color = if is_held { GROUND } else { accent };
    match view.baking {
        KeyBaking::Absent => {}
        KeyBaking::Pending => drop(ui.painter().circle_stroke(at, 2.5, Stroke::new(1.0, color))),
        KeyBaking::Baked => drop(ui.painter().circle_filled(at, 2.0, color)),
    }
}

fn describe(response: &Response, keys: &Keys, pass: &Pass<'_>) {
    let views = &pass.model.keyboard.keys;
    let num_ready = views
        .iter()
        .filter(|key| key.baking == KeyBaking::Baked)
        .count();
    let words = format!(
        "Keyboard {} to {}, {num_ready} of {} keys ready",
        key_name(keys.lowest),
        key_name(keys.highest()),
        keys.count
    );
    response.widget_info(|| WidgetInfo::labeled(Role::Group, true, &words));
}
