//! The instructions of the program as its IDL lists them: what this test is generated from.

use {serde::Deserialize, tidepool_tests::prelude::*};

const IDL: &str = include_str!("../../../idl/tidepool.json");

#[derive(Deserialize)]
pub struct Interface {
    pub instructions: Vec<Listed>,
    errors: Vec<ListedError>,
}

/// An instruction.
#[derive(Deserialize)]
pub struct Listed {
    pub name: String,
    accounts: Vec<Item>,
}

/// An account of an instruction.
#[derive(Clone, Deserialize)]
pub struct Place {
    pub name: String,
    #[serde(default)]
    pub writable: bool,
    #[serde(default)]
    pub signer: bool,
    /// The program's own id says that it is left out.
    #[serde(default)]
    pub optional: bool,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Item {
    Group { accounts: Vec<Item> },
    Place(Place),
}

#[derive(Deserialize)]
struct ListedError {
    code: u32,
}

impl Place {
    pub fn is_left_out(&self, meta: &AccountMeta) -> bool {
        self.optional && meta.pubkey == tidepool_interface::ID
    }
}

impl Interface {
    pub fn read() -> Self {
        serde_json::from_str(IDL).unwrap()
    }

    pub fn has_error(&self, code: u32) -> bool {
        self.errors.iter().any(|error| error.code == code)
    }
}

impl Listed {
    /// Its accounts in the order in which they are passed.
    pub fn places(&self) -> Vec<Place> {
        let mut places = vec![];
        self.accounts.iter().for_each(|item| item.collect(&mut places));
        places
    }
}

impl Item {
    fn collect(&self, places: &mut Vec<Place>) {
        match self {
            Self::Group { accounts } => accounts.iter().for_each(|item| item.collect(places)),
            Self::Place(place) => places.push(place.clone()),
        }
    }
}
