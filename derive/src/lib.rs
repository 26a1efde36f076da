//! Derives of `graven`: [`StableLayout`](macro@StableLayout) for what is stored,
//! [`StableKey`](macro@StableKey) for what it is stored under.
//!
//! Programs use them through the facade `graven`; what the generated code has to keep to is written at the
//! traits of the same names.

mod attributes;
mod bounds;
mod errors;
mod forms;
mod generate;
mod input;
mod lock;
mod order;
mod past;
mod positions;
mod regroup;
mod supported;
mod timeline;
mod variants;

mod stable_key;
mod stable_layout;
mod store;

use proc_macro::TokenStream;
use syn::DeriveInput;

/// Gives a struct or enum a versioned byte layout.
///
/// On the type, `#[layout(…)]` takes
/// - `version = N`, required, from 1 on: counts the layouts that this type has had;
/// - `oldest = N`: versions before it are no longer read;
/// - `previous = OldType`: versions up to that of `OldType` are read by it and then converted by
///   `From<OldType>`. What has no version, as `u64`, stands for all that was stored before version 1;
/// - `removed(name: Type, until = N)`, in a struct: a field that stood behind all others;
/// - `removed(Name(Type), until = N, with = f)`, in an enum: a variant that stood behind all others;
/// - `moved(a, b, …, until = N)`, in a struct: the order of all fields before version `N`, by their names of
///   then;
/// - `name = "…"`: what layouts call the type, if not by its name in the code;
/// - `bound = "T: Trait, …"`: the bounds of the implementations. Without it, the type of every field that mentions a
///   type parameter has to have a layout;
/// - `crate = path`: the path of `graven`, if it is not `::graven`.
///
/// On a field it takes
/// - `since = N`: the version that added the field; older values get `Default::default()`;
/// - `default = expression`, beside `since`: what older values get instead;
/// - `was(Type, until = N)`: the type before version `N`, converted by `From`, or by `with = f`, a function or a
///   closure that uses nothing around it;
/// - `renamed(name, until = N)`: the name before version `N`;
/// - `removed(name: Type, since = M, until = N)`: a field that stood in front of this one;
/// - `field = NAME`, in a struct: what the path to it is called.
///
/// On a variant it takes
/// - `since = N`: the version that added the variant;
/// - `tag = N`: the byte that stands for the variant. Without it, one more than the variant before, removed
///   ones included;
/// - `renamed(Name, until = N)`: the name before version `N`;
/// - `removed(Name(Type), tag = T, since = M, until = N, with = f)`: a variant that stood in front of this one; `f`
///   makes a value of today of its fields;
/// - `removed(name: Type, until = N)` and `moved(a, b, …, until = N)`: as on a struct, of the variant's fields.
///
/// Structs get a path to each field, as a constant of the type that is as visible as the field: `User::BALANCE` for
/// `balance`, `Pair::F0` for the first one of a tuple. Where the type has a constant of that name already, `field`
/// gives the path another one. `docs/fields.md` says what to do with paths.
///
/// `was`, `renamed`, `removed` and `moved` may be given several times, for several versions. Every version from 2
/// on, or from the one after `oldest` or `previous`, has to be spoken of by some attribute, if any is. What
/// contradicts itself does not compile. `docs/evolution.md` explains all of this with examples.
#[proc_macro_derive(StableLayout, attributes(layout))]
pub fn stable_layout(input: TokenStream) -> TokenStream {
    expand(input, |input| stable_layout::derive(&input))
}

/// Gives a struct or enum an order-preserving encoding: that of its fields one after another, so keys
/// compare as with std's derived `Ord`.
///
/// On a variant, `#[layout(tag = N)]` sets the byte that stands for it; tags have to rise. What
/// `#[layout(…)]` says for [`StableLayout`](macro@StableLayout) besides is ignored.
#[proc_macro_derive(StableKey, attributes(layout))]
pub fn stable_key(input: TokenStream) -> TokenStream {
    expand(input, |input| stable_key::derive(&input))
}

/// Opens a struct of collections as one store: each field is a root under the field's name.
///
/// On a field, `#[store(name = "…")]` gives the root another name than the field, and `#[store(renamed("…"))]`
/// tells a name that it had before. On the struct, `#[store(dropped("…"))]` lets a stored root go; its space
/// comes back as it is needed. A stored root of which nothing is said is not lost: opening is refused.
///
/// The struct gets `open`, `stats`, `usage` and `sweep`, and implements `graven::Schema`.
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
