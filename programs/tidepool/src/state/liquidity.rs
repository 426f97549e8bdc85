use {
    super::Pool,
    crate::errors::{MathResultExt, Result, TidepoolError},
    anchor_lang::prelude::*,
    tidepool_interface::limits::FEE_NOTICE_EPOCHS,
    tidepool_math::{Bps, Claim, Epoch, Lamports, LiquidFee, LiquidQuote, LiquidityPool, Shares, Slot},
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
    /// Target that will hold from `pending_target_epoch` on, if that is not 0: a higher target makes exits dearer.
    pub pending_target_lamports: u64,
    pub pending_target_epoch: u64,
    /// Units of the queue of unstake tickets that are the liquidity pool's own.
    pub ticket_units: u64,
    /// Slot in which SOL was last added, and what of it is still there.
    pub add_slot: u64,
    pub added_lamports: u64,
    /// Slot of the last exit, and lamports of fees that the providers earned in it.
    pub exit_slot: u64,
    pub slot_fees: u64,
    pub bump: u8,
    pub sol_vault_bump: u8,
    pub reserved: [u8; 254],
}

impl Liquidity {
    /// Bytes of the account.
    pub const SPACE: usize = 8 + core::mem::size_of::<Self>();

    /// What it owns, its tickets at what the queue of `pool` says they are worth.
    pub fn as_math(&self, pool: &Pool) -> Result<LiquidityPool> {
        Ok(LiquidityPool {
            sol: Lamports(self.sol_lamports),
            lst: Shares(self.lst_amount),
            lp_supply: Shares(self.lp_supply),
            tickets: pool.queue().worth(self.ticket_units).named()?,
            tickets_ceil: pool.queue().worth_ceil(self.ticket_units).named()?,
        })
    }

    /// What an instant exit costs.
    pub fn fee(&self, pool: &Pool) -> LiquidFee {
        LiquidFee {
            min: Bps(pool.fees.liquid_min),
            max: Bps(pool.fees.liquid_max),
            target: Lamports(self.target_lamports),
        }
    }

    /// An announced target takes effect in its epoch.
    pub fn touch(&mut self, epoch: Epoch) {
        if self.pending_target_epoch != 0 && epoch >= self.pending_target_epoch {
            self.target_lamports = core::mem::take(&mut self.pending_target_lamports);
            self.pending_target_epoch = 0;
        }
    }

    /// A lower target holds at once, a higher one after the notice that holders are given.
    pub fn announce_target(&mut self, target: Lamports, epoch: Epoch) {
        let rises = target.0 > self.target_lamports;
        self.target_lamports = self.target_lamports.min(target.0);
        self.pending_target_lamports = if rises { target.0 } else { 0 };
        self.pending_target_epoch = if rises { epoch.saturating_add(FEE_NOTICE_EPOCHS) } else { 0 };
    }

    /// SOL that instant exits of `slot` are paid from and priced by. What was added in this very slot does not count: with
    /// borrowed SOL one could make one's own exit cheap at the cost of the other providers.
    pub fn sol_before_adds_of(&self, slot: Slot) -> Lamports {
        let added = if self.add_slot == slot { self.added_lamports } else { 0 };
        Lamports(self.sol_lamports).saturating_minus(Lamports(added))
    }

    pub fn book_add(&mut self, lamports: Lamports, lp: Shares, slot: Slot) -> Result<()> {
        if self.add_slot != slot {
            self.add_slot = slot;
            self.added_lamports = 0;
        }
        self.added_lamports = self.added_lamports.saturating_add(lamports.0);
        self.sol_lamports = Lamports(self.sol_lamports).plus(lamports).named()?.0;
        self.lp_supply = Shares(self.lp_supply).plus(lp).named()?.0;
        Ok(())
    }

    pub fn book_remove(&mut self, lp: Shares, lamports: Lamports, lst: Shares) -> Result<()> {
        self.lp_supply = Shares(self.lp_supply).minus(lp).named()?.0;
        self.sol_lamports = Lamports(self.sol_lamports).minus(lamports).named()?.0;
        self.lst_amount = Shares(self.lst_amount).minus(lst).named()?.0;
        self.added_lamports = self.added_lamports.saturating_sub(lamports.0);
        Ok(())
    }

    /// LST that a depositor bought.
    pub fn book_sale(&mut self, lst: Shares, lamports: Lamports) -> Result<()> {
        self.lst_amount = Shares(self.lst_amount).minus(lst).named()?.0;
        self.sol_lamports = Lamports(self.sol_lamports).plus(lamports).named()?.0;
        Ok(())
    }

    /// LST that became a ticket.
    pub fn book_recycled(&mut self, lst: Shares, units: u64) -> Result<()> {
        self.lst_amount = Shares(self.lst_amount).minus(lst).named()?.0;
        self.ticket_units = self.ticket_units.checked_add(units).ok_or(TidepoolError::AmountTooLarge)?;
        Ok(())
    }

    /// A ticket of its own was paid, wholly or in part.
    pub fn book_collected(&mut self, claim: &Claim) -> Result<()> {
        self.sol_lamports = Lamports(self.sol_lamports).plus(claim.lamports).named()?.0;
        self.ticket_units = self.ticket_units.checked_sub(claim.units).ok_or(TidepoolError::BooksBroken)?;
        Ok(())
    }

    /// Fees that providers earned in `slot`. They stay with those who do not leave in it: with borrowed SOL one could else
    /// earn the fee of one's own exit.
    pub fn fees_of(&self, slot: Slot) -> Lamports {
        Lamports(if self.exit_slot == slot { self.slot_fees } else { 0 })
    }

    pub fn book_exit(&mut self, quote: &LiquidQuote, slot: Slot) -> Result<()> {
        self.slot_fees = self.fees_of(slot).saturating_plus(quote.providers_fee).0;
        self.exit_slot = slot;
        let kept = quote.shares.minus(quote.treasury_shares).named()?;
        self.sol_lamports = Lamports(self.sol_lamports).minus(quote.net).named()?.0;
        self.lst_amount = Shares(self.lst_amount).plus(kept).named()?.0;
        self.treasury_lst_due = Shares(self.treasury_lst_due).plus(quote.treasury_shares).named()?.0;
        Ok(())
    }
}
