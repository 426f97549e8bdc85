//! Where tokens move. Nothing else builds a token instruction, but the whale's token its own.

use {
    crate::{
        errors::{ensure, FixedPoolsError, Result},
        state::Pool,
    },
    anchor_lang::{
        prelude::*,
        solana_program::{
            instruction::Instruction,
            program::{invoke_signed_unchecked, invoke_unchecked},
        },
    },
    anchor_spl::token_interface::{self, InitializeAccount3},
    tidepool_interface::fixed::pda::prefix,
    tidepool_math::Tokens,
};

const MINT: core::ops::Range<usize> = 0..32;
const OWNER: core::ops::Range<usize> = 32..64;
const AMOUNT: usize = 64;

/// Signs for a pool.
pub struct PoolSigner {
    creator: Pubkey,
    pool_id: [u8; 8],
    bump: [u8; 1],
}

impl PoolSigner {
    pub fn of(pool: &Pool) -> Self {
        Self { creator: pool.creator, pool_id: pool.pool_id.to_le_bytes(), bump: [pool.bump] }
    }

    /// Runs `call` with the seeds in the shape the runtime wants.
    pub fn sign<T>(&self, call: impl FnOnce(&[&[&[u8]]]) -> T) -> T {
        call(&[&[prefix::POOL, self.creator.as_ref(), &self.pool_id, &self.bump]])
    }
}

/// What every transfer of a pool's tokens names.
pub struct Token<'a, 'info> {
    pub program: &'a AccountInfo<'info>,
    pub mint: &'a AccountInfo<'info>,
    pub decimals: u8,
}

impl<'info> Token<'_, 'info> {
    /// Tokens of who signed the transaction into a vault, which must grow by just as much.
    pub fn bring(
        &self,
        owner: &AccountInfo<'info>,
        from: &AccountInfo<'info>,
        vault: &AccountInfo<'info>,
        amount: Tokens,
    ) -> Result<()> {
        let before = balance(vault)?;
        invoke_unchecked(&self.transfer(from, vault, owner, amount), &self.infos(from, vault, owner))?;
        ensure(balance(vault)?.minus(before) == Ok(amount), FixedPoolsError::WrongAmountReceived)
    }

    /// Tokens out of a vault of the pool; nothing is sent if there are none.
    pub fn send(
        &self,
        signer: &PoolSigner,
        pool: &AccountInfo<'info>,
        vault: &AccountInfo<'info>,
        to: &AccountInfo<'info>,
        amount: Tokens,
    ) -> Result<()> {
        if amount.is_zero() {
            return Ok(());
        }
        let transfer = self.transfer(vault, to, pool, amount);
        let infos = self.infos(vault, to, pool);
        signer.sign(|seeds| invoke_signed_unchecked(&transfer, &infos, seeds)).map_err(Into::into)
    }

    /// Makes a token account of the mint, owned by `owner`, at an account that is allocated already.
    pub fn initialize_account(&self, account: &AccountInfo<'info>, owner: &AccountInfo<'info>) -> Result<()> {
        let accounts = InitializeAccount3 {
            account: account.clone(),
            mint: self.mint.clone(),
            authority: owner.clone(),
        };
        token_interface::initialize_account3(CpiContext::new(*self.program.key, accounts))
    }

    /// Closes an empty token account of the pool.
    pub fn close_account(
        &self,
        signer: &PoolSigner,
        pool: &AccountInfo<'info>,
        account: &AccountInfo<'info>,
        to: &AccountInfo<'info>,
    ) -> Result<()> {
        const CLOSE_ACCOUNT: u8 = 9;
        let accounts = vec![
            AccountMeta::new(*account.key, false),
            AccountMeta::new(*to.key, false),
            AccountMeta::new_readonly(*pool.key, true),
        ];
        let close = Instruction { program_id: *self.program.key, accounts, data: vec![CLOSE_ACCOUNT] };
        let infos = [account.clone(), to.clone(), pool.clone()];
        signer.sign(|seeds| invoke_signed_unchecked(&close, &infos, seeds)).map_err(Into::into)
    }

    /// By hand, and invoked unchecked: the pool that signs is borrowed while a handler works on its books.
    fn transfer(
        &self,
        from: &AccountInfo,
        to: &AccountInfo,
        authority: &AccountInfo,
        amount: Tokens,
    ) -> Instruction {
        const TRANSFER_CHECKED: u8 = 12;
        let mut data = Vec::with_capacity(10);
        data.push(TRANSFER_CHECKED);
        data.extend_from_slice(&amount.0.to_le_bytes());
        data.push(self.decimals);
        let accounts = vec![
            AccountMeta::new(*from.key, false),
            AccountMeta::new_readonly(*self.mint.key, false),
            AccountMeta::new(*to.key, false),
            AccountMeta::new_readonly(*authority.key, true),
        ];
        Instruction { program_id: *self.program.key, accounts, data }
    }

    fn infos(
        &self,
        from: &AccountInfo<'info>,
        to: &AccountInfo<'info>,
        authority: &AccountInfo<'info>,
    ) -> [AccountInfo<'info>; 4] {
        [from.clone(), self.mint.clone(), to.clone(), authority.clone()]
    }
}

/// Tokens in a token account.
pub fn balance(account: &AccountInfo) -> Result<Tokens> {
    let data = account.try_borrow_data()?;
    let bytes = data.get(AMOUNT..).and_then(|rest| rest.first_chunk());
    let bytes = bytes.ok_or(FixedPoolsError::WrongTokenAccount)?;
    Ok(Tokens(u64::from_le_bytes(*bytes)))
}

/// Refuses what is no token account of `owner` for the pool's mint, and the pool's own vaults. That it is initialized and not frozen, and no mint, the
/// token program itself wants of whoever is paid.
pub fn require_account_of(account: &AccountInfo, owner: &Pubkey, pool: &Pool) -> Result<()> {
    let data = account.try_borrow_data()?;
    let is_his = *account.owner == pool.token_program
        && data.get(MINT) == Some(pool.mint.as_ref())
        && data.get(OWNER) == Some(owner.as_ref())
        && !pool.is_vault(account.key);
    ensure(is_his, FixedPoolsError::WrongTokenAccount)
}
