//! Figures that no single procedure owns (跨台账指标): certificates, staff, listings, unions of two case lists, rates across files.
//!
//! A file under `law/indicators/` holds 指标 blocks of these five forms of line:
//!
//! ```text
//! 名称 代号：证件 执法证 ｜单位：人            holders of a certificate valid at the cut-off, stationed staff left out
//! 名称 代号：在岗人员 ｜单位：人               people in service at the cut-off, stationed staff left out
//! 名称 代号：清单 积分制试点村 ｜单位：个       entries in force and published at the cut-off
//! 名称 代号：并集 a.x、b.y ｜以：字段代号       cases of several lists, one where a 案件 field links two; 重合 counts only those
//! 名称 代号：a.x ÷ b.y                         rate
//! ```

use crate::problem::Problem;

/// One figure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegisterFigure {
    /// 名称.
    pub name: String,
    /// 代号; referred to as `registers.代号`.
    pub code: String,
    /// What it counts.
    pub formula: RegisterFormula,
    /// 单位.
    pub unit: String,
    /// The line as written: the definition shown to readers.
    pub source: String,
}

/// What a figure counts. References are `程序代号.指标代号` or `registers.代号`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RegisterFormula {
    /// 证件 of this kind.
    Certificates(String),
    /// 在岗人员.
    Staff,
    /// 清单 of this name.
    Listing(String),
    /// 并集.
    Union {
        /// Lists.
        of: Vec<String>,
        /// Code of the linking field.
        by: String,
    },
    /// 重合.
    Overlap {
        /// Lists.
        of: Vec<String>,
        /// Code of the linking field.
        by: String,
    },
    /// ÷
    Rate(String, String),
}

/// Reads a file of register figures.
pub fn read(text: &str) -> (Vec<RegisterFigure>, Vec<Problem>) {
    let mut found = Vec::new();
    let mut problems = Vec::new();
    let mut inside = false;
    for (i, line) in text.lines().enumerate() {
        let no = i + 1;
        let line = line.trim();
        if let Some(kind) = line.strip_prefix("```") {
            inside = kind.trim() == "指标";
            continue;
        }
        if !inside || line.is_empty() {
            continue;
        }
        match figure(line) {
            Some(figure) => found.push(figure),
            None => problems.push(Problem::fault(no, format!("“{line}”读不懂")).hint(
                "应当写成 名称 代号：证件 …、在岗人员、清单 …、并集 …、重合 … 或者 a.x ÷ b.y",
            )),
        }
    }
    (found, problems)
}

fn figure(line: &str) -> Option<RegisterFigure> {
    let (head, rest) = line.split_once('：')?;
    let (name, code) = head.trim().split_once(' ')?;
    let mut parts = rest.split('｜').map(str::trim);
    let main = parts.next()?;
    let qualifiers: Vec<(&str, &str)> = parts.filter_map(|part| part.split_once('：')).collect();
    let qualifier = |key: &str| {
        qualifiers
            .iter()
            .find(|(k, _)| *k == key)
            .map(|(_, v)| (*v).to_owned())
    };
    let references = |text: &str| {
        text.split('、')
            .map(|r| qualified(r.trim()))
            .collect::<Vec<_>>()
    };
    let formula = if let Some(kind) = main.strip_prefix("证件 ") {
        RegisterFormula::Certificates(kind.to_owned())
    } else if main == "在岗人员" {
        RegisterFormula::Staff
    } else if let Some(listing) = main.strip_prefix("清单 ") {
        RegisterFormula::Listing(listing.to_owned())
    } else if let Some(of) = main.strip_prefix("并集 ") {
        RegisterFormula::Union {
            of: references(of),
            by: qualifier("以")?,
        }
    } else if let Some(of) = main.strip_prefix("重合 ") {
        RegisterFormula::Overlap {
            of: references(of),
            by: qualifier("以")?,
        }
    } else {
        let (top, bottom) = main.split_once('÷')?;
        RegisterFormula::Rate(qualified(top.trim()), qualified(bottom.trim()))
    };
    let unit = qualifier("单位").unwrap_or_else(|| {
        if matches!(formula, RegisterFormula::Rate(..)) {
            "%".into()
        } else {
            "件".into()
        }
    });
    Some(RegisterFigure {
        name: name.trim().to_owned(),
        code: code.trim().to_owned(),
        formula,
        unit,
        source: rest.trim().to_owned(),
    })
}

fn qualified(reference: &str) -> String {
    if reference.contains('.') {
        reference.to_owned()
    } else {
        format!("registers.{reference}")
    }
}
