// Micro-batches in C: a thread takes orders from a queue, and waits no longer than until a certain time.
// gcc -Wall -Wextra -pthread 22-streams.c && ./a.out
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#define SLOTS 256

struct queue {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    int orders[SLOTS], first, count, closed;
};

static int pop(struct queue *queue) {
    int order = queue->orders[queue->first];
    queue->first = (queue->first + 1) % SLOTS;
    queue->count--;
    return order;
}

static struct timespec from_now(long ms) {
    struct timespec at;
    clock_gettime(CLOCK_REALTIME, &at);
    at.tv_nsec += ms % 1000 * 1000000;
    at.tv_sec += ms / 1000 + at.tv_nsec / 1000000000;
    at.tv_nsec %= 1000000000;
    return at;
}

// ANCHOR: batch
int take_batch(struct queue *queue, int *batch, int max, long within_ms) {
    int taken = 0, timed_out = 0;
    struct timespec until = {0};
    pthread_mutex_lock(&queue->lock);
    while (taken < max && !timed_out) {
        if (queue->count > 0) {
            if (taken == 0)
                until = from_now(within_ms); // starts with the first of a batch
            batch[taken++] = pop(queue);
        } else if (queue->closed) {
            break;
        } else if (taken == 0) {
            pthread_cond_wait(&queue->changed, &queue->lock);
        } else {
            timed_out = pthread_cond_timedwait(&queue->changed, &queue->lock, &until) == ETIMEDOUT;
        }
    }
    pthread_mutex_unlock(&queue->lock);
    return taken; // 0: the queue is empty and closed
}
// ANCHOR_END: batch

static void send_all(struct queue *queue, int from, int to) {
    pthread_mutex_lock(&queue->lock);
    for (int order = from; order <= to; order++)
        queue->orders[(queue->first + queue->count++) % SLOTS] = order;
    pthread_cond_broadcast(&queue->changed);
    pthread_mutex_unlock(&queue->lock);
}

static void *shop(void *argument) {
    struct queue *queue = argument;
    send_all(queue, 1, 230);
    usleep(620 * 1000);
    send_all(queue, 231, 231);
    usleep(100 * 1000);
    pthread_mutex_lock(&queue->lock);
    queue->closed = 1;
    pthread_cond_broadcast(&queue->changed);
    pthread_mutex_unlock(&queue->lock);
    return NULL;
}

int main(void) {
    struct queue queue = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, {0}, 0, 0, 0};
    pthread_t sender;
    pthread_create(&sender, NULL, shop, &queue);
    struct timespec start = from_now(0), now;
    int batch[100], taken;
    while ((taken = take_batch(&queue, batch, 100, 500)) > 0) {
        now = from_now(0);
        long ms = (now.tv_sec - start.tv_sec) * 1000 + (now.tv_nsec - start.tv_nsec) / 1000000;
        printf("%ld ms: %d orders\n", ms / 10 * 10, taken);
    }
    pthread_join(sender, NULL);
    return 0;
}
