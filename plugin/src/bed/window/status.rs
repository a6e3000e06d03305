//! The sentence at the bottom of the bed's window: why there is no sound, or that all is well. Editor thread.

use super::super::live::Clock;
use super::super::worker::Progress;
use super::Window;
use crate::editor::bed::action::BedAction;
use crate::editor::model::{Status, StatusTone};

pub(super) fn of(window: &Window) -> Status<BedAction> {
    let hub = &window.hub;
    if let Some(job) = &window.job
        && job.is_export()
    {
        let share = 100.0 * job.share();
        return plain(StatusTone::Working, format!("Writing files: {share:.0} %"));
    }
    match &window.word {
        Some(Err(complaint)) => return plain(StatusTone::Fault, complaint.clone()),
        Some(Ok(word)) => return plain(StatusTone::Fine, word.clone()),
        None => {}
    }
    if let Some(refusal) = hub.persisted.refusal() {
        return plain(StatusTone::Fault, refusal.to_string());
    }
    match hub.desk.progress() {
        Progress::Failed(message) => Status {
            remedy: Some(("Try again".to_owned(), BedAction::TryAgain)),
            ..plain(StatusTone::Fault, message)
        },
        Progress::Resting => plain(
            StatusTone::Working,
            "The host has not switched the effect on yet".to_owned(),
        ),
        Progress::Baking(_, 0) => plain(StatusTone::Working, "Composing".to_owned()),
        Progress::Baking(made, all) => plain(
            StatusTone::Working,
            format!("Painting the bed's notes: {made} of {all}"),
        ),
        Progress::Done => playing(window),
    }
}

fn playing(window: &Window) -> Status<BedAction> {
    let live = &window.hub.live;
    if live.is_late() {
        return plain(
            StatusTone::Working,
            "Rendering ahead: the bed comes in when its pages are there".to_owned(),
        );
    }
    match live.clock() {
        Clock::FromStart => Status {
            remedy: Some(("Restart".to_owned(), BedAction::Restart)),
            ..plain(
                StatusTone::Fine,
                "No timeline position from the host: playing from the start".to_owned(),
            )
        },
        Clock::Stopped => plain(StatusTone::Fine, "The host's timeline stands".to_owned()),
        Clock::Unknown => plain(
            StatusTone::Fine,
            "The host has sent no sound yet".to_owned(),
        ),
        Clock::Timeline => plain(StatusTone::Fine, words_of_place(window)),
    }
}

fn words_of_place(window: &Window) -> String {
    let live = &window.hub.live;
    let order = window.order();
    let length_s = order.score.length_s(&window.hub.persisted.settings());
    let frame_s = live.frame() as f64 / f64::from(live.sample_rate_hz());
    if !order.score.is_loop && frame_s >= length_s {
        return "The playhead is behind the bed's end: make it longer, move its start, or let it go round"
            .to_owned();
    }
    if !order.score.is_loop && frame_s < 0.0 {
        return "The playhead is before the bed's start".to_owned();
    }
    if live.is_speech() {
        "Somebody speaks: the bed makes room".to_owned()
    } else {
        "Following the host's timeline".to_owned()
    }
}

fn plain(tone: StatusTone, sentence: String) -> Status<BedAction> {
    Status {
        tone,
        sentence,
        remedy: None,
        figures: Vec::new(),
    }
}
