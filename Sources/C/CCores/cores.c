#define _GNU_SOURCE
#include "CCores.h"

#include <sched.h>
#include <unistd.h>

int ccores_next(int core) {
    cpu_set_t set;
    if (sched_getaffinity(getpid(), sizeof set, &set) != 0) return -1;
    do core++;
    while (core < CPU_SETSIZE && !CPU_ISSET(core, &set));
    return core < CPU_SETSIZE ? core : -1;
}

void ccores_pin_thread(int core) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(core, &set);
    (void)sched_setaffinity(0, sizeof set, &set);
}
