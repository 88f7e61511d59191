//! Ports for servers that tests start.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::net::{Ipv4Addr, TcpListener};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU16, Ordering};

/// Below those that the system gives to outgoing connections and apart from those that
/// control planes use, so that a server that restarts finds its port free.
const LOWEST: u16 = 10_000;
const COUNT: u16 = 10_000;

static NEXT: LazyLock<AtomicU16> = LazyLock::new(|| AtomicU16::new(somewhere()));

/// A port that nobody listens on, on any address, and that no other call in this process got.
///
/// # Panics
/// When there is none.
pub fn free_port() -> u16 {
    let mut candidates = (0..COUNT).map(|_| LOWEST + NEXT.fetch_add(1, Ordering::Relaxed) % COUNT);
    let free = candidates.find(|port| TcpListener::bind((Ipv4Addr::UNSPECIFIED, *port)).is_ok());
    free.expect("one of ten thousand ports is free")
}

/// Where counting begins: another place in each process.
fn somewhere() -> u16 {
    let random = RandomState::new().hash_one(std::process::id());
    u16::try_from(random % u64::from(COUNT)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_calls_give_two_ports_that_can_be_listened_on() {
        let (first, second) = (free_port(), free_port());
        assert_ne!(first, second);
        let listeners = [first, second].map(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, port)));
        assert!(listeners.iter().all(Result::is_ok), "{listeners:?}");
    }
}
