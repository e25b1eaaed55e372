//! The words of the lesson about closing, in every language, checked by the compiler.

use super::super::course::Prose;
use crate::i18n::Lang;

type Text = &'static str;

pub(in super::super) struct Words {
    pub prose: Prose,
    pub heads: [Text; 6],
    pub code: Text,
    pub reason: Text,
    pub run: Text,
    pub next: Text,
    pub yours: Text,
    pub waits: Text,
    pub faults: [Text; 3],
    /// By [`super::whose`].
    pub whose: [Text; 7],
}

const EN: Words = Words {
    prose: Prose {
        title: "Closing well and badly",
        lead: "Nine ways to end a connection. Each row runs one of them and keeps what the page was told: \
               the order of events, code, reason and `wasClean`.",
        notice: &[
            "A page may close with 1000 or 3000 to 4999. Any other code throws `InvalidAccessError`; the connection stays open.",
            "A reason has at most 123 bytes of UTF-8, not characters: 62 × “é” is 124 bytes and throws `SyntaxError`.",
            "`wasClean` is true when both sides have sent a Close frame. `close()` without a code gives 1005: there was a \
             Close, and it carried no code.",
            "1006 never crosses the wire. The browser makes it up when there was no Close frame.",
            "A handshake that fails brings `error`, then `close` with 1006. A TCP connection that breaks after `open` \
             may bring `close` alone.",
        ],
        tasks: &[
            (
                "The server refused with status 403. What does the page know of that?",
                "Nothing but 1006. The standard forbids to tell a refusal, a wrong name, a bad certificate and a dead port \
                 apart: a page could search the reader's network with it.",
            ),
            (
                "Which code should your own protocol use for “you were signed out”?",
                "One from 4000 to 4999; these are free for private use. 3000 to 3999 are registered with IANA.",
            ),
            (
                "Why does `close()` against `/labs/never-close` take so long?",
                "The browser waits for the Close of the server, and gives up after a time of its own. Until then the \
                 state is CLOSING; in the end it says 1006.",
            ),
        ],
    },
    heads: ["What ends it", "Order of events", "code", "reason", "wasClean", "Whose doing"],
    code: "Close code",
    reason: "Reason, at most 123 bytes",
    run: "Open and close",
    next: "Run the next one",
    yours: "your own",
    waits: "Still CLOSING: the browser waits for the Close of the server.",
    faults: [
        "Code 1000 or 3000 to 4999, and at most 123 bytes of UTF-8.",
        "This code throws InvalidAccessError: only 1000 and 3000 to 4999 are allowed.",
        "This reason throws SyntaxError: it has more than 123 bytes of UTF-8.",
    ],
    whose: [
        "The page closed, and the server answered with the same code.",
        "The page's close() threw; the page then closed with 1000.",
        "The server closed, and the browser answered.",
        "Somebody broke the connection: no Close frame came. The page cannot tell who.",
        "The page closed; no answer came, and the browser gave up.",
        "The handshake failed: there was never a WebSocket. The page is not told why.",
        "A Close without a code was exchanged.",
    ],
};

const ZH: Words = Words {
    prose: Prose {
        title: "好的关闭与坏的关闭",
        lead: "结束连接的九种方式。每一行运行其中一种，并记下页面得知的内容：事件顺序、code、reason 和 `wasClean`。",
        notice: &[
            "页面只能用 1000 或 3000 至 4999 关闭。其他代码会抛出 `InvalidAccessError`，连接保持打开。",
            "原因最多 123 字节的 UTF-8，不是字符数：62 个“é”是 124 字节，会抛出 `SyntaxError`。",
            "双方都发送了 Close 帧时，`wasClean` 为 true。不带代码的 `close()` 得到 1005：有 Close，但其中没有代码。",
            "1006 从不在线路上传输。没有收到 Close 帧时，由浏览器给出。",
            "握手失败会先有 `error`，再有 `close` 1006。`open` 之后 TCP 中断，可能只有 `close`。",
        ],
        tasks: &[
            (
                "服务器以状态码 403 拒绝。页面对此知道什么？",
                "除了 1006 一无所知。标准禁止区分拒绝、名称错误、证书错误和无人监听的端口，否则页面可借此探测读者的内网。",
            ),
            (
                "你自己的协议要表示“你已退出登录”，应使用哪个代码？",
                "4000 至 4999 中的一个，这一段供私人使用。3000 至 3999 需在 IANA 注册。",
            ),
            (
                "对 `/labs/never-close` 调用 `close()`，为什么要这么久？",
                "浏览器等待服务器的 Close，过了自己的期限才放弃。在此之前状态是 CLOSING，最后给出 1006。",
            ),
        ],
    },
    heads: ["结束方式", "事件顺序", "code", "reason", "wasClean", "由谁所为"],
    code: "关闭代码",
    reason: "原因，最多 123 字节",
    run: "打开并关闭",
    next: "运行下一项",
    yours: "自己填写",
    waits: "仍为 CLOSING：浏览器在等待服务器的 Close。",
    faults: [
        "代码为 1000 或 3000 至 4999，原因最多 123 字节的 UTF-8。",
        "此代码会抛出 InvalidAccessError：只允许 1000 和 3000 至 4999。",
        "此原因会抛出 SyntaxError：超过 123 字节的 UTF-8。",
    ],
    whose: [
        "页面关闭，服务器以相同代码回应。",
        "页面的 close() 抛出异常；随后页面以 1000 关闭。",
        "服务器关闭，浏览器作了回应。",
        "连接被中断：没有收到 Close 帧。页面无从得知是谁。",
        "页面关闭，没有收到回应，浏览器放弃等待。",
        "握手失败：WebSocket 从未建立。页面不会得知原因。",
        "双方交换了不带代码的 Close。",
    ],
};

pub(in super::super) const fn words(lang: Lang) -> &'static Words {
    match lang {
        Lang::En => &EN,
        Lang::Zh => &ZH,
    }
}
