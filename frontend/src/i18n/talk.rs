//! What the catalogue says about rooms and the talk in them: their events, answers, places, what is unread.
//!
//! Both languages stand here beside each other. Where a message takes arguments, the comment beside it names them.

use common::model::RoomRole;

use super::{Text, grouped};
use crate::state::timeline::Change;

/// The messages.
pub(crate) struct Talk {
    pub change: fn(&Change) -> String, // stands behind the name of who did it

    // Places.
    pub new_above: fn(u64) -> String,
    pub to_new: Text,
    pub to_date: Text,
    pub permalink: fn(&str) -> String, // clock

    /// Stands beside the name of a program.
    pub bot: Text,

    // Answers.
    pub reply: Text,
    pub answers: fn(&str) -> String, // name
    pub quoted_gone: Text,
    pub quoted_away: Text,
    pub replies: fn(usize) -> String,
    pub thread: Text,
    pub write_in_thread: Text,
    pub thread_failed: Text,
    pub texts: Text,
    pub no_texts: Text,
    pub no_pins: Text,
    pub unread_from: Text,

    // The room.
    pub direct: Text,
    pub archived: fn(usize) -> String,
    pub is_private: Text,
    pub empty_closed: Text,
    pub present: [Text; 2], // here, not here
    pub menu: Text,
    pub read: Text,
    pub notify: Text,
    pub levels: [Text; 3], // all, mentions, nothing
    pub ask_to_notify: Text,
    pub closed: Text,
    pub announcing: Text,
}

pub(super) const EN: Talk = Talk {
    change: |change| match change {
        Change::Created => "made the room".to_owned(),
        Change::Joined => "joined".to_owned(),
        Change::Left => "left".to_owned(),
        Change::Invited(who) => format!("brought {who} in"),
        Change::Removed(who) => format!("removed {who}"),
        Change::Appointed(who, RoomRole::Moderator) => format!("made {who} a moderator"),
        Change::Appointed(who, RoomRole::Member) => format!("made {who} a member without a role"),
        Change::Renamed(name) => format!("renamed the room to #{name}"),
        Change::Topic(topic) if topic.is_empty() => "removed the topic".to_owned(),
        Change::Topic(topic) => format!("changed the topic to “{topic}”"),
        Change::Archived(true) => "archived the room".to_owned(),
        Change::Archived(false) => "opened the room again".to_owned(),
        Change::Announcing(true) => "made this a room for announcements: only moderators write".to_owned(),
        Change::Announcing(false) => "let everybody write again".to_owned(),
    },

    new_above: |n| if n == 1 { "1 new message".to_owned() } else { format!("{} new messages", grouped(n)) },
    to_new: "Jump to the first",
    to_date: "Jump to a date",
    bot: "bot",
    permalink: |clock| format!("{clock}, link to this message"),

    reply: "Reply",
    answers: |name| format!("answers {name}"),
    quoted_gone: "Message deleted",
    quoted_away: "Show the message that this answers",
    replies: |n| if n == 1 { "1 reply".to_owned() } else { format!("{n} replies") },
    thread: "Thread",
    write_in_thread: "Reply in the thread",
    thread_failed: "The earlier replies could not be loaded.",
    texts: "Earlier texts",
    no_texts: "This message has had no other text.",
    no_pins: "Nothing is pinned in this room.",
    unread_from: "Mark unread from here",

    direct: "Direct messages",
    archived: |n| format!("Archived ({n})"),
    is_private: "private",
    empty_closed: "Say the first word. Only its members can see this.",
    present: ["here", "not here"],
    menu: "More about this room",
    read: "Mark as read",
    notify: "Tell me of",
    levels: ["All messages", "Mentions", "Nothing"],
    ask_to_notify: "Allow desktop notifications",
    closed: "This room is archived. It can be read and searched; nobody can write.",
    announcing: "Only moderators write in this room.",
};

pub(super) const ZH: Talk = Talk {
    change: |change| match change {
        Change::Created => "创建了房间".to_owned(),
        Change::Joined => "加入了房间".to_owned(),
        Change::Left => "离开了房间".to_owned(),
        Change::Invited(who) => format!("邀请 {who} 加入"),
        Change::Removed(who) => format!("移除了 {who}"),
        Change::Appointed(who, RoomRole::Moderator) => format!("将 {who} 设为管理员"),
        Change::Appointed(who, RoomRole::Member) => format!("撤销了 {who} 的管理员身份"),
        Change::Renamed(name) => format!("将房间改名为 #{name}"),
        Change::Topic(topic) if topic.is_empty() => "删除了话题".to_owned(),
        Change::Topic(topic) => format!("将话题改为“{topic}”"),
        Change::Archived(true) => "归档了房间".to_owned(),
        Change::Archived(false) => "重新开放了房间".to_owned(),
        Change::Announcing(true) => "将房间设为公告模式：只有管理员可以发言".to_owned(),
        Change::Announcing(false) => "允许所有人发言".to_owned(),
    },

    new_above: |n| format!("{} 条新消息", grouped(n)),
    to_new: "跳到第一条",
    to_date: "跳到日期",
    bot: "机器人",
    permalink: |clock| format!("{clock}，此消息的链接"),

    reply: "回复",
    answers: |name| format!("回复 {name}"),
    quoted_gone: "消息已删除",
    quoted_away: "显示被回复的消息",
    replies: |n| format!("{n} 条回复"),
    thread: "话题串",
    write_in_thread: "在话题串中回复",
    thread_failed: "无法载入更早的回复。",
    texts: "历史版本",
    no_texts: "这条消息没有其他版本。",
    no_pins: "此房间没有置顶消息。",
    unread_from: "从此处标为未读",

    direct: "私信",
    archived: |n| format!("已归档（{n}）"),
    is_private: "私密",
    empty_closed: "来说第一句话吧。只有成员能看到这里。",
    present: ["在线", "不在线"],
    menu: "房间菜单",
    read: "标为已读",
    notify: "通知范围",
    levels: ["所有消息", "提及我的", "不通知"],
    ask_to_notify: "允许桌面通知",
    closed: "此房间已归档，可以阅读和搜索，但不能发言。",
    announcing: "此房间只有管理员可以发言。",
};
