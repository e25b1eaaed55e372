//! The words around the lessons, in every language, checked by the compiler.

use crate::i18n::Lang;

type Text = &'static str;

pub(super) struct Words {
    pub lessons: Text,
    pub intro: Text,
    pub chat: Text,
    pub workbench: Text,
    pub console: Text,
    pub menu: Text,
    pub close_menu: Text,
    pub theme: [Text; 3],
    pub live: Text,
    pub notice: Text,
    pub tasks: Text,
    pub next: Text,
    pub all: Text,
    pub unknown: Text,
    pub off: Text,
    pub off_how: Text,
    pub copy: Text,
    pub copied: Text,
    pub try_it: Text,
    pub log: Text,
    pub nothing: Text,
    pub no_detail: Text,
    pub no_protocol: Text,
    pub start: Text,
    pub stop: Text,
    pub twenty: Text,
    pub twenty_lead: Text,
    pub twenty_room: Text,
}

const EN: Words = Words {
    lessons: "Lessons",
    intro: "Nine pages on which something happens. Each opens real connections to this server; nothing is acted out.",
    chat: "Chat",
    workbench: "Workbench",
    console: "Console",
    menu: "Show the lessons",
    close_menu: "Close",
    theme: ["Theme: as the system", "Theme: light", "Theme: dark"],
    live: "Live",
    notice: "What to notice",
    tasks: "Try to answer",
    next: "Next lesson",
    all: "All lessons",
    unknown: "There is no lesson of this name.",
    off: "The endpoints of this lesson are switched off on this server.",
    off_how: "They are on when the server listens on a loopback address. Elsewhere whoever runs it starts it with `--labs`.",
    copy: "Copy",
    copied: "Copied",
    try_it: "Try it in the console",
    log: "What happened",
    nothing: "Nothing has happened yet.",
    no_detail: "The browser gives no detail",
    no_protocol: "no subprotocol",
    start: "Start",
    stop: "Stop",
    twenty: "Twenty lines",
    twenty_lead: "A whole page, as the tutorials write it. Save it as a file, open it in two windows, and they talk: \
                  `/labs/broadcast/tea` sends each message to everybody who is connected, the sender too.",
    twenty_room: "This page is in the room too, while it listens:",
};

const ZH: Words = Words {
    lessons: "课程",
    intro: "九个页面，每页都有真实的事情发生。每课都与本服务器建立真实连接，没有任何演示是假的。",
    chat: "聊天",
    workbench: "工作台",
    console: "控制台",
    menu: "显示课程列表",
    close_menu: "关闭",
    theme: ["主题：跟随系统", "主题：浅色", "主题：深色"],
    live: "现场",
    notice: "注意观察",
    tasks: "试着回答",
    next: "下一课",
    all: "全部课程",
    unknown: "没有这个名称的课程。",
    off: "本服务器已关闭这一课所用的端点。",
    off_how: "服务器监听回环地址时默认开启。其他情况下，需由管理者以 `--labs` 启动。",
    copy: "复制",
    copied: "已复制",
    try_it: "在控制台中尝试",
    log: "发生了什么",
    nothing: "还没有发生任何事。",
    no_detail: "浏览器不提供细节",
    no_protocol: "无子协议",
    start: "开始",
    stop: "停止",
    twenty: "二十行",
    twenty_lead: "一个完整的页面，和教程里写的一样。存为文件，在两个窗口中打开，它们就能对话：\
                  `/labs/broadcast/tea` 会把每条消息发给所有已连接者，包括发送者。",
    twenty_room: "监听期间，本页面也在这个房间里：",
};

pub(super) const fn words(lang: Lang) -> &'static Words {
    match lang {
        Lang::En => &EN,
        Lang::Zh => &ZH,
    }
}
