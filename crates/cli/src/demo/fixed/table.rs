//! The story for people: amounts in tokens, lines of at most 110 characters.

use {
    super::{
        calendar::{date, DAY},
        holding::{End, Holding},
        month::Month,
        outlook::Ahead,
        plan::{Plan, WHALE_THRESHOLD},
        product::access_name,
        reconciliation::{Border, Reconciliation},
        story::Told,
        tier::{Tier, TOKEN},
    },
    crate::demo::text::{cells, exactly, rounded, table, thousands},
    tidepool_localnet::fixed_world::OPENING,
};

/// Of amounts in the table by month.
const DECIMALS: u32 = 4;

const MONTH_NOTE: &str = "
  Accrued and claimed are those since the line before, of all positions; claimed is what left the reward
  vault for them. Reserved is promised and not paid yet, free is promised to nobody. What was given up in
  the emergency is locked for 30 days, and neither till then. The runway is how long the reward vault would
  pay what is staked.";

const POSITION_NOTE: &str = "
  Promised is what the program set aside when the position was opened; the reward is what came out of it,
  counted in the wallet, or in the next position where it was staked on. What was given up in the
  emergency is not paid to anybody as a reward.";

/// Base units as tokens, exactly and no longer than it takes: `31,500`, `0.006575342`.
pub fn tokens(units: u64) -> String {
    let (whole, part) = (units / TOKEN, units % TOKEN);
    let whole = thousands(whole.into());
    match part {
        0 => whole,
        _ => format!("{whole}.{}", format!("{part:09}").trim_end_matches('0')),
    }
}

/// What a rate is called: nothing compounds by itself.
pub fn rate(bps: u16) -> String {
    let percent = match bps % 100 {
        0 => (bps / 100).to_string(),
        _ => format!("{:.2}", f64::from(bps) / 100.0),
    };
    format!("{percent} % fixed, simple")
}

pub fn opening(plan: &Plan) -> String {
    let mut lines = vec![cells(["pool", "from", "rate", "lock", "access", "cap"])];
    for tier in Tier::ALL {
        let parameters = tier.parameters();
        let terms = parameters.terms;
        lines.push(vec![
            tier.to_string(),
            tokens(terms.min_stake),
            rate(terms.rate_bps),
            format!("{} days", parameters.lock_seconds / DAY.unsigned_abs()),
            access_name(terms.access).to_string(),
            tokens(terms.cap),
        ]);
    }
    format!(
        "Tidepool: fixed-APY pools on the Solana runtime, in this process\n\
         from {} on, seed {}; all amounts in tokens, of 1,000,000,000 units each\n{}\n\n\
         All of a position's reward lies in the pool's vault before it is promised, and nobody who runs a pool\n\
         can touch what was staked. Who has {} staked may mint a whale's token.",
        date(OPENING),
        plan.seed,
        table(&lines),
        tokens(WHALE_THRESHOLD),
    )
}

/// What is to come, in the middle of the story.
pub fn outlook(ahead: &Ahead) -> String {
    let mut ladder = vec![cells(["month", "positions", "principal", "reward"])];
    for rung in &ahead.ladder {
        ladder.push(vec![
            rung.month.clone(),
            rung.positions.to_string(),
            rounded(rung.principal, DECIMALS),
            rounded(rung.reward, DECIMALS),
        ]);
    }
    let mut funding = vec![cells(["filled with", "from", "stake", "rewards needed", "covered", "to fund"])];
    for line in &ahead.funding {
        funding.push(vec![
            match line.filling.as_str() {
                "room" => "room under the cap".to_string(),
                "matured" => "what has matured".to_string(),
                month => format!("what matures in {month}"),
            },
            line.from.clone(),
            rounded(line.stake, DECIMALS),
            rounded(line.needed, DECIMALS),
            rounded(line.covered, DECIMALS),
            rounded(line.to_fund, DECIMALS),
        ]);
    }
    format!(
        "\nThe {tier} pool on {}: what matures when\n{}\n\n\
         The {tier} pool on {}: rewards to bring to fill it now, and to stake again all that matures\n{}",
        ahead.date,
        table(&ladder),
        ahead.date,
        table(&funding),
        tier = ahead.tier,
    )
}

pub fn closing(told: &Told) -> String {
    let mut parts = vec![];
    for tier in Tier::ALL {
        parts.push(format!("\nThe {tier} pool by month, after the keeper's claims"));
        parts.push(months(told, tier));
    }
    parts.extend([
        MONTH_NOTE.to_string(),
        "\nWhat every position brought, as it arrived".to_string(),
        positions(&told.holdings),
        POSITION_NOTE.to_string(),
        "\nWho has what".to_string(),
        people(&told.reconciliation),
        "\nEvery token".to_string(),
        every_token(&told.reconciliation),
    ]);
    parts.join("\n")
}

fn months(told: &Told, tier: Tier) -> String {
    let heads = ["date", "stake", "accrued", "claimed", "reward vault", "reserved", "free", "runway"];
    let mut lines = vec![cells(heads)];
    for month in told.months.iter().filter(|month| month.tier == tier) {
        let amount = |units| rounded(units, DECIMALS);
        lines.push(vec![
            month.date.clone(),
            amount(month.stake),
            amount(month.accrued),
            amount(month.claimed),
            amount(month.reward_vault),
            amount(month.reserved),
            amount(month.free),
            runway(month),
        ]);
    }
    table(&lines)
}

fn runway(month: &Month) -> String {
    match month.runway_seconds {
        Some(seconds) => format!("{} d", thousands(u128::from(seconds / DAY.unsigned_abs()))),
        None => "-".to_string(),
    }
}

fn positions(holdings: &[Holding]) -> String {
    let mut lines = vec![cells(["", "pool", "principal", "back", "promised", "reward", ""])];
    for holding in holdings {
        lines.push(vec![
            holding.who.to_string(),
            holding.tier.to_string(),
            exactly(holding.principal.into()),
            exactly(holding.principal_back.into()),
            exactly(holding.promised.into()),
            exactly(holding.reward().into()),
            match holding.end {
                Some(End::Unstaked) => "left",
                Some(End::RolledOver) => "rolled over",
                Some(End::LeftInEmergency) => "fled",
                None => "open",
            }
            .to_string(),
        ]);
    }
    table(&lines)
}

fn people(books: &Reconciliation) -> String {
    let mut lines = vec![cells(["", "paid in", "got back", "gain"])];
    for person in &books.people {
        lines.push(vec![
            person.name.to_string(),
            exactly(person.paid_in.into()),
            exactly(person.paid_out.into()),
            exactly(person.gain),
        ]);
    }
    table(&lines)
}

fn every_token(books: &Reconciliation) -> String {
    let mut heads = vec![String::new()];
    heads.extend(books.pools.iter().map(|pool| pool.tier.to_string()));
    let mut lines = vec![heads];
    let mut line = |what: &str, of: &dyn Fn(&Border) -> i128| {
        let mut line = vec![what.to_string()];
        line.extend(books.pools.iter().map(|pool| exactly(of(pool))));
        lines.push(line);
    };
    line("staked by people", &|pool| pool.staked.into());
    line("brought by the operator, for rewards", &|pool| pool.funded.into());
    line("= came in", &|pool| i128::from(pool.staked) + i128::from(pool.funded));
    line("paid to people, principal and reward", &|pool| pool.paid_out.into());
    line("taken back by the operator", &|pool| pool.withdrawn.into());
    line("held: principal vault", &|pool| pool.principal_vault.into());
    line("held: reward vault", &|pool| pool.reward_vault.into());
    line("difference", &|pool| pool.difference);
    let of_all = [
        ("all tokens there are", i128::from(books.supply)),
        ("of them in wallets", i128::from(books.in_wallets)),
        ("difference", books.difference),
    ];
    let of_all = of_all.map(|(what, units)| format!("  {what:<36}  {:>22}", exactly(units)));
    format!("{}\n\n{}", table(&lines), of_all.join("\n"))
}
