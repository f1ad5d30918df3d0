//! Values of fields (字段的值) and exact numbers.

use crate::procedure::FieldKind;
use jiff::civil::{Date, DateTime};
use serde::{Deserialize, Serialize};
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fmt;

/// An exact number: `numerator / denominator`, in lowest terms, denominator positive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Ratio {
    numerator: i128,
    denominator: i128,
}

impl Ratio {
    /// Nothing.
    pub const ZERO: Ratio = Ratio {
        numerator: 0,
        denominator: 1,
    };
    /// One.
    pub const ONE: Ratio = Ratio {
        numerator: 1,
        denominator: 1,
    };

    /// `numerator / denominator`; `None` if the denominator is 0.
    pub fn new(numerator: i128, denominator: i128) -> Option<Ratio> {
        if denominator == 0 {
            return None;
        }
        let divisor = gcd(numerator.unsigned_abs(), denominator.unsigned_abs());
        let divisor = i128::try_from(divisor).ok()?.max(1) * denominator.signum();
        Some(Ratio {
            numerator: numerator / divisor,
            denominator: denominator / divisor,
        })
    }

    /// Reads `12`, `-3`, `12.5`, `3%`.
    pub fn parse(text: &str) -> Option<Ratio> {
        if let Some(percent) = text.strip_suffix('%') {
            return Ratio::parse(percent)?.over(Ratio::from(100));
        }
        let (whole, places) = text.split_once('.').unwrap_or((text, ""));
        let digits = |t: &str| t.bytes().all(|b| b.is_ascii_digit());
        let unsigned = whole.strip_prefix('-').unwrap_or(whole);
        if unsigned.is_empty()
            || !digits(unsigned)
            || !digits(places)
            || places.len() > 9
            || unsigned.len() > 18
        {
            return None;
        }
        if text.contains('.') && places.is_empty() {
            return None;
        }
        let scale = 10i128.pow(u32::try_from(places.len()).ok()?);
        let joined: i128 = format!("{whole}{places}").parse().ok()?;
        Ratio::new(joined, scale)
    }

    /// Sum; `None` on overflow, as in all arithmetic here.
    pub fn plus(self, other: Ratio) -> Option<Ratio> {
        let left = self.numerator.checked_mul(other.denominator)?;
        let right = other.numerator.checked_mul(self.denominator)?;
        Ratio::new(
            left.checked_add(right)?,
            self.denominator.checked_mul(other.denominator)?,
        )
    }

    /// Difference.
    pub fn minus(self, other: Ratio) -> Option<Ratio> {
        self.plus(Ratio {
            numerator: other.numerator.checked_neg()?,
            ..other
        })
    }

    /// Product.
    pub fn times(self, other: Ratio) -> Option<Ratio> {
        let numerator = self.numerator.checked_mul(other.numerator)?;
        Ratio::new(numerator, self.denominator.checked_mul(other.denominator)?)
    }

    /// Quotient; `None` also when `other` is 0.
    pub fn over(self, other: Ratio) -> Option<Ratio> {
        let numerator = self.numerator.checked_mul(other.denominator)?;
        Ratio::new(numerator, self.denominator.checked_mul(other.numerator)?)
    }

    /// As a whole number, if it is one.
    pub fn whole(self) -> Option<i64> {
        (self.denominator == 1)
            .then(|| i64::try_from(self.numerator).ok())
            .flatten()
    }

    /// In millionths, cut off towards zero.
    pub fn micros(self) -> Option<i64> {
        i64::try_from(self.numerator.checked_mul(1_000_000)? / self.denominator).ok()
    }
}

impl From<i64> for Ratio {
    fn from(n: i64) -> Self {
        Ratio {
            numerator: i128::from(n),
            denominator: 1,
        }
    }
}

impl PartialOrd for Ratio {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Ratio {
    fn cmp(&self, other: &Self) -> Ordering {
        match self.minus(*other) {
            Some(difference) => difference.numerator.cmp(&0),
            None => (self.numerator / self.denominator).cmp(&(other.numerator / other.denominator)),
        }
    }
}

impl fmt::Display for Ratio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.denominator == 1 {
            return write!(f, "{}", self.numerator);
        }
        match self.micros() {
            Some(micros) => {
                let text = format!("{}.{:06}", micros / 1_000_000, (micros % 1_000_000).abs());
                f.write_str(text.trim_end_matches('0').trim_end_matches('.'))
            }
            None => write!(f, "{}/{}", self.numerator, self.denominator),
        }
    }
}

fn gcd(a: u128, b: u128) -> u128 {
    if b == 0 { a } else { gcd(b, a % b) }
}

/// A value filled into a form. Text forms are what the ledger stores; see `docs/ledger-format.md`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Value {
    /// 文, 地点, 机构, 法条, 选项.
    Text(String),
    /// 数, as decimal text with at most six places (`"12.5"`).
    Number(String),
    /// 金额, in 分.
    Fen(i64),
    /// 日期.
    Date(Date),
    /// 时刻.
    Instant(DateTime),
    /// 是否.
    YesNo(bool),
    /// 多选.
    Choices(Vec<String>),
    /// 当事人: identity by id; `class` is 类别 (公民, 企业, 个体工商户 …). The name lives with the party, not here.
    Party {
        /// Party id.
        id: String,
        /// 类别.
        class: String,
    },
    /// 人员: ids.
    People(Vec<String>),
    /// 附件: SHA-256 in hex, in the order attached.
    Files(Vec<String>),
    /// 清单项: key, the listings in which it stood in force and published that day, and the columns read that day.
    Entry {
        /// 键.
        key: String,
        /// 清单名.
        listed_in: Vec<String>,
        /// Columns by name.
        columns: BTreeMap<String, String>,
    },
    /// 案件: ids.
    Cases(Vec<String>),
}

impl Value {
    /// Reads what was typed into a field of this kind.
    ///
    /// # Errors
    /// One Chinese sentence.
    pub fn parse(kind: &FieldKind, text: &str) -> Result<Value, String> {
        let text = text.trim();
        let list = || {
            text.split('、')
                .map(|t| t.trim().to_owned())
                .filter(|t| !t.is_empty())
                .collect::<Vec<_>>()
        };
        match kind {
            FieldKind::Text | FieldKind::Organ | FieldKind::Place | FieldKind::Article => {
                if text.chars().count() > 20_000 {
                    return Err("太长了，最多两万字".into());
                }
                Ok(Value::Text(text.to_owned()))
            }
            FieldKind::Code(kind) => kind.read(text).map(Value::Text),
            FieldKind::Number => match Ratio::parse(text) {
                Some(_) => Ok(Value::Number(text.to_owned())),
                None => Err(format!("“{text}”不是数")),
            },
            FieldKind::Money => {
                let fen = Ratio::parse(text)
                    .and_then(|yuan| yuan.times(Ratio::from(100)))
                    .and_then(Ratio::whole);
                match fen {
                    Some(fen) if fen >= 0 => Ok(Value::Fen(fen)),
                    _ => Err(format!("“{text}”不是金额，请写成 3000 或者 3000.50（元）")),
                }
            }
            FieldKind::Date => text
                .parse()
                .map(Value::Date)
                .map_err(|_| format!("“{text}”不是日期，请写成 2023-05-06 的样子")),
            FieldKind::Instant => instant(text)
                .map(Value::Instant)
                .ok_or_else(|| format!("“{text}”不是时刻，请写成 2023-05-06 09:30 的样子")),
            FieldKind::YesNo => match text {
                "是" => Ok(Value::YesNo(true)),
                "否" => Ok(Value::YesNo(false)),
                _ => Err(format!("“{text}”应当是 是 或者 否")),
            },
            FieldKind::Choice(all) if all.iter().any(|c| c == text) => {
                Ok(Value::Text(text.to_owned()))
            }
            FieldKind::Choice(all) => Err(format!("“{text}”不在选项里，可选：{}", all.join("、"))),
            FieldKind::Choices(all) => {
                let chosen = list();
                match chosen.iter().find(|c| !all.contains(c)) {
                    Some(wrong) => Err(format!("“{wrong}”不在选项里，可选：{}", all.join("、"))),
                    None => Ok(Value::Choices(chosen)),
                }
            }
            FieldKind::People => Ok(Value::People(list())),
            FieldKind::Case(_) => Ok(Value::Cases(list())),
            FieldKind::Party => Ok(Value::Party {
                id: text.to_owned(),
                class: "公民".into(),
            }),
            FieldKind::File => Ok(Value::Files(list())),
            FieldKind::ListingEntry(_) => Ok(Value::Entry {
                key: text.to_owned(),
                listed_in: Vec::new(),
                columns: BTreeMap::new(),
            }),
        }
    }

    /// Does it fit a field of this kind?
    pub fn fits(&self, kind: &FieldKind) -> bool {
        match (self, kind) {
            (Value::Text(text), FieldKind::Choice(all)) => all.contains(text),
            (Value::Choices(chosen), FieldKind::Choices(all)) => {
                chosen.iter().all(|c| all.contains(c))
            }
            (Value::Text(text), FieldKind::Code(kind)) => kind.read(text).is_ok(),
            (Value::Number(text), FieldKind::Number) => Ratio::parse(text).is_some(),
            (
                Value::Text(_),
                FieldKind::Text | FieldKind::Organ | FieldKind::Place | FieldKind::Article,
            )
            | (Value::Fen(_), FieldKind::Money)
            | (Value::Date(_), FieldKind::Date)
            | (Value::Instant(_), FieldKind::Instant)
            | (Value::YesNo(_), FieldKind::YesNo)
            | (Value::Party { .. }, FieldKind::Party)
            | (Value::People(_), FieldKind::People)
            | (Value::Files(_), FieldKind::File)
            | (Value::Entry { .. }, FieldKind::ListingEntry(_))
            | (Value::Cases(_), FieldKind::Case(_)) => true,
            _ => false,
        }
    }

    /// Does it say anything at all?
    pub fn is_empty(&self) -> bool {
        match self {
            Value::Text(text) | Value::Number(text) => text.is_empty(),
            Value::Choices(all) | Value::People(all) | Value::Files(all) | Value::Cases(all) => {
                all.is_empty()
            }
            _ => false,
        }
    }

    /// The words by which conditions and dimensions compare it.
    pub fn texts(&self) -> Vec<String> {
        match self {
            Value::Text(text) | Value::Number(text) => vec![text.clone()],
            Value::Fen(fen) => vec![yuan(*fen)],
            Value::Date(day) => vec![day.to_string()],
            Value::Instant(at) => vec![at.to_string()],
            Value::YesNo(yes) => vec![if *yes { "是".into() } else { "否".into() }],
            Value::Choices(all) | Value::People(all) | Value::Files(all) | Value::Cases(all) => {
                all.clone()
            }
            Value::Party { id, .. } => vec![id.clone()],
            Value::Entry { key, .. } => vec![key.clone()],
        }
    }

    /// As it is shown to people.
    pub fn display(&self) -> String {
        match self {
            Value::Fen(fen) => format!("{} 元", yuan(*fen)),
            Value::Instant(at) => at.strftime("%Y-%m-%d %H:%M").to_string(),
            Value::Files(all) => format!("{} 件", all.len()),
            other => other.texts().join("、"),
        }
    }

    /// As a number or a day count; dates count days, money counts 元.
    pub(crate) fn number(&self) -> Option<Ratio> {
        match self {
            Value::Number(text) | Value::Text(text) => Ratio::parse(text),
            Value::Fen(fen) => Ratio::new(i128::from(*fen), 100),
            Value::Date(day) => Some(day_number(*day)),
            Value::Instant(at) => Some(day_number(at.date())),
            _ => None,
        }
    }
}

/// A day as a number, so that dates can be compared and subtracted.
pub fn day_number(day: Date) -> Ratio {
    let days = (day - Date::constant(1970, 1, 1)).get_days();
    Ratio::from(i64::from(days))
}

fn yuan(fen: i64) -> String {
    if fen % 100 == 0 {
        (fen / 100).to_string()
    } else {
        format!("{}.{:02}", fen / 100, (fen % 100).abs())
    }
}

fn instant(text: &str) -> Option<DateTime> {
    if let Ok(at) = text.replace(' ', "T").parse::<DateTime>() {
        return Some(at);
    }
    let (day, time) = text.split_once([' ', 'T'])?;
    let (hours, minutes) = time.split_once(':')?;
    let day: Date = day.parse().ok()?;
    let time = jiff::civil::Time::new(hours.parse().ok()?, minutes.parse().ok()?, 0, 0).ok()?;
    Some(day.to_datetime(time))
}
