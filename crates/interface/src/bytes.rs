//! Numbers and keys in the bytes of accounts and answers, little-endian.

use solana_pubkey::Pubkey;

/// The bytes from `at` on, which the caller knows to be there.
pub(crate) fn bytes<const N: usize>(data: &[u8], at: usize) -> [u8; N] {
    let mut bytes = [0; N];
    bytes.copy_from_slice(&data[at..at + N]);
    bytes
}

pub(crate) fn u16_at(data: &[u8], at: usize) -> u16 {
    u16::from_le_bytes(bytes(data, at))
}

pub(crate) fn u64_at(data: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(bytes(data, at))
}

pub(crate) fn i64_at(data: &[u8], at: usize) -> i64 {
    i64::from_le_bytes(bytes(data, at))
}

pub(crate) fn key_at(data: &[u8], at: usize) -> Pubkey {
    Pubkey::new_from_array(bytes(data, at))
}

/// The data as words, if they are `N` of them.
pub(crate) fn words<const N: usize>(data: &[u8]) -> Option<[u64; N]> {
    let (words, rest) = data.as_chunks();
    let words: &[[u8; 8]; N] = words.try_into().ok()?;
    rest.is_empty().then(|| words.map(u64::from_le_bytes))
}

/// As [`words`], with `M` bytes behind them.
pub(crate) fn words_and<const N: usize, const M: usize>(data: &[u8]) -> Option<([u64; N], [u8; M])> {
    let (data, tail) = data.split_last_chunk()?;
    Some((words(data)?, *tail))
}
