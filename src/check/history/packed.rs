//! How is one operation kept? In 8 bytes.

/// An operation in 8 bytes: two bits of kind and 30 of key or set, then a version, a member or an index into
/// `History::set_reads`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Packed {
    pub(super) code: u32,
    pub(super) value: u32,
}

/// Keys and sets are numbered below this.
pub(super) const KEY_LIMIT: u32 = 1 << 30;
pub(super) const READ: u32 = 0;
pub(super) const WRITE: u32 = 1;
pub(super) const READ_SET: u32 = 2;
const ADD: u32 = 3;

impl Packed {
    pub(super) fn read(key: u32, version: u32) -> Self {
        Self { code: READ << 30 | key, value: version }
    }

    pub(super) fn write(key: u32, version: u32) -> Self {
        Self { code: WRITE << 30 | key, value: version }
    }

    pub(super) fn read_set(set: u32, index: u32) -> Self {
        Self { code: READ_SET << 30 | set, value: index }
    }

    pub(super) fn add(set: u32, member: u32) -> Self {
        Self { code: ADD << 30 | set, value: member }
    }
}
