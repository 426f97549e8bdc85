//! Accounts that the program creates.

use {
    crate::errors::{ensure, FixedPoolsError, Result},
    anchor_lang::{
        prelude::*,
        system_program::{self, Allocate, Assign, CreateAccount, Transfer},
        Discriminator,
    },
    bytemuck::Pod,
};

/// Makes an account at the address that its seeds give, which must be the one that was passed, and gives its bump. The one
/// address that the search for a bump finds first: so there is one account for these seeds, whoever makes it.
pub fn create<'info>(
    payer: &AccountInfo<'info>,
    account: &AccountInfo<'info>,
    space: usize,
    owner: &Pubkey,
    seeds: &[&[u8]],
) -> Result<u8> {
    let (address, bump) = Pubkey::find_program_address(seeds, &crate::ID);
    ensure(*account.key == address, FixedPoolsError::WrongAddress)?;
    let bump_seed = [bump];
    let mut signer = seeds.to_vec();
    signer.push(&bump_seed);
    allocate(payer, account, space, owner, &signer)?;
    Ok(bump)
}

/// As [`create`], with a bump that the caller has found: for accounts of which it does no harm that there could be more.
pub fn create_with_bump<'info>(
    payer: &AccountInfo<'info>,
    account: &AccountInfo<'info>,
    space: usize,
    seeds: &[&[u8]],
) -> Result<()> {
    let address =
        Pubkey::create_program_address(seeds, &crate::ID).map_err(|_| FixedPoolsError::WrongAddress)?;
    ensure(*account.key == address, FixedPoolsError::WrongAddress)?;
    allocate(payer, account, space, &crate::ID, seeds)
}

/// Lamports that a stranger has put there are left on top of the rent, which `payer` pays in full: a gift neither blocks the
/// creation nor buys anything.
fn allocate<'info>(
    payer: &AccountInfo<'info>,
    account: &AccountInfo<'info>,
    space: usize,
    owner: &Pubkey,
    seeds: &[&[u8]],
) -> Result<()> {
    let rent = Rent::get()?.minimum_balance(space);
    let signer = [seeds];
    if account.lamports() == 0 {
        let accounts = CreateAccount { from: payer.clone(), to: account.clone() };
        let context = CpiContext::new_with_signer(system_program::ID, accounts, &signer);
        return system_program::create_account(context, rent, space as u64, owner);
    }
    let accounts = Transfer { from: payer.clone(), to: account.clone() };
    system_program::transfer(CpiContext::new(system_program::ID, accounts), rent)?;
    let allocate = Allocate { account_to_allocate: account.clone() };
    system_program::allocate(
        CpiContext::new_with_signer(system_program::ID, allocate, &signer),
        space as u64,
    )?;
    let assign = Assign { account_to_assign: account.clone() };
    system_program::assign(CpiContext::new_with_signer(system_program::ID, assign, &signer), owner)
}

/// Brings an account's lamports to the rent of so many bytes.
pub fn top_up<'info>(payer: &AccountInfo<'info>, account: &AccountInfo<'info>, space: usize) -> Result<()> {
    let missing = Rent::get()?.minimum_balance(space).saturating_sub(account.lamports());
    let accounts = Transfer { from: payer.clone(), to: account.clone() };
    system_program::transfer(CpiContext::new(system_program::ID, accounts), missing)
}

/// Reads a zero-copy account of this program.
pub fn read_plain<T: Pod + Discriminator>(account: &AccountInfo) -> Result<T> {
    let data = account.try_borrow_data()?;
    let body = data.strip_prefix(T::DISCRIMINATOR).and_then(|body| body.get(..size_of::<T>()));
    let body = body.ok_or(ErrorCode::AccountDiscriminatorMismatch)?;
    Ok(bytemuck::pod_read_unaligned(body))
}

/// Writes the state of a zero-copy account of this program.
pub fn write_plain<T: Pod + Discriminator>(account: &AccountInfo, state: &T) -> Result<()> {
    let mut data = account.try_borrow_mut_data()?;
    let (discriminator, body) = data.split_at_mut(T::DISCRIMINATOR.len());
    discriminator.copy_from_slice(T::DISCRIMINATOR);
    body.copy_from_slice(bytemuck::bytes_of(state));
    Ok(())
}

/// Writes the state of an account that was just made.
pub fn write(account: &AccountInfo, state: &impl AccountSerialize) -> Result<()> {
    state.try_serialize(&mut &mut account.try_borrow_mut_data()?[..])
}
