//! What lies where in a bundle, per system. macOS and Windows follow their specifications but were only tried by CI there.
//!
//! The plugin finds its files by its own path (`plugin/src/resources.rs`): `Contents/Resources` of the bundle around it, or a
//! folder `Understory` beside a file without one.

use std::path::{Path, PathBuf};

use crate::commands::setup::Part;
use crate::failure::Failure;
use crate::output_file::create_folder;
use crate::tool::Tool;

/// Name of the bundles.
const NAME: &str = "Understory";
/// Identifies the bundle to macOS.
const IDENTIFIER: &str = "audio.understory";
/// File of the notices, among the resources.
const NOTICES: &str = "THIRD_PARTY_LICENSES.txt";

/// A system that bundles are made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Platform {
    /// One CLAP file, a link into the VST3 bundle.
    Linux,
    /// Two bundles, signed by no one.
    MacOs,
    /// A CLAP file with a folder beside it.
    Windows,
}

impl Platform {
    /// The one that this program was built for.
    ///
    /// # Errors
    /// Exit code 4 on others than the three.
    pub fn of_this_machine() -> Result<Self, Failure> {
        match std::env::consts::OS {
            "linux" => Ok(Self::Linux),
            "macos" => Ok(Self::MacOs),
            "windows" => Ok(Self::Windows),
            other => Err(Failure::system(format!(
                "{other}: hosts there have no known bundle; build on Linux, macOS or Windows"
            ))),
        }
    }

    /// What cargo calls the library.
    pub fn library_name(self) -> &'static str {
        match self {
            Self::Linux => "libunderstory.so",
            Self::MacOs => "libunderstory.dylib",
            Self::Windows => "understory.dll",
        }
    }

    /// Where the VST3 specification wants the library, below `Contents`.
    fn library_place(self) -> String {
        let processor = std::env::consts::ARCH;
        match self {
            Self::Linux => format!("{processor}-linux/{NAME}.so"),
            Self::MacOs => format!("MacOS/{NAME}"),
            Self::Windows if processor == "aarch64" => format!("arm64-win/{NAME}.vst3"),
            Self::Windows => format!("{processor}-win/{NAME}.vst3"),
        }
    }
}

/// What goes into the bundles.
pub struct Layout<'a> {
    /// For which system.
    pub platform: Platform,
    /// The plugin's library.
    pub library: &'a Path,
    /// The program without a host, if it is wanted.
    pub app: Option<&'a Path>,
    /// The folder of shipped models.
    pub models: &'a Path,
    /// The ONNX Runtime library.
    pub runtime: &'a Path,
    /// What those ask to be kept who wrote what is inside.
    pub notices: &'a str,
    /// This program: the plugin has models examined by it, in a process of its own.
    pub program: &'a Path,
}

impl Layout<'_> {
    /// Writes both bundles into an empty folder; gives their names.
    pub fn write(&self, folder: &Path) -> Result<Vec<String>, Failure> {
        let (vst3, clap) = (format!("{NAME}.vst3"), format!("{NAME}.clap"));
        let contents = folder.join(&vst3).join("Contents");
        self.write_contents(&contents)?;
        match self.platform {
            Platform::Linux => {
                let target = format!("{vst3}/Contents/{}", self.platform.library_place());
                link(&target, &folder.join(&clap))?;
                Ok(vec![vst3, clap])
            }
            Platform::MacOs => {
                self.write_contents(&folder.join(&clap).join("Contents"))?;
                sign(&folder.join(&vst3))?;
                sign(&folder.join(&clap))?;
                Ok(vec![vst3, clap])
            }
            Platform::Windows => {
                copy(self.library, &folder.join(&clap))?;
                self.write_resources(&folder.join(NAME))?;
                Ok(vec![vst3, clap, NAME.to_owned()])
            }
        }
    }

    fn write_contents(&self, contents: &Path) -> Result<(), Failure> {
        let library = contents.join(self.platform.library_place());
        copy(self.library, &library)?;
        if let Some(app) = self.app {
            copy(app, &library.with_file_name(app_name()))?;
        }
        self.write_resources(&contents.join("Resources"))?;
        if self.platform == Platform::MacOs {
            write(&contents.join("Info.plist"), &property_list())?;
            write(&contents.join("PkgInfo"), "BNDL????")?;
        }
        Ok(())
    }

    /// Models, sounds, the licences of what they were made of, the runtime library, and the program that examines models.
    fn write_resources(&self, resources: &Path) -> Result<(), Failure> {
        let in_tree = self.models.parent().map(|above| above.join("sounds"));
        let sounds = [Some(self.models.join("sounds")), in_tree]
            .into_iter()
            .flatten()
            .find(|folder| folder.is_dir());
        for file in files_of(self.models)? {
            copy(&file, &resources.join(file.file_name().unwrap_or_default()))?;
        }
        for file in sounds.iter().flat_map(|folder| models::sound_files(folder)) {
            let name = file.file_name().unwrap_or_default();
            copy(&file, &resources.join("sounds").join(name))?;
        }
        let name = self.runtime.file_name().ok_or_else(|| {
            Failure::system(format!("{} is missing", Part::RuntimeLibrary.name()))
        })?;
        copy(self.runtime, &resources.join(name))?;
        copy(self.program, &resources.join(program_name()))?;
        write(&resources.join(NOTICES), self.notices)
    }
}

/// Where it lies in a folder of bundles: beside the library, so that it finds what the library finds.
pub fn app_place(platform: Platform) -> PathBuf {
    let library = Path::new("Contents").join(platform.library_place());
    Path::new(&format!("{NAME}.vst3"))
        .join(library)
        .with_file_name(app_name())
}

/// What cargo calls the program without a host.
pub fn app_name() -> String {
    format!("understory-app{}", std::env::consts::EXE_SUFFIX)
}

/// What the plugin looks for.
fn program_name() -> String {
    format!("understory{}", std::env::consts::EXE_SUFFIX)
}

fn files_of(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let entries = std::fs::read_dir(folder).map_err(|error| Failure::at_path(folder, &error))?;
    let paths = entries.flatten().map(|entry| entry.path());
    Ok(paths.filter(|path| path.is_file()).collect())
}

fn copy(from: &Path, to: &Path) -> Result<(), Failure> {
    create_folder(to.parent().unwrap_or(Path::new(".")))?;
    std::fs::copy(from, to)
        .map(|_| ())
        .map_err(|error| Failure::at_path(from, &error))
}

fn write(path: &Path, text: &str) -> Result<(), Failure> {
    std::fs::write(path, text).map_err(|error| Failure::at_path(path, &error))
}

#[cfg(unix)]
fn link(target: &str, path: &Path) -> Result<(), Failure> {
    std::os::unix::fs::symlink(target, path).map_err(|error| Failure::at_path(path, &error))
}

#[cfg(not(unix))]
fn link(_target: &str, path: &Path) -> Result<(), Failure> {
    Err(Failure::system(format!(
        "{}: this system has no links",
        path.display()
    )))
}

/// macOS runs no unsigned library on its own processors; this signature says who signed nothing.
fn sign(bundle: &Path) -> Result<(), Failure> {
    let signed = Tool::new("codesign")
        .args(["--force", "--sign", "-"])
        .arg(bundle)
        .run()?;
    if signed {
        return Ok(());
    }
    Err(Failure::system(format!(
        "{}: codesign refused it (its words are above)",
        bundle.display()
    )))
}

fn property_list() -> String {
    let version = env!("CARGO_PKG_VERSION");
    let entries = [
        ("CFBundleExecutable", NAME),
        ("CFBundleIdentifier", IDENTIFIER),
        ("CFBundleName", NAME),
        ("CFBundlePackageType", "BNDL"),
        ("CFBundleShortVersionString", version),
        ("CFBundleVersion", version),
    ];
    let lines: String = entries
        .iter()
        .map(|(key, value)| format!("<key>{key}</key><string>{value}</string>\n"))
        .collect();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<plist version=\"1.0\"><dict>\n{lines}</dict></plist>\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A tree with one model, one sound and two libraries.
    fn written(platform: Platform) -> (tempfile::TempDir, Vec<String>) {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        for file in [
            "from/shipped/sound-v1.onnx",
            "from/shipped/THIRD_PARTY.md",
            "from/sounds/birch.toml",
            "from/plugin.so",
            "from/libonnxruntime.so.1",
            "from/program",
        ] {
            create_folder(at(file).parent().unwrap()).unwrap();
            std::fs::write(at(file), file).unwrap();
        }
        create_folder(&at("to")).unwrap();
        let names = Layout {
            platform,
            library: &at("from/plugin.so"),
            app: Some(&at("from/program")),
            models: &at("from/shipped"),
            runtime: &at("from/libonnxruntime.so.1"),
            notices: "with thanks",
            program: &at("from/program"),
        }
        .write(&at("to"))
        .unwrap();
        (folder, names)
    }

    #[test]
    fn the_vst3_bundle_holds_model_sounds_licences_runtime_and_the_doctors_program() {
        let (folder, names) = written(Platform::Linux);
        assert_eq!(names, ["Understory.vst3", "Understory.clap"]);
        let resources = folder.path().join("to/Understory.vst3/Contents/Resources");
        for name in [
            "sound-v1.onnx",
            "THIRD_PARTY.md",
            "sounds/birch.toml",
            "libonnxruntime.so.1",
            NOTICES,
            &program_name(),
        ] {
            assert!(resources.join(name).is_file(), "{name}");
        }
        let processor = std::env::consts::ARCH;
        let app = format!("../{processor}-linux/{}", app_name());
        assert!(
            resources.join(app).is_file(),
            "the app is beside the library"
        );
    }

    #[cfg(unix)]
    #[test]
    fn the_clap_file_is_the_library_of_the_vst3_bundle() {
        let (folder, _) = written(Platform::Linux);
        let clap = folder.path().join("to/Understory.clap").canonicalize();
        let processor = std::env::consts::ARCH;
        let library = format!("to/Understory.vst3/Contents/{processor}-linux/Understory.so");
        assert_eq!(
            clap.unwrap(),
            folder.path().canonicalize().unwrap().join(library)
        );
    }

    #[test]
    fn windows_gets_the_resources_beside_the_clap_file() {
        let (folder, names) = written(Platform::Windows);
        assert_eq!(names, ["Understory.vst3", "Understory.clap", "Understory"]);
        let beside = folder.path().join("to/Understory/sound-v1.onnx");
        assert!(beside.is_file() && folder.path().join("to/Understory.clap").is_file());
    }
}
