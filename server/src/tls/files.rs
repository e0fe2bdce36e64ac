//! Certificates from files, read again when they change.

use std::{
    path::Path,
    sync::Arc,
    time::{Duration, SystemTime},
};

use super::{Certificate, CertificateError, Certificates};
use crate::config::TlsConfig;

/// Time between two looks at the files.
const LOOK: Duration = Duration::from_secs(60);

/// A pair of files and for whom it is.
pub struct Followed {
    files: TlsConfig,
    /// Nobody in particular where empty: everybody who has none of their own.
    hosts: Vec<String>,
    used: [Option<SystemTime>; 2],
}

impl Followed {
    /// Reads the files and puts them to use.
    ///
    /// # Errors
    /// When they cannot be used.
    pub fn open(
        files: &TlsConfig,
        hosts: &[String],
        certificates: &Certificates,
    ) -> Result<Self, CertificateError> {
        let mut followed = Self { files: files.clone(), hosts: hosts.to_vec(), used: [None; 2] };
        followed.read(certificates)?;
        Ok(followed)
    }

    fn read(&mut self, certificates: &Certificates) -> Result<(), CertificateError> {
        let found = changed_at(&self.files);
        let certificate = Arc::new(Certificate::load(&self.files)?);
        if self.hosts.is_empty() {
            certificates.set_for_others(&certificate);
        } else {
            certificates.set(&self.hosts, &certificate);
        }
        self.used = found;
        Ok(())
    }

    /// A renewed certificate is used for new connections, a broken one is reported and the old one kept.
    fn look(&mut self, certificates: &Certificates) {
        if changed_at(&self.files) == self.used {
            return;
        }
        match self.read(certificates) {
            Ok(()) => tracing::info!("certificate renewed"),
            Err(cause) => {
                tracing::error!(%cause, "cannot use the new certificate, the old one is kept");
            }
        }
    }
}

/// Follows the files for ever.
pub async fn follow(mut files: Vec<Followed>, certificates: Arc<Certificates>) {
    loop {
        tokio::time::sleep(LOOK).await;
        for followed in &mut files {
            followed.look(&certificates);
        }
    }
}

fn changed_at(files: &TlsConfig) -> [Option<SystemTime>; 2] {
    let changed = |path: &Path| path.metadata().and_then(|data| data.modified()).ok();
    [changed(&files.certificate), changed(&files.key)]
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn write_pair(files: &TlsConfig) {
        let pair = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        std::fs::write(&files.certificate, pair.cert.pem()).unwrap();
        std::fs::write(&files.key, pair.signing_key.serialize_pem()).unwrap();
        std::fs::set_permissions(&files.key, PermissionsExt::from_mode(0o600)).unwrap();
    }

    #[test]
    fn a_renewed_certificate_is_used_and_a_broken_one_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let files = TlsConfig { certificate: path("cert.pem"), key: path("key.pem") };
        write_pair(&files);
        let certificates = Certificates::default();
        let mut followed = Followed::open(&files, &["vi1".to_owned()], &certificates).unwrap();
        let first = certificates.of("VI1.").unwrap();
        assert!(certificates.of("vi2").is_none());

        followed.look(&certificates);
        let same = || Arc::ptr_eq(&first, &certificates.of("vi1").unwrap());
        assert!(same(), "unchanged files are not read again");

        std::fs::write(&files.certificate, "not a certificate").unwrap();
        followed.used = [None; 2];
        followed.look(&certificates);
        assert!(same(), "a broken file does not replace a good one");

        write_pair(&files);
        std::fs::set_permissions(&files.key, PermissionsExt::from_mode(0o604)).unwrap();
        followed.look(&certificates);
        assert!(same(), "nor does one with a key that others can read");

        write_pair(&files);
        followed.look(&certificates);
        assert!(!same(), "the new pair is in use");
    }
}
