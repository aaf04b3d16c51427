// The two producers of lesson 11 in C: a ring buffer with a mutex and two condition variables.
// gcc -Wall -Wextra -pthread 11-channels.c && ./a.out
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

// ANCHOR: channel
enum { PLACES = 3 };

struct channel {
    const char *slots[PLACES];
    int first, count, senders;
    pthread_mutex_t lock;
    pthread_cond_t has_room, has_news;
};

void channel_send(struct channel *c, const char *event) {
    pthread_mutex_lock(&c->lock);
    while (c->count == PLACES)
        pthread_cond_wait(&c->has_room, &c->lock); // backpressure
    c->slots[(c->first + c->count++) % PLACES] = event;
    pthread_cond_signal(&c->has_news);
    pthread_mutex_unlock(&c->lock);
}

bool channel_recv(struct channel *c, const char **event) { // false: the channel has ended
    pthread_mutex_lock(&c->lock);
    while (c->count == 0 && c->senders > 0)
        pthread_cond_wait(&c->has_news, &c->lock);
    bool received = c->count > 0;
    if (received) {
        *event = c->slots[c->first];
        c->first = (c->first + 1) % PLACES;
        c->count--;
        pthread_cond_signal(&c->has_room);
    }
    pthread_mutex_unlock(&c->lock);
    return received;
}
// ANCHOR_END: channel

static void channel_drop_sender(struct channel *c) {
    pthread_mutex_lock(&c->lock);
    if (--c->senders == 0)
        pthread_cond_broadcast(&c->has_news);
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
                        .has_room = PTHREAD_COND_INITIALIZER,
                        .has_news = PTHREAD_COND_INITIALIZER};
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
