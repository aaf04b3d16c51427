//! The modules of one package, as its files declare them, and what a path that one of them says leads to.

use std::collections::BTreeMap;

use super::module::{Module, Path, Use};
use super::tokens;
use crate::tree::Tree;

#[derive(Debug, Default)]
pub(super) struct Package<'a> {
    /// Parents before their children; the first one is the root.
    modules: Vec<Placed<'a>>,
}

/// A module with its place among the others.
#[derive(Debug)]
struct Placed<'a> {
    module: Module<'a>,
    /// From the root.
    path: Path<'a>,
    file: String,
    /// How much of the path leads to the file: less than all of it for an inline module.
    depth: usize,
    parent: usize,
    children: BTreeMap<&'a str, usize>,
}

/// One module says a name of another.
#[derive(Debug)]
pub(super) struct Arrow<'p, 'a> {
    pub from: &'p [&'a str],
    pub to: &'p [&'a str],
    pub file: &'p str,
    pub line: usize,
}

/// What a path leads to.
#[derive(Clone, Copy)]
enum Target {
    Module(usize),
    /// Something that the module defines.
    Item(usize),
}

/// Longer than any chain of imports; one that leads to itself names what is defined beside it.
const IMPORTS_MAX: usize = 16;

impl<'a> Package<'a> {
    /// From its `lib.rs` or `main.rs`.
    pub(super) fn read(tree: &'a Tree, root: &str) -> Self {
        let mut package = Package::default();
        package.add_file(tree, root.to_owned(), Path::new(), 0);
        package
    }

    /// A file that lies elsewhere, by a `#[path]`, is a module that uses nothing.
    fn add_file(&mut self, tree: &'a Tree, file: String, path: Path<'a>, parent: usize) {
        let module = Module::read(&tokens::code(tree.text(&file).unwrap_or_default()));
        let depth = path.len();
        self.add(tree, Placed { module, path, file, depth, parent, children: BTreeMap::new() });
    }

    fn add(&mut self, tree: &'a Tree, mut placed: Placed<'a>) {
        let Module { declared, inline, .. } = &mut placed.module;
        let (declared, inline) = (std::mem::take(declared), std::mem::take(inline));
        let (path, file, depth) = (placed.path.clone(), placed.file.clone(), placed.depth);
        let parent = self.modules.len();
        if let Some(name) = path.last() {
            self.modules[placed.parent].children.insert(name, parent);
        }
        self.modules.push(placed);
        let below = |name| path.iter().copied().chain([name]).collect();
        for (name, module) in inline {
            let (path, file) = (below(name), file.clone());
            self.add(tree, Placed { module, path, file, depth, parent, children: BTreeMap::new() });
        }
        for name in declared {
            self.add_file(tree, file_of(tree, &file, name), below(name), parent);
        }
    }

    /// Who uses whom, from file to file.
    pub(super) fn arrows(&self) -> impl Iterator<Item = Arrow<'_, 'a>> {
        let all = self.modules.iter().enumerate();
        let all = all.flat_map(|(at, from)| from.module.uses.iter().map(move |used| (at, from, used)));
        all.filter_map(|(at, from, used)| {
            let to = self.modules[self.used(at, used)?].place();
            let arrow = Arrow { from: from.place(), to, file: &from.file, line: used.line };
            (arrow.from != arrow.to).then_some(arrow)
        })
    }

    /// The module that a path takes something from, or `None` if that is no use of one of ours.
    fn used(&self, from: usize, used: &Use<'a>) -> Option<usize> {
        let place = self.modules[from].place();
        match self.resolve(from, &used.path, 0)? {
            // Naming a module that one is in takes nothing from it yet.
            Target::Module(to) if place.starts_with(self.modules[to].place()) => None,
            Target::Module(to) | Target::Item(to) => {
                let passed_on = used.reexport && self.modules[to].place().starts_with(place);
                (!passed_on).then_some(to)
            }
        }
    }

    fn resolve(&self, from: usize, path: &[&'a str], imports: usize) -> Option<Target> {
        let mut at = from;
        for (step, name) in path.iter().enumerate() {
            let module = &self.modules[at];
            let is_last = step + 1 == path.len();
            match (*name, module.children.get(name), module.module.imports.get(name)) {
                ("crate", ..) => at = 0,
                ("self", ..) => {}
                ("super", ..) => at = module.parent,
                (_, Some(child), import) if !is_last || import.is_none() => at = *child,
                (_, _, Some(import)) if imports < IMPORTS_MAX => {
                    match self.resolve(at, import, imports + 1)? {
                        Target::Module(next) => at = next,
                        item @ Target::Item(_) => return Some(item),
                    }
                }
                // A name that begins a path and is neither is a package's, or one of the language.
                _ if step == 0 && imports < IMPORTS_MAX => return None,
                _ => return Some(Target::Item(at)),
            }
        }
        Some(Target::Module(at))
    }
}

impl<'a> Placed<'a> {
    /// The path of the file.
    fn place(&self) -> &[&'a str] {
        &self.path[..self.depth]
    }
}

/// The file of the module `name` that is declared in the file `above`.
fn file_of(tree: &Tree, above: &str, name: &str) -> String {
    let (folder, file) = above.rsplit_once('/').unwrap_or_default();
    let folder = match file {
        "lib.rs" | "main.rs" | "mod.rs" => folder,
        _ => above.trim_end_matches(".rs"),
    };
    let beside = format!("{folder}/{name}.rs");
    if tree.has_file(&beside) { beside } else { format!("{folder}/{name}/mod.rs") }
}
