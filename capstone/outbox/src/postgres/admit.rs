//! Whether a session is fit for a relay, or for an operator. What would show itself only by messages that do not come is
//! refused at once.

use tokio_postgres::types::Type;
use tokio_postgres::{Client, Error};

use super::failure::{NO_POOLER, POOLER};
use super::schema;
use super::target::Target;
use crate::store::StoreError;

/// What relays and operators read. They find it by its name, so all of it must lie in one schema.
const TABLES: [&str; 8] = [
    "outbox",
    "outbox_command",
    "outbox_dead",
    "outbox_lane",
    "outbox_meta",
    "outbox_pause",
    "outbox_relay",
    "outbox_trouble",
];

const SCHEMAS: &str = "SELECT DISTINCT relnamespace::regnamespace::text
    FROM unnest($1) AS name JOIN pg_class ON pg_class.oid = to_regclass(name) ORDER BY 1";

/// Those of which this user sees only what a policy lets through, which may be nothing.
const HIDDEN: &str =
    "SELECT name FROM unnest($1) AS name WHERE row_security_active(to_regclass(name)) ORDER BY 1";

/// A setting that only its own session knows.
const MARK: &str = "SELECT set_config('capstone.session', $1, false)";
const MARKED: &str = "SELECT coalesce(current_setting('capstone.session', true), '')";

/// The settings that are not as the session asked for.
const LOST: &str =
    "SELECT name FROM unnest($1, $2) AS asked (name, value) WHERE current_setting(name) <> value";

impl Target {
    /// # Errors
    /// The tables are missing or of another version, lie in several schemas, or hide rows; or the session is not one.
    pub(super) async fn admit(&self, client: &Client, settings: &[(&str, &str)]) -> Result<(), StoreError> {
        let refused = |reason| Err(StoreError::Unusable { store: self.to_string(), reason });
        let failed = |error: Error| self.failed(&error);
        if has_lost(client, settings).await.map_err(failed)? || self.is_pooled(client).await? {
            return refused(format!("{POOLER}: {NO_POOLER}"));
        }
        let Some(tables) = schema::inspect(client).await.map_err(failed)? else {
            return refused("has no outbox tables: add them with `capstone migrate`".into());
        };
        if let Some(reason) = tables.refusal(schema::VERSION, "capstone migrate") {
            return refused(reason);
        }
        let schemas = schemas(client).await.map_err(failed)?;
        if schemas.len() > 1 {
            return refused(format!(
                "its outbox tables are found in several schemas, {}: say which one with ?options=-csearch_path%3DSCHEMA",
                schemas.join(" and ")
            ));
        }
        let hidden = hidden(client).await.map_err(failed)?;
        if !hidden.is_empty() {
            return refused(format!("{}: {HIDDEN_ADVICE}", hidden_from(&hidden)));
        }
        Ok(())
    }

    /// Whether the server has one session for two of ours: each then finds what the other one has set. A pooler that has many
    /// to spare may not be found out so; nobody else is suspected.
    pub(super) async fn is_pooled(&self, client: &Client) -> Result<bool, StoreError> {
        let failed = |error: Error| self.failed(&error);
        let mark = format!("{:016x}", fastrand::u64(..));
        client.query_typed(MARK, &[(&mark, Type::TEXT)]).await.map_err(failed)?;
        let other = self.client().await?;
        // It keeps its session until the end of its transaction, so that the first one is given another.
        other.batch_execute("BEGIN").await.map_err(failed)?;
        let theirs = marked(&other).await.map_err(failed)?;
        // The only session of all is not to be waited for.
        let is_ours = theirs != mark && marked(client).await.map_err(failed)? == mark;
        other.batch_execute("ROLLBACK").await.map_err(failed)?;
        Ok(!is_ours)
    }
}

pub(super) const HIDDEN_ADVICE: &str =
    "let the relay's user own the tables, give it BYPASSRLS, or DISABLE ROW LEVEL SECURITY";

pub(super) fn hidden_from(tables: &[String]) -> String {
    format!("row-level security hides rows of {} from this user", tables.join(", "))
}

async fn marked(client: &Client) -> Result<String, Error> {
    Ok(client.query_typed(MARKED, &[]).await?[0].get(0))
}

async fn has_lost(client: &Client, settings: &[(&str, &str)]) -> Result<bool, Error> {
    let (names, values): (Vec<&str>, Vec<&str>) = settings.iter().copied().unzip();
    let asked: [(&(dyn tokio_postgres::types::ToSql + Sync), Type); 2] =
        [(&names, Type::TEXT_ARRAY), (&values, Type::TEXT_ARRAY)];
    Ok(!client.query_typed(LOST, &asked).await?.is_empty())
}

async fn schemas(client: &Client) -> Result<Vec<String>, Error> {
    names(client, SCHEMAS).await
}

pub(super) async fn hidden(client: &Client) -> Result<Vec<String>, Error> {
    names(client, HIDDEN).await
}

async fn names(client: &Client, query: &str) -> Result<Vec<String>, Error> {
    let rows = client.query_typed(query, &[(&&TABLES[..], Type::TEXT_ARRAY)]).await?;
    Ok(rows.iter().map(|row| row.get(0)).collect())
}
