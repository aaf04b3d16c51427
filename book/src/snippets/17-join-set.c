// A thread pool with a work queue, in C. The results arrive as the events end.
// gcc -Wall -Wextra -pthread 17-join-set.c && ./a.out
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

struct event {
    const char *name;
    unsigned takes_ms;
};

static void publish(const struct event *event) {
    usleep(event->takes_ms * 1000);
}

// ANCHOR: pool
struct pool {
    pthread_mutex_t lock;
    pthread_cond_t one_ended;
    const struct event *events; // the queue: those from `next` on are waiting
    int count, next;
    int ended[16], ended_count; // in the order in which they ended
};

void *worker(void *argument) {
    struct pool *pool = argument;
    pthread_mutex_lock(&pool->lock);
    while (pool->next < pool->count) {
        int mine = pool->next++;
        pthread_mutex_unlock(&pool->lock);
        publish(&pool->events[mine]);
        pthread_mutex_lock(&pool->lock);
        pool->ended[pool->ended_count++] = mine;
        pthread_cond_signal(&pool->one_ended);
    }
    pthread_mutex_unlock(&pool->lock);
    return NULL;
}

const struct event *join_next(struct pool *pool, int seen) {
    pthread_mutex_lock(&pool->lock);
    while (pool->ended_count == seen)
        pthread_cond_wait(&pool->one_ended, &pool->lock);
    const struct event *event = &pool->events[pool->ended[seen]];
    pthread_mutex_unlock(&pool->lock);
    return event;
}
// ANCHOR_END: pool

int main(void) {
    const struct event events[] = {{"upload", 500}, {"payment", 800}, {"notice", 300}, {"refund", 350}};
    struct pool pool = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, events, 4, 0, {0}, 0};
    pthread_t threads[3];
    for (int i = 0; i < 3; i++)
        pthread_create(&threads[i], NULL, worker, &pool);
    for (int seen = 0; seen < 4; seen++)
        printf("%s\n", join_next(&pool, seen)->name);
    for (int i = 0; i < 3; i++)
        pthread_join(threads[i], NULL);
    return 0;
}
