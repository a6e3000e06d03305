//! `bundle [--install]`: the plugin as hosts want it: `Understory.vst3` and `Understory.clap`, with library and models inside.
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

/// Flags of `bundle`.
#[derive(Args)]
pub struct Arguments {
    /// Also put the bundles where hosts of this user look for plugins.
    #[arg(long)]
    install: bool,
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
    let library = build(&root, platform)?;
    let notices = notices(&root)?;
    let bundles = make(&library, platform, &notices, &folder)?;
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

fn shown(paths: &[PathBuf], verb: &str) -> Vec<String> {
    paths
        .iter()
        .map(|path| format!("{verb} {}", path.display()))
        .collect()
}

/// Builds the library that hosts load.
fn build(root: &Path, platform: Platform) -> Result<PathBuf, Failure> {
    eprintln!("bundle: building the plugin");
    let built = cargo()
        .current_dir(root)
        .args(["build", "--release", "--package", EXPORT])
        .run()?;
    if !built {
        return Err(Failure::other(
            "the plugin does not compile (cargo's words are above)",
        ));
    }
    let target = std::env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| root.join("target"), |target| root.join(target));
    Ok(target.join("release").join(platform.library_name()))
}

/// What those ask to be kept who wrote what is inside.
fn notices(root: &Path) -> Result<String, Failure> {
    let packages = licences::packages_inside(root, EXPORT)?;
    let runtime = setup::runtime_notices()?;
    licences::write_notices(root, &runtime, &packages)
}

/// Lays out both bundles; what was there before is replaced as a whole.
fn make(
    library: &Path,
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
        library,
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
