//! How does a template become a text? Lines that a condition keeps or drops, and places that values fill.
//!
//! `@if budget !single` keeps what follows when all of that holds; `@else` and `@end` belong to it, and blocks nest.
//! `{{policy}}` is a place. A value of several lines takes the indentation of its place, and a line that holds nothing
//! but a place without a value is left out.

/// The text of a template.
pub(super) fn fill(template: &str, conditions: &[&str], values: &[(&'static str, String)]) -> String {
    let mut text = String::new();
    // Of every open block: whether what surrounds it is kept, and whether its own condition holds.
    let mut open: Vec<(bool, bool)> = Vec::new();
    for line in template.lines() {
        let kept = open.last().is_none_or(|(outside, holds)| *outside && *holds);
        match line.trim_start() {
            command if command.starts_with("@if ") => open.push((kept, holds(&command[4..], conditions))),
            "@else" => {
                if let Some((_, holds)) = open.last_mut() {
                    *holds = !*holds;
                }
            }
            "@end" => drop(open.pop()),
            _ if kept => write(&mut text, line, values),
            _ => {}
        }
    }
    text
}

fn holds(command: &str, conditions: &[&str]) -> bool {
    command.split_whitespace().all(|word| match word.strip_prefix('!') {
        Some(not) => !conditions.contains(&not),
        None => conditions.contains(&word),
    })
}

fn write(text: &mut String, line: &str, values: &[(&'static str, String)]) {
    let filled = filled(line, values);
    if line.is_empty() || !filled.trim().is_empty() {
        text.push_str(&filled);
        text.push('\n');
    }
}

/// A line with a value in each of its places. What looks like a place within a value is none.
fn filled(line: &str, values: &[(&'static str, String)]) -> String {
    let indentation = &line[..line.len() - line.trim_start().len()];
    let mut filled = String::new();
    let mut rest = line;
    while let Some((before, behind)) = rest.split_once("{{") {
        let place = behind.split_once("}}");
        let value = place.and_then(|(place, _)| values.iter().find(|(name, _)| *name == place));
        filled.push_str(before);
        if let (Some((_, after)), Some((_, value))) = (place, value) {
            filled.push_str(&value.replace('\n', &format!("\n{indentation}")));
            rest = after;
        } else {
            filled.push_str("{{");
            rest = behind;
        }
    }
    filled + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_nest_and_may_be_denied() {
        let template = "@if a\nA\n@if b\nAB\n@else\nA-\n@end\n@else\nno a\n@end\n@if !a !b\nneither\n@end\nend\n";
        assert_eq!(fill(template, &["a", "b"], &[]), "A\nAB\nend\n");
        assert_eq!(fill(template, &["a"], &[]), "A\nA-\nend\n");
        assert_eq!(fill(template, &["b"], &[]), "no a\nend\n");
        assert_eq!(fill(template, &[], &[]), "no a\nneither\nend\n");
    }

    #[test]
    fn a_value_takes_the_indentation_of_its_place() {
        let values = [("two", "x\ny".to_owned()), ("none", String::new())];
        assert_eq!(fill("a\n  {{two}}\n  {{none}}\n\nb {{none}}.\n", &[], &values), "a\n  x\n  y\n\nb .\n");
    }

    #[test]
    fn what_looks_like_a_place_within_a_value_is_left_alone() {
        let values = [("a", "{{b}}".to_owned()), ("b", "{{a}}".to_owned())];
        assert_eq!(fill("{{a}}{{b}} {{c}} {{\n", &[], &values), "{{b}}{{a}} {{c}} {{\n");
    }
}
