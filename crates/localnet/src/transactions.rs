//! Sending transactions.

use {
    crate::{
        chain::Chain,
        outcome::{self, Failure, Outcome},
    },
    solana_compute_budget_interface::ComputeBudgetInstruction,
    solana_instruction::Instruction,
    solana_keypair::Keypair,
    solana_message::{v0, AddressLookupTableAccount, Message, VersionedMessage},
    solana_pubkey::Pubkey,
    solana_signature::{Signature, SIGNATURE_BYTES},
    solana_signer::Signer,
    solana_transaction::{versioned::VersionedTransaction, TransactionVerificationMode},
    solana_transaction_error::TransactionError,
};

/// The most a cluster takes in one packet.
pub const MAX_TRANSACTION_BYTES: usize = 1232;

/// The most a transaction may use.
const MAX_COMPUTE_UNITS: u32 = 1_400_000;

/// Tag of `SetComputeUnitLimit`.
const SET_COMPUTE_UNIT_LIMIT: u8 = 2;

impl Chain {
    /// Executes the instructions in a legacy transaction that the first of `signers` pays for. It may use all the compute
    /// units there are, unless one of the instructions says otherwise. Keypairs beyond those that must sign are ignored.
    ///
    /// The runtime leaves the verification of signatures to others, so none is made: it is only checked that a keypair
    /// is there for each signer. [`Chain::process`] takes and verifies signed transactions.
    pub fn send(&self, instructions: &[Instruction], signers: &[&Keypair]) -> Result<Outcome, Failure> {
        let payer = payer(signers)?;
        let (instructions, hidden) = self.with_compute_limit(instructions);
        let message = Message::new_with_blockhash(&instructions, Some(&payer), &self.bank().last_blockhash());
        self.execute(VersionedMessage::Legacy(message), signers, hidden)
    }

    /// [`Chain::send`] as a version 0 transaction, which takes accounts from lookup tables.
    pub fn send_versioned(
        &self,
        instructions: &[Instruction],
        signers: &[&Keypair],
        tables: &[AddressLookupTableAccount],
    ) -> Result<Outcome, Failure> {
        let payer = payer(signers)?;
        let (instructions, hidden) = self.with_compute_limit(instructions);
        let message =
            v0::Message::try_compile(&payer, &instructions, tables, self.bank().last_blockhash())
                .map_err(|error| Failure::malformed(TransactionError::SanitizeFailure, error.to_string()))?;
        self.execute(VersionedMessage::V0(message), signers, hidden)
    }

    /// Executes a signed transaction as it came over the wire, after verifying its signatures.
    pub fn process(&self, transaction: VersionedTransaction) -> Result<Outcome, Failure> {
        self.bank()
            .verify_transaction(transaction.clone(), TransactionVerificationMode::FullVerification)
            .map_err(Failure::rejected)?;
        self.commit(transaction, 0)
    }

    fn execute(
        &self,
        message: VersionedMessage,
        signers: &[&Keypair],
        hidden: u8,
    ) -> Result<Outcome, Failure> {
        let required = usize::from(message.header().num_required_signatures);
        for key in &message.static_account_keys()[..required] {
            if !signers.iter().any(|signer| signer.pubkey() == *key) {
                return Err(Failure::malformed(
                    TransactionError::SignatureFailure,
                    format!("nobody signs for {key}"),
                ));
            }
        }
        let signatures = vec![Signature::from([0; SIGNATURE_BYTES]); required];
        self.commit(VersionedTransaction { signatures, message }, hidden)
    }

    fn commit(&self, transaction: VersionedTransaction, hidden: u8) -> Result<Outcome, Failure> {
        let bytes =
            1 + SIGNATURE_BYTES * transaction.signatures.len() + transaction.message.serialize().len();
        if bytes > MAX_TRANSACTION_BYTES {
            return Err(Failure::malformed(
                TransactionError::SanitizeFailure,
                format!("transaction too large: {bytes} of {MAX_TRANSACTION_BYTES} bytes"),
            ));
        }
        let done = self.bank().process_transaction_with_metadata(transaction).map_err(Failure::rejected)?;
        outcome::from_committed(done, bytes, hidden)
    }

    /// Puts the highest compute limit before the instructions, if they have none. Each time it asks for one unit more than
    /// the last, which the runtime cuts to the maximum: so equal transactions in one slot differ and are all executed.
    /// Returns how many instructions were put before them.
    fn with_compute_limit(&self, instructions: &[Instruction]) -> (Vec<Instruction>, u8) {
        let sets_limit = |ix: &Instruction| {
            ix.program_id == solana_sdk_ids::compute_budget::id()
                && ix.data.first() == Some(&SET_COMPUTE_UNIT_LIMIT)
        };
        if instructions.iter().any(sets_limit) {
            return (instructions.to_vec(), 0);
        }
        let limit = MAX_COMPUTE_UNITS.saturating_add(self.count());
        let mut all = vec![ComputeBudgetInstruction::set_compute_unit_limit(limit)];
        all.extend_from_slice(instructions);
        (all, 1)
    }
}

fn payer(signers: &[&Keypair]) -> Result<Pubkey, Failure> {
    let first = signers.first().map(|signer| signer.pubkey());
    first.ok_or_else(|| Failure::malformed(TransactionError::MissingSignatureForFee, "nobody signs".into()))
}
