//! Tables from spreadsheets (台账): XLSX and CSV as rows of text, with the address of each cell.

mod writer;
mod written;

use calamine::{DataRef, ExcelDateTime, Reader as _, Xlsx};
use std::collections::BTreeMap;
use std::io::{Cursor, Read as _};
use writer::as_written;

pub use writer::{Writer, template};
pub use written::{date, date_in, number, numeral, year_in};

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

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;

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
