//! Images in the same places: which attribute tells them apart.
//!
//! An attribute that varies is no reason to split: acquisition numbers rise from bed to bed of a PET,
//! trigger times from slice to slice. It is one where the values *cover the same places*: there each
//! value is a stack of its own, and scrolling through all of them at once would make no sense.

use super::member::{Member, single_planes};
use super::places::Places;
use super::split::Stack;
use crate::exam::{SplitBy, StackAttributes, StackLabel};

/// More values than this are a film or a sampling (time points, directions), not stacks to choose
/// from: they stay together.
const MOST_PARTS: usize = 8;

/// Values cover the same places where their places, added up, are this many times those of all.
const COVERAGE: f64 = 1.5;

/// An attribute as text, equal where it is the same; `None` where an image does not state it.
type Value = fn(&StackAttributes) -> Option<String>;

/// In this order: the coarsest difference first.
const DIMENSIONS: [(SplitBy, Value); 8] = [
    (SplitBy::ImageType, |s| Some(s.image_type.join("\\")).filter(|text| !text.is_empty())),
    (SplitBy::Kernel, |s| s.kernel.clone()),
    (SplitBy::Echo, |s| Some(s.echo_number?.to_string())),
    (SplitBy::EchoTime, |s| Some(s.echo_time_ms?.to_string())),
    (SplitBy::InversionTime, |s| Some(s.inversion_time_ms?.to_string())),
    (SplitBy::BValue, |s| Some(s.b_value?.to_string())),
    (SplitBy::Phase, |s| Some(s.temporal_position?.to_string())),
    (SplitBy::Acquisition, |s| Some(s.acquisition_number?.to_string())),
];

/// Splits parallel slices by every attribute that tells images in the same places apart.
pub(super) fn split(images: Vec<Member>, labels: &[StackLabel]) -> Vec<Stack> {
    refine(images, labels, &DIMENSIONS)
}

fn refine(images: Vec<Member>, labels: &[StackLabel], left: &[(SplitBy, Value)]) -> Vec<Stack> {
    let Some((&(by, value), left)) = left.split_first() else {
        return vec![Stack { labels: labels.to_vec(), images }];
    };
    let values = distinct(&images, value);
    if !(2..=MOST_PARTS).contains(&values.len()) || !cover_the_same_places(&images, value) {
        return refine(images, labels, left);
    }
    let words = words_of(by, &values);
    let mut parts: Vec<Vec<Member>> = values.iter().map(|_| Vec::new()).collect();
    for member in images {
        let own = value(&member.content.stack);
        let at = values.iter().position(|known| *known == own);
        if let Some(part) = at.and_then(|at| parts.get_mut(at)) {
            part.push(member);
        }
    }
    let split = |(part, words): (Vec<Member>, Option<String>)| {
        let own = words.map(|value| StackLabel { by, value });
        let labels: Vec<StackLabel> = labels.iter().cloned().chain(own).collect();
        refine(part, &labels, left)
    };
    parts.into_iter().zip(words).flat_map(split).collect()
}

/// The values: numbers rising, with the images that have none at the end; else by their first image.
fn distinct(images: &[Member], value: Value) -> Vec<Option<String>> {
    let mut values: Vec<Option<String>> = Vec::new();
    for member in images {
        let own = value(&member.content.stack);
        if values.len() <= MOST_PARTS && !values.contains(&own) {
            values.push(own);
        }
    }
    let number = |value: &String| value.parse::<f64>().ok();
    if values.iter().flatten().all(|value| number(value).is_some()) {
        let rank =
            |value: &Option<String>| value.as_ref().and_then(number).unwrap_or(f64::INFINITY);
        values.sort_by(|a, b| rank(a).total_cmp(&rank(b)));
    }
    values
}

fn cover_the_same_places(images: &[Member], value: Value) -> bool {
    let Some(places) = single_planes(images).and_then(|planes| Places::of(&planes)) else {
        return false;
    };
    let total = places.positions_mm.len();
    let mut covered: Vec<(Option<String>, usize)> = images
        .iter()
        .zip(&places.of)
        .map(|(member, &place)| (value(&member.content.stack), place))
        .collect();
    covered.sort();
    covered.dedup();
    total >= 2 && covered.len() as f64 >= COVERAGE * total as f64
}

/// What a person calls each value. Of an Image Type only the values that not all have; `None` where
/// nothing is left.
fn words_of(by: SplitBy, values: &[Option<String>]) -> Vec<Option<String>> {
    if by != SplitBy::ImageType {
        return values.to_vec();
    }
    let types: Vec<Vec<&str>> = values
        .iter()
        .map(|value| value.as_deref().unwrap_or_default().split('\\').collect())
        .collect();
    let is_common = |word: &str| types.iter().all(|one| one.contains(&word));
    types
        .iter()
        .map(|one| {
            let own: Vec<&str> = one.iter().copied().filter(|word| !is_common(word)).collect();
            Some(own.join(" ")).filter(|words| !words.is_empty())
        })
        .collect()
}
