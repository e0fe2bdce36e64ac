//! DCMTK's image archive (`dcmqrscp`), another maker's PACS, which takes uncompressed objects only, its worklist (`wlmscpfs`), both
//! on the loopback address only, and its client (`findscu`).

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;

use crate::orthanc::{compile_shim, free_port, listening_on, peers_required};
use crate::setup::{OURS, phantom, uid};

const PROGRAM: &str = "/usr/bin/dcmqrscp";
const WORKLIST: &str = "/usr/bin/wlmscpfs";
const FIND: &str = "/usr/bin/findscu";
pub(crate) const TITLE: &str = "ARCHIVE";

pub(crate) struct Dcmtk {
    process: Child,
    folder: TempDir,
    pub(crate) port: u16,
}

impl Drop for Dcmtk {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

impl Dcmtk {
    /// `None`, with a word, where there is none and none is required.
    pub(crate) fn start() -> Option<Self> {
        Self::of(PROGRAM, |folder, port| {
            let storage = folder.join("storage");
            fs::create_dir(&storage).unwrap();
            let text = format!(
                "NetworkTCPPort = {port}\nMaxPDUSize = 16384\nMaxAssociations = 16\nHostTable BEGIN\nours = ({OURS}, 127.0.0.1, 1)\n\
                 HostTable END\nVendorTable BEGIN\nVendorTable END\nAETable BEGIN\n{TITLE} {} RW (200, 1024mb) ANY\nAETable END\n",
                storage.display()
            );
            let file = folder.join("archive.cfg");
            fs::write(&file, text).unwrap();
            // A process for each association, which ends with it.
            vec!["-c".into(), file.into()]
        })
    }

    /// A worklist with the one order of `peers/worklist.dump`, under the title [`TITLE`].
    pub(crate) fn start_worklist() -> Option<Self> {
        Self::of(WORKLIST, |folder, port| {
            let orders = folder.join(TITLE);
            fs::create_dir(&orders).unwrap();
            fs::write(orders.join("lockfile"), "").unwrap();
            let dump = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/peers/worklist.dump");
            let made =
                Command::new("dump2dcm").arg(dump).arg(orders.join("order.wl")).output().unwrap();
            assert!(made.status.success(), "{made:?}");
            let path = "--data-files-path";
            vec!["--single-process".into(), path.into(), folder.into(), port.to_string().into()]
        })
    }

    /// One of its programs, in a folder that is made ready for it.
    fn of(program: &str, ready: impl Fn(&Path, u16) -> Vec<OsString>) -> Option<Self> {
        if !has(program) {
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        let shim = compile_shim("loopback", folder.path()).unwrap();
        let port = free_port();
        let arguments = ready(folder.path(), port);
        let log = fs::File::create(folder.path().join("log")).unwrap();
        let process = Command::new(program)
            .args(arguments)
            .env("LD_PRELOAD", shim)
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap();
        let mut peer = Self { process, folder, port };
        peer.wait();
        Some(peer)
    }

    fn wait(&mut self) {
        let expected = vec![format!("127.0.0.1:{}", self.port)];
        for _ in 0..200 {
            assert!(self.process.try_wait().unwrap().is_none(), "{}", self.log());
            if listening_on(self.process.id()) == expected {
                return;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("it does not listen: {}", self.log());
    }

    fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    /// Every object as it stored it.
    pub(crate) fn files(&self) -> Vec<Vec<u8>> {
        let entries = fs::read_dir(self.folder.path().join("storage")).unwrap();
        let paths = entries.map(|entry| entry.unwrap().path());
        let objects = paths.filter(|path| !path.ends_with("index.dat"));
        objects.map(|path| fs::read(path).unwrap()).collect()
    }
}

/// Whether a program is there; says where it is not, and fails where it must be.
fn has(program: &str) -> bool {
    let is_there = Path::new(program).exists();
    if !is_there {
        assert!(!peers_required(), "no {program}: package dcmtk is not installed");
        println!("skipped: no {program}");
    }
    is_there
}

/// The instances of the phantom that a PACS tells `findscu` of, series by series (PS3.4 C.4.1); `None` where there is no such program.
pub(crate) fn found_in(port: u16, title: &str) -> Option<BTreeSet<String>> {
    if !has(FIND) {
        return None;
    }
    let exam = &phantom().exam;
    let mut found = BTreeSet::new();
    for series in &exam.series {
        let folder = tempfile::tempdir().unwrap();
        let mut command = Command::new(FIND);
        command.args(["-S", "-X", "-aet", OURS, "-aec", title, "-k", "QueryRetrieveLevel=IMAGE"]);
        command.args(["-k", &format!("StudyInstanceUID={}", exam.study_instance_uid)]);
        command.args(["-k", &format!("SeriesInstanceUID={}", series.series_instance_uid)]);
        command.args(["-k", "SOPInstanceUID", "-od"]).arg(folder.path());
        let output = command.args(["127.0.0.1", &port.to_string()]).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        let answers = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path());
        found.extend(answers.map(|path| uid(&fs::read(path).unwrap())));
    }
    Some(found)
}
