//! `multipart/related` bodies (RFC 2046 5.1, RFC 2387; DICOM PS3.18 8.6.1.2) as slices of the body.
//!
//! Lenient where peers are sloppy and nothing can go wrong by it (quoting of parameters, case of
//! names, line ends around headers), strict where data could be mixed up: a body that ends before
//! its closing delimiter is an error.

use thiserror::Error;

/// Longest boundary that is accepted; RFC 2046 allows 70.
const MAX_BOUNDARY_BYTES: usize = 256;
/// Longest header block of one part.
const MAX_HEADER_BYTES: usize = 16 * 1024;

/// Why a body is not split into parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum MultipartError {
    /// The content type has no usable boundary.
    #[error("multipart content type without a usable boundary")]
    NoBoundary,
    /// The body does not start with a delimiter.
    #[error("no multipart delimiter in the body")]
    NoDelimiter,
    /// The body ends before the closing delimiter.
    #[error("multipart body ends before its closing delimiter")]
    Truncated,
    /// A part's headers do not end, or are too long.
    #[error("malformed headers of a part")]
    Headers,
    /// More parts than the caller allows.
    #[error("more than {0} parts")]
    TooManyParts(usize),
}

/// A media type with its parameters, leniently read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MediaType {
    /// `type/subtype` in lower case.
    pub essence: String,
    /// Names in lower case, values unquoted, in order.
    parameters: Vec<(String, String)>,
}

impl MediaType {
    /// Reads `type/subtype; name=value; name="value"`.
    ///
    /// A quoted value may hold `;` and parameters of its own: Orthanc writes
    /// `type="image/jls; transfer-syntax=1.2.…"`. A quote that is never closed ends at the end.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let mut items = split_outside_quotes(text).into_iter();
        let essence = items.next().unwrap_or_default().trim().to_ascii_lowercase();
        let parameters = items
            .filter_map(|item| item.split_once('='))
            .map(|(name, value)| (name.trim().to_ascii_lowercase(), unquote(value.trim())))
            .collect();
        Self { essence, parameters }
    }

    /// Value of the first parameter of this name (lower case).
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    /// Whether the body has parts.
    #[must_use]
    pub fn is_multipart(&self) -> bool {
        self.essence.starts_with("multipart/")
    }

    /// The `transfer-syntax` parameter (PS3.18 8.7.3.5.2), also where a misquoted `type` swallowed it;
    /// `None` where absent or the wildcard `*`.
    #[must_use]
    pub fn transfer_syntax(&self) -> Option<String> {
        let own = self.parameter("transfer-syntax").map(str::to_owned);
        let swallowed = || {
            let inner = Self::parse(self.parameter("type")?);
            inner.parameter("transfer-syntax").map(str::to_owned)
        };
        own.or_else(swallowed).filter(|uid| uid != "*" && !uid.is_empty())
    }
}

/// Splits at `;` outside of double quotes.
fn split_outside_quotes(text: &str) -> Vec<&str> {
    let (mut quoted, mut escaped) = (false, false);
    text.split(|c: char| {
        let splits = c == ';' && !quoted;
        quoted ^= c == '"' && !escaped;
        escaped = quoted && c == '\\' && !escaped;
        splits
    })
    .collect()
}

fn unquote(value: &str) -> String {
    let Some(inner) = value.strip_prefix('"') else {
        return value.to_owned();
    };
    let inner = inner.strip_suffix('"').unwrap_or(inner);
    let mut escaped = false;
    inner
        .chars()
        .filter(|&c| {
            escaped = c == '\\' && !escaped;
            !escaped
        })
        .collect()
}

/// One part of a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part<'a> {
    /// Header lines as `(name in lower case, value)`.
    headers: Vec<(String, String)>,
    /// Content.
    pub body: &'a [u8],
}

impl Part<'_> {
    /// Value of the first header of this name (lower case).
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    /// Content-Type; empty where there is none.
    #[must_use]
    pub fn media_type(&self) -> MediaType {
        MediaType::parse(self.header("content-type").unwrap_or_default())
    }
}

/// Splits a body by the boundary in `media_type`; at most `max_parts` parts.
///
/// The part that a `start=` parameter names (RFC 2387 3.2) comes first, the others stay in order.
///
/// # Errors
/// [`MultipartError`].
pub fn parse_multipart<'a>(
    media_type: &MediaType,
    body: &'a [u8],
    max_parts: usize,
) -> Result<Vec<Part<'a>>, MultipartError> {
    let boundary = media_type.parameter("boundary").unwrap_or_default();
    if boundary.is_empty() || boundary.len() > MAX_BOUNDARY_BYTES {
        return Err(MultipartError::NoBoundary);
    }
    let delimiter = format!("\r\n--{boundary}").into_bytes();
    let mut parts = Vec::new();
    let mut rest = after_first_delimiter(body, &delimiter)?;
    while let Some(content) = part_content(rest)? {
        if parts.len() == max_parts {
            return Err(MultipartError::TooManyParts(max_parts));
        }
        let (part, next) = read_part(content, &delimiter)?;
        parts.push(part);
        rest = next;
    }
    let start = media_type.parameter("start");
    let root = start.and_then(|id| parts.iter().position(|p| p.header("content-id") == Some(id)));
    if let Some(root) = root {
        parts[..=root].rotate_right(1);
    }
    Ok(parts)
}

/// Skips the preamble: the first delimiter may stand at the very start, without a line end.
fn after_first_delimiter<'a>(body: &'a [u8], delimiter: &[u8]) -> Result<&'a [u8], MultipartError> {
    let bare = delimiter.get(2..).unwrap_or_default();
    if let Some(rest) = body.strip_prefix(bare) {
        return Ok(rest);
    }
    // A preamble is text of a few lines; image data is never searched for it.
    let preamble = body.get(..body.len().min(MAX_HEADER_BYTES)).unwrap_or_default();
    let at = find(preamble, delimiter).ok_or(MultipartError::NoDelimiter)?;
    body.get(at + delimiter.len()..).ok_or(MultipartError::NoDelimiter)
}

/// What follows a delimiter: `None` for the closing `--`, else the part behind the line end.
fn part_content(rest: &[u8]) -> Result<Option<&[u8]>, MultipartError> {
    if rest.starts_with(b"--") {
        return Ok(None);
    }
    let padding = rest.iter().take_while(|b| matches!(b, b' ' | b'\t')).count();
    match rest.get(padding..) {
        Some([b'\r', b'\n', content @ ..]) => Ok(Some(content)),
        _ => Err(MultipartError::Truncated),
    }
}

/// Reads one part; returns it and what follows its closing delimiter.
fn read_part<'a>(
    content: &'a [u8],
    delimiter: &[u8],
) -> Result<(Part<'a>, &'a [u8]), MultipartError> {
    let (headers, data) = read_headers(content)?;
    let announced = headers.iter().find(|(name, _)| name == "content-length");
    let announced = announced.and_then(|(_, value)| value.parse::<usize>().ok());
    // A correct Content-Length saves the search.
    let fits = |&end: &usize| data.get(end..).is_some_and(|rest| rest.starts_with(delimiter));
    let end = announced.filter(fits).or_else(|| find(data, delimiter));
    let end = end.ok_or(MultipartError::Truncated)?;
    let (body, rest) = data.split_at_checked(end).ok_or(MultipartError::Truncated)?;
    let rest = rest.get(delimiter.len()..).ok_or(MultipartError::Truncated)?;
    Ok((Part { headers, body }, rest))
}

type Headers = Vec<(String, String)>;

fn read_headers(content: &[u8]) -> Result<(Headers, &[u8]), MultipartError> {
    if let Some(data) = content.strip_prefix(b"\r\n") {
        return Ok((Vec::new(), data));
    }
    let block = content.get(..content.len().min(MAX_HEADER_BYTES)).unwrap_or_default();
    let end = find(block, b"\r\n\r\n").ok_or(if block.len() < MAX_HEADER_BYTES {
        MultipartError::Truncated
    } else {
        MultipartError::Headers
    })?;
    let text = content.get(..end).and_then(|bytes| core::str::from_utf8(bytes).ok());
    let headers = text
        .ok_or(MultipartError::Headers)?
        .split("\r\n")
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.trim().to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    Ok((headers, content.get(end + 4..).unwrap_or_default()))
}

/// Position of `needle`, which starts with CR.
fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    let mut from = 0;
    loop {
        let rest = haystack.get(from..)?;
        let at = from + rest.iter().position(|&byte| byte == b'\r')?;
        if haystack.get(at..)?.starts_with(needle) {
            return Some(at);
        }
        from = at + 1;
    }
}
