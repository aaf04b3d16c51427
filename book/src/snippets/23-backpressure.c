// An accept loop with a limit, in C: a slot first, and then a client.
// gcc -Wall -Wextra -pthread 23-backpressure.c && ./a.out
#include <arpa/inet.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

// ANCHOR: accept-loop
static sem_t slots;

static void *serve_one(void *argument) {
    int client = (int)(intptr_t)argument;
    write(client, "welcome\n", 8);
    close(client);
    sem_post(&slots); // every way out of this function must pass here
    return NULL;
}

static void serve(int listener, int clients, int limit) {
    sem_init(&slots, 0, limit);
    while (clients > 0) {
        sem_wait(&slots); // at the limit, the next client waits in the backlog
        int client = accept(listener, NULL, NULL);
        pthread_t thread;
        if (client < 0 || pthread_create(&thread, NULL, serve_one, (void *)(intptr_t)client) != 0) {
            if (client >= 0)
                close(client);
            sem_post(&slots);
            sleep(1); // no descriptor or no thread is left: without a pause the loop would spin
            continue;
        }
        pthread_detach(thread);
        clients--;
    }
    for (int i = 0; i < limit; i++)
        sem_wait(&slots); // all slots are back: nobody is being served
}
// ANCHOR_END: accept-loop

static struct sockaddr_in address = {.sin_family = AF_INET};

static void *be_a_client(void *unused) {
    (void)unused;
    int socket_fd = socket(AF_INET, SOCK_STREAM, 0);
    char line[16] = "";
    if (connect(socket_fd, (struct sockaddr *)&address, sizeof address) == 0)
        read(socket_fd, line, sizeof line - 1);
    printf("%s", line);
    close(socket_fd);
    return NULL;
}

int main(void) {
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    socklen_t length = sizeof address;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    bind(listener, (struct sockaddr *)&address, length);
    listen(listener, 128); // the backlog
    getsockname(listener, (struct sockaddr *)&address, &length);
    pthread_t clients[5];
    for (int i = 0; i < 5; i++)
        pthread_create(&clients[i], NULL, be_a_client, NULL);
    serve(listener, 5, 2);
    for (int i = 0; i < 5; i++)
        pthread_join(clients[i], NULL);
    close(listener);
    return 0;
}
