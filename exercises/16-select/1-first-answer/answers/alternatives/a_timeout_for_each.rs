//! Both timeouts end at the same moment, so the first branch that ends is right, with a file or without.
use tokio::time::timeout;

tokio::select! {
    file = timeout(PATIENCE, one.download()) => file.ok(),
    file = timeout(PATIENCE, other.download()) => file.ok(),
}
