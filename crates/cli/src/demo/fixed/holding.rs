//! A position as its owner's wallet knows it: what left for it, and what came back.

use {super::tier::Tier, serde::Serialize, tidepool_client::fixed::PositionKeys};

#[derive(Clone, Debug, Serialize)]
pub struct Holding {
    pub who: &'static str,
    pub tier: Tier,
    #[serde(skip)]
    pub keys: PositionKeys,
    /// By number, among the owner's in this pool.
    pub index: u64,
    /// Out of the wallet, or out of the reward vault if it is the reward of an earlier position.
    pub principal: u64,
    pub rate_bps: u16,
    pub staked_at: i64,
    pub unlock_at: i64,
    /// As the program said when it was opened.
    pub promised: u64,
    /// Reward that arrived in the wallet.
    pub reward_paid: u64,
    /// Reward that became principal of another position.
    pub reward_staked: u64,
    /// Principal that arrived in the wallet, or stayed staked in another position.
    pub principal_back: u64,
    /// All it has earned by its end.
    pub accrued: u64,
    pub end: Option<End>,
    pub ended_at: Option<i64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum End {
    Unstaked,
    RolledOver,
    LeftInEmergency,
}

impl Holding {
    pub fn is_open(&self) -> bool {
        self.end.is_none()
    }

    /// Of reward, all it brought.
    pub fn reward(&self) -> u64 {
        self.reward_paid + self.reward_staked
    }

    pub fn close(&mut self, end: End, unix_time: i64, accrued: u64) {
        self.end = Some(end);
        self.ended_at = Some(unix_time);
        self.accrued = accrued;
    }
}
