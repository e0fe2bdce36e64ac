//! Instances folded into the series and studies they belong to.

use std::collections::{BTreeMap, BTreeSet};

use futures::StreamExt;
use serde_json::{Map, Value, json};

use super::Objects;
use super::attributes::{self as tag, first, set};
use crate::source::SourceError;

/// What a query looks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Level {
    Study,
    Series,
    Instance,
}

/// One study or series while its instances go by.
struct Group {
    /// The first instance, which stands for what all of them share.
    first: Map<String, Value>,
    instances: u64,
    series: BTreeSet<String>,
    modalities: BTreeSet<String>,
    sop_classes: BTreeSet<String>,
}

/// One object per study or series, in the order of their UIDs' first appearance.
pub(super) async fn fold(mut instances: Objects, level: Level) -> Result<Vec<Value>, SourceError> {
    let key =
        if level == Level::Study { tag::STUDY_INSTANCE_UID } else { tag::SERIES_INSTANCE_UID };
    let mut order = Vec::new();
    let mut groups: BTreeMap<String, Group> = BTreeMap::new();
    while let Some(instance) = instances.next().await {
        let instance = instance?;
        let uid = first(&instance, key).unwrap_or_default();
        match groups.get_mut(&uid) {
            Some(group) => group.add(&instance),
            None => {
                order.push(uid.clone());
                groups.insert(uid, Group::new(&instance));
            }
        }
    }
    let finished =
        order.iter().filter_map(|uid| groups.remove(uid)).map(|group| group.finish(level));
    Ok(finished.collect())
}

impl Group {
    fn new(instance: &Value) -> Self {
        let mut group = Self {
            first: instance.as_object().cloned().unwrap_or_default(),
            instances: 0,
            series: BTreeSet::new(),
            modalities: BTreeSet::new(),
            sop_classes: BTreeSet::new(),
        };
        group.add(instance);
        group
    }

    fn add(&mut self, instance: &Value) {
        self.instances += 1;
        self.series.extend(first(instance, tag::SERIES_INSTANCE_UID));
        self.modalities.extend(first(instance, tag::MODALITY));
        self.sop_classes.extend(first(instance, tag::SOP_CLASS_UID));
    }

    fn finish(self, level: Level) -> Value {
        let mut object = self.first;
        let strings =
            |set: BTreeSet<String>| set.into_iter().map(Value::from).collect::<Vec<Value>>();
        // What belongs to one instance is no attribute of the study or series.
        for instance_only in [tag::SOP_INSTANCE_UID, tag::SOP_CLASS_UID, "00200013", "00280008"] {
            object.remove(instance_only);
        }
        if level == Level::Study {
            object.remove(tag::MODALITY);
            object.remove(tag::SERIES_INSTANCE_UID);
            set(&mut object, tag::MODALITIES_IN_STUDY, "CS", &strings(self.modalities));
            set(&mut object, tag::SOP_CLASSES_IN_STUDY, "UI", &strings(self.sop_classes));
            let series = self.series.len();
            set(&mut object, tag::STUDY_RELATED_SERIES, "IS", &[json!(series)]);
            set(&mut object, tag::STUDY_RELATED_INSTANCES, "IS", &[json!(self.instances)]);
        } else {
            set(&mut object, tag::SERIES_RELATED_INSTANCES, "IS", &[json!(self.instances)]);
        }
        Value::Object(object)
    }
}
