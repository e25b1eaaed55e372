//! What the catalogue says around what people write: in the composer, and beside its text in the timeline.
//!
//! Neighbours: each language fills this in beside its other words. Where a message takes arguments, the comment beside
//! it names them.

use super::Text;
use crate::state::slash::{Command, Fault};

/// The messages.
pub(crate) struct Writing {
    // Beside a text.
    pub copy_code: Text,
    pub copied: Text,
    pub done: Text,
    pub to_do: Text,

    // The buttons of the composer.
    pub emoji: Text,
    pub marks: [Text; 4], // bold, italic, struck out, code

    // What is answered.
    pub replying: fn(&str) -> String, // name
    pub cancel_reply: Text,

    // What is offered while one writes.
    pub offers: Text,
    pub offered: fn(usize) -> String, // how many
    pub everybody: Text,
    pub everybody_here: Text,

    // Commands.
    pub usage: fn(Command) -> (Text, Text), // what follows the name, what it does
    pub fault: fn(&Fault) -> String,
    pub help: Text,
}

pub(super) const EN: Writing = Writing {
    copy_code: "Copy the code",
    copied: "Copied",
    done: "Done:",
    to_do: "To do:",

    emoji: "Emoji",
    marks: ["Bold", "Italic", "Strike through", "Code"],

    replying: |name| format!("Replying to {name}"),
    cancel_reply: "Cancel the reply",

    offers: "Suggestions",
    offered: |n| if n == 1 { "1 suggestion".to_owned() } else { format!("{n} suggestions") },
    everybody: "everybody in the room",
    everybody_here: "everybody who is here",

    usage: |command| match command {
        Command::Help => ("", "show the commands"),
        Command::Me => ("what you do", "say what you do"),
        Command::Shrug => ("[message]", "say it with a shrug"),
        Command::Topic => ("topic", "say what the room is about"),
        Command::Join => ("#room", "go to a room, or join it"),
        Command::Invite => ("@name", "bring somebody into the room"),
        Command::Mute => ("", "mute the room, or no longer"),
    },
    fault: |fault| match fault {
        Fault::Unknown(name) => format!("There is no command /{name}. Write //{name} to say it, or /help."),
        Fault::Bare(command) => format!("/{} needs more: {}.", command.name(), (EN.usage)(*command).0),
        Fault::NoRoom(name) => format!("There is no room #{name} that you may join."),
        Fault::Nobody(name) => format!("Nobody is called {name}."),
        Fault::Offline => "This needs the connection. Try it once more when it is back.".to_owned(),
    },
    help: "Commands",
};

pub(super) const ZH: Writing = Writing {
    copy_code: "复制代码",
    copied: "已复制",
    done: "已完成：",
    to_do: "待办：",

    replying: |name| format!("回复 {name}"),
    cancel_reply: "取消回复",
    emoji: "表情",
    marks: ["粗体", "斜体", "删除线", "代码"],

    offers: "建议",
    offered: |n| format!("{n} 条建议"),
    everybody: "房间里的所有人",
    everybody_here: "所有在线的人",

    usage: |command| match command {
        Command::Help => ("", "显示命令"),
        Command::Me => ("动作", "描述你在做什么"),
        Command::Shrug => ("[消息]", "说完再耸耸肩"),
        Command::Topic => ("话题", "设置房间的话题"),
        Command::Join => ("#房间", "前往或加入房间"),
        Command::Invite => ("@名字", "邀请某人进入房间"),
        Command::Mute => ("", "静音或取消静音"),
    },
    fault: |fault| match fault {
        Fault::Unknown(name) => format!("没有 /{name} 这个命令。要原样发送请写 //{name}，或用 /help 查看命令。"),
        Fault::Bare(command) => format!("/{} 还需要：{}。", command.name(), (ZH.usage)(*command).0),
        Fault::NoRoom(name) => format!("没有你可以加入的房间 #{name}。"),
        Fault::Nobody(name) => format!("没有叫“{name}”的人。"),
        Fault::Offline => "此操作需要连接，请在恢复后再试。".to_owned(),
    },
    help: "命令",
};
