//! What users, liquidity providers and strangers do.

use {
    super::{OpenTicket, World},
    crate::{Failure, Outcome},
    solana_keypair::Keypair,
    solana_pubkey::Pubkey,
    solana_signer::Signer,
    tidepool_client::read_ticket,
    tidepool_interface::pda,
};

/// Somebody with a wallet, a token account for the LST and one for liquidity shares.
#[derive(Debug)]
pub struct User {
    pub wallet: Keypair,
    pub lst: Pubkey,
    pub lp: Pubkey,
}

impl Clone for User {
    fn clone(&self) -> Self {
        Self { wallet: self.wallet.insecure_clone(), lst: self.lst, lp: self.lp }
    }
}

impl World {
    /// Makes a user with `lamports` in the wallet.
    pub fn with_user(mut self, name: &str, lamports: u64) -> Result<Self, Failure> {
        self.add_user(name, lamports)?;
        Ok(self)
    }

    pub fn add_user(&mut self, name: &str, lamports: u64) -> Result<User, Failure> {
        let wallet = self.chain.wallet(name, lamports)?;
        let lst = self.chain.create_token_account(&self.keys.lst_mint, &wallet.pubkey())?;
        let lp = self.chain.create_token_account(&self.keys.lp_mint, &wallet.pubkey())?;
        let user = User { wallet, lst, lp };
        self.users.insert(name.to_string(), user.clone());
        Ok(user)
    }

    /// # Panics
    /// If nobody has that name.
    pub fn user(&self, name: &str) -> User {
        self.users.get(name).cloned().unwrap_or_else(|| panic!("no user {name}"))
    }

    pub fn users(&self) -> impl Iterator<Item = (&str, &User)> {
        self.users.iter().map(|(name, user)| (name.as_str(), user))
    }

    /// LST in the user's token account.
    pub fn lst_of(&self, name: &str) -> u64 {
        self.chain.token_balance(&self.user(name).lst)
    }

    pub fn lp_of(&self, name: &str) -> u64 {
        self.chain.token_balance(&self.user(name).lp)
    }

    pub fn sol_of(&self, name: &str) -> u64 {
        self.chain.lamports(&self.user(name).wallet.pubkey())
    }

    pub fn deposit(&mut self, name: &str, lamports: u64) -> Result<Outcome, Failure> {
        let user = self.user(name);
        let deposit = self.keys.deposit(&user.wallet.pubkey(), &user.lst, lamports, 0);
        self.send(&[deposit], &[&user.wallet])
    }

    /// Orders the unstaking of `lst`; gives the ticket.
    pub fn order_unstake(&mut self, name: &str, lst: u64) -> Result<OpenTicket, Failure> {
        let user = self.user(name);
        let owner = user.wallet.pubkey();
        let rent_payer = self.chain.faucet().pubkey();
        let nonce = self.nonces;
        let ticket = OpenTicket { key: pda::ticket(&self.keys.pool, &owner, nonce).0, owner, rent_payer };
        let order = self.keys.order_unstake(&owner, &rent_payer, &user.lst, lst, 0, nonce);
        self.tickets.push(ticket.clone());
        let result = self.send(&[order], &[&user.wallet]);
        if result.is_err() {
            self.tickets.pop();
        }
        result?;
        self.nonces += 1;
        Ok(ticket)
    }

    /// Claims for the owner, as anyone may.
    pub fn claim(&mut self, ticket: &OpenTicket) -> Result<Outcome, Failure> {
        let claim = self.keys.claim_ticket(&ticket.key, &ticket.owner, &ticket.rent_payer);
        self.send(&[claim], &[])
    }

    pub fn liquid_unstake(&mut self, name: &str, lst: u64) -> Result<Outcome, Failure> {
        let user = self.user(name);
        let exit = self.keys.liquid_unstake(&user.wallet.pubkey(), &user.lst, lst, 0);
        self.send(&[exit], &[&user.wallet])
    }

    pub fn add_liquidity(&mut self, name: &str, lamports: u64) -> Result<Outcome, Failure> {
        let user = self.user(name);
        let add = self.keys.add_liquidity(&user.wallet.pubkey(), &user.lp, lamports, 0);
        self.send(&[add], &[&user.wallet])
    }

    pub fn remove_liquidity(&mut self, name: &str, lp: u64) -> Result<Outcome, Failure> {
        let user = self.user(name);
        let remove = self.keys.remove_liquidity(&user.wallet.pubkey(), &user.lp, &user.lst, lp, 0, 0);
        self.send(&[remove], &[&user.wallet])
    }

    /// A stranger sends lamports to any account.
    pub fn give(&mut self, to: &Pubkey, lamports: u64) -> Result<(), Failure> {
        self.chain.airdrop(to, lamports)?;
        if self.held_accounts().contains(to) {
            self.ledger.gifts += lamports;
        }
        self.check_books(true);
        Ok(())
    }

    /// The ticket's account, while it is open.
    pub fn ticket(&self, ticket: &OpenTicket) -> Option<tidepool_client::Ticket> {
        read_ticket(&self.data(&ticket.key)).ok()
    }
}
