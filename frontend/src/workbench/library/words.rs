//! The words of the sidebar, in every language, checked by the compiler.

use crate::i18n::Lang;

type Text = &'static str;

pub(super) struct Words {
    pub side: Text,
    pub close: Text,
    pub chat: Text,
    pub workbench: Text,
    pub jump: Text,
    pub server: Text,
    pub labs_off: Text,
    pub faults: Text,
    pub lessons: Text,
    pub recent: Text,
    pub connections: Text,
    pub save_connection: Text,
    pub messages: Text,
    pub save_message: Text,
    pub nothing_saved: Text,
    pub rename: Text,
    pub remove: Text,
    pub name: Text,
    pub you: Text,
    pub signed_out: Text,
    pub sign_in: Text,
    pub theme: Text,
    pub settings: Text,
    pub wire: Text,
    pub no_socket: Text,
}

const EN: Words = Words {
    side: "Endpoints and saved messages",
    close: "Close",
    chat: "Chat",
    workbench: "Workbench",
    jump: "Jump to…",
    server: "This server",
    labs_off: "The labs are off. The server has them with --labs.",
    faults: "Faults",
    lessons: "Lessons",
    recent: "Recent",
    connections: "Saved connections",
    save_connection: "Save the present connection",
    messages: "Saved messages",
    save_message: "Save the current message",
    nothing_saved: "None yet",
    rename: "Rename",
    remove: "Remove",
    name: "Name",
    you: "you",
    signed_out: "Not signed in",
    sign_in: "Sign in",
    theme: "Switch theme",
    settings: "Settings",
    wire: "Connection of the chat: show the wire",
    no_socket: "no socket",
};

const ZH: Words = Words {
    side: "端点与已存消息",
    close: "关闭",
    chat: "聊天",
    workbench: "工作台",
    jump: "跳转到…",
    server: "本服务器",
    labs_off: "实验端点未开启。以 --labs 启动服务器即可使用。",
    faults: "故障",
    lessons: "课程",
    recent: "最近",
    connections: "已存连接",
    save_connection: "保存当前连接",
    messages: "已存消息",
    save_message: "保存当前消息",
    nothing_saved: "暂无",
    rename: "重命名",
    remove: "移除",
    name: "名称",
    you: "我",
    signed_out: "未登录",
    sign_in: "登录",
    theme: "切换主题",
    settings: "设置",
    wire: "聊天的连接：显示线路面板",
    no_socket: "尚无套接字",
};

pub(super) const fn words(lang: Lang) -> &'static Words {
    match lang {
        Lang::En => &EN,
        Lang::Zh => &ZH,
    }
}
