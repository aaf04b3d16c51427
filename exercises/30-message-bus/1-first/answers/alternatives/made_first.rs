//! The futures may be created before they are joined.
    let (stock, price) = (ask("stock", 100, &journal), ask("price", 150, &journal));
    tokio::join!(price, stock);
