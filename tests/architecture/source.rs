//! What does a source file consist of, as far as the rules care? Its code, without comments, texts and tests.

use std::fs;
use std::path::Path;

/// One file below src/.
#[derive(Debug)]
pub struct Source {
    /// Below src/, such as `db/pool.rs`.
    pub path: String,
    /// Lines in the file as it is.
    pub lines: usize,
    /// Every line's code; line 1 has index 0.
    pub code: Vec<String>,
}

/// A name in the code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Word<'a> {
    pub line: usize,
    pub text: &'a str,
    /// What stands right before and right behind it.
    pub before: &'a str,
    pub behind: &'a str,
}

impl Source {
    pub fn new(path: &str, text: &str) -> Self {
        let code = without_tests(&without_comments_and_texts(text));
        Self { path: path.to_owned(), lines: text.lines().count(), code }
    }

    /// Every file but those that hold tests alone.
    pub fn all() -> Vec<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let (mut texts, mut folders) = (Vec::new(), vec![root.clone()]);
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else if path.extension().is_some_and(|extension| extension == "rs") {
                    let name = path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned();
                    texts.push((name, fs::read_to_string(path).unwrap()));
                }
            }
        }
        texts.sort();
        let for_tests: Vec<String> = texts.iter().flat_map(|(path, text)| test_files(path, text)).collect();
        texts.retain(|(path, _)| !for_tests.contains(path));
        texts.iter().map(|(path, text)| Self::new(path, text)).collect()
    }

    /// The modules it is in, and its own: `["db", "pool"]`. Empty for lib.rs and main.rs.
    pub fn module(&self) -> Vec<&str> {
        let path = self.path.strip_suffix(".rs").unwrap();
        let path = path.strip_suffix("/mod").unwrap_or(path);
        if ["lib", "main"].contains(&path) { Vec::new() } else { path.split('/').collect() }
    }

    /// Every name in the code.
    pub fn words(&self) -> Vec<Word<'_>> {
        let in_word = |letter: char| letter.is_alphanumeric() || letter == '_';
        let mut words = Vec::new();
        for (index, code) in self.code.iter().enumerate() {
            let mut rest = code.as_str();
            while let Some(start) = rest.find(in_word) {
                let end = rest[start..].find(|letter| !in_word(letter)).map_or(rest.len(), |length| start + length);
                let at = code.len() - rest.len() + start;
                let (text, behind) = (&rest[start..end], &rest[end..]);
                words.push(Word { line: index + 1, text, before: &code[..at], behind });
                rest = behind;
            }
        }
        words
    }
}

/// The files whose modules are declared behind `#[cfg(test)]`.
fn test_files(path: &str, text: &str) -> Vec<String> {
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let declared = lines.windows(2).filter(|pair| pair[0] == "#[cfg(test)]").filter_map(|pair| {
        let (_, name) = pair[1].strip_suffix(';')?.rsplit_once("mod ")?;
        Some(format!("{folder}/{name}.rs"))
    });
    declared.collect()
}

/// Every comment gone, every text and character empty, every line still where it was.
fn without_comments_and_texts(text: &str) -> String {
    let mut code = String::new();
    let mut rest = text;
    while let Some(letter) = rest.chars().next() {
        let length = length_of_no_code(rest, code.chars().next_back());
        if length == 0 {
            code.push(letter);
            rest = &rest[letter.len_utf8()..];
        } else {
            code.push(' ');
            code.extend(rest[..length].chars().filter(|letter| *letter == '\n'));
            rest = &rest[length..];
        }
    }
    code
}

/// How long the comment, text or character is that begins here; 0 when none does.
fn length_of_no_code(rest: &str, before: Option<char>) -> usize {
    let up_to = |end: &str, from: usize| rest[from..].find(end).map_or(rest.len(), |at| from + at + end.len());
    let in_name = before.is_some_and(|letter| letter.is_alphanumeric() || letter == '_');
    if rest.starts_with("//") {
        rest.find('\n').unwrap_or(rest.len())
    } else if rest.starts_with("/*") {
        up_to("*/", 2)
    } else if !in_name && (rest.starts_with("r\"") || rest.starts_with("r#\"")) {
        if rest.starts_with("r#") { up_to("\"#", 3) } else { up_to("\"", 2) }
    } else if rest.starts_with('"') {
        escaped_up_to('"', rest)
    } else if rest.starts_with("'\\") {
        escaped_up_to('\'', rest)
    } else if rest.starts_with('\'') && rest.chars().nth(2) == Some('\'') {
        rest.char_indices().nth(2).map_or(0, |(at, _)| at + 1)
    } else {
        0
    }
}

fn escaped_up_to(end: char, rest: &str) -> usize {
    let mut letters = rest.char_indices().skip(1);
    while let Some((at, letter)) = letters.next() {
        match letter {
            '\\' => drop(letters.next()),
            letter if letter == end => return at + 1,
            _ => {}
        }
    }
    rest.len()
}

/// The lines, empty where they belong to an item behind `#[cfg(test)]`.
fn without_tests(code: &str) -> Vec<String> {
    let (mut in_test, mut depth) = (false, 0);
    let mut lines = Vec::new();
    for line in code.lines() {
        in_test |= line.trim() == "#[cfg(test)]";
        lines.push(if in_test { String::new() } else { line.to_owned() });
        if in_test {
            for letter in line.chars() {
                depth += i32::from(letter == '{') - i32::from(letter == '}');
                in_test &= !(depth == 0 && matches!(letter, '}' | ';'));
            }
        }
    }
    lines
}
