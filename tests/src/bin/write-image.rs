//! Writes the memory of `graven_tests::image` to standard output.

use std::io::Write;

fn main() -> std::io::Result<()> {
    std::io::stdout().write_all(&graven_tests::image::bytes())
}
