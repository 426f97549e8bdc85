//! Whether model and program agree on what came of a step.

use {
    super::{Difference, Done},
    solana_pubkey::Pubkey,
    std::fmt::Debug,
    tidepool_localnet::{Failure, Outcome, TOKEN_2022_PROGRAM, TOKEN_PROGRAM},
};

/// Both did it, or both refused for the same reason.
pub fn agree<R: Debug>(
    predicted: Result<String, R>,
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
            Ok(Done::Refused(format!("{refusal:?}")))
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

pub fn unexpected(what: &str, failure: &Failure) -> Difference {
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

/// The name of the program's error, what a wallet lacks, or the runtime's words.
fn reason(failure: &Failure) -> String {
    let named = failure.logs.iter().find_map(|line| {
        let (_, rest) = line.split_once("Error Code: ")?;
        Some(rest.split('.').next()?.to_string())
    });
    let by = |program: &Pubkey| {
        failure.logs.contains(&format!("Program {program} failed: custom program error: 0x1"))
    };
    let words = format!("{:?}", failure.error);
    match named {
        Some(name) => name,
        None if words.starts_with("InsufficientFundsForRent") => "InsufficientFundsForRent".to_string(),
        None if by(&solana_sdk_ids::system_program::ID) => "TooFewLamports".to_string(),
        None if by(&TOKEN_PROGRAM) || by(&TOKEN_2022_PROGRAM) => "TooFewTokens".to_string(),
        None => words,
    }
}
