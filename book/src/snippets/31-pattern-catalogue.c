// The checkout in C: both answers, and all receipts written. A thread for each.
// gcc -std=c11 -Wall -Wextra -pthread 31-pattern-catalogue.c && ./a.out
#define _POSIX_C_SOURCE 200809L
#include <pthread.h>
#include <stdio.h>
#include <time.h>

struct question { long takes_ms; int answer; };
struct receipt { int order, stock, price; };

static void sleep_ms(long ms) {
  nanosleep(&(struct timespec){.tv_nsec = ms * 1000000}, NULL);
}

static void *ask(void *arg) {
  struct question *question = arg;
  sleep_ms(question->takes_ms);
  return &question->answer;
}

static void *write_receipt(void *arg) {
  struct receipt *receipt = arg;
  sleep_ms(50);
  printf("order %d costs %d cents, and %d are in stock\n", receipt->order, receipt->price, receipt->stock);
  return NULL;
}

// ANCHOR: checkout
static void checkout(const int orders[3]) {
  struct receipt receipts[3]; // must live until the last thread has ended
  pthread_t writing[3];
  for (int i = 0; i < 3; i++) {
    struct question stock = {40, 5}, price = {70, 1250};
    pthread_t asking[2];
    pthread_create(&asking[0], NULL, ask, &stock);
    pthread_create(&asking[1], NULL, ask, &price);
    pthread_join(asking[0], NULL);
    pthread_join(asking[1], NULL);
    receipts[i] = (struct receipt){orders[i], stock.answer, price.answer};
    pthread_create(&writing[i], NULL, write_receipt, &receipts[i]);
  }
  for (int i = 0; i < 3; i++) pthread_join(writing[i], NULL);
}
// ANCHOR_END: checkout

int main(void) {
  struct timespec start, end;
  clock_gettime(CLOCK_MONOTONIC, &start);
  checkout((const int[]){7, 8, 9});
  clock_gettime(CLOCK_MONOTONIC, &end);
  printf("%ld ms\n", (end.tv_sec - start.tv_sec) * 1000 + (end.tv_nsec - start.tv_nsec) / 1000000);
}
