use super::{ImageGeometry, ViewPresentation, Zoom};
use crate::base::between;
use crate::exam::SpacingSource;
use crate::geometry::Affine2;

/// Largest size of one image column on the canvas, in device pixels (unless `Fit` is larger still).
const MAX_COLUMN_PX: f64 = 64.0;
/// Smallest size relative to `Fit`.
const MIN_FROM_FIT: f64 = 0.25;
/// How much larger than `Fit` an image may always be drawn.
const MIN_LARGEST_FROM_FIT: f64 = 8.0;

/// Millimetres per device pixel as drawn, with where the number comes from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct VisibleSpacing {
    /// mm per canvas pixel, the same in both directions because images are drawn in physical shape.
    pub mm_per_canvas_px: f64,
    /// Provenance: at the detector is not in the patient.
    pub source: SpacingSource,
}

/// One view worked out for one canvas: maps between its spaces (see [`crate::geometry`]) and scales.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ResolvedView {
    /// Canvas width and height in device pixels.
    pub canvas_size_px: [u32; 2],
    /// Canvas device pixels → image pixels.
    pub image_from_canvas: Affine2,
    /// Image pixels → canvas device pixels.
    pub canvas_from_image: Affine2,
    /// Canvas pixels per image column.
    pub scale: f64,
    /// Canvas pixels per image row; differs from `scale` where pixels are not square.
    pub row_scale: f64,
    /// `scale` in units of the scale of [`Zoom::Fit`].
    pub zoom_from_fit: f64,
    /// Millimetres per canvas pixel; `None` where the file does not say.
    pub spacing: Option<VisibleSpacing>,
}

/// Works a presentation out for a canvas (sizes of 0 count as 1).
#[must_use]
pub fn resolve(
    geometry: &ImageGeometry,
    canvas_size_px: [u32; 2],
    presentation: &ViewPresentation,
) -> ResolvedView {
    let presentation = presentation.sanitised();
    let canvas_size_px = canvas_size_px.map(|side| side.max(1));
    let fit = fit_scale(geometry, canvas_size_px, presentation.quarter_turns);
    let scale = match presentation.zoom {
        Zoom::Fit => fit,
        Zoom::OneToOne => 1.0,
        Zoom::FromFit(factor) => limited(factor * fit, fit),
    };
    let row_scale = scale * geometry.pixel_aspect;
    let turned = linear_part(scale, row_scale, &presentation);
    let canvas_from_image = placed(turned, geometry, canvas_size_px, &presentation);
    ResolvedView {
        canvas_size_px,
        // A turned and scaled map with positive finite scales always has an inverse.
        image_from_canvas: canvas_from_image.inverse().unwrap_or(Affine2::IDENTITY),
        canvas_from_image,
        scale,
        row_scale,
        zoom_from_fit: scale / fit,
        spacing: geometry.spacing.map(|spacing| VisibleSpacing {
            mm_per_canvas_px: spacing.between_columns_mm / scale,
            source: spacing.source,
        }),
    }
}

impl ResolvedView {
    /// The presentation moved by `delta_px` canvas pixels.
    #[must_use]
    pub fn panned(
        &self,
        presentation: &ViewPresentation,
        geometry: &ImageGeometry,
        delta_px: [f64; 2],
    ) -> ViewPresentation {
        let linear = Affine2 { x0: 0.0, y0: 0.0, ..self.image_from_canvas };
        let moved = linear.apply(delta_px);
        let size = [f64::from(geometry.columns), f64::from(geometry.rows)];
        let [x, y] = presentation.center;
        ViewPresentation {
            center: [x - moved[0] / size[0], y - moved[1] / size[1]],
            ..*presentation
        }
        .sanitised()
    }

    /// The presentation enlarged `factor` times so that the image point at `at_canvas_px` stays there
    /// (as far as the limits of size and position allow).
    #[must_use]
    pub fn zoomed(
        &self,
        presentation: &ViewPresentation,
        geometry: &ImageGeometry,
        factor: f64,
        at_canvas_px: [f64; 2],
    ) -> ViewPresentation {
        if !(factor.is_finite() && factor > 0.0) {
            return *presentation;
        }
        let fit = self.scale / self.zoom_from_fit;
        let scale = limited(self.scale * factor, fit);
        let size = [f64::from(geometry.columns), f64::from(geometry.rows)];
        let kept = self.image_from_canvas.apply(at_canvas_px);
        let middle = self.canvas_size_px.map(|side| f64::from(side) / 2.0);
        let from_middle = self.image_from_canvas.apply(middle);
        // The middle of the canvas moves towards the kept point by the ratio of the scales.
        let ratio = self.scale / scale;
        let axis = |i: usize| (kept[i] + (from_middle[i] - kept[i]) * ratio) / size[i];
        ViewPresentation {
            zoom: Zoom::FromFit(scale / fit),
            center: [axis(0), axis(1)],
            ..*presentation
        }
        .sanitised()
    }
}

fn fit_scale(geometry: &ImageGeometry, canvas_size_px: [u32; 2], quarter_turns: u8) -> f64 {
    let [width, height] = geometry.size_in_columns();
    let [width, height] =
        if quarter_turns.is_multiple_of(2) { [width, height] } else { [height, width] };
    let [canvas_width, canvas_height] = canvas_size_px.map(f64::from);
    (canvas_width / width).min(canvas_height / height)
}

/// Keeps a scale inside its limits; 1:1 is always inside.
fn limited(scale: f64, fit: f64) -> f64 {
    let smallest = (fit * MIN_FROM_FIT).min(1.0);
    let largest = MAX_COLUMN_PX.max(fit * MIN_LARGEST_FROM_FIT);
    between(scale, smallest, largest)
}

/// Scale, mirror, turn: the map without its origin.
fn linear_part(scale: f64, row_scale: f64, presentation: &ViewPresentation) -> Affine2 {
    let across = if presentation.mirrored { -scale } else { scale };
    let (xx, xy, yx, yy) = match presentation.quarter_turns {
        0 => (across, 0.0, 0.0, row_scale),
        1 => (0.0, -row_scale, across, 0.0),
        2 => (-across, 0.0, 0.0, -row_scale),
        _ => (0.0, row_scale, -across, 0.0),
    };
    Affine2 { xx, xy, x0: 0.0, yx, yy, y0: 0.0 }
}

/// Puts the centre point of the image into the middle of the canvas. Where a pixel is a whole number
/// of device pixels, its edges are put on theirs: 1:1 then shows the stored pixels and nothing between.
fn placed(
    linear: Affine2,
    geometry: &ImageGeometry,
    canvas_size_px: [u32; 2],
    presentation: &ViewPresentation,
) -> Affine2 {
    let center = [
        presentation.center[0] * f64::from(geometry.columns),
        presentation.center[1] * f64::from(geometry.rows),
    ];
    let [x, y] = linear.apply(center);
    let [width, height] = canvas_size_px.map(f64::from);
    let [x0, y0] = [width / 2.0 - x, height / 2.0 - y];
    let whole = [linear.xx, linear.xy, linear.yx, linear.yy].iter().all(|c| c.fract() == 0.0);
    let [x0, y0] = if whole { [x0.round(), y0.round()] } else { [x0, y0] };
    Affine2 { x0, y0, ..linear }
}
