/* A disk whose every sync takes at least SLOW_SYNC_MS (default 4) longer. Loaded before the C library by bench/run; the serial
   syncs that the bench compares with go through it as well. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <time.h>

static int slowly(const char *name, int fd) {
    const char *text = getenv("SLOW_SYNC_MS");
    long ms = text ? atol(text) : 4;
    struct timespec wait = {ms / 1000, ms % 1000 * 1000000};
    nanosleep(&wait, NULL);
    int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
    return real(fd);
}

int fsync(int fd) { return slowly("fsync", fd); }
int fdatasync(int fd) { return slowly("fdatasync", fd); }
