//! Writes the two modules that a plan makes of one.
//!
//! They share memory, tables and globals, which the first exports and the second imports. Where a function came to the
//! second, the first has a *door*: a function of the same type that sees to it that the second is there, and calls what
//! then stands in its place of the table.

use std::collections::BTreeMap;
use std::convert::Infallible;

use anyhow::{Context, Result, anyhow};
use wasm_encoder::reencode::{Error, Reencode};
use wasm_encoder::{
    CodeSection, ConstExpr, ElementSection, Elements, EntityType, ExportKind, ExportSection, Function, FunctionSection,
    GlobalSection, GlobalType, ImportSection, InstructionSink, Module as Written, RawSection, SectionId, StartSection,
    TableSection, TypeSection, ValType,
};

use super::plan::Plan;
use super::read::Module;

/// What the first module asks its loader for when the second one is needed and not there: the name of the import.
pub(super) const WANTED: &str = "rest";

/// Where the second module's imports come from.
const FIRST: &str = "page";

/// Numbers that functions have in a module that is written.
#[derive(Default)]
struct Numbers(BTreeMap<u32, u32>);

impl Reencode for Numbers {
    type Error = Infallible;

    fn function_index(&mut self, function: u32) -> Result<u32, Error<Infallible>> {
        self.0.get(&function).copied().ok_or(Error::InvalidCodeSectionSize)
    }
}

impl Numbers {
    /// Copies a function's code, whose calls get the numbers of this module.
    fn copy(&mut self, code: &mut CodeSection, module: &Module<'_>, function: u32) -> Result<()> {
        let body = module.body(function).context("a function has no code")?;
        self.parse_function_body(code, body.clone())
            .map_err(|error| anyhow!("{}: its code cannot be copied: {error:?}", module.name_of(function)))
    }

    fn of(&self, function: u32) -> Result<u32> {
        self.0.get(&function).copied().context("a function of the split module has no number")
    }
}

/// Names of what both modules share, as short as can be: `r` and a number.
fn shared(number: usize) -> String {
    format!("r{number}")
}

fn raw<'a>(module: &Module<'a>, id: SectionId) -> Option<RawSection<'a>> {
    let id = id as u8;
    module.sections.get(&id).map(|data| RawSection { id, data })
}

/// The first module and the second one.
pub(super) fn modules(module: &Module<'_>, plan: &Plan) -> Result<(Vec<u8>, Vec<u8>)> {
    let shares = Shares::of(module, plan)?;
    Ok((first(module, plan, &shares)?, second(module, plan, &shares)?))
}

/// What the second module needs of the first, in the order of its imports.
struct Shares {
    functions: Vec<u32>,
    /// The number of the global that says whether the second module is there.
    arrived: u32,
    /// The number of the type of a function that takes and returns nothing.
    nothing: u32,
}

impl Shares {
    fn of(module: &Module<'_>, plan: &Plan) -> Result<Self> {
        let mut functions = Vec::new();
        for function in &plan.later {
            functions.extend(module.calls(*function)?.into_iter().filter(|called| !plan.later.contains(called)));
        }
        functions.sort_unstable();
        functions.dedup();
        let nothing = module.types.iter().position(|ty| ty.params().is_empty() && ty.results().is_empty());
        let nothing = u32::try_from(nothing.context("the page's module has no function of the type [] -> []")?)?;
        Ok(Self { functions, arrived: u32::try_from(module.globals.len())?, nothing })
    }
}

fn first(module: &Module<'_>, plan: &Plan, shares: &Shares) -> Result<Vec<u8>> {
    let mut numbers = Numbers((0..module.outside).map(|function| (function, function)).collect());
    let wanted = module.outside;
    let ensure = wanted + 1;
    for (number, function) in (ensure + 1..).zip(plan.stays.iter().chain(plan.doors.keys())) {
        numbers.0.insert(*function, number);
    }

    let mut imports = ImportSection::new();
    for import in &module.imports {
        numbers.parse_import(&mut imports, *import).map_err(|error| anyhow!("{error:?}"))?;
    }
    let from = module.imports.first().context("the page's module imports nothing")?.module;
    imports.import(from, WANTED, EntityType::Function(shares.nothing));

    let mut functions = FunctionSection::new();
    let mut code = CodeSection::new();
    functions.function(shares.nothing);
    code.function(&ensuring(shares.arrived, wanted));
    for function in &plan.stays {
        functions.function(type_of(module, *function)?);
        numbers.copy(&mut code, module, *function)?;
    }
    let table = module.table()?;
    for (function, place) in &plan.doors {
        let ty = type_of(module, *function)?;
        functions.function(ty);
        code.function(&door(ensure, params(module, ty)?, *place, ty, table)?);
    }

    let mut written = Written::new();
    written.section(&raw(module, SectionId::Type).context("the page's module has no types")?);
    written.section(&imports).section(&functions).section(&tables(module, plan, &mut numbers)?);
    if let Some(section) = raw(module, SectionId::Memory) {
        written.section(&section);
    }
    written.section(&globals(module, &mut numbers)?).section(&exports(module, shares, &numbers)?);
    if let Some(start) = module.start {
        written.section(&StartSection { function_index: numbers.of(start)? });
    }
    written.section(&filled(&module.places, table, &numbers)?);
    if let Some(section) = raw(module, SectionId::DataCount) {
        written.section(&section);
    }
    written.section(&code);
    if let Some(section) = raw(module, SectionId::Data) {
        written.section(&section);
    }
    Ok(written.finish())
}

fn second(module: &Module<'_>, plan: &Plan, shares: &Shares) -> Result<Vec<u8>> {
    let mut numbers = Numbers::default();
    let mut imports = ImportSection::new();
    let mut types = Types::default();
    let mut name = (0..).map(shared);
    let mut import = |imports: &mut ImportSection, ty: EntityType| {
        imports.import(FIRST, &name.next().unwrap_or_default(), ty);
    };
    for function in &shares.functions {
        numbers.0.insert(*function, u32::try_from(numbers.0.len())?);
        import(&mut imports, EntityType::Function(type_of(module, *function)?));
    }
    let unwritable = |error: Error<Infallible>| anyhow!("{error:?}");
    import(&mut imports, EntityType::Memory(module.memory.context("the page's module has no memory")?.into()));
    for (number, table) in module.tables.iter().enumerate() {
        let mut ty = numbers.table_type(table.ty).map_err(unwritable)?;
        widen(&mut ty, number, module, plan)?;
        import(&mut imports, EntityType::Table(ty));
    }
    for global in &module.globals {
        import(&mut imports, EntityType::Global(numbers.global_type(global.ty).map_err(unwritable)?));
    }
    import(&mut imports, EntityType::Global(ARRIVED));

    let arrive = u32::try_from(numbers.0.len())?;
    for (number, function) in (arrive + 1..).zip(&plan.later) {
        numbers.0.insert(*function, number);
    }
    let mut functions = FunctionSection::new();
    let mut code = CodeSection::new();
    functions.function(shares.nothing);
    let mut arriving = Function::new([]);
    arriving.instructions().i32_const(1).global_set(shares.arrived).end();
    code.function(&arriving);
    for function in &plan.later {
        functions.function(type_of(module, *function)?);
        numbers.copy(&mut code, module, *function)?;
    }
    let places = plan.doors.iter().map(|(function, place)| (*place, *function)).collect();
    let mut written = Written::new();
    written.section(types.all(module, &mut numbers)?).section(&imports).section(&functions);
    written.section(&StartSection { function_index: arrive });
    written.section(&filled(&places, module.table()?, &numbers)?);
    if let Some(section) = raw(module, SectionId::DataCount) {
        written.section(&section);
    }
    written.section(&code);
    Ok(written.finish())
}

/// The types of the module, as they are.
#[derive(Default)]
struct Types(TypeSection);

impl Types {
    fn all(&mut self, module: &Module<'_>, numbers: &mut Numbers) -> Result<&TypeSection> {
        for ty in &module.types {
            let ty = numbers.func_type(ty.clone()).map_err(|error| anyhow!("{error:?}"))?;
            self.0.ty().func_type(&ty);
        }
        Ok(&self.0)
    }
}

const ARRIVED: GlobalType = GlobalType { val_type: ValType::I32, mutable: true, shared: false };

fn type_of(module: &Module<'_>, function: u32) -> Result<u32> {
    module.functions.get(usize::try_from(function)?).copied().context("a function has no type")
}

fn params(module: &Module<'_>, ty: u32) -> Result<u32> {
    let ty = module.types.get(usize::try_from(ty)?).context("a function's type is not there")?;
    Ok(u32::try_from(ty.params().len())?)
}

/// Asks for the second module unless it is there.
fn ensuring(arrived: u32, wanted: u32) -> Function {
    let mut function = Function::new([]);
    function.instructions().global_get(arrived).if_(wasm_encoder::BlockType::Empty).else_().call(wanted).end().end();
    function
}

/// Calls what stands at a place of the table, once the second module is there.
fn door(ensure: u32, params: u32, place: u32, ty: u32, table: u32) -> Result<Function> {
    let mut function = Function::new([]);
    let mut code: InstructionSink<'_> = function.instructions();
    code.call(ensure);
    for param in 0..params {
        code.local_get(param);
    }
    code.i32_const(i32::try_from(place)?).call_indirect(table, ty).end();
    Ok(function)
}

/// Makes room for the doors.
fn widen(ty: &mut wasm_encoder::TableType, number: usize, module: &Module<'_>, plan: &Plan) -> Result<()> {
    if u32::try_from(number)? == module.table()? {
        ty.minimum = ty.minimum.max(plan.places.into());
        ty.maximum = ty.maximum.map(|most| most.max(plan.places.into()));
    }
    Ok(())
}

fn tables(module: &Module<'_>, plan: &Plan, numbers: &mut Numbers) -> Result<TableSection> {
    let mut section = TableSection::new();
    for (number, table) in module.tables.iter().enumerate() {
        let mut ty = numbers.table_type(table.ty).map_err(|error| anyhow!("{error:?}"))?;
        widen(&mut ty, number, module, plan)?;
        section.table(ty);
    }
    Ok(section)
}

fn globals(module: &Module<'_>, numbers: &mut Numbers) -> Result<GlobalSection> {
    let mut section = GlobalSection::new();
    for global in &module.globals {
        numbers.parse_global(&mut section, global.clone()).map_err(|error| anyhow!("{error:?}"))?;
    }
    section.global(ARRIVED, &ConstExpr::i32_const(0));
    Ok(section)
}

/// What was exported, and what the second module imports, in the same order.
fn exports(module: &Module<'_>, shares: &Shares, numbers: &Numbers) -> Result<ExportSection> {
    let mut section = ExportSection::new();
    for export in &module.exports {
        let (kind, index) = match export.kind {
            wasmparser::ExternalKind::Func | wasmparser::ExternalKind::FuncExact => {
                (ExportKind::Func, numbers.of(export.index)?)
            }
            kind @ (wasmparser::ExternalKind::Table
            | wasmparser::ExternalKind::Memory
            | wasmparser::ExternalKind::Global
            | wasmparser::ExternalKind::Tag) => (kind.into(), export.index),
        };
        section.export(export.name, kind, index);
    }
    let mut name = (0..).map(shared);
    let mut share = |kind, index| {
        section.export(&name.next().unwrap_or_default(), kind, index);
    };
    for function in &shares.functions {
        share(ExportKind::Func, numbers.of(*function)?);
    }
    share(ExportKind::Memory, 0);
    (0..u32::try_from(module.tables.len())?).for_each(|table| share(ExportKind::Table, table));
    (0..=shares.arrived).for_each(|global| share(ExportKind::Global, global));
    Ok(section)
}

/// Puts functions into the places of the table; those that follow each other at once.
fn filled(places: &BTreeMap<u32, u32>, table: u32, numbers: &Numbers) -> Result<ElementSection> {
    let mut section = ElementSection::new();
    let mut runs: Vec<(u32, Vec<u32>)> = Vec::new();
    for (place, function) in places {
        let function = numbers.of(*function)?;
        match runs.last_mut() {
            Some((first, run)) if *first + u32::try_from(run.len())? == *place => run.push(function),
            Some(_) | None => runs.push((*place, vec![function])),
        }
    }
    for (first, run) in runs {
        let table = (table != 0).then_some(table);
        section.active(table, &ConstExpr::i32_const(i32::try_from(first)?), Elements::Functions(run.into()));
    }
    Ok(section)
}
