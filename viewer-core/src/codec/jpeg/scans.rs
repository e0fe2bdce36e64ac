//! The scans of a DCT frame, looked at before they are decoded: the library decodes what it finds, and
//! fills in for what it does not.

use super::markers::{DQT, EOI, SOS, ScanHeader, Segments, entropy_coded_end};
use super::{CODEC, Headers, PROGRESSIVE, segment_error};
use crate::codec::DecodeError;

/// Refuses more than `most` scans, a component without its lowest frequency, a component whose
/// quantisation table is missing, and a progressive frame without an end: its scans refine the whole
/// frame one after the other, so that a file cut off between two would look merely blurred.
pub(super) fn check_scans(
    encoded: &[u8],
    headers: &Headers,
    most: usize,
) -> Result<(), DecodeError> {
    let found = Scans::read(encoded, most)?;
    if headers.process == PROGRESSIVE && !found.is_closed {
        return Err(DecodeError::Truncated { codec: CODEC, at: "progressive scans" });
    }
    for component in &headers.frame.components {
        if !found.components.contains(&component.id) {
            return Err(DecodeError::Truncated { codec: CODEC, at: "scans of all components" });
        }
        if found.tables & 1 << (component.quantisation & 15) == 0 {
            return Err(DecodeError::corrupt(CODEC, "no quantisation table"));
        }
    }
    Ok(())
}

/// What a walk over all segments finds.
#[derive(Default)]
struct Scans {
    count: usize,
    /// Identifiers of components in scans that begin at the lowest frequency.
    components: Vec<u8>,
    /// Slots of quantisation tables, one bit each.
    tables: u16,
    /// The end of the image is marked.
    is_closed: bool,
}

impl Scans {
    /// Walks to the end of the image, or of the data.
    fn read(encoded: &[u8], most: usize) -> Result<Self, DecodeError> {
        let mut found = Self::default();
        let mut rest = Some(encoded);
        while let Some(bytes) = rest.filter(|bytes| !bytes.is_empty()) {
            rest = found.read_to_scan(bytes)?;
            if found.count > most {
                let (actual, limit) = (found.count as u64, most as u64);
                return Err(DecodeError::TooLarge { codec: CODEC, what: "scans", actual, limit });
            }
        }
        Ok(found)
    }

    /// Reads to the next scan and over it; gives what follows, if anything may.
    fn read_to_scan<'a>(&mut self, bytes: &'a [u8]) -> Result<Option<&'a [u8]>, DecodeError> {
        for segment in Segments::new(bytes) {
            let segment = match segment {
                Ok(segment) => segment,
                // What lies behind a scan that fills the frame does not matter.
                Err(_) if self.count > 0 => return Ok(None),
                Err(error) => return Err(segment_error(error)),
            };
            match segment.marker {
                DQT => self.add_tables(segment.payload),
                SOS => {
                    self.add_scan(segment.payload)?;
                    return Ok(segment.after.get(entropy_coded_end(segment.after)..));
                }
                EOI => self.is_closed = true,
                _ => {}
            }
        }
        Ok(None)
    }

    fn add_tables(&mut self, payload: &[u8]) {
        let mut rest = payload;
        while let Some((&precision_and_slot, table)) = rest.split_first() {
            self.tables |= 1 << (precision_and_slot & 15);
            let length = if precision_and_slot >> 4 == 0 { 64 } else { 128 };
            rest = table.get(length..).unwrap_or_default();
        }
    }

    fn add_scan(&mut self, payload: &[u8]) -> Result<(), DecodeError> {
        let header = ScanHeader::read(payload);
        let header = header.ok_or_else(|| DecodeError::corrupt(CODEC, "short scan header"))?;
        self.count += 1;
        if header.parameters[0] == 0 {
            let fresh = header.components.iter().map(|&(id, _)| id);
            self.components.extend(fresh);
        }
        Ok(())
    }
}
