//! What a transaction would do, without doing it: how wallets ask a program's views.

use {
    crate::{
        chain::Chain,
        outcome::{Failure, Outcome},
    },
    solana_instruction::Instruction,
    solana_message::{Message, VersionedMessage},
    solana_pubkey::Pubkey,
    solana_signature::{Signature, SIGNATURE_BYTES},
    solana_transaction::{versioned::VersionedTransaction, TransactionVerificationMode},
};

impl Chain {
    /// Executes the instructions in the open slot as if `payer` paid for them, and forgets all they changed. Nobody signs,
    /// and nothing is charged; an instruction that is not told otherwise may use 200,000 compute units.
    pub fn simulate(&self, instructions: &[Instruction], payer: &Pubkey) -> Result<Outcome, Failure> {
        let message = Message::new_with_blockhash(instructions, Some(payer), &self.bank().last_blockhash());
        let signatures =
            vec![Signature::from([0; SIGNATURE_BYTES]); usize::from(message.header.num_required_signatures)];
        let message = VersionedMessage::Legacy(message);
        let bytes = 1 + SIGNATURE_BYTES * signatures.len() + message.serialize().len();
        let transaction = VersionedTransaction { signatures, message };
        let transaction = self
            .bank()
            .verify_transaction(transaction, TransactionVerificationMode::HashOnly)
            .map_err(Failure::rejected)?;
        let done = self.bank().simulate_transaction_unchecked(&transaction, false);
        match done.result {
            Ok(()) => Ok(Outcome {
                compute_units: done.units_consumed,
                logs: done.logs,
                return_data: done.return_data.map(|returned| returned.data),
                fee: 0,
                bytes,
            }),
            Err(error) => Err(Failure { error, logs: done.logs, compute_units: done.units_consumed, fee: 0 }),
        }
    }
}
