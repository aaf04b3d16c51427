//! Publishes the newest rows first, so that a key is delivered backwards.
//~ fails with: of the same key
//~ in program.rs
//~ instead of
            "SELECT id, key, payload FROM outbox WHERE state = 'unsent' AND key NOT IN ({places}) ORDER BY id LIMIT {limit}"
//~ write
            "SELECT id, key, payload FROM outbox WHERE state = 'unsent' AND key NOT IN ({places}) ORDER BY id DESC LIMIT {limit}"
