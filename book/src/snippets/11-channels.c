// The two producers of lesson 11 in C: a ring buffer with a mutex and two condition variables.
// gcc -Wall -Wextra -pthread 11-channels.c && ./a.out
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

// ANCHOR: channel
enum { CAPACITY = 3 };

struct channel {
    const char *slots[CAPACITY];
    int first, count, senders;
    pthread_mutex_t lock;
    pthread_cond_t not_full, not_empty;
};

void channel_send(struct channel *c, const char *event) {
    pthread_mutex_lock(&c->lock);
    while (c->count == CAPACITY)
        pthread_cond_wait(&c->not_full, &c->lock); // backpressure
    c->slots[(c->first + c->count++) % CAPACITY] = event;
    pthread_cond_signal(&c->not_empty);
    pthread_mutex_unlock(&c->lock);
}

bool channel_recv(struct channel *c, const char **event) { // false: empty, and no sender left
    pthread_mutex_lock(&c->lock);
    while (c->count == 0 && c->senders > 0)
        pthread_cond_wait(&c->not_empty, &c->lock);
    bool received = c->count > 0;
    if (received) {
        *event = c->slots[c->first];
        c->first = (c->first + 1) % CAPACITY;
        c->count--;
        pthread_cond_signal(&c->not_full);
    }
    pthread_mutex_unlock(&c->lock);
    return received;
}
// ANCHOR_END: channel

static void channel_drop_sender(struct channel *c) {
    pthread_mutex_lock(&c->lock);
    if (--c->senders == 0)
        pthread_cond_broadcast(&c->not_empty);
    pthread_mutex_unlock(&c->lock);
}

static void *producer_1(void *c) {
    channel_send(c, "upload completed");
    sleep(1);
    channel_send(c, "file synced to bucket");
    channel_drop_sender(c);
    return NULL;
}

static void *producer_2(void *c) {
    usleep(500 * 1000);
    channel_send(c, "payment processed");
    channel_drop_sender(c);
    return NULL;
}

int main(void) {
    struct channel c = {.senders = 2,
                        .lock = PTHREAD_MUTEX_INITIALIZER,
                        .not_full = PTHREAD_COND_INITIALIZER,
                        .not_empty = PTHREAD_COND_INITIALIZER};
    pthread_t threads[2];
    pthread_create(&threads[0], NULL, producer_1, &c);
    pthread_create(&threads[1], NULL, producer_2, &c);
    const char *event;
    while (channel_recv(&c, &event))
        printf("received %s\n", event);
    pthread_join(threads[0], NULL);
    pthread_join(threads[1], NULL);
    return 0;
}
