//! What every store must do.

mod legacy;
mod owned;
mod owning;
mod reading;
mod relay;
mod subject;
mod trouble;

pub use legacy::{
    a_lane_that_was_not_given_back_is_abandoned, a_stale_lease_starts_nothing,
    starts_are_remembered_until_their_outcome_or_their_row_is_gone,
};
pub use owning::{
    a_stale_lease_changes_nothing_but_deletes_what_was_published, lanes_are_taken_given_back_and_left,
    one_lost_lease_does_not_stop_the_others, one_owner_at_a_time, relays_are_counted_while_they_live,
};
pub use reading::{
    a_buried_row_is_a_dead_letter_once, an_oversized_row_comes_alone, one_budget_serves_all_lanes,
    published_rows_are_gone_and_deleting_them_again_is_harmless, rows_come_in_order_and_within_the_budget,
    rows_of_a_key_come_between_two_places, what_comes_is_what_was_enqueued,
};
pub use relay::{a_flush_that_is_dropped_is_whole_or_was_not_made, a_relay_delivers_everything_in_order};
pub use subject::Subject;
pub use trouble::{
    a_key_goes_on_until_nothing_of_it_is_held, a_key_whose_time_comes_during_a_look_is_due_or_next,
    a_number_that_comes_twice_is_another_row, a_wait_that_is_longer_than_any_is_over,
    held_rows_leave_the_fetch_and_come_back_when_they_are_due,
    rows_that_follow_a_trouble_that_is_over_begin_one, what_is_due_comes_by_its_time_and_within_the_budget,
};

/// All promises, one after the other, each with a subject of its own.
pub async fn all<S: Subject>(make: impl AsyncFn() -> S) {
    what_comes_is_what_was_enqueued(&make).await;
    rows_come_in_order_and_within_the_budget(&make).await;
    one_budget_serves_all_lanes(&make).await;
    an_oversized_row_comes_alone(&make).await;
    rows_of_a_key_come_between_two_places(&make).await;
    published_rows_are_gone_and_deleting_them_again_is_harmless(&make).await;
    a_buried_row_is_a_dead_letter_once(&make).await;

    one_owner_at_a_time(&make).await;
    lanes_are_taken_given_back_and_left(&make).await;
    relays_are_counted_while_they_live(&make).await;
    a_stale_lease_changes_nothing_but_deletes_what_was_published(&make).await;
    one_lost_lease_does_not_stop_the_others(&make).await;

    a_lane_that_was_not_given_back_is_abandoned(&make).await;
    starts_are_remembered_until_their_outcome_or_their_row_is_gone(&make).await;
    a_stale_lease_starts_nothing(&make).await;

    a_number_that_comes_twice_is_another_row(&make).await;
    held_rows_leave_the_fetch_and_come_back_when_they_are_due(&make).await;
    what_is_due_comes_by_its_time_and_within_the_budget(&make).await;
    a_wait_that_is_longer_than_any_is_over(&make).await;
    a_key_whose_time_comes_during_a_look_is_due_or_next(&make).await;
    a_key_goes_on_until_nothing_of_it_is_held(&make).await;
    rows_that_follow_a_trouble_that_is_over_begin_one(&make).await;

    a_flush_that_is_dropped_is_whole_or_was_not_made(&make).await;
    a_relay_delivers_everything_in_order(&make).await;
}
