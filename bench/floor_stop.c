/* The floor of `gatewayctl stop`: the least work in C that leaves the same files, as durably, and
 * has seen the gateway's end.
 *
 *     floor_stop SLOT PROFILE MODEL FILE[:f|:d]...
 *
 * Each FILE of the directory PROFILE becomes what it is in MODEL: a new file beside it, renamed
 * into place; with `:f` it is flushed first, with `:d` the directory is, too, behind it. Then
 * `s6-svc -D SLOT`, and a wait for the end of the process that SLOT/supervise/status names.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

static void die(const char* what) {
    perror(what);
    exit(111);
}

static void replace(int profile, int model, const char* name, int durable) {
    static char bytes[1 << 16];
    int from = openat(model, name, O_RDONLY);
    const ssize_t size = read(from, bytes, sizeof bytes);
    if (size < 0) {
        die(name);
    }
    close(from);
    char temporary[300];
    snprintf(temporary, sizeof temporary, ".%s.tmp", name);
    int to = openat(profile, temporary, O_WRONLY | O_CREAT | O_EXCL, 0644);
    if (to < 0 || write(to, bytes, (size_t)size) != size || (durable && fsync(to) != 0)) {
        die(temporary);
    }
    close(to);
    if (renameat(profile, temporary, profile, name) != 0) {
        die(name);
    }
}

/* s6 2.11: two stamps of 12 bytes, then the pid in 8, most significant byte first. */
static int pid_of(const char* slot) {
    char path[4096];
    unsigned char status[64];
    snprintf(path, sizeof path, "%s/supervise/status", slot);
    int fd = open(path, O_RDONLY);
    if (fd < 0 || read(fd, status, sizeof status) != 35) {
        die(path);
    }
    close(fd);
    return status[28] << 24 | status[29] << 16 | status[30] << 8 | status[31];
}

int main(int argc, char** argv) {
    if (argc < 5) {
        return 100;
    }
    int profile = open(argv[2], O_RDONLY | O_DIRECTORY);
    int model = open(argv[3], O_RDONLY | O_DIRECTORY);
    int gateway = (int)syscall(SYS_pidfd_open, pid_of(argv[1]), 0);
    if (gateway < 0) {
        die("pidfd_open");
    }
    for (int i = 4; i < argc; ++i) {
        char* flush = strchr(argv[i], ':');
        if (flush) {
            *flush++ = '\0';
        }
        replace(profile, model, argv[i], flush != NULL);
        if (flush && *flush == 'd') {
            fsync(profile);
        }
    }
    char* words[] = {"s6-svc", "-D", argv[1], NULL};
    pid_t tool;
    int status = 0;
    if (posix_spawnp(&tool, words[0], NULL, NULL, words, environ) != 0 ||
        waitpid(tool, &status, 0) != tool || status != 0) {
        die("s6-svc");
    }
    struct pollfd end = {.fd = gateway, .events = POLLIN};
    poll(&end, 1, -1);
    return 0;
}
