//! The commands that make files, as a user calls them: files, JSON, exit codes and messages.

mod backdrop;
mod batch;
mod batch_page;
mod bed;
#[cfg(all(target_os = "linux", target_env = "gnu"))]
mod faults;
mod like;
mod note_and_render;
mod running;
mod verify;
