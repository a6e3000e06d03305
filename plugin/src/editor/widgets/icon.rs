//! Icons as strokes on a grid of 16 points, so that they are sharp at every scale and need no icon font. Editor thread.

use egui::{Color32, Painter, Pos2, Rect, Shape, Stroke, pos2, vec2};

/// What can be drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Icon {
    /// Favourite.
    Star,
    /// Randomise.
    Dice,
    /// Kept when randomising.
    LockClosed,
    /// Not kept.
    LockOpen,
    /// Take back.
    Undo,
    /// Do again.
    Redo,
    /// The one before.
    Left,
    /// The next.
    Right,
    /// Opens downwards.
    Down,
    /// The main menu.
    Menu,
    /// Find.
    Search,
    /// Copy to the other side.
    CopyAcross,
    /// Chosen, fit.
    Check,
    /// Doubtful.
    Warning,
    /// Refused, remove.
    Cross,
}

const WIDTH: f32 = 1.25;

/// Draws an icon, 16 points wide, in the middle of `rect`.
pub fn paint(painter: &Painter, rect: Rect, icon: Icon, color: Color32) {
    let origin = rect.center() - vec2(8.0, 8.0);
    let at = |x: f32, y: f32| origin + vec2(x, y);
    let stroke = Stroke::new(WIDTH, color);
    let line = |points: &[(f32, f32)]| {
        let points = points.iter().map(|(x, y)| at(*x, *y)).collect();
        painter.add(Shape::line(points, stroke));
    };
    match icon {
        Icon::Star => drop(painter.add(star(at(8.0, 8.4), color))),
        Icon::Dice => dice(painter, at(8.0, 8.0), stroke),
        Icon::LockClosed => lock(painter, origin, stroke, true),
        Icon::LockOpen => lock(painter, origin, stroke, false),
        Icon::Undo => turn(painter, origin, stroke, false),
        Icon::Redo => turn(painter, origin, stroke, true),
        Icon::Left => line(&[(10.0, 3.5), (5.5, 8.0), (10.0, 12.5)]),
        Icon::Right => line(&[(6.0, 3.5), (10.5, 8.0), (6.0, 12.5)]),
        Icon::Down => line(&[(4.5, 6.5), (8.0, 10.0), (11.5, 6.5)]),
        Icon::Menu => [4.0, 8.0, 12.0]
            .iter()
            .for_each(|y| line(&[(2.5, *y), (13.5, *y)])),
        Icon::Search => {
            painter.circle_stroke(at(7.0, 7.0), 4.0, stroke);
            line(&[(10.0, 10.0), (13.5, 13.5)]);
        }
        Icon::CopyAcross => {
            line(&[(2.5, 8.0), (13.0, 8.0)]);
            line(&[(9.5, 4.5), (13.0, 8.0), (9.5, 11.5)]);
        }
        Icon::Check => line(&[(3.0, 8.5), (6.5, 12.0), (13.0, 4.5)]),
        Icon::Warning => {
            line(&[(8.0, 2.5), (14.0, 13.0), (2.0, 13.0), (8.0, 2.5)]);
            line(&[(8.0, 6.5), (8.0, 9.5)]);
            painter.circle_filled(at(8.0, 11.2), 0.8, color);
        }
        Icon::Cross => {
            line(&[(4.0, 4.0), (12.0, 12.0)]);
            line(&[(12.0, 4.0), (4.0, 12.0)]);
        }
    }
}

/// A filled five-pointed star, as triangles around its middle: epaint fills convex outlines only.
fn star(center: Pos2, color: Color32) -> Shape {
    let mut mesh = egui::Mesh::default();
    mesh.colored_vertex(center, color);
    for point in 0..10 {
        let radius = if point % 2 == 0 { 6.2 } else { 2.7 };
        let angle = std::f32::consts::PI * (point as f32 / 5.0 - 0.5);
        mesh.colored_vertex(center + radius * vec2(angle.cos(), angle.sin()), color);
    }
    for point in 0..10 {
        mesh.add_triangle(0, 1 + point, 1 + (point + 1) % 10);
    }
    Shape::mesh(mesh)
}

fn dice(painter: &Painter, center: Pos2, stroke: Stroke) {
    let face = Rect::from_center_size(center, vec2(12.0, 12.0));
    painter.rect_stroke(face, 2.5, stroke, egui::StrokeKind::Middle);
    for (x, y) in [
        (-3.0, -3.0),
        (3.0, -3.0),
        (0.0, 0.0),
        (-3.0, 3.0),
        (3.0, 3.0),
    ] {
        painter.circle_filled(center + vec2(x, y), 1.1, stroke.color);
    }
}

fn lock(painter: &Painter, origin: Pos2, stroke: Stroke, is_closed: bool) {
    let body = Rect::from_min_max(origin + vec2(4.0, 7.5), origin + vec2(12.0, 13.5));
    if is_closed {
        painter.rect_filled(body, 1.0, stroke.color);
    }
    painter.rect_stroke(body, 1.0, stroke, egui::StrokeKind::Middle);
    let (left, right) = if is_closed { (5.5, 10.5) } else { (8.5, 13.5) };
    let mut points = vec![pos2(left, 7.5)];
    for step in 0..=8 {
        let angle = std::f32::consts::PI * (1.0 + step as f32 / 8.0);
        let middle = 0.5 * (left + right);
        points.push(pos2(middle + 2.5 * angle.cos(), 5.5 + 2.5 * angle.sin()));
    }
    if is_closed {
        points.push(pos2(right, 7.5));
    }
    let points = points
        .iter()
        .map(|point| origin + point.to_vec2())
        .collect();
    painter.add(Shape::line(points, stroke));
}

fn turn(painter: &Painter, origin: Pos2, stroke: Stroke, is_redo: bool) {
    let at = |x: f32, y: f32| origin + vec2(if is_redo { 16.0 - x } else { x }, y);
    let mut points = vec![at(3.0, 6.0), at(9.0, 6.0)];
    for step in 1..=8 {
        let angle = std::f32::consts::PI * (step as f32 / 8.0 - 0.5);
        points.push(at(9.0 + 3.5 * angle.cos(), 9.5 + 3.5 * angle.sin()));
    }
    points.push(at(6.0, 13.0));
    painter.add(Shape::line(points, stroke));
    let head = vec![at(6.0, 3.0), at(3.0, 6.0), at(6.0, 9.0)];
    painter.add(Shape::line(head, stroke));
}
