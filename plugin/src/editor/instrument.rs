//! The rooms of the instrument's editor, one file each. Editor thread.

pub(crate) mod browser;
pub(crate) mod controls;
pub(crate) mod envelope;
pub(crate) mod field;
pub(crate) mod files;
pub(crate) mod grip;
pub(crate) mod header;
pub(crate) mod keyboard;
pub(crate) mod map;
pub(crate) mod menus;
pub(crate) mod note;
pub(crate) mod spectrum;
