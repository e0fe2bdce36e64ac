//! What lies over the picture: overlay planes (PS3.3 C.9.2) and display shutters (C.7.6.11, C.7.6.15).

use serde::{Deserialize, Serialize};

/// What lies over one frame. Geometry only: the bits of overlays are fetched when they are drawn.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Cover {
    /// Overlay planes by rising group; at most 16.
    pub overlays: Vec<OverlayPlane>,
    /// Display shutter.
    pub shutter: Option<Shutter>,
    /// Something that was announced contradicts itself and is not drawn.
    pub unreadable: bool,
}

impl Cover {
    /// Whether there is nothing to draw and nothing to say.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The overlay planes that are drawn over `frame` (from 0): all but a bitmap shutter's.
    pub fn overlays_of(&self, frame: u32) -> impl Iterator<Item = &OverlayPlane> {
        let shuttering = self.bitmap_group();
        self.overlays
            .iter()
            .filter(move |plane| plane.covers(frame) && Some(plane.group) != shuttering)
    }

    /// The overlay plane of a bitmap shutter.
    #[must_use]
    pub fn bitmap(&self) -> Option<&OverlayPlane> {
        let group = self.bitmap_group()?;
        self.overlays.iter().find(|plane| plane.group == group)
    }

    /// Group of the overlay plane that a bitmap shutter names.
    #[must_use]
    pub fn bitmap_group(&self) -> Option<u16> {
        self.shutter.as_ref().and_then(Shutter::bitmap_group)
    }

    /// Bits of the pixel cells that hold overlay planes, from 0.
    #[must_use]
    pub fn pixel_bits(&self) -> Vec<u16> {
        self.overlays.iter().filter_map(|plane| plane.bit).collect()
    }
}

/// One overlay plane (PS3.3 C.9.2), one bit a pixel.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OverlayPlane {
    /// Group, even, 6000 to 601E (hexadecimal).
    pub group: u16,
    /// Overlay Rows.
    pub rows: u32,
    /// Overlay Columns.
    pub columns: u32,
    /// Overlay Origin: row and column of the image where its first pixel lies; 1, 1 is the image's first
    /// pixel. May lie outside.
    pub origin: [i32; 2],
    /// First frame of the image that it covers (from 0), and how many frames it has; `None`: its one
    /// frame covers all.
    pub frames: Option<[u32; 2]>,
    /// Overlay Type R: a region of interest; else graphics.
    pub is_region: bool,
    /// `None`: its bits are in Overlay Data (60xx,3000). Else they are this bit (from 0) of the cells of the
    /// pixel data.
    pub bit: Option<u16>,
    /// Overlay Label, else Overlay Description; may be empty.
    pub label: String,
}

impl OverlayPlane {
    /// Whether it covers `frame` (from 0).
    #[must_use]
    pub fn covers(&self, frame: u32) -> bool {
        self.frame_of(frame).is_some()
    }

    /// Which of its own frames (from 0) covers `frame` (from 0) of the image.
    #[must_use]
    pub fn frame_of(&self, frame: u32) -> Option<u32> {
        match self.frames {
            None => Some(0),
            Some([first, count]) => frame.checked_sub(first).filter(|own| *own < count),
        }
    }
}

/// A display shutter (PS3.3 C.7.6.11): what lies outside of any of its shapes is not shown.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Shutter {
    /// Its shapes; the picture is seen where all of them leave it open.
    pub shapes: Vec<ShutterShape>,
    /// What is shown instead of the picture, sRGB; black where the file does not say.
    pub rgb: [u8; 3],
}

impl Shutter {
    fn bitmap_group(&self) -> Option<u16> {
        self.shapes.iter().find_map(|shape| match shape {
            ShutterShape::Bitmap { group } => Some(*group),
            _ => None,
        })
    }
}

/// One shape of a shutter. Rows and columns count from 1 and name pixels; those on an edge are seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ShutterShape {
    /// Open from the left to the right and from the upper to the lower edge.
    Rectangle {
        /// Shutter Left and Right Vertical Edge.
        columns: [i32; 2],
        /// Shutter Upper and Lower Horizontal Edge.
        rows: [i32; 2],
    },
    /// Open up to a distance from a pixel.
    Circle {
        /// Center of Circular Shutter: row, column.
        center: [i32; 2],
        /// Radius of Circular Shutter, in pixels along a row.
        radius: u32,
    },
    /// Open inside of a polygon, closed from its last to its first vertex.
    Polygon {
        /// Row and column of each vertex; at least three.
        vertices: Vec<[i32; 2]>,
    },
    /// Closed where this overlay plane has a 1.
    Bitmap {
        /// Shutter Overlay Group.
        group: u16,
    },
}
