//! `negatoscope exams`

use super::{ConfigFile, find_site};
use crate::sources;

/// Arguments of `exams`.
///
/// Lists what the index of an embedded archive holds: Study Instance UID, accession number, birth date,
/// numbers of series and instances. A PACS is asked with its own tools.
#[derive(Debug, clap::Args)]
pub(super) struct Exams {
    #[command(flatten)]
    config: ConfigFile,
    /// Host name of the site.
    #[arg(long, value_name = "HOST")]
    site: String,
    /// Print one JSON array.
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(command: &Exams) -> anyhow::Result<()> {
    let config = command.config.load()?;
    let site = find_site(&config, &command.site)?;
    let Some(archive) = sources::open_archive(site, &config.server.state).await? else {
        anyhow::bail!("the source of this site is a PACS, not an archive");
    };
    let exams = archive.exams().await?;
    if command.json {
        println!("{}", serde_json::to_string(&exams)?);
        return Ok(());
    }
    println!("study\taccession\tbirth date\tseries\tinstances");
    for exam in exams {
        let birth_date = exam.birth_date.as_deref().unwrap_or("-");
        let (study, accession) = (exam.study_instance_uid, exam.accession_number);
        println!("{study}\t{accession}\t{birth_date}\t{}\t{}", exam.series, exam.instances);
    }
    Ok(())
}
