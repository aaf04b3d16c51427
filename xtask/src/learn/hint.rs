//! `cargo x learn hint`: one more hint each time, three in all. Remembers how many were read.

use anyhow::Result;

use crate::learn::Study;

/// All hints read so far, including this one.
pub fn hint(study: &mut Study, id: Option<&str>) -> Result<String> {
    let (id, title, hints) = match study.pick_milestone(id)? {
        Some(milestone) => (milestone.id, milestone.title.clone(), milestone.hints.clone()),
        None => {
            let exercise = study.pick(id)?;
            (exercise.id, exercise.title.clone(), exercise.hints.clone())
        }
    };
    let read = study.record(|progress| progress.read_hint(id))?;
    let mut lines = vec![study.paint.bold(format!("{id} {title}"))];
    for (number, hint) in (1..=read).zip(&hints) {
        lines.push(format!("\n{} {}", study.paint.dim(format!("hint {number} of 3")), hint.trim()));
    }
    let after = match read {
        3 => format!("\nThat was the last hint. Still stuck? cargo x learn solution {id}"),
        _ => format!("\nnext hint: cargo x learn hint {id}"),
    };
    lines.push(study.paint.dim(after));
    Ok(lines.join("\n") + "\n")
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
        let first = hint(&mut study, Some("11.2")).unwrap();
        assert!(first.contains("hint 1 of 3 one") && !first.contains("two"), "{first}");
        let second = hint(&mut study, Some("11.2")).unwrap();
        assert!(second.contains("one") && second.contains("hint 2 of 3 two"), "{second}");
        assert!(second.contains("next hint: cargo x learn hint 11.2"), "{second}");
        let third = hint(&mut study, Some("11.2")).unwrap();
        assert!(third.contains("hint 3 of 3 three") && third.contains("the last hint"), "{third}");
        assert_eq!(hint(&mut study, Some("11.2")).unwrap(), third);
        assert_eq!(Progress::load(root.path()).unwrap().hints("11.2".parse().unwrap()), 3);
    }
}
