//! Raw bits of the arithmetic coder's bypass (ISO/IEC 15444-1 D.6).

/// Reads bits, most significant first; the byte after `FF` has seven. Past the end they are ones.
pub(super) struct RawBits<'a> {
    data: &'a [u8],
    position: usize,
    current: u8,
    left: u32,
}

impl<'a> RawBits<'a> {
    pub(super) fn new(data: &'a [u8]) -> Self {
        Self { data, position: 0, current: 0, left: 0 }
    }

    /// 0 or 1.
    pub(super) fn bit(&mut self) -> u32 {
        if self.left == 0 {
            let after_ff = self.current == 0xFF;
            let next = self.data.get(self.position).copied();
            let is_marker = after_ff && next.is_some_and(|next| next > 0x8F);
            match next {
                Some(next) if !is_marker => {
                    self.current = next;
                    self.position += 1;
                    self.left = if after_ff { 7 } else { 8 };
                }
                _ => (self.current, self.left) = (0xFF, 8),
            }
        }
        self.left -= 1;
        u32::from(self.current >> self.left) & 1
    }
}
