//! The words in simplified Chinese.

use common::close::CloseCode;
use common::limits;
use common::server::{ErrorCode, Refusal};
use common::text::{Fault, Field, TextError};

use super::{Catalogue, Changes, grouped, shown};
use crate::calendar::Local;
use crate::state::closing::{CloseFault, REASON_BYTES};
use crate::state::note::Note;
use crate::state::outlook::Kind;

pub(super) static WORDS: Catalogue = Catalogue {
    skip: "跳到消息",
    close: "关闭",
    people_and_rooms: "房间与成员",
    rooms: "房间",
    add_room: "新建房间",
    you: "我",
    settings: "设置",
    theme_button: |theme| format!("主题：{theme}。切换"),
    unread: |mentions| match mentions {
        0 => " 条未读".to_owned(),
        n => format!(" 条未读，其中 {n} 条提到你"),
    },
    muted: "，已静音",
    mute: "静音此房间",
    pill: |shown| format!("{shown}：连接。显示线路面板。"),
    no_socket: "尚无套接字",
    wire: "线路",
    wire_toggle: "线路面板",
    members: |n| format!("{} 位成员", grouped(n)),
    leave: "离开房间",
    chat: "聊天",
    workbench: "工作台",
    open_in_workbench: "在工作台中打开",
    jump: "跳转到…",
    search: "搜索此房间",
    room_settings: "房间设置",

    no_room_title: "你还没有加入任何房间",
    no_room_text: "看看公开的房间，或者创建第一个。",
    browse: "浏览房间",
    outside_title: "你不在这个房间里",
    outside_text: "如果它是公开的，你可以加入。",
    join: "加入",
    loading: "正在载入消息…",
    retry: "重试",

    messages_in: |room| format!("“{room}”中的消息"),
    empty_title: |room| format!("“{room}”从这里开始"),
    empty_text: "来说第一句话吧。这台服务器上的任何人都能找到并加入这个房间。",
    gap: |n| format!("这里缺少 {} 个事件", grouped(n)),
    gap_load: "载入",
    new_messages: "新消息",
    to_latest: "回到最新",
    sending: "发送中…",
    waiting: |i, n| format!("等待发送，第 {i} 条，共 {n} 条"),
    delete: "删除",
    not_sent: |why| format!("未发送：{}", refusal(why)),
    refusal,
    text_error,

    message_to: |room| format!("发送到 {room}"),
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
    session_ended: "会话已结束。选一个名字继续。",
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

    theme_names: ["跟随系统", "浅色", "深色"],

    part_failed: "页面的这一部分无法载入。请检查网络后重试。",
    opening: "正在打开…",
    sign_in: "登录",
    have_account: "已有账户？",
    unreachable: "无法连接服务器。请检查网络后重试。",
    http_failed: |status| format!("服务器返回 {status}，请重试。"),

    talk: super::talk::ZH,
    writing: super::writing::ZH,
    changes: Changes {
        tools: "消息操作",
        react: "添加表情",
        react_with: |emoji| format!("用 {emoji} 回应"),
        edit: "编辑",
        pin: "置顶",
        unpin: "取消置顶",
        edited: "已编辑",
        edited_at: |clock| format!("{clock} 编辑"),
        pinned: "已置顶",
        deleted: "消息已删除",
        deleting: "正在删除…",
        later: "等待连接",
        again: "稍后会自动重发。",
        not_done: |kind, why| {
            let what = match kind {
                Kind::Edit => "未编辑：",
                Kind::Room => "房间未更改：",
                Kind::Delete => "未删除：",
                Kind::React => "未能回应：",
                Kind::Pin => "置顶未更改：",
                Kind::Say | Kind::Create | Kind::Join | Kind::Leave => "",
            };
            format!("{what}{why}")
        },
        discard: "放弃",
        editing: "正在编辑你的消息",
        cancel_edit: "取消编辑",
        delete_title: "删除这条消息？",
        delete_text: |room| format!("“{room}”的所有人都将看不到它，且无法恢复。"),
        keep: "保留",
        pins: "置顶消息",
        show: "查看",

        here: |n| format!("{} 人在线", grouped(n)),
        people: "在线成员",
        comma: "、",
        and: "和",
        others: |n| format!("另外 {n} 人"),
        typing: ["正在输入", "正在输入"],

        held: "已持有",
        seq_and_head: "持有 / 最新",
        gaps: "缺口",
        all_to: |seq| format!("{seq} 及之前的全部都在这里"),
        on_their_way: |seq, n| format!("{seq}，还有 {} 条在途", grouped(n)),
        last_known: |seq| format!("已持有 {seq}；未连接，暂无新消息"),
        older_missing: |seq, n| format!("最新至 {seq}；较早的 {} 条未载入", grouped(n)),
        more_rooms: |n| format!("另有 {n} 个房间"),
        mended: |found, filled, twice| {
            format!("发现缺口 {}，已补 {}。丢弃重复 {}。", grouped(found), grouped(filled), grouped(twice))
        },
        leads: ["由另一个标签页发送你写的内容。", "由此标签页发送你写的内容。"],
        outbox: |n| format!("发件箱：{n}"),
        outbox_empty: "发件箱：空",
        kind: |kind| match kind {
            Kind::Say => "消息",
            Kind::Edit => "编辑",
            Kind::Room => "房间",
            Kind::Delete => "删除",
            Kind::React => "表情",
            Kind::Pin => "置顶",
            Kind::Create => "新房间",
            Kind::Join => "加入",
            Kind::Leave => "离开",
        },
        stage: ["等待", "已发出", "已保存", "被拒绝"],
        since: |clock| format!("自 {clock}"),
        note,

        developer: "开发者",
        developer_text: "弄坏一点什么，看页面自己修好。不会丢失任何内容。",
        faults: [
            ("断开套接字", "以 1006 关闭，随即重连。"),
            ("冻结读取", "帧在等待。放开即可；若 10 秒没有 pong，页面会重连。"),
            ("丢失下一个事件", "发现缺口，请求并补上。"),
            ("重复下一个事件", "第二份被丢弃并计数。"),
            ("延迟帧", "每个收到的帧都按序等待这么久。"),
            ("忘记此房间", "消息消失，再载入最新一页。"),
            ("强制重置", "服务器以 reset 和最新一页回应。"),
        ],
        no_delay: "无",
        held_back: |n| format!("{n} 帧在等待"),
        copy_trace: "复制跟踪记录",
        copied: "已复制。",
        copy_refused: "浏览器拒绝了剪贴板，请在此复制：",
        trace_text: "最近 1,000 行以及页面对自身的了解，JSON 格式。",
        with_texts: "包含消息和名字",
    },

    day,
};

fn note(note: Note) -> String {
    match note {
        Note::Gap(room, from, to) if from == to => format!("{room}：缺少 {from}，已请求"),
        Note::Gap(room, from, to) => format!("{room}：缺少 {from} 至 {to}，已请求"),
        Note::Filled(room) => format!("{room}：缺口已补上"),
        Note::Duplicate(room, seq) => format!("{room}：{seq} 重复，已丢弃"),
        Note::Reset(room, seq) => format!("{room}：接着是截至 {seq} 的最新一页"),
        Note::Lag(room, seq) => format!("{room}：读到 {seq} 时太慢，正在请求其余"),
        Note::Missed(room, seq) => format!("{room}：服务器已到 {seq}，正在请求其余"),
        Note::Lost => "上面的事件被故意丢失".to_owned(),
        Note::Dropped => "套接字被故意断开".to_owned(),
        Note::Frozen(true) => "从这里起不再读取".to_owned(),
        Note::Frozen(false) => "继续读取".to_owned(),
        Note::Lose => "下一个事件将丢失".to_owned(),
        Note::Double => "下一个事件将出现两次".to_owned(),
        Note::Delay(ms) => format!("帧等待 {ms} 毫秒"),
        Note::Forgot => "房间被故意忘记".to_owned(),
        Note::Future => "已发送来自未来的位置".to_owned(),
    }
}

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
        ErrorCode::Forbidden => "你不能在这里这样做。".to_owned(),
        ErrorCode::Archived => "房间已归档，不能再发送新消息。".to_owned(),
        ErrorCode::AnnouncementsOnly => "只有管理者能在这个房间发言。".to_owned(),
        ErrorCode::DirectRoom => "私聊不能这样更改。".to_owned(),
        ErrorCode::NoSuchPerson => "没有这个人。".to_owned(),
        ErrorCode::PeopleCount => format!("请选择 1 到 {} 人。", limits::DIRECT_PEOPLE),
        ErrorCode::NoSuchRoom => "没有这个房间。".to_owned(),
        ErrorCode::NotMember => "你不是这个房间的成员。".to_owned(),
        ErrorCode::NameTaken => "已有同名房间。加入它，或换一个名称。".to_owned(),
        ErrorCode::TooManyRooms => format!("你已在 {} 个房间里，达到上限。", grouped(limits::ROOMS_PER_USER as u64)),
        ErrorCode::RateLimited => "发送速度超过上限。".to_owned(),
        ErrorCode::NoSuchMessage => "这个房间里没有这条消息。".to_owned(),
        ErrorCode::NotAuthor => "只有作者能修改消息。".to_owned(),
        ErrorCode::Deleted => "这条消息已被删除。".to_owned(),
        ErrorCode::TooManyReactions => format!("这条消息已有 {} 种表情，达到上限。", limits::REACTIONS),
        ErrorCode::OutOfOrder => "它之前写的内容还没有保存。".to_owned(),
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
        Field::Emoji => "表情",
        Field::Draft => "草稿",
        Field::Topic => "话题",
        Field::Status => "状态",
        Field::Login => "登录名",
        Field::Password => "密码",
        Field::TimeZone => "时区",
        Field::Query => "搜索内容",
        Field::Code => "验证码",
    };
    match error.fault {
        Fault::Blank => format!("{field}不能为空。"),
        Fault::TooLong { limit, found } => {
            format!("{field}有 {} 个字符，上限为 {}。", grouped(found as u64), grouped(limit as u64))
        }
        Fault::TooShort { limit, found } => format!("{field}只有 {found} 个字符，至少需要 {limit} 个。"),
        Fault::Taken => format!("{field}已被占用，或与已有的过于相似。"),
        Fault::Wrong => format!("{field}不正确。"),
        Fault::BadCharacter { found } => format!("{field}不能含有 {}。", shown(found)),
        Fault::TooManyMarks { limit } => format!("{field}在一个字母上叠加了超过 {limit} 个附加符号。"),
    }
}
