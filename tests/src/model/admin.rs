//! Those who keep the pool: admin and guardian.

use super::{check, numbers::Amount, Model, Pending, Refusal};

/// Functions that can be paused.
pub const FUNCTIONS: usize = 5;

/// The bit of the breaker, which can only be closed.
const BREAKER: u8 = 0b1000_0000;

/// Epochs a pause lasts, and those before the guardian may pause again.
const PAUSE_EPOCHS: Amount = 14;

/// Epochs between the announcement of a rise and the rise.
const NOTICE_EPOCHS: Amount = 2;

/// What a pause can stop, by its bit. Nothing that lets a holder leave by a ticket is among them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Function {
    Deposit = 0,
    LiquidUnstake = 1,
    AddLiquidity = 2,
    Delegation = 3,
    WithdrawStake = 4,
}

/// Fees and shares of fees, in basis points.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fees {
    pub reward: Amount,
    pub deposit: Amount,
    pub ticket: Amount,
    pub stake_withdrawal: Amount,
    pub liquid_min: Amount,
    pub liquid_max: Amount,
    pub liquid_treasury_share: Amount,
    pub insurance_share: Amount,
    pub warmup: Amount,
    pub referral_share: Amount,
}

/// What the admin may change at once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    pub reserve_target: Amount,
    pub move_window: Amount,
    pub max_validator: Amount,
    /// Share of the value that may move in an epoch.
    pub max_move: Amount,
    /// Share of the value that may be gained or lost in an epoch; 0: as much as there is.
    pub breaker: Amount,
    pub min_deposit: Amount,
    pub deposit_cap: Amount,
    pub instant_cap: Amount,
}

/// Somebody who may have a role.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Keeper {
    /// Made the pool: the first admin and manager. As treasury: the one the pool was made with.
    #[default]
    Founder,
    /// The first guardian.
    Watchman,
    /// One of the people. As treasury: his account for the LST.
    Person(usize),
}

/// Roles, by their number.
pub const ROLES: usize = 4;
const ADMIN: usize = 0;
pub(super) const MANAGER: usize = 1;
const GUARDIAN: usize = 2;
pub const TREASURY: usize = 3;

impl Keeper {
    /// Nobody but people and the founder has a treasury.
    fn as_holder_of(self, role: usize) -> Self {
        match self {
            Self::Watchman if role == TREASURY => Self::Founder,
            other => other,
        }
    }
}

impl Fees {
    /// Hard caps: no fee can be above, whoever asks for it.
    const MOST: [Amount; 10] = [2_000, 50, 50, 50, 1_000, 1_000, 7_500, 10_000, 10_000, 5_000];

    fn parts(&self) -> [Amount; 10] {
        [
            self.reward,
            self.deposit,
            self.ticket,
            self.stake_withdrawal,
            self.liquid_min,
            self.liquid_max,
            self.liquid_treasury_share,
            self.insurance_share,
            self.warmup,
            self.referral_share,
        ]
    }

    pub fn from_parts(parts: [Amount; 10]) -> Self {
        let [reward, deposit, ticket, stake_withdrawal, liquid_min, liquid_max, liquid_treasury_share, insurance_share, warmup, referral_share] =
            parts;
        Self {
            reward,
            deposit,
            ticket,
            stake_withdrawal,
            liquid_min,
            liquid_max,
            liquid_treasury_share,
            insurance_share,
            warmup,
            referral_share,
        }
    }

    fn require_valid(&self) -> Result<(), Refusal> {
        // The lowest exit fee and the insurance's share have no cap of their own: they are parts of something that has.
        let is_within = |place: usize| place == 4 || place == 7 || self.parts()[place] <= Self::MOST[place];
        check((0..10).all(is_within), Refusal::FeeAboveLimit)?;
        check(self.liquid_min <= self.liquid_max && self.insurance_share <= 10_000, Refusal::InvalidParameter)
    }
}

impl Model {
    /// Each fee that falls does so at once; if any rises, all of them hold two epochs later. What was announced before is
    /// forgotten.
    pub fn set_fees(&mut self, signer: Keeper, fees: Fees) -> Result<(), Refusal> {
        self.attempt(|m| {
            m.require_admin(signer)?;
            m.touch();
            fees.require_valid()?;
            let pool = &mut m.books.pool;
            let (now, new) = (pool.fees.parts(), fees.parts());
            pool.fees = Fees::from_parts(std::array::from_fn(|place| now[place].min(new[place])));
            let rises = (0..10).any(|place| new[place] > now[place]);
            pool.pending_fees = rises.then_some(Pending { new: fees, from: m.cluster.epoch + NOTICE_EPOCHS });
            Ok(())
        })
    }

    /// Settings hold at once, and so does a lower liquidity target; a higher one, which makes exits dearer, two epochs later.
    pub fn set_parameters(
        &mut self,
        signer: Keeper,
        settings: Settings,
        target: Amount,
    ) -> Result<(), Refusal> {
        self.attempt(|m| {
            m.require_admin(signer)?;
            m.touch();
            m.touch_liquidity();
            let Settings { reserve_target, move_window, max_validator, max_move, breaker, .. } = settings;
            let shares = [reserve_target, move_window, max_validator, max_move, breaker];
            let is_valid = settings.move_window >= 500 && shares.iter().all(|share| *share <= 10_000);
            check(is_valid, Refusal::InvalidParameter)?;
            m.books.pool.settings = settings;
            let liquidity = &mut m.books.liquidity;
            let rises = target > liquidity.target;
            liquidity.target = liquidity.target.min(target);
            liquidity.pending_target =
                rises.then_some(Pending { new: target, from: m.cluster.epoch + NOTICE_EPOCHS });
            Ok(())
        })
    }

    /// Stops functions for 14 epochs. The guardian's pause ends when it ends: he may set it again within that time, but not
    /// for as long after it, unless the admin has resumed meanwhile.
    pub fn pause(&mut self, signer: Keeper, functions: u8) -> Result<(), Refusal> {
        self.attempt(|m| {
            m.touch();
            let is_admin = m.is_admin_or_guardian(signer)?;
            let epoch = m.cluster.epoch;
            for function in named(functions)? {
                let end = &mut m.books.pool.pause_end[function];
                let is_running = epoch < *end;
                if is_admin {
                    *end = epoch + PAUSE_EPOCHS;
                } else if !is_running {
                    check(*end == 0 || epoch >= *end + PAUSE_EPOCHS, Refusal::GuardianPauseSpent)?;
                    *end = epoch + PAUSE_EPOCHS;
                }
                m.books.pool.paused[function] = true;
            }
            Ok(())
        })
    }

    /// Opens functions again; if the admin does it, the guardian may pause anew.
    pub fn resume(&mut self, signer: Keeper, functions: u8) -> Result<(), Refusal> {
        self.attempt(|m| {
            m.touch();
            let is_admin = m.is_admin_or_guardian(signer)?;
            let closes_breaker = functions & BREAKER != 0;
            if closes_breaker {
                let pool = &mut m.books.pool;
                pool.breaker = false;
                // What was found is right, and counts no more.
                (pool.epoch_gain, pool.epoch_loss) = (0, 0);
            }
            let others = functions & !BREAKER;
            let named = if closes_breaker && others == 0 { vec![] } else { named(others)? };
            for function in named {
                m.books.pool.paused[function] = false;
                if is_admin {
                    m.books.pool.pause_end[function] = 0;
                }
            }
            Ok(())
        })
    }

    /// Names who is to take over a role; an earlier proposal is forgotten.
    pub fn propose_role(&mut self, signer: Keeper, role: usize, successor: Keeper) -> Result<(), Refusal> {
        self.attempt(|m| {
            m.require_admin(signer)?;
            m.touch();
            m.books.pool.proposed[role] = Some(successor.as_holder_of(role));
            Ok(())
        })
    }

    pub fn cancel_role_proposal(&mut self, signer: Keeper, role: usize) -> Result<(), Refusal> {
        self.attempt(|m| {
            m.require_admin(signer)?;
            m.touch();
            check(m.books.pool.proposed[role].take().is_some(), Refusal::NoProposal)
        })
    }

    /// Who was proposed takes over. A treasury must be able to take what it is paid.
    pub fn accept_role(&mut self, role: usize, signer: Keeper) -> Result<(), Refusal> {
        self.attempt(|m| {
            m.touch();
            let successor = signer.as_holder_of(role);
            if role == TREASURY && successor == Keeper::Founder {
                check(m.books.vaults.treasury_is_usable, Refusal::WrongTokenAccount)?;
            }
            check(m.books.pool.proposed[role].take() == Some(successor), Refusal::NotTheProposed)?;
            m.books.pool.holders[role] = successor;
            Ok(())
        })
    }

    pub(super) fn require_admin(&self, signer: Keeper) -> Result<(), Refusal> {
        check(signer == self.books.pool.holders[ADMIN], Refusal::NotTheAdmin)
    }

    /// Whether it is the admin; the guardian is not, and nobody else may.
    fn is_admin_or_guardian(&self, signer: Keeper) -> Result<bool, Refusal> {
        let holders = &self.books.pool.holders;
        let is_one = signer == holders[ADMIN] || signer == holders[GUARDIAN];
        check(is_one, Refusal::NotTheGuardian)?;
        Ok(signer == holders[ADMIN])
    }

    pub(super) fn require_open(&self, function: Function) -> Result<(), Refusal> {
        let is_shut =
            matches!(function, Function::Deposit | Function::LiquidUnstake) && self.books.pool.breaker;
        check(!self.books.pool.paused[function as usize] && !is_shut, Refusal::Paused)
    }
}

fn named(functions: u8) -> Result<Vec<usize>, Refusal> {
    check(functions != 0 && functions >> FUNCTIONS == 0, Refusal::InvalidParameter)?;
    Ok((0..FUNCTIONS).filter(|function| functions >> function & 1 == 1).collect())
}
