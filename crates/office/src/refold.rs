//! Folding every case again when the rules of folding have changed (重归并): a database from before the register of stocks, or
//! a calendar that has learned a year. What is kept beside the entries then follows; the entries do not change.

use crate::ctx::hex;
use crate::error::Result;
use crate::office::Office;
use crate::pack::Pack;
use crate::{cases, log, projections, records, stocks};
use sha2::{Digest, Sha256};
use store::{Tx, params, sql};

/// How folding is done, beyond the law file that a case keeps: grows by one when a fold keeps something new.
const VERSION: &str = "2";

/// The setting, of no township, that says by what everything was folded.
const SETTING: &str = "folded_by";

/// Cases in one transaction.
const BATCH: i64 = 200;

/// Folds all cases of all townships again if they were folded by other rules; a stop half way is made good at the next start.
pub(crate) fn bring_up(office: &Office) -> Result<()> {
    let now = hex(&Sha256::digest(
        format!("{VERSION} {}", office.pack.calendars_hash).as_bytes(),
    ));
    let known: Option<String> = office.read(|tx| {
        Ok(tx.query_opt(
            sql!("SELECT setting FROM settings WHERE org = '' AND name = $1"),
            params![SETTING],
            |row| row.get(0),
        )?)
    })?;
    if known.as_ref() == Some(&now) {
        return Ok(());
    }
    for township in office.read(crate::townships::all)? {
        let (mut after, mut n) = (String::new(), 0);
        while let Some(last) = office.jot(|tx| batch(tx, &office.pack, &township.org, &after))? {
            after = last;
            n += 1;
        }
        tracing::info!(org = %township.org, batches = n, "cases folded again");
    }
    office.jot(|tx| {
        tx.execute(
            sql!(
                "INSERT INTO settings (org, name, setting) VALUES ('', $1, $2)
                 ON CONFLICT (org, name) DO UPDATE SET setting = excluded.setting"
            ),
            params![SETTING, now],
        )?;
        Ok(())
    })
}

/// Folds the next cases; answers the last of them.
fn batch(tx: &mut Tx, pack: &Pack, org: &str, after: &str) -> Result<Option<String>> {
    // Acts wait meanwhile, so that none is folded by halves.
    log::lock_org(tx, org)?;
    let ids: Vec<String> = tx.query(
        sql!("SELECT id FROM cases WHERE org = $1 AND id > $2 ORDER BY id LIMIT $3"),
        params![org, after, BATCH],
        |row| row.get(0),
    )?;
    for id in &ids {
        one(tx, pack, org, id)?;
    }
    Ok(ids.last().cloned())
}

fn one(tx: &mut Tx, pack: &Pack, org: &str, id: &str) -> Result<()> {
    let record = records::read(tx, pack, org, id)?;
    let law = &record.law;
    let outside = projections::Outside::new(tx, org, law);
    let account = law::indicator::account(
        &law.procedure,
        &pack.calendar,
        &record.history,
        &outside,
        u32::MAX,
    );
    outside.finish()?;
    if record.history.facts.is_empty() {
        return Ok(());
    }
    let stays = stocks::rows(law, &account.stays, &record.seqs);
    let known = stocks::of_case(tx, org, id)?;
    stocks::put(tx, org, id, &known, &stays)?;
    let clocks = projections::clock_rows(law, &account.status);
    let known = cases::clocks_of(tx, org, id)?;
    projections::put_clocks(tx, org, id, &known, &clocks)?;
    let face = projections::face(law, &record.history, &account.status, &clocks);
    let end = (record.row.facts, record.row.last_seq);
    projections::put_face(tx, org, id, &face, end)?;
    projections::make_findable(tx, org, &record.row, law, &record.history)
}
