//! The words of the lesson about text and binary, in every language, checked by the compiler.

use super::super::course::Prose;
use crate::i18n::Lang;

type Text = &'static str;

pub(in super::super) struct Words {
    pub prose: Prose,
    pub text: Text,
    pub heads: [Text; 4],
    pub all: Text,
    pub open: Text,
    pub bad: Text,
}

const EN: Words = Words {
    prose: Prose {
        title: "Text and binary",
        lead: "A message is either text or bytes; the frame says which. Type something, see how many bytes it is, \
               and send the same bytes as a string, a `Blob` and an `ArrayBuffer`.",
        notice: &[
            "A string goes out as a text frame in UTF-8. `\"😀\".length` is 2, and it is four bytes on the wire.",
            "`Blob` and `ArrayBuffer` both go out as a binary frame. The other side cannot tell them apart.",
            "How bytes arrive is your choice, by `binaryType`: `blob` unless you say otherwise. It may be changed while the \
             socket is open, and counts for the messages that come after.",
            "Text is always a string, whatever `binaryType` says.",
            "Text that is no UTF-8 ends the connection. The browser sends Close 1007 to the server, and tells the page 1006.",
        ],
        tasks: &[
            (
                "Send as `Blob`, switch to `arraybuffer`, send again. What is in the log?",
                "First `Blob(n)`, then `ArrayBuffer(n)` with its bytes. The bytes of a `Blob` have to be asked for with a \
                 promise.",
            ),
            (
                "A limit says “at most 4,000 characters”. Characters of what?",
                "Say which: code points, UTF-16 units (`length`) or bytes. They differ by up to four times, and people see \
                 graphemes, which are none of these.",
            ),
            (
                "Is Base64 in a text message a way to send bytes?",
                "It works, and costs a third more. A binary message needs none of it.",
            ),
        ],
    },
    text: "Text to send",
    heads: ["Character", "Code point", "UTF-16", "UTF-8"],
    all: "together",
    open: "Connect",
    bad: "A server that sends bytes that are no UTF-8 as text:",
};

const ZH: Words = Words {
    prose: Prose {
        title: "文本与二进制",
        lead: "一条消息要么是文本，要么是字节，由帧说明。请输入一些内容，看它有多少字节，再把同样的字节作为字符串、`Blob` 和 `ArrayBuffer` 发送。",
        notice: &[
            "字符串以 UTF-8 的文本帧发出。`\"😀\".length` 是 2，在线路上是四个字节。",
            "`Blob` 和 `ArrayBuffer` 都以二进制帧发出，对方无法区分。",
            "字节以何种形式到达由你通过 `binaryType` 选择，默认是 `blob`。连接打开时可以更改，对之后的消息生效。",
            "无论 `binaryType` 如何，文本总是字符串。",
            "不是 UTF-8 的文本会终止连接。浏览器向服务器发送 Close 1007，却告诉页面 1006。",
        ],
        tasks: &[
            (
                "以 `Blob` 发送，切换到 `arraybuffer`，再发送一次。记录中有什么？",
                "先是 `Blob(n)`，然后是带有字节的 `ArrayBuffer(n)`。`Blob` 的字节要通过 promise 读取。",
            ),
            (
                "某个上限写着“最多 4,000 个字符”。是哪种字符？",
                "要说清楚：码点、UTF-16 单元（`length`）还是字节。它们可相差四倍，而人们看到的是字素，三者都不是。",
            ),
            ("在文本消息里用 Base64，算是发送字节的办法吗？", "可行，但要多花三分之一。二进制消息完全不需要它。"),
        ],
    },
    text: "要发送的文本",
    heads: ["字符", "码点", "UTF-16", "UTF-8"],
    all: "合计",
    open: "连接",
    bad: "服务器把不是 UTF-8 的字节当作文本发送：",
};

pub(in super::super) const fn words(lang: Lang) -> &'static Words {
    match lang {
        Lang::En => &EN,
        Lang::Zh => &ZH,
    }
}
