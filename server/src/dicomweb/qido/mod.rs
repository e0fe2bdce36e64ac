//! QIDO-RS within the grant (PS3.18 10.6): the same queries a PACS answers, over nothing but the exams of
//! this session.

mod attributes;
mod level;
mod matching;
mod query;

use axum::extract::{Path, RawQuery};
use axum::response::Response;
use futures::stream::{self, BoxStream, StreamExt};
use serde_json::Value;

use super::granted::Visitor;
use super::json;
use super::refusal::Refusal;
use crate::source::{Scope, Source, SourceError};
use level::Level;
use query::Query;

/// A stream of DICOM JSON objects.
type Objects = BoxStream<'static, Result<Value, SourceError>>;

/// `/studies`.
pub(super) async fn studies(
    visitor: Visitor,
    RawQuery(query): RawQuery,
) -> Result<Response, Refusal> {
    search(visitor, Level::Study, None, None, query).await
}

/// `/series`.
pub(super) async fn all_series(
    visitor: Visitor,
    RawQuery(query): RawQuery,
) -> Result<Response, Refusal> {
    search(visitor, Level::Series, None, None, query).await
}

/// `/instances`.
pub(super) async fn all_instances(
    visitor: Visitor,
    RawQuery(query): RawQuery,
) -> Result<Response, Refusal> {
    search(visitor, Level::Instance, None, None, query).await
}

/// `/studies/{study}/series`.
pub(super) async fn series(
    visitor: Visitor,
    Path(study): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Refusal> {
    search(visitor, Level::Series, Some(study), None, query).await
}

/// `/studies/{study}/instances`.
pub(super) async fn study_instances(
    visitor: Visitor,
    Path(study): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Refusal> {
    search(visitor, Level::Instance, Some(study), None, query).await
}

/// `/studies/{study}/series/{series}/instances`.
pub(super) async fn series_instances(
    visitor: Visitor,
    Path((study, series)): Path<(String, String)>,
    RawQuery(query): RawQuery,
) -> Result<Response, Refusal> {
    search(visitor, Level::Instance, Some(study), Some(series), query).await
}

async fn search(
    visitor: Visitor,
    level: Level,
    study: Option<String>,
    series: Option<String>,
    query: Option<String>,
) -> Result<Response, Refusal> {
    let query = Query::parse(query.as_deref().unwrap_or_default())?;
    let by_name = study.is_some();
    let studies = match study {
        Some(study) => {
            visitor.may_see(&study)?;
            vec![study]
        }
        None => visitor.studies(),
    };
    let mut found = Vec::new();
    for study in studies {
        let scope = Scope { study, series: series.clone(), instance: None };
        match objects(&*visitor.0.source, &scope, level).await {
            Ok(objects) => found.push(objects),
            // A granted study that the archive no longer holds is no result; asked for by name it is 404.
            Err(SourceError::NotFound) if !by_name => {}
            Err(error) => return Err(error.into()),
        }
    }
    let (offset, limit) = (query.offset, query.limit);
    let results = stream::iter(found)
        .flatten()
        .filter_map(move |object| {
            let result = object.map(|object| query.select(level, &object)).transpose();
            async move { result }
        })
        .skip(offset)
        .take(limit);
    json::array(results.boxed()).await
}

/// The objects of one level: instances as they are, series and studies folded from them.
async fn objects(source: &dyn Source, scope: &Scope, level: Level) -> Result<Objects, SourceError> {
    let instances = source.metadata(scope).await?;
    if level == Level::Instance {
        return Ok(instances);
    }
    let folded = level::fold(instances, level).await?;
    Ok(stream::iter(folded.into_iter().map(Ok)).boxed())
}
