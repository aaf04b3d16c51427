//! The program as a whole: the real binary, its arguments, its exit codes, and what survives its death.

mod bad_input;
mod commands;
mod config;
mod demo;
mod doctor;
mod failpoints;
#[cfg(all(unix, feature = "postgres"))]
mod frozen;
#[cfg(all(unix, feature = "http"))]
mod http;
mod kill;
#[cfg(feature = "nats")]
mod nats;
#[cfg(all(unix, feature = "wire"))]
mod network;
#[cfg(unix)]
mod operators;
#[cfg(feature = "failpoints")]
mod poison;
#[cfg(all(unix, feature = "postgres"))]
mod postgres;
#[cfg(unix)]
mod replaced;
mod streams;
mod support;
