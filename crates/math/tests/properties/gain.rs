use crate::reference::*;
use tidepool_math::*;

const POOL: Rate = Rate { value: Lamports(2_000), supply: Shares(1_000) };

/// SPL `calc_epoch_fee_amount` took a fee on the recovery after a slashing.
#[test]
fn lose_ten_gain_ten_costs_no_fee_and_five_more_cost_a_fee_on_five() {
    let fee = Bps(2_000);
    let recovered = split_gain(Lamports(10), Lamports(10), fee, Bps(0), &POOL).unwrap();
    assert_eq!(
        recovered,
        GainSplit { streamed: Lamports(10), loss_carry: Lamports(0), ..GainSplit::default() }
    );
    let beyond = split_gain(Lamports(15), Lamports(10), Bps(4_000), Bps(0), &POOL).unwrap();
    assert_eq!((beyond.treasury, beyond.fee_shares, beyond.streamed), (Lamports(2), Shares(1), Lamports(13)));
    let partly = split_gain(Lamports(6), Lamports(10), fee, Bps(0), &POOL).unwrap();
    assert_eq!((partly.streamed, partly.loss_carry), (Lamports(6), Lamports(4)));
}

#[test]
fn a_fee_worth_no_share_or_no_price_goes_to_the_holders_and_never_fails_an_update() {
    let gain = Lamports(1_000);
    let no_share = Rate { value: Lamports(u64::MAX / 2), supply: Shares(1) };
    let no_value = Rate { value: Lamports(0), supply: Shares(1_000) };
    let too_many_shares = Rate { value: Lamports(1), supply: Shares(u64::MAX) };
    for rate in [no_share, no_value, too_many_shares] {
        let split = split_gain(gain, Lamports(0), Bps(1_000), Bps(5_000), &rate).unwrap();
        assert_eq!((split.fee_shares, split.treasury), (Shares(0), Lamports(0)));
        assert_eq!((split.insurance, split.streamed), (Lamports(50), Lamports(950)));
    }
}

#[test]
fn fees_above_the_whole_are_refused() {
    let split = |fee, insurance| split_gain(Lamports(1), Lamports(0), Bps(fee), Bps(insurance), &POOL);
    assert_eq!(split(10_001, 0), Err(MathError::InvalidFee));
    assert_eq!(split(0, 10_001), Err(MathError::InvalidFee));
    assert!(split(10_000, 10_000).is_ok());
}

#[test]
fn more_shares_than_exist_cannot_have_been_burned() {
    assert_eq!(burned_gain(Shares(1_001), &POOL), Err(MathError::Insufficient));
    assert_eq!(burned_gain(Shares(1_000), &POOL), Ok(Lamports(2_000)));
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn each_part_of_a_gain_is_exact_and_the_parts_are_the_gain(
        gain in lamports(), carry in lamports(), fee_bps in bps(), insurance_bps in bps(), rate in any_rate(),
    ) {
        let split = split_gain(gain, carry, fee_bps, insurance_bps, &rate).unwrap();

        let recovered = gain.min(carry);
        let fee = ceil(big(gain.0 - recovered.0) * fee_bps.0, BPS).unwrap();
        let insurance = ceil(fee.clone() * insurance_bps.0, BPS).unwrap();
        let treasury = fee - &insurance;
        let (value, supply) = if rate.supply.is_zero() { (1, 1) } else { (rate.value.0, rate.supply.0) };
        let shares = floor(treasury.clone() * supply, value).filter(|shares| {
            let fits = |sum: BigUint| sum <= big(u64::MAX);
            fits(shares + rate.supply.0) && fits(&treasury + rate.value.0)
        }).unwrap_or_default();
        let treasury = if shares == BigUint::ZERO { big(0u8) } else { treasury };

        prop_assert_eq!(big(split.insurance.0), insurance);
        prop_assert_eq!(big(split.treasury.0), treasury);
        prop_assert_eq!(big(split.fee_shares.0), shares);
        prop_assert_eq!(split.loss_carry, Lamports(carry.0 - recovered.0));
        let parts = split.treasury.plus(split.insurance).and_then(|sum| sum.plus(split.streamed));
        prop_assert_eq!(parts, Ok(gain));
    }

    #[test]
    fn minting_the_fee_never_lowers_the_rate_and_one_share_more_would(
        gain in lamports(), fee_bps in bps(), insurance_bps in bps(), rate in pool_rate(),
    ) {
        let split = split_gain(gain, Lamports(0), fee_bps, insurance_bps, &rate).unwrap();
        prop_assume!(!split.fee_shares.is_zero());
        let value = rate.value.plus(split.treasury).unwrap();
        let supply = rate.supply.plus(split.fee_shares).unwrap();
        let after = Rate { value, supply };
        prop_assert!(after >= rate);
        if let Ok(supply) = supply.plus(Shares(1)) {
            let one_more = Rate { value, supply };
            prop_assert!(one_more < rate);
        }
    }

    #[test]
    fn recovery_in_many_steps_is_free_until_the_old_height(
        loss in 0..1_000_000u64, gains in prop::collection::vec(0..300_000u64, 1..8), fee_bps in bps(),
    ) {
        let (mut carry, mut fees) = (Lamports(loss), 0);
        for gain in &gains {
            let split = split_gain(Lamports(*gain), carry, fee_bps, Bps::ONE, &POOL).unwrap();
            carry = split.loss_carry;
            fees += split.insurance.0;
        }
        let above = gains.iter().sum::<u64>().saturating_sub(loss);
        prop_assert!(fees >= fee_bps.of_ceil(above) && fees <= fee_bps.of_ceil(above) + gains.len() as u64);
        prop_assert!(above > 0 || fees == 0);
    }

    /// spl#2108: holders burned tokens and the rate stayed low.
    #[test]
    fn a_burn_becomes_a_gain_without_a_dip_of_the_rate(rate in pool_rate(), burned in shares()) {
        let gain = burned_gain(burned, &rate);
        if burned > rate.supply {
            prop_assert_eq!(gain, Err(MathError::Insufficient));
        } else {
            let gain = gain.unwrap();
            prop_assert_eq!(Ok(gain.0), expected(floor(big(burned.0) * rate.value.0, rate.supply.0)));
            let after = Rate { value: rate.value.minus(gain).unwrap(), supply: rate.supply.minus(burned).unwrap() };
            prop_assert!(after.supply.is_zero() || after >= rate);
        }
    }
}
