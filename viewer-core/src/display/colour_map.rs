use serde::{Deserialize, Serialize};

use super::ColourTable;

/// Pseudo-colours the user may ask for: the well-known palettes of PS3.6 annex B that are made for
/// nuclear medicine and PET. Names shown to people come from the text catalogue under `colours.<key>`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ColourMap {
    /// None: greys.
    #[default]
    Grey,
    /// Hot Iron (B.1.1).
    HotIron,
    /// PET (B.1.2).
    Pet,
    /// Hot Metal Blue (B.1.3).
    HotMetalBlue,
    /// PET 20 Step (B.1.4).
    Pet20Step,
}

/// (index, value) where straight lines meet, indices and values 0 … 255.
type Knots = &'static [(u8, u8)];

const HOT_IRON: [Knots; 3] = [
    &[(0, 0), (127, 254), (128, 255), (255, 255)],
    &[(0, 0), (128, 0), (255, 255)],
    &[(0, 0), (191, 0), (254, 252), (255, 255)],
];
const PET: [Knots; 3] = [
    &[(0, 0), (63, 0), (192, 255), (255, 255)],
    &[(0, 0), (63, 128), (128, 0), (255, 255)],
    &[(0, 0), (128, 255), (129, 252), (192, 0), (255, 255)],
];
const HOT_METAL_BLUE: [Knots; 3] = [
    &[(0, 0), (85, 0), (102, 50), (119, 90), (153, 190), (170, 255), (255, 255)],
    &[(0, 0), (119, 0), (238, 224), (255, 255)],
    &[
        (0, 0),
        (16, 31),
        (34, 67),
        (68, 133),
        (84, 165),
        (102, 200),
        (119, 150),
        (136, 50),
        (153, 0),
        (170, 0),
        (238, 200),
        (255, 255),
    ],
];
const PET_20_STEP: [[u8; 20]; 3] = [
    [0, 96, 48, 48, 80, 96, 112, 128, 48, 48, 80, 64, 224, 208, 208, 208, 192, 176, 255, 255],
    [0, 0, 48, 48, 80, 96, 112, 128, 96, 144, 192, 224, 224, 208, 176, 144, 96, 48, 0, 255],
    [0, 80, 80, 112, 128, 176, 192, 224, 48, 48, 80, 64, 80, 96, 64, 0, 0, 0, 0, 255],
];

impl ColourMap {
    /// Every map, in the order of a menu.
    pub const ALL: [Self; 5] =
        [Self::Grey, Self::HotIron, Self::Pet, Self::HotMetalBlue, Self::Pet20Step];

    /// Key in the text catalogue.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Grey => "grey",
            Self::HotIron => "hot_iron",
            Self::Pet => "pet",
            Self::HotMetalBlue => "hot_metal_blue",
            Self::Pet20Step => "pet_20_step",
        }
    }

    /// Its 256 colours, entry for entry those of PS3.6; `None` for greys.
    #[must_use]
    pub fn table(self) -> Option<ColourTable> {
        match self {
            Self::Grey => None,
            Self::HotIron => of_knots(HOT_IRON, 0),
            Self::Pet => of_knots(PET, 0),
            Self::HotMetalBlue => of_knots(HOT_METAL_BLUE, 1),
            Self::Pet20Step => ColourTable::new(PET_20_STEP.map(|steps| {
                (0..256_usize).map(|i| u16::from(steps[(i * 20 / 255).min(19)]) * 257).collect()
            })),
        }
    }
}

/// `halves` is 0 to cut values between knots off, 1 to round them.
fn of_knots(knots: [Knots; 3], halves: u32) -> Option<ColourTable> {
    ColourTable::new(
        knots.map(|knots| (0..=255).map(|index| value(knots, index, halves)).collect()),
    )
}

fn value(knots: Knots, index: u32, halves: u32) -> u16 {
    let after = knots.partition_point(|&(at, _)| u32::from(at) < index).max(1);
    let [(from, low), (to, high)] = [after - 1, after]
        .map(|i| knots.get(i).map_or((0, 0), |&(x, y)| (u32::from(x), u32::from(y))));
    let length = to - from;
    let sum = low * (to - index) + high * (index - from);
    ((2 * sum + halves * length) / (2 * length)) as u16 * 257
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rgb(map: ColourMap, index: usize) -> [u16; 3] {
        let table = map.table().expect("colours");
        assert_eq!(table.last(), 255);
        table.rgb().each_ref().map(|channel| {
            assert_eq!(channel[index] % 257, 0);
            channel[index] / 257
        })
    }

    /// Entries of the tables of PS3.6 B.1.1 to B.1.4.
    #[test]
    fn colours_are_those_of_the_standard() {
        let expected = [
            (ColourMap::HotIron, 100, [200, 0, 0]),
            (ColourMap::HotIron, 200, [255, 144, 36]),
            (ColourMap::HotIron, 254, [255, 252, 252]),
            (ColourMap::Pet, 64, [1, 126, 127]),
            (ColourMap::Pet, 107, [86, 41, 213]),
            (ColourMap::Pet, 213, [255, 170, 85]),
            (ColourMap::HotMetalBlue, 9, [0, 0, 17]),
            (ColourMap::HotMetalBlue, 110, [69, 0, 176]),
            (ColourMap::HotMetalBlue, 200, [255, 152, 88]),
            (ColourMap::Pet20Step, 12, [0, 0, 0]),
            (ColourMap::Pet20Step, 13, [96, 0, 80]),
            (ColourMap::Pet20Step, 242, [255, 0, 0]),
            (ColourMap::Pet20Step, 243, [255, 255, 255]),
        ];
        for (map, index, colour) in expected {
            assert_eq!(rgb(map, index), colour, "{map:?} {index}");
        }
    }

    #[test]
    fn every_map_goes_from_black_to_white() {
        for map in ColourMap::ALL.into_iter().filter(|map| *map != ColourMap::Grey) {
            assert_eq!([rgb(map, 0), rgb(map, 255)], [[0; 3], [255; 3]], "{map:?}");
        }
        assert_eq!(ColourMap::Grey.table(), None);
    }
}
