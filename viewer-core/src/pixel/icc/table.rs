//! RGB → connection space: by a matrix (ICC.1 F.3), or by a table of colours (10.10 lut16Type,
//! 10.11 lut8Type, 10.12 lutAToBType).

use super::IccError;
use super::curve::Curve;
use super::profile::{Bytes, ConnectionSpace, Profile, four_characters};
use super::screen::lab_to_xyz;

/// Steps from RGB to the connection space, in order; the last one is to decode it.
#[derive(Debug)]
pub(super) struct ToPcs {
    input: [Curve; 3],
    colours: Option<Colours>,
    middle: Option<Middle>,
    output: [Curve; 3],
    encoding: Encoding,
}

/// Curves, then a matrix whose last column is added.
#[derive(Debug)]
struct Middle {
    curves: [Curve; 3],
    matrix: [[f32; 4]; 3],
}

/// What 0 to 1 means in the connection space.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Encoding {
    /// XYZ themselves.
    Xyz,
    /// XYZ up to almost 2 (u1Fixed15Number).
    XyzFixed,
    /// CIELAB, 1 is L* = 100; a* and b* from −128 to 127.
    Lab,
    /// The same of `lut16Type`: 1 is a little beyond L* = 100.
    LabOfLut16,
}

const IDENTITY: [Curve; 3] = [Curve::Identity, Curve::Identity, Curve::Identity];

impl ToPcs {
    pub(super) fn of(profile: &Profile<'_>) -> Result<Self, IccError> {
        let Some(table) = profile.tag(*b"A2B0")? else { return Self::by_matrix(profile) };
        let fixed = match profile.connection_space {
            ConnectionSpace::Xyz => Encoding::XyzFixed,
            ConnectionSpace::Lab => Encoding::Lab,
        };
        match &four_characters(table.u32(0)?) {
            b"mft1" => Self::by_lut(table, 1, fixed),
            b"mft2" if fixed == Encoding::Lab => Self::by_lut(table, 2, Encoding::LabOfLut16),
            b"mft2" => Self::by_lut(table, 2, fixed),
            b"mAB " => Self::by_steps(table, fixed),
            _ => Err(IccError::Broken("a table of unknown type")),
        }
    }

    fn by_matrix(profile: &Profile<'_>) -> Result<Self, IccError> {
        if profile.connection_space != ConnectionSpace::Xyz {
            return Err(IccError::Broken("no table of colours"));
        }
        let missing = IccError::Broken("neither a matrix nor a table of colours");
        let tag = |name| profile.tag(name)?.ok_or(missing.clone());
        let curve = |name| Curve::read(tag(name)?).map(|(curve, _)| curve);
        let column = |name| -> Result<[f32; 3], IccError> {
            let xyz = tag(name)?;
            Ok([xyz.fixed(8)?, xyz.fixed(12)?, xyz.fixed(16)?])
        };
        let input = [curve(*b"rTRC")?, curve(*b"gTRC")?, curve(*b"bTRC")?];
        let columns = [column(*b"rXYZ")?, column(*b"gXYZ")?, column(*b"bXYZ")?];
        let matrix = [0, 1, 2].map(|row| [columns[0][row], columns[1][row], columns[2][row], 0.0]);
        let middle = Some(Middle { curves: IDENTITY, matrix });
        Ok(Self { input, colours: None, middle, output: IDENTITY, encoding: Encoding::Xyz })
    }

    /// `lut8Type` or `lut16Type`. Its matrix is for XYZ on the device's side only.
    fn by_lut(bytes: Bytes<'_>, width: usize, encoding: Encoding) -> Result<Self, IccError> {
        if [bytes.u8(8)?, bytes.u8(9)?] != [3, 3] {
            return Err(IccError::Broken("a table of other than three channels"));
        }
        let (entries, start) = match width {
            1 => ([256, 256], 48),
            _ => ([usize::from(bytes.u16(48)?), usize::from(bytes.u16(50)?)], 52),
        };
        let steps = usize::from(bytes.u8(10)?);
        let curves = |at: usize, count: usize| -> Result<[Curve; 3], IccError> {
            let curve = |channel: usize| {
                bytes.fractions(at + channel * count * width, count, width).map(Curve::Table)
            };
            Ok([curve(0)?, curve(1)?, curve(2)?])
        };
        let input = curves(start, entries[0])?;
        let colours_at = start + 3 * entries[0] * width;
        let colours = Colours::read(bytes, colours_at, [steps; 3], width)?;
        let output = curves(colours_at + colours.values.len() * 3 * width, entries[1])?;
        Ok(Self { input, colours: Some(colours), middle: None, output, encoding })
    }

    /// `lutAToBType`: A curves, colours, M curves, matrix, B curves; an offset of 0 leaves one out.
    fn by_steps(bytes: Bytes<'_>, encoding: Encoding) -> Result<Self, IccError> {
        if [bytes.u8(8)?, bytes.u8(9)?] != [3, 3] {
            return Err(IccError::Broken("a table of other than three channels"));
        }
        let at = |place: usize| -> Result<Option<Bytes<'_>>, IccError> {
            match bytes.u32(place)? {
                0 => Ok(None),
                offset => bytes.from(offset as usize).map(Some),
            }
        };
        let curves = |place| at(place)?.map_or(Ok(IDENTITY), three_curves);
        let matrix = at(16)?.map(read_matrix).transpose()?;
        let colours = at(24)?.map(|grid| {
            let steps = [0, 1, 2].map(|axis| grid.u8(axis).map(usize::from));
            let [r, g, b] = steps;
            Colours::read(grid, 20, [r?, g?, b?], usize::from(grid.u8(16)?))
        });
        let middle = match matrix {
            Some(matrix) => Some(Middle { curves: curves(20)?, matrix }),
            None => None,
        };
        let colours = colours.transpose()?;
        Ok(Self { input: curves(28)?, colours, middle, output: curves(12)?, encoding })
    }

    /// Whether it goes by a table of colours.
    pub(super) fn has_table(&self) -> bool {
        self.encoding != Encoding::Xyz
    }

    /// The first step for every level of 0 to `largest`.
    pub(super) fn input_tables(&self, largest: u16) -> [Vec<f32>; 3] {
        self.input.each_ref().map(|curve| {
            (0..=largest).map(|level| curve.value(f32::from(level) / f32::from(largest))).collect()
        })
    }

    /// XYZ of a colour, relative to D50.
    pub(super) fn xyz(&self, rgb: [f32; 3]) -> [f32; 3] {
        self.after_input([0, 1, 2].map(|channel| self.input[channel].value(rgb[channel])))
    }

    /// XYZ of what the first step gives.
    pub(super) fn after_input(&self, values: [f32; 3]) -> [f32; 3] {
        let mut values = self.colours.as_ref().map_or(values, |colours| colours.at(values));
        if let Some(Middle { curves, matrix }) = &self.middle {
            let [x, y, z] = through(curves, values);
            values = matrix.map(|[a, b, c, offset]| a * x + b * y + c * z + offset);
        }
        self.encoding.xyz(through(&self.output, values))
    }
}

fn through(curves: &[Curve; 3], values: [f32; 3]) -> [f32; 3] {
    [0, 1, 2].map(|channel| curves[channel].value(values[channel]))
}

/// Curves one after the other, each padded to four bytes.
fn three_curves(mut bytes: Bytes<'_>) -> Result<[Curve; 3], IccError> {
    let mut next = || -> Result<Curve, IccError> {
        let (curve, length) = Curve::read(bytes)?;
        bytes = bytes.from(length.next_multiple_of(4)).unwrap_or(Bytes(&[]));
        Ok(curve)
    };
    Ok([next()?, next()?, next()?])
}

/// Nine numbers by rows, then three to add.
fn read_matrix(bytes: Bytes<'_>) -> Result<[[f32; 4]; 3], IccError> {
    let mut matrix = [[0.0; 4]; 3];
    for (row, numbers) in matrix.iter_mut().enumerate() {
        for (column, number) in numbers.iter_mut().enumerate() {
            let index = if column == 3 { 9 + row } else { row * 3 + column };
            *number = bytes.fixed(index * 4)?;
        }
    }
    Ok(matrix)
}

impl Encoding {
    fn xyz(self, [a, b, c]: [f32; 3]) -> [f32; 3] {
        match self {
            Self::Xyz => [a, b, c],
            Self::XyzFixed => [a, b, c].map(|v| v * (65535.0 / 32768.0)),
            Self::Lab => lab_to_xyz([a * 100.0, b * 255.0 - 128.0, c * 255.0 - 128.0]),
            Self::LabOfLut16 => {
                let [a, b, c] = [a, b, c].map(|v| v * (65535.0 / 65280.0));
                lab_to_xyz([a * 100.0, b * 255.0 - 128.0, c * 255.0 - 128.0])
            }
        }
    }
}

/// A grid of colours, the last channel fastest.
#[derive(Debug)]
struct Colours {
    steps: [usize; 3],
    values: Vec<[f32; 3]>,
}

impl Colours {
    fn read(
        bytes: Bytes<'_>,
        at: usize,
        steps: [usize; 3],
        width: usize,
    ) -> Result<Self, IccError> {
        if steps.iter().any(|&steps| steps < 2) || !(1..=2).contains(&width) {
            return Err(IccError::Broken("a table of colours without colours"));
        }
        // At most 255³ × 3: no overflow. What is read must be there.
        let numbers = bytes.fractions(at, steps.iter().product::<usize>() * 3, width)?;
        Ok(Self { steps, values: numbers.as_chunks().0.to_vec() })
    }

    /// Between the four nearest corners of the six tetrahedra that a cell of the grid is parted into along
    /// its diagonal from black to white, so that greys come from greys only.
    fn at(&self, rgb: [f32; 3]) -> [f32; 3] {
        let stride = [self.steps[1] * self.steps[2], self.steps[2], 1];
        let mut corner = 0;
        let mut axes = [0, 1, 2].map(|axis| {
            let last = self.steps[axis] - 1;
            let position = rgb[axis].clamp(0.0, 1.0) * last as f32;
            let index = (position as usize).min(last - 1);
            corner += index * stride[axis];
            (position - index as f32, stride[axis])
        });
        axes.sort_unstable_by(|one, other| other.0.total_cmp(&one.0));
        let value = |at: usize| self.values.get(at).copied().unwrap_or_default();
        let mut from = value(corner);
        let mut result = from;
        for (part, stride) in axes {
            corner += stride;
            let to = value(corner);
            for channel in 0..3 {
                result[channel] += part * (to[channel] - from[channel]);
            }
            from = to;
        }
        result
    }
}
