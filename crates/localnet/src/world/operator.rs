//! What the pool's admin, manager and guardian do. The operator is all of them until a role is handed over.

use {
    super::World,
    crate::{Failure, Outcome},
    solana_instruction::Instruction,
    solana_keypair::Keypair,
    solana_pubkey::Pubkey,
    solana_signer::Signer,
    tidepool_client::{PoolFees, PoolSettings, Role},
};

impl World {
    /// The fees that hold now, or would with the next touch.
    ///
    /// # Panics
    /// If the pool cannot be read.
    pub fn fees(&self) -> PoolFees {
        let pool = self.pool();
        match pool.pending_fees_epoch {
            0 => pool.fees,
            epoch if self.chain.epoch() < epoch => pool.fees,
            _ => pool.pending_fees,
        }
    }

    /// The settings that hold now; of the liquidity target, the one that was asked for last.
    ///
    /// # Panics
    /// If the pool cannot be read.
    pub fn settings(&self) -> PoolSettings {
        let (pool, liquidity) = (self.pool(), self.liquidity());
        let liquidity_target_lamports = match liquidity.pending_target_epoch {
            0 => liquidity.target_lamports,
            _ => liquidity.pending_target_lamports,
        };
        PoolSettings {
            reserve_target_bps: pool.reserve_target_bps,
            move_window_bps: pool.move_window_bps,
            max_validator_bps: pool.max_validator_bps,
            max_move_bps: pool.max_move_bps,
            breaker_bps: pool.breaker_bps,
            min_deposit_lamports: pool.min_deposit,
            deposit_cap_lamports: pool.deposit_cap,
            instant_cap_lamports_per_day: pool.instant_cap_per_day,
            liquidity_target_lamports,
        }
    }

    pub fn set_fees(&mut self, fees: PoolFees) -> Result<Outcome, Failure> {
        let set = self.keys.set_fees(&self.operator.pubkey(), fees);
        self.send_as_operator(set)
    }

    pub fn set_parameters(&mut self, settings: PoolSettings) -> Result<Outcome, Failure> {
        let set = self.keys.set_parameters(&self.operator.pubkey(), settings);
        self.send_as_operator(set)
    }

    /// Pauses functions, by their bits.
    pub fn pause(&mut self, functions: u8) -> Result<Outcome, Failure> {
        let pause = self.keys.pause(&self.operator.pubkey(), functions);
        self.send_as_operator(pause)
    }

    /// Opens functions again, by their bits.
    pub fn resume(&mut self, functions: u8) -> Result<Outcome, Failure> {
        let resume = self.keys.resume(&self.operator.pubkey(), functions);
        self.send_as_operator(resume)
    }

    pub fn propose_role(&mut self, role: Role, successor: &Pubkey) -> Result<Outcome, Failure> {
        let propose = self.keys.propose_role(&self.operator.pubkey(), role, successor);
        self.send_as_operator(propose)
    }

    pub fn cancel_role_proposal(&mut self, role: Role) -> Result<Outcome, Failure> {
        let cancel = self.keys.cancel_role_proposal(&self.operator.pubkey(), role);
        self.send_as_operator(cancel)
    }

    /// `successor` takes over any role but the treasury. Whoever becomes admin is not the operator then.
    pub fn accept_role(&mut self, successor: &Keypair, role: Role) -> Result<Outcome, Failure> {
        let accept = self.keys.accept_role(&successor.pubkey(), role);
        self.send(&[accept], &[successor])
    }

    /// The token account of `owner` becomes the treasury, for the keys of this world too.
    pub fn accept_treasury(&mut self, owner: &Keypair, treasury: &Pubkey) -> Result<Outcome, Failure> {
        let accept = self.keys.accept_treasury(&owner.pubkey(), treasury);
        let outcome = self.send(&[accept], &[owner])?;
        self.keys.treasury = *treasury;
        Ok(outcome)
    }

    /// Gives SOL of the operator to the insurance.
    pub fn fund_insurance(&mut self, lamports: u64) -> Result<Outcome, Failure> {
        let fund = self.keys.fund_insurance(&self.operator.pubkey(), lamports);
        self.send_as_operator(fund)
    }

    pub fn propose_insurance_withdrawal(&mut self, lamports: u64, to: &Pubkey) -> Result<Outcome, Failure> {
        let propose = self.keys.propose_insurance_withdrawal(&self.operator.pubkey(), lamports, to);
        self.send_as_operator(propose)
    }

    pub fn cancel_insurance_withdrawal(&mut self) -> Result<Outcome, Failure> {
        let cancel = self.keys.cancel_insurance_withdrawal(&self.operator.pubkey());
        self.send_as_operator(cancel)
    }

    pub fn withdraw_insurance(&mut self, to: &Pubkey) -> Result<Outcome, Failure> {
        let withdraw = self.keys.withdraw_insurance(&self.operator.pubkey(), to);
        self.send_as_operator(withdraw)
    }

    pub(super) fn send_as_operator(&mut self, instruction: Instruction) -> Result<Outcome, Failure> {
        let operator = self.operator.insecure_clone();
        self.send(&[instruction], &[&operator])
    }
}
