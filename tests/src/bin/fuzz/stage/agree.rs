//! What was asked for in numbers, and whether model and program agree on what came of it.

use {
    super::{Difference, Done},
    crate::action::{Least, Size},
    tidepool_localnet::{Failure, Outcome},
    tidepool_tests::model::{Amount, Refusal},
};

/// Base units; what does not fit a u64 is cut.
pub(super) fn amount(size: Size, has: Amount) -> u64 {
    match size {
        Size::Units(units) => units,
        Size::Ppm(ppm) => u64::try_from(has * Amount::from(ppm) / 1_000_000).unwrap_or(u64::MAX),
    }
}

pub(super) fn at_least(least: Least, quote: Result<Amount, Refusal>) -> u64 {
    let quote = quote.map_or(0, |quote| quote as u64);
    match least {
        Least::Nothing => 0,
        Least::Quote => quote,
        Least::OneMore => quote + 1,
    }
}

/// Both did it, or both refused for the same reason.
pub(super) fn agree(
    predicted: Result<String, Refusal>,
    real: Result<Outcome, Failure>,
) -> Result<Done, Difference> {
    if let Err(failure) = &real {
        if is_panic(failure) {
            return Err(Difference::new("panic", failure.to_string()));
        }
    }
    match (predicted, real) {
        (Ok(what), Ok(_)) => Ok(Done::Ok(what)),
        (Err(refusal), Err(failure)) if reason(&failure) == format!("{refusal:?}") => {
            Ok(Done::Refused(refusal))
        }
        (Ok(what), Err(failure)) => {
            let kind = format!("refused as {}", reason(&failure));
            Err(Difference::new(kind, format!("the model does it: {what}\n{failure}")))
        }
        (Err(refusal), Ok(_)) => {
            Err(Difference::new(format!("not refused as {refusal:?}"), "the program does it"))
        }
        (Err(refusal), Err(failure)) => {
            let text = format!("the model says {refusal:?}\n{failure}");
            Err(Difference::new(format!("refused as {}", reason(&failure)), text))
        }
    }
}

pub(super) fn unexpected(what: &str, failure: &Failure) -> Difference {
    Difference::new("a step of other programs", format!("{what}: {failure}"))
}

/// A panic, or anything else that only a fault of the program can cause, looks like any failed transaction.
fn is_panic(failure: &Failure) -> bool {
    const SIGNS: [&str; 6] = [
        "panicked",
        "Access violation",
        "failed to complete",
        "exceeded CUs",
        "out of memory",
        "unsupported BPF instruction",
    ];
    failure.logs.iter().any(|line| SIGNS.iter().any(|sign| line.contains(sign)))
}

/// The name of the program's error, or the runtime's words.
fn reason(failure: &Failure) -> String {
    let named = failure.logs.iter().find_map(|line| {
        let (_, rest) = line.split_once("Error Code: ")?;
        Some(rest.split('.').next()?.to_string())
    });
    let by_system = |code: u32| {
        let end = format!("Program 11111111111111111111111111111111 failed: custom program error: {code:#x}");
        failure.logs.contains(&end)
    };
    let words = format!("{:?}", failure.error);
    match named {
        Some(name) => name,
        None if words.starts_with("InsufficientFundsForRent") => "InsufficientFundsForRent".to_string(),
        None if failure.custom_error_code() == Some(1) && by_system(1) => "TooFewLamports".to_string(),
        None => words,
    }
}
