//! What keeps all cores busy while tests run: a command that is to run anyway, and threads that spin once it has ended.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command};

use contract::command;

use super::TestError;
use super::busy::Busy;

/// Other work that runs while tests do.
#[derive(Debug)]
pub(super) struct OtherWork {
    command: Command,
    child: Child,
    printed: PathBuf,
}

impl OtherWork {
    /// Starts a shell's command line in that folder. What it prints is kept in a file.
    pub(super) fn start(line: &str, root: &Path, folder: &Path) -> Result<Self, TestError> {
        let printed = folder.join("other-work.txt");
        let wrong = |source| TestError::File { path: printed.clone(), source };
        fs::create_dir_all(folder).map_err(wrong)?;
        let file = File::create(&printed).map_err(wrong)?;
        let mut command = command::as_from_a_shell("sh");
        command.args(["-c", line]).current_dir(root);
        command.stdout(file.try_clone().map_err(wrong)?).stderr(file);
        let child = command.spawn().map_err(|error| command::Failed::new(&command, error.to_string()))?;
        Ok(Self { command, child, printed })
    }

    fn has_ended(&mut self) -> bool {
        // What can't be asked for counts as ended: then threads spin.
        !matches!(self.child.try_wait(), Ok(None))
    }

    /// Waits for its end, which has to be a good one; gives what it printed.
    pub(super) fn end(mut self) -> Result<String, TestError> {
        let wrong = |source| TestError::File { path: self.printed.clone(), source };
        let status = self.child.wait().map_err(wrong)?;
        let printed = String::from_utf8_lossy(&fs::read(&self.printed).map_err(wrong)?).into_owned();
        if status.success() { Ok(printed) } else { Err(command::Failed::new(&self.command, printed).into()) }
    }
}

impl Drop for OtherWork {
    fn drop(&mut self) {
        // Where the tests can't be run, nothing is left behind. What has ended can't be killed, and need not be.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The load of one round.
#[derive(Debug, Default)]
pub(super) struct Load(Option<Busy>);

impl Load {
    /// Sees to it that the cores are busy from here on.
    pub(super) fn keep_up(&mut self, other: Option<&mut OtherWork>) {
        if self.0.is_none() && other.is_none_or(OtherWork::has_ended) {
            self.0 = Some(Busy::start());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn threads_spin_where_other_work_has_ended() {
        let folder = tempfile::tempdir().unwrap();
        let mut other = OtherWork::start("true", folder.path(), folder.path()).unwrap();
        other.child.wait().unwrap();
        let mut load = Load::default();

        load.keep_up(Some(&mut other));

        assert!(load.0.is_some());
    }

    #[test]
    fn nothing_spins_while_other_work_runs() {
        let folder = tempfile::tempdir().unwrap();
        let mut other = OtherWork::start("exec cat /dev/zero > /dev/null", folder.path(), folder.path()).unwrap();
        let mut load = Load::default();

        load.keep_up(Some(&mut other));

        assert!(load.0.is_none());
        other.child.kill().unwrap();
    }

    #[test]
    fn other_work_builds_what_it_would_from_a_shell() {
        let folder = tempfile::tempdir().unwrap();
        let line = "echo \"$CARGO_MANIFEST_DIR$CARGO_PKG_NAME\"";
        assert_eq!(OtherWork::start(line, folder.path(), folder.path()).unwrap().end().unwrap(), "\n");
    }

    #[test]
    fn what_other_work_prints_is_kept_and_its_failure_is_one() {
        let folder = tempfile::tempdir().unwrap();
        let start = |line| OtherWork::start(line, folder.path(), folder.path()).unwrap();

        assert_eq!(start("echo checked").end().unwrap(), "checked\n");
        assert!(start("echo broken; exit 3").end().unwrap_err().to_string().contains("broken"));
    }
}
