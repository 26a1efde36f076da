//! Delivers a message and all messages that follow from it: calls of the canister to itself, and
//! callbacks. There is no other canister, so calls to others are rejected.

use std::collections::VecDeque;

use candid::Principal;

use super::Canister;
use crate::executor::Executed;
use crate::message::{Call, Closure, Entry, Message, Mode, Response};
use crate::outcome::{Outcome, Phase};
use crate::reject::{ErrorCode, Reject};

/// The number of messages after which a canister is assumed to call itself forever.
const MAX_MESSAGES: usize = 100_000;

/// A call that one or several messages process.
struct Context {
    /// The context that waits for the response, and its call; `None` for a call from outside.
    origin: Option<(usize, Call)>,
    caller: Principal,
    cycles: u128,
    deadline: u64,
    response: Option<Response>,
    outstanding: usize,
    instructions: u64,
}

/// The next message to deliver.
enum Event {
    Request { context: usize, message: Message },
    Response { context: usize, call: Call, response: Response, refund: u128 },
}

/// A message from outside with everything that follows from it.
#[derive(Default)]
struct Delivery {
    contexts: Vec<Context>,
    events: VecDeque<Event>,
    phases: Vec<Phase>,
    log: Vec<String>,
}

impl Canister {
    /// Runs `first` and everything that follows from it.
    pub(super) fn deliver(&mut self, first: Message) -> Outcome {
        let mode = first.mode;
        let mut delivery = Delivery::default();
        delivery.contexts.push(Context::new(None, &first));
        let executed = self.run(&mut delivery, 0, first);
        let usage = executed.usage;
        let inspected = (mode == Mode::InspectMessage).then_some(executed.output.accepted);
        let ran = executed.result.clone();
        self.conclude(&mut delivery, 0, executed, mode);
        let mut count = 0;
        while let Some(event) = delivery.events.pop_front().filter(|_| count < MAX_MESSAGES) {
            self.process(&mut delivery, event);
            count += 1;
        }
        let result = match (mode, inspected) {
            (Mode::Task, _) | (_, Some(true)) => ran.map(|()| Vec::new()),
            (_, Some(false)) => ran.and_then(|()| Err(self.refused())),
            _ => {
                let context = delivery.contexts.swap_remove(0);
                context.response.unwrap_or_else(|| Err(self.no_response(mode, context.origin.is_some())))
            }
        };
        Outcome { result, usage, phases: delivery.phases, log: delivery.log, compilation: 0 }
    }

    fn process(&mut self, delivery: &mut Delivery, event: Event) {
        match event {
            Event::Request { context, message } => {
                let (mode, name) = (message.mode, message.method.clone());
                let executed = self.run(delivery, context, message);
                delivery.note(&name, &executed);
                self.conclude(delivery, context, executed, mode);
            }
            Event::Response { context, call, response, refund } => {
                self.call_back(delivery, context, &call, response, refund);
            }
        }
    }

    fn call_back(
        &mut self,
        delivery: &mut Delivery,
        context: usize,
        call: &Call,
        response: Response,
        refund: u128,
    ) {
        self.host.system.cycles += refund;
        delivery.contexts[context].outstanding -= 1;
        let (mode, closure, name) = match &response {
            Ok(_) => (Mode::ReplyCallback, call.on_reply, "reply"),
            Err(_) => (Mode::RejectCallback, call.on_reject, "reject"),
        };
        let mut message = self.callback(&delivery.contexts[context], mode, closure);
        message.cycles_refunded = refund;
        match response {
            Ok(reply) => message.arg = reply,
            Err(reject) => message.reject = Some((reject.code.reject_code(), self.reject_text(&reject))),
        }
        let executed = self.run(delivery, context, message);
        delivery.note(name, &executed);
        if let (Err(_), Some(closure)) = (&executed.result, call.on_cleanup) {
            let message = self.callback(&delivery.contexts[context], Mode::Cleanup, closure);
            let cleaned = self.run(delivery, context, message);
            delivery.note("cleanup", &cleaned);
        }
        self.conclude(delivery, context, executed, mode);
    }

    fn callback(&self, context: &Context, mode: Mode, closure: Closure) -> Message {
        let limit = self.limits().update_instructions;
        Message {
            entry: Entry::Callback(closure),
            cycles_available: context.cycles,
            deadline: context.deadline,
            answered: context.response.is_some(),
            instructions_before: context.instructions,
            ..Message::new(mode, "", context.caller, limit)
        }
    }

    fn run(&mut self, delivery: &mut Delivery, context: usize, message: Message) -> Executed {
        let keeps = !message.mode.discards_changes();
        let code = self.code.as_mut().expect("messages are only delivered to installed code");
        let mut executed = code.run(&mut self.host, message);
        let context = &mut delivery.contexts[context];
        context.instructions += executed.usage.instructions;
        if executed.result.is_ok() && keeps {
            self.host.system.version += 1;
            context.cycles -= executed.output.cycles_accepted;
            if let Some(draft) = executed.output.draft.take() {
                self.host.system.cycles += draft.cycles;
            }
        }
        delivery.log.append(&mut executed.lines);
        executed
    }

    /// Takes the response of a message and the calls that it made.
    fn conclude(&mut self, delivery: &mut Delivery, index: usize, executed: Executed, mode: Mode) {
        let Executed { result, output, .. } = executed;
        let mut answer = None;
        match result {
            Ok(()) => {
                answer = output.response;
                delivery.contexts[index].outstanding += output.calls.len();
                for call in output.calls {
                    let event = self.dispatch(delivery, index, call);
                    delivery.events.push_back(event);
                }
                if answer.is_none() && mode != Mode::Task && delivery.contexts[index].abandoned() {
                    let from_canister = delivery.contexts[index].origin.is_some();
                    answer = Some(Err(self.no_response(mode, from_canister)));
                }
            }
            Err(reject) if delivery.contexts[index].abandoned() => answer = Some(Err(reject)),
            Err(_) => {}
        }
        if let Some(response) = answer {
            delivery.respond(index, response);
        }
    }

    fn dispatch(&self, delivery: &mut Delivery, context: usize, call: Call) -> Event {
        let id = self.id();
        if call.callee != id.as_slice() {
            let callee =
                Principal::try_from(call.callee.as_slice()).map_or_else(|e| e.to_string(), |id| id.to_text());
            let text = format!("Canister {callee} not found");
            let response = Err(Reject::new(ErrorCode::DestinationInvalid, text));
            return Event::Response { context, refund: call.cycles, call, response };
        }
        match self.update_entry(&call.method) {
            Err(reject) => Event::Response { context, refund: call.cycles, call, response: Err(reject) },
            Ok((mode, entry)) => {
                let limit = self.limits().update_instructions;
                let seconds = call.timeout_seconds.map(u64::from);
                let message = Message {
                    method: call.method.clone(),
                    arg: call.payload.clone(),
                    cycles_available: call.cycles,
                    deadline: seconds.map_or(0, |s| self.time().saturating_add(s * 1_000_000_000)),
                    ..Message::new(mode, entry, id, limit)
                };
                delivery.contexts.push(Context::new(Some((context, call)), &message));
                Event::Request { context: delivery.contexts.len() - 1, message }
            }
        }
    }

    /// Returns the text that the calling canister reads about a failure.
    fn reject_text(&self, reject: &Reject) -> String {
        match reject.code {
            ErrorCode::CanisterRejectedMessage
            | ErrorCode::CanisterDidNotReply
            | ErrorCode::DestinationInvalid => reject.message.clone(),
            _ => format!("Error from Canister {}: {}", self.id(), reject.message),
        }
    }

    /// Returns the replica's text for a message without an answer, which depends on who asked.
    fn no_response(&self, mode: Mode, from_canister: bool) -> Reject {
        let text = match (from_canister, mode.replicated()) {
            (true, _) => "No response".to_owned(),
            (false, true) => format!("Canister {} did not reply to the call", self.id()),
            (false, false) => format!("Canister {} did not produce a response", self.id()),
        };
        Reject::new(ErrorCode::CanisterDidNotReply, text)
    }

    fn refused(&self) -> Reject {
        let text = format!("Canister {} rejected the message", self.id());
        Reject::new(ErrorCode::CanisterRefusedMessage, text)
    }
}

impl Context {
    fn new(origin: Option<(usize, Call)>, message: &Message) -> Self {
        let Message { caller, cycles_available, deadline, .. } = *message;
        let cycles = cycles_available;
        Self { origin, caller, cycles, deadline, response: None, outstanding: 0, instructions: 0 }
    }

    /// Returns `true` if nothing can answer the call any more.
    fn abandoned(&self) -> bool {
        self.response.is_none() && self.outstanding == 0
    }
}

impl Delivery {
    fn note(&mut self, name: &str, executed: &Executed) {
        let error = executed.result.clone().err();
        self.phases.push(Phase { name: name.into(), usage: executed.usage, error });
    }

    fn respond(&mut self, index: usize, response: Response) {
        let context = &mut self.contexts[index];
        context.response = Some(response.clone());
        let refund = std::mem::take(&mut context.cycles);
        if let Some((context, call)) = context.origin.take() {
            self.events.push_back(Event::Response { context, call, response, refund });
        }
    }
}
