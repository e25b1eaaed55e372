//! The words of the lesson about frames, in every language, checked by the compiler.

use super::super::course::Prose;
use crate::i18n::Lang;

type Text = &'static str;

pub(in super::super) struct Words {
    pub prose: Prose,
    pub text: Text,
    pub length: Text,
    pub ours: Text,
    pub theirs: Text,
    pub masking: Text,
    pub letters: Text,
    pub plain: Text,
    pub key: Text,
    pub masked: Text,
    pub step: Text,
    pub play: Text,
    pub send: Text,
    pub target: Text,
    pub targets: [Text; 4],
    pub real: Text,
    pub heads: [Text; 6],
    pub compressed: Text,
    pub none: Text,
    pub deaf: Text,
}

const EN: Words = Words {
    prose: Prose {
        title: "The frame",
        lead: "Each message travels in frames: a header of 2 to 10 bytes, a key of 4 from the client, and the payload. \
               Change the length, watch the header grow, then send it and compare with the bytes the server has seen.",
        notice: &[
            "Up to 125 bytes the length stands in seven bits. 126 there means that it follows in 16 bits, 127 in 64.",
            "What the client sends is masked, what the server sends is not. MASK says which.",
            "Masking hides nothing: the key stands before the payload. It keeps a page from writing bytes of its choice \
             onto the wire, which could confuse an old proxy.",
            "A message may take several frames: FIN is 0 in all but the last, and those after the first are continuations. \
             Pings and pongs go between them; a page sees neither.",
            "RSV1 is set where the message is compressed with `permessage-deflate`. Then the length is that of the \
             compressed bytes.",
            "A page can read none of this. The real bytes come from the server, which looks at its own connection.",
        ],
        tasks: &[
            (
                "How many bytes does “Hello” cost on the wire, each way?",
                "11 from the client: 2 + 4 + 5. 7 from the server: 2 + 5.",
            ),
            (
                "A message of 65,535 bytes and one of 65,536: what differs in the header?",
                "The first has its length in 16 bits and a header of 4 bytes, the second in 64 bits and a header of 10.",
            ),
            ("Send twice. Why is the masked payload different?", "The browser takes a new random key for each frame."),
        ],
    },
    text: "Text to send",
    length: "Length in bytes",
    ours: "Client to server",
    theirs: "Server to client",
    masking: "Masking, with the key of the example in RFC 6455",
    letters: "text",
    plain: "payload",
    key: "key",
    masked: "masked",
    step: "Next byte",
    play: "Play",
    send: "Send it, and tap the wire",
    target: "Where to",
    targets: ["one frame", "three frames", "compressed", "with pings"],
    real: "On the wire, as the server saw it",
    heads: ["Frame", "Header", "Key", "Length", "Payload on the wire", "Unmasked"],
    compressed: "compressed (RSV1)",
    none: "Nothing was sent yet.",
    deaf: "The server does not tell the bytes of this connection: too many taps are open. Try again in a moment.",
};

const ZH: Words = Words {
    prose: Prose {
        title: "帧",
        lead: "每条消息都以帧传输：2 至 10 字节的帧头，客户端另加 4 字节的密钥，然后是载荷。改变长度，观察帧头的增长，再发送出去，与服务器看到的字节比较。",
        notice: &[
            "不超过 125 字节时，长度放在七个比特里。这里是 126 表示长度在随后的 16 位中，127 表示在 64 位中。",
            "客户端发送的内容带掩码，服务器发送的不带。MASK 说明是哪一种。",
            "掩码不隐藏任何内容：密钥就在载荷之前。它防止页面把自选的字节写到线路上，从而迷惑旧的代理。",
            "一条消息可以分成多个帧：除最后一个外 FIN 都是 0，第一个之后的都是 continuation。ping 和 pong 穿插其间，页面都看不到。",
            "以 `permessage-deflate` 压缩的消息会设置 RSV1，此时长度是压缩后的字节数。",
            "页面读不到这些。真实的字节来自服务器，它观察的是自己的连接。",
        ],
        tasks: &[
            ("“Hello”在线路上各方向要多少字节？", "来自客户端 11 字节：2 + 4 + 5。来自服务器 7 字节：2 + 5。"),
            (
                "65,535 字节与 65,536 字节的消息，帧头有何不同？",
                "前者的长度用 16 位，帧头 4 字节；后者用 64 位，帧头 10 字节。",
            ),
            ("发送两次。为什么带掩码的载荷不同？", "浏览器为每一帧取新的随机密钥。"),
        ],
    },
    text: "要发送的文本",
    length: "字节长度",
    ours: "客户端到服务器",
    theirs: "服务器到客户端",
    masking: "掩码，使用 RFC 6455 例子中的密钥",
    letters: "文本",
    plain: "载荷",
    key: "密钥",
    masked: "带掩码",
    step: "下一字节",
    play: "播放",
    send: "发送并监听线路",
    target: "发往",
    targets: ["一帧", "三帧", "压缩", "带 ping"],
    real: "线路上的内容，由服务器所见",
    heads: ["帧", "帧头", "密钥", "长度", "线路上的载荷", "去掩码后"],
    compressed: "已压缩 (RSV1)",
    none: "尚未发送。",
    deaf: "服务器没有给出此连接的字节：打开的监听过多。请稍后再试。",
};

pub(in super::super) const fn words(lang: Lang) -> &'static Words {
    match lang {
        Lang::En => &EN,
        Lang::Zh => &ZH,
    }
}
