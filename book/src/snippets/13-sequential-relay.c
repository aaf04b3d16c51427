// The sequential relay of lesson 13 in C.
// gcc -Wall -Wextra 13-sequential-relay.c && ./a.out
#include <stdbool.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

// ANCHOR: relay
enum kind { UPLOAD, PAYMENT, NOTIFICATION };

struct event {
    enum kind kind; // says which member of the union is valid; the compiler does not check it
    union {
        const char *text;
        long long cents;
    };
};

void publish(const struct event *event, char *entry, size_t size) {
    switch (event->kind) {
    case UPLOAD:
        usleep(500 * 1000);
        snprintf(entry, size, "relayed upload: %s", event->text);
        break;
    case PAYMENT:
        usleep(800 * 1000);
        if (event->cents <= 0) {
            snprintf(entry, size, "Error: invalid payment amount");
            break;
        }
        snprintf(entry, size, "payment of $%lld.%02lld processed", event->cents / 100,
                 event->cents % 100);
        break;
    case NOTIFICATION:
        usleep(300 * 1000);
        snprintf(entry, size, "notification delivered: %s", event->text);
    }
}

bool append(FILE *log, const char *entry) {
    char stamp[20];
    time_t now = time(NULL);
    strftime(stamp, sizeof stamp, "%Y-%m-%d %H:%M:%S", localtime(&now));
    return fprintf(log, "[%s] %s\n", stamp, entry) > 0 && fflush(log) == 0;
}
// ANCHOR_END: relay

int main(void) {
    struct event outbox[] = {{UPLOAD, {.text = "report.pdf"}},
                             {PAYMENT, {.cents = 1250}},
                             {NOTIFICATION, {.text = "your report is ready"}},
                             {PAYMENT, {.cents = -300}}};
    FILE *log = fopen("sync_log.txt", "a");
    if (log == NULL)
        return 1;
    for (size_t i = 0; i < sizeof outbox / sizeof *outbox; i++) {
        char entry[128];
        publish(&outbox[i], entry, sizeof entry);
        if (!append(log, entry))
            return 1;
    }
    return fclose(log) == 0 ? 0 : 1;
}
