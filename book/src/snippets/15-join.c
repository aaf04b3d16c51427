// Three concurrent questions, in C: a thread for each.
// gcc -Wall -Wextra -pthread 15-join.c && ./a.out
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

// ANCHOR: join
struct question {
    unsigned answers_after_ms;
    int answer;
};

void *ask(void *argument) {
    const struct question *question = argument;
    usleep(question->answers_after_ms * 1000);
    return (void *)&question->answer;
}

int offer(void) {
    // On this function's stack: the threads borrow it.
    struct question questions[] = {{200, 7}, {300, 1250}, {100, 2}};
    pthread_t threads[3];
    int sum = 0;
    for (int i = 0; i < 3; i++)
        pthread_create(&threads[i], NULL, ask, &questions[i]);
    for (int i = 0; i < 3; i++) {
        void *answer;
        pthread_join(threads[i], &answer); // return before this, and the threads read a stack frame that is gone
        sum += *(int *)answer;
    }
    return sum;
}
// ANCHOR_END: join

int main(void) {
    printf("%d\n", offer());
    return 0;
}
