//! How a service takes the outbox into use, a page each. Begin with [`sqlite`], whatever the database: [`postgres`] says what is
//! different there, and how messages go on to NATS JetStream; [`production`] what those ask who look after the database.

pub mod postgres;
pub mod production;
pub mod sqlite;
