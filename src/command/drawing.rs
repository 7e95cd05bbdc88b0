//! Where do the pictures go? Of `contend check`: the first into the file that was named, the others beside it.

use std::fs::{self, File};
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

use super::exit::{Stop, note};
use super::same_file::is_same_file;
use crate::check::history::History;
use crate::check::isolation::Anomaly;
use crate::report::Picture;

/// The files that were asked for.
#[derive(Debug)]
pub(super) struct Drawing<'a> {
    files: Vec<(Format, &'a Path)>,
}

#[derive(Clone, Copy, Debug)]
enum Format {
    Svg,
    Dot,
}

impl Format {
    fn flag(self) -> &'static str {
        match self {
            Self::Svg => "--svg",
            Self::Dot => "--dot",
        }
    }

    fn of(self, picture: &Picture) -> String {
        match self {
            Self::Svg => picture.svg(),
            Self::Dot => picture.dot(),
        }
    }
}

impl<'a> Drawing<'a> {
    /// Refuses what cannot be meant, such as a picture in place of the history that it shows.
    pub(super) fn new(history: &Path, svg: Option<&'a Path>, dot: Option<&'a Path>) -> Result<Self, Stop> {
        let files: Vec<(Format, &Path)> =
            svg.map(|path| (Format::Svg, path)).into_iter().chain(dot.map(|path| (Format::Dot, path))).collect();
        for (format, path) in &files {
            if path.as_os_str() == "-" || path.file_stem().is_none() {
                let (flag, path) = (format.flag(), path.display());
                return Err(Stop::usage(format!(
                    "{flag} {path}: name a file; the judgement is on the standard output"
                )));
            }
            if is_same_file(path, history) {
                let (flag, path) = (format.flag(), path.display());
                return Err(Stop::usage(format!("{flag} {path}: that is the history; name another file")));
            }
        }
        match &files[..] {
            [(_, one), (_, other)] if is_same_file(one, other) => {
                Err(Stop::usage(format!("--svg and --dot both name {}: name two files", one.display())))
            }
            _ => Ok(Self { files }),
        }
    }

    /// Writes a picture of each anomaly. A file that was not named is replaced only if contend has made it.
    pub(super) fn draw(&self, history: &History, anomalies: &[&Anomaly]) -> Result<(), Stop> {
        if anomalies.is_empty() && !self.files.is_empty() {
            note("no anomaly was found, so no picture was written");
            return Ok(());
        }
        let mut taken: Vec<PathBuf> = self.files.iter().map(|(_, path)| path.to_path_buf()).collect();
        for (_, path) in &self.files {
            for number in 2..=anomalies.len() {
                let file = beside(path, number);
                if taken.contains(&file) {
                    let file = file.display();
                    return Err(Stop::usage(format!("--svg and --dot both need {file}: name files less alike")));
                }
                spare_foreign(&file)?;
                taken.push(file);
            }
        }
        for (format, path) in &self.files {
            for (number, anomaly) in (1..).zip(anomalies) {
                let file = beside(path, number);
                let text = format.of(&Picture::new(history, anomaly));
                fs::write(&file, text)
                    .map_err(|error| Stop::looking(format!("cannot write {}: {error}", file.display())))?;
            }
            note(&written(path, anomalies.len()));
        }
        Ok(())
    }
}

/// `skew.svg`, `skew-2.svg`, `skew-3.svg`.
fn beside(path: &Path, number: usize) -> PathBuf {
    if number == 1 {
        return path.to_owned();
    }
    let mut name = path.file_stem().unwrap_or_default().to_owned();
    name.push(format!("-{number}"));
    if let Some(extension) = path.extension() {
        name.push(".");
        name.push(extension);
    }
    path.with_file_name(name)
}

fn written(path: &Path, count: usize) -> String {
    if count == 1 {
        return format!("wrote {}", path.display());
    }
    let last = beside(path, count);
    format!("wrote {count} pictures, one for each anomaly: {} to {}", path.display(), last.display())
}

/// Nobody has named this file: it must be free, or a picture that contend made.
fn spare_foreign(path: &Path) -> Result<(), Stop> {
    let foreign = match File::open(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => error.to_string(),
        Ok(file) => {
            let mut begin = Vec::new();
            let read = file.take(64).read_to_end(&mut begin);
            if read.is_ok() && Picture::is_ours(&begin) {
                return Ok(());
            }
            "it is there already, and is no picture that contend made".to_owned()
        }
    };
    Err(Stop::looking(format!("cannot write {}: {foreign}; move it, or name another file", path.display())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_stands_in_front_of_the_extension() {
        for (path, second) in [("a/skew.svg", "a/skew-2.svg"), ("skew", "skew-2"), ("a.b/.svg", "a.b/.svg-2")] {
            assert_eq!((beside(Path::new(path), 1), beside(Path::new(path), 2)), (path.into(), second.into()));
        }
    }

    #[test]
    fn what_cannot_be_meant_is_refused() {
        let refusal = |svg, dot| {
            let drawing = Drawing::new(Path::new("a.txt"), Some(Path::new(svg)), Some(Path::new(dot)));
            drawing.map_err(|stop| stop.message)
        };
        assert!(refusal("a.svg", "a.dot").is_ok());
        assert_eq!(refusal("a.svg", "./a.svg").unwrap_err(), "--svg and --dot both name a.svg: name two files");
        assert_eq!(refusal("a.svg", "./a.txt").unwrap_err(), "--dot ./a.txt: that is the history; name another file");
        assert_eq!(refusal("a", "a").unwrap_err(), "--svg and --dot both name a: name two files");
        assert!(refusal("a", "-").unwrap_err().starts_with("--dot -: name a file; "));
    }
}
