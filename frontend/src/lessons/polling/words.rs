//! The words of the lesson about polling, in every language, checked by the compiler.

use super::super::course::Prose;
use crate::i18n::Lang;

type Text = &'static str;

pub(in super::super) struct Words {
    pub prose: Prose,
    pub made: Text,
    pub ways: [Text; 4],
    pub heads: [Text; 9],
    pub counted: Text,
    pub over: Text,
}

const EN: Words = Words {
    prose: Prose {
        title: "Why not polling",
        lead: "Four ways to the same news, side by side. The server makes an item of news now and then, \
               and counts what each way costs.",
        notice: &[
            "Polling asks every second, and most answers are empty. Each of them costs the head of a request and of an answer.",
            "Polled news are half a second old on average: they wait for the next question. The other three are told at once.",
            "Long polling pays a whole request for each item. The event stream and the WebSocket pay once, at the beginning.",
            "A short message of the server over a WebSocket carries 2 bytes of header, and the same connection takes what \
             the page has to say.",
        ],
        tasks: &[
            (
                "What happens to bytes and age if one polls twice as often?",
                "The bytes double and the age halves. No interval is both cheap and fresh.",
            ),
            (
                "When is the event stream the better choice?",
                "When only the server speaks and only text: it is plain HTTP, and the browser reconnects by itself and \
                 says what it has had last (`Last-Event-ID`).",
            ),
            (
                "When is polling the better choice?",
                "When news are rare and may be late, or when one answer, kept in a cache, serves many.",
            ),
        ],
    },
    made: "News made so far: ",
    ways: ["Polling, 1 s", "Long polling", "Event stream", "WebSocket"],
    heads: ["Way", "Requests", "Bytes in", "Bytes out", "Together", "Newest", "Mean age", "Oldest", "Bytes per item"],
    counted: "Counted at the server, heads and frames included; ages are those of the moment when the server wrote an item. \
              A race ends after five minutes.",
    over: "The server has ended the race, or has too many of them. Start again.",
};

const ZH: Words = Words {
    prose: Prose {
        title: "为什么不轮询",
        lead: "获取同样消息的四种方式，并排进行。服务器不时产生一条消息，并统计每种方式的代价。",
        notice: &[
            "轮询每秒询问一次，大多数回答是空的。每一次都要付出请求头和响应头的代价。",
            "轮询到的消息平均已过去半秒：它们在等待下一次询问。另外三种方式则立即告知。",
            "长轮询为每条消息付出一个完整的请求。事件流和 WebSocket 只在开始时付出一次。",
            "服务器经 WebSocket 发送的短消息只有 2 字节帧头，而且同一连接也能传送页面要说的话。",
        ],
        tasks: &[
            ("轮询频率加倍，字节和消息的滞后会怎样？", "字节加倍，滞后减半。没有哪个间隔既便宜又及时。"),
            (
                "什么时候事件流是更好的选择？",
                "只有服务器说话，而且只是文本的时候：它就是普通的 HTTP，浏览器会自动重连，并说明上次收到了哪一条（`Last-Event-ID`）。",
            ),
            ("什么时候轮询是更好的选择？", "消息很少、允许迟到的时候，或者一个缓存的回答可供许多人使用的时候。"),
        ],
    },
    made: "已产生的消息：",
    ways: ["轮询，1 秒", "长轮询", "事件流", "WebSocket"],
    heads: ["方式", "请求数", "收到字节", "发出字节", "合计", "最新", "平均滞后", "最大滞后", "每条消息的字节"],
    counted: "由服务器统计，包括标头和帧；滞后以服务器写出消息的时刻为准。一次比较在五分钟后结束。",
    over: "服务器已结束这次比较，或正在进行的比较过多。请重新开始。",
};

pub(in super::super) const fn words(lang: Lang) -> &'static Words {
    match lang {
        Lang::En => &EN,
        Lang::Zh => &ZH,
    }
}
