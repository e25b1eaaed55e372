//! Asking for the upgrade in a dialect's way; `wire` words the request and judges the answer.

use wire::handshake;

use crate::load::dialect::Request;

/// The key of every handshake: chance would prove nothing here (RFC 6455, section 1.3, has this one).
const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";

/// Does something with the request.
pub(super) fn with<T>(asked: Request<'_>, host: &str, act: impl FnOnce(handshake::Request<'_>) -> T) -> T {
    let Request { path, subprotocol, cookie, deflate } = asked;
    act(handshake::Request {
        host,
        target: path,
        key: KEY,
        subprotocols: subprotocol.as_slice(),
        deflate,
        headers: cookie.map(|cookie| ("Cookie", cookie)).as_slice(),
    })
}
