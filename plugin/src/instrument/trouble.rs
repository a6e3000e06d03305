//! Why nothing can be baked, in words for a user, and what kind of reason it is: the window offers a way out of each. Host
//! main thread and editor.

/// A reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Trouble {
    /// The whole sentence.
    pub(super) sentence: String,
    /// What could be done.
    pub(super) way_out: WayOut,
}

/// What ends a trouble.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum WayOut {
    /// Nothing: it ends by itself.
    Wait,
    /// Another model, which the user points at.
    ChooseModel,
    /// The model that came with the plugin.
    PlayShipped,
    /// The same again, once something outside has changed.
    TryAgain,
}

impl Trouble {
    /// A reason with its way out.
    pub(super) fn new(sentence: impl Into<String>, way_out: WayOut) -> Self {
        Self {
            sentence: sentence.into(),
            way_out,
        }
    }
}
