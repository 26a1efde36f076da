//! The calls of an explorer, with their types.

use candid::utils::ArgumentEncoder;
use candid::{CandidType, DecoderConfig, decode_one_with_config, encode_args};
use graven_core::ask::{Answer, Request};
use graven_core::explore::{MemoryPart, RootSchema, StoreStats, VerifyPosition, VerifyStep};
use graven_core::store::SweepStatus;
use serde::de::DeserializeOwned;

use super::error::one_line;
use super::{CanisterError, Transport, Updates};

/// The limit to the work of decoding a reply, which the canister wrote.
const DECODING_QUOTA: usize = 1_000_000_000;

/// The explorer of a canister. Its errors are those of the way to the canister, a refusal by the
/// canister, and a reply of other types.
#[derive(Debug)]
pub struct Explorer<T> {
    transport: T,
}

impl<T: Transport> Explorer<T> {
    /// Returns the explorer at the end of a way.
    pub fn new(transport: T) -> Self {
        Explorer { transport }
    }

    /// Returns the size of the store, and the state of its sweep.
    ///
    /// # Errors
    /// See [`Explorer`].
    pub fn stats(&self) -> Result<StoreStats, CanisterError> {
        self.query("graven_stats", ())
    }

    /// Returns the stored roots with their layouts.
    ///
    /// # Errors
    /// See [`Explorer`].
    pub fn schema(&self) -> Result<Vec<RootSchema>, CanisterError> {
        self.query("graven_schema", ())
    }

    /// Returns as many rows as the request asks for, from as many answers as that takes.
    ///
    /// # Errors
    /// See [`Explorer`].
    pub fn records(&self, mut request: Request) -> Result<Answer, CanisterError> {
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

    /// Returns bytes of the memory from an offset on.
    ///
    /// # Errors
    /// See [`Explorer`].
    pub fn memory(&self, offset: u64, len: u32) -> Result<MemoryPart, CanisterError> {
        self.query("graven_memory", (offset, len))
    }

    /// Checks all collections, in as many steps as that takes.
    ///
    /// # Errors
    /// See [`Explorer`].
    pub fn verify(&self) -> Result<VerifyStep, CanisterError> {
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

    fn query<R>(&self, method: &str, args: impl ArgumentEncoder) -> Result<R, CanisterError>
    where
        R: CandidType + DeserializeOwned,
    {
        let arg = encode_args(args).map_err(|error| CanisterError::other(&error.to_string()))?;
        decoded(method, self.transport.query(method, arg))
    }
}

impl<T: Updates> Explorer<T> {
    /// Starts the background sweep. Returns its status.
    ///
    /// # Errors
    /// See [`Explorer`].
    pub fn start_sweep(&self) -> Result<SweepStatus, CanisterError> {
        self.update("graven_start_sweep")
    }

    /// Holds the background sweep. Returns its status.
    ///
    /// # Errors
    /// See [`Explorer`].
    pub fn hold_sweep(&self) -> Result<SweepStatus, CanisterError> {
        self.update("graven_hold_sweep")
    }

    fn update<R>(&self, method: &str) -> Result<R, CanisterError>
    where
        R: CandidType + DeserializeOwned,
    {
        let arg = encode_args(()).map_err(|error| CanisterError::other(&error.to_string()))?;
        decoded(method, self.transport.update(method, arg))
    }
}

fn is_after(next: &VerifyPosition, from: &VerifyPosition) -> bool {
    let order = |position: &VerifyPosition| (position.collection, position.part, position.from.clone());
    order(next) > order(from)
}

fn decoded<R>(method: &str, reply: Result<Vec<u8>, CanisterError>) -> Result<R, CanisterError>
where
    R: CandidType + DeserializeOwned,
{
    let reply = reply.map_err(|error| match error {
        CanisterError::Other(why) => CanisterError::Other(explained(method, why)),
        error => error,
    })?;
    let mut config = DecoderConfig::new();
    config.set_decoding_quota(DECODING_QUOTA);
    let answer: Result<Result<R, String>, _> = decode_one_with_config(&reply, &config);
    let unknown = |error: candid::Error| {
        let why = error.to_string().lines().next().unwrap_or_default().to_owned();
        CanisterError::Other(format!("the canister's answer to `{method}` is of another version: {why}"))
    };
    answer.map_err(unknown)?.map_err(|why| CanisterError::Refused(one_line(&why)))
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
