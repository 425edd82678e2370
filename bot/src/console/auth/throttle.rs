//! Wrong tokens are counted by address: ten in a minute, then nobody there is listened to until it is over.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// So many wrong tokens in [`SPAN`] are forgiven.
const FORGIVEN: u32 = 10;
/// How long they are held against an address.
const SPAN: Duration = Duration::from_secs(60);
/// So many addresses are remembered; the one forgotten first is that whose time is over first.
const MOST: usize = 1_024;

/// Wrong tokens by address.
#[derive(Debug, Default)]
pub struct Throttle(Mutex<BTreeMap<IpAddr, (Instant, u32)>>);

impl Throttle {
    /// How long this address has to wait; none where it need not.
    #[must_use]
    pub fn wait(&self, from: IpAddr, now: Instant) -> Option<Duration> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (since, wrong) = known.get(&network(from))?;
        let left = (*since + SPAN).saturating_duration_since(now);
        (*wrong >= FORGIVEN && !left.is_zero()).then_some(left)
    }

    /// A wrong token came from there.
    pub fn wrong(&self, from: IpAddr, now: Instant) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.retain(|_, (since, _)| now.saturating_duration_since(*since) < SPAN);
        if known.len() >= MOST
            && let Some(oldest) = known.iter().min_by_key(|(_, (since, _))| *since).map(|(from, _)| *from)
        {
            known.remove(&oldest);
        }
        known.entry(network(from)).or_insert((now, 0)).1 += 1;
    }
}

/// One customer holds a whole /64.
fn network(from: IpAddr) -> IpAddr {
    match from.to_canonical() {
        IpAddr::V6(v6) => IpAddr::V6((v6.to_bits() & !u128::from(u64::MAX)).into()),
        v4 => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_eleventh_wrong_token_of_a_minute_has_to_wait_and_others_do_not() {
        let throttle = Throttle::default();
        let start = Instant::now();
        let (bad, neighbour): (IpAddr, IpAddr) =
            ("2001:db8::1".parse().unwrap(), "2001:db8::2".parse().unwrap());
        for _ in 0..FORGIVEN {
            assert_eq!(throttle.wait(bad, start), None);
            throttle.wrong(bad, start);
        }
        assert_eq!(throttle.wait(neighbour, start), Some(SPAN));
        assert_eq!(throttle.wait("192.0.2.1".parse().unwrap(), start), None);
        assert_eq!(throttle.wait(bad, start + SPAN), None);
    }

    #[test]
    fn the_number_of_remembered_addresses_is_bounded() {
        let throttle = Throttle::default();
        for address in 0..u32::try_from(MOST).unwrap() * 2 {
            throttle.wrong(IpAddr::V4(address.into()), Instant::now());
        }
        assert_eq!(throttle.0.lock().unwrap().len(), MOST);
    }
}
