//! MPEG-2 transport streams (ISO/IEC 13818-1): the bytes of the first video stream. Programme tables
//! are not needed: the transfer syntax says what the video is, its packets say that they are video.

use super::super::DecodeError;
use super::VIDEO;

const PACKET_BYTES: usize = 188;
const SYNC: u8 = 0x47;

/// Packets of 188 bytes, or those of Blu-ray discs with four bytes before each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Packets {
    /// Bytes before the sync byte.
    lead: usize,
    /// The stream that is read, once it is known.
    video: Option<u16>,
    /// Continuity counter of its last packet with a payload.
    counter: Option<u8>,
}

impl Packets {
    /// Recognises packets by their sync bytes.
    pub(super) fn sniff(start: &[u8]) -> Option<Self> {
        let fits = |lead: &usize| {
            let syncs = start.iter().skip(*lead).step_by(PACKET_BYTES + *lead).take(4);
            syncs.clone().count() >= 2 && syncs.into_iter().all(|byte| *byte == SYNC)
        };
        let lead = [0, 4].into_iter().find(fits)?;
        Some(Self { lead, video: None, counter: None })
    }

    pub(super) fn packet_bytes(self) -> usize {
        PACKET_BYTES + self.lead
    }

    /// What a packet carries of the video stream.
    pub(super) fn payload<'a>(
        &mut self,
        packet: &'a [u8],
    ) -> Result<Option<&'a [u8]>, DecodeError> {
        let cut = || DecodeError::corrupt(VIDEO, "transport packet without its header");
        let [sync, high, low, flags, rest @ ..] = packet.get(self.lead..).ok_or_else(cut)? else {
            return Err(cut());
        };
        if *sync != SYNC || high & 0x80 != 0 {
            return Err(DecodeError::corrupt(VIDEO, "damaged transport packet"));
        }
        let (has_adaptation, has_payload) = (flags & 0x20 != 0, flags & 0x10 != 0);
        let skip = if has_adaptation { 1 + usize::from(*rest.first().ok_or_else(cut)?) } else { 0 };
        let identifier = u16::from(high & 0x1F) << 8 | u16::from(*low);
        let is_start = high & 0x40 != 0;
        let payload = rest.get(skip..).filter(|_| has_payload).unwrap_or_default();
        if is_start && self.video.is_none() && is_video(payload) {
            self.video = Some(identifier);
        }
        if self.video != Some(identifier) || payload.is_empty() {
            return Ok(None);
        }
        if flags & 0xC0 != 0 {
            return Err(DecodeError::feature(VIDEO, "encryption"));
        }
        let may_jump = has_adaptation && skip > 1 && rest.get(1).is_some_and(|b| b & 0x80 != 0);
        if self.is_repeated(flags & 15, may_jump)? {
            return Ok(None);
        }
        if is_start { elementary(payload).map(Some) } else { Ok(Some(payload)) }
    }

    /// Whether the packet was there before; a packet that is missing between the two is an error.
    fn is_repeated(&mut self, counter: u8, may_jump: bool) -> Result<bool, DecodeError> {
        match self.counter.replace(counter) {
            Some(last) if last == counter && !may_jump => Ok(true),
            Some(last) if last.wrapping_add(1) & 15 != counter && !may_jump => {
                Err(DecodeError::corrupt(VIDEO, "packets of the transport stream are missing"))
            }
            _ => Ok(false),
        }
    }

    /// The same stream, read from another place.
    pub(super) fn elsewhere(self) -> Self {
        Self { counter: None, ..self }
    }
}

fn is_video(payload: &[u8]) -> bool {
    matches!(payload, [0, 0, 1, 0xE0..=0xEF, ..])
}

/// A packet of the elementary stream without its header (13818-1 2.4.3.6).
fn elementary(payload: &[u8]) -> Result<&[u8], DecodeError> {
    let length = payload.get(8).filter(|_| is_video(payload));
    let content = length.and_then(|length| payload.get(9 + usize::from(*length)..));
    content.ok_or_else(|| DecodeError::corrupt(VIDEO, "packet of the elementary stream"))
}
