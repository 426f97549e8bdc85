//! Users who go on as if nothing happened.

use {
    crate::Result,
    std::collections::VecDeque,
    tidepool_localnet::{world::OpenTicket, World, LAMPORTS_PER_SOL as SOL},
};

/// Tickets that are ordered ahead: one to claim in every slot of the next epoch, or after every update.
const AHEAD: usize = 70;

/// Ana comes and goes; bob provides liquidity.
pub struct Users {
    /// Her orders, oldest first.
    tickets: VecDeque<OpenTicket>,
}

impl Users {
    pub fn join(world: &mut World) -> Result<Self> {
        world.add_liquidity("bob", 2_000 * SOL)?;
        world.advance(|chain| chain.next_slot()); // what was added in this very slot pays no exits
        Ok(Self { tickets: VecDeque::new() })
    }

    /// Orders what will be claimed in the next epoch.
    pub fn order_ahead(&mut self, world: &mut World) -> Result<()> {
        self.tickets.clear();
        for _ in 0..AHEAD {
            self.tickets.push_back(world.order_unstake("ana", SOL / 10)?);
        }
        Ok(())
    }

    /// She deposits, orders, claims an older order in full and leaves at once, all in this slot.
    pub fn act(&mut self, world: &mut World) -> Result<()> {
        world.deposit("ana", SOL)?;
        let ordered = world.order_unstake("ana", SOL / 10)?;
        let due = self.tickets.pop_front().ok_or("no ticket is left to claim")?;
        world.claim(&due)?;
        world.liquid_unstake("ana", SOL / 10)?;
        match world.ticket(&due).is_none() && world.ticket(&ordered).is_some() {
            true => Ok(()),
            false => Err("a ticket was not paid in full".into()),
        }
    }
}
