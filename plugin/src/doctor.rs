//! Whether a model that did not come with the plugin can be trusted to play. Examined once per file, on a thread of its own
//! and, where the program `understory` is at hand, in a process of its own; the verdict is kept in the user's folder.
//!
//! A network is a program of somebody else's. The other process runs it first (`models check`: limits on time and memory,
//! fifty sounds); what it does to that process, it does not do to the host. Where the program is missing, the file has been
//! read and looked through without running it, and the worker's guard against panics is all there is: the verdict says so.

mod program;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::model_facts::ModelFacts;
use crate::resources;
use program::Reply;

/// Verdicts of older rules are asked for again.
const RULES: u32 = 1;

/// What the doctor says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Verdict {
    /// Whether it may be played.
    pub(crate) is_usable: bool,
    /// Whether it plays without a flaw.
    pub(crate) is_good: bool,
    /// For a user, without the model's name.
    pub(crate) sentence: String,
}

/// A verdict as it is kept.
#[derive(Serialize, Deserialize)]
struct Kept {
    rules: u32,
    verdict: Verdict,
}

/// How far an examination is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Opinion {
    /// Nobody has looked.
    None,
    /// Somebody is looking.
    Pending,
    /// The verdict.
    Known(Verdict),
}

type Told = Box<dyn FnOnce() + Send>;

#[derive(Default)]
struct Practice {
    /// `None`: looked for in the user's folder, and not there.
    known: HashMap<String, Option<Verdict>>,
    /// Those that are being examined, and who waits.
    pending: HashMap<String, Vec<Told>>,
}

static PRACTICE: Mutex<Option<Practice>> = Mutex::new(None);
static TURN: Mutex<()> = Mutex::new(());
static DONE: Condvar = Condvar::new();

/// What is known of a model by now. Shipped ones were examined when they were made.
pub(crate) fn opinion(facts: &ModelFacts) -> Opinion {
    if facts.is_shipped() {
        return Opinion::Known(Verdict {
            is_usable: true,
            is_good: true,
            sentence: "Came with the plugin".to_owned(),
        });
    }
    let mut practice = lock();
    let Practice { known, pending } = practice.get_or_insert_default();
    if pending.contains_key(&facts.fingerprint) {
        return Opinion::Pending;
    }
    // Asked at every picture of the window: the disk is asked once.
    let known = known.entry(facts.fingerprint.clone());
    match known.or_insert_with(|| kept(&facts.fingerprint)) {
        Some(verdict) => Opinion::Known(verdict.clone()),
        None => Opinion::None,
    }
}

/// Starts an examination, unless one runs; `told` is called when it is over, on the doctor's thread.
pub(crate) fn examine(facts: &Arc<ModelFacts>, told: impl FnOnce() + Send + 'static) {
    let mut practice = lock();
    let pending = &mut practice.get_or_insert_default().pending;
    let is_new = !pending.contains_key(&facts.fingerprint);
    let waiting = pending.entry(facts.fingerprint.clone()).or_default();
    waiting.push(Box::new(told));
    drop(practice);
    if is_new {
        let of_thread = Arc::clone(facts);
        let thread = std::thread::Builder::new().name("understory-doctor".into());
        // A system without threads to spare: the file is looked at here, and the verdict says so.
        if thread.spawn(move || examine_now(&of_thread, true)).is_err() {
            examine_now(facts, false);
        }
    }
}

/// Waits until an examination that runs is over, or the time. Not on the audio thread.
pub(crate) fn wait_for(facts: &ModelFacts, longest: Duration) {
    let is_pending = |practice: &mut Option<Practice>| {
        let practice = practice.as_ref();
        practice.is_some_and(|practice| practice.pending.contains_key(&facts.fingerprint))
    };
    let waited = DONE.wait_timeout_while(lock(), longest, is_pending);
    drop(waited);
}

fn examine_now(facts: &ModelFacts, may_run: bool) {
    let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let reply = match resources::program().filter(|_| may_run) {
        Some(program) => program::ask(&program, facts.path()),
        None => Reply::Nothing,
    };
    let is_final = matches!(reply, Reply::Answer(_));
    let verdict = match reply {
        Reply::Answer(answer) => judged(answer, &facts.fingerprint),
        Reply::Silence => Some(refused("its examination ended without a verdict")),
        Reply::Nothing => Some(unexamined()),
    };
    drop(turn);
    let mut practice = lock();
    let Practice { known, pending } = practice.get_or_insert_default();
    if let Some(verdict) = verdict {
        if is_final {
            keep(&facts.fingerprint, &verdict);
        }
        known.insert(facts.fingerprint.clone(), Some(verdict));
    }
    let told = pending.remove(&facts.fingerprint).unwrap_or_default();
    drop(practice);
    DONE.notify_all();
    told.into_iter().for_each(|told| told());
}

/// The verdict of an answer; `None` when it is about another file.
fn judged(answer: program::Answer, fingerprint: &str) -> Option<Verdict> {
    if answer.is_usable && answer.fingerprint.as_deref() != Some(fingerprint) {
        return None;
    }
    let is_good = answer.is_usable && answer.problems.is_empty();
    let sentence = if is_good {
        match answer.run_ms {
            Some(run_ms) => format!("Examined, and sound: a note takes {run_ms:.0} ms here"),
            None => "Examined, and sound".to_owned(),
        }
    } else if answer.is_usable {
        format!("Plays, but {}", answer.problems.join("; "))
    } else {
        return Some(refused(&answer.problems.join("; ")));
    };
    Some(Verdict {
        is_usable: answer.is_usable,
        is_good,
        sentence,
    })
}

fn refused(why: &str) -> Verdict {
    Verdict {
        is_usable: false,
        is_good: false,
        sentence: if why.is_empty() {
            "it makes no notes"
        } else {
            why
        }
        .to_owned(),
    }
}

fn unexamined() -> Verdict {
    Verdict {
        is_usable: true,
        is_good: false,
        sentence:
            "Read and whole, but not tried apart from the host: the program understory is not here"
                .to_owned(),
    }
}

fn kept_path(fingerprint: &str) -> Option<PathBuf> {
    Some(resources::verdicts_folder()?.join(format!("{fingerprint}.json")))
}

fn kept(fingerprint: &str) -> Option<Verdict> {
    let text = std::fs::read_to_string(kept_path(fingerprint)?).ok()?;
    let kept: Kept = serde_json::from_str(&text).ok()?;
    (kept.rules == RULES).then_some(kept.verdict)
}

/// What cannot be kept is asked for again next time.
fn keep(fingerprint: &str, verdict: &Verdict) {
    let kept = Kept {
        rules: RULES,
        verdict: verdict.clone(),
    };
    if let (Some(path), Ok(text)) = (kept_path(fingerprint), serde_json::to_string(&kept))
        && let Some(folder) = path.parent()
    {
        let part = path.with_extension("part");
        let _ = std::fs::create_dir_all(folder)
            .and_then(|()| std::fs::write(&part, text))
            .and_then(|()| std::fs::rename(&part, &path));
    }
}

/// Whoever panicked while holding it left whole entries.
fn lock() -> MutexGuard<'static, Option<Practice>> {
    PRACTICE.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::program::Answer;
    use super::*;

    fn answer() -> Answer {
        Answer {
            is_usable: true,
            problems: Vec::new(),
            fingerprint: Some("one".to_owned()),
            run_ms: Some(5.4),
        }
    }

    #[test]
    fn a_verdict_is_of_the_file_that_was_examined() {
        assert!(judged(answer(), "one").is_some_and(|verdict| verdict.is_good));
        assert_eq!(judged(answer(), "other"), None);
    }

    #[test]
    fn a_flaw_is_told_and_a_model_that_does_not_run_is_refused_with_its_reason() {
        let flaw = Answer {
            problems: vec!["2 notes are silent".to_owned()],
            ..answer()
        };
        let verdict = judged(flaw, "one").unwrap();
        assert!(verdict.is_usable && !verdict.is_good);
        assert!(verdict.sentence.contains("2 notes are silent"));
        let dead = Answer {
            is_usable: false,
            problems: vec!["it brought down the process".to_owned()],
            fingerprint: None,
            run_ms: None,
        };
        let verdict = judged(dead, "one").unwrap();
        assert!(!verdict.is_usable);
        assert!(verdict.sentence.contains("brought down"));
    }
}
