//! Which mints a pool takes: those whose tokens arrive whole, and leave whole and at any time.

use crate::support::*;
use tidepool_localnet::{
    MintExtension::{self, *},
    TOKEN_2022_PROGRAM, TOKEN_PROGRAM,
};

/// What only describes a token, or how its amounts are shown.
const HARMLESS: [MintExtension; 8] = [
    MetadataPointer,
    TokenMetadata,
    GroupPointer,
    TokenGroup,
    GroupMemberPointer,
    TokenGroupMember,
    InterestBearingConfig,
    ScaledUiAmount,
];

fn with(extensions: &[MintExtension]) -> MintConfig {
    MintConfig { token_2022: Some(extensions.to_vec()), ..MintConfig::default() }
}

/// A new pool number `pool_id` for this mint.
fn initialize(
    world: &FixedWorld,
    mint: &Pubkey,
    program: &Pubkey,
    parameters: PoolParameters,
) -> Instruction {
    FixedPoolKeys::new(&world.operator.key(), parameters.pool_id, mint, program).initialize_pool(parameters)
}

/// A stake, a claim, a compounding and the way out, to the unit.
fn tokens_come_and_go(mint: &MintConfig) {
    let mut world = world_with(mint);
    world.add_pool(product()).unwrap();
    world.fund(0, 1_000 * TOKEN).unwrap();
    let position = world.stake("ana", 0, 1_000 * TOKEN).unwrap();
    assert_eq!(world.principal_balance(0), 1_000 * TOKEN);
    world.go_to(OPENING + 73 * DAY);
    world.claim("ana", 0, &position).unwrap();
    assert_eq!(world.tokens_of("ana"), PURSE - 1_000 * TOKEN + 16 * TOKEN);
    world.go_to(OPENING + 146 * DAY);
    let ana = world.user("ana");
    let next = world.next_position(0, &ana.key());
    let compound = world.pools[0].compound(&position, &next, 0, Proof::None);
    world.send(&[compound], &[&ana.wallet]).unwrap();
    world.go_to(OPENING + 2 * YEAR);
    world.unstake("ana", 0, &position).unwrap();
    world.unstake("ana", 0, &next).unwrap();
    assert_eq!(world.tokens_of("ana"), PURSE + 80 * TOKEN + 1_280_000_000);
    let operator = world.operator.clone();
    let close = world.pools[0].close_pool(&operator.key(), &operator.tokens);
    world.send(&[close], &[&operator.wallet]).unwrap();
    assert_eq!(world.balance(&operator.tokens), 1_000 * TOKEN - 80 * TOKEN - 1_280_000_000);
}

#[test]
fn a_token_2022_mint_without_extensions_serves_as_well() {
    tokens_come_and_go(&with(&[]));
}

#[test]
fn extensions_that_only_describe_are_taken_all_at_once() {
    tokens_come_and_go(&with(&[
        MetadataPointer,
        TokenMetadata,
        GroupPointer,
        TokenGroup,
        InterestBearingConfig,
    ]));
    tokens_come_and_go(&with(&[GroupMemberPointer, TokenGroupMember, ScaledUiAmount]));
}

#[test]
fn every_extension_is_taken_or_refused_by_its_name() {
    let mut world = world_with(&MintConfig::default());
    let operator = world.operator.clone();
    for (pool_id, extension) in (0..).zip(MintExtension::ALL) {
        let mint = world.chain.fresh_keypair();
        world.chain.create_mint_2022(&mint, &operator.wallet, 9, &[extension]).unwrap();
        let parameters = PoolParameters { pool_id, ..product() };
        let initialize = initialize(&world, &mint.pubkey(), &TOKEN_2022_PROGRAM, parameters);
        if HARMLESS.contains(&extension) {
            world.send(&[initialize], &[&operator.wallet]).unwrap();
            continue;
        }
        let failure = world.expect_refusal(&initialize, &[&operator.wallet], Error::RefusedMintExtension);
        let named =
            |one: &MintExtension| failure.logs.contains(&format!("Program log: mint extension {one:?}"));
        assert!(extension.needs().iter().chain([&extension]).any(named), "{extension:?}: {failure}");
    }
}

#[test]
fn what_is_no_mint_or_not_the_token_programs_is_refused() {
    let world = world_with(&MintConfig::default());
    let operator = world.operator.clone();
    let signers = [&operator.wallet];
    let refused = |mint: &Pubkey, program: &Pubkey, error: Error| {
        world.expect_refusal(&initialize(&world, mint, program, product()), &signers, error);
    };
    refused(&operator.tokens, &TOKEN_PROGRAM, Error::UnsupportedMint);
    refused(&world.mint, &TOKEN_2022_PROGRAM, Error::WrongTokenProgram);
    refused(&operator.key(), &TOKEN_PROGRAM, Error::WrongTokenProgram);
    // A mint that is allocated and not initialized.
    let raw = world.chain.fresh_keypair().pubkey();
    let mut account = world.chain.account(&world.mint).unwrap();
    account.data.fill(0);
    world.chain.set_account(&raw, &account);
    refused(&raw, &TOKEN_PROGRAM, Error::UnsupportedMint);
}

#[test]
fn a_mint_that_can_be_frozen_wants_a_flag_and_the_pool_says_so() {
    let mut world = world_with(&MintConfig { has_freeze_authority: true, ..MintConfig::default() });
    let operator = world.operator.clone();
    let refused = initialize(&world, &world.mint, &TOKEN_PROGRAM, product());
    world.expect_refusal(&refused, &[&operator.wallet], Error::MintHasFreezeAuthority);
    world.add_pool(PoolParameters { accepts_freeze_authority: true, ..product() }).unwrap();
    assert_eq!(world.pool(0).can_be_frozen, 1);

    // What the flag is about: while the issuer has the vault frozen, nobody gets anything out.
    world.fund(0, 80 * TOKEN).unwrap();
    let position = world.stake("ana", 0, 1_000 * TOKEN).unwrap();
    world.go_to(OPENING + YEAR);
    let (ana, keys) = (world.user("ana"), world.pools[0]);
    let unstake = keys.unstake(&position, &ana.key(), &ana.tokens, 0);
    world.chain.freeze_token_account(&keys.principal_vault, &operator.wallet).unwrap();
    world.expect_failure(std::slice::from_ref(&unstake), &[&ana.wallet]);
    world.chain.thaw_token_account(&keys.principal_vault, &operator.wallet).unwrap();
    world.send(&[unstake], &[&ana.wallet]).unwrap();
    assert_eq!(world.tokens_of("ana"), PURSE + 80 * TOKEN);
}

#[test]
fn a_flag_for_a_mint_that_cannot_be_frozen_says_nothing_wrong() {
    let mut world = world_with(&MintConfig::default());
    world.add_pool(PoolParameters { accepts_freeze_authority: true, ..product() }).unwrap();
    assert_eq!(world.pool(0).can_be_frozen, 0);
}
