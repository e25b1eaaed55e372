//! What this server offers to try, and the lessons.

type Text = &'static str;

/// An endpoint of this server.
pub(super) struct Preset {
    /// Its path and query.
    pub path: Text,
    /// What is offered.
    pub protocols: &'static [Text],
    /// What is put into the sender.
    pub message: Text,
    /// Its name in English and in Chinese.
    pub name: [Text; 2],
    /// What it does, in English and in Chinese.
    pub note: [Text; 2],
}

const fn preset(path: Text, name: [Text; 2], note: [Text; 2]) -> Preset {
    Preset { path, protocols: &[], message: "", name, note }
}

/// The protocol of the rooms. It is there without the labs too.
pub(super) const CHAT: Preset = Preset {
    path: "/ws",
    protocols: &[common::SUBPROTOCOL],
    message: r#"{"op":"hello"}"#,
    name: ["Chat", "聊天"],
    note: ["The protocol behind the rooms", "房间背后的协议"],
};

/// Those of the labs that do what they should.
pub(super) const LABS: [Preset; 6] = [
    preset("/labs/echo", ["Echo", "回声"], ["Sends back every message you send", "原样返回你发送的每条消息"]),
    preset("/labs/ticker", ["Ticker", "报时"], ["A random number each second", "每秒一个随机数"]),
    preset(
        "/labs/broadcast/lobby",
        ["Broadcast", "广播"],
        ["To everyone connected, you too", "发给所有连接者，包括你"],
    ),
    Preset {
        path: "/labs/subprotocols",
        protocols: &["example.v0", "json", "echo.v1"],
        message: "",
        name: ["Subprotocols", "子协议"],
        note: ["Takes the first offer that it knows", "采用第一个它认识的提议"],
    },
    preset("/labs/handshake", ["Handshake", "握手"], ["Answers with the request it saw", "返回它看到的请求"]),
    preset("/labs/flood", ["Flood", "洪流"], ["1,000 messages a second for 5 s", "每秒 1,000 条消息，持续 5 秒"]),
];

/// Those of the labs that do what they should not.
pub(super) const FAULTS: [Preset; 10] = [
    preset("/labs/close?code=4001&reason=bye", ["Close", "关闭"], ["Closes at once with 4001", "立即以 4001 关闭"]),
    preset("/labs/abort", ["Abort", "中断"], ["Cuts TCP without a Close: 1006", "不发 Close 就断开 TCP：1006"]),
    preset("/labs/slow-accept?ms=3000", ["Slow accept", "缓慢接受"], ["3 s in CONNECTING", "CONNECTING 持续 3 秒"]),
    preset(
        "/labs/never-close",
        ["Never close", "从不关闭"],
        ["Does not answer a Close: CLOSING", "不回应 Close：停在 CLOSING"],
    ),
    preset("/labs/fragment?n=3", ["Fragments", "分片"], ["Each message in three frames", "每条消息分为三帧"]),
    preset(
        "/labs/ping?ms=1000",
        ["Ping", "Ping"],
        ["Pings each second, tells the round trip", "每秒 ping 一次并报告往返时间"],
    ),
    preset("/labs/bad-utf8", ["Bad UTF-8", "错误的 UTF-8"], ["Text that is none: 1007", "不是文本的文本帧：1007"]),
    preset("/labs/big?n=1048576", ["Big", "大消息"], ["One binary message of 1 MiB", "一条 1 MiB 的二进制消息"]),
    preset("/labs/deny?status=403", ["Deny", "拒绝"], ["403 instead of 101", "以 403 代替 101"]),
    preset("/labs/stall", ["Stall", "停滞"], ["Never reads: bufferedAmount stays", "从不读取：bufferedAmount 不降"]),
];

/// The lessons: the name in the address, in English, in Chinese.
pub(super) const LESSONS: [(Text, [Text; 2]); 9] = [
    ("polling", ["Why not polling", "为什么不轮询"]),
    ("handshake", ["The handshake", "握手"]),
    ("frame", ["The frame", "帧"]),
    ("states", ["The four states", "四种状态"]),
    ("binary", ["Text and binary", "文本与二进制"]),
    ("backpressure", ["bufferedAmount", "bufferedAmount"]),
    ("closing", ["Closing well and badly", "好的与坏的关闭"]),
    ("subprotocols", ["Subprotocols", "子协议"]),
    ("origin", ["The same-origin question", "同源问题"]),
];
