//! The declarations of a module, gathered in one pass over its sections.

use wasmparser::{ExternalKind, FuncType, GlobalType, MemoryType, Parser, Payload, Result, TypeRef, ValType};

/// An import: module, name, and the type index if it is a function.
pub(crate) struct Import {
    pub(crate) module: String,
    pub(crate) name: String,
    pub(crate) function: Option<u32>,
}

/// An export: name, kind, and index within the kind.
pub(crate) struct Export {
    pub(crate) name: String,
    pub(crate) kind: ExternalKind,
    pub(crate) index: u32,
}

/// The declarations of a module.
#[derive(Default)]
pub(crate) struct Facts {
    pub(crate) types: Vec<FuncType>,
    pub(crate) imports: Vec<Import>,
    /// Type indices of the functions defined here.
    pub(crate) functions: Vec<u32>,
    pub(crate) tables: usize,
    pub(crate) memory: Option<MemoryType>,
    pub(crate) globals: Vec<GlobalType>,
    pub(crate) exports: Vec<Export>,
    pub(crate) start: Option<u32>,
    pub(crate) custom_sections: usize,
}

impl Facts {
    /// Reads the declarations; the module should have been validated before.
    pub(crate) fn read(wasm: &[u8]) -> Result<Self> {
        let mut facts = Self::default();
        for payload in Parser::new(0).parse_all(wasm) {
            facts.add(payload?)?;
        }
        Ok(facts)
    }

    fn add(&mut self, payload: Payload<'_>) -> Result<()> {
        match payload {
            Payload::TypeSection(section) => {
                for ty in section.into_iter_err_on_gc_types() {
                    self.types.push(ty?);
                }
            }
            Payload::ImportSection(section) => {
                for import in section.into_imports() {
                    let import = import?;
                    let function = match import.ty {
                        TypeRef::Func(index) => Some(index),
                        _ => None,
                    };
                    let (module, name) = (import.module.to_owned(), import.name.to_owned());
                    self.imports.push(Import { module, name, function });
                }
            }
            Payload::FunctionSection(section) => {
                self.functions = section.into_iter().collect::<Result<_>>()?;
            }
            Payload::TableSection(section) => self.tables = section.count() as usize,
            Payload::MemorySection(section) => {
                self.memory = section.into_iter().next().transpose()?;
            }
            Payload::GlobalSection(section) => {
                for global in section {
                    self.globals.push(global?.ty);
                }
            }
            Payload::ExportSection(section) => {
                for export in section {
                    let export = export?;
                    let (name, kind, index) = (export.name.to_owned(), export.kind, export.index);
                    self.exports.push(Export { name, kind, index });
                }
            }
            Payload::StartSection { func, .. } => self.start = Some(func),
            Payload::CustomSection(_) => self.custom_sections += 1,
            _ => {}
        }
        Ok(())
    }

    /// Returns `true` if the memory is addressed with 64 bits.
    pub(crate) fn wide(&self) -> bool {
        self.memory.is_some_and(|memory| memory.memory64)
    }

    /// Returns the number of imported functions (all imports, once [`super::check`] has passed).
    pub(crate) fn imported_functions(&self) -> u32 {
        self.imports.iter().filter(|import| import.function.is_some()).count() as u32
    }

    /// Returns the type of the function `index`, counting imports first.
    pub(crate) fn function_type(&self, index: u32) -> Option<&FuncType> {
        let imported = self.imports.iter().filter_map(|import| import.function);
        let ty = imported.chain(self.functions.iter().copied()).nth(index as usize)?;
        self.types.get(ty as usize)
    }

    /// Returns the indices of the globals that messages may change.
    pub(crate) fn mutable_globals(&self) -> impl Iterator<Item = u32> {
        let numeric = |ty: ValType| !matches!(ty, ValType::Ref(_));
        (0u32..)
            .zip(&self.globals)
            .filter(move |(_, ty)| ty.mutable && numeric(ty.content_type))
            .map(|(i, _)| i)
    }
}
