//! Backdrops: background pictures for video, thumbnails and title cards, from a seed, styles and a palette.
//!
//! Request -> latent and noise -> the network's cells (`models`) -> field -> rows of pixels -> a file. Worker threads and
//! commands call it; it prints nothing and starts no thread. The contract with the network is `models/PICTURE_CONTRACT.md`.

pub mod color;
pub mod decode;
pub mod encode;
mod error;
mod field;
pub mod guide;
pub mod mood;
pub mod moving;
pub mod paint;
pub mod palette;
pub mod provenance;
pub mod request;
pub mod rows;
pub mod sheet;
pub mod size;
pub mod sound;
mod studio;
pub mod text;
mod view;

pub use error::{Error, Fault, Result};
pub use field::{Field, NUM_PLANES};
pub use models::Motion;
pub use request::{Request, TextRequest};
pub use size::Size;
pub use studio::{Scene, Studio};
pub use view::{View, ZOOM_RANGE};
