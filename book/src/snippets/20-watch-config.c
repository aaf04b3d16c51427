// The reload of lesson 20 in C: a complete configuration under a mutex, and a version that tells whether it was seen.
// gcc -Wall -Wextra -pthread 20-watch-config.c && ./a.out
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

// ANCHOR: reload
struct config {
    char broker[64];
    int batch_size;
};

struct watch {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct config current;
    unsigned version;
};

// Into a copy: a bad file must not be half applied.
bool parse(const char *text, struct config *out) {
    struct config new = {0};
    if (sscanf(text, "broker = %63s batch_size = %d", new.broker, &new.batch_size) != 2)
        return false;
    *out = new;
    return new.batch_size >= 1 && new.batch_size <= 1000;
}

bool watch_apply(struct watch *w, const char *text) { // false: the old configuration stays
    struct config new;
    if (!parse(text, &new))
        return false;
    pthread_mutex_lock(&w->lock);
    if (strcmp(new.broker, w->current.broker) != 0 || new.batch_size != w->current.batch_size) {
        w->current = new; // a new field must be compared above, too
        w->version++;
        pthread_cond_broadcast(&w->changed);
    }
    pthread_mutex_unlock(&w->lock);
    return true;
}

// Waits for a version that was not seen, and copies it.
struct config watch_next(struct watch *w, unsigned *seen) {
    pthread_mutex_lock(&w->lock);
    while (w->version == *seen)
        pthread_cond_wait(&w->changed, &w->lock);
    *seen = w->version;
    struct config copy = w->current;
    pthread_mutex_unlock(&w->lock);
    return copy;
}
// ANCHOR_END: reload

int main(void) {
    struct watch w = {.lock = PTHREAD_MUTEX_INITIALIZER,
                      .changed = PTHREAD_COND_INITIALIZER,
                      .current = {"broker-1", 100},
                      .version = 1};
    unsigned seen = 0;
    printf("batches of %d\n", watch_next(&w, &seen).batch_size);
    printf("a typo is applied: %d\n", watch_apply(&w, "broker = broker-1\nbatch_size = many\n"));
    watch_apply(&w, "broker = broker-1\nbatch_size = 100\n");
    printf("version after the same once more: %u\n", w.version);
    watch_apply(&w, "broker = broker-1\nbatch_size = 200\n");
    printf("batches of %d\n", watch_next(&w, &seen).batch_size);
    return 0;
}
