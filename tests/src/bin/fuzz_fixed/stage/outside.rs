//! Time, gifts, and accounts that do not belong where they are passed.

use {
    super::{amount, Difference, Done, Stage},
    crate::action::{Impostor, Size},
    solana_instruction::{AccountMeta, Instruction},
    solana_pubkey::Pubkey,
    tidepool_client::fixed::{PositionKeys, Proof},
    tidepool_localnet::{TOKEN_2022_PROGRAM, TOKEN_PROGRAM as CLASSIC_TOKEN_PROGRAM},
    tidepool_tests::{
        fixed_model::{Admission, Amount, Refusal, Stake, Vault},
        runs::{agree, unexpected},
    },
};

/// Places in the accounts of whoever leaves.
const PRINCIPAL: usize = 1;
const REWARD: usize = 2;
const MINT: usize = 3;
const TOKEN_PROGRAM: usize = 4;
const USER_POOL: usize = 5;
const POSITION: usize = 6;
const OWNER: usize = 7;
const RENT_PAYER: usize = 8;

/// Seconds: a bit more than a usual lock.
const NEAR: Amount = 400 * 86_400;

impl Stage {
    pub(super) fn wait(&mut self, seconds: Amount) -> Result<Done, Difference> {
        self.go_to(self.model.now + seconds);
        Ok(Done::Ok(format!("now {}", self.model.now)))
    }

    /// To one of the next edges, or just before or after it; to none that is far away, or pools would be old before anything
    /// has happened in them.
    pub(super) fn jump_to_edge(&mut self, edge: usize, offset: Amount) -> Result<Done, Difference> {
        let mut edges = self.model.edges();
        let near = self.model.now + NEAR;
        edges.retain(|at| *at < near);
        let Some(place) = edge.checked_rem(edges.len()) else { return Ok(Done::Idle) };
        let then = edges[place] + offset;
        if then <= self.model.now {
            return Ok(Done::Idle);
        }
        self.go_to(then);
        Ok(Done::Ok(format!("now {then}")))
    }

    pub(super) fn go_to(&mut self, then: Amount) {
        self.chain.set_time(then as i64);
        self.model.now = then;
    }

    /// Tokens that somebody sends to a vault by himself.
    pub(super) fn donate(
        &mut self,
        pool: usize,
        by: usize,
        to_principal: bool,
        size: Size,
    ) -> Result<Done, Difference> {
        if self.model.pools[pool].is_closed {
            return Ok(Done::Idle);
        }
        let has = self.model.people[by].tokens;
        let amount = amount(size, has / 1_000, &[1]).min(has as u64);
        let keys = &self.pools[pool].keys;
        let (to, vault) = match to_principal {
            true => (keys.principal_vault, Vault::Principal),
            false => (keys.reward_vault, Vault::Reward),
        };
        let from = &self.people[by];
        const TRANSFER_CHECKED: u8 = 12;
        let mut data = vec![TRANSFER_CHECKED];
        data.extend(amount.to_le_bytes());
        data.push(self.decimals);
        let accounts = vec![
            AccountMeta::new(from.tokens, false),
            AccountMeta::new_readonly(self.mint, false),
            AccountMeta::new(to, false),
            AccountMeta::new_readonly(from.key(), true),
        ];
        let transfer = Instruction { program_id: self.token_program, accounts, data };
        self.send(&transfer, &from.wallet).map_err(|failure| unexpected("a donation", &failure))?;
        self.model.donate(pool, vault, by, amount.into());
        Ok(Done::Ok(amount.to_string()))
    }

    /// An emergency withdrawal or an unstaking with an account of somebody or something else: refused whatever the state.
    pub(super) fn wrong(&mut self, position: u16, what: Impostor) -> Result<Done, Difference> {
        let Some((pool, place)) = self.find(position, true) else { return Ok(Done::Idle) };
        let (keys, owner) = (self.keys_at(pool, place), self.owner_at(pool, place));
        let (known, rent_payer) = (&self.pools[pool], self.rent_payer_at(pool, place));
        let to = self.people[owner].tokens;
        let mut leave = match position % 2 {
            0 => known.keys.unstake(&keys, &rent_payer, &to, 0),
            _ => known.keys.emergency_withdraw(&keys, &rent_payer, &to, u64::MAX),
        };
        let thief = (owner + 1) % self.people.len();
        let mut signer = owner;
        let mut swap = |at: usize, key| leave.accounts[at].pubkey = key;
        let error = match what {
            Impostor::ClosedPosition => {
                let Some(closed) = self.closed_position() else { return Ok(Done::Idle) };
                swap(POSITION, closed.position);
                "AccountOwnedByWrongProgram"
            }
            Impostor::OtherPool => {
                let mut others = self.model.pools.iter().enumerate().filter(|(other, _)| *other != pool);
                let Some((other, book)) = others.find(|(_, book)| !book.positions.is_empty()) else {
                    return Ok(Done::Idle);
                };
                let his = book.positions.iter().find(|position| position.owner == owner);
                let foreign = his.unwrap_or(&book.positions[0]);
                swap(POSITION, self.position_keys(other, foreign).position);
                swap(RENT_PAYER, self.people[foreign.rent_payer].key());
                if his.is_some() {
                    "WrongPool"
                } else {
                    "WrongOwner"
                }
            }
            Impostor::OtherUser => {
                let mut others = self.model.pools[pool].users.keys().filter(|user| **user != owner);
                let Some(other) = others.next() else { return Ok(Done::Idle) };
                swap(USER_POOL, known.users[*other]);
                "WrongUser"
            }
            Impostor::Thief => {
                swap(OWNER, self.people[thief].key());
                signer = thief;
                "WrongUser"
            }
            Impostor::ThiefWithHisAccount => {
                if !self.model.pools[pool].users.contains_key(&thief) {
                    return Ok(Done::Idle);
                }
                swap(OWNER, self.people[thief].key());
                swap(USER_POOL, known.users[thief]);
                signer = thief;
                "WrongOwner"
            }
            Impostor::RentPayer => {
                let payer = self.model.pools[pool].positions[place].rent_payer;
                swap(RENT_PAYER, self.people[(payer + 1) % self.people.len()].key());
                "WrongRentPayer"
            }
            Impostor::PrincipalVault => {
                swap(PRINCIPAL, known.keys.reward_vault);
                "WrongVault"
            }
            Impostor::RewardVault => {
                swap(REWARD, known.keys.principal_vault);
                "WrongVault"
            }
            Impostor::Mint => {
                swap(MINT, known.keys.pool);
                "WrongMint"
            }
            Impostor::TokenProgram => {
                swap(TOKEN_PROGRAM, self.other_token_program());
                "WrongTokenProgram"
            }
            Impostor::SkippedPosition => return self.skip_a_position(pool, owner),
        };
        let real = self.send(&leave, &self.people[signer].wallet);
        agree(Err(Name(error)), real)
    }

    /// A stake, with the next position but one.
    fn skip_a_position(&mut self, pool: usize, owner: usize) -> Result<Done, Difference> {
        let (book, from) = (&self.model.pools[pool], &self.people[owner]);
        let amount = book.terms.min_stake;
        let index = self.next_index(pool, owner) as u64 + 1;
        let keys = &self.pools[pool].keys;
        let position = keys.position(&from.key(), index);
        let stake = keys.stake(&from.key(), &from.tokens, &position, amount as u64, 0, Proof::None);
        let by = Admission::Nothing;
        let honest = Stake { pool, owner, funder: owner, amount, min_rate: 0, by, shown: None };
        let predicted = self.model.preview(|model| model.stake(honest));
        self.try_both(predicted.and(Err::<(), _>(Refusal::WrongAddress)), &stake, owner)
    }

    pub(super) fn other_token_program(&self) -> Pubkey {
        if self.token_program == CLASSIC_TOKEN_PROGRAM {
            TOKEN_2022_PROGRAM
        } else {
            CLASSIC_TOKEN_PROGRAM
        }
    }

    fn closed_position(&self) -> Option<PositionKeys> {
        let is_closed = |(pool, owner, index): &(usize, usize, Amount)| {
            !self.model.pools[*pool].of(*owner).any(|position| position.index == *index)
        };
        self.positions.iter().find(|(place, _)| is_closed(place)).map(|(_, keys)| *keys)
    }
}

/// The name of an error that is none of the model's.
pub(super) struct Name(pub(super) &'static str);

impl std::fmt::Debug for Name {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.write_str(self.0)
    }
}
