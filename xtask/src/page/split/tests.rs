//! One module in, two out: what goes where, and whether they fit together.

use wasm_encoder::{
    CodeSection, ConstExpr, DataSection, ElementSection, Elements, EntityType, ExportKind, ExportSection, Function,
    FunctionSection, GlobalSection, GlobalType, ImportSection, MemorySection, MemoryType, Module, NameMap, NameSection,
    RefType, TableSection, TableType, TypeSection, ValType,
};

use super::*;

const LOG: u32 = 0;
const MAIN: u32 = 1;
const LATER: u32 = 2;
const HELPER: u32 = 3;
const COMMON: u32 = 4;
const HELD: u32 = 5;

/// Calls, and enough of nothing to be worth moving.
fn calling(calls: &[u32]) -> Function {
    let mut function = Function::new([]);
    let mut code = function.instructions();
    (0..200).for_each(|_| {
        code.nop();
    });
    for called in calls {
        code.i32_const(1).call(*called).drop();
    }
    code.i32_const(7).end();
    function
}

/// `main` calls what is named `later`, which has a helper of its own, shares another one, and logs; another later one
/// stands in the table.
fn module() -> Vec<u8> {
    let mut types = TypeSection::new();
    types.ty().function([], []);
    types.ty().function([ValType::I32], [ValType::I32]);
    let mut imports = ImportSection::new();
    imports.import("./bg.js", "log", EntityType::Function(1));
    let mut functions = FunctionSection::new();
    let mut code = CodeSection::new();
    for calls in [&[LATER, COMMON][..], &[HELPER, COMMON, LOG], &[], &[], &[HELPER]] {
        functions.function(1);
        code.function(&calling(calls));
    }
    let mut tables = TableSection::new();
    let (element_type, shared) = (RefType::FUNCREF, false);
    tables.table(TableType { element_type, table64: false, minimum: 2, maximum: Some(2), shared });
    let mut memories = MemorySection::new();
    memories.memory(MemoryType { minimum: 1, maximum: None, memory64: false, shared, page_size_log2: None });
    let mut globals = GlobalSection::new();
    globals.global(GlobalType { val_type: ValType::I32, mutable: true, shared }, &ConstExpr::i32_const(9));
    let mut exports = ExportSection::new();
    exports.export("main", ExportKind::Func, MAIN).export("memory", ExportKind::Memory, 0);
    let mut elements = ElementSection::new();
    elements.active(None, &ConstExpr::i32_const(1), Elements::Functions([HELD][..].into()));
    let mut data = DataSection::new();
    data.active(0, &ConstExpr::i32_const(16), *b"text");
    let mut names = NameMap::new();
    let called = ["log", "main", "wire::later", "helper", "common", "wire::held"];
    (0..).zip(called).for_each(|(function, name)| names.append(function, name));
    let mut section = NameSection::new();
    section.functions(&names);
    let mut module = Module::new();
    module.section(&types).section(&imports).section(&functions).section(&tables).section(&memories);
    module.section(&globals).section(&exports).section(&elements).section(&code).section(&data).section(&section);
    module.finish()
}

fn plan(module: &read::Module<'_>) -> plan::Plan {
    plan::decide(module, |name| name.contains("wire::")).unwrap()
}

#[test]
fn what_only_the_later_ones_call_goes_with_them() {
    let bytes = module();
    let plan = plan(&read::Module::read(&bytes).unwrap());
    assert_eq!(plan.stays.into_iter().collect::<Vec<_>>(), [MAIN, COMMON]);
    assert_eq!(plan.later.into_iter().collect::<Vec<_>>(), [LATER, HELPER, HELD]);
    // What stands in the table already keeps its place; the other one gets the next.
    assert_eq!(plan.doors.into_iter().collect::<Vec<_>>(), [(LATER, 2), (HELD, 1)]);
    assert_eq!(plan.places, 3);
}

#[test]
fn both_modules_are_valid_and_share_what_they_must() {
    let bytes = module();
    let module = read::Module::read(&bytes).unwrap();
    let (first, rest) = write::modules(&module, &plan(&module)).unwrap();
    for written in [&first, &rest] {
        wasmparser::validate(written).unwrap();
    }
    let (first, rest) = (read::Module::read(&first).unwrap(), read::Module::read(&rest).unwrap());

    let asked: Vec<_> = first.imports.iter().map(|import| import.name).collect();
    assert_eq!(asked, ["log", write::WANTED]);
    let exported: Vec<_> = first.exports.iter().map(|export| export.name).collect();
    for import in rest.others.iter().chain(&rest.imports) {
        assert!(exported.contains(&import.name), "{import:?} is not exported");
    }
    assert!(exported.starts_with(&["main", "memory"]), "what was exported stays: {exported:?}");
    assert!(first.sections[&11].ends_with(b"text"), "texts stay");
    assert_eq!(rest.places.keys().copied().collect::<Vec<_>>(), [1, 2], "it takes its places in the table");
    assert!(rest.start.is_some(), "it says that it is there");
}

#[test]
fn a_module_without_names_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let bare = super::super::sections::without_names(&module()).unwrap();
    fs::write(dir.path().join("readyroom-page-0a_bg.wasm"), bare).unwrap();
    fs::write(dir.path().join("readyroom-page-0a.js"), IMPORTS).unwrap();
    fs::write(dir.path().join("index.html"), "<head></head>").unwrap();
    assert!(page(dir.path()).unwrap_err().to_string().contains("name"));
}
