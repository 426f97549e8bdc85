use crate::reference::*;
use tidepool_math::*;

fn rate(value: u64, supply: u64) -> Rate {
    Rate { value: Lamports(value), supply: Shares(supply) }
}

#[test]
fn a_deposit_or_order_that_would_give_nothing_is_refused() {
    let deposit = |rate, lamports, fee| quote_deposit(&rate, Lamports(lamports), Bps(fee));
    assert_eq!(deposit(rate(3, 1), 2, 0), Err(MathError::ZeroResult));
    assert_eq!(deposit(rate(1, 1), 0, 0), Err(MathError::ZeroResult));
    assert_eq!(deposit(rate(1, 1), 1, 1), Err(MathError::ZeroResult));
    assert_eq!(deposit(rate(0, 1), 1, 0), Err(MathError::NoValue));
    assert_eq!(deposit(rate(1, u64::MAX), 2, 0), Err(MathError::Overflow));
    assert_eq!(deposit(rate(1, 1), 1, 10_001), Err(MathError::InvalidFee));
    let order = |rate, shares, fee| quote_order(&rate, Shares(shares), Bps(fee));
    assert_eq!(order(rate(1, 3), 2, 0), Err(MathError::ZeroResult));
    assert_eq!(order(rate(0, 3), 2, 0), Err(MathError::ZeroResult));
    assert_eq!(order(rate(9, 9), 0, 0), Err(MathError::ZeroResult));
    assert_eq!(order(rate(9, 9), 1, 1), Err(MathError::ZeroResult));
    assert_eq!(order(rate(9, 9), 10, 0), Err(MathError::Insufficient));
    assert_eq!(order(rate(9, 9), 9, 10_001), Err(MathError::InvalidFee));
    assert_eq!(
        order(rate(19, 10), 1, 0),
        Ok(OrderQuote { shares: Shares(1), fee_shares: Shares(0), lamports: Lamports(1) })
    );
}

/// Neodyme 2022-12, spl#3804: deposit 3 lamports, withdraw twice, get 4.
#[test]
fn three_lamports_deposited_never_come_back_as_four() {
    let before = rate(4_000_000_000, 3_000_000_000);
    let shares = quote_deposit(&before, Lamports(3), Bps(0)).unwrap().shares;
    assert_eq!(shares, Shares(2));
    let out: u64 = (0..shares.0).map(|_| quote_order(&before, Shares(1), Bps(0)).unwrap().lamports.0).sum();
    assert_eq!(out, 2);
}

#[test]
fn a_cancelled_ticket_never_gets_back_more_shares_than_were_burned_for_it() {
    // The rate fell to a half: the worth would buy twice the shares.
    assert_eq!(quote_cancel(&rate(1, 2), Lamports(100), Shares(100), 100, 100), Ok(Shares(100)));
    assert_eq!(quote_cancel(&rate(1, 2), Lamports(30), Shares(100), 30, 100), Ok(Shares(30)));
    // It doubled: only the worth.
    assert_eq!(quote_cancel(&rate(2, 1), Lamports(100), Shares(100), 100, 100), Ok(Shares(50)));
    assert_eq!(quote_cancel(&rate(1, u64::MAX), Lamports(100), Shares(7), 1, 1), Ok(Shares(7)));
    assert_eq!(quote_cancel(&rate(2, 1), Lamports(1), Shares(7), 1, 1), Err(MathError::ZeroResult));
    assert_eq!(quote_cancel(&rate(0, 1), Lamports(1), Shares(7), 1, 1), Err(MathError::NoValue));
    assert_eq!(quote_cancel(&rate(1, 1), Lamports(0), Shares(7), 0, 0), Err(MathError::NoValue));
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_deposit_quote_is_exact(rate in any_rate(), lamports in lamports(), fee in bps()) {
        let quote = quote_deposit(&rate, lamports, fee);
        match rate.shares_floor(lamports) {
            Err(error) => prop_assert_eq!(quote, Err(error)),
            Ok(gross) => {
                let fee_shares = u64::try_from(ceil(big(gross.0) * fee.0, BPS).unwrap()).unwrap();
                let exact = DepositQuote { lamports, shares: Shares(gross.0 - fee_shares), fee_shares: Shares(fee_shares) };
                prop_assert_eq!(quote, if exact.shares.is_zero() { Err(MathError::ZeroResult) } else { Ok(exact) });
                prop_assert!(fee.0 == 0 || gross.is_zero() || fee_shares > 0);
            }
        }
    }

    /// Adevar Labs on a fork of SPL: two conversions in one path rounded twice, and users burned more than they were paid for.
    #[test]
    fn an_order_quote_is_exact(rate in any_rate(), shares in shares(), fee in bps()) {
        let quote = quote_order(&rate, shares, fee);
        if shares > rate.supply {
            prop_assert_eq!(quote, Err(MathError::Insufficient));
        } else {
            let fee_shares = u64::try_from(ceil(big(shares.0) * fee.0, BPS).unwrap()).unwrap();
            let lamports = rate.lamports_floor(Shares(shares.0 - fee_shares)).unwrap();
            prop_assert!(lamports <= rate.value || rate.supply.is_zero());
            let exact = OrderQuote { shares, fee_shares: Shares(fee_shares), lamports };
            prop_assert_eq!(quote, if lamports.is_zero() { Err(MathError::ZeroResult) } else { Ok(exact) });
        }
    }

    #[test]
    fn a_cancel_quote_is_exact(rate in any_rate(), worth in lamports(), burned in shares(), units in any_u64(), unpaid in any_u64()) {
        let quote = quote_cancel(&rate, worth, burned, unpaid, units);
        let (value, supply) = if rate.supply.is_zero() { (1, 1) } else { (rate.value.0, rate.supply.0) };
        let exact = floor(big(worth.0) * supply, value).zip(floor(big(burned.0) * unpaid.min(units), units)).map(|(a, b)| a.min(b));
        match expected(exact) {
            Ok(0) => prop_assert_eq!(quote, Err(MathError::ZeroResult)),
            exact => prop_assert_eq!(quote, exact.map(Shares)),
        }
    }

    /// The pool's books through a deposit and its exit in `k` orders: no round trip gains, no step lowers the rate.
    #[test]
    fn a_deposit_taken_out_in_parts_never_gives_more_than_was_paid_in(
        start in pool_rate(), lamports in 1..=1_000_000u64, cuts in prop::collection::vec(1..1_000_000u64, 1..12), fee in bps(),
    ) {
        let mut pool = start;
        let Ok(deposit) = quote_deposit(&pool, Lamports(lamports), fee) else { return Ok(()) };
        pool.value = pool.value.plus(Lamports(lamports)).unwrap();
        pool.supply = pool.supply.plus(deposit.shares).unwrap().plus(deposit.fee_shares).unwrap();
        prop_assert!(pool >= start);

        let (mut left, mut out) = (deposit.shares, 0);
        for (i, cut) in cuts.iter().enumerate() {
            let part = if i + 1 == cuts.len() { left } else { left.min(Shares(*cut)) };
            let before = pool;
            if let Ok(order) = quote_order(&pool, part, Bps(0)) {
                pool.value = pool.value.minus(order.lamports).unwrap();
                pool.supply = pool.supply.minus(part).unwrap();
                prop_assert!(pool >= before || pool.supply.is_zero());
                left = left.minus(part).unwrap();
                out += order.lamports.0;
            }
        }
        prop_assert!(out <= lamports, "{out} for {lamports}");
    }

    #[test]
    fn an_order_cancelled_at_once_never_gives_more_shares_than_it_took(rate in pool_rate(), part in shares(), fee in bps()) {
        let mut queue = TicketQueue::default();
        let Ok(order) = quote_order(&rate, part.min(rate.supply), fee) else { return Ok(()) };
        let burned = order.shares.minus(order.fee_shares).unwrap();
        let range = queue.order(order.lamports).unwrap();
        let after = Rate { value: rate.value.minus(order.lamports).unwrap(), supply: rate.supply.minus(burned).unwrap() };
        let worth = queue.worth(range.units).unwrap();
        if let Ok(back) = quote_cancel(&after, worth, burned, range.units, range.units) {
            prop_assert!(back <= burned);
            let supply = after.supply.plus(back).unwrap();
            let pool = Rate { value: after.value.plus(worth).unwrap(), supply };
            prop_assert!(pool >= rate);
        }
    }
}

proptest! {
    #![proptest_config(config())]

    /// The premium is exact, and with it in the stream neither the rate nor the entry rate falls by a deposit.
    #[test]
    fn an_entry_premium_leaves_the_rate_and_the_entry_rate_where_they_are(
        value in 1..1u64 << 60, withheld in 1..1u64 << 58, supply in 1..1u64 << 60, lamports in 1..1u64 << 58,
    ) {
        let (now, entry) = (rate(value, supply), rate(value + withheld, supply));
        let Ok(quote) = quote_deposit(&entry, Lamports(lamports), Bps(0)) else { return Ok(()) };
        let premium = entry_premium(&now, quote.lamports, quote.shares).unwrap();
        let exact = big(lamports) - ceil(big(quote.shares.0) * value, supply).unwrap();
        prop_assert_eq!(big(premium.0), exact);

        let Some(supply_after) = supply.checked_add(quote.shares.0) else { return Ok(()) };
        let after = rate(value + (lamports - premium.0), supply_after);
        let entry_after = rate(value + withheld + lamports, supply_after);
        prop_assert!(after >= now, "{after:?} {now:?}");
        prop_assert!(entry_after >= entry, "{entry_after:?} {entry:?}");
    }
}
