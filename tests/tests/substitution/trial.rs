//! What an instruction would do, without doing it: so that one that is not refused spoils nothing for the next.

use {
    crate::{
        impostors::{is_of_tokens, Attempt},
        interface::Interface,
    },
    anchor_lang::Discriminator,
    base64::{prelude::BASE64_STANDARD, Engine},
    solana_instruction::error::InstructionError,
    solana_transaction::{
        versioned::VersionedTransaction, Message, Transaction, TransactionVerificationMode,
    },
    solana_transaction_error::TransactionError,
    std::sync::atomic::{AtomicU32, Ordering},
    tidepool_client::events::NothingDue,
    tidepool_tests::prelude::*,
};

pub struct Trial {
    error: Option<TransactionError>,
    logs: Vec<String>,
    /// The accounts of the transaction as they would be after it.
    after: Vec<(Pubkey, Account)>,
}

/// Who says no.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refuser {
    /// The program, by one of its errors.
    Tidepool,
    /// Anchor, for the program.
    Anchor,
    /// A program that Tidepool called.
    CalledProgram,
    /// The runtime, for what no program may do or get.
    Runtime,
}

/// What an attempt comes to.
pub enum Verdict {
    Refused(Refuser),
    Accepted,
    Wrong(String),
}

impl Trial {
    /// Tries the instruction as if everybody signed who is asked to. The faucet pays.
    pub fn of(world: &World, instruction: &Instruction) -> Self {
        let bank = world.chain.bank();
        let instructions = [compute_limit(), instruction.clone()];
        let payer = world.chain.faucet().pubkey();
        let message = Message::new_with_blockhash(&instructions, Some(&payer), &bank.last_blockhash());
        let transaction = VersionedTransaction::from(Transaction::new_unsigned(message));
        let transaction = match bank.verify_transaction(transaction, TransactionVerificationMode::HashOnly) {
            Ok(transaction) => transaction,
            Err(error) => return Self { error: Some(error), logs: vec![], after: vec![] },
        };
        let done = bank.simulate_transaction_unchecked(&transaction, false);
        let after = done.post_simulation_accounts.into_iter().map(|(key, account)| (key, account.into()));
        Self { error: done.result.err(), logs: done.logs, after: after.collect() }
    }

    pub fn succeeded(&self) -> bool {
        self.error.is_none()
    }

    /// Whether the instruction looked and found that there is nothing to do.
    pub fn found_nothing_due(&self) -> bool {
        let prefix = BASE64_STANDARD.encode(NothingDue::DISCRIMINATOR);
        let mut events = self.logs.iter().filter_map(|line| line.strip_prefix("Program data: "));
        // The last character of eight bytes in base64 also carries bits of the ninth.
        events.any(|event| event.starts_with(&prefix[..10]))
    }

    /// Whether it leaves the accounts of `other` as that does.
    pub fn does_the_same_as(&self, other: &Self) -> bool {
        self.succeeded() && other.after.iter().all(|account| self.after.contains(account))
    }

    /// Whether the impostor has less afterwards than before, and than after the valid call, though it did not sign and is
    /// nobody's copy.
    pub fn robs(&self, world: &World, attempt: &Attempt, valid: &Self) -> bool {
        let metas = &attempt.instruction.accounts;
        let signs = metas.iter().any(|meta| meta.is_signer && meta.pubkey == attempt.key);
        if signs || attempt.forged.is_some() {
            return false;
        }
        let before = world.account(&attempt.key).unwrap_or_default();
        let after = |trial: &Self| {
            let found = trial.after.iter().find(|(key, _)| *key == attempt.key);
            found.map_or_else(|| before.clone(), |(_, account)| account.clone())
        };
        let (after, usual) = (after(self), after(valid));
        after.lamports < before.lamports.min(usual.lamports)
            || tokens(&after) < tokens(&before).min(tokens(&usual))
            || after.owner != before.owner
    }

    /// Who refused; or what is wrong about the refusal.
    pub fn refuser(&self, interface: &Interface) -> Result<Refuser, String> {
        if self.logs.iter().any(|line| line.contains("panicked") || line.contains("failed to complete")) {
            return Err("panic".to_string());
        }
        let Some(error) = self.instruction_error() else {
            return Ok(Refuser::Runtime); // no program ran
        };
        let first = self.logs.iter().find_map(|line| line.strip_prefix("Program ")?.split_once(" failed: "));
        match first {
            None => Ok(Refuser::Runtime),
            Some((program, _)) if program != tidepool_interface::ID.to_string() => Ok(Refuser::CalledProgram),
            Some(_) => refusal(&error, interface),
        }
    }

    pub fn instruction_error(&self) -> Option<InstructionError> {
        match &self.error {
            Some(TransactionError::InstructionError(_, error)) => Some(error.clone()),
            _ => None,
        }
    }

    pub fn why(&self) -> String {
        let error = self.error.as_ref().map_or("no error".to_string(), |error| format!("{error:?}"));
        format!("{error}\n      {}", self.logs.join("\n      "))
    }
}

fn refusal(error: &InstructionError, interface: &Interface) -> Result<Refuser, String> {
    match error {
        InstructionError::Custom(code) if interface.has_error(*code) => Ok(Refuser::Tidepool),
        InstructionError::Custom(code) if is_error_of_anchor(*code) => Ok(Refuser::Anchor),
        InstructionError::PrivilegeEscalation
        | InstructionError::MissingAccount
        | InstructionError::AccountBorrowFailed // one account in two places
        | InstructionError::ReadonlyDataModified
        | InstructionError::ReadonlyLamportChange
        | InstructionError::ExternalAccountDataModified
        | InstructionError::ExternalAccountLamportSpend => Ok(Refuser::Runtime),
        other => Err(format!("refused without a name: {other:?}")),
    }
}

/// Tokens in an account, 0 if it is no token account.
fn tokens(account: &Account) -> u64 {
    const AMOUNT: usize = 64;
    match account.data.get(AMOUNT..).and_then(|data| data.first_chunk()) {
        Some(amount) if is_of_tokens(account) => u64::from_le_bytes(*amount),
        _ => 0,
    }
}

/// Anchor numbers its own errors from 100 on and leaves what is above 6,000 to programs.
fn is_error_of_anchor(code: u32) -> bool {
    (100..6_000).contains(&code)
}

/// The most a transaction may use. It differs each time, so that no transaction is like another.
fn compute_limit() -> Instruction {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    const SET_COMPUTE_UNIT_LIMIT: u8 = 2;
    let limit = 1_400_000_000 + COUNT.fetch_add(1, Ordering::Relaxed);
    let data = [&[SET_COMPUTE_UNIT_LIMIT], &limit.to_le_bytes()[..]].concat();
    Instruction { program_id: solana_sdk_ids::compute_budget::ID, accounts: vec![], data }
}
