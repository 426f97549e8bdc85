//! Big-integer arithmetic to compare with, and strategies that prefer the numbers at which arithmetic breaks. They are
//! boxed: nested by value they outgrow a test thread's stack in a debug build.

pub use num_bigint::BigUint;
pub use proptest::prelude::*;

use tidepool_math::*;

pub type Outcome<T> = Result<T, MathError>;

/// Failing cases are printed, not stored beside the sources.
pub fn cases(count: u32) -> ProptestConfig {
    ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(count) }
}

pub fn config() -> ProptestConfig {
    cases(2_000)
}

pub fn big(n: impl Into<BigUint>) -> BigUint {
    n.into()
}

/// `floor(n / d)`, `None` for d = 0.
pub fn floor(n: BigUint, d: impl Into<BigUint>) -> Option<BigUint> {
    let d = d.into();
    (d != BigUint::ZERO).then(|| n / d)
}

/// `ceil(n / d)`, `None` for d = 0.
pub fn ceil(n: BigUint, d: impl Into<BigUint>) -> Option<BigUint> {
    let d = d.into();
    (d != BigUint::ZERO).then(|| (n + &d - 1u8) / d)
}

/// What a formula has to say for an exact quotient.
pub fn expected(quotient: Option<BigUint>) -> Outcome<u64> {
    u64::try_from(quotient.ok_or(MathError::NoValue)?).map_err(|_| MathError::Overflow)
}

/// Amounts: small, of a daily size, around powers of two, near the end, uniform.
pub fn any_u64() -> BoxedStrategy<u64> {
    prop_oneof![
        2 => 0..20u64,
        2 => 0..1_000_000u64,
        3 => any::<u64>().prop_flat_map(|n| (0..64u32).prop_map(move |shift| n >> shift)),
        2 => (0..64u32, 0..3u64).prop_map(|(power, off)| (1u64 << power).wrapping_add(off).wrapping_sub(1)),
        2 => (0..20u64).prop_map(|n| u64::MAX - n),
        2 => any::<u64>(),
        3 => 0..600_000_000_000_000_000u64,
        1 => digits(),
    ]
    .boxed()
}

/// Numbers of two 32-bit digits that make Knuth's algorithm guess wrongly.
pub fn digits() -> BoxedStrategy<u64> {
    let digit = || {
        prop_oneof![
            Just(0u64),
            Just(1),
            Just(0x7fff_ffff),
            Just(0x8000_0000),
            Just(0x8000_0001),
            Just(0xffff_fffe),
            Just(0xffff_ffff),
            any::<u32>().prop_map(u64::from),
        ]
    };
    (digit(), digit()).prop_map(|(high, low)| high << 32 | low).boxed()
}

pub fn any_u128() -> BoxedStrategy<u128> {
    prop_oneof![
        (digits(), digits()).prop_map(|(high, low)| u128::from(high) << 64 | u128::from(low)),
        any::<u128>().prop_flat_map(|n| (0..128u32).prop_map(move |shift| n >> shift)),
        any_u64().prop_map(u128::from),
    ]
    .boxed()
}

pub fn lamports() -> impl Strategy<Value = Lamports> {
    any_u64().prop_map(Lamports)
}

pub fn shares() -> impl Strategy<Value = Shares> {
    any_u64().prop_map(Shares)
}

/// Basis points up to 100 %.
pub fn bps() -> impl Strategy<Value = Bps> {
    prop_oneof![1 => Just(0), 1 => Just(1), 1 => Just(9_999), 1 => Just(10_000), 6 => 0..=10_000u16]
        .prop_map(Bps)
}

/// Any rate at all: no shares, no value, 1:1, absurd.
pub fn any_rate() -> BoxedStrategy<Rate> {
    prop_oneof![
        4 => (lamports(), shares()).prop_map(|(value, supply)| Rate { value, supply }),
        1 => any_u64().prop_map(|n| Rate { value: Lamports(n), supply: Shares(n) }),
        1 => lamports().prop_map(|value| Rate { value, supply: Shares(0) }),
        4 => pool_rate(),
    ]
    .boxed()
}

/// The rate of a pool that could exist: between 1/3 and 3, up to 600 million SOL.
pub fn pool_rate() -> BoxedStrategy<Rate> {
    let size = prop_oneof![1..1_000u64, 1..1_000_000_000u64, 1..200_000_000_000_000_000u64];
    (size, 1..=3_000_000u64)
        .prop_map(|(supply, millionths)| {
            let value = (u128::from(supply) * u128::from(millionths.max(333_334)) / 1_000_000) as u64;
            Rate { value: Lamports(value.max(1)), supply: Shares(supply) }
        })
        .boxed()
}

/// What a share is worth, as a fraction: value and supply, 1 and 1 while there are no shares.
pub fn fraction(rate: &Rate) -> (u64, u64) {
    match rate.supply.0 {
        0 => (1, 1),
        supply => (rate.value.0, supply),
    }
}

/// `floor(lamports × supply / value)`.
pub fn exact_shares(rate: &Rate, lamports: u64) -> Outcome<u64> {
    let (value, supply) = fraction(rate);
    expected(floor(big(lamports) * supply, value))
}

/// `floor(shares × value / supply)`.
pub fn exact_lamports(rate: &Rate, shares: u64) -> Outcome<u64> {
    let (value, supply) = fraction(rate);
    expected(floor(big(shares) * value, supply))
}

/// `ceil(shares × value / supply)`.
pub fn exact_price(rate: &Rate, shares: u64) -> Outcome<u64> {
    let (value, supply) = fraction(rate);
    expected(ceil(big(shares) * value, supply))
}

/// `ceil(amount × bps / 10,000)` of at most 100 %.
pub fn exact_fee(amount: u64, fee: Bps) -> u64 {
    expected(ceil(big(amount) * fee.0, BPS)).unwrap()
}

/// Parts per billion: none, as few as an epoch brings, the most there can be, absurd.
pub fn any_ppb() -> BoxedStrategy<u32> {
    prop_oneof![Just(0), 1..2_000_000u32, Just(entry::MAX_EPOCH_GAIN_PPB), Just(1_000_000_000), any::<u32>()]
        .boxed()
}

/// No more than `validator` of what can be staked for one validator, and no other limit.
pub fn own_cap(validator: Bps) -> TargetCaps {
    TargetCaps { validator, group: Bps::ONE, group_weight: 0, backed: None }
}
