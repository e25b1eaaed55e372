//! The words of the lesson about backpressure, in every language, checked by the compiler.

use super::super::course::Prose;
use crate::i18n::Lang;

type Text = &'static str;

pub(in super::super) struct Words {
    pub prose: Prose,
    pub start: Text,
    pub target: Text,
    pub rude: Text,
    pub polite: Text,
    pub peak: Text,
    pub back: Text,
    pub receiving: Text,
    pub flood: Text,
    pub no_stream: Text,
}

const EN: Words = Words {
    prose: Prose {
        title: "bufferedAmount and backpressure",
        lead: "`send()` never waits: it puts the message into a queue of the browser. `bufferedAmount` is how much of it \
               is not yet handed to the system. Two senders have 64 MiB each; one looks at it, one does not.",
        notice: &[
            "The rude sender has everything in memory at once. The polite one waits while more than 1 MiB is queued, and \
             is hardly slower.",
            "`bufferedAmount` counts payload only, neither headers nor compression.",
            "There is no event for it. Look at it in a timer or at each frame, as this page does.",
            "Against `/labs/stall`, which never reads, it falls a little, for the system has buffers too, and then stands.",
            "After `close()` it only grows: what is sent then is counted and never leaves.",
            "A page that receives cannot say “slower”: `onmessage` comes as fast as the server sends. `WebSocketStream` \
             hands over a message when it is asked, and what is not asked for makes the server wait in the end.",
        ],
        tasks: &[
            (
                "Start against `/labs/stall` and press `close()` on the rude sender. Why does it not end?",
                "Close waits in the queue behind all the messages. Nobody reads them, so that the state stays CLOSING \
                 until the browser gives up.",
            ),
            (
                "Does `bufferedAmount` 0 mean that the message has arrived?",
                "No. It has left the browser for the system. Only an answer of the other side says that it arrived.",
            ),
            (
                "How would you let a receiver slow its sender without `WebSocketStream`?",
                "By your own messages: the receiver says how many more it takes, and the sender sends no more than that.",
            ),
        ],
    },
    start: "Send 64 MiB, both",
    target: "Where to",
    rude: "Rude: all at once",
    polite: "Polite: waits above 1 MiB",
    peak: "peak",
    back: "came back",
    receiving: "Receiving: 2,000 messages a second, read 50 times a second",
    flood: "Receive for 10 s",
    no_stream: "This browser does not have it.",
};

const ZH: Words = Words {
    prose: Prose {
        title: "bufferedAmount 与背压",
        lead: "`send()` 从不等待：它把消息放进浏览器的队列。`bufferedAmount` 是其中尚未交给系统的部分。\
               两个发送者各有 64 MiB，一个会看它，一个不看。",
        notice: &[
            "鲁莽的发送者把一切同时放在内存里。有礼的发送者在排队超过 1 MiB 时等待，却几乎不慢。",
            "`bufferedAmount` 只计算有效载荷，不含帧头，也不计压缩。",
            "它没有对应的事件。要用定时器或在每一帧查看，本页正是如此。",
            "对从不读取的 `/labs/stall`，它会先降一点，因为系统也有缓冲区，随后停住不动。",
            "`close()` 之后它只增不减：此后发送的内容会被计入，却永远不会发出。",
            "接收的页面无法说“慢一点”：服务器发得多快，`onmessage` 就来得多快。`WebSocketStream` 在被询问时才交出一条消息，\
             没有被取走的最终会让服务器等待。",
        ],
        tasks: &[
            (
                "对 `/labs/stall` 开始发送，并在鲁莽的发送者上按 `close()`。为什么它不结束？",
                "Close 排在所有消息之后。没有人读取，所以状态一直是 CLOSING，直到浏览器放弃。",
            ),
            (
                "`bufferedAmount` 为 0 是否表示消息已送达？",
                "不是。它只是离开浏览器进入了系统。只有对方的回应才说明已送达。",
            ),
            (
                "没有 `WebSocketStream` 时，怎样让接收者使发送者放慢？",
                "用你自己的消息：接收者说明还能收多少条，发送者不超过这个数。",
            ),
        ],
    },
    start: "双方各发送 64 MiB",
    target: "发往",
    rude: "鲁莽：一次全部发出",
    polite: "有礼：超过 1 MiB 就等待",
    peak: "峰值",
    back: "已返回",
    receiving: "接收：每秒 2,000 条消息，每秒读取 50 次",
    flood: "接收 10 秒",
    no_stream: "此浏览器不支持。",
};

pub(in super::super) const fn words(lang: Lang) -> &'static Words {
    match lang {
        Lang::En => &EN,
        Lang::Zh => &ZH,
    }
}
