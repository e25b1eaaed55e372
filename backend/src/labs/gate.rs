//! How many may be in the labs, and how much they may hold.
//!
//! Deliberately absent: waiting in line. Who finds no place is told so, and may come again.

use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use super::Limits;

/// Bytes that a connection may hold even where all together hold too much.
const MODEST: usize = 1024 * 1024;

/// Counts who is in. Clones share it.
#[derive(Debug, Clone)]
pub struct Gate {
    limits: Limits,
    inside: Arc<Mutex<Inside>>,
}

#[derive(Debug, Default)]
struct Inside {
    connections: usize,
    held: usize,
    /// Addresses that count, with how often each is in. There are few, for all connections are.
    addresses: Vec<(IpAddr, usize)>,
}

/// A place in the labs. It is given back when it is dropped.
#[derive(Debug)]
pub struct Place {
    gate: Gate,
    address: Option<IpAddr>,
    held: usize,
}

impl Gate {
    /// Nobody is in.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self { limits, inside: Arc::default() }
    }

    /// Gives a place. Addresses of this machine are not counted, nor is one that is not known, as behind a proxy.
    #[must_use]
    pub fn enter(&self, address: Option<IpAddr>) -> Option<Place> {
        let address = address.map(|address| address.to_canonical()).filter(|address| !address.is_loopback());
        let mut inside = self.inside.lock().unwrap_or_else(PoisonError::into_inner);
        if inside.connections >= self.limits.connections {
            return None;
        }
        if let Some(address) = address {
            match inside.addresses.iter_mut().find(|(known, _)| *known == address) {
                Some((_, count)) if *count >= self.limits.per_address => return None,
                Some((_, count)) => *count += 1,
                None => inside.addresses.push((address, 1)),
            }
        }
        inside.connections += 1;
        Some(Place { gate: self.clone(), address, held: 0 })
    }
}

impl Place {
    /// Notes how many bytes the connection holds now. Says whether that may be.
    pub(super) fn hold(&mut self, bytes: usize) -> bool {
        if bytes == self.held {
            return true;
        }
        let mut inside = self.gate.inside.lock().unwrap_or_else(PoisonError::into_inner);
        inside.held = (inside.held + bytes).saturating_sub(self.held);
        self.held = bytes;
        bytes <= MODEST || inside.held <= self.gate.limits.held
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut inside = self.gate.inside.lock().unwrap_or_else(PoisonError::into_inner);
        inside.connections = inside.connections.saturating_sub(1);
        inside.held = inside.held.saturating_sub(self.held);
        if let Some(address) = self.address
            && let Some(at) = inside.addresses.iter().position(|(known, _)| *known == address)
        {
            match inside.addresses.get_mut(at) {
                Some((_, count)) if *count > 1 => *count -= 1,
                Some(_) | None => drop(inside.addresses.swap_remove(at)),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gate(connections: usize, per_address: usize) -> Gate {
        Gate::new(Limits { connections, per_address, held: 3 * MODEST, ..Limits::default() })
    }

    #[test]
    fn places_are_few_and_come_back() {
        let gate = gate(3, 2);
        let far: Option<IpAddr> = "192.0.2.1".parse().ok();
        let mapped: Option<IpAddr> = "::ffff:192.0.2.1".parse().ok();
        let first = gate.enter(far).unwrap();
        let _second = gate.enter(mapped).unwrap();
        assert!(gate.enter(far).is_none(), "one address has two");
        drop(first);
        let _third = gate.enter(far).unwrap();
        assert!(gate.enter(far).is_none());
        let local = gate.enter("127.0.0.1".parse().ok()).unwrap();
        assert!(gate.enter("127.0.0.1".parse().ok()).is_none() && gate.enter(None).is_none(), "three in all");
        drop(local);
        assert!(gate.enter("::1".parse().ok()).is_some());
    }

    #[test]
    fn what_is_held_is_counted_together() {
        let gate = gate(10, 10);
        let mut places: Vec<Place> = (0..4).map(|_| gate.enter(None).unwrap()).collect();
        assert!(places[0].hold(2 * MODEST));
        assert!(!places[1].hold(2 * MODEST), "together four");
        assert!(places[2].hold(MODEST), "that is modest");
        places.remove(0);
        assert!(places[0].hold(MODEST + 1));
        places.clear();
        assert_eq!(gate.inside.lock().unwrap().held, 0);
    }
}
