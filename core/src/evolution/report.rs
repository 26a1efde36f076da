//! The words for an upgrade that would lose data: what is stored, what the code has, why they clash, and
//! the line that would fix it.

use core::fmt;

macro_rules! rules {
    ($($(#[$doc:meta])* $rule:ident $name:literal)*) => {
        /// What a problem is about. The names are stable: tools and people may rely on them.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Rule {
            $($(#[$doc])* $rule,)*
        }

        impl Rule {
            /// The stable name, as in `field-added`.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Rule::$rule => $name,)*
                }
            }
        }
    };
}

rules! {
    /// Another type stands where something was stored.
    TypeChanged "type-changed"
    /// The code has a field that the stored version lacks.
    FieldAdded "field-added"
    /// The stored version has a field that the code lacks.
    FieldRemoved "field-removed"
    /// A field has another name than in the stored version.
    FieldRenamed "field-renamed"
    /// Fields stand in another order than in the stored version.
    FieldMoved "field-moved"
    /// The code has a variant that the stored version lacks.
    VariantAdded "variant-added"
    /// The stored version has a variant that the code lacks.
    VariantRemoved "variant-removed"
    /// A variant has another name or tag than in the stored version.
    VariantRenamed "variant-renamed"
    /// The stored version is newer than the code.
    VersionNewer "version-newer"
    /// The stored version is older than the history that the code declares.
    VersionForgotten "version-forgotten"
    /// The layout of a key differs.
    KeyChanged "key-changed"
    /// A root is stored as another kind of collection.
    KindChanged "kind-changed"
    /// A root is stored that the code does not declare.
    RootUndeclared "root-undeclared"
    /// More layouts than a root can keep apart.
    TooManyLayouts "too-many-layouts"
}

/// One thing that does not fit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// What kind of problem.
    pub rule: Rule,
    /// From the root to the field, outermost first.
    pub path: Vec<String>,
    /// The root's declaration, as in `users: BTreeMap<Principal, User>`.
    pub root: String,
    /// What is stored and what the code has.
    pub what: String,
    /// Why they clash.
    pub because: String,
    /// What to write.
    pub fix: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "  {}", self.root)?;
        if self.path.len() > 1 {
            writeln!(f, "    at {}", self.path.join(" → "))?;
        }
        writeln!(f, "    {}", self.what)?;
        if !self.because.is_empty() {
            writeln!(f, "    because {}", self.because)?;
        }
        write!(f, "    fix: {} [{}]", self.fix, self.rule.name())
    }
}

/// All problems of one attempt to open a store.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Report {
    /// In the order of the roots.
    pub problems: Vec<Problem>,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.problems.len();
        let plural = if count == 1 { "" } else { "s" };
        writeln!(f, "the upgrade was refused, nothing was changed ({count} problem{plural})")?;
        for problem in &self.problems {
            write!(f, "\n{problem}\n")?;
        }
        Ok(())
    }
}
