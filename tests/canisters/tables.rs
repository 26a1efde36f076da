// What both versions of the tables canister store; each has its own `User`.

/// A `User` without its key, for the map that is kept by hand.
#[derive(StableLayout)]
#[layout(version = 1)]
struct Row {
    karma: u64,
    name: Text<16>,
}

/// A row that is found by another number.
#[derive(StableLayout, Table)]
#[layout(version = 1)]
struct Ticket {
    #[table(key)]
    id: u64,
    #[table(unique)]
    code: u64,
}

#[graven::store]
struct App {
    users: Table<User>,
    tickets: Table<Ticket>,
    rows: BTreeMap<u64, Row>,
    by_karma: BTreeSet<(u64, u64)>,
    by_name: BTreeSet<(Text<16>, u64)>,
}
