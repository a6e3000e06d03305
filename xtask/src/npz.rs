//! Arrays by name in NumPy's `.npz` files, in and out. Commands only; believes no size that a file claims.
//!
//! The ZIP around the arrays is the `zip` crate's matter, each array `npyz`'s. What is checked here comes before them: a header
//! that would nest deeply or a shape that the file cannot hold is refused before anything is reserved for it.

use std::io::{Cursor, Read, Seek, Write};
use std::path::Path;

use models::{Numbers, Tensor};
use npyz::WriterBuilder;

use crate::failure::Failure;

/// Most bytes of all arrays of a file together.
const MOST_BYTES: u64 = 1 << 30;
/// NumPy writes headers of 118 bytes; those of the longest shapes stay far below this.
const LONGEST_HEADER: usize = 1_024;
/// Brackets that a header of plain numbers opens: those of the dictionary and of the shape.
const MOST_BRACKETS: usize = 2;
/// Most axes of an array.
const MOST_AXES: usize = 32;
/// Magic, version and the two bytes of the header's length in version 1; later versions have four.
const SHORT_PREFIX: usize = 10;
const LONG_PREFIX: usize = 12;

/// Reads every array of a file, in the file's order.
///
/// # Errors
/// Exit code 2 for a missing file, 3 for one that is damaged, too big or holds other things than numbers.
pub fn read(path: &Path) -> Result<Vec<Tensor>, Failure> {
    let file = std::fs::File::open(path).map_err(|error| {
        Failure::request(format!("{}: cannot be opened: {error}", path.display()))
    })?;
    read_arrays(file).map_err(|reason| Failure::input_file(format!("{}: {reason}", path.display())))
}

/// Writes arrays under their names, compressed, byte for byte the same for the same arrays.
///
/// # Errors
/// What the writer says.
pub fn write(writer: impl Write + Seek, arrays: &[Tensor]) -> std::io::Result<()> {
    let mut archive = zip::ZipWriter::new(writer);
    for array in arrays {
        let options = zip::write::SimpleFileOptions::default()
            .last_modified_time(zip::DateTime::default())
            .large_file(true);
        archive.start_file(format!("{}.npy", array.name), options)?;
        write_array(&mut archive, array)?;
    }
    archive.finish()?.flush()
}

fn read_arrays(file: impl Read + Seek) -> Result<Vec<Tensor>, String> {
    let mut archive = zip::ZipArchive::new(file)
        .map_err(|error| format!("is no .npz file ({error}); write it with numpy.savez"))?;
    let mut left = MOST_BYTES;
    let mut arrays: Vec<Tensor> = Vec::new();
    for index in 0..archive.len() {
        let mut entry = archive
            .by_index(index)
            .map_err(|error| format!("entry {index} cannot be read: {error}"))?;
        let name = entry
            .name()
            .map_err(|error| format!("entry {index} has no readable name: {error}"))?
            .trim_end_matches(".npy")
            .to_owned();
        let broken = |reason: String| format!("array `{name}` {reason}");
        let mut bytes = Vec::new();
        // One byte more than allowed tells a file at the limit from one beyond it; what the entry claims is not asked.
        let taken = entry.by_ref().take(left + 1).read_to_end(&mut bytes);
        taken.map_err(|error| broken(format!("is damaged: {error}")))?;
        left = left.checked_sub(bytes.len() as u64).ok_or_else(|| {
            broken(format!(
                "is too big; all arrays together may have {MOST_BYTES} bytes"
            ))
        })?;
        if arrays.iter().any(|array| array.name == name) {
            return Err(broken("is there twice".into()));
        }
        let (shape, numbers) = read_array(&bytes).map_err(broken)?;
        arrays.push(Tensor {
            name,
            shape,
            numbers,
        });
    }
    Ok(arrays)
}

fn read_array(bytes: &[u8]) -> Result<(Vec<usize>, Numbers), String> {
    check_header(bytes)?;
    let file = npyz::NpyFile::new(Cursor::new(bytes)).map_err(|_| {
        "has a header that describes no array; write it with numpy.savez".to_owned()
    })?;
    let shape = file
        .shape()
        .iter()
        .map(|&size| usize::try_from(size).map_err(|error| error.to_string()))
        .collect::<Result<Vec<_>, _>>()?;
    let (element, item_bytes) = element_of(&file.dtype())?;
    let wanted = shape
        .iter()
        .try_fold(item_bytes, |product, &size| product.checked_mul(size));
    if shape.len() > MOST_AXES || wanted.is_none_or(|wanted| wanted > bytes.len()) {
        return Err(format!(
            "claims shape {shape:?}, more than its {} bytes hold",
            bytes.len()
        ));
    }
    let in_columns = file.order() == npyz::Order::Fortran;
    let numbers = numbers_of(file, element).map_err(|error| format!("is damaged: {error}"))?;
    let numbers = if in_columns && shape.len() > 1 {
        in_rows(&numbers, &shape)
    } else {
        numbers
    };
    Ok((shape, numbers))
}

/// NumPy's header is a Python dictionary in words, and the reader of those calls itself for every bracket.
fn check_header(bytes: &[u8]) -> Result<(), String> {
    let damaged = || "is no .npy array; write it with numpy.savez".to_owned();
    if !bytes.starts_with(b"\x93NUMPY") || bytes.len() < LONG_PREFIX {
        return Err(damaged());
    }
    let (start, length) = match bytes[6] {
        1 => (
            SHORT_PREFIX,
            usize::from(u16::from_le_bytes([bytes[8], bytes[9]])),
        ),
        2 | 3 => {
            let length = u32::from_le_bytes([bytes[8], bytes[9], bytes[10], bytes[11]]);
            (LONG_PREFIX, length as usize)
        }
        _ => return Err(damaged()),
    };
    if length > LONGEST_HEADER {
        return Err(format!(
            "has a header of {length} bytes; arrays of plain numbers have at most {LONGEST_HEADER}"
        ));
    }
    let header = bytes.get(start..start + length).ok_or_else(damaged)?;
    let brackets = header.iter().filter(|byte| b"([{".contains(byte)).count();
    if brackets > MOST_BRACKETS {
        return Err("holds records; only arrays of plain numbers can be read".to_owned());
    }
    Ok(())
}

/// What is stored, and what it becomes.
#[derive(Clone, Copy)]
enum Stored {
    F32,
    F64,
    I8,
    I16,
    I32,
    I64,
    U8,
    U16,
    U32,
    Bool,
}

fn element_of(dtype: &npyz::DType) -> Result<(Stored, usize), String> {
    let words = dtype.descr();
    let words = words.trim_matches('\'');
    Ok(match words.trim_start_matches(['<', '>', '|', '=']) {
        "f4" => (Stored::F32, 4),
        "f8" => (Stored::F64, 8),
        "i1" => (Stored::I8, 1),
        "i2" => (Stored::I16, 2),
        "i4" => (Stored::I32, 4),
        "i8" => (Stored::I64, 8),
        "u1" => (Stored::U8, 1),
        "u2" => (Stored::U16, 2),
        "u4" => (Stored::U32, 4),
        "b1" => (Stored::Bool, 1),
        _ => {
            return Err(format!(
                "has numbers of type {words}; save it as float32, float64 or whole numbers"
            ));
        }
    })
}

fn numbers_of<R: Read>(file: npyz::NpyFile<R>, stored: Stored) -> std::io::Result<Numbers> {
    fn widened<R: Read, T: npyz::Deserialize + Into<i64>>(
        file: npyz::NpyFile<R>,
    ) -> std::io::Result<Numbers> {
        let list = file.into_vec::<T>()?;
        Ok(Numbers::I64(list.into_iter().map(Into::into).collect()))
    }
    match stored {
        Stored::F32 => file.into_vec().map(Numbers::F32),
        Stored::F64 => file.into_vec().map(Numbers::F64),
        Stored::I32 => file.into_vec().map(Numbers::I32),
        Stored::I64 => file.into_vec().map(Numbers::I64),
        Stored::Bool => file.into_vec().map(Numbers::Bool),
        Stored::I8 => widened::<R, i8>(file),
        Stored::I16 => widened::<R, i16>(file),
        Stored::U8 => widened::<R, u8>(file),
        Stored::U16 => widened::<R, u16>(file),
        Stored::U32 => widened::<R, u32>(file),
    }
}

/// Numbers that were stored column by column, row by row.
fn in_rows(numbers: &Numbers, shape: &[usize]) -> Numbers {
    fn turned<T: Copy>(list: &[T], shape: &[usize]) -> Vec<T> {
        let mut place = vec![0; shape.len()];
        let mut rows = Vec::with_capacity(list.len());
        for _ in 0..list.len() {
            let mut index = 0;
            for (&size, &along) in shape.iter().zip(&place).rev() {
                index = index * size + along;
            }
            rows.push(list[index]);
            for (along, &size) in place.iter_mut().zip(shape).rev() {
                *along += 1;
                if *along < size {
                    break;
                }
                *along = 0;
            }
        }
        rows
    }
    match numbers {
        Numbers::F32(list) => Numbers::F32(turned(list, shape)),
        Numbers::F64(list) => Numbers::F64(turned(list, shape)),
        Numbers::I32(list) => Numbers::I32(turned(list, shape)),
        Numbers::I64(list) => Numbers::I64(turned(list, shape)),
        Numbers::Bool(list) => Numbers::Bool(turned(list, shape)),
    }
}

fn write_array(writer: &mut impl Write, array: &Tensor) -> std::io::Result<()> {
    let shape: Vec<u64> = array.shape.iter().map(|&size| size as u64).collect();
    fn list<T: npyz::AutoSerialize + Copy>(
        writer: &mut impl Write,
        shape: &[u64],
        list: &[T],
    ) -> std::io::Result<()> {
        let options = npyz::WriteOptions::new().default_dtype().shape(shape);
        let mut array = options.writer(writer).begin_nd()?;
        array.extend(list.iter().copied())?;
        array.finish()
    }
    match &array.numbers {
        Numbers::F32(numbers) => list(writer, &shape, numbers),
        Numbers::F64(numbers) => list(writer, &shape, numbers),
        Numbers::I32(numbers) => list(writer, &shape, numbers),
        Numbers::I64(numbers) => list(writer, &shape, numbers),
        Numbers::Bool(numbers) => list(writer, &shape, numbers),
    }
}

#[cfg(test)]
#[path = "../../tests/src/attack/harness.rs"]
mod harness;
#[cfg(test)]
#[path = "../../tests/src/attack/mutation.rs"]
mod mutation;

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::harness::{Budget, WatchingAllocator, first_finding};
    use super::*;

    const BOUNDED: Budget = Budget {
        num_inputs: 1_500,
        time: std::time::Duration::ZERO,
    };

    #[global_allocator]
    static ALLOCATOR: WatchingAllocator = WatchingAllocator;

    fn arrays() -> Vec<Tensor> {
        let tensor = |name: &str, shape: &[usize], numbers| Tensor {
            name: name.to_owned(),
            shape: shape.to_vec(),
            numbers,
        };
        vec![
            tensor(
                "latent",
                &[2, 3],
                Numbers::F32(vec![0.5, -1.0, 2.0, 0.25, 0.0, 1.0]),
            ),
            tensor("key", &[2], Numbers::I64(vec![60, 72])),
            tensor("mask", &[2, 1], Numbers::Bool(vec![true, false])),
            tensor("none", &[0, 4], Numbers::F64(Vec::new())),
            tensor("one", &[], Numbers::I32(vec![7])),
        ]
    }

    fn npz(arrays: &[Tensor]) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        write(&mut bytes, arrays).unwrap();
        bytes.into_inner()
    }

    #[test]
    fn what_was_written_is_read_again_to_the_bit() {
        assert_eq!(read_arrays(Cursor::new(npz(&arrays()))).unwrap(), arrays());
    }

    #[test]
    fn damaged_arrays_and_archives_of_them_are_read_or_refused() {
        let words = [
            "PK\u{3}\u{4}",
            "<f4",
            "|O",
            "'shape': ",
            "True",
            "(9999999999,)",
        ];
        let whole = |bytes: &[u8]| read_arrays(Cursor::new(bytes)).map(|_| ());
        let careless = |bytes: &[u8]| {
            let end = bytes.len() - 22;
            assert!(bytes[end..].starts_with(b"PK"));
            Ok(())
        };
        let seeds = [npz(&arrays())];
        assert_eq!(first_finding(&seeds, &words, BOUNDED, &whole).0, None);
        assert!(
            first_finding(&seeds, &words, BOUNDED, &careless)
                .0
                .is_some()
        );
        // An archive's checksums hide what is inside from most damage: arrays alone as well.
        let alone = |bytes: &[u8]| read_array(bytes).map(|_| ());
        let careless = |bytes: &[u8]| {
            let length = usize::from(u16::from_le_bytes([bytes[8], bytes[9]]));
            assert!(bytes[10..10 + length].ends_with(b"\n"));
            Ok(())
        };
        let seeds: Vec<Vec<u8>> = arrays()
            .iter()
            .map(|array| {
                let mut bytes = Vec::new();
                write_array(&mut bytes, array).unwrap();
                bytes
            })
            .collect();
        assert_eq!(first_finding(&seeds, &words, BOUNDED, &alone).0, None);
        assert!(
            first_finding(&seeds, &words, BOUNDED, &careless)
                .0
                .is_some()
        );
    }
}
