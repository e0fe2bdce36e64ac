//! Coding parameters: gathered from the segments of a header, resolved by their order of precedence.

use super::coding::{CodingStyle, PacketStyle, Progression, read_coc, read_cod};
use super::quantisation::Quantisation;
use super::segments::{COC, COD, POC, QCC, QCD, RGN, part_2_feature, segment};
use super::{corrupt, extension, truncated};
use crate::codec::DecodeError;
use crate::codec::reader::Reader;

/// What one header (the main header, or all tile-part headers of a tile) says.
#[derive(Clone, Debug)]
pub(in crate::codec::jpeg2000) struct ParameterSet {
    cod: Option<(PacketStyle, CodingStyle)>,
    qcd: Option<Quantisation>,
    components: Vec<ComponentSet>,
    changes: Vec<ProgressionChange>,
}

#[derive(Clone, Debug, Default)]
struct ComponentSet {
    coc: Option<CodingStyle>,
    qcc: Option<Quantisation>,
    roi_shift: Option<u8>,
}

/// One progression of POC (A.6.6): a range of resolutions, components and layers in an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::codec::jpeg2000) struct ProgressionChange {
    /// Resolution levels.
    pub(in crate::codec::jpeg2000) resolutions: core::ops::Range<u8>,
    /// Components.
    pub(in crate::codec::jpeg2000) components: core::ops::Range<u16>,
    /// Layers end before this one; those sent earlier are left out.
    pub(in crate::codec::jpeg2000) layer_end: u16,
    /// Their order.
    pub(in crate::codec::jpeg2000) order: Progression,
}

/// What holds for a tile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::codec::jpeg2000) struct TileParameters {
    /// Packets.
    pub(in crate::codec::jpeg2000) packets: PacketStyle,
    /// By component.
    pub(in crate::codec::jpeg2000) components: Vec<ComponentParameters>,
    /// Progressions in their order; empty: that of `packets`.
    pub(in crate::codec::jpeg2000) changes: Vec<ProgressionChange>,
}

/// What holds for one component of a tile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::codec::jpeg2000) struct ComponentParameters {
    /// Wavelet and code-blocks.
    pub(in crate::codec::jpeg2000) coding: CodingStyle,
    /// Step sizes.
    pub(in crate::codec::jpeg2000) quantisation: Quantisation,
    /// Maxshift of a region of interest, in bits.
    pub(in crate::codec::jpeg2000) roi_shift: u8,
}

impl ParameterSet {
    /// Nothing said yet.
    pub(super) fn new(components: usize) -> Self {
        let components = vec![ComponentSet::default(); components];
        Self { cod: None, qcd: None, components, changes: Vec::new() }
    }

    /// Reads the segment of `marker`; segments that change no sample are passed over.
    pub(super) fn read(&mut self, marker: u16, reader: &mut Reader<'_>) -> Result<(), DecodeError> {
        if let Some(feature) = part_2_feature(marker) {
            return Err(extension(feature));
        }
        if marker < 0xFF00 {
            return Err(corrupt("no marker where one must be"));
        }
        if (0xFF30..=0xFF3F).contains(&marker) {
            return Ok(());
        }
        let mut payload = Reader::new(segment(reader)?);
        match marker {
            COD => self.cod = Some(read_cod(payload.rest())?),
            QCD => self.qcd = Some(Quantisation::read(&mut payload)?),
            COC | QCC | RGN => {
                let component = self.component(&mut payload)?;
                match marker {
                    COC => component.coc = Some(read_coc(&mut payload)?),
                    QCC => component.qcc = Some(Quantisation::read(&mut payload)?),
                    _ => component.roi_shift = Some(read_rgn(&mut payload)?),
                }
            }
            POC => self.read_poc(payload)?,
            _ => {}
        }
        Ok(())
    }

    fn component(&mut self, payload: &mut Reader<'_>) -> Result<&mut ComponentSet, DecodeError> {
        let index = component_index(payload, self.components.len()).ok_or_else(truncated)?;
        self.components.get_mut(usize::from(index)).ok_or_else(|| corrupt("component index"))
    }

    fn read_poc(&mut self, mut payload: Reader<'_>) -> Result<(), DecodeError> {
        let count = self.components.len();
        while !payload.rest().is_empty() {
            let mut parse = || {
                let resolution = payload.u8()?;
                let component = component_index(&mut payload, count)?;
                let (layer_end, resolution_end) = (payload.u16()?, payload.u8()?);
                let component_end = component_index(&mut payload, count)?;
                // 0 stands for 256 where one byte is too short for it.
                let component_end = if component_end == 0 { 256 } else { component_end };
                let ranges = (resolution..resolution_end, component..component_end);
                Some((ranges, layer_end, payload.u8()?))
            };
            let ((resolutions, components), layer_end, order) = parse().ok_or_else(truncated)?;
            let order = Progression::from_code(order)?;
            self.changes.push(ProgressionChange { resolutions, components, layer_end, order });
        }
        Ok(())
    }

    /// Refuses a main header without what it must have.
    pub(super) fn check_main(&self) -> Result<(), DecodeError> {
        self.resolve(None).map(|_| ())
    }

    /// What holds for a tile whose own headers say `tile`, where `self` is the main header.
    pub(super) fn resolve(&self, tile: Option<&Self>) -> Result<TileParameters, DecodeError> {
        let cod = tile.and_then(|tile| tile.cod.as_ref());
        let (packets, _) = cod.or(self.cod.as_ref()).ok_or_else(|| corrupt("no COD"))?;
        let components = (0..self.components.len()).map(|i| self.resolve_component(tile, i));
        let own_changes = tile.map(|tile| &tile.changes).filter(|changes| !changes.is_empty());
        Ok(TileParameters {
            packets: *packets,
            components: components.collect::<Result<_, _>>()?,
            changes: own_changes.unwrap_or(&self.changes).clone(),
        })
    }

    fn resolve_component(
        &self,
        tile: Option<&Self>,
        index: usize,
    ) -> Result<ComponentParameters, DecodeError> {
        let main = &self.components[index];
        let own = tile.map(|tile| &tile.components[index]);
        let coding = own
            .and_then(|own| own.coc.as_ref())
            .or(tile.and_then(|tile| tile.cod.as_ref()).map(|(_, coding)| coding))
            .or(main.coc.as_ref())
            .or(self.cod.as_ref().map(|(_, coding)| coding))
            .ok_or_else(|| corrupt("no COD"))?;
        let quantisation = own
            .and_then(|own| own.qcc.as_ref())
            .or(tile.and_then(|tile| tile.qcd.as_ref()))
            .or(main.qcc.as_ref())
            .or(self.qcd.as_ref())
            .ok_or_else(|| corrupt("no QCD"))?;
        let roi_shift = own.and_then(|own| own.roi_shift).or(main.roi_shift);
        Ok(ComponentParameters {
            coding: coding.clone(),
            quantisation: quantisation.clone(),
            roi_shift: roi_shift.unwrap_or(0),
        })
    }
}

/// Component indices take two bytes where one cannot number them all.
fn component_index(payload: &mut Reader<'_>, count: usize) -> Option<u16> {
    if count < 257 { payload.u8().map(u16::from) } else { payload.u16() }
}

fn read_rgn(payload: &mut Reader<'_>) -> Result<u8, DecodeError> {
    match (payload.u8(), payload.u8()) {
        (Some(0), Some(shift)) => Ok(shift),
        (Some(_), Some(_)) => Err(extension("a region of interest of another kind")),
        _ => Err(truncated()),
    }
}
