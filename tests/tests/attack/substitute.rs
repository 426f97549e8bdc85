//! Accounts in places that are not theirs.

use crate::support::*;

/// What eve has, beside her wallet and her tokens.
struct Hers {
    /// Due.
    ticket: OpenTicket,
    /// Active with the first validator.
    stake: Pubkey,
    /// To withdraw stake into.
    blank: Pubkey,
}

/// A pool in the window in which everything is due, with LST, liquidity, stake and a due ticket of eve's.
fn busy() -> (World, Hers) {
    let mut world = staked(still(), 100 * SOL);
    world.add_liquidity("bob", 100 * SOL).unwrap();
    world.deposit("eve", 1_000 * SOL).unwrap();
    world.add_liquidity("eve", 100 * SOL).unwrap();
    let ticket = world.order_unstake("eve", SOL).unwrap();
    let stake = world.add_stake("eve", 0, 7 * SOL).unwrap();
    let blank = world.prepare_stake().unwrap();
    world.cross_epoch();
    world.update_all().unwrap();
    world.to_move_window();
    (world, Hers { ticket, stake, blank })
}

/// Every instruction of a user and of a keeper, as `world` would send it.
fn all(
    world: &World,
    keys: &PoolKeys,
    validator: &ValidatorKeys,
    ticket: &Pubkey,
    hers: &Hers,
) -> Vec<Instruction> {
    const NONCE: u64 = 1 << 40;
    let eve = world.user("eve");
    let (me, payer) = (eve.wallet.pubkey(), world.chain.faucet().pubkey());
    let mut batch = Batch::default();
    batch.add(validator, &StakeRole::ALL).unwrap();
    vec![
        keys.deposit(&me, &eve.lst, SOL, 0),
        keys.liquid_unstake(&me, &eve.lst, SOL, 0),
        keys.add_liquidity(&me, &eve.lp, SOL, 0),
        keys.remove_liquidity(&me, &eve.lp, &eve.lst, SOL, 0, 0),
        keys.deposit_stake(&me, &hers.stake, validator, &eve.lst, 0),
        keys.withdraw_stake(&me, &hers.blank, validator, &eve.lst, 2 * SOL, 0),
        keys.claim_ticket(ticket, &me, &payer),
        keys.sync_pool(),
        keys.update_validators(&batch),
        keys.delegate(validator),
        keys.undelegate(validator),
        keys.order_unstake(&me, &me, &eve.lst, SOL, 0, NONCE),
    ]
}

fn signers<'a>(instruction: &Instruction, eve: &'a User) -> Vec<&'a Keypair> {
    let me = eve.wallet.pubkey();
    let signs = instruction.accounts.iter().any(|meta| meta.is_signer && meta.pubkey == me);
    signs.then_some(&eve.wallet).into_iter().collect()
}

/// solido#383, Kudelski 2021 (spl#1866): the account of the same role of another pool.
#[test]
fn an_account_of_another_pool_is_refused_wherever_it_is_passed() {
    let (world, hers) = busy();
    let other = OtherPool::beside(&world);
    let eve = world.user("eve");
    let right = all(&world, &world.keys, &world.validators[0], &hers.ticket.key, &hers);
    let wrong = all(&world, &other.keys, &other.validator, &other.ticket, &hers);
    for (right, wrong) in right.iter().zip(&wrong) {
        for (place, foreign) in wrong.accounts.iter().enumerate() {
            if right.accounts[place].pubkey != foreign.pubkey {
                let mut instruction = right.clone();
                instruction.accounts[place].pubkey = foreign.pubkey;
                world.expect_failure(&[instruction.clone()], &signers(&instruction, &eve));
            }
        }
    }
    for right in right {
        let signers = [vec![world.chain.faucet()], signers(&right, &eve)].concat();
        world.chain.send(&[right], &signers).unwrap(); // as it should be it is not refused
    }
}

/// Neodyme SPL 2021: pool and list passed as the same account. Every account of every instruction in every other place.
#[test]
fn no_account_in_the_place_of_another_makes_anybody_richer() {
    let (mut world, hers) = busy();
    let has = |world: &World| {
        let in_stake = [hers.stake, hers.blank].map(|key| world.chain.lamports(&key));
        wealth(world, "eve") + in_stake.iter().sum::<u64>()
    };
    let eve = world.user("eve");
    for right in all(&world, &world.keys, &world.validators[0], &hers.ticket.key, &hers) {
        for place in 0..right.accounts.len() {
            for impostor in right.accounts.iter().filter(|meta| meta.pubkey != right.accounts[place].pubkey) {
                let mut instruction = right.clone();
                instruction.accounts[place].pubkey = impostor.pubkey;
                instruction.accounts[place].is_signer &= impostor.is_signer;
                let before = has(&world);
                let signers = signers(&instruction, &eve);
                if let Err(failure) = world.send(&[instruction], &signers) {
                    assert!(!has_panicked(&failure), "{failure}");
                }
                assert!(has(&world) <= before);
            }
        }
    }
}
