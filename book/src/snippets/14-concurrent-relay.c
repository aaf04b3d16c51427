// The concurrent relay of lesson 14 in C: a thread for each event.
// gcc -Wall -Wextra -pthread 14-concurrent-relay.c && ./a.out
#include <pthread.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

// ANCHOR: relay
struct event {
    const char *done;
    unsigned takes_ms;
    FILE *log; // shared by all threads
};

void *publish(void *argument) {
    const struct event *event = argument;
    usleep(event->takes_ms * 1000);
    char stamp[20];
    time_t now = time(NULL);
    struct tm local;
    strftime(stamp, sizeof stamp, "%Y-%m-%d %H:%M:%S", localtime_r(&now, &local));
    fprintf(event->log, "[%s] %s\n", stamp, event->done); // one call keeps the line whole; two could be torn
    return NULL;
}

void relay(struct event *events, pthread_t *threads, int count) {
    for (int i = 0; i < count; i++)
        pthread_create(&threads[i], NULL, publish, &events[i]); // starts here
    for (int i = 0; i < count; i++)
        pthread_join(threads[i], NULL); // the events must live until then, which the compiler does not check
}
// ANCHOR_END: relay

int main(void) {
    FILE *log = fopen("async_log.txt", "a");
    if (log == NULL)
        return 1;
    struct event events[] = {{"relayed upload: report.pdf", 500, log},
                             {"payment of $12.50 processed", 800, log},
                             {"notification delivered: your report is ready", 300, log},
                             {"Error: invalid payment amount", 800, log}};
    pthread_t threads[4];
    relay(events, threads, 4);
    return fclose(log) == 0 ? 0 : 1;
}
