//! The rules over the real repository, and the tools over temporary ones.

mod dev;
mod editor;
mod new_lesson;
mod repository;
mod watch;
mod ways;
