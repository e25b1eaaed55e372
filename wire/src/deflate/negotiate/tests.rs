//! Offers and answers, as the examples of RFC 7692 have them, and as nobody should send them.

use super::*;

/// A server that wants nothing in particular.
const ANY: Preference = Preference {
    server_no_context_takeover: false,
    client_no_context_takeover: false,
    server_max_window_bits: 15,
    client_max_window_bits: 15,
};

/// A client that offers nothing in particular.
const PLAIN: Offer = Offer {
    server_no_context_takeover: false,
    client_no_context_takeover: false,
    server_max_window_bits: 15,
    client_max_window_bits: None,
};

fn answer(headers: &[&str], preference: &Preference) -> Option<String> {
    negotiate(headers.iter().copied(), preference).map(|(_, answer)| answer)
}

fn params(headers: &[&str], preference: &Preference) -> Params {
    negotiate(headers.iter().copied(), preference).unwrap().0
}

#[test]
fn nothing_is_agreed_without_an_offer() {
    assert_eq!(answer(&[], &ANY), None);
    assert_eq!(answer(&["", "x-webkit-deflate-frame, permessage-bzip2; a=b"], &ANY), None);
    assert_eq!(answer(&["Permessage-Deflate"], &ANY), None);
}

#[test]
fn the_offer_of_browsers_is_met() {
    let browser = ["permessage-deflate; client_max_window_bits"];
    assert_eq!(answer(&browser, &ANY).as_deref(), Some("permessage-deflate"));
    assert_eq!(params(&browser, &ANY), Params::default());
    let shared = Preference { server_no_context_takeover: true, client_no_context_takeover: true, ..ANY };
    assert_eq!(
        answer(&browser, &shared).as_deref(),
        Some("permessage-deflate; server_no_context_takeover; client_no_context_takeover")
    );
    let small = Preference { server_max_window_bits: 10, client_max_window_bits: 9, ..ANY };
    assert_eq!(
        answer(&browser, &small).as_deref(),
        Some("permessage-deflate; server_max_window_bits=10; client_max_window_bits=9")
    );
}

#[test]
fn what_is_asked_for_is_answered() {
    let asked = "permessage-deflate; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=12";
    assert_eq!(answer(&[asked], &ANY).as_deref(), Some(asked));
    let widest = "permessage-deflate; server_max_window_bits=15";
    assert_eq!(answer(&[widest], &ANY).as_deref(), Some(widest));
    // A narrower window than asked for is an answer too, a wider one is not.
    let narrow = Preference { server_max_window_bits: 9, ..ANY };
    assert_eq!(params(&[widest], &narrow).server_max_window_bits, 9);
    assert_eq!(params(&["permessage-deflate; server_max_window_bits=9"], &ANY).server_max_window_bits, 9);
}

#[test]
fn only_a_client_that_can_is_told_to_write_a_narrow_window() {
    let narrow = Preference { client_max_window_bits: 10, ..ANY };
    assert_eq!(answer(&["permessage-deflate"], &narrow).as_deref(), Some("permessage-deflate"));
    assert_eq!(params(&["permessage-deflate"], &narrow).client_max_window_bits, 15);
    assert_eq!(params(&["permessage-deflate; client_max_window_bits"], &narrow).client_max_window_bits, 10);
    assert_eq!(params(&["permessage-deflate; client_max_window_bits=12"], &narrow).client_max_window_bits, 10);
    assert_eq!(params(&["permessage-deflate; client_max_window_bits=8"], &narrow).client_max_window_bits, 8);
    assert_eq!(params(&["permessage-deflate; client_max_window_bits=8"], &ANY).client_max_window_bits, 8);
}

#[test]
fn the_first_offer_that_can_be_met_is_met() {
    let fallback = "permessage-deflate; server_max_window_bits=8, permessage-deflate; server_no_context_takeover";
    assert_eq!(answer(&[fallback], &ANY).as_deref(), Some("permessage-deflate; server_no_context_takeover"));
    let headers = ["foo", "permessage-deflate; bar", "permessage-deflate; server_max_window_bits=10"];
    assert_eq!(answer(&headers, &ANY).as_deref(), Some("permessage-deflate; server_max_window_bits=10"));
    // What is no list says nothing, and takes nothing from the others.
    assert_eq!(answer(&["permessage-deflate; =", "permessage-deflate"], &ANY).as_deref(), Some("permessage-deflate"));
}

#[test]
fn wrong_and_repeated_parameters_decline_an_offer() {
    let wrong = [
        "unknown",
        "server_no_context_takeover=1",
        "client_no_context_takeover=\"a\"",
        "server_no_context_takeover; server_no_context_takeover",
        "client_no_context_takeover; client_no_context_takeover",
        "client_max_window_bits; client_max_window_bits=10",
        "server_max_window_bits=10; server_max_window_bits=10",
        "server_max_window_bits",
        "server_max_window_bits=8",
        "server_max_window_bits=16",
        "server_max_window_bits=010",
        "server_max_window_bits=+10",
        "server_max_window_bits=1e1",
        "client_max_window_bits=7",
        "client_max_window_bits=16",
        "client_max_window_bits=256",
        "client_max_window_bits=08",
        "Server_No_Context_Takeover",
    ];
    for params in wrong {
        assert_eq!(answer(&[&format!("permessage-deflate; {params}")], &ANY), None, "{params}");
    }
    let quoted = "permessage-deflate; server_max_window_bits=\"10\"";
    assert_eq!(answer(&[quoted], &ANY).as_deref(), Some("permessage-deflate; server_max_window_bits=10"));
}

#[test]
fn an_offer_is_written_and_its_answer_understood() {
    assert_eq!(PLAIN.header(), "permessage-deflate");
    let browser = Offer { client_max_window_bits: Some(15), ..PLAIN };
    assert_eq!(browser.header(), "permessage-deflate; client_max_window_bits");
    let much = Offer {
        server_no_context_takeover: true,
        client_no_context_takeover: true,
        server_max_window_bits: 10,
        client_max_window_bits: Some(11),
    };
    let header = much.header();
    let expected = "permessage-deflate; server_no_context_takeover; client_no_context_takeover; \
        server_max_window_bits=10; client_max_window_bits=11";
    assert_eq!(header, expected);
    let preferences = [
        ANY,
        Preference { server_max_window_bits: 9, client_max_window_bits: 9, ..ANY },
        Preference { server_no_context_takeover: true, client_no_context_takeover: true, ..ANY },
    ];
    for offer in [PLAIN, browser, much] {
        for preference in preferences {
            let header = offer.header();
            let (params, answer) = negotiate([header.as_str()].into_iter(), &preference).unwrap();
            assert_eq!(offer.accept([answer.as_str()].into_iter()), Ok(Some(params)), "{offer:?} {preference:?}");
        }
    }
}

#[test]
fn an_answer_that_was_not_asked_for_fails() {
    let accept = |offer: &Offer, answers: &[&str]| offer.accept(answers.iter().copied());
    assert_eq!(accept(&PLAIN, &[]), Ok(None));
    assert_eq!(accept(&PLAIN, &["permessage-deflate"]), Ok(Some(Params::default())));
    let wrong: [&[&str]; 8] = [
        &["permessage-bzip2"],
        &["permessage-deflate, permessage-deflate"],
        &["permessage-deflate", "permessage-deflate"],
        &["permessage-deflate; client_max_window_bits=10"],
        &["permessage-deflate; client_max_window_bits"],
        &["permessage-deflate; unknown"],
        &["permessage-deflate; server_max_window_bits"],
        &["permessage-deflate;"],
    ];
    for answers in wrong {
        assert_eq!(accept(&PLAIN, answers), Err(Mismatch), "{answers:?}");
    }
    let asked = Offer { server_no_context_takeover: true, server_max_window_bits: 10, ..PLAIN };
    for answer in [
        "permessage-deflate",
        "permessage-deflate; server_no_context_takeover",
        "permessage-deflate; server_max_window_bits=10",
        "permessage-deflate; server_no_context_takeover; server_max_window_bits=11",
    ] {
        assert_eq!(accept(&asked, &[answer]), Err(Mismatch), "{answer}");
    }
    // We cannot write a window of 8 bits, nor a wider one than we said.
    let bounded = Offer { client_max_window_bits: Some(10), ..PLAIN };
    for (bits, fine) in [(8, false), (9, true), (10, true), (11, false)] {
        let answer = format!("permessage-deflate; client_max_window_bits={bits}");
        assert_eq!(accept(&bounded, &[&answer]).is_ok(), fine, "{bits}");
    }
    // To read one is no trouble.
    let narrow = accept(&PLAIN, &["permessage-deflate; server_max_window_bits=8"]).unwrap().unwrap();
    assert_eq!(narrow.server_max_window_bits, 8);
}
