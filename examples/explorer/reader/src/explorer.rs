//! An open image or canister, and its answers to requests.

use graven_collections::stored::StoredRoot;
use graven_look::canister::SLICE;
use graven_look::{Facts, Image, Picture, Schema};

use crate::browser::Browser;
use crate::canister;
use crate::listing::Listing;
use crate::request::{Answer, Refusal, Request, Rows};
use crate::source::Source;
use crate::within::{Choice, Store, Within};

/// The bytes of a file that are read at once: a browser takes as long for these as for few.
const BLOCK: u32 = 128 << 10;

/// The bytes that are kept.
const KEPT: u32 = 16 << 20;

/// An explorer of one image or canister at a time.
pub struct Explorer<B: Browser + 'static> {
    opened: Option<Opened<B>>,
}

struct Opened<B: Browser + 'static> {
    image: Image<Source<B>>,
    /// The listing borrows it, so it is never freed: a worker lives as long as its image is open.
    store: &'static Store<Source<B>>,
    listing: Option<Listing<Source<B>>>,
}

impl<B: Browser> Default for Explorer<B> {
    fn default() -> Self {
        Explorer { opened: None }
    }
}

impl<B: Browser> std::fmt::Debug for Explorer<B> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Explorer").field("is_open", &self.opened.is_some()).finish()
    }
}

impl<B: Browser> Explorer<B> {
    /// Answers a request. `browser` returns what an open image or canister is read with.
    pub fn answer(&mut self, request: &[u8], browser: impl FnOnce() -> B) -> String {
        let answer = match serde_json::from_slice(request) {
            Ok(Request::Open { bytes, memory }) => self.open(bytes, memory, browser()),
            Ok(Request::OpenCanister { canister, network, identity }) => {
                self.open_canister(&canister, &network, identity.as_deref(), browser())
            }
            Ok(request) => match &mut self.opened {
                Some(opened) => opened.answer(request),
                None => Err("no image is open".to_owned().into()),
            },
            Err(error) => Err(format!("the request cannot be read: {error}").into()),
        };
        // Names of fields are texts, so that it always is JSON.
        serde_json::to_string(&answer.unwrap_or_else(Answer::Error)).unwrap_or_default()
    }

    fn open(&mut self, bytes: u64, id: Option<u8>, browser: B) -> Result<Answer, Refusal> {
        self.opened = None;
        let image = image(Source::File(browser), bytes, BLOCK)?;
        let memory = match Within::of(&image, id) {
            Ok(memory) => memory,
            Err(Choice::Among(memories)) => return Ok(Answer::Choice { memories }),
            Err(Choice::Impossible(why)) => return said(&image, Err(why)),
        };
        self.show(image, memory)
    }

    fn open_canister(
        &mut self,
        id: &str,
        network: &str,
        identity: Option<&str>,
        browser: B,
    ) -> Result<Answer, Refusal> {
        self.opened = None;
        let slices = canister::open(browser, id, network, identity)?;
        let bytes = slices.memory_bytes();
        let image = image(Source::Canister(Box::new(slices)), bytes, SLICE)?;
        let memory = Within::Whole(image.clone());
        self.show(image, memory)
    }

    /// Opens the store in a memory of an image, and answers with its facts.
    fn show(&mut self, image: Image<Source<B>>, memory: Within<Source<B>>) -> Result<Answer, Refusal> {
        let store: &'static Store<Source<B>> = Box::leak(Box::new(said(&image, Store::open(memory))?));
        let facts = said(&image, Facts::of(store))?;
        self.opened = Some(Opened { image, store, listing: None });
        Ok(Answer::Store { facts, schema: Schema::of(store) })
    }
}

/// Returns an image whose blocks of so many bytes are kept.
fn image<B: Browser>(source: Source<B>, bytes: u64, block: u32) -> Result<Image<Source<B>>, Refusal> {
    if bytes == 0 {
        return Err("it has no bytes".to_owned().into());
    }
    Image::new(source, bytes, block, (KEPT / block) as usize).map_err(|error| error.to_string().into())
}

impl<B: Browser> Opened<B> {
    fn answer(&mut self, request: Request) -> Result<Answer, Refusal> {
        match request {
            Request::Open { .. } | Request::OpenCanister { .. } => {
                Err("another image is open".to_owned().into())
            }
            Request::Entries { root, by, text } => {
                self.listing = None;
                let listing = Listing::new(self.root(&root)?, by, &text)?;
                self.listing = Some(listing);
                self.rows()
            }
            Request::Next => self.rows(),
            Request::Picture => said(&self.image, Picture::of(self.store)).map(Answer::Picture),
            Request::Verify => {
                let found = said(&self.image, self.store.verify())?;
                Ok(Answer::Findings {
                    faults: found.faults.iter().map(ToString::to_string).collect(),
                    count: found.count,
                    accounted: found.accounted,
                    unaccounted: found.unaccounted,
                })
            }
        }
    }

    fn root(&self, name: &str) -> Result<&'static StoredRoot<Within<Source<B>>>, String> {
        self.store.root(name).ok_or_else(|| format!("it has no root `{name}`"))
    }

    fn rows(&mut self) -> Result<Answer, Refusal> {
        let rows = self.listing.as_mut().map_or_else(Rows::default, Listing::next);
        said(&self.image, Ok::<_, String>(Answer::Rows(rows)))
    }
}

/// Returns a result of reading an image, or the error that caused it.
fn said<B: Browser, T, E: ToString>(image: &Image<Source<B>>, result: Result<T, E>) -> Result<T, Refusal> {
    // What an image says of a canister's failure is that there was one.
    let error = image.error();
    if let Some(failure) = image.slices().failure() {
        return Err(failure.into());
    }
    match error {
        Some(error) => Err(error.to_string().into()),
        None => result.map_err(|error| error.to_string().into()),
    }
}

#[cfg(test)]
mod tests;
