use std::io::{Read, Seek};

use super::ParseError;
use super::encoding::Encoding;
use super::parse::{ITEM, ITEM_END, Parser, SEQUENCE_END};

/// What is open while something of undefined length is passed over.
#[derive(Clone, Copy, PartialEq)]
enum Open {
    Sequence,
    Item,
}

/// Passes over the rest of a sequence of undefined length, however deep it nests: a list on the heap
/// instead of recursion, each entry backed by at least eight bytes of the file.
pub(super) fn skip_undefined<R: Read + Seek>(
    parser: &mut Parser<R>,
    encoding: Encoding,
    end: u64,
) -> Result<(), ParseError> {
    let mut open = vec![Open::Sequence];
    while let Some(&innermost) = open.last() {
        let header = parser.header(encoding, end)?;
        let ends = match innermost {
            Open::Sequence => SEQUENCE_END,
            Open::Item => ITEM_END,
        };
        if header.tag == ends {
            open.pop();
            continue;
        }
        match header.length {
            Some(length) => {
                let next = parser.source.position().saturating_add(length);
                if next > end {
                    return Err(ParseError::Truncated { offset: parser.source.position() });
                }
                parser.source.seek_to(next)?;
            }
            None if innermost == Open::Sequence && header.tag == ITEM => open.push(Open::Item),
            None if innermost == Open::Item => open.push(Open::Sequence),
            None => return Err(ParseError::Unexpected { offset: header.offset }),
        }
    }
    Ok(())
}
