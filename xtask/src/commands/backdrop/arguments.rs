//! The flags of `backdrop`, and the checked order that they make.

use std::path::PathBuf;

use backdrop::color::{ColorSpace, Srgb8};
use backdrop::encode::{Format, Settings};
use backdrop::mood::Character;
use backdrop::moving::{Loop, Movement};
use backdrop::palette::Palette;
use backdrop::request::{latent_sum_from_text, styles_from_text};
use backdrop::sheet::SheetShape;
use backdrop::size::Area;
use backdrop::sound::SoundFigures;
use backdrop::{Request, Size, TextRequest, View};
use clap::Args;
use models::{ModelFile, PictureManifest};

use super::character;
use crate::failure::Failure;
use crate::flags::Common;
use crate::places;
use crate::sound_choice::SoundChoice;

/// What platforms take as a thumbnail.
const THUMBNAIL_BYTES: u64 = 2_000_000;

/// What to paint.
#[derive(Args, Debug, Clone)]
pub struct Arguments {
    /// WIDTHxHEIGHT up to 16384, or thumbnail, 720p, 1080p, 1440p, 4k, 8k, dci4k, story, portrait, square, banner, cover.
    #[arg(long, default_value = "1920x1080", value_name = "SIZE")]
    size: String,
    /// Styles by weight, as in silk=0.6,aurora=0.4; without it the seed chooses.
    #[arg(long, value_name = "STYLES", allow_hyphen_values = true)]
    style: Option<String>,
    /// Colours as #1b3a5c,#f2c14e, or a file: JSON, GPL, ASE, or a picture to take them from.
    #[arg(long, value_name = "COLOURS|FILE")]
    palette: Option<String>,
    /// Colours and styles of a mood: a name as beds have them, or valence (-1..1), energy (0..1) and optionally brightness.
    #[arg(long, value_name = "NAME|V,E[,B]", allow_hyphen_values = true)]
    mood: Option<String>,
    /// The picture of a sound, as the instrument shows it behind its map: the sound's seed takes the place of --seed, and colours
    /// and styles follow from what it is like. A name, a seed or a sum, as `note --sound` takes it.
    #[arg(long, value_name = "NAME", conflicts_with = "mood")]
    sound: Option<String>,
    /// Moves a control of the model, as in lightness=1.0; may be given more than once.
    #[arg(long, value_name = "CONTROL=VALUE", allow_hyphen_values = true)]
    set: Vec<String>,
    /// The shapes of other seeds, added: 12-5+7.
    #[arg(long, value_name = "SUM", allow_hyphen_values = true)]
    latent: Option<String>,
    /// Nothing but mixes of the palette: no light or shade of the network's own.
    #[arg(long)]
    strict: bool,
    /// Below 1 harder edges between colours, above 1 softer ones.
    #[arg(long, default_value_t = 1.0, allow_negative_numbers = true)]
    blend: f32,
    /// Film grain, 0 to 1.
    #[arg(long, default_value_t = 0.0, allow_negative_numbers = true)]
    grain: f32,
    /// Stars on the dark parts, 0 to 1.
    #[arg(long, default_value_t = 0.0, allow_negative_numbers = true)]
    stars: f32,
    /// The colour of the palette (1 is the first given) that becomes transparent.
    #[arg(long, value_name = "N")]
    transparent: Option<usize>,
    /// srgb or p3.
    #[arg(long, default_value = "srgb", value_name = "NAME")]
    color_space: String,
    /// Where a text will stand: x,y,width,height in pixels or percent.
    #[arg(long, value_name = "X,Y,W,H", allow_hyphen_values = true)]
    text_box: Option<String>,
    /// Colour of its letters; without it white or black, whichever reads better.
    #[arg(long, value_name = "COLOUR", requires = "text_box")]
    text_color: Option<String>,
    /// Look for a seed on which the text has a contrast of 4.5:1, and shade its ground if there is none.
    #[arg(long, requires = "text_box")]
    legible: bool,
    /// Shade the ground of the text as far as 4.5:1 needs, without changing the seed.
    #[arg(long, requires = "text_box")]
    scrim: bool,
    /// Also write a transparent PNG with safe areas and the text box.
    #[arg(long, value_name = "FILE")]
    guide: Option<PathBuf>,
    /// 1 shows the whole picture, up to 8.
    #[arg(long, default_value_t = 1.0, allow_negative_numbers = true)]
    zoom: f64,
    /// A closed loop of this length, such as 10s: numbered frames into the folder --out, or a .mov, .mp4, .gif or .apng.
    #[arg(long = "loop", value_name = "LENGTH", allow_hyphen_values = true)]
    loop_length: Option<String>,
    /// Frames per second of a loop.
    #[arg(long, default_value_t = 30)]
    fps: u32,
    /// What moves in a loop: drift, zoom or parallax.
    #[arg(long, default_value = "drift", value_name = "NAME")]
    movement: String,
    /// How much of the picture a drift exchanges, 0 to 1.
    #[arg(long, default_value_t = 0.3, allow_negative_numbers = true)]
    motion: f64,
    /// A contact sheet of this many seeds, as in 6x4.
    #[arg(long, value_name = "COLSxROWS", conflicts_with = "loop_length")]
    sheet: Option<String>,
    /// 8 or 16 bits a channel, where the format leaves a choice.
    #[arg(long, value_name = "N")]
    bits: Option<u8>,
    /// Quality of JPEG, WebP and AVIF, 1 to 100.
    #[arg(long, default_value_t = 92)]
    quality: u8,
    /// Longest file in bytes, for JPEG, WebP and AVIF; a thumbnail keeps to 2000000 by itself.
    #[arg(long, value_name = "BYTES")]
    max_bytes: Option<u64>,
    /// Threads that paint a loop; each holds its own copy of the model.
    #[arg(long, value_name = "N")]
    jobs: Option<usize>,
    /// Another model than the shipped one.
    #[arg(long, value_name = "FILE")]
    pub(in crate::commands) model: Option<PathBuf>,
}

/// A picture to paint and the file to write it to.
#[derive(Debug, Clone)]
pub struct Order {
    /// The picture.
    pub request: Request,
    /// Of the mood or the sound that was named.
    character: Option<Character>,
    /// Where it goes.
    pub path: PathBuf,
    /// A transparent PNG beside it.
    pub guide: Option<PathBuf>,
    /// Threads of a loop.
    pub jobs: Option<usize>,
}

impl Arguments {
    /// Everything checked that can be checked without the model.
    pub(super) fn order(&self, common: &Common) -> Result<Order, Failure> {
        let size = Size::from_text(&self.size)?;
        let sound = self.sound.as_deref().map(figures_of_sound).transpose()?;
        let seed = sound.map_or(common.seed, |sound| sound.seed);
        let mut request = Request::new(size, seed);
        request.styles = self
            .style
            .as_deref()
            .map(styles_from_text)
            .transpose()?
            .unwrap_or_default();
        let mood = self.mood.as_deref().map(character::from_text).transpose()?;
        request.palette = match (&self.palette, mood, sound) {
            (Some(text), ..) => Some(Palette::from_text(text)?),
            (None, Some(mood), _) => Some(mood.palette(seed)),
            (None, None, Some(sound)) => Some(Palette::exactly(sound.colors())),
            (None, None, None) => None,
        };
        request.latent_sum = self
            .latent
            .as_deref()
            .map(latent_sum_from_text)
            .transpose()?
            .unwrap_or_default();
        request.controls = self
            .set
            .iter()
            .map(|setting| control(setting))
            .collect::<Result<_, _>>()?;
        request.strict = self.strict;
        request.blend = self.blend;
        request.grain = self.grain;
        request.stars = self.stars;
        request.transparent = self.transparent;
        request.color_space = ColorSpace::from_name(&self.color_space)?;
        request.view = View {
            zoom: self.zoom,
            ..View::default()
        };
        request.text = self.text(size)?;
        request.check()?;
        let path = common
            .out
            .clone()
            .unwrap_or_else(|| PathBuf::from(self.default_name()));
        Ok(Order {
            request,
            character: mood.or(sound.map(|sound| sound.character())),
            path,
            guide: self.guide.clone(),
            jobs: self.jobs,
        })
    }

    fn text(&self, size: Size) -> Result<Option<TextRequest>, Failure> {
        let Some(text) = &self.text_box else {
            return Ok(None);
        };
        Ok(Some(TextRequest {
            area: Area::from_text(text, size)?,
            ink: self
                .text_color
                .as_deref()
                .map(Srgb8::from_hex)
                .transpose()?,
            search: self.legible,
            scrim: self.legible || self.scrim,
        }))
    }

    fn default_name(&self) -> &'static str {
        if self.sheet.is_some() {
            "backdrop-sheet.png"
        } else if self.loop_length.is_some() {
            "backdrop-loop"
        } else if self.is_thumbnail() {
            "thumbnail.jpg"
        } else {
            "backdrop.png"
        }
    }

    fn is_thumbnail(&self) -> bool {
        self.size.trim().eq_ignore_ascii_case("thumbnail")
    }

    /// The file's kind and quality.
    pub(super) fn settings(&self, path: &std::path::Path) -> Result<Settings, Failure> {
        let mut settings = Settings::of(Format::from_path(path)?);
        settings.bits = self.bits.unwrap_or(settings.bits);
        settings.quality = self.quality;
        settings.max_bytes = self
            .max_bytes
            .or(self.is_thumbnail().then_some(THUMBNAIL_BYTES));
        Ok(settings)
    }

    /// Bits of the frames of a loop.
    pub(super) fn frame_bits(&self) -> u8 {
        self.bits.unwrap_or(8)
    }

    pub(super) fn sheet_shape(&self) -> Result<Option<SheetShape>, Failure> {
        Ok(self
            .sheet
            .as_deref()
            .map(SheetShape::from_text)
            .transpose()?)
    }

    pub(super) fn plan(&self) -> Result<Option<Loop>, Failure> {
        let Some(text) = &self.loop_length else {
            return Ok(None);
        };
        let movement = Movement::from_name(&self.movement)?;
        Ok(Some(Loop::new(
            length_s(text)?,
            self.fps,
            movement,
            self.motion,
        )?))
    }
}

impl Order {
    /// A mood or a sound chooses the styles too, unless they were named.
    pub(super) fn with_chosen_styles(mut self, manifest: &PictureManifest) -> Self {
        if let (true, Some(character)) = (self.request.styles.is_empty(), self.character) {
            self.request.styles = character.styles(&manifest.styles);
        }
        self
    }
}

/// What a sound is like, by the manifest of the shipped sound model; runs no network.
fn figures_of_sound(text: &str) -> Result<SoundFigures, Failure> {
    let choice = SoundChoice::from_text(text)?;
    let model = places::shipped_sound_model()?;
    let manifest = ModelFile::load(&model)?;
    let manifest = manifest.manifest();
    let point = choice.point(manifest)?;
    let (names, values) = (&manifest.attributes, &point.attributes);
    Ok(SoundFigures::of(choice.first_seed(), names, values))
}

fn control(setting: &str) -> Result<(String, f32), Failure> {
    let parsed = setting.split_once('=').and_then(|(name, value)| {
        let value: f32 = value.trim().parse().ok()?;
        value.is_finite().then(|| (name.trim().to_owned(), value))
    });
    parsed.ok_or_else(|| {
        Failure::request(format!(
            "--set {setting}: write it as name=number, as in lightness=1.0"
        ))
    })
}

/// Reads `10s`, `500ms` or seconds without a unit.
fn length_s(text: &str) -> Result<f64, Failure> {
    let text = text.trim();
    let (number, unit_s) = match (text.strip_suffix("ms"), text.strip_suffix('s')) {
        (Some(number), _) => (number, 1e-3),
        (None, Some(number)) => (number, 1.0),
        (None, None) => (text, 1.0),
    };
    let length_s = number
        .trim()
        .parse::<f64>()
        .ok()
        .map(|number| number * unit_s);
    length_s
        .filter(|length_s| *length_s > 0.0 && length_s.is_finite())
        .ok_or_else(|| Failure::request(format!("--loop {text}: give a length above 0, as in 10s")))
}
