//! The page for people: a table, without scripts.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use super::super::super::counts::Counts;
use super::super::escape;
use super::facts::{FACTS, OF_SCRIPTS, Unit};

/// The query of the page that stays as it is.
pub(super) const HOLD: &str = "hold";

/// The colours, the type and the measures of the chat's page.
const STYLE: &str = "\
:root{color-scheme:light dark}\
body{margin:0;padding:1.5rem 1rem;background:light-dark(#fdfcfa,#1b1a19);color:light-dark(#1d1b18,#eeece7);\
font:.9375rem/1.5 -apple-system,BlinkMacSystemFont,\"Segoe UI\",Inter,Roboto,Ubuntu,\"Noto Sans\",\"PingFang SC\",\
\"Microsoft YaHei UI\",\"Noto Sans CJK SC\",system-ui,sans-serif}\
main{max-width:34rem;margin:0 auto}\
h1{margin:0 0 1rem;font-size:1.375rem;font-weight:620;line-height:1.25}\
table{width:100%;border-collapse:collapse}\
.scripts{margin-top:1.5rem}.scripts th{overflow-wrap:anywhere}.scripts [scope=col]+[scope=col]{text-align:right}\
th,td{padding:.5rem 0;border-bottom:1px solid light-dark(#e1ddd4,#302e2b);text-align:left;font-weight:400}\
td{padding-left:1rem;text-align:right;font-family:ui-monospace,\"SF Mono\",Menlo,Consolas,\"DejaVu Sans Mono\",monospace;\
font-variant-numeric:tabular-nums;white-space:nowrap}\
p{color:light-dark(#6a665e,#9d9990);font-size:.8125rem}\
a{color:light-dark(#5142c4,#aca3ff)}\
a:focus-visible{outline:2px solid light-dark(#5142c4,#aca3ff);outline-offset:2px;border-radius:4px}";

/// A language of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lang {
    /// English.
    En,
    /// Simplified Chinese.
    Zh,
}

impl Lang {
    /// The one that an `Accept-Language` likes better (RFC 9110, section 12.5.4); English, where it likes neither.
    pub(super) fn preferred(accepted: &str) -> Self {
        let likes = |lang: &str| {
            let liked = accepted.split(',').filter_map(|range| {
                let (tag, weight) = range.split_once(';').unwrap_or((range, "q=1"));
                let primary = tag.trim().split('-').next().unwrap_or_default();
                let weight = weight.trim().strip_prefix("q=")?.parse::<f32>().ok()?;
                primary.eq_ignore_ascii_case(lang).then_some(weight)
            });
            liked.fold(0.0, f32::max)
        };
        let (en, zh) = (likes("en"), likes("zh"));
        // Of two that are liked alike the first is meant.
        let first = accepted.to_ascii_lowercase();
        let zh_first = first.find("zh") < first.find("en") || first.find("en").is_none();
        if zh > en || (zh > 0.0 && (zh - en).abs() < f32::EPSILON && zh_first) { Self::Zh } else { Self::En }
    }

    pub(super) const fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Zh => "zh-CN",
        }
    }

    const fn of(self, [en, zh]: [&'static str; 2]) -> &'static str {
        match self {
            Self::En => en,
            Self::Zh => zh,
        }
    }
}

/// The Content-Security-Policy: nothing but its own style.
pub(super) fn policy() -> String {
    let hash = STANDARD.encode(Sha256::digest(STYLE));
    format!(
        "default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
}

/// The page, which is at `path`.
pub(super) fn html(counts: &Counts, lang: Lang, holds: bool, path: &str) -> String {
    let title = lang.of(["Pipe status", "管道状态"]);
    let mut rows = String::new();
    for fact in FACTS {
        let (name, value) = (lang.of(fact.name), written((fact.get)(counts), fact.unit, lang));
        rows.push_str(&format!("<tr><th scope=\"row\">{name}</th><td>{value}</td></tr>\n"));
    }
    let scripts = scripts(counts, lang);
    let path = escape(path.trim_end_matches('/'));
    let again = if holds {
        format!("<a href=\"{path}\">{}</a>", lang.of(["Refresh every 5 seconds", "每 5 秒刷新"]))
    } else {
        let (comes, stop) =
            (lang.of(["Refreshes every 5 seconds.", "每 5 秒刷新一次。"]), lang.of(["Hold it", "停止刷新"]));
        format!("{comes} <a href=\"{path}?{HOLD}\">{stop}</a>")
    };
    let also = lang.of(["For programs:", "供程序使用："]);
    format!(
        "<!doctype html>\n<html lang=\"{}\">\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{title}</title>\n\
         <style>{STYLE}</style>\n<main>\n<h1>{title}</h1>\n<table>\n{rows}</table>\n{scripts}<p>{again}</p>\n\
         <p>{also} <a href=\"{path}/status.json\">status.json</a> · <a href=\"{path}/metrics\">metrics</a></p>\n</main>\n\
         </html>\n",
        lang.tag(),
    )
}

/// A table of the scripts of `--dir`, where any was started.
fn scripts(counts: &Counts, lang: Lang) -> String {
    let scripts = counts.scripts();
    if scripts.is_empty() {
        return String::new();
    }
    let mut rows = format!("<tr><th scope=\"col\">{}</th>", lang.of(["Script", "脚本"]));
    for fact in OF_SCRIPTS {
        rows.push_str(&format!("<th scope=\"col\">{}</th>", lang.of(fact.name)));
    }
    rows.push_str("</tr>\n");
    for (name, script) in &scripts {
        let cells = OF_SCRIPTS.iter().map(|fact| format!("<td>{}</td>", grouped((fact.get)(script))));
        rows.push_str(&format!("<tr><th scope=\"row\">{}</th>{}</tr>\n", escape(name), cells.collect::<String>()));
    }
    format!("<table class=\"scripts\">\n{rows}</table>\n")
}

fn written(value: u64, unit: Unit, lang: Lang) -> String {
    match unit {
        Unit::Things => grouped(value),
        Unit::Bytes => size(value),
        Unit::Seconds => lasting(value, lang),
    }
}

/// `1,234,567`, as both languages write it.
fn grouped(value: u64) -> String {
    let digits = value.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

fn size(bytes: u64) -> String {
    let (mut whole, mut rest, mut unit) = (bytes, 0, "B");
    for larger in ["KB", "MB", "GB", "TB", "PB", "EB"] {
        if whole < 1_000 {
            break;
        }
        (whole, rest, unit) = (whole / 1_000, whole % 1_000, larger);
    }
    if unit == "B" { format!("{whole} B") } else { format!("{whole}.{} {unit}", rest / 100) }
}

fn lasting(seconds: u64, lang: Lang) -> String {
    let (days, hours, minutes, rest) = (seconds / 86_400, seconds / 3_600 % 24, seconds / 60 % 60, seconds % 60);
    let clock = format!("{hours:02}:{minutes:02}:{rest:02}");
    match (days, lang) {
        (0, _) => clock,
        (_, Lang::En) => format!("{days} d {clock}"),
        (_, Lang::Zh) => format!("{days} 天 {clock}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_that_is_liked_better_is_chosen() {
        for (accepted, lang) in [
            ("", Lang::En),
            ("de", Lang::En),
            ("zh-CN,zh;q=0.9,en;q=0.8", Lang::Zh),
            ("en-GB,en;q=0.9,zh;q=0.8", Lang::En),
            ("zh,en", Lang::Zh),
            ("en,zh", Lang::En),
            ("de, ZH-Hant;q=0.4", Lang::Zh),
            ("zh;q=0", Lang::En),
            ("zh;q=much", Lang::En),
        ] {
            assert_eq!(Lang::preferred(accepted), lang, "{accepted}");
        }
    }

    #[test]
    fn numbers_are_written_for_people() {
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(1_234_567), "1,234,567");
        assert_eq!(size(999), "999 B");
        assert_eq!(size(1_550), "1.5 KB");
        assert_eq!(size(u64::MAX), "18.4 EB");
        assert_eq!(lasting(3_661, Lang::En), "01:01:01");
        assert_eq!(lasting(90_061, Lang::Zh), "1 天 01:01:01");
    }
}
