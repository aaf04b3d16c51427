// The bus of lesson 30 in C: a table behind a read-write lock, and mailboxes with a lock each.
// gcc -Wall -Wextra -pthread 30-message-bus.c && ./a.out
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { SLOTS = 1, MAX = 8 };

// ANCHOR: bus
struct mailbox {
    pthread_mutex_t lock;
    pthread_cond_t filled;
    int orders[SLOTS], first, count;
};

struct bus {
    pthread_rwlock_t lock;
    struct { const char *topic; struct mailbox *mailbox; } subscribers[MAX];
    int count;
};

static bool offer(struct mailbox *m, int order) { // never waits for the subscriber
    pthread_mutex_lock(&m->lock);
    bool fits = m->count < SLOTS;
    if (fits) {
        m->orders[(m->first + m->count++) % SLOTS] = order;
        pthread_cond_signal(&m->filled);
    }
    pthread_mutex_unlock(&m->lock);
    return fits;
}

int publish(struct bus *b, const char *topic, int order) { // returns how many were full
    int dropped = 0;
    pthread_rwlock_rdlock(&b->lock);
    for (int i = 0; i < b->count; i++) // a mailbox that was freed is still in the table
        if (strcmp(b->subscribers[i].topic, topic) == 0)
            dropped += !offer(b->subscribers[i].mailbox, order);
    pthread_rwlock_unlock(&b->lock);
    return dropped;
}
// ANCHOR_END: bus

int main(void) {
    struct mailbox billing = {.lock = PTHREAD_MUTEX_INITIALIZER, .filled = PTHREAD_COND_INITIALIZER};
    struct bus bus = {.lock = PTHREAD_RWLOCK_INITIALIZER,
                      .subscribers = {{"orders.created", &billing}},
                      .count = 1};
    printf("%d dropped\n", publish(&bus, "orders.created", 1));
    printf("%d dropped\n", publish(&bus, "orders.created", 2));
    return 0;
}
