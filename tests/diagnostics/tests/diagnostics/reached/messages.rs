//! Finds messages in source text, by its tokens.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

/// A message, as it is written in the source.
pub(crate) struct Message {
    pub(crate) text: String,
    /// Its words between the values.
    parts: Vec<String>,
}

impl Message {
    /// Words to be read, as opposed to keys and names.
    fn new(text: &str) -> Option<Message> {
        let parts: Vec<String> = parts(text).into_iter().filter(|part| is_words(part)).collect();
        (!parts.is_empty()).then(|| Message { text: text.to_owned(), parts })
    }

    /// Returns `true` when a line has all parts, in their order.
    pub(crate) fn is_in(&self, line: &str) -> bool {
        let mut rest = Some(line);
        for part in &self.parts {
            rest = rest.and_then(|rest| rest.split_once(part.as_str())).map(|(_, rest)| rest);
        }
        rest.is_some()
    }
}

fn is_words(part: &str) -> bool {
    part.contains(' ') && part.chars().filter(|c| c.is_alphabetic()).count() >= 3
}

/// Splits a format string at its braces. Returns the words between them.
fn parts(text: &str) -> Vec<String> {
    let (mut parts, mut depth) = (vec![String::new()], 0);
    let text = text.replace("{{", "\u{1}").replace("}}", "\u{2}");
    for c in text.chars() {
        match c {
            '{' => depth += 1,
            '}' => {
                depth -= 1;
                parts.push(String::new());
            }
            _ if depth > 0 => {}
            _ => parts.last_mut().expect("there is one").push(match c {
                '\u{1}' => '{',
                '\u{2}' => '}',
                other => other,
            }),
        }
    }
    parts
}

/// All words in the code of a macro: its messages. What generated code says while it runs is none.
pub(crate) fn texts(source: &str) -> Vec<Message> {
    collect(source, &mut Found { everywhere: true, ..Found::default() })
}

/// Returns messages of code outside macros that stop the compiler: `on_unimplemented`,
/// `compile_error!`, and assertions in constants.
pub(crate) fn constants(source: &str) -> Vec<Message> {
    collect(source, &mut Found::default())
}

/// All string literals.
pub(crate) fn literals(source: &str) -> Vec<String> {
    fn walk(tokens: TokenStream, found: &mut Vec<String>) {
        for token in tokens {
            match token {
                TokenTree::Group(group) => walk(group.stream(), found),
                TokenTree::Literal(literal) => found.extend(string(&literal.to_string())),
                _ => {}
            }
        }
    }
    let mut found = Vec::new();
    walk(parse(source), &mut found);
    found
}

fn parse(source: &str) -> TokenStream {
    source.parse().expect("the source is Rust")
}

fn string(literal: &str) -> Option<String> {
    syn::parse_str::<syn::LitStr>(literal).ok().map(|literal| literal.value())
}

fn collect(source: &str, found: &mut Found) -> Vec<Message> {
    found.walk(parse(source), false);
    found.literals.iter().filter_map(|text| Message::new(text)).collect()
}

#[derive(Default)]
struct Found {
    /// `true` when literals count everywhere.
    everywhere: bool,
    literals: Vec<String>,
}

impl Found {
    /// `constant`: whether the compiler evaluates this.
    fn walk(&mut self, tokens: TokenStream, constant: bool) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let (mut at, mut constants_end, mut functions_end) = (0, 0, 0);
        while at < tokens.len() {
            if let Some(behind) = self.attributes(&tokens, at) {
                at = behind;
                continue;
            }
            if is_constant(&tokens, at) {
                constants_end = end_of_constant(&tokens, at);
            } else if tokens[at].to_string() == "fn" && at >= constants_end {
                functions_end = end(&tokens, at, true);
            }
            let constant = at < constants_end || constant && at >= functions_end;
            match &tokens[at] {
                TokenTree::Group(group) => self.group(group, &tokens[..at], constant),
                TokenTree::Literal(literal) if self.everywhere => {
                    self.literals.extend(string(&literal.to_string()));
                }
                _ => {}
            }
            at += 1;
        }
    }

    fn group(&mut self, group: &Group, before: &[TokenTree], constant: bool) {
        let named = |names: &[&str]| {
            let name = before.iter().rev().find(|token| !is_punct(token, '!'));
            group.delimiter() == Delimiter::Parenthesis
                && name.is_some_and(|name| names.contains(&name.to_string().as_str()))
        };
        if named(&["Invalid", "expect", "unreachable"]) {
            return;
        }
        if !self.everywhere && (named(&["compile_error"]) || constant && named(&["assert", "panic"])) {
            return self.literals.extend(literals(&group.stream().to_string()));
        }
        self.walk(group.stream(), constant);
    }

    /// Steps over `#[…]`, with all that follows if that is for tests only.
    fn attributes(&mut self, tokens: &[TokenTree], at: usize) -> Option<usize> {
        let at = if is_punct(tokens.get(at + 1)?, '!') { at + 1 } else { at };
        let TokenTree::Group(group) = tokens.get(at + 1)? else { return None };
        let hash = is_punct(&tokens[at], '#') || at > 0 && is_punct(&tokens[at - 1], '#');
        if !hash || group.delimiter() != Delimiter::Bracket {
            return None;
        }
        let text = group.stream().to_string();
        if text.replace(' ', "") == "cfg(test)" {
            return Some(end(tokens, at + 2, true));
        }
        if !self.everywhere && text.contains("on_unimplemented") {
            self.literals.extend(literals(&text));
        }
        Some(at + 2)
    }
}

fn is_punct(token: &TokenTree, c: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == c)
}

/// `const`, unless it is that of a type's parameter.
fn is_constant(tokens: &[TokenTree], at: usize) -> bool {
    let before = at.checked_sub(1).map(|before| &tokens[before]);
    let parameter = before.is_some_and(|token| is_punct(token, '<') || is_punct(token, ','));
    tokens[at].to_string() == "const" && !parameter
}

/// Returns the position after a constant, block or function.
fn end_of_constant(tokens: &[TokenTree], at: usize) -> usize {
    let function = tokens.get(at + 1).is_some_and(|token| token.to_string() == "fn");
    end(tokens, at, function || matches!(tokens.get(at + 1), Some(TokenTree::Group(_))))
}

/// Behind the next semicolon, or the next braces if those end an item as well.
fn end(tokens: &[TokenTree], at: usize, braces: bool) -> usize {
    let ends = |token: &TokenTree| match token {
        TokenTree::Group(group) => braces && group.delimiter() == Delimiter::Brace,
        other => is_punct(other, ';'),
    };
    tokens[at..].iter().position(ends).map_or(tokens.len(), |end| at + end + 1)
}
