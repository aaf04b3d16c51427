/* Packs one order, then says so: a client in C, with sockets and the protocol's lines of text.
   cc -o client client.c && ./client 127.0.0.1 4222 */

#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int dial(const char *host, const char *port) {
    struct addrinfo wanted = {.ai_socktype = SOCK_STREAM}, *found;
    if (getaddrinfo(host, port, &wanted, &found) != 0) return -1;
    int s = socket(found->ai_family, found->ai_socktype, found->ai_protocol);
    int failed = s < 0 || connect(s, found->ai_addr, found->ai_addrlen) != 0;
    freeaddrinfo(found);
    return failed ? -1 : s;
}

/* ANCHOR: client */
/* All that was sent before the PING has been carried out when this returns. */
static void settle(FILE *in, FILE *out) {
    char line[4096];
    fputs("PING\r\n", out);
    fflush(out);
    while (fgets(line, sizeof line, in) && strcmp(line, "PONG\r\n") != 0) {}
}

int main(int argc, char **argv) {
    int s = argc == 3 ? dial(argv[1], argv[2]) : -1;
    if (s < 0) return 1;
    FILE *in = fdopen(s, "r"), *out = fdopen(dup(s), "w");
    char line[4096], subject[256];
    size_t length;

    if (!fgets(line, sizeof line, in)) return 1; /* INFO {…}: what the server is */
    fputs("CONNECT {\"verbose\":false}\r\nSUB orders.* warehouse 1\r\n", out);
    settle(in, out);
    puts("listening for orders");
    fflush(stdout);

    if (!fgets(line, sizeof line, in)) return 1; /* MSG orders.created 1 11 */
    if (sscanf(line, "MSG %255s 1 %zu", subject, &length) != 2 || length >= sizeof line) return 1;
    if (fread(line, 1, length, in) != length || fgetc(in) != '\r' || fgetc(in) != '\n') return 1;
    printf("%s %.*s\n", subject, (int)length, line);
    fprintf(out, "PUB packed.c %zu\r\n%.*s\r\n", length, (int)length, line);
    settle(in, out);
    return 0;
}
/* ANCHOR_END: client */
