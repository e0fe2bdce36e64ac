//! In which order the packets of a tile come (ISO/IEC 15444-1 B.12).
//!
//! The nested loops of the standard become sorting: a precinct has a resolution, a component and a
//! position, and a progression says which counts first. Unlike loops over positions this takes no
//! time for positions where no precinct starts.

use crate::codec::jpeg2000::codestream::{Progression, ProgressionChange, Siz, TileParameters};
use crate::codec::jpeg2000::rect::Rect;
use crate::codec::jpeg2000::tile::TileComponent;

/// One precinct of a tile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::codec::jpeg2000) struct PrecinctRef {
    /// Component.
    pub(in crate::codec::jpeg2000) component: usize,
    /// Resolution level.
    pub(in crate::codec::jpeg2000) resolution: usize,
    /// Index in it.
    pub(in crate::codec::jpeg2000) precinct: usize,
    /// Start on the reference grid: y, x.
    position: [u64; 2],
}

/// Precincts in groups: within a group, a layer of all precincts comes before the next layer.
pub(in crate::codec::jpeg2000) struct PacketOrder {
    /// Non-empty.
    pub(in crate::codec::jpeg2000) groups: Vec<Vec<PrecinctRef>>,
    /// Layers end before this one.
    pub(in crate::codec::jpeg2000) layer_end: u16,
}

/// The progressions of a tile, one after the other.
pub(in crate::codec::jpeg2000) fn packet_order(
    siz: &Siz,
    tile: &Rect,
    components: &[TileComponent],
    parameters: &TileParameters,
) -> Vec<PacketOrder> {
    let all = all_precincts(siz, tile, components);
    let layers = parameters.packets.layers;
    if parameters.changes.is_empty() {
        let order = parameters.packets.progression;
        return vec![PacketOrder { groups: grouped(all, order), layer_end: layers }];
    }
    let one = |change: &ProgressionChange| {
        let inside = |p: &&PrecinctRef| {
            let resolutions = usize::from(change.resolutions.start)..change.resolutions.end.into();
            let components = usize::from(change.components.start)..change.components.end.into();
            resolutions.contains(&p.resolution) && components.contains(&p.component)
        };
        let chosen = all.iter().filter(inside).copied().collect();
        let layer_end = change.layer_end.min(layers);
        PacketOrder { groups: grouped(chosen, change.order), layer_end }
    };
    parameters.changes.iter().map(one).collect()
}

fn all_precincts(siz: &Siz, tile: &Rect, components: &[TileComponent]) -> Vec<PrecinctRef> {
    let mut all = Vec::new();
    for (component, coded) in components.iter().enumerate() {
        let separation = siz.components[component].separation;
        for (resolution, level) in coded.resolutions.iter().enumerate() {
            let halvings = (coded.resolutions.len() - 1 - resolution) as u32;
            all.extend((0..level.precincts.len()).map(|precinct| {
                let position = level.precinct_position(precinct, halvings, separation, tile);
                PrecinctRef { component, resolution, precinct, position }
            }));
        }
    }
    all
}

fn grouped(mut precincts: Vec<PrecinctRef>, order: Progression) -> Vec<Vec<PrecinctRef>> {
    precincts.sort_by_key(|p| {
        let (resolution, component, [y, x]) = (p.resolution as u64, p.component as u64, p.position);
        let precinct = p.precinct as u64;
        match order {
            Progression::Lrcp | Progression::Rlcp => [resolution, component, precinct, 0, 0],
            Progression::Rpcl => [resolution, y, x, component, precinct],
            Progression::Pcrl => [y, x, component, resolution, precinct],
            Progression::Cprl => [component, y, x, resolution, precinct],
        }
    });
    let same_group = |a: &PrecinctRef, b: &PrecinctRef| match order {
        Progression::Lrcp => true,
        Progression::Rlcp => a.resolution == b.resolution,
        Progression::Rpcl | Progression::Pcrl | Progression::Cprl => false,
    };
    precincts.chunk_by(same_group).map(<[_]>::to_vec).collect()
}
