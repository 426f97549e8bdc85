use crate::reference::*;
use tidepool_math::*;

fn any_pool() -> impl Strategy<Value = LiquidityPool> {
    (lamports(), shares(), lamports(), shares()).prop_map(|(sol, lst, tickets, lp_supply)| LiquidityPool {
        sol,
        lst,
        tickets,
        tickets_ceil: tickets,
        lp_supply,
    })
}

fn shares_for(sol: u64, lst: u64, tickets: u64, target: u64) -> Outcome<u64> {
    let rate = Rate { value: Lamports(3_000), supply: Shares(2_000) };
    let pool = LiquidityPool {
        sol: Lamports(sol),
        lst: Shares(lst),
        tickets: Lamports(tickets),
        ..LiquidityPool::default()
    };
    pool.shares_to_recycle(&rate, Lamports(target), Lamports(30)).map(|shares| shares.0)
}

#[test]
fn as_much_is_recycled_as_is_missing_if_it_is_worth_a_ticket() {
    assert_eq!(shares_for(0, 1_000, 0, 300), Ok(200));
    assert_eq!(shares_for(0, 1_000, 0, 301), Ok(201));
    assert_eq!(shares_for(100, 1_000, 50, 300), Ok(100));
    assert_eq!(shares_for(100, 60, 50, 300), Ok(60));
    // Tickets that are on their way count.
    assert_eq!(shares_for(100, 1_000, 200, 300), Ok(0));
    assert_eq!(shares_for(400, 1_000, 0, 300), Ok(0));
    // Worth 30 and 28 lamports.
    assert_eq!(shares_for(0, 20, 0, 300), Ok(20));
    assert_eq!(shares_for(0, 19, 0, 300), Ok(0));
    assert_eq!(shares_for(0, 0, 0, 300), Ok(0));
    let worthless = Rate { value: Lamports(0), supply: Shares(1) };
    assert_eq!(
        LiquidityPool::default().shares_to_recycle(&worthless, Lamports(1), Lamports(0)),
        Err(MathError::NoValue)
    );
}

proptest! {
    #![proptest_config(cases(5_000))]

    #[test]
    fn what_is_recycled_is_exact(rate in any_rate(), pool in any_pool(), target in lamports(), least in lamports()) {
        let missing = target.0.saturating_sub(pool.sol.0.saturating_add(pool.tickets.0));
        let (value, supply) = fraction(&rate);
        let found = |least| pool.shares_to_recycle(&rate, target, Lamports(least));
        let Some(wanted) = ceil(big(missing) * supply, value) else {
            prop_assert_eq!(found(least.0), Err(MathError::NoValue));
            return Ok(());
        };
        let shares = u64::try_from(wanted.min(big(pool.lst.0))).unwrap();
        match exact_lamports(&rate, shares) {
            Err(error) => prop_assert_eq!(found(least.0), Err(error)),
            Ok(worth) => {
                for least in [least.0, worth, worth.saturating_add(1)] {
                    prop_assert_eq!(found(least), Ok(Shares(if worth < least { 0 } else { shares })));
                }
            }
        }
    }

    /// What an instant exit took comes back to the target, and no share more than that leaves.
    #[test]
    fn sol_comes_back_to_the_target_and_not_beyond_a_shares_worth(
        rate in pool_rate(), sol in 0..1u64 << 58, lst in 0..1u64 << 58, tickets in 0..1u64 << 58, target in 0..1u64 << 59,
    ) {
        let pool = LiquidityPool { sol: Lamports(sol), lst: Shares(lst.min(rate.supply.0)), tickets: Lamports(tickets), ..LiquidityPool::default() };
        let shares = pool.shares_to_recycle(&rate, Lamports(target), Lamports(1)).unwrap();
        prop_assert!(shares <= pool.lst);
        let Ok(order) = quote_order(&rate, shares, Bps::ZERO) else {
            prop_assert!(shares.is_zero());
            return Ok(());
        };
        let after = u128::from(sol) + u128::from(tickets) + u128::from(order.lamports.0);
        let share = u128::from(rate.lamports_ceil(Shares(1)).unwrap().0);
        prop_assert!(after < u128::from(target) + share);
        prop_assert!(shares == pool.lst || after >= u128::from(target));
    }
}
