use {
    crate::{
        cluster::{STAKE_PROGRAM, SYSTEM_PROGRAM},
        keys::{PoolKeys, ValidatorKeys},
    },
    anchor_lang::{InstructionData, ToAccountMetas},
    solana_instruction::{AccountMeta, Instruction},
    solana_pubkey::Pubkey,
    std::{collections::BTreeMap, fmt},
    tidepool::{accounts, instruction, PoolParameters},
    tidepool_interface::pda::{self, StakeRole},
};

pub(crate) fn build(accounts: impl ToAccountMetas, data: impl InstructionData) -> Instruction {
    Instruction { program_id: tidepool::ID, accounts: accounts.to_account_metas(None), data: data.data() }
}

impl PoolKeys {
    /// Creates the pool. Signers: `creator`, `mint_authority`.
    pub fn initialize_pool(
        &self,
        creator: &Pubkey,
        mint_authority: &Pubkey,
        parameters: PoolParameters,
    ) -> Instruction {
        let accounts = accounts::InitializePool {
            creator: *creator,
            mint_authority: *mint_authority,
            lst_mint: self.lst_mint,
            pool: self.pool,
            authority: self.authority,
            reserve: self.reserve,
            insurance: self.insurance,
            history: self.history,
            liquidity: self.liquidity,
            sol_vault: self.sol_vault,
            lst_vault: self.lst_vault,
            lp_mint: self.lp_mint,
            dead_lst: self.dead_lst,
            dead_lp: self.dead_lp,
            treasury: self.treasury,
            token_program: self.token_program,
            stake_program: STAKE_PROGRAM,
            system_program: SYSTEM_PROGRAM,
        };
        build(accounts, instruction::InitializePool { parameters })
    }

    /// Deposits SOL of `user`; LST goes to the token account `lst_to`.
    pub fn deposit(&self, user: &Pubkey, lst_to: &Pubkey, lamports: u64, min_lst_out: u64) -> Instruction {
        self.deposit_referred(user, lst_to, None, lamports, min_lst_out)
    }

    /// As [`PoolKeys::deposit`], for who was sent by the owner of the token account `referrer`.
    pub fn deposit_referred(
        &self,
        user: &Pubkey,
        lst_to: &Pubkey,
        referrer: Option<&Pubkey>,
        lamports: u64,
        min_lst_out: u64,
    ) -> Instruction {
        let accounts = accounts::Deposit {
            pool: self.pool,
            liquidity: self.liquidity,
            user: *user,
            reserve: self.reserve,
            sol_vault: self.sol_vault,
            lst_vault: self.lst_vault,
            lst_mint: self.lst_mint,
            lst_to: *lst_to,
            authority: self.authority,
            referrer: referrer.copied(),
            token_program: self.token_program,
            system_program: SYSTEM_PROGRAM,
        };
        build(accounts, instruction::Deposit { lamports, min_lst_out })
    }

    /// Deposits the stake account `user_stake`, which is delegated to `validator`; LST goes to `lst_to`.
    pub fn deposit_stake(
        &self,
        user: &Pubkey,
        user_stake: &Pubkey,
        validator: &ValidatorKeys,
        lst_to: &Pubkey,
        min_lst_out: u64,
    ) -> Instruction {
        let accounts = accounts::DepositStake {
            pool: self.pool,
            page: validator.page,
            vote: validator.vote,
            user: *user,
            user_stake: *user_stake,
            main: validator.stake(StakeRole::Main),
            reserve: self.reserve,
            lst_mint: self.lst_mint,
            lst_to: *lst_to,
            authority: self.authority,
            token_program: self.token_program,
            stake_program: STAKE_PROGRAM,
        };
        build(accounts, instruction::DepositStake { slot_in_page: validator.slot_in_page, min_lst_out })
    }

    /// Takes active stake of `validator` for LST in `lst_from` into `user_stake`, an uninitialized, rent-exempt stake account.
    pub fn withdraw_stake(
        &self,
        user: &Pubkey,
        user_stake: &Pubkey,
        validator: &ValidatorKeys,
        lst_from: &Pubkey,
        lst_amount: u64,
        min_lamports_out: u64,
    ) -> Instruction {
        let accounts = accounts::WithdrawStake {
            pool: self.pool,
            page: validator.page,
            vote: validator.vote,
            user: *user,
            user_stake: *user_stake,
            main: validator.stake(StakeRole::Main),
            lst_mint: self.lst_mint,
            lst_from: *lst_from,
            authority: self.authority,
            token_program: self.token_program,
            stake_program: STAKE_PROGRAM,
        };
        let data =
            instruction::WithdrawStake { slot_in_page: validator.slot_in_page, lst_amount, min_lamports_out };
        build(accounts, data)
    }

    /// Orders the unstaking of LST in `lst_from`; the ticket's address follows from `owner` and `nonce`.
    /// Signers: `owner`, `rent_payer`.
    pub fn order_unstake(
        &self,
        owner: &Pubkey,
        rent_payer: &Pubkey,
        lst_from: &Pubkey,
        lst_amount: u64,
        min_lamports: u64,
        nonce: u64,
    ) -> Instruction {
        let (ticket, ticket_bump) = pda::ticket(&self.pool, owner, nonce);
        let accounts = accounts::OrderUnstake {
            pool: self.pool,
            owner: *owner,
            rent_payer: *rent_payer,
            lst_mint: self.lst_mint,
            lst_from: *lst_from,
            ticket,
            token_program: self.token_program,
            system_program: SYSTEM_PROGRAM,
        };
        build(accounts, instruction::OrderUnstake { lst_amount, min_lamports, nonce, ticket_bump })
    }

    /// Pays what is due on a ticket to its owner; anyone may send it.
    pub fn claim_ticket(&self, ticket: &Pubkey, owner: &Pubkey, rent_payer: &Pubkey) -> Instruction {
        let accounts = accounts::ClaimTicket {
            pool: self.pool,
            reserve: self.reserve,
            ticket: *ticket,
            owner: *owner,
            rent_payer: *rent_payer,
            system_program: SYSTEM_PROGRAM,
        };
        build(accounts, instruction::ClaimTicket {})
    }

    /// Turns what is unpaid of a ticket back into LST in `lst_to`. Signer: `owner`.
    pub fn cancel_ticket(
        &self,
        ticket: &Pubkey,
        owner: &Pubkey,
        rent_payer: &Pubkey,
        lst_to: &Pubkey,
        min_lst_out: u64,
    ) -> Instruction {
        let accounts = accounts::CancelTicket {
            pool: self.pool,
            ticket: *ticket,
            owner: *owner,
            rent_payer: *rent_payer,
            lst_mint: self.lst_mint,
            lst_to: *lst_to,
            authority: self.authority,
            token_program: self.token_program,
        };
        build(accounts, instruction::CancelTicket { min_lst_out })
    }

    /// Lets the queue skip the gap of a cancelled ticket; anyone may send it.
    pub fn release_ticket(&self, ticket: &Pubkey, rent_payer: &Pubkey) -> Instruction {
        let accounts = accounts::ReleaseTicket { pool: self.pool, ticket: *ticket, rent_payer: *rent_payer };
        build(accounts, instruction::ReleaseTicket {})
    }

    /// Gives a ticket to another owner. Signer: `owner`.
    pub fn transfer_ticket(&self, ticket: &Pubkey, owner: &Pubkey, new_owner: &Pubkey) -> Instruction {
        let accounts = accounts::TransferTicket {
            pool: self.pool,
            ticket: *ticket,
            owner: *owner,
            new_owner: *new_owner,
        };
        build(accounts, instruction::TransferTicket {})
    }

    /// Sells LST in `lst_from` to the liquidity pool; SOL goes to `user`.
    pub fn liquid_unstake(
        &self,
        user: &Pubkey,
        lst_from: &Pubkey,
        lst_amount: u64,
        min_lamports_out: u64,
    ) -> Instruction {
        let accounts = accounts::LiquidUnstake {
            pool: self.pool,
            liquidity: self.liquidity,
            user: *user,
            lst_from: *lst_from,
            sol_vault: self.sol_vault,
            lst_vault: self.lst_vault,
            lst_mint: self.lst_mint,
            token_program: self.token_program,
            system_program: SYSTEM_PROGRAM,
        };
        build(accounts, instruction::LiquidUnstake { lst_amount, min_lamports_out })
    }

    /// Adds SOL of `user` to the liquidity pool; shares go to the token account `lp_to`.
    pub fn add_liquidity(
        &self,
        user: &Pubkey,
        lp_to: &Pubkey,
        lamports: u64,
        min_lp_out: u64,
    ) -> Instruction {
        let accounts = accounts::AddLiquidity {
            pool: self.pool,
            liquidity: self.liquidity,
            user: *user,
            sol_vault: self.sol_vault,
            lp_mint: self.lp_mint,
            lp_to: *lp_to,
            authority: self.authority,
            token_program: self.token_program,
            system_program: SYSTEM_PROGRAM,
        };
        build(accounts, instruction::AddLiquidity { lamports, min_lp_out })
    }

    /// Takes both assets behind shares in `lp_from`; SOL goes to `user`, LST to `lst_to`.
    pub fn remove_liquidity(
        &self,
        user: &Pubkey,
        lp_from: &Pubkey,
        lst_to: &Pubkey,
        lp_amount: u64,
        min_lamports_out: u64,
        min_lst_out: u64,
    ) -> Instruction {
        let accounts = accounts::RemoveLiquidity {
            pool: self.pool,
            liquidity: self.liquidity,
            user: *user,
            lp_from: *lp_from,
            lst_to: *lst_to,
            sol_vault: self.sol_vault,
            lst_vault: self.lst_vault,
            lp_mint: self.lp_mint,
            lst_mint: self.lst_mint,
            authority: self.authority,
            token_program: self.token_program,
            system_program: SYSTEM_PROGRAM,
        };
        build(accounts, instruction::RemoveLiquidity { lp_amount, min_lamports_out, min_lst_out })
    }

    /// Turns LST of the liquidity pool into a ticket of its own, whose address follows from `nonce`; anyone may send it.
    pub fn recycle_liquidity(&self, rent_payer: &Pubkey, nonce: u64) -> Instruction {
        let (ticket, ticket_bump) = pda::ticket(&self.pool, &self.sol_vault, nonce);
        let accounts = accounts::RecycleLiquidity {
            pool: self.pool,
            liquidity: self.liquidity,
            rent_payer: *rent_payer,
            lst_vault: self.lst_vault,
            lst_mint: self.lst_mint,
            ticket,
            authority: self.authority,
            token_program: self.token_program,
            system_program: SYSTEM_PROGRAM,
        };
        build(accounts, instruction::RecycleLiquidity { nonce, ticket_bump })
    }

    /// Pays what is due on a ticket of the liquidity pool into its vault; anyone may send it.
    pub fn collect_recycled(&self, ticket: &Pubkey, rent_payer: &Pubkey) -> Instruction {
        let accounts = accounts::CollectRecycled {
            pool: self.pool,
            liquidity: self.liquidity,
            reserve: self.reserve,
            sol_vault: self.sol_vault,
            ticket: *ticket,
            rent_payer: *rent_payer,
            system_program: SYSTEM_PROGRAM,
        };
        build(accounts, instruction::CollectRecycled {})
    }

    /// Updates a batch of validators; anyone may send it.
    pub fn update_validators(&self, batch: &Batch) -> Instruction {
        let accounts = accounts::UpdateValidators {
            pool: self.pool,
            reserve: self.reserve,
            insurance: self.insurance,
            authority: self.authority,
            stake_program: STAKE_PROGRAM,
            system_program: SYSTEM_PROGRAM,
        };
        let (slots, remaining) = batch.slots_and_accounts();
        let mut instruction = build(accounts, instruction::UpdateValidators { slots });
        instruction.accounts.extend(remaining);
        instruction
    }

    /// Stakes what the reserve can spare with a validator below its target; anyone may send it.
    pub fn delegate(&self, validator: &ValidatorKeys) -> Instruction {
        let accounts = accounts::Delegate {
            pool: self.pool,
            page: validator.page,
            vote: validator.vote,
            onramp: validator.stake(StakeRole::Onramp),
            reserve: self.reserve,
            authority: self.authority,
            stake_program: STAKE_PROGRAM,
            system_program: SYSTEM_PROGRAM,
        };
        build(accounts, instruction::Delegate { slot_in_page: validator.slot_in_page })
    }

    /// Sends stake of a validator to cool down, for waiting tickets or because it is above its target; anyone may send
    /// it.
    pub fn undelegate(&self, validator: &ValidatorKeys) -> Instruction {
        let accounts = accounts::Undelegate {
            pool: self.pool,
            page: validator.page,
            vote: validator.vote,
            main: validator.stake(StakeRole::Main),
            offramp: validator.stake(StakeRole::Offramp),
            authority: self.authority,
            stake_program: STAKE_PROGRAM,
        };
        build(accounts, instruction::Undelegate { slot_in_page: validator.slot_in_page })
    }

    /// Brings the books in line with the world and pays out fees; anyone may send it.
    pub fn sync_pool(&self) -> Instruction {
        let accounts = accounts::SyncPool {
            pool: self.pool,
            liquidity: self.liquidity,
            reserve: self.reserve,
            insurance: self.insurance,
            sol_vault: self.sol_vault,
            lst_vault: self.lst_vault,
            lst_mint: self.lst_mint,
            lp_mint: self.lp_mint,
            history: self.history,
            treasury: self.treasury,
            authority: self.authority,
            token_program: self.token_program,
            stake_program: STAKE_PROGRAM,
            system_program: SYSTEM_PROGRAM,
        };
        build(accounts, instruction::SyncPool {})
    }
}

/// Two entries of a batch name the same record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BatchError {
    pub vote: Pubkey,
}

impl fmt::Display for BatchError {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "validator {} is in the batch already: name each once", self.vote)
    }
}

impl std::error::Error for BatchError {}

/// Validators to update in one instruction, kept in the order the program wants.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    /// By page and slot; with each validator the roles whose accounts are passed.
    validators: BTreeMap<(u32, u8), (ValidatorKeys, Vec<StakeRole>)>,
}

impl Batch {
    /// Adds a validator with its main account and the accounts of `in_use`.
    pub fn add(&mut self, validator: &ValidatorKeys, in_use: &[StakeRole]) -> Result<(), BatchError> {
        let place = (validator.page_index, validator.slot_in_page);
        let roles: Vec<StakeRole> = StakeRole::ALL
            .into_iter()
            .filter(|role| *role == StakeRole::Main || in_use.contains(role))
            .collect();
        match self.validators.insert(place, (*validator, roles)) {
            None => Ok(()),
            Some((earlier, _)) => Err(BatchError { vote: earlier.vote }),
        }
    }

    pub fn len(&self) -> usize {
        self.validators.len()
    }

    pub fn is_empty(&self) -> bool {
        self.validators.is_empty()
    }

    fn slots_and_accounts(&self) -> (Vec<u32>, Vec<AccountMeta>) {
        let mut pages: BTreeMap<u32, (Pubkey, u32)> = BTreeMap::new();
        let mut stakes = vec![];
        for ((page, slot), (validator, roles)) in &self.validators {
            pages.entry(*page).or_insert((validator.page, 0)).1 |= 1 << slot;
            stakes.extend(roles.iter().map(|role| AccountMeta::new(validator.stake(*role), false)));
        }
        let slots = pages.values().map(|(_, bits)| *bits).collect();
        let pages = pages.values().map(|(key, _)| AccountMeta::new(*key, false));
        (slots, pages.chain(stakes).collect())
    }
}
