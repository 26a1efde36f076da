//! Runs one message: its instance, what it used, and the rollback of what must not last.
//!
//! The replica runs every message in a fresh instance. Here one instance serves many messages,
//! which is much faster. Its heap and globals are compared with an image and restored from it.
//! Which message to run, and where its reply goes, is decided elsewhere.

use std::sync::Arc;

use wasmtime::{Global, Instance, Memory, Ref, Store, Trap, Val, WasmBacktrace};

use crate::backtrace::backtrace;
use crate::host::Host;
use crate::ic0::{DIRTY_PAGE, limit_exceeded};
use crate::message::{Entry, Message, Mode, Output};
use crate::module::{Module, WASM_STACK};
use crate::outcome::{StableUse, Usage};
use crate::profile::Profile;
use crate::reject::{ErrorCode, Reject};
use crate::wasm::instrument::{COUNTER, MEMORY, TABLE, profile_name};

const PAGE: usize = 4096;
const WASM_PAGE: usize = 65536;
/// The stack of the System API's functions below the deepest wasm frame.
const HOST_STACK: usize = 1 << 20;
const OUT_OF_INSTRUCTIONS: ErrorCode = ErrorCode::CanisterInstructionLimitExceeded;

/// The code of a canister, with its heap and globals after the last message that was kept.
pub(crate) struct Code {
    pub(crate) module: Arc<Module>,
    heap: Vec<u8>,
    globals: Vec<Val>,
    live: Option<Live>,
    /// The live instance differs from the image.
    stale: bool,
}

struct Live {
    store: Store<Host>,
    instance: Instance,
    memory: Option<Memory>,
    globals: Vec<Global>,
    counter: Global,
}

/// The result of running one message.
pub(crate) struct Executed {
    pub(crate) result: Result<(), Reject>,
    pub(crate) usage: Usage,
    pub(crate) output: Output,
    pub(crate) lines: Vec<String>,
}

impl Clone for Code {
    fn clone(&self) -> Self {
        let (heap, globals) = (self.heap.clone(), self.globals.clone());
        Self { module: Arc::clone(&self.module), heap, globals, live: None, stale: false }
    }
}

impl Code {
    /// Creates the code of a module: data segments are in place, and nothing has run.
    pub(crate) fn new(module: Arc<Module>) -> Result<Self, Reject> {
        let mut live = Live::new(&module)?;
        let heap = live.heap().to_vec();
        let globals = live.globals();
        Ok(Self { module, heap, globals, live: Some(live), stale: false })
    }

    pub(crate) fn heap_bytes(&self) -> u64 {
        self.heap.len() as u64
    }

    /// Takes the running instance of `other`, which is cheaper than creating a new one.
    pub(crate) fn reuse(&mut self, other: Self) {
        if Arc::ptr_eq(&self.module, &other.module) {
            self.live = other.live;
            self.stale = true;
        }
    }

    /// Runs `message` for the canister whose other state is in `host`.
    pub(crate) fn run(&mut self, host: &mut Host, message: Message) -> Executed {
        let mut live = match self.instance() {
            Ok(live) => live,
            Err(reject) => return Executed::failed(reject),
        };
        let (mode, limit, entry) = (message.mode, message.limit, message.entry.clone());
        let system = host.system.clone();
        host.begin(message);

        std::mem::swap(host, live.store.data_mut());
        let (result, mut instructions) = live.call(&entry, limit);
        std::mem::swap(host, live.store.data_mut());

        let changed = live.changed_pages(&self.heap);
        let exhausted = matches!(&result, Err(reject) if reject.code == OUT_OF_INSTRUCTIONS);
        let mut for_heap = 0;
        if mode.pays_for_heap() && !exhausted {
            for_heap = changed.len() as u64 * if self.module.wide { 4_000 } else { 1_000 };
            instructions += for_heap;
        }
        let keep = result.is_ok() && !mode.discards_changes();
        if let Some(profile) = &mut host.profile {
            live.add_to(profile, &self.module.profiled);
            profile.add_heap_pages(changed.len() as u64, for_heap);
            let (written, _) = host.stable.page_counts();
            profile.add_stable_pages(written, written * DIRTY_PAGE);
        }
        let (written, touched) = host.stable.page_counts();
        let stable = StableUse { pages_written: written, pages_touched: touched, ..host.stable_use };
        let mut usage = Usage { instructions: instructions.min(limit), stable, ..Usage::default() };
        if keep {
            usage.heap_pages = changed.len() as u64;
            usage.stable_pages = written;
        } else {
            host.stable.roll_back();
            host.system = system;
        }
        // The heap does not outlive `pre_upgrade`: either the code is replaced or nothing happened.
        self.settle(live, &changed, keep && mode != Mode::PreUpgrade);
        host.message = None;
        let lines = std::mem::take(&mut host.log.lines);
        Executed { result, usage, output: std::mem::take(&mut host.output), lines }
    }

    /// Returns the instance in the state of the image.
    fn instance(&mut self) -> Result<Live, Reject> {
        if let Some(mut live) = self.live.take() {
            if !self.stale {
                return Ok(live);
            }
            if live.heap().len() == self.heap.len() {
                self.stale = false;
                live.restore(&self.heap, &self.globals);
                return Ok(live);
            }
        }
        let mut live = Live::new(&self.module)?;
        live.grow(self.heap.len());
        live.restore(&self.heap, &self.globals);
        self.stale = false;
        Ok(live)
    }

    /// Keeps what the message changed, or restores the instance.
    fn settle(&mut self, mut live: Live, changed: &[usize], keep: bool) {
        let heap = live.heap();
        let grown = heap.len() != self.heap.len();
        if keep {
            self.heap.resize(heap.len(), 0);
            for page in changed {
                let range = page * PAGE..(page + 1) * PAGE;
                self.heap[range.clone()].copy_from_slice(&heap[range]);
            }
            self.globals = live.globals();
        } else if !grown {
            for page in changed {
                let range = page * PAGE..(page + 1) * PAGE;
                heap[range.clone()].copy_from_slice(&self.heap[range]);
            }
            live.set_globals(&self.globals);
        }
        // Memory cannot shrink and segments cannot come back: a new instance must do the next
        // message.
        if !self.module.single_use && (keep || !grown) {
            self.live = Some(live);
        }
    }
}

impl Executed {
    fn failed(reject: Reject) -> Self {
        let (usage, output) = (Usage::default(), Output::default());
        Self { result: Err(reject), usage, output, lines: Vec::new() }
    }
}

impl Live {
    fn new(module: &Module) -> Result<Self, Reject> {
        let mut store = Store::new(Module::engine(), Host::default());
        let instance =
            module.pre.instantiate(&mut store).map_err(|e| Reject::invalid_wasm(format!("{e:#}")))?;
        let counter = instance.get_global(&mut store, COUNTER).expect("the prepass exports the counter");
        let memory = instance.get_memory(&mut store, MEMORY);
        let names = module.globals.iter();
        let globals = names.filter_map(|name| instance.get_global(&mut store, name)).collect();
        Ok(Self { store, instance, memory, globals, counter })
    }

    fn heap(&mut self) -> &mut [u8] {
        match self.memory {
            Some(memory) => memory.data_mut(&mut self.store),
            None => &mut [],
        }
    }

    fn globals(&mut self) -> Vec<Val> {
        self.globals.iter().map(|global| global.get(&mut self.store)).collect()
    }

    fn set_globals(&mut self, values: &[Val]) {
        for (global, value) in self.globals.iter().zip(values) {
            global.set(&mut self.store, *value).expect("the value came out of this global");
        }
    }

    fn grow(&mut self, bytes: usize) {
        let missing = (bytes - self.heap().len()) / WASM_PAGE;
        if let Some(memory) = self.memory.filter(|_| missing > 0) {
            memory.grow(&mut self.store, missing as u64).expect("the memory was as large before");
        }
    }

    fn restore(&mut self, image: &[u8], globals: &[Val]) {
        let heap = self.heap();
        for (to, from) in heap.chunks_mut(PAGE).zip(image.chunks(PAGE)) {
            if to != from {
                to.copy_from_slice(from);
            }
        }
        self.set_globals(globals);
    }

    /// Returns the 4 KiB pages of the heap that differ from the image, or from zero beyond its end.
    fn changed_pages(&mut self, image: &[u8]) -> Vec<usize> {
        const ZERO: [u8; PAGE] = [0; PAGE];
        let heap = self.heap();
        let mut changed = Vec::new();
        let common = heap.chunks(WASM_PAGE).zip(image.chunks(WASM_PAGE)).enumerate();
        for (i, (now, before)) in common.filter(|(_, (now, before))| now != before) {
            let pages = now.chunks(PAGE).zip(before.chunks(PAGE)).enumerate();
            let differ = pages.filter(|(_, (now, before))| now != before);
            changed.extend(differ.map(|(page, _)| i * (WASM_PAGE / PAGE) + page));
        }
        let grown = heap.get(image.len()..).unwrap_or_default().chunks(PAGE).enumerate();
        changed.extend(grown.filter(|(_, now)| *now != ZERO).map(|(page, _)| image.len() / PAGE + page));
        changed
    }

    /// Calls the entry point and returns its result and the instructions that it used.
    fn call(&mut self, entry: &Entry, limit: u64) -> (Result<(), Reject>, u64) {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        self.counter.set(&mut self.store, Val::I64(limit)).expect("the counter is a mutable i64");
        let host = self.store.data_mut();
        (host.counter, host.memory) = (Some(self.counter), self.memory);
        let needed = WASM_STACK + HOST_STACK;
        let result = stacker::maybe_grow(needed, 2 * needed, || self.enter(entry));
        let counted = self.counter.get(&mut self.store).unwrap_i64();
        let left = counted.saturating_sub_unsigned(self.store.data().spent);
        let stopped = self.store.data_mut().output.error.take();
        let over = left < 0 && stopped.as_ref().is_none_or(|reject| reject.code != OUT_OF_INSTRUCTIONS);
        let reject = match result {
            _ if over => Some(limit_exceeded(limit as u64)),
            Err(error) => Some(stopped.unwrap_or_else(|| describe(&error))),
            Ok(()) => None,
        };
        let exhausted = reject.as_ref().is_some_and(|reject| reject.code == OUT_OF_INSTRUCTIONS);
        let used = if exhausted { limit } else { limit - left };
        (reject.map_or(Ok(()), Err), used as u64)
    }

    /// Adds the counts of each function to a profile, and resets them.
    fn add_to(&mut self, profile: &mut Profile, functions: &[String]) {
        for (index, name) in functions.iter().enumerate() {
            let [calls, instructions] = [false, true].map(|instructions| {
                let counter = self.instance.get_global(&mut self.store, &profile_name(index, instructions));
                let counter = counter.expect("the prepass exports the counters of a profile");
                let count = counter.get(&mut self.store).unwrap_i64() as u64;
                counter.set(&mut self.store, Val::I64(0)).expect("the counter is a mutable i64");
                count
            });
            profile.add(name, calls, instructions);
        }
    }

    fn enter(&mut self, entry: &Entry) -> wasmtime::Result<()> {
        match entry {
            Entry::Export(name) => {
                let function = self.instance.get_typed_func::<(), ()>(&mut self.store, name)?;
                function.call(&mut self.store, ())
            }
            Entry::Callback(closure) => {
                let table = self.instance.get_table(&mut self.store, TABLE);
                let slot = table.and_then(|table| table.get(&mut self.store, closure.function.into()));
                let Some(Ref::Func(Some(function))) = slot else {
                    return Err(Trap::TableOutOfBounds.into());
                };
                if let Ok(narrow) = function.typed::<u32, ()>(&self.store) {
                    return narrow.call(&mut self.store, closure.env as u32);
                }
                function.typed::<u64, ()>(&self.store)?.call(&mut self.store, closure.env)
            }
        }
    }
}

/// Returns the reject of an error inside wasm.
fn describe(error: &wasmtime::Error) -> Reject {
    let mut reject = match error.downcast_ref::<Trap>() {
        Some(Trap::BadSignature) => Reject::contract("function invocation does not match its signature"),
        Some(Trap::StackOverflow) => Reject::trapped("stack overflow"),
        Some(Trap::MemoryOutOfBounds) => Reject::trapped("heap out of bounds"),
        Some(Trap::TableOutOfBounds) => Reject::trapped("table out of bounds"),
        Some(Trap::IntegerDivisionByZero) => Reject::trapped("integer division by 0"),
        Some(Trap::UnreachableCodeReached) => Reject::trapped("unreachable"),
        Some(_) => Reject::trapped("unknown"),
        None => Reject::contract(format!("{error:#}")),
    };
    reject.backtrace = error.downcast_ref::<WasmBacktrace>().map(backtrace).unwrap_or_default();
    reject
}
