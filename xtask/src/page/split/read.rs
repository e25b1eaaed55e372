//! A WebAssembly module, read as far as splitting it needs: who calls whom, what stands in tables, what has which name.

use std::collections::BTreeMap;
use std::ops::Range;

use anyhow::{Context, Result, bail, ensure};
use wasmparser::{
    ConstExpr, CustomSectionReader, ElementItems, ElementKind, Export, FuncType, FunctionBody, Global, Import,
    KnownCustom, Name, Operator, Parser, Payload, Table, TypeRef,
};

/// A module and its parts. Functions are counted as WebAssembly counts them, those from outside first.
#[derive(Default)]
pub(super) struct Module<'a> {
    /// The sections as they stand, by their numbers; custom ones are left out.
    pub(super) sections: BTreeMap<u8, &'a [u8]>,
    pub(super) types: Vec<FuncType>,
    /// What comes from outside: functions, and all that is none.
    pub(super) imports: Vec<Import<'a>>,
    pub(super) others: Vec<Import<'a>>,
    /// The type of each function.
    pub(super) functions: Vec<u32>,
    /// How many of the functions come from outside.
    pub(super) outside: u32,
    pub(super) tables: Vec<Table<'a>>,
    pub(super) memory: Option<wasmparser::MemoryType>,
    pub(super) globals: Vec<Global<'a>>,
    pub(super) exports: Vec<Export<'a>>,
    pub(super) start: Option<u32>,
    /// The function in each place of the table of functions.
    pub(super) places: BTreeMap<u32, u32>,
    pub(super) bodies: Vec<FunctionBody<'a>>,
    names: BTreeMap<u32, &'a str>,
}

impl<'a> Module<'a> {
    /// Reads a module that has one memory, whose tables are filled when it starts, and no exceptions.
    pub(super) fn read(bytes: &'a [u8]) -> Result<Self> {
        let mut module = Self::default();
        for payload in Parser::new(0).parse_all(bytes) {
            let payload = payload.context("the page's module cannot be read")?;
            if let Some((id, range)) = payload.as_section()
                && id != 0
            {
                module.sections.insert(id, slice(bytes, range)?);
            }
            module.take(payload)?;
        }
        Ok(module)
    }

    fn take(&mut self, payload: Payload<'a>) -> Result<()> {
        if let Payload::TypeSection(types) = payload {
            self.types = types.into_iter_err_on_gc_types().collect::<Result<_, _>>()?;
        } else if let Payload::ImportSection(imports) = payload {
            for import in imports.into_imports() {
                self.import(import?);
            }
        } else if let Payload::FunctionSection(functions) = payload {
            for function in functions {
                self.functions.push(function?);
            }
        } else if let Payload::TableSection(tables) = payload {
            self.tables = tables.into_iter().collect::<Result<_, _>>()?;
        } else if let Payload::MemorySection(memories) = payload {
            self.memory = memories.into_iter().next().transpose()?;
        } else if let Payload::GlobalSection(globals) = payload {
            self.globals = globals.into_iter().collect::<Result<_, _>>()?;
        } else if let Payload::ExportSection(exports) = payload {
            self.exports = exports.into_iter().collect::<Result<_, _>>()?;
        } else if let Payload::StartSection { func, .. } = payload {
            self.start = Some(func);
        } else if let Payload::ElementSection(elements) = payload {
            elements.into_iter().try_for_each(|element| self.element(element?))?;
        } else if let Payload::CodeSectionEntry(body) = payload {
            self.bodies.push(body);
        } else if let Payload::CustomSection(custom) = payload {
            self.custom(&custom)?;
        }
        Ok(())
    }

    fn import(&mut self, import: Import<'a>) {
        let TypeRef::Func(ty) = import.ty else {
            self.others.push(import);
            return;
        };
        self.functions.push(ty);
        self.outside += 1;
        self.imports.push(import);
    }

    fn custom(&mut self, custom: &CustomSectionReader<'a>) -> Result<()> {
        if let KnownCustom::Name(subsections) = custom.as_known() {
            for subsection in subsections {
                self.name(subsection?)?;
            }
        }
        Ok(())
    }

    fn element(&mut self, element: wasmparser::Element<'a>) -> Result<()> {
        let ElementKind::Active { offset_expr, .. } = &element.kind else { return Ok(()) };
        let ElementItems::Functions(functions) = element.items else {
            bail!("the page's module fills a table with something else than functions");
        };
        let first = number(offset_expr)?;
        for (place, function) in (first..).zip(functions) {
            self.places.insert(place, function?);
        }
        Ok(())
    }

    fn name(&mut self, subsection: Name<'a>) -> Result<()> {
        if let Name::Function(names) = subsection {
            for naming in names {
                let naming = naming?;
                self.names.insert(naming.index, naming.name);
            }
        }
        Ok(())
    }

    /// What a function is called; nothing where the module has no names.
    pub(super) fn name_of(&self, function: u32) -> &'a str {
        self.names.get(&function).copied().unwrap_or_default()
    }

    /// A function's own code; none for those from outside.
    pub(super) fn body(&self, function: u32) -> Option<&FunctionBody<'a>> {
        self.bodies.get(usize::try_from(function.checked_sub(self.outside)?).ok()?)
    }

    /// The numbers of all functions that have code here.
    pub(super) fn own(&self) -> Range<u32> {
        let count = u32::try_from(self.functions.len()).unwrap_or(u32::MAX);
        self.outside..count
    }

    /// Whom a function calls by name.
    pub(super) fn calls(&self, function: u32) -> Result<Vec<u32>> {
        let mut calls = Vec::new();
        let Some(body) = self.body(function) else { return Ok(calls) };
        for operator in body.get_operators_reader()? {
            if let Operator::Call { function_index }
            | Operator::ReturnCall { function_index }
            | Operator::RefFunc { function_index } = operator?
            {
                calls.push(function_index);
            }
        }
        Ok(calls)
    }

    /// The number of the table of functions.
    pub(super) fn table(&self) -> Result<u32> {
        let at = self.tables.iter().position(|table| table.ty.element_type == wasmparser::RefType::FUNCREF);
        Ok(u32::try_from(at.context("the page's module has no table of functions")?)?)
    }
}

/// The number that an expression is.
fn number(expression: &ConstExpr<'_>) -> Result<u32> {
    let Operator::I32Const { value } = expression.get_operators_reader().read()? else {
        bail!("a table of the page's module is filled at a place that is not a plain number");
    };
    Ok(u32::try_from(value)?)
}

fn slice(bytes: &[u8], range: Range<usize>) -> Result<&[u8]> {
    ensure!(range.end <= bytes.len(), "the page's module is cut short");
    bytes.get(range).context("the page's module is cut short")
}
