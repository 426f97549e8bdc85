//! Where every token came from, where it went and where it lies.

use {
    super::{
        holding::{End, Holding},
        plan::{Plan, OPERATOR},
        tier::Tier,
    },
    crate::demo::error::DemoError,
    serde::Serialize,
    std::collections::BTreeMap,
    tidepool_localnet::FixedWorld,
};

/// What crossed the border of each pool, as the wallets have seen it happen.
#[derive(Clone, Debug, Default)]
pub struct Paid(BTreeMap<(Tier, &'static str), (u64, u64)>);

impl Paid {
    pub fn note(&mut self, tier: Tier, who: &'static str, before: u64, now: u64) {
        let (paid_in, paid_out) = self.0.entry((tier, who)).or_default();
        *paid_in += before.saturating_sub(now);
        *paid_out += now.saturating_sub(before);
    }

    pub fn brought(&self, tier: Tier, who: &'static str) -> u64 {
        self.of(tier, who).0
    }

    pub fn taken(&self, tier: Tier, who: &'static str) -> u64 {
        self.of(tier, who).1
    }

    fn of(&self, tier: Tier, who: &'static str) -> (u64, u64) {
        self.0.get(&(tier, who)).copied().unwrap_or_default()
    }

    fn by_people(&self, tier: Tier) -> (u64, u64) {
        let of_people = self.0.iter().filter(|((of, who), _)| *of == tier && *who != OPERATOR);
        of_people.fold((0, 0), |(paid_in, paid_out), (_, moved)| (paid_in + moved.0, paid_out + moved.1))
    }
}

/// A pool's border: `staked + funded = paid out + withdrawn + held`. In and out are counted in wallets, what is held in the
/// vaults; the program's own books are not asked.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Border {
    pub tier: Tier,
    /// Out of people's wallets.
    pub staked: u64,
    /// Out of the operator's.
    pub funded: u64,
    /// Into people's wallets, principal and reward.
    pub paid_out: u64,
    /// Into the operator's.
    pub withdrawn: u64,
    pub principal_vault: u64,
    pub reward_vault: u64,
    /// What is missing, 0.
    pub difference: i128,
}

impl Border {
    fn of(world: &FixedWorld, paid: &Paid, tier: Tier) -> Self {
        let (staked, paid_out) = paid.by_people(tier);
        let (funded, withdrawn) = paid.of(tier, OPERATOR);
        let principal_vault = world.principal_balance(tier.number());
        let reward_vault = world.reward_balance(tier.number());
        let sum = |amounts: &[u64]| amounts.iter().copied().map(i128::from).sum::<i128>();
        Self {
            tier,
            staked,
            funded,
            paid_out,
            withdrawn,
            principal_vault,
            reward_vault,
            difference: sum(&[staked, funded]) - sum(&[paid_out, withdrawn, principal_vault, reward_vault]),
        }
    }
}

/// Somebody with a wallet.
#[derive(Clone, Debug, Serialize)]
pub struct Person {
    pub name: &'static str,
    pub paid_in: u64,
    pub paid_out: u64,
    /// `paid_out − paid_in`
    pub gain: i128,
}

#[derive(Clone, Debug, Serialize)]
pub struct Reconciliation {
    pub pools: Vec<Border>,
    /// All tokens there are, and how many of them lie in wallets; the rest is in the pools' vaults.
    pub supply: u64,
    pub in_wallets: u64,
    /// Of supply, wallets and vaults, 0.
    pub difference: i128,
    #[serde(skip)]
    pub people: Vec<Person>,
}

impl Reconciliation {
    pub fn of(world: &FixedWorld, paid: &Paid, plan: &Plan) -> Self {
        let pools: Vec<Border> = Tier::ALL.iter().map(|tier| Border::of(world, paid, *tier)).collect();
        let in_vaults: u64 = pools.iter().map(|pool| pool.principal_vault + pool.reward_vault).sum();
        let of_users: u64 = world.users().map(|(_, user)| world.balance(&user.tokens)).sum();
        let in_wallets = of_users + world.balance(&world.operator.tokens);
        let supply = world.chain.mint_supply(&world.mint);
        let names = plan.people.iter().map(|person| person.name).chain([OPERATOR]);
        let person = |name| {
            let moved = Tier::ALL.map(|tier| paid.of(tier, name));
            let (paid_in, paid_out) = (moved[0].0 + moved[1].0, moved[0].1 + moved[1].1);
            Person { name, paid_in, paid_out, gain: i128::from(paid_out) - i128::from(paid_in) }
        };
        Self {
            pools,
            supply,
            in_wallets,
            difference: i128::from(supply) - i128::from(in_wallets) - i128::from(in_vaults),
            people: names.map(person).collect(),
        }
    }

    /// Nothing is missing, neither in a pool nor of the token.
    pub fn require_balanced(&self) -> Result<(), DemoError> {
        let differences = self.pools.iter().map(|pool| pool.difference).chain([self.difference]);
        match differences.into_iter().find(|difference| *difference != 0) {
            None => Ok(()),
            Some(units) => Err(DemoError::OutOfBalance(units)),
        }
    }
}

/// Everybody has what he was promised, to the unit: principal and reward, or in an emergency the principal.
pub fn require_promises_kept(holdings: &[Holding]) -> Result<(), DemoError> {
    for holding in holdings {
        let is_whole = holding.principal_back == holding.principal;
        let is_rewarded = match holding.end {
            Some(End::LeftInEmergency) => holding.reward() <= holding.promised,
            _ => holding.reward() == holding.promised,
        };
        if !is_whole || !is_rewarded {
            return Err(DemoError::PromiseBroken {
                who: holding.who,
                promised: holding.principal + holding.promised,
                paid: holding.principal_back + holding.reward(),
            });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use {super::*, tidepool_client::fixed::PositionKeys};

    /// A position of 1,000 units that was promised 80.
    fn holding(end: End, principal_back: u64, reward_paid: u64) -> Holding {
        let (owner, position) = Default::default();
        Holding {
            who: "ana",
            tier: Tier::Standard,
            keys: PositionKeys { owner, index: 0, position, bump: 0 },
            index: 0,
            principal: 1_000,
            rate_bps: 800,
            staked_at: 0,
            unlock_at: 0,
            promised: 80,
            reward_paid,
            reward_staked: 0,
            principal_back,
            accrued: 80,
            end: Some(end),
            ended_at: Some(0),
        }
    }

    #[test]
    fn a_unit_too_little_or_too_much_breaks_a_promise() {
        let is_kept = |end, back, reward| require_promises_kept(&[holding(end, back, reward)]).is_ok();
        assert!(is_kept(End::Unstaked, 1_000, 80));
        assert!(!is_kept(End::Unstaked, 1_000, 79) && !is_kept(End::Unstaked, 1_000, 81));
        assert!(!is_kept(End::Unstaked, 999, 80) && !is_kept(End::RolledOver, 1_000, 79));
        assert!(is_kept(End::LeftInEmergency, 1_000, 30));
        assert!(!is_kept(End::LeftInEmergency, 999, 30) && !is_kept(End::LeftInEmergency, 1_000, 81));
    }

    #[test]
    fn a_unit_that_is_missing_anywhere_is_told() {
        let books = |of_pool, of_all| Reconciliation {
            pools: Tier::ALL
                .map(|tier| Border {
                    tier,
                    staked: 0,
                    funded: 0,
                    paid_out: 0,
                    withdrawn: 0,
                    principal_vault: 0,
                    reward_vault: 0,
                    difference: if tier == Tier::Premium { of_pool } else { 0 },
                })
                .to_vec(),
            supply: 0,
            in_wallets: 0,
            difference: of_all,
            people: vec![],
        };
        assert!(books(0, 0).require_balanced().is_ok());
        for (of_pool, of_all) in [(1, 0), (-1, 0), (0, 1)] {
            let told = books(of_pool, of_all).require_balanced();
            assert!(matches!(told, Err(DemoError::OutOfBalance(units)) if units == of_pool + of_all));
        }
    }
}
