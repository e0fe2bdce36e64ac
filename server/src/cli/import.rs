//! `negatoscope import`

use std::{path::PathBuf, sync::Arc};

use anyhow::Context;
use clap::Subcommand;

use super::{At, find_site};
use crate::{
    audit::{Audit, LOCAL},
    clock::Clock,
    config::Config,
    import::{
        self, Choice, Job, LOCKS, Local, PAUSES, Queue, Runner, SiteImports, State, Step, Who,
        dry_run,
    },
    reports::Screened,
    source::{InstanceRef, Source},
    sources,
    store::{Store, random_name},
    trust_list::Keeper,
};

/// The largest file with an identity, in bytes.
const MAX_LOCAL: u64 = 1 << 20;

/// Arguments of `import`.
#[derive(Debug, clap::Args)]
pub(super) struct ImportCommand {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Print what an import would change in each object, as JSON; nothing is sent.
    ///
    /// --local is a JSON file:
    ///   {"patient": {"id": "L1", "issuer": "CHU", "issuer_oid": "1.2.250.1", "name": "BIRTH^FIRST",
    ///                "birth_date": "YYYYMMDD", "sex": "F"},
    ///    "accession": {"number": "ACN1", "issuer_oid": "1.2.250.2"},
    ///    "study_description": "…", "series_descriptions": {"SERIES UID": "…"}}
    #[command(verbatim_doc_comment)]
    Plan(Wanted),
    /// Import, and wait until the target has everything; --confirm repeats the local patient id.
    Run(Run),
    /// Take up an import of which something failed, or that was stopped.
    Resume(One),
    /// Stop an import; what the target has stays there.
    Cancel(One),
    /// Print the imports of a site, one JSON object a line, the latest first.
    List(At),
}

#[derive(Debug, clap::Args)]
struct Wanted {
    #[command(flatten)]
    at: At,
    /// Name of the target, as configured.
    #[arg(long, value_name = "NAME")]
    target: String,
    /// Study Instance UID.
    #[arg(long, value_name = "UID")]
    study: String,
    /// Series Instance UIDs; without any, and without --instance, the whole study.
    #[arg(long, value_name = "UID")]
    series: Vec<String>,
    /// SOP Instance UIDs, of key images for example.
    #[arg(long, value_name = "UID")]
    instance: Vec<String>,
    /// File with the local identity.
    #[arg(long, value_name = "FILE")]
    local: PathBuf,
}

#[derive(Debug, clap::Args)]
struct Run {
    #[command(flatten)]
    wanted: Wanted,
    /// The local patient id once more.
    #[arg(long, value_name = "ID")]
    confirm: String,
}

#[derive(Debug, clap::Args)]
struct One {
    #[command(flatten)]
    at: At,
    /// Name of the import, as `list` prints it.
    #[arg(long, value_name = "NAME")]
    job: String,
}

pub(super) async fn run(command: &ImportCommand) -> anyhow::Result<()> {
    match &command.what {
        What::Plan(wanted) => wanted.plan().await,
        What::Run(run) => run.run().await,
        What::Resume(one) => one.resume().await,
        What::Cancel(one) => one.cancel().await,
        What::List(at) => Desk::open(at).await?.list().await,
    }
}

/// What every command works with.
struct Desk {
    config: Config,
    site: String,
    imports: SiteImports,
    queue: Queue,
    source: Arc<dyn Source>,
    clock: Clock,
}

impl Desk {
    async fn open(at: &At) -> anyhow::Result<Self> {
        let config = at.config.load()?;
        let site = find_site(&config, &at.site)?;
        let imports = import::open(site).await?.context("the site has no [site.import]")?;
        let store = Store::open(&config.server.state).await?;
        let clock = Clock::system();
        let keeper = Keeper::of(&config, clock.clone())?;
        let source = sources::ask(site, &config.server.state, keeper.as_ref(), true).await?;
        let pool = store.pool.clone();
        let source: Arc<dyn Source> =
            Arc::new(Screened::new(source, site.id().into(), pool.clone(), clock.clone()));
        let site = site.id();
        Ok(Self { site, imports, queue: Queue::new(pool), source, clock, config })
    }
}

impl Wanted {
    fn local(&self) -> anyhow::Result<Local> {
        let name = self.local.display();
        let size = std::fs::metadata(&self.local).with_context(|| format!("{name}"))?.len();
        anyhow::ensure!(size <= MAX_LOCAL, "{name}: too large");
        let text = std::fs::read(&self.local).with_context(|| format!("{name}"))?;
        let local: Local = serde_json::from_slice(&text).with_context(|| format!("{name}"))?;
        local.checked().with_context(|| format!("{name}"))
    }

    async fn chosen(&self, desk: &Desk) -> anyhow::Result<Vec<InstanceRef>> {
        let choice = Choice { series: self.series.clone(), instances: self.instance.clone() };
        Ok(choice.of(&*desk.source, &self.study).await?)
    }

    async fn plan(&self) -> anyhow::Result<()> {
        let local = self.local()?;
        let desk = Desk::open(&self.at).await?;
        let target = desk.imports.target(&self.target)?;
        let chosen = self.chosen(&desk).await?;
        let told = dry_run(&*desk.source, target, &chosen, &local).await?;
        println!("{}", serde_json::to_string_pretty(&told)?);
        Ok(())
    }
}

impl Run {
    async fn run(&self) -> anyhow::Result<()> {
        let local = self.wanted.local()?;
        anyhow::ensure!(
            self.confirm == local.patient.id,
            "--confirm is not the patient id of --local: nothing was imported"
        );
        let desk = Desk::open(&self.wanted.at).await?;
        desk.imports.target(&self.wanted.target)?;
        let chosen = self.wanted.chosen(&desk).await?;
        let subject = "command line".to_owned();
        let job = Job {
            id: random_name(),
            site: desk.site.clone(),
            target: self.wanted.target.clone(),
            study: self.wanted.study.clone(),
            local: Some(local),
            who: Who { way: None, subject, session: None, address: LOCAL },
            whence: None,
            state: State::Running,
            created: desk.clock.seconds(),
        };
        desk.queue.put(&job, &chosen).await?;
        desk.carry_out(&job).await
    }
}

impl One {
    async fn resume(&self) -> anyhow::Result<()> {
        let desk = Desk::open(&self.at).await?;
        let job = desk.queue.get(&desk.site, &self.job).await?;
        if job.state != State::Running {
            let is_taken_up = import::take_up(&desk.queue, &job, desk.clock.seconds()).await?;
            anyhow::ensure!(is_taken_up, "there is nothing to take up");
        }
        desk.carry_out(&job).await
    }

    async fn cancel(&self) -> anyhow::Result<()> {
        let desk = Desk::open(&self.at).await?;
        let job = desk.queue.get(&desk.site, &self.job).await?;
        let is_stopped = import::cancel(&desk.queue, &job, desk.clock.seconds()).await?;
        anyhow::ensure!(is_stopped, "the import has ended already");
        import::tidy(&desk.queue, &desk.config.server.state).await?;
        println!("cancelled");
        Ok(())
    }
}

impl Desk {
    /// In this process, unless the server does it meanwhile.
    async fn carry_out(&self, job: &Job) -> anyhow::Result<()> {
        let audit = Audit::open(&self.config.audit_folder(), self.clock.clone());
        let runner = Runner {
            queue: self.queue.clone(),
            audit: audit.context("audit journal")?,
            clock: self.clock.clone(),
            source: Arc::clone(&self.source),
            // Of an exam of another centre only what is here is imported: nobody is logged in.
            session: None,
            spool_bytes: self.imports.spool_bytes(),
            target: Arc::clone(self.imports.target(&job.target)?),
            locks: self.config.server.state.join(LOCKS),
            pauses: PAUSES.to_vec(),
        };
        let progress = runner.run(job).await?;
        println!("{}", serde_json::json!({ "job": job.id, "progress": progress }));
        let failed = progress.count(Step::Failed);
        anyhow::ensure!(failed == 0, "{failed} object(s) were not imported; see `import resume`");
        Ok(())
    }

    async fn list(&self) -> anyhow::Result<()> {
        for job in self.queue.list(&self.site).await? {
            let progress = self.queue.progress(&job).await?;
            println!("{}", job.told(&progress));
        }
        Ok(())
    }
}
