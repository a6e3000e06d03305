//! Where the plugin's own files lie: found by the path of its own library, for it does not lie beside the running
//! program, which is a host. Any thread but the audio thread; opens nothing.

use std::path::{Path, PathBuf};
use std::sync::Once;

use models::SoundRecipe;
pub use models::user_sounds_folder;

/// Names the folder of models and wins over every other place.
const MODELS_VARIABLE: &str = "UNDERSTORY_MODELS";
/// Names the program that examines models, and wins over every other place.
const PROGRAM_VARIABLE: &str = "UNDERSTORY_PROGRAM";
/// Folder beside the library, where there is no bundle around it (a CLAP file on Windows).
const FOLDER_BESIDE: &str = "Understory";

/// The folder that holds the shipped models, if one of the usual places has one.
pub fn models_folder() -> Option<PathBuf> {
    if let Some(folder) = std::env::var_os(MODELS_VARIABLE).filter(|folder| !folder.is_empty()) {
        return Some(PathBuf::from(folder));
    }
    let library_folder = library_folder()?;
    resource_folders(&library_folder)
        .into_iter()
        .find(|folder| folder.is_dir())
}

/// The folders of sound files: beside the models, or in the folder above them.
pub fn sound_folders() -> Vec<PathBuf> {
    let Some(models) = models_folder() else {
        return Vec::new();
    };
    let beside = models.parent().map(|above| above.join("sounds"));
    [Some(models.join("sounds")), beside]
        .into_iter()
        .flatten()
        .collect()
}

/// Every named sound that came with the plugin, by path: file name and recipe. Files that are no sounds are left out.
pub fn named_sounds() -> Vec<(String, SoundRecipe)> {
    let folders = sound_folders().into_iter();
    let mut files: Vec<PathBuf> = folders
        .flat_map(|folder| models::sound_files(&folder))
        .collect();
    files.sort();
    let named = files.into_iter().filter_map(|file| {
        let name = file.file_stem()?.to_string_lossy().into_owned();
        Some((name, SoundRecipe::load(&file).ok()?))
    });
    named.collect()
}

/// Tells the model crate, once, where the runtime library of this bundle lies.
pub fn announce_runtime_library() {
    static ANNOUNCED: Once = Once::new();
    ANNOUNCED.call_once(|| {
        if let Some(folder) = library_folder() {
            for resources in resource_folders(&folder) {
                models::search_beside(resources);
            }
            models::search_beside(folder);
        }
    });
}

/// `Contents/Resources` of the bundle around the library, or a folder of ours beside it.
fn resource_folders(library_folder: &Path) -> Vec<PathBuf> {
    let in_bundle = library_folder
        .parent()
        .filter(|contents| contents.file_name().is_some_and(|name| name == "Contents"))
        .map(|contents| contents.join("Resources"));
    in_bundle
        .into_iter()
        .chain([library_folder.join(FOLDER_BESIDE)])
        .collect()
}

/// The folder of the library that this code is in, links followed: the CLAP file is one, into the VST3 bundle. A program
/// without a host is found by its own path.
fn library_folder() -> Option<PathBuf> {
    let library = process_path::get_dylib_path().and_then(|path| path.canonicalize().ok());
    let library = library.or_else(|| std::env::current_exe().ok()?.canonicalize().ok())?;
    library.parent().map(Path::to_path_buf)
}

/// The folder of the user's own models; it may not exist.
pub fn user_models_folder() -> Option<PathBuf> {
    Some(models::user_folder()?.join("models"))
}

/// Where the doctor's verdicts on models are kept; it may not exist.
pub fn verdicts_folder() -> Option<PathBuf> {
    Some(models::user_folder()?.join("verdicts"))
}

/// The program `understory`, which examines models in a process of its own: the file that a variable names, else that of the
/// bundle, else one on the search path.
pub fn program() -> Option<PathBuf> {
    if let Some(file) = std::env::var_os(PROGRAM_VARIABLE).filter(|file| !file.is_empty()) {
        return Some(PathBuf::from(file)).filter(|file| file.is_file());
    }
    let of_bundle = library_folder().map(|folder| resource_folders(&folder));
    let path = std::env::var_os("PATH");
    let of_path = path.iter().flat_map(std::env::split_paths);
    let folders = of_bundle.into_iter().flatten().chain(of_path);
    let name = format!("understory{}", std::env::consts::EXE_SUFFIX);
    let mut files = folders.map(|folder| folder.join(&name));
    files.find(|file| file.is_file())
}
