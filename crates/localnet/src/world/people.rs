//! What users, liquidity providers and strangers do.

use {
    super::{OpenTicket, World},
    crate::{Failure, Outcome},
    solana_keypair::Keypair,
    solana_pubkey::Pubkey,
    solana_signer::Signer,
    tidepool_client::read_ticket,
    tidepool_interface::pda::{self, StakeRole},
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

    /// What the wallet of another program pays into the pool or gets out of it counts like a user's.
    pub fn add_vault(&mut self, wallet: &Pubkey) {
        self.vaults.push(*wallet);
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

    /// [`World::deposit`] of somebody who was sent by the owner of the token account `referrer`.
    pub fn deposit_referred(
        &mut self,
        name: &str,
        lamports: u64,
        referrer: &Pubkey,
    ) -> Result<Outcome, Failure> {
        let user = self.user(name);
        let deposit =
            self.keys.deposit_referred(&user.wallet.pubkey(), &user.lst, Some(referrer), lamports, 0);
        self.send(&[deposit], &[&user.wallet])
    }

    /// Orders the unstaking of `lst`; gives the ticket.
    pub fn order_unstake(&mut self, name: &str, lst: u64) -> Result<OpenTicket, Failure> {
        let ticket = self.next_ticket(name);
        self.send_order(name, lst)?;
        Ok(ticket)
    }

    /// [`World::order_unstake`] for those who want to know what it took; the ticket was [`World::next_ticket`].
    pub fn send_order(&mut self, name: &str, lst: u64) -> Result<Outcome, Failure> {
        let user = self.user(name);
        let ticket = self.next_ticket(name);
        let order =
            self.keys.order_unstake(&ticket.owner, &ticket.rent_payer, &user.lst, lst, 0, self.nonces);
        self.tickets.push(ticket);
        let result = self.send(&[order], &[&user.wallet]);
        // The step has dropped the ticket again if it was refused.
        self.nonces += u64::from(result.is_ok());
        result
    }

    /// The ticket of the next order, if it is this user's.
    pub fn next_ticket(&self, name: &str) -> OpenTicket {
        let owner = self.user(name).wallet.pubkey();
        let key = pda::ticket(&self.keys.pool, &owner, self.nonces).0;
        OpenTicket { key, owner, rent_payer: self.chain.faucet().pubkey() }
    }

    /// Claims for the owner, as anyone may.
    pub fn claim(&mut self, ticket: &OpenTicket) -> Result<Outcome, Failure> {
        let claim = self.keys.claim_ticket(&ticket.key, &ticket.owner, &ticket.rent_payer);
        self.send(&[claim], &[])
    }

    /// The owner turns what is unpaid of a ticket back into LST.
    ///
    /// # Panics
    /// If the ticket's owner is none of the users.
    pub fn cancel(&mut self, ticket: &OpenTicket) -> Result<Outcome, Failure> {
        let user = self.owner_of(ticket);
        let cancel = self.keys.cancel_ticket(&ticket.key, &ticket.owner, &ticket.rent_payer, &user.lst, 0);
        self.send(&[cancel], &[&user.wallet])
    }

    /// Lets the queue skip what a cancelled ticket left, as anyone may.
    pub fn release(&mut self, ticket: &OpenTicket) -> Result<Outcome, Failure> {
        let release = self.keys.release_ticket(&ticket.key, &ticket.rent_payer);
        self.send(&[release], &[])
    }

    /// The owner gives a ticket away; gives it as it is then.
    ///
    /// # Panics
    /// If the ticket's owner is none of the users.
    pub fn transfer_ticket(
        &mut self,
        ticket: &OpenTicket,
        new_owner: &Pubkey,
    ) -> Result<OpenTicket, Failure> {
        let user = self.owner_of(ticket);
        let transfer = self.keys.transfer_ticket(&ticket.key, &ticket.owner, new_owner);
        self.send(&[transfer], &[&user.wallet])?;
        let theirs = OpenTicket { owner: *new_owner, ..ticket.clone() };
        if let Some(known) = self.tickets.iter_mut().find(|known| known.key == ticket.key) {
            *known = theirs.clone();
        }
        Ok(theirs)
    }

    fn owner_of(&self, ticket: &OpenTicket) -> User {
        let mut users = self.users.values();
        let owner = users.find(|user| user.wallet.pubkey() == ticket.owner);
        owner.cloned().unwrap_or_else(|| panic!("no user owns ticket {}", ticket.key))
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

    /// Takes `lamports` from the main stake account of the pool's validator `index`, as slashing would; `None`, and nothing
    /// happens, if so much is not delegated there.
    #[must_use]
    pub fn slash(&mut self, index: usize, lamports: u64) -> Option<()> {
        let main = self.validators[index].stake(StakeRole::Main);
        self.chain.slash(&main, lamports)?;
        self.ledger.rewards -= i128::from(lamports);
        self.check_books(true);
        Some(())
    }

    /// The ticket's account, while it is open.
    pub fn ticket(&self, ticket: &OpenTicket) -> Option<tidepool_client::Ticket> {
        read_ticket(&self.data(&ticket.key)).ok()
    }
}
