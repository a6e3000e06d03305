//! Keys that are pressed are heard, at their pitch.

use engine::descriptors;

use crate::host::{BLOCK, Host, Message, RATE_HZ};

/// Two seconds.
const LENGTH: u64 = 96_000;

/// What a key is in equal temperament, A4 = 440 Hz.
fn frequency_hz(key: u8) -> f64 {
    440.0 * 2_f64.powf((f64::from(key) - 69.0) / 12.0)
}

#[test]
fn a_key_is_heard_at_its_pitch() {
    let mut host = Host::new();
    host.set_offline();
    host.activate(RATE_HZ, BLOCK);
    for key in [48, 60, 69] {
        let events = [
            (0, Message::On(key, 0.8)),
            (LENGTH - 100, Message::Off(key)),
        ];
        let heard = host.play(&events, LENGTH, u64::from(BLOCK));
        let f0_hz = descriptors::f0_hz(&heard.mid(), RATE_HZ as u32).expect("a pitch");
        let cents = 1200.0 * (f0_hz / frequency_hz(key)).log2();
        assert!(
            cents.abs() < 5.0,
            "key {key}: {f0_hz} Hz, {cents} cents off"
        );
        host.play(&[], 2 * LENGTH, u64::from(BLOCK));
    }
}
