//! Tables from spreadsheets (台账): XLSX and CSV as rows of text, with the address of each cell.

use calamine::{DataRef, ExcelDateTime, ExcelDateTimeType, Reader as _, Xlsx};
use std::collections::BTreeMap;
use std::io::{Cursor, Read as _, Seek, Write};

/// Most rows taken from one file.
pub const MAX_ROWS: usize = 200_000;
/// Most columns.
pub const MAX_COLUMNS: usize = 200;
/// Largest file, in bytes, before unpacking.
pub const MAX_BYTES: usize = 60 * 1024 * 1024;
/// Largest file once unpacked.
pub const MAX_UNPACKED: u64 = 400 * 1024 * 1024;
/// Most parts in one packed file; a register has about a dozen.
const MAX_PARTS: usize = 1_000;
/// A part above [`SMALL_PART`] that unpacks to more than this many times its size is a bomb, not a register.
const MAX_RATIO: u64 = 250;
const SMALL_PART: u64 = 4 * 1024 * 1024;

/// A table: its header and the rows below it.
#[derive(Debug, Clone)]
pub struct Table {
    /// Cells above the header: the title, usually with the year, then who filled it in and when.
    pub titles: Vec<String>,
    /// Header cells; of a header in two rows, the cell that names the column.
    pub headers: Vec<String>,
    /// Number of the header's last row, from 1.
    pub header_row: usize,
    /// Rows with their numbers.
    pub rows: Vec<(usize, Vec<String>)>,
}

/// The address of a cell: column from 0, row from 1.
pub fn address(column: usize, row: usize) -> String {
    let mut letters = String::new();
    let mut n = column + 1;
    while n > 0 {
        let digit = u8::try_from((n - 1) % 26).unwrap_or(0);
        letters.insert(0, char::from(b'A' + digit));
        n = (n - 1) / 26;
    }
    format!("{letters}{row}")
}

/// Reads a file by its ending; the header is the row among the first ten that knows the most column names.
///
/// # Errors
/// One Chinese sentence.
pub fn read(name: &str, bytes: &[u8], known: &dyn Fn(&str) -> bool) -> Result<Table, String> {
    if bytes.len() > MAX_BYTES {
        return Err("文件超过 60 MB，请分成几个文件".into());
    }
    let ending = name.rsplit('.').next().unwrap_or_default().to_lowercase();
    let rows = match ending.as_str() {
        "xlsx" => from_xlsx(bytes)?,
        "csv" => from_csv(bytes)?,
        other => return Err(format!("“.{other}”文件读不了，请另存为 .xlsx 或者 .csv")),
    };
    let best = rows
        .iter()
        .take(10)
        .enumerate()
        .map(|(i, (_, cells))| (cells.iter().filter(|cell| known(cell)).count(), i))
        .max_by_key(|(n, i)| (*n, usize::MAX - i));
    let Some((hits, at)) = best.filter(|(hits, _)| *hits > 0) else {
        return Err(
            "前十行里没有认得的表头；用 yifa export --template 看应有的表头，或者写一个 --map 文件"
                .into(),
        );
    };
    debug_assert!(hits > 0);
    let (headers, first, last) = header(&rows, at, known);
    let header_row = rows[last].0;
    let titles: Vec<String> = rows[..first]
        .iter()
        .flat_map(|(_, cells)| cells)
        .filter(|cell| !cell.is_empty())
        .cloned()
        .collect();
    let rows: Vec<_> = rows
        .into_iter()
        .skip(last + 1)
        .filter(|(_, cells)| cells.iter().any(|cell| !cell.is_empty()))
        .collect();
    Ok(Table {
        titles,
        headers,
        header_row,
        rows,
    })
}

type Rows = Vec<(usize, Vec<String>)>;

/// The header around its best row, and its first and last row. A cell merged over several columns stands above their
/// names, one merged over two rows stands in the upper one: the rows complete each other where the best one knows nothing.
/// A row below belongs to the header only if it is empty under every column that the best row names: data is not.
fn header(
    rows: &[(usize, Vec<String>)],
    at: usize,
    known: &dyn Fn(&str) -> bool,
) -> (Vec<String>, usize, usize) {
    let mut headers = rows[at].1.clone();
    let cell = |row: &[String], i: usize| row.get(i).cloned().unwrap_or_default();
    let (mut first, mut last) = (at, at);
    let named: Vec<bool> = headers.iter().map(|text| known(text)).collect();
    let is_named = |i: usize| named.get(i).copied().unwrap_or(false);
    let completes = |other: &[String]| (0..other.len()).any(|i| !is_named(i) && known(&other[i]));
    let below = rows.get(at + 1).filter(|(_, other)| {
        completes(other) && (0..other.len()).all(|i| !is_named(i) || other[i].is_empty())
    });
    let above = at.checked_sub(1).and_then(|i| rows.get(i));
    for (other, is_below) in [
        (above.filter(|(_, other)| completes(other)), false),
        (below, true),
    ] {
        let Some((_, other)) = other else { continue };
        headers.resize(headers.len().max(other.len()), String::new());
        for (i, header) in headers.iter_mut().enumerate() {
            if known(&cell(other, i)) && !known(header) {
                *header = cell(other, i);
            }
        }
        if is_below {
            last = at + 1;
        } else {
            first = at - 1;
        }
    }
    (headers, first, last)
}

const BROKEN: &str = "不是完好的 .xlsx 文件，请用表格软件打开后另存一份";

/// Unpacks every part into nothing, counting: what the file says of its own sizes may be a lie.
fn bound_unpacked(bytes: &[u8]) -> Result<(), String> {
    let mut parts = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|_| BROKEN)?;
    if parts.len() > MAX_PARTS {
        return Err(format!(
            "文件里有 {} 个部件，不是正常的台账；请把台账复制到一个新的表格里再导入",
            parts.len()
        ));
    }
    let mut total = 0;
    for i in 0..parts.len() {
        let part = parts.by_index(i).map_err(|_| BROKEN)?;
        let packed = part.compressed_size().max(1);
        let most = (MAX_UNPACKED - total).min((packed.saturating_mul(MAX_RATIO)).max(SMALL_PART));
        let size =
            std::io::copy(&mut part.take(most + 1), &mut std::io::sink()).map_err(|_| BROKEN)?;
        if size > most {
            return Err(
                "文件解开以后大得不正常，没有读；请把台账复制到一个新的表格里再导入".into(),
            );
        }
        total += size;
    }
    Ok(())
}

/// The first sheet. Formulas count as the values they had when the file was saved; links to other files are not followed.
fn from_xlsx(bytes: &[u8]) -> Result<Rows, String> {
    bound_unpacked(bytes)?;
    let mut book: Xlsx<_> =
        calamine::open_workbook_from_rs(Cursor::new(bytes)).map_err(|_| BROKEN)?;
    let name = book.sheet_names().first().cloned();
    let name = name.ok_or("文件里没有工作表")?;
    let mut cells = book.worksheet_cells_reader(&name).map_err(|_| BROKEN)?;
    // Cell by cell, because one cell far away must not reserve room for all those before it.
    let mut rows: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    while let Some(cell) = cells.next_cell().map_err(|_| BROKEN)? {
        let (row, column) = cell.get_position();
        let (row, column) = (row as usize, column as usize);
        let text = text_of(cell.get_value());
        if text.is_empty() {
            continue;
        }
        if row >= MAX_ROWS || column >= MAX_COLUMNS {
            return Err(format!(
                "表太大：{} 还有内容，最多 {MAX_ROWS} 行、{MAX_COLUMNS} 列；请删去多余的行列",
                address(column, row + 1)
            ));
        }
        let texts = rows.entry(row + 1).or_default();
        if texts.len() <= column {
            texts.resize(column + 1, String::new());
        }
        texts[column] = text;
    }
    Ok(rows.into_iter().collect())
}

fn text_of(cell: &DataRef) -> String {
    match cell {
        DataRef::Empty | DataRef::Error(_) => String::new(),
        DataRef::DateTime(at) => day_and_time(at),
        DataRef::SharedString(text) => text.trim().to_owned(),
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => {
            text.trim().to_owned()
        }
        DataRef::Int(n) => n.to_string(),
        DataRef::Float(n) => n.to_string(),
        DataRef::Bool(yes) => if *yes { "是" } else { "否" }.to_owned(),
    }
}

fn day_and_time(at: &ExcelDateTime) -> String {
    let (year, month, day, hour, minute, ..) = at.to_ymd_hms_milli();
    if hour == 0 && minute == 0 {
        format!("{year:04}-{month:02}-{day:02}")
    } else {
        format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}")
    }
}

fn from_csv(bytes: &[u8]) -> Result<Rows, String> {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => {
            let (text, _, broken) = encoding_rs::GB18030.decode(bytes);
            if broken {
                return Err("既不是 UTF-8 也不是国标编码，请另存为 UTF-8 的 .csv".into());
            }
            text.into_owned()
        }
    };
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes());
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|e| {
            format!(
                "第 {} 行读不懂",
                rows.len() + 1 + usize::from(e.position().is_none())
            )
        })?;
        let row = record
            .position()
            .map_or(rows.len() + 1, |p| usize::try_from(p.line()).unwrap_or(0));
        if rows.len() >= MAX_ROWS || record.len() > MAX_COLUMNS {
            return Err(format!("表太大：最多 {MAX_ROWS} 行、{MAX_COLUMNS} 列"));
        }
        rows.push((
            row,
            record
                .iter()
                .map(|cell| as_written(cell.trim()).to_owned())
                .collect(),
        ));
    }
    Ok(rows)
}

/// Full-width digits and signs as the narrow ones, and the circle that stands for zero as zero.
fn narrow(text: &str) -> String {
    text.trim()
        .chars()
        .map(|c| match c {
            '　' => ' ',
            '。' => '.',
            '号' => '日',
            '○' | '◯' | '零' => '〇',
            '！'..='～' => char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c),
            c => c,
        })
        .collect()
}

/// A day that was typed as a bare number: `20230305`, or the serial number of a spreadsheet, `44990` or `44990.5`.
fn bare_number(text: &str) -> Option<String> {
    if text.len() == 8 && text.bytes().all(|b| b.is_ascii_digit()) {
        return date(&format!("{}-{}-{}", &text[..4], &text[4..6], &text[6..]));
    }
    let whole = text.split('.').next().unwrap_or_default();
    if whole.len() != 5 || !text.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
        return None;
    }
    let serial: f64 = text.parse().ok()?;
    let at = ExcelDateTime::new(serial, ExcelDateTimeType::DateTime, false);
    (20_000.0..73_000.0)
        .contains(&serial)
        .then(|| day_and_time(&at))
}

fn days_in(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// [`date`], or a day and month alone (`三月五日`, `3.5`) in the year that the register is of.
pub fn date_in(text: &str, year: Option<i64>) -> Option<String> {
    date(text).or_else(|| {
        let text = narrow(text);
        let bare = text.split(['月', '日', '.', '/', '-', ' ']).next()?;
        let month = numeral(bare).filter(|month| (1..=12).contains(month))?;
        let rest = &text[bare.len()..];
        (!rest.is_empty()).then(|| date(&format!("{}年{month}{rest}", year?)))?
    })
}

/// The one year that a title names: `2023年度台账`, `二〇二三年台账`. `None` if it names several.
pub fn year_in(title: &str) -> Option<i64> {
    let title = narrow(title);
    let mut years: Vec<i64> = title
        .match_indices('年')
        .filter_map(|(at, _)| {
            let before: Vec<char> = title[..at].chars().rev().take(4).collect();
            let text: String = before.into_iter().rev().collect();
            (text.chars().count() == 4).then(|| numeral(&text))?
        })
        .filter(|year| (1900..2100).contains(year))
        .collect();
    years.sort_unstable();
    years.dedup();
    match years.as_slice() {
        [one] => Some(*one),
        _ => None,
    }
}

/// A date as townships write it, in the standard form: `2023年5月6日`, `2023.5.6`, `2023/5/6`, `２０２３年５月６日`,
/// `二〇二三年五月六日`, the serial number of a spreadsheet; with an optional time.
pub fn date(text: &str) -> Option<String> {
    let text = narrow(text);
    if let Some(found) = bare_number(&text) {
        return Some(found);
    }
    let (day, time) = match text.find([' ', 'T']) {
        Some(at) => (text[..at].to_owned(), text[at + 1..].trim().to_owned()),
        None => match text.split_once('日') {
            Some((day, time)) => (format!("{day}日"), time.trim().to_owned()),
            None => (text.clone(), String::new()),
        },
    };
    let mut parts = Vec::new();
    for part in day
        .split(['年', '月', '日', '.', '/', '-'])
        .filter(|p| !p.is_empty())
    {
        parts.push(numeral(part)?);
    }
    let [year, month, day] = parts.as_slice() else {
        return None;
    };
    if !(1900..2100).contains(year)
        || !(1..=12).contains(month)
        || !(1..=days_in(*year, *month)).contains(day)
    {
        return None;
    }
    if time.is_empty() {
        return Some(format!("{year:04}-{month:02}-{day:02}"));
    }
    let (afternoon, time) = match time.strip_prefix("下午") {
        Some(rest) => (true, rest),
        None => (false, time.strip_prefix("上午").unwrap_or(&time)),
    };
    let mut clock = time.split([':', '时', '分']).filter(|p| !p.is_empty());
    let hour = clock.next().and_then(numeral)?;
    let minute = clock.next().map_or(Some(0), numeral)?;
    let hour = if afternoon && hour < 12 {
        hour + 12
    } else {
        hour
    };
    (hour < 24 && minute < 60)
        .then(|| format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}"))
}

/// [`numeral`] with full-width digits too, as plain digits.
pub fn number(text: &str) -> Option<String> {
    numeral(&narrow(text)).map(|n| n.to_string())
}

/// A whole number in digits or in Chinese: `320`, `三百二十`, `二〇二三`, `十二`.
pub fn numeral(text: &str) -> Option<i64> {
    if let Ok(n) = text.parse() {
        return Some(n);
    }
    let digit = |c: char| {
        "〇一二三四五六七八九"
            .chars()
            .position(|d| d == c)
            .or(match c {
                '零' => Some(0),
                '两' => Some(2),
                '壹' => Some(1),
                '贰' => Some(2),
                '叁' => Some(3),
                '肆' => Some(4),
                '伍' => Some(5),
                '陆' => Some(6),
                '柒' => Some(7),
                '捌' => Some(8),
                '玖' => Some(9),
                _ => None,
            })
    };
    let letters: Vec<char> = text.chars().collect();
    if letters.is_empty() || letters.len() > 16 {
        return None;
    }
    if letters.len() > 1 && letters.iter().all(|c| digit(*c).is_some()) {
        return letters
            .iter()
            .try_fold(0i64, |n, c| Some(n * 10 + i64::try_from(digit(*c)?).ok()?));
    }
    let (mut total, mut section, mut last) = (0i64, 0i64, None);
    for letter in letters {
        match letter {
            '十' | '拾' => section += last.take().unwrap_or(1) * 10,
            '百' | '佰' => section += last.take()? * 100,
            '千' | '仟' => section += last.take()? * 1000,
            '万' => {
                total += (section + last.take().unwrap_or(0)) * 10_000;
                section = 0;
            }
            other => last = Some(i64::try_from(digit(other)?).ok()?),
        }
    }
    Some(total + section + last.unwrap_or(0))
}

/// A cell of a .csv that spreadsheets would take for a formula begins with `'`, so that they show it and run nothing.
fn harmless(text: &str) -> String {
    if text.starts_with(FORMULA) || text.starts_with('\'') {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}

/// What begins a formula, in one spreadsheet or another.
const FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// Undoes [`harmless`].
fn as_written(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(rest) if rest.starts_with(FORMULA) || rest.starts_with('\'') => rest,
        _ => cell,
    }
}

/// A register written row by row, as .csv or .xlsx. Rows are not kept in memory.
pub enum Writer<W: Write> {
    /// UTF-8 with the mark that spreadsheets look for.
    Csv(Box<csv::Writer<W>>),
    /// Every cell is text, none a formula.
    Xlsx {
        /// The workbook.
        book: Box<rust_xlsxwriter::Workbook>,
        /// Where it goes.
        target: W,
        /// The next row.
        row: u32,
    },
}

impl<W: Write + Seek + Send> Writer<W> {
    /// Begins; the ending of the name says what it is.
    ///
    /// # Errors
    /// One Chinese sentence.
    pub fn begin(name: &str, mut target: W, title: &str) -> Result<Self, String> {
        let ending = name.rsplit('.').next().unwrap_or_default().to_lowercase();
        match ending.as_str() {
            "csv" => {
                target
                    .write_all(b"\xEF\xBB\xBF")
                    .map_err(|e| unwritable(&e))?;
                Ok(Writer::Csv(Box::new(csv::Writer::from_writer(target))))
            }
            "xlsx" => {
                let mut book = Box::new(rust_xlsxwriter::Workbook::new());
                book.add_worksheet_with_constant_memory()
                    .and_then(|sheet| sheet.set_name(title))
                    .map_err(|e| unwritable(&e))?;
                Ok(Writer::Xlsx {
                    book,
                    target,
                    row: 0,
                })
            }
            other => Err(format!("“.{other}”文件写不了，请写 .xlsx 或者 .csv")),
        }
    }

    /// Adds a row.
    ///
    /// # Errors
    /// One Chinese sentence.
    pub fn row(&mut self, cells: &[String]) -> Result<(), String> {
        match self {
            Writer::Csv(writer) => writer
                .write_record(cells.iter().map(|cell| harmless(cell)))
                .map_err(|e| unwritable(&e)),
            Writer::Xlsx { book, row, .. } => {
                let sheet = book.worksheet_from_index(0).map_err(|e| unwritable(&e))?;
                for (i, cell) in cells.iter().enumerate().filter(|(_, c)| !c.is_empty()) {
                    let column = u16::try_from(i).unwrap_or(u16::MAX);
                    sheet
                        .write_string(*row, column, cell)
                        .map_err(|e| unwritable(&e))?;
                }
                *row += 1;
                Ok(())
            }
        }
    }

    /// Ends; what was written is with the target.
    ///
    /// # Errors
    /// One Chinese sentence.
    pub fn finish(self) -> Result<W, String> {
        match self {
            Writer::Csv(writer) => writer.into_inner().map_err(|e| unwritable(&e)),
            Writer::Xlsx {
                mut book,
                mut target,
                ..
            } => {
                book.save_to_writer(&mut target)
                    .map_err(|e| unwritable(&e))?;
                target.flush().map_err(|e| unwritable(&e))?;
                Ok(target)
            }
        }
    }
}

fn unwritable(e: &impl std::fmt::Display) -> String {
    format!("写不出：{e}")
}

/// An empty register to fill in: the headers, and a sheet that says what each column takes.
///
/// # Errors
/// The writer's, as a Chinese sentence.
pub fn template(title: &str, columns: &[(String, String)]) -> Result<Vec<u8>, String> {
    let failed = |e: rust_xlsxwriter::XlsxError| format!("模板写不出来：{e}");
    let mut book = rust_xlsxwriter::Workbook::new();
    let bold = rust_xlsxwriter::Format::new().set_bold();
    let sheet = book.add_worksheet();
    sheet.set_name(title).map_err(failed)?;
    for (i, (name, _)) in columns.iter().enumerate() {
        let column = u16::try_from(i).unwrap_or(u16::MAX);
        sheet
            .write_string_with_format(0, column, name, &bold)
            .map_err(failed)?;
        sheet.set_column_width(column, 16).map_err(failed)?;
    }
    let notes = book.add_worksheet();
    notes.set_name("填写说明").map_err(failed)?;
    for (i, (name, help)) in columns.iter().enumerate() {
        let row = u32::try_from(i).unwrap_or(u32::MAX);
        notes
            .write_string_with_format(row, 0, name, &bold)
            .map_err(failed)?;
        notes.write_string(row, 1, help).map_err(failed)?;
    }
    book.save_to_buffer().map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_and_numerals_are_read_as_townships_write_them() {
        let dates = [
            ("2023年5月6日", Some("2023-05-06")),
            ("2023.5.6", Some("2023-05-06")),
            ("2023/05/06 9:30", Some("2023-05-06 09:30")),
            ("二〇二三年十二月三十一日", Some("2023-12-31")),
            ("2023年5月6日下午3时20分", Some("2023-05-06 15:20")),
            ("二〇二三年三月五日", Some("2023-03-05")),
            ("二○二三年十月二十日", Some("2023-10-20")),
            ("２０２３年３月５日", Some("2023-03-05")),
            ("２０２３．３．５　１５：２０", Some("2023-03-05 15:20")),
            ("2023年3月5号", Some("2023-03-05")),
            ("20230305", Some("2023-03-05")),
            ("44990", Some("2023-03-05")),
            ("44990.5", Some("2023-03-05 12:00")),
            ("2024-02-29", Some("2024-02-29")),
            ("2023-02-29", None),
            ("2023-04-31", None),
            ("12345", None),
            ("5月6日", None),
            ("2023-13-01", None),
            ("去年", None),
        ];
        for (text, wanted) in dates {
            assert_eq!(date(text).as_deref(), wanted, "{text}");
        }
        for (text, year, wanted) in [
            ("三月五日", Some(2023), Some("2023-03-05")),
            ("十二月三十一日", Some(2023), Some("2023-12-31")),
            ("3月5日上午9时", Some(2023), Some("2023-03-05 09:00")),
            ("３．５", Some(2023), Some("2023-03-05")),
            ("2月29日", Some(2023), None),
            ("三月五日", None, None),
            ("13月5日", Some(2023), None),
            ("3", Some(2023), None),
            ("三月", Some(2023), None),
            ("2022.3.5", Some(2023), Some("2022-03-05")),
        ] {
            assert_eq!(date_in(text, year).as_deref(), wanted, "{text}");
        }
        for (title, wanted) in [
            ("天福镇２０２３年度检查台账", Some(2023)),
            ("二〇二三年台账", Some(2023)),
            ("2022年至2023年台账", None),
            ("检查台账", None),
        ] {
            assert_eq!(year_in(title), wanted, "{title}");
        }
        for (text, wanted) in [
            ("三百二十", Some(320)),
            ("十二", Some(12)),
            ("壹佰", Some(100)),
            ("三万五千", Some(35_000)),
            ("若干", None),
        ] {
            assert_eq!(numeral(text), wanted, "{text}");
        }
    }

    #[test]
    fn a_csv_in_the_national_encoding_below_a_title_is_read() {
        let (bytes, _, _) = encoding_rs::GB18030
            .encode("2023年工单台账,,\n序号,工单类型,派单时间\n1,求助,2023.5.6\n,,\n");
        let table = read("台账.csv", &bytes, &|h| h == "工单类型").expect("readable");
        assert_eq!((table.header_row, table.rows.len()), (2, 1));
        assert_eq!(table.rows[0].1[2], "2023.5.6");
        assert_eq!(address(27, 3), "AB3");
    }

    #[test]
    fn a_template_is_read_back() {
        let bytes = template("工单", &[("工单类型".into(), "求助".into())]).expect("written");
        let table = read("t.xlsx", &bytes, &|h| h == "工单类型").expect("readable");
        assert_eq!(table.headers, ["工单类型"]);
        assert!(read("t.xlsx", b"PK\x03\x04 nothing", &|_| true).is_err());
    }

    /// A packed file with the parts given.
    fn packed(parts: &[(String, Vec<u8>)]) -> Vec<u8> {
        let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for (name, body) in parts {
            let options = zip::write::SimpleFileOptions::default()
                .compression_method(zip::CompressionMethod::Deflated);
            writer.start_file(name, options).expect("started");
            writer.write_all(body).expect("written");
        }
        writer.finish().expect("finished").into_inner()
    }

    /// A workbook whose one sheet has the rows given as markup.
    fn workbook(rows: &str) -> Vec<u8> {
        let part = |name: &str, body: &str| (name.to_owned(), body.as_bytes().to_vec());
        let sheet = format!(
            "<worksheet><dimension ref=\"A1:XFD1048576\"/><sheetData>{rows}</sheetData></worksheet>"
        );
        packed(&[
            part(
                "_rels/.rels",
                "<Relationships><Relationship Id=\"r1\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>",
            ),
            part(
                "xl/workbook.xml",
                "<workbook xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\"><sheets><sheet name=\"台账\" sheetId=\"1\" r:id=\"r1\"/></sheets></workbook>",
            ),
            part(
                "xl/_rels/workbook.xml.rels",
                "<Relationships><Relationship Id=\"r1\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet\" Target=\"worksheets/sheet1.xml\"/></Relationships>",
            ),
            part("xl/worksheets/sheet1.xml", &sheet),
        ])
    }

    #[test]
    fn a_file_that_unpacks_to_far_more_than_it_is_is_not_read() {
        let bomb = packed(&[("xl/workbook.xml".into(), vec![b' '; 12 << 20])]);
        assert!(bomb.len() < 100_000);
        let why = read("t.xlsx", &bomb, &|_| true).expect_err("a bomb");
        assert!(why.contains("大得不正常"), "{why}");
        let mut liar = bomb.clone();
        let (true_size, told) = ((12u32 << 20).to_le_bytes(), 10u32.to_le_bytes());
        for at in 0..liar.len() - 4 {
            if liar[at..at + 4] == true_size {
                liar[at..at + 4].copy_from_slice(&told);
            }
        }
        assert_ne!(liar, bomb);
        assert!(read("t.xlsx", &liar, &|_| true).is_err());
        let many: Vec<_> = (0..=MAX_PARTS).map(|i| (i.to_string(), vec![])).collect();
        let why = read("t.xlsx", &packed(&many), &|_| true).expect_err("too many parts");
        assert!(why.contains("1001 个部件"), "{why}");
    }

    #[test]
    fn a_cell_far_away_is_named_and_reserves_nothing() {
        let head = "<row r=\"1\"><c r=\"A1\" t=\"inlineStr\"><is><t>工单类型</t></is></c></row>";
        let far = |cell: &str| {
            let rows = format!("{head}<row r=\"1048576\"><c r=\"XFD1048576\">{cell}</c></row>");
            read("t.xlsx", &workbook(&rows), &|h| h == "工单类型")
        };
        let why = far("<v>1</v>").expect_err("too far");
        assert!(why.contains("XFD1048576"), "{why}");
        assert_eq!(far("").expect("an empty cell").rows.len(), 0);
    }

    #[test]
    fn a_formula_counts_as_the_value_it_was_saved_with() {
        let rows = "<row r=\"2\"><c r=\"B2\" t=\"inlineStr\"><is><t>工单类型</t></is></c></row>\
                    <row r=\"3\"><c r=\"B3\" t=\"str\"><f>'[1]别的文件'!A1&amp;CMD()</f><v>求助</v></c></row>";
        let table = read("t.xlsx", &workbook(rows), &|h| h == "工单类型").expect("readable");
        assert_eq!(table.header_row, 2);
        assert_eq!(table.rows, [(3, vec![String::new(), "求助".to_owned()])]);
    }

    #[test]
    fn what_looks_like_a_formula_is_written_as_text_and_read_back_as_it_was() {
        let cells = [
            "=1+1",
            "+1",
            "-1",
            "@SUM(A1)",
            "'quoted",
            "\"a\",b\nc",
            "平常",
        ];
        let cells: Vec<String> = cells.iter().map(|c| (*c).to_owned()).collect();
        let header: Vec<String> = (0..cells.len()).map(|i| format!("栏{i}")).collect();
        for name in ["t.csv", "t.xlsx"] {
            let target = Cursor::new(Vec::new());
            let mut writer = Writer::begin(name, target, "台账").expect("begun");
            writer.row(&header).expect("written");
            writer.row(&cells).expect("written");
            let bytes = writer.finish().expect("ended").into_inner();
            let table = read(name, &bytes, &|h| h.starts_with('栏')).expect("readable");
            assert_eq!(table.rows[0].1, cells, "{name}");
            if name == "t.csv" {
                let text = String::from_utf8_lossy(&bytes);
                assert!(text.contains("'=1+1") && text.contains("'@SUM"), "{text}");
            }
        }
    }

    #[test]
    fn a_template_holds_no_formula_whatever_its_words() {
        let bytes = template("工单", &[("=1+1".into(), "@SUM(A1)".into())]).expect("written");
        let mut parts = zip::ZipArchive::new(Cursor::new(bytes)).expect("packed");
        for i in 0..parts.len() {
            let mut body = String::new();
            let mut part = parts.by_index(i).expect("a part");
            part.read_to_string(&mut body).expect("text");
            assert!(!body.contains("<f>") && !body.contains("<f "), "{body}");
        }
    }
}
