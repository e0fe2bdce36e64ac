//! What is to be imported, and how far each instance has come: rows that outlive the process.
//!
//! An instance is written down as `sending` before its first byte leaves. After a crash only the target knows what became of it,
//! and is asked.

use std::collections::{BTreeMap, HashSet};

use rand::RngCore;
use sqlx::{Row, SqlitePool, sqlite::SqliteRow};

use super::error::ImportError;
use super::job::{Job, Progress, State, Step, Who};
use super::runner::UNCONFIRMED;
use crate::sealed::Key;
use crate::source::InstanceRef;

mod copies;

pub(super) use copies::Numbered;

/// The table of imports.
#[derive(Clone)]
pub struct Queue {
    pool: SqlitePool,
}

impl Queue {
    /// In this database.
    #[must_use]
    pub const fn new(pool: SqlitePool) -> Self {
        Self { pool }
    }

    /// Puts an import in, all or nothing; one of an exam of other centres gets a key for its copies.
    ///
    /// # Errors
    /// [`ImportError::Busy`] where the same study is on its way to the same target.
    pub async fn put(&self, job: &Job, instances: &[InstanceRef]) -> Result<(), ImportError> {
        let local =
            serde_json::to_string(&job.local).map_err(|error| sqlx::Error::Encode(error.into()))?;
        let mut transaction = self.pool.begin_with("BEGIN IMMEDIATE").await?;
        let put = sqlx::query(
            "INSERT INTO import_job (id, site, target, study, local, way, subject, session, address, state, created, updated, whence, key)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 'running', ?10, ?10, ?11, ?12)
             ON CONFLICT DO NOTHING",
        )
        .bind(&job.id)
        .bind(&job.site)
        .bind(&job.target)
        .bind(&job.study)
        .bind(local)
        .bind(&job.who.way)
        .bind(&job.who.subject)
        .bind(&job.who.session)
        .bind(job.who.address.to_string())
        .bind(job.created)
        .bind(&job.whence)
        .bind(fresh_key(job))
        .execute(&mut *transaction)
        .await?;
        if put.rows_affected() == 0 {
            return Err(ImportError::Busy);
        }
        for (number, at) in (0_i64..).zip(instances) {
            sqlx::query(
                "INSERT OR IGNORE INTO import_instance (job, number, series, instance, state) VALUES (?, ?, ?, ?, 'waiting')",
            )
            .bind(&job.id)
            .bind(number)
            .bind(&at.series)
            .bind(&at.instance)
            .execute(&mut *transaction)
            .await?;
        }
        transaction.commit().await?;
        Ok(())
    }

    /// An import of a site.
    ///
    /// # Errors
    /// [`ImportError::Unknown`]
    pub async fn get(&self, site: &str, id: &str) -> Result<Job, ImportError> {
        let row = sqlx::query("SELECT * FROM import_job WHERE site = ? AND id = ?")
            .bind(site)
            .bind(id)
            .fetch_optional(&self.pool)
            .await?;
        row.as_ref().map_or(Err(ImportError::Unknown), |row| Ok(job(row)?))
    }

    /// Imports of a site, the latest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list(&self, site: &str) -> Result<Vec<Job>, ImportError> {
        let rows = sqlx::query("SELECT * FROM import_job WHERE site = ? ORDER BY created DESC")
            .bind(site)
            .fetch_all(&self.pool)
            .await?;
        Ok(rows.iter().map(job).collect::<Result<_, _>>()?)
    }

    /// Instances of an import in a step, in their order.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn instances(&self, job: &Job, step: Step) -> Result<Vec<InstanceRef>, ImportError> {
        let rows = sqlx::query(
            "SELECT series, instance FROM import_instance WHERE job = ? AND state = ? ORDER BY number",
        )
        .bind(&job.id)
        .bind(step.name())
        .fetch_all(&self.pool)
        .await?;
        let instance = |row: &SqliteRow| {
            let (series, instance) = (row.try_get("series")?, row.try_get("instance")?);
            Ok(InstanceRef { study: job.study.clone(), series, instance })
        };
        Ok(rows.iter().map(instance).collect::<Result<_, sqlx::Error>>()?)
    }

    /// Writes down how far one instance has come.
    ///
    /// # Errors
    /// When the database fails: what is not written down does not happen.
    pub async fn set(
        &self,
        job: &Job,
        instance: &str,
        step: Step,
        reason: Option<&str>,
    ) -> Result<(), ImportError> {
        sqlx::query(
            "UPDATE import_instance SET state = ?, reason = ? WHERE job = ? AND instance = ?",
        )
        .bind(step.name())
        .bind(reason)
        .bind(&job.id)
        .bind(instance)
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Moves what the target has: what it lacks stays where it is.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn compare(&self, job: &Job, held: &HashSet<String>) -> Result<(), ImportError> {
        let moves = [
            (Step::Sending, Step::Confirmed),
            (Step::Sent, Step::Confirmed),
            (Step::Waiting, Step::Duplicate),
        ];
        let mut there = Vec::new();
        for (from, to) in moves {
            let all = self.instances(job, from).await?.into_iter();
            there.extend(all.filter(|at| held.contains(&at.instance)).map(|at| (at.instance, to)));
        }
        let mut transaction = self.pool.begin_with("BEGIN IMMEDIATE").await?;
        for (instance, to) in there {
            sqlx::query("UPDATE import_instance SET state = ?, reason = NULL WHERE job = ? AND instance = ?")
                .bind(to.name())
                .bind(&job.id)
                .bind(instance)
                .execute(&mut *transaction)
                .await?;
        }
        transaction.commit().await?;
        Ok(())
    }

    /// Takes an import up again that is in the state of `job`: what has failed is tried again; of what may have arrived the target is
    /// asked first.
    ///
    /// # Errors
    /// [`ImportError::Busy`] where it is in another state, or the same study on its way to the same target meanwhile.
    pub async fn take_up(&self, job: &Job, now: i64) -> Result<(), ImportError> {
        let mut transaction = self.pool.begin_with("BEGIN IMMEDIATE").await?;
        let done = sqlx::query(
            "UPDATE OR IGNORE import_job SET state = 'running', updated = ?, key = COALESCE(key, ?) WHERE id = ? AND state = ?",
        )
        .bind(now)
        .bind(fresh_key(job))
        .bind(&job.id)
        .bind(job.state.name())
        .execute(&mut *transaction)
        .await?;
        if done.rows_affected() == 0 {
            return Err(ImportError::Busy);
        }
        sqlx::query(
            "UPDATE import_instance SET state = CASE WHEN reason = ?1 THEN 'sending' ELSE 'waiting' END, reason = NULL
             WHERE job = ?2 AND state = 'failed'",
        )
        .bind(UNCONFIRMED)
        .bind(&job.id)
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(())
    }

    /// What waits has failed: for the reason that was written down of it, else for this one.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn give_up(&self, job: &Job, reason: &str) -> Result<(), ImportError> {
        sqlx::query(
            "UPDATE import_instance SET state = 'failed', reason = COALESCE(reason, ?) WHERE job = ? AND state = 'waiting'",
        )
        .bind(reason)
        .bind(&job.id)
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Everything in one step goes to another.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn move_all(
        &self,
        job: &Job,
        from: Step,
        to: Step,
        reason: Option<&str>,
    ) -> Result<(), ImportError> {
        sqlx::query("UPDATE import_instance SET state = ?, reason = ? WHERE job = ? AND state = ?")
            .bind(to.name())
            .bind(reason)
            .bind(&job.id)
            .bind(from.name())
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Ends an import that is under way; forgets the identity where all has arrived, and the key to copies that nobody needs any
    /// more. `false` where it was not under way.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn end(&self, job: &Job, to: State, now: i64) -> Result<bool, ImportError> {
        let mut transaction = self.pool.begin_with("BEGIN IMMEDIATE").await?;
        let done = sqlx::query(
            "UPDATE import_job SET state = ?1, updated = ?2, local = CASE WHEN ?1 = 'done' THEN NULL ELSE local END
             WHERE id = ?3 AND state = 'running'",
        )
        .bind(to.name())
        .bind(now)
        .bind(&job.id)
        .execute(&mut *transaction)
        .await?;
        let is_ended = done.rows_affected() == 1;
        let is_wiped = is_ended && job.whence.is_some() && copies::ends_copies(to);
        if is_wiped {
            copies::forget(&mut transaction, &job.id).await?;
        }
        transaction.commit().await?;
        if is_wiped {
            self.wipe().await?;
        }
        Ok(is_ended)
    }

    /// How far an import has come.
    ///
    /// # Errors
    /// [`ImportError::Unknown`]
    pub async fn progress(&self, job: &Job) -> Result<Progress, ImportError> {
        let state = self.get(&job.site, &job.id).await?.state;
        let (here, to_come, is_spool_full) = self.where_from(job).await?;
        let rows = sqlx::query(
            "SELECT state, reason, COUNT(*) AS count FROM import_instance WHERE job = ? GROUP BY state, reason",
        )
        .bind(&job.id)
        .fetch_all(&self.pool)
        .await?;
        let mut progress = Progress {
            state,
            steps: BTreeMap::new(),
            failures: BTreeMap::new(),
            here,
            to_come,
            is_spool_full,
        };
        for row in &rows {
            let (name, reason): (String, Option<String>) =
                (row.try_get("state")?, row.try_get("reason")?);
            let count = u64::try_from(row.try_get::<i64, _>("count")?).unwrap_or(0);
            let step = step(&name)?;
            *progress.steps.entry(step).or_default() += count;
            if let (Step::Failed, Some(reason)) = (step, reason) {
                *progress.failures.entry(reason).or_default() += count;
            }
        }
        Ok(progress)
    }

    /// Imports that go on, of every site.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn running(&self) -> Result<Vec<Job>, ImportError> {
        let rows = sqlx::query("SELECT * FROM import_job WHERE state = 'running' ORDER BY created")
            .fetch_all(&self.pool)
            .await?;
        Ok(rows.iter().map(job).collect::<Result<_, _>>()?)
    }

    /// Forgets imports of a site that ended before `before`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn prune(&self, site: &str, before: i64) -> Result<(), ImportError> {
        sqlx::query("DELETE FROM import_job WHERE site = ? AND state <> 'running' AND updated < ?")
            .bind(site)
            .bind(before)
            .execute(&self.pool)
            .await?;
        Ok(())
    }
}

/// Of the copies of an import whose objects come from boxes; others have none.
fn fresh_key(job: &Job) -> Option<Vec<u8>> {
    job.whence.as_ref().map(|_hosts| {
        let mut key: Key = Default::default();
        rand::rng().fill_bytes(&mut key);
        key.to_vec()
    })
}

fn step(name: &str) -> Result<Step, sqlx::Error> {
    let found = Step::ALL.into_iter().find(|step| step.name() == name);
    found.ok_or_else(|| sqlx::Error::Decode("step of an import".into()))
}

fn job(row: &SqliteRow) -> Result<Job, sqlx::Error> {
    let wrong = |what: &'static str| sqlx::Error::Decode(what.into());
    let local: Option<String> = row.try_get("local")?;
    let local = local.map(|text| serde_json::from_str(&text)).transpose();
    let (address, state): (String, String) = (row.try_get("address")?, row.try_get("state")?);
    let state = State::ALL.into_iter().find(|known| known.name() == state);
    Ok(Job {
        id: row.try_get("id")?,
        site: row.try_get("site")?,
        target: row.try_get("target")?,
        study: row.try_get("study")?,
        local: local.map_err(|cause| sqlx::Error::Decode(cause.into()))?,
        who: Who {
            way: row.try_get("way")?,
            subject: row.try_get("subject")?,
            session: row.try_get("session")?,
            address: address.parse().map_err(|_no_address| wrong("address of an import"))?,
        },
        whence: row.try_get("whence")?,
        state: state.ok_or_else(|| wrong("state of an import"))?,
        created: row.try_get("created")?,
    })
}

#[cfg(test)]
mod tests;
