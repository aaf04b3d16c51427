// A batch that closes at a deadline, in C, with a condition variable.
// gcc -Wall -Wextra -pthread 16-select.c && ./a.out
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

struct queue {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    int orders[8], first, count;
    bool closed;
};

// ANCHOR: select
int collect(struct queue *queue, int *batch, int most, const struct timespec *closes_at) {
    int taken = 0;
    bool late = false;
    pthread_mutex_lock(&queue->lock);
    while (taken < most && !late) {
        if (queue->count > 0)
            batch[taken++] = queue->orders[queue->first++ % 8], queue->count--;
        else if (queue->closed)
            break;
        else // returns on a new order, the end or the deadline, so the loop checks again
            late = pthread_cond_timedwait(&queue->changed, &queue->lock, closes_at) != 0;
    }
    pthread_mutex_unlock(&queue->lock);
    return taken;
}
// ANCHOR_END: select

static void *send(void *argument) {
    struct queue *queue = argument;
    for (int order = 1; order <= 2; order++) {
        usleep(20 * 1000);
        pthread_mutex_lock(&queue->lock);
        queue->orders[(queue->first + queue->count++) % 8] = order;
        pthread_cond_signal(&queue->changed);
        pthread_mutex_unlock(&queue->lock);
    }
    return NULL;
}

int main(void) {
    struct queue queue = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};
    pthread_t sender;
    pthread_create(&sender, NULL, send, &queue);
    struct timespec closes_at;
    clock_gettime(CLOCK_REALTIME, &closes_at);
    closes_at.tv_nsec += 30 * 1000 * 1000; // 30 ms from now, as a point in time
    closes_at.tv_sec += closes_at.tv_nsec / 1000000000;
    closes_at.tv_nsec %= 1000000000;
    int batch[8];
    printf("%d\n", collect(&queue, batch, 8, &closes_at));
    pthread_join(sender, NULL);
    return 0;
}
