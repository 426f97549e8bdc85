//! Tidepool's liquid staking.

use {
    super::{write, Expected, Stage},
    solana_instruction::Instruction,
    solana_keypair::Keypair,
    solana_pubkey::Pubkey,
    solana_signer::Signer,
    tidepool_client::{
        read_liquidity, read_page, read_pool, Liquidity, Pool, PoolKeys, Ticket, ValidatorKeys,
        ValidatorRecord,
    },
    tidepool_localnet::{Chain, Failure, Outcome, World},
    tidepool_math::Slot,
};

impl Stage for World {
    type Keys = PoolKeys;

    fn keys(&self) -> PoolKeys {
        self.keys
    }

    fn chain(&self) -> &Chain {
        &self.chain
    }

    fn cast(&self) -> Vec<(String, Pubkey)> {
        let PoolKeys {
            pool,
            lst_mint,
            treasury,
            authority,
            reserve,
            insurance,
            history,
            liquidity,
            sol_vault,
            lst_vault,
            lp_mint,
            dead_lst,
            dead_lp,
            token_program: _,
        } = self.keys;
        let of_pool = [
            ("pool", pool),
            ("LST mint", lst_mint),
            ("treasury", treasury),
            ("authority", authority),
            ("reserve", reserve),
            ("insurance", insurance),
            ("history", history),
            ("liquidity", liquidity),
            ("SOL vault", sol_vault),
            ("LST vault", lst_vault),
            ("LP mint", lp_mint),
            ("dead LST", dead_lst),
            ("dead LP", dead_lp),
            ("faucet", self.chain.faucet().pubkey()),
            ("operator", self.operator.pubkey()),
        ];
        let mut cast: Vec<(String, Pubkey)> = of_pool.map(|(name, key)| (name.to_string(), key)).into();
        for (name, user) in self.users() {
            let accounts = [(user.wallet.pubkey(), "wallet"), (user.lst, "LST"), (user.lp, "LP")];
            cast.extend(accounts.map(|(key, what)| (format!("{name}'s {what}"), key)));
        }
        for (index, validator) in self.validators.iter().enumerate() {
            let roles = ["main", "onramp", "offramp"].into_iter().zip(validator.stakes);
            cast.extend(roles.map(|(role, key)| (format!("{role} of validator {index}"), key)));
            cast.push((format!("page {}", validator.page_index), validator.page));
            cast.push((format!("vote account of validator {index}"), validator.vote));
        }
        cast.extend(self.tickets.iter().map(|ticket| ("ticket".to_string(), ticket.key)));
        cast
    }

    fn step(&mut self, instructions: &[Instruction], signers: &[&Keypair]) -> Result<Outcome, Failure> {
        self.send(instructions, signers)
    }
}

impl Expected<PoolKeys> {
    /// The pool's books.
    pub fn pool(&mut self, change: impl FnOnce(&mut Pool)) {
        let account = self.accounts.get_mut(&self.keys.pool).unwrap();
        let mut pool = read_pool(&account.data).unwrap();
        change(&mut pool);
        write(account, &pool);
    }

    /// The reward stream releases what is due at `slot`, as every touch of the pool makes it do.
    pub fn releases(&mut self, slot: Slot) {
        self.pool(|pool| {
            let due = pool.stream().due(slot).0;
            pool.withheld -= due;
            pool.value_floor += due;
        });
    }

    /// The liquidity pool's books.
    pub fn liquidity(&mut self, change: impl FnOnce(&mut Liquidity)) {
        let account = self.accounts.get_mut(&self.keys.liquidity).unwrap();
        let mut liquidity = read_liquidity(&account.data).unwrap();
        change(&mut liquidity);
        write(account, &liquidity);
    }

    /// The record of a validator.
    pub fn record(&mut self, validator: &ValidatorKeys, change: impl FnOnce(&mut ValidatorRecord)) {
        let account = self.account(&validator.page);
        let mut page = read_page(&account.data).unwrap();
        change(&mut page.records[usize::from(validator.slot_in_page)]);
        write(account, &page);
    }

    /// The stake program changed the state of this account, which the test looks at itself; not its lamports.
    pub fn stake_program_writes(&mut self, key: &Pubkey) {
        let data = self.now[key].data.clone();
        self.account(key).data = data;
    }

    /// A ticket's account, with its lamports.
    pub fn ticket(&mut self, key: &Pubkey, lamports: u64, ticket: &Ticket) {
        self.writes(key, lamports, ticket);
    }
}
