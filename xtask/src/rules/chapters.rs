//! The chapter of each lesson asks before it tells, and ends in the terminal: its questions fold open to answers that say where
//! they are shown, and its last part is what to do next. The book turns from lesson to lesson. Whether an answer is right is for the
//! lesson's tests.

use super::Problem;
use crate::onward;
use crate::tree::Tree;

const SUMMARY: &str = "book/src/SUMMARY.md";
const PREDICT: &str = "## Predict before you run";
const NEXT: &str = "## What to do next";
/// Fewer are no prediction worth a pause.
const QUESTIONS_MIN: usize = 2;

pub(super) fn check(tree: &Tree) -> Vec<Problem> {
    let stems = tree.folders_in("lessons");
    let chapters = stems.into_iter().filter_map(|stem| {
        let path = format!("book/src/{stem}.md");
        tree.text(&path).map(|text| (stem, path.clone(), text))
    });
    let mut problems: Vec<Problem> = chapters
        .flat_map(|(stem, path, text)| {
            let questions = format!("book/src/snippets/predict/{stem}.txt");
            let asked = tree.text(&questions).unwrap_or_default();
            let mut problems = answers(&questions, asked);
            problems.extend(parts(stem, &path, text));
            problems
        })
        .collect();
    problems.extend(order(tree));
    problems
}

/// The lessons are numbered, and the summary is what the book turns by.
fn order(tree: &Tree) -> Option<Problem> {
    let stems = tree.folders_in("lessons");
    let pages = onward::pages(tree.text(SUMMARY)?).filter_map(|page| page.file.strip_suffix(".md"));
    let lessons: Vec<&str> = pages.filter(|page| stems.contains(page)).collect();
    let late = lessons.windows(2).find(|pair| pair[0] > pair[1])?;
    let what = format!("turns from {} to {}", late[0], late[1]);
    Some(Problem::new(SUMMARY, 0, what, "name the lessons in the order of their numbers"))
}

/// What a chapter lacks of its two included parts.
fn parts(stem: &str, path: &str, text: &str) -> Vec<Problem> {
    let blocks: Vec<&str> = text.split("\n\n").map(str::trim).collect();
    let asks = format!("{{{{#include snippets/predict/{stem}.txt}}}}");
    let begins = blocks.iter().position(|block| *block == PREDICT);
    let asked = begins.is_some_and(|at| {
        blocks[at + 1..].iter().take_while(|block| !block.starts_with("## ")).any(|block| *block == asks)
    });
    let ending = [NEXT.to_owned(), format!("{{{{#include snippets/next/{stem}.txt}}}}")];
    let mut problems = Vec::new();
    if !asked {
        let what = format!("does not include its questions below `{PREDICT}`");
        problems.push(Problem::new(path, 0, what, format!("put `{asks}` there")));
    }
    if !blocks.ends_with(&ending.each_ref().map(String::as_str)) {
        let what = format!("does not end with `{NEXT}`");
        let fix = format!("end it with that heading and `{}`", ending[1]);
        problems.push(Problem::new(path, 0, what, fix));
    }
    problems
}

/// Each question is folded over its answer, and the answer links to the section that shows it.
fn answers(path: &str, text: &str) -> Vec<Problem> {
    let folds: Vec<&str> = text.split("<details>").skip(1).collect();
    if folds.len() < QUESTIONS_MIN {
        let what = format!("asks {} questions, at least {QUESTIONS_MIN} are needed", folds.len());
        let fix = "write each as `<details><summary>N. Question?</summary>`, its answer, and `</details>`";
        return vec![Problem::new(path, 0, what, fix)];
    }
    let report = |number: usize, what: &str, fix: &str| {
        Problem::new(path, 0, format!("question {number} {what}"), fix)
    };
    let checked = (1..).zip(folds).filter_map(|(number, fold)| {
        let parts = fold.split_once("</summary>").and_then(|(question, rest)| {
            let question = question.trim_start().strip_prefix("<summary>")?;
            Some((question, rest.split_once("</details>")?.0.trim()))
        });
        match parts {
            None => Some(report(number, "is not folded", "write a summary, the answer, and `</details>`")),
            Some((question, _)) if !question.starts_with(&format!("{number}. ")) => {
                Some(report(number, "has another number", "number them from 1, in order"))
            }
            Some((_, answer)) if !answer.contains("](") || !answer.contains('#') => Some(report(
                number,
                "has no answer that says where it is shown",
                "link the section: `([Heading](#heading))`",
            )),
            Some(_) => None,
        }
    });
    checked.collect()
}

#[cfg(test)]
mod tests {
    use super::super::expect;
    use super::*;

    const CHAPTER: &str = "# 11 · Channels\n\n## Predict before you run\n\nWrite.\n\n{{#include snippets/predict/11-a.txt}}\n\n\
        ## Questions\n\n## What to do next\n\n{{#include snippets/next/11-a.txt}}\n";
    const QUESTIONS: &str = "<details><summary>1. When?</summary>\n\nAt 5 ms. ([The code](#the-code))\n\n</details>\n\n\
        <details><summary>2. How\nlong?</summary>\n\nLong. ([Other](b.md#other))\n\n</details>\n";

    fn book(chapter: &str, questions: &str) -> Tree {
        Tree::of(&[
            ("lessons/11-a/Cargo.toml", ""),
            ("book/src/11-a.md", chapter),
            ("book/src/snippets/predict/11-a.txt", questions),
        ])
    }

    #[test]
    fn a_chapter_that_asks_and_ends_in_the_terminal() {
        expect(check(&book(CHAPTER, QUESTIONS)), &[]);
    }

    #[test]
    fn parts_that_are_missing_or_elsewhere() {
        let elsewhere = CHAPTER.replace("Write.\n\n", "## The code\n\n") + "\nMore.\n";
        let expected = [
            "book/src/11-a.md: does not include its questions below `## Predict before you run`",
            "book/src/11-a.md: does not end with `## What to do next`",
        ];
        expect(check(&book("# 11 · Channels\n", QUESTIONS)), &expected);
        expect(check(&book(&elsewhere, QUESTIONS)), &expected);
    }

    #[test]
    fn questions_without_answers() {
        let few = "book/src/snippets/predict/11-a.txt: asks 0 questions, at least 2 are needed";
        expect(check(&book(CHAPTER, "1. When?\n2. How long?\n")), &[few]);
        let broken = QUESTIONS.replace("2. How", "3. How").replace(" ([The code](#the-code))", "");
        let expected = [
            "book/src/snippets/predict/11-a.txt: question 1 has no answer that says where it is shown",
            "book/src/snippets/predict/11-a.txt: question 2 has another number",
        ];
        expect(check(&book(CHAPTER, &broken)), &expected);
        let open = QUESTIONS.replacen("</details>", "", 1);
        let expected = ["book/src/snippets/predict/11-a.txt: question 1 is not folded"];
        expect(check(&book(CHAPTER, &open)), &expected);
    }

    #[test]
    fn lessons_in_another_order() {
        let summary = "- [12 · B](12-b.md)\n- [More](more.md)\n- [11 · A](11-a.md)\n";
        let tree =
            Tree::of(&[("lessons/11-a/x", ""), ("lessons/12-b/x", ""), ("book/src/SUMMARY.md", summary)]);
        expect(check(&tree), &["book/src/SUMMARY.md: turns from 12-b to 11-a"]);
    }
}
