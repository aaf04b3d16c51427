// The watch of lesson 12 in C: the newest value, its version, a mutex and a condition variable.
// gcc -Wall -Wextra -pthread 12-channel-kinds.c && ./a.out
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

// ANCHOR: watch
struct watch {
    int value;
    unsigned version;
    bool ended;
    pthread_mutex_t lock;
    pthread_cond_t changed;
};

void watch_send(struct watch *w, int value) {
    pthread_mutex_lock(&w->lock);
    w->value = value; // overwrites the old one, seen or not
    w->version++;
    pthread_cond_broadcast(&w->changed);
    pthread_mutex_unlock(&w->lock);
}

bool watch_changed(struct watch *w, unsigned *seen, int *value) { // false: ended, and nothing new
    pthread_mutex_lock(&w->lock);
    while (w->version == *seen && !w->ended)
        pthread_cond_wait(&w->changed, &w->lock);
    bool is_new = w->version != *seen;
    *seen = w->version;
    *value = w->value; // copied while the lock is held
    pthread_mutex_unlock(&w->lock);
    return is_new;
}
// ANCHOR_END: watch

static void *operator_thread(void *argument) {
    struct watch *w = argument;
    for (int batch_size = 200; batch_size <= 400; batch_size += 100) {
        usleep(100 * 1000);
        watch_send(w, batch_size);
    }
    pthread_mutex_lock(&w->lock);
    w->ended = true;
    pthread_cond_broadcast(&w->changed);
    pthread_mutex_unlock(&w->lock);
    return NULL;
}

int main(void) {
    struct watch w = {.value = 100,
                      .version = 1,
                      .lock = PTHREAD_MUTEX_INITIALIZER,
                      .changed = PTHREAD_COND_INITIALIZER};
    pthread_t thread;
    pthread_create(&thread, NULL, operator_thread, &w);
    unsigned seen = 0;
    int batch_size;
    while (watch_changed(&w, &seen, &batch_size)) {
        printf("publishes a batch of %d\n", batch_size);
        usleep(250 * 1000);
    }
    pthread_join(thread, NULL);
    return 0;
}
