//! `bundle [--install] [--app]`: the plugin as hosts want it: `Understory.vst3` and `Understory.clap`, with library and models
//! inside; and beside the library, on request, the program that plays it without a host.
//!
//! On Linux the CLAP file is a link into the VST3 bundle, so that one copy serves both. What lies where: `bundle/layout.rs`.

mod install;
mod layout;

use std::path::{Path, PathBuf};

use clap::Args;
use models::runtime_library_path;
use serde_json::json;

use self::layout::{Layout, Platform};
use super::setup::{self, Part};
use crate::failure::Failure;
use crate::flags::Common;
use crate::licences;
use crate::outcome::Outcome;
use crate::output_file::create_folder;
use crate::places::{shipped_models_dir, workspace_root};
use crate::tool::cargo;

/// The package whose library hosts load.
const EXPORT: &str = "export";
/// The package that is a program without a host.
const APP: &str = "app";
const AUDIO: &[&str] = &["--features", "app/audio"];

/// Flags of `bundle`.
#[derive(Args)]
pub struct Arguments {
    /// Also put the bundles where hosts of this user look for plugins.
    #[arg(long)]
    install: bool,
    /// Also build the program that plays the instrument, or the bed, without a host.
    #[arg(long)]
    app: bool,
}

/// Builds the plugin and lays out the bundles in `--out`, else `target/bundled`.
pub fn run(arguments: &Arguments, common: &Common) -> Result<Outcome, Failure> {
    let root = workspace_root()?;
    let platform = Platform::of_this_machine()?;
    let folder = match &common.out {
        Some(folder) => folder.clone(),
        None => root.join("target/bundled"),
    };
    setup::ensure(&[Part::RuntimeLibrary])?;
    let built = Built {
        library: build(&root, EXPORT, &[])?.join(platform.library_name()),
        app: build_app(&root, arguments.app)?,
    };
    let notices = notices(&root, arguments.app)?;
    let bundles = make(&built, platform, &notices, &folder)?;
    let mut installed = Vec::new();
    if arguments.install {
        installed = install::install(&bundles, platform)?;
    }
    let mut words: Vec<_> = shown(&bundles, "made");
    words.extend(shown(&installed, "installed"));
    Ok(Outcome::done(
        words.join("\n"),
        json!({ "bundles": bundles, "installed": installed }),
    ))
}

/// Where the program without a host lies in a folder of bundles.
pub fn app_in(folder: &Path) -> Option<PathBuf> {
    let platform = Platform::of_this_machine().ok()?;
    Some(folder.join(layout::app_place(platform)))
}

fn shown(paths: &[PathBuf], verb: &str) -> Vec<String> {
    paths
        .iter()
        .map(|path| format!("{verb} {}", path.display()))
        .collect()
}

/// What cargo made.
struct Built {
    /// The library that hosts load.
    library: PathBuf,
    /// The program without a host.
    app: Option<PathBuf>,
}

fn build_app(root: &Path, is_wanted: bool) -> Result<Option<PathBuf>, Failure> {
    if !is_wanted {
        return Ok(None);
    }
    setup::ensure(&[Part::SoundDrivers])?;
    let folder = build(root, APP, AUDIO)?;
    Ok(Some(folder.join(layout::app_name())))
}

/// Builds one package; gives the folder where its files are.
fn build(root: &Path, package: &str, flags: &[&str]) -> Result<PathBuf, Failure> {
    eprintln!("bundle: building the package {package}");
    let built = cargo()
        .current_dir(root)
        .args(["build", "--release", "--package", package])
        .args(flags)
        .run()?;
    if !built {
        return Err(Failure::other(format!(
            "the package {package} does not compile (cargo's words are above)"
        )));
    }
    let target = std::env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| root.join("target"), |target| root.join(target));
    Ok(target.join("release"))
}

/// What those ask to be kept who wrote what is inside.
fn notices(root: &Path, with_app: bool) -> Result<String, Failure> {
    let (ours, flags) = if with_app {
        (APP, AUDIO)
    } else {
        (EXPORT, [].as_slice())
    };
    let packages = licences::packages_inside(root, ours, flags)?;
    let runtime = setup::runtime_notices()?;
    licences::write_notices(root, &runtime, &packages)
}

/// Lays out both bundles; what was there before is replaced as a whole.
fn make(
    built: &Built,
    platform: Platform,
    notices: &str,
    folder: &Path,
) -> Result<Vec<PathBuf>, Failure> {
    let models = shipped_models_dir()?;
    let runtime = runtime_library_path()?;
    let program = std::env::current_exe().map_err(Failure::system)?;
    create_folder(folder)?;
    let scratch = tempfile::Builder::new()
        .prefix(".bundle.")
        .tempdir_in(folder)
        .map_err(|error| Failure::at_path(folder, &error))?;
    let layout = Layout {
        platform,
        library: &built.library,
        app: built.app.as_deref(),
        models: &models,
        runtime: &runtime,
        notices,
        program: &program,
    };
    let names = layout.write(scratch.path())?;
    let mut bundles = Vec::new();
    for name in names {
        let target = folder.join(&name);
        install::replace(&scratch.path().join(&name), &target)?;
        bundles.push(target);
    }
    Ok(bundles)
}
