//! `backdrop`: a picture, a closed loop or a contact sheet of pictures, with its figures.

mod arguments;
mod moving;
mod sheet;
mod still;

use backdrop::{Fault, Studio};

pub use arguments::Arguments;
pub use still::paint_file;

use crate::failure::Failure;
use crate::flags::Common;
use crate::outcome::Outcome;
use crate::places;

/// Paints what is asked for.
///
/// # Errors
/// Exit code 2 for a request that cannot be followed, else whatever model, disk or encoder refuse.
pub fn run(arguments: &Arguments, common: &Common) -> Result<Outcome, Failure> {
    let order = arguments.order(common)?;
    super::setup::ensure(&[super::setup::Part::RuntimeLibrary])?;
    let path = match &arguments.model {
        Some(path) => path.clone(),
        None => places::shipped_picture_model()?,
    };
    let mut studio = Studio::load(&path)?;
    let order = order.with_mood_styles(arguments, studio.manifest());
    if let Some(shape) = arguments.sheet_shape()? {
        return sheet::run(&mut studio, &order, shape, arguments, common);
    }
    if let Some(plan) = arguments.plan()? {
        return moving::run(&mut studio, &order, plan, &path, arguments, common);
    }
    still::run(&mut studio, &order, arguments, common)
}

impl From<backdrop::Error> for Failure {
    fn from(error: backdrop::Error) -> Self {
        match error.fault() {
            Fault::Request => Self::request(error),
            Fault::InputFile => Self::input_file(error),
            Fault::System => Self::system(error),
        }
    }
}
