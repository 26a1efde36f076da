//! The calls of an explorer, with their types.

use candid::utils::ArgumentEncoder;
use candid::{CandidType, DecoderConfig, decode_one_with_config, encode_args};
use graven_core::ask::{Answer, Request};
use graven_core::explore::{MemoryPart, RootSchema, StoreStats, VerifyPosition, VerifyStep};
use graven_core::store::SweepStatus;
use serde::de::DeserializeOwned;

use super::transport::Transport;
use crate::failure::Failure;

/// The limit to the work of decoding a reply, which the canister wrote.
const DECODING_QUOTA: usize = 1_000_000_000;

/// The explorer of a canister.
pub(crate) struct Explorer<T> {
    transport: T,
}

impl<T: Transport> Explorer<T> {
    pub(crate) fn new(transport: T) -> Explorer<T> {
        Explorer { transport }
    }

    pub(crate) fn stats(&self) -> Result<StoreStats, Failure> {
        self.query("graven_stats", ())
    }

    pub(crate) fn schema(&self) -> Result<Vec<RootSchema>, Failure> {
        self.query("graven_schema", ())
    }

    /// Returns as many rows as the request asks for, from as many answers as that takes.
    pub(crate) fn records(&self, mut request: Request) -> Result<Answer, Failure> {
        let mut all = Answer::default();
        loop {
            let answer: Answer = self.query("graven_records", (&request,))?;
            let found = u32::try_from(answer.rows.len()).unwrap_or(u32::MAX);
            all.rows.extend(answer.rows);
            all.read = all.read.saturating_add(answer.read);
            request.limit = request.limit.saturating_sub(found);
            all.next.clone_from(&answer.next);
            // An answer without rows may have read some that do not meet the filter. One that has
            // not moved on would be repeated forever.
            if request.limit == 0 || answer.next.is_none() || request.after == answer.next {
                return Ok(all);
            }
            request.after = answer.next;
        }
    }

    pub(crate) fn memory(&self, offset: u64, len: u32) -> Result<MemoryPart, Failure> {
        self.query("graven_memory", (offset, len))
    }

    /// Checks all collections, in as many steps as that takes.
    pub(crate) fn verify(&self) -> Result<VerifyStep, Failure> {
        let mut all = VerifyStep::default();
        let mut from: Option<VerifyPosition> = None;
        loop {
            let step: VerifyStep = self.query("graven_verify", (&from,))?;
            all.damage.extend(step.damage);
            all.checked = all.checked.saturating_add(step.checked);
            all.uncounted = all.uncounted.saturating_add(step.uncounted);
            // A step that has not moved on would be repeated forever.
            match step.next {
                Some(next) if from.as_ref().is_none_or(|from| is_after(&next, from)) => from = Some(next),
                _ => return Ok(all),
            }
        }
    }

    pub(crate) fn start_sweep(&self) -> Result<SweepStatus, Failure> {
        self.update("graven_start_sweep")
    }

    pub(crate) fn hold_sweep(&self) -> Result<SweepStatus, Failure> {
        self.update("graven_hold_sweep")
    }

    fn query<R>(&self, method: &str, args: impl ArgumentEncoder) -> Result<R, Failure>
    where
        R: CandidType + DeserializeOwned,
    {
        let arg = encode_args(args).map_err(|error| Failure::Canister(error.to_string()))?;
        decoded(method, self.transport.query(method, arg))
    }

    fn update<R>(&self, method: &str) -> Result<R, Failure>
    where
        R: CandidType + DeserializeOwned,
    {
        let arg = encode_args(()).map_err(|error| Failure::Canister(error.to_string()))?;
        decoded(method, self.transport.update(method, arg))
    }
}

fn is_after(next: &VerifyPosition, from: &VerifyPosition) -> bool {
    let order = |position: &VerifyPosition| (position.collection, position.part, position.from.clone());
    order(next) > order(from)
}

fn decoded<R>(method: &str, reply: Result<Vec<u8>, String>) -> Result<R, Failure>
where
    R: CandidType + DeserializeOwned,
{
    let reply = reply.map_err(|why| Failure::Canister(explained(method, why)))?;
    let mut config = DecoderConfig::new();
    config.set_decoding_quota(DECODING_QUOTA);
    let answer: Result<Result<R, String>, _> = decode_one_with_config(&reply, &config);
    let unknown = |error: candid::Error| {
        let why = error.to_string().lines().next().unwrap_or_default().to_owned();
        Failure::Canister(format!("the canister's answer to `{method}` is of another version: {why}"))
    };
    answer
        .map_err(unknown)?
        .map_err(|why| Failure::Canister(format!("the canister refuses: {}", one_line(&why))))
}

/// Adds what to do if the canister has no such method.
fn explained(method: &str, why: String) -> String {
    if why.contains(&format!("method '{method}'")) {
        return format!(
            "the canister has no `{method}`: build it with `graven::canister!(…, explorer)` ({why})"
        );
    }
    why
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
