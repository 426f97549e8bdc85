//! No sequence of instructions by those who run a pool takes a token of principal or lowers what an open position earns:
//! whatever they do together, in the end everybody leaves with his principal and his full reward.

use crate::support::*;
use proptest::{collection::vec, prelude::*, test_runner::Config};

/// What authority, guardian and whitelist manager can try.
#[derive(Clone, Debug)]
enum Move {
    Terms {
        start: i64,
        end: i64,
        min_stake: u64,
        cap: u64,
        rate_bps: u16,
        is_listed: bool,
    },
    Roles {
        swapped: bool,
    },
    HandOver,
    Pause {
        bits: u8,
        by_authority: bool,
    },
    Resume {
        bits: u8,
    },
    Emergency {
        by_authority: bool,
    },
    EndEmergency,
    /// So many thousandths of what is in the reward vault, or of what is free.
    Withdraw {
        per_mille: u64,
        of_free: bool,
    },
    Sweep,
    Close,
    Tree {
        root: u8,
        leaves: u64,
    },
    Admit {
        max_amount: u64,
    },
    Exclude,
    Fund {
        amount: u64,
    },
    ClaimForAll,
    Give {
        amount: u64,
    },
    Pass {
        seconds: i64,
    },
}

fn moves() -> impl Strategy<Value = Vec<Move>> {
    let token = |most: u64| 0..=most * TOKEN;
    let one = prop_oneof![
        2 => (-400 * DAY..400 * DAY, -400 * DAY..800 * DAY, token(10), token(50_000), 0..=20_000_u16, any::<bool>())
            .prop_map(|(start, end, min_stake, cap, rate_bps, is_listed)| {
                Move::Terms { start, end, min_stake, cap, rate_bps, is_listed }
            }),
        1 => any::<bool>().prop_map(|swapped| Move::Roles { swapped }),
        1 => Just(Move::HandOver),
        2 => (0..=8_u8, any::<bool>()).prop_map(|(bits, by_authority)| Move::Pause { bits, by_authority }),
        1 => (1..=7_u8).prop_map(|bits| Move::Resume { bits }),
        3 => any::<bool>().prop_map(|by_authority| Move::Emergency { by_authority }),
        1 => Just(Move::EndEmergency),
        4 => (0..=1_100_u64, any::<bool>())
            .prop_map(|(per_mille, of_free)| Move::Withdraw { per_mille, of_free }),
        1 => Just(Move::Sweep),
        1 => Just(Move::Close),
        1 => (0..3_u8, 0..3_u64).prop_map(|(root, leaves)| Move::Tree { root, leaves }),
        1 => token(5).prop_map(|max_amount| Move::Admit { max_amount }),
        1 => Just(Move::Exclude),
        1 => token(50).prop_map(|amount| Move::Fund { amount }),
        2 => Just(Move::ClaimForAll),
        1 => token(1).prop_map(|amount| Move::Give { amount }),
        4 => (0..=45 * DAY).prop_map(|seconds| Move::Pass { seconds }),
    ];
    vec(one, 1..60)
}

/// A pool whose users have staked, and those who run it: they know each other.
struct Plot {
    world: FixedWorld,
    /// Who is the authority now; the other one is the guardian.
    authority: Holder,
    guardian: Keypair,
    positions: Vec<(&'static str, PositionKeys, Position)>,
}

impl Plot {
    fn begin() -> Self {
        let mut world = world(product());
        let mut positions = vec![];
        for (name, tokens, day) in [("ana", 1_000, 0), ("bob", 30_000, 0), ("ana", 7, 90), ("carl", 1, 200)] {
            world.go_to(OPENING + day * DAY);
            let keys = world.stake(name, 0, tokens * TOKEN + tokens).unwrap();
            let position = world.position(&keys).unwrap();
            positions.push((name, keys, position));
        }
        let authority = world.operator.clone();
        Self { world, authority, guardian: guardian(), positions }
    }

    /// Whether it succeeds is theirs to see.
    fn send(&mut self, instruction: Instruction) {
        let (authority, guard) = (self.authority.wallet.insecure_clone(), self.guardian.insecure_clone());
        let outcome = self.world.send(&[instruction], &[&authority, &guard, &manager()]);
        if let Err(failure) = outcome {
            assert!(failure.custom_error_code().is_some(), "{failure}");
        }
    }

    fn play(&mut self, one: &Move) {
        let (keys, now) = (self.world.pools[0], self.world.now());
        let (me, guard, man) = (self.authority.key(), self.guardian.pubkey(), manager().pubkey());
        let tokens = self.world.operator.tokens;
        match *one {
            Move::Terms { start, end, min_stake, cap, rate_bps, is_listed } => {
                let access = if is_listed { Access::Whitelist } else { Access::Open };
                let (start, end) = (now.saturating_add(start), now.saturating_add(end));
                let terms = PoolTerms { start, end, min_stake, cap, rate_bps, access };
                self.send(keys.set_terms(&me, terms));
            }
            Move::Roles { swapped } => {
                let roles = if swapped { (man, guard) } else { (guard, man) };
                self.send(keys.set_roles(&me, &roles.0, &roles.1));
            }
            Move::HandOver => self.hand_over(),
            Move::Pause { bits, by_authority } => {
                self.send(keys.pause(if by_authority { &me } else { &guard }, bits));
            }
            Move::Resume { bits } => self.send(keys.resume(&me, bits)),
            Move::Emergency { by_authority } => {
                self.send(keys.begin_emergency(if by_authority { &me } else { &guard }, 1));
            }
            Move::EndEmergency => self.send(keys.end_emergency(&me)),
            Move::Withdraw { per_mille, of_free } => {
                let balance = self.world.reward_balance(0);
                let free = balance - self.world.pool(0).reserved;
                let of = if of_free { free } else { balance };
                let amount = u128::from(of) * u128::from(per_mille) / 1_000;
                self.send(keys.withdraw_excess(&me, &tokens, u64::try_from(amount).unwrap()));
            }
            Move::Sweep => self.send(keys.sweep_surplus()),
            Move::Close => self.send(keys.close_pool(&me, &tokens)),
            Move::Tree { root, leaves } => self.send(keys.set_merkle_root(&me, [root; 32], leaves)),
            Move::Admit { max_amount } => {
                let user = self.world.user("ana").key();
                self.send(keys.add_to_whitelist(&man, &[Admitted { user, max_amount }], 0));
            }
            Move::Exclude => self.send(keys.remove_from_whitelist(&man, &[self.world.user("ana").key()], 1)),
            Move::Fund { amount } => {
                self.world.mint_to(&tokens, amount).unwrap();
                let operator = self.world.operator.clone();
                let fund = keys.fund_rewards(&operator.key(), &tokens, amount);
                drop(self.world.send(&[fund], &[&operator.wallet]));
            }
            Move::ClaimForAll => {
                for (name, position, _) in self.positions.clone() {
                    let to = self.world.user(name).tokens;
                    self.send(keys.claim(&guard, &to, &position));
                }
            }
            Move::Give { amount } => self.world.mint_to(&keys.principal_vault, amount).unwrap(),
            Move::Pass { seconds } => self.world.pass(seconds),
        }
    }

    /// The guardian becomes the authority, and the other way round.
    fn hand_over(&mut self) {
        let keys = self.world.pools[0];
        let successor = Holder { wallet: self.guardian.insecure_clone(), tokens: self.authority.tokens };
        self.send(keys.propose_authority(&self.authority.key(), &successor.key()));
        self.send(keys.accept_authority(&successor.key()));
        let old = std::mem::replace(&mut self.authority, successor);
        self.guardian = old.wallet;
        let roles = keys.set_roles(&self.authority.key(), &self.guardian.pubkey(), &manager().pubkey());
        self.send(roles);
    }

    /// What was promised stands, and is there.
    fn check(&self) {
        let world = &self.world;
        let mut owed = (0, 0);
        for (name, keys, promised) in &self.positions {
            let now = world.position(keys).unwrap();
            let earned =
                reward(promised.amount, promised.rate_bps, (world.now() - promised.staked_at).clamp(0, YEAR));
            assert!(now.claimed <= earned, "{name} was paid what he had not earned");
            assert_eq!(Position { claimed: 0, ..now }, *promised, "{name}'s position changed");
            owed = (owed.0 + now.amount, owed.1 + now.full_reward - now.claimed);
        }
        assert!(world.principal_balance(0) >= owed.0 && world.reward_balance(0) >= owed.1);
        let pool = world.pool(0);
        assert_eq!((pool.total_staked, pool.reserved), owed);
    }

    /// After everything: the locks are over, and so is the longest emergency.
    fn end(mut self) {
        let last = self.positions.iter().map(|(_, _, position)| position.unlock_at).max().unwrap();
        let end = self.world.pool(0).emergency.until.max(last).max(self.world.now());
        assert!(end <= last.max(self.world.now()) + limits::MAX_EMERGENCY_SECONDS);
        self.world.go_to(end);
        let mut paid = std::collections::BTreeMap::<&str, u64>::new();
        for (name, keys, promised) in self.positions.clone() {
            let user = self.world.user(name);
            let rest = promised.full_reward - self.world.position(&keys).unwrap().claimed;
            let unstake = self.world.pools[0].unstake(&keys, &user.key(), &user.tokens, rest);
            self.world
                .send(&[unstake], &[&user.wallet])
                .unwrap_or_else(|failure| panic!("{name}: {failure}"));
            *paid.entry(name).or_default() += promised.full_reward;
        }
        for (name, reward) in paid {
            assert_eq!(self.world.tokens_of(name), PURSE + reward, "{name}");
        }
        assert_eq!((self.world.pool(0).total_staked, self.world.pool(0).reserved), (0, 0));
    }

    /// In an emergency instead: everybody leaves at once, with his principal and what he has claimed.
    fn flee(mut self) {
        let keys = self.world.pools[0];
        self.world.go_to(self.world.pool(0).emergency.earliest().max(self.world.now()));
        self.send(keys.begin_emergency(&self.authority.key(), 9));
        for (name, position, promised) in self.positions.clone() {
            let (user, before) = (self.world.user(name), self.world.tokens_of(name));
            let leave = keys.emergency_withdraw(&position, &user.key(), &user.tokens, u64::MAX);
            self.world.send(&[leave], &[&user.wallet]).unwrap_or_else(|failure| panic!("{name}: {failure}"));
            assert_eq!(self.world.tokens_of(name), before + promised.amount);
        }
    }
}

proptest! {
    #![proptest_config(Config { cases: 24, max_shrink_iters: 200, failure_persistence: None, ..Config::default() })]

    #[test]
    fn whatever_they_do_together_everybody_leaves_with_principal_and_full_reward(
        moves in moves(),
        flees in proptest::bool::weighted(0.25),
    ) {
        let mut plot = Plot::begin();
        for one in &moves {
            plot.play(one);
            plot.check();
        }
        match flees {
            true => plot.flee(),
            false => plot.end(),
        }
    }
}
