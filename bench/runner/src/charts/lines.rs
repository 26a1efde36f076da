//! Lines over the number of entries, both axes logarithmic.

use anyhow::Result;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::drawn;
use super::style::{SIZE, colour, font, number};
use crate::contenders::Contender;

/// A picture of lines.
pub struct Lines {
    /// The title of the chart.
    pub title: &'static str,
    /// The label of the axis.
    pub axis: &'static str,
    /// The lines.
    pub lines: Vec<Line>,
}

/// A line, with its name at its end.
#[derive(Clone)]
pub struct Line {
    /// The name of the line.
    pub title: String,
    /// Whose it is.
    pub contender: Contender,
    /// `true` if it is dashed.
    pub dashed: bool,
    /// Entries and instructions.
    pub points: Vec<(f64, f64)>,
}

/// Returns the SVG.
pub fn draw(lines: &Lines) -> Result<String> {
    let values = lines.lines.iter().flat_map(|line| line.points.iter().map(|(_, value)| *value));
    let most = values.clone().fold(10.0, f64::max);
    let least = values.fold(most, f64::min);
    let least = 10f64.powf(least.max(1.0).log10().floor());
    let mut svg = String::new();
    {
        let root = SVGBackend::with_string(&mut svg, SIZE).into_drawing_area();
        drawn(root.fill(&WHITE))?;
        let mut chart = drawn(
            ChartBuilder::on(&root)
                .margin(12)
                .margin_right(250)
                .caption(lines.title, font(20))
                .x_label_area_size(44)
                .y_label_area_size(72)
                .build_cartesian_2d((800.0..1_200_000.0).log_scale(), (least..most * 2.0).log_scale()),
        )?;
        let mesh = chart
            .configure_mesh()
            .light_line_style(RGBColor(244, 244, 244))
            .bold_line_style(RGBColor(222, 222, 222))
            .x_desc("entries (log)")
            .y_desc(lines.axis)
            .x_label_formatter(&|value| number(*value))
            .y_label_formatter(&|value| number(*value))
            .label_style(font(13))
            .axis_desc_style(font(13))
            .draw();
        drawn(mesh)?;
        let mut ends = Vec::new();
        for line in lines.lines.iter().filter(|line| !line.points.is_empty()) {
            let style = colour(line.contender).stroke_width(2);
            let points = line.points.iter().copied();
            if line.dashed {
                drawn(chart.draw_series(DashedLineSeries::new(points.clone(), 6, 4, style)))?;
            } else {
                drawn(chart.draw_series(LineSeries::new(points.clone(), style)))?;
            }
            let dots = points.map(|point| Circle::new(point, 4, colour(line.contender).filled()));
            drawn(chart.draw_series(dots))?;
            let end = line.points.last().copied().unwrap_or_default();
            ends.push((chart.backend_coord(&end), line));
        }
        ends.sort_by_key(|((_, y), _)| *y);
        let mut free = 0;
        for ((_, y), line) in ends {
            // Lines may end together, their names must not.
            let y = y.max(free);
            free = y + 15;
            let value = line.points.last().map(|(_, value)| number(*value)).unwrap_or_default();
            let style = font(13).color(&colour(line.contender)).pos(Pos::new(HPos::Left, VPos::Center));
            let text = Text::new(format!("{}: {value}", line.title), (SIZE.0 as i32 - 245, y), style);
            drawn(root.draw(&text))?;
        }
        drawn(root.present())?;
    }
    Ok(svg)
}
