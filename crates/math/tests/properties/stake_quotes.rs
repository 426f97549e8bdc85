use tidepool_math::entry::{part_ppb_ceil, MAX_EPOCH_GAIN_PPB, PPB};

use crate::reference::*;
use tidepool_math::*;

fn rate(value: u64, supply: u64) -> Rate {
    Rate { value: Lamports(value), supply: Shares(supply) }
}

fn withdraw(rate: Rate, shares: u64, fee: u16, ppb: u32) -> Outcome<StakeWithdrawalQuote> {
    quote_stake_withdrawal(&rate, Shares(shares), Bps(fee), ppb)
}

/// What a deposit of stake has to give.
fn stake_deposit(earned: &Rate, entry: &Rate, stake: u64, free: u64, fee: Bps) -> Outcome<DepositQuote> {
    let (for_stake, for_free) = (exact_shares(earned, stake)?, exact_shares(entry, free)?);
    let gross = for_stake.checked_add(for_free).ok_or(MathError::Overflow)?;
    let fee = exact_fee(gross, fee);
    if gross == fee {
        return Err(MathError::ZeroResult);
    }
    let lamports = stake.checked_add(free).ok_or(MathError::Overflow)?;
    Ok(DepositQuote { lamports: Lamports(lamports), shares: Shares(gross - fee), fee_shares: Shares(fee) })
}

/// What a withdrawal of stake has to cost and give.
fn stake_withdrawal(rate: &Rate, shares: u64, fee: Bps, ppb: u32) -> Outcome<StakeWithdrawalQuote> {
    if shares > rate.supply.0 {
        return Err(MathError::Insufficient);
    }
    let fee = exact_fee(shares, fee);
    let gain = expected(ceil(big(shares) * ppb, PPB))?;
    let charge = gain.saturating_sub(fee);
    let rest = shares.checked_sub(fee + charge).ok_or(MathError::Insufficient)?;
    match exact_lamports(rate, rest)? {
        0 => Err(MathError::ZeroResult),
        lamports => Ok(StakeWithdrawalQuote {
            shares: Shares(shares),
            fee_shares: Shares(fee),
            lamports: Lamports(lamports),
            charge: Lamports(exact_lamports(rate, charge)?),
        }),
    }
}

#[test]
fn a_withdrawal_costs_the_larger_of_the_fee_and_of_what_an_epoch_gains() {
    let rate = rate(2_000_000_000, 1_000_000_000);
    let costs = |fee, ppb| {
        let quote = withdraw(rate, 1_000_000, fee, ppb).unwrap();
        (quote.fee_shares.0, quote.lamports.0, quote.charge.0)
    };
    assert_eq!(costs(0, 0), (0, 2_000_000, 0));
    assert_eq!(costs(10, 0), (1_000, 1_998_000, 0));
    assert_eq!(costs(0, 370_000), (0, 1_999_260, 740));
    // 0.1 % is more than an epoch's 0.037 %: no charge. 0.01 % is less: the rest of it.
    assert_eq!(costs(10, 370_000), (1_000, 1_998_000, 0));
    assert_eq!(costs(1, 370_000), (100, 1_999_260, 540));
}

#[test]
fn impossible_stake_quotes_are_refused_by_name() {
    assert_eq!(withdraw(rate(9, 9), 10, 0, 0), Err(MathError::Insufficient));
    assert_eq!(withdraw(rate(9, 9), 0, 0, 0), Err(MathError::ZeroResult));
    assert_eq!(withdraw(rate(9, 9), 1, 1, 0), Err(MathError::ZeroResult));
    assert_eq!(withdraw(rate(9, 9), 1, 0, 1), Err(MathError::ZeroResult));
    assert_eq!(withdraw(rate(0, 9), 9, 0, 0), Err(MathError::ZeroResult));
    assert_eq!(withdraw(rate(9, 9), 9, 10_001, 0), Err(MathError::InvalidFee));
    // More than a whole epoch's value, which no pool ever counts.
    assert_eq!(withdraw(rate(9, 9), 9, 0, u32::MAX), Err(MathError::Insufficient));
    let deposit = |earned, entry, stake, free, fee| {
        quote_stake_deposit(&earned, &entry, Lamports(stake), Lamports(free), Bps(fee))
    };
    assert_eq!(deposit(rate(3, 1), rate(3, 1), 2, 2, 0), Err(MathError::ZeroResult));
    assert_eq!(deposit(rate(0, 1), rate(1, 1), 2, 2, 0), Err(MathError::NoValue));
    assert_eq!(deposit(rate(1, 1), rate(1, 1), u64::MAX, 1, 0), Err(MathError::Overflow));
    assert_eq!(deposit(rate(1, 1), rate(1, 1), 1, 0, 1), Err(MathError::ZeroResult));
    assert_eq!(deposit(rate(1, 1), rate(1, 1), 5, 5, 10_001), Err(MathError::InvalidFee));
}

/// spl#2251: what was worth less than a lamport failed by a division, or burned shares for nothing.
#[test]
fn one_unit_gives_something_or_the_named_error_on_every_path() {
    // Worth 0.4 and 1.9 lamports a share.
    for (rate, share_is_worth_a_lamport) in [(rate(4_000, 10_000), false), (rate(19_000, 10_000), true)] {
        let is_named = |gives_something: bool, error: Option<MathError>| match gives_something {
            true => error.is_none(),
            false => error == Some(MathError::ZeroResult),
        };
        let lamport_is_worth_a_share = !share_is_worth_a_lamport;
        let (share, lamport) = (Shares(1), Lamports(1));
        assert!(is_named(share_is_worth_a_lamport, quote_order(&rate, share, Bps::ZERO).err()));
        assert!(is_named(share_is_worth_a_lamport, quote_stake_withdrawal(&rate, share, Bps::ZERO, 0).err()));
        let exit = quote_liquid_unstake(&rate, share, Lamports(50), &LiquidFee::default(), Bps::ZERO);
        assert!(is_named(share_is_worth_a_lamport, exit.err()));
        assert!(is_named(lamport_is_worth_a_share, quote_deposit(&rate, lamport, Bps::ZERO).err()));
        let stake = quote_stake_deposit(&rate, &rate, lamport, Lamports::ZERO, Bps::ZERO);
        assert!(is_named(lamport_is_worth_a_share, stake.err()));
        assert!(is_named(lamport_is_worth_a_share, quote_cancel(&rate, lamport, share, 1, 1).err()));
        for for_sale in [0, 1, 100] {
            let split = quote_split_deposit(&rate, lamport, Bps::ZERO, Shares(for_sale));
            assert!(is_named(lamport_is_worth_a_share, split.err()), "{for_sale}");
        }
        // A fee takes the only share: refused, too.
        assert_eq!(quote_order(&rate, share, Bps(1)).err(), Some(MathError::ZeroResult));
        assert_eq!(quote_stake_withdrawal(&rate, share, Bps(1), 0).err(), Some(MathError::ZeroResult));
    }
}

proptest! {
    #![proptest_config(cases(5_000))]

    #[test]
    fn a_stake_deposit_is_exact(
        earned in any_rate(), entry in any_rate(), stake in lamports(), free in lamports(), fee in bps(),
    ) {
        let quote = quote_stake_deposit(&earned, &entry, stake, free, fee);
        prop_assert_eq!(quote, stake_deposit(&earned, &entry, stake.0, free.0, fee));
    }

    #[test]
    fn a_stake_withdrawal_is_exact(rate in any_rate(), shares in shares(), fee in bps(), ppb in any_ppb()) {
        prop_assert_eq!(
            quote_stake_withdrawal(&rate, shares, fee, ppb),
            stake_withdrawal(&rate, shares.0, fee, ppb)
        );
    }

    /// What leaves never lowers the rate, and it costs at least the fee and at least an epoch's gain.
    #[test]
    fn a_stake_withdrawal_leaves_the_rate_and_costs_what_an_epoch_gains(
        rate in pool_rate(), part in shares(), fee in bps(), ppb in 0..=MAX_EPOCH_GAIN_PPB,
    ) {
        let Ok(quote) = quote_stake_withdrawal(&rate, part.min(rate.supply), fee, ppb) else { return Ok(()) };
        let value = rate.value.minus(quote.lamports).unwrap().minus(quote.charge).unwrap();
        let supply = rate.supply.minus(quote.shares).unwrap().plus(quote.fee_shares).unwrap();
        let after = Rate { value, supply };
        prop_assert!(supply.is_zero() || after >= rate);
        let cost = fee.of_ceil(quote.shares.0).max(part_ppb_ceil(quote.shares.0, ppb).unwrap());
        prop_assert!(big(quote.lamports.0) * rate.supply.0 <= big(quote.shares.0 - cost) * rate.value.0);
    }

    /// Neodyme 2022-12, spl#3804, for stake: in and out again, in however many parts and by whichever exit, gives at most
    /// what was brought.
    #[test]
    fn stake_brought_and_taken_out_in_parts_never_gives_more(
        start in pool_rate(), stake in 1..=1_000_000u64, free in 0..=1_000_000u64, withheld in 0..1_000u64,
        cuts in prop::collection::vec((1..1_000_000u64, any::<bool>()), 1..12), fee in 0..=50u16, ppb in 0..2_000_000u32,
    ) {
        let mut pool = start;
        let earned = entry_rate(&pool, Lamports(withheld), Lamports::ZERO).unwrap();
        let Ok(quote) = quote_stake_deposit(&earned, &earned, Lamports(stake), Lamports(free), Bps(fee)) else { return Ok(()) };
        pool.value = pool.value.plus(quote.lamports).unwrap();
        pool.supply = pool.supply.plus(quote.shares).unwrap().plus(quote.fee_shares).unwrap();
        prop_assert!(pool >= start);

        let (mut left, mut out) = (quote.shares, 0);
        for (index, (cut, as_stake)) in cuts.iter().enumerate() {
            let part = if index + 1 == cuts.len() { left } else { left.min(Shares(*cut)) };
            let paid = match as_stake {
                true => quote_stake_withdrawal(&pool, part, Bps(fee), ppb).map(|quote| quote.lamports),
                false => quote_order(&pool, part, Bps(fee)).map(|quote| quote.lamports),
            };
            let Ok(paid) = paid else { continue };
            pool.value = pool.value.minus(paid).unwrap();
            pool.supply = pool.supply.minus(part).unwrap();
            left = left.minus(part).unwrap();
            out += paid.0;
        }
        prop_assert!(out <= stake + free, "{out} for {stake} and {free}");
    }

    /// Equal value brought as SOL and as stake gives equal shares (Quantstamp QSP-1), to the unit that a second rounding costs.
    #[test]
    fn stake_and_sol_give_the_same_for_the_same(rate in pool_rate(), stake in lamports(), free in lamports(), fee in 0..=50u16) {
        let Ok(lamports) = stake.plus(free) else { return Ok(()) };
        let as_sol = quote_deposit(&rate, lamports, Bps(fee));
        match quote_stake_deposit(&rate, &rate, stake, free, Bps(fee)) {
            Ok(as_stake) => {
                let as_sol = as_sol.unwrap();
                prop_assert!(as_stake.shares <= as_sol.shares && as_sol.shares.0 - as_stake.shares.0 <= 1);
            }
            Err(error) => prop_assert!(as_sol.is_err() || as_sol.unwrap().shares.0 <= 1, "{error:?}"),
        }
    }
}
