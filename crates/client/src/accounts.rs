use {
    anchor_lang::{AccountDeserialize, Discriminator},
    bytemuck::Pod,
    std::fmt,
    tidepool::state::{Bond, Liquidity, Pool, Ticket, ValidatorEntry, ValidatorPage},
};

/// Why bytes are not the account they were taken for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadError {
    /// Another kind of account.
    WrongKind,
    /// Fewer bytes than the account has.
    TooShort,
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(match self {
            Self::WrongKind => "the account is of another kind: check its address",
            Self::TooShort => "the account is shorter than it should be: fetch all of its data",
        })
    }
}

impl std::error::Error for ReadError {}

pub fn read_pool(data: &[u8]) -> Result<Pool, ReadError> {
    read_zero_copy(data)
}

pub fn read_liquidity(data: &[u8]) -> Result<Liquidity, ReadError> {
    read_zero_copy(data)
}

pub fn read_page(data: &[u8]) -> Result<ValidatorPage, ReadError> {
    read_zero_copy(data)
}

pub fn read_ticket(data: &[u8]) -> Result<Ticket, ReadError> {
    read_borsh(data)
}

pub fn read_bond(data: &[u8]) -> Result<Bond, ReadError> {
    read_borsh(data)
}

pub fn read_entry(data: &[u8]) -> Result<ValidatorEntry, ReadError> {
    read_borsh(data)
}

pub(crate) fn read_borsh<T: AccountDeserialize + Discriminator>(mut data: &[u8]) -> Result<T, ReadError> {
    if !data.starts_with(T::DISCRIMINATOR) {
        return Err(ReadError::WrongKind);
    }
    T::try_deserialize(&mut data).map_err(|_| ReadError::TooShort)
}

pub(crate) fn read_zero_copy<T: Pod + Discriminator>(data: &[u8]) -> Result<T, ReadError> {
    let body = data.strip_prefix(T::DISCRIMINATOR).ok_or(ReadError::WrongKind)?;
    let body = body.get(..size_of::<T>()).ok_or(ReadError::TooShort)?;
    Ok(bytemuck::pod_read_unaligned(body))
}
