#ifndef CCORES_H
#define CCORES_H

/// What <sched.h> keeps for GNU programs: which cores threads run on.

/// The next core after `core` that the process may use (after -1: the first), or -1 after the
/// last and where the kernel does not say.
int ccores_next(int core);
/// Keeps the calling thread on one core. A refusal leaves it where it was.
void ccores_pin_thread(int core);

#endif
