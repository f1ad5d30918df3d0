//! Tables from spreadsheets (台账): XLSX and CSV as rows of text, with the address of each cell.

use calamine::{Data, Reader as _, Xlsx};
use std::io::Cursor;

/// Most rows taken from one file.
pub const MAX_ROWS: usize = 200_000;
/// Most columns.
pub const MAX_COLUMNS: usize = 200;
/// Largest file, in bytes, before unpacking.
pub const MAX_BYTES: usize = 60 * 1024 * 1024;

/// A table: its header and the rows below it.
#[derive(Debug, Clone)]
pub struct Table {
    /// Header cells.
    pub headers: Vec<String>,
    /// Number of the header's row, from 1.
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
    let (header_row, headers) = rows[at].clone();
    let rows: Vec<_> = rows
        .into_iter()
        .skip(at + 1)
        .filter(|(_, cells)| cells.iter().any(|cell| !cell.is_empty()))
        .collect();
    Ok(Table {
        headers,
        header_row,
        rows,
    })
}

type Rows = Vec<(usize, Vec<String>)>;

fn from_xlsx(bytes: &[u8]) -> Result<Rows, String> {
    let broken = |_| "不是完好的 .xlsx 文件，请用表格软件打开后另存一份".to_owned();
    let mut book: Xlsx<_> = calamine::open_workbook_from_rs(Cursor::new(bytes)).map_err(broken)?;
    let sheet = book
        .worksheet_range_at(0)
        .ok_or("文件里没有工作表")?
        .map_err(broken)?;
    if sheet.height() > MAX_ROWS || sheet.width() > MAX_COLUMNS {
        return Err(format!("表太大：最多 {MAX_ROWS} 行、{MAX_COLUMNS} 列"));
    }
    let (top, left) = sheet.start().unwrap_or((0, 0));
    let pad = vec![String::new(); left as usize];
    Ok(sheet
        .rows()
        .enumerate()
        .map(|(i, cells)| {
            let texts = pad
                .iter()
                .cloned()
                .chain(cells.iter().map(text_of))
                .collect();
            (top as usize + i + 1, texts)
        })
        .collect())
}

fn text_of(cell: &Data) -> String {
    match cell {
        Data::Empty | Data::Error(_) => String::new(),
        Data::DateTime(at) => {
            let (year, month, day, hour, minute, ..) = at.to_ymd_hms_milli();
            if hour == 0 && minute == 0 {
                format!("{year:04}-{month:02}-{day:02}")
            } else {
                format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}")
            }
        }
        other => other.to_string().trim().to_owned(),
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
            record.iter().map(|cell| cell.trim().to_owned()).collect(),
        ));
    }
    Ok(rows)
}

/// A date as townships write it, in the standard form: `2023年5月6日`, `2023.5.6`, `2023/5/6`, with an optional time.
pub fn date(text: &str) -> Option<String> {
    let text = text.trim().replace('：', ":");
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
    if !(1900..2100).contains(year) || !(1..=12).contains(month) || !(1..=31).contains(day) {
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
            ("5月6日", None),
            ("2023-13-01", None),
            ("去年", None),
        ];
        for (text, wanted) in dates {
            assert_eq!(date(text).as_deref(), wanted, "{text}");
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
}
