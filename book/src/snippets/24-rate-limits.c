// The limiter of lesson 24 in C: a token bucket behind two mutexes, one for the state and one for the turn.
// gcc -Wall -Wextra -pthread 24-rate-limits.c && ./a.out
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>

// ANCHOR: limiter
struct limiter {
    pthread_mutex_t lock; // held for one take, never while sleeping
    pthread_mutex_t turn; // held while sleeping; which thread gets it next is not promised
    int64_t capacity, tokens, every_ns, refilled_at_ns;
};

static int64_t now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

// Takes a token and returns 0, or returns when there will be one.
static int64_t take(struct limiter *l) {
    pthread_mutex_lock(&l->lock);
    int64_t due = (now_ns() - l->refilled_at_ns) / l->every_ns, free_at = 0;
    l->tokens = l->tokens + due < l->capacity ? l->tokens + due : l->capacity;
    l->refilled_at_ns += due * l->every_ns;
    if (l->tokens > 0)
        l->tokens -= 1;
    else
        free_at = l->refilled_at_ns + l->every_ns;
    pthread_mutex_unlock(&l->lock);
    return free_at;
}

void acquire(struct limiter *l) { // to give up needs a timed lock, and a timed sleep
    pthread_mutex_lock(&l->turn);
    for (int64_t free_at; (free_at = take(l)) != 0;) {
        struct timespec until = {free_at / 1000000000, free_at % 1000000000};
        clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
    }
    pthread_mutex_unlock(&l->turn);
}
// ANCHOR_END: limiter

int main(void) {
    int64_t start = now_ns();
    struct limiter l = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_MUTEX_INITIALIZER, 3, 3, 60000000, start};
    for (int request = 1; request <= 5; request++) {
        acquire(&l);
        printf("request %d passes at %d ms\n", request, (int)((now_ns() - start) / 1000000));
    }
    return 0;
}
