//! All that is written down anywhere, and what follows from it.

use super::{
    admin::{Keeper, ROLES},
    bonds::{Bond, Withdrawal},
    numbers::{ceil, fits, floor, Amount, BPS, PPB},
    reviews::{Means, Rules, Sums},
    validators::{StakeBook, ValidatorBook},
    Fees, Model, Queue, Rate, Refusal, Settings, Stream, FUNCTIONS, ONE,
};

/// The most an epoch is taken to have gained, in parts per billion: 1 %.
const MOST_GAIN_PPB: Amount = 10_000_000;

/// The state of everything that can be read from the chain.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Books {
    pub pool: Pool,
    pub liquidity: Liquidity,
    pub vaults: Vaults,
    pub people: Vec<Person>,
    /// Open tickets, oldest first.
    pub tickets: Vec<Ticket>,
    /// Of the pool, by validator: main, onramp and offramp.
    pub stakes: Vec<[StakeBook; 3]>,
    /// What the pool knows of its validators.
    pub validators: Vec<ValidatorBook>,
    /// Their bonds, what strangers sent to where one is to be, and wallets of those who have them back.
    pub bonds: Vec<Option<Bond>>,
    pub bond_gifts: Vec<Amount>,
    pub bond_owners: Vec<Amount>,
    /// Stake accounts of people.
    pub own_stakes: Vec<OwnStake>,
}

/// Lamports gained, by source.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Gains {
    /// Rewards of stake; found beside the stake.
    pub delegation: Amount,
    pub free: Amount,
    /// Paid beyond the rate by those who came or left, and fees that nobody could take.
    pub fees: Amount,
    pub bonds: Amount,
    /// Sent by strangers; burned LST.
    pub gifts: Amount,
}

/// A stake account of somebody.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OwnStake {
    pub id: u64,
    pub owner: usize,
    pub lamports: Amount,
    /// Of them, what is delegated.
    pub stake: Amount,
}

/// Something announced, and the epoch from which on it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pending<T> {
    pub new: T,
    pub from: Amount,
}

/// The pool's own books.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pool {
    /// LST issued, fees that are not minted yet included.
    pub supply: Amount,
    /// Of it, the treasury's fees that are not minted yet.
    pub fee_shares_due: Amount,
    pub stream: Stream,
    /// What this epoch's gains were per unit of value, and those of the last epoch that had one; parts per billion.
    pub gain_ppb: Amount,
    pub last_gain_ppb: Amount,
    /// The epoch of `gain_ppb` and of `updated`.
    pub counted_epoch: Amount,
    /// Epochs whose gains it is to find.
    pub to_find: Amount,
    /// Validators looked at in that epoch: how many.
    pub updated: Amount,
    /// The last epoch in which all were.
    pub last_update_epoch: Amount,
    /// Lamports of the reserve.
    pub reserve: Amount,
    /// Lamports of the insurance vault.
    pub insurance: Amount,
    /// The insurance's, but still in the reserve or staked.
    pub insurance_due: Amount,
    /// Losses that later gains make good without a fee.
    pub loss_carry: Amount,
    pub queue: Queue,
    pub tickets_ordered: Amount,
    /// Slot of the last order, and the end of the line and its gaps before that slot.
    pub order_slot: Amount,
    pub total_before: Amount,
    pub cancelled_before: Amount,
    pub fees: Fees,
    pub pending_fees: Option<Pending<Fees>>,
    pub settings: Settings,
    pub rules: Rules,
    /// What this epoch's reviews have found, and what they compare with.
    pub reviewed: Sums,
    pub means: Option<Means>,
    /// Stake moved in this epoch but for tickets.
    pub moved: Amount,
    /// Found in stake accounts in this epoch, and lost from them; whether that was too much, and until when it counts.
    pub epoch_gain: Amount,
    pub epoch_loss: Amount,
    pub breaker: bool,
    pub breaker_end: Amount,
    /// Since the last entry of the history; entries there are; the epoch of the last sync.
    pub gains: Gains,
    pub loss: Amount,
    pub entries: Amount,
    pub synced_in: Amount,
    pub insurance_withdrawal: Option<Withdrawal>,
    /// What the insurance has paid and no bond has given back yet.
    pub insured_loss: Amount,
    pub paused: [bool; FUNCTIONS],
    pub pause_end: [Amount; FUNCTIONS],
    /// Who has each role: admin, manager, guardian, treasury; and who is proposed for it.
    pub holders: [Keeper; ROLES],
    pub proposed: [Option<Keeper>; ROLES],
    /// What instant exits have used of their daily cap, and when.
    pub instant_used: Amount,
    pub instant_used_at: Amount,
}

/// The books of the liquidity pool.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Liquidity {
    pub sol: Amount,
    pub lst: Amount,
    pub lp_supply: Amount,
    /// The treasury's part of exit fees, in LST, still in the vault.
    pub treasury_due: Amount,
    pub target: Amount,
    pub pending_target: Option<Pending<Amount>>,
    /// Units of its own open tickets.
    pub ticket_units: Amount,
    /// Slot in which SOL was last added, and what of it has not been taken out since.
    pub add_slot: Amount,
    pub added: Amount,
    /// Slot of the last exit, and the fees of that slot.
    pub exit_slot: Amount,
    pub exit_fees: Amount,
}

/// What really lies in the accounts, gifts and all; SOL above what stays there for ever.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Vaults {
    pub reserve: Amount,
    pub insurance: Amount,
    pub liquidity_sol: Amount,
    pub liquidity_lst: Amount,
    /// Supply of both mints.
    pub lst_minted: Amount,
    pub lp_minted: Amount,
    pub treasury_lst: Amount,
    /// Whether the token account the pool was made with as treasury can take anything.
    pub treasury_is_usable: bool,
    /// Of the pool's other accounts together: nobody's.
    pub elsewhere: Amount,
    pub dead_lst: Amount,
    pub dead_lp: Amount,
}

/// Somebody with a wallet and two token accounts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Person {
    pub sol: Amount,
    pub lst: Amount,
    pub lp: Amount,
}

/// Whom a ticket is paid to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    Person(usize),
    LiquidityPool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TicketKind {
    Order,
    /// The liquidity pool's own.
    Recycled,
    /// A gap in the line.
    Cancelled,
}

/// An order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ticket {
    pub id: u64,
    pub kind: TicketKind,
    pub owner: Owner,
    /// Who paid its rent; `None` for somebody outside.
    pub rent_payer: Option<usize>,
    /// What lies in its account.
    pub held: Amount,
    pub start: Amount,
    pub units: Amount,
    pub paid: Amount,
    pub lamports: Amount,
    pub lst: Amount,
    pub epoch: Amount,
}

impl Books {
    /// All lamports ever seen in stake accounts.
    pub fn stake(&self) -> Amount {
        self.stakes.iter().flatten().map(|account| account.seen).sum()
    }

    /// `assets − liabilities − withheld`; what is set aside for the insurance is no holder's either.
    pub fn value(&self) -> Amount {
        let assets = self.pool.reserve + self.stake();
        assets - self.pool.queue.liabilities() - self.pool.insurance_due - self.pool.stream.withheld
    }

    /// The reserve's lamports that nobody waits for.
    pub fn free_reserve(&self) -> Amount {
        (self.pool.reserve - self.pool.queue.reserved() - self.pool.insurance_due).max(0)
    }

    /// What the liquidity pool owns in SOL: its vault, and what its tickets are worth.
    pub fn liquidity_sol(&self) -> Amount {
        self.liquidity.sol + self.pool.queue.worth(self.liquidity.ticket_units)
    }

    /// What `lp` shares get: their part of both, the tickets' part in SOL as far as the vault has it.
    pub(super) fn liquidity_part(&self, lp: Amount) -> (Amount, Amount) {
        let of = |all| floor(all, lp, self.liquidity.lp_supply);
        (of(self.liquidity_sol()).min(self.liquidity.sol), of(self.liquidity.lst))
    }
}

impl Model {
    /// SOL that came to the reserve, or shares that left the line, cover further tickets.
    pub(super) fn fill(&mut self) {
        let pool = &mut self.books.pool;
        pool.queue.fill(pool.reserve);
    }

    /// Lamports join the stream; `length` is what the line would be without it.
    pub(super) fn stream(&mut self, gain: Amount, length: Amount) {
        self.books.pool.stream.add(gain, self.cluster.slot, length);
    }

    /// What a comer has paid beyond the rate joins the stream: the part of it that the charge made up over an epoch, the rest,
    /// which is for rewards that are withheld, along with them. Call it before his lamports and shares are booked.
    pub(super) fn stream_premium(&mut self, paid: Amount, shares: Amount, charge: Amount) {
        let Stream { withheld, end, .. } = self.books.pool.stream;
        let premium = (paid - self.rate().lamports_ceil(shares)).max(0);
        let charged = floor(shares, charge, self.books.pool.supply).min(premium);
        if withheld > 0 {
            self.stream(premium - charged, end - self.cluster.slot);
        }
        self.books.pool.gains.fees += charged;
        self.stream(charged, self.cluster.slots_per_epoch);
    }

    /// Splits a gain that `place` then brings into the books: what makes an earlier loss good is free, of the rest the
    /// reward fee goes to insurance and treasury; what is left is streamed. The treasury is paid in shares at the rate.
    pub(super) fn gain(&mut self, gain: Amount, place: impl FnOnce(&mut Books)) {
        let rate = self.rate();
        let all = rate.value + self.books.pool.stream.withheld + self.books.pool.queue.liabilities();
        place(&mut self.books);
        if gain == 0 {
            return;
        }
        let pool = &mut self.books.pool;
        let recovered = gain.min(pool.loss_carry);
        pool.loss_carry -= recovered;
        let fee = ceil(gain - recovered, pool.fees.reward, BPS);
        let insurance = ceil(fee, pool.fees.insurance_share, BPS);
        let mut treasury = fee - insurance;
        // A fee that no share can be minted for stays with the holders.
        let shares = rate.shares(treasury).unwrap_or(0);
        if shares == 0 {
            treasury = 0;
        }
        let streamed = gain - insurance - treasury;
        pool.gain_ppb = (pool.gain_ppb + part_gained(streamed, all)).min(MOST_GAIN_PPB);
        pool.insurance_due += insurance;
        pool.supply += shares;
        pool.fee_shares_due += shares;
        self.stream(streamed, self.cluster.slots_per_epoch);
    }

    /// Takes a loss out of the stake accounts' books: insurance, then withheld rewards, then holders and tickets in
    /// proportion.
    pub(super) fn lose(&mut self, loss: Amount, place: impl FnOnce(&mut Books)) -> Result<(), Refusal> {
        let value = self.books.value();
        let pool = &mut self.books.pool;
        let insured = loss.min(pool.insurance_due + pool.insurance);
        let withheld = (loss - insured).min(pool.stream.withheld);
        let rest = loss - insured - withheld;

        let mut borne_by_tickets = 0;
        if rest > 0 {
            let liabilities = pool.queue.liabilities();
            let before = fits(value + liabilities)?;
            super::check(rest <= before, Refusal::InsufficientBalance)?;
            if liabilities > 0 && self.mistake != Some(super::Mistake::TicketsBearNoLoss) {
                let queue = pool.queue;
                let borne = |index| liabilities - Queue { index, ..queue }.liabilities();
                let mut index = floor(queue.index, before - rest, before);
                // Rounded up where the tickets would bear more than there is to bear, if holders can bear what that leaves.
                if borne(index) > rest && rest - borne(index + 1) <= value {
                    index += 1;
                }
                pool.queue.index = index;
                borne_by_tickets = borne(index).min(rest);
            }
            super::check(rest - borne_by_tickets <= value, Refusal::InsufficientBalance)?;
        }
        let _ = pool.stream.absorb(withheld, self.cluster.slot);
        // What tickets bear leaves with them: no later gain makes it good.
        pool.loss_carry += withheld + rest - borne_by_tickets;
        pool.insured_loss += insured;
        let from_due = insured.min(pool.insurance_due);
        let from_vault = insured - from_due;
        pool.insurance_due -= from_due;
        pool.insurance -= from_vault;
        pool.reserve += from_vault;
        self.books.vaults.insurance -= from_vault;
        self.books.vaults.reserve += from_vault;
        place(&mut self.books);
        Ok(())
    }

    /// Shares that are gone without having been redeemed: what they stood for is streamed to the others. Gives that.
    pub(super) fn burned(&mut self, shares: Amount) -> Amount {
        let worth = self.rate().lamports(shares);
        self.books.pool.supply -= shares;
        self.stream(worth, self.cluster.slots_per_epoch);
        worth
    }

    /// The counters of an epoch begin anew.
    pub(super) fn begin_epoch(&mut self) {
        if self.books.pool.counted_epoch != self.cluster.epoch {
            self.end_reviews();
            let pool = &mut self.books.pool;
            // An epoch that was not looked at whole says only that an epoch gains so much at least.
            let is_whole = pool.last_update_epoch == pool.counted_epoch && pool.gain_ppb > 0;
            let gain = std::mem::take(&mut pool.gain_ppb);
            pool.last_gain_ppb = if is_whole { gain } else { gain.max(pool.last_gain_ppb) };
            pool.counted_epoch = self.cluster.epoch;
            pool.to_find = pool.counted_epoch - pool.last_update_epoch;
            (pool.updated, pool.moved) = (0, 0);
            (pool.epoch_gain, pool.epoch_loss) = (0, 0);
        }
    }
}

impl ValidatorBook {
    /// It is looked at in `epoch`: the main account has `gain` more than the `before` that was seen last,
    /// which says nothing of what stake earns if it was below `least`. Whether that is
    /// the first time in the epoch.
    pub(super) fn look(&mut self, gain: Amount, before: Amount, least: Amount, epoch: Amount) -> bool {
        let is_first = self.updated_in != epoch;
        self.updated_in = epoch;
        if before < least {
            return is_first;
        }
        let ppb = part_gained(gain, before);
        if !is_first {
            self.gain_ppb = (self.gain_ppb + ppb).min(MOST_GAIN_PPB);
        } else if ppb > 0 {
            self.gain_ppb = ppb;
        }
        is_first
    }
}

/// Parts per billion, rounded up; as much as there can be where nothing was.
fn part_gained(gain: Amount, of: Amount) -> Amount {
    match (gain, of) {
        (0, _) => 0,
        (_, 0) => MOST_GAIN_PPB,
        _ => ceil(gain, PPB, of).min(MOST_GAIN_PPB),
    }
}

/// What all liquidity shares are worth together at a rate, every part rounded up.
pub(super) fn liquidity_value_ceil(books: &Books, rate: &Rate) -> Amount {
    let tickets = ceil(books.liquidity.ticket_units, books.pool.queue.index, ONE);
    books.liquidity.sol + tickets + rate.lamports_ceil(books.liquidity.lst)
}
