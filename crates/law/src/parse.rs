//! Reading a law file (读法条文件): all problems at once, names resolved.
//!
//! Two passes: the first collects every name, the second reads every line with those names at hand. Neither stops at a
//! fault. What could not be read is left out, and the file is then not to be used.

mod blocks;
mod circles;
mod conditions;
mod examples;
mod figures;
mod letters;
mod lines;
mod names;
mod rules;

use crate::problem::Problem;
use crate::procedure::Procedure;

/// The largest file that is read, in bytes; the longest procedure so far has about 50,000.
const LARGEST: usize = 250_000;

pub use letters::decode;

/// Reads a law file. The procedure is absent when any problem is a fault.
pub fn read(text: &str) -> (Option<Procedure>, Vec<Problem>) {
    // INVARIANT: within this size every index of the procedure fits its 16 bits.
    if text.len() > LARGEST {
        let long = "文件太长，至多 250000 字节，约八万字；一个文件只写一件程序";
        let line_no = 1 + text.as_bytes()[..LARGEST]
            .iter()
            .filter(|b| **b == b'\n')
            .count();
        let fault = Problem::fault(line_no, long).hint("拆成几个文件");
        return (None, vec![fault]);
    }
    let mut problems = Vec::new();
    let text = letters::whole(text, &mut problems);
    if problems.iter().any(Problem::is_fault) {
        return (None, problems);
    }
    let document = blocks::split(text, &mut problems);
    let names = names::collect(&document, &mut problems);
    let procedure = rules::read(&document, &names, &mut problems);
    if let Some(procedure) = &procedure {
        circles::find(procedure, &mut problems);
    }
    problems.sort_by_key(|p| p.line_no);
    let sound = !problems.iter().any(Problem::is_fault);
    (procedure.filter(|_| sound), problems)
}
