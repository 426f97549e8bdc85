//! Every account of every instruction in the interface, replaced in turn by all that might be taken for it: refused, by
//! name, and nothing changes. What this stands for: `solido#383`, `spl#1866`, Neodyme SPL 2021 (one account in two
//! places), Quantstamp QSP-2 (a fake token program), `solido#388`, solido Bramah 2021 (a zeroed state; a read-only or
//! unsigned account), `solido#408` (an account closed and made again by another program), INF Sec3 P2-L-01 (any account
//! could be closed).

mod calls;
mod impostors;
mod interface;
mod report;
mod rules;
mod scene;
mod trial;

use {
    calls::{Build, Call, CALLS},
    impostors::{attempts, extra_accounts, mixtures, Attempt},
    interface::{Interface, Listed, Place},
    report::{Counts, Report},
    scene::Scene,
    tidepool_tests::prelude::*,
    trial::{Trial, Verdict},
};

#[test]
fn every_instruction_of_the_interface_has_a_valid_call() {
    let interface = Interface::read();
    let without: Vec<&str> = interface
        .instructions
        .iter()
        .map(|listed| listed.name.as_str())
        .filter(|name| !CALLS.iter().any(|(known, _)| known == name))
        .collect();
    assert!(without.is_empty(), "add a valid call to calls.rs for: {}", without.join(", "));
}

#[test]
fn no_account_of_any_instruction_can_be_replaced() {
    substitute_all("the LST is a mint of SPL Token", &WorldConfig::default());
}

#[test]
fn no_account_of_any_instruction_can_be_replaced_under_token_2022() {
    substitute_all("the LST is a mint of Token-2022", &WorldConfig::default().on_token_2022(&[]));
}

fn substitute_all(title: &str, config: &WorldConfig) {
    let interface = Interface::read();
    let mut report = Report::default();
    for listed in &interface.instructions {
        for (_, build) in CALLS.iter().filter(|(name, _)| *name == listed.name) {
            substitute(&interface, listed, Scene::new(config.clone()), *build, &mut report);
        }
    }
    report.print(title);
    report.assert_clean();
}

fn substitute(interface: &Interface, listed: &Listed, mut scene: Scene, build: Build, report: &mut Report) {
    let call = build(&mut scene);
    let places = places(listed, &call);
    let valid = Trial::of(&scene.world, &call.instruction);
    assert!(valid.succeeded(), "{}: the valid call fails: {}", listed.name, valid.why());
    assert!(!valid.found_nothing_due(), "{}: the valid call does nothing", listed.name);
    let mut counts = Counts::of(places.len());
    for (index, place) in places.iter().enumerate() {
        report.passed(&listed.name, place, &call.instruction.accounts[index]);
        for attempt in attempts(&scene, &call.instruction, index, place) {
            let verdict = attempt.stage(&scene, || judge(interface, &scene, &attempt, &valid));
            report.count(&listed.name, &attempt, verdict, &mut counts);
        }
    }
    for attempt in mixtures(&scene, &call.instruction, &places) {
        let verdict = judge(interface, &scene, &attempt, &valid);
        report.count(&listed.name, &attempt, verdict, &mut counts);
    }
    for attempt in extra_accounts(&scene, &call.instruction) {
        let valid = Trial::of(&scene.world, &call.instruction);
        match Trial::of(&scene.world, &attempt.instruction) {
            trial if trial.does_the_same_as(&valid) => counts.ignored += 1,
            _ => {
                let verdict = judge(interface, &scene, &attempt, &valid);
                report.count(&listed.name, &attempt, verdict, &mut counts);
            }
        }
    }
    report.rows.push((listed.name.clone(), counts));
}

fn judge(interface: &Interface, scene: &Scene, attempt: &Attempt, valid: &Trial) -> Verdict {
    let trial = Trial::of(&scene.world, &attempt.instruction);
    if trial.succeeded() {
        return match trial.robs(&scene.world, attempt, valid) {
            true => Verdict::Wrong("accepted, and loses by it".to_string()),
            false => Verdict::Accepted,
        };
    }
    let refuser = match trial.refuser(interface) {
        Ok(refuser) => refuser,
        Err(what) => return Verdict::Wrong(what),
    };
    let signers: Vec<&Keypair> = scene.keyring.iter().collect();
    let failure = scene.world.expect_failure(std::slice::from_ref(&attempt.instruction), &signers);
    match failure.instruction_error() == trial.instruction_error() {
        true => Verdict::Refused(refuser),
        false => Verdict::Wrong(format!("refused for another reason than it would be: {failure}")),
    }
}

/// The accounts of the call, named; they must be flagged as the interface says.
fn places(listed: &Listed, call: &Call) -> Vec<Place> {
    let mut places = listed.places();
    let metas = &call.instruction.accounts;
    let listed_count = places.len() + call.remaining.len();
    assert_eq!(listed_count, metas.len(), "{} has other accounts: `make idl`?", listed.name);
    for (place, meta) in places.iter().zip(metas) {
        let flags = (place.signer, place.writable && !place.is_left_out(meta));
        assert_eq!(flags, (meta.is_signer, meta.is_writable), "{} of {}", place.name, listed.name);
    }
    for (name, meta) in call.remaining.iter().zip(&metas[places.len()..]) {
        let (writable, signer) = (meta.is_writable, meta.is_signer);
        places.push(Place { name: (*name).to_string(), writable, signer, optional: false });
    }
    places
}
