//! The program as a whole: the real binary, its arguments, its exit codes, and what survives its death.

#[cfg(unix)]
mod access;
#[cfg(unix)]
mod backup;
mod bad_input;
#[cfg(all(unix, feature = "http"))]
mod book;
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
#[cfg(all(unix, feature = "wire"))]
mod listener;
#[cfg(feature = "nats")]
mod nats;
#[cfg(feature = "nats")]
#[path = "../../../outbox/tests/it/nats_keys.rs"]
mod nats_keys;
#[cfg(feature = "nats")]
mod nats_login;
#[cfg(all(unix, feature = "wire"))]
mod network;
#[cfg(unix)]
mod operators;
mod per_line;
#[cfg(feature = "failpoints")]
mod poison;
#[cfg(all(unix, feature = "postgres"))]
mod postgres;
#[cfg(unix)]
mod replaced;
#[cfg(any(feature = "postgres", feature = "wire"))]
mod secrets;
#[cfg(unix)]
mod stop;
mod streams;
mod support;
