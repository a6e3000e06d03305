//! `backdrop`: a picture, a closed loop or a contact sheet of pictures, with its figures.

pub mod again;
mod arguments;
mod character;
mod moving;
mod sheet;
mod still;

use backdrop::Fault;
use clap::Parser;

pub use arguments::Arguments;
pub use still::paint_file;

use crate::failure::Failure;
use crate::flags::Common;
use crate::outcome::Outcome;
use crate::workshop::{self, Workshop};

/// The flags as another command gives them.
#[derive(Parser)]
#[command(no_binary_name = true)]
struct Alone {
    #[command(flatten)]
    arguments: Arguments,
}

/// Arguments of flags that another command puts together.
///
/// # Errors
/// Exit code 2 with the first flag that is none.
pub fn arguments(flags: &[String]) -> Result<Arguments, Failure> {
    let parsed = Alone::try_parse_from(flags);
    parsed.map(|alone| alone.arguments).map_err(|error| {
        let words = error.to_string();
        let first = words.lines().next().unwrap_or_default();
        Failure::request(first.strip_prefix("error: ").unwrap_or(first).to_owned())
    })
}

/// Everything that can be known before it is painted; writes nothing.
///
/// # Errors
/// As [`run`].
pub fn check(
    arguments: &Arguments,
    common: &Common,
    workshop: &mut Workshop,
) -> Result<(), Failure> {
    let order = arguments.order(common)?;
    let is_loop = arguments.plan()?.is_some();
    if arguments.sheet_shape()?.is_some() || !is_loop {
        let request = &order.request;
        let has_alpha = request.transparent.is_some();
        let settings = arguments.settings(&order.path)?;
        settings.check(request.size, has_alpha, request.color_space)?;
    }
    let studio = workshop.studio(arguments.model.as_deref())?;
    let order = order.with_chosen_styles(studio.manifest());
    Ok(studio.check(&order.request)?)
}

/// Paints what is asked for.
///
/// # Errors
/// Exit code 2 for a request that cannot be followed, else whatever model, disk or encoder refuse.
pub fn run(
    arguments: &Arguments,
    common: &Common,
    workshop: &mut Workshop,
) -> Result<Outcome, Failure> {
    let order = arguments.order(common)?;
    super::setup::ensure(&[super::setup::Part::RuntimeLibrary])?;
    let path = workshop::picture_model(arguments.model.as_deref())?;
    let num_threads = workshop.num_threads();
    let studio = workshop.studio(Some(&path))?;
    let order = order.with_chosen_styles(studio.manifest());
    if let Some(shape) = arguments.sheet_shape()? {
        return sheet::run(studio, &order, shape, arguments, common);
    }
    if let Some(plan) = arguments.plan()? {
        return moving::run(
            studio,
            &order,
            plan,
            (&path, num_threads),
            arguments,
            common,
        );
    }
    still::run(studio, &order, arguments, common)
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
