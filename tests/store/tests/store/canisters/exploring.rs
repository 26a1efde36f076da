//! Canisters that answer tools and Prometheus, and whose operators start and hold the sweep.

use std::collections::BTreeMap;

use candid::Principal;
use graven::ask::{Answer, Comparison, Filter, Request, Value};
use graven::explore::{
    HttpRequest, HttpResponse, MemoryPart, RootSchema, StoreStats, VerifyPosition, VerifyStep,
};
use graven::{SweepState, SweepStatus};
use graven_testkit::Canister;
use openmetrics_parser::prometheus::parse_prometheus;
use openmetrics_parser::{PrometheusType, PrometheusValue};

use super::tables::wasm_of;

const ODD: &str = "odd \"name\" \\ of\ntwo lines";

/// Samples by their name and labels.
type Samples = BTreeMap<(String, Vec<(String, String)>), f64>;

type Answered<T> = (Result<T, String>,);

/// Returns the second version with `count` users and notes of the first one; its timer has not run.
fn upgraded(count: u64, broken: Option<u64>) -> Canister {
    let mut canister = Canister::install(&wasm_of("explored-v1"), ()).unwrap();
    canister.update::<_, ()>("fill", (count,)).unwrap();
    if let Some(id) = broken {
        canister.update::<_, ()>("write_broken", (id,)).unwrap();
    }
    canister.upgrade(&wasm_of("explored-v2"), ()).unwrap();
    canister
}

fn stats(canister: &mut Canister) -> StoreStats {
    canister.query::<_, Answered<StoreStats>>("graven_stats", ()).value().unwrap()
}

fn status(canister: &mut Canister) -> SweepStatus {
    stats(canister).sweep.unwrap()
}

fn control(canister: &mut Canister, method: &str) -> SweepStatus {
    canister.update::<_, Answered<SweepStatus>>(method, ()).value().unwrap()
}

/// Fires the timer until it is not set any more. Returns how often.
fn fire_all(canister: &mut Canister) -> u32 {
    let mut count = 0;
    while let Some(outcome) = canister.fire_timer() {
        outcome.unwrap();
        count += 1;
        assert!(count < 1_000, "the timer fires again and again");
    }
    count
}

#[test]
fn a_controller_holds_and_starts_the_sweep() {
    let mut canister = upgraded(8_000, None);
    let begun = status(&mut canister);
    assert!(begun.state == SweepState::Running && begun.old_pages > 100, "{begun}");
    assert_eq!(begun.incomplete_indexes, 1);
    canister.fire_timer().unwrap().unwrap();
    let held = control(&mut canister, "graven_hold_sweep");
    assert!(held.state == SweepState::Held && held.old_pages > 0, "{held}");
    // The system's timer is set, but there is nothing that it does.
    fire_all(&mut canister);
    assert_eq!(status(&mut canister), held);
    // A second start leaves one sweep, not two.
    control(&mut canister, "graven_start_sweep");
    assert_eq!(control(&mut canister, "graven_start_sweep").state, SweepState::Running);
    let messages = canister.fire_timer().unwrap();
    let sweeps = messages.phases.iter().filter(|phase| phase.name.contains("timer_executor"));
    assert_eq!(sweeps.count(), 1, "{:?}", messages.phases);
    fire_all(&mut canister);
    let done = SweepStatus { state: SweepState::Idle, old_pages: 0, incomplete_indexes: 0 };
    assert_eq!(status(&mut canister), done);
    assert_eq!(control(&mut canister, "graven_start_sweep"), done);
    assert_eq!(fire_all(&mut canister), 0);
}

#[test]
fn a_sweep_whose_message_trapped_is_stopped_and_can_be_started_again() {
    let mut canister = upgraded(2_000, Some(1_000));
    fire_all(&mut canister);
    let stopped = status(&mut canister);
    assert!(stopped.state == SweepState::Stopped && stopped.old_pages > 0, "{stopped}");
    canister.update::<_, ()>("permit", ()).unwrap();
    assert_eq!(control(&mut canister, "graven_start_sweep").state, SweepState::Running);
    fire_all(&mut canister);
    let done = status(&mut canister);
    assert!(done.state == SweepState::Idle && done.old_pages == 0, "{done}");
}

#[test]
fn only_controllers_explore_unless_a_guard_lets_others() {
    let mut canister = upgraded(1, None);
    let stranger = Principal::from_slice(&[7]);
    let refused = Err("only a controller may explore".to_owned());
    let status = canister.query_as::<_, Answered<StoreStats>>(stranger, "graven_stats", ()).value();
    assert_eq!(status.map(drop), refused);
    let schema = canister.query_as::<_, Answered<Vec<RootSchema>>>(stranger, "graven_schema", ()).value();
    assert_eq!(schema.map(drop), refused);
    let rows =
        canister.query_as::<_, Answered<Answer>>(stranger, "graven_records", (Request::default(),)).value();
    assert_eq!(rows.map(drop), refused);
    let part =
        canister.query_as::<_, Answered<MemoryPart>>(stranger, "graven_memory", (0_u64, 9_u32)).value();
    assert_eq!(part.map(drop), refused);
    for method in ["graven_start_sweep", "graven_hold_sweep"] {
        let started = canister.update_as::<_, Answered<SweepStatus>>(stranger, method, ()).value();
        assert_eq!(started.map(drop), refused, "{method}");
    }
    let mut open = Canister::install(&wasm_of("explored-v1"), ()).unwrap();
    let stats = open.query_as::<_, Answered<StoreStats>>(stranger, "graven_stats", ()).value().unwrap();
    assert_eq!(stats.sweep, None);
    let started = open.update_as::<_, Answered<SweepStatus>>(stranger, "graven_start_sweep", ()).value();
    assert_eq!(started.unwrap_err(), "the canister has no `sweep` option");
}

#[test]
fn the_schema_shows_every_root_with_its_history() {
    let mut canister = upgraded(500, None);
    let roots = canister.query::<_, Answered<Vec<RootSchema>>>("graven_schema", ()).value().unwrap();
    let names: Vec<&str> = roots.iter().map(|root| root.name.as_str()).collect();
    assert_eq!(names, ["users", "users.name", "notes", ODD, "users.karma"]);
    let [users, name_index, notes, ..] = &roots[..] else { panic!() };
    assert_eq!(users.declaration, "users: Table<User>");
    assert_eq!((name_index.kind.as_str(), name_index.entries), ("Index", 500));
    let versions: Vec<_> = notes.layouts.iter().map(|layout| (layout.version, layout.current)).collect();
    assert_eq!(versions, [(Some(1), false), (Some(2), true)]);
    for layout in roots.iter().flat_map(|root| root.layouts.iter().chain(&root.key)) {
        let parsed = graven_core::layout::stored::OwnedLayout::parse(&layout.descriptor).unwrap();
        assert_eq!((parsed.fingerprint(), parsed.to_string()), (layout.fingerprint, layout.name.clone()));
    }
}

#[test]
fn records_of_a_table_come_in_pages() {
    let mut canister = upgraded(50, None);
    let filter =
        Filter::Field { name: "name".into(), is: Comparison::Prefix, value: Value::Text("user 1".into()) };
    let mut request = Request { table: "users".into(), filter: Some(filter), limit: 4, ..Request::default() };
    let mut names = Vec::new();
    loop {
        let answer = canister.query::<_, Answered<Answer>>("graven_records", (&request,)).value().unwrap();
        names.extend(answer.rows.iter().map(|row| row[1].1.clone()));
        if answer.next.is_none() {
            break;
        }
        request.after = answer.next;
    }
    assert_eq!(names.len(), 11);
    assert!(names.contains(&Value::Text("user 19".into())), "{names:?}");
}

/// The parts that a canister returns are its memory, and each tells the canister's version.
#[test]
fn the_memory_is_read_in_parts_that_fit_together() {
    let mut canister = upgraded(3_000, None);
    let image = canister.stable_image();
    let part = |canister: &mut Canister, offset: u64, len: u32| {
        canister.query::<_, Answered<MemoryPart>>("graven_memory", (offset, len)).value().unwrap()
    };
    let (mut read, mut versions) = (Vec::new(), Vec::new());
    while read.len() < image.len() {
        let answer = part(&mut canister, read.len() as u64, u32::MAX);
        assert!(!answer.bytes.is_empty() && answer.memory_bytes == image.len() as u64);
        read.extend(answer.bytes);
        versions.push(answer.version);
    }
    versions.dedup();
    assert!(read == image && versions.len() == 1, "{versions:?}");
    for offset in [image.len() as u64, u64::MAX] {
        assert!(part(&mut canister, offset, 9).bytes.is_empty());
    }
    canister.update::<_, (Result<u64, String>,)>("write", (1_u64, "new")).value().unwrap();
    assert_ne!(part(&mut canister, 0, 1).version, versions[0]);
}

/// Each step has a budget, within a collection as well, and counts are compared if the canister has
/// not changed.
#[test]
fn a_check_goes_in_steps() {
    let mut canister = upgraded(0, None);
    let verify = |canister: &mut Canister, from: Option<VerifyPosition>| {
        let outcome = canister.query::<_, Answered<VerifyStep>>("graven_verify", (from,));
        let instructions = outcome.instructions();
        (outcome.value().unwrap(), instructions)
    };
    let (step, _) = verify(&mut canister, None);
    assert_eq!(step, VerifyStep { checked: 3, ..VerifyStep::default() });
    let behind = VerifyPosition { collection: 3, ..VerifyPosition::default() };
    let (step, _) = verify(&mut canister, Some(behind));
    assert_eq!(step, VerifyStep::default());

    let mut canister = Canister::install(&wasm_of("explored-v1"), ()).unwrap();
    canister.update::<_, ()>("fill", (200_000_u64,)).unwrap();
    for is_changed in [false, true] {
        let (mut from, mut checked, mut uncounted, mut costs) = (None, 0, 0, Vec::new());
        loop {
            let (step, cost) = verify(&mut canister, from);
            assert_eq!(step.damage, Vec::<String>::new());
            (checked, uncounted) = (checked + step.checked, uncounted + step.uncounted);
            costs.push(cost);
            if is_changed {
                canister.update::<_, ()>("fill", (0_u64,)).unwrap();
            }
            from = step.next;
            if from.is_none() {
                break;
            }
        }
        println!("a check of 200,000 rows with an index: {costs:?} instructions");
        assert!(costs.len() > 2 && costs.iter().all(|cost| *cost < 1_100_000_000), "{costs:?}");
        assert_eq!((checked, uncounted), (3, u32::from(is_changed)));
    }
}

fn scrape(canister: &mut Canister, url: &str) -> (u16, String) {
    let request =
        HttpRequest { method: "GET".into(), url: url.into(), headers: Vec::new(), body: Vec::new() };
    let anyone = Principal::anonymous();
    let (response,) = canister.query_as::<_, (HttpResponse,)>(anyone, "http_request", (request,)).unwrap();
    (response.status_code, String::from_utf8(response.body).unwrap())
}

/// Returns the samples of a text as a parser of Prometheus' format reads them: by name and labels.
fn parsed(text: &str) -> Samples {
    let mut samples = BTreeMap::new();
    for (name, family) in parse_prometheus(text).unwrap_or_else(|error| panic!("{error}\n{text}")).families {
        let kind = if name.ends_with("_total") { PrometheusType::Counter } else { PrometheusType::Gauge };
        assert_eq!(family.family_type, kind, "{name}");
        assert!(!family.help.is_empty() && name.starts_with("graven_"), "{name}");
        for sample in family.iter_samples() {
            let labels = sample.get_labelset().unwrap();
            let mut labels: Vec<(String, String)> =
                labels.iter().map(|(label, text)| (label.to_owned(), text.to_owned())).collect();
            labels.sort();
            let value = match &sample.value {
                PrometheusValue::Gauge(value) => value.as_f64(),
                PrometheusValue::Counter(counter) => counter.value.as_f64(),
                other => panic!("{name}: {other:?}"),
            };
            assert_eq!(samples.insert((name.clone(), labels), value), None, "{name} is there twice");
        }
    }
    samples
}

fn value(samples: &Samples, name: &str, labels: &[(&str, &str)]) -> f64 {
    let labels = labels.iter().map(|(label, text)| ((*label).to_owned(), (*text).to_owned())).collect();
    *samples.get(&(name.to_owned(), labels)).unwrap_or_else(|| panic!("no {name} in {samples:#?}"))
}

#[test]
fn prometheus_reads_the_metrics() {
    let mut canister = upgraded(2_000, None);
    let (code, text) = scrape(&mut canister, "/metrics");
    assert_eq!(code, 200);
    let samples = parsed(&text);
    assert_eq!(value(&samples, "graven_root_entries", &[("root", "users")]), 2_000.0);
    assert_eq!(value(&samples, "graven_root_incomplete_indexes", &[("root", "users")]), 1.0);
    assert_eq!(value(&samples, "graven_root_entries", &[("root", ODD)]), 1.0);
    assert_eq!(value(&samples, "graven_sweep_state", &[("state", "running")]), 1.0);
    assert_eq!(value(&samples, "graven_sweep_state", &[("state", "idle")]), 0.0);
    let stats = stats(&mut canister);
    let old = stats.sweep.as_ref().unwrap().old_pages;
    assert_eq!(value(&samples, "graven_sweep_old_pages", &[]), old as f64);
    assert_eq!(value(&samples, "graven_memory_bytes", &[]), (canister.stable_size_pages() << 16) as f64);
    let by_layout = samples.iter().filter(|((name, labels), _)| {
        name == "graven_layout_pages" && labels.contains(&("current".into(), "false".into()))
    });
    assert_eq!(by_layout.map(|(_, pages)| pages).sum::<f64>(), old as f64);
    for root in &stats.roots {
        let labels = [("root", root.name.as_str())];
        assert_eq!(value(&samples, "graven_root_pages", &labels), f64::from(root.pages));
        assert_eq!(value(&samples, "graven_root_bytes", &labels), root.bytes as f64);
    }
    assert_eq!(scrape(&mut canister, "/metrics?a=b").0, 200);
    assert_eq!(scrape(&mut canister, "/").0, 404);
    fire_all(&mut canister);
    let samples = parsed(&scrape(&mut canister, "/metrics").1);
    assert_eq!(value(&samples, "graven_sweep_old_pages", &[]), 0.0);
    assert_eq!(value(&samples, "graven_sweep_state", &[("state", "idle")]), 1.0);
}

/// Messages are counted once each, with nearly all that the replica counts.
#[test]
fn the_instructions_of_the_last_messages_are_metrics() {
    let mut canister = upgraded(100, None);
    let before = parsed(&scrape(&mut canister, "/metrics").1);
    let count = |samples: &Samples| value(samples, "graven_messages_total", &[]);
    let sum = |samples: &Samples| value(samples, "graven_message_instructions_total", &[]);
    let costs: Vec<u64> = (0..10_u64)
        .map(|id| {
            let outcome = canister.update::<_, (Result<u64, String>,)>("write", (id, "new"));
            let instructions = outcome.instructions();
            outcome.value().unwrap();
            instructions
        })
        .collect();
    let samples = parsed(&scrape(&mut canister, "/metrics").1);
    assert_eq!(count(&samples) - count(&before), 10.0);
    let counted: Vec<f64> = (0..8)
        .map(|age: u8| value(&samples, "graven_message_instructions", &[("age", &age.to_string())]))
        .collect();
    for (counted, cost) in counted.iter().zip(costs.iter().rev()) {
        let cost = *cost as f64;
        assert!(*counted < cost && *counted > 0.5 * cost, "{counted:?} of {cost}");
    }
    let sum = sum(&samples) - sum(&before);
    assert!(counted.iter().sum::<f64>() < sum && sum < costs.iter().sum::<u64>() as f64, "{sum}");
}

/// A canister with `metrics = none` answers in an `http_request` of its own.
#[test]
fn metrics_are_also_a_text_for_ones_own_answer() {
    let mut canister = Canister::install(&wasm_of("explored-v1"), ()).unwrap();
    assert_eq!(scrape(&mut canister, "/"), (200, "a forum".to_owned()));
    let (code, text) = scrape(&mut canister, "/metrics");
    assert_eq!(code, 200);
    assert_eq!(value(&parsed(&text), "graven_root_entries", &[("root", "notes")]), 0.0);
    assert!(!text.contains("graven_sweep"), "it has no sweep\n{text}");
}

#[test]
fn metrics_cost_what_their_documentation_says() {
    let mut canister = upgraded(2_000, None);
    let request = HttpRequest { method: "GET".into(), url: "/metrics".into(), headers: vec![], body: vec![] };
    let scraped = canister.query::<_, (HttpResponse,)>("http_request", (request,));
    println!("metrics of 3 roots: {} instructions", scraped.instructions());
    assert!(scraped.instructions() < 1_000_000, "{}", scraped.instructions());
    assert_eq!(scraped.usage.stable.reads, 0);
}
