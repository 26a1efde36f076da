//! Messages of the tasks to a person or a log.
//!
//! They go to the standard error, as cargo's do, so that a log keeps the order. Colours appear only
//! on a terminal.

use std::time::Duration;

use console::style;

/// Announces the next part of the work.
pub fn headline(text: &str) {
    eprintln!("\n{} {}", style("==>").for_stderr().cyan().bold(), style(text).for_stderr().bold());
}

/// Prints a line below a headline.
pub fn note(text: &str) {
    eprintln!("    {text}");
}

/// Returns a duration as people read it: `0.4 s`, `12.3 s`, `2 min 05 s`.
#[must_use]
pub fn duration(time: Duration) -> String {
    let seconds = time.as_secs_f64();
    if seconds < 59.95 {
        return format!("{seconds:.1} s");
    }
    let whole = seconds.round() as u64;
    format!("{} min {:02} s", whole / 60, whole % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_readable() {
        assert_eq!(duration(Duration::from_millis(440)), "0.4 s");
        assert_eq!(duration(Duration::from_millis(59_940)), "59.9 s");
        assert_eq!(duration(Duration::from_millis(59_960)), "1 min 00 s");
        assert_eq!(duration(Duration::from_secs(125)), "2 min 05 s");
    }
}
