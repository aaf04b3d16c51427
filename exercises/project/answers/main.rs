//! The program `project`. From milestone 5 it runs the relay on a database; until then it does nothing.

fn main() {}
