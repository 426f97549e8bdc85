//! Who comes when and with how much, decided by the seed before anything happens.

use {
    super::{
        calendar::DAY,
        tier::{Tier, TOKEN},
    },
    rand::{RngExt, SeedableRng},
    rand_chacha::ChaCha8Rng,
    std::ops::RangeInclusive,
    tidepool_localnet::fixed_world::OPENING,
    tidepool_math::MathError,
};

pub const OPERATOR: &str = "operator";
pub const GUARDIAN: &str = "guardian";
pub const MANAGER: &str = "manager";
pub const KEEPER: &str = "keeper";
pub const STRANGER: &str = "sam";

const ANA: &str = "ana";
const BOB: &str = "bob";
const CYN: &str = "cyn";
const DAN: &str = "dan";
const EVE: &str = "eve";
const WALLY: &str = "wally";

/// Active stake from which on somebody is a whale.
pub const WHALE_THRESHOLD: u64 = 50_000 * TOKEN;
pub const WHALE_TOKEN: [&str; 3] = ["Tidepool whale", "WHALE", "https://example.org/whale.json"];

/// By the operator's own list, and what it stands for there.
pub const EMERGENCY_REASON: (u16, &str) = (3, "the token's issuer reports a stolen key");

const HOUR: i64 = 3_600;
const MINUTE: i64 = 60;

/// Somebody who stakes, and what he does then.
#[derive(Clone, Debug)]
pub struct Person {
    pub name: &'static str,
    pub tier: Tier,
    pub amount: u64,
    pub comes_at: i64,
    /// A keeper claims for him at the beginning of each month.
    pub is_paid_monthly: bool,
    /// When he stakes what he has earned until then.
    pub compounds_at: Option<i64>,
    pub leaves_in_emergency: bool,
    /// A second before his lock is over.
    pub tries_too_early: bool,
    pub at_maturity: AtMaturity,
    /// So many seconds later.
    pub waits: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AtMaturity {
    Leaves,
    /// Principal and reward become a new position, which is left when that matures.
    RollsOver,
}

impl Person {
    /// Comes, and leaves within days of his maturity.
    fn new(dice: &mut ChaCha8Rng, name: &'static str, tier: Tier, amount: u64, comes_at: i64) -> Self {
        Self {
            name,
            tier,
            amount,
            comes_at,
            is_paid_monthly: false,
            compounds_at: None,
            leaves_in_emergency: false,
            tries_too_early: false,
            at_maturity: AtMaturity::Leaves,
            waits: hours(dice, 10..=60),
        }
    }

    /// What his positions can be promised over the years.
    fn rewards(&self) -> Result<u64, MathError> {
        let first = self.tier.full_reward(self.amount)?;
        let mut rewards = first;
        if self.compounds_at.is_some() {
            rewards += self.tier.full_reward(first)?;
        }
        if self.at_maturity == AtMaturity::RollsOver {
            rewards += self.tier.full_reward(self.amount + first)?;
        }
        Ok(rewards)
    }
}

#[derive(Clone, Debug)]
pub struct Plan {
    pub seed: u64,
    pub people: Vec<Person>,
    /// When the stranger tries the pool with a whitelist.
    pub stranger_tries_at: i64,
    /// When those who want into it apply, and when they are answered.
    pub applied_at: i64,
    pub reviewed_at: i64,
    /// What the operator brings on the first day, by tier.
    pub first_funding: [u64; 2],
    /// What he brings to a pool that had to refuse a stake, by tier.
    pub second_funding: [u64; 2],
    pub emergency_at: i64,
    /// So many seconds later one leaves.
    pub flees_after: i64,
}

impl Plan {
    pub fn new(seed: u64) -> Result<Self, MathError> {
        let mut dice = ChaCha8Rng::seed_from_u64(seed);
        let people = draw_people(&mut dice);
        let scarce = enough_until_bob(&mut dice, &people)?;
        let [standard, premium] = Tier::ALL.map(|tier| rewards_of(people.iter(), tier));
        let applied_at = moment(&mut dice, 29..=31);
        Ok(Self {
            seed,
            stranger_tries_at: moment(&mut dice, 22..=28),
            applied_at,
            reviewed_at: applied_at + hours(&mut dice, 20..=50),
            first_funding: [scarce, whole(premium?) + tokens(&mut dice, 4_000..=40_000)],
            second_funding: [whole(standard? - scarce) + tokens(&mut dice, 300..=3_000), 0],
            // Lasts over the first of April, when the keeper would claim.
            emergency_at: moment(&mut dice, 140..=148),
            flees_after: hours(&mut dice, 6..=30),
            people,
        })
    }

    /// All the operator has.
    pub fn funding(&self) -> u64 {
        self.first_funding.iter().chain(&self.second_funding).sum()
    }
}

fn draw_people(dice: &mut ChaCha8Rng) -> Vec<Person> {
    let standard = Tier::Standard;
    let (ana, eve) = (TOKEN, tokens(dice, 2_000..=6_000));
    let (bob, cyn) = (tokens(dice, 20_000..=40_000), tokens(dice, 3_000..=9_000));
    let (wally, dan) = (500_000 * TOKEN, tokens(dice, 1_000..=5_000));
    let arrivals = [1..=8, 12..=20, 33..=45, 35..=40, 50..=80].map(|days| moment(dice, days));
    let [eve_comes, bob_comes, cyn_comes, wally_comes, dan_comes] = arrivals;
    vec![
        Person {
            is_paid_monthly: true,
            tries_too_early: true,
            waits: 0,
            ..Person::new(dice, ANA, standard, ana, OPENING)
        },
        Person { at_maturity: AtMaturity::RollsOver, ..Person::new(dice, EVE, standard, eve, eve_comes) },
        Person {
            compounds_at: Some(moment(dice, 200..=240)),
            ..Person::new(dice, BOB, standard, bob, bob_comes)
        },
        Person {
            is_paid_monthly: true,
            leaves_in_emergency: true,
            ..Person::new(dice, CYN, standard, cyn, cyn_comes)
        },
        Person::new(dice, WALLY, Tier::Premium, wally, wally_comes),
        // His tokens lie idle for months.
        Person { waits: hours(dice, 24 * 80..=24 * 110), ..Person::new(dice, DAN, standard, dan, dan_comes) },
    ]
}

fn rewards_of<'a>(people: impl Iterator<Item = &'a Person>, tier: Tier) -> Result<u64, MathError> {
    people.filter(|person| person.tier == tier).map(Person::rewards).sum()
}

/// Covers those who come before bob, and a part of his stake, which is the largest of all.
fn enough_until_bob(dice: &mut ChaCha8Rng, people: &[Person]) -> Result<u64, MathError> {
    let bob = people.iter().find(|person| person.name == BOB);
    let (comes_at, reward) = match bob {
        Some(bob) => (bob.comes_at, bob.tier.full_reward(bob.amount)?),
        None => (i64::MAX, 0),
    };
    let earlier = rewards_of(people.iter().filter(|person| person.comes_at < comes_at), Tier::Standard)?;
    Ok(whole(earlier + reward / 100 * dice.random_range(30..=70)))
}

/// A minute of one of these days, counted from the opening.
fn moment(dice: &mut ChaCha8Rng, days: RangeInclusive<i64>) -> i64 {
    OPENING + dice.random_range(days) * DAY + dice.random_range(0..DAY / MINUTE) * MINUTE
}

fn hours(dice: &mut ChaCha8Rng, hours: RangeInclusive<i64>) -> i64 {
    dice.random_range(hours) * HOUR
}

/// In steps of half a token.
fn tokens(dice: &mut ChaCha8Rng, range: RangeInclusive<u64>) -> u64 {
    dice.random_range(2 * range.start()..=2 * range.end()) * TOKEN / 2
}

/// Up to the next whole token.
fn whole(amount: u64) -> u64 {
    amount.div_ceil(TOKEN) * TOKEN
}
