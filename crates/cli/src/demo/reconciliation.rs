//! Where every lamport came from, where it went and where it lies.

use {
    super::{error::DemoError, plan::PEOPLE},
    serde::Serialize,
    std::collections::BTreeMap,
    tidepool_localnet::World,
    tidepool_math::{Lamports, Rate, Shares},
};

/// What crossed the pool's border, as far as the demo has seen it happen.
#[derive(Clone, Debug, Default)]
pub struct Paid {
    /// In and out of wallets of people.
    people: BTreeMap<&'static str, (u64, u64)>,
    /// Into bonds, with their rents.
    pub by_validators: u64,
    pub to_insurance: u64,
    /// Out of bonds, which are the pool's accounts too, to the holders and the insurance.
    pub by_bonds: u64,
    pub slashed: u64,
}

impl Paid {
    pub fn note(&mut self, who: &'static str, before: u64, now: u64) {
        let (paid_in, paid_out) = self.people.entry(who).or_default();
        *paid_in += before.saturating_sub(now);
        *paid_out += now.saturating_sub(before);
    }
}

/// The pool's border: `deposited + rewards − slashed + gifts = paid out + held`. In and out are counted in wallets and in stake
/// accounts, what is held in the pool's accounts; the program's own books are not asked.
#[derive(Clone, Debug, Serialize)]
pub struct Reconciliation {
    /// By everybody; by the operator who made the pool: rents, its first shares, what he gave to the insurance; and by
    /// validators: their bonds.
    pub deposited: i128,
    pub deposited_by_operator: i128,
    pub deposited_by_validators: u64,
    /// From the cluster.
    pub rewards: i128,
    pub slashed: u64,
    pub gifts: u64,
    pub paid_out: i128,
    pub held: i128,
    pub held_in: HeldIn,
    /// What is missing, 0.
    pub difference_lamports: i128,
    #[serde(skip)]
    pub people: Vec<Person>,
    #[serde(skip)]
    pub gains: Gains,
    #[serde(skip)]
    pub shares_of_gains: SharesOfGains,
}

/// Lamports by where they lie.
#[derive(Clone, Debug, Serialize)]
pub struct HeldIn {
    pub reserve: u64,
    pub insurance: u64,
    pub liquidity: u64,
    /// By validator; 0 for who has none.
    pub bonds: Vec<u64>,
    /// By validator: all lamports of its stake accounts.
    pub stake: Vec<u64>,
    /// What keeps the pool's own accounts alive.
    pub rents: i128,
}

/// Somebody with a wallet, in lamports and in base units of the LST.
#[derive(Clone, Debug, Serialize)]
pub struct Person {
    pub name: &'static str,
    pub paid_in: u64,
    pub paid_out: u64,
    pub lst: u64,
    /// Shares of the liquidity pool.
    pub lp: u64,
    /// Of both, at the last rate.
    pub worth: u64,
    /// `paid_out + worth − paid_in`.
    pub gain: i128,
}

/// What the pool gained, and what it lost.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Gains {
    /// Paid by the cluster.
    pub rewards: i128,
    pub slashed: u64,
    /// Paid by bonds.
    pub bonds: u64,
    /// Given to the insurance.
    pub insurance_funded: u64,
}

impl Gains {
    pub fn total(&self) -> i128 {
        self.rewards - i128::from(self.slashed) + i128::from(self.bonds) + i128::from(self.insurance_funded)
    }
}

/// Who has the gains: together they are all of them.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct SharesOfGains {
    /// Gains of the people above.
    pub people: i128,
    /// Fees, as LST of the treasury.
    pub treasury: i128,
    /// In the insurance vault or on the way to it.
    pub insurance: i128,
    /// Found, and still to be released to the holders.
    pub withheld: i128,
    /// The gain of the first shares, which nobody can redeem, and what rounding left in the pool.
    pub pool: i128,
}

impl Reconciliation {
    pub fn of(world: &World, paid: &Paid) -> Result<Self, DemoError> {
        let ledger = world.ledger;
        let by_people: u64 = paid.people.values().map(|(paid_in, _)| paid_in).sum();
        let people = PEOPLE
            .into_iter()
            .map(|name| Person::of(world, name, paid.people.get(name).copied().unwrap_or_default()))
            .collect::<Result<Vec<Person>, DemoError>>()?;
        let gains = Gains {
            rewards: ledger.rewards + i128::from(paid.slashed),
            slashed: paid.slashed,
            bonds: paid.by_bonds,
            insurance_funded: paid.to_insurance,
        };
        let shares_of_gains = SharesOfGains::of(world, &people, &gains)?;
        Ok(Self {
            deposited: ledger.paid_in,
            deposited_by_operator: ledger.paid_in - i128::from(by_people) - i128::from(paid.by_validators),
            deposited_by_validators: paid.by_validators,
            rewards: gains.rewards,
            slashed: gains.slashed,
            gifts: ledger.gifts,
            paid_out: ledger.paid_out,
            held: world.held(),
            held_in: HeldIn::of(world),
            difference_lamports: world.difference(),
            people,
            gains,
            shares_of_gains,
        })
    }

    pub fn require_balanced(&self) -> Result<(), DemoError> {
        match self.difference_lamports {
            0 => Ok(()),
            lamports => Err(DemoError::OutOfBalance(lamports)),
        }
    }
}

impl HeldIn {
    fn of(world: &World) -> Self {
        let (pool, liquidity) = (world.pool(), world.liquidity());
        let above = |key, rent: u64| world.chain.lamports(key).saturating_sub(rent);
        let reserve = above(&world.keys.reserve, pool.reserve_rent);
        let insurance = above(&world.keys.insurance, pool.insurance_rent);
        let sol_vault = above(&world.keys.sol_vault, liquidity.sol_vault_rent);
        let stake: Vec<u64> = world
            .validators
            .iter()
            .map(|keys| keys.stakes.iter().map(|key| world.chain.lamports(key)).sum())
            .collect();
        let bond = |index| world.bond(index).map_or(0, |bond| bond.lamports);
        let bonds: Vec<u64> = (0..world.validators.len()).map(bond).collect();
        let named = [reserve, insurance, sol_vault].iter().chain(&stake).chain(&bonds).sum::<u64>();
        let rents = world.held() - i128::from(named);
        Self { reserve, insurance, liquidity: sol_vault, bonds, stake, rents }
    }
}

impl Person {
    fn of(world: &World, name: &'static str, (paid_in, paid_out): (u64, u64)) -> Result<Self, DemoError> {
        let (lst, lp) = (world.lst_of(name), world.lp_of(name));
        let rate = world.rate();
        let liquidity = world.liquidity_books();
        let lp_rate = Rate { value: liquidity.value_floor(&rate)?, supply: liquidity.lp_supply };
        let worth = rate.lamports_floor(Shares(lst))?.plus(lp_rate.lamports_floor(Shares(lp))?)?.0;
        let gain = i128::from(paid_out) + i128::from(worth) - i128::from(paid_in);
        Ok(Self { name, paid_in, paid_out, lst, lp, worth, gain })
    }
}

impl SharesOfGains {
    fn of(world: &World, people: &[Person], gains: &Gains) -> Result<Self, DemoError> {
        let (pool, liquidity) = (world.pool(), world.liquidity());
        let treasury = Shares(world.chain.token_balance(&world.keys.treasury))
            .plus(Shares(pool.fee_shares_due))?
            .plus(Shares(liquidity.treasury_lst_due))?;
        let Lamports(treasury) = world.rate().lamports_floor(treasury)?;
        let people = people.iter().map(|person| person.gain).sum();
        let (treasury, withheld) = (i128::from(treasury), i128::from(pool.withheld));
        let insurance = i128::from(pool.insurance_lamports) + i128::from(pool.insurance_due);
        Ok(Self {
            people,
            treasury,
            insurance,
            withheld,
            pool: gains.total() - people - treasury - insurance - withheld,
        })
    }
}
