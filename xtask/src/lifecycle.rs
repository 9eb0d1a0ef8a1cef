//! `cargo xtask demo lifecycle`: a session from its lock to its settlement, and where everybody's money is at the end.

use crate::demo::{Case, Format, Options, Out, executor_of, say};
use omerta_tests::executor::Executor;
use omerta_tests::ledger::Money;
use omerta_tests::life::{self, LOCKED, Life, Outcome, RATE, RENTED, TOP_UP};
use serde_json::{Value, json};
use std::sync::Arc;

/// Plays the cases that are asked for. True when each went as promised.
///
/// # Errors
/// When the cast cannot be set up.
pub fn play(options: &Options, out: &Out) -> Result<bool, String> {
    let executor = executor_of(options);
    let cases = match options.case {
        None => life::Case::ALL.to_vec(),
        Some(Case::Normal) => vec![life::Case::Normal],
        Some(Case::Abort) => vec![life::Case::Abort],
        Some(Case::Expiry) => vec![life::Case::Expiry],
        Some(Case::Byzantine) => vec![life::Case::Byzantine],
    };
    for line in opening(&executor, options.seed) {
        say(out, line);
    }
    let mut good = true;
    let mut objects = Vec::new();
    for case in cases {
        say(out, "");
        say(out, format_args!("{}: {}", case.name(), about(case)));
        let told = Arc::clone(out);
        let watch =
            |lock: &mut omerta_tests::lock::LockWorld| life::tell_blocks(lock, move |line| say(&told, line));
        let outcome = Life::play(executor, options.seed, case, watch).map_err(|error| error.to_string())?;
        report(out, &outcome);
        good &= outcome.problems.is_empty();
        objects.push(object(&outcome, case));
    }
    let kept = objects.iter().filter(|case| case.get("as_promised") == Some(&Value::Bool(true))).count();
    say(out, "");
    say(out, format_args!("{kept} of {} as promised.", objects.len()));
    if options.format == Format::Json {
        say(out, whole(executor, options.seed, good, objects));
    }
    Ok(good)
}

/// What whoever sees it for the first time has to know.
fn opening(executor: &Executor, seed: u64) -> Vec<String> {
    let minutes = RENTED / omt_runtime::host::limits::MINUTE;
    vec![
        format!(
            "A session's life ({executor}, seed {seed}): alice rents bob's machine for {minutes} minutes."
        ),
        format!(
            "She locks {} µOMC, adds {} after a minute, and the price is {} an hour. Five of twelve witnesses,",
            grouped(LOCKED),
            grouped(TOP_UP),
            grouped(RATE)
        ),
        "drawn by lot, are the cabal: they agree what is locked, watch the session, and divide the money."
            .to_owned(),
        "1 OMC is 1,000,000 µOMC. Below is every block that somebody appends to the own chain: virtual time,"
            .to_owned(),
        "whose chain, what, at which height, the block's hash, what it means.".to_owned(),
    ]
}

/// `80000000` as `80,000,000`.
fn grouped(number: impl std::fmt::Display) -> String {
    let digits = number.to_string();
    let (sign, digits) = digits.strip_prefix('-').map_or(("", digits.as_str()), |rest| ("-", rest));
    let mut out = String::from(sign);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

fn about(case: life::Case) -> &'static str {
    match case {
        life::Case::Normal => "the rented time passes, and everybody agrees",
        life::Case::Abort => "the machine dies after some ten minutes; the cabal ends the session",
        life::Case::Expiry => "two of five members fall silent; the money comes back a day after the expiry",
        life::Case::Byzantine => "a member of the cabal signs a division in which the provider gets all",
    }
}

fn report(out: &Out, outcome: &Outcome) {
    for note in &outcome.notes {
        say(out, format_args!("  what went wrong on purpose, at {note}"));
    }
    say(out, "");
    if let Some(body) = outcome.life.settlement(&outcome.session) {
        say(
            out,
            format_args!(
                "settled: of {} locked, {} to bob, {} burned, {} back to alice",
                grouped(body.escrowed_amount),
                grouped(body.provider_payment),
                grouped(body.burn_amount),
                grouped(body.consumer_refund)
            ),
        );
    } else {
        say(
            out,
            "no settlement: a day after the terms expired alice has released her money, with the word of a quorum that nothing was settled",
        );
    }
    say(out, "The ledger, from the chain of each peer: granted + earned = free + locked + paid + burned.");
    let columns = ["granted", "earned", "free", "locked", "paid", "burned"];
    let head: String = columns.iter().map(|column| format!(" {column:>13}")).collect();
    say(out, format_args!("{:<16}{head}", ""));
    let accounts = outcome.life.accounts();
    let mut left = accounts.as_slice();
    while let Some((name, first)) = left.first() {
        // Witnesses whose money is the same are one row.
        let same =
            left.iter().take_while(|(other, money)| role(other) == role(name) && money == first).count();
        let (those, rest) = left.split_at(same.max(1));
        left = rest;
        let row = match those {
            [_, .., (last, _)] => format!("{name} to {last}, each"),
            _ => name.clone(),
        };
        match first {
            Ok(money) => say(out, line(&row, money)),
            Err(fault) => say(out, format_args!("{row:<16} {fault}")),
        }
    }
    let total = Money::total(accounts.iter().filter_map(|(_, money)| money.as_ref().ok()));
    say(out, line("all together", &total));
    let sum = total.free + i128::from(total.reserved) + i128::from(total.burned);
    let verdict = if i128::from(total.granted) == sum {
        "nothing came into being, nothing was lost"
    } else {
        "THEY DIFFER"
    };
    say(
        out,
        format_args!(
            "granted {}, and free {} + locked {} + burned {} = {}: {verdict}",
            grouped(total.granted),
            grouped(total.free),
            grouped(total.reserved),
            grouped(total.burned),
            grouped(sum)
        ),
    );
    for problem in &outcome.problems {
        say(out, format_args!("not as promised: {problem}"));
    }
}

/// A name without its number: `w` of `w12`.
fn role(name: &str) -> &str {
    name.trim_end_matches(|c: char| c.is_ascii_digit())
}

fn line(name: &str, money: &Money) -> String {
    let Money { granted, earned, free, reserved, paid, burned, .. } = money;
    let cells =
        [grouped(granted), grouped(earned), grouped(free), grouped(reserved), grouped(paid), grouped(burned)];
    cells.iter().fold(format!("{name:<16}"), |row, cell| row + &format!(" {cell:>13}"))
}

fn money(money: &Money) -> Value {
    json!({
        "granted": money.granted,
        "earned": money.earned,
        "free": i64::try_from(money.free).ok(),
        "locked": money.reserved,
        "paid": money.paid,
        "burned": money.burned,
    })
}

fn object(outcome: &Outcome, case: life::Case) -> Value {
    let accounts = outcome.life.accounts();
    let total = Money::total(accounts.iter().filter_map(|(_, money)| money.as_ref().ok()));
    let peers: serde_json::Map<String, Value> =
        accounts.iter().map(|(name, m)| (name.clone(), m.as_ref().map_or(Value::Null, money))).collect();
    let settlement = outcome.life.settlement(&outcome.session).map(|body| {
        json!({
            "escrowed_amount": body.escrowed_amount,
            "provider_payment": body.provider_payment,
            "burn_amount": body.burn_amount,
            "consumer_refund": body.consumer_refund,
        })
    });
    json!({
        "case": case.name(),
        "session": outcome.session.to_string(),
        "as_promised": outcome.problems.is_empty(),
        "problems": outcome.problems,
        "settlement": settlement,
        "peers": peers,
        "total": money(&total),
        "trace": outcome.life.lock.world.trace().to_string(),
    })
}

fn whole(executor: Executor, seed: u64, as_promised: bool, cases: Vec<Value>) -> Value {
    json!({ "as_promised": as_promised, "executor": executor.to_string(), "seed": seed, "cases": cases })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]
    use super::*;
    use crate::demo::Show;
    use std::sync::Mutex;

    fn told(executor: crate::demo::Executor) -> String {
        let buffer = Arc::new(Mutex::new(Vec::new()));
        let options = Options {
            show: Show::Lifecycle,
            case: Some(Case::Normal),
            executor,
            seed: 1,
            format: Format::Json,
        };
        assert_eq!(play(&options, &(Arc::clone(&buffer) as Out)), Ok(true));
        let bytes = buffer.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn amounts_are_easy_to_read() {
        let read = [0, 999, 1_000, 80_000_000].map(grouped);
        assert_eq!(read, ["0", "999", "1,000", "80,000,000"]);
        assert_eq!(grouped(-1_234), "-1,234");
    }

    #[test]
    fn both_executors_tell_one_story_and_its_last_line_is_the_whole_account() {
        let rust = told(crate::demo::Executor::Rust);
        assert_eq!(rust, told(crate::demo::Executor::Interpreter).replace("interpreter", "rust"));
        let end: Value = serde_json::from_str(rust.lines().last().unwrap()).unwrap();
        let case = &end["cases"][0];
        assert_eq!(case["total"]["granted"], 122_000_000);
        assert!(case["settlement"]["provider_payment"].as_u64().unwrap() > 0);
        assert_eq!(case["peers"]["bob"]["earned"], case["settlement"]["provider_payment"]);
        assert_eq!(case["peers"]["alice"]["locked"], 0);
    }
}
