//! Marker segments of JPEG and JPEG-LS codestreams (ITU-T T.81 annex B, T.87 annex C).

use super::super::reader::Reader;

/// Start of image, end of image, start of scan.
pub(in crate::codec) const EOI: u8 = 0xD9;
pub(in crate::codec) const SOS: u8 = 0xDA;
/// Define restart interval.
pub(in crate::codec) const DRI: u8 = 0xDD;
/// Define quantisation tables.
#[cfg(feature = "codecs-common")]
pub(in crate::codec) const DQT: u8 = 0xDB;
/// Define number of lines.
const DNL: u8 = 0xDC;

/// One marker with its parameters; `payload` is empty for markers without any.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::codec) struct Segment<'a> {
    /// Second byte of the marker.
    pub(in crate::codec) marker: u8,
    /// Parameters without their length.
    pub(in crate::codec) payload: &'a [u8],
    /// What follows the segment; for SOS the entropy-coded data.
    pub(in crate::codec) after: &'a [u8],
}

/// A marker segment that the data ends in, or something that is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::codec) enum SegmentError {
    /// The data ends within a segment.
    Truncated,
    /// Bytes that are no marker where one must be.
    NotAMarker,
}

/// Iterates over the segments of the headers, the first SOS or EOI included; then it ends.
#[derive(Clone, Copy, Debug)]
pub(in crate::codec) struct Segments<'a> {
    reader: Reader<'a>,
    done: bool,
}

impl<'a> Segments<'a> {
    /// `bytes` starts at a marker (SOI for a whole codestream).
    pub(in crate::codec) fn new(bytes: &'a [u8]) -> Self {
        Self { reader: Reader::new(bytes), done: false }
    }

    fn read(&mut self) -> Result<Segment<'a>, SegmentError> {
        let reader = &mut self.reader;
        if reader.u8().ok_or(SegmentError::Truncated)? != 0xFF {
            return Err(SegmentError::NotAMarker);
        }
        let mut marker = reader.u8().ok_or(SegmentError::Truncated)?;
        while marker == 0xFF {
            // Fill bytes (T.81 B.1.1.2).
            marker = reader.u8().ok_or(SegmentError::Truncated)?;
        }
        let payload = if has_parameters(marker) {
            let length = reader.u16().ok_or(SegmentError::Truncated)?;
            let length = usize::from(length).checked_sub(2).ok_or(SegmentError::NotAMarker)?;
            reader.take(length).ok_or(SegmentError::Truncated)?
        } else {
            &[]
        };
        Ok(Segment { marker, payload, after: reader.rest() })
    }
}

impl<'a> Iterator for Segments<'a> {
    type Item = Result<Segment<'a>, SegmentError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.done {
            return None;
        }
        let segment = self.read();
        self.done =
            !matches!(segment, Ok(segment) if segment.marker != SOS && segment.marker != EOI);
        Some(segment)
    }
}

/// All but TEM, RSTn, SOI and EOI.
fn has_parameters(marker: u8) -> bool {
    !matches!(marker, 0x01 | 0xD0..=0xD9)
}

/// SOF0 to SOF15 and SOF55 (JPEG-LS).
pub(in crate::codec) fn is_start_of_frame(marker: u8) -> bool {
    matches!(marker, 0xC0..=0xC3 | 0xC5..=0xC7 | 0xC9..=0xCB | 0xCD..=0xCF | 0xF7)
}

/// Where entropy-coded data ends: at the next marker that is no restart, or with the data.
#[cfg(feature = "codecs-common")]
pub(in crate::codec) fn entropy_coded_end(data: &[u8]) -> usize {
    let is_end = |pair: &[u8]| matches!(pair, [0xFF, 1..=0xCF | 0xD8..=0xFE]);
    data.windows(2).position(is_end).unwrap_or(data.len())
}

/// A codestream whose frame header leaves the number of lines open (T.81 B.2.5), with the number that
/// follows the first scan in its place; `None` if the number is not open, or nowhere.
pub(in crate::codec) fn with_number_of_lines(encoded: &[u8]) -> Option<Vec<u8>> {
    let segments = || Segments::new(encoded).map_while(Result::ok);
    let frame = segments().find(|segment| is_start_of_frame(segment.marker))?;
    let scan = segments().find(|segment| segment.marker == SOS)?;
    let lines_at = encoded.len() - frame.after.len() - frame.payload.len() + 1;
    let data_at = encoded.len() - scan.after.len();
    let is_lines = |bytes: &[u8]| matches!(bytes, [0xFF, DNL, 0, 4, ..]);
    let found = data_at + scan.after.windows(6).position(is_lines)?;
    let mut complete = encoded.to_vec();
    let segment: Vec<u8> = complete.drain(found..found + 6).collect();
    let lines = segment.get(4..).filter(|lines| *lines != [0, 0])?;
    let place = complete.get_mut(lines_at..lines_at + 2).filter(|lines| **lines == [0, 0])?;
    place.copy_from_slice(lines);
    Some(complete)
}

/// Frame header (T.81 B.2.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::codec) struct FrameHeader {
    /// Sample precision in bits.
    pub(in crate::codec) precision: u32,
    /// Number of lines; 0 where a later segment gives it.
    pub(in crate::codec) rows: u32,
    /// Samples per line.
    pub(in crate::codec) columns: u32,
    /// Components in order.
    pub(in crate::codec) components: Vec<FrameComponent>,
}

/// One component of a frame header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::codec) struct FrameComponent {
    /// Identifier.
    pub(in crate::codec) id: u8,
    /// Horizontal and vertical sampling factor.
    pub(in crate::codec) sampling: [u8; 2],
    /// Slot of the quantisation table; nothing to lossless processes.
    pub(in crate::codec) quantisation: u8,
}

impl FrameHeader {
    /// Reads the payload of a SOF segment.
    pub(in crate::codec) fn read(payload: &[u8]) -> Option<Self> {
        let mut reader = Reader::new(payload);
        let precision = u32::from(reader.u8()?);
        let rows = u32::from(reader.u16()?);
        let columns = u32::from(reader.u16()?);
        let count = reader.u8()?;
        let components = (0..count)
            .map(|_| {
                let (id, sampling, quantisation) = (reader.u8()?, reader.u8()?, reader.u8()?);
                let sampling = [sampling >> 4, sampling & 15];
                Some(FrameComponent { id, sampling, quantisation })
            })
            .collect::<Option<_>>()?;
        Some(Self { precision, rows, columns, components })
    }

    /// Whether every component has a sample at every pixel.
    pub(in crate::codec) fn is_fully_sampled(&self) -> bool {
        let first = self.components.first().map(|component| component.sampling);
        self.components.iter().all(|component| Some(component.sampling) == first)
    }
}

/// Scan header (T.81 B.2.3, T.87 C.2.3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::codec) struct ScanHeader {
    /// Component identifier and table byte of each component of the scan.
    pub(in crate::codec) components: Vec<(u8, u8)>,
    /// The three bytes after them: `Ss Se Ah/Al`, or `NEAR ILV Pt`.
    pub(in crate::codec) parameters: [u8; 3],
}

impl ScanHeader {
    /// Reads the payload of a SOS segment.
    pub(in crate::codec) fn read(payload: &[u8]) -> Option<Self> {
        let mut reader = Reader::new(payload);
        let count = reader.u8()?;
        let components =
            (0..count).map(|_| Some((reader.u8()?, reader.u8()?))).collect::<Option<Vec<_>>>()?;
        let parameters = [reader.u8()?, reader.u8()?, reader.u8()?];
        Some(Self { components, parameters })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_stop_at_the_scan() {
        let bytes = [0xFF, 0xD8, 0xFF, 0xFF, 0xE0, 0, 3, 9, 0xFF, 0xDA, 0, 2, 1, 2, 3];
        let all: Vec<_> = Segments::new(&bytes).collect::<Result<_, _>>().expect("whole");
        let markers: Vec<_> = all.iter().map(|s| (s.marker, s.payload)).collect();
        assert_eq!(markers, [(0xD8, &[][..]), (0xE0, &[9]), (SOS, &[])]);
        assert_eq!(all[2].after, [1, 2, 3]);
    }

    #[test]
    fn ends_and_garbage_are_told_apart() {
        let last = |bytes: &'static [u8]| Segments::new(bytes).last();
        assert_eq!(last(&[0xFF, 0xD8, 0xFF, 0xE0, 0, 9, 1]), Some(Err(SegmentError::Truncated)));
        assert_eq!(last(&[0xFF, 0xD8, 7, 7]), Some(Err(SegmentError::NotAMarker)));
        assert_eq!(last(&[0xFF, 0xE0, 0, 1]), Some(Err(SegmentError::NotAMarker)));
        assert_eq!(last(&[]), Some(Err(SegmentError::Truncated)));
    }

    #[test]
    fn frame_header_of_subsampled_colour() {
        let payload = [8, 0, 2, 0, 3, 3, 1, 0x21, 0, 2, 0x11, 1, 3, 0x11, 1];
        let header = FrameHeader::read(&payload).expect("whole");
        assert_eq!((header.precision, header.rows, header.columns), (8, 2, 3));
        assert_eq!(
            header.components[0],
            FrameComponent { id: 1, sampling: [2, 1], quantisation: 0 }
        );
        assert!(!header.is_fully_sampled());
        assert_eq!(FrameHeader::read(&payload[..14]), None);
    }

    #[test]
    fn the_number_of_lines_may_follow_the_scan() {
        let frame = [0xFF, 0xC3, 0, 11, 8, 0, 0, 0, 3, 1, 1, 0x11, 0];
        let scan = [0xFF, 0xDA, 0, 8, 1, 1, 0, 1, 0, 0, 0x12, 0xFF, 0x00, 0x34];
        let open =
            [&[0xFF, 0xD8][..], &frame, &scan, &[0xFF, 0xDC, 0, 4, 2, 1, 0xFF, 0xD9]].concat();
        let complete = with_number_of_lines(&open).expect("open and given");
        assert_eq!(complete.len(), open.len() - 6);
        assert_eq!(complete[7..9], [2, 1]);
        assert_eq!(complete[complete.len() - 4..], [0x00, 0x34, 0xFF, 0xD9]);
        assert_eq!(with_number_of_lines(&complete), None);
    }
}
