//! Room, age, and what is left of a process.

use std::io::Read as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::{Disk, Kept, LOCK, Room};
use crate::sealed::SALT_BYTES;

const HOUR: Duration = Duration::from_secs(3600);
const OBJECT: [u8; 1000] = [7; 1000];
/// A sealed object of that length.
const SEALED: u64 = 1048;

fn put(room: &Room) -> std::io::Result<Arc<Kept>> {
    let mut draft = room.draft()?;
    OBJECT.chunks(300).try_for_each(|piece| draft.write(piece))?;
    draft.finish()
}

fn read(kept: &Kept) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    kept.reader()?.read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Names of the files of all processes, their locks excepted.
fn files(root: &Path) -> Vec<String> {
    let list =
        |folder: &Path| std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let folders = list(root).filter(|path| path.is_dir());
    let names = folders
        .flat_map(|folder| list(&folder))
        .map(|path| path.file_name().unwrap().to_str().unwrap().to_owned());
    names.filter(|name| name != LOCK).collect()
}

#[test]
fn the_oldest_makes_room_and_never_what_is_being_read() {
    let root = tempfile::tempdir().unwrap();
    let disk = Disk::open(root.path(), 3 * SEALED, HOUR).unwrap();
    let (one, other) = (disk.room(), disk.room());
    let [first, second] = [put(&one).unwrap(), put(&other).unwrap()];
    let pin = first.pin().unwrap();
    let third = put(&one).unwrap();
    assert_eq!((disk.used(), files(root.path()).len()), (3 * SEALED, 3));
    let fourth = put(&one).unwrap();
    assert!(second.is_lost() && second.pin().is_none(), "of another room, and the oldest");
    assert!(!first.is_lost() && !third.is_lost(), "one is older and being read");
    assert_eq!(read(&first).unwrap(), OBJECT);
    let pins = [third.pin().unwrap(), fourth.pin().unwrap()];
    assert!(put(&one).is_err(), "all are being read");
    drop((pins, pin));
    let fifth = put(&one).unwrap();
    assert!(first.is_lost(), "whoever read it is gone");
    drop((first, second, third, fourth, fifth));
    assert_eq!((disk.used(), files(root.path())), (0, Vec::new()));
}

#[test]
fn small_objects_share_a_file_and_go_with_it() {
    let root = tempfile::tempdir().unwrap();
    let disk = Disk::with_volumes(root.path(), 6 * SEALED, 3 * SEALED, HOUR).unwrap();
    let room = disk.room();
    let object = |number: u8| [number; OBJECT.len()];
    let put = |number| room.put(&object(number)).unwrap();
    let mut all: Vec<_> = (0..6).map(put).collect();
    assert_eq!((disk.used(), files(root.path()).len()), (6 * SEALED, 2));
    for (number, kept) in all.iter().enumerate() {
        assert_eq!(read(kept).unwrap(), object(number as u8));
    }
    // Read last, so the other three make room, though one of them only is not enough.
    let pin = all[0].pin().unwrap();
    all.push(put(6));
    let lost = all.iter().map(|kept| kept.is_lost()).collect::<Vec<_>>();
    assert_eq!(lost, [false, false, false, true, true, true, false]);
    assert_eq!((disk.used(), files(root.path()).len()), (4 * SEALED, 2));
    assert!(all[3].pin().is_none() && read(&all[3]).is_err());
    drop(pin);
    // The file is there as long as one of its objects.
    all.drain(..2);
    assert_eq!(files(root.path()).len(), 2);
    assert_eq!(read(&all[0]).unwrap(), object(2));
    all.clear();
    assert_eq!((disk.used(), files(root.path())), (0, Vec::new()));
    assert_eq!(read(&put(7)).unwrap(), object(7), "what was open is gone, and another one begins");
}

#[test]
fn nothing_is_written_behind_what_was_changed_or_to_what_went() {
    let root = tempfile::tempdir().unwrap();
    let disk = Disk::with_volumes(root.path(), 100 * SEALED, 50 * SEALED, HOUR).unwrap();
    let room = disk.room();
    let [first, second] = [1, 2].map(|number| room.put(&[number; 10]).unwrap());
    assert_eq!(first.path(), second.path());
    let mut bytes = std::fs::read(first.path()).unwrap();
    bytes[SALT_BYTES] ^= 1;
    std::fs::write(first.path(), bytes).unwrap();
    assert!(read(&first).is_err());
    assert_eq!(read(&second).unwrap(), [2; 10], "the others are what they were");
    first.lose();
    assert!(first.is_lost() && first.pin().is_none() && !second.is_lost());
    let third = room.put(&[3; 10]).unwrap();
    assert_ne!(third.path(), second.path());
    disk.remove(&third.place_name());
    let fourth = room.put(&[4; 10]).unwrap();
    assert_ne!(fourth.path(), third.path());
    assert_eq!(read(&fourth).unwrap(), [4; 10]);
    // Another object of the same room, in the other's place.
    std::fs::copy(fourth.path(), second.path()).unwrap();
    assert!(read(&second).is_err());
}

#[test]
fn a_draft_that_is_given_up_leaves_nothing() {
    let root = tempfile::tempdir().unwrap();
    let disk = Disk::open(root.path(), 3 * SEALED, HOUR).unwrap();
    let mut draft = disk.room().draft().unwrap();
    draft.write(&OBJECT).unwrap();
    assert!(draft.write(&[0; 5000]).is_err(), "larger than everything");
    drop(draft);
    assert_eq!((disk.used(), files(root.path())), (0, Vec::new()));
}

#[test]
fn what_is_too_old_goes() {
    let root = tempfile::tempdir().unwrap();
    let disk = Disk::open(root.path(), 9 * SEALED, Duration::ZERO).unwrap();
    let room = disk.room();
    let [one, read] = [put(&room).unwrap(), put(&room).unwrap()];
    let _pin = read.pin().unwrap();
    disk.drop_old();
    assert!(one.is_lost() && !read.is_lost());
    assert_eq!(files(root.path()).len(), 1);
}

#[test]
fn names_say_nothing_and_no_room_reads_what_is_anothers() {
    let root = tempfile::tempdir().unwrap();
    let disk = Disk::open(root.path(), 9 * SEALED, HOUR).unwrap();
    let [one, other] = [put(&disk.room()).unwrap(), put(&disk.room()).unwrap()];
    let names = files(root.path());
    assert_eq!(names.len(), 2);
    assert!(names.iter().all(|name| super::is_random_name(name)), "{names:?}");
    // Somebody changes one file for the other.
    std::fs::copy(one.path(), other.path()).unwrap();
    assert!(read(&other).is_err());
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&disk.folder), 0o700);
        assert_eq!(mode(&disk.path(&names[0])), 0o600);
    }
}

#[test]
fn what_a_process_left_is_removed_and_nothing_else() {
    let root = tempfile::tempdir().unwrap();
    let running = Disk::open(root.path(), 9 * SEALED, HOUR).unwrap();
    let kept = put(&running.room()).unwrap();
    let left = root.path().join("0123456789abcdef0123456789abcdef");
    std::fs::create_dir(&left).unwrap();
    std::fs::write(left.join(LOCK), "").unwrap();
    std::fs::write(left.join("fedcba9876543210fedcba9876543210"), "sealed").unwrap();
    let foreign = root.path().join("papers");
    std::fs::create_dir(&foreign).unwrap();
    let second = Disk::open(root.path(), 9 * SEALED, HOUR).unwrap();
    assert!(!left.exists() && foreign.exists());
    assert_eq!(read(&kept).unwrap(), OBJECT, "another process is still at work");
    drop((second, kept, running));
    let others = std::fs::read_dir(root.path()).unwrap().count();
    assert_eq!(others, 2, "the lock and what is not ours");
}
