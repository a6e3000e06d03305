//! Damaged inputs from good ones, the same for the same seed.
//!
//! Bytes are flipped, cut, repeated, exchanged with another input's and overwritten by the numbers that readers trip over; words of the
//! format are put where they do not belong, and numbers in text become impossible ones.

/// Numbers at the edges of their types, and the sizes that files lie about.
const EDGES: [u64; 12] = [
    0,
    1,
    0x7f,
    0x80,
    0xff,
    0x7fff,
    0xffff,
    0x7fff_ffff,
    0x8000_0000,
    0xffff_ffff,
    0x7fff_ffff_ffff_ffff,
    u64::MAX,
];
/// What may stand where a text has a number.
const NO_NUMBERS: [&str; 14] = [
    "",
    "-1",
    "0",
    "-0.0",
    "1e999",
    "-1e308",
    "NaN",
    "inf",
    "99999999999999999999",
    "18446744073709551615",
    "4294967296",
    "0x10",
    "1.5.2",
    "\u{0664}\u{0662}",
];
/// Deep enough to overflow the stack of a reader that calls itself for each.
const NESTING: usize = 3_000;
/// Inputs grow by repetition; beyond this they are cut.
const LONGEST: usize = 1 << 20;

/// A stream of damaged inputs.
pub struct Mutation<'a> {
    state: u64,
    seeds: &'a [Vec<u8>],
    words: &'a [&'a str],
}

impl<'a> Mutation<'a> {
    /// `seeds` are good inputs, at least one; `words` mean something in their format.
    pub fn new(seeds: &'a [Vec<u8>], words: &'a [&'a str], seed: u64) -> Self {
        Self {
            state: seed,
            seeds,
            words,
        }
    }

    /// The next damaged input.
    pub fn next_input(&mut self) -> Vec<u8> {
        let seed = self.below(self.seeds.len());
        let mut bytes = self.seeds[seed].clone();
        for _ in 0..=self.below(4) {
            self.damage(&mut bytes);
            bytes.truncate(LONGEST);
        }
        bytes
    }

    /// Splitmix64 (Steele et al. 2014).
    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, count: usize) -> usize {
        (self.next() % count.max(1) as u64) as usize
    }

    fn range(&mut self, length: usize) -> std::ops::Range<usize> {
        let start = self.below(length + 1);
        let most = (length - start).min(64);
        start..start + self.below(most + 1)
    }

    fn damage(&mut self, bytes: &mut Vec<u8>) {
        let place = self.below(bytes.len());
        match self.below(12) {
            0 if !bytes.is_empty() => bytes[place] ^= 1 << self.below(8),
            1 if !bytes.is_empty() => bytes[place] = self.next() as u8,
            2 | 3 => self.write_edge(bytes, place),
            4 => {
                let range = self.range(bytes.len());
                bytes.drain(range);
            }
            5 => {
                let again = bytes[self.range(bytes.len())].to_vec();
                bytes.splice(place..place, again);
            }
            6 => bytes.truncate(place),
            7 => {
                let other = &self.seeds[self.below(self.seeds.len())];
                let cut = self.below(other.len() + 1);
                bytes.truncate(place);
                bytes.extend_from_slice(&other[cut..]);
            }
            8 => self.put_word(bytes, place),
            9 | 10 => self.put_number(bytes, place),
            _ => self.damage_line(bytes),
        }
    }

    fn write_edge(&mut self, bytes: &mut [u8], place: usize) {
        let value = EDGES[self.below(EDGES.len())];
        let length = [1, 2, 4, 8][self.below(4)].min(bytes.len() - place.min(bytes.len()));
        let (little, big) = (value.to_le_bytes(), value.to_be_bytes());
        let coded = if self.next() & 1 == 0 {
            &little[..length]
        } else {
            &big[8 - length..]
        };
        bytes[place..place + length].copy_from_slice(coded);
    }

    fn put_word(&mut self, bytes: &mut Vec<u8>, place: usize) {
        let brackets = ["[", "{", "(", "<a>", "\"", "[{\"a\":"];
        let word = match self.below(4) {
            0 => brackets[self.below(brackets.len())].repeat(NESTING),
            _ if self.words.is_empty() => "\u{0}".to_owned(),
            _ => self.words[self.below(self.words.len())].to_owned(),
        };
        bytes.splice(place..place, word.into_bytes());
    }

    /// Exchanges a run of digits, found from a place on, for something that is no such number.
    fn put_number(&mut self, bytes: &mut Vec<u8>, place: usize) {
        let is_part = |byte: &u8| byte.is_ascii_digit() || *byte == b'.';
        let Some(start) = bytes[place..].iter().position(u8::is_ascii_digit) else {
            return;
        };
        let start = place + start;
        let length = bytes[start..]
            .iter()
            .take_while(|byte| is_part(byte))
            .count();
        let number = NO_NUMBERS[self.below(NO_NUMBERS.len())];
        bytes.splice(start..start + length, number.bytes());
    }

    /// Lines of text change places, are lost or come twice.
    fn damage_line(&mut self, bytes: &mut Vec<u8>) {
        let mut lines: Vec<Vec<u8>> = bytes
            .split(|byte| *byte == b'\n')
            .map(<[u8]>::to_vec)
            .collect();
        let (one, other) = (self.below(lines.len()), self.below(lines.len()));
        match self.below(3) {
            0 => lines.swap(one, other),
            1 => {
                lines.remove(one);
            }
            _ => {
                let line = lines[one].clone();
                lines.insert(other, line);
            }
        }
        *bytes = lines.join(&b'\n');
    }
}
