use crate::reference::*;
use tidepool_math::*;

fn any_fee() -> impl Strategy<Value = LiquidFee> {
    (bps(), bps(), lamports()).prop_map(|(a, b, target)| LiquidFee { min: a.min(b), max: a.max(b), target })
}

/// The integral of the marginal fee from `end` to `liquidity`, as a fraction, without any of the crate's shortcuts:
/// the trapezoid below the target and the rectangle above it.
fn integral(fee: &LiquidFee, liquidity: u64, gross: u64) -> (BigUint, BigUint) {
    let (target, min, max) = (fee.target.0, big(fee.min.0), big(fee.max.0));
    let end = liquidity - gross;
    if target == 0 {
        return (min * gross, big(BPS));
    }
    let (a, b) = (liquidity.min(target), end.min(target));
    let slope = &max - &min;
    let ends = big(2u8) * target * max - slope * (big(a) + b);
    let curved = big(a - b) * ends;
    let flat = min * (gross - (a - b)) * 2u8 * target;
    (curved + flat, big(2u8) * target * BPS)
}

fn fee(min: u16, max: u16, target: u64) -> LiquidFee {
    LiquidFee { min: Bps(min), max: Bps(max), target: Lamports(target) }
}

#[test]
fn the_fee_is_the_mean_of_the_path_not_its_end() {
    let fee = fee(30, 300, 1_000_000);
    let charge = |liquidity, gross| fee.charge(Lamports(liquidity), Lamports(gross)).unwrap().0;
    assert_eq!(charge(2_000_000, 1_000_000), 3_000);
    // From the target to 0: the mean of 30 and 300.
    assert_eq!(charge(1_000_000, 1_000_000), 16_500);
    assert_eq!(charge(2_000_000, 2_000_000), 19_500);
    assert_eq!(charge(1, 1), 1);
    assert_eq!(charge(0, 0), 0);
    // Half of a basis point of the only lamport.
    assert_eq!(self::fee(0, 1, 1).charge(Lamports(1), Lamports(1)), Ok(Lamports(1)));
}

#[test]
fn impossible_trades_and_fees_are_refused() {
    let charge = |fee: LiquidFee, liquidity, gross| fee.charge(Lamports(liquidity), Lamports(gross));
    assert_eq!(charge(fee(1, 2, 10), 5, 6), Err(MathError::InsufficientLiquidity));
    assert_eq!(charge(fee(3, 2, 10), 5, 1), Err(MathError::InvalidFee));
    assert_eq!(charge(fee(3, 10_001, 10), 5, 1), Err(MathError::InvalidFee));
    assert_eq!(charge(fee(10_000, 10_000, 10), 5, 5), Ok(Lamports(5)));
    let rate = Rate { value: Lamports(100), supply: Shares(100) };
    let quote = |shares, treasury| {
        quote_liquid_unstake(&rate, Shares(shares), Lamports(50), &fee(10, 10, 0), Bps(treasury))
    };
    assert_eq!(quote(51, 0), Err(MathError::InsufficientLiquidity));
    assert_eq!(quote(101, 0), Err(MathError::Insufficient));
    assert_eq!(quote(1, 0), Err(MathError::ZeroResult));
    assert_eq!(quote(0, 0), Err(MathError::ZeroResult));
    assert_eq!(quote(5, 10_001), Err(MathError::InvalidFee));
}

#[test]
fn liquidity_without_lp_shares_value_or_amount_has_a_result_or_a_named_error() {
    let rate = Rate { value: Lamports(2), supply: Shares(1) };
    let pool = |sol, lst, tickets, lp| LiquidityPool {
        sol: Lamports(sol),
        lst: Shares(lst),
        tickets: Lamports(tickets),
        tickets_ceil: Lamports(tickets),
        lp_supply: Shares(lp),
    };
    // Nothing in it, or a gift: the first LP share is a lamport.
    assert_eq!(pool(0, 0, 0, 0).quote_add(&rate, Lamports(1)), Ok(Shares(1)));
    assert_eq!(pool(50, 0, 0, 0).quote_add(&rate, Lamports(7)), Ok(Shares(7)));
    assert_eq!(pool(0, 0, 0, 5).quote_add(&rate, Lamports(7)), Err(MathError::NoValue));
    assert_eq!(pool(10, 0, 0, 5).quote_add(&rate, Lamports(1)), Err(MathError::ZeroResult));
    assert_eq!(pool(10, 0, 0, 5).quote_add(&rate, Lamports(0)), Err(MathError::ZeroResult));
    // Only LST, only tickets.
    assert_eq!(pool(0, 5, 0, 10).quote_add(&rate, Lamports(7)), Ok(Shares(7)));
    assert_eq!(pool(0, 0, 10, 10).quote_add(&rate, Lamports(7)), Ok(Shares(7)));
    assert_eq!(pool(0, 5, 0, 10).quote_remove(Shares(10)), Ok((Lamports(0), Shares(5))));
    assert_eq!(pool(0, 0, 10, 10).quote_remove(Shares(10)), Err(MathError::InsufficientLiquidity));
    // Capital in tickets is paid from the vault while it has the SOL.
    assert_eq!(pool(50, 0, 50, 100).quote_remove(Shares(30)), Ok((Lamports(30), Shares(0))));
    assert_eq!(pool(10, 0, 90, 100).quote_remove(Shares(30)), Ok((Lamports(10), Shares(0))));
    assert_eq!(pool(9, 9, 0, 5).quote_remove(Shares(6)), Err(MathError::Insufficient));
    assert_eq!(pool(9, 9, 0, 5).quote_remove(Shares(0)), Err(MathError::ZeroResult));
    assert_eq!(pool(0, 0, 0, 5).quote_remove(Shares(5)), Err(MathError::ZeroResult));
    assert_eq!(pool(u64::MAX, 1, 0, 5).value_floor(&rate), Err(MathError::Overflow));
}

proptest! {
    #![proptest_config(cases(10_000))]

    #[test]
    fn the_fee_is_the_exact_integral_rounded_up_once(fee in any_fee(), liquidity in any_u64(), part in any_u64()) {
        let gross = part.min(liquidity);
        let (n, d) = integral(&fee, liquidity, gross);
        let charge = fee.charge(Lamports(liquidity), Lamports(gross));
        prop_assert_eq!(charge.map(|fee| fee.0), expected(ceil(n, d)));
        prop_assert!(charge.unwrap().0 <= gross);
        if part > liquidity {
            prop_assert_eq!(fee.charge(Lamports(liquidity), Lamports(part)), Err(MathError::InsufficientLiquidity));
        }
    }

    /// The target close to both ends of the path, where the curved and the flat part meet.
    #[test]
    fn the_fee_is_exact_around_the_target(
        fee in any_fee(), above in -3..=3i64, below in any_u64(),
    ) {
        let liquidity = fee.target.0.saturating_add_signed(above);
        let gross = below.min(liquidity);
        let (n, d) = integral(&fee, liquidity, gross);
        prop_assert_eq!(fee.charge(Lamports(liquidity), Lamports(gross)).map(|fee| fee.0), expected(ceil(n, d)));
    }

    #[test]
    fn a_fee_is_never_nothing_where_one_is_due(fee in any_fee(), liquidity in any_u64(), part in any_u64()) {
        let gross = part.min(liquidity);
        let charged = fee.charge(Lamports(liquidity), Lamports(gross)).unwrap().0;
        let due = fee.min.0 > 0 || (fee.max.0 > 0 && liquidity - gross < fee.target.0);
        prop_assert_eq!(charged > 0, gross > 0 && due);
    }

    #[test]
    fn the_fee_rises_with_the_amount_and_falls_with_the_liquidity(
        fee in any_fee(), liquidity in any_u64(), a in any_u64(), b in any_u64(), more in any_u64(),
    ) {
        let (small, large) = (a.min(b).min(liquidity), a.max(b).min(liquidity));
        let charge = |liquidity, gross| fee.charge(Lamports(liquidity), Lamports(gross)).unwrap().0;
        prop_assert!(charge(liquidity, small) <= charge(liquidity, large));
        prop_assert!(charge(liquidity.saturating_add(more), large) <= charge(liquidity, large));
        // A larger trade leaves more, too: the marginal fee is at most 100 %.
        prop_assert!(small - charge(liquidity, small) <= (large - charge(liquidity, large)).saturating_add(1));
    }

    /// After each slice the vault has its fee left, so the path of the slices ends higher by the fees already
    /// paid, and saves at most the highest marginal fee on those.
    #[test]
    fn a_trade_in_slices_saves_at_most_the_highest_fee_of_its_fee(
        fee in any_fee(), liquidity in any_u64(), part in any_u64(), cuts in prop::collection::vec(any_u64(), 0..20),
    ) {
        let gross = part.min(liquidity);
        let whole = fee.charge(Lamports(liquidity), Lamports(gross)).unwrap().0;

        let (mut vault, mut left, mut sliced) = (liquidity, gross, 0u64);
        for cut in cuts.iter().copied().chain([u64::MAX]) {
            let slice = cut.min(left);
            let charged = fee.charge(Lamports(vault), Lamports(slice)).unwrap().0;
            vault -= slice - charged;
            left -= slice;
            sliced += charged;
        }
        prop_assert!(whole <= sliced.saturating_add(fee.max.of_ceil(sliced)), "{whole} in one, {sliced} in slices");
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_liquid_quote_is_exact_and_its_parts_add_up(
        rate in any_rate(), shares in shares(), liquidity in lamports(), fee in any_fee(), treasury in bps(),
    ) {
        let quote = quote_liquid_unstake(&rate, shares, liquidity, &fee, treasury);
        if shares > rate.supply {
            prop_assert_eq!(quote, Err(MathError::Insufficient));
            return Ok(());
        }
        let gross = rate.lamports_floor(shares).unwrap();
        if gross > liquidity {
            prop_assert_eq!(quote, Err(MathError::InsufficientLiquidity));
            return Ok(());
        }
        let charged = fee.charge(liquidity, gross).unwrap();
        if charged == gross {
            prop_assert_eq!(quote, Err(MathError::ZeroResult));
            return Ok(());
        }
        let to_treasury = floor(big(charged.0) * treasury.0, BPS).unwrap();
        let to_providers = charged.0 - u64::try_from(to_treasury.clone()).unwrap();
        let treasury_shares = expected(floor(to_treasury * rate.supply.0, rate.value.0)).unwrap();
        let quote = quote.unwrap();
        prop_assert_eq!(quote.providers_fee, Lamports(to_providers));
        prop_assert_eq!((quote.shares, quote.gross, quote.fee), (shares, gross, charged));
        prop_assert_eq!(quote.net.plus(quote.fee), Ok(gross));
        prop_assert_eq!(quote.treasury_shares.0, treasury_shares);
        // What the LPs receive is worth at least what their vault pays.
        let kept = shares.minus(quote.treasury_shares).unwrap();
        prop_assert!(rate.lamports_floor(kept).unwrap() >= quote.net);
    }

    #[test]
    fn lp_quotes_are_exact(
        rate in any_rate(), sol in lamports(), lst in shares(), tickets in lamports(), lp_supply in shares(), lamports in lamports(),
        lp in shares(), round_up in 0..2u64,
    ) {
        let tickets_ceil = tickets.saturating_plus(Lamports(round_up));
        let pool = LiquidityPool { sol, lst, tickets, tickets_ceil, lp_supply };
        let (value, supply) = fraction(&rate);
        let own = big(sol.0) + tickets.0;
        let down = &own + floor(big(lst.0) * value, supply).unwrap();
        let up = big(sol.0) + tickets_ceil.0 + ceil(big(lst.0) * value, supply).unwrap();
        prop_assert_eq!(pool.value_floor(&rate), expected(Some(down)).map(Lamports));
        prop_assert_eq!(pool.value_ceil(&rate), expected(Some(up.clone())).map(Lamports));

        let minted = match expected(Some(up)) {
            Err(error) => Err(error),
            Ok(_) if lp_supply.is_zero() => Ok(lamports.0),
            Ok(up) => expected(floor(big(lamports.0) * lp_supply.0, up)),
        };
        let minted = if minted == Ok(0) { Err(MathError::ZeroResult) } else { minted };
        prop_assert_eq!(pool.quote_add(&rate, lamports), minted.map(Shares));

        let removed = pool.quote_remove(lp);
        if lp > lp_supply {
            prop_assert_eq!(removed, Err(MathError::Insufficient));
        } else if lp.is_zero() {
            prop_assert_eq!(removed, Err(MathError::ZeroResult));
        } else if own > big(u64::MAX) {
            prop_assert_eq!(removed, Err(MathError::Overflow));
        } else {
            let due = floor(own * lp.0, lp_supply.0).unwrap();
            let exact = (due.clone().min(big(sol.0)), floor(big(lst.0) * lp.0, lp_supply.0).unwrap());
            match removed {
                Ok((sol, lst)) => prop_assert_eq!((big(sol.0), big(lst.0)), exact),
                Err(error) => {
                    // All that it is worth is in tickets, or it is worth nothing.
                    let is_in_tickets = due > BigUint::ZERO;
                    let reason = if is_in_tickets { MathError::InsufficientLiquidity } else { MathError::ZeroResult };
                    prop_assert_eq!(error, reason);
                    prop_assert_eq!(exact, (big(0u8), big(0u8)));
                }
            }
        }
    }

    #[test]
    fn lp_shares_without_fresh_fees_are_exact_and_all_of_them_where_there_is_no_fee_or_no_value(
        rate in any_rate(), own in prop::option::of((lamports(), shares(), lamports())), lp in shares(), fresh in lamports(),
    ) {
        let (sol, lst, tickets) = own.unwrap_or_default();
        let pool = LiquidityPool { sol, lst, tickets, tickets_ceil: Lamports::MAX, lp_supply: Shares::MAX };
        let exact = pool.value_floor(&rate).map(|value| {
            let rest = value.0 - fresh.0.min(value.0);
            expected(floor(big(lp.0) * rest, value.0)).map_or(lp, Shares)
        });
        prop_assert_eq!(pool.shares_without_fees(&rate, lp, fresh), exact);
        prop_assert_eq!(pool.shares_without_fees(&rate, lp, Lamports::ZERO), exact.map(|_| lp));
    }

    /// UNS, Sec3 2023 and #34–#60: sandwiches of LP instructions.
    #[test]
    fn liquidity_added_and_removed_never_gains_and_never_costs_the_others(
        rate in pool_rate(), sol in 0..1_000_000_000_000u64, part in any_u64(), tickets in 0..1_000_000_000u64,
        lp_supply in 1..1_000_000_000_000u64, lamports in 1..1_000_000_000_000u64,
    ) {
        let lst = Shares(part.min(rate.supply.0));
        let before = LiquidityPool { sol: Lamports(sol), lst, tickets: Lamports(tickets), tickets_ceil: Lamports(tickets), lp_supply: Shares(lp_supply) };
        let Ok(lp) = before.quote_add(&rate, Lamports(lamports)) else { return Ok(()) };
        let mut pool = before;
        pool.sol = pool.sol.plus(Lamports(lamports)).unwrap();
        pool.lp_supply = pool.lp_supply.plus(lp).unwrap();
        // Exact worth of one LP share, the LST as a fraction of the rate: (sol + tickets) × supply + lst × value over lp × supply.
        let worth = |pool: &LiquidityPool| {
            let own = big(pool.sol.0) + pool.tickets.0;
            own * rate.supply.0 + big(pool.lst.0) * rate.value.0
        };
        let per_share_rises = |from: &LiquidityPool, to: &LiquidityPool| {
            worth(to) * from.lp_supply.0 >= worth(from) * to.lp_supply.0
        };
        prop_assert!(per_share_rises(&before, &pool));

        let Ok((sol_out, lst_out)) = pool.quote_remove(lp) else { return Ok(()) };
        let out = big(sol_out.0) * rate.supply.0 + big(lst_out.0) * rate.value.0;
        prop_assert!(out <= big(lamports) * rate.supply.0);
        let mut after = pool;
        after.sol = after.sol.minus(sol_out).unwrap();
        after.lst = after.lst.minus(lst_out).unwrap();
        after.lp_supply = after.lp_supply.minus(lp).unwrap();
        prop_assert!(per_share_rises(&pool, &after));
    }

    #[test]
    fn liquid_unstakes_never_lower_the_worth_of_an_lp_share(
        rate in pool_rate(), sol in lamports(), part in shares(), fee in any_fee(), treasury in bps(),
    ) {
        let Ok(quote) = quote_liquid_unstake(&rate, part.min(rate.supply), sol, &fee, treasury) else { return Ok(()) };
        let gained = big(quote.shares.0 - quote.treasury_shares.0) * rate.value.0;
        prop_assert!(gained >= big(quote.net.0) * rate.supply.0);
    }
}
