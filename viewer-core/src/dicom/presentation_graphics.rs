//! Graphic Annotation and Graphic Layer modules (PS3.3 C.10.5, C.10.7), points brought into the image.

use dicom_core::Tag;
use dicom_dictionary_std::tags;
use dicom_object::InMemDicomObject;

use super::attributes::Attributes;
use super::key_images::short_text;
use super::presentation_state::{images_of, leave_out};
use super::{overlay, overlay_runs};
use crate::base::limits::{MAX_DOCUMENT_GRAPHICS, MAX_DOCUMENT_POINTS};
use crate::exam::{
    Drawing, ImageReference, LeftOut, OfImages, PresentationState, Shape, ShapeKind, TextLabel,
};
use crate::pixel::cielab;

/// Characters of a text on an image.
const MOST_CHARS: usize = 1024;

/// Order and colour of a layer.
struct Layer {
    name: String,
    order: i64,
    rgb: Option<[u8; 3]>,
}

/// Reads what is drawn, in the order of the layers.
pub(super) fn read(state: &mut PresentationState, object: &InMemDicomObject) {
    let layers: Vec<Layer> =
        object.items(tags::GRAPHIC_LAYER_SEQUENCE).iter().filter_map(layer).collect();
    let known = |name: &str| layers.iter().find(|layer| layer.name == name);
    let mut found = overlays(state, object, &layers);
    let mut budget = Budget { graphics: MAX_DOCUMENT_GRAPHICS, points: MAX_DOCUMENT_POINTS };
    for item in object.items(tags::GRAPHIC_ANNOTATION_SEQUENCE) {
        let images = images_of(item);
        let map = DisplayMap::of(state, &images);
        let name = item.text(tags::GRAPHIC_LAYER).unwrap_or_default();
        let layer = known(&name);
        let order = layer.map_or(i64::MAX, |layer| layer.order);
        let rgb = layer.and_then(|layer| layer.rgb);
        let mut drawing = Drawing { layer: name, rgb, ..Drawing::default() };
        fill(state, &mut drawing, item, map.as_ref(), &mut budget);
        found.push((order, OfImages { images, what: drawing }));
    }
    found.sort_by_key(|(order, _)| *order);
    state.drawings = found.into_iter().map(|(_, drawing)| drawing).collect();
}

/// Overlays on layers: those of the images by their groups, those of the state as pixels, with the order of their layers.
fn overlays(
    state: &mut PresentationState,
    object: &InMemDicomObject,
    layers: &[Layer],
) -> Vec<(i64, OfImages<Drawing>)> {
    let own = overlay_runs::groups(object);
    let mut found = Vec::new();
    for (group, name) in overlay::activated(object) {
        if !own.contains(&group) {
            state.overlay_groups.push(group);
            continue;
        }
        match overlay_runs::runs(object, group, LeftOut::Overlays) {
            Ok(runs) => {
                let layer = layers.iter().find(|layer| layer.name == name);
                let order = layer.map_or(i64::MAX, |layer| layer.order);
                let rgb = layer.and_then(|layer| layer.rgb);
                let what = Drawing { layer: name, rgb, runs, ..Drawing::default() };
                found.push((order, OfImages { images: Vec::new(), what }));
            }
            Err(why) => leave_out(state, why),
        }
    }
    found
}

/// How much is still read.
struct Budget {
    graphics: usize,
    points: usize,
}

fn layer(item: &InMemDicomObject) -> Option<Layer> {
    let lab = item.integers(tags::GRAPHIC_LAYER_RECOMMENDED_DISPLAY_CIE_LAB_VALUE);
    let lab: Option<Vec<u16>> = lab.iter().map(|&value| value.try_into().ok()).collect();
    let rgb = match lab.as_deref() {
        Some([l, a, b]) => Some(cielab::to_srgb([*l, *a, *b])),
        _ => None,
    };
    let order = item.integer(tags::GRAPHIC_LAYER_ORDER).unwrap_or(i64::MAX);
    Some(Layer { name: item.text(tags::GRAPHIC_LAYER)?, order, rgb })
}

fn fill(
    state: &mut PresentationState,
    drawing: &mut Drawing,
    item: &InMemDicomObject,
    map: Option<&DisplayMap>,
    budget: &mut Budget,
) {
    if !item.items(tags::COMPOUND_GRAPHIC_SEQUENCE).is_empty() {
        leave_out(state, LeftOut::CompoundGraphics);
    }
    for object in item.items(tags::GRAPHIC_OBJECT_SEQUENCE) {
        match shape(object, map, budget) {
            Ok(shape) => drawing.shapes.push(shape),
            Err(why) => leave_out(state, why),
        }
    }
    for object in item.items(tags::TEXT_OBJECT_SEQUENCE) {
        match label(object, map, budget) {
            Ok(label) => drawing.texts.push(label),
            Err(why) => leave_out(state, why),
        }
    }
}

fn shape(
    object: &InMemDicomObject,
    map: Option<&DisplayMap>,
    budget: &mut Budget,
) -> Result<Shape, LeftOut> {
    let values = object.floats(tags::GRAPHIC_DATA);
    let (pairs, rest) = values.as_chunks::<2>();
    budget.take(pairs.len())?;
    let kind = match object.text(tags::GRAPHIC_TYPE).as_deref() {
        Some("POINT") => ShapeKind::Point,
        Some("POLYLINE") => ShapeKind::Polyline,
        Some("INTERPOLATED") => ShapeKind::Interpolated,
        Some("CIRCLE") => ShapeKind::Circle,
        Some("ELLIPSE") => ShapeKind::Ellipse,
        _ => return Err(LeftOut::BrokenGraphics),
    };
    let is_right = match kind {
        ShapeKind::Point => pairs.len() == 1,
        ShapeKind::Polyline | ShapeKind::Interpolated => pairs.len() >= 2,
        ShapeKind::Circle => pairs.len() == 2,
        ShapeKind::Ellipse => pairs.len() == 4,
    };
    if !is_right || !rest.is_empty() {
        return Err(LeftOut::BrokenGraphics);
    }
    let units = Units::of(object, tags::GRAPHIC_ANNOTATION_UNITS)?;
    let points =
        pairs.iter().map(|point| units.image_point(*point, map)).collect::<Result<_, _>>()?;
    let is_filled = object.text(tags::GRAPHIC_FILLED).as_deref() == Some("Y");
    Ok(Shape { kind, is_filled, points })
}

fn label(
    object: &InMemDicomObject,
    map: Option<&DisplayMap>,
    budget: &mut Budget,
) -> Result<TextLabel, LeftOut> {
    budget.take(1)?;
    let text = short_text(object, tags::UNFORMATTED_TEXT_VALUE).ok_or(LeftOut::BrokenGraphics)?;
    let point = |tag: Tag, units: Tag| -> Result<Option<[f64; 2]>, LeftOut> {
        let Some(point) = object.float_array::<2>(tag) else { return Ok(None) };
        Units::of(object, units)?.image_point(point, map).map(Some)
    };
    let boxed = tags::BOUNDING_BOX_ANNOTATION_UNITS;
    let one = point(tags::BOUNDING_BOX_TOP_LEFT_HAND_CORNER, boxed)?;
    let other = point(tags::BOUNDING_BOX_BOTTOM_RIGHT_HAND_CORNER, boxed)?;
    let corners = one.zip(other).map(|(one, other)| [one, other]);
    let anchor = point(tags::ANCHOR_POINT, tags::ANCHOR_POINT_ANNOTATION_UNITS)?;
    if corners.is_none() && anchor.is_none() {
        return Err(LeftOut::BrokenGraphics);
    }
    let is_visible = object.text(tags::ANCHOR_POINT_VISIBILITY).as_deref() == Some("Y");
    let alignment = object.text(tags::BOUNDING_BOX_TEXT_HORIZONTAL_JUSTIFICATION);
    Ok(TextLabel {
        text: text.chars().take(MOST_CHARS).collect(),
        corners,
        alignment: alignment.unwrap_or_default(),
        anchor,
        has_leader: is_visible && anchor.is_some(),
    })
}

impl Budget {
    fn take(&mut self, points: usize) -> Result<(), LeftOut> {
        self.graphics = self.graphics.checked_sub(1).ok_or(LeftOut::TooMuch)?;
        self.points = self.points.checked_sub(points).ok_or(LeftOut::TooMuch)?;
        Ok(())
    }
}

/// What points are in (C.10.5.1.2).
enum Units {
    Pixel,
    Display,
}

impl Units {
    fn of(object: &InMemDicomObject, tag: Tag) -> Result<Self, LeftOut> {
        match object.text(tag).as_deref() {
            Some("PIXEL") => Ok(Self::Pixel),
            Some("DISPLAY") => Ok(Self::Display),
            _ => Err(LeftOut::Units),
        }
    }

    /// Points in pixels are points of the image already. Fractions of a display whose area is unknown have no place.
    fn image_point(&self, point: [f64; 2], map: Option<&DisplayMap>) -> Result<[f64; 2], LeftOut> {
        match self {
            Self::Pixel => Ok(point),
            Self::Display => map.map(|map| map.image_point(point)).ok_or(LeftOut::BrokenGraphics),
        }
    }
}

/// From fractions of the displayed area, as it is seen, to points of the image.
pub(super) struct DisplayMap {
    edges: [f64; 4],
    quarter_turns: u8,
    is_mirrored: bool,
}

impl DisplayMap {
    /// By the area that is shown of these images.
    fn of(state: &PresentationState, images: &[ImageReference]) -> Option<Self> {
        let area = state.areas.iter().find(|area| area.is_for(images))?;
        Some(Self {
            edges: area.what.edges,
            quarter_turns: state.quarter_turns,
            is_mirrored: state.is_mirrored,
        })
    }

    fn image_point(&self, [u, v]: [f64; 2]) -> [f64; 2] {
        let [left, top, right, bottom] = self.edges;
        let (width, height) = (right - left, bottom - top);
        let is_upright = self.quarter_turns.is_multiple_of(2);
        let seen = if is_upright { [width, height] } else { [height, width] };
        let (mut x, mut y) = ((u - 0.5) * seen[0], (v - 0.5) * seen[1]);
        // Back by each quarter turn, then out of the mirror.
        for _ in 0..self.quarter_turns {
            (x, y) = (y, -x);
        }
        if self.is_mirrored {
            x = -x;
        }
        [left + width / 2.0 + x, top + height / 2.0 + y]
    }
}
