//! A window of the editor for tests: egui's own harness, the software painter, a record of every action.

use std::cell::RefCell;
use std::rc::Rc;

use egui::TexturesDelta;
use egui_kittest::kittest::Queryable;
use egui_kittest::{Harness, TestRenderer};
use plugin::editor::action::Action;
use plugin::editor::local::EditorLocal;
use plugin::editor::model::EditorModel;
use plugin::editor::{BASE_SIZE, install, show};

use super::painter::{Canvas, Painter};

/// What the window shows and what came of it.
#[derive(Default)]
pub struct World {
    pub model: EditorModel,
    pub local: EditorLocal,
    pub actions: Vec<Action>,
}

#[derive(Clone, Default)]
struct SharedPainter(Rc<RefCell<Painter>>);

impl TestRenderer for SharedPainter {
    fn handle_delta(&mut self, delta: &mut TexturesDelta) {
        self.0.borrow_mut().take_textures(delta);
    }
}

pub struct Stage<W = World> {
    pub harness: Harness<'static, W>,
    painter: SharedPainter,
}

impl Stage {
    pub fn new(model: EditorModel) -> Self {
        Self::scaled(model, 100)
    }

    pub fn scaled(model: EditorModel, percent: u32) -> Self {
        let world = World {
            model,
            ..World::default()
        };
        Self::open(world, percent, |ui, world| {
            let actions = show(ui, &world.model, &mut world.local);
            world.actions.extend(actions);
        })
    }

    /// What was done since the last call.
    pub fn take_actions(&mut self) -> Vec<Action> {
        std::mem::take(&mut self.harness.state_mut().actions)
    }
}

impl<W: 'static> Stage<W> {
    /// A window in which `draw` draws.
    pub fn open(world: W, percent: u32, draw: fn(&mut egui::Ui, &mut W)) -> Self {
        let painter = SharedPainter::default();
        let builder = Harness::builder()
            .with_size(BASE_SIZE)
            .with_pixels_per_point(percent as f32 / 100.0)
            .with_step_dt(1.0 / 60.0)
            .with_context_setup(install)
            .renderer(painter.clone());
        let harness = builder.build_ui_state(
            move |ui, world: &mut W| {
                // The harness leaves a margin; a host's window has none.
                let window = ui.ctx().content_rect();
                let mut whole = ui.new_child(egui::UiBuilder::new().max_rect(window));
                whole.set_clip_rect(window);
                draw(&mut whole, world);
            },
            world,
        );
        Self { harness, painter }
    }

    /// The window as it was last drawn.
    pub fn canvas(&self) -> Canvas {
        self.canvas_of(|_| true)
    }

    /// The same with only the shapes that `is_wanted`.
    pub fn canvas_of(&self, is_wanted: impl Fn(&egui::Shape) -> bool) -> Canvas {
        let output = self.harness.output();
        let pixels_per_point = output.pixels_per_point;
        let shapes = output
            .shapes
            .iter()
            .filter(|clipped| is_wanted(&clipped.shape))
            .cloned()
            .collect();
        let primitives = self.harness.ctx.tessellate(shapes, pixels_per_point);
        let size = self.harness.ctx.viewport_rect().size() * pixels_per_point;
        let size = [size.x.round() as usize, size.y.round() as usize];
        self.painter
            .0
            .borrow()
            .paint(&primitives, size, pixels_per_point)
    }
}

/// What the hand does between two passes.
impl<W> Stage<W> {
    /// The middle of what assistive software calls `name`.
    pub fn middle_of(&self, name: &str) -> egui::Pos2 {
        self.harness.get_by_label(name).rect().center()
    }

    pub fn step(&mut self) {
        self.harness.step();
    }

    /// Presses the button at `from`, goes to `to` in `num_moves` passes and lets go.
    pub fn drag(&mut self, from: egui::Pos2, to: egui::Pos2, num_moves: usize) {
        self.take_hold(from);
        for index in 1..=num_moves {
            let share = index as f32 / num_moves as f32;
            self.harness.hover_at(from + share * (to - from));
            self.step();
        }
        self.harness.drop_at(to);
        self.step();
    }

    /// Presses the button at a place and leaves it pressed.
    pub fn take_hold(&mut self, at: egui::Pos2) {
        self.harness.hover_at(at);
        self.step();
        self.harness.drag_at(at);
        self.step();
    }

    /// Presses and lets go.
    pub fn click(&mut self, at: egui::Pos2) {
        self.take_hold(at);
        self.harness.drop_at(at);
        self.step();
    }

    /// The wheel, once, over a place.
    pub fn wheel(&mut self, at: egui::Pos2, notches: f32) {
        self.harness.hover_at(at);
        self.step();
        self.harness.event(egui::Event::MouseWheel {
            unit: egui::MouseWheelUnit::Line,
            delta: egui::vec2(0.0, notches),
            phase: egui::TouchPhase::Move,
            source: egui::MouseWheelSource::Wheel,
            modifiers: egui::Modifiers::NONE,
        });
        self.step();
    }

    /// Passes over `seconds` with nothing happening.
    pub fn wait(&mut self, seconds: f32) {
        self.harness.run_steps((60.0 * seconds) as usize);
    }
}
