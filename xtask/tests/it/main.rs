//! The rules over the real repository, and the tools over temporary ones.

mod new_lesson;
mod repository;
