//! The rules over the real repository, and the tools over temporary ones.

mod dev;
mod new_lesson;
mod repository;
