//! The sentence at the bottom: why there is no sound, or what sounds, and one way out. Editor thread; pure.

use engine::worker::{BakeStatus, SlotState};

use super::super::hub::Hub;
use super::super::trouble::{Trouble, WayOut};
use crate::editor::action::Action;
use crate::editor::model::{Status, StatusTone};

/// What the window has to say of the user's last deed.
#[derive(Clone, Copy)]
pub(super) enum Told<'a> {
    /// It went wrong.
    Complaint(&'a str),
    /// It is being done.
    UnderWay(&'a str),
    /// It is done.
    Word(&'a str),
}

/// The status of an instance; `candidate` is a model that waits for the doctor.
pub(super) fn of(hub: &Hub, told: Option<Told<'_>>, candidate: Option<&str>) -> Status {
    let name = hub
        .persisted
        .settings()
        .sound()
        .map_or_else(|| "No sound".to_owned(), |sound| sound.name.clone());
    let Some(sounding) = hub.try_sounding() else {
        return plain(
            StatusTone::Working,
            format!("{name}: the host has not switched the plugin on yet"),
        );
    };
    let baking = sounding.baking.status();
    if let Some(Told::Complaint(sentence)) = told {
        return plain(StatusTone::Fault, sentence.to_owned());
    }
    if let Some(refusal) = hub.persisted.refusal() {
        return plain(StatusTone::Fault, refusal.to_string());
    }
    if let Some(name) = candidate {
        let sentence = format!("Examining the model {name} before it plays; this one goes on");
        return plain(StatusTone::Working, sentence);
    }
    if let Some(trouble) = sounding.trouble() {
        return troubled(trouble);
    }
    match told {
        Some(Told::UnderWay(sentence)) => return plain(StatusTone::Working, sentence.to_owned()),
        Some(Told::Word(sentence)) => return plain(StatusTone::Fine, sentence.to_owned()),
        _ => {}
    }
    let model = sounding.model();
    let model = model.as_ref().map_or("none", |model| &model.manifest.name);
    let mut status = match baking.state(0) {
        SlotState::Failed => Status {
            remedy: Some(("Try again".to_owned(), Action::CheckModel(0))),
            ..plain(StatusTone::Fault, failure(baking))
        },
        SlotState::Ready if sounding.plays_kept_notes() => plain(
            StatusTone::Fine,
            format!("{name}, from the notes in the project: its model is not here"),
        ),
        SlotState::Ready => plain(StatusTone::Fine, format!("{name}, model {model}")),
        SlotState::Empty | SlotState::Loading => plain(
            StatusTone::Working,
            format!("{name}: loading model {model}"),
        ),
        SlotState::Baking => plain(
            StatusTone::Working,
            format!("{name}, model {model}: painting its keys"),
        ),
    };
    status.figures = figures(hub, baking);
    status
}

fn troubled(trouble: Trouble) -> Status {
    let remedy = match trouble.way_out {
        WayOut::Wait => None,
        WayOut::ChooseModel => Some(("Choose it", Action::BrowseModels)),
        WayOut::PlayShipped => Some(("Play the shipped model", Action::PlayShippedModel)),
        WayOut::TryAgain => Some(("Try again", Action::CheckModel(0))),
    };
    let tone = match trouble.way_out {
        WayOut::Wait => StatusTone::Working,
        _ => StatusTone::Fault,
    };
    Status {
        remedy: remedy.map(|(word, action)| (word.to_owned(), action)),
        ..plain(tone, trouble.sentence)
    }
}

fn failure(baking: &BakeStatus) -> String {
    baking.try_message().map_or_else(
        || "The model gives no notes".to_owned(),
        |message| message.to_string(),
    )
}

fn figures(hub: &Hub, baking: &BakeStatus) -> Vec<String> {
    let (baked, pending) = baking.progress(0);
    let mut figures = vec![
        format!("{baked}/{} notes", baked + pending),
        format!("{} voices", hub.live.num_voices()),
        format!("{:.0} % CPU", 100.0 * hub.live.load()),
    ];
    let num_guarded = hub.live.num_guarded();
    if num_guarded > 0 {
        figures.push(format!("{num_guarded} blocks silenced"));
    }
    match hub.live.num_dropouts() {
        0 => {}
        1 => figures.push("1 dropout".to_owned()),
        count => figures.push(format!("{count} dropouts")),
    }
    figures
}

fn plain(tone: StatusTone, sentence: String) -> Status {
    Status {
        tone,
        sentence,
        remedy: None,
        figures: Vec::new(),
    }
}
