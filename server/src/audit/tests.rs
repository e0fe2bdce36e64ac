//! The chain: written, read, cut, changed, pruned.

use std::{
    fs,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use tempfile::TempDir;
use time::OffsetDateTime;

use super::*;

const DAY: i64 = 86_400;

struct Desk {
    folder: TempDir,
    audit: Audit,
    now: Arc<AtomicI64>,
}

fn desk() -> Desk {
    let folder = tempfile::tempdir().unwrap();
    let now = Arc::new(AtomicI64::new(1_794_000_000));
    let shown = Arc::clone(&now);
    let clock = Clock::new(move || {
        OffsetDateTime::from_unix_timestamp(shown.load(Ordering::Relaxed)).unwrap()
    });
    let audit = Audit::open(folder.path(), clock).unwrap();
    Desk { folder, audit, now }
}

impl Desk {
    fn write(&self, reason: &str) {
        let studies = ["1.2.3".to_owned()];
        let entry = Entry {
            studies: &studies,
            reason: Some(reason),
            ..Entry::new(Event::Refusal, "vi1.example", LOCAL)
        };
        self.audit.write(&entry).unwrap();
    }

    fn wait_days(&self, days: i64) {
        self.now.fetch_add(days * DAY, Ordering::Relaxed);
    }

    fn files(&self) -> Vec<std::path::PathBuf> {
        let names = segment::list(self.folder.path()).unwrap();
        names.into_iter().map(|name| self.folder.path().join(name)).collect()
    }

    fn verify(&self) -> Result<Verified, VerifyError> {
        verify(self.folder.path(), None)
    }
}

#[test]
fn item_61_a_line_is_one_line_whatever_is_in_it() {
    let desk = desk();
    let studies = ["1.2\n{\"event\":\"login\"}".to_owned()];
    let entry = Entry {
        studies: &studies,
        reason: Some("wrong_code"),
        ..Entry::new(Event::Refusal, "vi1.example", [192, 0, 2, 1].into())
    };
    desk.audit.write(&entry).unwrap();
    let text = fs::read_to_string(&desk.files()[0]).unwrap();
    let expected = concat!(
        r#"{"seq":1,"prev":"0000000000000000000000000000000000000000000000000000000000000000","#,
        r#""time":"2026-11-06T21:20:00Z","event":"refusal","site":"vi1.example","#,
        r#""address":"192.0.2.1","studies":["1.2\n{\"event\":\"login\"}"],"reason":"wrong_code","#,
        r#""hash":""#
    );
    assert!(text.starts_with(expected), "{text}");
    assert_eq!((text.len(), text.lines().count()), (expected.len() + 64 + 3, 1));
    assert_eq!(desk.verify().unwrap().lines, 1);
}

#[test]
fn item_61_every_change_is_found() {
    let desk = desk();
    for number in 0..5 {
        desk.write(&format!("reason {number}"));
    }
    let whole = desk.verify().unwrap();
    assert_eq!((whole.lines, whole.first, whole.head.seq), (5, 1, 5));
    let file = &desk.files()[0];
    let text = fs::read_to_string(file).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let without = |left_out: usize| {
        let kept = lines.iter().enumerate().filter(|(index, _)| *index != left_out);
        kept.map(|(_, line)| format!("{line}\n")).collect::<String>()
    };
    let swapped = [lines[1], lines[0], lines[2], lines[3], lines[4], ""].join("\n");
    let cases = [
        ("one letter", text.replacen("reason 2", "reason 7", 1)),
        ("first line missing", without(0)),
        ("middle line missing", without(2)),
        ("two lines swapped", swapped),
        ("a line twice", format!("{text}{}\n", lines[4])),
        ("foreign line", format!("{text}{{}}\n")),
        ("line break inside", text.replacen("reason 1", "reason\n1", 1)),
    ];
    for (what, changed) in cases {
        assert_ne!(changed, text, "{what}");
        fs::write(file, changed).unwrap();
        assert!(desk.verify().is_err(), "{what}");
    }
    // Lines cut off the end are missed only by who kept the head.
    fs::write(file, without(4)).unwrap();
    assert_eq!(desk.verify().unwrap().head.seq, 4);
    let cut = verify(desk.folder.path(), Some(&whole.head));
    assert!(matches!(cut, Err(VerifyError::NotExpected(5))), "{cut:?}");
    fs::write(file, &text).unwrap();
    assert_eq!(
        verify(desk.folder.path(), Head::parse(&whole.head.to_string()).as_ref()).unwrap(),
        whole
    );
}

#[test]
fn half_a_line_is_cut_off_and_that_is_written_down() {
    let desk = desk();
    desk.write("before");
    let file = desk.files()[0].clone();
    let whole = fs::read(&file).unwrap();
    for torn in ["{\"seq\":2,\"prev\"", "\0\0\0\0", "x"] {
        let mut bytes = whole.clone();
        bytes.extend_from_slice(torn.as_bytes());
        fs::write(&file, &bytes).unwrap();
        assert_eq!(desk.verify().unwrap().torn_bytes, torn.len() as u64);
        desk.write("after");
        let mut events = Vec::new();
        let verified = read(desk.folder.path(), |record| {
            events.push((record.event, record.reason.unwrap()));
            Ok(())
        });
        assert_eq!((verified.as_ref().unwrap().lines, verified.unwrap().torn_bytes), (3, 0));
        assert_eq!(
            events[1],
            (Event::Repaired, format!("{} bytes of an unfinished line", torn.len()))
        );
        fs::write(&file, &whole).unwrap();
    }
}

#[test]
fn a_journal_that_is_none_is_not_written_to() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("audit-2026-11-06.jsonl"), "something else\n").unwrap();
    let refused = Audit::open(folder.path(), Clock::system()).err().unwrap();
    assert!(refused.to_string().contains("audit verify"), "{refused}");
    assert!(verify(folder.path(), None).is_err());
}

#[test]
fn two_processes_write_one_chain() {
    let desk = desk();
    let other = Audit::open(
        desk.folder.path(),
        Clock::new(|| OffsetDateTime::from_unix_timestamp(1_794_000_000).unwrap()),
    )
    .unwrap();
    let entry = Entry::new(Event::CodeGranted, "vi1.example", LOCAL);
    std::thread::scope(|scope| {
        scope.spawn(|| (0..50).for_each(|_| other.write(&entry).unwrap()));
        (0..50).for_each(|_| desk.write("here"));
    });
    assert_eq!(desk.verify().unwrap().lines, 100);
}

#[test]
fn item_63_what_is_pruned_leaves_a_journal_that_can_be_verified() {
    let desk = desk();
    for _ in 0..4 {
        desk.write("x");
        desk.write("y");
        desk.wait_days(1);
    }
    assert_eq!(desk.files().len(), 4);
    assert_eq!(desk.audit.prune(4).unwrap(), 0);
    assert_eq!(desk.audit.prune(2).unwrap(), 2);
    assert_eq!(desk.files().len(), 3, "two days, and today with the lines about the others");
    let verified = desk.verify().unwrap();
    assert_eq!((verified.first, verified.head.seq, verified.lines), (5, 10, 6));
    // Without that line nobody could tell from somebody who deleted a file.
    fs::remove_file(&desk.files()[0]).unwrap();
    let missing = desk.verify();
    assert!(matches!(missing, Err(VerifyError::NoBeginning(7))), "{missing:?}");
}

#[test]
fn the_newest_day_is_never_pruned_and_time_does_not_go_back() {
    let desk = desk();
    desk.write("x");
    desk.wait_days(-3);
    desk.write("y");
    assert_eq!((desk.files().len(), desk.verify().unwrap().lines), (1, 2));
    desk.wait_days(400);
    assert_eq!(desk.audit.prune(1).unwrap(), 0);
}

#[test]
fn a_follower_reads_on_where_it_was() {
    let desk = desk();
    let mut follower = follow::Follower::after(desk.folder.path(), 0);
    assert!(follower.next(10).unwrap().is_empty());
    let numbers = |records: Vec<Record>| records.iter().map(|r| r.seq).collect::<Vec<_>>();
    for _ in 0..3 {
        desk.write("x");
        desk.write("y");
        desk.wait_days(1);
    }
    assert_eq!(numbers(follower.next(3).unwrap()), [1, 2, 3]);
    assert_eq!(numbers(follower.next(10).unwrap()), [4, 5, 6]);
    assert!(follower.next(10).unwrap().is_empty());
    desk.write("z");
    assert_eq!(numbers(follower.next(10).unwrap()), [7]);
    let mut later = follow::Follower::after(desk.folder.path(), 4);
    assert_eq!(numbers(later.next(10).unwrap()), [5, 6, 7]);
    assert_eq!(desk.audit.prune(1).unwrap(), 2);
    let mut left_behind = follow::Follower::after(desk.folder.path(), 1);
    assert_eq!(numbers(left_behind.next(10).unwrap()), [5, 6, 7, 8, 9]);
}

#[test]
fn usage_counts_and_names_nobody() {
    let desk = desk();
    desk.write("wrong_code");
    for (event, way) in [(Event::Login, "code"), (Event::ExamOpened, "code"), (Event::Login, "psc")]
    {
        let entry = Entry {
            way: Some(way),
            subject: Some("somebody"),
            ..Entry::new(event, "vi1.example", LOCAL)
        };
        desk.audit.write(&entry).unwrap();
    }
    desk.audit.write(&Entry::new(Event::Started, SERVER, LOCAL)).unwrap();
    let expected = "month,site,way,logins,opened,refused,exported\n\
        2026-11,vi1.example,code,1,1,0,0\n\
        2026-11,vi1.example,link,0,0,1,0\n\
        2026-11,vi1.example,psc,1,0,0,0\n";
    assert_eq!(usage(desk.folder.path(), None).unwrap(), expected);
    assert_eq!(usage(desk.folder.path(), Some("vi2.example")).unwrap().lines().count(), 1);
}
