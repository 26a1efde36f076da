//! Damage stays in the collection that has it: others keep what they hold, whatever is done with the damaged one. No
//! operation panics with other words than an error's, and none reads without end.

mod mutant;
mod store;
mod subjects;

use std::collections::BTreeMap;

use graven_tests::memory::{image, memory_of};
use graven_tests::panics::{caught, last_place};
use graven_tests::rng::Rng;

use mutant::Anatomy;
use store::{Counted, Newest, Rest};
use subjects::{Subject, subjects};

/// Accesses to memory that an operation on this small store may need at most.
const ACCESSES: u64 = 60_000;

fn variable(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(default)
}

/// Runs `work` on memory that allows so many accesses.
fn limited<R>(memory: &Counted, work: impl FnOnce() -> R) -> Result<R, String> {
    memory.allow(ACCESSES);
    let done = caught(work);
    memory.allow(u64::MAX);
    done.map_err(|panic| format!("{panic} at {}", last_place()))
}

fn is_error(panic: &str) -> bool {
    (panic.starts_with("page ") || panic.starts_with("out of memory")) && !panic.contains("more often than any")
}

fn contents(store: &mut Newest, memory: &Counted, victim: usize) -> Vec<Option<u64>> {
    let found = subjects(store);
    let one = |(at, subject): (usize, (&str, &mut dyn Subject))| match at == victim {
        true => None,
        false => limited(memory, || subject.1.contents()).ok().flatten(),
    };
    found.into_iter().enumerate().map(one).collect()
}

struct Failure {
    what: String,
    operation: String,
}

fn run(sound: &[u8], anatomy: &Anatomy, number: u64) -> Result<bool, (String, Failure)> {
    let rng = &mut Rng::new(number.wrapping_mul(0x9e37_79b9) ^ variable("GRAVEN_SEED", 1));
    rng.any();
    let mut bytes = sound.to_vec();
    let victim = rng.below(anatomy.victims() as u64) as usize;
    let changes = 1 + rng.below(5) * u64::from(rng.once_in(2));
    let changes: Vec<String> = (0..changes).map(|_| anatomy.mutate(victim, &mut bytes, rng)).collect();
    let name = anatomy.name(victim);
    let class = format!("{name}: {}", changes.join(", "));
    let failed = |operation: &str, what: String| {
        Err((class.clone(), Failure { what, operation: operation.to_owned() }))
    };
    let memory = Counted::new(memory_of(&bytes));
    let mut store = match limited(&memory, || Newest::open(memory.clone())) {
        Ok(Ok(store)) => store,
        Ok(Err(_)) => return Ok(false),
        Err(panic) => return failed("open", panic),
    };
    let before = contents(&mut store, &memory, victim);
    let mut log = String::new();
    for _ in 0..1 + rng.below(4) {
        let (operation, seed) = (rng.below(12), rng.any());
        log += &format!(" {operation}");
        let ran = {
            let mut all = subjects(&mut store);
            let subject = &mut all[victim].1;
            limited(&memory, || subject.operate(operation, &mut Rng::new(seed)))
        };
        if let Err(panic) = ran
            && !is_error(&panic)
        {
            return failed(&log, panic);
        }
        let after = contents(&mut store, &memory, victim);
        for (at, (before, after)) in before.iter().zip(&after).enumerate() {
            if before.is_some() && before != after {
                return failed(&log, format!("spreads to {}", anatomy.name(at)));
            }
        }
    }
    // What was given out wrongly shows when others grow.
    let filler = loop {
        let filler = rng.below(anatomy.all() as u64) as usize;
        if filler != victim {
            break filler;
        }
    };
    log += &format!(" fill {}", anatomy.name(filler));
    let filled = {
        let mut all = subjects(&mut store);
        limited(&memory, || all[filler].1.fill())
    };
    if let Err(panic) = filled
        && !is_error(&panic)
    {
        return failed(&log, panic);
    }
    let after = contents(&mut store, &memory, victim);
    for (at, (before, after)) in before.iter().zip(&after).enumerate() {
        if before.is_some() && (if at == filler { after.is_none() } else { before != after }) {
            return failed(&log, format!("spreads to {}", anatomy.name(at)));
        }
    }
    drop(store);
    // Letting the damaged collection go.
    if rng.once_in(3) {
        let memory = Counted::new(memory_of(&image(&memory)));
        let mut rest = match limited(&memory, || Rest::open(memory.clone())) {
            Ok(Ok(rest)) => rest,
            Ok(Err(_)) => return Ok(true),
            Err(panic) => return failed("drop", panic),
        };
        let contents = |rest: &mut Rest| {
            let all: [&mut dyn Subject; 3] = [&mut rest.hashed, &mut rest.list, &mut rest.queue];
            all.map(|subject| limited(&memory, || subject.contents()).ok().flatten())
        };
        let before = contents(&mut rest);
        if let Err(panic) = limited(&memory, || rest.list.fill())
            && !is_error(&panic)
        {
            return failed("drop and fill", panic);
        }
        let after = contents(&mut rest);
        let changed = before.iter().zip(&after).enumerate().find(|(at, (before, after))| {
            before.is_some() && (if *at == 1 { after.is_none() } else { before != after })
        });
        if changed.is_some() {
            return failed("drop and fill", "spreads by a drop".to_owned());
        }
    }
    Ok(true)
}

#[test]
fn damage_stays_in_its_collection() {
    let sound = store::sound();
    let anatomy = Anatomy::of(&sound);
    let memory = Counted::new(memory_of(&sound));
    let mut store = Newest::open(memory.clone()).unwrap();
    for (name, subject) in subjects(&mut store) {
        assert!(subject.contents().is_some(), "{name}");
    }
    memory.allow(u64::MAX);
    let (mut opened, mut failures) = (0, BTreeMap::<String, (u64, u64, String)>::new());
    let (first, count) = (variable("GRAVEN_FIRST", 0), variable("GRAVEN_MUTANTS", 2_000));
    for number in first..first + count {
        match run(&sound, &anatomy, number) {
            Ok(ran) => opened += u64::from(ran),
            Err((class, Failure { what, operation })) => {
                let key = format!("{what}");
                let entry = failures.entry(key).or_insert((0, number, format!("{class} | ops{operation}")));
                entry.0 += 1;
                println!("{number}: {what} | {class} | ops{operation}");
            }
        }
    }
    println!("{} bytes, {count} mutants, {opened} opened", sound.len());
    for (what, (count, number, class)) in &failures {
        println!("{count} x {what}: {number}: {class}");
    }
    assert!(failures.is_empty());
}
