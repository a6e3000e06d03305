//! A display and a window on it.

use clack_extensions::gui::{GuiApiType, GuiConfiguration, PluginGui};
use x11rb::connection::Connection;
use x11rb::protocol::xproto::{ConnectionExt as _, CreateWindowAux, WindowClass};
use x11rb::rust_connection::RustConnection;
use x11rb::{COPY_DEPTH_FROM_PARENT, COPY_FROM_PARENT};

use super::super::Playing;
use crate::failure::Failure;

/// The display that the variable `DISPLAY` names.
pub struct Display {
    connection: RustConnection,
    root: u32,
}

impl Display {
    /// None where no display answers.
    pub fn open() -> Option<Self> {
        let (connection, number) = x11rb::connect(None).ok()?;
        let root = connection.setup().roots.get(number)?.root;
        Some(Self { connection, root })
    }
}

/// An instance's open window.
pub struct Window;

impl Window {
    /// Opens an instance's window in one of the display's own. The display's lives as long as the connection.
    ///
    /// # Errors
    /// A display or an instrument that refuses.
    pub fn open(display: &Display, playing: &mut Playing) -> Result<Self, Failure> {
        let handle = playing.instance.plugin_handle();
        let gui: PluginGui = handle
            .get_extension()
            .ok_or_else(|| Failure::input_file("the instrument has no window"))?;
        let embedded = GuiConfiguration {
            api_type: GuiApiType::X11,
            is_floating: false,
        };
        gui.create(&handle, embedded).map_err(Failure::other)?;
        let size = gui.get_size(&handle);
        let size = size.ok_or_else(|| Failure::other("the window has no size"))?;
        let [width, height] =
            [size.width, size.height].map(|length| u16::try_from(length).unwrap_or(u16::MAX));
        let window = display.connection.generate_id().map_err(Failure::other)?;
        display
            .connection
            .create_window(
                COPY_DEPTH_FROM_PARENT,
                window,
                display.root,
                0,
                0,
                width,
                height,
                0,
                WindowClass::INPUT_OUTPUT,
                COPY_FROM_PARENT,
                &CreateWindowAux::new(),
            )
            .map_err(Failure::other)?
            .check()
            .map_err(Failure::other)?;
        let mapped = display.connection.map_window(window);
        mapped
            .map_err(Failure::other)?
            .check()
            .map_err(Failure::other)?;
        let parent = clack_extensions::gui::Window::from_x11_handle(u64::from(window));
        // SAFETY: the display's window outlives the instrument's: it goes with the connection, after `close`.
        unsafe { gui.set_parent(&handle, parent) }.map_err(Failure::other)?;
        gui.show(&handle).map_err(Failure::other)?;
        playing.pump();
        Ok(Self)
    }

    /// Closes it. The instance's own threads end before its library may go.
    pub fn close(self, playing: &mut Playing) {
        let handle = playing.instance.plugin_handle();
        if let Some(gui) = handle.get_extension::<PluginGui>() {
            gui.destroy(&handle);
        }
        playing.pump();
    }
}
