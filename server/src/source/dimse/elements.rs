//! Elements in Implicit VR Little Endian, which every command set is in (PS3.7 6.3.1) and which every
//! application entity must take for identifiers (PS3.5 10.1).

use std::collections::BTreeMap;

/// Tag: group in the high half.
pub(super) type Tag = u32;

/// Writes elements; the caller adds them by ascending tag.
#[derive(Default)]
pub(super) struct Writer(Vec<u8>);

impl Writer {
    /// Text or UID, padded to an even length; UIDs (`UI`) with NUL, text with a space.
    pub(super) fn text(&mut self, tag: Tag, value: &str, padding: u8) -> &mut Self {
        let mut bytes = value.as_bytes().to_vec();
        if bytes.len() % 2 == 1 {
            bytes.push(padding);
        }
        self.element(tag, &bytes)
    }

    /// UIDs, several as a list (PS3.4 C.2.2.2.2).
    pub(super) fn uid(&mut self, tag: Tag, value: &str) -> &mut Self {
        self.text(tag, value, 0)
    }

    /// An unsigned short.
    pub(super) fn u16(&mut self, tag: Tag, value: u16) -> &mut Self {
        self.element(tag, &value.to_le_bytes())
    }

    /// An element of any kind; its value has an even length.
    pub(super) fn element(&mut self, tag: Tag, value: &[u8]) -> &mut Self {
        let (group, element) = ((tag >> 16) as u16, tag as u16);
        self.0.extend(group.to_le_bytes());
        self.0.extend(element.to_le_bytes());
        // Values here are short: UIDs, titles, lists of UIDs of one request.
        self.0.extend(u32::try_from(value.len()).unwrap_or(u32::MAX).to_le_bytes());
        self.0.extend(value);
        self
    }

    /// The elements.
    pub(super) fn bytes(&self) -> Vec<u8> {
        self.0.clone()
    }

    /// The elements as a command set: its group length (0000,0000) in front.
    pub(super) fn command(&self) -> Vec<u8> {
        let mut whole = Self::default();
        let length = u32::try_from(self.0.len()).unwrap_or(u32::MAX);
        whole.element(0, &length.to_le_bytes());
        whole.0.extend(&self.0);
        whole.0
    }
}

/// A received command set.
#[derive(Debug, Default)]
pub(super) struct CommandSet(BTreeMap<u16, Vec<u8>>);

impl CommandSet {
    /// Reads a command set; `None` where an element is cut off or of another group.
    pub(super) fn parse(mut bytes: &[u8]) -> Option<Self> {
        let mut elements = BTreeMap::new();
        while !bytes.is_empty() {
            let (head, rest) = bytes.split_at_checked(8)?;
            let group = u16::from_le_bytes(head.get(..2)?.try_into().ok()?);
            let element = u16::from_le_bytes(head.get(2..4)?.try_into().ok()?);
            let length = u32::from_le_bytes(head.get(4..)?.try_into().ok()?);
            let (value, rest) = rest.split_at_checked(usize::try_from(length).ok()?)?;
            if group != 0 {
                return None;
            }
            elements.insert(element, value.to_vec());
            bytes = rest;
        }
        Some(Self(elements))
    }

    /// An unsigned short.
    pub(super) fn u16(&self, element: u16) -> Option<u16> {
        let value = self.0.get(&element)?.get(..2)?;
        Some(u16::from_le_bytes(value.try_into().ok()?))
    }

    /// A text or UID without padding.
    pub(super) fn text(&self, element: u16) -> Option<&str> {
        let text = std::str::from_utf8(self.0.get(&element)?).ok()?;
        Some(text.trim_matches(['\0', ' ']))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_comes_back_as_it_was_written() {
        let mut writer = Writer::default();
        writer.uid(0x0000_0002, "1.2.3").u16(0x0000_0100, 0x0030).uid(0x0000_1000, "");
        let bytes = writer.command();
        let length = (bytes.len() - 12) as u32;
        assert_eq!(bytes[8..12], length.to_le_bytes());
        let command = CommandSet::parse(&bytes).unwrap();
        assert_eq!(command.text(0x0002), Some("1.2.3"));
        assert_eq!(command.u16(0x0100), Some(0x0030));
        assert_eq!((command.text(0x1000), command.u16(0x1000)), (Some(""), None));
    }

    #[test]
    fn what_is_cut_off_or_of_another_group_is_refused() {
        let bytes = Writer::default().uid(0x0000_0002, "1.2.3").command();
        for length in 1..bytes.len() {
            let whole_elements = length == 12;
            assert_eq!(CommandSet::parse(&bytes[..length]).is_some(), whole_elements, "{length}");
        }
        assert!(CommandSet::parse(&[8, 0, 5, 0, 0, 0, 0, 0]).is_none());
        assert!(CommandSet::parse(&[0, 0, 5, 0, 0xFF, 0xFF, 0xFF, 0xFF]).is_none());
    }
}
