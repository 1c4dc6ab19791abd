//! S10: what was acknowledged survives, what was not is there whole or not at all.

use scim_reliability::{Campaign, Interruption, Server};
use scim_store_sqlite::Synchronous;

use crate::{Tested, seed, server};

fn campaign(
    interruption: Interruption,
    rounds: usize,
) -> Result<Campaign, scim_reliability::Violation> {
    Ok(Campaign { server: server(), interruption, rounds, seed: seed()? })
}

#[test]
fn acknowledged_writes_survive_kills() -> Tested {
    let figures = campaign(Interruption::Kill, 10)?.run()?;
    assert!(figures.requests.acknowledged > 0, "{figures:?}");
    assert_eq!((figures.requests.unavailable, figures.requests.full), (0, 0), "{figures:?}");
    Ok(())
}

#[test]
fn acknowledged_writes_survive_power_losses() -> Tested {
    let figures = campaign(Interruption::PowerLoss, 10)?.run()?;
    assert!(figures.requests.acknowledged > 0, "{figures:?}");
    Ok(())
}

/// Where a flush fails, the system drops what it was to flush, and says so once only.
#[test]
fn acknowledged_writes_survive_power_losses_after_faults() -> Tested {
    let figures = campaign(Interruption::FaultAndPowerLoss, 10)?.run()?;
    assert!(figures.requests.acknowledged > 0, "{figures:?}");
    Ok(())
}

/// The harness sees a loss: without flushes there is one.
#[test]
fn without_flushes_a_power_loss_is_noticed() -> Tested {
    for synchronous in [Synchronous::Off, Synchronous::Normal] {
        let server = Server { synchronous, ..server() };
        let campaign = Campaign { server, ..campaign(Interruption::PowerLoss, 20)? };
        let lost = campaign.run();
        assert!(lost.is_err(), "{synchronous:?}: {lost:?}");
    }
    Ok(())
}

/// Without flushes a mere kill loses nothing: what is written is the operating system's.
#[test]
fn without_flushes_a_kill_loses_nothing() -> Tested {
    let server = Server { synchronous: Synchronous::Off, ..server() };
    Campaign { server, ..campaign(Interruption::Kill, 3)? }.run()?;
    Ok(())
}
