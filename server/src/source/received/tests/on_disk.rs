//! Objects on disk: the same exam, once, for nobody else, and without the disk.

use std::path::Path;

use futures::TryStreamExt as _;

use super::*;
use crate::source::received::Disk;

/// Over a disk of so many bytes.
fn on_disk(folder: &Path, bytes: u64, limits: Limits) -> (Arc<Received<Memory>>, Arc<Disk>) {
    let disk = Disk::open(folder, bytes, limits.keep).unwrap();
    (Received::on_disk("vi1.test", Memory::new(&phantoms().0), limits, Some(&disk)), disk)
}

/// Files of objects below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let list = |folder: &Path| {
        let entries = std::fs::read_dir(folder).into_iter().flatten();
        entries.map(|entry| entry.unwrap().path()).collect::<Vec<_>>()
    };
    let folders = list(folder).into_iter().filter(|path| path.is_dir());
    folders.flat_map(|folder| list(&folder)).filter(|path| !path.ends_with("lock")).collect()
}

/// Every frame of every image, twice, and every whole object: the same as of the files.
async fn is_the_phantom(received: &Received<Memory>) {
    for _ in 0..2 {
        for series in &phantoms().0.series {
            for (number, file) in series.files.iter().enumerate() {
                let at = at(series.kind, number);
                let file = std::fs::read(file).unwrap();
                let frame = received.frame(&at, 1).await.unwrap();
                assert!(file.windows(frame.bytes.len()).any(|bytes| bytes == frame.bytes));
                let whole = received.instance(&at).await.unwrap();
                let pieces: Vec<_> = whole.bytes.try_collect().await.unwrap();
                assert!(pieces.concat() == file, "{at:?}");
            }
        }
    }
}

fn count() -> usize {
    phantoms().0.series.iter().map(|series| series.files.len()).sum()
}

fn singles(received: &Received<Memory>) -> usize {
    received.upstream().asked().iter().filter(|scope| scope.instance.is_some()).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn on_disk_an_exam_comes_once_whatever_the_memory_and_nobody_reads_it_there() {
    let folder = tempfile::tempdir().unwrap();
    let whole = open(Memory::new(&phantoms().0), Limits::default());
    let expected = whole.summary(study()).await.unwrap();
    let memory_bytes = whole.bytes_held() / 2;
    let limits = Limits { memory_bytes, streams: 1, ..Limits::default() };
    let (received, disk) = on_disk(folder.path(), 1 << 30, limits);
    assert_eq!(received.summary(study()).await.unwrap(), expected);
    is_the_phantom(&received).await;
    assert_eq!((singles(&received), files(folder.path()).len()), (0, 1), "all share a file");
    let bytes: u64 = files(folder.path()).iter().map(|file| file.metadata().unwrap().len()).sum();
    assert_eq!(bytes, disk.used());
    assert!(received.bytes_held() < bytes / 4, "{} of {bytes}", received.bytes_held());
    let name = phantoms().0.birth_name.as_bytes();
    for file in files(folder.path()) {
        let bytes = std::fs::read(file).unwrap();
        assert!(
            !bytes.windows(name.len()).any(|it| it == name)
                && !bytes.windows(4).any(|it| it == b"DICM")
        );
    }
    received.close();
    let wiped = async {
        while !files(folder.path()).is_empty() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), wiped).await.unwrap();
    assert_eq!(disk.used(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn objects_make_room_on_disk_and_come_again() {
    let folder = tempfile::tempdir().unwrap();
    let (whole, disk) = on_disk(folder.path(), 1 << 30, Limits::default());
    whole.summary(study()).await.unwrap();
    let budget = disk.used() / 2;
    let other = tempfile::tempdir().unwrap();
    let limits = Limits { streams: 1, ..Limits::default() };
    let (tight, disk) = on_disk(other.path(), budget, limits);
    is_the_phantom(&tight).await;
    assert!(disk.used() <= budget && singles(&tight) > 0);
}

/// What is on the disk is spoilt, and each object comes again, once.
async fn comes_again(volume_bytes: u64, spoil: impl Fn(&[PathBuf])) {
    let folder = tempfile::tempdir().unwrap();
    let limits = Limits::default();
    let disk = Disk::with_volumes(folder.path(), 1 << 30, volume_bytes, limits.keep).unwrap();
    let received = Received::on_disk("vi1.test", Memory::new(&phantoms().0), limits, Some(&disk));
    received.summary(study()).await.unwrap();
    spoil(&files(folder.path()));
    for series in &phantoms().0.series {
        for (number, file) in series.files.iter().enumerate() {
            let file = std::fs::read(file).unwrap();
            let frame = received.frame(&at(series.kind, number), 1).await.unwrap();
            assert!(file.windows(frame.bytes.len()).any(|bytes| bytes == frame.bytes));
        }
    }
    assert_eq!(singles(&received), count(), "each of them once");
    is_the_phantom(&received).await;
    assert_eq!(singles(&received), count());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_was_changed_is_no_object_and_comes_again() {
    // Each object in a file of its own.
    let spoil = |stored: &[PathBuf]| {
        assert_eq!(stored.len(), count());
        for (number, file) in stored.iter().enumerate() {
            let mut bytes = std::fs::read(file).unwrap();
            match number % 4 {
                0 => bytes.iter_mut().for_each(|byte| *byte ^= 1),
                1 => bytes.truncate(bytes.len() / 2),
                2 => bytes = std::fs::read(&stored[0]).unwrap(),
                _ => bytes.clear(),
            }
            std::fs::write(file, bytes).unwrap();
        }
        std::fs::remove_file(&stored[4]).unwrap();
    };
    comes_again(1, spoil).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_many_that_was_changed_or_went_comes_again() {
    let changed = |stored: &[PathBuf]| {
        let [file] = stored else { panic!("all share a file") };
        let bytes: Vec<u8> = std::fs::read(file).unwrap().iter().map(|byte| byte ^ 1).collect();
        std::fs::write(file, bytes).unwrap();
    };
    comes_again(1 << 24, changed).await;
    comes_again(1 << 24, |stored| std::fs::remove_file(&stored[0]).unwrap()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_the_disk_fails_objects_stay_in_memory() {
    let folder = tempfile::tempdir().unwrap();
    let (received, disk) = on_disk(folder.path(), 1 << 30, Limits::default());
    received.frame(&at(SeriesKind::Ct, 0), 1).await.unwrap();
    // What lies there goes, and nothing more can be written.
    std::fs::remove_dir_all(folder.path()).unwrap();
    is_the_phantom(&received).await;
    assert!(files(folder.path()).is_empty());
    let bytes: u64 = phantoms()
        .0
        .series
        .iter()
        .flat_map(|series| &series.files)
        .map(|file| file.metadata().unwrap().len())
        .sum();
    assert!(received.bytes_held() > bytes / 2, "in memory");
    drop(disk);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_object_too_large_for_memory_goes_to_the_disk_while_it_comes() {
    let folder = tempfile::tempdir().unwrap();
    let made = tempfile::tempdir().unwrap();
    // 1024² pixels of 16 bits: twice what is held of an object that is arriving.
    let scale = Scale { ct_side_px: 1024, ..Scale::tiny() };
    let exam = generate(made.path(), scale).unwrap();
    let series = exam.series(SeriesKind::Ct).unwrap();
    assert!(series.files[0].metadata().unwrap().len() > 2 << 20, "it is large");
    let disk = Disk::open(folder.path(), 1 << 30, Duration::from_secs(60)).unwrap();
    let limits = Limits { memory_bytes: 6 << 20, streams: 1, ..Limits::default() };
    let received = Received::on_disk("vi1.test", Memory::new(&exam), limits, Some(&disk));
    for (uid, file) in series.sop_instance_uids.iter().zip(&series.files) {
        let at = InstanceRef {
            study: exam.study_instance_uid.clone(),
            series: series.series_instance_uid.clone(),
            instance: uid.clone(),
        };
        let file = std::fs::read(file).unwrap();
        let frame = received.frame(&at, 1).await.unwrap();
        assert!(file.ends_with(&frame.bytes));
    }
    assert_eq!(singles(&received), 0);
    assert!(received.most_bytes_held() < 4 << 20, "{}", received.most_bytes_held());
}
