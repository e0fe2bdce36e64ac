use crate::exam::{
    DisplayAttributes, ExamSummary, Image, ImageFormat, ImagePlane, Series, SeriesSuv, Spacing,
};
use crate::geometry::pixel_shape;
use crate::geometry::plane::{cross, dot, image_from_patient};
use crate::measure::{NoScale, Provenance, Scale, scale_at};

/// Two planes are the same within this, mm.
const SAME_PLANE_MM: f64 = 0.1;
/// Two directions are the same where their cosine is above this (0.8°).
const SAME_DIRECTION: f64 = 0.9999;

/// What is known of one frame of one image.
#[derive(Clone, Copy, Debug)]
pub struct ImageFacts<'a> {
    /// Its series.
    pub series: &'a Series,
    /// The image.
    pub image: &'a Image,
    /// Its number in the series, from 0.
    pub image_index: usize,
    /// The frame, from 0.
    pub frame: u32,
    /// How its pixels are stored.
    pub format: &'a ImageFormat,
    /// How their values are to be read.
    pub display: &'a DisplayAttributes,
    /// Width of a pixel in mm as the reader told it.
    pub user_pixel_mm: Option<f64>,
}

impl<'a> ImageFacts<'a> {
    /// The facts of a frame (from 0) of the image with this SOP Instance UID; `None` where the exam has none.
    #[must_use]
    pub fn find(exam: &'a ExamSummary, sop_instance_uid: &str, frame: u32) -> Option<Self> {
        let images = exam.series.iter().flat_map(|series| {
            series.images.iter().enumerate().map(move |(index, image)| (series, index, image))
        });
        images
            .filter(|(_, _, image)| image.sop_instance_uid == sop_instance_uid)
            .find_map(|(series, index, image)| Self::of(series, index, image, frame))
    }

    fn of(series: &'a Series, index: usize, image: &'a Image, frame: u32) -> Option<Self> {
        let of_frame = usize::try_from(frame).ok().and_then(|frame| image.displays.get(frame));
        let display = match image.displays.as_slice() {
            [one] => one,
            _ => of_frame?,
        };
        let is_there = frame < image.frames.max(1);
        is_there.then_some(Self {
            series,
            image,
            image_index: index,
            frame,
            format: series.formats.get(usize::from(image.format))?,
            display: series.displays.get(usize::from(*display))?,
            user_pixel_mm: None,
        })
    }

    /// Plane and spacing where points of the image have a place in the patient.
    #[must_use]
    pub fn plane(&self) -> Option<(&'a ImagePlane, Spacing)> {
        let plane = self.image.plane(self.frame)?;
        let unit = |v: [f64; 3]| (dot(v, v) - 1.0).abs() < 1e-3;
        let [row, column] = [plane.row_direction, plane.column_direction];
        let is_right_angled = dot(row, column).abs() < 1e-3 && unit(row) && unit(column);
        pixel_shape(self.format).spacing.filter(|_| is_right_angled).map(|spacing| (plane, spacing))
    }

    /// The scale that holds for all of `points`: the reader's own where there is one and the image is not measured
    /// by ultrasound regions.
    #[must_use]
    pub fn scale(&self, points: &[[f64; 2]]) -> Scale {
        match self.user_pixel_mm {
            Some(width_mm) if self.image.us_regions.is_empty() => Scale {
                pixel_size: [width_mm, width_mm * pixel_shape(self.format).aspect],
                provenance: Provenance::UserLine,
            },
            _ => scale_at(self.image, self.format, points),
        }
    }

    /// The scale in widths of a pixel, whatever is known of millimetres.
    #[must_use]
    pub fn pixel_scale(&self) -> Scale {
        let pixel_size = [1.0, pixel_shape(self.format).aspect];
        Scale { pixel_size, provenance: Provenance::None(NoScale::NotCalibrated) }
    }

    /// Whether both are the same frame.
    #[must_use]
    pub fn is_same_frame(&self, other: &Self) -> bool {
        self.image.sop_instance_uid == other.image.sop_instance_uid && self.frame == other.frame
    }

    /// Whether what is drawn on `other` is seen on this one as well: the same frame, or the same plane of the same
    /// frame of reference in the same exam, lying the same way.
    #[must_use]
    pub fn shares_plane(&self, other: &Self) -> bool {
        if self.is_same_frame(other) {
            return true;
        }
        if self.series.exam != other.series.exam {
            return false;
        }
        let uids = [self, other].map(|facts| facts.series.frame_of_reference_uid.as_deref());
        if uids[0].is_none_or(str::is_empty) || uids[0] != uids[1] {
            return false;
        }
        let Some(((plane, spacing), (of_other, _))) = self.plane().zip(other.plane()) else {
            return false;
        };
        let (_, distance_mm) = image_from_patient(plane, &spacing, of_other.position_mm);
        distance_mm.abs() <= SAME_PLANE_MM
            && dot(plane.row_direction, of_other.row_direction) > SAME_DIRECTION
            && dot(
                cross(plane.row_direction, plane.column_direction),
                cross(of_other.row_direction, of_other.column_direction),
            ) > SAME_DIRECTION
    }

    /// What one modality value is in SUV by body weight; `None` where the series has none.
    #[must_use]
    pub fn suv_factor(&self) -> Option<f64> {
        let Some(SeriesSuv::Known(suv)) = &self.series.suv else { return None };
        match suv.by_weight.as_slice() {
            [all] => Some(*all),
            each => each.get(self.image_index).copied(),
        }
    }
}
