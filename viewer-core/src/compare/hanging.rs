//! Hanging protocols: which images are put beside each other, as a table. No image is ever hidden by one: the others
//! stay in the list of series, and in their series.

use super::Facing;
use super::view_of::{side_of, view_of};
use crate::command::{Command, Layout};
use crate::exam::{ExamSummary, Series, SplitBy};
use crate::session::Session;
use crate::viewport::{ViewReference, ViewState};

/// Which breast, which hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Of the patient.
    Right,
    /// Of the patient.
    Left,
}

/// How the body was looked through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum View {
    /// Mammography, from above.
    CranioCaudal,
    /// Mammography, aslant.
    MedioLateralOblique,
    /// From the front or the back.
    Frontal,
    /// From the side.
    Lateral,
}

/// What a pane is to show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slot {
    /// Of which side; `None`: of any, of the same part of the body as the slot before.
    pub side: Option<Side>,
    /// Which view.
    pub view: View,
}

/// How panes are filled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Panes {
    /// With these views, in so many rows and columns.
    Views([u8; 2], &'static [Slot]),
    /// A series each, scouts left out.
    Series,
    /// An image (or loop) each.
    Images,
}

/// One line of the table.
#[derive(Debug, PartialEq, Eq)]
pub struct Protocol {
    /// Key of its name, under `compare.protocol_…`.
    pub key: &'static str,
    /// Modalities of the series it is for.
    pub modalities: &'static [&'static str],
    /// What goes where.
    pub panes: Panes,
    /// No more panes than this.
    pub most_panes: usize,
}

const fn breast(side: Side, view: View) -> Slot {
    Slot { side: Some(side), view }
}

const fn any_side(view: View) -> Slot {
    Slot { side: None, view }
}

/// The table; the first line that fits an exam counts.
pub const PROTOCOLS: &[Protocol] = &[
    Protocol {
        key: "mammography",
        modalities: &["MG"],
        panes: Panes::Views(
            [2, 2],
            &[
                breast(Side::Right, View::CranioCaudal),
                breast(Side::Left, View::CranioCaudal),
                breast(Side::Right, View::MedioLateralOblique),
                breast(Side::Left, View::MedioLateralOblique),
            ],
        ),
        most_panes: 4,
    },
    Protocol {
        key: "radiographs",
        modalities: &["CR", "DX"],
        panes: Panes::Views([1, 2], &[any_side(View::Frontal), any_side(View::Lateral)]),
        most_panes: 2,
    },
    Protocol { key: "series", modalities: &["CT"], panes: Panes::Series, most_panes: 6 },
    Protocol { key: "series", modalities: &["MR"], panes: Panes::Series, most_panes: 6 },
    Protocol { key: "grid", modalities: &["US"], panes: Panes::Images, most_panes: 12 },
];

/// Those that put at least two images of the exam beside each other.
#[must_use]
pub fn matching(exam: &ExamSummary) -> Vec<&'static Protocol> {
    PROTOCOLS.iter().filter(|protocol| protocol.shown(exam).iter().flatten().count() > 1).collect()
}

/// The one to begin with: for exams of nothing else, and for one series of slices or loops never.
#[must_use]
pub fn automatic(exam: &ExamSummary) -> Option<&'static Protocol> {
    let drawn: Vec<&Series> = drawn(exam).map(|(_, series)| series).collect();
    matching(exam).into_iter().find(|protocol| {
        let is_by_view = matches!(protocol.panes, Panes::Views(..));
        (is_by_view || drawn.len() > 1) && drawn.iter().all(|series| protocol.is_for(series))
    })
}

/// Rows and columns for so many panes.
#[must_use]
pub fn layout_for(panes: usize) -> Layout {
    const SHAPES: [[u8; 2]; 6] = [[1, 1], [1, 2], [2, 2], [2, 3], [2, 4], [3, 3]];
    let [rows, columns] = SHAPES
        .into_iter()
        .find(|[rows, columns]| usize::from(rows * columns) >= panes)
        .unwrap_or(Layout::MOST);
    Layout::new(rows, columns).unwrap_or_default()
}

/// Shows an exam as a protocol says. The images that face each other are in the answer.
#[must_use]
pub fn hang(session: &mut Session, protocol: &Protocol) -> Facing {
    let exam = std::sync::Arc::clone(session.exam());
    let shown = protocol.shown(&exam);
    let layout = match protocol.panes {
        Panes::Views([rows, columns], _) => Layout::new(rows, columns).unwrap_or_default(),
        Panes::Series | Panes::Images => layout_for(shown.len()),
    };
    let mut facing = Facing::default();
    session.apply(Command::SetLayout(layout));
    for pane in 0..layout.panes() {
        session.place(pane, ViewState::default());
    }
    for (pane, reference) in shown.iter().enumerate() {
        if let Some(reference) = *reference {
            session.apply(match protocol.panes {
                // Its first image as it is scrolled, whatever the order of its files.
                Panes::Series => Command::ShowSeries { pane, series: reference.series },
                _ => Command::Show { pane, reference },
            });
        }
        if let Panes::Views(_, slots) = protocol.panes
            && let Some(side) = slots.get(pane).and_then(|slot| slot.side)
        {
            facing.stand(session, pane, side);
        }
    }
    // A view that the exam does not have is seen to be missing; other panes take what is left.
    if !matches!(protocol.panes, Panes::Views(..)) {
        session.fill_empty_panes();
    }
    session.apply(Command::Activate { pane: 0 });
    facing
}

/// One pane again, its image as the file has it.
pub fn plain(session: &mut Session, facing: &mut Facing) {
    facing.undo(session);
    session.apply(Command::SetLayout(Layout::ONE));
}

impl Protocol {
    fn is_for(&self, series: &Series) -> bool {
        self.modalities.contains(&series.modality.as_str())
    }

    /// What each pane shows; views that the exam does not have leave theirs empty.
    fn shown(&self, exam: &ExamSummary) -> Vec<Option<ViewReference>> {
        let mut panes = match self.panes {
            Panes::Views(_, slots) => self.views(exam, slots),
            Panes::Series => {
                let series = drawn(exam).filter(|(_, series)| self.is_for(series));
                let slices = series.filter(|(_, series)| !is_scout(series));
                slices
                    .map(|(index, _)| Some(ViewReference { series: index, image: 0, frame: 0 }))
                    .collect()
            }
            Panes::Images => self.images(exam).map(Some).collect(),
        };
        panes.truncate(self.most_panes);
        panes
    }

    fn images(&self, exam: &ExamSummary) -> impl Iterator<Item = ViewReference> {
        let series = drawn(exam).filter(|(_, series)| self.is_for(series));
        series.flat_map(|(index, series)| {
            (0_u32..).zip(&series.images).map(move |(image, _)| ViewReference {
                series: index,
                image,
                frame: 0,
            })
        })
    }

    fn views(&self, exam: &ExamSummary, slots: &[Slot]) -> Vec<Option<ViewReference>> {
        let mut found: Vec<Option<ViewReference>> = Vec::new();
        for slot in slots {
            let before = found.last().copied().flatten().and_then(|at| series_at(exam, at));
            let fits = |at: &ViewReference| {
                let Some(series) = series_at(exam, *at) else { return false };
                let Some(image) = series.images.get(at.image as usize) else { return false };
                let is_same_part = before.is_none_or(|before| before.body_part == series.body_part);
                view_of(series, image) == Some(slot.view)
                    && match slot.side {
                        Some(side) => side_of(series, image) == Some(side),
                        None => is_same_part,
                    }
            };
            found.push(self.images(exam).find(fits));
        }
        found
    }
}

fn series_at(exam: &ExamSummary, at: ViewReference) -> Option<&Series> {
    exam.series.get(usize::try_from(at.series).ok()?)
}

/// Of the exam that was opened: what is put beside it is the reader's to place.
fn drawn(exam: &ExamSummary) -> impl Iterator<Item = (u32, &Series)> {
    let series = (0_u32..).zip(&exam.series);
    series.filter(|(_, series)| series.exam.is_first() && !series.images.is_empty())
}

fn is_scout(series: &Series) -> bool {
    series.split.iter().any(|label| label.by == SplitBy::Localizer)
}
