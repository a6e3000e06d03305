//! What keys, wheel and assistive software ask of the widget in hand, in steps of its value. Reads one pass's events.

use egui::{Event, EventFilter, Key, MouseWheelUnit, Response, Ui};

use super::FINE;

/// Points per notch where the system reports a smooth wheel.
const POINTS_PER_NOTCH: f32 = 50.0;

/// Marks the whole text of a field, so that typing replaces it.
pub(super) fn select_all(ui: &Ui, id: egui::Id, num_chars: usize) {
    use egui::text::{CCursor, CCursorRange};
    let mut state = egui::TextEdit::load_state(ui.ctx(), id).unwrap_or_default();
    let range = CCursorRange::two(CCursor::new(0), CCursor::new(num_chars));
    state.cursor.set_char_range(Some(range));
    state.store(ui.ctx(), id);
}

/// Arrow keys move the value, not the focus, while the widget has it.
pub fn keep_arrows(ui: &Ui, response: &Response) {
    let filter = EventFilter {
        horizontal_arrows: true,
        vertical_arrows: true,
        ..EventFilter::default()
    };
    ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, filter));
}

/// Presses of right and up less those of left and down, a tenth each with shift.
pub(super) fn pressed_steps(ui: &Ui) -> f32 {
    ui.input(|input| {
        let mut steps = 0.0;
        for event in &input.events {
            let Event::Key {
                key,
                pressed: true,
                modifiers,
                ..
            } = event
            else {
                continue;
            };
            let size = if modifiers.shift { FINE } else { 1.0 };
            steps += match key {
                Key::ArrowRight | Key::ArrowUp => size,
                Key::ArrowLeft | Key::ArrowDown => -size,
                Key::PageUp => 5.0 * size,
                Key::PageDown => -5.0 * size,
                _ => 0.0,
            };
        }
        steps
    })
}

/// The end that the home or the end key asks for.
pub(super) fn pressed_end(ui: &Ui) -> Option<f32> {
    ui.input(|input| {
        let home = input.key_pressed(Key::Home).then_some(0.0);
        home.or_else(|| input.key_pressed(Key::End).then_some(1.0))
    })
}

/// Notches of the wheel in this pass, up and right positive.
pub(super) fn wheel_notches(events: &[Event]) -> f32 {
    let mut notches = 0.0;
    for event in events {
        if let Event::MouseWheel {
            unit,
            delta,
            modifiers,
            ..
        } = event
        {
            let amount = delta.x + delta.y;
            let size = match unit {
                MouseWheelUnit::Point => amount / POINTS_PER_NOTCH,
                MouseWheelUnit::Line | MouseWheelUnit::Page => amount,
            };
            notches += if modifiers.shift { FINE * size } else { size };
        }
    }
    notches
}

/// What assistive software asked of a widget in this pass.
pub(super) struct Asked {
    pub(super) steps: f32,
    pub(super) value: Option<f32>,
}

/// Steps and values that a screen reader or the like requested.
pub(super) fn asked_by_assistant(ui: &Ui, id: egui::Id) -> Asked {
    use egui::accesskit::{Action, ActionData};
    ui.input(|input| {
        let up = input.num_accesskit_action_requests(id, Action::Increment) as f32;
        let down = input.num_accesskit_action_requests(id, Action::Decrement) as f32;
        let values = input
            .accesskit_action_requests(id, Action::SetValue)
            .filter_map(|request| match request.data {
                Some(ActionData::NumericValue(value)) => Some(value as f32),
                _ => None,
            });
        Asked {
            steps: up - down,
            value: values.last(),
        }
    })
}
