//! How often each instruction of a program was done and refused.

use {
    serde::Deserialize,
    solana_instruction::Instruction,
    std::{
        cell::Cell,
        collections::{BTreeMap, BTreeSet},
    },
};

/// Done and refused, by an instruction's name.
pub type Counts = BTreeMap<String, [u64; 2]>;

/// What a program can be asked for.
#[derive(Deserialize)]
struct Interface {
    instructions: Vec<Named>,
    #[serde(default)]
    errors: Vec<Named>,
}

#[derive(Deserialize)]
struct Named {
    name: String,
    #[serde(default)]
    discriminator: Vec<u8>,
}

fn read(idl: &str) -> Interface {
    serde_json::from_str(idl).unwrap_or_else(|error| panic!("the program's interface: {error}"))
}

/// The names of a program's errors.
///
/// # Panics
/// If `idl` is none.
pub(super) fn errors(idl: &str) -> BTreeSet<String> {
    read(idl).errors.into_iter().map(|error| error.name).collect()
}

/// Counts calls of one program.
pub struct Calls(Vec<(Named, Cell<[u64; 2]>)>);

impl Calls {
    /// # Panics
    /// If `idl` is none.
    pub fn of(idl: &str) -> Self {
        Self(read(idl).instructions.into_iter().map(|named| (named, Cell::default())).collect())
    }

    /// Those of other programs are not counted.
    pub fn count(&self, call: &Instruction, is_done: bool) {
        let mut all = self.0.iter();
        if let Some((_, counts)) = all.find(|(named, _)| call.data.starts_with(&named.discriminator)) {
            let [done, refused] = counts.get();
            counts.set([done + u64::from(is_done), refused + u64::from(!is_done)]);
        }
    }

    /// Of all instructions there are.
    pub fn counts(&self) -> Counts {
        self.0.iter().map(|(named, counts)| (named.name.clone(), counts.get())).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const IDL: &str = r#"{
        "instructions": [{"name": "one", "discriminator": [1, 2]}, {"name": "other", "discriminator": [3]}],
        "errors": [{"name": "Wrong"}]
    }"#;

    #[test]
    fn calls_are_counted_by_their_names() {
        let calls = Calls::of(IDL);
        let call =
            |data: &[u8]| Instruction { program_id: [0; 32].into(), accounts: vec![], data: data.to_vec() };
        calls.count(&call(&[1, 2, 9]), true);
        calls.count(&call(&[1, 2]), false);
        calls.count(&call(&[7]), true);
        assert_eq!(calls.counts(), [("one".into(), [1, 1]), ("other".into(), [0, 0])].into());
        assert_eq!(errors(IDL), ["Wrong".to_string()].into());
    }
}
