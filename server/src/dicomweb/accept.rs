//! Content negotiation as DICOMweb has it (PS3.18 8.3.3, 8.7): media ranges with `type`, `transfer-syntax`
//! and `q`, from the Accept header or the `accept` query parameter.

use axum::http::{HeaderMap, header};

/// One acceptable media type, e.g. `multipart/related; type="application/octet-stream"; transfer-syntax=*`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct MediaRange {
    /// `type/subtype`, lower case.
    pub essence: String,
    /// The `type` parameter of a multipart range, lower case.
    pub part_type: Option<String>,
    /// The `transfer-syntax` parameter: a UID or `*`.
    pub transfer_syntax: Option<String>,
    /// `q` in thousandths.
    quality: u16,
}

impl MediaRange {
    fn everything() -> Self {
        Self { essence: "*/*".to_owned(), part_type: None, transfer_syntax: None, quality: 1000 }
    }

    /// Whether this range, taken as a single-part type, covers `essence` (itself or by wildcard).
    pub(crate) fn covers(&self, essence: &str) -> bool {
        covers(&self.essence, essence)
    }

    /// Whether this range accepts `multipart/related` bodies with parts of this type.
    pub(crate) fn covers_related(&self, part: &str) -> bool {
        self.covers("multipart/related")
            && self.part_type.as_deref().is_none_or(|wanted| covers(wanted, part))
    }
}

fn covers(range: &str, essence: &str) -> bool {
    range == "*/*"
        || range == essence
        || range.strip_suffix("/*").is_some_and(|main| {
            essence.strip_prefix(main).is_some_and(|rest| rest.starts_with('/'))
        })
}

/// What a client accepts, best first; ranges with `q=0` are left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Accept(Vec<MediaRange>);

impl Accept {
    /// Reads the request: the `accept` query parameter replaces the header (PS3.18 8.3.3.1).
    pub(crate) fn of(headers: &HeaderMap, query: Option<&str>) -> Self {
        if let Some(query) = query {
            return Self::parse([query].into_iter());
        }
        Self::parse(headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok()))
    }

    fn parse<'a>(values: impl Iterator<Item = &'a str>) -> Self {
        let mut any = false;
        let mut ranges = Vec::new();
        for item in values.flat_map(|value| split_outside_quotes(value, ',')) {
            any |= !item.trim().is_empty();
            ranges.extend(parse_range(item));
        }
        if !any {
            ranges.push(MediaRange::everything());
        }
        ranges.retain(|range| range.quality > 0);
        ranges.sort_by_key(|range| std::cmp::Reverse(range.quality));
        Self(ranges)
    }

    /// The ranges, best first.
    pub(crate) fn ranges(&self) -> impl Iterator<Item = &MediaRange> {
        self.0.iter()
    }

    /// The first of `offered` that the best matching range covers.
    pub(crate) fn choose<'a>(&self, offered: &[&'a str]) -> Option<&'a str> {
        self.ranges().find_map(|range| offered.iter().find(|one| range.covers(one)).copied())
    }
}

/// `None` where the range is malformed: it is ignored, as if the client had not sent it.
fn parse_range(item: &str) -> Option<MediaRange> {
    let mut parts = split_outside_quotes(item, ';');
    let essence = parts.next()?.trim().to_ascii_lowercase();
    if !essence.contains('/') {
        return None;
    }
    let mut range = MediaRange { essence, part_type: None, transfer_syntax: None, quality: 1000 };
    for parameter in parts {
        let Some((name, value)) = parameter.split_once('=') else { continue };
        let value = value.trim().trim_matches('"').trim();
        match name.trim().to_ascii_lowercase().as_str() {
            "type" => range.part_type = Some(value.to_ascii_lowercase()),
            "transfer-syntax" => range.transfer_syntax = Some(value.to_owned()),
            "q" => range.quality = parse_quality(value)?,
            _ => {}
        }
    }
    Some(range)
}

fn parse_quality(value: &str) -> Option<u16> {
    let quality: f32 = value.parse().ok()?;
    (0.0..=1.0).contains(&quality).then_some((quality * 1000.0).round() as u16)
}

fn split_outside_quotes(text: &str, separator: char) -> impl Iterator<Item = &str> {
    let mut quoted = false;
    text.split(move |c| {
        quoted ^= c == '"';
        c == separator && !quoted
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accept(value: &str) -> Accept {
        Accept::parse([value].into_iter())
    }

    #[test]
    fn reads_a_quoted_type_and_the_transfer_syntax() {
        let accept =
            accept(r#"multipart/related; type="application/octet-stream"; transfer-syntax=*"#);
        let range = accept.ranges().next().unwrap();
        assert_eq!(range.essence, "multipart/related");
        assert_eq!(range.part_type.as_deref(), Some("application/octet-stream"));
        assert_eq!(range.transfer_syntax.as_deref(), Some("*"));
    }

    #[test]
    fn orders_by_quality_and_drops_zero() {
        let accept = accept("image/png;q=0.5, image/jpeg;q=0, */*;q=0.1, text/html");
        let order: Vec<_> = accept.ranges().map(|range| range.essence.as_str()).collect();
        assert_eq!(order, ["text/html", "image/png", "*/*"]);
        assert_eq!(accept.choose(&["image/png", "image/jpeg"]), Some("image/png"));
    }

    #[test]
    fn an_unquoted_slash_is_tolerated() {
        let accept = accept("multipart/related;type=application/dicom+json");
        assert!(accept.ranges().next().unwrap().covers_related("application/dicom+json"));
        assert!(!accept.ranges().next().unwrap().covers_related("application/dicom"));
    }

    #[test]
    fn nothing_sent_means_everything() {
        assert_eq!(accept("").choose(&["image/jpeg"]), Some("image/jpeg"));
        assert_eq!(accept("image/*").choose(&["image/jpeg"]), Some("image/jpeg"));
        assert_eq!(accept("image/gif").choose(&["image/jpeg"]), None);
        assert_eq!(accept("imagery").choose(&["image/jpeg"]), None);
    }
}
