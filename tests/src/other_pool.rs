//! A second pool on the same chain: where foreign accounts of every kind come from.

use {
    solana_instruction::Instruction,
    solana_keypair::Keypair,
    solana_pubkey::Pubkey,
    solana_signer::Signer,
    tidepool_client::{BondTerms, PoolFees, PoolKeys, PoolParameters, ValidatorKeys},
    tidepool_interface::{limits::DECIMALS, pda},
    tidepool_localnet::{world::typical_parameters, World, LAMPORTS_PER_SOL as SOL},
};

/// A pool with one validator, its bond, SOL, liquidity and an open ticket, all of its owner's but the bond.
pub struct OtherPool {
    pub keys: PoolKeys,
    /// Creator, manager and only user.
    pub owner: Keypair,
    pub lst: Pubkey,
    pub lp: Pubkey,
    pub validator: ValidatorKeys,
    pub ticket: Pubkey,
}

impl OtherPool {
    /// Makes the pool, with validator 0 of the chain.
    pub fn beside(world: &World) -> Self {
        let chain = &world.chain;
        let owner = chain.wallet("other owner", 1_000 * SOL).unwrap();
        let me = owner.pubkey();
        let mint = chain.keypair("other mint");
        chain.create_mint(&mint, &me, DECIMALS, None).unwrap();
        let token_account = |mint: &Pubkey| chain.create_token_account(mint, &me).unwrap();
        let keys = PoolKeys::new(&mint.pubkey(), &token_account(&mint.pubkey()));
        let send = |instruction: Instruction| chain.send(&[instruction], &[&owner]).unwrap();

        send(keys.initialize_pool(&me, &me, parameters(&me)));
        let (lst, lp) = (token_account(&keys.lst_mint), token_account(&keys.lp_mint));
        let validator = keys.validator(&chain.validator(0).vote, 0);
        send(keys.add_validator(&me, &me, &validator, 100, 0));
        let identity = &chain.validator(0).identity;
        let open = keys.open_bond(&validator.vote, &identity.pubkey(), &me, BondTerms::default());
        chain.send(&[open], &[&owner, identity]).unwrap();
        send(keys.post_bond(&validator.vote, &me, SOL));
        send(keys.deposit(&me, &lst, 20 * SOL, 0));
        send(keys.add_liquidity(&me, &lp, 20 * SOL, 0));
        send(keys.order_unstake(&me, &me, &lst, SOL, 0, 0));
        let ticket = pda::ticket(&keys.pool, &me, 0).0;
        Self { keys, owner, lst, lp, validator, ticket }
    }
}

fn parameters(owner: &Pubkey) -> PoolParameters {
    let typical = typical_parameters();
    PoolParameters { manager: *owner, guardian: *owner, fees: PoolFees::default(), ..typical }
}
