//! The second factor: by time, each code once; on paper, each code once.

use std::time::{SystemTime, UNIX_EPOCH};

use common::api::account::{RecoveryCodes, TwoFactorStart};
use serde_json::json;
use totp_rs::{Algorithm, Builder, Secret};

use crate::support::http;
use crate::support::people::{self, PASSWORD, ask, fault, me, refusal, sign_up, try_sign_in};

const LINE: &str = "/api/v1/me/two-factor";

fn seconds() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

/// What an authenticator shows so many seconds from now.
fn code(secret: &str, from_now: i64) -> String {
    let builder = Builder::new().with_algorithm(Algorithm::SHA1).with_digits(6).with_step_duration(30);
    let totp = builder.with_secret(Secret::try_from_base32(secret).unwrap()).build().unwrap();
    totp.generate(seconds().checked_add_signed(from_now).unwrap()).to_string()
}

#[tokio::test]
async fn each_code_counts_once_and_a_recovery_code_replaces_one() {
    let server = people::open_server().await;
    let address = server.address;
    let maya = sign_up(address, "maya").await;
    let password = json!({ "password": PASSWORD });
    let wrong = ask(address, &format!("POST {LINE}"), &maya, &json!({ "password": "not this one" })).await;
    assert_eq!(fault(&wrong), (422, "password: does not match".to_owned()));
    let too_early = ask(address, &format!("PUT {LINE}"), &maya, &json!({ "code": "123456" })).await;
    assert_eq!(fault(&too_early), (422, "code: does not match".to_owned()));
    let begun: TwoFactorStart = ask(address, &format!("POST {LINE}"), &maya, &password).await.json();
    assert_eq!(begun.uri, format!("otpauth://totp/Readyroom:maya?secret={}&issuer=Readyroom", begun.secret));
    assert!(begun.qr.starts_with("<svg") && !begun.qr.contains("script"));
    // Nothing is asked for until it has been shown to work.
    assert_eq!(try_sign_in(address, "maya", PASSWORD, None).await.status, 201);
    let first = code(&begun.secret, 0);
    let on = ask(address, &format!("PUT {LINE}"), &maya, &json!({ "code": first })).await;
    let codes = on.json::<RecoveryCodes>().codes;
    assert_eq!(codes.len(), 10);
    assert!(me(address, &maya).await.unwrap().two_factor);
    assert_eq!(ask(address, &format!("POST {LINE}"), &maya, &password).await.status, 409, "it is on");

    let asked = try_sign_in(address, "maya", PASSWORD, None).await;
    assert_eq!(refusal(&asked), (401, "second_factor".to_owned()));
    assert!(asked.header("set-cookie").is_empty());
    let bad = try_sign_in(address, "maya", "not this one", Some(&first)).await;
    assert_eq!(refusal(&bad), (401, "bad_credentials".to_owned()), "the password first");
    let replayed = try_sign_in(address, "maya", PASSWORD, Some(&first)).await;
    assert_eq!(refusal(&replayed), (401, "second_factor".to_owned()));
    assert_eq!(fault(&replayed), (401, "code: does not match".to_owned()), "it has been used");
    let next = code(&begun.secret, 30);
    assert_eq!(try_sign_in(address, "maya", PASSWORD, Some(&next)).await.status, 201);
    assert_eq!(try_sign_in(address, "maya", PASSWORD, Some(&next)).await.status, 401, "once");
    assert_eq!(try_sign_in(address, "maya", PASSWORD, Some(&codes[3].to_uppercase())).await.status, 201);
    assert_eq!(try_sign_in(address, "maya", PASSWORD, Some(&codes[3])).await.status, 401, "once");

    let off = format!("DELETE {LINE}");
    assert_eq!(ask(address, &off, &maya, &json!({ "password": "not this one" })).await.status, 422);
    assert_eq!(ask(address, &off, &maya, &password).await.status, 204);
    assert!(!me(address, &maya).await.unwrap().two_factor);
    assert_eq!(try_sign_in(address, "maya", PASSWORD, None).await.status, 201);

    let guest = http::come_in(address, "Gus").await;
    assert_eq!(ask(address, &format!("POST {LINE}"), &guest, &password).await.status, 403);
    let data = server.stop().await;
    let file = std::fs::read(data.path().join("readyroom.db")).unwrap();
    for code in &codes {
        assert!(!file.windows(code.len()).any(|window| window == code.as_bytes()), "a code is in the file");
    }
}
