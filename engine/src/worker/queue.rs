//! Which note is baked next: what was asked for, then what lies near the key played last, then the rest. Worker; pure.

use std::collections::VecDeque;

use crate::realtime::{LAYER_VELOCITIES, VELOCITY_LAYERS, Wish, layer_of_velocity};

/// Wishes that are remembered; when there are more the oldest is forgotten: its key comes in its turn.
const MAX_WISHES: usize = 512;
/// Middle C: where the first keys are likely to be struck.
const FIRST_KEY: u8 = 60;

/// The order of one instance's notes.
#[derive(Debug)]
pub(super) struct BakingOrder {
    wishes: VecDeque<Wish>,
    last_key: u8,
    last_layer: usize,
}

impl BakingOrder {
    pub(super) fn new() -> Self {
        Self {
            wishes: VecDeque::new(),
            last_key: FIRST_KEY,
            last_layer: layer_of_velocity(LAYER_VELOCITIES[VELOCITY_LAYERS / 2]),
        }
    }

    /// Remembers a wish; the neighbours of the last one come next.
    pub(super) fn wish(&mut self, wish: Wish) {
        self.last_key = wish.key;
        self.last_layer = usize::from(wish.layer);
        if self.wishes.contains(&wish) {
            return;
        }
        if self.wishes.len() == MAX_WISHES {
            self.wishes.pop_front();
        }
        self.wishes.push_back(wish);
    }

    /// The first wish that is missing; those that are not are forgotten.
    pub(super) fn next_wish(&mut self, is_missing: impl Fn(&Wish) -> bool) -> Option<Wish> {
        while let Some(wish) = self.wishes.pop_front() {
            if is_missing(&wish) {
                return Some(wish);
            }
        }
        None
    }

    /// The missing note nearest to what was played last: its layer first, then the others, from that key outwards.
    pub(super) fn next_of_the_rest(
        &self,
        num_slots: usize,
        is_missing: impl Fn(&Wish) -> bool,
    ) -> Option<Wish> {
        let nearest_layer = |layer: &usize| layer.abs_diff(self.last_layer);
        let mut layers: [usize; VELOCITY_LAYERS] = std::array::from_fn(|layer| layer);
        layers.sort_by_key(nearest_layer);
        for layer in layers {
            for distance in 0..128 {
                let keys = [
                    self.last_key.checked_add(distance),
                    self.last_key.checked_sub(distance),
                ];
                for key in keys.into_iter().flatten() {
                    let wishes = (0..num_slots).map(|slot| Wish {
                        slot: slot as u8,
                        layer: layer as u8,
                        key,
                    });
                    if let Some(missing) = wishes.into_iter().find(&is_missing) {
                        return Some(missing);
                    }
                }
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wish(slot: u8, layer: u8, key: u8) -> Wish {
        Wish { slot, layer, key }
    }

    /// The order in which everything of two slots is baked once some keys were wished for.
    fn whole_order(wishes: &[Wish]) -> Vec<Wish> {
        let mut order = BakingOrder::new();
        wishes.iter().for_each(|&wish| order.wish(wish));
        let mut done: Vec<Wish> = Vec::new();
        loop {
            let is_missing = |wish: &Wish| (58..=66).contains(&wish.key) && !done.contains(wish);
            let next = order.next_wish(is_missing);
            match next.or_else(|| order.next_of_the_rest(2, is_missing)) {
                Some(wish) => done.push(wish),
                None => return done,
            }
        }
    }

    #[test]
    fn wishes_come_first_in_their_order_and_everything_comes_once() {
        let order = whole_order(&[wish(1, 2, 66), wish(0, 0, 58), wish(1, 2, 66)]);
        assert_eq!(order[..2], [wish(1, 2, 66), wish(0, 0, 58)]);
        assert_eq!(order.len(), 9 * 3 * 2);
        let mut sorted: Vec<_> = order.iter().map(|w| (w.slot, w.layer, w.key)).collect();
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!(sorted.len(), order.len());
    }

    #[test]
    fn after_the_wishes_the_neighbours_of_the_last_one_come_in_its_layer() {
        let order = whole_order(&[wish(0, 2, 62)]);
        let next: Vec<_> = order[1..6]
            .iter()
            .map(|w| (w.slot, w.layer, w.key))
            .collect();
        assert_eq!(
            next,
            [(1, 2, 62), (0, 2, 63), (1, 2, 63), (0, 2, 61), (1, 2, 61)]
        );
        assert_eq!(order[18].layer, 1, "the layer beside it comes second");
    }

    #[test]
    fn keys_that_were_not_asked_for_and_are_not_missing_are_left_alone() {
        let order = BakingOrder::new();
        assert_eq!(order.next_of_the_rest(2, |_| false), None);
    }
}
