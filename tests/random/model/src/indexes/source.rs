//! The Rust of an index: how the code of a release reads its fields from a row.

use std::collections::HashMap;

use super::{Index, Source};
use crate::ty::Ty;

/// Functions of a history's rows. One that several indexes or releases need is compiled once.
pub(crate) struct Functions {
    /// The path of the module that they are in.
    module: String,
    /// The name of each, by what follows it in its declaration.
    names: HashMap<String, String>,
    /// Their declarations.
    pub(crate) source: String,
}

impl Functions {
    pub(crate) fn new(module: String) -> Self {
        Functions { module, names: HashMap::new(), source: String::new() }
    }

    /// Returns the path of a function.
    fn get(&mut self, macro_name: &str, rest: String) -> String {
        let next = self.names.len();
        let name = self.names.entry(rest).or_insert_with_key(|rest| {
            self.source.push_str(&format!("{macro_name}!(f{next}, {rest});\n"));
            format!("f{next}")
        });
        format!("{}::{name}", self.module)
    }
}

impl Index {
    /// Returns the code of the index of rows of a type. `name` returns the name of a field.
    pub(crate) fn source(
        &self,
        row: &str,
        name: impl Fn(u32) -> String,
        functions: &mut Functions,
    ) -> String {
        let own = name(self.field.id);
        let mut encoded = |field: u32| functions.get("encoded", format!("{row}, {}", name(field)));
        let only = match &self.only {
            Some((field, _)) => format!("Some({})", encoded(field.id)),
            None => "None".to_owned(),
        };
        let included = match &self.included {
            Some(field) => {
                let (name, ty, encoded) = (name(field.id), field.ty.rust(), encoded(field.id));
                format!("Some(Included {{ name: \"{name}\", layout: layout::<{ty}>, encoded: {encoded} }})")
            }
            None => "None".to_owned(),
        };
        let values = match &self.source {
            Source::Field => {
                self.keys(row, &self.field.ty, &format!("std::slice::from_ref(&row.{own})"), functions)
            }
            Source::Each => {
                self.keys(row, element(&self.field.ty), &format!("row.{own}.as_slice()"), functions)
            }
            Source::By(_) => format!("Values::By({})", encoded(self.field.id)),
        };
        format!("IndexCode {{ values: {values}, only: {only}, included: {included} }}, ")
    }

    fn keys(&self, row: &str, ty: &Ty, slice: &str, functions: &mut Functions) -> String {
        let ty = ty.rust();
        let key = if self.slot.is_unique() { ty } else { format!("({ty}, u64)") };
        let write = functions.get("values", format!("{row}, |row| {slice}"));
        format!("Values::Keys {{ key: key::<{key}>, write: {write} }}")
    }
}

/// Returns the type of the values in a field.
fn element(ty: &Ty) -> &Ty {
    match ty {
        Ty::List(ty) | Ty::Opt(ty) => ty,
        _ => &Ty::Uint(8),
    }
}
