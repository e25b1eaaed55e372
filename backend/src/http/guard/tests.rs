//! Which requests get past the guard.

use super::*;

fn site(listen: &str, public: Option<&str>, allowed: &[&str]) -> Site {
    Site::new(&Config {
        listen: listen.parse().unwrap(),
        public_url: public.map(|url| Origin::parse(url).unwrap()),
        allowed_origins: allowed.iter().map(|url| Origin::parse(url).unwrap()).collect(),
        ..Config::default()
    })
}

fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in pairs {
        headers.append(*name, value.parse().unwrap());
    }
    headers
}

fn host(site: &Site, host: &str) -> Result<(), Refused> {
    site.check_host(Version::HTTP_11, &Uri::from_static("/"), &headers(&[("host", host)])).map(|_| ())
}

#[test]
fn on_loopback_only_names_of_this_machine_are_answered() {
    let site = site("127.0.0.1:3000", None, &[]);
    for good in
        ["localhost:3000", "LOCALHOST", "a.localhost:1", "127.0.0.1", "127.9.9.9:80", "[::1]:3000", "localhost."]
    {
        assert_eq!(host(&site, good), Ok(()), "{good}");
    }
    for evil in ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "10.0.0.1", "[::2]", "0.0.0.0"] {
        assert_eq!(host(&site, evil), Err(Refused::Misdirected), "{evil}");
    }
    for bad in ["a@localhost", "", "local host"] {
        assert_eq!(host(&site, bad), Err(Refused::BadHost), "{bad}");
    }
}

#[test]
fn the_target_counts_as_well_as_the_header() {
    let site = site("127.0.0.1:3000", None, &[]);
    let evil = Uri::from_static("http://evil.example/");
    let check = |uri: &Uri, pairs: &[(&'static str, &str)]| {
        site.check_host(Version::HTTP_11, uri, &headers(pairs)).map(str::to_owned)
    };
    assert_eq!(check(&evil, &[("host", "localhost")]), Err(Refused::Misdirected));
    let here = Uri::from_static("/");
    assert_eq!(check(&here, &[("host", "localhost"), ("host", "localhost")]), Err(Refused::BadHost));
    assert_eq!(check(&here, &[]), Err(Refused::BadHost));
    assert_eq!(check(&Uri::from_static("http://localhost/"), &[]), Err(Refused::BadHost));
}

#[test]
fn http_2_names_the_host_in_its_target() {
    let site = site("127.0.0.1:3000", None, &[]);
    let check = |uri: &'static str, pairs: &[(&'static str, &str)]| {
        site.check_host(Version::HTTP_2, &Uri::from_static(uri), &headers(pairs)).map(str::to_owned)
    };
    assert_eq!(check("http://localhost:3000/", &[]).as_deref(), Ok("localhost:3000"));
    assert_eq!(check("http://localhost:3000/", &[("host", "LOCALHOST:3000")]).as_deref(), Ok("localhost:3000"));
    assert_eq!(check("/", &[("host", "localhost")]).as_deref(), Ok("localhost"));
    assert_eq!(check("/", &[]), Err(Refused::BadHost));
    assert_eq!(check("http://evil.example/", &[]), Err(Refused::Misdirected));
    for host in ["evil.example", "localhost:3001", "127.0.0.1:3000"] {
        assert_eq!(check("http://localhost:3000/", &[("host", host)]), Err(Refused::BadHost), "{host}");
    }
}

#[test]
fn what_is_encrypted_here_has_no_plain_pages() {
    let files = crate::config::TlsFiles { cert: "cert.pem".into(), key: "key.pem".into() };
    let site = Site::new(&Config { tls: Some(files), ..Config::default() });
    let origin = |origin| site.check_origin(&headers(&[("origin", origin)]), "localhost:3000");
    assert_eq!((origin("https://localhost:3000"), origin("http://localhost:3000")), (Ok(()), Err(Refused::Foreign)));
    assert!(site.is_secure());
}

#[test]
fn a_name_of_this_machine_is_not_pinned_to_https() {
    for (host, pinned) in [
        ("chat.example", true),
        ("127.0.0.1:3000", true),
        ("[::1]:3000", true),
        ("notlocalhost", true),
        ("Localhost:3000", false),
        ("localhost.", false),
        ("a.localhost", false),
    ] {
        assert_eq!(may_be_pinned(host), pinned, "{host}");
    }
}

#[test]
fn behind_a_proxy_the_public_name_is_answered_too() {
    let site = site("127.0.0.1:3000", Some("https://chat.example"), &["http://dev.example:8080"]);
    assert_eq!(host(&site, "chat.example"), Ok(()));
    assert_eq!(host(&site, "dev.example:8080"), Ok(()));
    assert_eq!(host(&site, "other.example"), Err(Refused::Misdirected));
}

#[test]
fn on_other_addresses_every_host_is_answered() {
    assert_eq!(host(&site("0.0.0.0:3000", None, &[]), "192.168.1.5:3000"), Ok(()));
}

#[test]
fn only_the_sites_own_pages_may_connect() {
    let site = site("127.0.0.1:3000", Some("https://chat.example"), &["http://dev.example:8080"]);
    let origin = |origin| site.check_origin(&headers(&[("origin", origin)]), "localhost:3000");
    for good in [
        "http://localhost:3000",
        "https://localhost:3000",
        "HTTP://LocalHost:3000",
        "https://chat.example",
        "http://dev.example:8080",
    ] {
        assert_eq!(origin(good), Ok(()), "{good}");
    }
    for evil in [
        "null",
        "http://evil.example",
        "http://localhost:3001",
        "http://localhost",
        "http://localhost:3000.evil.example",
        "http://localhost:3000@evil.example",
        "http://user@localhost:3000",
        "http://chat.example",
        "https://chat.example.evil.example",
        "https://evilchat.example",
        "file://",
        "",
        "http://localhost:3000/",
        "https://chat.example/x",
        "ws://localhost:3000",
        "http://dev.example",
    ] {
        assert_eq!(origin(evil), Err(Refused::Foreign), "{evil}");
    }
    assert_eq!(site.check_origin(&HeaderMap::new(), "localhost:3000"), Ok(()));
    let two = headers(&[("origin", "http://localhost:3000"), ("origin", "http://evil.example")]);
    assert_eq!(site.check_origin(&two, "localhost:3000"), Err(Refused::Foreign));
}

#[test]
fn a_change_that_a_foreign_page_asks_for_is_refused() {
    let site = site("127.0.0.1:3000", None, &[]);
    let change = |pairs| site.check_change(&headers(pairs), "localhost:3000");
    assert_eq!(change(&[]), Ok(()));
    assert_eq!(change(&[("sec-fetch-site", "same-origin"), ("origin", "http://localhost:3000")]), Ok(()));
    assert_eq!(change(&[("sec-fetch-site", "cross-site")]), Err(Refused::Foreign));
    assert_eq!(change(&[("origin", "http://evil.example")]), Err(Refused::Foreign));
}

#[test]
fn the_labs_are_open_to_pages_of_this_machine_and_to_no_others() {
    let site = site("127.0.0.1:3000", None, &["https://chat.example"]);
    let opens = |origin: &str| {
        let headers = headers(&[("origin", origin), ("upgrade", "websocket"), ("sec-fetch-site", "cross-site")]);
        site.check_lab(&Method::GET, &headers, "127.0.0.1:3000")
    };
    for good in
        ["null", "file://", "http://localhost:8080", "https://127.9.9.9", "http://[::1]:5173", "https://chat.example"]
    {
        assert_eq!(opens(good), Ok(()), "{good}");
    }
    for evil in ["https://evil.example", "http://localhost.evil.example", "http://localhost:8080/", "file:///x", "Null"]
    {
        assert_eq!(opens(evil), Err(Refused::Foreign), "{evil}");
    }
    assert_eq!(site.check_lab(&Method::CONNECT, &headers(&[("origin", "null")]), "localhost"), Ok(()));
    // What is fetched is for our own pages, and for programs; anybody may link to it.
    let fetches = |pairs: &[(&'static str, &str)]| site.check_lab(&Method::GET, &headers(pairs), "127.0.0.1:3000");
    assert_eq!(fetches(&[]), Ok(()));
    assert_eq!(fetches(&[("sec-fetch-site", "same-origin")]), Ok(()));
    assert_eq!(fetches(&[("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate")]), Ok(()));
    for pairs in [[("origin", "null")], [("origin", "http://localhost:8080")], [("sec-fetch-site", "cross-site")]] {
        assert_eq!(fetches(&pairs), Err(Refused::Foreign), "{pairs:?}");
    }
}
