//! The words of the lesson about the handshake, in every language, checked by the compiler.

use super::super::course::Prose;
use crate::i18n::Lang;

type Text = &'static str;

pub(in super::super) struct Words {
    pub prose: Prose,
    pub open: Text,
    pub request: Text,
    pub response: Text,
    pub none: Text,
    pub guid: Text,
    pub joined: Text,
    pub no_answer: Text,
    pub same: Text,
    pub differs: Text,
    pub reset: Text,
}

const EN: Words = Words {
    prose: Prose {
        title: "The handshake",
        lead: "A WebSocket begins as an HTTP request. The server sends back here what it has read and written, \
               and the answer to the key is worked out again, step by step.",
        notice: &[
            "`Upgrade: websocket` asks to go on with another protocol; `101 Switching Protocols` agrees. \
             After the empty line there is no HTTP any more.",
            "`Sec-WebSocket-Key` is 16 random bytes in Base64, new for each connection.",
            "`Sec-WebSocket-Accept` proves that the server has understood: a cache or a plain HTTP server would not \
             know what to do with the key. It is no secret and no security.",
            "The browser sends `Origin` and the cookies of the site by itself. A page can add nothing but subprotocols.",
            "Over HTTP/2 there is no key: the connection is opened with `CONNECT` (RFC 8441).",
        ],
        tasks: &[
            (
                "Change one letter of the GUID. What would the browser do?",
                "Fail the connection: `error`, then `close` with 1006.",
            ),
            (
                "Why is a key needed at all?",
                "So that an answer from a cache, or from a server that was tricked into repeating bytes, is not taken for a \
                 WebSocket.",
            ),
            (
                "How does one send a token with the handshake from a page?",
                "In a cookie, in the address, in a subprotocol, or in the first message. `Authorization` cannot be set.",
            ),
        ],
    },
    open: "Connect",
    request: "Request, as the server read it",
    response: "Response, as the server wrote it",
    none: "Not connected yet",
    guid: "GUID of RFC 6455",
    joined: "Key and GUID",
    no_answer: "The example of RFC 6455. Connect to see the key of a real connection.",
    same: "The server has sent the same.",
    differs: "Not what the server has sent: ",
    reset: "Back to what was sent",
};

const ZH: Words = Words {
    prose: Prose {
        title: "握手",
        lead: "WebSocket 以一个 HTTP 请求开始。服务器把它读到和写出的内容送回这里，并逐步重算对密钥的回答。",
        notice: &[
            "`Upgrade: websocket` 请求改用另一种协议，`101 Switching Protocols` 表示同意。空行之后不再有 HTTP。",
            "`Sec-WebSocket-Key` 是 16 个随机字节的 Base64，每个连接都不同。",
            "`Sec-WebSocket-Accept` 证明服务器听懂了：缓存或普通 HTTP 服务器不会知道如何处理密钥。它不是秘密，也不提供安全。",
            "浏览器会自动发送 `Origin` 和该站点的 cookie。页面除了子协议，什么也加不了。",
            "在 HTTP/2 上没有密钥：连接以 `CONNECT` 打开（RFC 8441）。",
        ],
        tasks: &[
            ("改动 GUID 的一个字母。浏览器会怎么做？", "使连接失败：`error`，然后是 `close` 1006。"),
            ("为什么需要密钥？", "这样，来自缓存的回答，或被诱骗而重复字节的服务器的回答，就不会被当作 WebSocket。"),
            ("页面如何在握手时发送令牌？", "放在 cookie、地址、子协议或第一条消息里。`Authorization` 无法设置。"),
        ],
    },
    open: "连接",
    request: "请求，服务器所读到的",
    response: "响应，服务器所写出的",
    none: "尚未连接",
    guid: "RFC 6455 的 GUID",
    joined: "密钥与 GUID",
    no_answer: "RFC 6455 中的例子。连接后可看到真实连接的密钥。",
    same: "与服务器所发送的相同。",
    differs: "与服务器所发送的不同：",
    reset: "恢复为实际发送的",
};

pub(in super::super) const fn words(lang: Lang) -> &'static Words {
    match lang {
        Lang::En => &EN,
        Lang::Zh => &ZH,
    }
}
