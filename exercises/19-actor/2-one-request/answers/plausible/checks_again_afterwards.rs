//! Checks afterwards that the number is still the one it set. Two customers who set the same number both find it.
//~ fails with: 2 seats were free, and 4 were sold
//~ region
//~ region
        loop {
            let free = self.free().await;
            if free < seats {
                return false;
            }
            self.set_free(free - seats).await;
            if self.free().await == free - seats {
                return true;
            }
        }
//~ region
