//! Simplified Chinese.

use super::Words;

/// The words.
pub(super) static WORDS: Words = Words {
    close: "关闭",
    settings: "设置",
    sections: ["个人资料", "帐户", "两步登录", "登录设备", "通知", "外观", "键盘", "邀请"],

    theme: "主题",
    theme_names: ["跟随系统", "浅色", "深色"],
    language: "语言",
    wire: "线路面板",
    wire_hint: "在每个房间旁显示",

    single_keys: "单键快捷键",
    single_keys_hint: "文本框之外的 / W ? 以及消息上的按键",
    keys: &[
        ("Ctrl/⌘ K", "跳转到房间或成员"),
        ("Alt ↑ ↓", "上一个或下一个房间"),
        ("Alt Shift ↑ ↓", "上一个或下一个未读房间"),
        ("Enter", "发送"),
        ("Shift Enter", "换行"),
        ("↑", "输入框为空时：编辑你的上一条消息"),
        ("Esc", "关闭最上层，否则取消回复或编辑，否则将房间标为已读"),
        ("↑ ↓", "在消息上：移动"),
        ("R  E  +  F  Del", "在消息上：回复、编辑、回应、查看帧、删除"),
        ("/", "搜索"),
        ("W", "线路面板"),
        ("?", "此列表"),
    ],
};
