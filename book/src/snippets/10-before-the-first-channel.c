// The three events of lesson 10 in C, one thread each.
// gcc -Wall -Wextra -pthread 10-before-the-first-channel.c && ./a.out
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

// ANCHOR: threads
struct event {
    const char *name;
    unsigned confirmed_after_ms;
};

void *publish(void *argument) {
    struct event *event = argument; // the compiler does not know what it points to, nor for how long
    usleep(event->confirmed_after_ms * 1000);
    return (void *)event->name;
}

int main(void) {
    struct event outbox[] = {
        {"upload completed", 300}, {"payment processed", 200}, {"notification delivered", 100}};
    pthread_t threads[3];
    for (int i = 0; i < 3; i++)
        if (pthread_create(&threads[i], NULL, publish, &outbox[i]) != 0)
            return 1;
    for (int i = 0; i < 3; i++) {
        void *name;
        pthread_join(threads[i], &name);
        printf("published %s\n", (const char *)name);
    }
}
// ANCHOR_END: threads
