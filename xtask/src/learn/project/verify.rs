//! `cargo x learn verify project`: proves each milestone against the very tests that the learner runs: the reference passes, what
//! the learner begins with fails with its message, every plausible wrong answer fails with its own, every other right answer
//! passes. What the learner has changed is only reported.

use anyhow::Result;

use super::proofs::{self, Claim, PROOFS};
use crate::answer::Outcome;
use crate::cargo::{self, Built, Diagnostics};
use crate::course::ExerciseId;
use crate::learn::trial::Trial;
use crate::learn::verify::{clippy, in_parallel, judged};
use crate::learn::{Strictness, Study, Verdict};
use crate::project::{self, FOLDER, Milestone};
use crate::text;

/// How many plausible wrong answers a milestone must have.
const WRONG_MIN: usize = 2;
/// What passes all milestones, without the given files and blank lines.
const LINES_MAX: usize = 600;

/// Checks these milestones, or all of them.
pub(in crate::learn) fn verify(
    study: &Study,
    only: &[ExerciseId],
    strictness: Strictness,
) -> Result<Vec<Verdict>> {
    if study.project.milestones.is_empty() {
        return Ok(Vec::new());
    }
    let chosen = |id: ExerciseId| !only.iter().any(|id| id.is_milestone()) || only.contains(&id);
    let mut verdicts = changed(study, strictness)?;
    verdicts.push(size(study)?);
    let mut claims = proofs::claims(study)?;
    let folder = proofs::lay_out(study, &claims)?;
    claims.retain(|claim| chosen(claim.id));
    let milestones = study.project.milestones.iter().filter(|milestone| chosen(milestone.id));
    verdicts.extend(milestones.filter_map(|milestone| missing(&claims, milestone)));
    let mut programs: Vec<&str> = claims.iter().map(|claim| claim.program.as_str()).collect();
    programs.dedup();
    let built = cargo::build_tests(&folder, &[PROOFS.to_owned()], &programs, Diagnostics::Collected)?;
    verdicts.extend(in_parallel(&claims, |claim| judge(study, claim, &built))?);
    if only.is_empty() {
        verdicts.push(clippy(&folder)?);
    }
    Ok(verdicts)
}

fn judge(study: &Study, claim: &Claim, built: &Built) -> Result<Verdict> {
    let title = format!("{} {}", claim.id, claim.version);
    // What the compiler said about this version or about the tests, and not about the others in the program.
    let about = |said: &&str| !said.contains("/versions/") || said.contains(&format!("/{}/", claim.version));
    let said: String = built.all_said().filter(about).collect();
    let Some(executable) = built.executable(PROOFS, &claim.program).filter(|_| said.is_empty()) else {
        let said = if said.is_empty() { "another version does not compile".to_owned() } else { said };
        return Ok(Verdict::Failed(format!("{title}: must compile without warnings\n{said}")));
    };
    let only = format!("{}::", claim.version);
    let trial = Trial::run(&executable.path, &study.root.join(FOLDER), Some(&only), claim.limit)?;
    Ok(judged(&title, &claim.outcome, &trial, claim.limit))
}

/// What a milestone lacks.
fn missing(claims: &[Claim], milestone: &Milestone) -> Option<Verdict> {
    let wrong = |claim: &&Claim| {
        claim.id == milestone.id && claim.version != "starter" && matches!(claim.outcome, Outcome::Fails(_))
    };
    let count = claims.iter().filter(wrong).count();
    let what = format!("{}: has {count} plausible wrong answers, {WRONG_MIN} are needed", milestone.id);
    (count < WRONG_MIN).then_some(Verdict::Failed(what))
}

/// The reference stays as small as the book says.
fn size(study: &Study) -> Result<Verdict> {
    let sources = project::sources(&study.root)?;
    let written = sources.iter().filter(|source| source.solution != source.starter);
    let lines =
        written.flat_map(|source| source.solution.lines()).filter(|line| !line.trim().is_empty()).count();
    let said = format!("project: the reference has {lines} lines, and may have {LINES_MAX}");
    Ok(if lines <= LINES_MAX { Verdict::Passed(said) } else { Verdict::Failed(said) })
}

/// What is said about the learner's files that are not the ones to begin with.
fn changed(study: &Study, strictness: Strictness) -> Result<Vec<Verdict>> {
    let mut verdicts = Vec::new();
    let mut mine = project::rust_files(&project::learner(&study.root))?;
    for source in project::sources(&study.root)? {
        mine.retain(|name| *name != source.name);
        let file = project::learner(&study.root).join(&source.name);
        let now = text::read(&file).unwrap_or_default();
        if now != source.starter {
            verdicts.push(said_of(&source.name, strictness));
        }
    }
    verdicts.extend(mine.iter().map(|added| said_of(added, strictness)));
    Ok(verdicts)
}

fn said_of(name: &str, strictness: Strictness) -> Verdict {
    match strictness {
        Strictness::Learner => Verdict::Skipped(format!("project: src/{name}: changed by you")),
        Strictness::Strict => Verdict::Failed(format!(
            "project: {FOLDER}/src/{name}: differs from the starter in answers/: cargo x learn reset project"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::study;
    use super::*;

    #[test]
    fn what_the_learner_changed_is_a_failure_only_where_it_is_published() {
        let root = tempfile::tempdir().unwrap();
        let study = study(root.path());
        assert_eq!(changed(&study, Strictness::Strict).unwrap(), []);
        let src = root.path().join(FOLDER).join("src");
        text::write(&src.join("lib.rs"), "//! Mine.\n").unwrap();
        text::write(&src.join("more.rs"), "//! More.\n").unwrap();
        let skipped = changed(&study, Strictness::Learner).unwrap();
        assert!(matches!(skipped[..], [Verdict::Skipped(_), Verdict::Skipped(_)]), "{skipped:?}");
        let failed = format!("{:?}", changed(&study, Strictness::Strict).unwrap());
        assert!(
            failed.contains("src/lib.rs: differs") && failed.contains("src/more.rs: differs"),
            "{failed}"
        );
    }

    #[test]
    fn each_milestone_needs_two_wrong_answers() {
        let root = tempfile::tempdir().unwrap();
        let study = study(root.path());
        let answer = "//! X.\n//~ fails with: x\n//~ in lib.rs\n//~ instead of\npub fn a() {}\n//~ write\npub fn c() {}\n";
        let folder = root.path().join(FOLDER).join("answers/plausible");
        text::write(&folder.join("1_x.rs"), answer).unwrap();
        text::write(&folder.join("1_y.rs"), answer).unwrap();
        text::write(&folder.join("2_z.rs"), answer).unwrap();
        let claims = proofs::claims(&study).unwrap();
        let shown: Vec<_> = claims.iter().map(|claim| format!("{} {}", claim.id, claim.version)).collect();
        assert_eq!(
            shown[..4],
            ["project.1 solution", "project.1 starter", "project.1 plausible_x", "project.1 plausible_y"]
        );
        let [first, second] = &study.project.milestones[..] else { panic!("there are two") };
        assert_eq!(missing(&claims, first), None);
        let said = format!("{:?}", missing(&claims, second));
        assert!(said.contains("project.2: has 1 plausible wrong answers, 2 are needed"), "{said}");
    }
}
