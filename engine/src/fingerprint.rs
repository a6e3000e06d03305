//! The fingerprint of a sound: one short word that says whether two renders are the same, sample for sample.

use sha2::{Digest, Sha256};

/// Characters of the printed fingerprint: 64 bits, enough that two different files never meet by chance.
const PRINTED_CHARACTERS: usize = 16;

/// The first 16 hexadecimal digits of SHA-256 over the samples as little-endian `f32`, left and right in turn.
/// Both slices hold the same number of frames; what one has more is left out.
pub fn fingerprint(left: &[f32], right: &[f32]) -> String {
    const BLOCK_FRAMES: usize = 4096;
    let mut hasher = Sha256::new();
    let mut bytes = Vec::with_capacity(BLOCK_FRAMES * 8);
    for (left, right) in left.chunks(BLOCK_FRAMES).zip(right.chunks(BLOCK_FRAMES)) {
        bytes.clear();
        for (left, right) in left.iter().zip(right) {
            bytes.extend_from_slice(&left.to_le_bytes());
            bytes.extend_from_slice(&right.to_le_bytes());
        }
        hasher.update(&bytes);
    }
    let digest = hasher.finalize();
    let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    hex[..PRINTED_CHARACTERS].to_string()
}
