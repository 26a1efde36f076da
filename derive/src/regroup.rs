//! Replaces the groups without delimiters that `macro_rules!` puts around its fragments.
//!
//! The compiler ignores such groups where a macro emits them, so `$d * 2` with `1 + 2` for `$d`
//! would become `1 + 2 * 2`. Parentheses, braces or angle brackets replace them wherever the
//! grouping matters. Elsewhere only the contents remain, so that the input looks as if it were
//! written by hand.

use proc_macro2::{Delimiter, Group, Punct, Spacing, TokenStream, TokenTree};
use syn::{Expr, Type, parse2};

use crate::generate::span;

/// Returns the same tokens without groups that have no delimiters.
pub(crate) fn regroup(tokens: TokenStream) -> TokenStream {
    let trees: Vec<TokenTree> = tokens.into_iter().collect();
    let mut out: Vec<TokenTree> = Vec::new();
    for (index, tree) in trees.iter().enumerate() {
        let TokenTree::Group(group) = tree else {
            out.push(tree.clone());
            continue;
        };
        let inner = regroup(group.stream());
        if group.delimiter() == Delimiter::None {
            let place = Place::of(&out, trees.get(index + 1));
            place.push(inner, &mut out);
        } else {
            let mut regrouped = Group::new(group.delimiter(), inner);
            regrouped.set_span(group.span());
            out.push(regrouped.into());
        }
    }
    out.into_iter().collect()
}

/// The surroundings of a fragment, as far as its grouping depends on them.
#[derive(Clone, Copy, PartialEq)]
enum Place {
    /// Between separators: nothing can bind to a part of the fragment.
    Alone,
    /// Between `<`, `,` and `>`: an argument of a generic type.
    Argument,
    /// Before `::`.
    Qualifier,
    /// Among operators, where precedence decides.
    Operand,
}

impl Place {
    /// Returns the surroundings after the tokens `before` and before the token `next`.
    fn of(before: &[TokenTree], next: Option<&TokenTree>) -> Place {
        let opens = Separator::before(before);
        let closes = match next {
            None => Some(Separator::Edge),
            Some(TokenTree::Punct(punct)) => Separator::after(punct),
            Some(_) => None,
        };
        match (opens, closes) {
            (_, Some(Separator::Path)) => Place::Qualifier,
            (Some(Separator::Angle), Some(Separator::Angle | Separator::Comma)) => Place::Argument,
            (Some(Separator::Comma), Some(Separator::Angle)) => Place::Argument,
            (Some(Separator::Comma), Some(Separator::Comma)) if in_angles(before) => Place::Argument,
            (Some(Separator::Edge | Separator::Comma), Some(Separator::Edge | Separator::Comma)) => {
                Place::Alone
            }
            _ => Place::Operand,
        }
    }

    fn push(self, inner: TokenStream, out: &mut Vec<TokenTree>) {
        match self {
            Place::Alone => out.extend(inner),
            Place::Argument if is_type(&inner) || is_atom(&inner) => out.extend(inner),
            Place::Argument if parse2::<Expr>(inner.clone()).is_ok() => {
                out.push(group(Delimiter::Brace, inner));
            }
            Place::Qualifier if !is_single(&inner) && is_type(&inner) => {
                out.push(angle('<'));
                out.extend(inner);
                out.push(angle('>'));
            }
            Place::Operand if !is_atom(&inner) && needs_parentheses(&inner) => {
                out.push(group(Delimiter::Parenthesis, inner));
            }
            _ => out.extend(inner),
        }
    }
}

/// A token that ends the reach of operators.
enum Separator {
    /// The end of the enclosing group, or a token after which an expression begins.
    Edge,
    Comma,
    /// `<` or `>`.
    Angle,
    /// `::`.
    Path,
}

impl Separator {
    /// Returns the separator at the end of `tokens`, seen from the tokens after it, or `None`.
    fn before(tokens: &[TokenTree]) -> Option<Separator> {
        let (last, others) = match tokens.split_last() {
            None => return Some(Separator::Edge),
            Some((TokenTree::Punct(last), others)) => (last, others),
            Some(_) => return None,
        };
        // The second half of `==`, `+=`, `>=` or `->` is not a separator, but that of `=>` is.
        let joined = match others.last() {
            Some(TokenTree::Punct(punct)) if punct.spacing() == Spacing::Joint => Some(punct.as_char()),
            _ => None,
        };
        match (last.as_char(), joined) {
            (',', _) => Some(Separator::Comma),
            (';' | ':' | '=', None) | ('>', Some('=')) => Some(Separator::Edge),
            ('<', None | Some(':')) => Some(Separator::Angle),
            _ => None,
        }
    }

    /// Returns the separator that a token is, seen from the tokens before it, or `None`.
    fn after(punct: &Punct) -> Option<Separator> {
        match (punct.as_char(), punct.spacing()) {
            (',', _) => Some(Separator::Comma),
            (';', _) => Some(Separator::Edge),
            ('>', _) => Some(Separator::Angle),
            (':', Spacing::Joint) => Some(Separator::Path),
            _ => None,
        }
    }
}

/// Returns `true` if a `<` among the tokens is still open. If that is a comparison, braces do no
/// harm.
fn in_angles(tokens: &[TokenTree]) -> bool {
    let (mut depth, mut joined) = (0usize, None);
    for token in tokens {
        let TokenTree::Punct(punct) = token else {
            joined = None;
            continue;
        };
        match punct.as_char() {
            '<' => depth += 1,
            '>' if !matches!(joined, Some('-' | '=')) => depth = depth.saturating_sub(1),
            _ => {}
        }
        joined = Some(punct.as_char()).filter(|_| punct.spacing() == Spacing::Joint);
    }
    depth > 0
}

fn is_single(tokens: &TokenStream) -> bool {
    tokens.clone().into_iter().nth(1).is_none()
}

fn is_type(tokens: &TokenStream) -> bool {
    parse2::<Type>(tokens.clone())
        .is_ok_and(|ty| !matches!(ty, Type::TraitObject(ty) if ty.dyn_token.is_none()))
}

/// Returns `true` if no operator outside can bind to a part of the tokens, as in `f(x).y[0]`.
fn is_atom(tokens: &TokenStream) -> bool {
    is_single(tokens)
        || parse2::<Expr>(tokens.clone()).is_ok_and(|expression| {
            matches!(
                expression,
                Expr::Array(_)
                    | Expr::Await(_)
                    | Expr::Call(_)
                    | Expr::Field(_)
                    | Expr::Index(_)
                    | Expr::Lit(_)
                    | Expr::Macro(_)
                    | Expr::MethodCall(_)
                    | Expr::Paren(_)
                    | Expr::Path(_)
                    | Expr::Try(_)
                    | Expr::Tuple(_)
            )
        })
}

/// Returns `true` for all other expressions, and for types that begin or end with an operator, such
/// as `&A` or `A + B`. Other tokens, such as a visibility, need none.
fn needs_parentheses(tokens: &TokenStream) -> bool {
    match parse2::<Type>(tokens.clone()) {
        Ok(ty) => matches!(ty, Type::Reference(_) | Type::Ptr(_) | Type::TraitObject(_) | Type::ImplTrait(_)),
        Err(_) => parse2::<Expr>(tokens.clone()).is_ok(),
    }
}

fn group(delimiter: Delimiter, inner: TokenStream) -> TokenTree {
    let place = crate::generate::span_of(&inner);
    let mut group = Group::new(delimiter, inner);
    group.set_span(place);
    group.into()
}

fn angle(character: char) -> TokenTree {
    let mut punct = Punct::new(character, Spacing::Alone);
    punct.set_span(span());
    punct.into()
}
