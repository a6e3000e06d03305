//! A map as bytes that deflate well: differences along time, small numbers first, low and high bytes apart. Pure.

/// `[columns, height]` to bytes, two per cell.
pub(super) fn split(map: &[i16], height: usize) -> Vec<u8> {
    let before = |index: usize| index.checked_sub(height).map_or(0, |index| map[index]);
    let cells = map
        .iter()
        .enumerate()
        .map(|(index, &value)| zigzag(value.wrapping_sub(before(index))));
    let cells: Vec<u16> = cells.collect();
    let low = cells.iter().map(|&cell| cell as u8);
    let high = cells.iter().map(|&cell| (cell >> 8) as u8);
    low.chain(high).collect()
}

/// The other way.
pub(super) fn join(bytes: &[u8], height: usize) -> Vec<i16> {
    let (low, high) = bytes.split_at(bytes.len() / 2);
    let mut map: Vec<i16> = Vec::with_capacity(low.len());
    for (index, (&low, &high)) in low.iter().zip(high).enumerate() {
        let difference = unzigzag(u16::from_le_bytes([low, high]));
        let before = index.checked_sub(height).map_or(0, |index| map[index]);
        map.push(before.wrapping_add(difference));
    }
    map
}

/// 0, -1, 1, -2 ... to 0, 1, 2, 3 ...: the high byte of a small number is 0 whatever its sign.
fn zigzag(value: i16) -> u16 {
    ((value << 1) ^ (value >> 15)) as u16
}

fn unzigzag(code: u16) -> i16 {
    (code >> 1) as i16 ^ -((code & 1) as i16)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_comes_back_and_small_ones_have_no_high_byte() {
        for value in i16::MIN..=i16::MAX {
            assert_eq!(unzigzag(zigzag(value)), value);
            assert_eq!(zigzag(value) < 256, (-128..128).contains(&value));
        }
    }

    #[test]
    fn a_map_of_extremes_comes_back() {
        let map: Vec<i16> = (0..60)
            .map(|n| {
                if n % 7 < 3 {
                    i16::MIN + n
                } else {
                    i16::MAX - n
                }
            })
            .collect();
        assert_eq!(join(&split(&map, 5), 5), map);
    }
}
