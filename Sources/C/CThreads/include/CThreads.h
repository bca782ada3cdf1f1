#ifndef CTHREADS_H
#define CTHREADS_H

/// What <pthread.h> and <sched.h> keep for GNU programs: names and cores of threads.

/// Names the calling thread for `top -H` and debuggers; the first 15 bytes count.
void cthreads_set_name(const char *name);
/// The next core after `core` that the process may use (after -1: the first), or -1 after the
/// last and where the kernel does not say.
int cthreads_next_core(int core);
/// Keeps the calling thread on one core. A refusal leaves it where it was.
void cthreads_pin(int core);

#endif
