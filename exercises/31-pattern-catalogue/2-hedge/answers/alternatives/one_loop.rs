//! A loop with preconditions: what has failed is not polled again.
let mut first = pin!(mirrors.ask(1));
let mut second = pin!(mirrors.ask(2)); // does nothing until it is polled
let mut patience = pin!(tokio::time::sleep(PATIENCE));
let (mut one_is_open, mut two_is_open, mut is_late) = (true, true, false);
loop {
    let answer = tokio::select! {
        answer = &mut first, if one_is_open => {
            one_is_open = false;
            answer
        }
        answer = &mut second, if two_is_open && (is_late || !one_is_open) => {
            two_is_open = false;
            answer
        }
        () = &mut patience, if !is_late => {
            is_late = true;
            continue;
        }
    };
    if answer.is_ok() || !(one_is_open || two_is_open) {
        return answer;
    }
}
