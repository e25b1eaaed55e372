//! Who may connect, by the Origin of the request.
//!
//! Only pages have an Origin; who has none counts as a page of a file (`file:`), and so does `null`, the Origin of a file
//! in most browsers, as long as no list is given. Pure.

/// What is asked of Origins.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rules<'a> {
    /// Whether it must have the host and port of the request.
    pub(super) same: bool,
    /// Those that may connect; all, where none is named.
    pub(super) listed: Option<&'a [String]>,
}

/// Where a page is from.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Origin<'a> {
    scheme: String,
    /// Host and port, as they stand there.
    host: &'a str,
}

/// Why somebody may not connect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Foreign {
    /// It is no Origin.
    #[error("the Origin is none")]
    Malformed,
    /// Its host or port are not those of the request.
    #[error("the Origin is not that of the host that is asked (--sameorigin)")]
    Elsewhere,
    /// It is not on the list.
    #[error("the Origin is not on the list (--origin)")]
    Unlisted,
}

/// The Origin that counts where the header says this, or is absent.
pub(super) fn shown<'a>(header: Option<&'a str>, rules: &Rules<'_>) -> &'a str {
    match header {
        None | Some("") => "file:",
        Some("null") if rules.listed.is_none() => "file:",
        Some(origin) => origin,
    }
}

/// Checks an Origin as [`shown`] has it. `host` is what the request names, and `tls` whether it came encrypted.
pub(super) fn check(origin: &str, (host, tls): (&str, bool), rules: &Rules<'_>) -> Result<(), Foreign> {
    let origin = parse(origin).ok_or(Foreign::Malformed)?;
    if !rules.same && rules.listed.is_none() {
        return Ok(());
    }
    let from = host_port(origin.host, origin.scheme == "https").ok_or(Foreign::Malformed)?;
    if rules.same && !host_port(host, tls).is_some_and(|asked| is_same(from, asked)) {
        return Err(Foreign::Elsewhere);
    }
    match rules.listed {
        Some(listed) if !listed.iter().any(|entry| matches(entry, &origin.scheme, from)) => Err(Foreign::Unlisted),
        Some(_) | None => Ok(()),
    }
}

/// Whether an entry of the list, `[scheme://]host[:port]`, means an Origin.
fn matches(entry: &str, scheme: &str, from: (&str, &str)) -> bool {
    let (wanted, rest) = match entry.split_once("://") {
        Some((wanted, rest)) => (Some(wanted), rest),
        None => (None, entry),
    };
    if wanted.is_some_and(|wanted| !wanted.eq_ignore_ascii_case(scheme)) {
        return false;
    }
    let rest = rest.strip_suffix('/').unwrap_or(rest);
    let Some((host, port)) = host_port(rest, false) else { return false };
    let any_port = port == "80" && !rest.ends_with(":80");
    host.eq_ignore_ascii_case(from.0) && (any_port || port == from.1)
}

fn is_same(one: (&str, &str), other: (&str, &str)) -> bool {
    one.0.eq_ignore_ascii_case(other.0) && one.1 == other.1
}

/// Splits a URI into its scheme and its host (RFC 3986, section 3). None where it has no scheme, or what no URI has.
fn parse(origin: &str) -> Option<Origin<'_>> {
    let (scheme, rest) = origin.split_once(':')?;
    let is_scheme = scheme.starts_with(|first: char| first.is_ascii_alphabetic())
        && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte));
    if !is_scheme || !rest.bytes().all(|byte| byte.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&byte)) {
        return None;
    }
    let authority = rest.strip_prefix("//").unwrap_or_default();
    let authority = authority.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    Some(Origin { scheme: scheme.to_ascii_lowercase(), host })
}

/// Splits a host and its port; without one it is that of HTTP or HTTPS. An IPv6 address loses its brackets.
pub(super) fn host_port(text: &str, tls: bool) -> Option<(&str, &str)> {
    let default = if tls { "443" } else { "80" };
    if let Some(rest) = text.strip_prefix('[') {
        let (host, rest) = rest.split_once(']')?;
        return match rest.strip_prefix(':') {
            Some(port) => Some((host, port)),
            None => rest.is_empty().then_some((host, default)),
        };
    }
    match text.split_once(':') {
        Some((_, port)) if port.contains(':') => None,
        Some(parts) => Some(parts),
        None => Some((text, default)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether a page of this Origin may connect to `example.com:8080` with this list.
    fn may(origin: Option<&str>, same: bool, list: Option<&[&str]>) -> Result<(), Foreign> {
        may_at(origin, ("example.com:8080", false), same, list)
    }

    fn may_at(origin: Option<&str>, asked: (&str, bool), same: bool, list: Option<&[&str]>) -> Result<(), Foreign> {
        let list: Option<Vec<String>> = list.map(|list| list.iter().map(|entry| (*entry).to_owned()).collect());
        let rules = Rules { same, listed: list.as_deref() };
        check(shown(origin, &rules), asked, &rules)
    }

    #[test]
    fn without_rules_everybody_may() {
        for origin in [None, Some(""), Some("null"), Some("http://anywhere"), Some("chrome-extension://abc")] {
            assert_eq!(may(origin, false, None), Ok(()), "{origin:?}");
        }
        for origin in ["example.com", "http://a b", "://x", "1http://x"] {
            assert_eq!(may(Some(origin), false, None), Err(Foreign::Malformed), "{origin}");
        }
    }

    #[test]
    fn the_same_origin_is_host_and_port() {
        for origin in ["http://example.com:8080", "https://example.com:8080", "http://EXAMPLE.com:8080"] {
            assert_eq!(may(Some(origin), true, None), Ok(()), "{origin}");
        }
        for origin in [None, Some("null"), Some("http://example.com"), Some("http://other.com:8080"), Some("file://")] {
            assert_eq!(may(origin, true, None), Err(Foreign::Elsewhere), "{origin:?}");
        }
        let at = |origin, asked| may_at(Some(origin), asked, true, None);
        assert_eq!(at("http://example.com", ("example.com", false)), Ok(()));
        assert_eq!(at("https://example.com", ("example.com", true)), Ok(()));
        assert_eq!(at("https://example.com", ("example.com:443", true)), Ok(()));
        assert_eq!(at("http://[::1]:80", ("[::1]", false)), Ok(()));
        assert_eq!(at("https://example.com", ("example.com", false)), Err(Foreign::Elsewhere));
        assert_eq!(at("http://a.com", ("a.com:b:c", false)), Err(Foreign::Elsewhere));
    }

    #[test]
    fn a_list_names_hosts_ports_and_schemes() {
        for (entry, origin, meant) in [
            ("a.com", "http://a.com", true),
            ("a.com", "https://a.com", true),
            ("a.com", "https://a.com:8443", true),
            ("a.com", "http://b.a.com", false),
            ("a.com:81", "http://a.com:81", true),
            ("a.com:81", "http://a.com", false),
            ("a.com:80", "http://a.com", true),
            ("a.com:80", "http://a.com:81", false),
            ("a.com:443", "https://a.com", true),
            ("https://a.com", "https://a.com:8443", true),
            ("https://a.com", "http://a.com", false),
            ("https://a.com/", "https://a.com", true),
            ("HTTPS://A.com", "https://a.com", true),
            ("[::1]", "http://[::1]:9", true),
            ("[::1]:8", "http://[::1]:9", false),
            ("a.com", "null", false),
            ("file://", "file://", true),
            ("a.com", "http://a.com@b.com", false),
        ] {
            assert_eq!(may(Some(origin), false, Some(&[entry])).is_ok(), meant, "{entry} {origin}");
        }
        assert_eq!(may(Some("http://c.com"), false, Some(&["a.com", "b.com", "c.com"])), Ok(()));
    }

    #[test]
    fn who_has_no_origin_is_on_a_list_that_names_files() {
        assert_eq!(may(None, false, Some(&["a.com"])), Err(Foreign::Unlisted));
        assert_eq!(may(None, false, Some(&["a.com", "file://"])), Ok(()));
        // It says that it has one, and keeps it to itself.
        assert_eq!(may(Some("null"), false, Some(&["file://"])), Err(Foreign::Malformed));
    }

    #[test]
    fn both_rules_have_to_be_met() {
        let here = "http://example.com:8080";
        assert_eq!(may(Some(here), true, Some(&["example.com"])), Ok(()));
        assert_eq!(may(Some(here), true, Some(&["a.com"])), Err(Foreign::Unlisted));
        assert_eq!(may(Some("http://a.com"), true, Some(&["a.com"])), Err(Foreign::Elsewhere));
    }
}
