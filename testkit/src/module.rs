//! Modules checked, metered and compiled, once for each wasm and process while there are few.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, LazyLock, Mutex, OnceLock, PoisonError};

use sha2::{Digest, Sha256};
use wasmtime::{Config, Engine, InstancePre, Linker, OptLevel};

use crate::host::Host;
use crate::ic0;
use crate::reject::Reject;
use crate::wasm::check::check;
use crate::wasm::cost::compilation_cost;
use crate::wasm::facts::Facts;
use crate::wasm::instrument::{global_name, instrument};
use crate::wasm::names::function_names;

/// Bytes of stack that wasm may use, as on the replica.
pub(crate) const WASM_STACK: usize = 5 << 20;

/// A compiled module, with what the runner has to know about it.
pub(crate) struct Module {
    pub(crate) pre: InstancePre<Host>,
    /// Export names of the mutable globals.
    pub(crate) globals: Vec<String>,
    /// Names of the exported functions.
    exports: BTreeSet<String>,
    pub(crate) has_start: bool,
    /// The memory has 64-bit addresses.
    pub(crate) wide: bool,
    /// An instance must serve one message only, because code drops segments.
    pub(crate) single_use: bool,
    /// The instructions that compiling it is charged with.
    pub(crate) compilation: u64,
    /// Names of the functions whose instructions are counted one by one, in the order of their
    /// counters.
    pub(crate) profiled: Vec<String>,
}

type Slot = Arc<OnceLock<Result<Arc<Module>, Reject>>>;

/// The key of the cache: the hash of a wasm, and `true` if its functions are counted.
type Key = ([u8; 32], bool);

/// The most modules in the cache. A process that loads more begins a new one.
const MAX_MODULES: usize = 256;

static MODULES: LazyLock<Mutex<HashMap<Key, Slot>>> = LazyLock::new(Mutex::default);
static ENGINE: LazyLock<Engine> = LazyLock::new(engine);
static NARROW: LazyLock<Linker<Host>> = LazyLock::new(linker::<u32>);
static WIDE: LazyLock<Linker<Host>> = LazyLock::new(linker::<u64>);

impl Module {
    /// Returns the compiled form of `wasm`, from the cache if it was compiled before. With
    /// `profiled`, it has a counter for each function.
    pub(crate) fn load(wasm: &[u8], profiled: bool) -> Result<Arc<Self>, Reject> {
        let hash = Sha256::digest(wasm).into();
        let slot = {
            let mut modules = MODULES.lock().unwrap_or_else(PoisonError::into_inner);
            if modules.len() >= MAX_MODULES && !modules.contains_key(&(hash, profiled)) {
                modules.clear();
            }
            Arc::clone(modules.entry((hash, profiled)).or_default())
        };
        // Not under the lock: other modules can be compiled meanwhile, this one only once.
        slot.get_or_init(|| Self::compile(wasm, profiled).map(Arc::new)).clone()
    }

    fn compile(wasm: &[u8], profiled: bool) -> Result<Self, Reject> {
        let facts = check(wasm).map_err(Reject::invalid_wasm)?;
        let instrumented = instrument(wasm, &facts, profiled).map_err(Reject::invalid_wasm)?;
        let module = wasmtime::Module::new(&ENGINE, &instrumented.wasm)
            .map_err(|e| Reject::invalid_wasm(format!("{e:#}")))?;
        let linker = if facts.wide() { &*WIDE } else { &*NARROW };
        let pre = linker.instantiate_pre(&module).map_err(|error| invalid_import(&facts, &error))?;
        let functions = facts.exports.iter().filter(|export| export.kind == wasmparser::ExternalKind::Func);
        Ok(Self {
            pre,
            globals: facts.mutable_globals().map(global_name).collect(),
            exports: functions.map(|export| export.name.clone()).collect(),
            has_start: facts.start.is_some(),
            wide: facts.wide(),
            single_use: instrumented.findings.drops,
            compilation: compilation_cost(instrumented.findings.instructions, facts.globals.len()),
            profiled: if profiled { function_names(wasm, &facts) } else { Vec::new() },
        })
    }

    pub(crate) fn exports(&self, name: &str) -> bool {
        self.exports.contains(name)
    }

    pub(crate) fn engine() -> &'static Engine {
        &ENGINE
    }
}

fn invalid_import(facts: &Facts, error: &wasmtime::Error) -> Reject {
    let text = format!("{error:#}");
    let unknown = facts.imports.iter().find(|import| text.contains(&format!("`ic0::{}`", import.name)));
    Reject::invalid_wasm(match unknown {
        Some(import) => format!(
            "Wasm module has an invalid import section. Module imports function '{}' from 'ic0' that is not exported by the runtime",
            import.name
        ),
        None => format!("Wasm module has an invalid import section. {text}"),
    })
}

fn engine() -> Engine {
    let mut config = Config::new();
    config
        .cranelift_opt_level(OptLevel::Speed)
        // The replica's floats are the same on every machine.
        .cranelift_nan_canonicalization(true)
        .max_wasm_stack(WASM_STACK)
        // Nothing is asynchronous here, but the engine requires this to be at least as large.
        .async_stack_size(2 * WASM_STACK)
        .wasm_tail_call(true)
        .wasm_simd(true)
        .wasm_relaxed_simd(false)
        .wasm_memory64(true)
        .wasm_multi_memory(false);
    #[cfg(feature = "disk-cache")]
    config.cache(wasmtime::Cache::from_file(None).ok());
    Engine::new(&config).expect("the configuration is supported on this machine")
}

fn linker<P: ic0::Ptr>() -> Linker<Host> {
    let mut linker = Linker::new(&ENGINE);
    ic0::link::<P>(&mut linker).expect("no function of the System API is defined twice");
    linker
}
