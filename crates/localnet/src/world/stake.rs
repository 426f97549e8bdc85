//! What users do with stake accounts of their own.

use {
    super::World,
    crate::{Failure, Outcome},
    solana_pubkey::Pubkey,
    solana_signer::Signer,
    solana_stake_interface::state::Lockup,
};

impl World {
    /// A stake account of the user with the pool's validator `index`, which earns from the next epoch on. The faucet pays.
    pub fn add_stake(&mut self, name: &str, index: usize, lamports: u64) -> Result<Pubkey, Failure> {
        self.add_locked_stake(name, index, lamports, &Lockup::default())
    }

    /// [`World::add_stake`] with a lockup.
    pub fn add_locked_stake(
        &mut self,
        name: &str,
        index: usize,
        lamports: u64,
        lockup: &Lockup,
    ) -> Result<Pubkey, Failure> {
        let wallet = self.user(name).wallet;
        let vote = self.validators[index].vote;
        let stake = self.chain.create_stake_locked(&wallet, &vote, lamports, lockup)?;
        self.add_vault(&stake);
        Ok(stake)
    }

    /// An account that stake can be withdrawn into.
    pub fn prepare_stake(&mut self) -> Result<Pubkey, Failure> {
        let stake = self.chain.create_blank_stake()?;
        self.add_vault(&stake);
        Ok(stake)
    }

    /// Gives a stake account of the user with validator `index` to the pool.
    pub fn deposit_stake(&mut self, name: &str, stake: &Pubkey, index: usize) -> Result<Outcome, Failure> {
        let user = self.user(name);
        let validator = &self.validators[index];
        let deposit = self.keys.deposit_stake(&user.wallet.pubkey(), stake, validator, &user.lst, 0);
        self.send(&[deposit], &[&user.wallet])
    }

    /// Takes active stake of validator `index` for `lst`; gives the account it is in.
    pub fn withdraw_stake(&mut self, name: &str, lst: u64, index: usize) -> Result<Pubkey, Failure> {
        let user = self.user(name);
        let stake = self.prepare_stake()?;
        let validator = &self.validators[index];
        let withdraw = self.keys.withdraw_stake(&user.wallet.pubkey(), &stake, validator, &user.lst, lst, 0);
        self.send(&[withdraw], &[&user.wallet])?;
        Ok(stake)
    }
}
