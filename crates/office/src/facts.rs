//! A fact as it lies in the log (入账的事实): codes instead of indices, canonical JSON, and back.

use crate::error::{Result, fault};
use crate::pack::LawFile;
use law::engine::{Fact, Waiver};
use law::value::Value;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The body of an entry of kind `fact`.
#[derive(Debug, Serialize, Deserialize)]
pub struct FactBody {
    /// Persons by role code.
    pub actors: BTreeMap<String, Vec<String>>,
    /// The person of the account that handed it in, empty if the account has none; absent where the program itself did.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub by: Option<String>,
    /// Number of the item, for item steps.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub item: Option<u32>,
    /// Hash of the law file, on the first fact of a case.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub law: Option<String>,
    /// Number, tracking-code hash and the like, on the first fact of a case.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub opening: Option<Opening>,
    /// Persons whom whoever handed it in named beside themselves, and who confirm it under their own login.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub to_confirm: Vec<String>,
    /// Values by field code.
    pub values: BTreeMap<String, Value>,
    /// Requirements set aside, each with person and reason.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub waivers: Vec<WaiverBody>,
}

/// What opening a case fixes once and for all.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Opening {
    /// 编号.
    pub number: String,
    /// Typed in later from a paper or spreadsheet register (补录).
    pub imported: bool,
    /// Hash of the tracking code.
    pub tracking: String,
    /// Title shown in lists.
    pub title: String,
}

/// A waiver in the log.
#[derive(Debug, Serialize, Deserialize)]
pub struct WaiverBody {
    /// Line of the 须 in the law file.
    pub line: usize,
    /// Who waived.
    pub person: String,
    /// Why.
    pub reason: String,
}

/// The body of a fact.
pub fn encode(
    law: &LawFile,
    fact: &Fact,
    opening: Option<Opening>,
    by: Option<&str>,
    to_confirm: &[String],
) -> Result<String> {
    let procedure = &law.procedure;
    let body = FactBody {
        actors: fact
            .actors
            .iter()
            .map(|(role, persons)| (procedure.roles[role.at()].code.clone(), persons.clone()))
            .collect(),
        by: by.map(str::to_owned),
        item: fact.item,
        law: opening.as_ref().map(|_| law.hash.clone()),
        opening,
        to_confirm: to_confirm.to_vec(),
        values: fact
            .values
            .iter()
            .map(|(field, value)| (procedure.fields[field.at()].code.clone(), value.clone()))
            .collect(),
        waivers: fact
            .waivers
            .iter()
            .map(|w| WaiverBody {
                line: w.line_no,
                person: w.person.clone(),
                reason: w.reason.clone(),
            })
            .collect(),
    };
    let value = serde_json::to_value(&body).map_err(fault)?;
    Ok(value.to_string())
}

/// The fact that an entry holds.
pub fn decode(
    law: &LawFile,
    n: u32,
    subject: &str,
    at: &str,
    recorded: &str,
    body: &str,
) -> Result<Fact> {
    let body: FactBody = serde_json::from_str(body)
        .map_err(|e| fault(format!("entry body of step {subject}: {e}")))?;
    let step = law
        .step(subject)
        .ok_or_else(|| fault(format!("step {subject} is not in its law file")))?;
    let mut actors = Vec::with_capacity(body.actors.len());
    for (role, persons) in body.actors {
        let role = law
            .role(&role)
            .ok_or_else(|| fault(format!("role {role} is not in its law file")))?;
        actors.push((role, persons));
    }
    let mut values = BTreeMap::new();
    for (field, value) in body.values {
        let field = law
            .field(&field)
            .ok_or_else(|| fault(format!("field {field} is not in its law file")))?;
        values.insert(field, value);
    }
    Ok(Fact {
        n,
        step,
        at: at
            .parse()
            .map_err(|e| fault(format!("instant {at}: {e}")))?,
        recorded: recorded_local(recorded)?,
        item: body.item,
        actors,
        values,
        waivers: body
            .waivers
            .into_iter()
            .map(|w| Waiver {
                line_no: w.line,
                person: w.person,
                reason: w.reason,
            })
            .collect(),
    })
}

/// Ids of the cases that the body of a fact names.
pub(crate) fn cases_named(body: &str) -> Result<Vec<String>> {
    let body: FactBody = serde_json::from_str(body).map_err(fault)?;
    let mut found = Vec::new();
    for value in body.values.into_values() {
        if let Value::Cases(ids) = value {
            found.extend(ids);
        }
    }
    Ok(found)
}

/// A recorded instant (UTC) as local civil time.
pub fn recorded_local(recorded: &str) -> Result<jiff::civil::DateTime> {
    let utc: jiff::civil::DateTime = recorded
        .trim_end_matches('Z')
        .parse()
        .map_err(|e| fault(format!("instant {recorded}: {e}")))?;
    Ok(utc + jiff::Span::new().hours(8))
}
