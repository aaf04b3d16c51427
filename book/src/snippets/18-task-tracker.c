// Lesson 18 in C: a flag that asks threads to stop, and a count of tasks to wait for.
// gcc -Wall -Wextra -pthread 18-task-tracker.c && ./a.out
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

// ANCHOR: tracker
atomic_bool stop; // every thread has to check it

struct tracker {
    pthread_mutex_t lock;
    pthread_cond_t empty;
    int tasks;
};

void tracker_add(struct tracker *t) { // call it before pthread_create
    pthread_mutex_lock(&t->lock);
    t->tasks++;
    pthread_mutex_unlock(&t->lock);
}

void tracker_done(struct tracker *t) { // the last call of every task, on every path
    pthread_mutex_lock(&t->lock);
    if (--t->tasks == 0)
        pthread_cond_broadcast(&t->empty);
    pthread_mutex_unlock(&t->lock);
}

bool tracker_wait(struct tracker *t, const struct timespec *deadline) { // false: the deadline has passed
    pthread_mutex_lock(&t->lock);
    while (t->tasks > 0 && pthread_cond_timedwait(&t->empty, &t->lock, deadline) == 0)
        ;
    bool ended = t->tasks == 0;
    pthread_mutex_unlock(&t->lock);
    return ended; // if false: after pthread_cancel what a thread holds may leak, so exit or wait on
}
// ANCHOR_END: tracker

static struct tracker publishing = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0};

static void *publish(void *row) {
    usleep(180 * 1000);
    printf("marked row %d\n", *(int *)row);
    tracker_done(&publishing);
    return NULL;
}

static void *poll_rows(void *unused) {
    (void)unused;
    static int rows[16];
    for (int i = 0; i < 16 && !stop; i++) {
        pthread_t thread;
        rows[i] = i + 1;
        tracker_add(&publishing);
        if (pthread_create(&thread, NULL, publish, &rows[i]) == 0)
            pthread_detach(thread);
        else
            tracker_done(&publishing);
        usleep(100 * 1000);
    }
    return NULL;
}

int main(void) {
    pthread_t poller;
    pthread_create(&poller, NULL, poll_rows, NULL);
    usleep(150 * 1000);
    stop = true;
    pthread_join(poller, NULL); // 1. no new work
    struct timespec deadline;
    clock_gettime(CLOCK_REALTIME, &deadline);
    deadline.tv_sec += 1;
    bool ended = tracker_wait(&publishing, &deadline); // 2. the tasks in progress
    printf("%s\n", ended ? "closes the database" : "gives up");
    return ended ? 0 : 1;
}
