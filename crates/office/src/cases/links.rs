//! Cases beside a case (关联): named by a fact, or opened by it.

use super::Done;
use crate::ctx::Ctx;
use crate::error::{Error, Result, fault};
use crate::inputs::{self, Draft};
use crate::pack::LawFile;
use law::engine::Fact;
use law::procedure::LinkKind;
use law::value::Value;
use ledger::Recorded;
use store::{Tx, params, sql};

/// Every 案件 value of a fact is a link that can be followed both ways.
pub(super) fn link_cases(
    tx: &mut Tx,
    ctx: &Ctx,
    law: &LawFile,
    case: &str,
    fact: &Fact,
    seq: i64,
) -> Result<()> {
    for (field, value) in &fact.values {
        if let Value::Cases(ids) = value {
            for id in ids {
                put_link(
                    tx,
                    ctx,
                    case,
                    id,
                    &law.procedure.fields[field.at()].code,
                    seq,
                )?;
            }
        }
    }
    Ok(())
}

fn put_link(tx: &mut Tx, ctx: &Ctx, from: &str, to: &str, kind: &str, seq: i64) -> Result<()> {
    tx.execute(
        sql!(
            "INSERT INTO case_links (org, from_case, to_case, kind, seq) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (org, from_case, to_case, kind) DO NOTHING"
        ),
        params![ctx.org, from, to, kind, seq],
    )?;
    Ok(())
}

/// 关联 派生: opens the other case in the same transaction, with the fields that 带 names.
pub(super) fn derive(
    tx: &mut Tx,
    ctx: &Ctx,
    law: &LawFile,
    case: &str,
    fact: &Fact,
    draft: &Draft,
    seq: i64,
) -> Result<Option<Recorded<Done>>> {
    let step = &law.procedure.steps[fact.step.at()];
    let Some(link) = step
        .links
        .iter()
        .find(|link| matches!(link.kind, LinkKind::Derives(_)))
    else {
        return Ok(None);
    };
    let LinkKind::Derives(code) = &link.kind else {
        return Ok(None);
    };
    let target = ctx
        .pack
        .file(code)
        .ok_or_else(|| fault(format!("derived procedure {code} is not in the pack")))?;
    let first = &target.procedure.steps[target.procedure.starts_with.at()];
    let Some(wanted) = &draft.derived else {
        let why = format!(
            "这一步会派生“{}”，请一并填写“{}”",
            target.procedure.title, first.name
        );
        return Err(Error::Form(vec![(first.name.clone(), why)]));
    };
    let mut opening = (**wanted).clone();
    opening.step.clone_from(&first.code);
    opening.at = Some(fact.at);
    for form in &first.form {
        let field = &target.procedure.fields[form.field.at()];
        if let law::procedure::FieldKind::Case(codes) = &field.kind
            && codes.contains(&law.procedure.code)
        {
            opening
                .values
                .insert(field.code.clone(), inputs::Input::Text(case.to_owned()));
        }
    }
    let inner = Ctx {
        request: None,
        ..ctx.clone()
    };
    let reading = inputs::read(tx, &inner, target, &opening)?;
    let other = super::open_read(tx, &inner, target.clone(), reading, &opening)?;
    let refused = match other.get() {
        Ok(done) => {
            let to = done.case.clone();
            put_link(tx, ctx, case, &to, "derives", seq)?;
            None
        }
        Err(refusal) => Some(refusal.clone()),
    };
    match refused {
        None => Ok(Some(other.map(|outcome| outcome.expect("looked at above")))),
        Some(refusal) => Err(Error::Refused(refusal)),
    }
}
