//! Publishes as much as it can. After a kill, all of that may come twice.
//~ fails with: 9 events are in flight, and 8 are allowed
//~ in program.rs
//~ instead of
const IN_FLIGHT_MAX: usize = 8;
//~ write
const IN_FLIGHT_MAX: usize = 64;
