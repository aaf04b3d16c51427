//! Publishes several events of a key concurrently. The broker confirms them in any order.
//~ fails with: if that one is lost, they are delivered out of order
//~ in relay.rs
//~ instead of
                if self.busy.insert(event.key.clone()) {
                    self.start(event);
                }
//~ write
                *self.busy.entry(event.key.clone()).or_default() += 1;
                self.start(event);
//~ instead of
            let except: HashSet<String> = self.busy.iter().chain(held).cloned().collect();
//~ write
            let except: HashSet<String> = self.busy.keys().chain(held).cloned().collect();
//~ instead of
        self.busy.remove(&done.key);
//~ write
        let events = self.busy.get_mut(&done.key).expect("it was started");
        *events -= 1;
        if *events == 0 {
            self.busy.remove(&done.key);
        }
//~ instead of
    busy: HashSet<String>,
//~ write
    busy: HashMap<String, usize>,
//~ instead of
        busy: HashSet::new(),
//~ write
        busy: HashMap::new(),
