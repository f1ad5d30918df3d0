//! What is wrong in a law file (毛病): a line, a Chinese sentence, a hint.

use std::fmt;

/// One problem.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Line in the file, from 1; 0 if it concerns the whole file.
    pub line_no: usize,
    /// A fault stops the file from being used, a note does not.
    pub severity: Severity,
    /// One Chinese sentence without a full stop.
    pub sentence: String,
    /// What would be right.
    pub hint: Option<String>,
}

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The file cannot be used.
    Fault,
    /// Worth knowing.
    Note,
}

impl Problem {
    /// A fault.
    pub fn fault(line_no: usize, sentence: impl Into<String>) -> Problem {
        Problem {
            line_no,
            severity: Severity::Fault,
            sentence: sentence.into(),
            hint: None,
        }
    }

    /// A note.
    pub fn note(line_no: usize, sentence: impl Into<String>) -> Problem {
        Problem {
            line_no,
            severity: Severity::Note,
            sentence: sentence.into(),
            hint: None,
        }
    }

    /// The same with a hint.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Problem {
        self.hint = Some(hint.into());
        self
    }

    /// Does it stop the file from being used?
    pub fn is_fault(&self) -> bool {
        self.severity == Severity::Fault
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.line_no > 0 {
            write!(f, "第 {} 行：", self.line_no)?;
        }
        write!(f, "{}", self.sentence)?;
        match &self.hint {
            Some(hint) if hint.ends_with('？') => write!(f, "；{hint}"),
            Some(hint) => write!(f, "；{hint}。"),
            None => write!(f, "。"),
        }
    }
}

/// The known name nearest to a wrong one, if it is near enough to be meant.
pub fn nearest<'a>(wrong: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let length = wrong.chars().count();
    // Nobody means a name that long, and comparing it would take long.
    if length > 40 {
        return None;
    }
    known
        .filter(|name| name.len() <= 400)
        .map(|name| (distance(wrong, name), name))
        .filter(|(far, name)| *far * 2 <= length.max(name.chars().count()))
        .min()
        .map(|(_, name)| name)
}

/// Number of letters to change, add or drop.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let change = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = change.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}
