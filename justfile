# One line a recipe; what needs an `if` is Rust in xtask/. Without just: ./dev RECIPE

set windows-shell := ["powershell.exe", "-NoLogo", "-Command"]

# Lists the recipes
default:
    @{{just_executable()}} --list --unsorted

# The exercises: `just learn` watches the one you edit, `just learn list`, `just learn run 11.2`
[no-exit-message]
learn *ARGS:
    @cargo x learn {{ARGS}}

# The fast check: all tests of the workspace
[no-exit-message]
test:
    cargo x test

# Everything that must hold before a change is taken
[no-exit-message]
test-all:
    cargo x test-all

# Runs the capstone's demonstration
demo *ARGS:
    cargo run --release --package capstone -- {{ARGS}}

# Measures side by side with its peers, and keeps the table: `just bench bus`, `just bench wire`, `just bench relay`, `just bench lesson`, `just bench project`; `just bench relay postgres` only prints that part
bench WHAT *PARTS:
    @cargo --quiet x tools --quiet nats-server postgres
    cargo run --release --manifest-path benches/Cargo.toml -- {{WHAT}} {{PARTS}}

# Kills the program so often and checks what it delivered: `just crash 1000 42`, `just crash 100 7 --db postgres --sink nats --relays 3`, `just crash 10 7 --kind failover`
[no-exit-message]
crash COUNT SEED *ARGS:
    @cargo --quiet x tools --quiet nats-server postgres
    cargo run --quiet --package capstone-crash -- {{COUNT}} {{SEED}} {{ARGS}}

# Lets publishers, subscribers, and those who give up race for so many operations, and checks every message and counter: `just race 10000000 42`
[no-exit-message]
race $COUNT $SEED:
    cargo test --quiet --release --package capstone-bus --test it race::campaign -- --ignored --exact --nocapture

# Tries every interleaving of the bus's mailbox and of its shutdown, with loom
[no-exit-message]
model:
    cargo test --quiet --manifest-path model/Cargo.toml

# Tests the example with sqlx, a workspace of its own, against a PostgreSQL
[no-exit-message]
sqlx:
    @cargo --quiet x tools --quiet postgres
    cargo test --manifest-path capstone/outbox/examples/sqlx/Cargo.toml --target-dir target/sqlx

# Runs the tests of async-nats with the capstone as their server; `NATS_SERVER=/path/to/nats-server just nats-suite` compares
[no-exit-message]
nats-suite:
    cargo build --quiet --package capstone
    cargo test --no-fail-fast --manifest-path capstone/bus/compat/Cargo.toml --target-dir target/nats-suite -- --skip connect_domain --skip cross_clients_tests --skip schemas --skip jwt --skip multiple_auth_methods --skip discovered --skip marks_all_as_explicit

# Opens the book in the browser, rebuilt whenever a page changes
book:
    cargo x book

# Formats everything
fmt:
    cargo fmt --all

# Clippy, with every warning an error
lint:
    cargo clippy --workspace --all-targets --all-features -- -D warnings

# Fetches just, mdbook and the servers that tests start, into .tools/; or only those named
tools *NAMES:
    cargo x tools {{NAMES}}
