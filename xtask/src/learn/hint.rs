//! `cargo x learn hint`: one more hint each time, three in all, or those that were read. Remembers how many were.

use anyhow::Result;

use crate::learn::Study;
use crate::paint::Paint;

/// Which hints are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hints {
    /// One more than before.
    Next,
    /// Those that were read; the first if there are none.
    Read,
}

/// All hints read so far.
pub fn hint(study: &mut Study, id: Option<&str>, which: Hints) -> Result<String> {
    let (id, title, hints) = match study.pick_milestone(id)? {
        Some(milestone) => (milestone.id, milestone.title.clone(), milestone.hints.clone()),
        None => {
            let exercise = study.pick(id)?;
            (exercise.id, exercise.title.clone(), exercise.hints.clone())
        }
    };
    let read = match (which, study.progress.hints(id)) {
        (Hints::Read, read @ 1..) => read,
        _ => study.record(|progress| progress.read_hint(id))?,
    };
    let mut lines = vec![study.paint.bold(format!("{id} {title}"))];
    lines.extend(spelled(study.paint, &hints, read));
    let after = match read {
        3 => format!("\nThat was the last hint. Still stuck? cargo x learn solution {id}"),
        _ => format!("\nnext hint: cargo x learn hint {id}"),
    };
    lines.push(study.paint.dim(after));
    Ok(lines.join("\n") + "\n")
}

/// The first `read` of the three, each behind an empty line.
pub(super) fn spelled(paint: Paint, hints: &[String; 3], read: u8) -> Vec<String> {
    let spelled = (1..=read)
        .zip(hints)
        .map(|(number, hint)| format!("\n{} {}", paint.dim(format!("hint {number} of 3")), hint.trim()));
    spelled.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learn::tests::study;
    use crate::progress::Progress;

    #[test]
    fn one_more_each_time() {
        let root = tempfile::tempdir().unwrap();
        let mut study = study(root.path());
        let first = hint(&mut study, Some("11.2"), Hints::Next).unwrap();
        assert!(first.contains("hint 1 of 3 one") && !first.contains("two"), "{first}");
        assert_eq!(hint(&mut study, Some("11.2"), Hints::Read).unwrap(), first, "read again");
        let second = hint(&mut study, Some("11.2"), Hints::Next).unwrap();
        assert!(second.contains("one") && second.contains("hint 2 of 3 two"), "{second}");
        assert!(second.contains("next hint: cargo x learn hint 11.2"), "{second}");
        let third = hint(&mut study, Some("11.2"), Hints::Next).unwrap();
        assert!(third.contains("hint 3 of 3 three") && third.contains("the last hint"), "{third}");
        assert_eq!(hint(&mut study, Some("11.2"), Hints::Next).unwrap(), third);
        assert_eq!(Progress::load(root.path()).unwrap().hints("11.2".parse().unwrap()), 3);
    }
}
