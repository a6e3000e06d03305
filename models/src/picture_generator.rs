//! The two networks that make pictures: a point in, cells out, both checked. Worker threads only.
//!
//! It paints nothing: what the cells mean is in PICTURE_CONTRACT.md, what they look like is `backdrop`'s matter.

use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::graph_check::check_ports;
use crate::latent::DEFAULT_TRUNCATION;
use crate::picture_file::PictureFile;
use crate::picture_frame::PictureFrame;
use crate::picture_manifest::{PictureGraph, PictureManifest};
use crate::picture_point::PicturePoint;
use crate::session::{Input, Session};

/// Planes of the cells: five logits and the residual.
const NUM_PLANES: usize = 6;
/// Rows of features per tile: more would leave the cache, fewer would run more halo. Cells do not depend on it.
const TILE_ROWS: usize = 32;

/// What the network paints: `[6, rows, columns]` of the whole grid, row-major. Every number is finite.
#[derive(Clone, Debug, PartialEq)]
pub struct PictureCells {
    /// Rows of cells.
    pub rows: usize,
    /// Columns of cells.
    pub columns: usize,
    /// Five palette-mixing logits, darkest colour first, then the lightness residual.
    pub values: Vec<f32>,
}

/// A loaded picture model.
#[derive(Debug)]
pub struct PictureGenerator {
    trunk: Session,
    head: Session,
    manifest: PictureManifest,
    fingerprint: String,
    path: PathBuf,
}

impl PictureGenerator {
    /// Reads a picture model, checks manifest and graphs against each other and makes them ready to run. Loads the ONNX
    /// Runtime library when this is the process's first model.
    ///
    /// # Errors
    /// Everything that [`PictureFile::load`] refuses, a library that is missing or not the pinned one, and graphs that do
    /// not fit the manifest.
    pub fn load(path: impl AsRef<Path>) -> Result<Self> {
        Self::from_file(PictureFile::load(path)?)
    }

    /// The same from a file that was read before.
    ///
    /// # Errors
    /// As [`PictureGenerator::load`].
    pub fn from_file(file: PictureFile) -> Result<Self> {
        let path = file.path().to_path_buf();
        let prepare = || {
            let manifest = file.manifest();
            let trunk = session(file.trunk(), &manifest.trunk)?;
            Ok((trunk, session(file.head(), &manifest.head)?))
        };
        let (trunk, head) = prepare().map_err(|error: Error| error.about_file(&path))?;
        Ok(Self {
            trunk,
            head,
            fingerprint: file.fingerprint(),
            manifest: file.into_manifest(),
            path,
        })
    }

    /// The model's facts.
    pub fn manifest(&self) -> &PictureManifest {
        &self.manifest
    }

    /// SHA-256 of the model file in hex.
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// The file that it was read from.
    #[must_use]
    pub fn path(&self) -> &std::path::Path {
        &self.path
    }

    /// Makes the cells of a picture of this shape.
    ///
    /// # Errors
    /// [`Error::WrongLength`] and [`Error::OutOfRange`] for the point; for the model, outputs of a wrong shape or with NaN
    /// or infinity in them.
    pub fn run(&mut self, point: &PicturePoint, frame: &PictureFrame) -> Result<PictureCells> {
        self.run_in_tiles(point, frame, TILE_ROWS)
    }

    /// The same with tiles of so many rows of features (at least 1): the cells are the same, bit for bit.
    ///
    /// # Errors
    /// As [`PictureGenerator::run`].
    pub fn run_in_tiles(
        &mut self,
        point: &PicturePoint,
        frame: &PictureFrame,
        tile_rows: usize,
    ) -> Result<PictureCells> {
        check_point(&self.manifest, point)?;
        self.run_checked(point, frame, tile_rows.max(1))
            .map_err(|error| error.in_file(&self.path))
    }

    /// Makes the manifest's reference picture and gives the largest difference of a cell. Above the manifest's
    /// `tolerance.cells_abs`, this machine or runtime does not paint what was exported.
    ///
    /// # Errors
    /// As [`PictureGenerator::run`].
    pub fn reference_difference(&mut self) -> Result<f32> {
        let reference = self.manifest.reference.clone();
        let mut point = PicturePoint::from_seed(
            reference.seed,
            DEFAULT_TRUNCATION,
            reference.palette,
            &self.manifest,
        )?;
        point.style = reference.style;
        let frame = self
            .manifest
            .geometry
            .frame(reference.width, reference.height);
        let cells = self.run(&point, &frame)?;
        let differences = reference.spots.iter().map(|spot| {
            let value = cells.values.get(spot.index).copied().unwrap_or(f32::NAN);
            (value - spot.value).abs()
        });
        Ok(differences.fold(0.0, f32::max))
    }

    fn run_checked(
        &mut self,
        point: &PicturePoint,
        frame: &PictureFrame,
        tile_rows: usize,
    ) -> Result<PictureCells> {
        let features = self.run_trunk(point, frame)?;
        let geometry = &self.manifest.geometry;
        let detail = Map {
            rows: frame.rows * geometry.detail_per_unit + 2 * geometry.halo_detail,
            columns: frame.columns * geometry.detail_per_unit + 2 * geometry.halo_detail,
            values: point.detail_noise(geometry, frame),
        };
        let mut cells = PictureCells {
            rows: frame.rows * geometry.cells_per_unit,
            columns: frame.columns * geometry.cells_per_unit,
            values: Vec::new(),
        };
        cells.values = vec![0.0; NUM_PLANES * cells.rows * cells.columns];
        let num_rows = features.map.rows;
        for first in (0..num_rows).step_by(tile_rows) {
            let rows = tile_rows.min(num_rows - first);
            self.run_tile(&features, &detail, first..first + rows, &mut cells)?;
        }
        Ok(cells)
    }

    fn run_trunk(&mut self, point: &PicturePoint, frame: &PictureFrame) -> Result<Features> {
        let geometry = &self.manifest.geometry;
        let latent = point.moved_latent();
        let [noise, medium] = point.trunk_noise(geometry, frame);
        let y = geometry.feature_y(frame);
        let per_unit = geometry.medium_per_unit;
        let inputs = [
            input("latent", &[latent.len()], &latent),
            input("style", &[point.style.len()], &point.style),
            input("palette", &[5, 3], point.palette.as_flattened()),
            input(
                "style_offset",
                &[point.style_offset.len()],
                &point.style_offset,
            ),
            input(
                "noise",
                &[geometry.noise_channels, frame.rows, frame.columns],
                &noise,
            ),
            input(
                "medium",
                &[
                    geometry.medium_channels,
                    frame.rows * per_unit,
                    frame.columns * per_unit,
                ],
                &medium,
            ),
            input("y", &[y.len()], &y),
        ];
        let [(feature_sizes, features), (_, modulation)] =
            self.trunk.run(&inputs, ["features", "modulation"])?;
        let (rows, columns) = (y.len(), frame.columns * geometry.features_per_unit);
        let is_promised = matches!(feature_sizes[..], [1, _, found_rows, found_columns]
            if found_rows == rows as i64 && found_columns == columns as i64);
        if !is_promised {
            return Err(wrong_shape("features", &feature_sizes, &[rows, columns]));
        }
        Ok(Features {
            map: Map {
                rows,
                columns,
                values: features,
            },
            modulation,
        })
    }

    /// Runs the head on rows of features and writes their cells.
    fn run_tile(
        &mut self,
        features: &Features,
        detail: &Map,
        rows: std::ops::Range<usize>,
        cells: &mut PictureCells,
    ) -> Result<()> {
        let geometry = &self.manifest.geometry;
        let halo = geometry.halo_features;
        let tile = features.map.rows_with_edge(rows.clone(), halo);
        let detail_per_feature = geometry.detail_per_unit / geometry.features_per_unit;
        let detail_rows = rows.len() * detail_per_feature + 2 * geometry.halo_detail;
        let first_detail = rows.start * detail_per_feature;
        let detail_tile = detail.rows(first_detail..first_detail + detail_rows);
        let inputs = [
            input(
                "tile",
                &[
                    features.map.num_channels(),
                    rows.len() + 2 * halo,
                    features.map.columns + 2 * halo,
                ],
                &tile,
            ),
            input(
                "tile_modulation",
                &[features.modulation.len()],
                &features.modulation,
            ),
            input(
                "tile_detail",
                &[geometry.detail_channels, detail_rows, detail.columns],
                &detail_tile,
            ),
        ];
        let [(sizes, values)] = self.head.run(&inputs, ["cells"])?;
        let cells_per_feature = geometry.cells_per_unit / geometry.features_per_unit;
        let wanted = [1, NUM_PLANES, rows.len() * cells_per_feature, cells.columns];
        if !sizes
            .iter()
            .map(|&size| usize::try_from(size))
            .eq(wanted.map(Ok))
        {
            return Err(wrong_shape("cells", &sizes, &wanted));
        }
        if let Some((index, &value)) = values
            .iter()
            .enumerate()
            .find(|(_, value)| !value.is_finite())
        {
            return Err(Error::CellsNotFinite { value, index });
        }
        let (length, first) = (
            wanted[2] * cells.columns,
            rows.start * cells_per_feature * cells.columns,
        );
        let planes = cells.values.chunks_exact_mut(cells.rows * cells.columns);
        for (plane, tile) in planes.zip(values.chunks_exact(length)) {
            plane[first..first + length].copy_from_slice(tile);
        }
        Ok(())
    }
}

/// What the trunk gives.
struct Features {
    map: Map,
    modulation: Vec<f32>,
}

/// `[channels, rows, columns]`, row-major.
struct Map {
    rows: usize,
    columns: usize,
    values: Vec<f32>,
}

impl Map {
    fn num_channels(&self) -> usize {
        self.values.len() / (self.rows * self.columns).max(1)
    }

    fn rows(&self, rows: std::ops::Range<usize>) -> Vec<f32> {
        self.values
            .chunks_exact(self.rows * self.columns)
            .flat_map(|channel| &channel[rows.start * self.columns..rows.end * self.columns])
            .copied()
            .collect()
    }

    /// Rows with `halo` more on all four sides; beyond the map its edge is repeated.
    fn rows_with_edge(&self, rows: std::ops::Range<usize>, halo: usize) -> Vec<f32> {
        let (rows_with_halo, columns) = (rows.len() + 2 * halo, self.columns + 2 * halo);
        let mut values = Vec::with_capacity(self.num_channels() * rows_with_halo * columns);
        for channel in self.values.chunks_exact(self.rows * self.columns) {
            for row in rows.start..rows.start + rows_with_halo {
                let row = row.saturating_sub(halo).min(self.rows - 1);
                let line = &channel[row * self.columns..(row + 1) * self.columns];
                values.extend(std::iter::repeat_n(line[0], halo));
                values.extend_from_slice(line);
                values.extend(std::iter::repeat_n(line[self.columns - 1], halo));
            }
        }
        values
    }
}

fn session(model_bytes: &[u8], graph: &PictureGraph) -> Result<Session> {
    let session = Session::load(model_bytes)?;
    check_ports("input", &graph.inputs, &session.inputs())?;
    check_ports("output", &graph.outputs, &session.outputs())?;
    Ok(session)
}

fn input<'a>(name: &'static str, sizes: &[usize], values: &'a [f32]) -> Input<'a> {
    Input {
        name,
        sizes: std::iter::once(1).chain(sizes.iter().copied()).collect(),
        values,
    }
}

fn wrong_shape(name: &str, found: &[i64], wanted: &[usize]) -> Error {
    Error::GraphMismatch {
        what: "output",
        name: name.to_owned(),
        reason: format!("came out with shape {found:?}, the contract asks for {wanted:?}"),
    }
}

fn check_point(manifest: &PictureManifest, point: &PicturePoint) -> Result<()> {
    let lists = [
        ("latent", &point.latent[..], manifest.latent_length),
        ("style", &point.style[..], manifest.styles.len()),
        (
            "style_offset",
            &point.style_offset[..],
            manifest.style_length,
        ),
        (
            "palette",
            point.palette.as_flattened(),
            point.palette.as_flattened().len(),
        ),
    ];
    for (name, values, wanted) in lists {
        if values.len() != wanted {
            return Err(Error::WrongLength {
                name,
                found: values.len(),
                wanted,
            });
        }
        if let Some(&value) = values.iter().find(|value| !value.is_finite()) {
            return Err(Error::OutOfRange {
                name: name.to_owned(),
                value: value.into(),
                low: f32::MIN.into(),
                high: f32::MAX.into(),
            });
        }
    }
    Ok(())
}
