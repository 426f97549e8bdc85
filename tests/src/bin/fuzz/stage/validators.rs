//! What the manager does with validators, what they put up for their conduct, and the insurance.

use {
    super::{agree, amounts::amount, Difference, Done, Stage},
    crate::{
        action::{Size, Who},
        setup::rules_of,
    },
    solana_keypair::Keypair,
    solana_signer::Signer,
    tidepool_client::{BondTerms, NewWeight, ValidatorRules},
    tidepool_localnet::{Failure, Outcome},
    tidepool_tests::model::{Amount, Refusal, Terms},
};

fn terms_of(terms: &BondTerms) -> Terms {
    Terms { commission: terms.commission_bps.into(), bid_ppb: terms.bid_ppb.into() }
}

impl Stage {
    fn place(&self, validator: usize) -> usize {
        validator % self.validators.len()
    }

    /// The key of those who own a validator's bond: whoever may withdraw from its vote account.
    fn owner(&self, validator: usize) -> Keypair {
        self.chain.validator(validator).withdrawer.insecure_clone()
    }

    pub(super) fn set_weight(
        &mut self,
        by: Who,
        validator: usize,
        weight: u32,
        group: u16,
    ) -> Result<Done, Difference> {
        let (signer, key) = self.signer(by);
        let index = self.place(validator);
        let predicted = self.model.set_weight(signer, index, weight.into(), group.into());
        let keys = self.validators[index];
        let new = NewWeight { slot_in_page: keys.slot_in_page, vote: keys.vote, weight, group };
        let real = self.send(&self.keys.set_weights(&key.pubkey(), &keys.page, vec![new]), &[&key]);
        agree(predicted.map(|()| String::new()), real)
    }

    pub(super) fn drain(&mut self, by: Who, validator: usize) -> Result<Done, Difference> {
        let (signer, key) = self.signer(by);
        let index = self.place(validator);
        let predicted = self.model.drain(signer, index);
        let real = self.send(&self.keys.drain_validator(&key.pubkey(), &self.validators[index]), &[&key]);
        agree(predicted.map(|()| String::new()), real)
    }

    pub(super) fn add(
        &mut self,
        by: Who,
        validator: usize,
        weight: u32,
        group: u16,
    ) -> Result<Done, Difference> {
        let (signer, key) = self.signer(by);
        let index = self.place(validator);
        let predicted = self.model.add(signer, index, weight.into(), group.into());
        let payer = self.chain.faucet().pubkey();
        let keys = self.validators[index];
        let add = self.keys.add_validator(&key.pubkey(), &payer, &keys, weight, group);
        let real = self.send(&add, &[&key]);
        agree(predicted.map(|()| String::new()), real)
    }

    pub(super) fn set_rules(&mut self, by: Who, rules: ValidatorRules) -> Result<Done, Difference> {
        let (signer, key) = self.signer(by);
        let predicted = self.model.set_rules(signer, rules_of(&rules));
        let real = self.send(&self.keys.set_validator_rules(&key.pubkey(), rules), &[&key]);
        agree(predicted.map(|()| String::new()), real)
    }

    pub(super) fn open_bond(&mut self, validator: usize, terms: BondTerms) -> Result<Done, Difference> {
        let index = self.place(validator);
        let predicted = self.model.open_bond(index, terms_of(&terms));
        let (vote, owner) = (self.validators[index].vote, self.owner(index));
        let payer = self.chain.faucet().pubkey();
        let real = self.send(&self.keys.open_bond(&vote, &owner.pubkey(), &payer, terms), &[&owner]);
        agree(predicted.map(|()| String::new()), real)
    }

    /// A step with a bond; nothing while there is none.
    fn with_bond(
        &mut self,
        validator: usize,
        step: impl FnOnce(&mut Self, usize) -> (Result<Amount, Refusal>, Result<Outcome, Failure>),
    ) -> Result<Done, Difference> {
        let index = self.place(validator);
        if self.model.books.bonds[index].is_none() {
            return Ok(Done::Idle);
        }
        let (predicted, real) = step(self, index);
        agree(predicted.map(|lamports| format!("{lamports} lamports")), real)
    }

    pub(super) fn join(&mut self, validator: usize) -> Result<Done, Difference> {
        self.with_bond(validator, |stage, index| {
            let predicted = stage.model.join(index).map(|()| 0);
            let payer = stage.chain.faucet().pubkey();
            let join = stage.keys.join_pool(&payer, &stage.validators[index]);
            (predicted, stage.send(&join, &[]))
        })
    }

    pub(super) fn settle_bond(&mut self, validator: usize) -> Result<Done, Difference> {
        self.with_bond(validator, |stage, index| {
            let predicted = stage.model.settle_bond(index);
            (predicted, stage.send(&stage.keys.settle_bond(&stage.validators[index]), &[]))
        })
    }

    pub(super) fn post_bond(
        &mut self,
        user: usize,
        validator: usize,
        size: Size,
    ) -> Result<Done, Difference> {
        self.with_bond(validator, |stage, index| {
            let lamports = amount(size, stage.model.books.people[user].sol);
            let predicted = stage.model.post_bond(user, index, lamports.into()).map(|()| lamports.into());
            let wallet = stage.people[user].wallet.insecure_clone();
            let post = stage.keys.post_bond(&stage.validators[index].vote, &wallet.pubkey(), lamports);
            (predicted, stage.send(&post, &[&wallet]))
        })
    }

    pub(super) fn set_terms(&mut self, validator: usize, terms: BondTerms) -> Result<Done, Difference> {
        self.with_bond(validator, |stage, index| {
            let predicted = stage.model.set_terms(index, terms_of(&terms)).map(|()| 0);
            let owner = stage.owner(index);
            let set = stage.keys.set_bond_terms(&stage.validators[index].vote, &owner.pubkey(), terms);
            (predicted, stage.send(&set, &[&owner]))
        })
    }

    pub(super) fn ask_for_bond(&mut self, validator: usize, size: Size) -> Result<Done, Difference> {
        self.with_bond(validator, |stage, index| {
            let has = stage.model.books.bonds[index].map_or(0, |bond| bond.posted);
            let lamports = amount(size, has);
            let predicted = stage.model.ask_for_bond(index, lamports.into()).map(|()| lamports.into());
            let (vote, owner) = (stage.validators[index].vote, stage.owner(index));
            let ask = stage.keys.request_bond_withdrawal(&vote, &owner.pubkey(), lamports);
            (predicted, stage.send(&ask, &[&owner]))
        })
    }

    pub(super) fn withdraw_bond(&mut self, validator: usize) -> Result<Done, Difference> {
        self.with_bond(validator, |stage, index| {
            let predicted = stage.model.withdraw_bond(index);
            let owner = stage.owner(index);
            let withdraw = stage.keys.withdraw_bond(&stage.validators[index].vote, &owner.pubkey());
            (predicted, stage.send(&withdraw, &[&owner]))
        })
    }

    pub(super) fn fund_insurance(&mut self, user: usize, size: Size) -> Result<Done, Difference> {
        let lamports = amount(size, self.model.books.people[user].sol);
        let predicted = self.model.fund_insurance_by(user, lamports.into());
        let wallet = self.people[user].wallet.insecure_clone();
        let real = self.send(&self.keys.fund_insurance(&wallet.pubkey(), lamports), &[&wallet]);
        agree(predicted.map(|()| format!("{lamports} lamports")), real)
    }

    pub(super) fn propose_insurance(&mut self, by: Who, size: Size, to: usize) -> Result<Done, Difference> {
        let (signer, key) = self.signer(by);
        let lamports = amount(size, self.model.books.pool.insurance);
        let predicted = self.model.propose_insurance(signer, lamports.into(), to);
        let address = self.people[to].wallet.pubkey();
        let propose = self.keys.propose_insurance_withdrawal(&key.pubkey(), lamports, &address);
        let real = self.send(&propose, &[&key]);
        agree(predicted.map(|()| format!("{lamports} lamports")), real)
    }

    pub(super) fn cancel_insurance(&mut self, by: Who) -> Result<Done, Difference> {
        let (signer, key) = self.signer(by);
        let predicted = self.model.cancel_insurance(signer);
        let real = self.send(&self.keys.cancel_insurance_withdrawal(&key.pubkey()), &[&key]);
        agree(predicted.map(|()| String::new()), real)
    }

    pub(super) fn withdraw_insurance(&mut self, by: Who) -> Result<Done, Difference> {
        let (signer, key) = self.signer(by);
        let to = self.model.books.pool.insurance_withdrawal.map_or(0, |withdrawal| withdrawal.to);
        let predicted = self.model.withdraw_insurance(signer);
        let address = self.people[to].wallet.pubkey();
        let real = self.send(&self.keys.withdraw_insurance(&key.pubkey(), &address), &[&key]);
        agree(predicted.map(|paid| format!("{paid} lamports")), real)
    }
}
