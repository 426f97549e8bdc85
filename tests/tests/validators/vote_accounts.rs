//! What is read of vote accounts: every layout, whatever stands in it, at every length. And that stake and holders get out
//! though nothing can be read.
//!
//! VB ND-MND3-I2 (incident INC-50), VB#378, stakenet#253, #285, #287, #291: V4 was read with the offsets of older layouts, cranks
//! panicked and a bonds program stopped. single-pool (Zellic 2023): the node was read where the withdrawer was meant.

use {
    crate::support::*,
    proptest::prelude::{any, prop, prop_assert_eq, prop_oneof, Just, ProptestConfig, Strategy},
    solana_vote_interface::{
        authorized_voters::AuthorizedVoters,
        state::{
            BlockTimestamp, LandedVote, Lockout, VoteState1_14_11, VoteStateV3, VoteStateV4,
            VoteStateVersions,
        },
    },
    tidepool::vote::VoteState,
    tidepool_localnet::VoteVersion::{self, V1_14_11, V3, V4},
    tidepool_math::score::Verdict,
    tidepool_tests::prelude::*,
};

const VERSIONS: [VoteVersion; 3] = [V1_14_11, V3, V4];

/// Bytes of a vote account on a cluster.
const LEN: usize = 3_762;

fn read(data: &[u8]) -> Result<Option<VoteState<'_>>, u32> {
    VoteState::parse(data).map_err(|error| match error {
        anchor_lang::error::Error::AnchorError(error) => error.error_code_number,
        error => panic!("an error without a name: {error}"),
    })
}

fn read_open(data: &[u8]) -> VoteState<'_> {
    read(data).unwrap().unwrap()
}

fn unreadable() -> Option<u32> {
    Some(TidepoolError::VoteAccountUnreadable.into())
}

// ---- bytes, written down

/// Bytes put one after another, as the vote program does.
#[derive(Default)]
struct Bytes(Vec<u8>);

impl Bytes {
    fn put(mut self, bytes: &[u8]) -> Self {
        self.0.extend_from_slice(bytes);
        self
    }

    fn key(self, byte: u8) -> Self {
        self.put(&[byte; 32])
    }

    fn number(self, number: u64) -> Self {
        self.put(&number.to_le_bytes())
    }

    fn vote(self, version: VoteVersion, latency: u8, slot: u64, confirmations: u32) -> Self {
        let latency: &[u8] = if version == V1_14_11 { &[] } else { &[latency] };
        self.put(latency).number(slot).put(&confirmations.to_le_bytes())
    }
}

/// A vote account in which no two fields are alike, byte by byte.
fn golden(version: VoteVersion) -> Vec<u8> {
    let tag: u32 = match version {
        V1_14_11 => 1,
        V3 => 2,
        V4 => 3,
    };
    let head = Bytes::default().put(&tag.to_le_bytes()).key(11).key(12); // node, withdrawer
    let paid = match version {
        V4 => head
            .key(13) // collects rewards
            .key(14) // collects block revenue
            .put(&1_234u16.to_le_bytes())
            .put(&5_678u16.to_le_bytes())
            .number(15) // pending rewards
            .put(&[1])
            .put(&[16; 48]), // BLS key
        _ => head.put(&[12]), // commission
    };
    let tower = paid.number(2).vote(version, 17, 700, 2).vote(version, 18, 800, 1);
    let voters = tower.put(&[1]).number(600).number(2).number(20).key(21).number(22).key(23);
    let prior = match version {
        V4 => voters,
        _ => voters.key(24).number(25).number(26).put(&[0; 31 * 48]).number(0).put(&[0]),
    };
    let credits = prior.number(3).number(27).number(3_000).number(1_000); // epoch, at its end, at its start
    let credits = credits.number(28).number(3_500).number(3_000).number(29).number(3_600).number(3_500);
    credits.number(750).number(1_700_000_000).0
}

/// The same by the vote program's own types.
fn golden_state(version: VoteVersion) -> VoteStateVersions {
    let key = |byte| Pubkey::new_from_array([byte; 32]);
    let lockouts = [(17, 700, 2), (18, 800, 1)]
        .map(|(latency, slot, n)| (latency, Lockout::new_with_confirmation_count(slot, n)));
    let landed = lockouts.map(|(latency, lockout)| LandedVote { latency, lockout });
    let mut authorized_voters = AuthorizedVoters::new(20, key(21));
    authorized_voters.insert(22, key(23));
    let epoch_credits = vec![(27, 3_000, 1_000), (28, 3_500, 3_000), (29, 3_600, 3_500)];
    let last_timestamp = BlockTimestamp { slot: 750, timestamp: 1_700_000_000 };
    let prior = (key(24), 25, 26);
    match version {
        V1_14_11 => {
            let mut state = VoteState1_14_11 {
                node_pubkey: key(11),
                authorized_withdrawer: key(12),
                commission: 12,
                votes: lockouts.map(|(_, lockout)| lockout).into(),
                root_slot: Some(600),
                authorized_voters,
                epoch_credits,
                last_timestamp,
                ..VoteState1_14_11::default()
            };
            state.prior_voters.append(prior);
            VoteStateVersions::V1_14_11(Box::new(state))
        }
        V3 => {
            let mut state = VoteStateV3 {
                node_pubkey: key(11),
                authorized_withdrawer: key(12),
                commission: 12,
                votes: landed.into(),
                root_slot: Some(600),
                authorized_voters,
                epoch_credits,
                last_timestamp,
                ..VoteStateV3::default()
            };
            state.prior_voters.append(prior);
            VoteStateVersions::V3(Box::new(state))
        }
        V4 => VoteStateVersions::V4(Box::new(VoteStateV4 {
            node_pubkey: key(11),
            authorized_withdrawer: key(12),
            inflation_rewards_collector: key(13),
            block_revenue_collector: key(14),
            inflation_rewards_commission_bps: 1_234,
            block_revenue_commission_bps: 5_678,
            pending_delegator_rewards: 15,
            bls_pubkey_compressed: Some([16; 48]),
            votes: landed.into(),
            root_slot: Some(600),
            authorized_voters,
            epoch_credits,
            last_timestamp,
        })),
    }
}

#[test]
fn a_vote_account_of_each_version_is_read_field_by_field() {
    for version in VERSIONS {
        let data = golden(version);
        assert_eq!(data, bincode::serialize(&golden_state(version)).unwrap(), "{version:?}");
        let state = read_open(&data);
        assert_eq!(state.node.to_bytes(), [11; 32]);
        assert_eq!(state.withdrawer.to_bytes(), [12; 32]);
        let commission = if version == V4 { 1_234 } else { 1_200 };
        assert_eq!(state.commission, Bps(commission));
        assert_eq!(state.last_vote_slot, 800);
        let earned = [27, 28, 29, 30, 31].map(|before| state.credits(before, 1));
        assert_eq!(earned, [0, 2_000, 500, 100, 0]);
        assert_eq!(
            [state.credits(30, 2), state.credits(30, 4), state.credits(29, u64::MAX)],
            [600, 2_600, 2_500]
        );
        assert_eq!([state.credits(0, 4), state.credits(u64::MAX, 4), state.credits(30, 0)], [0; 3]);
    }
}

/// A stamp may be of a later vote than the tower's last, as for those that write no tower.
#[test]
fn the_last_vote_is_the_later_one_of_tower_and_stamp() {
    for version in VERSIONS {
        let mut data = golden(version);
        let stamp = data.len() - 16;
        data[stamp..stamp + 8].copy_from_slice(&900u64.to_le_bytes());
        assert_eq!(read_open(&data).last_vote_slot, 900);
    }
}

/// stakenet#287: V4 counts in basis points, the versions before in percent; and nothing keeps a percentage below 100.
#[test]
fn a_commission_is_at_most_all_of_the_rewards() {
    for (written, read) in
        [(0, 0), (1, 1), (100, 100), (9_999, 9_999), (10_000, 10_000), (10_001, 10_000), (u16::MAX, 10_000)]
    {
        let mut data = golden(V4);
        data[132..134].copy_from_slice(&written.to_le_bytes());
        assert_eq!(read_open(&data).commission, Bps(read));
    }
    for version in [V1_14_11, V3] {
        for (written, read) in
            [(0, 0), (1, 100), (99, 9_900), (100, 10_000), (101, 10_000), (u8::MAX, 10_000)]
        {
            let mut data = golden(version);
            data[68] = written;
            assert_eq!(read_open(&data).commission, Bps(read));
        }
    }
}

/// At every length that has room for a version the bytes are a vote account or an error by its name; and what stands behind them makes no difference.
#[test]
fn a_vote_account_cut_off_anywhere_is_refused_by_name() {
    for version in VERSIONS {
        let data = golden(version);
        let whole = data.len() - 8; // but for the stamp's time, which nobody asks for
        for length in 4..data.len() {
            match read(&data[..length]) {
                Err(error) => assert!(length < whole && Some(error) == unreadable(), "{length}"),
                Ok(state) => {
                    assert!(length >= whole, "{version:?} of {length} bytes was read");
                    assert_eq!(state.unwrap().last_vote_slot, 800);
                }
            }
        }
        let mut longer = data.clone();
        longer.resize(LEN, 0xff);
        assert_eq!(read_open(&longer).last_vote_slot, 800);
    }
}

#[test]
fn a_version_nobody_knows_is_refused_and_one_that_was_never_written_is_none() {
    for tag in [4u32, 5, 255, 256, 0x0300_0000, u32::MAX] {
        let mut data = golden(V4);
        data[..4].copy_from_slice(&tag.to_le_bytes());
        assert_eq!(read(&data).err(), Some(TidepoolError::UnknownVoteVersion.into()), "{tag}");
    }
    let none = bincode::serialize(&VoteStateVersions::Uninitialized).unwrap();
    for nothing in [&none[..], &[0; 4], &[0; LEN], &[], &[0], &[3, 0, 0]] {
        assert!(read(nothing).unwrap().is_none());
    }
    // Only what the vote program owns is read.
    let data = golden(V4);
    for owner in [cluster::SYSTEM_PROGRAM, cluster::STAKE_PROGRAM, tidepool_interface::ID] {
        assert!(VoteState::of(&owner, &data).unwrap().is_none());
    }
    assert!(VoteState::of(&solana_sdk_ids::vote::id(), &data).unwrap().is_some());
}

/// The vote program writes so an account that was closed or never initialized; in V4, where it does not, nobody could vote.
#[test]
fn a_vote_account_without_authorized_voters_is_none() {
    for state in [
        VoteStateVersions::V1_14_11(Box::default()),
        VoteStateVersions::V3(Box::default()),
        VoteStateVersions::V4(Box::default()),
    ] {
        assert!(state.is_uninitialized() || matches!(state, VoteStateVersions::V4(_)));
        let mut data = bincode::serialize(&state).unwrap();
        assert!(read(&data).unwrap().is_none());
        data.resize(LEN, 0);
        assert!(read(&data).unwrap().is_none());
    }
}

// ---- states of all kinds

/// What can stand in a vote account.
#[derive(Clone, Debug)]
struct Any {
    version: VoteVersion,
    keys: [[u8; 32]; 4],
    commission: u16,
    bls: Option<Vec<u8>>,
    /// Latency, slot, confirmations.
    tower: Vec<(u8, u64, u32)>,
    root: Option<u64>,
    voters: Vec<(u64, [u8; 32])>,
    prior: Vec<([u8; 32], u64, u64)>,
    /// Epochs since the entry before, credits earned in it.
    credits: Vec<(u64, u64)>,
    stamp: (u64, i64),
    /// Bytes behind all that.
    spare: usize,
}

fn any_state() -> impl Strategy<Value = Any> {
    let version = prop_oneof![Just(V1_14_11), Just(V3), Just(V4)];
    let slot = prop_oneof![0..1_000u64, any::<u64>()];
    let tower = prop::collection::vec((any::<u8>(), slot.clone(), any::<u32>()), 0..40);
    let voters = prop::collection::vec((any::<u64>(), any::<[u8; 32]>()), 0..4);
    let prior = prop::collection::vec((any::<[u8; 32]>(), any::<u64>(), any::<u64>()), 0..3);
    let earned = prop_oneof![0..8_000_000u64, 0..1u64 << 57];
    let credits = prop::collection::vec((1..3u64, earned), 0..70);
    let bls = prop::option::of(prop::collection::vec(any::<u8>(), 48));
    (
        (version, any::<[[u8; 32]; 4]>(), any::<u16>(), bls, tower, prop::option::of(any::<u64>())),
        (voters, prior, credits, (slot, any::<i64>()), 0..200usize),
    )
        .prop_map(
            |((version, keys, commission, bls, tower, root), (voters, prior, credits, stamp, spare))| Any {
                version,
                keys,
                commission,
                bls,
                tower,
                root,
                voters,
                prior,
                credits,
                stamp,
                spare,
            },
        )
}

impl Any {
    fn epoch_credits(&self) -> Vec<(u64, u64, u64)> {
        let mut last = (700, 5);
        let entry = |(after, earned): &(u64, u64)| {
            let start = last.1;
            last = (last.0 + after, start + earned);
            (last.0, last.1, start)
        };
        self.credits.iter().map(entry).collect()
    }

    fn data(&self) -> Vec<u8> {
        let [node_pubkey, authorized_withdrawer, collector, revenue] = self.keys.map(Pubkey::new_from_array);
        let lockout = |slot, n| Lockout::new_with_confirmation_count(slot, n);
        let landed = self
            .tower
            .iter()
            .map(|(latency, slot, n)| LandedVote { latency: *latency, lockout: lockout(*slot, *n) });
        let mut authorized_voters = AuthorizedVoters::default();
        self.voters
            .iter()
            .for_each(|(epoch, key)| authorized_voters.insert(*epoch, Pubkey::new_from_array(*key)));
        let prior = self.prior.iter().map(|(key, from, to)| (Pubkey::new_from_array(*key), *from, *to));
        let last_timestamp = BlockTimestamp { slot: self.stamp.0, timestamp: self.stamp.1 };
        let (root_slot, epoch_credits) = (self.root, self.epoch_credits());
        let state = match self.version {
            V1_14_11 => {
                let mut state = VoteState1_14_11 {
                    node_pubkey,
                    authorized_withdrawer,
                    commission: self.commission as u8,
                    votes: self.tower.iter().map(|(_, slot, n)| lockout(*slot, *n)).collect(),
                    root_slot,
                    authorized_voters,
                    epoch_credits,
                    last_timestamp,
                    ..VoteState1_14_11::default()
                };
                prior.for_each(|prior| state.prior_voters.append(prior));
                VoteStateVersions::V1_14_11(Box::new(state))
            }
            V3 => {
                let mut state = VoteStateV3 {
                    node_pubkey,
                    authorized_withdrawer,
                    commission: self.commission as u8,
                    votes: landed.collect(),
                    root_slot,
                    authorized_voters,
                    epoch_credits,
                    last_timestamp,
                    ..VoteStateV3::default()
                };
                prior.for_each(|prior| state.prior_voters.append(prior));
                VoteStateVersions::V3(Box::new(state))
            }
            V4 => VoteStateVersions::V4(Box::new(VoteStateV4 {
                node_pubkey,
                authorized_withdrawer,
                inflation_rewards_collector: collector,
                block_revenue_collector: revenue,
                inflation_rewards_commission_bps: self.commission,
                block_revenue_commission_bps: self.commission.rotate_left(3),
                pending_delegator_rewards: self.stamp.0,
                bls_pubkey_compressed: self.bls.as_deref().map(|key| key.try_into().unwrap()),
                votes: landed.collect(),
                root_slot,
                authorized_voters,
                epoch_credits,
                last_timestamp,
            })),
        };
        let mut data = bincode::serialize(&state).unwrap();
        data.resize(data.len() + self.spare, 0xa5);
        data
    }

    fn expected_commission(&self) -> u16 {
        match self.version {
            V4 => self.commission.min(10_000),
            _ => u16::from(self.commission as u8).min(100) * 100,
        }
    }
}

proptest::proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2_000) })]

    /// Towers longer than 31 votes, no votes, no root, no credits or 70 epochs of them, prior voters, a BLS key or none: what is
    /// read is what the vote program's own types say.
    #[test]
    fn what_is_read_is_what_the_vote_program_wrote(state in any_state(), before in 690..900u64, epochs in 0..80u64, cut in any::<prop::sample::Index>()) {
        let data = state.data();
        let read = read(&data).unwrap();
        prop_assert_eq!(read.is_some(), !state.voters.is_empty());
        if let Some(read) = read {
            prop_assert_eq!(read.node.to_bytes(), state.keys[0]);
            prop_assert_eq!(read.withdrawer.to_bytes(), state.keys[1]);
            prop_assert_eq!(read.commission, Bps(state.expected_commission()));
            let last = state.tower.last().map_or(0, |(_, slot, _)| *slot);
            prop_assert_eq!(read.last_vote_slot, last.max(state.stamp.0));
            let window = before.saturating_sub(epochs)..before;
            let entries = state.epoch_credits();
            let earned: u64 = entries.iter().filter(|(epoch, ..)| window.contains(epoch)).map(|(_, end, start)| end - start).sum();
            prop_assert_eq!(read.credits(before, epochs), earned);
        }
        // Cut off anywhere: an answer, never a panic.
        let cut = cut.index(data.len());
        let is_whole = cut + state.spare + 8 >= data.len();
        let part = VoteState::parse(&data[..cut]);
        prop_assert_eq!(part.is_ok(), is_whole || cut < 4);
    }

    /// Bytes nobody wrote: a value or an error, never a panic.
    #[test]
    fn bytes_of_any_kind_have_an_answer(
        tag in 0..5u32, noise in prop::collection::vec(prop_oneof![3 => Just(0u8), 1 => Just(1), 1 => any::<u8>()], 0..2_500),
        before in any::<u64>(), epochs in any::<u64>(),
    ) {
        let data = [&tag.to_le_bytes()[..], &noise].concat();
        if let Ok(Some(state)) = read(&data) {
            let _ = state.credits(before, epochs);
        }
    }
}

// ---- vote accounts of validators that the pool has

fn vote_account_of(data: Vec<u8>) -> Account {
    Account { lamports: SOL, data, owner: solana_sdk_ids::vote::id(), ..Account::default() }
}

fn tagged(account: &Account, tag: u8) -> Account {
    let mut data = account.data.clone();
    data[0] = tag;
    vote_account_of(data)
}

/// What can stand at a vote account's address that is no vote account any more, or none that can be read; and the error of
/// its review, if that is refused.
fn spoiled(real: &Account) -> Vec<(&'static str, Account, Option<TidepoolError>)> {
    let cut = |length: usize| vote_account_of(real.data[..length].to_vec());
    let of = |owner| Account { owner, ..real.clone() };
    let mut closed = bincode::serialize(&VoteStateVersions::V3(Box::default())).unwrap();
    closed.resize(LEN, 0);
    vec![
        ("closed", Account::default(), None),
        ("zeroed", vote_account_of(vec![0; real.data.len()]), None),
        ("uninitialized", tagged(real, 0), None),
        ("closed, and given lamports at once", vote_account_of(closed), None),
        ("a wallet", Account { lamports: SOL, ..Account::default() }, None),
        ("the system program's", of(cluster::SYSTEM_PROGRAM), None),
        ("the stake program's", of(cluster::STAKE_PROGRAM), None),
        ("tidepool's", of(tidepool_interface::ID), None),
        ("of an unknown version", tagged(real, 4), Some(TidepoolError::UnknownVoteVersion)),
        ("empty", cut(0), None),
        ("three bytes", cut(3), None),
        ("the tag alone", cut(4), Some(TidepoolError::VoteAccountUnreadable)),
        ("cut off in its credits", cut(205), Some(TidepoolError::VoteAccountUnreadable)),
    ]
}

#[test]
fn a_review_of_what_is_no_vote_account_gives_the_score_zero_and_of_what_cannot_be_read_is_refused() {
    let mut world = judging(usual(3));
    let real = world.account(&world.validators[1].vote).unwrap();
    for (what, account, refusal) in spoiled(&real) {
        println!("{what}");
        put_vote_account(&world, 1, &account);
        match refusal {
            Some(refusal) => {
                let review = world.keys.review_validator(&world.validators[1]);
                world.expect_refusal(&review, &[], refusal);
            }
            None => {
                let found = Found {
                    verdict: Verdict::NoVoteAccount,
                    score_bps: 0,
                    commission_bps: 10_000,
                    credits: 0,
                    credit_ratio_bps: 0,
                };
                expect_review(&mut world, 1, found);
                put_vote_account(&world, 1, &real);
                let back = Found::of(&world, 1, Verdict::Sound);
                expect_review(&mut world, 1, back);
            }
        }
    }
}

/// stake-pool, VB#297, SIMD-0608: handlers that read the vote account could not let stake go when it was gone. Here every exit
/// works whatever stands there: undelegation, update, claims, active stake to its holder, instant exits.
#[test]
fn every_way_out_works_whatever_stands_in_the_vote_accounts() {
    let kinds = spoiled(&Account { data: golden(V4), lamports: SOL, ..Account::default() }).len();
    let config = WorldConfig::default()
        .with_validators(usual(1 + kinds))
        .with_parameters(|p| p.settings.max_move_bps = 10_000);
    let mut world = judging_with(config);
    world.add_liquidity("ana", 100 * SOL).unwrap();
    for index in 1..=kinds {
        world.reweigh(index, 0, 0).unwrap();
        let real = world.account(&world.validators[index].vote).unwrap();
        let (what, account, _) = spoiled(&real).swap_remove(index - 1);
        println!("{index}: {what}");
        put_vote_account(&world, index, &account);
    }
    for index in 1..=kinds {
        let stake = world.withdraw_stake("ana", 10 * SOL, index).unwrap();
        assert!(world.chain.delegation(&stake).unwrap().stake > 9 * SOL);
    }
    world.advance(tidepool_localnet::Chain::next_slot);
    world.liquid_unstake("ana", SOL).unwrap();
    let ticket = world.order_unstake("ana", (kinds as u64 * 900) * SOL).unwrap();
    world.to_move_window();
    for index in 1..=kinds {
        let undelegated = world.undelegate(index).unwrap();
        assert_eq!(told::<events::StakeUndelegated>(&undelegated).len(), 1, "{index}");
        assert_eq!(staked(&world, index), 0);
    }
    let before = world.sol_of("ana");
    world.cross_epoch();
    world.update_all().unwrap();
    world.claim(&ticket).unwrap();
    assert!(world.sol_of("ana") > before + kinds as u64 * 890 * SOL);
    assert!(world.ticket(&ticket).is_none());
}

/// solido#408: the owner of a vote account was not checked at registration.
#[test]
fn no_validator_is_entered_whose_vote_account_is_none_or_cannot_be_read() {
    let mut world = judging(usual(1));
    world.deposit("ana", SOL).unwrap();
    let index = world.chain.add_validator(&ValidatorConfig::default());
    let vote = world.chain.validator(index).vote;
    let real = world.account(&vote).unwrap();
    let validator = world.keys.validator(&vote, world.validators.len());
    let operator = world.operator.insecure_clone();
    let enter = world.keys.add_validator(&operator.pubkey(), &operator.pubkey(), &validator, 100, 0);
    for (what, account, refusal) in spoiled(&real) {
        println!("{what}");
        world.chain.set_account(&vote, &account);
        world.expect_refusal(&enter, &[&operator], refusal.unwrap_or(TidepoolError::NotAVoteAccount));
    }
    world.chain.set_account(&vote, &real);
    world.add_validator(index, 100).unwrap();
}

/// Validators whose vote accounts are of different versions are compared with one another.
#[test]
fn validators_of_every_version_are_judged_alike() {
    let validators = VERSIONS.map(|version| ValidatorConfig::default().with_vote_version(version));
    let mut world = judging(validators.to_vec());
    world.set_rules(strict).unwrap();
    for index in 0..3 {
        let found = Found::of(&world, index, Verdict::Sound);
        assert_eq!(found.credit_ratio_bps, 10_000);
        expect_review(&mut world, index, found);
    }
    // More than all of the rewards is all of them: 65,535 basis points, 255 percent.
    patch_vote(&world, 2, |account| account.data[132..134].fill(0xff));
    patch_vote(&world, 1, |account| account.data[68] = 0xff);
    patch_vote(&world, 0, |account| account.data[68] = 11);
    for (index, commission_bps) in [(2, 10_000), (1, 10_000), (0, 1_100)] {
        let found = Found::of(&world, index, Verdict::CommissionTooHigh);
        expect_review(&mut world, index, Found { commission_bps, ..found });
    }
}

/// The vote account that costs most to judge: a full tower, 64 epochs of credits, and means as old as they may be; the
/// review is the first of its epoch.
#[test]
fn a_review_costs_at_most_8000_compute_units() {
    for version in VERSIONS {
        let mut world = judging(vec![ValidatorConfig::default().with_vote_version(version); 3]);
        world
            .set_rules(|rules| {
                strict(rules);
                rules.score_gain = 10;
            })
            .unwrap();
        world.reweigh(1, 100, 7).unwrap();
        for _ in 0..8 {
            to_next_epoch(&mut world);
        }
        world.to_move_window();
        world.cross_epoch();
        let (epoch, slot) = (world.chain.epoch(), world.chain.slot());
        assert_eq!(means_epoch(&world), Some(epoch - 10));
        let credits = (0..64).map(|age| (1, 6_900_000 + age)).collect();
        let mut full = Any {
            version,
            keys: [[7; 32]; 4],
            commission: 5,
            bls: Some(vec![8; 48]),
            tower: (0..31).map(|age| (1, slot - 31 + age, 31 - age as u32)).collect(),
            root: Some(slot - 32),
            voters: vec![(epoch, [9; 32]), (epoch + 1, [9; 32])],
            prior: vec![([9; 32], 0, 1)],
            credits,
            stamp: (slot, 0),
            spare: 0,
        }
        .data();
        let start = full.len() - 16 - 64 * 24;
        for (age, entry) in full[start..].chunks_mut(24).take(64).enumerate() {
            let of = (epoch + age as u64).saturating_sub(63);
            entry[..8].copy_from_slice(&of.to_le_bytes());
        }
        full.resize(LEN, 0);
        put_vote_account(&world, 1, &vote_account_of(full));
        let outcome = world.review(1).unwrap();
        assert_eq!(told::<events::ValidatorReviewed>(&outcome).len(), 1);
        let units = outcome.consumed_by(&tidepool_interface::ID)[0];
        println!("{version:?}: a review costs {units} compute units");
        assert!(units <= 8_000, "{version:?}: {units} compute units");
    }
}
