//! [`say!`](crate::say): what is said to people, beside what a command prints.

/// `eprintln!` for what may be said to nobody: a terminal that was closed is no reason to panic.
#[macro_export]
macro_rules! say {
    ($($said:tt)*) => {{
        let _ = std::io::Write::write_all(&mut std::io::stderr(), format!("{}\n", format_args!($($said)*)).as_bytes());
    }};
}
