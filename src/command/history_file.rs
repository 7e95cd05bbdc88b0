//! Which history is meant? The folder of a run, a file, or the standard input; recorded, or written by hand.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read as _};
use std::path::{Path, PathBuf};

use super::exit::Stop;
use crate::check::history::{History, notation};
use crate::store::Store;

/// A history's bytes, and where they come from.
pub(super) struct HistoryFile {
    /// For people.
    pub(super) name: String,
    /// From its beginning.
    pub(super) bytes: Box<dyn BufRead + Send>,
}

impl HistoryFile {
    /// The file: that of a run is in its folder.
    pub(super) fn path(named: &Path) -> PathBuf {
        if named.is_dir() { named.join(Store::HISTORY) } else { named.to_owned() }
    }

    /// Opens what was named; `-` is the standard input.
    pub(super) fn open(named: &Path) -> Result<Self, Stop> {
        if named.as_os_str() == "-" {
            return Ok(Self { name: "the standard input".to_owned(), bytes: Box::new(BufReader::new(io::stdin())) });
        }
        let path = Self::path(named);
        let name = path.display().to_string();
        match File::open(&path) {
            Ok(file) => Ok(Self { name, bytes: Box::new(BufReader::new(file)) }),
            Err(_) if named.is_dir() && !path.exists() => Err(Stop::looking(format!(
                "there is no {name}: contend run leaves one unless it is told --verify balance or --no-save"
            ))),
            Err(error) => Err(Stop::looking(format!("cannot read {name}: {error}"))),
        }
    }

    /// Whether contend has recorded it: JSON lines, packed or not.
    pub(super) fn is_recorded(&mut self) -> Result<bool, Stop> {
        let failed = |error| Stop::looking(format!("cannot read {}: {error}", self.name));
        let begin = self.bytes.fill_buf().map_err(failed)?;
        let first = begin.iter().find(|byte| !byte.is_ascii_whitespace());
        Ok(begin.starts_with(&[0x1f, 0x8b]) || first == Some(&b'{'))
    }

    /// Reads what was written by hand.
    pub(super) fn written_by_hand(mut self) -> Result<History, Stop> {
        let mut bytes = Vec::new();
        let read = self.bytes.read_to_end(&mut bytes);
        read.map_err(|error| Stop::looking(format!("cannot read {}: {error}", self.name)))?;
        notation::read(&bytes).map_err(|error| Stop::looking(format!("{}, {error}", self.name)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_known_by_its_first_bytes() {
        for (bytes, recorded) in [
            (&[0x1f, 0x8b, 8][..], true),
            (b"\n {\"contend\": 1}", true),
            (b"# {comment}\nT1 s1 [0,1] ok :", false),
            (b"", false),
        ] {
            let mut file = HistoryFile { name: String::new(), bytes: Box::new(BufReader::new(bytes)) };
            assert_eq!(file.is_recorded().ok(), Some(recorded), "{bytes:?}");
        }
    }
}
