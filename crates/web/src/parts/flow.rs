//! Flow charts drawn from the law file (执法流程图): the published chart is the program.

use law::procedure::{Line, Procedure, StageId};
use std::fmt::Write as _;

/// A chart with the words for its numbered arrows.
pub struct Flow {
    /// Name of the line of stages.
    pub name: String,
    /// SVG.
    pub svg: String,
    /// What the numbered arrows are.
    pub legend: Vec<String>,
}

const BOX_W: i32 = 144;
const BOX_H: i32 = 34;
const GAP: i32 = 46;
const LANE: i32 = 16;

struct Arrow {
    from: usize,
    to: usize,
    steps: Vec<String>,
}

/// One chart for each line of stages that steps move.
pub fn charts(procedure: &Procedure) -> Vec<Flow> {
    procedure
        .lines
        .iter()
        .enumerate()
        .map(|(i, line)| chart(procedure, line, i))
        .filter(|flow| !flow.svg.is_empty())
        .collect()
}

fn arrows(procedure: &Procedure, line: &Line) -> Vec<Arrow> {
    let place = |stage: StageId| line.stages.iter().position(|s| *s == stage);
    let mut arrows: Vec<Arrow> = Vec::new();
    for step in &procedure.steps {
        let sources: Vec<usize> = step.from.iter().filter_map(|s| place(*s)).collect();
        for to in step.to.iter().filter_map(|t| place(t.stage)) {
            for from in sources.iter().filter(|from| **from != to) {
                match arrows.iter_mut().find(|a| a.from == *from && a.to == to) {
                    Some(arrow) if !arrow.steps.contains(&step.name) => {
                        arrow.steps.push(step.name.clone())
                    }
                    Some(_) => {}
                    None => arrows.push(Arrow {
                        from: *from,
                        to,
                        steps: vec![step.name.clone()],
                    }),
                }
            }
        }
    }
    arrows
}

fn chart(procedure: &Procedure, line: &Line, no: usize) -> Flow {
    let arrows = arrows(procedure, line);
    let mut flow = Flow {
        name: line.name.clone(),
        svg: String::new(),
        legend: Vec::new(),
    };
    if line.stages.len() < 2 {
        return flow;
    }
    let mut right: Vec<(usize, usize)> = Vec::new();
    let mut left: Vec<(usize, usize)> = Vec::new();
    let mut lanes = Vec::new();
    for arrow in &arrows {
        if arrow.to == arrow.from + 1 {
            lanes.push(0);
            continue;
        }
        let side = if arrow.to > arrow.from {
            &mut right
        } else {
            &mut left
        };
        let (low, high) = (arrow.from.min(arrow.to), arrow.from.max(arrow.to));
        // Each arrow takes the first lane that is free over its whole length.
        let mut lane = 1;
        while side
            .iter()
            .any(|(l, span)| *l == lane && overlaps(*span, low, high))
        {
            lane += 1;
        }
        for at in low..high {
            side.push((lane, at));
        }
        lanes.push(lane);
    }
    let widest = |side: &[(usize, usize)]| side.iter().map(|(lane, _)| *lane).max().unwrap_or(0);
    let (lanes_left, lanes_right) = (widest(&left), widest(&right));
    let x0 = 12 + LANE * i32::try_from(lanes_left).unwrap_or(0) + 12;
    let width = x0 + BOX_W + 150.max(LANE * i32::try_from(lanes_right).unwrap_or(0) + 24);
    let height = i32::try_from(line.stages.len()).unwrap_or(1) * (BOX_H + GAP) - GAP + 24;
    let y = |i: usize| 12 + i32::try_from(i).unwrap_or(0) * (BOX_H + GAP);
    let mut svg = format!(
        "<svg class=\"flow\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" role=\"img\" aria-label=\"{}流程图\"><defs><marker id=\"tip{no}\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"7\" markerHeight=\"7\" orient=\"auto\"><path d=\"M0 0L8 4L0 8z\" fill=\"#7f8a8e\"/></marker></defs>",
        escape(&line.name)
    );
    for (arrow, lane) in arrows.iter().zip(&lanes) {
        let names = arrow.steps.join("、");
        if *lane == 0 {
            let middle = x0 + BOX_W / 2;
            let _ = write!(
                svg,
                "<path d=\"M{middle} {}V{}\" marker-end=\"url(#tip{no})\"/><text class=\"s\" x=\"{}\" y=\"{}\">{}</text>",
                y(arrow.from) + BOX_H,
                y(arrow.to),
                middle + 8,
                y(arrow.from) + BOX_H + GAP / 2 + 4,
                escape(&short(&names))
            );
            continue;
        }
        flow.legend.push(format!(
            "{names}：{} → {}",
            stage_name(procedure, line, arrow.from),
            stage_name(procedure, line, arrow.to)
        ));
        let number = flow.legend.len();
        let lane = i32::try_from(*lane).unwrap_or(1);
        let (start, end) = (y(arrow.from) + BOX_H * 2 / 3, y(arrow.to) + BOX_H / 3);
        let (edge, turn, class) = if arrow.to > arrow.from {
            (x0 + BOX_W, x0 + BOX_W + lane * LANE, "")
        } else {
            (x0, x0 - lane * LANE, " class=\"back\"")
        };
        let _ = write!(
            svg,
            "<path{class} d=\"M{edge} {start}H{turn}V{end}H{edge}\" marker-end=\"url(#tip{no})\"/><text class=\"s\" x=\"{}\" y=\"{}\">{number}</text>",
            turn + if arrow.to > arrow.from { 2 } else { -12 },
            (start + end) / 2
        );
    }
    for (i, stage) in line.stages.iter().enumerate() {
        let declared = &procedure.stages[stage.at()];
        let class = if declared.is_final { "f" } else { "" };
        let _ = write!(
            svg,
            "<g class=\"{class}\"><rect x=\"{x0}\" y=\"{}\" width=\"{BOX_W}\" height=\"{BOX_H}\" rx=\"4\"/><text x=\"{}\" y=\"{}\" text-anchor=\"middle\">{}</text></g>",
            y(i),
            x0 + BOX_W / 2,
            y(i) + 22,
            escape(&declared.name)
        );
    }
    svg.push_str("</svg>");
    flow.svg = svg;
    flow
}

fn overlaps(at: usize, low: usize, high: usize) -> bool {
    low <= at && at < high
}

fn stage_name<'a>(procedure: &'a Procedure, line: &Line, at: usize) -> &'a str {
    &procedure.stages[line.stages[at].at()].name
}

fn short(text: &str) -> String {
    if text.chars().count() > 14 {
        format!("{}…", text.chars().take(13).collect::<String>())
    } else {
        text.to_owned()
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
