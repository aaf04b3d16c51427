//! The rules over the real repository, and the tools over temporary ones.

mod dev;
mod editor;
mod kept;
mod map;
mod milestones;
mod new_lesson;
mod onward;
mod repository;
mod steps;
mod watch;
mod ways;
