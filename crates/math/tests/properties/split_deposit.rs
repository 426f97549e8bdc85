use crate::reference::*;
use tidepool_math::*;

/// The largest fee a pool can take of a deposit, in basis points.
const MAX_FEE: u16 = 50;

fn rate(value: u64, supply: u64) -> Rate {
    Rate { value: Lamports(value), supply: Shares(supply) }
}

/// What the split of a deposit has to be.
fn reference(rate: &Rate, lamports: u64, fee: Bps, for_sale: u64) -> Outcome<DepositSplit> {
    let deposit = |lamports: u64| -> Outcome<DepositQuote> {
        let gross = exact_shares(rate, lamports)?;
        let fee = exact_fee(gross, fee);
        match gross - fee {
            0 => Err(MathError::ZeroResult),
            shares => Ok(DepositQuote {
                lamports: Lamports(lamports),
                shares: Shares(shares),
                fee_shares: Shares(fee),
            }),
        }
    };
    if for_sale == 0 {
        return deposit(lamports).map(|minted| DepositSplit { minted, ..DepositSplit::default() });
    }
    let wanted = exact_shares(rate, lamports)?;
    if wanted == 0 {
        return Err(MathError::ZeroResult);
    }
    let bought = wanted.min(for_sale);
    let price = exact_price(rate, bought)?;
    let all = DepositSplit { bought: Shares(bought), paid: Lamports(lamports), ..DepositSplit::default() };
    if wanted <= for_sale && (wanted < for_sale || price >= lamports) {
        return Ok(all);
    }
    match deposit(lamports - price) {
        Ok(minted) => Ok(DepositSplit { bought: Shares(bought), paid: Lamports(price), minted }),
        Err(MathError::ZeroResult) => Ok(all),
        Err(error) => Err(error),
    }
}

#[test]
fn nothing_part_or_all_of_a_deposit_is_bought_first() {
    let quote =
        |lamports, for_sale| quote_split_deposit(&rate(3, 2), Lamports(lamports), Bps(50), Shares(for_sale));
    let minted = |lamports, shares, fee| DepositQuote {
        lamports: Lamports(lamports),
        shares: Shares(shares),
        fee_shares: Shares(fee),
    };
    let split =
        |bought, paid, minted| Ok(DepositSplit { bought: Shares(bought), paid: Lamports(paid), minted });
    assert_eq!(quote(3_000, 0), split(0, 0, minted(3_000, 1_990, 10)));
    assert_eq!(quote(3_000, 500), split(500, 750, minted(2_250, 1_492, 8)));
    assert_eq!(quote(3_000, 2_000), split(2_000, 3_000, DepositQuote::default()));
    assert_eq!(quote(3_000, 5_000), split(2_000, 3_000, DepositQuote::default()));
    // The rest would mint nothing, or a share that the fee takes: it is paid to the liquidity pool.
    assert_eq!(quote(3_001, 2_000), split(2_000, 3_001, DepositQuote::default()));
    assert_eq!(quote(3_002, 2_000), split(2_000, 3_002, DepositQuote::default()));
    assert_eq!(quote(3_003, 2_000), split(2_000, 3_000, minted(3, 1, 1)));
}

#[test]
fn a_deposit_that_buys_nothing_and_mints_nothing_is_refused() {
    let quote =
        |rate, lamports, for_sale| quote_split_deposit(&rate, Lamports(lamports), Bps(0), Shares(for_sale));
    assert_eq!(quote(rate(3, 1), 2, 5), Err(MathError::ZeroResult));
    assert_eq!(quote(rate(1, 1), 0, 5), Err(MathError::ZeroResult));
    assert_eq!(quote(rate(0, 1), 2, 5), Err(MathError::NoValue));
    assert_eq!(quote(rate(1, u64::MAX), 2, 5), Err(MathError::Overflow));
    // The fee takes the only share: with nothing for sale nothing may be paid, either.
    let all_is_fee = |for_sale| quote_split_deposit(&rate(1, 1), Lamports(1), Bps(1), Shares(for_sale));
    assert_eq!(all_is_fee(0), Err(MathError::ZeroResult));
    assert_eq!(all_is_fee(1).map(|split| split.bought), Ok(Shares(1)));
    assert_eq!(
        DepositSplit {
            bought: Shares::MAX,
            paid: Lamports(1),
            minted: DepositQuote { shares: Shares(1), ..DepositQuote::default() }
        }
        .shares(),
        Err(MathError::Overflow)
    );
}

proptest! {
    #![proptest_config(cases(5_000))]

    #[test]
    fn a_split_is_exact(rate in any_rate(), lamports in lamports(), fee in bps(), for_sale in shares()) {
        prop_assert_eq!(
            quote_split_deposit(&rate, lamports, fee, for_sale),
            reference(&rate, lamports.0, fee, for_sale.0)
        );
    }

    #[test]
    fn all_is_paid_and_no_seller_gets_less_than_the_rate(
        rate in any_rate(), lamports in lamports(), fee in bps(), for_sale in shares(),
    ) {
        let Ok(split) = quote_split_deposit(&rate, lamports, fee, for_sale) else { return Ok(()) };
        prop_assert_eq!(split.paid.plus(split.minted.lamports), Ok(lamports));
        prop_assert!(split.bought <= for_sale);
        let (value, supply) = fraction(&rate);
        prop_assert!(big(split.paid.0) * supply >= big(split.bought.0) * value);
        let minted = big(split.minted.shares.0) + split.minted.fee_shares.0;
        prop_assert!(big(split.minted.lamports.0) * supply >= minted * value);
        // The user gets something for his money, in whatever way.
        prop_assert!(split.shares().is_ok_and(|shares| !shares.is_zero()));
    }

    /// marinade#67, #69: the rest was priced again after the purchase had moved the state. Filled 0 %, in part or wholly by
    /// the liquidity pool, a deposit gives the same, to a lamport and a share of rounding; it never gives less than
    /// without the sale, but for that.
    #[test]
    fn a_deposit_gives_the_same_whatever_is_for_sale(
        rate in pool_rate(), lamports in 1..1_000_000_000_000u64, percent in 0..=100u64, fee in 0..=MAX_FEE,
    ) {
        let without = |fee| quote_deposit(&rate, Lamports(lamports), Bps(fee)).map_or(0, |quote| quote.shares.0);
        let for_sale = Shares(without(0) / 100 * percent);
        let with = |fee| quote_split_deposit(&rate, Lamports(lamports), Bps(fee), for_sale).map_or(0, |split| split.shares().unwrap().0);
        let rounding = rate.shares_ceil(Lamports(1)).unwrap().0 + 1;
        prop_assert!(without(0).abs_diff(with(0)) <= rounding);
        prop_assert!(with(0) <= without(0));
        prop_assert!(with(fee) + rounding >= without(fee));
        prop_assert!(with(fee) <= without(0));
    }
}
