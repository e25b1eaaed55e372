//! The languages that are coloured, and their words.

/// How a language is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Words, calls, strings.
    Code,
    /// The same, where capitals make no difference.
    Anycase,
    /// Keys and values.
    Data,
    /// Tags and attributes.
    Markup,
    /// Lines that come and go.
    Patch,
}

/// What is known of a language.
pub(super) struct Language {
    pub kind: Kind,
    /// Lists of keywords with spaces between.
    pub words: [&'static str; 2],
    /// What begins a comment that ends with the line, with spaces between.
    pub line: &'static str,
    /// What begins and ends a comment of several lines.
    pub block: Option<(&'static str, &'static str)>,
    /// What strings stand between.
    pub quotes: &'static str,
}

/// What most languages with braces share.
const SHARED: &str = "if else for while return break continue true false do switch case default const static enum struct class new this try catch throw null void import public private protected interface finally abstract";
const RUST: &str = "fn let mut pub use mod impl trait match loop in where as self Self super crate type move ref dyn async await unsafe extern macro_rules";
const SCRIPT: &str = "function let var of in typeof instanceof async await yield export from extends implements type undefined delete as readonly keyof declare namespace get set number string boolean any";
const PYTHON: &str = "def if elif else for while return break continue in is not and or import from as class try except finally raise with lambda pass yield global nonlocal assert del True False None async await self match case";
const GO: &str = "func var type package map chan go defer select range fallthrough goto nil string int bool error byte len make append";
const JAVA: &str = "package extends implements throws final int long double float boolean char byte short super instanceof synchronized var record fun val when is in object companion data override open suspend init sealed lateinit by";
const C: &str = "int char long short float double unsigned signed bool auto sizeof typedef union extern volatile inline goto namespace using template typename virtual override constexpr nullptr delete operator friend noexcept explicit size_t";
const SHARP: &str = "using namespace int string bool double decimal long var async await get set override virtual sealed readonly out ref in is as foreach base record partial internal params lock yield where when event delegate object init";
const SHELL: &str = "if then else elif fi for in do done while until case esac function return break continue exit export local set unset source echo cd sudo true false";
const SQL: &str = "select from where and or not in is null insert into values update set delete create table index view drop alter add primary key foreign references unique default join left right inner outer full cross on as order by group having limit offset union all distinct case when then else end with recursive exists between like begin commit rollback integer text real blob returning conflict";

/// The language of this name, in any case.
pub(super) fn named(name: &str) -> Option<Language> {
    use Kind::{Anycase, Code, Data, Markup, Patch};
    let braces = |words, quotes| language(Code, [SHARED, words], "//", Some(("/*", "*/")), quotes);
    Some(match name.to_ascii_lowercase().as_str() {
        "rust" | "rs" => braces(RUST, "\""),
        "js" | "jsx" | "javascript" | "mjs" | "ts" | "tsx" | "typescript" => braces(SCRIPT, "\"'`"),
        "go" | "golang" => braces(GO, "\"'`"),
        "java" | "kotlin" | "kt" => braces(JAVA, "\"'"),
        "c" | "h" | "cpp" | "c++" | "cc" | "hpp" => braces(C, "\"'"),
        "cs" | "csharp" | "c#" => braces(SHARP, "\"'"),
        "python" | "py" => language(Code, [PYTHON, ""], "#", None, "\"'"),
        "bash" | "sh" | "shell" | "zsh" | "console" => language(Code, [SHELL, ""], "#", None, "\"'`"),
        "sql" => language(Anycase, [SQL, ""], "--", Some(("/*", "*/")), "\"'"),
        "json" | "json5" | "jsonc" => language(Data, ["true false null", ""], "//", Some(("/*", "*/")), "\""),
        "yaml" | "yml" | "toml" | "ini" => language(Data, ["true false null yes no", ""], "#", None, "\"'"),
        "css" | "scss" => language(Data, ["important", ""], "", Some(("/*", "*/")), "\"'"),
        "html" | "xml" | "svg" => language(Markup, ["", ""], "", Some(("<!--", "-->")), "\""),
        "diff" | "patch" => language(Patch, ["", ""], "", None, ""),
        _ => return None,
    })
}

const fn language(
    kind: Kind,
    words: [&'static str; 2],
    line: &'static str,
    block: Option<(&'static str, &'static str)>,
    quotes: &'static str,
) -> Language {
    Language { kind, words, line, block, quotes }
}
