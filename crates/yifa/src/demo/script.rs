//! How a demo case is written down: a procedure and its acts, each with an instant.

use jiff::civil::{Date, DateTime};
use office::inputs::{Draft, Input};

/// One case of the demo.
pub struct Script {
    /// Code of the procedure.
    pub procedure: &'static str,
    /// Its acts, in order.
    pub events: Vec<Event>,
}

/// One act.
pub struct Event {
    /// Legal instant.
    pub at: DateTime,
    /// What is submitted.
    pub draft: Draft,
    /// Fields that name another demo case, by its position.
    pub links: Vec<(&'static str, usize)>,
}

/// A draft in the making.
pub struct Step {
    /// The draft so far.
    pub draft: Draft,
    /// Fields that name another demo case.
    pub links: Vec<(&'static str, usize)>,
}

/// Begins a step by its Chinese name.
pub fn step(name: &str) -> Step {
    Step {
        draft: Draft {
            step: name.to_owned(),
            ..Draft::default()
        },
        links: Vec::new(),
    }
}

impl Step {
    /// Who acts in which role.
    pub fn by(mut self, role: &str, people: &[&str]) -> Step {
        self.draft.persons.insert(
            role.to_owned(),
            people.iter().map(|p| (*p).to_owned()).collect(),
        );
        self
    }

    /// Fills a field.
    pub fn set(mut self, field: &str, text: &str) -> Step {
        self.draft
            .values
            .insert(field.to_owned(), Input::Text(text.to_owned()));
        self
    }

    /// Fills a party field; the name is visibly synthetic.
    pub fn party(mut self, field: &str, class: &str, name: &str) -> Step {
        let input = Input::Party {
            class: class.to_owned(),
            name: name.to_owned(),
            contact: String::new(),
            address: "演示地址".to_owned(),
        };
        self.draft.values.insert(field.to_owned(), input);
        self
    }

    /// Attaches a synthetic file.
    pub fn file(mut self, field: &str, upload: &office::evidence::Upload) -> Step {
        self.draft
            .values
            .insert(field.to_owned(), Input::Files(vec![upload.clone()]));
        self
    }

    /// Names the item.
    pub fn item(mut self, no: u32) -> Step {
        self.draft.item = Some(no);
        self
    }

    /// Names another demo case in a field.
    pub fn link(mut self, field: &'static str, script: usize) -> Step {
        self.links.push((field, script));
        self
    }
}

impl Script {
    /// An empty case.
    pub fn new(procedure: &'static str) -> Script {
        Script {
            procedure,
            events: Vec::new(),
        }
    }

    /// Adds an act.
    pub fn at(&mut self, at: DateTime, step: Step) -> &mut Script {
        self.events.push(Event {
            at,
            draft: step.draft,
            links: step.links,
        });
        self
    }
}

/// The working days of the demo, to move along by working days.
pub struct Days {
    days: Vec<Date>,
}

impl Days {
    /// Working days from the first day to the last, by the official calendar.
    pub fn new(calendar: &law::calendar::Calendar, from: Date, until: Date) -> Days {
        let mut days = Vec::new();
        let mut day = from;
        while day <= until {
            if calendar.is_working(day) == Some(true) {
                days.push(day);
            }
            match day.tomorrow() {
                Ok(next) => day = next,
                Err(_) => break,
            }
        }
        Days { days }
    }

    /// Number of working days up to and including `until`.
    pub fn until(&self, until: Date) -> usize {
        self.days.partition_point(|day| *day <= until)
    }

    /// The n-th working day at a time of day; beyond the end, the last.
    pub fn at(&self, n: usize, hour: i8, minute: i8) -> DateTime {
        self.days[n.min(self.days.len() - 1)].at(hour, minute, 0, 0)
    }

    /// The n-th working day.
    pub fn day(&self, n: usize) -> Date {
        self.days[n.min(self.days.len() - 1)]
    }
}

/// Small deterministic variety: the demo is the same each time.
pub struct Dice(u64);

impl Dice {
    /// Starts from a seed.
    pub fn new(seed: u64) -> Dice {
        Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    /// A number below `n`.
    pub fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % (n.max(1) as u64)) as usize
    }

    /// One of several words.
    pub fn of(&mut self, words: &[&'static str]) -> &'static str {
        words[self.below(words.len())]
    }
}
