//! What admin and guardian do, and those who would like to be that.

use {
    super::{agree, Difference, Done, Stage},
    crate::{
        action::{Who, PEOPLE},
        setup::{fees_of, settings_of},
    },
    solana_keypair::Keypair,
    solana_pubkey::Pubkey,
    solana_signer::Signer,
    tidepool_client::{PoolFees, PoolSettings, Role},
    tidepool_tests::model::Keeper,
};

/// Label of the key that owns the first treasury; `World` makes it.
const TREASURY: &str = "treasury";

impl Stage {
    /// Who has a role now, or somebody who may have none, and his key.
    pub(super) fn signer(&self, by: Who) -> (Keeper, Keypair) {
        let who = match by {
            Who::Admin => self.model.books.pool.holders[Role::Admin as usize],
            Who::Manager => self.model.books.pool.holders[Role::Manager as usize],
            Who::Guardian => self.model.books.pool.holders[Role::Guardian as usize],
            Who::Stranger => Keeper::Person(0),
        };
        (who, self.key_of(who))
    }

    pub(super) fn key_of(&self, who: Keeper) -> Keypair {
        match who {
            Keeper::Founder => self.admin.insecure_clone(),
            Keeper::Watchman => self.guardian.insecure_clone(),
            Keeper::Person(index) => self.people[index].wallet.insecure_clone(),
        }
    }

    /// What a role is proposed to: a wallet or, for the treasury, a token account.
    pub fn address_of(&self, role: Role, who: Keeper) -> Pubkey {
        match (role, who) {
            (Role::Treasury, Keeper::Person(index)) => self.people[index].lst,
            (Role::Treasury, _) => self.first_treasury,
            (_, who) => self.key_of(who).pubkey(),
        }
    }

    pub(super) fn propose_role(&mut self, by: Who, role: u8, to: u8) -> Result<Done, Difference> {
        let (signer, key) = self.signer(by);
        let (role, who) = (role_of(role), who_of(to));
        let predicted = self.model.propose_role(signer, role as usize, who);
        let successor = self.address_of(role, who);
        let real = self.send(&self.keys.propose_role(&key.pubkey(), role, &successor), &[&key]);
        agree(predicted.map(|()| format!("{role:?} to {who:?}")), real)
    }

    pub(super) fn cancel_role(&mut self, by: Who, role: u8) -> Result<Done, Difference> {
        let (signer, key) = self.signer(by);
        let role = role_of(role);
        let predicted = self.model.cancel_role_proposal(signer, role as usize);
        let real = self.send(&self.keys.cancel_role_proposal(&key.pubkey(), role), &[&key]);
        agree(predicted.map(|()| format!("{role:?}")), real)
    }

    /// By who was proposed, unless another is named.
    pub(super) fn accept_role(&mut self, role: u8, by: Option<u8>) -> Result<Done, Difference> {
        let role = role_of(role);
        let proposed = self.model.books.pool.proposed[role as usize];
        let who = by.map(who_of).or(proposed).unwrap_or(Keeper::Person(0));
        let predicted = self.model.accept_role(role as usize, who);
        let real = match role {
            Role::Treasury => {
                let account = self.address_of(role, who);
                let owner = match who {
                    Keeper::Person(_) => self.key_of(who),
                    _ => self.chain.keypair(TREASURY),
                };
                let accept = self.keys.accept_treasury(&owner.pubkey(), &account);
                let real = self.send(&accept, &[&owner]);
                if real.is_ok() {
                    self.keys.treasury = account;
                }
                real
            }
            _ => {
                let key = self.key_of(who);
                self.send(&self.keys.accept_role(&key.pubkey(), role), &[&key])
            }
        };
        agree(predicted.map(|()| format!("{role:?} to {who:?}")), real)
    }

    pub(super) fn set_fees(&mut self, by: Who, fees: PoolFees) -> Result<Done, Difference> {
        let (signer, key) = self.signer(by);
        let predicted = self.model.set_fees(signer, fees_of(&fees));
        let real = self.send(&self.keys.set_fees(&key.pubkey(), fees), &[&key]);
        agree(predicted.map(|()| String::new()), real)
    }

    pub(super) fn set_parameters(
        &mut self,
        by: Who,
        shares: [u16; 5],
        lamports: [u64; 4],
    ) -> Result<Done, Difference> {
        let settings = PoolSettings {
            reserve_target_bps: shares[0],
            move_window_bps: shares[1],
            max_validator_bps: shares[2],
            max_move_bps: shares[3],
            breaker_bps: shares[4],
            min_deposit_lamports: lamports[0],
            deposit_cap_lamports: lamports[1],
            instant_cap_lamports_per_day: lamports[2],
            liquidity_target_lamports: lamports[3],
        };
        let (signer, key) = self.signer(by);
        let predicted = self.model.set_parameters(signer, settings_of(&settings), lamports[3].into());
        let real = self.send(&self.keys.set_parameters(&key.pubkey(), settings), &[&key]);
        agree(predicted.map(|()| String::new()), real)
    }

    pub(super) fn pause(&mut self, by: Who, functions: u8) -> Result<Done, Difference> {
        let (signer, key) = self.signer(by);
        let predicted = self.model.pause(signer, functions);
        let real = self.send(&self.keys.pause(&key.pubkey(), functions), &[&key]);
        agree(predicted.map(|()| String::new()), real)
    }

    pub(super) fn resume(&mut self, by: Who, functions: u8) -> Result<Done, Difference> {
        let (signer, key) = self.signer(by);
        let predicted = self.model.resume(signer, functions);
        let real = self.send(&self.keys.resume(&key.pubkey(), functions), &[&key]);
        agree(predicted.map(|()| String::new()), real)
    }
}

fn role_of(number: u8) -> Role {
    Role::ALL[usize::from(number) % Role::ALL.len()]
}

/// One of the people, the founder or the watchman.
fn who_of(number: u8) -> Keeper {
    match number % (PEOPLE + 2) {
        PEOPLE => Keeper::Founder,
        person if person < PEOPLE => Keeper::Person(person.into()),
        _ => Keeper::Watchman,
    }
}
