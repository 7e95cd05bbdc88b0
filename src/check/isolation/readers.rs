//! Who read each version? Readers by slot, found in one look.

/// Readers by slot.
pub struct Readers {
    /// A bit for each slot that has readers. Most have none, and a bit of theirs is closer at hand than their place in
    /// `begins`: that array is as large as all writes, and every key has its own corner of it.
    any: Vec<u64>,
    /// Where each slot's readers begin in `list`; one more entry than there are slots.
    begins: Vec<u32>,
    list: Vec<u32>,
}

impl Readers {
    /// Counts the pairs of slot and reader, then puts each into its place.
    #[must_use]
    pub fn new(slots: usize, reads: &[(u32, u32)]) -> Self {
        let mut any = vec![0; slots / 64 + 1];
        let mut begins = vec![0; slots + 1];
        for (slot, _) in reads {
            any[*slot as usize / 64] |= 1 << (slot % 64);
            begins[*slot as usize + 1] += 1;
        }
        for slot in 0..slots {
            begins[slot + 1] += begins[slot];
        }
        let mut list = vec![0; reads.len()];
        // Filling moves each beginning to its own end, which is where the next one had begun: shift them back by one.
        for (slot, reader) in reads {
            let begin = &mut begins[*slot as usize];
            list[*begin as usize] = *reader;
            *begin += 1;
        }
        begins.rotate_right(1);
        begins[0] = 0;
        Self { any, begins, list }
    }

    /// The transactions that read a version, by its slot.
    #[must_use]
    #[inline]
    pub fn of(&self, slot: u32) -> &[u32] {
        let slot = slot as usize;
        if self.any[slot / 64] & 1 << (slot % 64) == 0 {
            return &[];
        }
        &self.list[self.begins[slot] as usize..self.begins[slot + 1] as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn readers_stand_with_their_slot() {
        let readers = Readers::new(70, &[(69, 1), (3, 7), (69, 2), (0, 4)]);
        assert_eq!((readers.of(0), readers.of(3), readers.of(69)), (&[4][..], &[7][..], &[1, 2][..]));
        assert!((0..70).filter(|slot| ![0, 3, 69].contains(slot)).all(|slot| readers.of(slot).is_empty()));
    }
}
