//! What a whale's token says of itself.

use tidepool_localnet::extensions;

/// Number of the extension that holds a mint's metadata.
const TOKEN_METADATA: u16 = 19;

/// The authority and the mint come before the texts, each of which has its length before it.
const BEFORE_TEXTS: usize = 32 + 32;

/// Name and symbol in the data of a mint.
pub fn metadata_of(mint: &[u8]) -> Option<(String, String)> {
    let metadata = extensions(mint).into_iter().find(|extension| extension.id == TOKEN_METADATA)?.value;
    let (name, rest) = first_text(metadata.get(BEFORE_TEXTS..)?)?;
    let (symbol, _) = first_text(rest)?;
    Some((name, symbol))
}

fn first_text(data: &[u8]) -> Option<(String, &[u8])> {
    let (length, rest) = data.split_first_chunk()?;
    let (text, rest) = rest.split_at_checked(usize::try_from(u32::from_le_bytes(*length)).ok()?)?;
    Some((String::from_utf8(text.to_vec()).ok()?, rest))
}
