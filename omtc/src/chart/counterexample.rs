//! Charts of counterexamples, as `omtc verify` finds them.

use super::{Chart, Receiver, Row, Tone, What};
use crate::verify::{Counterexample, Line};

/// Who all peers together are called in a counterexample.
const ALL: &str = "all";
/// To whom a message goes that is for everybody.
const NETWORK: &str = "network";

/// The chart of a run that breaks a property or shows that it can come true. What nobody hears in it is lost.
pub fn counterexample(transaction: &str, scope: &str, property: &str, example: &Counterexample) -> Chart {
    let about = format!("A run of {scope} about {property}");
    drawn(transaction, format!("{scope}.{property}"), about, example, false)
}

/// The chart of a walk through a scope, as far as it has come. What nobody has heard yet is on its way.
pub fn way_here(transaction: &str, scope: &str, path: &Counterexample) -> Chart {
    drawn(transaction, format!("{scope}.way"), format!("The way through {scope}"), path, true)
}

fn drawn(transaction: &str, name: String, about: String, example: &Counterexample, goes_on: bool) -> Chart {
    let mut chart = Chart { name, transaction: transaction.to_owned(), about, ..Chart::default() };
    for (number, Line { micros, peer, input, heard, says, changes, .. }) in example.steps.iter().enumerate() {
        let at = *micros;
        if peer == ALL {
            chart.push(Row { at, what: What::Across { text: input.clone(), tone: Tone::Plain } });
            continue;
        }
        let mut cause = input.clone();
        if let Some(heard) = heard {
            let from = chart.lifeline(&heard.from);
            let who = chart.lifeline(peer);
            let whole: Vec<String> =
                Some(heard.payload.clone()).filter(|text| !text.is_empty()).into_iter().collect();
            let what = What::Said {
                from,
                to: vec![Receiver { who, ..Receiver::default() }],
                message: heard.message.clone(),
                fields: Vec::new(),
                whole,
                injected: false,
            };
            chart.push(Row { at, what });
            cause = format!("on {} from {}", heard.message, heard.from);
        }
        let who = chart.lifeline(peer);
        let what = What::Moved { who, cause, way: Vec::new(), changes: changes.clone() };
        chart.push(Row { at, what });
        // What is said is drawn where it is heard, and here if nobody ever hears it.
        let later = example.steps.get(number + 1..).unwrap_or_default();
        for (message, to) in says {
            let hears = |line: &Line| {
                let heard =
                    line.heard.as_ref().filter(|heard| heard.message == *message && heard.from == *peer);
                heard.is_some() && line.peer == *to
            };
            if to != NETWORK && !later.iter().any(hears) {
                let who_hears = chart.lifeline(to);
                let to = vec![Receiver {
                    who: who_hears,
                    lost: !goes_on,
                    pending: goes_on,
                    ..Receiver::default()
                }];
                let (message, fields, whole) = (message.clone(), Vec::new(), Vec::new());
                let what = What::Said { from: who, to, message, fields, whole, injected: false };
                chart.push(Row { at, what });
            }
        }
    }
    if !example.reason.is_empty() {
        let at = example.steps.last().map_or(0, |line| line.micros);
        chart.push(Row { at, what: What::Across { text: example.reason.clone(), tone: Tone::Bad } });
    }
    chart
}
