//! What a user asks for, before any model is there: every number is checked here. Plain data; any thread.

use serde_json::{Value, json};

use crate::color::{ColorSpace, Srgb8};
use crate::error::{Error, Result};
use crate::palette::Palette;
use crate::size::{Area, Size};
use crate::view::{View, ZOOM_RANGE};

/// Largest part of a sum of seeds; more would be noise.
const MAX_SUMMANDS: usize = 16;
/// Temperatures that still look like a picture.
const BLEND_RANGE: (f32, f32) = (0.05, 8.0);
/// Amounts such as grain and stars.
const AMOUNT_RANGE: (f32, f32) = (0.0, 1.0);

/// Where a text will stand, and what may be done for it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TextRequest {
    /// In shares of the picture.
    pub area: Area,
    /// Colour of the letters; none for white or black, whichever reads better.
    pub ink: Option<Srgb8>,
    /// Looks for a seed on which the text can be read.
    pub search: bool,
    /// Paints a scrim where the text cannot be read otherwise.
    pub scrim: bool,
}

/// A picture as it is asked for. The fields may be set freely; [`Request::check`] says whether they can be followed.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// Pixels.
    pub size: Size,
    /// Makes everything repeatable.
    pub seed: u32,
    /// Latents of other seeds to add (a - b + c); empty for that of `seed`.
    pub latent_sum: Vec<(f32, u32)>,
    /// Weights by name; empty for the style that the seed chooses.
    pub styles: Vec<(String, f32)>,
    /// None for the palette that the seed chooses.
    pub palette: Option<Palette>,
    /// Values of named controls.
    pub controls: Vec<(String, f32)>,
    /// Nothing but mixes of the palette.
    pub strict: bool,
    /// Below 1 harder edges between colours, above 1 softer ones.
    pub blend: f32,
    /// What the numbers mean.
    pub color_space: ColorSpace,
    /// 0 none to 1 coarse.
    pub grain: f32,
    /// 0 none to 1 many.
    pub stars: f32,
    /// The given colour (1 is the first) that becomes transparent.
    pub transparent: Option<usize>,
    /// Where a text will stand.
    pub text: Option<TextRequest>,
    /// Zoom and pan.
    pub view: View,
}

impl Request {
    /// The picture of a seed in its own style and palette.
    pub fn new(size: Size, seed: u32) -> Self {
        Self {
            size,
            seed,
            latent_sum: Vec::new(),
            styles: Vec::new(),
            palette: None,
            controls: Vec::new(),
            strict: false,
            blend: 1.0,
            color_space: ColorSpace::Srgb,
            grain: 0.0,
            stars: 0.0,
            transparent: None,
            text: None,
            view: View::default(),
        }
    }

    /// Refuses the first number that cannot be followed.
    ///
    /// # Errors
    /// [`Error::Request`] with its range.
    pub fn check(&self) -> Result<()> {
        let numbers = [
            ("grain", self.grain, AMOUNT_RANGE),
            ("stars", self.stars, AMOUNT_RANGE),
            ("blend", self.blend, BLEND_RANGE),
            (
                "zoom",
                self.view.zoom as f32,
                (ZOOM_RANGE.0 as f32, ZOOM_RANGE.1 as f32),
            ),
        ];
        for (what, value, (low, high)) in numbers {
            if !(low..=high).contains(&value) {
                return Err(Error::request(
                    what,
                    value.to_string(),
                    format!("choose {low} to {high}"),
                ));
            }
        }
        if let Some(number) = self.transparent {
            self.palette().entry_of_given(number)?;
        }
        Ok(())
    }

    /// The colours: those asked for, or those that the seed chooses.
    pub fn palette(&self) -> Palette {
        self.palette
            .clone()
            .unwrap_or_else(|| Palette::from_seed(self.seed))
    }

    /// What a file must remember so that it can be made again, without the model's name.
    pub fn recipe(&self) -> Value {
        let pairs = |pairs: &[(String, f32)]| -> Value {
            pairs
                .iter()
                .map(|(name, value)| (name.clone(), json!(value)))
                .collect::<serde_json::Map<_, _>>()
                .into()
        };
        let hex: Vec<String> = self
            .palette()
            .given()
            .iter()
            .map(|color| color.hex())
            .collect();
        json!({
            "width": self.size.width(), "height": self.size.height(), "seed": self.seed,
            "latent_sum": self.latent_sum, "styles": pairs(&self.styles), "palette": hex,
            "controls": pairs(&self.controls), "strict": self.strict, "blend": self.blend,
            "color_space": self.color_space.name(), "grain": self.grain, "stars": self.stars,
            "transparent": self.transparent, "zoom": self.view.zoom, "pan": [self.view.pan.0, self.view.pan.1],
            "text": self.text.map(|text| json!({
                "box": [text.area.left, text.area.top, text.area.width, text.area.height],
                "ink": text.ink.map(Srgb8::hex), "scrim": text.scrim,
            })),
        })
    }

    /// The request that a recipe remembers. A search for a legible seed is not repeated: the recipe holds the seed found.
    ///
    /// # Errors
    /// [`Error::Request`] when it is not such a recipe.
    pub fn from_recipe(recipe: &Value) -> Result<Self> {
        let missing = |field: &'static str| {
            Error::request(
                "recipe",
                field,
                "is missing or of the wrong kind; the file was not made by this program",
            )
        };
        let number = |field: &'static str| recipe[field].as_f64().ok_or_else(|| missing(field));
        let whole = |field: &'static str| {
            recipe[field]
                .as_u64()
                .and_then(|value| u32::try_from(value).ok())
                .ok_or_else(|| missing(field))
        };
        let pairs = |field: &'static str| {
            let pair =
                |(name, value): (&String, &Value)| Some((name.clone(), value.as_f64()? as f32));
            recipe[field]
                .as_object()
                .and_then(|map| map.iter().map(pair).collect())
                .ok_or_else(|| missing(field))
        };
        let colors = recipe["palette"]
            .as_array()
            .ok_or_else(|| missing("palette"))?;
        let colors: Vec<Srgb8> = colors
            .iter()
            .map(|color| Srgb8::from_hex(color.as_str().unwrap_or_default()))
            .collect::<Result<_>>()?;
        let pan = |index: usize| recipe["pan"][index].as_f64().ok_or_else(|| missing("pan"));
        Ok(Self {
            latent_sum: serde_json::from_value(recipe["latent_sum"].clone())
                .map_err(|_| missing("latent_sum"))?,
            styles: pairs("styles")?,
            palette: Some(Palette::new(&colors)?),
            controls: pairs("controls")?,
            strict: recipe["strict"]
                .as_bool()
                .ok_or_else(|| missing("strict"))?,
            blend: number("blend")? as f32,
            color_space: ColorSpace::from_name(recipe["color_space"].as_str().unwrap_or_default())?,
            grain: number("grain")? as f32,
            stars: number("stars")? as f32,
            transparent: recipe["transparent"].as_u64().map(|number| number as usize),
            text: text_of(&recipe["text"]),
            view: View {
                zoom: number("zoom")?,
                pan: (pan(0)?, pan(1)?),
                ..View::default()
            },
            ..Self::new(
                Size::new(whole("width")?, whole("height")?)?,
                whole("seed")?,
            )
        })
    }
}

fn text_of(value: &Value) -> Option<TextRequest> {
    let side = |index: usize| value["box"][index].as_f64();
    Some(TextRequest {
        area: Area {
            left: side(0)?,
            top: side(1)?,
            width: side(2)?,
            height: side(3)?,
        },
        ink: value["ink"]
            .as_str()
            .and_then(|hex| Srgb8::from_hex(hex).ok()),
        search: false,
        scrim: value["scrim"].as_bool()?,
    })
}

/// Reads `silk=0.6,aurora=0.4`; a name alone counts 1.
///
/// # Errors
/// For a weight that is no number, or below 0.
pub fn styles_from_text(text: &str) -> Result<Vec<(String, f32)>> {
    let wrong = |part: &str, reason: &str| Err(Error::request("style", part, reason));
    let mut styles = Vec::new();
    for part in text
        .split(',')
        .map(str::trim)
        .filter(|part| !part.is_empty())
    {
        let (name, weight) = part.split_once('=').unwrap_or((part, "1"));
        match weight.trim().parse::<f32>() {
            Ok(weight) if weight >= 0.0 && weight.is_finite() => {
                styles.push((name.trim().to_lowercase(), weight))
            }
            Ok(_) => return wrong(part, "weights are 0 or more, as in silk=0.6,aurora=0.4"),
            Err(_) => return wrong(part, "write it as name=weight, as in silk=0.6,aurora=0.4"),
        }
    }
    if styles.is_empty() {
        return wrong(text, "name at least one style, as in silk=0.6,aurora=0.4");
    }
    Ok(styles)
}

/// Reads a sum of seeds such as `12 - 5 + 7`.
///
/// # Errors
/// When it is no such sum.
pub fn latent_sum_from_text(text: &str) -> Result<Vec<(f32, u32)>> {
    let wrong = || Error::request("latent", text, "write it as a sum of seeds, as in 12-5+7");
    let spaced = text.replace('+', " + ").replace('-', " - ");
    let mut sum = Vec::new();
    let mut sign = Some(1.0);
    for word in spaced.split_whitespace() {
        match (word, sign) {
            ("+", None) => sign = Some(1.0),
            ("-", None) => sign = Some(-1.0),
            ("-", Some(1.0)) if sum.is_empty() => sign = Some(-1.0),
            (digits, Some(factor)) => {
                sum.push((factor, digits.parse().map_err(|_| wrong())?));
                sign = None;
            }
            _ => return Err(wrong()),
        }
    }
    if sum.is_empty() || sign.is_some() || sum.len() > MAX_SUMMANDS {
        return Err(wrong());
    }
    Ok(sum)
}
