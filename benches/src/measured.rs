//! [`Measured`]: what a round has shown.

pub struct Measured {
    /// Millions of deliveries a second.
    pub rate: f64,
    /// Of all processors together, for each delivery.
    pub cpu_ns: f64,
}
