// The bus of lesson 26 in C: handlers in a table by the kind of the event, a thread for each call.
// gcc -Wall -Wextra -pthread 26-typed-events.c && ./a.out
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

// ANCHOR: events
enum kind { ORDER_PLACED, ORDER_PAID, KINDS };
enum { HANDLERS_MAX = 8 };

typedef int (*handler)(const void *event); // 0, or an error of its own

static handler handlers[KINDS][HANDLERS_MAX];
static int registered[KINDS];

struct call {
    pthread_t thread;
    handler handler;
    const void *event; // must live until every thread has ended
    int outcome;
};

static void *run(void *argument) {
    struct call *call = argument;
    call->outcome = call->handler(call->event); // a crash here ends the program
    return NULL;
}

// Returns how many handlers failed.
int emit(enum kind kind, const void *event) { // nothing checks that the event is of this kind
    struct call calls[HANDLERS_MAX];
    int failed = 0;
    for (int i = 0; i < registered[kind]; i++) {
        calls[i] = (struct call){.handler = handlers[kind][i], .event = event};
        pthread_create(&calls[i].thread, NULL, run, &calls[i]);
    }
    for (int i = 0; i < registered[kind]; i++) {
        pthread_join(calls[i].thread, NULL);
        failed += calls[i].outcome != 0;
    }
    return failed;
}
// ANCHOR_END: events

struct order_placed {
    int order;
};

static int reserve(const void *event) {
    usleep(20 * 1000);
    printf("reserves order %d\n", ((const struct order_placed *)event)->order);
    return 0;
}

static int charge(const void *event) {
    (void)event;
    return -1; // declined
}

int main(void) {
    handlers[ORDER_PLACED][registered[ORDER_PLACED]++] = reserve;
    handlers[ORDER_PLACED][registered[ORDER_PLACED]++] = charge;
    struct order_placed placed = {7};
    printf("failed: %d\n", emit(ORDER_PLACED, &placed));
    return 0;
}
