//! Conditions and quantities (law language §2.4).

use super::lines::short;
use super::names::{HINTS, Names, seek};
use crate::problem::Problem;
use crate::procedure::{ClockTest, Comparison, Condition, FieldRef, Quantity, Span};
use crate::value::Ratio;
use std::collections::HashMap;

/// Reads a condition; reports what it cannot read.
pub fn condition(
    text: &str,
    no: usize,
    names: &Names,
    problems: &mut Vec<Problem>,
) -> Option<Condition> {
    let mut reader = Reader::new(text, no, names, problems.len() < HINTS);
    let found = reader.condition();
    reader.finish(text, found, problems)
}

/// Reads a quantity; reports what it cannot read.
pub fn quantity(
    text: &str,
    no: usize,
    names: &Names,
    problems: &mut Vec<Problem>,
) -> Option<Quantity> {
    let mut reader = Reader::new(text, no, names, problems.len() < HINTS);
    let found = reader.quantity();
    reader.finish(text, found, problems)
}

/// Reads either, whichever fits; a definition may be both.
pub fn either(
    text: &str,
    no: usize,
    names: &Names,
    problems: &mut Vec<Problem>,
) -> Option<crate::procedure::DefinitionBody> {
    let mut unread = Vec::new();
    let mut reader = Reader::new(text, no, names, false);
    let found = reader.quantity();
    if let Some(found) = reader.finish(text, found, &mut unread) {
        return Some(crate::procedure::DefinitionBody::Quantity(found));
    }
    condition(text, no, names, problems).map(crate::procedure::DefinitionBody::Condition)
}

/// How many operators one expression may have.
const MOST_OPERATORS: usize = 100;

/// How deep brackets and 非 may nest; a reader gives up long before.
const DEEPEST: usize = 32;

struct Reader<'a> {
    words: Vec<String>,
    at: usize,
    depth: usize,
    operators: usize,
    /// Are there few enough problems that each gets a hint?
    hinting: bool,
    no: usize,
    names: &'a Names,
    problems: Vec<Problem>,
}

const COMPARISONS: &[(&str, Comparison)] = &[
    ("多于", Comparison::More),
    ("晚于", Comparison::More),
    ("少于", Comparison::Less),
    ("早于", Comparison::Less),
    ("不多于", Comparison::AtMost),
    ("不晚于", Comparison::AtMost),
    ("不少于", Comparison::AtLeast),
    ("不早于", Comparison::AtLeast),
    ("等于", Comparison::Equal),
];

const CLOCK_TESTS: &[(&str, ClockTest)] = &[
    ("未起", ClockTest::NotStarted),
    ("未满", ClockTest::Running),
    ("已满", ClockTest::Expired),
    ("已止", ClockTest::Met),
];

/// Words, with brackets, commas and list marks as words of their own.
fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    for letter in text.chars() {
        match letter {
            ' ' | '\u{3000}' | '（' | '）' | '，' | '、' => {
                if !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                }
                if !matches!(letter, ' ' | '\u{3000}') {
                    words.push(letter.to_string());
                }
            }
            _ => word.push(letter),
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

impl<'a> Reader<'a> {
    fn new(text: &str, no: usize, names: &'a Names, hinting: bool) -> Self {
        Reader {
            words: words(text),
            at: 0,
            depth: 0,
            operators: 0,
            hinting,
            no,
            names,
            problems: Vec::new(),
        }
    }

    fn finish<T>(mut self, text: &str, found: Option<T>, problems: &mut Vec<Problem>) -> Option<T> {
        if found.is_some() && self.at < self.words.len() && self.problems.is_empty() {
            let rest = short(&self.words[self.at..].join(" "));
            self.fault(format!("“{}”在“{rest}”处读不下去", short(text)));
        }
        let sound = self.problems.is_empty();
        problems.append(&mut self.problems);
        found.filter(|_| sound)
    }

    fn find<T: Copy>(&mut self, map: &HashMap<String, T>, what: &str, name: &str) -> Option<T> {
        match seek(map, what, name, self.no, self.hinting) {
            Ok(id) => Some(id),
            Err(problem) => {
                self.problems.push(problem);
                None
            }
        }
    }

    fn fault(&mut self, sentence: String) {
        self.problems.push(Problem::fault(self.no, sentence));
    }

    fn peek(&self) -> Option<&str> {
        self.words.get(self.at).map(String::as_str)
    }

    fn peek_at(&self, ahead: usize) -> Option<&str> {
        self.words.get(self.at + ahead).map(String::as_str)
    }

    fn take(&mut self) -> Option<String> {
        let word = self.words.get(self.at).cloned();
        self.at += 1;
        if word.is_none() {
            self.fault("条件没有写完".into());
        }
        word
    }

    fn accept(&mut self, word: &str) -> bool {
        let here = self.peek() == Some(word);
        if here {
            self.at += 1;
        }
        here
    }

    fn expect(&mut self, word: &str) -> Option<()> {
        if self.accept(word) {
            return Some(());
        }
        let found = self.peek().unwrap_or("行末").to_owned();
        self.fault(format!("这里应当是“{word}”，写的是“{found}”"));
        None
    }

    fn condition(&mut self) -> Option<Condition> {
        let first = self.unary()?;
        let joint = match self.peek() {
            Some("且") => "且",
            Some("或") => "或",
            _ => return Some(first),
        };
        let mut all = vec![first];
        while self.accept(joint) {
            all.push(self.unary()?);
        }
        if matches!(self.peek(), Some("且" | "或")) {
            self.problems.push(
                Problem::fault(self.no, "“且”和“或”混在一起，不知道先后")
                    .hint("用（ ）把其中一边括起来"),
            );
            return None;
        }
        Some(if joint == "且" {
            Condition::And(all)
        } else {
            Condition::Or(all)
        })
    }

    /// Goes one bracket deeper, unless that is too deep to be meant.
    fn deeper<T>(&mut self, read: impl FnOnce(&mut Self) -> Option<T>) -> Option<T> {
        if self.depth == DEEPEST {
            self.problems
                .push(Problem::fault(self.no, "括号或者“非”套得太深").hint("把里面的部分写成定义"));
            return None;
        }
        self.depth += 1;
        let found = read(self);
        self.depth -= 1;
        found
    }

    fn unary(&mut self) -> Option<Condition> {
        self.deeper(Self::shallow)
    }

    fn shallow(&mut self) -> Option<Condition> {
        if self.accept("非") {
            return Some(Condition::Not(Box::new(self.unary()?)));
        }
        if self.accept("（") {
            let inner = self.condition()?;
            self.expect("）")?;
            return Some(inner);
        }
        self.atom()
    }

    fn atom(&mut self) -> Option<Condition> {
        let names = self.names;
        match self.peek().map(str::to_owned).as_deref() {
            Some(word @ ("已" | "未")) => {
                let done = word == "已";
                self.at += 1;
                let name = self.take()?;
                let step = self.find(&names.steps, "步骤", &name)?;
                Some(Condition::Done(step, done))
            }
            Some("在") => {
                self.at += 1;
                let mut stages = Vec::new();
                for name in self.listed()? {
                    stages.push(self.find(&names.stages, "阶段", &name)?);
                }
                Some(Condition::At(stages))
            }
            Some(word @ ("每个" | "有")) => {
                let each = word == "每个";
                self.at += 1;
                let name = self.take()?;
                let item = self.find(&names.items, "子项", &name)?;
                self.expect("（")?;
                let inner = Box::new(self.condition()?);
                self.expect("）")?;
                Some(if each {
                    Condition::Each(item, inner)
                } else {
                    Condition::Some(item, inner)
                })
            }
            Some(word) => {
                if let (Some(clock), Some(test)) = (
                    self.names.clocks.get(word).copied(),
                    self.peek_at(1)
                        .and_then(|w| CLOCK_TESTS.iter().find(|(t, _)| *t == w))
                        .map(|(_, t)| *t),
                ) {
                    self.at += 2;
                    return Some(Condition::Clock(clock, test));
                }
                if self.names.fields.contains_key(word) {
                    let back = self.at;
                    if let Some(found) = self.field_atom() {
                        return Some(found);
                    }
                    if !self.problems.is_empty() {
                        return None;
                    }
                    self.at = back;
                }
                if let Some(id) = self.names.definitions.get(word).copied()
                    && !self.continues_quantity(1)
                {
                    self.at += 1;
                    return Some(Condition::Defined(id));
                }
                self.comparison()
            }
            None => {
                self.fault("条件没有写完".into());
                None
            }
        }
    }

    /// Does a comparison or arithmetic follow, `ahead` words on?
    fn continues_quantity(&self, ahead: usize) -> bool {
        self.peek_at(ahead).is_some_and(|word| {
            matches!(word, "＋" | "－" | "×" | "÷") || COMPARISONS.iter().any(|(c, _)| *c == word)
        })
    }

    /// 字段 [之 列] 为 / 有值 / 无值 / 含 / 列于 / 不超出; `None` without a problem if it is a quantity instead.
    fn field_atom(&mut self) -> Option<Condition> {
        let names = self.names;
        let reference = self.field_ref()?;
        match self.peek() {
            Some("为") => {
                self.at += 1;
                Some(Condition::Is(reference, self.listed()?))
            }
            Some(word @ ("有值" | "无值")) => {
                let present = word == "有值";
                self.at += 1;
                Some(Condition::Present(reference, present))
            }
            Some("含") => {
                self.at += 1;
                Some(Condition::Contains(reference.field, self.listed()?))
            }
            Some("列于") => {
                self.at += 1;
                let name = self.take()?;
                let listing = self.find(&names.listings, "清单", &name)?;
                Some(Condition::Listed(reference.field, listing))
            }
            Some("不超出") => {
                self.at += 1;
                let name = self.take()?;
                let other = self.find(&names.fields, "字段", &name)?;
                Some(Condition::Within(reference.field, other))
            }
            _ => None,
        }
    }

    fn field_ref(&mut self) -> Option<FieldRef> {
        let names = self.names;
        let name = self.take()?;
        let field = self.find(&names.fields, "字段", &name)?;
        let column = if self.accept("之") {
            Some(self.take()?)
        } else {
            None
        };
        Some(FieldRef { field, column })
    }

    fn listed(&mut self) -> Option<Vec<String>> {
        let mut all = vec![self.take()?];
        while self.accept("、") {
            all.push(self.take()?);
        }
        Some(all)
    }

    fn comparison(&mut self) -> Option<Condition> {
        let left = self.quantity()?;
        let Some(comparison) = self
            .peek()
            .and_then(|w| COMPARISONS.iter().find(|(c, _)| *c == w))
            .map(|(_, c)| *c)
        else {
            let found = self.peek().unwrap_or("行末").to_owned();
            let hint = match found.as_str() {
                "大于" | "超过" => "写 多于",
                "小于" | "低于" => "写 少于",
                "不小于" | "大于等于" => "写 不少于",
                "不大于" | "不超过" | "小于等于" => "写 不多于",
                "是" => "写 为",
                "不为" | "不是" => "写 非 字段 为 值",
                "不含" => "写 非 字段 含 值",
                _ => "例如 多于、不多于、等于、晚于、为、有值",
            };
            self.problems
                .push(Problem::fault(self.no, format!("“{found}”处应当是比较的词")).hint(hint));
            return None;
        };
        self.at += 1;
        let right = self.quantity()?;
        Some(Condition::Compare(left, comparison, right))
    }

    /// Counts the operators of a long sum; what nests without end cannot be evaluated.
    fn too_long(&mut self) -> bool {
        if matches!(self.peek(), Some("＋" | "－" | "×" | "÷")) {
            self.operators += 1;
        }
        let long = self.operators > MOST_OPERATORS;
        if long {
            self.problems
                .push(Problem::fault(self.no, "算式太长").hint("把一部分写成定义"));
        }
        long
    }

    fn quantity(&mut self) -> Option<Quantity> {
        let mut left = self.term()?;
        loop {
            if self.too_long() {
                return None;
            }
            if self.accept("＋") {
                left = Quantity::Add(Box::new(left), Box::new(self.term()?));
            } else if self.accept("－") {
                left = Quantity::Sub(Box::new(left), Box::new(self.term()?));
            } else {
                return Some(left);
            }
        }
    }

    fn term(&mut self) -> Option<Quantity> {
        let mut left = self.factor()?;
        loop {
            if self.too_long() {
                return None;
            }
            if self.accept("×") {
                left = Quantity::Mul(Box::new(left), Box::new(self.factor()?));
            } else if self.accept("÷") {
                left = Quantity::Div(Box::new(left), Box::new(self.factor()?));
            } else {
                return Some(left);
            }
        }
    }

    fn factor(&mut self) -> Option<Quantity> {
        let Some(word) = self.peek().map(str::to_owned) else {
            self.fault("量没有写完".into());
            return None;
        };
        if let Some(number) = Ratio::parse(&word) {
            self.at += 1;
            return Some(Quantity::Number(number));
        }
        match word.as_str() {
            "今日" => {
                self.at += 1;
                return Some(Quantity::Today);
            }
            "取小" | "取大" => {
                self.at += 1;
                self.expect("（")?;
                let left = Box::new(self.deeper(Self::quantity)?);
                self.expect("，")?;
                let right = Box::new(self.deeper(Self::quantity)?);
                self.expect("）")?;
                return Some(if word == "取小" {
                    Quantity::Min(left, right)
                } else {
                    Quantity::Max(left, right)
                });
            }
            _ => {}
        }
        let next = self.peek_at(1).map(str::to_owned);
        match next.as_deref() {
            Some("次数") if self.names.steps.contains_key(&word) => {
                self.at += 2;
                Some(Quantity::Times(self.names.steps[&word]))
            }
            Some("人数") if self.names.steps.contains_key(&word) => {
                self.at += 2;
                Some(Quantity::StepPersons(self.names.steps[&word]))
            }
            Some("人数") if self.names.fields.contains_key(&word) => {
                self.at += 2;
                Some(Quantity::FieldPersons(self.names.fields[&word]))
            }
            Some("之") if self.peek_at(2) == Some("日") && self.names.steps.contains_key(&word) =>
            {
                self.at += 3;
                Some(Quantity::DayOf(self.names.steps[&word]))
            }
            Some("届满日") if self.names.clocks.contains_key(&word) => {
                self.at += 2;
                Some(Quantity::DueOn(self.names.clocks[&word]))
            }
            Some("逾期日数") if self.names.clocks.contains_key(&word) => {
                self.at += 2;
                Some(Quantity::DaysLate(self.names.clocks[&word]))
            }
            Some("按") => self.per(&word),
            _ if self.names.fields.contains_key(&word) => Some(Quantity::Field(self.field_ref()?)),
            _ if self.names.definitions.contains_key(&word) => {
                self.at += 1;
                Some(Quantity::Defined(self.names.definitions[&word]))
            }
            _ => {
                self.unknown(&word);
                None
            }
        }
    }

    fn per(&mut self, word: &str) -> Option<Quantity> {
        let names = self.names;
        let indicator = self.find(&names.indicators, "指标", word)?;
        self.at += 2;
        let mut fields = Vec::new();
        for name in self.listed()? {
            fields.push(self.find(&names.fields, "字段", &name)?);
        }
        let span = match self.take()?.as_str() {
            "本年" => Span::ThisYear,
            "本月" => Span::ThisMonth,
            "近" => {
                let years = self.take()?.parse().ok();
                self.expect("年")?;
                let Some(years) = years else {
                    self.fault("“近”后面应当是年数".into());
                    return None;
                };
                Span::LastYears(years)
            }
            other => {
                self.fault(format!("“{other}”处应当是 本年、本月 或者 近 N 年"));
                return None;
            }
        };
        Some(Quantity::Per(indicator, fields, span))
    }

    fn unknown(&mut self, word: &str) {
        let names = self.names;
        let problem = Problem::fault(self.no, format!("条件里的“{}”不认识", short(word)));
        if !self.hinting {
            self.problems.push(problem);
            return;
        }
        let mut problem = problem;
        let mut known: Vec<&str> = names
            .fields
            .keys()
            .chain(names.clocks.keys())
            .chain(names.definitions.keys())
            .chain(names.steps.keys())
            .map(String::as_str)
            .collect();
        known.sort_unstable();
        if word.len() > 15
            && word
                .chars()
                .all(|c| c.is_ascii_digit() || ".-%".contains(c))
        {
            problem = problem.hint("数太长，机器装不下");
        } else if word
            .chars()
            .all(|c| "零一二两三四五六七八九十百千万".contains(c))
        {
            problem = problem.hint("数用阿拉伯数字写");
        } else if let Some(near) = crate::problem::nearest(word, known.into_iter()) {
            problem = problem.hint(format!("是不是“{near}”？"));
        }
        self.problems.push(problem);
    }
}
