//! Arguments and replies of methods as candid text. Types come from a `.did` file or the wasm.

use std::path::Path;

use ::candid::types::{Function, Type, TypeInner};
use ::candid::{IDLArgs, TypeEnv};
use candid_parser::{IDLProg, check_prog, parse_idl_args};
use graven_testkit::custom_section;

use super::read_text;
use crate::failure::Failure;

/// The sections in which tools keep the interface.
const SECTIONS: [&str; 2] = ["icp:public candid:service", "icp:private candid:service"];

/// The types of a canister's methods, or nothing.
#[derive(Default)]
pub(super) struct Interface {
    env: TypeEnv,
    init: Option<Vec<Type>>,
    service: Option<Type>,
}

impl Interface {
    /// Returns the interface in a `.did` file, or else that in the wasm, or else none.
    pub(super) fn of(file: Option<&Path>, wasm: &[u8]) -> Result<Interface, Failure> {
        let from_file = file.map(read_text).transpose()?;
        let section = || SECTIONS.iter().find_map(|name| custom_section(wasm, name));
        let in_wasm = || section().and_then(|bytes| String::from_utf8(bytes).ok());
        let named =
            file.map_or_else(|| "the interface in the wasm".to_owned(), |path| path.display().to_string());
        match from_file.or_else(in_wasm) {
            None => Ok(Interface::default()),
            Some(text) => Interface::parse(&text).map_err(|why| Failure::Candid(named, why)),
        }
    }

    fn parse(text: &str) -> Result<Interface, String> {
        let program: IDLProg = text.parse().map_err(|error: candid_parser::Error| first_line(&error))?;
        let mut env = TypeEnv::new();
        let actor = check_prog(&mut env, &program).map_err(|error| first_line(&error))?;
        let Some(actor) = actor else { return Err("it has no service".to_owned()) };
        let actor = env.trace_type(&actor).map_err(|error| first_line(&error))?;
        Ok(match actor.as_ref() {
            TypeInner::Class(init, service) => {
                Interface { env, init: Some(init.clone()), service: Some(service.clone()) }
            }
            _ => Interface { env, init: None, service: Some(actor) },
        })
    }

    /// Encodes the argument of `post_upgrade`.
    pub(super) fn init_argument(&self, text: &str) -> Result<Vec<u8>, Failure> {
        let named = || "--arg".to_owned();
        let args = parse_idl_args(text).map_err(|error| Failure::Candid(named(), first_line(&error)))?;
        // The interface may be older than the argument, or have that of `init`: then it is encoded
        // as it is written.
        let typed = self.init.as_ref().map(|types| args.to_bytes_with_types(&self.env, types));
        let bytes = typed.and_then(Result::ok).map_or_else(|| args.to_bytes(), Ok);
        bytes.map_err(|error| Failure::Candid(named(), first_line(&error)))
    }

    /// Encodes the arguments of a method, or returns why not.
    pub(super) fn arguments(&self, method: &str, text: &str) -> Result<Vec<u8>, String> {
        let args = parse_idl_args(text).map_err(|error| first_line(&error))?;
        let bytes = match self.method(method) {
            Some(function) => args.to_bytes_with_types(&self.env, &function.args),
            None => args.to_bytes(),
        };
        bytes.map_err(|error| first_line(&error))
    }

    /// Returns a reply as text in one line.
    pub(super) fn reply(&self, method: &str, bytes: &[u8]) -> String {
        let typed = self
            .method(method)
            .and_then(|function| IDLArgs::from_bytes_with_types(bytes, &self.env, &function.rets).ok());
        let args = typed.map_or_else(|| IDLArgs::from_bytes(bytes), Ok);
        match args {
            Ok(args) => args.to_string().split_whitespace().collect::<Vec<_>>().join(" "),
            Err(_) => format!("{} bytes that are not candid", bytes.len()),
        }
    }

    fn method<'a>(&'a self, name: &'a str) -> Option<&'a Function> {
        self.service.as_ref().and_then(|service| self.env.get_method(service, name).ok())
    }
}

fn first_line(error: &impl ToString) -> String {
    error.to_string().lines().next().unwrap_or_default().to_owned()
}
