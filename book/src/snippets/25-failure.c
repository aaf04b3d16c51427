// The attempt and the pause of lesson 25 in C: poll waits for the answer, and 0 means that there was none in time.
// gcc -Wall -Wextra -pthread 25-failure.c && ./a.out
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

// ANCHOR: attempt
enum outcome { DONE, BUSY, DECLINED, UNKNOWN };

enum outcome attempt(int bank, unsigned id) {
    char answer;
    struct pollfd wait = {.fd = bank, .events = POLLIN};
    if (write(bank, &id, sizeof id) != sizeof id)
        return UNKNOWN;
    if (poll(&wait, 1, 250) <= 0)
        return UNKNOWN; // the answer may still come, and the next attempt would take it for its own
    if (read(bank, &answer, 1) != 1)
        return UNKNOWN; // the connection broke
    return answer == 'y' ? DONE : answer == 'b' ? BUSY : DECLINED;
}

unsigned pause_ms(unsigned failures, unsigned *seed) {
    unsigned doublings = failures < 10 ? failures - 1 : 9; // a shift by 32 or more is undefined
    unsigned longest = 100u << doublings;
    return (unsigned)rand_r(seed) % (longest < 30000 ? longest + 1 : 30001);
}
// ANCHOR_END: attempt

static void *slow_bank(void *argument) {
    int shop = *(int *)argument;
    unsigned id;
    long waits_ms[] = {40, 300};
    for (int n = 0; n < 2 && read(shop, &id, sizeof id) == sizeof id; n++) {
        struct timespec wait = {.tv_nsec = waits_ms[n] * 1000000};
        nanosleep(&wait, NULL);
        if (write(shop, "y", 1) != 1)
            break;
    }
    return NULL;
}

int main(void) {
    int ends[2];
    unsigned seed = 42;
    pthread_t bank;
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0)
        return 1;
    pthread_create(&bank, NULL, slow_bank, &ends[1]);
    printf("%d\n", attempt(ends[0], 7) == DONE);
    printf("%d\n", attempt(ends[0], 8) == UNKNOWN);
    printf("%d\n", pause_ms(1, &seed) <= 100 && pause_ms(4000000000u, &seed) <= 30000);
    pthread_join(bank, NULL);
    return 0;
}
