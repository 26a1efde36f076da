//! A node as a server on this machine.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{JoinHandle, spawn};

use graven_testkit::Canister;
use tiny_http::{Header, Method, Request, Server};

use crate::network::Network;
use crate::respond::respond;

/// Work that the canister does after some requests.
type Work = Box<dyn FnOnce(&mut Canister) + Send>;

/// A node that serves one canister, to pages of all origins.
pub struct Node {
    server: Arc<Server>,
    state: Arc<State>,
    thread: Option<JoinHandle<()>>,
}

struct State {
    canister: Mutex<Canister>,
    network: Network,
    /// The bytes of all answers.
    sent: AtomicU64,
    /// The number of requests until the work, and the work.
    later: Mutex<Option<(u64, Work)>>,
}

impl Node {
    /// Serves a canister on a port that is free.
    pub fn of(canister: Canister) -> Node {
        let server = Arc::new(Server::http("127.0.0.1:0").expect("a port is free"));
        let state = Arc::new(State {
            canister: canister.into(),
            network: Network::new(),
            sent: AtomicU64::new(0),
            later: Mutex::new(None),
        });
        let (serving, served) = (server.clone(), state.clone());
        let serve = move || serving.incoming_requests().for_each(|request| served.answer(request));
        Node { server, state, thread: Some(spawn(serve)) }
    }

    /// Returns the address of the network.
    pub fn url(&self) -> String {
        format!("http://{}", self.server.server_addr())
    }

    /// Returns the canister. The node answers nothing meanwhile.
    pub fn canister(&self) -> MutexGuard<'_, Canister> {
        locked(&self.state.canister)
    }

    /// Lets the node sign with keys that are not those of its network.
    pub fn forge(&self) {
        self.state.network.forge();
    }

    /// Returns the number of bytes in all answers so far.
    pub fn sent(&self) -> u64 {
        self.state.sent.load(Ordering::Relaxed)
    }

    /// Lets the canister work after so many requests more.
    pub fn work_after(&self, requests: u64, work: impl FnOnce(&mut Canister) + Send + 'static) {
        *locked(&self.state.later) = Some((requests, Box::new(work)));
    }
}

impl State {
    fn answer(&self, mut request: Request) {
        let mut body = Vec::new();
        // A page asks by OPTIONS what it may ask.
        let (status, body) = if *request.method() == Method::Options {
            (204, Vec::new())
        } else if request.as_reader().read_to_end(&mut body).is_err() {
            (400, Vec::new())
        } else {
            let response = respond(request.url(), &body, &mut locked(&self.canister), &self.network);
            self.sent.fetch_add(response.body.len() as u64, Ordering::Relaxed);
            self.count();
            (response.status, response.body)
        };
        let mut response = tiny_http::Response::from_data(body).with_status_code(status);
        for (name, value) in [
            ("content-type", "application/cbor"),
            ("access-control-allow-origin", "*"),
            ("access-control-allow-methods", "GET, POST"),
            ("access-control-allow-headers", "content-type"),
        ] {
            response.add_header(Header::from_bytes(name, value).expect("it is ASCII"));
        }
        // A tool may have left.
        let _ = request.respond(response);
    }

    /// Counts a request, and does the work that was wanted after it.
    fn count(&self) {
        let mut later = locked(&self.later);
        let due = later.as_mut().is_some_and(|(left, _)| {
            *left = left.saturating_sub(1);
            *left == 0
        });
        if let Some((_, work)) = later.take_if(|_| due) {
            work(&mut locked(&self.canister));
        }
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Drop for Node {
    fn drop(&mut self) {
        self.server.unblock();
        let ended = self.thread.take().map(JoinHandle::join);
        assert!(std::thread::panicking() || ended.is_some_and(|ended| ended.is_ok()));
    }
}
