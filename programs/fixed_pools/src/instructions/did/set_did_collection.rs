use {
    crate::{
        account,
        errors::{ensure, FixedPoolsError},
        events::DidCollectionSet,
        state::{DidCollection, MAX_NAME, MAX_SYMBOL, MAX_URI},
    },
    anchor_lang::prelude::*,
    tidepool_interface::fixed::pda::prefix,
};

/// From how much on a user is a whale, and what his token is called.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug, PartialEq, Eq)]
pub struct DidParameters {
    /// Active stake in all of the creator's pools of the mint.
    pub threshold: u64,
    pub name: String,
    pub symbol: String,
    pub uri: String,
}

#[derive(Accounts)]
pub struct SetDidCollection<'info> {
    /// Creator of the pools.
    #[account(mut)]
    pub creator: Signer<'info>,
    /// CHECK: mint of the pools; of another the collection would be one without pools
    pub mint: UncheckedAccount<'info>,
    /// CHECK: made here if it is not there yet
    #[account(mut)]
    pub collection: UncheckedAccount<'info>,
    pub system_program: Program<'info, System>,
}

/// The creator of pools says who their whales are. Tokens that were minted stay as they are.
pub fn handler(ctx: Context<SetDidCollection>, parameters: DidParameters) -> Result<()> {
    let a = ctx.accounts;
    ensure(parameters.threshold > 0, FixedPoolsError::ZeroAmount)?;
    let fits = |text: &str, most: usize| !text.is_empty() && text.len() <= most;
    let is_valid = fits(&parameters.name, MAX_NAME)
        && fits(&parameters.symbol, MAX_SYMBOL)
        && fits(&parameters.uri, MAX_URI);
    ensure(is_valid, FixedPoolsError::InvalidMetadata)?;

    let mut collection = collection_of(a)?;
    collection.threshold = parameters.threshold;
    collection.name = parameters.name;
    collection.symbol = parameters.symbol;
    collection.uri = parameters.uri;
    account::write(&a.collection, &collection)?;

    emit!(DidCollectionSet {
        collection: a.collection.key(),
        creator: collection.creator,
        mint: collection.mint,
        threshold: collection.threshold,
    });
    Ok(())
}

fn collection_of(a: &SetDidCollection) -> Result<DidCollection> {
    let (creator, mint) = (a.creator.key(), a.mint.key());
    if *a.collection.owner == crate::ID {
        let collection = DidCollection::try_deserialize(&mut &a.collection.try_borrow_data()?[..])?;
        let is_his = collection.creator == creator && collection.mint == mint;
        ensure(is_his, FixedPoolsError::WrongCollection)?;
        return Ok(collection);
    }
    let seeds: &[&[u8]] = &[prefix::DID_COLLECTION, creator.as_ref(), mint.as_ref()];
    let bump = account::create(&a.creator, &a.collection, DidCollection::SPACE, &crate::ID, seeds)?;
    Ok(DidCollection {
        creator,
        mint,
        threshold: 0,
        minted: 0,
        name: String::new(),
        symbol: String::new(),
        uri: String::new(),
        bump,
    })
}
