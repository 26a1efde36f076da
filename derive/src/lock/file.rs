//! The reader of the versions of one type in the lock. Every line of the file has to be valid.

/// A version in the lock.
#[derive(Debug, PartialEq)]
pub(super) struct Locked {
    pub(super) version: u32,
    pub(super) parts: Parts,
}

#[derive(Debug, PartialEq)]
pub(super) enum Parts {
    Fields(Vec<LockedField>),
    Variants(Vec<LockedVariant>),
}

#[derive(Debug, PartialEq)]
pub(super) struct LockedField {
    pub(super) name: String,
    pub(super) ty: String,
}

#[derive(Debug, PartialEq)]
pub(super) struct LockedVariant {
    pub(super) tag: u8,
    pub(super) name: String,
    pub(super) fields: Vec<LockedField>,
}

impl LockedVariant {
    /// Returns the type's declaration in Rust.
    pub(super) fn declaration(&self) -> String {
        let name = &self.name;
        let field = |field: &LockedField| match field.name.starts_with(|c: char| c.is_ascii_digit()) {
            true => field.ty.clone(),
            false => format!("{}: {}", field.name, field.ty),
        };
        let fields = self.fields.iter().map(field).collect::<Vec<_>>().join(", ");
        match self.fields.first() {
            None => name.clone(),
            Some(first) if first.name == "0" => format!("{name}({fields})"),
            Some(_) => format!("{name} {{ {fields} }}"),
        }
    }
}

/// A line that is not valid.
#[derive(Debug, PartialEq)]
pub(super) struct Wrong {
    pub(super) line: usize,
    pub(super) why: &'static str,
}

const MARKS: [&str; 4] = ["<<<<<<<", "=======", ">>>>>>>", "|||||||"];

/// Returns all versions of the type called `name`. After a merge, the file may have an entry twice.
pub(super) fn versions(text: &str, name: &str) -> Result<Vec<Locked>, Wrong> {
    let mut versions: Vec<Locked> = Vec::new();
    let (mut ours, mut begun) = (false, false);
    for (index, line) in text.lines().enumerate() {
        let wrong = |why| Wrong { line: index + 1, why };
        if MARKS.iter().any(|mark| line.starts_with(mark)) {
            return Err(wrong("is the mark of a merge that was not finished: keep both sides"));
        }
        if line.trim().is_empty() || line.starts_with('#') {
            continue;
        }
        if is_root(line.trim()) {
            (ours, begun) = (false, false);
            continue;
        }
        if !line.starts_with([' ', '\t']) {
            let (found, version) = heading(line.trim())
                .ok_or_else(|| wrong("is no version: those read `Name v1` and a fingerprint"))?;
            (ours, begun) = (found == name, true);
            if ours {
                versions.push(Locked { version, parts: Parts::Fields(Vec::new()) });
            }
        } else if !begun {
            return Err(wrong("belongs to no version"));
        } else if let Some(last) = versions.last_mut().filter(|_| ours) {
            let known = part(line.trim(), &mut last.parts);
            known.ok_or_else(|| wrong("is neither a field nor a variant"))?;
        }
    }
    let mut unique: Vec<Locked> = Vec::new();
    for version in versions {
        if !unique.contains(&version) {
            unique.push(version);
        }
    }
    Ok(unique)
}

/// Returns `true` for a line about the name of a root, as in `root "log" dropped`. Only tools read
/// these lines.
fn is_root(line: &str) -> bool {
    line.starts_with("root \"") && (line.ends_with(" dropped") || line.contains("\" renamed \""))
}

fn heading(line: &str) -> Option<(&str, u32)> {
    let mut words = line.rsplitn(3, ' ');
    let (fingerprint, version, name) = (words.next()?, words.next()?, words.next()?);
    let hex = fingerprint.len() == 32 && fingerprint.bytes().all(|byte| byte.is_ascii_hexdigit());
    let version = version.strip_prefix('v')?.parse().ok()?;
    (hex && version > 0).then_some((name, version))
}

fn part(line: &str, parts: &mut Parts) -> Option<()> {
    let (first, rest) = line.split_at(line.find([' ', ':']).unwrap_or(line.len()));
    if rest.starts_with(": ") {
        let Parts::Fields(fields) = parts else { return None };
        fields.push(field(line)?);
        return Some(());
    }
    let tag = first.parse().ok()?;
    let (name, fields) = variant(rest.trim_start())?;
    let found = LockedVariant { tag, name: name.to_owned(), fields };
    match parts {
        Parts::Variants(variants) => variants.push(found),
        Parts::Fields(fields) if fields.is_empty() => *parts = Parts::Variants(vec![found]),
        Parts::Fields(_) => return None,
    }
    Some(())
}

fn field(text: &str) -> Option<LockedField> {
    let (name, ty) = text.split_once(": ")?;
    Some(LockedField { name: name.trim().to_owned(), ty: ty.trim().to_owned() })
}

/// Reads `Name`, `Name(u8, u16)` or `Name { a: u8 }`.
fn variant(text: &str) -> Option<(&str, Vec<LockedField>)> {
    let Some(at) = text.find(['(', '{']) else { return Some((text, Vec::new())) };
    let (name, rest) = text.split_at(at);
    let inner = rest.get(1..rest.len().checked_sub(1)?)?.trim();
    let pieces = split(inner);
    let fields: Option<Vec<LockedField>> = if rest.starts_with('{') {
        pieces.into_iter().map(field).collect()
    } else {
        let tuple = pieces.into_iter().enumerate();
        Some(tuple.map(|(index, ty)| LockedField { name: index.to_string(), ty: ty.to_owned() }).collect())
    };
    Some((name.trim(), fields?))
}

/// Splits a list at the commas that are not in brackets.
fn split(text: &str) -> Vec<&str> {
    let (mut pieces, mut depth, mut start) = (Vec::new(), 0usize, 0);
    for (at, c) in text.char_indices() {
        match c {
            '(' | '[' | '<' | '{' => depth += 1,
            ')' | ']' | '>' | '}' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                pieces.push(text.get(start..at).unwrap_or_default().trim());
                start = at + 1;
            }
            _ => {}
        }
    }
    let last = text.get(start..).unwrap_or_default().trim();
    if !last.is_empty() {
        pieces.push(last);
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEX: &str = "0123456789abcdef0123456789abcdef";

    fn f(name: &str, ty: &str) -> LockedField {
        LockedField { name: name.into(), ty: ty.into() }
    }

    #[test]
    fn reads_what_the_lock_says() {
        let text = format!(
            "# words\n\nPair v2 {HEX}\n    a: Result<(u8, u16), [u8; 3]>\n    0: u8\n\nOther v1 {HEX}\n    x: y\n\
             Pair v1 {HEX}\n    0 Empty\n    7 At {{ x: u8, y: (u8, u8) }}\n    9 Two((u8, u8), Vec<u8>)\n",
        );
        let variant = |tag, name: &str, fields| LockedVariant { tag, name: name.into(), fields };
        let expected = [
            Locked {
                version: 2,
                parts: Parts::Fields(vec![f("a", "Result<(u8, u16), [u8; 3]>"), f("0", "u8")]),
            },
            Locked {
                version: 1,
                parts: Parts::Variants(vec![
                    variant(0, "Empty", vec![]),
                    variant(7, "At", vec![f("x", "u8"), f("y", "(u8, u8)")]),
                    variant(9, "Two", vec![f("0", "(u8, u8)"), f("1", "Vec<u8>")]),
                ]),
            },
        ];
        assert_eq!(versions(&text, "Pair").unwrap(), expected);
        assert_eq!(versions(&text, "Nothing").unwrap(), []);
        let roots = format!("{text}\nroot \"log\" dropped\nroot \"a\" renamed \"b\"\n");
        assert_eq!(versions(&roots, "Pair").unwrap(), expected);
        let Parts::Variants(variants) = &expected[1].parts else { panic!("an enum") };
        let declarations: Vec<String> = variants.iter().map(LockedVariant::declaration).collect();
        assert_eq!(declarations, ["Empty", "At { x: u8, y: (u8, u8) }", "Two((u8, u8), Vec<u8>)"]);
    }

    #[test]
    fn names_the_line_that_is_wrong() {
        let line = |text: &str| versions(text, "A").unwrap_err().line;
        assert_eq!(line("# x\n<<<<<<< ours\n"), 2);
        assert_eq!(line("    a: u8\n"), 1);
        assert_eq!(line("A 1\n"), 1);
        assert_eq!(line(&format!("A v1 {HEX}\n    a: u8\n    what\n")), 3);
        assert_eq!(line(&format!("A v1 {HEX}\n    300 Big\n")), 2);
        assert_eq!(line(&format!("A v1 {HEX}\n    1 Open(\n")), 2);
    }
}
