use super::Affine2;
use crate::exam::{Image, ImagePlane};

/// Smallest component of a direction that gets a letter: about 6° out of a plane through two axes.
/// Below that an image is what a person calls axial, coronal or sagittal.
const SMALLEST_COMPONENT: f64 = 0.1;

/// Which way the patient lies, at the four edges of the canvas: L, R (left, right), P, A (posterior,
/// anterior), H, F (head, feet), up to three letters by decreasing weight (PS3.3 C.7.6.1.1.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EdgeLetters {
    /// At the left edge.
    pub left: String,
    /// At the right edge.
    pub right: String,
    /// At the top edge.
    pub top: String,
    /// At the bottom edge.
    pub bottom: String,
}

/// The letters for `frame` (from 0) of an image as it lies on the canvas; they follow flips and turns
/// because those are in the map. `pixel_aspect` is the height of a pixel in units of its width.
///
/// From the plane where there is one, else from Patient Orientation (projection images). `None` where
/// neither says anything, and for quadrupeds, whose directions have other letters that depend on the
/// part of the body (C.7.6.1.1.1): no letter is ever guessed.
#[must_use]
pub fn edge_letters(
    image: &Image,
    frame: u32,
    image_from_canvas: &Affine2,
    pixel_aspect: f64,
) -> Option<EdgeLetters> {
    if image.is_quadruped {
        return None;
    }
    let map = image_from_canvas;
    let (across, down) = ([map.xx, map.yx], [map.xy, map.yy]);
    let towards: Box<dyn Fn([f64; 2]) -> Option<String>> = match image.plane(frame) {
        Some(plane) => Box::new(|step| along_plane(plane, pixel_aspect, step)),
        None => {
            let stated = image.patient_orientation.as_ref()?;
            Box::new(|step| along_stated(stated, step))
        }
    };
    let opposite = |[x, y]: [f64; 2]| [-x, -y];
    Some(EdgeLetters {
        left: towards(opposite(across))?,
        right: towards(across)?,
        top: towards(opposite(down))?,
        bottom: towards(down)?,
    })
}

/// Letters of a step on the image (columns, rows) of a plane.
fn along_plane(plane: &ImagePlane, pixel_aspect: f64, [x, y]: [f64; 2]) -> Option<String> {
    let direction: [f64; 3] = std::array::from_fn(|axis| {
        plane.row_direction[axis] * x + plane.column_direction[axis] * y * pixel_aspect
    });
    direction_letters(direction)
}

/// Letters of a step on an image whose rows and columns run as stated. Only quarter turns can be told.
fn along_stated([row, column]: &[String; 2], [x, y]: [f64; 2]) -> Option<String> {
    let (letters, step) = if x.abs() > y.abs() { (row, x) } else { (column, y) };
    if step == 0.0 || !step.is_finite() {
        return None;
    }
    Some(if step > 0.0 { letters.clone() } else { letters.chars().map(opposite_letter).collect() })
}

fn opposite_letter(letter: char) -> char {
    match letter {
        'L' => 'R',
        'R' => 'L',
        'P' => 'A',
        'A' => 'P',
        'H' => 'F',
        'F' => 'H',
        other => other,
    }
}

/// Letters of a direction in the patient (LPS, any length): its components by decreasing size, those
/// below a tenth of its length left out. `None` for no direction.
#[must_use]
pub fn direction_letters(direction: [f64; 3]) -> Option<String> {
    const LETTERS: [[char; 2]; 3] = [['R', 'L'], ['A', 'P'], ['F', 'H']];
    let length = direction.iter().map(|component| component * component).sum::<f64>().sqrt();
    if !length.is_finite() || length == 0.0 {
        return None;
    }
    // Put in their places here: a sort of the standard library would be 2 kB more of the page for three letters.
    let mut weighted: Vec<(f64, char)> = Vec::new();
    for (component, [negative, positive]) in direction.into_iter().zip(LETTERS) {
        let weight = component.abs() / length;
        if weight >= SMALLEST_COMPONENT {
            // Equal weights stay in the order left-right, front-back, head-feet.
            let place = weighted.iter().position(|(other, _)| *other < weight);
            let letter = if component < 0.0 { negative } else { positive };
            weighted.insert(place.unwrap_or(weighted.len()), (weight, letter));
        }
    }
    Some(weighted.into_iter().map(|(_, letter)| letter).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const AXIAL: ([f64; 3], [f64; 3]) = ([1.0, 0.0, 0.0], [0.0, 1.0, 0.0]);
    const CORONAL: ([f64; 3], [f64; 3]) = ([1.0, 0.0, 0.0], [0.0, 0.0, -1.0]);
    const SAGITTAL: ([f64; 3], [f64; 3]) = ([0.0, 1.0, 0.0], [0.0, 0.0, -1.0]);

    fn image((row_direction, column_direction): ([f64; 3], [f64; 3])) -> Image {
        let plane = ImagePlane {
            position_mm: [0.0; 3],
            row_direction,
            column_direction,
            thickness_mm: None,
        };
        Image { frames: 1, planes: vec![plane], ..Image::default() }
    }

    /// Left, right, top and bottom, separated by spaces.
    fn letters(image: &Image, map: &Affine2) -> String {
        let found = edge_letters(image, 0, map, 1.0).expect("letters");
        format!("{} {} {} {}", found.left, found.right, found.top, found.bottom)
    }

    #[test]
    fn the_three_planes() {
        assert_eq!(letters(&image(AXIAL), &Affine2::IDENTITY), "R L A P");
        assert_eq!(letters(&image(CORONAL), &Affine2::IDENTITY), "R L H F");
        assert_eq!(letters(&image(SAGITTAL), &Affine2::IDENTITY), "A P H F");
    }

    #[test]
    fn flips_and_turns() {
        let mirrored = Affine2 { xx: -1.0, ..Affine2::IDENTITY };
        assert_eq!(letters(&image(AXIAL), &mirrored), "L R A P");
        let upside_down = Affine2 { yy: -1.0, ..Affine2::IDENTITY };
        assert_eq!(letters(&image(AXIAL), &upside_down), "R L P A");
        // A quarter turn clockwise: what was at the left is at the top.
        let turned = Affine2 { xx: 0.0, xy: 1.0, yx: -1.0, yy: 0.0, x0: 0.0, y0: 0.0 };
        assert_eq!(letters(&image(AXIAL), &turned), "P A R L");
    }

    #[test]
    fn oblique_directions_have_letters_by_weight() {
        for (direction, expected) in [
            ([0.8, 0.6, 0.0], "LP"),
            ([-0.6, -0.8, 0.0], "AR"),
            ([0.5, -0.5, 0.707], "HLA"),
            ([0.0, 0.0, -3.0], "F"),
            ([0.999, 0.04, 0.0], "L"),
            ([0.99, 0.0, 0.11], "LH"),
        ] {
            assert_eq!(direction_letters(direction).as_deref(), Some(expected), "{direction:?}");
        }
        assert_eq!(direction_letters([0.0; 3]), None);
        assert_eq!(direction_letters([f64::NAN, 0.0, 0.0]), None);
    }

    #[test]
    fn patient_orientation_of_projections() {
        let stated = Some(["L".to_owned(), "FP".to_owned()]);
        let radiograph = Image { frames: 1, patient_orientation: stated, ..Image::default() };
        assert_eq!(letters(&radiograph, &Affine2::IDENTITY), "R L HA FP");
        let mirrored = Affine2 { xx: -0.5, yy: 0.5, ..Affine2::IDENTITY };
        assert_eq!(letters(&radiograph, &mirrored), "L R HA FP");
        let turned = Affine2 { xx: 0.0, xy: 1.0, yx: -1.0, yy: 0.0, x0: 0.0, y0: 0.0 };
        assert_eq!(letters(&radiograph, &turned), "FP HA R L");
    }

    #[test]
    fn no_orientation_no_letters() {
        assert_eq!(edge_letters(&Image::default(), 0, &Affine2::IDENTITY, 1.0), None);
        let flat = Affine2 { xx: 0.0, yy: 0.0, ..Affine2::IDENTITY };
        assert_eq!(edge_letters(&image(AXIAL), 0, &flat, 1.0), None);
    }

    #[test]
    fn no_human_letters_on_quadrupeds() {
        let dog = Image { is_quadruped: true, ..image(AXIAL) };
        assert_eq!(edge_letters(&dog, 0, &Affine2::IDENTITY, 1.0), None);
    }

    #[test]
    fn letters_of_oblique_planes_follow_flips_and_turns() {
        let half = std::f64::consts::FRAC_1_SQRT_2;
        let oblique = image(([half, half, 0.0], [0.0, 0.0, -1.0]));
        assert_eq!(letters(&oblique, &Affine2::IDENTITY), "RA LP H F");
        let mirrored = Affine2 { xx: -1.0, ..Affine2::IDENTITY };
        assert_eq!(letters(&oblique, &mirrored), "LP RA H F");
        let turned = Affine2 { xx: 0.0, xy: 1.0, yx: -1.0, yy: 0.0, x0: 0.0, y0: 0.0 };
        assert_eq!(letters(&oblique, &turned), "F H RA LP");
    }

    #[test]
    fn each_frame_has_its_own_plane() {
        let mut both = image(AXIAL);
        both.planes.extend(image(SAGITTAL).planes);
        both.frames = 2;
        let right =
            |frame| edge_letters(&both, frame, &Affine2::IDENTITY, 1.0).map(|found| found.right);
        assert_eq!([right(0), right(1), right(2)], [Some("L".into()), Some("P".into()), None]);
    }

    fn any_unit() -> impl Strategy<Value = [f64; 3]> {
        [-1.0..1.0_f64, -1.0..1.0_f64, -1.0..1.0_f64]
            .prop_filter("has a length", |v| v.iter().map(|c| c * c).sum::<f64>() > 0.01)
    }

    proptest! {
        #[test]
        fn opposite_directions_have_opposite_letters(direction in any_unit()) {
            let forth = direction_letters(direction).expect("a direction");
            let back = direction_letters(direction.map(|c| -c)).expect("a direction");
            prop_assert_eq!(forth.chars().map(opposite_letter).collect::<String>(), back);
            prop_assert!((1..=3).contains(&forth.len()));
        }

        #[test]
        fn turning_four_times_and_flipping_twice_changes_nothing(turns in 0..8_u32, mirrored: bool) {
            let quarter = Affine2 { xx: 0.0, xy: 1.0, yx: -1.0, yy: 0.0, x0: 0.0, y0: 0.0 };
            let flip = Affine2 { xx: -1.0, ..Affine2::IDENTITY };
            let mut map = Affine2::IDENTITY;
            for _ in 0..turns {
                map = map.after(&quarter);
            }
            if mirrored {
                map = map.after(&flip).after(&flip);
            }
            for _ in 0..(8 - turns) {
                map = map.after(&quarter);
            }
            prop_assert_eq!(letters(&image(AXIAL), &map), "R L A P");
        }
    }
}
