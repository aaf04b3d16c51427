// The group of lesson 27 in C: a thread pool, whose threads take from one queue.
// gcc -Wall -Wextra -pthread 27-queue-groups.c && ./a.out
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

enum { SLOTS = 8 };

struct group {
    int slots[SLOTS];
    int first, count;
    bool closed;
    pthread_mutex_t lock;
    pthread_cond_t not_empty;
};

struct worker {
    const char *name;
    int takes_ms;
    struct group *group;
};

// ANCHOR: group
bool group_next(struct group *g, int *order) { // false: closed, and the queue is empty
    pthread_mutex_lock(&g->lock);
    while (g->count == 0 && !g->closed)
        pthread_cond_wait(&g->not_empty, &g->lock);
    bool taken = g->count > 0;
    if (taken) {
        *order = g->slots[g->first];
        g->first = (g->first + 1) % SLOTS;
        g->count--;
    }
    pthread_mutex_unlock(&g->lock);
    return taken;
}

void *work(void *argument) {
    struct worker *w = argument;
    int order;
    while (group_next(w->group, &order)) { // the lock has been released
        usleep(w->takes_ms * 1000);
        printf("%s has charged order %d\n", w->name, order);
    }
    return NULL;
}
// ANCHOR_END: group

static bool group_publish(struct group *g, int order) { // false: the queue is full
    pthread_mutex_lock(&g->lock);
    bool published = g->count < SLOTS;
    if (published) {
        g->slots[(g->first + g->count++) % SLOTS] = order;
        pthread_cond_signal(&g->not_empty);
    }
    pthread_mutex_unlock(&g->lock);
    return published;
}

int main(void) {
    struct group g = {.lock = PTHREAD_MUTEX_INITIALIZER, .not_empty = PTHREAD_COND_INITIALIZER};
    struct worker workers[] = {{"worker 1", 100, &g}, {"worker 2", 350, &g}, {"worker 3", 130, &g}};
    pthread_t threads[3];
    for (int i = 0; i < 3; i++)
        pthread_create(&threads[i], NULL, work, &workers[i]);
    for (int order = 1; order <= 6; order++)
        group_publish(&g, order);
    pthread_mutex_lock(&g.lock);
    g.closed = true;
    pthread_cond_broadcast(&g.not_empty);
    pthread_mutex_unlock(&g.lock);
    for (int i = 0; i < 3; i++)
        pthread_join(threads[i], NULL);
    return 0;
}
