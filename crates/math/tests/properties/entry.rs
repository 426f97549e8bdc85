use tidepool_math::entry::{part_ppb_ceil, MAX_CHARGED_EPOCHS, MAX_EPOCH_GAIN_PPB, PPB};

use crate::reference::*;
use tidepool_math::*;

#[test]
fn a_gain_is_a_part_of_what_earned_it_and_never_counts_for_more_than_a_hundredth() {
    assert_eq!(gain_ppb(Lamports(0), Lamports(0)), 0);
    assert_eq!(gain_ppb(Lamports(1), Lamports(0)), MAX_EPOCH_GAIN_PPB);
    assert_eq!(gain_ppb(Lamports(370), Lamports(1_000_000)), 370_000);
    assert_eq!(gain_ppb(Lamports(1), Lamports(u64::MAX)), 1);
    assert_eq!(gain_ppb(Lamports(u64::MAX), Lamports(1)), MAX_EPOCH_GAIN_PPB);
    assert_eq!(gain_ppb(Lamports(10_000_001), Lamports(1_000_000_000)), MAX_EPOCH_GAIN_PPB);
}

#[test]
fn what_is_withheld_and_the_charge_both_count() {
    let rate = Rate { value: Lamports(1_000), supply: Shares(900) };
    let value =
        |withheld, charge| entry_rate(&rate, Lamports(withheld), Lamports(charge)).map(|rate| rate.value.0);
    assert_eq!(value(0, 0), Ok(1_000));
    assert_eq!(value(40, 0), Ok(1_040));
    assert_eq!(value(0, 30), Ok(1_030));
    assert_eq!(value(40, 30), Ok(1_070));
    assert_eq!(value(u64::MAX, 0), Err(MathError::Overflow));
    assert_eq!(comers_charge(Lamports(u64::MAX), u32::MAX, Bps::ONE, 1), Err(MathError::Overflow));
    assert_eq!(comers_charge(Lamports(u64::MAX), u32::MAX, Bps::ONE, u64::MAX), Err(MathError::Overflow));
    assert_eq!(comers_charge(Lamports(u64::MAX), u32::MAX, Bps::ZERO, 1), Ok(Lamports(0)));
    assert_eq!(comers_charge(Lamports(u64::MAX), u32::MAX, Bps::ONE, 0), Ok(Lamports(0)));
    // 37 millionths of 1,000 SOL for three epochs.
    assert_eq!(comers_charge(Lamports(10u64.pow(12)), 37_000, Bps::ONE, 3), Ok(Lamports(111_000_000)));
}

proptest! {
    #![proptest_config(config())]

    /// stakenet#122: percentage times lamports left 64 bits in production.
    #[test]
    fn a_gain_in_parts_is_exact_and_rounded_up(gain in lamports(), value in lamports()) {
        let exact = match gain.0 {
            0 => big(0u8),
            _ => ceil(big(gain.0) * PPB, value.0).map_or(big(MAX_EPOCH_GAIN_PPB), |ppb| ppb.min(big(MAX_EPOCH_GAIN_PPB))),
        };
        prop_assert_eq!(big(gain_ppb(gain, value)), exact);
    }

    #[test]
    fn a_part_in_ppb_is_exact_and_rounded_up(amount in any_u64(), ppb in any_ppb()) {
        let part = part_ppb_ceil(amount, ppb);
        prop_assert_eq!(part, expected(ceil(big(amount) * ppb, PPB)));
        prop_assert!(u64::from(ppb) > PPB || part.unwrap() <= amount);
        prop_assert!(part == Ok(0) || (amount > 0 && ppb > 0));
    }

    #[test]
    fn a_charge_is_exact_and_rounded_up(
        value in lamports(), gain_ppb in any_ppb(), part in bps(), epochs in 0..1_000u64,
    ) {
        let counted = epochs.min(MAX_CHARGED_EPOCHS);
        let ppb = ceil(big(gain_ppb) * part.0, BPS).unwrap() * counted;
        let exact = expected(ceil(big(value.0) * ppb, PPB));
        let charge = comers_charge(value, gain_ppb, part, epochs);
        prop_assert_eq!(charge, exact.map(Lamports));
        // At most 1 % an epoch whatever a stranger gave the pool, and no part of a lamport is let off.
        if let (Ok(charge), true) = (charge, gain_ppb <= MAX_EPOCH_GAIN_PPB) {
            prop_assert!(big(charge.0) <= ceil(big(value.0) * counted, 100u8).unwrap());
            prop_assert_eq!(charge.is_zero(), value.is_zero() || gain_ppb == 0 || part.0 == 0 || epochs == 0);
        }
    }

    #[test]
    fn an_entry_rate_is_the_value_with_both_and_never_below_the_rate(
        rate in any_rate(), withheld in lamports(), charge in lamports(),
    ) {
        let exact = big(rate.value.0) + withheld.0 + charge.0;
        match entry_rate(&rate, withheld, charge) {
            Ok(entry) => {
                prop_assert_eq!((big(entry.value.0), entry.supply), (exact, rate.supply));
                prop_assert!(entry >= rate);
            }
            Err(error) => {
                prop_assert_eq!(error, MathError::Overflow);
                prop_assert!(exact > big(u64::MAX));
            }
        }
    }

    #[test]
    fn what_a_charge_made_up_is_exact_and_rounded_down(rate in any_rate(), charge in lamports(), minted in shares()) {
        let exact = match rate.supply.0 {
            0 => Ok(minted.0),
            supply => expected(floor(big(minted.0) * charge.0, supply)),
        };
        prop_assert_eq!(charged(&rate, charge, minted), exact.map(Lamports));
    }

    #[test]
    fn a_premium_is_exact_and_rounded_down(rate in any_rate(), paid in lamports(), minted in shares()) {
        let exact = exact_price(&rate, minted.0).map(|price| Lamports(paid.0.saturating_sub(price)));
        prop_assert_eq!(entry_premium(&rate, paid, minted), exact);
    }

    /// The reason for the charge: who comes while an epoch earns, but does not earn himself yet, takes nothing of what
    /// the others' SOL gains in it.
    #[test]
    fn holders_keep_all_that_their_own_sol_gains_when_somebody_comes_who_pays_the_whole_charge(
        value in 1..1u64 << 59, supply in 1..1u64 << 59, lamports in 1..1u64 << 59, ppb in 0..=MAX_EPOCH_GAIN_PPB,
    ) {
        let rate = Rate { value: Lamports(value), supply: Shares(supply) };
        let charge = comers_charge(rate.value, ppb, Bps::ONE, 1).unwrap();
        let entry = entry_rate(&rate, Lamports::ZERO, charge).unwrap();
        let Ok(quote) = quote_deposit(&entry, Lamports(lamports), Bps::ZERO) else { return Ok(()) };
        // All of it in parts of 10^9 lamports: the gain of the epoch is value × ppb.
        let alone = big(value) * (PPB + u64::from(ppb));
        let together = &alone + big(lamports) * PPB;
        prop_assert!(together * supply >= alone * (big(supply) + quote.shares.0));
    }

    /// Neither rounding nor a charge ever gives a comer more shares than the rate does.
    #[test]
    fn a_comer_never_gets_more_shares_than_at_the_rate(
        rate in any_rate(), withheld in lamports(), charge in lamports(), paid in lamports(), fee in bps(),
    ) {
        let Ok(entry) = entry_rate(&rate, withheld, charge) else { return Ok(()) };
        let Ok(quote) = quote_deposit(&entry, paid, fee) else { return Ok(()) };
        let (value, supply) = fraction(&rate);
        prop_assert!(big(quote.shares.0 + quote.fee_shares.0) * value <= big(paid.0) * supply);
        prop_assert!(entry_premium(&rate, paid, quote.shares.plus(quote.fee_shares).unwrap()).unwrap() <= paid);
    }
}
