#define _GNU_SOURCE
#include "CThreads.h"

#include <pthread.h>
#include <sched.h>
#include <string.h>
#include <unistd.h>

void cthreads_set_name(const char *name) {
    char start[16] = {0};
    memcpy(start, name, strnlen(name, sizeof start - 1));
    (void)pthread_setname_np(pthread_self(), start);
}

int cthreads_next_core(int core) {
    cpu_set_t set;
    if (sched_getaffinity(getpid(), sizeof set, &set) != 0) return -1;
    do core++;
    while (core < CPU_SETSIZE && !CPU_ISSET(core, &set));
    return core < CPU_SETSIZE ? core : -1;
}

void cthreads_pin(int core) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(core, &set);
    (void)sched_setaffinity(0, sizeof set, &set);
}
