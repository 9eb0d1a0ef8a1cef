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
    say(
        out,
        format_args!(
            "A session's life, {executor}, seed {}. Amounts are µOMC, times are virtual. Alice locks {LOCKED} for bob, tops up {TOP_UP}, and pays {RATE} an hour for {} minutes.",
            options.seed,
            RENTED / omt_runtime::host::limits::MINUTE
        ),
    );
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
    if options.format == Format::Json {
        say(out, whole(executor, options.seed, good, objects));
    }
    Ok(good)
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
    if let Some(body) = outcome.life.settlement(&outcome.session) {
        say(
            out,
            format_args!(
                "settled: escrow {}, to the provider {}, burned {}, refund {}",
                body.escrowed_amount, body.provider_payment, body.burn_amount, body.consumer_refund
            ),
        );
    } else {
        say(out, "no settlement");
    }
    say(
        out,
        format_args!(
            "{:<8} {:>12} {:>12} {:>12} {:>12} {:>12} {:>12}",
            "peer", "granted", "earned", "free", "locked", "paid", "burned"
        ),
    );
    let accounts = outcome.life.accounts();
    for (name, money) in &accounts {
        match money {
            Ok(money) => say(out, line(name, money)),
            Err(fault) => say(out, format_args!("{name:<8} {fault}")),
        }
    }
    let total = Money::total(accounts.iter().filter_map(|(_, money)| money.as_ref().ok()));
    say(out, line("total", &total));
    let sum = total.free + i128::from(total.reserved) + i128::from(total.burned);
    say(
        out,
        format_args!(
            "granted {} = free {} + locked {} + burned {} = {sum}",
            total.granted, total.free, total.reserved, total.burned
        ),
    );
    for problem in &outcome.problems {
        say(out, format_args!("not as promised: {problem}"));
    }
}

fn line(name: &str, money: &Money) -> String {
    format!(
        "{name:<8} {:>12} {:>12} {:>12} {:>12} {:>12} {:>12}",
        money.granted, money.earned, money.free, money.reserved, money.paid, money.burned
    )
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
