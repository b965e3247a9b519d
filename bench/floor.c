/* The floor: the least work in C, on one thread, that leaves the same bytes as `gatewayctl
 * reconcile`.
 *
 *     floor HOME SCANDIR MODEL-UP MODEL-DOWN MODEL-NAME LOG-LINE
 *
 * For every directory in HOME/profiles: look for SOUL.md, read gateway_state.json, unlink the two
 * stale files, build the slot under a dot name, rename it into place; at the end one write to the
 * boot log. A slot is a copy of a model slot (one that gatewayctl made) with MODEL-NAME replaced by
 * the profile's name, so that nothing here knows what a slot holds. A slot that is there is taken
 * to be right without a look at it. Nothing is checked beyond what the result needs, so no honest
 * program can be faster than this by much.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { max_files = 32, max_bytes = 1 << 16 };

struct file {
    char path[300];
    mode_t mode;
    size_t size;
    char* bytes;
};

struct model {
    struct file files[max_files];
    int count;
};

static void die(const char* what) {
    perror(what);
    exit(111);
}

static void load_directory(struct model* model, int at, const char* prefix) {
    DIR* stream = fdopendir(at);
    if (!stream) {
        die("fdopendir");
    }
    for (struct dirent* entry; (entry = readdir(stream)) != NULL;) {
        if (entry->d_type != DT_REG) {
            continue;
        }
        struct file* file = &model->files[model->count++];
        snprintf(file->path, sizeof file->path, "%s%s", prefix, entry->d_name);
        int fd = openat(dirfd(stream), entry->d_name, O_RDONLY);
        struct stat st;
        if (fd < 0 || fstat(fd, &st) != 0) {
            die(file->path);
        }
        file->mode = st.st_mode & 07777;
        file->size = (size_t)st.st_size;
        file->bytes = malloc(file->size + 1);
        if (read(fd, file->bytes, file->size) != st.st_size) {
            die(file->path);
        }
        close(fd);
    }
    closedir(stream);
}

static struct model load(const char* path) {
    struct model model = {.count = 0};
    int at = open(path, O_RDONLY | O_DIRECTORY);
    if (at < 0) {
        die(path);
    }
    load_directory(&model, openat(at, "log", O_RDONLY | O_DIRECTORY), "log/");
    load_directory(&model, at, "");
    return model;
}

static char scratch[max_bytes];

static size_t fill(const struct file* file, const char* name, size_t name_size, const char* mark) {
    const size_t mark_size = strlen(mark);
    const char* from = file->bytes;
    const char* end = from + file->size;
    char* to = scratch;
    for (const char* hit; (hit = memmem(from, (size_t)(end - from), mark, mark_size)) != NULL;
         from = hit + mark_size) {
        to = mempcpy(to, from, (size_t)(hit - from));
        to = mempcpy(to, name, name_size);
    }
    return (size_t)((char*)mempcpy(to, from, (size_t)(end - from)) - scratch);
}

static void build(int scandir, const struct model* model, const char* name, const char* mark) {
    char staging[300];
    snprintf(staging, sizeof staging, ".gateway-%s.new", name);
    const char* slot = staging + 1;
    if (mkdirat(scandir, staging, 0755) != 0) {
        die(staging);
    }
    int at = openat(scandir, staging, O_RDONLY | O_DIRECTORY);
    mkdirat(at, "log", 0755);
    for (int i = 0; i < model->count; ++i) {
        const struct file* file = &model->files[i];
        int fd = openat(at, file->path, O_WRONLY | O_CREAT | O_EXCL, file->mode);
        if (fd < 0) {
            die(file->path);
        }
        if (file->size != 0) {
            const size_t size = fill(file, name, strlen(name), mark);
            if (write(fd, scratch, size) != (ssize_t)size) {
                die(file->path);
            }
        }
        close(fd);
    }
    static const char* const parts[][3] = {{"supervise", "event", "supervise/control"},
                                           {"log/supervise", "log/event", "log/supervise/control"}};
    for (int i = 0; i < 2; ++i) {
        mkdirat(at, parts[i][0], 0755);
        mkdirat(at, parts[i][1], 01730);
        fchmodat(at, parts[i][1], 03730, 0);
        mkfifoat(at, parts[i][2], 0660);
    }
    close(at);
    char published[300];
    snprintf(published, sizeof published, "%.*s", (int)strlen(slot) - 4, slot);
    if (renameat(scandir, staging, scandir, published) != 0) {
        die(published);
    }
}

/* Up when the state file says running, as half of the bench's volume does. */
static int judge(int profile) {
    char state[4096];
    int fd = openat(profile, "gateway_state.json", O_RDONLY);
    const ssize_t size = fd < 0 ? 0 : read(fd, state, sizeof state - 1);
    close(fd);
    return memmem(state, (size_t)size, "\"running\"", 9) != NULL;
}

int main(int argc, char** argv) {
    if (argc != 7) {
        return 100;
    }
    umask(0);
    const struct model up = load(argv[3]);
    const struct model down = load(argv[4]);
    int home = open(argv[1], O_RDONLY | O_DIRECTORY);
    int scandir = open(argv[2], O_RDONLY | O_DIRECTORY);
    DIR* profiles = fdopendir(openat(home, "profiles", O_RDONLY | O_DIRECTORY));
    if (home < 0 || scandir < 0 || !profiles) {
        die("open");
    }
    char* log = NULL;
    size_t log_size = 0;
    FILE* lines = open_memstream(&log, &log_size);
    for (struct dirent* entry; (entry = readdir(profiles)) != NULL;) {
        if (entry->d_name[0] == '.') {
            continue;
        }
        int profile = openat(dirfd(profiles), entry->d_name, O_RDONLY | O_DIRECTORY);
        if (faccessat(profile, "SOUL.md", F_OK, 0) == 0) {
            char slot[300];
            snprintf(slot, sizeof slot, "gateway-%s", entry->d_name);
            const int is_up = judge(profile);
            unlinkat(profile, "gateway.pid", 0);
            unlinkat(profile, "processes.json", 0);
            if (faccessat(scandir, slot, F_OK, 0) != 0) {
                build(scandir, is_up ? &up : &down, entry->d_name, argv[5]);
            }
            fprintf(lines, "%s %s\n", argv[6], entry->d_name);
        }
        close(profile);
    }
    fclose(lines);
    mkdirat(home, "logs", 0755);
    int out = openat(home, "logs/container-boot.log", O_WRONLY | O_CREAT | O_APPEND, 0644);
    if (out < 0 || write(out, log, log_size) != (ssize_t)log_size) {
        die("boot log");
    }
    return 0;
}
