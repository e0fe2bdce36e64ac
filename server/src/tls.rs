//! HTTPS from certificate files, read again when they change.

use std::{
    io,
    path::Path,
    sync::Once,
    time::{Duration, SystemTime},
};

use axum_server::tls_rustls::RustlsConfig;

use crate::config::TlsConfig;

/// Time between two looks at the files.
const LOOK: Duration = Duration::from_secs(60);

/// Reads certificate and key. TLS 1.2 and 1.3, HTTP/2 and HTTP/1.1.
///
/// # Errors
/// When a file cannot be read or they do not belong together.
pub async fn load(config: &TlsConfig) -> io::Result<RustlsConfig> {
    static PROVIDER: Once = Once::new();
    // An error means that one is installed already, which is just as well.
    PROVIDER.call_once(|| drop(rustls::crypto::aws_lc_rs::default_provider().install_default()));
    RustlsConfig::from_pem_file(&config.certificate, &config.key).await
}

/// Follows the files for ever: a renewed certificate is used for new connections, a broken one is
/// reported and the old one kept.
pub async fn follow(tls: RustlsConfig, config: TlsConfig) {
    let mut used = changed_at(&config);
    loop {
        tokio::time::sleep(LOOK).await;
        reload_if_changed(&tls, &config, &mut used).await;
    }
}

async fn reload_if_changed(
    tls: &RustlsConfig,
    config: &TlsConfig,
    used: &mut [Option<SystemTime>; 2],
) {
    let found = changed_at(config);
    if found == *used {
        return;
    }
    match tls.reload_from_pem_file(&config.certificate, &config.key).await {
        Ok(()) => {
            tracing::info!("certificate renewed");
            *used = found;
        }
        Err(cause) => {
            tracing::error!(%cause, "cannot use the new certificate, the old one is kept");
        }
    }
}

fn changed_at(config: &TlsConfig) -> [Option<SystemTime>; 2] {
    let changed = |path: &Path| path.metadata().and_then(|data| data.modified()).ok();
    [changed(&config.certificate), changed(&config.key)]
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    fn write_pair(config: &TlsConfig) {
        let pair = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        std::fs::write(&config.certificate, pair.cert.pem()).unwrap();
        std::fs::write(&config.key, pair.signing_key.serialize_pem()).unwrap();
    }

    #[tokio::test]
    async fn a_renewed_certificate_is_used_and_a_broken_one_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let config = TlsConfig {
            certificate: folder.path().join("cert.pem"),
            key: folder.path().join("key.pem"),
        };
        write_pair(&config);
        let tls = load(&config).await.unwrap();
        let first = tls.get_inner();
        let mut used = changed_at(&config);

        reload_if_changed(&tls, &config, &mut used).await;
        assert!(Arc::ptr_eq(&first, &tls.get_inner()), "unchanged files are not read again");

        std::fs::write(&config.certificate, "not a certificate").unwrap();
        used = [None, None];
        reload_if_changed(&tls, &config, &mut used).await;
        assert!(Arc::ptr_eq(&first, &tls.get_inner()), "a broken file does not replace a good one");

        write_pair(&config);
        reload_if_changed(&tls, &config, &mut used).await;
        assert!(!Arc::ptr_eq(&first, &tls.get_inner()), "the new pair is in use");
    }
}
