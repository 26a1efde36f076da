//! Images opened as stores: written, upgraded, swept, refused.

use std::any::type_name;

use graven_core::evolution::Report;
use graven_core::store::{Budget, Options, Progress, Schema, Skipped};
use graven_core::{DefaultMemoryImpl, Error, Result};

use super::Image;

impl Image {
    /// Returns the image that a store writes: `fill` gets a store in an empty memory. With the
    /// types of an earlier release, it is what that release would have left.
    ///
    /// # Panics
    /// If `fill` does, or the store declares what none can hold, such as two roots of one name.
    #[must_use]
    #[track_caller]
    pub fn build<S: Schema<Memory = DefaultMemoryImpl>>(fill: impl FnOnce(&mut S)) -> Image {
        Image::default().upgrade(fill)
    }

    /// Opens a copy as a store, as the upgrade to it would.
    ///
    /// # Panics
    /// If it is refused, or is no store: with the words with which the upgrade would be refused,
    /// fixes included.
    #[must_use]
    #[track_caller]
    pub fn open<S: Schema<Memory = DefaultMemoryImpl>>(&self) -> S {
        open(self.memory())
    }

    /// Opens a copy as a store, as the upgrade to it would.
    ///
    /// # Errors
    /// As [`Store::open`](graven_core::store::Store::open).
    pub fn try_open<S: Schema<Memory = DefaultMemoryImpl>>(&self) -> Result<S> {
        S::open_with(self.memory(), Options::default())
    }

    /// Opens a copy as a store, as the upgrade to it would, and gives the image that `work` with it
    /// leaves.
    ///
    /// # Panics
    /// As [`Image::open`], and if `work` does.
    ///
    /// # Example: two upgrades, and no way back
    /// ```
    /// use graven_testkit::Image;
    ///
    /// mod v1 {
    ///     #[graven::store]
    ///     pub struct Log {
    ///         pub lines: graven::BTreeMap<u64, String>,
    ///     }
    /// }
    ///
    /// mod v2 {
    ///     #[graven::store]
    ///     pub struct Log {
    ///         pub lines: graven::BTreeMap<u64, String>,
    ///         pub days: graven::BTreeMap<u32, u64>,
    ///     }
    /// }
    ///
    /// #[graven::store]
    /// #[store(dropped("days"))]
    /// struct Log {
    ///     #[store(renamed("lines"))]
    ///     entries: graven::BTreeMap<u64, String>,
    /// }
    ///
    /// let image = Image::build(|log: &mut v1::Log| {
    ///     log.lines.insert(1, "begun".into());
    /// });
    /// let image = image.upgrade(|log: &mut v2::Log| {
    ///     log.days.insert(1, 1);
    /// });
    /// let log: Log = image.open();
    /// assert_eq!(log.entries.get(&1).unwrap(), "begun");
    /// image.assert_refused::<v1::Log>();
    /// ```
    #[must_use]
    #[track_caller]
    pub fn upgrade<S: Schema<Memory = DefaultMemoryImpl>>(&self, work: impl FnOnce(&mut S)) -> Image {
        let memory = self.memory();
        let mut store = open(memory.clone());
        work(&mut store);
        drop(store);
        Image::of(&memory)
    }

    /// How far the sweep of a store is: which older versions are still stored where. Printed, it is
    /// a line such as `users: 3 pages of User v1`.
    ///
    /// # Panics
    /// As [`Image::open`].
    #[must_use]
    #[track_caller]
    pub fn progress<S: Schema<Memory = DefaultMemoryImpl>>(&self) -> Progress {
        let mut no_more = || false;
        let mut budget = Budget::while_true(&mut no_more);
        // The first page is always swept, so this one counts as that.
        budget.charge_read();
        sweep(&mut self.open::<S>(), &mut budget)
    }

    /// Opens a copy as a store, sweeps until nothing is old, and gives the image that this leaves:
    /// the one that code without the old histories has to open.
    ///
    /// # Panics
    /// As [`Image::open`], if a conversion does, and where the image is damaged.
    #[must_use]
    #[track_caller]
    pub fn sweep<S: Schema<Memory = DefaultMemoryImpl>>(&self) -> Image {
        let memory = self.memory();
        let mut store: S = open(memory.clone());
        let progress = sweep(&mut store, &mut Budget::pages(u64::MAX));
        assert!(progress.is_done(), "the sweep did not come to its end: {progress}");
        drop(store);
        Image::of(&memory)
    }

    /// Returns at most 100 values that a sweep of a store could not convert, such as those on which
    /// a conversion panics. In a canister such a conversion traps.
    ///
    /// # Panics
    /// As [`Image::open`], and where the structure of the image is damaged.
    #[must_use]
    #[track_caller]
    pub fn skipped<S: Schema<Memory = DefaultMemoryImpl>>(&self) -> Vec<Skipped> {
        let mut budget = Budget::pages(u64::MAX).skip_failing();
        sweep(&mut self.open::<S>(), &mut budget).skipped
    }

    /// Sees to it that a store refuses the image, and that trying changes not a byte. Gives the
    /// problems; printed, they are what the refused upgrade would say.
    ///
    /// # Panics
    /// If the store opens the image; if it fails for another reason than what is stored, as damage;
    /// if a byte was changed.
    ///
    /// # Example: a change that nothing explains
    /// ```
    /// use graven::{Cell, StableLayout};
    /// use graven_testkit::Image;
    ///
    /// mod v1 {
    ///     use graven::{Cell, StableLayout};
    ///
    ///     #[derive(StableLayout)]
    ///     #[layout(version = 1)]
    ///     pub struct Settings {
    ///         pub limit: u32,
    ///     }
    ///
    ///     #[graven::store]
    ///     pub struct Shop {
    ///         pub settings: Cell<Settings>,
    ///     }
    /// }
    ///
    /// #[derive(StableLayout)]
    /// #[layout(version = 1)]
    /// struct Settings {
    ///     limit: u64,
    /// }
    ///
    /// #[graven::store]
    /// struct Shop {
    ///     settings: Cell<Settings>,
    /// }
    ///
    /// let settings = v1::Settings { limit: 7 };
    /// let image = Image::build(|shop: &mut v1::Shop| shop.settings.set(settings));
    /// let report = image.assert_refused::<Shop>();
    /// assert_eq!(report.problems[0].rule.name(), "number-widened");
    /// let fix = "make this version 2 and add `#[layout(was(u32, until = 2))]` to `limit`";
    /// assert!(report.to_string().contains(fix));
    /// ```
    #[track_caller]
    pub fn assert_refused<S: Schema<Memory = DefaultMemoryImpl>>(&self) -> Report {
        let memory = self.memory();
        let opened = S::open_with(memory.clone(), Options::default()).map(drop);
        let store = type_name::<S>();
        let error = match opened {
            Ok(()) => panic!("`{store}` opened the image that it should have refused"),
            Err(error) => error,
        };
        assert!(Image::of(&memory) == *self, "`{store}` failed to open the image, but changed it: {error}");
        match error {
            Error::Refused(report) => *report,
            error => panic!("`{store}` did not refuse the image, it failed to open it: {error}"),
        }
    }
}

#[track_caller]
fn open<S: Schema<Memory = DefaultMemoryImpl>>(memory: DefaultMemoryImpl) -> S {
    match S::open_with(memory, Options::default()) {
        Ok(store) => store,
        Err(error) => panic!("`{}` does not open the image: {error}", type_name::<S>()),
    }
}

#[track_caller]
fn sweep<S: Schema>(store: &mut S, budget: &mut Budget<'_>) -> Progress {
    match store.sweep(budget) {
        Ok(progress) => progress,
        Err(error) => panic!("the sweep of `{}` failed: {error}", type_name::<S>()),
    }
}
