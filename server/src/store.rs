//! The server's database: one SQLite file, shared by `serve`, `grant` and `revoke`.

use std::{path::Path, sync::Arc, time::Duration};

use rand::RngCore;
use sqlx::{
    SqlitePool,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use thiserror::Error;
use tower_sessions_sqlx_store::SqliteStore;

use crate::session::KnownLogins;

/// Name of the file in the `state` folder.
const FILE: &str = "negatoscope.sqlite";

/// Why the database cannot be opened.
#[derive(Debug, Error)]
pub enum StoreError {
    /// The folder or file cannot be made.
    #[error("cannot use the state folder: {0}")]
    Folder(#[from] std::io::Error),
    /// SQLite refuses.
    #[error("cannot open the database: {0}")]
    Database(#[from] sqlx::Error),
    /// The tables cannot be brought to this version.
    #[error("cannot update the database: {0}")]
    Migration(#[from] sqlx::migrate::MigrateError),
}

/// The open database.
#[derive(Clone)]
pub struct Store {
    /// Connections.
    pub pool: SqlitePool,
    /// Where it lies.
    pub folder: Arc<Path>,
    /// Random bytes of this installation.
    pub secret: [u8; 32],
    /// What is remembered of it.
    pub(crate) logins: Arc<KnownLogins>,
}

impl Store {
    /// Opens the database in `folder`, making both where needed, readable by this user only.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn open(folder: &Path) -> Result<Self, StoreError> {
        let file = folder.join(FILE);
        make_private(folder, &file)?;
        let options = SqliteConnectOptions::new()
            .filename(&file)
            .journal_mode(SqliteJournalMode::Wal)
            // What was acknowledged survives a power cut, too.
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            // What is forgotten (keys, identities) is overwritten.
            .pragma("secure_delete", "ON")
            .busy_timeout(Duration::from_secs(10));
        let pool = SqlitePoolOptions::new().max_connections(4).connect_with(options).await?;
        sqlx::migrate!("./migrations").run(&pool).await?;
        SqliteStore::new(pool.clone()).migrate().await?;
        let secret = installation_secret(&pool).await?;
        Ok(Self { pool, folder: folder.into(), secret, logins: Arc::default() })
    }
}

#[cfg(unix)]
fn make_private(folder: &Path, file: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    std::fs::OpenOptions::new().append(true).create(true).mode(0o600).open(file).map(drop)
}

#[cfg(not(unix))]
fn make_private(folder: &Path, file: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    std::fs::OpenOptions::new().append(true).create(true).open(file).map(drop)
}

/// Made by whoever opens the database first; two processes at once agree on one.
async fn installation_secret(pool: &SqlitePool) -> Result<[u8; 32], sqlx::Error> {
    let mut fresh = [0; 32];
    rand::rng().fill_bytes(&mut fresh);
    sqlx::query(
        "INSERT INTO installation (secret) SELECT ? WHERE NOT EXISTS (SELECT 1 FROM installation)",
    )
    .bind(fresh.as_slice())
    .execute(pool)
    .await?;
    let kept: Vec<u8> =
        sqlx::query_scalar("SELECT secret FROM installation").fetch_one(pool).await?;
    kept.try_into().map_err(|_other_length| sqlx::Error::Decode("installation secret".into()))
}

/// A fresh name nobody can guess: 128 random bits in hexadecimal.
#[must_use]
pub fn random_name() -> String {
    let mut bytes = [0; 16];
    rand::rng().fill_bytes(&mut bytes);
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
