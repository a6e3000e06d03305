//! What can go wrong with a model, told by whose fault it is. Any thread; prints nothing.
//!
//! Every message is whole: it names the file or field, the value and what to do, so that a caller prints it as it is.

use std::path::PathBuf;

/// The result of everything in this crate that can fail.
pub type Result<T> = std::result::Result<T, Error>;

/// Who has to change something so that it works. Drives the exit codes 2, 3 and 4 of the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The caller asked for something that does not exist.
    Request,
    /// The model file is damaged, foreign or not what its manifest says.
    ModelFile,
    /// The machine: runtime library, disk, memory.
    System,
}

/// Everything that can go wrong between a model file and its output.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The ONNX Runtime library is nowhere it was looked for.
    #[error("no ONNX Runtime library found, looked for {searched}; run `cargo xtask setup`")]
    LibraryMissing {
        /// The paths that were tried, joined by commas.
        searched: String,
    },
    /// A library is there, but of another version.
    #[error("{}: this is ONNX Runtime {found}, {wanted} is needed; run `cargo xtask setup`", .path.display())]
    LibraryVersion {
        /// The library.
        path: PathBuf,
        /// The version that its symbols name.
        found: String,
        /// The version that this program needs.
        wanted: &'static str,
    },
    /// A library is there, but its bytes are not the ones that were pinned.
    #[error("{}: SHA-256 is {found}, expected {wanted}; delete the file and run `cargo xtask setup`", .path.display())]
    LibraryChecksum {
        /// The library.
        path: PathBuf,
        /// Its SHA-256 in hex.
        found: String,
        /// The pinned SHA-256 in hex.
        wanted: &'static str,
    },
    /// The library could not be read or opened.
    #[error("{}: the ONNX Runtime library cannot be opened: {reason}; run `cargo xtask setup`", .path.display())]
    LibraryLoad {
        /// The library.
        path: PathBuf,
        /// What the system or the runtime said.
        reason: String,
    },
    /// There is no folder to keep the library in.
    #[error("the home folder is unknown; set the environment variable HOME")]
    NoHomeFolder,
    /// The runtime refused for a reason that is neither the file's nor the caller's.
    #[error("ONNX Runtime could not prepare a session: {reason}")]
    Runtime {
        /// What the runtime said.
        reason: String,
    },
    /// A file exists but cannot be read.
    #[error("{}: cannot be read: {reason}", .path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        reason: std::io::Error,
    },
    /// There is no such model file.
    #[error("{}: there is no such model file; `cargo xtask models list` shows those that are here", .path.display())]
    ModelMissing {
        /// The file.
        path: PathBuf,
    },
    /// The model file has no bytes.
    #[error("{}: the file is empty (0 bytes); copy or export it again", .path.display())]
    ModelEmpty {
        /// The file.
        path: PathBuf,
    },
    /// The file holds another model than the one that was asked for.
    #[error("{}: the file was changed since it was looked at; choose it again", .path.display())]
    ModelChanged {
        /// The model file.
        path: PathBuf,
    },
    /// The model file ends early.
    #[error("{}: the file is cut off: {missing} bytes are missing after byte {length}; copy or export it again", .path.display())]
    ModelTruncated {
        /// The file.
        path: PathBuf,
        /// Bytes in the file.
        length: usize,
        /// Bytes that its own headers promise beyond its end.
        missing: u64,
    },
    /// The file is something else than an ONNX model.
    #[error("{}: this is not an ONNX model ({reason}); choose a file made by `cargo xtask models export`", .path.display())]
    NotOnnx {
        /// The file.
        path: PathBuf,
        /// What gave it away.
        reason: String,
    },
    /// The file is ONNX, but nothing says how to play it.
    #[error("{}: an ONNX model without a manifest (no metadata entry `understory_manifest`); export it again with `cargo xtask models export`, or describe a network of somebody else with `cargo xtask models import`", .path.display())]
    NoManifest {
        /// The file.
        path: PathBuf,
    },
    /// A field of the manifest is missing, of the wrong type or impossible.
    #[error(
        "manifest field `{field}`: {reason}; export the model again with `cargo xtask models export`"
    )]
    ManifestField {
        /// Path of the field, for instance `grid.column_times_s`.
        field: String,
        /// What is wrong, with the value.
        reason: String,
    },
    /// The manifest follows rules that this program does not know yet.
    #[error(
        "the manifest has schema version {found}, this program reads up to {known}; update Understory"
    )]
    SchemaNewer {
        /// The file's version.
        found: u64,
        /// The newest version known here.
        known: u64,
    },
    /// Inputs or outputs of the graph are not those of the manifest.
    #[error(
        "{what} `{name}` of the network {reason}; export the model again with `cargo xtask models export`"
    )]
    GraphMismatch {
        /// `input` or `output`.
        what: &'static str,
        /// Its name.
        name: String,
        /// What differs: found and wanted.
        reason: String,
    },
    /// The network's numbers lie in another file, which could be any file of this machine.
    #[error(
        "the numbers of `{name}` lie in another file (`{location}`), and a model may open no other file; save it as one file"
    )]
    ExternalData {
        /// The array of the network.
        name: String,
        /// Where it says its numbers are.
        location: String,
    },
    /// The runtime cannot make a session of this graph, or it fails when run.
    #[error(
        "ONNX Runtime refuses the network: {reason}; export the model again with `cargo xtask models export`"
    )]
    GraphRefused {
        /// What the runtime said.
        reason: String,
    },
    /// The machine, or the limit that this process lives under, has no memory left for the network.
    #[error("not enough memory for the network; close other programs or take a smaller model")]
    OutOfMemory,
    /// The network's output holds NaN or infinity.
    #[error(
        "output `{name}` holds {value} at index {index} (key {key}); the network is broken, train or export it again"
    )]
    OutputNotFinite {
        /// The output.
        name: &'static str,
        /// First bad value.
        value: f32,
        /// Its flat index.
        index: usize,
        /// The key that was asked for.
        key: f32,
    },
    /// A file of the sounds folder is not one.
    #[error("{}: not a sound file: {reason}; write name, seed and, if wanted, truncation, tags and [controls]", .path.display())]
    SoundFile {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The picture network's output holds NaN or infinity.
    #[error(
        "output `cells` holds {value} at index {index} of a tile; the network is broken, train or export it again"
    )]
    CellsNotFinite {
        /// First bad value.
        value: f32,
        /// Its flat index.
        index: usize,
    },
    /// A style that the model does not have.
    #[error("there is no style `{name}`; this model has: {known}")]
    UnknownStyle {
        /// What was asked for.
        name: String,
        /// The model's styles, joined by commas.
        known: String,
    },
    /// One of the errors above, in a named model file.
    #[error("{}: {cause}", .path.display())]
    InFile {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        cause: Box<Error>,
    },
    /// A list of numbers has the wrong length.
    #[error("`{name}` has {found} numbers, this model takes {wanted}")]
    WrongLength {
        /// Name of the list.
        name: &'static str,
        /// Its length.
        found: usize,
        /// The length of the model's input.
        wanted: usize,
    },
    /// A sound that was found in one model is asked of another.
    #[error(
        "the sound `{sound}` is a point of the model {wanted}, and would be another sound in {found}; name that model's file with --model, or look for the sound again"
    )]
    OtherModel {
        /// The sound's name.
        sound: String,
        /// The model it was found in.
        wanted: String,
        /// The model that is loaded.
        found: String,
    },
    /// A sum of sounds cannot be read.
    #[error("the sound `{text}`: {reason}; write it as in `birch - moss + 0.5*dew`")]
    SoundSum {
        /// What was written.
        text: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A sum of sounds has no direction left.
    #[error("these sounds cancel each other out; choose sounds that differ, as in `a - b + c`")]
    SoundsCancel,
    /// A latent without a direction.
    #[error(
        "`latent` is all zeros: it points nowhere, and the network would answer with NaN; choose another sound"
    )]
    LatentZero,
    /// A model that does not paint the contract's own maps.
    #[error(
        "the model paints `{found}`, this step needs one that paints `pitch_aligned`; choose another model"
    )]
    NotPitchAligned {
        /// What it paints.
        found: &'static str,
    },
    /// An array for a network is not what the network takes.
    #[error("array `{name}` {reason}")]
    Array {
        /// Its name.
        name: String,
        /// What was found, what is wanted.
        reason: String,
    },
    /// A number is outside what the model or the method can take.
    #[error("{name} is {value}; choose {low} to {high}")]
    OutOfRange {
        /// What the number is.
        name: String,
        /// The number.
        value: f64,
        /// Lowest allowed.
        low: f64,
        /// Highest allowed.
        high: f64,
    },
    /// A control of that name is not in the model.
    #[error("there is no control `{name}`; this model has: {known}")]
    UnknownControl {
        /// What was asked for.
        name: String,
        /// The model's controls, joined by commas.
        known: String,
    },
}

impl Error {
    /// Whose fault it is.
    pub fn fault(&self) -> Fault {
        match self {
            Self::LibraryMissing { .. }
            | Self::LibraryVersion { .. }
            | Self::LibraryChecksum { .. }
            | Self::LibraryLoad { .. }
            | Self::NoHomeFolder
            | Self::Runtime { .. }
            | Self::OutOfMemory
            | Self::Unreadable { .. } => Fault::System,
            Self::ModelMissing { .. }
            | Self::ModelEmpty { .. }
            | Self::ModelChanged { .. }
            | Self::ModelTruncated { .. }
            | Self::NotOnnx { .. }
            | Self::NoManifest { .. }
            | Self::ManifestField { .. }
            | Self::SchemaNewer { .. }
            | Self::GraphMismatch { .. }
            | Self::GraphRefused { .. }
            | Self::ExternalData { .. }
            | Self::SoundFile { .. }
            | Self::OutputNotFinite { .. }
            | Self::CellsNotFinite { .. } => Fault::ModelFile,
            Self::InFile { cause, .. } => cause.fault(),
            Self::WrongLength { .. }
            | Self::OtherModel { .. }
            | Self::SoundSum { .. }
            | Self::SoundsCancel
            | Self::LatentZero
            | Self::NotPitchAligned { .. }
            | Self::Array { .. }
            | Self::OutOfRange { .. }
            | Self::UnknownControl { .. }
            | Self::UnknownStyle { .. } => Fault::Request,
        }
    }

    /// The same error with the file's name in front where it is about the file and does not say so itself.
    pub(crate) fn about_file(self, path: &std::path::Path) -> Self {
        if self.fault() == Fault::ModelFile || self.is_out_of_memory() {
            self.in_file(path)
        } else {
            self
        }
    }

    /// Whether memory was what was missing: the machine's fault, or, under a limit set for one model, the model's.
    #[must_use]
    pub fn is_out_of_memory(&self) -> bool {
        match self {
            Self::OutOfMemory => true,
            Self::InFile { cause, .. } => cause.is_out_of_memory(),
            _ => false,
        }
    }

    /// The same error with the file's name in front.
    pub(crate) fn in_file(self, path: &std::path::Path) -> Self {
        Self::InFile {
            path: path.to_path_buf(),
            cause: Box::new(self),
        }
    }

    /// A manifest field that is wrong.
    pub(crate) fn field(field: impl Into<String>, reason: impl Into<String>) -> Self {
        Self::ManifestField {
            field: in_one_line(&field.into()),
            reason: in_one_line(&reason.into()),
        }
    }
}

/// What a file made the reader say, as a message may show it: in one line, and not at length, for names in a file may be of
/// any length.
pub fn in_one_line(what: &str) -> String {
    const LONGEST: usize = 400;
    let mut shown: String = what.chars().take(LONGEST).collect();
    if shown.len() < what.len() {
        shown.push('\u{2026}');
    }
    shown.replace(char::is_control, " ")
}
