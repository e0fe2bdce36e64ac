//! A presentation state on the images of an exam: how a pane is to draw each of them (PS3.4 N.2), worked out where the state is
//! read, so that the page has nothing to compute.

use std::collections::BTreeMap;

use serde::Serialize;

use super::softcopy_values::{GreyLook, grey_look};
use super::{ImageGeometry, UserWindow};
use crate::exam::{
    Cover, ExamSummary, Image, ImageReference, LeftOut, LookupTable, OfImages, PresentationState,
    Series, StateValues,
};

/// Most entries of all tables of one state together.
const MOST_ENTRIES: usize = 1_048_576;
/// How far the shapes of two pixels may be from each other to be one.
const SAME_ASPECT: f64 = 0.01;

/// How a pane draws an image under a state, beside turns, area, shutter and what is drawn on it.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Look {
    /// The window; with neither window nor table that of the image.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub window: Option<UserWindow>,
    /// All steps in one table, to be taken for a VOI LUT of the image ([`crate::display::one_table`]).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub table: Option<LookupTable>,
    /// Whether the pane is inverted, on top of what the image says of itself.
    pub invert: bool,
    /// Whether the overlays of the image are off.
    pub overlays_hidden: bool,
    /// What is not done of this image; each once.
    pub left_out: Vec<LeftOut>,
}

/// A state, and how each image of the exam that it is about is drawn with it: what the page asks for.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SavedPresentation {
    /// What it says.
    #[serde(flatten)]
    pub state: PresentationState,
    /// What that makes of the images.
    pub looks: Vec<OfImages<Look>>,
}

impl SavedPresentation {
    /// Works the looks out.
    #[must_use]
    pub fn new(state: PresentationState, exam: &ExamSummary) -> Self {
        let looks = looks(&state, exam);
        Self { state, looks }
    }
}

/// How each frame that a state is about is drawn, frames of one look together.
#[must_use]
pub fn looks(state: &PresentationState, exam: &ExamSummary) -> Vec<OfImages<Look>> {
    let mut looks = Looks::new(state);
    for (index, series) in exam.series.iter().enumerate() {
        for image in &series.images {
            looks.add(index, series, image);
        }
    }
    looks.found
}

/// What decides how a frame looks: series, format, display attributes, item of VOI and of area, colour profile, overlays.
type Key = (usize, u16, u16, [Option<usize>; 2], Option<u16>, (bool, bool));

struct Looks<'a> {
    state: &'a PresentationState,
    about: ByImage<'a>,
    voi: ByImage<'a>,
    areas: ByImage<'a>,
    known: BTreeMap<Key, usize>,
    found: Vec<OfImages<Look>>,
    entries: usize,
}

impl<'a> Looks<'a> {
    fn new(state: &'a PresentationState) -> Self {
        let voi = match &state.values {
            StateValues::Grey(steps) => ByImage::of(steps.voi.iter().map(|item| &item.images)),
            StateValues::Colour(_) => ByImage::default(),
        };
        let mut about = ByImage::of([&state.images]);
        about.all = None;
        Self {
            state,
            about,
            voi,
            areas: ByImage::of(state.areas.iter().map(|item| &item.images)),
            known: BTreeMap::new(),
            found: Vec::new(),
            entries: 0,
        }
    }

    fn add(&mut self, index: usize, series: &Series, image: &Image) {
        let uid = image.sop_instance_uid.as_str();
        let frames = image.frames.max(1);
        let mut of_looks: BTreeMap<usize, Vec<u32>> = BTreeMap::new();
        for frame in 0..frames {
            if self.about.first(uid, frame).is_some()
                && let Some(look) = self.of_frame(index, series, image, frame)
            {
                of_looks.entry(look).or_default().push(frame + 1);
            }
        }
        for (look, named) in of_looks {
            let is_whole = named.len() == frames as usize;
            let frames = if is_whole { Vec::new() } else { named };
            let reference = ImageReference { sop_instance_uid: uid.to_owned(), frames };
            if let Some(group) = self.found.get_mut(look) {
                group.images.push(reference);
            }
        }
    }

    /// Which of the looks a frame has; `None` where the summary contradicts itself.
    fn of_frame(
        &mut self,
        index: usize,
        series: &Series,
        image: &Image,
        frame: u32,
    ) -> Option<usize> {
        let uid = image.sop_instance_uid.as_str();
        let display = match image.displays.as_slice() {
            [one] => *one,
            all => *all.get(frame as usize)?,
        };
        let cover = image.cover(frame).and_then(|cover| series.covers.get(usize::from(cover)));
        let items = [self.voi.first(uid, frame), self.areas.first(uid, frame)];
        let overlays = overlays(&self.state.overlay_groups, cover, frame);
        let key = (index, image.format, display, items, image.icc_profile, overlays);
        if let Some(known) = self.known.get(&key) {
            return Some(*known);
        }
        let look = self.look(series, image, key)?;
        self.known.insert(key, self.found.len());
        self.found.push(OfImages { images: Vec::new(), what: look });
        Some(self.found.len() - 1)
    }

    fn look(&mut self, series: &Series, image: &Image, key: Key) -> Option<Look> {
        let (_, format, display, [voi, area], profile, (overlays_hidden, is_partly)) = key;
        let format = series.formats.get(usize::from(format))?;
        let attributes = series.displays.get(usize::from(display))?;
        let is_grey = format.is_grey();
        let mut look = Look { overlays_hidden, ..Look::default() };
        match &self.state.values {
            StateValues::Grey(steps) if is_grey => {
                let voi = voi.and_then(|voi| steps.voi.get(voi)).map(|item| &item.what);
                match grey_look(steps, voi, attributes, format) {
                    Ok(grey) => self.take(&mut look, grey),
                    Err(left_out) => look.left_out = left_out,
                }
            }
            StateValues::Colour(own) if !is_grey => {
                let drawn = profile.and_then(|place| series.icc_profiles.get(usize::from(place)));
                let is_honoured = own.as_ref().is_ok_and(|own| own.as_ref() == drawn);
                if !is_honoured || image.icc_defect.is_some() {
                    look.left_out.push(LeftOut::IccProfile);
                }
            }
            _ => look.left_out.push(LeftOut::ImageKind),
        }
        if is_partly {
            look.left_out.push(LeftOut::Overlays);
        }
        if let Some(area) = area.and_then(|area| self.state.areas.get(area)) {
            let aspect = ImageGeometry::of(format).pixel_aspect;
            let is_other = |own: f64| (own / aspect - 1.0).abs() > SAME_ASPECT;
            if area.what.is_true_size {
                look.left_out.push(LeftOut::TrueSize);
            }
            if area.what.pixel_aspect.is_some_and(is_other) {
                look.left_out.push(LeftOut::PixelAspect);
            }
        }
        Some(look)
    }

    fn take(&mut self, look: &mut Look, grey: GreyLook) {
        self.entries += grey.table.as_ref().map_or(0, |table| table.entries.len());
        if self.entries > MOST_ENTRIES {
            look.left_out.push(LeftOut::TooMuch);
            return;
        }
        (look.window, look.table, look.invert) = (grey.window, grey.table, grey.invert);
    }
}

/// Whether the overlays of a frame are off, as they are where the state puts none of them on a layer (C.11.7), and whether it
/// is otherwise only with some of them: a pane shows all or none.
fn overlays(groups: &[u16], cover: Option<&Cover>, frame: u32) -> (bool, bool) {
    let Some(cover) = cover else { return (false, false) };
    let there = cover.overlays_of(frame).count();
    let shown = cover.overlays_of(frame).filter(|plane| groups.contains(&plane.group)).count();
    (shown < there, shown > 0 && shown < there)
}

/// Which of some items is the first for a frame: found in no time however long their lists are.
#[derive(Default)]
struct ByImage<'a> {
    /// The first that is for all.
    all: Option<usize>,
    named: BTreeMap<&'a str, Named>,
}

#[derive(Default)]
struct Named {
    all: Option<usize>,
    frames: BTreeMap<u32, usize>,
}

impl<'a> ByImage<'a> {
    fn of(items: impl IntoIterator<Item = &'a Vec<ImageReference>>) -> Self {
        let mut found = Self::default();
        for (place, images) in items.into_iter().enumerate() {
            if images.is_empty() {
                found.all.get_or_insert(place);
            }
            for image in images {
                let named = found.named.entry(image.sop_instance_uid.as_str()).or_default();
                if image.frames.is_empty() {
                    named.all.get_or_insert(place);
                }
                for frame in &image.frames {
                    named.frames.entry(*frame).or_insert(place);
                }
            }
        }
        found
    }

    /// For `frame` from 0.
    fn first(&self, uid: &str, frame: u32) -> Option<usize> {
        let named = self.named.get(uid);
        let of_frame = named.and_then(|named| named.frames.get(&(frame + 1)).copied());
        [self.all, named.and_then(|named| named.all), of_frame].into_iter().flatten().min()
    }
}
