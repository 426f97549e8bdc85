//! Fixed-APY pools.

use {
    super::stage::must,
    crate::Result,
    solana_pubkey::Pubkey,
    tidepool_client::fixed::{Admitted, DidParameters, PoolParameters, PositionKeys, Proof},
    tidepool_interface::fixed::merkle::{leaf, root_of},
    tidepool_localnet::{
        fixed_world::{premium, standard, FixedWorld, Holder, MintConfig},
        ChainConfig, Outcome,
    },
};

const TOKEN: u64 = 1_000_000_000;
const DAY: i64 = 86_400;
const YEAR: i64 = 365 * DAY;

/// A pool of each product and one with early exit, all funded, and a user.
struct Stage {
    world: FixedWorld,
    ana: Holder,
}

const STANDARD: usize = 0;
const PREMIUM: usize = 1;
const EARLY: usize = 2;

fn stage(seed: u64) -> Result<Stage> {
    let chain = ChainConfig { seed, ..ChainConfig::default() };
    let mut world = FixedWorld::start_on(chain, &MintConfig::default())?;
    let early = PoolParameters { pool_id: 2, allows_early_exit: true, ..standard(9) };
    for parameters in [standard(9), premium(9), early] {
        let pool = world.add_pool(parameters)?;
        world.fund(pool, 1_000_000 * TOKEN)?;
    }
    let ana = world.add_user("ana", 10_000_000 * TOKEN)?;
    Ok(Stage { world, ana })
}

/// With positions of a user who has some already.
fn staked(seed: u64, pool: usize, positions: usize) -> Result<(Stage, Vec<PositionKeys>)> {
    let mut stage = stage(seed)?;
    let stake = |_| stage.world.stake("ana", pool, 1_000 * TOKEN + 1);
    let positions: std::result::Result<Vec<_>, _> = (0..positions).map(stake).collect();
    Ok((stage, positions?))
}

pub fn initialize(seed: u64) -> Result<Outcome> {
    let mut stage = stage(seed)?;
    let operator = stage.world.operator.clone();
    let parameters = PoolParameters { pool_id: 9, ..standard(9) };
    let keys = stage.world.pools[STANDARD];
    let keys =
        tidepool_client::fixed::FixedPoolKeys::new(&operator.key(), 9, &keys.mint, &keys.token_program);
    Ok(stage.world.send(&[keys.initialize_pool(parameters)], &[&operator.wallet])?)
}

impl Stage {
    fn stake(&mut self, pool: usize, amount: u64, proof: Proof) -> Result<Outcome> {
        let position = self.world.next_position(pool, &self.ana.key());
        let keys = self.world.pools[pool];
        let stake = keys.stake(&self.ana.key(), &self.ana.tokens, &position, amount, 0, proof);
        Ok(self.world.send(&[stake], &[&self.ana.wallet])?)
    }

    fn send(&mut self, instruction: solana_instruction::Instruction) -> Result<Outcome> {
        Ok(self.world.send(&[instruction], &[&self.ana.wallet])?)
    }

    fn by_operator(&mut self, instruction: solana_instruction::Instruction) -> Result<Outcome> {
        let operator = self.world.operator.clone();
        Ok(self.world.send(&[instruction], &[&operator.wallet])?)
    }

    /// A view, in a transaction of its own.
    fn view(&mut self, instruction: solana_instruction::Instruction) -> Result<Outcome> {
        Ok(self.world.send(&[instruction], &[])?)
    }
}

pub fn first_stake(seed: u64) -> Result<Outcome> {
    stage(seed)?.stake(STANDARD, 1_000 * TOKEN, Proof::None)
}

pub fn stake(seed: u64) -> Result<Outcome> {
    staked(seed, STANDARD, 1)?.0.stake(STANDARD, 1_000 * TOKEN, Proof::None)
}

pub fn stake_with_entry(seed: u64) -> Result<Outcome> {
    let mut stage = stage(seed)?;
    let manager = stage.world.operator.key();
    let admitted = Admitted { user: stage.ana.key(), max_amount: 2_000_000 * TOKEN };
    let keys = stage.world.pools[PREMIUM];
    stage.by_operator(keys.add_to_whitelist(&manager, &[admitted], 0))?;
    stage.stake(PREMIUM, 500_000 * TOKEN, Proof::Entry)?;
    stage.stake(PREMIUM, 500_000 * TOKEN, Proof::Entry)
}

pub fn stake_with_proof(seed: u64) -> Result<Outcome> {
    let mut stage = stage(seed)?;
    let authority = stage.world.operator.key();
    let keys = stage.world.pools[PREMIUM];
    let max_amount = 2_000_000 * TOKEN;
    let nodes: Vec<[u8; 32]> = (0..20).map(|level| [level; 32]).collect();
    let root = root_of(leaf(&keys.pool, &stage.ana.key(), max_amount), &nodes);
    stage.by_operator(keys.set_merkle_root(&authority, root, 1 << 20))?;
    let proof = Proof::Merkle { max_amount, nodes };
    // So long a proof fits a transaction that nobody else signs.
    let position = stage.world.next_position(PREMIUM, &stage.ana.key());
    let stake = keys.stake(&stage.ana.key(), &stage.ana.tokens, &position, 500_000 * TOKEN, 0, proof);
    Ok(stage.world.chain.send(&[stake], &[&stage.ana.wallet])?)
}

pub fn stake_with_lamports_on_its_address(seed: u64) -> Result<Outcome> {
    let (mut stage, _) = staked(seed, STANDARD, 1)?;
    let position = stage.world.next_position(STANDARD, &stage.ana.key());
    stage.world.chain.add_lamports(&position.position, 1);
    stage.stake(STANDARD, 1_000 * TOKEN, Proof::None)
}

pub fn claim(seed: u64) -> Result<Outcome> {
    let (mut stage, positions) = staked(seed, STANDARD, 1)?;
    stage.world.pass(DAY);
    let keys = stage.world.pools[STANDARD];
    let (owner, tokens) = (stage.ana.key(), stage.ana.tokens);
    stage.send(keys.claim(&owner, &tokens, &positions[0]))
}

pub fn claim_ten(seed: u64) -> Result<Outcome> {
    let (mut stage, positions) = staked(seed, STANDARD, 10)?;
    stage.world.pass(DAY);
    let keys = stage.world.pools[STANDARD];
    let (owner, tokens) = (stage.ana.key(), stage.ana.tokens);
    stage.send(keys.claim_many(&owner, &tokens, &owner, &positions))
}

pub fn compound(seed: u64) -> Result<Outcome> {
    let (mut stage, positions) = staked(seed, STANDARD, 1)?;
    stage.world.pass(DAY);
    let keys = stage.world.pools[STANDARD];
    let new = stage.world.next_position(STANDARD, &stage.ana.key());
    stage.send(keys.compound(&positions[0], &new, 0, Proof::None))
}

pub fn roll_over(seed: u64) -> Result<Outcome> {
    let (mut stage, positions) = staked(seed, STANDARD, 1)?;
    stage.world.pass(YEAR);
    let keys = stage.world.pools[STANDARD];
    let (owner, tokens) = (stage.ana.key(), stage.ana.tokens);
    let new = stage.world.next_position(STANDARD, &owner);
    stage.send(keys.roll_over(&positions[0], &owner, &new, &tokens, true, 0, Proof::None))
}

pub fn unstake(seed: u64) -> Result<Outcome> {
    let (mut stage, positions) = staked(seed, STANDARD, 1)?;
    stage.world.pass(YEAR);
    let keys = stage.world.pools[STANDARD];
    let (owner, tokens) = (stage.ana.key(), stage.ana.tokens);
    stage.send(keys.unstake(&positions[0], &owner, &tokens, 1))
}

pub fn emergency_withdraw(seed: u64) -> Result<Outcome> {
    let (mut stage, positions) = staked(seed, STANDARD, 1)?;
    let keys = stage.world.pools[STANDARD];
    let guardian = stage.world.operator.key();
    stage.by_operator(keys.begin_emergency(&guardian, 1))?;
    let (owner, tokens) = (stage.ana.key(), stage.ana.tokens);
    stage.send(keys.emergency_withdraw(&positions[0], &owner, &tokens, u64::MAX))
}

pub fn complete_early_exit(seed: u64) -> Result<Outcome> {
    let (mut stage, positions) = staked(seed, EARLY, 1)?;
    stage.world.pass(30 * DAY);
    let keys = stage.world.pools[EARLY];
    let (owner, tokens) = (stage.ana.key(), stage.ana.tokens);
    stage.send(keys.request_early_exit(&positions[0]))?;
    stage.world.pass(7 * DAY);
    stage.send(keys.complete_early_exit(&positions[0], &owner, &tokens, 1))
}

pub fn fund(seed: u64) -> Result<Outcome> {
    Ok(stage(seed)?.world.fund(STANDARD, TOKEN)?)
}

pub fn withdraw_excess(seed: u64) -> Result<Outcome> {
    let mut stage = stage(seed)?;
    let (authority, to) = (stage.world.operator.key(), stage.world.operator.tokens);
    let keys = stage.world.pools[STANDARD];
    stage.by_operator(keys.withdraw_excess(&authority, &to, TOKEN))
}

pub fn add_ten_to_whitelist(seed: u64) -> Result<Outcome> {
    let mut stage = stage(seed)?;
    let manager = stage.world.operator.key();
    let admitted = |number| Admitted { user: Pubkey::new_from_array([number; 32]), max_amount: TOKEN };
    let keys = stage.world.pools[PREMIUM];
    stage.by_operator(keys.add_to_whitelist(&manager, &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map(admitted), 0))
}

pub fn mint_whale_did(seed: u64) -> Result<Outcome> {
    let (mut stage, _) = staked(seed, STANDARD, 1)?;
    let keys = stage.world.pools[STANDARD];
    let parameters = DidParameters {
        threshold: 1_000 * TOKEN,
        name: "Tidepool whale".into(),
        symbol: "WHALE".into(),
        uri: "https://example.org/whale.json".into(),
    };
    stage.by_operator(keys.set_did_collection(parameters))?;
    let owner = stage.ana.key();
    stage.send(keys.mint_whale_did(&owner, &[]))
}

pub fn pending_reward(seed: u64) -> Result<Outcome> {
    let (mut stage, positions) = staked(seed, STANDARD, 1)?;
    stage.world.pass(DAY);
    let keys = stage.world.pools[STANDARD];
    stage.view(keys.pending_reward(&positions[0]))
}

pub fn quote_stake(seed: u64) -> Result<Outcome> {
    let (mut stage, _) = staked(seed, STANDARD, 1)?;
    let keys = stage.world.pools[STANDARD];
    stage.view(keys.quote_stake(1_000 * TOKEN))
}

pub fn get_metrics(seed: u64) -> Result<Outcome> {
    let (mut stage, _) = staked(seed, STANDARD, 1)?;
    must(stage.world.pool(STANDARD).total_staked > 0, "something is staked")?;
    let keys = stage.world.pools[STANDARD];
    stage.view(keys.get_metrics())
}
