//! The view as the page told it, and what comparing makes of it.

use std::sync::Arc;

use viewer_core::command::{Command, Layout};
use viewer_core::compare::{
    Beside, Facing, Linked, Links, Point, Protocol, Told, Trait, automatic, differing, hang,
    matching, plain, point_at, show_alone, show_beside, show_point,
};
use viewer_core::exam::{ExamIndex, ExamSummary, JoinError, Patient, Study};
use viewer_core::geometry::Affine2;
use viewer_core::session::{Session, Snapshot, SnapshotError};
use viewer_core::viewport::ViewReference;

/// A frame as it is drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Drawn {
    /// Which.
    pub reference: ViewReference,
    /// Image pixels → CSS pixels of the pane.
    pub css_from_image: Affine2,
}

/// What comparing knows.
#[derive(Debug)]
pub struct Desk {
    pub(crate) session: Session,
    pub(crate) linked: Linked,
    beside: Beside,
    facing: Facing,
    hung: Option<usize>,
    /// Whether reference lines are drawn.
    pub has_lines: bool,
    /// Whether pointers set the 3-D cursor.
    pub has_cursor: bool,
    pub(crate) point: Option<Point>,
    /// By pane.
    pub(crate) drawn: Vec<Option<Drawn>>,
}

impl Desk {
    /// Of one exam; reference lines are there from the start.
    #[must_use]
    pub fn new(exam: ExamSummary) -> Self {
        Self {
            session: Session::new(Arc::new(exam)),
            linked: Linked::default(),
            beside: Beside::default(),
            facing: Facing::default(),
            hung: None,
            has_lines: true,
            has_cursor: false,
            point: None,
            drawn: vec![None; Layout::MOST_PANES],
        }
    }

    /// Another exam comes behind those that are here.
    ///
    /// # Errors
    /// [`JoinError`]; nothing is changed then.
    pub fn join(&mut self, other: ExamSummary) -> Result<ExamIndex, JoinError> {
        let mut exam = ExamSummary::clone(self.session.exam());
        let index = exam.join(other)?;
        // It begins with what was here, having been made of it.
        self.session.grow(Arc::new(exam)).map_err(|_never| JoinError::Known)?;
        Ok(index)
    }

    /// All exams of the page.
    #[must_use]
    pub fn exam(&self) -> &ExamSummary {
        self.session.exam()
    }

    /// Whose and which an exam is, and in which traits its patient is another than that of the exam that was opened.
    #[must_use]
    pub fn identity(&self, of: ExamIndex) -> Option<(&Patient, &Study, Vec<Trait>)> {
        let (patient, study) = self.exam().of(of)?;
        Some((patient, study, differing(&self.exam().patient, patient)))
    }

    /// Shows the best series of an exam beside the active pane; panes do everything together from now on, unless they
    /// do something together already.
    pub fn show_exam(&mut self, of: ExamIndex) -> Snapshot {
        show_beside(&mut self.session, of);
        let links = Some(self.links()).filter(|links| links.is_any()).unwrap_or(Links::ALL);
        self.linked.set_links(links, &self.session);
        self.hung = None;
        self.session.snapshot()
    }

    /// Shows the best series of an exam in one pane, alone.
    pub fn show_exam_alone(&mut self, of: ExamIndex) -> Snapshot {
        show_alone(&mut self.session, of);
        self.hung = None;
        self.session.snapshot()
    }

    /// The page's view is this now, its canvases of these sizes (device pixels, by pane). What the page is to show
    /// instead, where other panes follow.
    ///
    /// # Errors
    /// [`SnapshotError`] for a view of another exam.
    pub fn changed(
        &mut self,
        snapshot: &Snapshot,
        sizes_px: &[[u32; 2]],
    ) -> Result<Option<Snapshot>, SnapshotError> {
        self.session.adopt(snapshot)?;
        for (pane, &size_px) in sizes_px.iter().enumerate() {
            self.session.apply(Command::ResizeCanvas { pane, size_px });
        }
        let before = self.session.snapshot();
        self.facing.align(&mut self.session);
        self.linked.follow(&mut self.session);
        let after = self.session.snapshot();
        Ok((after != before).then_some(after))
    }

    /// Panes are drawn like this now.
    pub fn draw(&mut self, drawn: Vec<Option<Drawn>>) {
        self.drawn = drawn;
    }

    /// What panes do together.
    #[must_use]
    pub fn links(&self) -> Links {
        self.linked.links()
    }

    /// From now on they do this together.
    pub fn set_links(&mut self, links: Links) {
        self.linked.set_links(links, &self.session);
    }

    /// The view as it is.
    #[must_use]
    pub fn view(&self) -> Snapshot {
        self.session.snapshot()
    }

    /// Another window follows from now on.
    pub fn link_window(&mut self) {
        self.beside.link(&self.session);
    }

    /// What it is to be told of since the last time.
    pub fn tell_window(&mut self) -> Option<Told> {
        self.beside.tell(&self.session)
    }

    /// Another window has told what it shows: the active pane follows, and those that are linked with it. All three
    /// where panes of this window are not linked at all.
    pub fn hear_window(&mut self, told: &Told) -> Option<Snapshot> {
        let before = self.session.snapshot();
        let links = Some(self.links()).filter(|links| links.is_any()).unwrap_or(Links::ALL);
        self.beside.hear(&mut self.session, told, links);
        self.linked.follow(&mut self.session);
        let after = self.session.snapshot();
        (after != before).then_some(after)
    }

    /// Another layout; `None` where there is no such one.
    pub fn set_layout(&mut self, rows: u8, columns: u8) -> Option<Snapshot> {
        let layout = Layout::new(rows, columns).ok()?;
        self.hung = None;
        self.session.apply(Command::SetLayout(layout));
        Some(self.session.snapshot())
    }

    /// Rows and columns now.
    #[must_use]
    pub fn layout(&self) -> [usize; 2] {
        self.session.layout().rows_columns()
    }

    /// Hanging protocols on offer, and whether it is the one in use.
    #[must_use]
    pub fn protocols(&self) -> Vec<(&'static Protocol, bool)> {
        let offered = matching(self.session.exam()).into_iter().enumerate();
        offered.map(|(index, protocol)| (protocol, self.hung == Some(index))).collect()
    }

    /// Hangs the exam by the protocol of this index in the offers.
    pub fn hang(&mut self, index: usize) -> Option<Snapshot> {
        let protocol = *matching(self.session.exam()).get(index)?;
        self.facing = hang(&mut self.session, protocol);
        self.hung = Some(index);
        Some(self.session.snapshot())
    }

    /// Hangs an exam that has just been opened, where a protocol is made for all of it.
    pub fn begin(&mut self) -> Option<Snapshot> {
        let protocol = automatic(self.session.exam())?;
        let index = matching(self.session.exam()).iter().position(|other| *other == protocol)?;
        self.hang(index)
    }

    /// One pane, as without any protocol.
    pub fn plain(&mut self) -> Snapshot {
        plain(&mut self.session, &mut self.facing);
        self.hung = None;
        self.session.snapshot()
    }

    /// The cursor is put on a point of a pane (CSS pixels); other panes go to the slice nearest to it.
    pub fn set_point(&mut self, pane: usize, at_css_px: [f64; 2]) -> Option<Snapshot> {
        let Drawn { reference, css_from_image } = (*self.drawn.get(pane)?)?;
        let at = css_from_image.inverse()?.apply(at_css_px);
        let series = self.session.exam().series.get(usize::try_from(reference.series).ok()?)?;
        let point = point_at(series, [reference.image, reference.frame], at)?;
        show_point(&mut self.session, pane, &point);
        // The cursor has moved the panes, not one of them the others.
        self.linked.set_links(self.linked.links(), &self.session);
        self.point = Some(point);
        Some(self.session.snapshot())
    }

    /// The cursor of a pane goes by so many CSS pixels; from the middle of a pane of this size where there is none.
    pub fn move_point(
        &mut self,
        pane: usize,
        [right, down]: [f64; 2],
        size_css_px: [f64; 2],
    ) -> Option<Snapshot> {
        let [x, y] = self.cross(pane).unwrap_or(size_css_px.map(|side| side / 2.0));
        self.set_point(pane, [x + right, y + down])
    }

    /// Takes the cursor away.
    pub fn clear_point(&mut self) {
        self.point = None;
    }

    /// The cursor, LPS, mm.
    #[must_use]
    pub fn point_mm(&self) -> Option<[f64; 3]> {
        self.point.as_ref().map(|point| point.at_mm)
    }
}
