//! What became of a transaction.

use {
    solana_instruction::error::InstructionError, solana_pubkey::Pubkey,
    solana_svm::transaction_commit_result::CommittedTransaction, solana_transaction_error::TransactionError,
    std::fmt,
};

/// A call of a program, as the log tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Call {
    pub program: Pubkey,
    /// 1 is an instruction of the transaction, 2 a call by its program, and so on.
    pub depth: usize,
    /// Compute units of the call, with all calls below it. Its caller pays about a thousand more for making it.
    /// `None` for built-in programs (system, vote, compute budget), which have no such line.
    pub units: Option<u64>,
}

/// A transaction that succeeded.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Of the whole transaction, with 150 for the compute limit that [`Chain::send`](crate::Chain::send) adds.
    pub compute_units: u64,
    pub logs: Vec<String>,
    /// What the last program that said anything returned.
    pub return_data: Option<Vec<u8>>,
    /// Lamports, priority fee included.
    pub fee: u64,
    /// Of the whole transaction on the wire; a cluster takes 1,232 bytes.
    pub bytes: usize,
}

impl Outcome {
    /// All calls, in the order they were made.
    pub fn calls(&self) -> Vec<Call> {
        calls(&self.logs)
    }

    /// Compute units of each instruction of the transaction that `program` executed (not of its calls by others).
    pub fn consumed_by(&self, program: &Pubkey) -> Vec<u64> {
        let mine = |call: &Call| call.depth == 1 && call.program == *program;
        self.calls().iter().filter(|call| mine(call)).filter_map(|call| call.units).collect()
    }

    /// Every call of a program by another: what it was, how deep, and what it cost.
    pub fn cpis(&self) -> Vec<Call> {
        self.calls().into_iter().filter(|call| call.depth > 1).collect()
    }
}

/// A transaction that failed.
#[derive(Clone, Debug, PartialEq)]
pub struct Failure {
    /// An instruction's index is its place in what was handed to `send`.
    pub error: TransactionError,
    /// Empty if no program ran.
    pub logs: Vec<String>,
    pub compute_units: u64,
    /// Lamports that were charged all the same; 0 if the transaction never made it into a block.
    pub fee: u64,
}

impl Failure {
    /// Place of the instruction that failed and its program's own error code.
    pub fn custom_error(&self) -> Option<(u8, u32)> {
        match self.error {
            TransactionError::InstructionError(index, InstructionError::Custom(code)) => Some((index, code)),
            _ => None,
        }
    }

    /// The program's own error code.
    pub fn custom_error_code(&self) -> Option<u32> {
        self.custom_error().map(|(_, code)| code)
    }

    /// The error of the instruction that failed, if one did.
    pub fn instruction_error(&self) -> Option<InstructionError> {
        match &self.error {
            TransactionError::InstructionError(_, error) => Some(error.clone()),
            _ => None,
        }
    }

    /// All calls up to the failure, in the order they were made.
    pub fn calls(&self) -> Vec<Call> {
        calls(&self.logs)
    }

    /// A transaction that was not executed.
    pub(crate) fn rejected(error: TransactionError) -> Self {
        Self { error, logs: vec![], compute_units: 0, fee: 0 }
    }

    /// A transaction that never was one; `reason` stands in the log.
    pub(crate) fn malformed(error: TransactionError, reason: String) -> Self {
        Self { logs: vec![reason], ..Self::rejected(error) }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{} ({:?}) after {} CU", self.error, self.error, self.compute_units)?;
        self.logs.iter().try_for_each(|line| write!(f, "\n    {line}"))
    }
}

impl std::error::Error for Failure {}

/// `hidden`: how many instructions were put before the caller's own.
pub(crate) fn from_committed(
    done: CommittedTransaction,
    bytes: usize,
    hidden: u8,
) -> Result<Outcome, Failure> {
    let logs = without_hidden(done.log_messages.unwrap_or_default(), hidden);
    let fee = done.fee_details.total_fee();
    match done.status {
        Ok(()) => Ok(Outcome {
            compute_units: done.executed_units,
            logs,
            return_data: done.return_data.map(|returned| returned.data),
            fee,
            bytes,
        }),
        Err(error) => {
            Err(Failure { error: renumber(error, hidden), logs, compute_units: done.executed_units, fee })
        }
    }
}

/// Each hidden instruction is a built-in one and leaves two lines: invoke and success.
fn without_hidden(mut logs: Vec<String>, hidden: u8) -> Vec<String> {
    logs.drain(..logs.len().min(2 * usize::from(hidden)));
    logs
}

fn renumber(error: TransactionError, hidden: u8) -> TransactionError {
    match error {
        TransactionError::InstructionError(index, error) => {
            TransactionError::InstructionError(index.saturating_sub(hidden), error)
        }
        TransactionError::DuplicateInstruction(index) => {
            TransactionError::DuplicateInstruction(index.saturating_sub(hidden))
        }
        TransactionError::InsufficientFundsForRent { .. } => error, // counts accounts, not instructions
        other => other,
    }
}

/// Reads the calls off the lines `Program X invoke [D]` and `Program X consumed N of M compute units`. A program cannot
/// write such lines itself: its own begin with `Program log:`, `Program data:` or `Program return:`.
fn calls(logs: &[String]) -> Vec<Call> {
    let mut calls: Vec<Call> = vec![];
    let mut open: Vec<usize> = vec![];
    for line in logs {
        let words: Vec<&str> = line.split(' ').collect();
        match words[..] {
            ["Program", id, "invoke", depth] => {
                let depth = depth.trim_matches(['[', ']']).parse();
                if let (Ok(program), Ok(depth)) = (id.parse(), depth) {
                    open.push(calls.len());
                    calls.push(Call { program, depth, units: None });
                }
            }
            ["Program", id, "consumed", units, "of", ..] => {
                let current = open.last().map(|&index| &mut calls[index]);
                if let Some(call) = current.filter(|call| id.parse() == Ok(call.program)) {
                    call.units = units.parse().ok();
                }
            }
            ["Program", id, "success"] | ["Program", id, "failed:", ..] if id.parse::<Pubkey>().is_ok() => {
                open.pop();
            }
            _ => {}
        }
    }
    calls
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: &str = "Stake11111111111111111111111111111111111111";
    const B: &str = "11111111111111111111111111111111";

    #[test]
    fn calls_are_nested_and_counted_where_they_are_told() {
        let logs: Vec<String> = [
            format!("Program {A} invoke [1]"),
            format!("Program {B} invoke [2]"),
            format!("Program {B} success"),
            format!("Program log: Program {A} consumed 7 of 9 compute units"),
            format!("Program {A} invoke [2]"),
            format!("Program {A} consumed 20 of 100 compute units"),
            format!("Program {A} success"),
            format!("Program {A} consumed 50 of 200 compute units"),
            format!("Program {A} failed: custom program error: 0x10"),
        ]
        .to_vec();
        let found: Vec<(bool, usize, Option<u64>)> =
            calls(&logs).iter().map(|c| (c.program.to_string() == A, c.depth, c.units)).collect();
        assert_eq!(found, [(true, 1, Some(50)), (false, 2, None), (true, 2, Some(20))]);
    }
}
