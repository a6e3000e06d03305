//! Where things lie: the workspace, shipped models, the user's own models. Reads no model.

use std::path::{Path, PathBuf};

use models::{SoundGenerator, model_files, newest_picture_model, newest_sound_model};

use crate::failure::Failure;

/// Names the folder of shipped models when it is none of the usual ones.
const MODELS_VARIABLE: &str = "UNDERSTORY_MODELS";

/// The folder of models that come with the program: `UNDERSTORY_MODELS`, else `models` beside the executable, else
/// `Contents/Resources` of a bundle, else `models/shipped` of the workspace.
///
/// # Errors
/// Exit code 4 when there is none.
pub fn shipped_models_dir() -> Result<PathBuf, Failure> {
    if let Some(folder) = std::env::var_os(MODELS_VARIABLE).filter(|folder| !folder.is_empty()) {
        let folder = PathBuf::from(folder);
        return if folder.is_dir() {
            Ok(folder)
        } else {
            Err(Failure::system(format!(
                "{}: {MODELS_VARIABLE} names no folder",
                folder.display()
            )))
        };
    }
    let mut candidates = Vec::new();
    if let Some(folder) = executable_folder() {
        candidates.push(folder.join("models"));
        candidates.extend(folder.parent().map(|contents| contents.join("Resources")));
    }
    candidates.extend(
        workspace_root()
            .ok()
            .map(|root| root.join("models/shipped")),
    );
    candidates
        .into_iter()
        .find(|folder| folder.is_dir())
        .ok_or_else(|| {
            Failure::system(format!(
                "no folder of shipped models found; set {MODELS_VARIABLE} to one"
            ))
        })
}

/// The user's own models, in the folder where the plugin looks for them too; it may not exist.
pub fn user_models_dir() -> Option<PathBuf> {
    Some(models::user_folder()?.join("models"))
}

/// A model by path, or by the name of its file without `.onnx` among the shipped and the user's own models.
///
/// # Errors
/// Exit code 2 with the names that are here.
pub fn find_model(name: &str) -> Result<PathBuf, Failure> {
    let path = Path::new(name);
    if path.exists()
        || path
            .extension()
            .is_some_and(|extension| extension == "onnx")
    {
        return Ok(path.to_path_buf());
    }
    let folders = [shipped_models_dir().ok(), user_models_dir()];
    let files: Vec<_> = folders
        .iter()
        .flatten()
        .flat_map(|folder| model_files(folder))
        .collect();
    let stem = |file: &PathBuf| {
        file.file_stem()
            .map(|stem| stem.to_string_lossy().into_owned())
    };
    files
        .iter()
        .find(|file| stem(file).as_deref() == Some(name))
        .cloned()
        .ok_or_else(|| {
            let known: Vec<_> = files.iter().filter_map(stem).collect();
            Failure::request(format!(
                "there is no model `{name}`; name a file or one of: {}",
                known.join(", ")
            ))
        })
}

/// The sound model to play when none is named: the newest of the shipped folder.
///
/// # Errors
/// Exit code 4 when nothing is shipped.
pub fn shipped_sound_model() -> Result<PathBuf, Failure> {
    let folder = shipped_models_dir()?;
    newest_sound_model(&folder)
        .ok_or_else(|| Failure::system(format!("{}: no sound*.onnx here", folder.display())))
}

/// The picture model to paint with when none is named: the newest of the shipped folder.
///
/// # Errors
/// Exit code 4 when nothing is shipped.
pub fn shipped_picture_model() -> Result<PathBuf, Failure> {
    let folder = shipped_models_dir()?;
    newest_picture_model(&folder).ok_or_else(|| {
        Failure::system(format!(
            "{}: no backdrop*.onnx here; name one with --model",
            folder.display()
        ))
    })
}

/// Loads the named sound model, or the shipped one.
///
/// # Errors
/// Whatever is wrong with the file or the runtime library.
pub fn load_sound_generator(model: Option<&Path>) -> Result<SoundGenerator, Failure> {
    let path = match model {
        Some(path) => path.to_path_buf(),
        None => shipped_sound_model()?,
    };
    Ok(SoundGenerator::load(path)?)
}

/// The root of the source tree, for commands that build, test or train: upwards from where cargo runs us, from the
/// executable or from the current folder, the first that holds this workspace.
///
/// # Errors
/// Exit code 4 outside a source tree.
pub fn workspace_root() -> Result<PathBuf, Failure> {
    let starts = [
        std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from),
        executable_folder(),
        std::env::current_dir().ok(),
    ];
    for start in starts.into_iter().flatten() {
        if let Some(root) = start.ancestors().find(|folder| is_workspace(folder)) {
            return Ok(root.to_path_buf());
        }
    }
    Err(Failure::system(
        "this command needs the source tree; run it inside the repository",
    ))
}

fn is_workspace(folder: &Path) -> bool {
    folder.join("models/CONTRACT.md").is_file() && folder.join("Cargo.toml").is_file()
}

fn executable_folder() -> Option<PathBuf> {
    let executable = std::env::current_exe().ok()?;
    executable
        .canonicalize()
        .ok()?
        .parent()
        .map(Path::to_path_buf)
}
