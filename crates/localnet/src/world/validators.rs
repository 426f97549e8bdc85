//! What keepers, the manager and validators do with the validators of the pool.

use {
    super::World,
    crate::{Failure, Outcome, LAMPORTS_PER_SOL},
    solana_instruction::Instruction,
    solana_keypair::Keypair,
    solana_pubkey::Pubkey,
    solana_signer::Signer,
    tidepool_client::{
        read_bond, read_page, Bond, BondTerms, NewWeight, PoolKeys, ValidatorKeys, ValidatorRecord,
        ValidatorRules,
    },
};

/// How an instruction about one validator is built.
type ForValidator = fn(&PoolKeys, &ValidatorKeys) -> Instruction;

impl World {
    /// Numbers of the validators that have a record.
    pub fn listed(&self) -> Vec<usize> {
        (0..self.validators.len()).filter(|index| self.record(*index).is_listed()).collect()
    }

    /// Judges a validator.
    pub fn review(&mut self, index: usize) -> Result<Outcome, Failure> {
        let review = self.keys.review_validator(&self.validators[index]);
        self.send(&[review], &[])
    }

    /// Judges every validator, some of them in a transaction.
    pub fn review_all(&mut self) -> Result<(), Failure> {
        self.send_for(&self.listed(), PoolKeys::review_validator)
    }

    /// Settles a validator's bond.
    pub fn settle(&mut self, index: usize) -> Result<Outcome, Failure> {
        let settle = self.keys.settle_bond(&self.validators[index]);
        self.send(&[settle], &[])
    }

    /// Settles every bond there is.
    pub fn settle_all(&mut self) -> Result<(), Failure> {
        let bonded: Vec<usize> =
            self.listed().into_iter().filter(|index| self.bond(*index).is_some()).collect();
        self.send_for(&bonded, PoolKeys::settle_bond)
    }

    /// Sends stake away from validators that have to be left, which need not wait for the move window.
    pub fn leave_at_once(&mut self) -> Result<(), Failure> {
        let mut left = self.listed();
        left.retain(|index| {
            let record = self.record(*index);
            record.must_leave() && record.staked_lamports > 0
        });
        self.send_for(&left, PoolKeys::undelegate)
    }

    fn send_for(&mut self, indices: &[usize], build: ForValidator) -> Result<(), Failure> {
        const PER_TRANSACTION: usize = 6;
        for some in indices.chunks(PER_TRANSACTION) {
            let calls: Vec<Instruction> =
                some.iter().map(|index| build(&self.keys, &self.validators[*index])).collect();
            self.send(&calls, &[])?;
        }
        Ok(())
    }

    /// Changes the rules for validators.
    ///
    /// # Panics
    /// If the pool cannot be read.
    pub fn set_rules(&mut self, change: impl FnOnce(&mut ValidatorRules)) -> Result<Outcome, Failure> {
        let mut rules = self.pool().rules;
        change(&mut rules);
        let set = self.keys.set_validator_rules(&self.operator.pubkey(), rules);
        self.send_as_operator(set)
    }

    /// Changes the weight and the group of a validator.
    ///
    /// # Panics
    /// If there is no such record.
    pub fn reweigh(&mut self, index: usize, weight: u32, group: u16) -> Result<Outcome, Failure> {
        let ValidatorKeys { vote, page, slot_in_page, .. } = self.validators[index];
        let new = NewWeight { slot_in_page, vote, weight, group };
        let set = self.keys.set_weights(&self.operator.pubkey(), &page, vec![new]);
        self.send_as_operator(set)
    }

    pub fn drain(&mut self, index: usize) -> Result<Outcome, Failure> {
        let drain = self.keys.drain_validator(&self.operator.pubkey(), &self.validators[index]);
        self.send_as_operator(drain)
    }

    /// Removes a validator that has left. Its number stays, without a record.
    pub fn remove(&mut self, index: usize) -> Result<Outcome, Failure> {
        let remove = self.keys.remove_validator(&self.validators[index]);
        self.send(&[remove], &[])
    }

    /// Enters a validator that was removed again, in the same slot of its page.
    pub fn enter_again(&mut self, index: usize, weight: u32, generation: u32) -> Result<Outcome, Failure> {
        let before = self.validators[index];
        let validator = self.keys.validator_of_generation(&before.vote, index, generation);
        let operator = self.operator.pubkey();
        let enter = self.keys.add_validator(&operator, &operator, &validator, weight, 0);
        let held = self.held();
        self.validators[index] = validator;
        let found = self.held() - held; // what strangers have left at its addresses
        self.ledger.paid_in += found;
        let outcome = self.send_as_operator(enter);
        if outcome.is_err() {
            self.ledger.paid_in -= found;
            self.validators[index] = before;
        }
        outcome
    }

    /// The bond of validator `index` of the pool, if it has one.
    pub fn bond(&self, index: usize) -> Option<Bond> {
        let account = self.account(&self.keys.bond(&self.validators[index].vote))?;
        read_bond(&account.data).ok()
    }

    /// Opens the bond of validator `index` of the chain by its identity, and posts `lamports`, which the identity is given.
    pub fn open_bond(&mut self, index: usize, terms: BondTerms, lamports: u64) -> Result<Outcome, Failure> {
        let (vote, identity) = self.bond_keys(index);
        self.watch(identity.pubkey(), &vote);
        self.chain.add_lamports(&identity.pubkey(), lamports + LAMPORTS_PER_SOL);
        let owner = identity.pubkey();
        let mut calls = vec![self.keys.open_bond(&vote, &owner, &owner, terms)];
        if lamports > 0 {
            calls.push(self.keys.post_bond(&vote, &owner, lamports));
        }
        self.send(&calls, &[&identity])
    }

    /// Posts SOL of the operator to a bond.
    pub fn post_bond(&mut self, index: usize, lamports: u64) -> Result<Outcome, Failure> {
        let (vote, _) = self.bond_keys(index);
        let post = self.keys.post_bond(&vote, &self.operator.pubkey(), lamports);
        self.send_as_operator(post)
    }

    pub fn set_bond_terms(&mut self, index: usize, terms: BondTerms) -> Result<Outcome, Failure> {
        let (vote, identity) = self.bond_keys(index);
        let set = self.keys.set_bond_terms(&vote, &identity.pubkey(), terms);
        self.send(&[set], &[&identity])
    }

    pub fn request_bond_withdrawal(&mut self, index: usize, lamports: u64) -> Result<Outcome, Failure> {
        let (vote, identity) = self.bond_keys(index);
        let request = self.keys.request_bond_withdrawal(&vote, &identity.pubkey(), lamports);
        self.send(&[request], &[&identity])
    }

    pub fn withdraw_bond(&mut self, index: usize) -> Result<Outcome, Failure> {
        let (vote, identity) = self.bond_keys(index);
        let withdraw = self.keys.withdraw_bond(&vote, &identity.pubkey());
        self.send(&[withdraw], &[&identity])
    }

    /// Validator `index` of the chain, which has a bond, joins as the pool's next one; the operator pays its entry's rent.
    pub fn join(&mut self, index: usize) -> Result<Outcome, Failure> {
        let validator = self.keys.validator(&self.chain.validator(index).vote, self.validators.len());
        let join = self.keys.join_pool(&self.operator.pubkey(), &validator);
        self.enter(validator, join)
    }

    /// Sends what enters a validator as the pool's next one.
    pub(super) fn enter(&mut self, validator: ValidatorKeys, enter: Instruction) -> Result<Outcome, Failure> {
        let held = self.held();
        self.validators.push(validator);
        let found = (self.held() - held) as u64; // sent to its addresses before they were anybody's
        self.ledger.gifts += found;
        let outcome = self.send_as_operator(enter);
        if outcome.is_err() {
            self.ledger.gifts -= found;
            self.validators.pop();
        }
        outcome
    }

    /// Records of all validators there are.
    pub(super) fn records(&self) -> Vec<ValidatorRecord> {
        let mut pages: Vec<Pubkey> = self.validators.iter().map(|validator| validator.page).collect();
        pages.sort();
        pages.dedup();
        let pages = pages.iter().filter_map(|page| read_page(&self.account(page)?.data).ok());
        pages.flat_map(|page| page.records).filter(ValidatorRecord::is_listed).collect()
    }

    fn bond_keys(&self, index: usize) -> (Pubkey, Keypair) {
        let validator = self.chain.validator(index);
        (validator.vote, validator.identity.insecure_clone())
    }

    /// From now on the ledger knows of a bond and of its owner's wallet.
    fn watch(&mut self, owner: Pubkey, vote: &Pubkey) {
        let bond = self.keys.bond(vote);
        self.watch_bond(&bond);
        if !self.vaults.contains(&owner) {
            self.vaults.push(owner);
        }
    }

    /// From now on the ledger knows of a bond that is opened other than by [`World::open_bond`].
    pub fn watch_bond(&mut self, bond: &Pubkey) {
        if !self.bonds.contains(bond) {
            let held = self.chain.lamports(bond); // a stranger's gift
            self.bonds.push(*bond);
            self.ledger.gifts += held;
        }
    }
}
