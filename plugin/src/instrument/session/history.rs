//! Undo, redo and the comparison of two sides. Editor thread; pure values.

use super::Snapshot;

/// Gestures that can be undone; older ones are forgotten.
const MOST_STEPS: usize = 200;

/// One of two settings to compare.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Side {
    /// The first.
    #[default]
    A,
    /// The second.
    B,
}

/// What was, what was undone, and the side that is not heard.
#[derive(Clone, Debug)]
pub struct History<S = Snapshot> {
    undo: Vec<Step<S>>,
    redo: Vec<Step<S>>,
    side: Side,
    other: Option<Box<S>>,
}

impl<S> Default for History<S> {
    fn default() -> Self {
        Self {
            undo: Vec::new(),
            redo: Vec::new(),
            side: Side::A,
            other: None,
        }
    }
}

/// A gesture, and where it leads back or on to.
#[derive(Clone, Debug)]
struct Step<S> {
    name: String,
    snapshot: S,
}

impl<S: Clone> History<S> {
    /// Remembers what was before a gesture of this name that changed something. Nothing undone can be redone then.
    pub fn remember(&mut self, name: String, before: S) {
        self.redo.clear();
        let snapshot = before;
        push_bounded(&mut self.undo, Step { name, snapshot });
    }

    /// What was before the last gesture, if any; `now` can be had back by [`History::redo`].
    pub fn undo(&mut self, now: S) -> Option<S> {
        let Step { name, snapshot } = self.undo.pop()?;
        self.redo.push(Step {
            name,
            snapshot: now,
        });
        Some(snapshot)
    }

    /// What was undone last, if any.
    pub fn redo(&mut self, now: S) -> Option<S> {
        let Step { name, snapshot } = self.redo.pop()?;
        let step = Step {
            name,
            snapshot: now,
        };
        push_bounded(&mut self.undo, step);
        Some(snapshot)
    }

    /// The gesture that would be taken back, if any.
    pub fn undo_name(&self) -> Option<&str> {
        self.undo.last().map(|step| step.name.as_str())
    }

    /// The gesture that would be done again, if any.
    pub fn redo_name(&self) -> Option<&str> {
        self.redo.last().map(|step| step.name.as_str())
    }

    /// The side that is heard.
    pub fn side(&self) -> Side {
        self.side
    }

    /// Goes to the other side; the first time it is the same as this one. It is no gesture: undo goes on as it was.
    pub fn switch_side(&mut self, now: S) -> S {
        self.side = match self.side {
            Side::A => Side::B,
            Side::B => Side::A,
        };
        let other = self
            .other
            .take()
            .map_or_else(|| now.clone(), |other| *other);
        self.other = Some(Box::new(now));
        other
    }

    /// Makes the other side the same as this one.
    pub fn copy_to_other_side(&mut self, now: S) {
        self.other = Some(Box::new(now));
    }
}

fn push_bounded<S>(steps: &mut Vec<Step<S>>, step: Step<S>) {
    if steps.len() >= MOST_STEPS {
        steps.remove(0);
    }
    steps.push(step);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn snapshot(value: f32) -> Snapshot {
        Snapshot {
            parameters: [("output".to_owned(), value)].into(),
            ..Snapshot::default()
        }
    }

    #[test]
    fn undoing_all_and_redoing_all_comes_back_to_the_last_gesture() {
        let mut history = History::default();
        for step in 0..5_u8 {
            history.remember("step".to_owned(), snapshot(f32::from(step)));
        }
        let mut now = snapshot(5.0);
        while let Some(before) = history.undo(now.clone()) {
            now = before;
        }
        assert_eq!(now, snapshot(0.0));
        while let Some(after) = history.redo(now.clone()) {
            now = after;
        }
        assert_eq!(now, snapshot(5.0));
    }

    #[test]
    fn a_gesture_after_undo_forgets_what_was_undone() {
        let mut history = History::default();
        history.remember("step".to_owned(), snapshot(0.0));
        assert!(history.undo(snapshot(1.0)).is_some() && history.redo_name().is_some());
        history.remember("step".to_owned(), snapshot(0.0));
        assert!(history.redo_name().is_none());
    }

    #[test]
    fn more_gestures_than_are_kept_forget_the_oldest() {
        let mut history = History::default();
        for step in 0..MOST_STEPS + 3 {
            history.remember("step".to_owned(), snapshot(step as f32));
        }
        let mut oldest = snapshot(-1.0);
        while let Some(before) = history.undo(oldest.clone()) {
            oldest = before;
        }
        assert_eq!(oldest, snapshot(3.0));
    }

    #[test]
    fn switching_sides_twice_is_where_one_was() {
        let mut history = History::default();
        let on_b = history.switch_side(snapshot(0.1));
        assert_eq!((on_b, history.side()), (snapshot(0.1), Side::B));
        assert_eq!(history.switch_side(snapshot(0.9)), snapshot(0.1));
        assert_eq!(history.switch_side(snapshot(0.1)), snapshot(0.9));
    }
}
