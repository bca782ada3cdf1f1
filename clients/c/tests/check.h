/* Checks that name what failed, and a last line that counts. */
#ifndef CHRONOTOPE_CHECK_H
#define CHRONOTOPE_CHECK_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static unsigned failed_checks = 0;
static unsigned passed_tests = 0;
static unsigned failed_tests = 0;

/* Goes on after a failure; use REQUIRE where that cannot be. */
#define CHECK(claim)                                                                                                   \
    do {                                                                                                               \
        if (!(claim)) {                                                                                                \
            failed_checks++;                                                                                           \
            fprintf(stderr, "%s:%d: not true: %s\n", __FILE__, __LINE__, #claim);                                      \
        }                                                                                                              \
    } while (0)

#define REQUIRE(claim)                                                                                                 \
    do {                                                                                                               \
        if (!(claim)) {                                                                                                \
            fprintf(stderr, "%s:%d: cannot go on, not true: %s\n", __FILE__, __LINE__, #claim);                        \
            exit(1);                                                                                                   \
        }                                                                                                              \
    } while (0)

static inline void count_test(const char *name, unsigned failed_before) {
    bool is_failed = failed_checks > failed_before;
    *(is_failed ? &failed_tests : &passed_tests) += 1;
    if (is_failed) {
        fprintf(stderr, "failed: %s\n", name);
    }
}

/* Runs a test function. */
#define RUN(test)                                                                                                      \
    do {                                                                                                               \
        unsigned before = failed_checks;                                                                               \
        test();                                                                                                        \
        count_test(#test, before);                                                                                     \
    } while (0)

/* The verdict, and the exit code that goes with it. */
static inline int finish_tests(const char *name) {
    printf("c %s: %u tests passed, %u failed\n", name, passed_tests, failed_tests);
    return failed_tests == 0 && passed_tests > 0 ? 0 : 1;
}

#endif
