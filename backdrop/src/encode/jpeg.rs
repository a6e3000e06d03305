//! JPEG without chroma subsampling, eight rows at a time.

use std::cell::RefCell;
use std::io::Write;

use jpeg_encoder::{
    Encoder, EncodingError, ImageBuffer, JpegColorType, SamplingFactor, rgb_to_ycbcr,
};

use crate::error::{Error, Result};
use crate::provenance::Provenance;
use crate::rows::{Rows, Samples};
use crate::size::Size;

/// The APP1 segment of XMP begins so (XMP specification part 3, JPEG).
const XMP_START: &[u8] = b"http://ns.adobe.com/xap/1.0/\0";

pub(super) fn write(
    rows: &mut dyn Rows,
    quality: u8,
    provenance: &Provenance,
    target: &mut dyn Write,
) -> Result<()> {
    let layout = rows.layout();
    let profile = layout.color_space.icc_profile()?;
    let source = Source {
        size: layout.size,
        pulled: RefCell::new(Pulled {
            rows,
            row: Vec::new(),
            next: 0,
        }),
    };
    let encode = || -> std::result::Result<(), EncodingError> {
        let mut encoder = Encoder::new(target, quality);
        encoder.set_sampling_factor(SamplingFactor::F_1_1);
        let mut segment = XMP_START.to_vec();
        segment.extend(provenance.xmp().into_bytes());
        encoder.add_app_segment(1, segment)?;
        encoder.add_icc_profile(&profile)?;
        encoder.encode_image(source)
    };
    encode().map_err(|error| Error::encoder("JPEG", error))
}

/// Rows that the encoder asks for from the top; it asks again for the last one to fill its blocks.
struct Source<'a> {
    size: Size,
    pulled: RefCell<Pulled<'a>>,
}

struct Pulled<'a> {
    rows: &'a mut dyn Rows,
    row: Vec<u8>,
    next: u32,
}

impl ImageBuffer for Source<'_> {
    fn get_jpeg_color_type(&self) -> JpegColorType {
        JpegColorType::Ycbcr
    }

    fn width(&self) -> u16 {
        self.size.width() as u16
    }

    fn height(&self) -> u16 {
        self.size.height() as u16
    }

    fn fill_buffers(&self, y: u16, buffers: &mut [Vec<u8>; 4]) {
        let mut pulled = self.pulled.borrow_mut();
        let pulled = &mut *pulled;
        while pulled.next <= u32::from(y) {
            match pulled.rows.next_row() {
                Some(Samples::Eight(row)) => {
                    pulled.row.clear();
                    pulled.row.extend_from_slice(row);
                }
                _ => break,
            }
            pulled.next += 1;
        }
        for &[red, green, blue] in pulled.row.as_chunks::<3>().0 {
            let (luma, blue, red) = rgb_to_ycbcr(red, green, blue);
            buffers[0].push(luma);
            buffers[1].push(blue);
            buffers[2].push(red);
        }
    }
}
