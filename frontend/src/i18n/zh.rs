//! The words in simplified Chinese.

use common::close::CloseCode;
use common::limits;
use common::server::{ErrorCode, Refusal};
use common::text::{Fault, Field, TextError};

use super::{Catalogue, grouped, shown};
use crate::calendar::Local;
use crate::state::closing::{CloseFault, REASON_BYTES};

pub(super) static WORDS: Catalogue = Catalogue {
    skip: "跳到消息",
    close: "关闭",
    people_and_rooms: "房间与成员",
    rooms: "房间",
    add_room: "新建房间",
    you: "我",
    settings: "设置",
    theme_button: |theme| format!("主题：{theme}。切换"),
    unread: |_| " 条未读".to_owned(),
    pill: |state, rtt| match rtt {
        Some(ms) => format!("连接：{state}，往返 {ms} 毫秒。显示线路面板。"),
        None => format!("连接：{state}。显示线路面板。"),
    },
    no_socket: "尚无套接字",
    wire: "线路",
    wire_toggle: "线路面板",
    members: |n| format!("{} 位成员", grouped(n)),
    leave: "离开房间",
    leave_title: |room| format!("离开“{room}”？"),
    leave_text: "房间仍是公开的，随时可以回来。",
    stay: "留下",

    no_room_title: "你还没有加入任何房间",
    no_room_text: "看看公开的房间，或者创建第一个。",
    browse: "浏览房间",
    outside_title: "你不在这个房间里",
    outside_text: "如果它是公开的，你可以加入。",
    join: "加入",
    open: "打开",
    public_rooms: "公开的房间",
    filter_rooms: "筛选房间",
    no_match: |text| format!("没有名称像“{text}”的房间。"),
    no_public: "还没有公开的房间。创建第一个吧。",
    loading: "正在载入消息…",
    rooms_failed: "列表未能送达。",
    retry: "重试",
    new_room: "新房间",
    new_room_hint: "字母、数字、- _ .，不含空格，至多 32 个。这里的任何人都能加入。",
    create: "创建",
    offline_room: "连接恢复后就会创建。",

    messages_in: |room| format!("“{room}”中的消息"),
    empty_title: |room| format!("“{room}”从这里开始"),
    empty_text: "来说第一句话吧。这台服务器上的任何人都能找到并加入这个房间。",
    created: "创建了房间",
    joined: "加入了房间",
    left: "离开了房间",
    gap: |n| format!("这里缺少 {} 个事件", grouped(n)),
    gap_load: "载入",
    to_latest: "回到最新",
    sending: "发送中…",
    waiting: |i, n| format!("等待发送，第 {i} 条，共 {n} 条"),
    delete: "删除",
    not_sent: |why| format!("未发送：{}", refusal(why)),
    refusal,
    text_error,

    message_to: |room| format!("发送到 #{room}"),
    write_on: "继续写吧，稍后会发送",
    new_line: "换行",
    used: "已用字数 ",
    over: |n| format!("超出 {} 字上限 {} 字", grouped(limits::BODY_CHARS as u64), grouped(n as u64)),
    send: "发送",

    offline: |n| format!("设备已离线。{}", waiting(n)),
    queued: waiting,
    cause,
    next_in: |s| format!("{s} 秒后重连。"),
    attempt_if: |n, s| format!("正在第 {n} 次重连，若失败，{s} 秒内再试。"),
    stays_closed: "Readyroom 不会自动重连。",
    connect_now: "立即连接",
    connect: "连接",
    use_here: "在此使用",
    reload: "重新载入",
    stop: "停止",

    hide_wire: "隐藏线路面板",
    up_for: |s| format!("已连接 {}", duration(s)),
    down_for: |s| format!("已断线 {}", duration(s)),
    attempt: |n| format!("第 {n} 次重连"),
    closing: "关闭中",
    idle: "尚无套接字",
    now: "此刻",
    none_agreed: "未协商",
    round_trip: "往返时间",
    no_reading: "暂无读数",
    peak: |size| format!("峰值 {size}"),
    buffered_spoken: |n, peak| format!("{n} 字节，峰值 {peak}"),
    frames: "帧",
    frame_log: "帧记录",
    filter: "筛选",
    filter_frames: "筛选帧",
    pause: "暂停记录",
    clear: "清空记录",
    sent: "发出 ",
    received: "收到 ",
    no_detail: "无细节",
    cut_short: "……其余部分未保留",
    close_form: "关闭套接字",
    close_code: "关闭码",
    close_reason: "原因，至多 123 字节",
    reason: "原因",
    close_verb: "关闭",
    close_fault: |fault| match fault {
        CloseFault::Code => "close() 只接受 1000 或 3000 至 4999，其他代码会被浏览器拒绝。".to_owned(),
        CloseFault::Reason { bytes } => format!("原因有 {bytes} 字节（UTF-8），上限为 {REASON_BYTES}。"),
    },
    bytes_of: |used, of| format!("{used} / {of} 字节"),
    if_drops: "若断线",
    if_drops_text: "先立即重连，再从 1 秒内起，加倍至 30 秒",
    delays: "重连前的最长等待（秒）",
    wait_close: "等待服务器的关闭帧",
    wait_close_text: "close() 之前排队的帧仍会发出；新消息进入 Readyroom 自己的队列。",
    attempt_spread: |n| format!("第 {n} 次，时间在柱高之内随机"),
    seconds_spoken: |s| format!("{s} 秒后重连"),
    if_fails: |s| format!("若失败，至多等待 {s} 秒"),
    stopped: "保持关闭",
    stopped_text: "在你要求之前不再重连。",
    no_frames: "尚无帧。",
    earlier: "显示更早的",

    welcome_title: "请进",
    welcome_lead: "选一个别人会看到的名字。无需账户和密码，名字以后可以更改。",
    session_ended: "会话已结束。选一个名字继续，草稿已保留。",
    your_name: "你的名字",
    name_hint: "至多 32 个字符。",
    enter: "进入",
    own_server: "运行在你自己的服务器上",
    four_states: "四种就绪状态",
    caption: "Readyroom 会展示它的 WebSocket。本页背后现在还没有，进入后才会打开。",
    state_text: [
        "浏览器请求服务器切换协议。",
        "帧在两个方向上往来。",
        "一方已道别，余下的帧正在排空。",
        "线路断开。Readyroom 说明原因，然后重连。",
    ],
    adjectives: &["安静", "明亮", "早起", "温和", "轻快", "沉着", "敏锐", "快乐", "耐心", "敏捷", "琥珀色", "北方"],
    animals: &["苍鹭", "水獭", "猞猁", "雨燕", "獾", "燕鸥", "狐狸", "鸻", "貂", "猫头鹰", "野兔", "海豹"],
    join_words: "的",

    theme: "主题",
    theme_names: ["跟随系统", "浅色", "深色"],
    language: "语言",
    save: "保存",
    saved: "已保存。",
    wire_setting: "线路面板",
    wire_setting_hint: "在每个房间旁显示",

    unreachable: "无法连接服务器。请检查网络后重试。",
    http_failed: |status| format!("服务器返回 {status}，请重试。"),

    day,
};

fn waiting(n: usize) -> String {
    match n {
        0 => String::new(),
        n => format!("{n} 条消息正在等待，恢复后按序发送。"),
    }
}

fn duration(seconds: u64) -> String {
    match seconds {
        0..60 => format!("{seconds} 秒"),
        60..3_600 => format!("{} 分钟", seconds / 60),
        _ => format!("{} 小时 {} 分钟", seconds / 3_600, seconds % 3_600 / 60),
    }
}

fn day(day: &Local, today: &Local) -> String {
    match today.days - day.days {
        0 => return "今天".to_owned(),
        1 => return "昨天".to_owned(),
        _ => {}
    }
    let weekday = ["日", "一", "二", "三", "四", "五", "六"].get(day.weekday).copied().unwrap_or_default();
    let year = if day.year == today.year { String::new() } else { format!("{}年", day.year) };
    format!("{year}{}月{}日 星期{weekday}", day.month, day.day)
}

fn cause(code: CloseCode, reason: &str) -> String {
    let words = match code {
        1000 => "你关闭了连接",
        1001 => "服务器正在停止或离开",
        1002 => "有一帧违反了 WebSocket 协议",
        1003 => "只接受文本，却收到了二进制消息",
        1005 => "连接关闭，没有给出代码",
        1006 => "线路中断，未收到关闭帧",
        1007 => "有文本不是有效的 UTF-8",
        1008 => "服务器不允许此连接",
        1009 => "消息过大",
        1011 => "服务器内部出错",
        1012 => "服务器已重启",
        1013 => "服务器的连接已超过承载能力",
        1015 => "TLS 握手失败",
        4000 => "ping 没有得到回应",
        4001 => "会话已结束",
        4003 => "管理员断开了你的连接",
        4008 => "本页停止读取已有 30 秒",
        4009 => "Readyroom 在过多位置打开",
        4010 => "此页面有新版本",
        _ if reason.is_empty() => "连接已关闭",
        _ => return format!("连接已关闭：“{reason}” ({code})。"),
    };
    format!("{words} ({code})。")
}

fn refusal(why: &Refusal) -> String {
    if let Some(error) = &why.text {
        return text_error(error);
    }
    match why.code {
        ErrorCode::Malformed | ErrorCode::UnknownOp | ErrorCode::HelloFirst | ErrorCode::Unknown => {
            format!("服务器拒绝了它：{}", why.message)
        }
        ErrorCode::BadText => format!("文字被拒绝：{}", why.message),
        ErrorCode::NoSuchRoom => "没有这个房间。".to_owned(),
        ErrorCode::NotMember => "你不是这个房间的成员。".to_owned(),
        ErrorCode::NameTaken => "已有同名房间。加入它，或换一个名称。".to_owned(),
        ErrorCode::TooManyRooms => format!("你已在 {} 个房间里，达到上限。", grouped(limits::ROOMS_PER_USER as u64)),
        ErrorCode::RateLimited => "发送速度超过上限。".to_owned(),
        ErrorCode::CidReused => "它曾以不同的内容发送过。".to_owned(),
        ErrorCode::Storage => "服务器无法写入磁盘，什么也没有保存。".to_owned(),
        ErrorCode::Stopping => "服务器正在停止，什么也没有保存。".to_owned(),
    }
}

fn text_error(error: &TextError) -> String {
    let field = match error.field {
        Field::Body => "消息",
        Field::UserName => "名字",
        Field::RoomName => "房间名称",
    };
    match error.fault {
        Fault::Blank => format!("{field}不能为空。"),
        Fault::TooLong { limit, found } => {
            format!("{field}有 {} 个字符，上限为 {}。", grouped(found as u64), grouped(limit as u64))
        }
        Fault::BadCharacter { found } => format!("{field}不能含有 {}。", shown(found)),
        Fault::TooManyMarks { limit } => format!("{field}在一个字母上叠加了超过 {limit} 个附加符号。"),
    }
}
