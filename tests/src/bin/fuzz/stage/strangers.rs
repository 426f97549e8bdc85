//! What people do outside of the program: gifts, burns, transfers.

use {
    super::{amounts::amount, unexpected, Difference, Done, Stage},
    crate::action::{Holder, Place, Size},
    solana_instruction::{AccountMeta, Instruction},
    solana_pubkey::Pubkey,
    solana_signer::Signer,
    tidepool_interface::pda,
    tidepool_localnet::world::User,
    tidepool_tests::model::Amount,
};

/// Tags of the token program.
const TRANSFER: u8 = 3;
const BURN: u8 = 8;

impl Stage {
    pub(super) fn gift(&mut self, to: Place, lamports: u64) -> Result<Done, Difference> {
        let mut lamports = lamports;
        let validator = |index: u8| usize::from(index) % self.validators.len();
        let key = match to {
            Place::Reserve => self.keys.reserve,
            Place::Insurance => self.keys.insurance,
            Place::LiquiditySol => self.keys.sol_vault,
            Place::Stake(index, role) => {
                if !self.model.books.stakes[validator(index)][usize::from(role)].now.is_open {
                    lamports = lamports.max(self.model.cluster.wallet_rent as u64);
                }
                self.validators[validator(index)].stakes[usize::from(role)]
            }
            Place::Ticket(_) if self.tickets.is_empty() => return Ok(Done::Idle),
            Place::Ticket(index) => self.tickets[usize::from(index) % self.tickets.len()].key,
            Place::NextTicket(user) => {
                lamports = lamports.max(self.model.cluster.wallet_rent as u64);
                let owner = self.people[usize::from(user)].wallet.pubkey();
                pda::ticket(&self.keys.pool, &owner, self.next_tickets[usize::from(user)].nonce).0
            }
            Place::Bond(index) => {
                lamports = lamports.max(self.model.cluster.wallet_rent as u64);
                self.keys.bond(&self.validators[validator(index)].vote)
            }
            Place::Elsewhere(index) => self.elsewhere.0[usize::from(index) % self.elsewhere.0.len()],
        };
        self.chain.airdrop(&key, lamports).map_err(|failure| unexpected("a gift", &failure))?;
        let gift = Amount::from(lamports);
        let books = &mut self.model.books;
        match to {
            Place::Reserve => books.vaults.reserve += gift,
            Place::Insurance => books.vaults.insurance += gift,
            Place::LiquiditySol => books.vaults.liquidity_sol += gift,
            Place::Stake(index, role) => {
                books.stakes[usize::from(index) % self.validators.len()][usize::from(role)].now.lamports +=
                    gift;
            }
            Place::Ticket(index) => {
                let place = usize::from(index) % books.tickets.len();
                books.tickets[place].held += gift;
            }
            Place::NextTicket(user) => self.next_tickets[usize::from(user)].gift += gift,
            Place::Bond(index) => {
                let index = usize::from(index) % self.validators.len();
                match &mut books.bonds[index] {
                    Some(bond) => bond.held += gift,
                    None => books.bond_gifts[index] += gift,
                }
            }
            Place::Elsewhere(_) => books.vaults.elsewhere += gift,
        }
        Ok(Done::Ok(format!("{lamports} lamports")))
    }

    pub(super) fn burn(&mut self, user: usize, size: Size, is_lst: bool) -> Result<Done, Difference> {
        let person = self.model.books.people[user];
        let has = if is_lst { person.lst } else { person.lp };
        let burned = amount(size, has).min(has as u64);
        if burned == 0 {
            return Ok(Done::Idle);
        }
        let User { wallet, lst, lp } = self.people[user].clone();
        let (mint, from) = if is_lst { (self.keys.lst_mint, lst) } else { (self.keys.lp_mint, lp) };
        let burn =
            token_instruction(&self.keys.token_program, BURN, burned, &[&from, &mint], &wallet.pubkey());
        self.send(&burn, &[&wallet]).map_err(|failure| unexpected("a burn", &failure))?;
        match is_lst {
            true => self.model.burn_lst(user, burned.into()),
            false => self.model.burn_lp(user, burned.into()),
        }
        Ok(Done::Ok(format!("{burned} tokens")))
    }

    pub(super) fn send_tokens(
        &mut self,
        user: usize,
        size: Size,
        to: Holder,
        is_lst: bool,
    ) -> Result<Done, Difference> {
        let person = self.model.books.people[user];
        let has = if is_lst { person.lst } else { person.lp };
        let sent = amount(size, has).min(has as u64);
        let is_taker = match to {
            Holder::Person(other) => usize::from(other) != user,
            Holder::LiquidityVault => is_lst,
            Holder::Treasury => is_lst && self.model.books.vaults.treasury_is_usable,
            Holder::Dead => true,
        };
        if sent == 0 || !is_taker {
            return Ok(Done::Idle);
        }
        let User { wallet, lst, lp } = self.people[user].clone();
        let from = if is_lst { lst } else { lp };
        let address = match (to, is_lst) {
            (Holder::Person(other), true) => self.people[usize::from(other)].lst,
            (Holder::Person(other), false) => self.people[usize::from(other)].lp,
            (Holder::LiquidityVault, _) => self.keys.lst_vault,
            (Holder::Treasury, _) => self.first_treasury,
            (Holder::Dead, true) => self.keys.dead_lst,
            (Holder::Dead, false) => self.keys.dead_lp,
        };
        let transfer =
            token_instruction(&self.keys.token_program, TRANSFER, sent, &[&from, &address], &wallet.pubkey());
        self.send(&transfer, &[&wallet]).map_err(|failure| unexpected("a transfer", &failure))?;
        let books = &mut self.model.books;
        let amount = Amount::from(sent);
        *(if is_lst { &mut books.people[user].lst } else { &mut books.people[user].lp }) -= amount;
        *(match (to, is_lst) {
            (Holder::Person(other), true) => &mut books.people[usize::from(other)].lst,
            (Holder::Person(other), false) => &mut books.people[usize::from(other)].lp,
            (Holder::LiquidityVault, _) => &mut books.vaults.liquidity_lst,
            (Holder::Treasury, _) => &mut books.vaults.treasury_lst,
            (Holder::Dead, true) => &mut books.vaults.dead_lst,
            (Holder::Dead, false) => &mut books.vaults.dead_lp,
        }) += amount;
        Ok(Done::Ok(format!("{sent} tokens")))
    }

    pub(super) fn treasury(&mut self, is_usable: bool) -> Result<Done, Difference> {
        /// Where a token account says whether it is initialized (1) or frozen (2).
        const STATE: usize = 108;
        if self.model.books.vaults.treasury_is_usable == is_usable {
            return Ok(Done::Idle);
        }
        let mut account = self.chain.account(&self.first_treasury).unwrap_or_default();
        account.data[STATE] = if is_usable { 1 } else { 2 };
        self.chain.set_account(&self.first_treasury, &account);
        self.model.books.vaults.treasury_is_usable = is_usable;
        Ok(Done::Ok(format!("usable: {is_usable}")))
    }
}

fn token_instruction(
    program: &Pubkey,
    tag: u8,
    amount: u64,
    accounts: &[&Pubkey; 2],
    owner: &Pubkey,
) -> Instruction {
    let mut data = vec![tag];
    data.extend_from_slice(&amount.to_le_bytes());
    let mut metas = accounts.map(|key| AccountMeta::new(*key, false)).to_vec();
    metas.push(AccountMeta::new_readonly(*owner, true));
    Instruction { program_id: *program, accounts: metas, data }
}
