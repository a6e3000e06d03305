//! The models that the menu offers, each with what the doctor says of it. Editor thread; reads no file that was not read before.

use super::super::model_facts::ModelFacts;
use super::super::session::Settings;
use super::super::shelf;
use super::Window;
use crate::doctor::{self, Opinion};
use crate::editor::model::{ModelEntry, VerdictTone};

impl Window {
    /// All models of the shelf, and the one that plays from elsewhere; remembers their files by row.
    pub(super) fn models(
        &mut self,
        settings: &Settings,
        plays: Option<&ModelFacts>,
    ) -> Vec<ModelEntry> {
        let mut entries = shelf::entries();
        let chosen = settings.model.as_ref().map(|chosen| chosen.file.clone());
        let elsewhere = plays.map(|facts| facts.path().to_path_buf());
        let elsewhere = elsewhere.or(chosen.map(Into::into)).into_iter();
        let candidate = self
            .candidate
            .iter()
            .map(|facts| facts.path().to_path_buf());
        for path in elsewhere.chain(candidate) {
            if entries.iter().all(|entry| entry.path != path) {
                entries.extend(shelf::entry_of(path));
            }
        }
        self.offered = entries.iter().map(|entry| entry.path.clone()).collect();
        let rows = entries.iter().enumerate();
        rows.map(|(index, entry)| ModelEntry {
            index,
            ..face(entry, plays)
        })
        .collect()
    }
}

fn face(entry: &shelf::Entry, plays: Option<&ModelFacts>) -> ModelEntry {
    match &entry.facts {
        Ok(facts) => {
            let (tone, verdict) = verdict(facts);
            ModelEntry {
                index: 0,
                name: facts.manifest.name.clone(),
                facts: words(facts),
                tone,
                verdict,
                is_current: plays.is_some_and(|plays| plays.fingerprint == facts.fingerprint),
            }
        }
        Err(why) => ModelEntry {
            name: entry
                .path
                .file_stem()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned(),
            tone: VerdictTone::Refused,
            verdict: why.clone(),
            ..ModelEntry::default()
        },
    }
}

fn words(facts: &ModelFacts) -> String {
    let manifest = &facts.manifest;
    let megabytes = facts.num_bytes as f64 / 1e6;
    format!(
        "{}, {}, {megabytes:.1} MB",
        manifest.version, manifest.licence
    )
}

fn verdict(facts: &ModelFacts) -> (VerdictTone, String) {
    match doctor::opinion(facts) {
        Opinion::Known(verdict) => {
            let tone = match (verdict.is_usable, verdict.is_good) {
                (false, _) => VerdictTone::Refused,
                (true, false) => VerdictTone::Doubtful,
                (true, true) => VerdictTone::Good,
            };
            (tone, verdict.sentence)
        }
        Opinion::Pending => (VerdictTone::Doubtful, "Being examined".to_owned()),
        Opinion::None => (
            VerdictTone::Doubtful,
            "Read and whole; examined when it is chosen".to_owned(),
        ),
    }
}
