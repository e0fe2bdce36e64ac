//! RLE lossless (PS3.5 Annex G), as much as the phantom needs.

/// Encodes one frame of 16-bit samples: the high bytes, then the low bytes, each row by itself.
pub(crate) fn encode(samples: &[u16], columns: usize) -> Vec<u8> {
    let segments = [8_u32, 0].map(|shift| {
        let bytes: Vec<u8> = samples.iter().map(|sample| (sample >> shift) as u8).collect();
        let mut segment: Vec<u8> = bytes.chunks(columns.max(1)).flat_map(pack).collect();
        if segment.len() % 2 == 1 {
            segment.push(0);
        }
        segment
    });
    let second = 64 + segments[0].len() as u32;
    let mut header = [0_u32; 16];
    header[..3].copy_from_slice(&[2, 64, second]);
    let mut frame: Vec<u8> = header.iter().flat_map(|word| word.to_le_bytes()).collect();
    frame.extend(segments.concat());
    frame
}

/// PackBits: runs of 2 to 128 equal bytes, and literals of up to 128 bytes.
fn pack(row: &[u8]) -> Vec<u8> {
    let mut packed = Vec::with_capacity(row.len());
    let mut rest = row;
    while let Some(&first) = rest.first() {
        let run = rest.iter().take(128).take_while(|&&byte| byte == first).count();
        if run > 1 {
            packed.extend([(257 - run) as u8, first]);
            rest = &rest[run..];
        } else {
            let length = literal_length(rest);
            packed.push((length - 1) as u8);
            packed.extend_from_slice(&rest[..length]);
            rest = &rest[length..];
        }
    }
    packed
}

/// Bytes before the next run of three, at most 128.
fn literal_length(bytes: &[u8]) -> usize {
    let run = bytes.windows(3).position(|three| three[0] == three[1] && three[1] == three[2]);
    run.unwrap_or(bytes.len()).clamp(1, 128)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_packbits_comes_out() {
        let row = [0xaa, 0xaa, 0xaa, 0x80, 0x00, 0x2a, 0xaa, 0xaa, 0xaa, 0xaa, 0x80, 0x00];
        assert_eq!(pack(&row), [0xfe, 0xaa, 2, 0x80, 0, 0x2a, 0xfd, 0xaa, 1, 0x80, 0]);
    }

    #[test]
    fn long_runs_and_literals_are_split() {
        assert_eq!(pack(&[7; 300]), [129, 7, 129, 7, 213, 7]);
        let different: Vec<u8> = (0..=129).collect();
        let packed = pack(&different);
        assert_eq!((packed[0], packed[129], packed.len()), (127, 1, 132));
    }

    #[test]
    fn high_bytes_come_first() {
        let frame = encode(&[0x0102, 0x0304], 2);
        assert_eq!(frame[..12], [2, 0, 0, 0, 64, 0, 0, 0, 68, 0, 0, 0]);
        assert_eq!(frame[64..], [1, 1, 3, 0, 1, 2, 4, 0]);
    }
}
