//! Paints the picture of the sound that a window shows, on a thread that lives while there is something to paint. Whoever asks
//! gets the last picture that is done and never waits.

use std::panic::{self, AssertUnwindSafe};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use backdrop::paint::Painter;
use backdrop::rows::{Depth, Picture};
use backdrop::sound::SoundFigures;
use backdrop::{Size, Studio};
use nice_plug_egui::RepaintNotifier;

use crate::editor::model::BackdropPicture;

/// Pixels of a picture behind a map: the map's size at 100 %. The screen stretches it, smoothly.
const SIZE: (u32, u32) = (528, 288);
/// The thread ends, and the model's memory is free again, when nothing was asked for so long.
const PATIENCE: Duration = Duration::from_secs(5);

/// One per window. Dropping it waits for the picture that is being painted: its thread must not outlive the library.
pub(crate) struct Easel {
    board: Arc<Board>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

struct Board {
    slip: Mutex<Slip>,
    changed: Condvar,
    repaint: RepaintNotifier,
}

/// What the window and the thread tell each other.
#[derive(Default)]
struct Slip {
    /// What was asked for last.
    wanted: Option<SoundFigures>,
    /// What was painted last; no picture when it could not be.
    done: Option<(SoundFigures, Option<Arc<BackdropPicture>>)>,
    has_thread: bool,
    is_closing: bool,
}

impl Easel {
    /// Nothing is loaded yet. `repaint` is told of every picture.
    pub(crate) fn new(repaint: RepaintNotifier) -> Self {
        Self {
            board: Arc::new(Board {
                slip: Mutex::default(),
                changed: Condvar::new(),
                repaint,
            }),
            thread: Mutex::default(),
        }
    }

    /// The picture of this sound; until it is painted, the one before it. None while there was none, and where there can be
    /// none: then the window paints a field of its own.
    pub(crate) fn picture(&self, sound: SoundFigures) -> Option<Arc<BackdropPicture>> {
        let mut slip = self.board.slip();
        let is_done = slip.done.as_ref().is_some_and(|(done, _)| *done == sound);
        if !is_done && slip.wanted != Some(sound) {
            slip.wanted = Some(sound);
            self.board.changed.notify_one();
        }
        if slip.wanted.is_some() && !slip.has_thread {
            self.start(&mut slip);
        }
        slip.done.as_ref().and_then(|(_, picture)| picture.clone())
    }

    fn start(&self, slip: &mut Slip) {
        let mut thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner);
        // The one before has nothing left to do but to free the model.
        let _ended = thread.take().map(JoinHandle::join);
        let board = Arc::clone(&self.board);
        let started = thread::Builder::new()
            .name("understory-easel".into())
            .spawn(move || board.work());
        // Without a thread the quiet field stays.
        slip.has_thread = started.is_ok();
        *thread = started.ok();
    }
}

impl Drop for Easel {
    fn drop(&mut self) {
        self.board.slip().is_closing = true;
        self.board.changed.notify_one();
        let thread = self.thread.get_mut();
        let thread = thread.unwrap_or_else(PoisonError::into_inner).take();
        // It leaves nothing but pictures.
        let _ended = thread.map(JoinHandle::join);
    }
}

impl Board {
    fn slip(&self) -> MutexGuard<'_, Slip> {
        self.slip.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Paints what is asked for until nothing is.
    fn work(&self) {
        let mut studio = None;
        while let Some(sound) = self.wait() {
            let painting = AssertUnwindSafe(|| paint(&mut studio, &sound));
            let picture = panic::catch_unwind(painting).ok().flatten().map(Arc::new);
            let mut slip = self.slip();
            if slip.wanted == Some(sound) {
                slip.wanted = None;
            }
            slip.done = Some((sound, picture));
            drop(slip);
            self.repaint.request_repaint();
        }
    }

    /// What is asked for; None ends the thread.
    fn wait(&self) -> Option<SoundFigures> {
        let nothing_yet = |slip: &mut Slip| slip.wanted.is_none() && !slip.is_closing;
        let waited = self
            .changed
            .wait_timeout_while(self.slip(), PATIENCE, nothing_yet);
        let (mut slip, _) = waited.unwrap_or_else(PoisonError::into_inner);
        let wanted = slip.wanted.filter(|_| !slip.is_closing);
        slip.has_thread = wanted.is_some();
        wanted
    }
}

/// The picture, if the model can be loaded and paints it.
fn paint(studio: &mut Option<Studio>, sound: &SoundFigures) -> Option<BackdropPicture> {
    static REVISION: AtomicU64 = AtomicU64::new(0);
    if studio.is_none() {
        *studio = super::studio().ok();
    }
    let studio = studio.as_mut()?;
    let size = Size::new(SIZE.0, SIZE.1).ok()?;
    let request = sound.request(size, &studio.manifest().styles);
    let scene = studio.scene(&request).ok()?;
    let mut painter = Painter::new(&scene.field, &scene.look, size, Depth::Eight);
    let picture = Picture::collect(&mut painter);
    let (pixels, _) = picture.bytes().as_chunks::<3>();
    let rgba = pixels
        .iter()
        .flat_map(|[red, green, blue]| [*red, *green, *blue, u8::MAX]);
    Some(BackdropPicture {
        revision: 1 + REVISION.fetch_add(1, Ordering::Relaxed),
        size: [SIZE.0 as usize, SIZE.1 as usize],
        rgba: rgba.collect(),
    })
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    /// However slow the machine: only a hang ends the test.
    const LONGEST: Duration = Duration::from_secs(120);

    fn sound(seed: u32) -> SoundFigures {
        SoundFigures {
            brightness: 0.4,
            seed,
            ..SoundFigures::default()
        }
    }

    /// Asks until the picture is another than `before`.
    fn next(easel: &Easel, sound: SoundFigures, before: u64) -> Arc<BackdropPicture> {
        let started = Instant::now();
        loop {
            if let Some(picture) = easel.picture(sound).filter(|next| next.revision != before) {
                return picture;
            }
            assert!(started.elapsed() < LONGEST, "no picture comes");
            thread::sleep(Duration::from_millis(2));
        }
    }

    #[test]
    fn every_sound_gets_its_own_picture_and_keeps_the_last_one_until_then() {
        let models = concat!(env!("CARGO_MANIFEST_DIR"), "/../models/shipped");
        // SAFETY: other tests of this program set the same or read nothing of it.
        unsafe { std::env::set_var("UNDERSTORY_MODELS", models) };
        let easel = Easel::new(RepaintNotifier::new());
        assert!(easel.picture(sound(1)).is_none(), "it waits for no picture");
        let first = next(&easel, sound(1), 0);
        assert_eq!(first.rgba.len(), 4 * first.size[0] * first.size[1]);
        let meanwhile = easel.picture(sound(2)).unwrap();
        assert!(meanwhile.revision >= first.revision);
        let second = next(&easel, sound(2), first.revision);
        assert_ne!(first.rgba, second.rgba);
        let again = easel.picture(sound(2)).unwrap();
        assert!(Arc::ptr_eq(&second, &again), "it is painted once");
        let first_again = next(&easel, sound(1), second.revision);
        assert_eq!(first.rgba, first_again.rgba, "a sound has one picture");
    }

    #[test]
    fn an_easel_that_goes_takes_its_thread_along() {
        let easel = Easel::new(RepaintNotifier::new());
        let _asked = easel.picture(sound(3));
        let board = Arc::downgrade(&easel.board);
        drop(easel);
        assert!(board.upgrade().is_none(), "the thread still holds it");
    }
}
