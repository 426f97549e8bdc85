//! Two pools that differ in nothing but their addresses, with the same people: no instruction takes accounts of both.

use crate::support::*;

struct Twins {
    world: FixedWorld,
    /// Ana's by pool: one that has matured, one whose early exit can be completed, one that runs.
    positions: [[PositionKeys; 3]; 2],
}

fn twins() -> Twins {
    let parameters = PoolParameters { lock_seconds: 100 * DAY as u64, ..listed() };
    let mut world = world(parameters);
    world.add_pool(PoolParameters { pool_id: parameters.pool_id + 1, ..parameters }).unwrap();
    world.fund(1, 2_000_000 * TOKEN).unwrap();
    let (ana, man) = (world.user("ana"), manager());
    for keys in world.pools.clone() {
        let admitted = Admitted { user: ana.key(), max_amount: PURSE };
        world.send(&[keys.add_to_whitelist(&man.pubkey(), &[admitted], 0)], &[&man]).unwrap();
    }
    let matured = [0, 1].map(|pool| stake(&mut world, pool));
    world.go_to(OPENING + 95 * DAY);
    let leaving = [0, 1].map(|pool| stake(&mut world, pool));
    let running = [0, 1].map(|pool| stake(&mut world, pool));
    for (keys, position) in world.pools.clone().into_iter().zip(&leaving) {
        world.send(&[keys.request_early_exit(position)], &[&ana.wallet]).unwrap();
        world.chain.transfer_checked(&ana.tokens, &keys.principal_vault, &ana.wallet, 1).unwrap();
    }
    world.go_to(OPENING + 104 * DAY);
    let positions = [0, 1].map(|pool| [matured[pool], leaving[pool], running[pool]]);
    Twins { world, positions }
}

fn stake(world: &mut FixedWorld, pool: usize) -> PositionKeys {
    world.stake_with("ana", pool, 1_000 * TOKEN, Proof::Entry).unwrap()
}

impl Twins {
    /// Every instruction that a pool has several accounts of its own in.
    fn calls(&self, pool: usize) -> Vec<Instruction> {
        let (world, keys) = (&self.world, self.world.pools[pool]);
        let [matured, leaving, running] = &self.positions[pool];
        let (ana, operator, man) = (world.user("ana"), world.operator.clone(), manager().pubkey());
        let (me, to) = (ana.key(), ana.tokens);
        let next = world.next_position(pool, &me);
        vec![
            keys.stake(&me, &to, &next, TOKEN, 0, Proof::Entry),
            keys.compound(running, &next, 0, Proof::Entry),
            keys.roll_over(matured, &me, &next, &to, true, 0, Proof::Entry),
            keys.claim(&me, &to, running),
            keys.claim_many(&me, &to, &me, &[*running, *matured]),
            keys.unstake(matured, &me, &to, 0),
            keys.request_early_exit(running),
            keys.cancel_early_exit(leaving),
            keys.complete_early_exit(leaving, &me, &to, 0),
            keys.set_owner_only(&me, true),
            keys.fund_rewards(&me, &to, TOKEN),
            keys.sweep_surplus(),
            keys.withdraw_excess(&operator.key(), &operator.tokens, TOKEN),
            keys.remove_from_whitelist(&man, &[me], 0),
            keys.add_to_whitelist(&man, &[Admitted { user: me, max_amount: 1 }], 0),
            keys.quote_stake(TOKEN),
            keys.get_metrics(),
        ]
    }

    fn is_taken(&self, instruction: &Instruction) -> bool {
        let payer = self.world.chain.faucet().pubkey();
        self.world.chain.simulate(std::slice::from_ref(instruction), &payer).is_ok()
    }
}

/// The first call with the second's account at each place whose bit is set.
fn mixture(ours: &Instruction, theirs: &Instruction, differing: &[usize], bits: u32) -> Instruction {
    let mut mixed = ours.clone();
    for (_, place) in differing.iter().enumerate().filter(|(bit, _)| bits & (1 << bit) != 0) {
        mixed.accounts[*place] = theirs.accounts[*place].clone();
    }
    mixed
}

/// Every mixture of two calls' accounts, with the data of each, is refused.
fn assert_unmixable(twins: &Twins, ours: &Instruction, theirs: &Instruction) {
    assert!(twins.is_taken(ours) && twins.is_taken(theirs), "a valid call fails: {ours:?}");
    let places = 0..ours.accounts.len();
    let differing: Vec<usize> =
        places.filter(|place| ours.accounts[*place].pubkey != theirs.accounts[*place].pubkey).collect();
    assert!(differing.len() > 1, "nothing to mix: {ours:?}");
    for bits in 1..(1_u32 << differing.len()) - 1 {
        for data in [&ours.data, &theirs.data] {
            let mut mixed = mixture(ours, theirs, &differing, bits);
            mixed.data.clone_from(data);
            assert!(!twins.is_taken(&mixed), "{mixed:?}");
        }
    }
}

#[test]
fn no_instruction_takes_accounts_of_two_pools() {
    let twins = twins();
    for (ours, theirs) in twins.calls(0).iter().zip(&twins.calls(1)) {
        assert_unmixable(&twins, ours, theirs);
    }
}

#[test]
fn nobody_flees_from_one_pool_with_accounts_of_another() {
    let mut twins = twins();
    for keys in twins.world.pools.clone() {
        twins.world.send(&[keys.begin_emergency(&guardian().pubkey(), 1)], &[&guardian()]).unwrap();
    }
    let ana = twins.world.user("ana");
    let [ours, theirs] = [0, 1].map(|pool| {
        let [_, _, running] = &twins.positions[pool];
        twins.world.pools[pool].emergency_withdraw(running, &ana.key(), &ana.tokens, u64::MAX)
    });
    assert_unmixable(&twins, &ours, &theirs);
}
