//! Which sound to play: a seed, or a name from the sounds folder. Reads small text files; runs no model.

use std::path::{Path, PathBuf};

use engine::score::compose::TaggedSound;
use models::{Manifest, OWN_SOUND_EXTENSION, SoundPoint, SoundRecipe, parse_sum};

use crate::failure::Failure;
use crate::places;
use crate::recorded::Recorded;

/// Most names shown when one is unknown.
const MAX_SUGGESTIONS: usize = 6;

/// A sound that was chosen on the command line: one, or a sum of several, with its controls moved.
#[derive(Clone, Debug, PartialEq)]
pub struct SoundChoice {
    name: String,
    /// Weight and recipe of each sound of the sum; mostly one of weight 1.
    terms: Vec<(f32, SoundRecipe)>,
    /// What `--set` moves, after the sum.
    settings: Vec<(String, f32)>,
}

impl SoundChoice {
    /// The sound of a seed.
    pub fn from_seed(seed: u32) -> Self {
        Self::one(SoundRecipe::from_seed(seed))
    }

    /// The sound of a recipe.
    pub fn one(recipe: SoundRecipe) -> Self {
        SoundChoice {
            name: recipe.name.clone(),
            terms: vec![(1.0, recipe)],
            settings: Vec::new(),
        }
    }

    /// What the user called it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Reads `--sound`: a number or `seed:N` is a seed, anything with signs a sum (`birch - moss + dew`), what ends like one the
    /// file of a sound, all else a name: of a shipped sound, or of one of the user's own.
    ///
    /// # Errors
    /// Exit code 2 for a name that is not there, with the nearest names, or a sum that cannot be read; 3 for a broken
    /// sound file.
    pub fn from_text(text: &str) -> Result<Self, Failure> {
        let is_sum = text
            .split_whitespace()
            .any(|word| word == "+" || word == "-" || word.contains('*'));
        if !is_sum {
            return Ok(Self::one(recipe_of(text)?));
        }
        let terms = parse_sum(text)?
            .iter()
            .map(|term| Ok((term.weight, recipe_of(&term.sound)?)))
            .collect::<Result<_, Failure>>()?;
        Ok(SoundChoice {
            name: text.to_owned(),
            terms,
            settings: Vec::new(),
        })
    }

    /// Adds `--set name=value` controls, each after those before.
    ///
    /// # Errors
    /// Exit code 2 when one is not of that form.
    pub fn with_settings(mut self, settings: &[String]) -> Result<Self, Failure> {
        for setting in settings {
            let parsed = setting.split_once('=').and_then(|(name, value)| {
                let value: f32 = value.trim().parse().ok()?;
                value.is_finite().then(|| (name.trim().to_owned(), value))
            });
            let wrong = || {
                Failure::request(format!(
                    "--set {setting}: write it as name=number, as in brightness=1.0"
                ))
            };
            self.settings.push(parsed.ok_or_else(wrong)?);
        }
        Ok(self)
    }

    /// The sound's place in this model.
    ///
    /// # Errors
    /// Exit code 2 for a control the model lacks, a value outside its range, or sounds that cancel each other out.
    pub fn point(&self, manifest: &Manifest) -> Result<SoundPoint, Failure> {
        let terms = self
            .terms
            .iter()
            .map(|(weight, recipe)| Ok((*weight, recipe.point(manifest)?)))
            .collect::<Result<Vec<_>, Failure>>()?;
        let mut point = SoundPoint::sum(&terms)?;
        for (name, value) in &self.settings {
            point.add_named(name, *value, manifest)?;
        }
        Ok(point)
    }

    /// The seed of the first sound.
    pub fn first_seed(&self) -> u32 {
        self.terms.first().map_or(1, |(_, recipe)| recipe.seed)
    }

    /// What a file made with it must remember: every move in its order, because sums of floats depend on it.
    pub fn recipe(&self) -> serde_json::Value {
        let terms: Vec<_> = self
            .terms
            .iter()
            .map(|(weight, recipe)| {
                let mut term = serde_json::json!({
                    "weight": weight, "seed": recipe.seed, "truncation": recipe.truncation,
                    "controls": recipe.controls,
                });
                if let Some(place) = &recipe.place {
                    term["place"] = serde_json::json!(place);
                }
                term
            })
            .collect();
        serde_json::json!({ "name": self.name, "sum": terms, "settings": self.settings })
    }

    /// The sound that a file remembers. The named sounds that are installed do not count.
    ///
    /// # Errors
    /// Exit code 3 when it is no such recipe.
    pub fn from_recipe(recipe: Recorded<'_>) -> Result<Self, Failure> {
        let sum: Vec<serde_json::Value> = recipe.value("sum")?;
        let term = |term: &serde_json::Value| {
            let term = Recorded(term);
            let seed = term.whole("seed")?;
            let recipe = SoundRecipe {
                truncation: term.number("truncation")?,
                controls: term.value("controls")?,
                place: match &term.0["place"] {
                    serde_json::Value::Null => None,
                    _ => Some(term.value("place")?),
                },
                ..SoundRecipe::from_seed(seed)
            };
            Ok((term.value("weight")?, recipe))
        };
        Ok(SoundChoice {
            name: recipe.text("name")?.to_owned(),
            terms: sum.iter().map(term).collect::<Result<_, Failure>>()?,
            settings: recipe.value("settings")?,
        })
    }
}

/// The recipe of a seed or of a named sound.
fn recipe_of(text: &str) -> Result<SoundRecipe, Failure> {
    let digits = text.strip_prefix("seed:").unwrap_or(text);
    if let Ok(seed) = digits.parse() {
        return Ok(SoundRecipe::from_seed(seed));
    }
    if text.starts_with("seed:") {
        let most = u32::MAX;
        return Err(Failure::request(format!(
            "--sound {text}: a seed is a whole number from 0 to {most}"
        )));
    }
    let path = Path::new(text);
    let is_file = |ending: &std::ffi::OsStr| ending == OWN_SOUND_EXTENSION || ending == "toml";
    if path.extension().is_some_and(is_file) {
        return Ok(SoundRecipe::load(path)?);
    }
    let (shipped, own) = (sound_files(), own_files());
    let is_meant = |file: &&PathBuf| file_name(file).eq_ignore_ascii_case(text);
    let own_name = models::own_sound_file_name(text);
    let is_own = |file: &&PathBuf| file.file_name().is_some_and(|name| name == &*own_name);
    let found = shipped.iter().find(is_meant);
    match found.or_else(|| own.iter().find(is_own)) {
        Some(file) => Ok(SoundRecipe::load(file)?),
        None => Err(unknown(text, &[shipped, own].concat())),
    }
}

/// Where a sound is kept that is to be the user's own under this name: a file of that name, or one of the folder that the
/// plugin's browser shows.
///
/// # Errors
/// Exit code 2 for the name of a shipped sound, which would be found first; 4 when there is no such folder.
pub fn own_file(name: &str) -> Result<PathBuf, Failure> {
    let path = Path::new(name);
    if path
        .extension()
        .is_some_and(|ending| ending == OWN_SOUND_EXTENSION)
    {
        return Ok(path.to_path_buf());
    }
    if sound_files()
        .iter()
        .any(|file| file_name(file).eq_ignore_ascii_case(name))
    {
        return Err(Failure::request(format!(
            "--keep {name}: a sound of that name is shipped; choose another"
        )));
    }
    let folder = models::user_sounds_folder().ok_or_else(|| {
        Failure::system("the home folder is unknown; set HOME, or name a file: --keep NAME.json")
    })?;
    Ok(folder.join(models::own_sound_file_name(name)))
}

/// The files of the user's own sounds.
fn own_files() -> Vec<PathBuf> {
    let folder = models::user_sounds_folder();
    folder.map_or_else(Vec::new, |folder| models::own_sound_files(&folder))
}

/// Every named sound with its tags, by name.
///
/// # Errors
/// Exit code 3 for a broken sound file.
pub fn tagged_sounds() -> Result<Vec<TaggedSound>, Failure> {
    sound_files()
        .iter()
        .map(|path| {
            Ok(TaggedSound {
                name: file_name(path),
                tags: SoundRecipe::load(path)?.tags,
            })
        })
        .collect()
}

/// All sound files, by name: beside the shipped models, or in the folder above them.
fn sound_files() -> Vec<PathBuf> {
    let Ok(shipped) = places::shipped_models_dir() else {
        return Vec::new();
    };
    let beside = shipped.parent().map(|above| above.join("sounds"));
    let mut files: Vec<PathBuf> = [Some(shipped.join("sounds")), beside]
        .into_iter()
        .flatten()
        .flat_map(|folder| models::sound_files(&folder))
        .collect();
    files.sort();
    files
}

fn file_name(path: &Path) -> String {
    path.file_stem()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default()
}

fn unknown(name: &str, files: &[PathBuf]) -> Failure {
    let mut names: Vec<String> = files.iter().map(|file| file_name(file)).collect();
    names.sort_by_key(|known| edit_distance(&known.to_lowercase(), &name.to_lowercase()));
    names.truncate(MAX_SUGGESTIONS);
    let known = if names.is_empty() {
        "no named sounds are installed".to_owned()
    } else {
        format!("the nearest names are {}", names.join(", "))
    };
    Failure::request(format!(
        "--sound {name}: there is no such sound; {known}; a number is a seed"
    ))
}

/// Levenshtein distance.
fn edit_distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (index, letter) in one.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], index + 1);
        for (place, against) in other.iter().enumerate() {
            let replaced = diagonal + usize::from(letter != *against);
            diagonal = row[place + 1];
            row[place + 1] = replaced.min(row[place] + 1).min(diagonal + 1);
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_seeds_with_and_without_the_word() {
        assert_eq!(
            SoundChoice::from_text("7").unwrap(),
            SoundChoice::from_seed(7)
        );
        assert_eq!(
            SoundChoice::from_text("seed:7").unwrap(),
            SoundChoice::from_seed(7)
        );
        assert_eq!(
            SoundChoice::from_text("seed:-1").unwrap_err().exit_code(),
            2
        );
    }

    #[test]
    fn a_sum_remembers_every_term_and_its_weight() {
        let sum = SoundChoice::from_text("7 - 0.5*8 + seed:9").unwrap();
        let recipe = sum.recipe();
        let weights: Vec<_> = (0..3).map(|i| recipe["sum"][i]["weight"].clone()).collect();
        assert_eq!(weights, [1.0, -0.5, 1.0]);
        assert_eq!(recipe["sum"][2]["seed"], 9);
        assert_eq!(SoundChoice::from_recipe(Recorded(&recipe)).unwrap(), sum);
        assert_eq!(SoundChoice::from_text("7 -").unwrap_err().exit_code(), 2);
    }

    #[test]
    fn settings_that_are_no_assignments_of_numbers_are_refused() {
        let sound = SoundChoice::from_seed(1);
        assert!(
            sound
                .clone()
                .with_settings(&["brightness=1.5".to_owned()])
                .is_ok()
        );
        for wrong in [
            "brightness",
            "brightness=",
            "brightness=bright",
            "brightness=NaN",
        ] {
            let failure = sound
                .clone()
                .with_settings(&[wrong.to_owned()])
                .unwrap_err();
            assert_eq!(failure.exit_code(), 2);
        }
    }

    #[test]
    fn the_edit_distance_is_the_fewest_changes() {
        assert_eq!(edit_distance("kitten", "sitting"), 3);
        assert_eq!(edit_distance("", "abc"), 3);
        assert_eq!(edit_distance("same", "same"), 0);
    }
}
