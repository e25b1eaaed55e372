//! The words of the lesson about subprotocols, in every language, checked by the compiler.

use super::super::course::Prose;
use crate::i18n::Lang;

type Text = &'static str;

pub(in super::super) struct Words {
    pub prose: Prose,
    pub offer: Text,
    pub open: Text,
    pub none: Text,
    pub failed: Text,
}

const EN: Words = Words {
    prose: Prose {
        title: "Subprotocols",
        lead: "Client and server agree on a language within the handshake. Choose what is offered and in which order; \
               this server takes the first of your list that it knows: `echo.v1`, `json`, `chat.v1` or `text`.",
        notice: &[
            "The offer is one header, `Sec-WebSocket-Protocol`, with all names. The answer has one name or no header.",
            "The order is the client's wish. How a server chooses is its own rule; many take the first they know.",
            "If you offer names and the server chooses none, the browser fails the connection: 1006, though the server \
             said 101. Without an offer the same server is fine.",
            "A name twice, or one with a space or a comma, throws `SyntaxError` before anything is sent.",
        ],
        tasks: &[
            (
                "Offer only `mqtt`. What did the server answer, and what does the page see?",
                "The server answered 101 without `Sec-WebSocket-Protocol`. The page sees `error`, then `close` with 1006.",
            ),
            (
                "Offer `json` before `echo.v1`, then after it. Does the choice follow?",
                "Yes: this server reads your list from the front.",
            ),
            (
                "Some put a token there, as `[\"json\", \"token.abc\"]`. Why, and what is the price?",
                "It is the one header of the handshake that a page may set. The server must choose `json` and not echo \
                 the token, and the token may stand in logs of servers and proxies between.",
            ),
        ],
    },
    offer: "Offer, in the order in which you choose them:",
    open: "Connect",
    none: "ws.protocol = \"\": nothing was offered and nothing agreed on.",
    failed: "No agreement: the browser has failed the connection.",
};

const ZH: Words = Words {
    prose: Prose {
        title: "子协议",
        lead: "客户端与服务器在握手时商定所用的语言。请选择要提供的名称及其顺序；本服务器取你列表中第一个它认识的：\
               `echo.v1`、`json`、`chat.v1` 或 `text`。",
        notice: &[
            "提供的全部名称都在一个标头 `Sec-WebSocket-Protocol` 里。回应中只有一个名称，或没有这个标头。",
            "顺序表达客户端的愿望。服务器如何选择由它自己决定，许多服务器取第一个认识的。",
            "如果你提供了名称而服务器一个都没选，浏览器会使连接失败：1006，尽管服务器回应了 101。不提供名称时，同一服务器一切正常。",
            "名称重复，或含有空格、逗号，会在发送任何内容之前抛出 `SyntaxError`。",
        ],
        tasks: &[
            (
                "只提供 `mqtt`。服务器回应了什么，页面看到了什么？",
                "服务器回应 101，但没有 `Sec-WebSocket-Protocol`。页面看到 `error`，然后是 `close` 1006。",
            ),
            ("先把 `json` 放在 `echo.v1` 之前，再放在之后。选择会随之改变吗？", "会：本服务器从头读取你的列表。"),
            (
                "有人把令牌放在这里，如 `[\"json\", \"token.abc\"]`。为什么，代价是什么？",
                "这是页面在握手中唯一能设置的标头。服务器必须选择 `json` 而不是把令牌送回，而且令牌可能留在沿途服务器和代理的日志里。",
            ),
        ],
    },
    offer: "按选择的顺序提供：",
    open: "连接",
    none: "ws.protocol = \"\"：没有提供，也没有商定。",
    failed: "未能商定：浏览器已使连接失败。",
};

pub(in super::super) const fn words(lang: Lang) -> &'static Words {
    match lang {
        Lang::En => &EN,
        Lang::Zh => &ZH,
    }
}
