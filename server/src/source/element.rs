//! Names an element anywhere in a data set.

use std::fmt;

/// Deepest sequence nesting an address may have.
const MAX_DEPTH: usize = 32;

/// `GGGGEEEE`, or inside sequences `GGGGEEEE.item.GGGGEEEE…` with items counted from 1.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ElementPath {
    /// Sequences on the way: tag (group in the high half) and item from 1.
    pub items: Vec<(u32, u32)>,
    /// The element.
    pub tag: u32,
}

impl ElementPath {
    /// Pixel Data (7FE0,0010) of the object itself.
    #[must_use]
    pub const fn pixel_data() -> Self {
        Self { items: Vec::new(), tag: 0x7FE0_0010 }
    }

    /// Reads the text form; `None` for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('.');
        let mut items = Vec::new();
        let mut tag = parse_tag(parts.next()?)?;
        while let Some(item) = parts.next() {
            let item = item.parse().ok().filter(|item| *item > 0)?;
            items.push((tag, item));
            tag = parse_tag(parts.next()?)?;
            if items.len() > MAX_DEPTH {
                return None;
            }
        }
        Some(Self { items, tag })
    }
}

fn parse_tag(text: &str) -> Option<u32> {
    let is_tag = text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_tag.then(|| u32::from_str_radix(text, 16).ok()).flatten()
}

impl fmt::Display for ElementPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (tag, item) in &self.items {
            write!(f, "{tag:08X}.{item}.")?;
        }
        write!(f, "{:08X}", self.tag)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_back() {
        for text in ["7FE00010", "54000100.1.54001010", "00281101"] {
            assert_eq!(
                ElementPath::parse(text).map(|path| path.to_string()).as_deref(),
                Some(text)
            );
        }
        let path = ElementPath::parse("00283010.2.00283006").unwrap();
        assert_eq!(path, ElementPath { items: vec![(0x0028_3010, 2)], tag: 0x0028_3006 });
    }

    #[test]
    fn anything_else_is_refused() {
        for text in
            ["", "7FE0001", "7FE00010.", "7FE00010.0.00080005", "7FE00010.1", "+FE00010", "é234567"]
        {
            assert_eq!(ElementPath::parse(text), None, "{text}");
        }
    }
}
