//! Does not notice that the broker is gone.
//~ fails with: stdin was closed, and your program still ran 5 s later
//~ in program.rs
//~ instead of
        stop.cancel();
//~ write
        let _ = stop;
