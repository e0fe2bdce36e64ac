//! One server, many names: each site has its own hosts, its own source and its own sessions.

use std::{collections::HashMap, sync::Arc};

use axum::{
    extract::{Request, State},
    http::StatusCode,
    middleware::Next,
    response::{IntoResponse, Response},
};
use bytes::Bytes;

use crate::{
    auth::oidc::Identity,
    client::Client,
    config::{ConsultationConfig, SiteConfig},
    download::Downloads,
    import::SiteImports,
    reports::ReportPolicy,
    source::Source,
    state::AppState,
};

/// A site as the server uses it.
#[derive(Clone)]
pub struct Site {
    /// First host, in lower case: its name in logs and in the database.
    pub id: Arc<str>,
    /// Name of the centre.
    pub name: String,
    /// How to reach the centre.
    pub contact: String,
    /// Beginning of its links, without trailing slash.
    pub link_base: String,
    /// Roots of its accession numbers.
    pub accession_roots: Vec<String>,
    /// Whether exams are opened of which no report is known.
    pub reports: ReportPolicy,
    /// Whether exams are got ready when their link is clicked.
    pub prepares: bool,
    /// Who may take exams away, and how many may at the same time.
    pub downloads: Downloads,
    /// Exams of other centres, where they may be consulted here.
    pub consultation: Option<Arc<ConsultationConfig>>,
    /// Local PACS that exams may be imported into, where there are any.
    pub imports: Option<Arc<SiteImports>>,
    /// Logo of the centre.
    pub logo: Option<Logo>,
    /// Ways to log in.
    pub identity: Identity,
    /// The only source its visitors can reach.
    pub source: Arc<dyn Source>,
}

/// A picture file.
#[derive(Clone, Debug)]
pub struct Logo {
    /// MIME type.
    pub media_type: &'static str,
    /// The file.
    pub bytes: Bytes,
}

impl Site {
    /// The site of a configuration with its opened source.
    #[must_use]
    pub fn new(config: &SiteConfig, source: Arc<dyn Source>, logo: Option<Logo>) -> Self {
        Self {
            id: config.id().into(),
            name: config.name.clone(),
            contact: config.contact.clone(),
            link_base: config.link_base(),
            accession_roots: config.accession_roots.clone(),
            reports: config.reports,
            prepares: config.prepare,
            downloads: Downloads::new(&config.download),
            consultation: config.consultation.clone().map(Arc::new),
            imports: None,
            logo,
            identity: Identity::default(),
            source,
        }
    }

    /// With its ways to log in; without, only the access code.
    #[must_use]
    pub fn with_identity(mut self, identity: Identity) -> Self {
        self.identity = identity;
        self
    }

    /// With local PACS to import into.
    #[must_use]
    pub fn with_imports(mut self, imports: Option<SiteImports>) -> Self {
        self.imports = imports.map(Arc::new);
        self
    }
}

/// Every site by every one of its hosts.
#[derive(Default)]
pub struct Sites(HashMap<String, Arc<Site>>);

impl Sites {
    /// Adds a site under the hosts of its configuration.
    pub fn add(&mut self, hosts: &[String], site: Site) {
        let site = Arc::new(site);
        for host in hosts {
            self.0.insert(host.trim_end_matches('.').to_ascii_lowercase(), Arc::clone(&site));
        }
    }

    /// With another source in front of each site's own.
    #[must_use]
    pub fn map_sources(self, wrap: impl Fn(&Site) -> Arc<dyn Source>) -> Self {
        let mut wrapped: HashMap<Arc<str>, Arc<Site>> = HashMap::new();
        let hosts = self.0.into_iter().map(|(host, site)| {
            let site = wrapped
                .entry(Arc::clone(&site.id))
                .or_insert_with(|| Arc::new(Site { source: wrap(&site), ..Site::clone(&site) }));
            (host, Arc::clone(site))
        });
        Self(hosts.collect())
    }

    /// The site with this name (its first host).
    #[must_use]
    pub fn by_id(&self, id: &str) -> Option<&Arc<Site>> {
        self.0.get(id).filter(|site| *site.id == *id)
    }

    /// The site of a host name in lower case.
    #[must_use]
    pub fn get(&self, host: &str) -> Option<&Arc<Site>> {
        self.0.get(host)
    }

    /// Every site once.
    #[must_use]
    pub fn all(&self) -> Vec<Arc<Site>> {
        let first_names = self.0.iter().filter(|(host, site)| **host == *site.id);
        first_names.map(|(_, site)| Arc::clone(site)).collect()
    }
}

/// Finds the site of a request; an unknown host gets 421 and not one byte more (RFC 9110 15.5.20).
pub(crate) async fn find_site(
    State(state): State<AppState>,
    request: Request,
    next: Next,
) -> Response {
    let (mut parts, body) = request.into_parts();
    let asked = (&parts.uri, &parts.headers, &parts.extensions);
    let client = Client::of(asked, &state.trusted_proxies, state.tls);
    let found = client.and_then(|client| Some((state.sites.get(&client.host())?.clone(), client)));
    let Some((site, client)) = found else {
        return StatusCode::MISDIRECTED_REQUEST.into_response();
    };
    parts.extensions.insert(site);
    parts.extensions.insert(client);
    next.run(Request::from_parts(parts, body)).await
}
