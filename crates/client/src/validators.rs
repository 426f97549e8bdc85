//! How validators are entered, judged and let go, and what they put up for it.

use {
    crate::{
        cluster::{STAKE_PROGRAM, SYSTEM_PROGRAM},
        instructions::build,
        keys::{PoolKeys, ValidatorKeys},
    },
    solana_instruction::Instruction,
    solana_pubkey::Pubkey,
    std::cmp::Reverse,
    tidepool::{
        accounts, instruction,
        state::{BondTerms, Pool, ValidatorRecord, ValidatorRules},
        NewWeight, Place,
    },
    tidepool_interface::pda::{self, StakeRole},
    tidepool_math::{Lamports, Slot},
};

/// In which order keepers take stake from validators, as places in `records`, for what may move in an epoch is limited: first
/// from those that have to be left, then from those furthest beyond their target at `slot`. The program takes from nobody who
/// is not beyond his.
#[must_use]
pub fn leaving_order(pool: &Pool, records: &[ValidatorRecord], slot: Slot) -> Vec<usize> {
    let urgency = |record: &ValidatorRecord| {
        let target = pool.target_stake(record, slot).unwrap_or(Lamports::MAX);
        (record.must_leave(), Lamports(record.staked_lamports).saturating_minus(target))
    };
    let mut order: Vec<usize> = (0..records.len()).collect();
    order.sort_by_key(|place| Reverse(urgency(&records[*place])));
    order
}

impl PoolKeys {
    /// Enters a validator. Signers: `manager`, and `payer` for a new page and the entry.
    pub fn add_validator(
        &self,
        manager: &Pubkey,
        payer: &Pubkey,
        validator: &ValidatorKeys,
        weight: u32,
        group: u16,
    ) -> Instruction {
        let accounts = accounts::AddValidator {
            pool: self.pool,
            manager: *manager,
            payer: *payer,
            page: validator.page,
            entry: validator.entry,
            vote: validator.vote,
            main: validator.stake(StakeRole::Main),
            onramp: validator.stake(StakeRole::Onramp),
            offramp: validator.stake(StakeRole::Offramp),
            reserve: self.reserve,
            authority: self.authority,
            stake_program: STAKE_PROGRAM,
            system_program: SYSTEM_PROGRAM,
        };
        build(accounts, instruction::AddValidator { place: place(validator), weight, group })
    }

    /// Enters a validator that keeps the pool's rules and has a bond; anyone may. Signer: `payer`, also for the rent of the
    /// stake accounts.
    pub fn join_pool(&self, payer: &Pubkey, validator: &ValidatorKeys) -> Instruction {
        let accounts = accounts::JoinPool {
            pool: self.pool,
            payer: *payer,
            page: validator.page,
            entry: validator.entry,
            bond: self.bond(&validator.vote),
            vote: validator.vote,
            main: validator.stake(StakeRole::Main),
            onramp: validator.stake(StakeRole::Onramp),
            offramp: validator.stake(StakeRole::Offramp),
            reserve: self.reserve,
            authority: self.authority,
            stake_program: STAKE_PROGRAM,
            system_program: SYSTEM_PROGRAM,
        };
        build(accounts, instruction::JoinPool { place: place(validator) })
    }

    /// Gives validators of one page other weights and groups; `weights` fit one transaction up to 24. Signer: `manager`.
    pub fn set_weights(&self, manager: &Pubkey, page: &Pubkey, weights: Vec<NewWeight>) -> Instruction {
        let accounts = accounts::SetWeights { pool: self.pool, manager: *manager, page: *page };
        build(accounts, instruction::SetWeights { weights })
    }

    /// Lets a validator go. Signer: `manager`; anyone, for one that joined and has not kept its bond.
    pub fn drain_validator(&self, manager: &Pubkey, validator: &ValidatorKeys) -> Instruction {
        let accounts = accounts::DrainValidator {
            pool: self.pool,
            manager: *manager,
            page: validator.page,
            vote: validator.vote,
        };
        build(accounts, instruction::DrainValidator { slot_in_page: validator.slot_in_page })
    }

    /// Removes a validator that has left; anyone may.
    pub fn remove_validator(&self, validator: &ValidatorKeys) -> Instruction {
        let accounts = accounts::RemoveValidator {
            pool: self.pool,
            page: validator.page,
            entry: validator.entry,
            vote: validator.vote,
            bond: self.bond(&validator.vote),
            main: validator.stake(StakeRole::Main),
            onramp: validator.stake(StakeRole::Onramp),
            offramp: validator.stake(StakeRole::Offramp),
        };
        build(accounts, instruction::RemoveValidator { slot_in_page: validator.slot_in_page })
    }

    /// Judges a validator; anyone may.
    pub fn review_validator(&self, validator: &ValidatorKeys) -> Instruction {
        let accounts =
            accounts::ReviewValidator { pool: self.pool, page: validator.page, vote: validator.vote };
        build(accounts, instruction::ReviewValidator { slot_in_page: validator.slot_in_page })
    }

    /// Opens the bond of the validator `vote`. Signers: `owner`, its identity or withdrawer, and `payer`.
    pub fn open_bond(&self, vote: &Pubkey, owner: &Pubkey, payer: &Pubkey, terms: BondTerms) -> Instruction {
        let accounts = accounts::OpenBond {
            pool: self.pool,
            vote: *vote,
            owner: *owner,
            payer: *payer,
            bond: self.bond(vote),
            system_program: SYSTEM_PROGRAM,
        };
        build(accounts, instruction::OpenBond { terms })
    }

    /// Posts SOL of `payer`, who signs, to a bond.
    pub fn post_bond(&self, vote: &Pubkey, payer: &Pubkey, lamports: u64) -> Instruction {
        let accounts = accounts::PostBond {
            pool: self.pool,
            bond: self.bond(vote),
            payer: *payer,
            system_program: SYSTEM_PROGRAM,
        };
        build(accounts, instruction::PostBond { lamports })
    }

    /// Promises something else; what is worse for the pool holds after the notice. Signer: `owner`.
    pub fn set_bond_terms(&self, vote: &Pubkey, owner: &Pubkey, terms: BondTerms) -> Instruction {
        build(self.own_bond(vote, owner), instruction::SetBondTerms { terms })
    }

    /// Asks for a part of a bond back; 0 takes the request back. Signer: `owner`.
    pub fn request_bond_withdrawal(&self, vote: &Pubkey, owner: &Pubkey, lamports: u64) -> Instruction {
        build(self.own_bond(vote, owner), instruction::RequestBondWithdrawal { lamports })
    }

    /// Takes out of a bond what was asked for, once the notice is over. Signer: `owner`.
    pub fn withdraw_bond(&self, vote: &Pubkey, owner: &Pubkey) -> Instruction {
        build(self.own_bond(vote, owner), instruction::WithdrawBond {})
    }

    fn own_bond(&self, vote: &Pubkey, owner: &Pubkey) -> accounts::OwnBond {
        accounts::OwnBond { pool: self.pool, bond: self.bond(vote), owner: *owner }
    }

    /// Takes what a bond owes; anyone may.
    pub fn settle_bond(&self, validator: &ValidatorKeys) -> Instruction {
        let accounts = accounts::SettleBond {
            pool: self.pool,
            page: validator.page,
            bond: self.bond(&validator.vote),
            reserve: self.reserve,
        };
        build(accounts, instruction::SettleBond { slot_in_page: validator.slot_in_page })
    }

    /// Sets what validators have to keep to. Signer: `admin`.
    pub fn set_validator_rules(&self, admin: &Pubkey, rules: ValidatorRules) -> Instruction {
        let accounts = accounts::SetValidatorRules { pool: self.pool, admin: *admin };
        build(accounts, instruction::SetValidatorRules { rules })
    }

    /// Where a validator's entry is.
    pub fn entry(&self, vote: &Pubkey) -> Pubkey {
        pda::entry(&self.pool, vote).0
    }

    /// Where a validator's bond is.
    pub fn bond(&self, vote: &Pubkey) -> Pubkey {
        pda::bond(&self.pool, vote).0
    }
}

fn place(validator: &ValidatorKeys) -> Place {
    let ValidatorKeys { page_index, slot_in_page, generation, .. } = *validator;
    Place { page_index, slot_in_page, generation }
}
