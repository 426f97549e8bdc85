//! Instructions that are not what the client would build.

use {
    solana_instruction::{AccountMeta, Instruction},
    solana_pubkey::Pubkey,
};

/// An instruction with something else in it.
pub trait Tamper: Sized {
    /// `impostor` wherever `key` stood.
    ///
    /// # Panics
    /// If `key` stood nowhere: then the test would prove nothing.
    #[must_use]
    fn with(self, key: &Pubkey, impostor: &Pubkey) -> Self;

    /// One account more, at the end.
    #[must_use]
    fn with_extra(self, key: &Pubkey) -> Self;

    /// The signature of `key` is not asked for.
    #[must_use]
    fn unsigned(self, key: &Pubkey) -> Self;

    /// `key` cannot be written.
    #[must_use]
    fn read_only(self, key: &Pubkey) -> Self;

    /// Two accounts change places.
    #[must_use]
    fn swapped(self, first: usize, second: usize) -> Self;

    /// The account at `index` is missing.
    #[must_use]
    fn without(self, index: usize) -> Self;
}

impl Tamper for Instruction {
    fn with(mut self, key: &Pubkey, impostor: &Pubkey) -> Self {
        metas_of(&mut self, key).for_each(|meta| meta.pubkey = *impostor);
        self
    }

    fn with_extra(mut self, key: &Pubkey) -> Self {
        self.accounts.push(AccountMeta::new(*key, false));
        self
    }

    fn unsigned(mut self, key: &Pubkey) -> Self {
        metas_of(&mut self, key).for_each(|meta| meta.is_signer = false);
        self
    }

    fn read_only(mut self, key: &Pubkey) -> Self {
        metas_of(&mut self, key).for_each(|meta| meta.is_writable = false);
        self
    }

    fn swapped(mut self, first: usize, second: usize) -> Self {
        self.accounts.swap(first, second);
        self
    }

    fn without(mut self, index: usize) -> Self {
        self.accounts.remove(index);
        self
    }
}

fn metas_of<'a>(
    instruction: &'a mut Instruction,
    key: &'a Pubkey,
) -> impl Iterator<Item = &'a mut AccountMeta> {
    assert!(instruction.accounts.iter().any(|meta| meta.pubkey == *key), "{key} is not in the instruction");
    instruction.accounts.iter_mut().filter(move |meta| meta.pubkey == *key)
}
