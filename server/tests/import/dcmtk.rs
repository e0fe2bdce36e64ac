//! DCMTK's image archive (`dcmqrscp`), another maker's PACS, which takes uncompressed objects only, its worklist (`wlmscpfs`), both
//! on the loopback address only, and its client (`findscu`).

use std::collections::BTreeSet;
use std::fs;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;

use crate::orthanc::{compile_shim, free_port, listening_on};
use crate::setup::{OURS, peers_required, phantom, uid};

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
        if !std::path::Path::new(PROGRAM).exists() {
            assert!(!peers_required(), "no dcmqrscp: package dcmtk is not installed");
            println!("skipped: no dcmqrscp");
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        let shim = compile_shim("loopback", folder.path()).unwrap();
        let (port, storage) = (free_port(), folder.path().join("storage"));
        fs::create_dir(&storage).unwrap();
        let text = format!(
            "NetworkTCPPort = {port}\nMaxPDUSize = 16384\nMaxAssociations = 16\nHostTable BEGIN\nours = ({OURS}, 127.0.0.1, 1)\n\
             HostTable END\nVendorTable BEGIN\nVendorTable END\nAETable BEGIN\n{TITLE} {} RW (200, 1024mb) ANY\nAETable END\n",
            storage.display()
        );
        let file = folder.path().join("archive.cfg");
        fs::write(&file, text).unwrap();
        let log = fs::File::create(folder.path().join("log")).unwrap();
        // A process for each association, which ends with it.
        let process = Command::new(PROGRAM)
            .arg("-c")
            .arg(file)
            .env("LD_PRELOAD", shim)
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap();
        let mut archive = Self { process, folder, port };
        archive.wait();
        Some(archive)
    }

    /// A worklist with the one order of `peers/worklist.dump`, under the title [`TITLE`].
    pub(crate) fn start_worklist() -> Option<Self> {
        if !std::path::Path::new(WORKLIST).exists() {
            assert!(!peers_required(), "no wlmscpfs: package dcmtk is not installed");
            println!("skipped: no wlmscpfs");
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        let shim = compile_shim("loopback", folder.path()).unwrap();
        let (port, orders) = (free_port(), folder.path().join(TITLE));
        fs::create_dir(&orders).unwrap();
        fs::write(orders.join("lockfile"), "").unwrap();
        let dump =
            std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/peers/worklist.dump");
        let made =
            Command::new("dump2dcm").arg(dump).arg(orders.join("order.wl")).output().unwrap();
        assert!(made.status.success(), "{made:?}");
        let log = fs::File::create(folder.path().join("log")).unwrap();
        let process = Command::new(WORKLIST)
            .args(["--single-process", "--data-files-path"])
            .arg(folder.path())
            .arg(port.to_string())
            .env("LD_PRELOAD", shim)
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap();
        let mut worklist = Self { process, folder, port };
        worklist.wait();
        Some(worklist)
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

/// The instances of the phantom that a PACS tells `findscu` of, series by series (PS3.4 C.4.1); `None` where there is no such program.
pub(crate) fn found_in(port: u16, title: &str) -> Option<BTreeSet<String>> {
    if !std::path::Path::new(FIND).exists() {
        assert!(!peers_required(), "no findscu: package dcmtk is not installed");
        println!("skipped: no findscu");
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
