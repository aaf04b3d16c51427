// Workers that share a queue in C: the lock is held while an event is taken, and not while it is published.
// gcc -Wall -Wextra -pthread 21-shared-state.c && ./a.out
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>

struct queue {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    int events[8], first, count;
    bool closed;
    int published;
};

static void publish(struct queue *q, int event) {
    pthread_mutex_lock(&q->lock);
    q->published += event;
    pthread_mutex_unlock(&q->lock);
}

// ANCHOR: shared
bool next(struct queue *q, int *event) {
    pthread_mutex_lock(&q->lock);
    while (q->count == 0 && !q->closed)
        pthread_cond_wait(&q->changed, &q->lock); // the lock is free while it waits
    bool taken = q->count > 0;
    if (taken)
        *event = q->events[q->first++ % 8], q->count--;
    pthread_mutex_unlock(&q->lock); // an early return above this line would keep it locked
    return taken;
}

void *worker(void *argument) {
    int event;
    while (next(argument, &event))
        publish(argument, event); // without the lock; nothing checks that
    return NULL;
}
// ANCHOR_END: shared

int main(void) {
    struct queue queue = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};
    pthread_t workers[3];
    for (int i = 0; i < 3; i++)
        pthread_create(&workers[i], NULL, worker, &queue);
    pthread_mutex_lock(&queue.lock);
    for (int event = 1; event <= 5; event++)
        queue.events[queue.count++] = event;
    queue.closed = true;
    pthread_cond_broadcast(&queue.changed);
    pthread_mutex_unlock(&queue.lock);
    for (int i = 0; i < 3; i++)
        pthread_join(workers[i], NULL);
    printf("%d\n", queue.published);
    return 0;
}
