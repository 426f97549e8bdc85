//! Lamports that strangers send to where accounts are or will be.

use {
    super::{Difference, Done, Stage},
    crate::action::GiftTo,
    solana_pubkey::Pubkey,
    tidepool_client::fixed::FixedPoolKeys,
    tidepool_tests::{
        fixed_model::{Address, Amount, Numbered},
        runs::unexpected,
    },
};

impl Stage {
    pub(super) fn gift(
        &mut self,
        to: GiftTo,
        pool: usize,
        user: usize,
        lamports: u32,
    ) -> Result<Done, Difference> {
        let address = self.address(to, pool, user);
        let key = self.gifted.get(&address).copied().unwrap_or_else(|| self.key_of(address));
        self.gifted.insert(address, key);
        // The runtime wants the rent of an empty account for an address at which there is nothing.
        let least = if self.chain.lamports(&key) == 0 { self.chain.rent().minimum_balance(0) } else { 0 };
        let lamports = u64::from(lamports).max(least);
        self.chain.airdrop(&key, lamports).map_err(|failure| unexpected("a gift", &failure))?;
        self.model.give(address, lamports.into());
        Ok(Done::Ok(format!("{lamports} to {address:?}")))
    }

    /// `user` is the creator of a pool that is still to be made.
    fn address(&self, to: GiftTo, pool: usize, user: usize) -> Address {
        let creator = self.model.pools[pool].creator;
        let this = Numbered { creator, number: pool };
        let next = Numbered { creator: user, number: self.pools.len() };
        let position = |index| Address::Position { pool, owner: user, index };
        let next_index = self.next_index(pool, user);
        match to {
            GiftTo::Position => position((next_index - 1).max(0)),
            GiftTo::NextPosition => position(next_index),
            GiftTo::User => Address::User { pool, user },
            GiftTo::Entry => Address::Entry { pool, user },
            GiftTo::Pool => Address::Pool(this),
            GiftTo::PrincipalVault => Address::PrincipalVault(this),
            GiftTo::RewardVault => Address::RewardVault(this),
            GiftTo::NextPool => Address::Pool(next),
            GiftTo::NextPrincipalVault => Address::PrincipalVault(next),
            GiftTo::NextRewardVault => Address::RewardVault(next),
            GiftTo::Collection => Address::Collection { creator },
            GiftTo::Did => Address::Did { creator, owner: user },
            GiftTo::DidMint => Address::DidMint { creator, owner: user },
            GiftTo::DidAccount => Address::DidAccount { creator, owner: user },
        }
    }

    fn key_of(&self, address: Address) -> Pubkey {
        let keys = |place: Numbered| {
            let creator = self.people[place.creator].key();
            FixedPoolKeys::new(&creator, place.number as u64, &self.mint, &self.token_program)
        };
        let did = |creator: usize, owner: usize| self.creators[creator].dids[owner];
        match address {
            Address::Pool(place) => keys(place).pool,
            Address::PrincipalVault(place) => keys(place).principal_vault,
            Address::RewardVault(place) => keys(place).reward_vault,
            Address::User { pool, user } => self.pools[pool].users[user],
            Address::Entry { pool, user } => self.pools[pool].entries[user],
            Address::Position { pool, owner, index } => {
                self.pools[pool].keys.position(&self.people[owner].key(), index as u64).position
            }
            Address::Collection { creator } => self.creators[creator].keys.did_collection,
            Address::Did { creator, owner } => did(creator, owner).did,
            Address::DidMint { creator, owner } => did(creator, owner).mint,
            Address::DidAccount { creator, owner } => did(creator, owner).token_account,
        }
    }

    /// Where something was sent, and what lies there now.
    pub fn gifted(&self) -> impl Iterator<Item = (Address, Amount)> + '_ {
        self.gifted.iter().map(|(address, key)| (*address, self.chain.lamports(key).into()))
    }
}
