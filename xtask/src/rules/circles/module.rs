//! One module: the names that it declares and imports, and the paths that it says. Does not know what they lead to.

use std::collections::BTreeMap;

use super::tokens::Token;

pub(super) type Path<'a> = Vec<&'a str>;

#[derive(Debug, Default)]
pub(super) struct Module<'a> {
    /// Modules in files of their own.
    pub declared: Vec<&'a str>,
    /// Modules in this one's text.
    pub inline: Vec<(&'a str, Module<'a>)>,
    /// What a name stands for, by a `use` anywhere in the module.
    pub imports: BTreeMap<&'a str, Path<'a>>,
    pub uses: Vec<Use<'a>>,
}

/// A path, where it was said.
#[derive(Debug)]
pub(super) struct Use<'a> {
    pub path: Path<'a>,
    pub line: usize,
    /// `pub use`, of whatever visibility: it only passes the name on.
    pub reexport: bool,
}

impl<'a> Module<'a> {
    pub(super) fn read(code: &[Token<'a>]) -> Self {
        let mut reader = Reader { code, at: 0 };
        let mut module = reader.module();
        module.passed_on_and_used(code);
        module
    }

    /// A name that is only passed on by a `use` may be said in the code below all the same.
    fn passed_on_and_used(&mut self, code: &[Token<'a>]) {
        let passed_on = self.uses.iter().filter(|used| used.reexport).filter_map(|used| used.path.last());
        let passed_on: Vec<&str> = passed_on.copied().collect();
        let mut in_use = false;
        for (at, token) in code.iter().enumerate() {
            let before = at.checked_sub(1).map_or("", |at| code[at].text);
            let after = code.get(at + 1).map_or("", |after| after.text);
            in_use = (in_use || is_use(token.text, after)) && token.text != ";";
            let is_type = token.text.starts_with(char::is_uppercase);
            let said = !in_use && !["::", ".", "fn"].contains(&before) && (is_type || after == "(");
            if said && passed_on.contains(&token.text) {
                self.uses.push(Use { path: vec![token.text], line: token.line, reexport: false });
            }
        }
    }
}

/// `use<'_>` in a bound is something else.
fn is_use(text: &str, after: &str) -> bool {
    text == "use" && after != "<"
}

struct Reader<'a, 'c> {
    code: &'c [Token<'a>],
    at: usize,
}

impl<'a> Reader<'a, '_> {
    /// To its closing brace, or to the end.
    fn module(&mut self) -> Module<'a> {
        let mut module = Module::default();
        let mut depth = 0_usize;
        while let Some(token) = self.code.get(self.at) {
            let after = self.peek(1);
            match token.text {
                "{" => depth += 1,
                "}" if depth == 0 => break,
                "}" => depth -= 1,
                text if is_use(text, after) => {
                    let reexport = ["pub", ")"].contains(&self.back(1));
                    self.at += 1;
                    self.tree(&mut module, &mut Vec::new(), reexport);
                }
                "mod" if self.peek(2) == ";" => module.declared.push(after),
                "mod" if self.peek(2) == "{" => {
                    self.at += 3;
                    module.inline.push((after, self.module()));
                }
                _ if after == "::" && self.begins_a_path() => {
                    let line = token.line;
                    module.uses.push(Use { path: self.path(), line, reexport: false });
                }
                _ => {}
            }
            self.at += 1;
        }
        module
    }

    /// The rest of a `use`, below `above`.
    fn tree(&mut self, module: &mut Module<'a>, above: &mut Path<'a>, reexport: bool) {
        let depth = above.len();
        while let Some(&Token { text, line }) = self.code.get(self.at) {
            match text {
                ";" => return,
                "}" => break,
                "{" => {
                    self.at += 1;
                    self.tree(module, &mut above.clone(), reexport);
                    above.truncate(depth);
                }
                "," => above.truncate(depth),
                "::" => {}
                "as" => {
                    self.at += 1;
                    module.imports.insert(self.peek(0), above.clone());
                }
                _ => {
                    if text != "*" && !(text == "self" && depth > 0) {
                        above.push(text);
                    }
                    if self.peek(1) != "::" {
                        let name = above.last().copied().filter(|_| text != "*" && self.peek(1) != "as");
                        module.imports.extend(name.map(|name| (name, above.clone())));
                        module.uses.push(Use { path: above.clone(), line, reexport });
                    }
                }
            }
            self.at += 1;
        }
    }

    /// The path that begins here; its last word becomes the current one.
    fn path(&mut self) -> Path<'a> {
        let mut path = vec![self.code[self.at].text];
        while self.peek(1) == "::" && self.peek(2).starts_with(|c: char| c.is_alphabetic() || c == '_') {
            self.at += 2;
            path.push(self.code[self.at].text);
        }
        path
    }

    /// `::a` is no name of ours, `.a::<B>()` a method, and the place in `pub(in crate::a)` is no use.
    fn begins_a_path(&self) -> bool {
        let is_place = self.back(1) == "in" && self.back(2) == "(";
        !["::", "."].contains(&self.back(1)) && !is_place
    }

    fn back(&self, by: usize) -> &'a str {
        self.at.checked_sub(by).map_or("", |at| self.code[at].text)
    }

    fn peek(&self, further: usize) -> &'a str {
        self.code.get(self.at + further).map_or("", |token| token.text)
    }
}
