//! Listings (清单): what is in force and published on a day, with columns.

use crate::ctx::Ctx;
use crate::error::{Error, Result, fault};
use crate::people::register;
use jiff::civil::Date;
use ledger::Recorded;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use store::{Tx, params, sql};

/// One entry of a listing, with its period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListingEntry {
    /// 清单名.
    pub listing: String,
    /// 键: what the form shows.
    pub key: String,
    /// First day in force.
    pub from_on: String,
    /// Last day in force.
    pub until_on: Option<String>,
    /// Day of publication; an entry that is not published does not count as listed.
    pub published_on: Option<String>,
    /// Columns by name.
    pub columns: BTreeMap<String, String>,
    /// Where it comes from, with its certainty mark.
    pub source: String,
}

/// Puts an entry into a listing, or ends it.
pub fn put(tx: &mut Tx, ctx: &Ctx, entry: &ListingEntry) -> Result<Recorded<()>> {
    let columns = serde_json::to_value(&entry.columns)
        .map_err(fault)?
        .to_string();
    tx.execute(
        sql!(
            "INSERT INTO listings (org, listing, entry, from_on, until_on, published_on, columns_text, source)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
             ON CONFLICT (org, listing, entry, from_on) DO UPDATE SET until_on = excluded.until_on,
               published_on = excluded.published_on, columns_text = excluded.columns_text, source = excluded.source"
        ),
        params![
            ctx.org,
            entry.listing,
            entry.key,
            entry.from_on,
            entry.until_on,
            entry.published_on,
            columns,
            entry.source
        ],
    )?;
    register(tx, ctx, "listing", entry)
}

/// Entries in force and published on that day.
pub fn on_day(tx: &mut Tx, org: &str, listing: &str, day: Date) -> Result<Vec<ListingEntry>> {
    let day = day.to_string();
    tx.query(
        sql!(
            "SELECT listing, entry, from_on, until_on, published_on, columns_text, source FROM listings
              WHERE org = $1 AND listing = $2 AND from_on <= $3 AND (until_on IS NULL OR until_on >= $3)
                AND published_on <= $3
              ORDER BY entry"
        ),
        params![org, listing, day],
        read,
    )?
    .into_iter()
    .map(columns_of)
    .collect()
}

/// Every entry of a listing: in force or not, published or not; the latest of each first.
pub fn all(tx: &mut Tx, org: &str, listing: &str) -> Result<Vec<ListingEntry>> {
    tx.query(
        sql!(
            "SELECT listing, entry, from_on, until_on, published_on, columns_text, source FROM listings
              WHERE org = $1 AND listing = $2 ORDER BY entry, from_on DESC"
        ),
        params![org, listing],
        read,
    )?
    .into_iter()
    .map(columns_of)
    .collect()
}

/// What two days' readers saw differently: the entry of the earlier day, and of the later.
pub type Difference = (Option<ListingEntry>, Option<ListingEntry>);

/// Differences between what was in force and published on two days.
pub fn differences(
    tx: &mut Tx,
    org: &str,
    listing: &str,
    earlier: Date,
    later: Date,
) -> Result<Vec<Difference>> {
    let mut by_key: BTreeMap<String, Difference> = BTreeMap::new();
    for entry in on_day(tx, org, listing, earlier)? {
        let key = entry.key.clone();
        by_key.entry(key).or_default().0 = Some(entry);
    }
    for entry in on_day(tx, org, listing, later)? {
        let key = entry.key.clone();
        by_key.entry(key).or_default().1 = Some(entry);
    }
    Ok(by_key
        .into_values()
        .filter(|(was, is)| match (was, is) {
            (Some(was), Some(is)) => was.columns != is.columns || was.source != is.source,
            _ => true,
        })
        .collect())
}

/// Columns that law files read of this listing; `None` if no file reads it.
pub fn columns(pack: &crate::pack::Pack, listing: &str) -> Option<Vec<String>> {
    let mut found: Option<Vec<String>> = None;
    for law in pack.files() {
        for declared in law.procedure.listings.iter().filter(|l| l.name == listing) {
            let columns = found.get_or_insert_default();
            for name in &declared.columns {
                if !columns.contains(name) {
                    columns.push(name.clone());
                }
            }
        }
    }
    found
}

/// All entries with this key in any of the listings on that day: which lists it stands in, and all its columns.
pub(crate) fn lookup(
    tx: &mut Tx,
    org: &str,
    key: &str,
    listings: &[law::procedure::Listing],
    day: Date,
) -> Result<Option<law::value::Value>> {
    let mut listed_in = Vec::new();
    let mut columns = BTreeMap::new();
    let day = day.to_string();
    let rows = tx
        .query(
            sql!(
                "SELECT listing, entry, from_on, until_on, published_on, columns_text, source FROM listings
                  WHERE org = $1 AND entry = $2 AND from_on <= $3 AND (until_on IS NULL OR until_on >= $3)
                    AND published_on <= $3
                  ORDER BY listing"
            ),
            params![org, key, day],
            read,
        )?
        .into_iter()
        .map(columns_of)
        .collect::<Result<Vec<_>>>()?;
    for row in rows {
        if let Some(listing) = listings.iter().find(|l| l.name == row.listing) {
            for (name, value) in row.columns {
                if listing.columns.contains(&name) {
                    columns.insert(name, value);
                }
            }
            listed_in.push(row.listing);
        }
    }
    if listed_in.is_empty() {
        return Ok(None);
    }
    Ok(Some(law::value::Value::Entry {
        key: key.to_owned(),
        listed_in,
        columns,
    }))
}

/// Names of all listings with the number of entries now kept.
pub fn names(tx: &mut Tx, org: &str) -> Result<Vec<(String, i64)>> {
    Ok(tx.query(
        sql!("SELECT listing, count(*) FROM listings WHERE org = $1 GROUP BY listing ORDER BY listing"),
        params![org],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?)
}

/// Puts in the listings that the law pack brings along, in force and published from a day on: a start, to be looked through.
pub fn install(tx: &mut Tx, ctx: &Ctx, from_on: jiff::civil::Date) -> Result<Vec<Recorded<()>>> {
    let from_on = from_on.to_string();
    let mut all = Vec::new();
    for (_, text) in &ctx.pack.listings {
        let (listing, source, rows) = read_initial(text)?;
        for (key, columns) in rows {
            let entry = ListingEntry {
                listing: listing.clone(),
                key,
                from_on: from_on.clone(),
                until_on: None,
                published_on: Some(from_on.clone()),
                columns,
                source: source.clone(),
            };
            all.push(put(tx, ctx, &entry)?);
        }
    }
    Ok(all)
}

/// Key and columns of an initial entry.
type Row = (String, BTreeMap<String, String>);

/// Reads an initial listing of the law pack: `# 清单名`, a note line, a header `键,列…`, rows.
fn read_initial(text: &str) -> Result<(String, String, Vec<Row>)> {
    let mut name = String::new();
    let mut note = String::new();
    let mut table = String::new();
    for line in text.lines() {
        if let Some(title) = line.strip_prefix("# ") {
            if name.is_empty() {
                title.trim().clone_into(&mut name);
            } else {
                title.trim().clone_into(&mut note);
            }
        } else if !line.trim().is_empty() {
            table.push_str(line);
            table.push('\n');
        }
    }
    let bad = || {
        Error::Form(vec![(
            "清单".into(),
            format!("“{name}”的表头读不懂，应当写成 键,列,列"),
        )])
    };
    let mut rows = table.lines().map(|line| {
        line.split(',')
            .map(|cell| cell.trim().to_owned())
            .collect::<Vec<_>>()
    });
    let header = rows.next().ok_or_else(bad)?;
    let entries = rows
        .map(|row| {
            let key = row.first().cloned().unwrap_or_default();
            let columns = header
                .iter()
                .skip(1)
                .cloned()
                .zip(row.into_iter().skip(1))
                .filter(|(_, v)| !v.is_empty());
            (key, columns.collect())
        })
        .collect();
    Ok((name, note, entries))
}

fn read(row: &store::Row) -> store::Result<(ListingEntry, String)> {
    Ok((
        ListingEntry {
            listing: row.get(0)?,
            key: row.get(1)?,
            from_on: row.get(2)?,
            until_on: row.get(3)?,
            published_on: row.get(4)?,
            columns: BTreeMap::new(),
            source: row.get(6)?,
        },
        row.get(5)?,
    ))
}

fn columns_of((mut entry, columns): (ListingEntry, String)) -> Result<ListingEntry> {
    entry.columns = serde_json::from_str(&columns).map_err(fault)?;
    Ok(entry)
}
