//! Keys and JWTs as `nsc` makes them, and what a nats-server has to be told of them.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
pub(crate) use nkeys::KeyPair;
use serde_json::{Value, json};

/// What a server is told of a user who is known by a key.
pub(crate) fn user_with_key(user: &KeyPair) -> String {
    format!("authorization {{ users: [{{ nkey: {} }}] }}", user.public_key())
}

/// An operator with an account, in which there is a user.
pub(crate) struct Accounts {
    operator: KeyPair,
    system: KeyPair,
    account: KeyPair,
    user: KeyPair,
}

impl Accounts {
    pub(crate) fn new() -> Self {
        let (operator, user) = (KeyPair::new_operator(), KeyPair::new_user());
        Self { operator, system: KeyPair::new_account(), account: KeyPair::new_account(), user }
    }

    /// What the server is told: the operator, the account, and that of the system, which JetStream wants to be there.
    pub(crate) fn config(&self) -> String {
        let operator = jwt(&self.operator, &self.operator, json!({ "type": "operator", "version": 2 }));
        let account = |account: &KeyPair, storage: i64| {
            let limits = json!({
                "subs": -1, "data": -1, "payload": -1, "imports": -1, "exports": -1, "wildcards": true, "conn": -1,
                "leaf": -1, "mem_storage": storage, "disk_storage": storage, "streams": -1, "consumer": -1,
            });
            let claims = json!({ "limits": limits, "type": "account", "version": 2 });
            format!("{}: {}", account.public_key(), jwt(&self.operator, account, claims))
        };
        format!(
            "operator: {operator}\nsystem_account: {}\nresolver: MEMORY\nresolver_preload: {{\n{}\n{}\n}}\n",
            self.system.public_key(),
            account(&self.system, 0),
            account(&self.account, -1),
        )
    }

    /// What the user is told.
    pub(crate) fn credentials(&self) -> String {
        let claims = json!({ "subs": -1, "data": -1, "payload": -1, "type": "user", "version": 2 });
        format!(
            "-----BEGIN NATS USER JWT-----\n{}\n------END NATS USER JWT------\n\n\
             -----BEGIN USER NKEY SEED-----\n{}\n------END USER NKEY SEED------\n",
            jwt(&self.account, &self.user, claims),
            self.user.seed().expect("it was made here"),
        )
    }
}

fn jwt(issuer: &KeyPair, subject: &KeyPair, claims: Value) -> String {
    let (header, issuer_key, subject) =
        (json!({ "typ": "JWT", "alg": "ed25519-nkey" }), issuer.public_key(), subject.public_key());
    let body =
        json!({ "jti": "1", "iat": 1, "iss": issuer_key, "sub": subject, "name": "test", "nats": claims });
    let text = [header, body].map(|part| BASE64.encode(part.to_string())).join(".");
    let signature = issuer.sign(text.as_bytes()).expect("it has a seed");
    format!("{text}.{}", BASE64.encode(signature))
}
