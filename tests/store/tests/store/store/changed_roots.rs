//! Upgrades that drop, rename and add roots: at their limits, out of memory, of damaged memories.

use graven::schema::Layout;
use graven::schema::{CollectionKind, RootSpec};
use graven::schema::{History, Rule};
use graven::{BTreeMap, Cell, Collection, Damage, Error, Memory, Options, RootStats, StableLayout, Store};
use graven_core::page::PageNumber;
use graven_tests::memory::{Bytes, Limited, Watched, image, memory_of};
use graven_tests::space::account;

type Map<M = Bytes> = BTreeMap<u64, Vec<u8>, M>;
type Value<M = Bytes> = Cell<Vec<u8>, M>;

fn open<M: Memory + 'static>(memory: M, specs: &[RootSpec], dropped: &[&str]) -> graven::Result<Store<M>> {
    Store::open_dropping(memory, specs, dropped, Options::default())
}

/// Takes all roots and accounts for every page; gives how many there are.
#[track_caller]
fn account_for<M: Memory>(mut store: Store<M>, roots: usize) -> u32 {
    let roots: Vec<_> = (0..roots).map(|index| store.take(index)).collect();
    let stats: Vec<RootStats> = roots.iter().map(graven_core::store::Root::stats).collect();
    let pager = roots[0].pager();
    account(pager, &stats);
    pager.usage().pages
}

fn leak<T>(value: T) -> &'static T {
    Box::leak(Box::new(value))
}

fn name(text: &str, n: usize) -> &'static str {
    leak(format!("{text} {n}"))
}

/// A map with so many entries, a cell, and a root that stays; `dead` is a tree that waits to be
/// taken apart.
fn stored<M: Memory + Clone + 'static>(memory: &M, entries: u64, dead: u64) {
    let specs = [Map::<M>::SPEC.named("map"), Value::<M>::SPEC.named("cell"), Map::<M>::SPEC.named("kept")];
    let mut store = open(memory.clone(), &specs, &[]).unwrap();
    let (mut map, mut cell) = (Map::<M>::attach(store.take(0)), Value::<M>::attach(store.take(1)));
    (0..dead).for_each(|n| _ = map.insert(n, vec![1; 60]));
    map.clear();
    (0..entries).for_each(|n| _ = map.insert(n, vec![n as u8; if n % 50 == 0 { 9_000 } else { 60 }]));
    cell.set(vec![2; 30 * entries as usize]);
    let mut kept = Map::<M>::attach(store.take(2));
    (0..100).for_each(|n| _ = kept.insert(n, vec![n as u8; 5]));
}

#[derive(StableLayout)]
#[layout(version = 1)]
struct Named {
    name: String,
}

fn everything_else<M: Memory>() -> Vec<RootSpec> {
    let mut specs = vec![Map::<M>::SPEC.named("kept again").renamed(&["kept"])];
    specs.extend((0..40).map(|n| BTreeMap::<String, Named, M>::SPEC.named(name("added", n))));
    specs
}

#[track_caller]
fn check_kept<M: Memory>(root: graven_core::store::Root<M>) {
    let kept = Map::<M>::attach(root);
    assert!(kept.iter().eq((0..100).map(|n| (n, vec![n as u8; 5]))));
    kept.verify().unwrap();
}

/// Takes whatever is free, so that an upgrade has to grow the memory or find room elsewhere.
fn fill<M: Memory>(store: &mut Store<M>, index: usize) {
    let pager = store.take(index).pager().clone();
    while pager.usage().free > 0 || pager.usage().memory_bytes / 4_096 > u64::from(pager.usage().pages) {
        pager.allocate().unwrap();
    }
}

#[test]
fn an_upgrade_without_room_writes_nothing_even_if_trees_wait_to_be_taken_apart() {
    for dead in [0, 100] {
        let memory = Limited::new(Bytes::default(), u64::MAX);
        stored(&memory, 0, dead);
        let specs: Vec<RootSpec> = vec![
            Map::<Limited>::SPEC.named("map"),
            Value::<Limited>::SPEC.named("cell"),
            Map::<Limited>::SPEC.named("kept"),
        ];
        fill(&mut open(memory.clone(), &specs, &[]).unwrap(), 0);
        memory.allow(0);
        let (before, mut pages) = (image(&memory), 0);
        let mut new = everything_else::<Limited>();
        new.extend([specs[0], specs[1]]);
        let mut store = loop {
            match open(memory.clone(), &new, &[]) {
                Ok(store) => break store,
                Err(Error::OutOfMemory { .. }) => {}
                Err(error) => panic!("{error}"),
            }
            assert!(image(&memory) == before, "something was written");
            pages += 1;
            memory.allow(pages);
        };
        assert_eq!(pages, 3, "room for 41 pages");
        check_kept(store.take(0));
    }
}

#[test]
fn the_pages_of_dropped_roots_are_room_for_new_ones() {
    for (entries, dead) in [(2_000, 0), (2_000, 500), (0, 4_000)] {
        let memory = Limited::new(Bytes::default(), u64::MAX);
        stored(&memory, entries, dead);
        let kept = [Map::<Limited>::SPEC.named("kept")];
        let all = [Map::<Limited>::SPEC.named("map"), Value::<Limited>::SPEC.named("cell"), kept[0]];
        let mut store = open(memory.clone(), &all, &[]).unwrap();
        let pager = store.take(2).pager().clone();
        while pager.usage().free > 0 || pager.usage().memory_bytes / 4_096 > u64::from(pager.usage().pages) {
            let before = pager.usage();
            pager.allocate().unwrap();
            assert_eq!(pager.usage().detached, before.detached);
        }
        memory.allow(0);
        let specs = everything_else::<Limited>();
        let mut store = open(memory.clone(), &specs, &["map", "cell"]).unwrap();
        check_kept(store.take(0));
        let again = image(&memory);
        open(memory.clone(), &specs, &["map", "cell"]).unwrap();
        assert!(image(&memory) == again, "opening again writes nothing");
    }
}

#[test]
fn every_page_of_dropped_roots_comes_back_at_a_cost_that_does_not_depend_on_them() {
    let mut costs = Vec::new();
    for entries in [100, 40_000] {
        let memory = Watched::new(Bytes::default());
        stored(&memory, entries, 0);
        _ = memory.take();
        let specs = [Map::<Watched>::SPEC.named("kept")];
        let store = open(memory.clone(), &specs, &["map", "cell"]).unwrap();
        let written = memory.take();
        costs.push((written.pages.len(), written.bytes));
        let pages = account_for(store, 1);
        assert!(pages > entries as u32 / 60);
        let mut store = open(memory.clone(), &specs, &[]).unwrap();
        let used: u32 = store.take(0).stats().pages;
        let mut store = open(memory.clone(), &specs, &[]).unwrap();
        assert_eq!(store.usage().free, pages - used - 3);
        check_kept(store.take(0));
    }
    assert_eq!(costs[0], costs[1]);
    assert!(costs[0].0 <= 8, "{costs:?}");
}

/// A root that cannot be dropped is found before another one is.
#[test]
fn a_damaged_root_is_found_before_any_is_dropped() {
    let memory = Bytes::default();
    stored(&memory, 500, 0);
    let specs = [
        Value::<Bytes>::SPEC.named("cell"),
        Map::<Bytes>::SPEC.named("map"),
        Map::<Bytes>::SPEC.named("kept"),
    ];
    let mut store = open(memory.clone(), &specs, &[]).unwrap();
    let (cell, map, kept) = (store.take(0), store.take(1), store.take(2));
    let bytes = image(&memory);
    let damages: Vec<(&str, usize, Vec<u8>)> = vec![
        (
            "the cell begins where the map does",
            at(cell.page().get(), 8),
            map.state().top.get().to_le_bytes().to_vec(),
        ),
        ("the cell is nowhere", at(cell.page().get(), 8), vec![255; 4]),
        ("its last extent is nowhere", at(cell.state().top.get().get(), 12), vec![255; 4]),
        ("its pages are too many", at(cell.state().top.get().get(), 16), vec![255; 4]),
        (
            "the map begins where another does",
            at(map.page().get(), 8),
            kept.state().top.get().to_le_bytes().to_vec(),
        ),
        ("the map is a root", at(map.page().get(), 8), kept.page().get().to_le_bytes().to_vec()),
        ("the map is of another height", at(map.page().get(), 12), vec![9]),
        ("the map is of an unknown kind", at(map.page().get(), 1), vec![99]),
        (
            "the cell is called like the map",
            at(cell.page().get(), 2),
            [&[3, 0], &bytes[at(cell.page().get(), 4)..at(cell.page().get(), 64)], &b"map"[..]].concat(),
        ),
    ];
    for (what, place, damage) in damages {
        let memory = memory_of(&bytes);
        memory.write(place as u64, &damage);
        let before = image(&memory);
        let result = open(memory.clone(), &specs[2..], &["map", "cell"]);
        assert!(matches!(result, Err(Error::Damaged { .. })), "{what}");
        assert!(image(&memory) == before, "{what}: something was written");
    }
}

const fn at(page: u32, offset: usize) -> usize {
    4_096 * page as usize + offset
}

#[test]
fn names_that_could_mean_two_roots_are_refused() {
    let memory = Bytes::default();
    let [a, b] = ["a", "b"].map(|name| Map::<Bytes>::SPEC.named(name));
    open(memory.clone(), &[a, b], &[]).unwrap();
    let before = image(&memory);
    let swap = [a.renamed(&["b"]), b.renamed(&["a"])];
    let chain = [b.renamed(&["a"]), Map::<Bytes>::SPEC.named("c").renamed(&["b"])];
    let twice =
        [Map::<Bytes>::SPEC.named("c").renamed(&["a"]), Map::<Bytes>::SPEC.named("d").renamed(&["a"])];
    for specs in [&swap[..], &chain, &twice, &[a.renamed(&["a"]), b]] {
        let refused = open(memory.clone(), specs, &[]);
        assert!(matches!(refused, Err(Error::BadName { .. })), "{:?}", refused.err());
    }
    for dropped in ["a", "b"] {
        let refused = open(memory.clone(), &[a.renamed(&["b"])], &[dropped]);
        assert!(matches!(refused, Err(Error::BadName { name }) if name == dropped));
    }
    assert!(image(&memory) == before);
}

/// Two roots change their names with each other by way of a third name; what skips a step is
/// refused.
#[test]
fn names_are_swapped_in_three_upgrades() {
    let memory = Bytes::default();
    let [a, b, c] = ["a", "b", "c"].map(|name| Map::<Bytes>::SPEC.named(name));
    let mut store = open(memory.clone(), &[a, b], &[]).unwrap();
    Map::attach(store.take(0)).insert(1, vec![1]);
    Map::attach(store.take(1)).insert(2, vec![2]);
    let steps = [[b, c.renamed(&["a"])], [a.renamed(&["b"]), c], [a, b.renamed(&["c"])]];
    let before = image(&memory);
    let Err(Error::Refused(report)) = open(memory.clone(), &steps[1], &[]) else { panic!("opened") };
    assert!(report.problems.iter().all(|problem| problem.rule == Rule::RootRenamedTwice), "{report}");
    assert!(image(&memory) == before);
    steps.iter().for_each(|specs| drop(open(memory.clone(), specs, &[]).unwrap()));
    let mut store = open(memory, &[a, b], &[]).unwrap();
    assert_eq!(Map::attach(store.take(0)).get(&2), Some(vec![2]));
    assert_eq!(Map::attach(store.take(1)).get(&1), Some(vec![1]));
}

#[test]
fn names_of_one_and_of_255_bytes_take_each_others_place() {
    let memory = Bytes::default();
    let long: &'static str = leak("é".repeat(127) + "x");
    let [short, long] = ["s", long].map(|name| Map::<Bytes>::SPEC.named(name));
    let mut store = open(memory.clone(), &[short], &[]).unwrap();
    Map::attach(store.take(0)).insert(1, vec![7; 9]);
    let first = image(&memory);
    for _ in 0..2 {
        let mut store = open(memory.clone(), &[long.renamed(&["s"])], &[]).unwrap();
        let root = store.take(0);
        assert_eq!((root.name(), root.stats().entries), (long.name, 1));
        assert_eq!(Map::attach(root).get(&1), Some(vec![7; 9]));
        let mut store = open(memory.clone(), &[short.renamed(leak([long.name]))], &[]).unwrap();
        assert_eq!(store.take(0).name(), "s");
    }
    assert!(image(&memory) == first, "zeros fill the name up again");
    let too_long = leak("x".repeat(256));
    assert!(matches!(open(memory.clone(), &[long.named(too_long)], &[]), Err(Error::BadName { .. })));
}

#[test]
fn a_name_is_used_again_for_a_root_of_another_kind() {
    let memory = Bytes::default();
    stored(&memory, 300, 0);
    let kept = Map::<Bytes>::SPEC.named("kept");
    open(memory.clone(), &[kept], &["map", "cell"]).unwrap();
    let others = [Value::<Bytes>::SPEC.named("map"), BTreeMap::<u8, (), Bytes>::SPEC.named("cell"), kept];
    let mut store = open(memory.clone(), &others, &[]).unwrap();
    check_kept(store.take(2));
    assert_eq!(Value::attach(store.take(0)).get(), None);
    account_for(open(memory, &others, &[]).unwrap(), 3);
}

/// A layout of its own for every number.
fn numbered(name: &'static str, n: u32) -> RootSpec {
    let value = leak(Layout::Blob(n + 1));
    RootSpec {
        name,
        was: &[],
        kind: CollectionKind::Cell,
        key: None,
        value,
        value_fingerprint: value.fingerprint(),
        history: leak(History::Plain(value)),
    }
}

/// As many roots as a store can have, of which most are others after each upgrade.
#[test]
fn catalogs_stay_in_order_and_registries_grow_to_thousands_of_layouts() {
    const ROOTS: usize = 1_020;
    let memory = Bytes::default();
    let mut specs: Vec<RootSpec> = Vec::new();
    for round in 0..5usize {
        let (kept, gone): (Vec<_>, Vec<_>) =
            specs.iter().enumerate().partition(|(i, _)| i * 7_919 % 10 < 3 && round > 0);
        let gone: Vec<&str> = gone.into_iter().map(|(_, spec)| spec.name).collect();
        let mut next: Vec<RootSpec> = kept
            .into_iter()
            .map(|(i, spec)| {
                if i % 2 == 0 {
                    spec.named(name("again", round * ROOTS + i)).renamed(leak([spec.name]))
                } else {
                    *spec
                }
            })
            .collect();
        for n in next.len()..ROOTS {
            let number = round * ROOTS + n;
            next.push(numbered(name("root", number), number as u32));
        }
        specs = next;
        open(memory.clone(), &specs, &gone).unwrap();
        specs.iter_mut().for_each(|spec| spec.was = &[]);
        check_catalog(&image(&memory), &specs);
        let before = image(&memory);
        account_for(open(memory.clone(), &specs, &[]).unwrap(), ROOTS);
        assert!(image(&memory) == before);
    }
    let bytes = image(&memory);
    let layouts = u32::from_le_bytes(bytes[60..64].try_into().unwrap());
    assert!(layouts > 3_500, "{layouts}");
    specs.push(numbered("one more", 1));
    let error = open(memory.clone(), &specs, &[]).err().unwrap();
    assert!(matches!(error, Error::TooManyRoots { count: 1_021, max: 1_020 }));
    assert!(image(&memory) == bytes);
}

/// Every root is listed once, at its ordinal, under its name; behind them the catalog is zero.
#[track_caller]
fn check_catalog(bytes: &[u8], specs: &[RootSpec]) {
    let u32_at = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap());
    let catalog = u32_at(48);
    assert_eq!(usize::from(bytes[at(catalog, 2)]) + 256 * usize::from(bytes[at(catalog, 3)]), specs.len());
    let mut names: Vec<&str> = Vec::new();
    for ordinal in 0..specs.len() {
        let root = u32_at(at(catalog, 16 + 4 * ordinal));
        assert_eq!(u32_at(at(root, 4)) as usize, ordinal);
        let len = usize::from(bytes[at(root, 2)]);
        names.push(str::from_utf8(&bytes[at(root, 64)..at(root, 64 + len)]).unwrap());
        assert!(bytes[at(root, 64 + len)..at(root, 320)].iter().all(|byte| *byte == 0));
    }
    let mut expected: Vec<&str> = specs.iter().map(|spec| spec.name).collect();
    names.sort_unstable();
    expected.sort_unstable();
    assert_eq!(names, expected);
    assert!(bytes[at(catalog, 16 + 4 * specs.len())..at(catalog, 4_096)].iter().all(|byte| *byte == 0));
}

#[test]
fn a_registry_that_goes_in_a_circle_is_damaged() {
    let memory = Bytes::default();
    let specs: Vec<RootSpec> = (0..800).map(|n| numbered(name("root", n), n as u32)).collect();
    open(memory.clone(), &specs, &[]).unwrap();
    let bytes = image(&memory);
    let u32_at = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap());
    let (first, last) = (u32_at(52), u32_at(56));
    assert_ne!(u32_at(at(first, 4)), last, "there are three pages at least");
    memory.write(at(last, 4) as u64, &first.to_le_bytes());
    // As long as the memory allows.
    memory.write(64, &(u64::from(u32_at(32)) * 4_080).to_le_bytes());
    let error = open(memory, &specs[1..], &["root 0"]).map(|_| ()).err();
    assert!(error.is_none(), "an unchanged store does not read the registry: {error:?}");
    let memory = memory_of(&bytes);
    memory.write(at(last, 4) as u64, &first.to_le_bytes());
    memory.write(64, &(u64::from(u32_at(32)) * 4_080).to_le_bytes());
    let more = [&specs[..], &[numbered("more", 5_000)]].concat();
    let error = open(memory, &more, &[]).err().unwrap();
    assert!(matches!(error, Error::Damaged { reason: Damage::Cycle, .. }), "{error}");
}

/// New layouts would be written there: into a page of something else, or nowhere once roots were
/// dropped.
#[test]
fn a_registry_that_ends_elsewhere_is_damaged() {
    let memory = Bytes::default();
    stored(&memory, 500, 0);
    let specs = [
        Map::<Bytes>::SPEC.named("kept"),
        Map::<Bytes>::SPEC.named("map"),
        Value::<Bytes>::SPEC.named("cell"),
    ];
    let mut store = open(memory.clone(), &specs, &[]).unwrap();
    let leaf = store.take(0).state().top.get();
    let bytes = image(&memory);
    for last in [PageNumber::NONE, leaf] {
        let memory = memory_of(&bytes);
        memory.write(32 + 24, &last.to_le_bytes());
        let before = image(&memory);
        let result = open(memory.clone(), &everything_else::<Bytes>(), &["map", "cell"]);
        assert!(matches!(result, Err(Error::Damaged { page, .. }) if page == last), "{:?}", result.err());
        assert!(image(&memory) == before, "something was written");
    }
}
