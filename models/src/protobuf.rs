//! Protobuf fields one after another, as far as ONNX files need them. Any thread; builds nothing and believes no length.

/// One protobuf field: its number, and its bytes when it has a length (empty otherwise).
pub(crate) struct Field<'a> {
    pub(crate) number: u64,
    pub(crate) content: &'a [u8],
    /// Of a whole number, 0 of others.
    pub(crate) value: u64,
}

/// Why no further field can be read.
pub(crate) enum Broken {
    /// The bytes end inside a field.
    Cut { missing: u64 },
    /// A field that protobuf does not have.
    Foreign,
}

/// Reads fields one after another (protobuf encoding guide: varint, 64-bit, length-delimited, 32-bit).
pub(crate) struct Reader<'a> {
    bytes: &'a [u8],
    position: usize,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, position: 0 }
    }

    pub(crate) fn next_field(&mut self) -> std::result::Result<Option<Field<'a>>, Broken> {
        if self.position == self.bytes.len() {
            return Ok(None);
        }
        let tag = self.varint()?;
        let number = tag >> 3;
        let mut value = 0;
        let content: &[u8] = match tag & 7 {
            0 => {
                value = self.varint()?;
                &[]
            }
            1 => self.take(8)?,
            2 => {
                let length = self.varint()?;
                self.take(length)?
            }
            5 => self.take(4)?,
            _ => return Err(Broken::Foreign),
        };
        if number == 0 {
            Err(Broken::Foreign)
        } else {
            Ok(Some(Field {
                number,
                content,
                value,
            }))
        }
    }

    fn varint(&mut self) -> std::result::Result<u64, Broken> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.take(1)?[0];
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(Broken::Foreign)
    }

    fn take(&mut self, length: u64) -> std::result::Result<&'a [u8], Broken> {
        let left = (self.bytes.len() - self.position) as u64;
        if length > left {
            return Err(Broken::Cut {
                missing: length - left,
            });
        }
        let start = self.position;
        self.position += length as usize;
        Ok(&self.bytes[start..self.position])
    }
}
