//! The picture of the sound that plays: behind the map, and into a file. Editor thread, and a thread per file.

use std::thread::{self, JoinHandle};

use backdrop::sound::SoundFigures;

use super::super::model_facts::ModelFacts;
use super::super::placing;
use super::super::sound::Sound;
use super::Window;
use crate::{picture, places};

/// A file that is being written. Dropping it waits: its thread must not outlive the library.
pub(super) struct Writing(Option<JoinHandle<Result<String, String>>>);

impl Drop for Writing {
    fn drop(&mut self) {
        // Whoever would be told is gone.
        let _outcome = self.0.take().map(JoinHandle::join);
    }
}

/// What a sound is like, as far as the model that plays can say.
pub(super) fn figures(sound: &Sound, facts: Option<&ModelFacts>) -> SoundFigures {
    let place = facts.and_then(|facts| {
        let place = placing::place_of(sound, &facts.manifest, &facts.fingerprint).ok()?;
        let names = &facts.manifest.attributes;
        Some(SoundFigures::of(sound.seed, names, &place.attributes))
    });
    place.unwrap_or(SoundFigures {
        seed: sound.seed,
        ..SoundFigures::default()
    })
}

impl Window {
    /// Starts to write the picture of the sound that plays.
    pub(super) fn write_picture(&mut self) {
        let started = self.try_write_picture();
        if let Err(complaint) = started {
            self.complaint = Some(complaint);
        }
    }

    fn try_write_picture(&mut self) -> Result<(), String> {
        if self.written.is_some() {
            return Err("A picture is being written already: wait for it".to_owned());
        }
        let settings = self.hub.persisted.settings();
        let sound = settings.sound().ok_or("There is no sound to paint")?;
        let facts = self
            .hub
            .try_sounding()
            .and_then(super::super::sounding::Sounding::model);
        let figures = figures(sound, facts.as_deref());
        let folder = places::exports_folder()?;
        let name = file_name(&sound.name);
        let repaint = self.hub.repaint.clone();
        let write = move || {
            std::fs::create_dir_all(&folder)
                .map_err(|error| format!("{}: {error}", folder.display()))?;
            let path = places::free_name(&folder, &name, "png");
            let request = |size, styles: &[String]| figures.request(size, styles);
            places::save(&path, |part| picture::write(request, part))?;
            Ok(format!("Written: {}", path.display()))
        };
        let thread = thread::Builder::new()
            .name("understory-picture".into())
            .spawn(move || {
                let outcome = write();
                repaint.request_repaint();
                outcome
            });
        let thread = thread.map_err(|error| format!("no thread to spare ({error})"))?;
        self.written = Some(Writing(Some(thread)));
        Ok(())
    }

    /// Tells what came of a file.
    pub(super) fn settle_picture(&mut self) {
        let is_done =
            |writing: &mut Writing| writing.0.as_ref().is_none_or(JoinHandle::is_finished);
        let Some(mut writing) = self.written.take_if(is_done) else {
            return;
        };
        match writing.0.take().map(JoinHandle::join) {
            Some(Ok(Ok(word))) => self.word = Some(word),
            Some(Ok(Err(complaint))) => self.complaint = Some(complaint),
            _ => self.complaint = Some("Painting broke down; try again".to_owned()),
        }
    }
}

/// A sound's name as that of a file on any system.
fn file_name(name: &str) -> String {
    let is_safe = |letter: char| letter.is_alphanumeric() || " -_+.".contains(letter);
    let safe: String = name
        .chars()
        .map(|letter| if is_safe(letter) { letter } else { '_' })
        .collect();
    let safe = safe.trim_matches(['.', ' ']).to_lowercase();
    if safe.is_empty() {
        "sound".to_owned()
    } else {
        safe
    }
}
