//! Awaits every answer and looks at none.
//~ fails with: relay was expected to log "reports 2 confirmed", but logged "reports 4 confirmed"
let mut confirmed = 0;
for event in events {
    publish(event, broker.clone()).await;
    confirmed += 1;
}
confirmed
