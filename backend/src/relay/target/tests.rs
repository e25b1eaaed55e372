//! What may be wished for.

use super::*;

fn wish(url: &str) -> Wish {
    Wish { url: url.to_owned(), ..Wish::default() }
}

fn cause(wish: Wish) -> Option<Cause> {
    Target::new(wish).err().map(|failure| failure.cause)
}

#[test]
fn an_address_is_read_as_browsers_read_it() {
    for (url, secure, authority, port, path) in [
        ("ws://a.example", false, "a.example", 80, "/"),
        ("wss://A.example:443/x?y=1", true, "a.example", 443, "/x?y=1"),
        ("https://a.example:9000/x", true, "a.example:9000", 9000, "/x"),
        ("http://2130706433/", false, "127.0.0.1", 80, "/"),
        ("ws://0x7f.1:8080/", false, "127.0.0.1:8080", 8080, "/"),
        ("ws://[::FFFF:127.0.0.1]:8080/a b", false, "[::ffff:7f00:1]:8080", 8080, "/a%20b"),
        ("ws://b\u{fc}cher.example/", false, "xn--bcher-kva.example", 80, "/"),
    ] {
        let target = Target::new(wish(url)).unwrap();
        let found = (target.secure, target.authority.as_str(), target.port, target.path.as_str());
        assert_eq!(found, (secure, authority, port, path), "{url}");
    }
    for bad in [
        "",
        "a.example",
        "/x",
        "ftp://a",
        "file:///etc/passwd",
        "ws://",
        "ws://a:b@c/",
        "ws://a@c/",
        "ws://a/#x",
        "ws://a/#",
        "ws://a b/",
        "ws://a:99999/",
        "ws://1.2.3.4.5/",
    ] {
        assert_eq!(cause(wish(bad)), Some(Cause::BadUrl), "{bad}");
    }
}

#[test]
fn ports_of_other_protocols_are_refused() {
    for port in [22, 25, 110, 143, 587, 6000, 6667] {
        assert_eq!(cause(wish(&format!("ws://a.example:{port}/"))), Some(Cause::BadPort), "{port}");
    }
    assert_eq!(cause(wish("ws://a.example:8080/")), None);
    assert!(BAD_PORTS.is_sorted());
}

#[test]
fn nothing_is_smuggled_in_by_headers() {
    let with = |name: &str, value: &str| {
        cause(Wish { headers: vec![(name.to_owned(), value.to_owned())], ..wish("ws://a.example") })
    };
    for (name, value) in [
        ("A", "b\r\nC: d"),
        ("A\r\nB", "c"),
        ("A", "\0"),
        ("A", "\n"),
        ("", "x"),
        ("A b", "c"),
        ("A:", "b"),
        ("Sec-WebSocket-Key", "x"),
        ("sec-websocket-version", "8"),
        ("SEC-WEBSOCKET-ACCEPT", "x"),
        ("Connection", "close"),
        ("Upgrade", "h2c"),
        ("Content-Length", "5"),
        ("Transfer-Encoding", "chunked"),
        ("\u{e9}", "x"),
    ] {
        assert_eq!(with(name, value), Some(Cause::BadHeader), "{name}: {value:?}");
    }
    for (name, value) in
        [("Origin", "https://a.example"), ("Cookie", "a=b; c=d"), ("X-A", ""), ("Authorization", "Basic x")]
    {
        assert_eq!(with(name, value), None, "{name}: {value:?}");
    }
    let many = (0..33).map(|at| (format!("X-{at}"), String::new())).collect();
    assert_eq!(cause(Wish { headers: many, ..wish("ws://a.example") }), Some(Cause::BadHeader));
    assert_eq!(with("X", &"x".repeat(MOST_HEADER_BYTES)), Some(Cause::BadHeader));
}

#[test]
fn a_host_may_be_named_once() {
    let host = |value: &str| ("Host".to_owned(), value.to_owned());
    let named = Target::new(Wish { headers: vec![host("b.example")], ..wish("ws://a.example/") }).unwrap();
    assert_eq!((named.authority.as_str(), named.headers.len()), ("b.example", 0));
    let twice = Wish { headers: vec![host("b.example"), host("c.example")], ..wish("ws://a.example/") };
    assert_eq!(cause(twice), Some(Cause::BadHeader));
}

#[test]
fn subprotocols_are_tokens_and_differ() {
    let with = |names: &[&str]| {
        cause(Wish { protocols: names.iter().map(|name| (*name).to_owned()).collect(), ..wish("ws://a.example") })
    };
    assert_eq!(with(&["chat", "superchat.v2"]), None);
    for bad in [&["a", "a"][..], &["a b"], &[""], &["a,b"], &["a\r\nX: y"]] {
        assert_eq!(with(bad), Some(Cause::BadProtocol), "{bad:?}");
    }
}

#[test]
fn a_fingerprint_is_a_sha_256() {
    let with = |text: &str| Target::new(Wish { fingerprint: Some(text.to_owned()), ..wish("wss://a.example") });
    let plain = "00ff".repeat(16);
    assert_eq!(with(&plain).unwrap().fingerprint, Some([0, 255].repeat(16).try_into().unwrap()));
    assert_eq!(with(&["00:FF"; 16].join(":")).unwrap().fingerprint, with(&plain).unwrap().fingerprint);
    for bad in ["", "00", "zz", &"0".repeat(63), &"0".repeat(66)] {
        assert_eq!(with(bad).unwrap_err().cause, Cause::BadFingerprint, "{bad}");
    }
}
