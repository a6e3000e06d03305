//! Little-endian numbers in a row of bytes. Pure; every read checks that there is something to read.

use super::damaged;
use crate::error::Result;

/// Longest list, numbers.
const MAX_LIST: usize = 1 << 16;

/// Writes numbers.
#[derive(Default)]
pub(super) struct Writer(Vec<u8>);

impl Writer {
    pub(super) fn u8(&mut self, value: u8) {
        self.0.push(value);
    }

    pub(super) fn u32(&mut self, value: u32) {
        self.0.extend(value.to_le_bytes());
    }

    pub(super) fn bytes(&mut self, bytes: &[u8]) {
        self.0.extend(bytes);
    }

    pub(super) fn text(&mut self, text: &str) {
        self.u32(text.len() as u32);
        self.bytes(text.as_bytes());
    }

    pub(super) fn u32s(&mut self, values: &[u32]) {
        self.u32(values.len() as u32);
        values.iter().for_each(|&value| self.u32(value));
    }

    pub(super) fn f64s(&mut self, values: &[f64]) {
        self.u32(values.len() as u32);
        values
            .iter()
            .for_each(|value| self.bytes(&value.to_le_bytes()));
    }

    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.0
    }
}

/// Reads them again.
pub(super) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub(super) fn bytes(&mut self, count: usize) -> Result<&'a [u8]> {
        let (taken, rest) = self
            .0
            .split_at_checked(count)
            .ok_or_else(|| damaged("they end too early".into()))?;
        self.0 = rest;
        Ok(taken)
    }

    pub(super) fn u8(&mut self) -> Result<u8> {
        Ok(self.bytes(1)?[0])
    }

    pub(super) fn u32(&mut self) -> Result<u32> {
        let bytes = self.bytes(4)?;
        Ok(u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
    }

    pub(super) fn text(&mut self, longest: usize) -> Result<String> {
        let length = self.u32()? as usize;
        if length > longest {
            return Err(damaged(format!("a text of {length} bytes is announced")));
        }
        let bytes = self.bytes(length)?.to_vec();
        String::from_utf8(bytes).map_err(|_| damaged("a text is none".into()))
    }

    pub(super) fn u32s(&mut self) -> Result<Vec<u32>> {
        (0..self.list_length()?).map(|_| self.u32()).collect()
    }

    pub(super) fn f64s(&mut self) -> Result<Vec<f64>> {
        let length = self.list_length()?;
        let bytes = self.bytes(8 * length)?.as_chunks().0;
        Ok(bytes
            .iter()
            .map(|eight| f64::from_le_bytes(*eight))
            .collect())
    }

    pub(super) fn end(&self) -> Result<()> {
        if self.0.is_empty() {
            return Ok(());
        }
        Err(damaged(format!("{} bytes too many follow", self.0.len())))
    }

    fn list_length(&mut self) -> Result<usize> {
        let length = self.u32()? as usize;
        if length > MAX_LIST {
            return Err(damaged(format!("a list of {length} numbers is announced")));
        }
        Ok(length)
    }
}
