//! Codes that check themselves (标识): unified social credit code, organisation code, resident identity number, division code.
//!
//! A wrong digit is found at the form. What is checked is the code, not whether anybody bears it.

use jiff::civil::Date;

/// The kinds of code that a field may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Identifier {
    /// 统一社会信用代码 (GB 32100-2015), 18 characters.
    SocialCredit,
    /// 组织机构代码 (GB 11714), 9 characters, a hyphen before the last allowed.
    Organisation,
    /// 居民身份证号 (GB 11643-1999), 18 characters.
    ResidentId,
    /// 区划代码: 6, 9 or 12 digits; 12 as the statistics office writes them.
    Division,
}

/// The 31 characters of a social credit code, by value.
const ALPHABET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
/// The check characters of a resident identity number, by remainder.
const RESIDENT_CHECK: &[u8; 11] = b"10X98765432";
const RESIDENT_WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const ORGANISATION_WEIGHTS: [u32; 8] = [3, 7, 9, 10, 5, 8, 4, 2];
/// First two digits of provinces, regions and municipalities, and 91 for those whose papers are not from one.
const PROVINCES: &[u8] = &[
    11, 12, 13, 14, 15, 21, 22, 23, 31, 32, 33, 34, 35, 36, 37, 41, 42, 43, 44, 45, 46, 50, 51, 52,
    53, 54, 61, 62, 63, 64, 65, 71, 81, 82, 91,
];

impl Identifier {
    /// As the law file calls it.
    pub fn word(self) -> &'static str {
        match self {
            Identifier::SocialCredit => "统一社会信用代码",
            Identifier::Organisation => "组织机构代码",
            Identifier::ResidentId => "居民身份证号",
            Identifier::Division => "区划代码",
        }
    }

    /// The code in its plain form: without blanks, in capitals.
    ///
    /// # Errors
    /// One Chinese sentence: what is wrong and where to look. It never repeats the code.
    pub fn read(self, text: &str) -> Result<String, String> {
        let plain: String = text
            .chars()
            .filter(|c| !(c.is_whitespace() || self == Identifier::Organisation && *c == '-'))
            .map(|c| c.to_ascii_uppercase())
            .collect();
        let found = match self {
            Identifier::SocialCredit => social_credit(plain.as_bytes()),
            Identifier::Organisation => organisation(plain.as_bytes()),
            Identifier::ResidentId => resident(plain.as_bytes()),
            Identifier::Division => division(plain.as_bytes()),
        };
        found.map(|()| plain)
    }

    /// The code as it is shown unless somebody may see it whole: of a resident, the first three and the last four.
    pub fn shown(self, code: &str) -> String {
        if self != Identifier::ResidentId || !code.is_ascii() || code.len() < 8 {
            return code.to_owned();
        }
        format!(
            "{}{}{}",
            &code[..3],
            "＊".repeat(code.len() - 7),
            &code[code.len() - 4..]
        )
    }
}

fn length(code: &[u8], wanted: usize, name: &str) -> Result<(), String> {
    if code.len() == wanted {
        return Ok(());
    }
    Err(format!(
        "{name}是 {wanted} 位，这里是 {} 位，请对着证照再数一遍",
        code.len()
    ))
}

fn province(code: &[u8], name: &str) -> Result<(), String> {
    let tens = |b: u8| b.is_ascii_digit().then(|| b - b'0');
    match (
        code.first().copied().and_then(tens),
        code.get(1).copied().and_then(tens),
    ) {
        (Some(a), Some(b)) if PROVINCES.contains(&(a * 10 + b)) => Ok(()),
        _ => Err(format!("{name}里的省级代码不存在，请对着证照再看一遍")),
    }
}

fn social_credit(code: &[u8]) -> Result<(), String> {
    let name = Identifier::SocialCredit.word();
    length(code, 18, name)?;
    let mut sum = 0;
    let mut weight = 1;
    let mut values = Vec::with_capacity(18);
    for byte in code {
        let Some(value) = ALPHABET.iter().position(|a| a == byte) else {
            return Err(format!(
                "{name}只用数字和大写字母，不用 I、O、S、V、Z，请看是不是把 1、0、5、2 认错了"
            ));
        };
        values.push(value);
    }
    for value in &values[..17] {
        sum += value * weight;
        weight = weight * 3 % 31;
    }
    // 10 stands for the whole country: bodies registered centrally.
    if &code[2..4] != b"10" {
        province(&code[2..4], name)?;
    }
    if (31 - sum % 31) % 31 != values[17] {
        return Err(format!("{name}的校验位不对，有一位抄错了，请对着证照核对"));
    }
    organisation(&code[8..17])
        .map_err(|_| format!("{name}里第 9 至 17 位（主体标识）的校验位不对，请对着证照核对"))
}

fn organisation(code: &[u8]) -> Result<(), String> {
    let name = Identifier::Organisation.word();
    length(code, 9, name)?;
    let mut sum = 0;
    for (byte, weight) in code.iter().zip(ORGANISATION_WEIGHTS) {
        let value = match byte {
            b'0'..=b'9' => byte - b'0',
            b'A'..=b'Z' => byte - b'A' + 10,
            _ => return Err(format!("{name}只用数字和大写字母")),
        };
        sum += u32::from(value) * weight;
    }
    let wanted = match 11 - sum % 11 {
        10 => b'X',
        11 => b'0',
        digit => b'0' + u8::try_from(digit).unwrap_or_default(),
    };
    if code[8] != wanted {
        return Err(format!("{name}的校验位不对，有一位抄错了，请对着证照核对"));
    }
    Ok(())
}

fn resident(code: &[u8]) -> Result<(), String> {
    let name = Identifier::ResidentId.word();
    length(code, 18, name)?;
    if !code[..17].iter().all(u8::is_ascii_digit)
        || !(code[17].is_ascii_digit() || code[17] == b'X')
    {
        return Err(format!("{name}是 17 位数字加一位数字或者 X"));
    }
    province(code, name)?;
    let number = |from: usize, until: usize| {
        code[from..until]
            .iter()
            .fold(0i16, |n, b| n * 10 + i16::from(b - b'0'))
    };
    let (month, day) = (number(10, 12), number(12, 14));
    let born = Date::new(
        number(6, 10),
        i8::try_from(month).unwrap_or_default(),
        i8::try_from(day).unwrap_or_default(),
    );
    if born.is_err() || number(6, 10) < 1800 {
        return Err(format!("{name}第 7 至 14 位不是真实的日期，请对着证件核对"));
    }
    let sum: u32 = code[..17]
        .iter()
        .zip(RESIDENT_WEIGHTS)
        .map(|(byte, weight)| u32::from(byte - b'0') * weight)
        .sum();
    if code[17] != RESIDENT_CHECK[(sum % 11) as usize] {
        return Err(format!("{name}的校验位不对，有一位抄错了，请对着证件核对"));
    }
    Ok(())
}

fn division(code: &[u8]) -> Result<(), String> {
    let name = Identifier::Division.word();
    if !matches!(code.len(), 6 | 9 | 12) || !code.iter().all(u8::is_ascii_digit) {
        return Err(format!(
            "{name}是 6 位（县）、9 位（乡镇）或者 12 位（村）数字"
        ));
    }
    province(code, name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(kind: Identifier, code: &str, sentence: Option<&str>) {
        match (kind.read(code), sentence) {
            (Ok(_), None) => {}
            (Err(why), Some(part)) => {
                assert!(why.contains(part), "{code}: {why}");
                assert!(!why.contains(code), "the sentence repeats the code: {why}");
            }
            (found, _) => panic!("{code}: {found:?}, expected {sentence:?}"),
        }
    }

    #[test]
    fn codes_are_read_or_refused_with_a_hint() {
        use Identifier::{Division, Organisation, ResidentId, SocialCredit};
        let cases: &[(Identifier, &str, Option<&str>)] = &[
            (SocialCredit, "91110000802100433B", None),
            (SocialCredit, "91350100M000100Y43", None),
            (SocialCredit, "9144030071526726XG", None),
            (SocialCredit, "12100000400010275N", None),
            (SocialCredit, "11100000000013338W", None),
            (SocialCredit, "115109210086234562", None),
            (SocialCredit, "9135 0100 m000 100y43", None),
            (SocialCredit, "91310115MA1G4L1WXK", Some("校验位不对")),
            (SocialCredit, "9111000080210O433B", Some("不用 I、O")),
            (SocialCredit, "9111000080210043", Some("这里是 16 位")),
            (Organisation, "00862345-6", None),
            (Organisation, "008623457", Some("校验位")),
            (ResidentId, "11010519491231002X", None),
            (ResidentId, "440524188001010014", None),
            (ResidentId, "510921199001010019", None),
            (ResidentId, "510921199001010018", Some("校验位")),
            (ResidentId, "510921199002300017", Some("不是真实的日期")),
            (ResidentId, "990921199001010019", Some("省级代码")),
            (Division, "510921105", None),
            (Division, "510921105000", None),
            (Division, "51092110", Some("6 位")),
            (Division, "990921105", Some("省级代码")),
        ];
        for (kind, code, sentence) in cases {
            check(*kind, code, *sentence);
        }
    }

    #[test]
    fn one_wrong_digit_never_passes_in_a_resident_number() {
        let good = b"510921199001010019";
        for at in 0..17 {
            for digit in b'0'..=b'9' {
                let mut code = *good;
                if code[at] == digit {
                    continue;
                }
                code[at] = digit;
                let text = String::from_utf8_lossy(&code).into_owned();
                assert!(Identifier::ResidentId.read(&text).is_err(), "{text}");
            }
        }
    }

    #[test]
    fn one_wrong_character_never_passes_in_a_credit_code() {
        let good = b"91350100M000100Y43";
        for at in 0..18 {
            for other in ALPHABET {
                let mut code = *good;
                if code[at] == *other {
                    continue;
                }
                code[at] = *other;
                let text = String::from_utf8_lossy(&code).into_owned();
                assert!(Identifier::SocialCredit.read(&text).is_err(), "{text}");
            }
        }
    }

    #[test]
    fn only_the_ends_of_a_resident_number_are_shown() {
        assert_eq!(
            Identifier::ResidentId.shown("11010519491231002X"),
            "110＊＊＊＊＊＊＊＊＊＊＊002X"
        );
    }
}
