//! Types that cannot be stored, as far as their syntax shows it. The traits refuse all others. The
//! messages here are better, and a type that contains itself would send the compiler into a cycle.

use syn::{GenericArgument, Ident, Path, PathArguments, Type};

use crate::errors::Errors;
use crate::input::Purpose;

/// Reports each part of a field's type that cannot be stored. `owner` is the type that has the
/// field.
pub(crate) fn check(ty: &Type, owner: &Ident, purpose: Purpose, errors: &mut Errors) {
    let mut inner = |ty: &Type| check(ty, owner, purpose, errors);
    let message = match ty {
        Type::Array(array) => return inner(&array.elem),
        Type::Group(group) => return inner(&group.elem),
        Type::Paren(paren) => return inner(&paren.elem),
        Type::Tuple(tuple) => return tuple.elems.iter().for_each(inner),
        Type::Path(path) => match named(&path.path, owner, purpose) {
            Some(message) => message,
            None => return arguments(&path.path).for_each(inner),
        },
        Type::Reference(reference) => borrowed(&reference.elem),
        Type::Slice(_) => "a slice has no size of its own: use `Vec<T>`".to_owned(),
        Type::Ptr(_) => "an address means nothing after an upgrade: store the value itself".to_owned(),
        Type::BareFn(_) => {
            "a function's address changes with every build: store an enum that says which one".to_owned()
        }
        Type::TraitObject(_) | Type::ImplTrait(_) => {
            "the layout of an unknown type is unknown: store an enum of the types it may be".to_owned()
        }
        _ => return,
    };
    errors.at(ty, message);
}

/// Returns `true` if a type is `owner` or has it as an argument.
pub(crate) fn holds(ty: &Type, owner: &Ident) -> bool {
    match ty {
        Type::Array(array) => holds(&array.elem, owner),
        Type::Group(group) => holds(&group.elem, owner),
        Type::Paren(paren) => holds(&paren.elem, owner),
        Type::Tuple(tuple) => tuple.elems.iter().any(|ty| holds(ty, owner)),
        Type::Path(path) => is_owner(&path.path, owner) || arguments(&path.path).any(|ty| holds(ty, owner)),
        _ => false,
    }
}

fn is_owner(path: &Path, owner: &Ident) -> bool {
    path.segments.len() == 1 && path.segments.iter().all(|last| last.ident == "Self" || last.ident == *owner)
}

/// Returns the types in a path's angle brackets.
fn arguments(path: &Path) -> impl Iterator<Item = &Type> {
    let brackets = path.segments.iter().filter_map(|segment| match &segment.arguments {
        PathArguments::AngleBracketed(arguments) => Some(&arguments.args),
        _ => None,
    });
    brackets.flatten().filter_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    })
}

/// Returns what is wrong with the type of this name, if anything. Only primitive types are known by
/// name: any other name may be that of the program's own type.
fn named(path: &Path, owner: &Ident, purpose: Purpose) -> Option<String> {
    if is_owner(path, owner) {
        return Some(format!(
            "`{owner}` contains itself, so its layout would have no end: keep the nodes in a collection and \
             store their keys here"
        ));
    }
    if let Some(name) = shared(path) {
        return Some(format!(
            "what an `{name}` shares would be stored once for each of its owners: store the value itself, or \
             its key in a collection"
        ));
    }
    let message = match path.get_ident()?.to_string().as_str() {
        "usize" => "its size differs between machines: use `u64`",
        "isize" => "its size differs between machines: use `i64`",
        "str" => "`str` has no size of its own: use `String`",
        "f32" | "f64" if purpose == Purpose::Key => {
            "floats have no total order: use `TotalF64` or `TotalF32`, or an integer, as in thousandths"
        }
        _ => return None,
    };
    Some(message.to_owned())
}

/// Returns the name of std's `Rc` or `Arc`, if the path says that it is std's.
fn shared(path: &Path) -> Option<String> {
    let names = || path.segments.iter().map(|segment| segment.ident.to_string());
    let of_std =
        path.segments.len() > 2 && names().next().is_some_and(|first| first == "std" || first == "alloc");
    names().last().filter(|last| of_std && (last == "Rc" || last == "Arc"))
}

fn borrowed(ty: &Type) -> String {
    let owned = match ty {
        Type::Path(path) if path.path.is_ident("str") => "use `String`",
        Type::Slice(_) => "use `Vec<T>`",
        _ => "store the value itself",
    };
    format!("stored values own their data: {owned}")
}
