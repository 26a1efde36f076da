//! Golden files: images that were written once and are compared byte for byte from then on.

use std::io::ErrorKind;
use std::path::Path;

use super::Image;
use super::difference::Difference;

/// Set to `1`, golden files are written instead of compared.
const BLESS: &str = "GRAVEN_BLESS";

impl Image {
    /// Compares with a golden file, byte for byte. Run with `GRAVEN_BLESS=1` in the environment it
    /// writes the file instead, as it has to once: look at what changed before you commit it. A
    /// path is relative to the package's folder, where cargo runs its tests.
    ///
    /// The file of a release is kept, and from the next version on [loaded](Image::load) instead of
    /// compared: it is what that release really wrote, whatever becomes of the code. It holds all
    /// bytes of the memory, so `cargo graven check --image` reads it too.
    ///
    /// An image is the same every time if the same is written in the same order: take no random
    /// numbers and no `HashMap` to fill it.
    ///
    /// # Panics
    /// If the file differs, with the first difference and the roots that are others; if it is not
    /// there, is no image, or cannot be written.
    ///
    /// # Example: what the next release leaves
    /// ```
    /// use graven::Cell;
    /// use graven_testkit::Image;
    ///
    /// #[graven::store]
    /// struct Counter {
    ///     count: Cell<u64>,
    /// }
    ///
    /// # let folder = tempfile::tempdir().unwrap();
    /// # std::env::set_current_dir(&folder).unwrap();
    /// let image = Image::build(|counter: &mut Counter| counter.count.set(7));
    /// # image.save("tests/golden/counter-v1.image").unwrap();
    /// image.assert_golden("tests/golden/counter-v1.image");
    /// ```
    #[track_caller]
    pub fn assert_golden(&self, path: impl AsRef<Path>) {
        let path = path.as_ref();
        if std::env::var_os(BLESS).is_some_and(|value| value == "1") {
            return self.bless(path);
        }
        let golden = match Image::load(path) {
            Ok(golden) => golden,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                panic!("{error}; run the test with {BLESS}=1 to write it, and commit the file")
            }
            Err(error) => panic!("{error}"),
        };
        if let Some(difference) = Difference::between(&golden, self) {
            panic!(
                "this code writes another image than {path}\n{difference}\n\
                 If it was released, the file stays as it is: load it with `Image::load`, and give what is written \
                 now a file of its own.\n\
                 If it was not released, {BLESS}=1 writes it anew.",
                path = path.display()
            );
        }
    }

    #[track_caller]
    fn bless(&self, path: &Path) {
        if let Err(error) = self.save(path) {
            panic!("{error}");
        }
    }
}
