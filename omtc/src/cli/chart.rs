//! Options of all verbs that write sequence charts.

use super::graph::Theme;
use crate::chart::{self, Chart};
use crate::graph;
use clap::{Args, ValueEnum};
use std::path::PathBuf;

/// Whether charts are written, and in which form.
#[derive(Args)]
pub struct Charts {
    /// Write a sequence chart of every run
    #[arg(long, value_name = "FOLDER")]
    chart: Option<PathBuf>,
    /// Form of the charts
    #[arg(long, value_enum, default_value_t = Form::Mermaid, value_name = "FORM", requires = "chart")]
    chart_as: Form,
}

/// A form of charts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Form {
    /// Text that forges and Markdown viewers draw
    Mermaid,
    /// A picture that needs no other program
    Svg,
}

impl Charts {
    /// Are charts to be written?
    pub fn is_wanted(&self) -> bool {
        self.chart.is_some()
    }

    /// The files of some charts.
    pub fn files(&self, charts: &[Chart]) -> Vec<(PathBuf, Vec<u8>)> {
        let Some(folder) = &self.chart else { return Vec::new() };
        let file = |chart: &Chart| {
            let path = folder.join(format!("{}.{}", name(chart), self.chart_as.ending()));
            (path, self.chart_as.text(chart, Theme::Auto).into_bytes())
        };
        charts.iter().map(file).collect()
    }
}

/// The file of a chart, without its ending.
pub fn name(chart: &Chart) -> String {
    format!("{}.{}", chart.transaction.replace('/', "."), chart.name)
}

impl Form {
    /// How names of files end.
    pub fn ending(self) -> &'static str {
        match self {
            Form::Mermaid => "mmd",
            Form::Svg => "svg",
        }
    }

    /// A chart in this form.
    pub fn text(self, chart: &Chart, theme: Theme) -> String {
        match self {
            Form::Mermaid => chart::mermaid(chart),
            Form::Svg => {
                chart::svg(chart, &graph::Options { theme: theme.into(), ..graph::Options::default() })
            }
        }
    }
}
