use {
    crate::errors::{MathResultExt, Result},
    anchor_lang::prelude::*,
    tidepool_math::{Lamports, LiquidQuote, LiquidityPool, Shares},
};

/// The books of the liquidity pool that serves instant exits. Amounts are what the program moved itself; gifts to a
/// vault go to the pool's holders, by `sync_pool`.
#[account(zero_copy)]
#[repr(C)]
pub struct Liquidity {
    pub pool: Pubkey,
    pub sol_vault: Pubkey,
    pub lst_vault: Pubkey,
    pub lp_mint: Pubkey,
    /// Lamports of the SOL vault above its rent.
    pub sol_lamports: u64,
    /// LST of the liquidity providers; what is owed to the treasury lies in the same vault but is not theirs.
    pub lst_amount: u64,
    pub lp_supply: u64,
    /// The treasury's share of exit fees, in LST, paid at the next `sync_pool`.
    pub treasury_lst_due: u64,
    /// Liquidity at which the exit fee is lowest.
    pub target_lamports: u64,
    /// Lamports of the SOL vault that keep it rent-exempt.
    pub sol_vault_rent: u64,
    pub bump: u8,
    pub sol_vault_bump: u8,
    pub reserved: [u8; 254],
}

impl Liquidity {
    /// Bytes of the account.
    pub const SPACE: usize = 8 + core::mem::size_of::<Self>();

    pub fn as_math(&self) -> LiquidityPool {
        LiquidityPool {
            sol: Lamports(self.sol_lamports),
            lst: Shares(self.lst_amount),
            lp_supply: Shares(self.lp_supply),
            tickets: Lamports::ZERO,
        }
    }

    pub fn book_add(&mut self, lamports: Lamports, lp: Shares) -> Result<()> {
        self.sol_lamports = Lamports(self.sol_lamports).plus(lamports).named()?.0;
        self.lp_supply = Shares(self.lp_supply).plus(lp).named()?.0;
        Ok(())
    }

    pub fn book_remove(&mut self, lp: Shares, lamports: Lamports, lst: Shares) -> Result<()> {
        self.lp_supply = Shares(self.lp_supply).minus(lp).named()?.0;
        self.sol_lamports = Lamports(self.sol_lamports).minus(lamports).named()?.0;
        self.lst_amount = Shares(self.lst_amount).minus(lst).named()?.0;
        Ok(())
    }

    pub fn book_exit(&mut self, quote: &LiquidQuote) -> Result<()> {
        let kept = quote.shares.minus(quote.treasury_shares).named()?;
        self.sol_lamports = Lamports(self.sol_lamports).minus(quote.net).named()?.0;
        self.lst_amount = Shares(self.lst_amount).plus(kept).named()?.0;
        self.treasury_lst_due = Shares(self.treasury_lst_due).plus(quote.treasury_shares).named()?.0;
        Ok(())
    }
}
