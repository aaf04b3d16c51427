//! Which ways PostgreSQL takes to the rows, for a test: a session keeps the plan that it made first, whatever comes later.

use tokio_postgres::{Client, Error, SimpleQueryMessage};

use super::due::DUE;
use super::fetch::{ACROSS, BELOW, FORWARD, LATE, SPILLED};
use super::settle::{DELETE, SET_HELD};

/// Of what a relay reads, and then of what it writes about rows in memory.
pub(super) async fn explain(client: &Client) -> Result<String, Error> {
    const ID: &str = "ARRAY['00000000-0000-0000-0000-000000000000'::uuid]";
    let below = format!("(ARRAY[0, 1]::smallint[], ARRAY[9, 9], ARRAY[1], {ID}, ARRAY['k'], 500, 1000");
    let looks = [
        (ACROSS, "(0, 500, 1000)".to_owned()),
        (FORWARD, "(ARRAY[0, 1]::smallint[], ARRAY[0, 0], 500, 1000)".to_owned()),
        (LATE, format!("{below}, '8:9:8', ARRAY[9, 9])")),
        (BELOW, format!("{below})")),
        (SPILLED, "(0, 'k', 0, 9, 500, 1000)".to_owned()),
        (
            DUE,
            "(ARRAY[0, 1]::smallint[], ARRAY[0]::smallint[], ARRAY['k'], 9, 500, 60000, 100, 1000)"
                .to_owned(),
        ),
        (DELETE, format!("(ARRAY[1], {ID})")),
        (SET_HELD, format!("(ARRAY[1], {ID})")),
    ];
    let mut plan = String::new();
    for (statement, parameters) in looks {
        client.batch_execute(&format!("PREPARE explained AS {statement}")).await?;
        let rows = client.simple_query(&format!("EXPLAIN (COSTS OFF) EXECUTE explained {parameters}")).await;
        client.batch_execute("DEALLOCATE explained").await?;
        for row in rows? {
            if let SimpleQueryMessage::Row(row) = row {
                plan += row.get(0).unwrap_or_default();
                plan.push('\n');
            }
        }
    }
    Ok(plan)
}
