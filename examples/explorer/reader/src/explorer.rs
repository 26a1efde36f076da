//! An open image, and its answers to requests.

use graven_collections::stored::StoredRoot;
use graven_look::{Facts, Image, Picture, Schema, Slices};

use crate::listing::Listing;
use crate::request::{Answer, Request, Rows};
use crate::within::{Choice, Store, Within};

/// The bytes that are read at once: a browser takes as long for these as for few.
const BLOCK: u32 = 128 << 10;

/// The number of blocks that are kept: 16 MiB.
const BLOCKS: usize = 128;

/// An explorer of one image at a time.
pub struct Explorer<S: Slices + 'static> {
    opened: Option<Opened<S>>,
}

struct Opened<S: Slices + 'static> {
    image: Image<S>,
    /// The listing borrows it, so it is never freed: a worker lives as long as its image is open.
    store: &'static Store<S>,
    listing: Option<Listing<S>>,
}

impl<S: Slices> Default for Explorer<S> {
    fn default() -> Self {
        Explorer { opened: None }
    }
}

impl<S: Slices> std::fmt::Debug for Explorer<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Explorer").field("is_open", &self.opened.is_some()).finish()
    }
}

impl<S: Slices> Explorer<S> {
    /// Answers a request. `slices` returns those of the image, if it is opened.
    pub fn answer(&mut self, request: &[u8], slices: impl FnOnce() -> S) -> String {
        let answer = match serde_json::from_slice(request) {
            Ok(Request::Open { bytes, memory }) => self.open(bytes, memory, slices()),
            Ok(request) => match &mut self.opened {
                Some(opened) => opened.answer(request),
                None => Err("no image is open".to_owned()),
            },
            Err(error) => Err(format!("the request cannot be read: {error}")),
        };
        let answer = answer.unwrap_or_else(|error| Answer::Error { error });
        // Names of fields are texts, so that it always is JSON.
        serde_json::to_string(&answer).unwrap_or_default()
    }

    fn open(&mut self, bytes: u64, id: Option<u8>, slices: S) -> Result<Answer, String> {
        self.opened = None;
        if bytes == 0 {
            return Err("it has no bytes".to_owned());
        }
        let image = Image::new(slices, bytes, BLOCK, BLOCKS).map_err(|error| error.to_string())?;
        let memory = match Within::of(&image, id) {
            Ok(memory) => memory,
            Err(Choice::Among(memories)) => return Ok(Answer::Choice { memories }),
            Err(Choice::Impossible(why)) => return said(&image, Err(why)),
        };
        let store: &'static Store<S> = Box::leak(Box::new(said(&image, Store::open(memory))?));
        let facts = said(&image, Facts::of(store))?;
        self.opened = Some(Opened { image, store, listing: None });
        Ok(Answer::Store { facts, schema: Schema::of(store) })
    }
}

impl<S: Slices> Opened<S> {
    fn answer(&mut self, request: Request) -> Result<Answer, String> {
        match request {
            Request::Open { .. } => Err("another image is open".to_owned()),
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

    fn root(&self, name: &str) -> Result<&'static StoredRoot<Within<S>>, String> {
        self.store.root(name).ok_or_else(|| format!("it has no root `{name}`"))
    }

    fn rows(&mut self) -> Result<Answer, String> {
        let rows = self.listing.as_mut().map_or_else(Rows::default, Listing::next);
        match self.image.error() {
            Some(error) => Err(error.to_string()),
            None => Ok(Answer::Rows(rows)),
        }
    }
}

/// Returns a result of reading an image, or the error that caused it.
fn said<S: Slices, T, E: ToString>(image: &Image<S>, result: Result<T, E>) -> Result<T, String> {
    match image.error() {
        Some(error) => Err(error.to_string()),
        None => result.map_err(|error| error.to_string()),
    }
}

#[cfg(test)]
mod tests;
