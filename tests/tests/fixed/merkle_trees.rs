//! Whitelists in a hash: trees of any size, and proofs that prove nothing.

use crate::support::*;
use tidepool_client::fixed::MerkleTree;
use tidepool_interface::fixed::merkle::Node;

/// A pool with a tree of `count` users, each with ten tokens: ana the first, bob the last, of whom a tree of one has none.
fn planted(count: usize) -> (FixedWorld, MerkleTree) {
    let mut world = world(listed());
    let (keys, operator) = (world.pools[0], world.operator.clone());
    let mut users: Vec<Pubkey> =
        (0..count).map(|number| derive_keypair(2, &number.to_string()).pubkey()).collect();
    users[count - 1] = world.user("bob").key();
    users[0] = world.user("ana").key();
    let tree = MerkleTree::new(&keys.pool, users.into_iter().map(|user| (user, 10 * TOKEN)).collect());
    let (root, leaves) = (tree.root(), tree.leaves());
    let plant = keys.set_merkle_root(&operator.key(), root, leaves);
    let outcome = world.expect_change(&plant, &[&operator.wallet], |expected| {
        expected.fixed_pool(0, |pool| (pool.merkle_root, pool.merkle_leaves) = (root, count as u64));
    });
    outcome.assert_told(&events::MerkleRootSet {
        pool: keys.pool,
        merkle_root: root,
        merkle_leaves: count as u64,
        state: state(&world),
    });
    (world, tree)
}

/// What leads from the leaf of a user to the root.
fn nodes_of(world: &FixedWorld, tree: &MerkleTree, name: &str) -> Vec<Node> {
    match tree.proof(&world.user(name).key()) {
        Some(Proof::Merkle { nodes, .. }) => nodes,
        other => panic!("{other:?}"),
    }
}

fn merkle(max_amount: u64, nodes: Vec<Node>) -> Proof {
    Proof::Merkle { max_amount, nodes }
}

fn stake(world: &FixedWorld, name: &str, amount: u64, proof: Proof) -> Instruction {
    let user = world.user(name);
    let next = world.next_position(0, &user.key());
    world.pools[0].stake(&user.key(), &user.tokens, &next, amount, 0, proof)
}

#[test]
fn trees_of_one_two_three_and_a_thousand_users_admit_each_with_his_amount() {
    for count in [1, 2, 3, 1_000] {
        let (mut world, tree) = planted(count);
        let ana = world.user("ana");
        let proof = || tree.proof(&ana.key()).unwrap();
        let too_much = stake(&world, "ana", 10 * TOKEN + 1, proof());
        world.expect_refusal(&too_much, &[&ana.wallet], Error::AboveWhitelistAmount);
        world.stake_with("ana", 0, 6 * TOKEN, proof()).unwrap();
        let too_much = stake(&world, "ana", 4 * TOKEN + 1, proof());
        world.expect_refusal(&too_much, &[&ana.wallet], Error::AboveWhitelistAmount);
        world.stake_with("ana", 0, 4 * TOKEN, proof()).unwrap();
        if count > 1 {
            let proof = tree.proof(&world.user("bob").key()).unwrap();
            world.stake_with("bob", 0, 10 * TOKEN, proof).unwrap();
        }
    }
}

#[test]
fn what_was_compounded_and_rolled_over_counts_too() {
    let (mut world, tree) = planted(3);
    let (ana, keys) = (world.user("ana"), world.pools[0]);
    let proof = || tree.proof(&ana.key()).unwrap();
    let position = world.stake_with("ana", 0, 10 * TOKEN, proof()).unwrap();
    world.go_to(OPENING + YEAR);
    let next = world.next_position(0, &ana.key());
    let compound = keys.compound(&position, &next, 0, proof());
    world.expect_refusal(&compound, &[&ana.wallet], Error::AboveWhitelistAmount);
    let roll =
        |with_reward| keys.roll_over(&position, &ana.key(), &next, &ana.tokens, with_reward, 0, proof());
    world.expect_refusal(&roll(true), &[&ana.wallet], Error::AboveWhitelistAmount);
    world.send(&[roll(false)], &[&ana.wallet]).unwrap();
}

#[test]
fn forged_proofs_admit_nobody() {
    let (world, tree) = planted(1_000);
    let (ana, bob, carl) = (world.user("ana"), world.user("bob"), world.user("carl"));
    let proof = nodes_of(&world, &tree, "ana");
    assert_eq!(tree.proof(&carl.key()), None);
    let mut spoilt = proof.clone();
    spoilt[3][31] ^= 1;
    let mut reversed = proof.clone();
    reversed.reverse();
    let root = tree.root();
    let attempts = [
        ("ana", &ana, merkle(10 * TOKEN + 1, proof.clone())), // more than her leaf says
        ("ana", &ana, merkle(10 * TOKEN, spoilt)),
        ("ana", &ana, merkle(10 * TOKEN, reversed)),
        ("ana", &ana, merkle(10 * TOKEN, proof[1..].to_vec())), // one node short
        ("ana", &ana, merkle(10 * TOKEN, [proof.clone(), vec![root]].concat())),
        ("ana", &ana, merkle(10 * TOKEN, vec![])),
        ("ana", &ana, Proof::None),
        ("bob", &bob, merkle(10 * TOKEN, proof.clone())), // ana's
        ("carl", &carl, merkle(10 * TOKEN, proof)),       // who is in no leaf
        ("carl", &carl, merkle(10 * TOKEN, vec![root])),
    ];
    for (name, user, forged) in attempts {
        let stake = stake(&world, name, TOKEN, forged);
        world.expect_refusal(&stake, &[&user.wallet], Error::NotWhitelisted);
    }
}

#[test]
fn a_leaf_counts_in_its_own_pool_alone() {
    let (mut world, tree) = planted(2);
    let other = world.add_pool(PoolParameters { pool_id: 3, ..listed() }).unwrap();
    world.fund(other, TOKEN).unwrap();
    let (ana, operator) = (world.user("ana"), world.operator.clone());
    let keys = world.pools[other];
    world.send(&[keys.set_merkle_root(&operator.key(), tree.root(), 2)], &[&operator.wallet]).unwrap();
    let next = world.next_position(other, &ana.key());
    let proof = tree.proof(&ana.key()).unwrap();
    let stake = keys.stake(&ana.key(), &ana.tokens, &next, TOKEN, 0, proof);
    world.expect_refusal(&stake, &[&ana.wallet], Error::NotWhitelisted);
}

#[test]
fn an_inner_node_is_no_leaf_whatever_is_claimed_of_it() {
    // The hash of a leaf begins with 0, that of a pair with 1, and they differ in length: no user and amount give a node.
    let [a, b] = [[3; 32], [9; 32]];
    let node = merkle::parent(&a, &b);
    let (pool, user) = (Pubkey::new_from_array(a), Pubkey::new_from_array(b));
    assert!((0..1_000).all(|amount| merkle::leaf(&pool, &user, amount) != node));
    assert_eq!(node, merkle::parent(&b, &a));
    assert_eq!(merkle::root_of(a, &[b]), node);
}

#[test]
fn proofs_are_at_most_twenty_nodes_long() {
    let mut world = world(listed());
    let (keys, operator, ana) = (world.pools[0], world.operator.clone(), world.user("ana"));
    let nodes: Vec<Node> = (0..21).map(|number| [number; 32]).collect();
    let leaf = merkle::leaf(&keys.pool, &ana.key(), TOKEN);
    for (length, is_taken) in [(21, false), (20, true)] {
        let proof = nodes[..length].to_vec();
        let root = merkle::root_of(leaf, &proof);
        world.send(&[keys.set_merkle_root(&operator.key(), root, 1)], &[&operator.wallet]).unwrap();
        let next = world.next_position(0, &ana.key());
        let stake = keys.stake(&ana.key(), &ana.tokens, &next, TOKEN, 0, merkle(TOKEN, proof));
        let sent = send_alone(&world, &stake, &ana.wallet);
        match is_taken {
            true => assert_eq!(world.pool(0).total_staked, TOKEN, "{sent:?}"),
            false => {
                assert_eq!(sent.unwrap_err().custom_error_code(), Some(Error::ProofTooLong.into()));
                assert_eq!(world.pool(0).total_staked, 0);
            }
        }
    }
}

#[test]
fn a_tree_has_a_root_and_users_or_neither() {
    let (mut world, tree) = planted(2);
    let (keys, operator, ana) = (world.pools[0], world.operator.clone(), world.user("ana"));
    for (root, leaves) in [([0; 32], 1), ([1; 32], 0)] {
        let set = keys.set_merkle_root(&operator.key(), root, leaves);
        world.expect_refusal(&set, &[&operator.wallet], Error::EmptyTree);
    }
    let nobody = MerkleTree::new(&keys.pool, vec![]);
    assert_eq!((nobody.root(), nobody.leaves(), nobody.proof(&ana.key())), ([0; 32], 0, None));
    let set = keys.set_merkle_root(&operator.key(), nobody.root(), nobody.leaves());
    world.send(&[set], &[&operator.wallet]).unwrap();
    let stake = stake(&world, "ana", TOKEN, tree.proof(&ana.key()).unwrap());
    world.expect_refusal(&stake, &[&ana.wallet], Error::NotWhitelisted);
}
