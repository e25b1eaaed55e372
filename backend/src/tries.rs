//! Guessing passwords is slowed: by account, and by the address that the guesses come from.
//!
//! Some failures are free; after those each one doubles a wait. It is counted by account so that many addresses guess
//! no faster than one, and by address so that one gets through no list of accounts. Nobody else is slowed. Right ones
//! clear an account's count, not an address': an attacker may well have one account. Bounded in memory.
//!
//! Deliberately absent: locking accounts, which would let anybody lock out anybody.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use common::id::Timestamp;

/// Failures that cost nothing, for people mistype: of an account, and of an address, behind which there may be many.
const ACCOUNT_FREE: u32 = 5;
const ADDRESS_FREE: u32 = 8;

/// Milliseconds after which failures are forgotten.
const FORGOTTEN_MS: u64 = 15 * 60 * 1000;

/// Milliseconds that somebody waits for an account at most, so that its owner is not kept out; and for an address.
const ACCOUNT_WAIT_MS: u64 = 60 * 1000;
const ADDRESS_WAIT_MS: u64 = 15 * 60 * 1000;

/// Tries at one account that may be looked at together: else many guesses made at once would be one.
const TOGETHER: u32 = 8;

/// Accounts and addresses that are remembered, of each.
const REMEMBERED: usize = 10_000;

/// Come back later.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Later {
    /// In so many seconds, at least 1.
    pub seconds: u64,
}

/// Counts failures. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct Tries(Arc<Mutex<Counts>>);

#[derive(Debug, Default)]
struct Counts {
    accounts: HashMap<String, Count>,
    addresses: HashMap<IpAddr, Count>,
}

#[derive(Debug, Default, Clone, Copy)]
struct Count {
    failures: u32,
    last_ms: u64,
    running: u32,
}

/// A try that is being looked at. Dropped without a verdict, it counts as none.
#[derive(Debug)]
pub struct Try {
    tries: Tries,
    account: String,
    address: Option<IpAddr>,
}

impl Tries {
    /// Begins a try, unless it is too early for one. `address` is none where it is not that of whoever tries.
    ///
    /// # Errors
    /// [`Later`].
    pub fn begin(&self, account: &str, address: Option<IpAddr>, now: Timestamp) -> Result<Try, Later> {
        let address = address.map(network);
        let mut counts = self.lock();
        let of_address = address.and_then(|address| counts.addresses.get(&address)).copied().unwrap_or_default();
        let of_account = counts.accounts.get(account).copied().unwrap_or_default();
        let by_account = of_account.wait(ACCOUNT_FREE, ACCOUNT_WAIT_MS, now);
        let wait = by_account.max(of_address.wait(ADDRESS_FREE, ADDRESS_WAIT_MS, now));
        if wait > 0 {
            return Err(Later { seconds: wait.div_ceil(1000) });
        }
        if of_account.running >= TOGETHER {
            return Err(Later { seconds: 1 });
        }
        make_room(&mut counts.accounts, now);
        counts.accounts.entry(account.to_owned()).or_insert(Count { last_ms: now.0, ..Count::default() }).running += 1;
        Ok(Try { tries: self.clone(), account: account.to_owned(), address })
    }

    /// A lock is held for no call that could panic.
    fn lock(&self) -> MutexGuard<'_, Counts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Try {
    /// It was wrong.
    pub fn fail(self, now: Timestamp) {
        let mut counts = self.tries.lock();
        if let Some(count) = counts.accounts.get_mut(&self.account) {
            count.fail(now);
        }
        if let Some(address) = self.address {
            make_room(&mut counts.addresses, now);
            counts.addresses.entry(address).or_default().fail(now);
        }
    }

    /// It was right, with all that was asked for.
    pub fn succeed(self) {
        if let Some(count) = self.tries.lock().accounts.get_mut(&self.account) {
            count.failures = 0;
        }
    }
}

impl Drop for Try {
    fn drop(&mut self) {
        let mut counts = self.tries.lock();
        if let Some(count) = counts.accounts.get_mut(&self.account) {
            count.running = count.running.saturating_sub(1);
            if count.running == 0 && count.failures == 0 {
                counts.accounts.remove(&self.account);
            }
        }
    }
}

impl Count {
    fn fail(&mut self, now: Timestamp) {
        let before = if self.is_old(now) { 0 } else { self.failures };
        (self.failures, self.last_ms) = (before.saturating_add(1), now.0);
    }

    /// Milliseconds until the next try: 1 s after the first failure that is not free, then twice as long each time.
    fn wait(&self, free: u32, most: u64, now: Timestamp) -> u64 {
        if self.failures < free || self.is_old(now) {
            return 0;
        }
        let wait = 1000_u64.saturating_mul(1 << (self.failures - free).min(20)).min(most);
        wait.saturating_sub(now.since(Timestamp(self.last_ms)))
    }

    fn is_old(&self, now: Timestamp) -> bool {
        now.since(Timestamp(self.last_ms)) >= FORGOTTEN_MS
    }
}

/// Forgets what is old, and where that is not enough, who has failed least and longest ago.
fn make_room<K: Hash + Eq + Clone>(counts: &mut HashMap<K, Count>, now: Timestamp) {
    if counts.len() < REMEMBERED {
        return;
    }
    counts.retain(|_, count| count.running > 0 || !count.is_old(now));
    if counts.len() >= REMEMBERED {
        let mut idle: Vec<_> = counts.iter().filter(|(_, count)| count.running == 0).collect();
        idle.sort_unstable_by_key(|(_, count)| (count.failures, count.last_ms));
        let gone: HashSet<K> = idle.into_iter().take(REMEMBERED / 10).map(|(key, _)| key.clone()).collect();
        counts.retain(|key, _| !gone.contains(key));
    }
}

/// One household or machine has a whole /64 of IPv6 (RFC 6177).
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6((u128::from(address) >> 64 << 64).into()),
        v4 @ IpAddr::V4(_) => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(n: u8) -> Option<IpAddr> {
        Some(IpAddr::from([10, 0, 0, n]))
    }

    fn at(seconds: u64) -> Timestamp {
        Timestamp(1_763_700_000_000 + seconds * 1000)
    }

    fn fail(tries: &Tries, account: &str, from: u8, seconds: u64) -> Result<(), Later> {
        tries.begin(account, address(from), at(seconds)).map(|it| it.fail(at(seconds)))
    }

    #[test]
    fn an_account_is_slowed_whoever_guesses() {
        let tries = Tries::default();
        for from in 0..5 {
            fail(&tries, "maya", from, 0).unwrap();
        }
        assert_eq!(fail(&tries, "maya", 9, 0), Err(Later { seconds: 1 }));
        assert_eq!(fail(&tries, "jonas", 9, 0), Ok(()), "others are not slowed");
        assert_eq!(fail(&tries, "maya", 9, 1), Ok(()));
        assert_eq!(fail(&tries, "maya", 9, 1), Err(Later { seconds: 2 }), "and longer each time");
        for n in 0..20 {
            fail(&tries, "maya", n, 100 + 61 * u64::from(n)).unwrap();
        }
        assert_eq!(fail(&tries, "maya", 99, 100 + 61 * 19), Err(Later { seconds: 60 }), "up to a minute");
        assert_eq!(fail(&tries, "maya", 99, 10_000), Ok(()), "and it is forgotten");
    }

    #[test]
    fn an_address_is_slowed_whatever_it_guesses() {
        let tries = Tries::default();
        for account in ["a", "b", "c", "d", "e", "f", "g", "h"] {
            fail(&tries, account, 1, 0).unwrap();
        }
        assert_eq!(fail(&tries, "i", 1, 0), Err(Later { seconds: 1 }));
        assert_eq!(fail(&tries, "i", 2, 0), Ok(()), "others are not slowed");
        assert_eq!(network("2001:db8::1".parse().unwrap()), network("2001:db8::2".parse().unwrap()));
        assert_eq!(network("::ffff:10.0.0.1".parse().unwrap()), address(1).unwrap());
    }

    #[test]
    fn a_right_one_clears_the_account_alone() {
        let tries = Tries::default();
        for n in 0..9 {
            fail(&tries, "maya", 1, 100 * n).unwrap();
        }
        assert_eq!(fail(&tries, "maya", 2, 801), Err(Later { seconds: 15 }));
        tries.begin("maya", address(1), at(816)).unwrap().succeed();
        assert_eq!(fail(&tries, "maya", 2, 816), Ok(()));
        tries.begin("maya", address(1), at(816)).unwrap().fail(at(816));
        assert_eq!(fail(&tries, "other", 1, 816), Err(Later { seconds: 4 }));
    }

    #[test]
    fn many_at_once_are_not_one() {
        let tries = Tries::default();
        let running: Vec<Try> = (0..8).map(|n| tries.begin("maya", address(n), at(0)).unwrap()).collect();
        assert_eq!(tries.begin("maya", address(9), at(0)).unwrap_err(), Later { seconds: 1 });
        drop(running);
        assert!(tries.lock().accounts.is_empty(), "what came to nothing is forgotten");
    }

    #[test]
    fn memory_is_bounded_and_the_worst_are_kept() {
        let tries = Tries::default();
        for _ in 0..7 {
            if let Ok(one) = tries.begin("maya", None, at(60)) {
                one.fail(at(60));
            }
        }
        for n in 0..2 * REMEMBERED {
            tries.begin(&n.to_string(), None, at(61)).unwrap().fail(at(61));
        }
        assert!(tries.lock().accounts.len() <= REMEMBERED);
        assert!(tries.begin("maya", None, at(60)).is_err());
    }
}
