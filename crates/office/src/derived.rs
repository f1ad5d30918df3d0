//! What the cases together imply (重算): sums, evidence, law texts; held against the tables that keep them.

use crate::ctx::{Ctx, hex};
use crate::error::{Result, fault};
use crate::projections;
use crate::records::Record;
use crate::stocks::{StayRow, Tallies};
use law::indicator::Mark;
use law::value::Value;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use store::{Tx, params, sql};

/// Indicator, month, dimension, thing.
type Place = (String, String, String, String);

/// What was heard from the cases so far.
#[derive(Debug, Default)]
pub(crate) struct Implied {
    tallies: BTreeMap<Place, (i64, i64)>,
    /// Case and hash, with the position of the first fact that names it.
    evidence: BTreeMap<(String, String), i64>,
    laws: BTreeSet<String>,
    stocks: Tallies,
    stays: i64,
}

impl Implied {
    /// One case, with the marks and the stays that its history makes.
    pub fn hear(&mut self, case: &str, record: &Record, marks: &[Mark], stays: &[StayRow]) {
        self.laws.insert(record.law.hash.clone());
        for stay in stays {
            self.stocks.add(stay, 1);
            self.stays += 1;
        }
        for (fact, seq) in record.history.facts.iter().zip(&record.seqs) {
            for value in fact.values.values() {
                let Value::Files(hashes) = value else {
                    continue;
                };
                for hash in hashes {
                    let place = (case.to_owned(), hash.clone());
                    self.evidence.entry(place).or_insert(*seq);
                }
            }
        }
        let procedure = &record.law.procedure;
        for mark in marks {
            let declared = &procedure.indicators[mark.indicator.at()];
            let indicator = format!("{}.{}", procedure.code, declared.code);
            let month = mark.on.to_string()[..7].to_owned();
            let amount = mark.amount.micros().unwrap_or_default();
            let mut add = |dim: &str, thing: &str| {
                let place = (
                    indicator.clone(),
                    month.clone(),
                    dim.to_owned(),
                    thing.to_owned(),
                );
                let sum = self.tallies.entry(place).or_default();
                *sum = (sum.0 + 1, sum.1 + amount);
            };
            add("", "");
            for (dim, things) in projections::dims(&record.law, mark) {
                things.iter().for_each(|thing| add(dim, thing));
            }
        }
    }

    /// Holds the tables against what was heard.
    pub fn compare(&self, tx: &mut Tx, ctx: &Ctx, faults: &mut Vec<String>) -> Result<()> {
        self.tallies(tx, ctx, faults)?;
        self.stocks(tx, ctx, faults)?;
        self.evidence(tx, ctx, faults)?;
        self.laws(tx, faults)
    }

    fn tallies(&self, tx: &mut Tx, ctx: &Ctx, faults: &mut Vec<String>) -> Result<()> {
        let kept: BTreeMap<Place, (i64, i64)> = tx
            .query(
                sql!("SELECT indicator, month, dim, thing, n, amount FROM tallies WHERE org = $1"),
                params![ctx.org],
                |row| {
                    let place = (row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?);
                    Ok((place, (row.get(4)?, row.get(5)?)))
                },
            )?
            .into_iter()
            .collect();
        let wrong: BTreeSet<&str> = self
            .tallies
            .iter()
            .filter(|(place, sum)| kept.get(*place) != Some(*sum))
            .chain(
                kept.iter()
                    .filter(|(place, _)| !self.tallies.contains_key(*place)),
            )
            .map(|((indicator, ..), _)| indicator.as_str())
            .collect();
        for indicator in wrong {
            faults.push(format!("指标 {indicator} 的合计和逐条清单不一样"));
        }
        Ok(())
    }

    fn stocks(&self, tx: &mut Tx, ctx: &Ctx, faults: &mut Vec<String>) -> Result<()> {
        for indicator in self.stocks.differences(&Tallies::kept(tx, &ctx.org)?) {
            faults.push(format!("存量 {indicator} 的合计和逐条清单不一样"));
        }
        let kept: i64 = tx.query_one(
            sql!("SELECT count(*) FROM stocks WHERE org = $1"),
            params![ctx.org],
            |row| row.get(0),
        )?;
        if kept != self.stays {
            faults.push("存量的进出里有多出来的或者少了的行".into());
        }
        Ok(())
    }

    fn evidence(&self, tx: &mut Tx, ctx: &Ctx, faults: &mut Vec<String>) -> Result<()> {
        let kept: Vec<(String, String, i64)> = tx.query(
            sql!("SELECT case_id, hash, seq FROM evidence WHERE org = $1"),
            params![ctx.org],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
        )?;
        let hashes: BTreeSet<&str> = kept.iter().map(|(_, hash, _)| hash.as_str()).collect();
        for (case, hash, seq) in &kept {
            if self.evidence.get(&(case.clone(), hash.clone())) != Some(seq) {
                faults.push(format!("证据 {hash} 的登记和账本第 {seq} 条不一样"));
            }
        }
        for ((_, hash), seq) in &self.evidence {
            if !hashes.contains(hash.as_str()) {
                faults.push(format!("账本第 {seq} 条说的证据 {hash} 没有登记"));
            }
        }
        Ok(())
    }

    fn laws(&self, tx: &mut Tx, faults: &mut Vec<String>) -> Result<()> {
        let kept = tx.query(
            sql!("SELECT hash, code, title, body FROM law_texts"),
            params![],
            |row| {
                Ok((
                    row.get::<String>(0)?,
                    [row.get::<String>(1)?, row.get(2)?],
                    row.get::<String>(3)?,
                ))
            },
        )?;
        let mut readable = BTreeSet::new();
        for (hash, [code, title], body) in kept {
            let same = hex(&Sha256::digest(body.as_bytes())) == hash;
            let named = law::parse::read(&body)
                .0
                .is_some_and(|p| p.code == code && p.title == title);
            if !same || !named {
                faults.push(format!("法条文本 {hash} 被改过"));
            }
            readable.insert(hash);
        }
        for hash in self.laws.difference(&readable) {
            faults.push(format!("案件所依的法条文本 {hash} 不见了"));
        }
        Ok(())
    }
}

/// The township's own row against the first entry of its log, and its key against its name.
pub(crate) fn township(
    tx: &mut Tx,
    ctx: &Ctx,
    told: Option<&serde_json::Value>,
    faults: &mut Vec<String>,
) -> Result<()> {
    let kept = crate::townships::find(tx, &ctx.org)?;
    let key = crate::townships::verifier_key(tx, &ctx.org)?;
    let name = crate::townships::origin(&kept.code);
    let row = serde_json::to_value(&kept).map_err(fault)?;
    if told != Some(&row) || ledger::checkpoint::name_of(&key) != Some(name) {
        faults.push("乡镇的名称、代码或者公钥和账本里登记的不一样".into());
    }
    Ok(())
}
