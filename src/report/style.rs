//! With or without color? What a report may use, and the few things that color says.

/// How a report is drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Style {
    /// Use the terminal's colors.
    pub color: bool,
}

/// What a piece of text is, apart from what it says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Paint {
    /// Nothing special.
    #[default]
    Plain,
    /// What the eye should find: headings, the main numbers.
    Strong,
    /// As it has to be.
    Good,
    /// Not as it has to be.
    Bad,
    /// To be looked at.
    Doubtful,
}

impl Style {
    /// For standard output: color on a terminal, unless `NO_COLOR` or its kin say otherwise.
    #[must_use]
    pub fn of_stdout() -> Self {
        Self { color: console::colors_enabled() }
    }

    /// The text with the escape codes for what it is, or as it is. Its width stays the same.
    pub(super) fn paint(self, text: &str, paint: Paint) -> String {
        let styled = console::style(text).force_styling(self.color);
        match paint {
            Paint::Plain => return text.to_owned(),
            Paint::Strong => styled.bold(),
            Paint::Good => styled.green().bold(),
            Paint::Bad => styled.red().bold(),
            Paint::Doubtful => styled.yellow().bold(),
        }
        .to_string()
    }
}
