// The client of lesson 28 in C: one connection, and a list of the requests that wait, each on the stack of its caller.
// gcc -Wall -Wextra -pthread 28-request-reply.c && ./a.out
#define _GNU_SOURCE
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

// ANCHOR: request
struct entry {
    unsigned long id;
    char price[16];
    bool answered;
    struct entry *next;
};

struct client {
    int fd;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct entry *waiting;
    unsigned long last, late;
};

bool client_ask(struct client *c, const char *article, const struct timespec *deadline, char *price) {
    pthread_mutex_lock(&c->lock);
    struct entry e = {.id = ++c->last, .next = c->waiting};
    c->waiting = &e;
    dprintf(c->fd, "%lu %s\n", e.id, article);
    while (!e.answered && pthread_cond_timedwait(&c->changed, &c->lock, deadline) == 0)
        ;
    // On every way out, or a late answer is written into a stack frame that is gone.
    for (struct entry **at = &c->waiting; *at != NULL; at = &(*at)->next) {
        if (*at == &e) {
            *at = e.next;
            break;
        }
    }
    pthread_mutex_unlock(&c->lock);
    strcpy(price, e.answered ? e.price : "");
    return e.answered;
}

void client_answer(struct client *c, unsigned long id, const char *price) {
    pthread_mutex_lock(&c->lock);
    struct entry *e = c->waiting;
    while (e != NULL && e->id != id)
        e = e->next;
    if (e == NULL) {
        c->late++;
    } else {
        snprintf(e->price, sizeof e->price, "%s", price);
        e->answered = true;
        pthread_cond_broadcast(&c->changed);
    }
    pthread_mutex_unlock(&c->lock);
}
// ANCHOR_END: request

static void *read_answers(void *argument) {
    struct client *c = argument;
    FILE *lines = fdopen(dup(c->fd), "r");
    unsigned long id;
    char price[16];
    while (fscanf(lines, "%lu %15s", &id, price) == 2)
        client_answer(c, id, price);
    fclose(lines);
    return NULL;
}

// A server that answers one request after another: 130 ms for a lamp, 60 ms for anything else.
static void *serve(void *argument) {
    int fd = *(int *)argument;
    FILE *lines = fdopen(dup(fd), "r");
    unsigned long id;
    char article[16];
    while (fscanf(lines, "%lu %15s", &id, article) == 2) {
        bool lamp = strcmp(article, "lamp") == 0;
        usleep(lamp ? 130000 : 60000);
        dprintf(fd, "%lu %s\n", id, lamp ? "$40" : "$900");
    }
    fclose(lines);
    return NULL;
}

static struct timespec in_ms(long ms) {
    struct timespec at;
    clock_gettime(CLOCK_REALTIME, &at);
    at.tv_nsec += ms * 1000000;
    at.tv_sec += at.tv_nsec / 1000000000;
    at.tv_nsec %= 1000000000;
    return at;
}

int main(void) {
    int fds[2];
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, fds) != 0)
        return 1;
    struct client c = {.fd = fds[0], .lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};
    pthread_t reader, server;
    pthread_create(&reader, NULL, read_answers, &c);
    pthread_create(&server, NULL, serve, &fds[1]);
    char price[16];
    struct timespec at = in_ms(100);
    printf("lamp: %s\n", client_ask(&c, "lamp", &at, price) ? price : "no answer in time");
    at = in_ms(1000);
    printf("sofa: %s\n", client_ask(&c, "sofa", &at, price) ? price : "no answer in time");
    printf("late: %lu\n", c.late);
    shutdown(fds[0], SHUT_RDWR);
    pthread_join(server, NULL);
    pthread_join(reader, NULL);
    return 0;
}
