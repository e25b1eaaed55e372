//! The words of the lesson about states, in every language, checked by the compiler.

use super::super::course::Prose;
use crate::i18n::Lang;

type Text = &'static str;

pub(in super::super) struct Words {
    pub prose: Prose,
    pub opens: [Text; 3],
    pub throws: Text,
    pub sends: Text,
    pub drops: Text,
}

const EN: Words = Words {
    prose: Prose {
        title: "The four states",
        lead: "A WebSocket goes through four states and never back. Here each of them can be made to last, \
               and `send()` can be tried in each.",
        notice: &[
            "`new WebSocket()` returns at once. The object is CONNECTING, and nothing is known of the server yet.",
            "`send()` in CONNECTING throws `InvalidStateError`. Wait for `open`.",
            "`send()` in CLOSING and CLOSED throws nothing and sends nothing. Only `bufferedAmount` grows: that is how \
             one can tell that the message is lost.",
            "`close()` does not close. It sends a Close frame and waits for the answer; until then the state is CLOSING.",
            "`close()` in CONNECTING fails the connection: `error`, then `close` with 1006.",
        ],
        tasks: &[
            (
                "Open slowly and press `close()` before the three seconds are over. Which events come?",
                "`error`, then `close` with code 1006 and `wasClean: false`. OPEN is struck out on the track: it was never \
                 reached.",
            ),
            (
                "Open the server that never answers a Close, press `close()`, then `send()`. Where did the message go?",
                "Nowhere. The page has promised with its Close to send nothing more, so that the browser drops it. \
                 Messages that arrive are still heard.",
            ),
            (
                "How does one use a socket again after CLOSED?",
                "One does not. A new connection is a new object, and messages that must arrive have to be kept until \
                 something on the other side has said so.",
            ),
        ],
    },
    opens: ["Open", "Open slowly (3 s)", "Open a server that never answers Close"],
    throws: "throws ",
    sends: "sends it",
    drops: "throws nothing, sends nothing",
};

const ZH: Words = Words {
    prose: Prose {
        title: "四种状态",
        lead: "WebSocket 依次经过四种状态，从不回头。这里可以让每种状态停留一段时间，并在每种状态下试用 `send()`。",
        notice: &[
            "`new WebSocket()` 立即返回。此时对象处于 CONNECTING，对服务器还一无所知。",
            "在 CONNECTING 时调用 `send()` 会抛出 `InvalidStateError`。请等待 `open`。",
            "在 CLOSING 和 CLOSED 时调用 `send()`，既不抛出异常，也不发送。只有 `bufferedAmount` 增长：由此可知消息已丢失。",
            "`close()` 并不会立刻关闭。它发送 Close 帧并等待回应，在此之前状态是 CLOSING。",
            "在 CONNECTING 时调用 `close()` 会使连接失败：先 `error`，后 `close`，代码 1006。",
        ],
        tasks: &[
            (
                "缓慢打开，在三秒之内按 `close()`。会有哪些事件？",
                "`error`，然后是 `close`，代码 1006，`wasClean: false`。轨道上的 OPEN 被划掉：从未到达。",
            ),
            (
                "打开从不回应 Close 的服务器，按 `close()`，再按 `send()`。消息去了哪里？",
                "哪里也没去。页面发出 Close 即承诺不再发送，所以浏览器把它丢弃。到达的消息仍会收到。",
            ),
            (
                "CLOSED 之后如何再次使用同一个套接字？",
                "不能。新连接就是新对象。必须送达的消息要一直保留，直到对方确认收到。",
            ),
        ],
    },
    opens: ["打开", "缓慢打开（3 秒）", "打开从不回应 Close 的服务器"],
    throws: "抛出 ",
    sends: "已发送",
    drops: "不抛出异常，也不发送",
};

pub(in super::super) const fn words(lang: Lang) -> &'static Words {
    match lang {
        Lang::En => &EN,
        Lang::Zh => &ZH,
    }
}
