//! The commands of the `negatoscope` program.

mod audit;
mod certificate;
mod check;
mod conformance;
mod decode;
mod encryption;
mod exams;
mod grant;
mod image_file;
mod import;
mod inspect;
mod inspect_place;
mod inspect_text;
mod interbox;
mod manifest;
mod measure;
mod probe;
mod render;
mod report;
mod revoke;
mod serve;
mod sessions;
mod trust_list;

use std::{path::PathBuf, process::ExitCode};

use anyhow::Context;
use clap::{Parser, Subcommand};

use crate::config::{Config, SiteConfig};

/// Négatoscope: shows the exam behind the link printed in an imaging report.
///
/// One server serves one or several sites (host names), each with its own source of images: a folder or
/// bucket of DICOM files, or a PACS over DICOMweb. All settings are in one TOML file; the file
/// `negatoscope.example.toml` documents every one of them.
///
/// A first run:
///   negatoscope check-config --config negatoscope.toml
///   negatoscope serve        --config negatoscope.toml
///   negatoscope grant        --config negatoscope.toml --site vi1.example.fr --accession ACN103
///
/// To check what it makes of a DICOM file, without any configuration:
///   negatoscope inspect FILE
///   negatoscope decode  FILE --sha256
///   negatoscope render  FILE -o picture.png
#[derive(Debug, Parser)]
#[command(name = "negatoscope", version, verbatim_doc_comment)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the sites of the configuration until SIGTERM or Ctrl-C.
    Serve(serve::Serve),
    /// Read the configuration and the files it names, and say what is wrong.
    CheckConfig(check::CheckConfig),
    /// Make an access code for an exam, to be printed on its report.
    Grant(grant::Grant),
    /// List the exams of a site's archive.
    Exams(exams::Exams),
    /// Withdraw access codes; sessions opened with them lose the exam at once.
    Revoke(revoke::Revoke),
    /// Certificates of an authority: revoke.
    Certificate(certificate::CertificateCommand),
    /// Who is logged in: list, end.
    Sessions(sessions::SessionsCommand),
    // These say themselves what they are for: their help tells how they end.
    Decode(decode::Decode),
    Render(render::Render),
    Inspect(inspect::Inspect),
    Conformance(conformance::Conformance),
    /// Manifests of exams of other centres: show.
    Manifest(manifest::ManifestCommand),
    /// What is known of reports: import, show, withdraw, hide.
    Report(report::ReportCommand),
    /// Exams into a local PACS, under the local identity: plan, run, resume, cancel, list.
    Import(import::ImportCommand),
    /// The audit journal: verify, export, count, prune.
    Audit(audit::AuditCommand),
    /// The network's signed list of DRIMboxes: fetch, show, verify.
    TrustList(trust_list::TrustListCommand),
}

/// Runs the command of the command line.
///
/// # Errors
/// A sentence for the operator.
pub async fn run(arguments: Arguments) -> anyhow::Result<()> {
    match arguments.command {
        Command::Serve(command) => serve::run(&command).await,
        Command::CheckConfig(command) => check::run(&command).await,
        Command::Grant(command) => grant::run(&command).await,
        Command::Exams(command) => exams::run(&command).await,
        Command::Revoke(command) => revoke::run(&command).await,
        Command::Certificate(command) => certificate::run(&command).await,
        Command::Sessions(command) => sessions::run(&command).await,
        Command::Decode(command) => decode::run(&command),
        Command::Render(command) => render::run(&command),
        Command::Inspect(command) => inspect::run(&command),
        Command::Conformance(command) => conformance::run(&command),
        Command::Manifest(command) => manifest::run(&command),
        Command::Report(command) => report::run(&command).await,
        Command::Import(command) => import::run(&command).await,
        Command::Audit(command) => audit::run(&command),
        Command::TrustList(command) => trust_list::run(&command).await,
    }
}

/// How the program ends after this error; a file that was looked at decides itself (see
/// `negatoscope decode --help` and `negatoscope trust-list verify --help`).
#[must_use]
pub fn exit_code(error: &anyhow::Error) -> ExitCode {
    let image = error.downcast_ref::<image_file::Refused>().map(image_file::Refused::exit_status);
    let list = error.downcast_ref::<trust_list::Ended>().map(trust_list::Ended::exit_status);
    image.or(list).map_or(ExitCode::FAILURE, Into::into)
}

/// Where the settings are.
#[derive(Debug, clap::Args)]
struct ConfigFile {
    /// Configuration file (TOML).
    #[arg(long, value_name = "FILE", default_value = "negatoscope.toml")]
    config: PathBuf,
}

impl ConfigFile {
    fn load(&self) -> anyhow::Result<Config> {
        Ok(Config::load(&self.config)?)
    }
}

/// A site of the configuration.
#[derive(Debug, clap::Args)]
struct At {
    #[command(flatten)]
    config: ConfigFile,
    /// Host name of the site.
    #[arg(long, value_name = "HOST")]
    site: String,
}

/// The site with this host name.
fn find_site<'a>(config: &'a Config, host: &str) -> anyhow::Result<&'a SiteConfig> {
    let wanted = host.trim_end_matches('.');
    let has_host = |site: &&SiteConfig| {
        site.hosts.iter().any(|known| known.trim_end_matches('.').eq_ignore_ascii_case(wanted))
    };
    config.sites.iter().find(has_host).with_context(|| {
        let known: Vec<String> = config.sites.iter().map(SiteConfig::id).collect();
        format!("no site has the host `{host}`; there are: {}", known.join(", "))
    })
}
