// The stock of lesson 19 in C: a thread owns the count; a request stays on the caller's stack until it is answered.
// gcc -Wall -Wextra -pthread 19-actor.c && ./a.out
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>

// ANCHOR: actor
struct request {
    int left; // the answer
    bool answered;
    struct request *next;
};

struct stock {
    pthread_mutex_t lock;
    pthread_cond_t asked, answered;
    struct request *mailbox; // the latest request comes first; a queue would need a tail
    bool closed;
};

void *stock_actor(void *argument) {
    struct stock *s = argument;
    int lamps = 5; // only this thread has it
    pthread_mutex_lock(&s->lock);
    while (s->mailbox != NULL || !s->closed) {
        if (s->mailbox == NULL) {
            pthread_cond_wait(&s->asked, &s->lock);
            continue;
        }
        struct request *r = s->mailbox;
        s->mailbox = r->next;
        r->left = --lamps;
        r->answered = true;
        pthread_cond_broadcast(&s->answered);
    }
    pthread_mutex_unlock(&s->lock);
    return NULL;
}

// It must not give up: the actor would write into a stack frame that is gone.
int stock_take(struct stock *s) {
    pthread_mutex_lock(&s->lock);
    struct request r = {.next = s->mailbox};
    s->mailbox = &r;
    pthread_cond_signal(&s->asked);
    while (!r.answered)
        pthread_cond_wait(&s->answered, &s->lock);
    pthread_mutex_unlock(&s->lock);
    return r.left;
}
// ANCHOR_END: actor

int main(void) {
    struct stock s = {.lock = PTHREAD_MUTEX_INITIALIZER,
                      .asked = PTHREAD_COND_INITIALIZER,
                      .answered = PTHREAD_COND_INITIALIZER};
    pthread_t actor;
    pthread_create(&actor, NULL, stock_actor, &s);
    printf("%d left\n", stock_take(&s));
    printf("%d left\n", stock_take(&s));
    pthread_mutex_lock(&s.lock);
    s.closed = true;
    pthread_cond_signal(&s.asked);
    pthread_mutex_unlock(&s.lock);
    pthread_join(actor, NULL);
    return 0;
}
