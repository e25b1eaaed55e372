//! Where a relay may connect: to public addresses, and to what the operator has listed.
//!
//! An address is judged after the name was looked up, and what was judged is what is connected to, so that no name can
//! lead elsewhere the second time (DNS rebinding). Deliberately absent: the looking up.

#[cfg(test)]
mod tests;

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use url::Host;

/// What the operator has listed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AllowList(
    /// The entries, in their order.
    pub Vec<Entry>,
);

/// One entry of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    what: What,
    /// This port alone; none for all.
    port: Option<u16>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum What {
    /// A name, whatever addresses it has.
    Host(String),
    /// Every name below this one.
    Below(String),
    /// A network, or a single address.
    Net(IpAddr, u8),
}

impl Entry {
    /// Reads `host`, `*.host`, `host:port`, `10.0.0.0/8`, `fd00::/8`, `127.0.0.1`, `[::1]:9000`.
    ///
    /// # Errors
    /// Says what is wrong.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let expected = || format!("{text:?} is not like chat.example, *.chat.example, chat.example:9000 or 10.0.0.0/8");
        if let Some((address, prefix)) = text.split_once('/') {
            let address: IpAddr = address.parse().map_err(|_invalid| expected())?;
            let prefix: u8 = prefix.parse().map_err(|_invalid| expected())?;
            let most = if address.is_ipv4() { 32 } else { 128 };
            return if prefix <= most {
                Ok(Self { what: What::Net(address, prefix), port: None })
            } else {
                Err(expected())
            };
        }
        if let Ok(address) = text.parse::<IpAddr>() {
            return Ok(Self { what: single(address), port: None });
        }
        let (host, port) = match text.rsplit_once(':') {
            Some((host, port)) => (host, Some(port.parse().map_err(|_invalid| expected())?)),
            None => (text, None),
        };
        let (host, below) = host.strip_prefix("*.").map_or((host, false), |host| (host, true));
        let what = match Host::parse(host).map_err(|_invalid| expected())? {
            Host::Domain(name) if name.contains('*') => return Err(expected()),
            Host::Domain(name) if below => What::Below(format!(".{name}")),
            Host::Domain(name) => What::Host(name),
            Host::Ipv4(_) | Host::Ipv6(_) if below => return Err(expected()),
            Host::Ipv4(address) => single(address.into()),
            Host::Ipv6(address) => single(address.into()),
        };
        Ok(Self { what, port })
    }

    fn is_port(&self, port: u16) -> bool {
        self.port.is_none_or(|only| only == port)
    }
}

fn single(address: IpAddr) -> What {
    What::Net(address, if address.is_ipv4() { 32 } else { 128 })
}

impl AllowList {
    /// Whether a name is listed, so that any of its addresses will do.
    #[must_use]
    pub fn names(&self, host: &str, port: u16) -> bool {
        let host = host.strip_suffix('.').unwrap_or(host);
        self.0.iter().filter(|entry| entry.is_port(port)).any(|entry| match &entry.what {
            What::Host(name) => name == host,
            What::Below(suffix) => host.ends_with(suffix.as_str()),
            What::Net(..) => false,
        })
    }

    /// Whether an address may be connected to: it is public, or listed.
    #[must_use]
    pub fn admits(&self, address: IpAddr, port: u16) -> bool {
        is_public(address) || self.holds(address, port)
    }

    /// Whether an address is listed, by itself or by its network.
    #[must_use]
    pub fn holds(&self, address: IpAddr, port: u16) -> bool {
        let forms = [Some(address), embedded(address).map(IpAddr::V4)];
        self.0.iter().filter(|entry| entry.is_port(port)).any(|entry| match &entry.what {
            What::Net(net, prefix) => forms.into_iter().flatten().any(|form| is_within(form, *net, *prefix)),
            What::Host(_) | What::Below(_) => false,
        })
    }

    /// The entries as they are written.
    #[must_use]
    pub fn texts(&self) -> Vec<String> {
        self.0.iter().map(ToString::to_string).collect()
    }
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.what {
            What::Host(name) => f.write_str(name)?,
            What::Below(suffix) => write!(f, "*{suffix}")?,
            What::Net(address @ IpAddr::V6(_), 128) if self.port.is_some() => write!(f, "[{address}]")?,
            What::Net(address, 32) if address.is_ipv4() => write!(f, "{address}")?,
            What::Net(address, 128) => write!(f, "{address}")?,
            What::Net(address, prefix) => write!(f, "{address}/{prefix}")?,
        }
        self.port.map_or(Ok(()), |port| write!(f, ":{port}"))
    }
}

/// Whether an address is in a network.
fn is_within(address: IpAddr, net: IpAddr, prefix: u8) -> bool {
    match (address, net) {
        (IpAddr::V4(address), IpAddr::V4(net)) => {
            (address.to_bits() ^ net.to_bits()).checked_shr(32 - u32::from(prefix.min(32))).unwrap_or(0) == 0
        }
        (IpAddr::V6(address), IpAddr::V6(net)) => {
            (address.to_bits() ^ net.to_bits()).checked_shr(128 - u32::from(prefix.min(128))).unwrap_or(0) == 0
        }
        (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => false,
    }
}

/// What is not public of IPv4, by the IANA registry of special-purpose addresses (RFC 6890) and RFC 5771.
const NOT_PUBLIC_4: [(Ipv4Addr, u8); 16] = [
    // This network.
    (Ipv4Addr::new(0, 0, 0, 0), 8),
    // Private.
    (Ipv4Addr::new(10, 0, 0, 0), 8),
    (Ipv4Addr::new(172, 16, 0, 0), 12),
    (Ipv4Addr::new(192, 168, 0, 0), 16),
    // Shared by a carrier's customers.
    (Ipv4Addr::new(100, 64, 0, 0), 10),
    // Loopback.
    (Ipv4Addr::new(127, 0, 0, 0), 8),
    // Link-local, where clouds tell their secrets.
    (Ipv4Addr::new(169, 254, 0, 0), 16),
    // Protocol assignments, and the relays of 6to4.
    (Ipv4Addr::new(192, 0, 0, 0), 24),
    (Ipv4Addr::new(192, 88, 99, 0), 24),
    // Documentation.
    (Ipv4Addr::new(192, 0, 2, 0), 24),
    (Ipv4Addr::new(198, 51, 100, 0), 24),
    (Ipv4Addr::new(203, 0, 113, 0), 24),
    // Benchmarking.
    (Ipv4Addr::new(198, 18, 0, 0), 15),
    // Multicast.
    (Ipv4Addr::new(224, 0, 0, 0), 4),
    // Reserved, and broadcast.
    (Ipv4Addr::new(240, 0, 0, 0), 4),
    (Ipv4Addr::BROADCAST, 32),
];

/// The only part of IPv6 that is public (RFC 4291, section 2.4).
const GLOBAL_6: (Ipv6Addr, u8) = (Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);

/// What is not public within it: protocol assignments (Teredo among them) and documentation.
const NOT_PUBLIC_6: [(Ipv6Addr, u8); 3] = [
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23),
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32),
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20),
];

/// Whether everybody on the internet could reach an address. One of IPv6 that stands for one of IPv4 is judged as that.
#[must_use]
pub fn is_public(address: IpAddr) -> bool {
    let none_of_4 =
        |address: Ipv4Addr| !NOT_PUBLIC_4.iter().any(|(net, prefix)| is_within(address.into(), (*net).into(), *prefix));
    match (address, embedded(address)) {
        (IpAddr::V4(address), _) | (IpAddr::V6(_), Some(address)) => none_of_4(address),
        (IpAddr::V6(_), None) => {
            let (global, prefix) = GLOBAL_6;
            is_within(address, global.into(), prefix)
                && !NOT_PUBLIC_6.iter().any(|(net, prefix)| is_within(address, (*net).into(), *prefix))
        }
    }
}

/// The address of IPv4 that one of IPv6 stands for: mapped (RFC 4291, section 2.5.5.2), translated (RFC 6052), 6to4
/// (RFC 3056). The outdated compatible ones are not public at all, but one may be listed by what it stands for.
fn embedded(address: IpAddr) -> Option<Ipv4Addr> {
    let IpAddr::V6(address) = address else { return None };
    let [a, b, c, d, e, f, high, low] = address.segments();
    let of = |high: u16, low: u16| Some(Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low)));
    match [a, b, c, d, e, f] {
        [0, 0, 0, 0, 0, 0xffff] | [0x64, 0xff9b, 0, 0, 0, 0] => of(high, low),
        [0x2002, high, low, ..] => of(high, low),
        _ => None,
    }
}
