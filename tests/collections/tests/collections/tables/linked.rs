//! Three tables that refer to each other beside a naive model, with transactions that are undone,
//! memory that does not grow, and stores that are opened again.

use std::collections::{BTreeMap, BTreeSet};

use graven::error::Broken;
use graven::{Budget, Error, StableLayout, Table};
use graven_tests::memory::{Bytes, Limited};
use graven_tests::rng::Rng;

#[derive(Debug, Clone, PartialEq, StableLayout, Table)]
#[layout(version = 1)]
struct Team {
    #[table(key)]
    id: u8,
    #[table(references(User, on_delete = restrict))]
    lead: Option<u16>,
}

#[derive(Debug, Clone, PartialEq, StableLayout, Table)]
#[layout(version = 1)]
struct User {
    #[table(key)]
    id: u16,
    #[table(references(Team, on_delete = cascade))]
    team: Option<u8>,
    text: String,
}

#[derive(Debug, Clone, PartialEq, StableLayout, Table)]
#[layout(version = 1)]
struct Post {
    #[table(key)]
    id: u32,
    #[table(references(User, on_delete = cascade))]
    author: u16,
    #[table(references(Post, on_delete = cascade))]
    reply_to: Option<u32>,
}

#[graven::store]
struct App {
    teams: Table<Team, Limited<Bytes>>,
    users: Table<User, Limited<Bytes>>,
    posts: Table<Post, Limited<Bytes>>,
}

#[derive(Debug, Clone, Default, PartialEq)]
struct Model {
    teams: BTreeMap<u8, Team>,
    users: BTreeMap<u16, User>,
    posts: BTreeMap<u32, Post>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Row {
    Team(u8),
    User(u16),
    Post(u32),
}

impl Model {
    /// Returns the rows that go with a row, or `None` if one of them has to stay.
    fn closure(&self, row: Row) -> Option<BTreeSet<Row>> {
        let (mut gone, mut next) = (BTreeSet::from([row]), vec![row]);
        while let Some(row) = next.pop() {
            let users = self.users.values().filter(|user| user.team.map(Row::Team) == Some(row));
            let posts = self.posts.values();
            let posts = posts
                .filter(|post| Row::User(post.author) == row || post.reply_to.map(Row::Post) == Some(row));
            let all = users.map(|user| Row::User(user.id)).chain(posts.map(|post| Row::Post(post.id)));
            next.extend(all.filter(|row| gone.insert(*row)));
        }
        let stays = |team: &Team| {
            team.lead.is_some_and(|lead| gone.contains(&Row::User(lead)))
                && !gone.contains(&Row::Team(team.id))
        };
        (!self.teams.values().any(stays)).then_some(gone)
    }

    fn has(&self, row: Row) -> bool {
        match row {
            Row::Team(id) => self.teams.contains_key(&id),
            Row::User(id) => self.users.contains_key(&id),
            Row::Post(id) => self.posts.contains_key(&id),
        }
    }

    fn remove(&mut self, rows: &BTreeSet<Row>) {
        for row in rows {
            match row {
                Row::Team(id) => _ = self.teams.remove(id),
                Row::User(id) => _ = self.users.remove(id),
                Row::Post(id) => _ = self.posts.remove(id),
            }
        }
    }
}

#[derive(Default)]
struct Seen {
    dangling: u32,
    restricted: u32,
    cascaded: u32,
    full: u32,
    undone: u32,
}

fn check(app: &App, model: &Model) {
    assert!(app.teams.iter().map(|(_, row)| row).eq(model.teams.values().cloned()));
    assert!(app.users.iter().map(|(_, row)| row).eq(model.users.values().cloned()));
    assert!(app.posts.iter().map(|(_, row)| row).eq(model.posts.values().cloned()));
    app.teams.verify().unwrap();
    app.users.verify().unwrap();
    app.posts.verify().unwrap();
    for (team, users) in app.teams.with_referring(User::TO_TEAM, &app.users) {
        let expected = model.users.values().filter(|user| user.team == Some(team.id));
        assert!(users.iter().eq(expected));
    }
    let posts = app.posts.iter().map(|(_, post)| post);
    for (post, author) in app.users.join(Post::TO_AUTHOR, posts) {
        assert_eq!(author.as_ref(), model.users.get(&post.author));
    }
}

/// Writes a row, and the same into the model if it refers to rows that exist.
fn write<R: Clone>(
    row: R,
    targets: &[Option<Row>],
    itself: Row,
    model: &mut Model,
    seen: &mut Seen,
    put: impl FnOnce(R) -> Result<Option<R>, Error>,
) -> bool {
    let exists = |target: &Option<Row>| target.is_none_or(|target| target == itself || model.has(target));
    match put(row) {
        Ok(_) => {
            assert!(targets.iter().all(exists));
            return true;
        }
        Err(Error::Violation(violation)) => {
            assert!(matches!(violation.rule, Broken::Reference { .. }), "{violation}");
            assert!(!targets.iter().all(exists));
            seen.dangling += 1;
        }
        Err(Error::OutOfMemory { .. }) => seen.full += 1,
        Err(error) => panic!("{error}"),
    }
    false
}

fn step(app: &mut App, model: &mut Model, rng: &mut Rng, seen: &mut Seen) {
    let (team, user, post) = (rng.below(12) as u8, rng.below(60) as u16, rng.below(400) as u32);
    let removed = match rng.below(20) {
        0..3 => {
            let row = Team { id: team, lead: (!rng.once_in(3)).then_some(user) };
            let targets = [row.lead.map(Row::User)];
            if write(row.clone(), &targets, Row::Team(team), model, seen, |row| app.teams.try_upsert(row)) {
                model.teams.insert(team, row);
            }
            return;
        }
        3..9 => {
            let text = "text".repeat(rng.below(400) as usize);
            let row = User { id: user, team: (!rng.once_in(4)).then_some(team), text };
            let targets = [row.team.map(Row::Team)];
            if write(row.clone(), &targets, Row::User(user), model, seen, |row| app.users.try_upsert(row)) {
                model.users.insert(user, row);
            }
            return;
        }
        9..17 => {
            let reply_to = (!rng.once_in(3)).then(|| rng.below(400) as u32);
            let row = Post { id: post, author: user, reply_to };
            let targets = [Some(Row::User(user)), reply_to.map(Row::Post)];
            if write(row.clone(), &targets, Row::Post(post), model, seen, |row| app.posts.try_upsert(row)) {
                model.posts.insert(post, row);
            }
            return;
        }
        17 => Row::Team(team),
        18 => Row::User(user),
        _ => Row::Post(post),
    };
    let closure = model.closure(removed);
    let within = rng.once_in(3);
    let mut budget = Budget::entries(1_000);
    let result = match removed {
        Row::Team(id) if within => app.teams.try_remove_within(&id, &mut budget).map(|_| true),
        Row::User(id) if within => app.users.try_remove_within(&id, &mut budget).map(|_| true),
        Row::Post(id) if within => app.posts.try_remove_within(&id, &mut budget).map(|_| true),
        Row::Team(id) => app.teams.try_remove(&id).map(|row| row.is_some()),
        Row::User(id) => app.users.try_remove(&id).map(|row| row.is_some()),
        Row::Post(id) => app.posts.try_remove(&id).map(|row| row.is_some()),
    };
    match result {
        Ok(is_removed) => {
            assert!(within || is_removed == model.has(removed));
            if model.has(removed) {
                let gone = closure.expect("nothing stays");
                seen.cascaded += u32::from(gone.len() > 1);
                model.remove(&gone);
            }
        }
        Err(Error::Violation(violation)) => {
            assert!(matches!(violation.rule, Broken::Referred { .. }), "{violation}");
            assert!(closure.is_none() && model.has(removed));
            seen.restricted += 1;
        }
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn tables_that_refer_to_each_other_stay_consistent() {
    let mut seen = Seen::default();
    for seed in 0..6 {
        let mut rng = Rng::new(seed);
        let memory = Limited::new(Bytes::default(), u64::MAX);
        let mut app = App::open(memory.clone()).unwrap();
        let mut model = Model::default();
        for round in 0..60 {
            memory.set_limit(if rng.once_in(4) { 0 } else { u64::MAX });
            if rng.once_in(3) {
                let before = model.clone();
                let _: Result<(), ()> = app.transact(|app| {
                    for _ in 0..60 {
                        step(app, &mut model, &mut rng, &mut seen);
                    }
                    Err(())
                });
                seen.undone += 1;
                model = before;
            }
            for _ in 0..100 {
                step(&mut app, &mut model, &mut rng, &mut seen);
            }
            memory.set_limit(u64::MAX);
            if round % 5 == 0 {
                drop(app);
                app = App::open(memory.clone()).unwrap();
            }
            check(&app, &model);
        }
    }
    let Seen { dangling, restricted, cascaded, full, undone } = seen;
    println!(
        "{dangling} dangling, {restricted} restricted, {cascaded} cascaded, {full} full, {undone} undone"
    );
    assert!(dangling > 5_000 && restricted > 100 && cascaded > 500 && full > 0 && undone > 50);
}
