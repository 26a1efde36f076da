//! Columns in groups: a group for each operation, a column for each contender, a line for each bar.

use anyhow::Result;
use plotters::coord::Shift;
use plotters::coord::ranged1d::{AsRangedCoord, Ranged, ValueFormatter};
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::drawn;
use super::style::{SIZE, colour, font, number};
use crate::contenders::Contender;

/// A picture of columns.
pub struct Columns {
    /// The title of the chart.
    pub title: String,
    /// The label of the axis.
    pub axis: &'static str,
    /// The groups, left to right.
    pub groups: Vec<Group>,
    /// `true` if the axis is logarithmic.
    pub log: bool,
}

/// Columns side by side.
pub struct Group {
    /// The label below the group.
    pub title: String,
    /// The columns.
    pub values: Vec<(Contender, f64)>,
    /// The target, if there is one.
    pub bar: Option<f64>,
}

/// Returns the SVG.
pub fn draw(columns: &Columns) -> Result<String> {
    let columns = &Columns {
        title: columns.title.clone(),
        groups: columns.groups.iter().filter(|group| !group.values.is_empty()).map(Group::copy).collect(),
        ..*columns
    };
    let values =
        columns.groups.iter().flat_map(|group| group.values.iter().map(|(_, value)| *value).chain(group.bar));
    let most = values.clone().fold(1.0, f64::max);
    let least = values.filter(|value| *value > 0.0).fold(most, f64::min);
    let mut svg = String::new();
    {
        let root = SVGBackend::with_string(&mut svg, SIZE).into_drawing_area();
        drawn(root.fill(&WHITE))?;
        if columns.log {
            let least = 10f64.powf((least * 0.8).log10().floor());
            axes(&root, columns, (least..most * 2.5).log_scale(), least)?;
        } else {
            axes(&root, columns, 0.0..most * 1.12, 0.0)?;
        }
        drawn(root.present())?;
    }
    Ok(svg)
}

impl Group {
    fn copy(&self) -> Self {
        Self { title: self.title.clone(), values: self.values.clone(), bar: self.bar }
    }
}

fn axes<Y>(root: &DrawingArea<SVGBackend<'_>, Shift>, columns: &Columns, y: Y, floor: f64) -> Result<()>
where
    Y: AsRangedCoord<Value = f64>,
    Y::CoordDescType: Ranged<ValueType = f64> + ValueFormatter<f64>,
{
    let count = columns.groups.len() as f64;
    let mut chart = drawn(
        ChartBuilder::on(root)
            .margin(12)
            .margin_bottom(8)
            .caption(&columns.title, font(20))
            .x_label_area_size(48)
            .y_label_area_size(72)
            .build_cartesian_2d(0.0..count, y),
    )?;
    let mesh = chart
        .configure_mesh()
        .disable_x_mesh()
        .disable_x_axis()
        .light_line_style(RGBColor(244, 244, 244))
        .bold_line_style(RGBColor(222, 222, 222))
        .y_desc(columns.axis)
        .y_labels(8)
        .y_label_formatter(&|value| number(*value))
        .label_style(font(13))
        .axis_desc_style(font(13))
        .draw();
    drawn(mesh)?;
    for (i, group) in columns.groups.iter().enumerate() {
        let (left, width) = (i as f64 + 0.1, 0.8 / group.values.len() as f64);
        for (j, (contender, value)) in group.values.iter().enumerate() {
            let from = left + width * j as f64;
            let shown = value.max(floor);
            let corners = [(from, floor), (from + width * 0.92, shown)];
            drawn(chart.draw_series([Rectangle::new(corners, colour(*contender).filled())]))?;
            let (x, y) = chart.backend_coord(&(from + width * 0.46, shown));
            // A number that the bar's line would cross stands above the line.
            let line = group.bar.map(|bar| chart.backend_coord(&(from, bar)).1);
            let y = line.filter(|line| (y - 14..y).contains(line)).unwrap_or(y);
            label(root, &number(*value), (x, y - 3), VPos::Bottom, 11)?;
        }
        if let Some(bar) = group.bar {
            let ends = [(left - 0.05, bar), (left + 0.83, bar)];
            drawn(chart.draw_series([PathElement::new(ends, BLACK.stroke_width(2))]))?;
        }
        let (x, y) = chart.backend_coord(&(i as f64 + 0.48, floor));
        for (line, part) in wrapped(&group.title).into_iter().enumerate() {
            label(root, &part, (x, y + 6 + 14 * line as i32), VPos::Top, 12)?;
        }
    }
    legend(root, columns)
}

/// Long titles in two lines.
fn wrapped(title: &str) -> Vec<String> {
    if title.chars().count() <= 14 {
        return vec![title.to_owned()];
    }
    match title.match_indices(' ').map(|(at, _)| at).find(|at| *at >= 5) {
        Some(at) => vec![title[..at].to_owned(), title[at + 1..].to_owned()],
        None => vec![title.to_owned()],
    }
}

fn label(
    root: &DrawingArea<SVGBackend<'_>, Shift>,
    text: &str,
    at: (i32, i32),
    vertical: VPos,
    height: u32,
) -> Result<()> {
    let style = font(height).color(&RGBColor(40, 40, 40)).pos(Pos::new(HPos::Center, vertical));
    drawn(root.draw(&Text::new(text.to_owned(), at, style)))
}

/// Who has which colour, right of the title.
fn legend(root: &DrawingArea<SVGBackend<'_>, Shift>, columns: &Columns) -> Result<()> {
    let there = |contender: &Contender| {
        columns.groups.iter().any(|group| group.values.iter().any(|(c, _)| c == contender))
    };
    let style = font(13).color(&BLACK).pos(Pos::new(HPos::Left, VPos::Center));
    let mut x = 96;
    for contender in Contender::ALL.into_iter().filter(there) {
        drawn(root.draw(&Rectangle::new([(x, 40), (x + 12, 52)], colour(contender).filled())))?;
        let name = contender.to_string();
        drawn(root.draw(&Text::new(name.clone(), (x + 17, 47), style.clone())))?;
        x += 44 + 7 * name.chars().count() as i32;
    }
    if columns.groups.iter().any(|group| group.bar.is_some()) {
        drawn(root.draw(&PathElement::new([(x, 46), (x + 18, 46)], BLACK.stroke_width(2))))?;
        drawn(root.draw(&Text::new("the bar for Graven", (x + 23, 47), style)))?;
    }
    Ok(())
}
