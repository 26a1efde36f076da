//! The way back from the new code to the old one.

use graven_core::store;
use serde::Serialize;

/// The way back from the new code to the old one.
#[derive(Debug, Default, Serialize)]
pub(crate) struct WayBack {
    /// `false` if the old code refuses what the new code has merely opened.
    pub(crate) open: bool,
    /// Roots that the old code would refuse at once.
    pub(crate) refused: Vec<String>,
    /// Roots in which the first record of the new code closes the way.
    pub(crate) closed_by: Vec<String>,
    /// Roots whose entries would be lost.
    pub(crate) lost: Vec<String>,
}

impl WayBack {
    pub(crate) fn of(way_back: store::WayBack) -> WayBack {
        let mut refused: Vec<String> = Vec::new();
        for name in way_back.problems.iter().filter_map(|problem| problem.path.first()) {
            if !refused.contains(name) {
                refused.push(name.clone());
            }
        }
        let store::WayBack { problems, closed_by, lost } = way_back;
        WayBack { open: problems.is_empty(), refused, closed_by, lost }
    }

    /// Returns the answer in a line or two.
    pub(crate) fn sentences(&self) -> Vec<String> {
        let mut sentences = vec![if !self.open {
            format!("the way back is closed: the old code would refuse {}", self.refused.join(", "))
        } else if self.closed_by.is_empty() {
            "the way back stays open".to_owned()
        } else {
            format!("the way back is open until a record is written to one of: {}", self.closed_by.join(", "))
        }];
        if !self.lost.is_empty() {
            sentences.push(format!("the way back loses the entries of: {}", self.lost.join(", ")));
        }
        sentences
    }
}
