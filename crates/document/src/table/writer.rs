//! Registers written out, with nothing that a spreadsheet would run.

use std::io::{Seek, Write};

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
pub(super) fn as_written(cell: &str) -> &str {
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
