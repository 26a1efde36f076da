//! Three versions of one row, and of the store that holds it. Each changes the indexes, the last
//! one by a conversion of the rows.

use graven::table::{AnyIndex, IndexState, Query, Record};
use graven::{BTreeMap, Schema, StableLayout, Table};
use graven_tests::memory::{Bytes, Limited};

pub(crate) type Memory = Limited<Bytes>;

/// A row of any version, as the model has it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Plain {
    pub(crate) id: u64,
    pub(crate) email: String,
    pub(crate) name: String,
    pub(crate) country: u8,
    pub(crate) karma: i64,
    pub(crate) tags: Vec<String>,
    pub(crate) note: Vec<u8>,
    pub(crate) is_active: bool,
}

/// A version of the row.
pub(crate) trait Version: Record<Key = u64> {
    type App: Schema<Memory = Memory>;

    fn rows(app: &mut Self::App) -> &mut Table<Self, Memory>;

    /// Returns the map that takes the pages that are free.
    fn filler(app: &mut Self::App) -> &mut BTreeMap<u64, Vec<u8>, Memory>;

    fn of(plain: &Plain) -> Self;

    fn plain(&self) -> Plain;

    /// Returns how far the index of emails is.
    fn emails(table: &Table<Self, Memory>) -> IndexState;

    /// Returns a field of the rows of a question, which the indexes of emails and of names include.
    fn karma<I: AnyIndex<Self>>(query: &Query<'_, Self, I, Memory>) -> Vec<i64>;

    /// Returns a field of the rows of a question, which other indexes include.
    fn tags<I: AnyIndex<Self>>(query: &Query<'_, Self, I, Memory>) -> Vec<Vec<String>>;

    /// Calls `index` for each index, with the values that it has of a row.
    fn each_index(index: &mut impl Indexes<Self>);
}

/// An action for each index.
pub(crate) trait Indexes<R> {
    fn index<I: AnyIndex<R, Key: Clone + Ord + std::fmt::Debug>>(
        &mut self,
        index: I,
        values: impl Fn(&Plain) -> Vec<I::Key>,
    );
}

pub(crate) mod v1 {
    use super::*;

    #[derive(StableLayout, Table)]
    #[layout(version = 1, name = "Row")]
    #[table(index(country, karma, include(tags)))]
    pub(crate) struct Row {
        #[table(key)]
        pub(crate) id: u64,
        #[table(unique(include(name, karma)))]
        pub(crate) email: String,
        #[table(index(include(karma)))]
        pub(crate) name: String,
        pub(crate) country: u8,
        pub(crate) karma: i64,
        pub(crate) tags: Vec<String>,
        pub(crate) note: Vec<u8>,
    }

    #[graven::store]
    pub(crate) struct App {
        pub(crate) rows: Table<Row, Memory>,
        filler: BTreeMap<u64, Vec<u8>, Memory>,
    }

    impl Version for Row {
        type App = App;

        fn rows(app: &mut App) -> &mut Table<Self, Memory> {
            &mut app.rows
        }

        fn filler(app: &mut App) -> &mut BTreeMap<u64, Vec<u8>, Memory> {
            &mut app.filler
        }

        fn of(plain: &Plain) -> Self {
            let Plain { id, email, name, country, karma, tags, note, .. } = plain.clone();
            Row { id, email, name, country, karma, tags, note }
        }

        fn plain(&self) -> Plain {
            Plain {
                id: self.id,
                email: self.email.clone(),
                name: self.name.clone(),
                country: self.country,
                karma: self.karma,
                tags: self.tags.clone(),
                note: self.note.clone(),
                is_active: true,
            }
        }

        fn emails(table: &Table<Self, Memory>) -> IndexState {
            table.index_state(Row::BY_EMAIL)
        }

        fn karma<I: AnyIndex<Self>>(query: &Query<'_, Self, I, Memory>) -> Vec<i64> {
            query.fields(Row::KARMA).collect()
        }

        fn tags<I: AnyIndex<Self>>(query: &Query<'_, Self, I, Memory>) -> Vec<Vec<String>> {
            query.fields(Row::TAGS).collect()
        }

        fn each_index(index: &mut impl Indexes<Self>) {
            index.index(Row::BY_EMAIL, |row| vec![row.email.clone()]);
            index.index(Row::BY_NAME, |row| vec![row.name.clone()]);
            index.index(Row::BY_COUNTRY_KARMA, |row| vec![(row.country, row.karma)]);
        }
    }
}

/// Adds a field, the indexes of its values, of tags and of a function, and drops that of names.
pub(crate) mod v2 {
    use super::*;

    #[derive(StableLayout, Table)]
    #[layout(version = 2, name = "Row")]
    #[table(index(country, karma), index(by = length -> u32, include(tags)), index(karma, where = is_active))]
    pub(crate) struct Row {
        #[table(key)]
        pub(crate) id: u64,
        #[table(unique(include(name, karma)))]
        pub(crate) email: String,
        pub(crate) name: String,
        pub(crate) country: u8,
        pub(crate) karma: i64,
        #[table(index(each, include(karma, country)))]
        pub(crate) tags: Vec<String>,
        pub(crate) note: Vec<u8>,
        #[layout(since = 2, default = true)]
        pub(crate) is_active: bool,
    }

    fn length(row: &Row) -> u32 {
        row.name.len() as u32
    }

    fn is_active(row: &Row) -> bool {
        row.is_active
    }

    #[graven::store]
    pub(crate) struct App {
        pub(crate) rows: Table<Row, Memory>,
        filler: BTreeMap<u64, Vec<u8>, Memory>,
    }

    impl Version for Row {
        type App = App;

        fn rows(app: &mut App) -> &mut Table<Self, Memory> {
            &mut app.rows
        }

        fn filler(app: &mut App) -> &mut BTreeMap<u64, Vec<u8>, Memory> {
            &mut app.filler
        }

        fn of(plain: &Plain) -> Self {
            let Plain { id, email, name, country, karma, tags, note, is_active } = plain.clone();
            Row { id, email, name, country, karma, tags, note, is_active }
        }

        fn plain(&self) -> Plain {
            let Row { id, country, karma, is_active, .. } = *self;
            let (email, name, tags) = (self.email.clone(), self.name.clone(), self.tags.clone());
            Plain { id, email, name, country, karma, tags, note: self.note.clone(), is_active }
        }

        fn emails(table: &Table<Self, Memory>) -> IndexState {
            table.index_state(Row::BY_EMAIL)
        }

        fn karma<I: AnyIndex<Self>>(query: &Query<'_, Self, I, Memory>) -> Vec<i64> {
            query.fields(Row::KARMA).collect()
        }

        fn tags<I: AnyIndex<Self>>(query: &Query<'_, Self, I, Memory>) -> Vec<Vec<String>> {
            query.fields(Row::TAGS).collect()
        }

        fn each_index(index: &mut impl Indexes<Self>) {
            index.index(Row::BY_EMAIL, |row| vec![row.email.clone()]);
            index.index(Row::BY_COUNTRY_KARMA, |row| vec![(row.country, row.karma)]);
            index.index(Row::BY_LENGTH, |row| vec![row.name.len() as u32]);
            index.index(Row::BY_KARMA, |row| if row.is_active { vec![row.karma] } else { Vec::new() });
            index.index(Row::BY_TAGS, |row| row.tags.clone());
        }
    }
}

/// Turns karma round, which no index knows of, and asks for other words of a name.
pub(crate) mod v3 {
    use super::*;

    #[derive(StableLayout, Table)]
    #[layout(version = 3, name = "Row", previous = v2::Row)]
    #[table(index(country, karma), index(each = words -> String, include(karma)), index(karma, where = is_active))]
    pub(crate) struct Row {
        #[table(key)]
        pub(crate) id: u64,
        #[table(unique(include(name, karma)))]
        pub(crate) email: String,
        pub(crate) name: String,
        pub(crate) country: u8,
        pub(crate) karma: i64,
        pub(crate) tags: Vec<String>,
        pub(crate) note: Vec<u8>,
        pub(crate) is_active: bool,
        pub(crate) letters: u32,
    }

    impl From<v2::Row> for Row {
        fn from(row: v2::Row) -> Self {
            Row::of(&Plain { karma: -row.karma, ..row.plain() })
        }
    }

    fn words(row: &Row) -> Vec<String> {
        row.name.split(' ').map(str::to_owned).collect()
    }

    fn is_active(row: &Row) -> bool {
        row.is_active
    }

    #[graven::store]
    pub(crate) struct App {
        pub(crate) rows: Table<Row, Memory>,
        filler: BTreeMap<u64, Vec<u8>, Memory>,
    }

    impl Version for Row {
        type App = App;

        fn rows(app: &mut App) -> &mut Table<Self, Memory> {
            &mut app.rows
        }

        fn filler(app: &mut App) -> &mut BTreeMap<u64, Vec<u8>, Memory> {
            &mut app.filler
        }

        fn of(plain: &Plain) -> Self {
            let Plain { id, email, name, country, karma, tags, note, is_active } = plain.clone();
            Row { id, email, letters: name.len() as u32, name, country, karma, tags, note, is_active }
        }

        fn plain(&self) -> Plain {
            let Row { id, country, karma, is_active, .. } = *self;
            let (email, name, tags) = (self.email.clone(), self.name.clone(), self.tags.clone());
            Plain { id, email, name, country, karma, tags, note: self.note.clone(), is_active }
        }

        fn emails(table: &Table<Self, Memory>) -> IndexState {
            table.index_state(Row::BY_EMAIL)
        }

        fn karma<I: AnyIndex<Self>>(query: &Query<'_, Self, I, Memory>) -> Vec<i64> {
            query.fields(Row::KARMA).collect()
        }

        fn tags<I: AnyIndex<Self>>(query: &Query<'_, Self, I, Memory>) -> Vec<Vec<String>> {
            query.fields(Row::TAGS).collect()
        }

        fn each_index(index: &mut impl Indexes<Self>) {
            index.index(Row::BY_EMAIL, |row| vec![row.email.clone()]);
            index.index(Row::BY_COUNTRY_KARMA, |row| vec![(row.country, row.karma)]);
            index.index(Row::BY_WORDS, |row| row.name.split(' ').map(str::to_owned).collect());
            index.index(Row::BY_KARMA, |row| if row.is_active { vec![row.karma] } else { Vec::new() });
        }
    }
}
