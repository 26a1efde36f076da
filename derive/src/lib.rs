//! The macros of `graven`: the derives [`StableLayout`](macro@StableLayout) for values,
//! [`StableKey`](macro@StableKey) for keys and [`Table`](macro@Table) for rows, and the attribute
//! [`store`](macro@store).
//!
//! Programs use them through the facade `graven`. The traits of the same names specify what
//! generated code does.

// A mistake in a program is a compile error with its location, never a panic of the macro.
#![deny(clippy::expect_used, clippy::panic, clippy::string_slice, clippy::unreachable, clippy::unwrap_used)]

mod attributes;
mod bounds;
mod errors;
mod forms;
mod generate;
mod input;
mod lock;
mod order;
mod parsing;
mod past;
mod positions;
mod reader;
mod regroup;
mod supported;
mod timeline;
mod variants;

mod stable_key;
mod stable_layout;
mod store;
mod table;

use proc_macro::TokenStream;
use syn::DeriveInput;

/// Gives a struct or enum a versioned byte layout.
///
/// On the type, `#[layout(…)]` takes
/// - `version = N`, required, from 1 on: the number of layouts that this type has had;
/// - `oldest = N`: the oldest version that can be read;
/// - `previous = OldType`: the type that reads all versions up to its own, which `From<OldType>`
///   then converts. A type without a version, such as `u64`, reads everything that was stored
///   before version 1;
/// - `removed(name: Type, until = N)`, in a struct: a field that followed all others;
/// - `removed(Name(Type), until = N, with = f)`, in an enum: a variant that followed all others;
/// - `moved(a, b, …, until = N)`, in a struct: the order of all fields before version `N`, under
///   the names that they had in that version;
/// - `name = "…"`: the name of the type in layouts, if it is not the name in the code;
/// - `bound = "T: Trait, …"`: the bounds of the implementations. Without it, the type of every
///   field that mentions a type parameter needs a layout;
/// - `crate = path`: the path of `graven`, if it is not `::graven`.
///
/// On a field it takes
/// - `since = N`: the version that added the field; in older values it is `Default::default()`;
/// - `default = expression`, with `since`: the value of the field in older values;
/// - `was(Type, until = N)`: the type before version `N`. `From` converts it, or `with = f`: a
///   function, or a closure that captures nothing;
/// - `renamed(name, until = N)`: the name before version `N`;
/// - `removed(name: Type, since = M, until = N)`: a field that preceded this one;
/// - `field = NAME`, in a struct: the name of the path to the field.
///
/// On a variant it takes
/// - `since = N`: the version that added the variant;
/// - `tag = N`: the byte that identifies the variant. The default is one more than the tag of the
///   variant before, which may be a removed one;
/// - `renamed(Name, until = N)`: the name before version `N`;
/// - `removed(Name(Type), tag = T, since = M, until = N, with = f)`: a variant that preceded this
///   one; `f` converts its fields to a value of the current version;
/// - `removed(name: Type, until = N)` and `moved(a, b, …, until = N)`: as on a struct, for the
///   fields of the variant.
///
/// Structs get a path to each field, as an associated constant with the visibility of the field:
/// `User::BALANCE` for `balance`, `Pair::F0` for the first field of a tuple. If the type has a
/// constant of that name already, `field` gives the path another name. `docs/fields.md` explains
/// what paths are for.
///
/// `was`, `renamed`, `removed` and `moved` may be given several times, for several versions. If an
/// attribute mentions a version, some attribute has to mention every version from 2 on, or from the
/// one after `oldest` or `previous`. Contradictions do not compile. `docs/evolution.md` explains
/// all of this with examples.
#[proc_macro_derive(StableLayout, attributes(layout))]
pub fn stable_layout(input: TokenStream) -> TokenStream {
    expand(input, |input| stable_layout::derive(&input))
}

/// Gives a struct or enum an order-preserving encoding: its fields one after another, so that keys
/// compare as with std's derived `Ord`. A struct's leading fields, as a tuple, are a prefix of its
/// keys.
///
/// On a variant, `#[layout(tag = N)]` sets the byte that identifies it. Tags have to ascend.
/// `bound` and `crate` mean the same as for [`StableLayout`](macro@StableLayout). All else in
/// `#[layout(…)]` is ignored.
#[proc_macro_derive(StableKey, attributes(layout))]
pub fn stable_key(input: TokenStream) -> TokenStream {
    expand(input, |input| stable_key::derive(&input))
}

/// Makes a struct a row of a `Table`: it says which field is the key, and which ones have an index.
///
/// On a field, `#[table(…)]` takes
/// - `key`: the field by which rows are found, or one of several that are the key together;
/// - `key, auto`: a `u64` that the table gives to each row that is inserted, and never again;
/// - `index`: rows in the order of this field;
/// - `unique`: the same, and no two rows have the same value;
/// - `index(each)`, for a `Vec<T>` and the like: an entry for each of its values.
///
/// On the struct it takes
/// - `index(a, b, …)` and `unique(a, b, …)`: an index of several fields;
/// - `index(by = function -> Type)`: an index of what a function makes of a row;
/// - `index(each = function -> Type)`: an index of each value that a function returns for a row;
/// - `crate = path`: the path of `graven`, if it is not `::graven`.
///
/// Each index may also have `where = function`, which says which rows have entries, and
/// `name = "…"`, if it is not to be called like its fields or its function. `version = N` goes up
/// when a function returns something else than before, so that the index is made anew.
///
/// The index `country_karma` is a constant of the type, `User::BY_COUNTRY_KARMA`. `docs/tables.md`
/// explains all of this with examples.
#[proc_macro_derive(Table, attributes(table))]
pub fn table(input: TokenStream) -> TokenStream {
    expand(input, |input| table::derive(&input))
}

/// Makes a store from a struct of collections. Each field is a root with the field's name.
///
/// On a field, `#[store(…)]` takes
/// - `name = "…"`: the name of the root, if it is not that of the field;
/// - `renamed("…")`: a name that the root had before.
///
/// On the struct, in a `#[store(…)]` below this attribute, it takes
/// - `dropped("…")`: a stored root to remove; its space is reused. If a stored root is not
///   mentioned at all, opening is refused;
/// - `without(method, …)`: generated methods to leave out, since the struct has its own under these
///   names;
/// - `crate = path`: the path of `graven`, if it is not `::graven`.
///
/// The struct gets the methods `open`, `stats`, `usage`, `obsolete`, `sweep` and `transact`, and
/// implements `graven::Schema`.
#[proc_macro_attribute]
pub fn store(arguments: TokenStream, input: TokenStream) -> TokenStream {
    let arguments = regroup::regroup(arguments.into());
    expand(input, |input| store::expand(&arguments, input))
}

/// Parses a type and generates code from it.
fn expand(input: TokenStream, generate: impl FnOnce(DeriveInput) -> proc_macro2::TokenStream) -> TokenStream {
    let input = syn::parse2(regroup::regroup(input.into()));
    input.map_or_else(syn::Error::into_compile_error, generate).into()
}
