//! An X11 display as a user has one: a window to open the editor in, what is seen, a hand with a mouse.

use std::time::Duration;

use x11rb::connection::Connection;
use x11rb::protocol::xproto::{
    BUTTON_PRESS_EVENT, BUTTON_RELEASE_EVENT, ConnectionExt as _, CreateWindowAux, ImageFormat,
    MOTION_NOTIFY_EVENT, WindowClass,
};
use x11rb::protocol::xtest::ConnectionExt as _;
use x11rb::rust_connection::RustConnection;
use x11rb::{COPY_DEPTH_FROM_PARENT, COPY_FROM_PARENT, CURRENT_TIME};

/// A hand is slower than this between two moves.
const HAND: Duration = Duration::from_millis(30);
const LEFT_BUTTON: u8 = 1;

/// A display; the variable `DISPLAY` names it.
pub struct Screen {
    connection: RustConnection,
    root: u32,
}

/// What was seen: red, green and blue of every pixel, row by row.
#[derive(Clone, PartialEq)]
pub struct Picture {
    pub width: usize,
    pub height: usize,
    pub pixels: Vec<[u8; 3]>,
}

impl Picture {
    pub fn num_colors(&self) -> usize {
        let colors: std::collections::BTreeSet<_> = self.pixels.iter().collect();
        colors.len()
    }
}

impl Screen {
    pub fn open() -> Self {
        let (connection, number) =
            x11rb::connect(None).expect("an X11 display; `cargo xtask test` brings one");
        let root = connection.setup().roots[number].root;
        Self { connection, root }
    }

    /// A window in the upper left corner, in front of all others.
    pub fn new_window(&self, [width, height]: [u16; 2]) -> u32 {
        let window = self.connection.generate_id().expect("an id");
        let look = CreateWindowAux::new()
            .override_redirect(1)
            .background_pixel(0);
        self.connection
            .create_window(
                COPY_DEPTH_FROM_PARENT,
                window,
                self.root,
                0,
                0,
                width,
                height,
                0,
                WindowClass::INPUT_OUTPUT,
                COPY_FROM_PARENT,
                &look,
            )
            .map(|sent| sent.check())
            .expect("it is sent")
            .expect("a window");
        self.connection.map_window(window).expect("it is sent");
        self.settle();
        window
    }

    pub fn close_window(&self, window: u32) {
        self.connection.destroy_window(window).expect("it is sent");
        self.settle();
    }

    /// What a user sees in the upper left corner.
    pub fn picture(&self, [width, height]: [u16; 2]) -> Picture {
        let asked =
            self.connection
                .get_image(ImageFormat::Z_PIXMAP, self.root, 0, 0, width, height, !0);
        let image = asked.expect("it is sent").reply().expect("an image");
        assert_eq!(image.depth, 24, "the display has another depth");
        let (pixels, _) = image.data.as_chunks::<4>();
        Picture {
            width: usize::from(width),
            height: usize::from(height),
            pixels: pixels
                .iter()
                .map(|&[blue, green, red, _]| [red, green, blue])
                .collect(),
        }
    }

    pub fn click(&self, at: [i16; 2]) {
        self.press(at);
        self.release(at);
    }

    pub fn press(&self, at: [i16; 2]) {
        self.point(at);
        self.fake(BUTTON_PRESS_EVENT, LEFT_BUTTON, at);
    }

    pub fn release(&self, at: [i16; 2]) {
        self.fake(BUTTON_RELEASE_EVENT, LEFT_BUTTON, at);
    }

    pub fn point(&self, at: [i16; 2]) {
        self.fake(MOTION_NOTIFY_EVENT, 0, at);
    }

    fn fake(&self, kind: u8, detail: u8, [x, y]: [i16; 2]) {
        let sent = self
            .connection
            .xtest_fake_input(kind, detail, CURRENT_TIME, self.root, x, y, 0);
        sent.expect("it is sent")
            .check()
            .expect("the display lets a test move the mouse");
        self.settle();
        std::thread::sleep(HAND);
    }

    /// Waits until the display has done all that it was told.
    fn settle(&self) {
        let answer = self.connection.get_input_focus().expect("it is sent");
        answer.reply().expect("the display lives");
    }
}

impl Drop for Screen {
    /// A hand that a failing test leaves pressed would hold on to the next test's window.
    fn drop(&mut self) {
        let (kind, button) = (BUTTON_RELEASE_EVENT, LEFT_BUTTON);
        let sent = self
            .connection
            .xtest_fake_input(kind, button, CURRENT_TIME, self.root, 0, 0, 0);
        // A display that is gone holds nothing.
        let _done = sent.map(|sent| sent.check());
    }
}
