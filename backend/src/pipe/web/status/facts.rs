//! What is told: each fact once, with its names.

use super::super::super::counts::{Counts, Script};

/// Something that is counted.
#[derive(Debug)]
pub(super) struct Fact {
    /// Its name among the metrics, with its unit.
    pub(super) metric: &'static str,
    /// What kind of number it is.
    pub(super) kind: Kind,
    /// Its name in JSON.
    pub(super) key: &'static str,
    /// What it is, for whoever reads the metrics.
    pub(super) help: &'static str,
    /// Its name for people: English and Chinese.
    pub(super) name: [&'static str; 2],
    /// How it is written for people.
    pub(super) unit: Unit,
    /// How much it is.
    pub(super) get: fn(&Counts) -> u64,
}

/// What kind of number it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// It goes up only.
    Counter,
    /// It goes up and down.
    Gauge,
}

impl Kind {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
        }
    }
}

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    /// Things.
    Things,
    /// Bytes.
    Bytes,
    /// Seconds.
    Seconds,
}

/// All, in the order in which they are told.
pub(super) const FACTS: &[Fact] = &[
    Fact {
        metric: "readyroom_pipe_uptime_seconds",
        kind: Kind::Gauge,
        key: "uptime_seconds",
        help: "Seconds since the server began.",
        name: ["Running for", "已运行"],
        unit: Unit::Seconds,
        get: |counts| counts.began.elapsed().as_secs(),
    },
    Fact {
        metric: "readyroom_pipe_connections",
        kind: Kind::Gauge,
        key: "connections",
        help: "WebSockets that are open.",
        name: ["Open connections", "打开的连接"],
        unit: Unit::Things,
        get: |counts| counts.open.get(),
    },
    Fact {
        metric: "readyroom_pipe_connections_opened_total",
        kind: Kind::Counter,
        key: "connections_total",
        help: "WebSockets that were opened.",
        name: ["Connections so far", "累计连接"],
        unit: Unit::Things,
        get: |counts| counts.connections.get(),
    },
    Fact {
        metric: "readyroom_pipe_refused_total",
        kind: Kind::Counter,
        key: "refused_total",
        help: "Handshakes and CGI requests that were refused.",
        name: ["Refused", "被拒绝"],
        unit: Unit::Things,
        get: |counts| counts.refused.get(),
    },
    Fact {
        metric: "readyroom_pipe_stalled_total",
        kind: Kind::Counter,
        key: "stalled_total",
        help: "Clients that were dropped because they took nothing for too long.",
        name: ["Dropped, for they read nothing", "因不读取而断开"],
        unit: Unit::Things,
        get: |counts| counts.stalled.get(),
    },
    Fact {
        metric: "readyroom_pipe_programs",
        kind: Kind::Gauge,
        key: "programs",
        help: "Programs that run.",
        name: ["Running programs", "运行中的程序"],
        unit: Unit::Things,
        get: |counts| counts.running.get(),
    },
    Fact {
        metric: "readyroom_pipe_programs_waiting",
        kind: Kind::Gauge,
        key: "programs_waiting",
        help: "Programs that run and wait for a client (--pool).",
        name: ["Of these, waiting for a client", "其中等待客户端"],
        unit: Unit::Things,
        get: |counts| counts.waiting.get(),
    },
    Fact {
        metric: "readyroom_pipe_programs_started_total",
        kind: Kind::Counter,
        key: "programs_started_total",
        help: "Programs that were started.",
        name: ["Programs started", "已启动的程序"],
        unit: Unit::Things,
        get: |counts| counts.started.get(),
    },
    Fact {
        metric: "readyroom_pipe_programs_failed_total",
        kind: Kind::Counter,
        key: "programs_failed_total",
        help: "Programs that ended by themselves with another status than 0.",
        name: ["Programs that failed", "失败的程序"],
        unit: Unit::Things,
        get: |counts| counts.failed.get(),
    },
    Fact {
        metric: "readyroom_pipe_programs_unstarted_total",
        kind: Kind::Counter,
        key: "programs_unstarted_total",
        help: "Programs that could not be started.",
        name: ["Programs that could not be started", "无法启动的程序"],
        unit: Unit::Things,
        get: |counts| counts.unstarted.get(),
    },
    Fact {
        metric: "readyroom_pipe_messages_received_total",
        kind: Kind::Counter,
        key: "messages_received_total",
        help: "Messages from clients.",
        name: ["Messages from clients", "来自客户端的消息"],
        unit: Unit::Things,
        get: |counts| counts.heard.get(),
    },
    Fact {
        metric: "readyroom_pipe_received_bytes_total",
        kind: Kind::Counter,
        key: "received_bytes_total",
        help: "Bytes of messages from clients.",
        name: ["Bytes from clients", "来自客户端的字节"],
        unit: Unit::Bytes,
        get: |counts| counts.heard_bytes.get(),
    },
    Fact {
        metric: "readyroom_pipe_messages_sent_total",
        kind: Kind::Counter,
        key: "messages_sent_total",
        help: "Messages to clients.",
        name: ["Messages to clients", "发给客户端的消息"],
        unit: Unit::Things,
        get: |counts| counts.said.get(),
    },
    Fact {
        metric: "readyroom_pipe_sent_bytes_total",
        kind: Kind::Counter,
        key: "sent_bytes_total",
        help: "Bytes of messages to clients.",
        name: ["Bytes to clients", "发给客户端的字节"],
        unit: Unit::Bytes,
        get: |counts| counts.said_bytes.get(),
    },
];

/// What is counted for each script of `--dir`.
#[derive(Debug)]
pub(super) struct OfScript {
    /// Its name among the metrics.
    pub(super) metric: &'static str,
    /// What kind of number it is.
    pub(super) kind: Kind,
    /// Its name in JSON.
    pub(super) key: &'static str,
    /// What it is, for whoever reads the metrics.
    pub(super) help: &'static str,
    /// Its name for people: English and Chinese.
    pub(super) name: [&'static str; 2],
    /// How much it is.
    pub(super) get: fn(&Script) -> u64,
}

/// All of a script, in the order in which they are told.
pub(super) const OF_SCRIPTS: &[OfScript] = &[
    OfScript {
        metric: "readyroom_pipe_script_programs",
        kind: Kind::Gauge,
        key: "programs",
        help: "Programs of a script of --dir that run.",
        name: ["Running", "运行中"],
        get: |script| script.running.get(),
    },
    OfScript {
        metric: "readyroom_pipe_script_programs_started_total",
        kind: Kind::Counter,
        key: "programs_started_total",
        help: "Programs of a script of --dir that were started.",
        name: ["Started", "已启动"],
        get: |script| script.started.get(),
    },
    OfScript {
        metric: "readyroom_pipe_script_programs_failed_total",
        kind: Kind::Counter,
        key: "programs_failed_total",
        help: "Programs of a script of --dir that ended by themselves with another status than 0.",
        name: ["Failed", "失败"],
        get: |script| script.failed.get(),
    },
];
