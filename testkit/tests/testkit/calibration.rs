//! Runs everything that was measured on the replica, and compares every figure.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use candid::Principal;
use graven_testkit::{Canister, ErrorCode, Outcome, Reject};
use serde::Deserialize;
use sha2::{Digest, Sha256};

/// Differences that are known and accepted: the step, the field, and why.
const EXPECTED_DIFFERENCES: [(&str, &str, &str); 0] = [];

#[derive(Deserialize)]
struct Calibration {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    steps: Vec<Step>,
}

#[derive(Deserialize)]
struct Step {
    cmd: String,
    #[serde(default)]
    module: String,
    #[serde(default)]
    method: String,
    #[serde(default)]
    arg: String,
    #[serde(default)]
    caller: String,
    expect: Expect,
}

/// An answer of the replica. A field that is not compared here is refused, so that none is
/// overlooked.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Expect {
    ok: bool,
    instructions: Option<u64>,
    phases: Option<BTreeMap<String, u64>>,
    dirty_pages4k: Option<u64>,
    heap_pages64k: Option<u64>,
    stable_pages64k: Option<u64>,
    reply_len: Option<usize>,
    reply_hex: Option<String>,
    reply_sha256: Option<String>,
    code: Option<String>,
    error: Option<String>,
    error_core: Option<String>,
    log: Option<Vec<String>>,
    bytes: Option<u64>,
    sha256: Option<String>,
    #[serde(default)]
    inexact: bool,
}

#[test]
fn every_figure_is_the_replicas() {
    let text = std::fs::read_to_string(directory().join("calibration.json")).unwrap();
    let calibration: Calibration = serde_json::from_str(&text).unwrap();
    let (next, found) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some(case) = calibration.cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let differences = run(case);
                    found.lock().unwrap().extend(differences);
                }
            });
        }
    });
    let mut differences = found.into_inner().unwrap();
    differences.sort();
    let steps: usize = calibration.cases.iter().map(|case| case.steps.len()).sum();
    println!("{} cases, {steps} steps, {} differences", calibration.cases.len(), differences.len());
    assert!(differences.is_empty(), "not as on the replica:\n{}", differences.join("\n"));
}

fn directory() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/calibration")
}

/// Runs a case and gives what differs.
fn run(case: &Case) -> Vec<String> {
    let mut canister = Canister::builder().empty();
    let default_caller = canister.caller();
    let mut differences = Vec::new();
    for (i, step) in case.steps.iter().enumerate() {
        let mut check = Check {
            step: format!("{} step {i}: {} {}", case.name, step.cmd, step.method),
            found: Vec::new(),
        };
        match step.cmd.as_str() {
            "caller" if step.caller == "default" => canister.set_caller(default_caller),
            "caller" => canister.set_caller(Principal::anonymous()),
            "stable" => check.stable(&canister, &step.expect),
            _ => {
                let outcome = perform(&mut canister, step);
                check.outcome(&canister, &outcome, &step.expect);
                check.sizes(&canister, &step.expect);
            }
        }
        differences.append(&mut check.found);
    }
    differences
}

fn perform(canister: &mut Canister, step: &Step) -> Outcome {
    let arg = bytes(&step.arg);
    let no_reply = |outcome: Outcome<()>| Outcome {
        result: outcome.result.map(|()| Vec::new()),
        usage: outcome.usage,
        phases: outcome.phases,
        log: outcome.log,
        compilation: outcome.compilation,
    };
    match step.cmd.as_str() {
        "install" | "reinstall" => no_reply(canister.reinstall_raw(&module(&step.module), &arg)),
        "upgrade" => no_reply(canister.upgrade_raw(&module(&step.module), &arg)),
        "upgrade_skip_pre" => {
            no_reply(canister.upgrade_skipping_pre_upgrade_raw(&module(&step.module), &arg))
        }
        "timer" => no_reply(canister.run_global_timer()),
        "heartbeat" => no_reply(canister.heartbeat()),
        "update" => canister.update_raw(&step.method, &arg),
        "query" => canister.query_raw(&step.method, &arg),
        other => panic!("unknown command {other}"),
    }
}

fn module(name: &str) -> Vec<u8> {
    wat::parse_file(directory().join("cases").join(name)).unwrap()
}

/// Hex digits, or a byte in hex, an asterisk and how often.
fn bytes(text: &str) -> Vec<u8> {
    let digits = |text: &str| -> Vec<u8> {
        let pairs = text.as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).unwrap());
        pairs.map(|pair| u8::from_str_radix(pair, 16).unwrap()).collect()
    };
    match text.split_once('*') {
        Some((byte, count)) => digits(byte).repeat(count.parse().unwrap()),
        None => digits(text),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// Long texts are given by their length and hash.
fn abridged(text: &str, like: &str) -> String {
    if like.starts_with('(') && like.contains("bytes, sha256") {
        return format!("({} bytes, sha256 {})", text.len(), sha256(text.as_bytes()));
    }
    text.to_owned()
}

struct Check {
    step: String,
    found: Vec<String>,
}

impl Check {
    fn equal<T: PartialEq + std::fmt::Debug>(&mut self, field: &str, got: T, expected: Option<T>) {
        let known = EXPECTED_DIFFERENCES.iter().any(|(step, name, _)| *step == self.step && *name == field);
        if let Some(expected) = expected.filter(|expected| *expected != got && !known) {
            self.found.push(format!("{}: {field} is {got:?}, on the replica {expected:?}", self.step));
        }
    }

    fn outcome(&mut self, canister: &Canister, outcome: &Outcome, expect: &Expect) {
        self.equal("ok", outcome.is_ok(), Some(expect.ok));
        let instructions = expect.instructions.filter(|_| !expect.inexact);
        self.equal("instructions", outcome.instructions(), instructions);
        self.equal("dirty pages", outcome.dirty_pages(), expect.dirty_pages4k);
        if let Some(phases) = &expect.phases {
            let got: BTreeMap<_, _> =
                outcome.phases.iter().map(|p| (p.name.clone(), p.usage.instructions)).collect();
            self.equal("phases", &got, Some(phases));
        }
        match &outcome.result {
            Ok(reply) => {
                self.equal("reply length", reply.len(), expect.reply_len);
                self.equal("reply", hex(reply), expect.reply_hex.clone());
                self.equal("reply hash", sha256(reply), expect.reply_sha256.clone());
            }
            Err(reject) => {
                self.equal("code", format!("{:?}", reject.code), expect.code.clone());
                let core = expect.error_core.as_ref().map(|core| abridged(&reject.message, core));
                self.equal("error", core, Some(expect.error_core.clone()));
                self.full_text(canister, reject, expect.error.as_deref());
            }
        }
        if let Some(log) = &expect.log {
            self.log(outcome, log, expect.inexact);
        }
    }

    /// Compares the whole text that the replica sends, up to the backtrace and the advice that
    /// `error_core` leaves out. Only a hash is known of the longest texts.
    fn full_text(&mut self, canister: &Canister, reject: &Reject, expected: Option<&str>) {
        let Some(expected) = expected.filter(|text| !text.contains("bytes, sha256")) else { return };
        let start = match reject.code {
            ErrorCode::CanisterDidNotReply => reject.message.clone(),
            _ => format!("Error from Canister {}: {}", canister.id(), reject.message),
        };
        let is_start = expected.strip_prefix(&start).is_some_and(|rest| {
            rest.is_empty() || rest.starts_with('.') || rest.starts_with("\nCanister Backtrace:")
        });
        if !is_start {
            self.found
                .push(format!("{}: the reject begins {start:?}, on the replica {expected:?}", self.step));
        }
    }

    /// The replica's log has a line for a trap, and keeps the last 4 KiB, of which each line takes
    /// 40 bytes more than its text.
    fn log(&mut self, outcome: &Outcome, expected: &[String], inexact: bool) {
        let mut lines = outcome.log.clone();
        lines.extend(outcome.result.as_ref().err().and_then(trap_line));
        let mut room = 4096;
        let mut kept = Vec::new();
        for mut line in lines.into_iter().rev() {
            line.truncate(4096 - 40);
            let Some(rest) = usize::checked_sub(room, line.len() + 40) else { break };
            room = rest;
            kept.push(line);
        }
        kept.reverse();
        self.equal("log length", kept.len(), Some(expected.len()));
        for (line, expected) in kept.iter().zip(expected).filter(|_| !inexact) {
            self.equal("log", abridged(line, expected), Some(expected.clone()));
        }
    }

    fn sizes(&mut self, canister: &Canister, expect: &Expect) {
        self.equal("heap pages", canister.heap_size_pages(), expect.heap_pages64k);
        self.equal("stable pages", canister.stable_size_pages(), expect.stable_pages64k);
    }

    fn stable(&mut self, canister: &Canister, expect: &Expect) {
        let image = canister.stable_image();
        self.equal("stable bytes", image.len() as u64, expect.bytes);
        self.equal("stable hash", sha256(&image), expect.sha256.clone());
    }
}

fn trap_line(reject: &Reject) -> Option<String> {
    let text = match reject.code {
        ErrorCode::CanisterTrapped => reject.message.strip_prefix("Canister trapped: ")?,
        ErrorCode::CanisterCalledTrap => {
            let text = reject.message.strip_prefix("Canister called `ic0.trap` with message: '")?;
            text.strip_suffix('\'')?
        }
        _ => return None,
    };
    let mut line = format!("[TRAP]: {text}");
    if !reject.backtrace.is_empty() {
        line += &format!("\nCanister Backtrace:\n{}\n", reject.backtrace.join("\n"));
    }
    Some(line)
}
