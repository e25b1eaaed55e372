//! The policy as a table.

use super::*;

fn list(text: &str) -> AllowList {
    AllowList(text.split(',').map(|entry| Entry::parse(entry).unwrap()).collect())
}

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn addresses_are_public_or_not() {
    for public in [
        "1.1.1.1",
        "8.8.8.8",
        "9.255.255.255",
        "11.0.0.0",
        "100.63.255.255",
        "100.128.0.0",
        "126.255.255.255",
        "128.0.0.1",
        "169.253.255.255",
        "172.15.255.255",
        "172.32.0.0",
        "192.0.1.0",
        "192.167.255.255",
        "198.17.255.255",
        "198.20.0.0",
        "223.255.255.255",
        "2606:4700:4700::1111",
        "2a00:1450::1",
        "::ffff:8.8.8.8",
        "64:ff9b::808:808",
        "2002:808:808::1",
    ] {
        assert!(is_public(ip(public)), "{public}");
    }
    for private in [
        "0.0.0.0",
        "0.1.2.3",
        "10.0.0.1",
        "10.255.255.255",
        "100.64.0.1",
        "100.127.255.255",
        "127.0.0.1",
        "127.255.0.1",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.1",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.1.1",
        "198.18.0.1",
        "198.19.255.255",
        "198.51.100.1",
        "203.0.113.1",
        "224.0.0.1",
        "239.255.255.255",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::127.0.0.1",
        "::8.8.8.8",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::ffff:169.254.169.254",
        "64:ff9b::7f00:1",
        "64:ff9b::a00:1",
        "64:ff9b:1::808:808",
        "100::1",
        "2001::1",
        "2001:10::1",
        "2001:db8::1",
        "2002:7f00:1::",
        "2002:a00:1::1",
        "2002:c0a8:101::",
        "3fff::1",
        "5f00::1",
        "fc00::1",
        "fd12:3456::1",
        "fe80::1",
        "fec0::1",
        "ff02::1",
        "4000::1",
    ] {
        assert!(!is_public(ip(private)), "{private}");
    }
}

#[test]
fn an_entry_is_read_and_written_back() {
    for text in [
        "chat.example",
        "*.chat.example",
        "chat.example:9000",
        "*.chat.example:443",
        "10.0.0.0/8",
        "fd00::/8",
        "127.0.0.1",
        "127.0.0.1:9000",
        "::1",
        "[::1]:9000",
        "0.0.0.0/0",
        "::/0",
        "localhost",
    ] {
        assert_eq!(Entry::parse(text).unwrap().to_string(), text);
    }
    assert_eq!(Entry::parse(" Chat.Example ").unwrap().to_string(), "chat.example");
    for bad in [
        "",
        "*",
        "*.",
        "a b",
        "chat.example:",
        "chat.example:99999",
        "10.0.0.0/33",
        "::/129",
        "10.0.0/8",
        "a/8",
        "*.10.0.0.1",
        "a.*.b",
        "http://a",
        "[::1",
        "10.0.0.0/-1",
        "a@b",
        "a:b:c",
    ] {
        assert!(Entry::parse(bad).is_err(), "{bad}");
    }
}

#[test]
fn what_is_listed_is_admitted_and_nothing_beside_it() {
    let nets = list("10.0.0.0/8,192.168.1.7:9000,fd00::/8");
    for (address, port, admitted) in [
        ("10.9.8.7", 1, true),
        ("::ffff:10.9.8.7", 1, true),
        ("11.0.0.1", 1, true),
        ("192.168.1.7", 9000, true),
        ("192.168.1.7", 9001, false),
        ("192.168.1.8", 9000, false),
        ("fd12::1", 1, true),
        ("fe80::1", 1, false),
        ("127.0.0.1", 1, false),
        ("::1", 1, false),
        ("64:ff9b::a00:1", 1, true),
    ] {
        assert_eq!(nets.admits(ip(address), port), admitted, "{address} {port}");
    }
    let names = list("chat.example,*.inner.example,db.example:9000");
    for (host, port, named) in [
        ("chat.example", 1, true),
        ("chat.example.", 1, true),
        ("a.chat.example", 1, false),
        ("a.inner.example", 1, true),
        ("b.a.inner.example", 1, true),
        ("inner.example", 1, false),
        ("evilinner.example", 1, false),
        ("db.example", 9000, true),
        ("db.example", 9001, false),
        ("10.0.0.1", 1, false),
    ] {
        assert_eq!(names.names(host, port), named, "{host} {port}");
    }
    let everything = list("0.0.0.0/0,::/0");
    assert!(everything.admits(ip("127.0.0.1"), 1) && everything.admits(ip("::1"), 1));
}
