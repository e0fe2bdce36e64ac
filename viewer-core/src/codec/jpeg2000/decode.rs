//! A whole frame: checks against the header, then tile by tile.

use super::ahead::{Ahead, DecodedBlock, Known};
use super::codestream::{Codestream, Component, MainHeader, TileParameters, Wavelet};
use super::coefficients::{BlockDecoders, Samples};
use super::output::Output;
use super::packets::{PacketReader, packet_order};
use super::rect::Rect;
use super::tile::TileComponent;
use super::{CODEC, corrupt, cut_packet, jp2};
use crate::codec::stored::color_by_photometric;
use crate::codec::{DecodeError, FrameSpec, StoredFrame};
use crate::pixel::color::ColorModel;

/// Deepest samples that containers hold; `f32` holds integers exactly up to 24 bits.
const MAX_PRECISION: u32 = 16;
/// Most precincts of a tile-component whose packets are not all there (otherwise each takes a byte
/// at least, which is a limit too).
const MAX_PRECINCTS_OF_PREFIX: u64 = 1 << 20;

/// Decodes a frame without its `discard_levels` highest resolution levels: each halves columns and
/// rows, rounded up.
pub(in crate::codec) fn decode_reduced(
    encoded: &[u8],
    spec: &FrameSpec,
    discard_levels: u8,
) -> Result<StoredFrame, DecodeError> {
    decode(encoded, spec, discard_levels, &Ahead::default())
}

/// The whole frame, of which some code-blocks may have been decoded before.
pub(in crate::codec) fn decode_rest(
    encoded: &[u8],
    spec: &FrameSpec,
    ahead: &Ahead,
) -> Result<StoredFrame, DecodeError> {
    decode(encoded, spec, 0, ahead)
}

fn decode(
    encoded: &[u8],
    spec: &FrameSpec,
    discard_levels: u8,
    ahead: &Ahead,
) -> Result<StoredFrame, DecodeError> {
    let frame = Frame::open(encoded, spec)?;
    let mut output = frame.output(spec, discard_levels)?;
    let mut decoders = BlockDecoders::new();
    for index in 0..frame.codestream.tiles.len() {
        let tile = frame.read_tile(index, false)?;
        let known = ahead.blocks(index, &tile.parameters);
        frame.decode_tile(&tile, discard_levels, known, &mut decoders, &mut output)?;
    }
    Ok(frame.stored(output, discard_levels, spec))
}

/// Decodes what is whole of a frame whose end is missing: the highest resolution of which every
/// layer of every tile is there. Gives the levels that had to be left out, too.
pub(in crate::codec) fn decode_prefix(
    encoded: &[u8],
    spec: &FrameSpec,
) -> Result<(StoredFrame, u8), DecodeError> {
    let frame = Frame::open(encoded, spec)?;
    let (mut tiles, mut missing) = (Vec::new(), 0);
    for index in 0..frame.codestream.tiles.len() {
        let tile = frame.read_tile(index, true)?;
        missing = missing.max(tile.missing_levels().ok_or_else(cut_packet)?);
        tiles.push(tile);
    }
    let mut output = frame.output(spec, missing)?;
    let mut decoders = BlockDecoders::new();
    for tile in &tiles {
        frame.decode_tile(tile, missing, &[], &mut decoders, &mut output)?;
    }
    Ok((frame.stored(output, missing, spec), missing))
}

/// A codestream that agrees with the header of its image.
pub(super) struct Frame<'a> {
    pub(super) codestream: Codestream<'a>,
    component: Component,
    main: TileParameters,
    lossy: bool,
}

/// A tile whose packets have been read.
pub(super) struct ReadTile {
    index: usize,
    pub(super) components: Vec<TileComponent>,
    pub(super) parameters: TileParameters,
}

impl<'a> Frame<'a> {
    #[inline(never)]
    pub(super) fn open(encoded: &'a [u8], spec: &FrameSpec) -> Result<Self, DecodeError> {
        let codestream =
            jp2::codestream(encoded).ok_or_else(|| corrupt("no codestream in the JP2 file"))?;
        let header = MainHeader::read(codestream)?;
        let siz = &header.siz;
        spec.check_components(CODEC, siz.components.len() as u32)?;
        spec.check_size(siz.image.width(), siz.image.height())?;
        let component = siz.common_component()?;
        spec.check_depth(CODEC, component.precision)?;
        if component.precision > MAX_PRECISION {
            return Err(DecodeError::feature(CODEC, format!("{} bits", component.precision)));
        }
        let codestream = header.read_tiles()?;
        let main = codestream.main_parameters()?;
        let mut lossy = false;
        for tile in &codestream.tiles {
            let own = codestream.parameters(tile)?;
            // What the samples mean must not differ within a picture.
            if own.packets.component_transform != main.packets.component_transform {
                return Err(DecodeError::feature(CODEC, "tiles with different transforms"));
            }
            let is_lossy = |c: &super::codestream::ComponentParameters| {
                c.coding.wavelet == Wavelet::Irreversible
            };
            lossy |= own.components.iter().any(is_lossy);
        }
        Ok(Self { codestream, component, main, lossy })
    }

    /// The image area after halving, checked against the levels that there are.
    fn output(&self, spec: &FrameSpec, discard_levels: u8) -> Result<Output, DecodeError> {
        let area = self.codestream.siz.image.halved(discard_levels.min(32).into());
        Output::new(area, self.component, spec)
    }

    /// Reads the packets of a tile; if `may_end_early`, as many as there are.
    #[inline(never)]
    pub(super) fn read_tile(
        &self,
        index: usize,
        may_end_early: bool,
    ) -> Result<ReadTile, DecodeError> {
        let Codestream { siz, tiles, .. } = &self.codestream;
        let tile = &tiles[index];
        let parameters = self.codestream.parameters(tile)?;
        let area = siz.tile_area(index);
        let headers = tile.packet_headers.as_deref();
        let limit = match may_end_early {
            true => MAX_PRECINCTS_OF_PREFIX,
            false => (headers.unwrap_or(&tile.data)).len() as u64,
        };
        let mut components = Vec::with_capacity(siz.components.len());
        for (component, own) in siz.components.iter().zip(&parameters.components) {
            let component = TileComponent::new(&area, component, own.clone(), limit);
            components.push(component.map_err(|error| too_few_bytes(error, may_end_early))?);
        }
        let mut packets = PacketReader::new(&tile.data, headers, parameters.packets);
        let read = read_packets(&mut packets, siz, &area, &mut components, &parameters);
        let tile = ReadTile { index, components, parameters };
        match read {
            Err(error) if !(may_end_early && error == cut_packet()) => Err(error),
            Ok(()) if !may_end_early && tile.missing_levels() != Some(0) => {
                Err(corrupt("progressions that leave packets out"))
            }
            _ => Ok(tile),
        }
    }

    /// Decodes a tile into its place, but for the code-blocks that are `known`.
    fn decode_tile(
        &self,
        tile: &ReadTile,
        discard_levels: u8,
        known: &[DecodedBlock],
        decoders: &mut BlockDecoders,
        output: &mut Output,
    ) -> Result<(), DecodeError> {
        let data = &self.codestream.tiles[tile.index].data;
        let mut components = Vec::with_capacity(tile.components.len());
        for (number, component) in tile.components.iter().enumerate() {
            let levels = component.parameters.coding.levels;
            let resolution = levels.checked_sub(discard_levels).ok_or_else(|| {
                let feature = format!("leaving out {discard_levels} of {levels} levels");
                DecodeError::feature(CODEC, feature)
            })?;
            let precision = self.component.precision;
            let known = Known::of_component(known, number);
            components.push(Samples::new(component, resolution.into(), data, precision, known));
        }
        output.place(&mut components, decoders, self.has_component_transform())
    }

    /// Undone in frames of three components; a transform of one means nothing.
    fn has_component_transform(&self) -> bool {
        self.main.packets.component_transform && self.codestream.siz.components.len() == 3
    }

    fn stored(&self, output: Output, discard_levels: u8, spec: &FrameSpec) -> StoredFrame {
        let area = self.codestream.siz.image.halved(discard_levels.into());
        // With a component transform the result is RGB, whatever the header calls it; without one,
        // the photometric interpretation says what the components are.
        let color = match self.has_component_transform() {
            true => ColorModel::Rgb,
            false => color_by_photometric(spec.photometric),
        };
        StoredFrame {
            columns: area.width(),
            rows: area.height(),
            samples: output.into_samples(),
            bits: self.component.precision,
            color,
            lossy: self.lossy,
        }
    }
}

/// More precincts than bytes: their packets cannot all be there.
fn too_few_bytes(error: DecodeError, may_end_early: bool) -> DecodeError {
    match error {
        DecodeError::TooLarge { .. } if !may_end_early => cut_packet(),
        error => error,
    }
}

fn read_packets(
    packets: &mut PacketReader<'_>,
    siz: &super::codestream::Siz,
    area: &Rect,
    components: &mut [TileComponent],
    parameters: &TileParameters,
) -> Result<(), DecodeError> {
    for progression in packet_order(siz, area, components, parameters) {
        for group in &progression.groups {
            for layer in 0..progression.layer_end {
                for at in group {
                    let component = &mut components[at.component];
                    let precinct = &component.resolutions[at.resolution].precincts[at.precinct];
                    if precinct.layers_read == layer {
                        packets.read(component, at.resolution, at.precinct, layer)?;
                    }
                }
            }
        }
    }
    Ok(())
}

impl ReadTile {
    /// Quality layers.
    pub(super) fn layers(&self) -> u16 {
        self.parameters.packets.layers
    }

    /// Highest resolution levels that are not whole; `None` where none is.
    fn missing_levels(&self) -> Option<u8> {
        let mut missing = self.components.iter().map(|component| {
            let is_whole = |level: &&super::tile::Resolution| {
                level.precincts.iter().all(|precinct| precinct.layers_read == self.layers())
            };
            let whole = component.resolutions.iter().take_while(is_whole).count();
            (whole > 0).then(|| (component.resolutions.len() - whole) as u8)
        });
        missing.try_fold(0, |most, missing| Some(most.max(missing?)))
    }
}
