//! Where SOL and tokens move. Nothing else builds such an instruction.

use {
    crate::errors::{ensure, Result, TidepoolError},
    anchor_lang::{
        prelude::*,
        system_program::{self, Allocate, Assign, CreateAccount},
    },
    anchor_spl::token_interface::{self as token, spl_token_2022::instruction::AuthorityType},
    tidepool_interface::{limits::DECIMALS, pda::prefix},
    tidepool_math::{Lamports, Shares},
};

/// Signer seeds of an account named by a prefix and the pool.
pub struct PoolSigner<'a> {
    pub prefix: &'static [u8],
    pub pool: &'a Pubkey,
    pub bump: u8,
}

impl PoolSigner<'_> {
    /// Runs `call` with the seeds in the shape the runtime wants.
    pub fn sign<T>(&self, call: impl FnOnce(&[&[&[u8]]]) -> T) -> T {
        call(&[&[self.prefix, self.pool.as_ref(), &[self.bump]]])
    }
}

pub fn authority_signer<'a>(pool: &'a Pubkey, bump: u8) -> PoolSigner<'a> {
    PoolSigner { prefix: prefix::AUTHORITY, pool, bump }
}

pub fn reserve_signer<'a>(pool: &'a Pubkey, bump: u8) -> PoolSigner<'a> {
    PoolSigner { prefix: prefix::RESERVE, pool, bump }
}

pub fn insurance_signer<'a>(pool: &'a Pubkey, bump: u8) -> PoolSigner<'a> {
    PoolSigner { prefix: prefix::INSURANCE, pool, bump }
}

pub fn liquidity_sol_signer<'a>(pool: &'a Pubkey, bump: u8) -> PoolSigner<'a> {
    PoolSigner { prefix: prefix::LIQUIDITY_SOL, pool, bump }
}

/// SOL from an account that signed the transaction.
pub fn sol<'info>(from: &AccountInfo<'info>, to: &AccountInfo<'info>, lamports: Lamports) -> Result<()> {
    ensure(from.lamports() >= lamports.0, TidepoolError::InsufficientBalance)?;
    let accounts = system_program::Transfer { from: from.clone(), to: to.clone() };
    system_program::transfer(CpiContext::new(system_program::ID, accounts), lamports.0)
}

/// SOL from one of the pool's own system accounts.
pub fn sol_from_vault<'info>(
    signer: &PoolSigner,
    from: &AccountInfo<'info>,
    to: &AccountInfo<'info>,
    lamports: Lamports,
) -> Result<()> {
    let accounts = system_program::Transfer { from: from.clone(), to: to.clone() };
    signer.sign(|seeds| {
        system_program::transfer(CpiContext::new_with_signer(system_program::ID, accounts, seeds), lamports.0)
    })
}

/// Lamports from an account of this program that holds them above its rent. Written directly, not by a call.
pub fn from_own_account(from: &AccountInfo, to: &AccountInfo, lamports: Lamports) -> Result<()> {
    if lamports.is_zero() {
        return Ok(());
    }
    let left = from.lamports().checked_sub(lamports.0).ok_or(TidepoolError::InsufficientBalance)?;
    let after = to.lamports().checked_add(lamports.0).ok_or(TidepoolError::AmountTooLarge)?;
    **from.try_borrow_mut_lamports()? = left;
    **to.try_borrow_mut_lamports()? = after;
    Ok(())
}

/// What can leave an account of this program today. The rent may have risen since the account was made, and the runtime lets
/// none fall below it.
pub fn above_rent(account: &AccountInfo) -> Result<Lamports> {
    let rent = Rent::get()?.minimum_balance(account.data_len());
    Ok(Lamports(account.lamports().saturating_sub(rent)))
}

/// The accounts of every token instruction.
pub struct Token<'a, 'info> {
    pub program: &'a AccountInfo<'info>,
    pub mint: &'a AccountInfo<'info>,
}

impl<'info> Token<'_, 'info> {
    pub fn mint_to(
        &self,
        signer: &PoolSigner,
        authority: &AccountInfo<'info>,
        to: &AccountInfo<'info>,
        amount: Shares,
    ) -> Result<()> {
        let accounts =
            token::MintTo { mint: self.mint.clone(), to: to.clone(), authority: authority.clone() };
        signer.sign(|seeds| {
            token::mint_to(CpiContext::new_with_signer(*self.program.key, accounts, seeds), amount.0)
        })
    }

    pub fn burn(&self, owner: &AccountInfo<'info>, from: &AccountInfo<'info>, amount: Shares) -> Result<()> {
        let accounts = token::Burn { mint: self.mint.clone(), from: from.clone(), authority: owner.clone() };
        token::burn(CpiContext::new(*self.program.key, accounts), amount.0)
    }

    /// Burns tokens of a vault that the pool's authority owns.
    pub fn burn_from_vault(
        &self,
        signer: &PoolSigner,
        authority: &AccountInfo<'info>,
        vault: &AccountInfo<'info>,
        amount: Shares,
    ) -> Result<()> {
        let accounts =
            token::Burn { mint: self.mint.clone(), from: vault.clone(), authority: authority.clone() };
        signer.sign(|seeds| {
            token::burn(CpiContext::new_with_signer(*self.program.key, accounts, seeds), amount.0)
        })
    }

    pub fn transfer(
        &self,
        owner: &AccountInfo<'info>,
        from: &AccountInfo<'info>,
        to: &AccountInfo<'info>,
        amount: Shares,
    ) -> Result<()> {
        let accounts = self.transfer_accounts(owner, from, to);
        token::transfer_checked(CpiContext::new(*self.program.key, accounts), amount.0, DECIMALS)
    }

    /// Tokens from a vault that the pool's authority owns.
    pub fn transfer_from_vault(
        &self,
        signer: &PoolSigner,
        authority: &AccountInfo<'info>,
        from: &AccountInfo<'info>,
        to: &AccountInfo<'info>,
        amount: Shares,
    ) -> Result<()> {
        let accounts = self.transfer_accounts(authority, from, to);
        signer.sign(|seeds| {
            token::transfer_checked(
                CpiContext::new_with_signer(*self.program.key, accounts, seeds),
                amount.0,
                DECIMALS,
            )
        })
    }

    /// Makes the mint of liquidity shares at an account that is allocated already.
    pub fn initialize_mint(&self, authority: &Pubkey) -> Result<()> {
        let accounts = token::InitializeMint2 { mint: self.mint.clone() };
        token::initialize_mint2(CpiContext::new(*self.program.key, accounts), DECIMALS, authority, None)
    }

    /// Makes a token account of the mint at an account that is allocated already.
    pub fn initialize_account(&self, account: &AccountInfo<'info>, owner: &AccountInfo<'info>) -> Result<()> {
        token::initialize_account3(CpiContext::new(
            *self.program.key,
            token::InitializeAccount3 {
                account: account.clone(),
                mint: self.mint.clone(),
                authority: owner.clone(),
            },
        ))
    }

    /// Takes the authority to mint from its holder, who signed, for ever.
    pub fn take_mint_authority(&self, current: &AccountInfo<'info>, new: &Pubkey) -> Result<()> {
        token::set_authority(
            CpiContext::new(
                *self.program.key,
                token::SetAuthority {
                    current_authority: current.clone(),
                    account_or_mint: self.mint.clone(),
                },
            ),
            AuthorityType::MintTokens,
            Some(*new),
        )
    }

    fn transfer_accounts(
        &self,
        authority: &AccountInfo<'info>,
        from: &AccountInfo<'info>,
        to: &AccountInfo<'info>,
    ) -> token::TransferChecked<'info> {
        token::TransferChecked {
            from: from.clone(),
            mint: self.mint.clone(),
            to: to.clone(),
            authority: authority.clone(),
        }
    }
}

/// Creates an account at an address of the program. Lamports that a stranger has put there are left on top of the
/// rent, which `payer` pays in full: a gift neither blocks the creation nor buys anything.
pub fn create_account<'info>(
    payer: &AccountInfo<'info>,
    account: &AccountInfo<'info>,
    rent: Lamports,
    space: usize,
    owner: &Pubkey,
    seeds: &[&[u8]],
) -> Result<()> {
    let signer = [seeds];
    if account.lamports() == 0 {
        let accounts = CreateAccount { from: payer.clone(), to: account.clone() };
        let context = CpiContext::new_with_signer(system_program::ID, accounts, &signer);
        return system_program::create_account(context, rent.0, space as u64, owner);
    }
    sol(payer, account, rent)?;
    allocate_and_assign(account, space, owner, &signer)
}

/// Creates an account of this program at the address that `seeds` give, and gives their bump. `payer` pays as in
/// `create_account`.
pub fn create_at<'info>(
    payer: &AccountInfo<'info>,
    account: &AccountInfo<'info>,
    space: usize,
    seeds: &[&[u8]],
) -> Result<u8> {
    let bump = bump_of(account, seeds)?;
    let rent = Lamports(Rent::get()?.minimum_balance(space));
    create_account(payer, account, rent, space, &crate::ID, &[seeds, &[&[bump]]].concat())?;
    Ok(bump)
}

/// Refuses an account that is not at the address that `seeds` give, and gives their bump.
pub fn bump_of(account: &AccountInfo, seeds: &[&[u8]]) -> Result<u8> {
    let (address, bump) = Pubkey::find_program_address(seeds, &crate::ID);
    ensure(*account.key == address, TidepoolError::WrongAddress)?;
    Ok(bump)
}

/// As `create_account`, with the rent paid out of one of the pool's vaults.
pub fn create_account_from_vault<'info>(
    vault_signer: &PoolSigner,
    vault: &AccountInfo<'info>,
    account: &AccountInfo<'info>,
    rent: Lamports,
    space: usize,
    owner: &Pubkey,
    seeds: &[&[u8]],
) -> Result<()> {
    sol_from_vault(vault_signer, vault, account, rent)?;
    allocate_and_assign(account, space, owner, &[seeds])
}

fn allocate_and_assign(
    account: &AccountInfo<'_>,
    space: usize,
    owner: &Pubkey,
    signer: &[&[&[u8]]],
) -> Result<()> {
    let allocate = Allocate { account_to_allocate: account.clone() };
    system_program::allocate(
        CpiContext::new_with_signer(system_program::ID, allocate, signer),
        space as u64,
    )?;
    let assign = Assign { account_to_assign: account.clone() };
    system_program::assign(CpiContext::new_with_signer(system_program::ID, assign, signer), owner)
}

/// What the program reads of mints and token accounts, at the offsets both token programs share.
pub mod layout {
    use super::*;

    const MINT_SUPPLY: usize = 36;
    const ACCOUNT_MINT: usize = 0;
    const ACCOUNT_OWNER: usize = 32;
    const ACCOUNT_AMOUNT: usize = 64;
    const ACCOUNT_STATE: usize = 108;
    const STATE_INITIALIZED: u8 = 1;
    /// Of a token account without extensions; with some, its type and they follow.
    const ACCOUNT_LENGTH: usize = 165;
    const MULTISIG_LENGTH: usize = 355;
    const TYPE_ACCOUNT: u8 = 2;

    /// Supply of a mint.
    pub fn mint_supply(mint: &AccountInfo) -> Result<u64> {
        u64_at(mint, MINT_SUPPLY).ok_or_else(|| TidepoolError::WrongMint.into())
    }

    /// Tokens in a token account.
    pub fn balance(account: &AccountInfo) -> Result<u64> {
        u64_at(account, ACCOUNT_AMOUNT).ok_or_else(|| TidepoolError::WrongTokenAccount.into())
    }

    /// Whether tokens of `mint` can be minted to or burned from `account` now: neither closed, frozen nor of another mint.
    pub fn is_usable(account: &AccountInfo, mint: &Pubkey, token_program: &Pubkey) -> bool {
        if account.owner != token_program {
            return false;
        }
        let Ok(data) = account.try_borrow_data() else { return false };
        is_token_account(&data)
            && data.get(ACCOUNT_MINT..ACCOUNT_MINT + 32) == Some(mint.as_ref())
            && data.get(ACCOUNT_STATE) == Some(&STATE_INITIALIZED)
    }

    /// A mint and a multisig, which token programs own too, have another length, or another type after it.
    fn is_token_account(data: &[u8]) -> bool {
        match data.len() {
            ACCOUNT_LENGTH => true,
            MULTISIG_LENGTH => false,
            _ => data.get(ACCOUNT_LENGTH) == Some(&TYPE_ACCOUNT),
        }
    }

    /// Whether a token account is that of `owner`.
    pub fn is_owned_by(account: &AccountInfo, owner: &Pubkey) -> bool {
        let Ok(data) = account.try_borrow_data() else { return false };
        data.get(ACCOUNT_OWNER..ACCOUNT_OWNER + 32) == Some(owner.as_ref())
    }

    pub fn require_usable(account: &AccountInfo, mint: &Pubkey, token_program: &Pubkey) -> Result<()> {
        ensure(is_usable(account, mint, token_program), TidepoolError::WrongTokenAccount)?;
        Ok(())
    }

    fn u64_at(account: &AccountInfo, offset: usize) -> Option<u64> {
        let data = account.try_borrow_data().ok()?;
        Some(u64::from_le_bytes(*data.get(offset..)?.first_chunk()?))
    }
}
