//! What is written as an address, and what a browser makes of it: the rules of `new WebSocket(url)` in the standard
//! <https://websockets.spec.whatwg.org/>, asked before one connects, so that what is wrong can be said beside the field.
//!
//! The browser parses; what is decided here is pure.

use super::words::Words;

/// The parts of an address that the rules look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Parts {
    /// With its colon: `wss:`.
    pub scheme: String,
    /// Without a port.
    pub host: String,
    /// All of it.
    pub href: String,
}

/// Why nothing can be opened there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wrong {
    Empty,
    Blank,
    Host,
    Port,
    Impossible,
    Scheme,
    Fragment,
    Mixed,
}

/// The address that is opened for what is written, as the page at hand understands it.
pub(super) fn understood(written: &str) -> Result<String, Wrong> {
    let (parts, page) = parsed(written.trim());
    judged(written.trim(), parts, page)
}

/// Whether a page that is served safely may reach this host unsafely, and whether it is in the reader's own machine.
fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.ends_with(".localhost") || host.starts_with("127.") || host == "[::1]"
}

/// Whether the host is in a network that is not the Internet.
pub(super) fn is_private(host: &str) -> bool {
    // No name of the Internet ends in a digit.
    let is_number = host.ends_with(|last: char| last.is_ascii_digit());
    let second = host.strip_prefix("172.").and_then(|rest| rest.split('.').next()?.parse().ok());
    let starts_with = |starts: [&str; 3]| starts.iter().any(|start| host.starts_with(start));
    is_loopback(host)
        || host.ends_with(".local")
        || starts_with(["[fc", "[fd", "[fe80"])
        || is_number && (starts_with(["10.", "192.168.", "169.254."]) || second.is_some_and(|n: u8| n >> 4 == 1))
}

/// The host within an address that has been understood.
pub(super) fn host_of(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let host = rest.split(['/', '?']).next().unwrap_or_default();
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
    match host.rsplit_once(':') {
        Some((name, port)) if !port.ends_with(']') => name,
        _ => host,
    }
}

/// The same place for a browser's tab: `https` for `wss`.
pub(super) fn in_a_tab(url: &str) -> String {
    "http".to_owned() + url.strip_prefix("ws").unwrap_or_default()
}

fn judged(written: &str, parts: Option<Parts>, page: Option<Parts>) -> Result<String, Wrong> {
    if written.is_empty() {
        return Err(Wrong::Empty);
    }
    if written.contains([' ', '\t', '\u{3000}']) {
        return Err(Wrong::Blank);
    }
    let Some(parts) = parts else { return Err(impossible(written)) };
    let href = match parts.scheme.as_str() {
        "ws:" | "wss:" => parts.href,
        "http:" | "https:" => "ws".to_owned() + parts.href.strip_prefix("http").unwrap_or_default(),
        _ => return Err(Wrong::Scheme),
    };
    if href.contains('#') {
        return Err(Wrong::Fragment);
    }
    let safe_page = page.is_some_and(|page| page.scheme == "https:");
    if safe_page && !href.starts_with("wss") && !is_loopback(&parts.host) {
        return Err(Wrong::Mixed);
    }
    Ok(href)
}

/// What is wrong with what no browser parses.
fn impossible(written: &str) -> Wrong {
    let rest = written.split_once(':').map_or("", |(_, rest)| rest).trim_start_matches('/');
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    match host.rsplit_once(':') {
        _ if host.is_empty() => Wrong::Host,
        Some(("", _)) => Wrong::Host,
        Some((_, port)) if !port.ends_with(']') && port.parse::<u16>().is_err() => Wrong::Port,
        _ => Wrong::Impossible,
    }
}

impl Wrong {
    /// Whether it is worth a word while somebody is still writing.
    pub(super) const fn is_certain(self) -> bool {
        !matches!(self, Self::Empty | Self::Host)
    }

    /// In words.
    pub(super) fn said(self, words: &Words, written: &str) -> String {
        let written = written.trim();
        let words = match self {
            Self::Empty => words.no_address,
            Self::Blank => words.blank,
            Self::Host => words.no_host,
            Self::Port => words.port,
            Self::Impossible => words.impossible,
            Self::Fragment => words.fragment,
            Self::Mixed => words.mixed,
            Self::Scheme => words.scheme,
        };
        let mut said = words.replace("{}", written.split_once(':').map_or(written, |(scheme, _)| scheme));
        // `localhost:3000` has the scheme `localhost`.
        if self == Self::Scheme && !written.contains("://") {
            said.push_str(" → ws://");
            said.push_str(written);
        }
        said
    }
}

/// The parts of an address against the page's, and of the page's own.
#[cfg(target_arch = "wasm32")]
fn parsed(written: &str) -> (Option<Parts>, Option<Parts>) {
    let parts = |url: web_sys::Url| Parts { scheme: url.protocol(), host: url.hostname(), href: url.href() };
    let page = crate::effects::browser::window().location().href().unwrap_or_default();
    (web_sys::Url::new_with_base(written, &page).ok().map(parts), web_sys::Url::new(&page).ok().map(parts))
}

/// Outside a browser no page is there, and an address is taken as it is written.
#[cfg(not(target_arch = "wasm32"))]
fn parsed(written: &str) -> (Option<Parts>, Option<Parts>) {
    let parts = written.split_once("://").filter(|(_, rest)| !rest.is_empty()).map(|(scheme, _)| Parts {
        scheme: scheme.to_owned() + ":",
        host: host_of(written).to_owned(),
        href: written.to_owned(),
    });
    (parts, None)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(page: &str, written: &str) -> Result<String, Wrong> {
        let parts = |url: url::Url| Parts {
            scheme: url.scheme().to_owned() + ":",
            host: url.host_str().unwrap_or_default().to_owned(),
            href: url.to_string(),
        };
        let page = url::Url::parse(page).unwrap();
        judged(written, page.join(written).ok().map(parts), Some(parts(page)))
    }

    fn here(written: &str) -> Result<String, Wrong> {
        from("http://127.0.0.1:3000/workbench", written)
    }

    fn safely(written: &str) -> Result<String, Wrong> {
        from("https://chat.example/workbench", written)
    }

    #[test]
    fn four_schemes_and_none_are_understood() {
        for (written, opened) in [
            ("ws://localhost:8080/ws", "ws://localhost:8080/ws"),
            ("WSS://Example.COM:443", "wss://example.com/"),
            ("http://example.com/a?b=c", "ws://example.com/a?b=c"),
            ("https://example.com/", "wss://example.com/"),
            ("/labs/echo", "ws://127.0.0.1:3000/labs/echo"),
            ("labs/echo?n=1", "ws://127.0.0.1:3000/labs/echo?n=1"),
            ("//other.example/x", "ws://other.example/x"),
        ] {
            assert_eq!(here(written).as_deref(), Ok(opened), "{written}");
        }
        assert_eq!(safely("/ws").as_deref(), Ok("wss://chat.example/ws"));
    }

    #[test]
    fn what_cannot_be_opened_is_told_apart() {
        for (written, wrong) in [
            ("", Wrong::Empty),
            ("ws://", Wrong::Host),
            ("wss:", Wrong::Host),
            ("ws://:80/", Wrong::Host),
            ("ws://a.example:port/", Wrong::Port),
            ("ws://a.example:70000/", Wrong::Port),
            ("ws://a<b>/", Wrong::Impossible),
            ("ws://[::1/", Wrong::Impossible),
            ("ftp://a.example/", Wrong::Scheme),
            ("localhost:3000", Wrong::Scheme),
            ("javascript:alert(1)", Wrong::Scheme),
            ("ws://a.example/#top", Wrong::Fragment),
            ("ws://a.example/#", Wrong::Fragment),
            ("ws://a.example/ b", Wrong::Blank),
        ] {
            assert_eq!(here(written), Err(wrong), "{written}");
        }
    }

    #[test]
    fn a_safe_page_reaches_only_its_own_machine_unsafely() {
        assert_eq!(safely("ws://other.example/"), Err(Wrong::Mixed));
        assert_eq!(safely("http://192.168.1.4/"), Err(Wrong::Mixed));
        for written in ["ws://localhost:1/", "ws://127.0.0.1:1/", "ws://[::1]:1/", "wss://other.example/"] {
            assert_eq!(safely(written).as_deref(), Ok(written));
        }
    }

    #[test]
    fn hosts_are_found_and_placed() {
        assert_eq!(host_of("ws://a.example:80/x:y"), "a.example");
        assert_eq!(host_of("ws://me:secret@[::1]:80/?@"), "[::1]");
        assert_eq!(host_of("ws://[::1]/"), "[::1]");
        for host in ["localhost", "10.0.0.1", "172.16.3.4", "172.31.0.1", "192.168.0.9", "printer.local", "[fd00::1]"] {
            assert!(is_private(host), "{host}");
        }
        for host in ["example.com", "172.32.0.1", "1.1.1.1", "10.example"] {
            assert!(!is_private(host), "{host}");
        }
    }

    #[test]
    fn a_host_without_a_scheme_gets_a_proposal() {
        let said = Wrong::Scheme.said(super::super::words::words(crate::i18n::Lang::En), "localhost:3000");
        assert!(said.ends_with("ws://localhost:3000") && said.contains("“localhost:”"), "{said}");
    }
}
