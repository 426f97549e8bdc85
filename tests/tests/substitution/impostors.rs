//! Everything that is tried in the place of an account.

use {
    crate::{interface::Place, scene::Scene},
    tidepool_localnet::{MINT_LEN, TOKEN_2022_PROGRAM},
    tidepool_tests::prelude::*,
};

/// What the name of an impostor ends with that signs.
pub const SIGNING: &str = ", signing";
/// What the name of a forgery begins with: like the account, at another address; or the account itself, spoilt.
pub const COPY: &str = "copy";
pub const ITSELF_NOW: &str = "itself, now";

/// The account itself, not passed as the instruction wants it.
pub const FLAGS: [&str; 3] = [NOT_SIGNING, READ_ONLY, LEFT_OUT];
const NOT_SIGNING: &str = "itself, not signing";
pub const READ_ONLY: &str = "itself, read-only";
const LEFT_OUT: &str = "left out";

/// An instruction with one thing wrong about one of its accounts.
pub struct Attempt {
    pub place: String,
    /// What stands there instead, or what is wrong about it.
    pub impostor: String,
    pub key: Pubkey,
    pub instruction: Instruction,
    /// An account to be written before, and restored after it.
    pub forged: Option<Account>,
}

/// Everything that can be wrong about the account number `index`.
pub fn attempts(scene: &Scene, instruction: &Instruction, index: usize, place: &Place) -> Vec<Attempt> {
    if place.is_left_out(&instruction.accounts[index]) {
        return vec![]; // another call passes it
    }
    let maker = Maker { scene, instruction, index, place };
    let mut all = maker.others();
    all.extend(maker.flags());
    all.extend(maker.forgeries());
    all
}

/// The instruction with one account more than it asks for: each there is.
pub fn extra_accounts(scene: &Scene, instruction: &Instruction) -> Vec<Attempt> {
    let with = |(name, key): (String, Pubkey)| {
        let instruction = instruction.clone().with_extra(&key);
        Attempt { place: "one account more".to_string(), impostor: name, key, instruction, forged: None }
    };
    scene.cast().into_iter().map(with).collect()
}

/// The instruction with accounts of two pools mixed in every way there is: for each account of ana's and of the pool, the
/// one that has its part beside the other pool. A check of one account against another shows only when both are changed.
pub fn mixtures(scene: &Scene, instruction: &Instruction, places: &[Place]) -> Vec<Attempt> {
    let counterpart = |(index, meta): (usize, &AccountMeta)| {
        let (key, is_of_pool) = scene.counterpart(&meta.pubkey)?;
        Some((index, key, is_of_pool))
    };
    let foreign: Vec<(usize, Pubkey, bool)> =
        instruction.accounts.iter().enumerate().filter_map(counterpart).collect();
    let bits = |chosen: u32| foreign.iter().enumerate().filter(move |(bit, _)| chosen >> bit & 1 == 1);
    let of_pool = foreign.iter().filter(|(_, _, is_of_pool)| *is_of_pool).count();
    let mixture = |chosen: u32| {
        let is_other_pool = bits(chosen).filter(|(_, (_, _, is_of_pool))| *is_of_pool).count() == of_pool;
        // Single accounts are tried anyway.
        if is_other_pool || chosen.count_ones() == 1 {
            return None;
        }
        let mut instruction = instruction.clone();
        let mut names = vec![];
        for (_, (index, key, _)) in bits(chosen) {
            instruction.accounts[*index].pubkey = *key;
            names.push(places[*index].name.as_str());
        }
        let (place, impostor) = (names.join(" and "), "of the other pool".to_string());
        Some(Attempt { place, impostor, key: Pubkey::default(), instruction, forged: None })
    };
    (1..1 << foreign.len()).filter_map(mixture).collect()
}

struct Maker<'a> {
    scene: &'a Scene,
    instruction: &'a Instruction,
    index: usize,
    place: &'a Place,
}

impl Maker<'_> {
    fn meta(&self) -> &AccountMeta {
        &self.instruction.accounts[self.index]
    }

    fn attempt(&self, impostor: &str, key: Pubkey, change: impl FnOnce(&mut AccountMeta)) -> Attempt {
        let mut instruction = self.instruction.clone();
        let meta = &mut instruction.accounts[self.index];
        meta.pubkey = key;
        change(meta);
        Attempt {
            place: self.place.name.clone(),
            impostor: impostor.to_string(),
            key,
            instruction,
            forged: None,
        }
    }

    /// Every account there is, of this pool, of the other one and of nobody. Whoever is asked to sign and can does; the
    /// rest are tried without a signature.
    fn others(&self) -> Vec<Attempt> {
        let mut all = vec![];
        for (name, key) in self.scene.cast() {
            if key == self.meta().pubkey {
                continue;
            }
            let can_sign = self.scene.keypair(&key).is_some();
            if self.meta().is_signer && can_sign {
                all.push(self.attempt(&format!("{name}{SIGNING}"), key, |_| ()));
            }
            // Who signs in another place signs in all.
            if !(self.meta().is_signer && self.signs_elsewhere(&key)) {
                all.push(self.attempt(&name, key, |meta| meta.is_signer = false));
            }
        }
        all
    }

    fn signs_elsewhere(&self, key: &Pubkey) -> bool {
        self.instruction.accounts.iter().any(|meta| meta.is_signer && meta.pubkey == *key)
    }

    fn flags(&self) -> Vec<Attempt> {
        let key = self.meta().pubkey;
        let mut all = vec![];
        if self.meta().is_signer {
            all.push(self.attempt(NOT_SIGNING, key, |meta| meta.is_signer = false));
        }
        if self.meta().is_writable {
            all.push(self.attempt(READ_ONLY, key, |meta| meta.is_writable = false));
        }
        let mut missing = self.attempt(LEFT_OUT, key, |_| ());
        missing.instruction.accounts.remove(self.index);
        all.push(missing);
        all
    }

    /// What looks like the account, at another address; and the account itself, spoilt.
    fn forgeries(&self) -> Vec<Attempt> {
        let key = self.meta().pubkey;
        let Some(real) = self.scene.world.account(&key) else { return vec![] };
        let elsewhere = self.scene.world.chain.keypair("forged").pubkey();
        let forge = |name: String, key: Pubkey, forged: Account| Attempt {
            forged: Some(forged),
            ..self.attempt(&name, key, |meta| meta.is_signer = false)
        };
        let copy = Account { lamports: real.lamports.min(1_000 * SOL), ..real.clone() };
        let mut all = vec![];
        if real.owner != tidepool_interface::ID {
            all.push(forge(COPY.into(), elsewhere, copy.clone()));
        }
        for (name, forged) in spoilt(&copy) {
            all.push(forge(format!("{COPY}, {name}"), elsewhere, forged));
        }
        if !self.meta().is_signer && can_be_spoilt(&key, &real) {
            for (name, forged) in spoilt(&real) {
                all.push(forge(format!("{ITSELF_NOW} {name}"), key, forged));
            }
            all.push(forge(format!("{ITSELF_NOW} closed"), key, Account::default()));
        }
        all
    }
}

/// Whether a mint or a token account.
pub fn is_of_tokens(account: &Account) -> bool {
    [cluster::TOKEN_PROGRAM, TOKEN_2022_PROGRAM].contains(&account.owner)
}

/// Whether an account could ever become something else. Nobody but Tidepool signs for its vaults, which are the system
/// program's and the token program's, and it never gives them away. No mint can be closed.
fn can_be_spoilt(key: &Pubkey, account: &Account) -> bool {
    let is_vault = !key.is_on_curve() && (is_of_tokens(account) || account.owner == cluster::SYSTEM_PROGRAM);
    let is_mint = is_of_tokens(account) && account.data.len() == MINT_LEN;
    !account.executable && !is_vault && !is_mint
}

/// What is like the account but for one thing. An exact copy of an account of Tidepool's is none of it, nor is one that
/// lacks a part of what another program wrote: nobody could make them.
fn spoilt(real: &Account) -> Vec<(String, Account)> {
    let owners = [
        ("the system program", cluster::SYSTEM_PROGRAM),
        ("a fake program", Pubkey::new_from_array([9; 32])),
        ("Tidepool", tidepool_interface::ID),
        ("the token program", cluster::TOKEN_PROGRAM),
        ("Token-2022", TOKEN_2022_PROGRAM),
        ("the stake program", cluster::STAKE_PROGRAM),
        ("the vote program", solana_sdk_ids::vote::ID),
    ];
    let others = owners.into_iter().filter(|(_, owner)| *owner != real.owner);
    let mut all: Vec<(String, Account)> =
        others.map(|(name, owner)| (format!("owned by {name}"), Account { owner, ..real.clone() })).collect();
    let len = real.data.len();
    if len == 0 {
        return all;
    }
    let mut with = |name: &str, data: Vec<u8>| {
        if data != real.data {
            all.push((name.into(), Account { data, ..real.clone() }));
        }
    };
    with("zeroed", vec![0; len]);
    with("zeroed and a byte short", vec![0; len - 1]);
    with("zeroed and half as long", vec![0; len / 2]);
    with("zeroed and twice as long", vec![0; len * 2]);
    with("without data", vec![]);
    if real.owner == tidepool_interface::ID {
        with("cut in half", real.data[..len / 2].to_vec());
        with("a byte short", real.data[..len - 1].to_vec());
    }
    all
}

impl Attempt {
    /// Runs `test` while the forged account, if there is one, lies at its address.
    pub fn stage<T>(&self, scene: &Scene, test: impl FnOnce() -> T) -> T {
        let chain = &scene.world.chain;
        let Some(forged) = &self.forged else { return test() };
        let real = chain.account(&self.key).unwrap_or_default();
        chain.set_account(&self.key, forged);
        let result = test();
        chain.set_account(&self.key, &real);
        result
    }
}
