//! One process at a time for an import.

use std::ffi::OsStr;
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

const EXTENSION: &str = "lock";
/// The file of an import that goes on is written anew each time it is taken up.
const OLD: Duration = Duration::from_secs(86_400);

/// Held as long as it is there, and let go by the system whatever becomes of the process. Its file goes with it.
pub(super) struct Lock {
    path: PathBuf,
    _file: File,
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Best effort, and before it is let go: what is left is removed by `sweep`.
        let _gone = fs::remove_file(&self.path);
    }
}

impl Lock {
    /// `None` where another process, or another part of this one, has it.
    pub(super) fn of(folder: &Path, job: &str) -> io::Result<Option<Self>> {
        fs::create_dir_all(folder)?;
        let path = folder.join(format!("{job}.{EXTENSION}"));
        loop {
            let file = File::create(&path)?;
            match file.try_lock() {
                Err(TryLockError::WouldBlock) => return Ok(None),
                Err(TryLockError::Error(cause)) => return Err(cause),
                // Whoever had it may have removed the file after we opened it: then it locks nobody out.
                Ok(()) if !is_at(&file, &path)? => {}
                Ok(()) => return Ok(Some(Self { path, _file: file })),
            }
        }
    }
}

/// Whether this is the file that lies there.
#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt;
    let own = file.metadata()?;
    match fs::metadata(path) {
        Ok(there) => Ok((there.dev(), there.ino()) == (own.dev(), own.ino())),
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(cause) => Err(cause),
    }
}

#[cfg(not(unix))]
fn is_at(_file: &File, _path: &Path) -> io::Result<bool> {
    Ok(true)
}

/// Removes the locks of processes that were killed. Only old ones: for a moment it has them.
pub(super) fn sweep(folder: &Path) -> io::Result<()> {
    let entries = match fs::read_dir(folder) {
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(()),
        other => other?,
    };
    for entry in entries {
        let entry = entry?;
        let path = entry.path();
        let is_lock = path.extension() == Some(OsStr::new(EXTENSION));
        let age = entry.metadata()?.modified()?.elapsed().unwrap_or_default();
        if let Some(job) = path.file_stem().and_then(OsStr::to_str)
            && is_lock
            && age > OLD
        {
            drop(Lock::of(folder, job)?);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::SystemTime;

    use super::*;

    fn left(folder: &Path) -> usize {
        fs::read_dir(folder).unwrap().count()
    }

    #[test]
    fn a_lock_is_held_by_one_and_leaves_no_file() {
        let folder = tempfile::tempdir().unwrap();
        let lock = Lock::of(folder.path(), "a").unwrap().unwrap();
        assert!(Lock::of(folder.path(), "a").unwrap().is_none());
        assert!(Lock::of(folder.path(), "b").unwrap().is_some());
        for name in ["killed.lock", "a.lock", "killed.now.lock"] {
            let file = File::create(folder.path().join(name)).unwrap();
            let age = if name.contains("now") { Duration::ZERO } else { 2 * OLD };
            file.set_modified(SystemTime::now() - age).unwrap();
        }
        sweep(folder.path()).unwrap();
        assert_eq!(left(folder.path()), 2, "the one that is held, and what is not old");
        fs::remove_file(folder.path().join("killed.now.lock")).unwrap();
        assert!(Lock::of(folder.path(), "a").unwrap().is_none());
        drop(lock);
        assert_eq!(left(folder.path()), 0);
        assert!(Lock::of(folder.path(), "a").unwrap().is_some());
    }

    #[test]
    fn two_never_have_it_at_once_though_its_file_comes_and_goes() {
        let folder = tempfile::tempdir().unwrap();
        let (begin, inside, times) = (Barrier::new(4), AtomicUsize::new(0), AtomicUsize::new(0));
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    begin.wait();
                    for _ in 0..2000 {
                        let Some(lock) = Lock::of(folder.path(), "a").unwrap() else { continue };
                        assert_eq!(inside.fetch_add(1, Ordering::SeqCst), 0);
                        times.fetch_add(1, Ordering::SeqCst);
                        inside.fetch_sub(1, Ordering::SeqCst);
                        drop(lock);
                    }
                });
            }
        });
        assert!(times.load(Ordering::SeqCst) > 100);
    }
}
