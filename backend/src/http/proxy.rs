//! Proxies in front of the server: who asks, and whether by https, where a proxy that is trusted says so.
//!
//! Everybody can write `X-Forwarded-For`. Each proxy adds the address that it was asked from at the end, so the list is
//! read from there, as long as the one who wrote an entry is listed in the settings; the first address that is not is the
//! client's. What stands before it is hearsay. Deliberately absent: the host, which a proxy has to hand on as it is.

use std::net::IpAddr;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{Extensions, HeaderMap, HeaderName, header};

use super::Http;
use crate::config::Config;
use crate::listen::Peer;

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// Where a request comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Way {
    /// The client's address; none where it is not known, for a proxy asks and does not say for whom.
    pub(super) address: Option<IpAddr>,
    /// Whether it came by https, be it to here or to a proxy.
    pub(super) secure: bool,
}

impl FromRequestParts<Http> for Way {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, http: &Http) -> Result<Self, Self::Rejection> {
        Ok(of(http, parts))
    }
}

/// Where a request comes from.
pub(super) fn of(http: &Http, request: &Parts) -> Way {
    way(http, &request.extensions, &request.headers)
}

/// The same for a request that is whole.
pub(super) fn way(http: &Http, extensions: &Extensions, headers: &HeaderMap) -> Way {
    let peer = extensions.get::<Peer>().and_then(|peer| peer.ip());
    read(&http.config, http.site.is_secure(), peer, headers)
}

fn read(config: &Config, secure: bool, peer: Option<IpAddr>, headers: &HeaderMap) -> Way {
    let trusts = |address: IpAddr| config.trusted_proxies.iter().any(|net| net.contains(&address));
    let Some(peer) = peer.map(|peer| peer.to_canonical()) else { return Way { address: None, secure } };
    if trusts(peer) {
        let hops = Hops::of(headers);
        return Way { address: hops.client(trusts), secure: secure || hops.secure };
    }
    // A peer on this machine, of a server that has a public address and does not encrypt by itself, is its proxy.
    let is_proxy = config.public_url.is_some() && config.tls.is_none() && peer.is_loopback();
    Way { address: Some(peer).filter(|_| !is_proxy), secure }
}

/// What the proxies have written.
#[derive(Debug, Default)]
struct Hops<'a> {
    /// Who asked each of them, the nearest first, as it is written.
    from: Vec<&'a str>,
    /// Whether the nearest was asked by https.
    secure: bool,
}

impl<'a> Hops<'a> {
    /// `X-Forwarded-For` and `-Proto`, or where they are absent `Forwarded` (RFC 7239).
    fn of(headers: &'a HeaderMap) -> Self {
        if headers.contains_key(FORWARDED_FOR) || headers.contains_key(FORWARDED_PROTO) {
            let proto = nearest_first(headers, &FORWARDED_PROTO).next();
            let secure = proto.is_some_and(|proto| proto.eq_ignore_ascii_case("https"));
            return Self { from: nearest_first(headers, &FORWARDED_FOR).collect(), secure };
        }
        let value = |element: &'a str, name: &str| {
            let mut pairs = element.split(';').filter_map(|pair| pair.split_once('='));
            pairs.find(|(known, _)| known.trim().eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
        };
        let elements: Vec<&str> = nearest_first(headers, &header::FORWARDED).collect();
        let proto = elements.first().and_then(|nearest| value(nearest, "proto"));
        let secure = proto.is_some_and(|proto| proto.trim_matches('"').eq_ignore_ascii_case("https"));
        Self { from: elements.into_iter().map(|element| value(element, "for").unwrap_or_default()).collect(), secure }
    }

    /// The first one that is not trusted itself; nobody where one cannot be read, or all are proxies.
    fn client(&self, trusts: impl Fn(IpAddr) -> bool) -> Option<IpAddr> {
        for text in &self.from {
            let address = address(text)?;
            if !trusts(address) {
                return Some(address);
            }
        }
        None
    }
}

/// The elements of a list that may stand on several lines, the last one first.
fn nearest_first<'a>(headers: &'a HeaderMap, name: &HeaderName) -> impl Iterator<Item = &'a str> {
    let mut lines: Vec<&str> = headers.get_all(name).iter().map(|line| line.to_str().unwrap_or_default()).collect();
    lines.reverse();
    lines.into_iter().flat_map(|line| line.rsplit(',').map(str::trim))
}

/// An address as proxies write it: bare, with a port, in brackets, in quotes.
fn address(text: &str) -> Option<IpAddr> {
    let text = text.trim_matches('"');
    let bare = |text: &str| text.parse::<IpAddr>().ok();
    let found = match text.strip_prefix('[') {
        Some(rest) => bare(rest.split_once(']')?.0),
        None => bare(text).or_else(|| bare(text.split_once(':')?.0)),
    };
    found.map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Origin, network};

    fn headers(lines: &[(HeaderName, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(name, value.parse().unwrap());
        }
        headers
    }

    fn behind(trusted: &[&str]) -> Config {
        Config {
            trusted_proxies: trusted.iter().map(|text| network(text).unwrap()).collect(),
            public_url: Origin::parse("http://chat.example").ok(),
            ..Config::default()
        }
    }

    fn from(peer: &str, lines: &[(HeaderName, &str)]) -> Option<String> {
        let way = read(&behind(&["10.0.0.0/8", "127.0.0.1", "::1"]), false, peer.parse().ok(), &headers(lines));
        way.address.map(|address| address.to_string())
    }

    #[test]
    fn a_list_is_read_from_its_end_as_far_as_it_can_be_trusted() {
        let x = FORWARDED_FOR;
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(from("10.0.0.1", &[(x.clone(), "203.0.113.9")]), some("203.0.113.9"));
        assert_eq!(
            from("10.0.0.1", &[(x.clone(), "1.1.1.1, 203.0.113.9")]),
            some("203.0.113.9"),
            "the rest is hearsay"
        );
        assert_eq!(from("127.0.0.1", &[(x.clone(), "203.0.113.9, 10.1.2.3")]), some("203.0.113.9"), "two proxies");
        let lines = [(x.clone(), "203.0.113.9"), (x.clone(), "10.1.2.3")];
        assert_eq!(from("127.0.0.1", &lines), some("203.0.113.9"), "on two lines");
        assert_eq!(from("::ffff:10.0.0.1", &[(x.clone(), "2001:db8::1")]), some("2001:db8::1"));
        assert_eq!(from("10.0.0.1", &[(x.clone(), "203.0.113.9:5512")]), some("203.0.113.9"));
        assert_eq!(from("10.0.0.1", &[(x.clone(), "[2001:db8::1]:80")]), some("2001:db8::1"));
        assert_eq!(from("10.0.0.1", &[(x.clone(), "1.1.1.1, unknown")]), None);
        assert_eq!(from("10.0.0.1", &[(x.clone(), "")]), None);
        assert_eq!(from("10.0.0.1", &[]), None, "a proxy that does not say for whom");
        assert_eq!(from("192.0.2.1", &[(x, "203.0.113.9")]), some("192.0.2.1"), "nobody else is heard");
    }

    #[test]
    fn the_standards_own_header_counts_where_the_other_is_absent() {
        let forwarded = "for=1.1.1.1, For=\"[2001:db8::1]:4711\";proto=https;by=10.0.0.2";
        assert_eq!(from("10.0.0.1", &[(header::FORWARDED, forwarded)]).as_deref(), Some("2001:db8::1"));
        let both = [(header::FORWARDED, "for=1.1.1.1"), (FORWARDED_FOR, "203.0.113.9")];
        assert_eq!(from("10.0.0.1", &both).as_deref(), Some("203.0.113.9"));
        assert_eq!(from("10.0.0.1", &[(header::FORWARDED, "for=_hidden")]), None);
    }

    #[test]
    fn https_is_believed_of_trusted_proxies_alone() {
        let secure = |peer: &str, lines: &[(HeaderName, &str)]| {
            read(&behind(&["10.0.0.0/8"]), false, peer.parse().ok(), &headers(lines)).secure
        };
        assert!(secure("10.0.0.1", &[(FORWARDED_PROTO, "https")]));
        assert!(secure("10.0.0.1", &[(header::FORWARDED, "for=1.1.1.1;proto=\"https\"")]));
        assert!(!secure("10.0.0.1", &[(FORWARDED_PROTO, "https, http")]), "the nearest counts");
        assert!(!secure("10.0.0.1", &[]));
        assert!(!secure("192.0.2.1", &[(FORWARDED_PROTO, "https")]));
    }

    #[test]
    fn without_a_list_a_proxy_on_this_machine_is_none_to_count() {
        let of = |peer: &str| read(&behind(&[]), false, peer.parse().ok(), &HeaderMap::new()).address;
        assert_eq!(of("127.0.0.1"), None);
        assert_eq!(of("192.0.2.1"), "192.0.2.1".parse().ok());
    }
}
