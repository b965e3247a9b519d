// A disk that remembers the order of what was written to it, for the power cuts of tests/power.
//     disklog IMAGE LOG MOUNTPOINT
// MOUNTPOINT/disk shows IMAGE and lies below a loop device. What goes to it is appended to LOG, as records of three numbers of
// 8 bytes: 'w', offset, length, with that many bytes behind them; 'f', 0, 0 for a flush. What is written to MOUNTPOINT/mark is
// 'm', 0, length, and its bytes: words of the test, in the same order.
#define FUSE_USE_VERSION 31
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <fuse3/fuse.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

static int image, record;
static pthread_mutex_t in_order = PTHREAD_MUTEX_INITIALIZER;

static int append(char kind, off_t at, const char *bytes, size_t size) {
    uint64_t head[3] = {(uint64_t)kind, (uint64_t)at, size};
    struct iovec parts[] = {{head, sizeof head}, {(void *)bytes, size}};
    return writev(record, parts, 2) == (ssize_t)(sizeof head + size) ? 0 : -EIO;
}

static int is_disk(const char *path) { return strcmp(path, "/disk") == 0; }

static int d_getattr(const char *path, struct stat *st, struct fuse_file_info *fi) {
    (void)fi;
    memset(st, 0, sizeof *st);
    st->st_mode = strcmp(path, "/") == 0 ? S_IFDIR | 0755 : S_IFREG | 0600;
    st->st_nlink = 1;
    struct stat below;
    if (is_disk(path) && fstat(image, &below) == 0)
        st->st_size = below.st_size;
    return st->st_mode & S_IFDIR || is_disk(path) || strcmp(path, "/mark") == 0 ? 0 : -ENOENT;
}

// The kernel must keep nothing back: what it has written is on the disk, or is asked for by a flush.
static int d_open(const char *path, struct fuse_file_info *fi) {
    (void)path;
    fi->direct_io = 1;
    return 0;
}

static int d_truncate(const char *path, off_t size, struct fuse_file_info *fi) {
    (void)size;
    (void)fi;
    return is_disk(path) ? -EPERM : 0;
}

static int d_read(const char *path, char *buf, size_t size, off_t at, struct fuse_file_info *fi) {
    (void)path;
    (void)fi;
    ssize_t n = pread(image, buf, size, at);
    return n < 0 ? -errno : (int)n;
}

static int d_write(const char *path, const char *buf, size_t size, off_t at, struct fuse_file_info *fi) {
    (void)fi;
    pthread_mutex_lock(&in_order);
    int failed = append(is_disk(path) ? 'w' : 'm', is_disk(path) ? at : 0, buf, size);
    ssize_t n = failed ? failed : !is_disk(path) ? (ssize_t)size : pwrite(image, buf, size, at);
    pthread_mutex_unlock(&in_order);
    return (int)n;
}

static int d_fsync(const char *path, int data, struct fuse_file_info *fi) {
    (void)data;
    (void)fi;
    pthread_mutex_lock(&in_order);
    int failed = is_disk(path) ? append('f', 0, "", 0) : 0;
    pthread_mutex_unlock(&in_order);
    return failed;
}

static const struct fuse_operations operations = {
    .getattr = d_getattr, .open = d_open, .truncate = d_truncate, .read = d_read, .write = d_write, .fsync = d_fsync,
};

int main(int argc, char **argv) {
    if (argc != 4)
        return fprintf(stderr, "usage: disklog IMAGE LOG MOUNTPOINT\n"), 2;
    image = open(argv[1], O_RDWR | O_CLOEXEC);
    record = open(argv[2], O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);
    if (image < 0 || record < 0)
        return perror("disklog"), 1;
    char *words[] = {argv[0], "-f", argv[3], NULL};
    return fuse_main(3, words, &operations, NULL);
}
