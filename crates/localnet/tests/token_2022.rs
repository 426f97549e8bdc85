//! Token-2022 on the chain: its extensions are really there, and they do what makes them worth a test.

use {
    solana_instruction::error::InstructionError,
    solana_keypair::Keypair,
    solana_pubkey::Pubkey,
    solana_signer::Signer,
    std::error::Error,
    tidepool_localnet::{
        associated_token_address_of, extensions, AccountExtension, Chain, ChainConfig, MintExtension,
        LAMPORTS_PER_SOL as SOL, METADATA, MINT_LEN, TOKEN_2022_PROGRAM, TOKEN_ACCOUNT_LEN, TOKEN_PROGRAM,
    },
};

type Test = Result<(), Box<dyn Error>>;

/// The program's own errors.
const OWNER_MISMATCH: u32 = 4;
const NOT_ENOUGH_TOKENS: u32 = 1;
const ACCOUNT_FROZEN: u32 = 17;
const NON_TRANSFERABLE: u32 = 37;
const IMMUTABLE_OWNER: u32 = 34;
const NO_MEMO: u32 = 36;

fn start() -> Result<(Chain, Keypair, Keypair), Box<dyn Error>> {
    let chain = Chain::start(ChainConfig::default())?;
    let (ana, ben) = (chain.wallet("ana", 10 * SOL)?, chain.wallet("ben", 10 * SOL)?);
    Ok((chain, ana, ben))
}

/// A new mint of ana's.
fn mint_of(chain: &Chain, ana: &Keypair, wanted: &[MintExtension]) -> Result<Pubkey, Box<dyn Error>> {
    let mint = chain.fresh_keypair();
    chain.create_mint_2022(&mint, ana, 9, wanted)?;
    Ok(mint.pubkey())
}

fn data(chain: &Chain, key: &Pubkey) -> Vec<u8> {
    chain.account(key).map(|account| account.data).unwrap_or_default()
}

fn ids(chain: &Chain, key: &Pubkey) -> Vec<u16> {
    extensions(&data(chain, key)).iter().map(|extension| extension.id).collect()
}

#[test]
fn every_extension_is_on_its_mint_with_what_it_needs_and_nothing_else() -> Test {
    let (chain, ana, _) = start()?;
    for extension in MintExtension::ALL {
        let mint = mint_of(&chain, &ana, &[extension]).map_err(|error| format!("{extension:?}: {error}"))?;
        let account = chain.account(&mint).ok_or("no mint")?;
        assert_eq!(account.owner, TOKEN_2022_PROGRAM);
        assert_eq!(account.data[TOKEN_ACCOUNT_LEN], 1, "{extension:?}: a mint");
        assert_eq!(account.data[4..36], ana.pubkey().to_bytes(), "{extension:?}: ana may mint");
        assert_eq!((account.data[44], account.data[45]), (9, 1), "{extension:?}: decimals, initialized");
        assert_eq!(account.data[46], 0, "{extension:?}: no freeze authority");

        let mut expected: Vec<u16> = extension.needs().iter().map(|it| it.id()).collect();
        expected.push(extension.id());
        assert_eq!(ids(&chain, &mint), expected, "{extension:?}");
        let all = extensions(&account.data);
        let lengths: Vec<usize> = all.iter().map(|it| it.value.len()).collect();
        let needed = extension.needs().iter().map(|it| it.value_len());
        assert!(lengths.into_iter().eq(needed.chain([extension.value_len()])), "{extension:?}: its length");
        let rent = chain.rent().minimum_balance(account.data.len());
        assert_eq!(account.lamports, rent, "{extension:?}: exempt from rent, with no lamport to spare");
    }
    Ok(())
}

#[test]
fn every_number_the_program_knows_is_one_of_a_mint_or_of_a_token_account() -> Test {
    const OF_TOKEN_ACCOUNTS: [u16; 9] = [2, 5, 7, 8, 11, 13, 15, 17, 27];
    let (chain, ana, _) = start()?;
    let plain = mint_of(&chain, &ana, &[])?;
    assert_eq!((data(&chain, &plain).len(), chain.token_program_of(&plain)), (MINT_LEN, TOKEN_2022_PROGRAM));
    // Asked for the size of a token account, the program reads the numbers of the mint's extensions and refuses one it
    // does not know.
    let is_known = |id: &u16| {
        let mint = mint_of(&chain, &ana, &[]).unwrap();
        chain.write_extension(&mint, *id, &[]);
        chain.create_token_account(&mint, &ana.pubkey()).is_ok()
    };
    let known: Vec<u16> = (1..=40).filter(is_known).collect();
    let mut expected = [&MintExtension::ALL.map(MintExtension::id)[..], &OF_TOKEN_ACCOUNTS].concat();
    expected.sort();
    assert_eq!(known, expected);
    Ok(())
}

#[test]
fn extensions_can_be_together_on_a_mint() -> Test {
    let (chain, ana, _) = start()?;
    use MintExtension::*;
    let all = [MintCloseAuthority, TokenMetadata, TokenGroup, TokenGroupMember, Pausable];
    let mint = mint_of(&chain, &ana, &all)?;
    assert_eq!(ids(&chain, &mint), [3, 18, 20, 22, 26, 19, 21, 23]);
    Ok(())
}

#[test]
fn metadata_lies_in_the_mint_that_points_to_itself() -> Test {
    let (chain, ana, _) = start()?;
    let mint = mint_of(&chain, &ana, &[MintExtension::TokenMetadata])?;
    let found = extensions(&data(&chain, &mint));
    let [pointer, metadata] = &found[..] else { panic!("{found:?}") };
    assert_eq!(pointer.value, [ana.pubkey().to_bytes(), mint.to_bytes()].concat());
    let mut expected = [ana.pubkey().to_bytes(), mint.to_bytes()].concat();
    for text in METADATA {
        expected.extend_from_slice(&(text.len() as u32).to_le_bytes());
        expected.extend_from_slice(text.as_bytes());
    }
    expected.extend_from_slice(&[0; 4]);
    assert_eq!(metadata.value, expected);
    Ok(())
}

#[test]
fn token_accounts_have_the_extensions_of_their_owner_and_of_their_mint() -> Test {
    let (chain, ana, _) = start()?;
    let mint = mint_of(&chain, &ana, &[])?;
    let plain = chain.create_token_account(&mint, &ana.pubkey())?;
    assert_eq!(data(&chain, &plain).len(), TOKEN_ACCOUNT_LEN);
    assert_eq!(data(&chain, &plain)[..64], [mint.to_bytes(), ana.pubkey().to_bytes()].concat());

    use AccountExtension::*;
    for (wanted, found, len) in [
        (&[ImmutableOwner][..], &[7][..], 170),
        (&[MemoTransfer], &[8], 171),
        (&[CpiGuard], &[11], 171),
        (&[CpiGuard, ImmutableOwner, MemoTransfer], &[7, 11, 8], 180),
    ] {
        let account = chain.create_token_account_2022(&mint, &ana, wanted)?;
        assert_eq!(
            (ids(&chain, &account), data(&chain, &account).len()),
            (found.to_vec(), len),
            "{wanted:?}"
        );
        let on = extensions(&data(&chain, &account));
        assert!(on.iter().all(|it| it.value == vec![1; usize::from(it.id != 7)]), "{on:?}: all are on");
    }

    let late = chain.create_token_account(&mint, &ana.pubkey())?;
    chain.extend_token_account(&late, &ana, MemoTransfer)?;
    chain.extend_token_account(&late, &ana, CpiGuard)?;
    assert_eq!((ids(&chain, &late), data(&chain, &late).len()), (vec![8, 11], 176));

    let associated = chain.create_associated_token_account(&mint, &ana.pubkey())?;
    assert_eq!(associated, associated_token_address_of(&ana.pubkey(), &mint, &TOKEN_2022_PROGRAM));
    assert_eq!((ids(&chain, &associated), data(&chain, &associated).len()), (vec![7], 170));

    use MintExtension::*;
    for (extension, found) in
        [(TransferFeeConfig, &[2][..]), (NonTransferable, &[13, 7]), (TransferHook, &[15]), (Pausable, &[27])]
    {
        let mint = mint_of(&chain, &ana, &[extension])?;
        let account = chain.create_token_account(&mint, &ana.pubkey())?;
        assert_eq!(ids(&chain, &account), found, "{extension:?}");
    }
    Ok(())
}

#[test]
fn owners_move_burn_hand_over_and_close_under_either_program() -> Test {
    let (chain, ana, ben) = start()?;
    let classic = chain.fresh_keypair();
    chain.create_mint(&classic, &ana.pubkey(), 9, None)?;
    for mint in [classic.pubkey(), mint_of(&chain, &ana, &[])?] {
        let from = chain.create_token_account(&mint, &ana.pubkey())?;
        let to = chain.create_associated_token_account(&mint, &ben.pubkey())?;
        chain.mint_to(&mint, &from, &ana, 100)?;
        chain.transfer_tokens(&from, &to, &ana, 10)?;
        chain.transfer_checked(&from, &to, &ana, 20)?;
        chain.burn(&to, &ben, 5)?;
        assert_eq!((chain.token_balance(&from), chain.token_balance(&to)), (70, 25));
        assert_eq!(chain.mint_supply(&mint), 95);
        let refused = chain.burn(&to, &ana, 5).expect_err("not ana's");
        assert_eq!(refused.custom_error_code(), Some(OWNER_MISMATCH));
        let refused = chain.transfer_checked(&from, &to, &ana, 71).expect_err("more than there is");
        assert_eq!(refused.custom_error_code(), Some(NOT_ENOUGH_TOKENS));

        chain.set_token_owner(&from, &ana, &ben.pubkey())?;
        chain.transfer_checked(&from, &to, &ben, 70)?;
        assert!(chain.close_token_account(&to, &ben).is_err(), "it is not empty");
        let (lamports, rent) = (chain.lamports(&ben.pubkey()), chain.lamports(&from));
        chain.close_token_account(&from, &ben)?;
        assert_eq!(chain.lamports(&ben.pubkey()), lamports + rent - 5_000);
        assert_eq!(chain.account(&from), None);
    }
    assert_eq!(chain.token_program_of(&classic.pubkey()), TOKEN_PROGRAM);
    Ok(())
}

#[test]
fn a_frozen_account_is_still_until_it_is_thawed() -> Test {
    let (chain, ana, ben) = start()?;
    let mint = chain.fresh_keypair();
    chain.create_mint(&mint, &ana.pubkey(), 9, Some(&ben.pubkey()))?;
    let account = chain.create_token_account(&mint.pubkey(), &ana.pubkey())?;
    chain.mint_to(&mint.pubkey(), &account, &ana, 100)?;
    chain.freeze_token_account(&account, &ben)?;
    let refused = chain.burn(&account, &ana, 1).expect_err("frozen");
    assert_eq!(refused.custom_error_code(), Some(ACCOUNT_FROZEN));
    chain.thaw_token_account(&account, &ben)?;
    chain.burn(&account, &ana, 1)?;
    assert_eq!(chain.token_balance(&account), 99);
    Ok(())
}

#[test]
fn extensions_do_what_they_say() -> Test {
    let (chain, ana, ben) = start()?;
    let mint = mint_of(&chain, &ana, &[])?;
    let from = chain.create_token_account(&mint, &ana.pubkey())?;
    chain.mint_to(&mint, &from, &ana, 100)?;

    let silent = chain.create_token_account_2022(&mint, &ben, &[AccountExtension::MemoTransfer])?;
    let refused = chain.transfer_checked(&from, &silent, &ana, 1).expect_err("without a memo");
    assert_eq!(refused.custom_error_code(), Some(NO_MEMO));
    chain.mint_to(&mint, &silent, &ana, 1)?;

    let fixed = chain.create_token_account_2022(&mint, &ben, &[AccountExtension::ImmutableOwner])?;
    let refused = chain.set_token_owner(&fixed, &ben, &ana.pubkey()).expect_err("immutable");
    assert_eq!(refused.custom_error_code(), Some(IMMUTABLE_OWNER));

    let fee = mint_of(&chain, &ana, &[MintExtension::TransferFeeConfig])?;
    let [from, to] =
        [chain.create_token_account(&fee, &ana.pubkey())?, chain.create_token_account(&fee, &ana.pubkey())?];
    chain.mint_to(&fee, &from, &ana, 1_000)?;
    chain.transfer_checked(&from, &to, &ana, 1_000)?;
    assert_eq!(chain.token_balance(&to), 990);

    let stuck = mint_of(&chain, &ana, &[MintExtension::NonTransferable])?;
    let [from, to] = [
        chain.create_token_account(&stuck, &ana.pubkey())?,
        chain.create_token_account(&stuck, &ana.pubkey())?,
    ];
    chain.mint_to(&stuck, &from, &ana, 1)?;
    let refused = chain.transfer_checked(&from, &to, &ana, 1).expect_err("non-transferable");
    assert_eq!(refused.custom_error_code(), Some(NON_TRANSFERABLE));

    let hooked = mint_of(&chain, &ana, &[MintExtension::TransferHook])?;
    let [from, to] = [
        chain.create_token_account(&hooked, &ana.pubkey())?,
        chain.create_token_account(&hooked, &ana.pubkey())?,
    ];
    chain.mint_to(&hooked, &from, &ana, 1)?;
    let refused = chain.transfer_checked(&from, &to, &ana, 1).expect_err("the hook is not there");
    assert_eq!(refused.instruction_error(), Some(InstructionError::MissingAccount), "{refused}");
    Ok(())
}

#[test]
fn an_extension_nobody_knows_can_be_written() -> Test {
    let (chain, ana, _) = start()?;
    let mint = mint_of(&chain, &ana, &[MintExtension::MetadataPointer])?;
    let plain = mint_of(&chain, &ana, &[])?;
    let account = chain.create_token_account(&plain, &ana.pubkey())?;
    for (key, kind, before) in [(mint, 1, vec![18]), (plain, 1, vec![]), (account, 2, vec![])] {
        chain.write_extension(&key, 999, &[1, 2, 3]);
        assert_eq!(data(&chain, &key)[TOKEN_ACCOUNT_LEN], kind);
        let mut expected = before;
        expected.push(999);
        assert_eq!(ids(&chain, &key), expected);
        let last = extensions(&data(&chain, &key)).pop().ok_or("none")?;
        assert_eq!(last.value, [1, 2, 3]);
    }
    Ok(())
}
