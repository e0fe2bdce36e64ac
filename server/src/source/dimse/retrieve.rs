//! Brings objects: by C-GET or C-MOVE, in as many associations and requests as they need.

use std::collections::{BTreeSet, HashSet};
use std::net::SocketAddr;
use std::sync::Arc;

use async_trait::async_trait;

use super::c_get::{Order, get};
use super::c_move::move_to;
use super::client::{Client, classes_per_association, get_proposals, query};
use super::error::DimseError;
use super::listener::{Listener, ListenerOptions};
use super::moves::Moves;
use super::negotiation::Titles;
use super::stores::{Depot, NOT_AUTHORIZED, OUT_OF_RESOURCES};
use super::syntaxes::{STUDY_ROOT_MOVE, usual_classes};
use super::{DimseOptions, OpenError, Retrieve, TlsFiles};
use crate::source::SourceError;
use crate::source::received::{Incoming, ListedSeries, Sink};

/// Instances named in one request, so that the identifier stays small.
const INSTANCES_AT_ONCE: usize = 64;

/// Brings objects from one PACS.
pub(super) struct Retriever {
    name: Arc<str>,
    client: Arc<Client>,
    way: Way,
}

enum Way {
    Get,
    Move { destination: String, moves: Arc<Moves>, listener: Option<Listener> },
}

impl Retriever {
    /// With `serves`, the port for C-MOVE is opened.
    pub(super) async fn open(
        options: &DimseOptions,
        client: Arc<Client>,
        serves: bool,
    ) -> Result<Self, OpenError> {
        Ok(Self { name: Arc::clone(&options.name), client, way: way(options, serves).await? })
    }

    pub(super) fn listens_on(&self) -> Option<SocketAddr> {
        match &self.way {
            Way::Move { listener: Some(listener), .. } => Some(listener.address),
            _ => None,
        }
    }

    /// All that is wanted, in as many associations as its SOP classes need.
    pub(super) async fn bring(
        &self,
        wanted: &Wanted<'_>,
        series: &ListedSeries,
        depot: &mut dyn Depot,
    ) -> Result<(), DimseError> {
        let classes = classes_of(series, &wanted.instances);
        let at_once = match self.way {
            Way::Get => classes_per_association(),
            Way::Move { .. } => usize::MAX,
        };
        let is_whole = wanted.instances.len() == series.instances.len();
        if classes.len() <= at_once {
            let list: Vec<String> = wanted.instances.iter().cloned().collect();
            let instances = (!is_whole).then_some(&list[..]);
            let failed = self.retrieve(wanted, instances, &classes, depot).await?;
            self.log_failed(failed);
            return Ok(());
        }
        for classes in classes.chunks(at_once) {
            let list = of_classes(series, &wanted.instances, classes);
            let failed = self.retrieve(wanted, Some(&list), classes, depot).await?;
            self.log_failed(failed);
        }
        Ok(())
    }

    async fn retrieve(
        &self,
        wanted: &Wanted<'_>,
        instances: Option<&[String]>,
        classes: &[String],
        depot: &mut dyn Depot,
    ) -> Result<u16, DimseError> {
        let lists = instances
            .map_or(vec![None], |all| all.chunks(INSTANCES_AT_ONCE).map(Some).collect::<Vec<_>>());
        let mut failed = 0_u16;
        match &self.way {
            Way::Get => {
                let mut association = self.client.open(&get_proposals(classes)).await?;
                for instances in lists {
                    let order = wanted.order(instances);
                    failed = failed.saturating_add(get(&mut association, &order, depot).await?);
                }
                association.release().await;
            }
            Way::Move { destination, moves, .. } => {
                let mut under_way = moves.begin(wanted.instances.clone());
                let mut association = self.client.open(&[query(STUDY_ROOT_MOVE)]).await?;
                for instances in lists {
                    let order = wanted.order(instances);
                    let moved =
                        move_to(&mut association, &order, destination, &mut under_way, depot);
                    failed = failed.saturating_add(moved.await?);
                }
                association.release().await;
            }
        }
        Ok(failed)
    }

    fn log_failed(&self, failed: u16) {
        if failed > 0 {
            tracing::warn!(site = %self.name, failed, "the PACS could not send objects as asked");
        }
    }
}

async fn way(options: &DimseOptions, serves: bool) -> Result<Way, OpenError> {
    let Retrieve::Move { listen, destination, allowed } = &options.retrieve else {
        return Ok(Way::Get);
    };
    let moves = Arc::new(Moves::default());
    let tls = options.tls.as_ref().map(TlsFiles::acceptor).transpose()?;
    let listener_options = ListenerOptions {
        site: Arc::clone(&options.name),
        listen: *listen,
        titles: Titles { called: destination.clone(), calling: options.called.clone() },
        allowed: allowed.clone(),
        host: options.host.clone(),
        port: options.port,
        tls,
        patience: options.patience,
        max_associations: options.max_associations,
    };
    let listener = match serves {
        true => {
            let started = Listener::start(listener_options, Arc::clone(&moves)).await;
            Some(started.map_err(|cause| OpenError::Listen { address: *listen, cause })?)
        }
        false => None,
    };
    Ok(Way::Move { destination: destination.clone(), moves, listener })
}

/// Instances of one series.
pub(super) struct Wanted<'a> {
    pub study: &'a str,
    pub series: &'a str,
    pub instances: HashSet<String>,
}

impl Wanted<'_> {
    fn order<'a>(&'a self, instances: Option<&'a [String]>) -> Order<'a> {
        Order { study: self.study, series: self.series, instances }
    }
}

/// SOP classes of the wanted instances; where the PACS did not say, the usual ones of the modality.
fn classes_of(series: &ListedSeries, wanted: &HashSet<String>) -> Vec<String> {
    let of_wanted = series.instances.iter().filter(|instance| wanted.contains(&instance.uid));
    let stated: BTreeSet<&str> = of_wanted.map(|one| one.sop_class_uid.as_str()).collect();
    let mut classes: Vec<String> =
        stated.iter().filter(|class| !class.is_empty()).map(|class| (*class).to_owned()).collect();
    if stated.contains("") {
        let usual = usual_classes(&series.modality).into_iter().map(str::to_owned);
        classes.extend(usual.filter(|class| !stated.contains(class.as_str())));
    }
    classes
}

fn of_classes(series: &ListedSeries, wanted: &HashSet<String>, classes: &[String]) -> Vec<String> {
    let of_wanted = series.instances.iter().filter(|instance| wanted.contains(&instance.uid));
    let is_of = |class: &str| class.is_empty() || classes.iter().any(|one| one == class);
    of_wanted.filter(|one| is_of(&one.sop_class_uid)).map(|one| one.uid.clone()).collect()
}

/// Takes what was asked for of one series.
pub(super) struct Taking<'a> {
    pub sink: &'a mut Sink,
    pub wanted: &'a HashSet<String>,
}

#[async_trait]
impl Depot for Taking<'_> {
    async fn begin(&mut self, instance: &str) -> Result<Incoming, u16> {
        if !self.wanted.contains(instance) {
            return Err(NOT_AUTHORIZED);
        }
        self.sink.begin().map_err(|cause| {
            self.sink.refuse(&cause);
            OUT_OF_RESOURCES
        })
    }

    async fn put(&mut self, _instance: &str, object: Incoming) -> u16 {
        match self.sink.put(object).await {
            Ok(()) => 0,
            Err(cause) => {
                self.sink.refuse(&cause);
                OUT_OF_RESOURCES
            }
        }
    }

    fn give_up(&mut self, cause: SourceError) {
        self.sink.refuse(&cause);
    }
}
