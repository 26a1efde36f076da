//! Running commands, with a limit of time and an error in words.

use std::process::{Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

/// Returns the command as one would type it, without its environment.
#[must_use]
pub fn shown(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

/// Runs the command with its output shown. Returns `true` if it succeeded.
pub fn succeeds(command: &mut Command) -> Result<bool> {
    let status = command.status().with_context(|| format!("cannot start `{}`", shown(command)))?;
    Ok(status.success())
}

/// Runs the command with its output shown. A failure is an error.
pub fn run(command: &mut Command) -> Result<()> {
    if !succeeds(command)? {
        bail!("`{}` failed", shown(command));
    }
    Ok(())
}

/// Runs the command silently. A failure is an error that has what the command wrote.
pub fn captured(command: &mut Command) -> Result<()> {
    let output = command.output().with_context(|| format!("cannot start `{}`", shown(command)))?;
    if !output.status.success() {
        let [out, err] = [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes));
        bail!("`{}` failed:\n{out}{err}", shown(command));
    }
    Ok(())
}

/// Returns what the command writes, or `None` if it cannot be started or fails.
#[must_use]
pub fn output(command: &mut Command) -> Option<String> {
    let output = command.stderr(Stdio::null()).output().ok()?;
    if !output.status.success() {
        return None;
    }
    String::from_utf8(output.stdout).ok()
}

/// Runs the command. Returns `None` if it had to be stopped at the limit.
pub fn status_within(command: &mut Command, limit: Duration) -> Result<Option<ExitStatus>> {
    let mut child = command.spawn().with_context(|| format!("cannot start `{}`", shown(command)))?;
    let started = Instant::now();
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if started.elapsed() >= limit {
            child.kill()?;
            child.wait()?;
            return Ok(None);
        }
        thread::sleep(Duration::from_millis(50));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_that_hangs_is_stopped() {
        let started = Instant::now();
        let status = status_within(Command::new("sleep").arg("60"), Duration::from_millis(100)).unwrap();
        assert!(status.is_none());
        assert!(started.elapsed() < Duration::from_secs(30));
    }

    #[test]
    fn a_command_that_ends_in_time_gives_its_status() {
        let limit = Duration::from_secs(30);
        assert!(status_within(&mut Command::new("true"), limit).unwrap().unwrap().success());
        assert!(!status_within(&mut Command::new("false"), limit).unwrap().unwrap().success());
    }

    #[test]
    fn a_command_that_does_not_exist_has_no_output() {
        assert_eq!(output(&mut Command::new("no-such-program-anywhere")), None);
        assert_eq!(output(Command::new("echo").arg("a")), Some("a\n".into()));
    }
}
