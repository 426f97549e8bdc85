//! Fixed-APY pools.

use {
    super::{write, Expected, Stage},
    solana_instruction::Instruction,
    solana_keypair::Keypair,
    solana_pubkey::Pubkey,
    solana_signer::Signer,
    tidepool_client::fixed::{
        read_pool, read_position, read_user_pool, read_whitelist_entry, FixedPoolKeys, Pool, Position,
        PositionKeys, UserPool, WhitelistEntry,
    },
    tidepool_localnet::{Chain, Failure, FixedWorld, Outcome},
};

impl Stage for FixedWorld {
    type Keys = Vec<FixedPoolKeys>;

    fn keys(&self) -> Self::Keys {
        self.pools.clone()
    }

    fn chain(&self) -> &Chain {
        &self.chain
    }

    fn cast(&self) -> Vec<(String, Pubkey)> {
        let mut cast = vec![
            ("faucet".to_string(), self.chain.faucet().pubkey()),
            ("operator".to_string(), self.operator.key()),
            ("operator's tokens".to_string(), self.operator.tokens),
            ("mint".to_string(), self.mint),
        ];
        for (name, user) in self.users() {
            cast.push((format!("{name}'s wallet"), user.key()));
            cast.push((format!("{name}'s tokens"), user.tokens));
        }
        for (index, keys) in self.pools.iter().enumerate() {
            cast.push((format!("pool {index}"), keys.pool));
            cast.push((format!("principal vault {index}"), keys.principal_vault));
            cast.push((format!("reward vault {index}"), keys.reward_vault));
            for (name, user) in self.users() {
                let owner = user.key();
                let opened = self.user_pool(index, &owner).map_or(0, |user| user.next_index);
                let positions = (0..opened).map(|number| keys.position(&owner, number));
                cast.push((format!("{name} in pool {index}"), keys.user_pool(&owner)));
                cast.push((format!("{name}'s whitelist entry {index}"), keys.whitelist_entry(&owner)));
                cast.extend(positions.map(|it| (format!("{name}'s position {}", it.index), it.position)));
            }
        }
        cast
    }

    fn step(&mut self, instructions: &[Instruction], signers: &[&Keypair]) -> Result<Outcome, Failure> {
        self.send(instructions, signers)
    }
}

impl Expected<Vec<FixedPoolKeys>> {
    /// The books of a pool.
    pub fn fixed_pool(&mut self, pool: usize, change: impl FnOnce(&mut Pool)) {
        let key = self.keys[pool].pool;
        let mut state = read_pool(&self.account(&key).data).unwrap();
        change(&mut state);
        write(self.account(&key), &state);
    }

    /// What a user has in a pool.
    pub fn user_pool(&mut self, pool: usize, owner: &Pubkey, change: impl FnOnce(&mut UserPool)) {
        let key = self.keys[pool].user_pool(owner);
        let mut state = read_user_pool(&self.account(&key).data).unwrap();
        change(&mut state);
        write(self.account(&key), &state);
    }

    pub fn position(&mut self, position: &PositionKeys, change: impl FnOnce(&mut Position)) {
        let mut state = read_position(&self.account(&position.position).data).unwrap();
        change(&mut state);
        write(self.account(&position.position), &state);
    }

    pub fn whitelist_entry(&mut self, pool: usize, user: &Pubkey, change: impl FnOnce(&mut WhitelistEntry)) {
        let key = self.keys[pool].whitelist_entry(user);
        let mut state = read_whitelist_entry(&self.account(&key).data).unwrap();
        change(&mut state);
        self.rewrites(&key, &state);
    }
}
