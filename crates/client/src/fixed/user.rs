//! What users of a pool do, and what anybody does for them.

use {
    super::{build, FixedPoolKeys, PositionKeys},
    crate::cluster::SYSTEM_PROGRAM,
    fixed_pools::{accounts, instruction, RenewalRequest, StakeRequest},
    solana_instruction::{AccountMeta, Instruction},
    solana_pubkey::Pubkey,
    tidepool_interface::fixed::merkle::Node,
};

/// How a user shows that a pool admits him.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Proof {
    /// The pool is open to all.
    #[default]
    None,
    /// By his entry in the whitelist.
    Entry,
    /// By a leaf of the Merkle tree: the most he may stake, and the way to the root.
    Merkle { max_amount: u64, nodes: Vec<Node> },
}

impl Proof {
    fn entry(&self, keys: &FixedPoolKeys, user: &Pubkey) -> Option<Pubkey> {
        matches!(self, Self::Entry).then(|| keys.whitelist_entry(user))
    }

    fn leaf(self) -> (u64, Vec<Node>) {
        match self {
            Self::Merkle { max_amount, nodes } => (max_amount, nodes),
            Self::None | Self::Entry => (0, vec![]),
        }
    }
}

impl FixedPoolKeys {
    /// Stakes tokens of the token account `from` for the owner of `position`, his next one. Signer: `funder`, who pays the
    /// rent too.
    pub fn stake(
        &self,
        funder: &Pubkey,
        from: &Pubkey,
        position: &PositionKeys,
        amount: u64,
        min_rate_bps: u16,
        proof: Proof,
    ) -> Instruction {
        self.stake_and_remind(funder, from, position, amount, min_rate_bps, proof, None)
    }

    /// As [`FixedPoolKeys::stake`]; with `other_pools`, the user's accounts in other pools of this creator and mint, the user
    /// is reminded if all of it makes him a whale.
    #[allow(clippy::too_many_arguments)]
    pub fn stake_and_remind(
        &self,
        funder: &Pubkey,
        from: &Pubkey,
        position: &PositionKeys,
        amount: u64,
        min_rate_bps: u16,
        proof: Proof,
        other_pools: Option<&[FixedPoolKeys]>,
    ) -> Instruction {
        let accounts = accounts::Stake {
            tokens: self.tokens(),
            user_pool: self.user_pool(&position.owner),
            position: position.position,
            owner: position.owner,
            funder: *funder,
            from: *from,
            whitelist_entry: proof.entry(self, &position.owner),
            did_collection: other_pools.map(|_| self.did_collection),
            system_program: SYSTEM_PROGRAM,
        };
        let (max_amount, proof) = proof.leaf();
        let request = StakeRequest { amount, min_rate_bps, position_bump: position.bump, max_amount, proof };
        let mut instruction = build(accounts, instruction::Stake { request });
        instruction.accounts.extend(user_pools(other_pools.unwrap_or_default(), &position.owner));
        instruction
    }

    /// Pays what a position has earned into `to`, a token account of its owner. Signer: `claimer`.
    pub fn claim(&self, claimer: &Pubkey, to: &Pubkey, position: &PositionKeys) -> Instruction {
        let claims = self.claims(claimer, to, &position.owner);
        build(accounts::Claim { claims, position: position.position }, instruction::Claim {})
    }

    /// As [`FixedPoolKeys::claim`], for several positions of one owner.
    pub fn claim_many(
        &self,
        claimer: &Pubkey,
        to: &Pubkey,
        owner: &Pubkey,
        positions: &[PositionKeys],
    ) -> Instruction {
        let mut instruction = build(self.claims(claimer, to, owner), instruction::ClaimMany {});
        instruction.accounts.extend(positions.iter().map(|one| AccountMeta::new(one.position, false)));
        instruction
    }

    /// Stakes what `position` has earned as the owner's next position, `new`. Signer: the owner.
    pub fn compound(
        &self,
        position: &PositionKeys,
        new: &PositionKeys,
        min_rate_bps: u16,
        proof: Proof,
    ) -> Instruction {
        let accounts = self.renew(position, new, &proof);
        build(accounts, instruction::Compound { request: renewal(new, min_rate_bps, proof) })
    }

    /// Makes the matured `position` the owner's next one, `new`, with its reward or, without, that paid into `to`. Signer: the
    /// owner.
    #[allow(clippy::too_many_arguments)]
    pub fn roll_over(
        &self,
        position: &PositionKeys,
        rent_payer: &Pubkey,
        new: &PositionKeys,
        to: &Pubkey,
        with_reward: bool,
        min_rate_bps: u16,
        proof: Proof,
    ) -> Instruction {
        let renew = self.renew(position, new, &proof);
        let accounts = accounts::RollOver { renew, rent_payer: *rent_payer, to: *to };
        build(accounts, instruction::RollOver { request: renewal(new, min_rate_bps, proof), with_reward })
    }

    /// Ends a matured position: principal and reward go to `to`, a token account of the owner. Signer: the owner.
    pub fn unstake(
        &self,
        position: &PositionKeys,
        rent_payer: &Pubkey,
        to: &Pubkey,
        min_reward: u64,
    ) -> Instruction {
        build(self.leave(position, rent_payer, to), instruction::Unstake { min_reward })
    }

    /// Ends a position in an emergency, for its principal alone. Signer: the owner.
    pub fn emergency_withdraw(
        &self,
        position: &PositionKeys,
        rent_payer: &Pubkey,
        to: &Pubkey,
        max_forfeit: u64,
    ) -> Instruction {
        build(self.leave(position, rent_payer, to), instruction::EmergencyWithdraw { max_forfeit })
    }

    /// Signer: the owner.
    pub fn request_early_exit(&self, position: &PositionKeys) -> Instruction {
        build(self.own(position), instruction::RequestEarlyExit {})
    }

    /// Signer: the owner.
    pub fn cancel_early_exit(&self, position: &PositionKeys) -> Instruction {
        build(self.own(position), instruction::CancelEarlyExit {})
    }

    /// Signer: the owner.
    pub fn complete_early_exit(
        &self,
        position: &PositionKeys,
        rent_payer: &Pubkey,
        to: &Pubkey,
        min_reward: u64,
    ) -> Instruction {
        build(self.leave(position, rent_payer, to), instruction::CompleteEarlyExit { min_reward })
    }

    /// Whether others may claim and stake for `owner`. Signer: the owner.
    pub fn set_owner_only(&self, owner: &Pubkey, is_owner_only: bool) -> Instruction {
        let accounts =
            accounts::SetOwnerOnly { pool: self.pool, user_pool: self.user_pool(owner), owner: *owner };
        build(accounts, instruction::SetOwnerOnly { is_owner_only })
    }

    /// Brings tokens that rewards are paid from. Signer: `funder`.
    pub fn fund_rewards(&self, funder: &Pubkey, from: &Pubkey, amount: u64) -> Instruction {
        let accounts = accounts::FundRewards { tokens: self.tokens(), funder: *funder, from: *from };
        build(accounts, instruction::FundRewards { amount })
    }

    fn claims(&self, claimer: &Pubkey, to: &Pubkey, owner: &Pubkey) -> accounts::ClaimMany {
        accounts::ClaimMany {
            tokens: self.tokens(),
            user_pool: self.user_pool(owner),
            owner: *owner,
            claimer: *claimer,
            to: *to,
        }
    }

    fn renew(&self, position: &PositionKeys, new: &PositionKeys, proof: &Proof) -> accounts::Renew {
        accounts::Renew {
            tokens: self.tokens(),
            user_pool: self.user_pool(&position.owner),
            position: position.position,
            new_position: new.position,
            owner: position.owner,
            whitelist_entry: proof.entry(self, &position.owner),
            system_program: SYSTEM_PROGRAM,
        }
    }

    fn leave(&self, position: &PositionKeys, rent_payer: &Pubkey, to: &Pubkey) -> accounts::Leave {
        accounts::Leave {
            tokens: self.tokens(),
            user_pool: self.user_pool(&position.owner),
            position: position.position,
            owner: position.owner,
            rent_payer: *rent_payer,
            to: *to,
        }
    }

    fn own(&self, position: &PositionKeys) -> accounts::OwnPosition {
        accounts::OwnPosition { pool: self.pool, position: position.position, owner: position.owner }
    }
}

fn renewal(new: &PositionKeys, min_rate_bps: u16, proof: Proof) -> RenewalRequest {
    let (max_amount, proof) = proof.leaf();
    RenewalRequest { min_rate_bps, position_bump: new.bump, max_amount, proof }
}

/// What a user has in other pools, in the order the program wants.
pub(super) fn user_pools(pools: &[FixedPoolKeys], owner: &Pubkey) -> Vec<AccountMeta> {
    let mut pools = pools.to_vec();
    pools.sort_by_key(|keys| keys.pool);
    pools.iter().map(|keys| AccountMeta::new_readonly(keys.user_pool(owner), false)).collect()
}
