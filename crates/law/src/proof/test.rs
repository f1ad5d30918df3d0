//! Conditions made ready for the walk: three truth values over a packed state.

/// A state of the abstract graph: the values of everything followed, side by side in one number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct State(pub u128);

/// Where one followed thing stands in a [`State`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slot {
    pub shift: u8,
    pub bits: u8,
}

impl State {
    /// The value in a slot.
    pub fn get(self, slot: Slot) -> u8 {
        let mask = (1u128 << slot.bits) - 1;
        u8::try_from((self.0 >> slot.shift) & mask).unwrap_or(u8::MAX)
    }

    /// The state with another value in a slot.
    pub fn with(self, slot: Slot, value: u8) -> State {
        let mask = ((1u128 << slot.bits) - 1) << slot.shift;
        State((self.0 & !mask) | ((u128::from(value) << slot.shift) & mask))
    }
}

/// Three truth values: `None` cannot be told.
pub type Truth = Option<bool>;

/// A condition over slots. There is no "not": it is pushed down to the leaves when the test is made.
#[derive(Debug, Clone)]
pub enum Test {
    Known(bool),
    /// Nobody knows.
    Unknown,
    /// A clock that is not followed: time can bring it round either way.
    Free,
    /// The value in the slot is one of a set; bit `v` stands for value `v`.
    In(Slot, u64),
    All(Vec<Test>),
    Any(Vec<Test>),
}

impl Test {
    /// Both, or all.
    pub fn all(parts: impl IntoIterator<Item = Test>) -> Test {
        let mut kept = Vec::new();
        for part in parts {
            match part {
                Test::Known(false) => return Test::Known(false),
                Test::Known(true) => {}
                Test::All(inner) => kept.extend(inner),
                other => kept.push(other),
            }
        }
        match kept.len() {
            0 => Test::Known(true),
            1 => kept.remove(0),
            _ => Test::All(kept),
        }
    }

    /// Either, or any.
    pub fn any(parts: impl IntoIterator<Item = Test>) -> Test {
        Test::all(parts.into_iter().map(Test::not)).not()
    }

    /// The contrary.
    pub fn not(self) -> Test {
        match self {
            Test::Known(truth) => Test::Known(!truth),
            Test::Unknown => Test::Unknown,
            Test::Free => Test::Free,
            Test::In(slot, set) => Test::In(slot, !set),
            Test::All(parts) => Test::Any(parts.into_iter().map(Test::not).collect()),
            Test::Any(parts) => Test::All(parts.into_iter().map(Test::not).collect()),
        }
    }

    /// Its truth in a state.
    pub fn truth(&self, state: State) -> Truth {
        match self {
            Test::Known(truth) => Some(*truth),
            Test::Unknown | Test::Free => None,
            Test::In(slot, set) => Some(set >> state.get(*slot) & 1 == 1),
            Test::All(parts) => {
                let mut truth = Some(true);
                for part in parts {
                    match part.truth(state) {
                        Some(false) => return Some(false),
                        None => truth = None,
                        Some(true) => {}
                    }
                }
                truth
            }
            Test::Any(parts) => {
                let mut truth = Some(false);
                for part in parts {
                    match part.truth(state) {
                        Some(true) => return Some(true),
                        None => truth = None,
                        Some(false) => {}
                    }
                }
                truth
            }
        }
    }

    /// Can it be true here, for all that is known?
    pub fn possible(&self, state: State) -> bool {
        self.truth(state) != Some(false)
    }

    /// Is it true here, or can time make it so? What nobody knows does not count.
    pub fn attainable(&self, state: State) -> bool {
        match self {
            Test::Known(truth) => *truth,
            Test::Unknown => false,
            Test::Free => true,
            Test::In(slot, set) => set >> state.get(*slot) & 1 == 1,
            Test::All(parts) => parts.iter().all(|part| part.attainable(state)),
            Test::Any(parts) => parts.iter().any(|part| part.attainable(state)),
        }
    }
}
