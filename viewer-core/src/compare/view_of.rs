//! Which view of which side a projection is.

use super::hanging::{Side, View};
use crate::exam::{Image, Series};

/// By what the file calls the view, else by the directions of its rows and columns in the patient.
pub(super) fn view_of(series: &Series, image: &Image) -> Option<View> {
    let is_breast = series.modality == "MG";
    match &image.view {
        Some(stated) if is_breast => breast_view(stated),
        Some(stated) => body_view(stated),
        None => by_directions(image, is_breast),
    }
}

/// Of the image, else of its series.
pub(super) fn side_of(series: &Series, image: &Image) -> Option<Side> {
    match image.laterality.as_deref().or(series.laterality.as_deref())? {
        "R" => Some(Side::Right),
        "L" => Some(Side::Left),
        _ => None,
    }
}

/// Views that are variants of these two (exaggerated, rolled, magnified parts) have names of their own.
fn breast_view(stated: &str) -> Option<View> {
    match plain(stated).as_str() {
        "cc" | "craniocaudal" => Some(View::CranioCaudal),
        "mlo" | "mediolateraloblique" => Some(View::MedioLateralOblique),
        _ => None,
    }
}

fn body_view(stated: &str) -> Option<View> {
    match plain(stated).as_str() {
        "pa" | "ap" | "posteroanterior" | "anteroposterior" => Some(View::Frontal),
        "ll" | "rl" | "lat" | "lateral" | "leftlateral" | "rightlateral" => Some(View::Lateral),
        _ => None,
    }
}

/// Letters only, small.
fn plain(stated: &str) -> String {
    stated.chars().filter(char::is_ascii_alphabetic).map(|c| c.to_ascii_lowercase()).collect()
}

fn by_directions(image: &Image, is_breast: bool) -> Option<View> {
    let [row, column] = image.patient_orientation.as_ref()?;
    let [row, column] = [row, column].map(|letters| letters.chars().next());
    match (row?, column?) {
        ('A' | 'P', 'L' | 'R') if is_breast => Some(View::CranioCaudal),
        ('A' | 'P', 'H' | 'F') if is_breast => Some(View::MedioLateralOblique),
        ('A' | 'P', 'H' | 'F') => Some(View::Lateral),
        ('L' | 'R', 'H' | 'F') if !is_breast => Some(View::Frontal),
        _ => None,
    }
}
