// A pass-through file system that refuses what some real volumes refuse, for the tests of a volume.
//     oddfs SOURCE MOUNTPOINT REFUSALS
// REFUSALS is a file with words "operation=errno" (chmod=1 fsyncdir=22 flock=37 rename2=22), each with a blank before it.
// It is read at every operation, so that a volume can become odd, or well again, while it is in use; only whether the
// volume answers flock and lock itself is settled when it is mounted.
#define FUSE_USE_VERSION 31
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fuse3/fuse.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

static char source[PATH_MAX], refusals[PATH_MAX];
static int refuse(const char *what) {
    char key[64], odd[1024];
    int fd = open(refusals, O_RDONLY | O_CLOEXEC);
    ssize_t n = read(fd, odd, sizeof odd - 1);
    close(fd);
    odd[n < 0 ? 0 : n] = 0;
    snprintf(key, sizeof key, " %s=", what);
    const char *at = strstr(odd, key);
    return at ? atoi(at + strlen(key)) : 0;
}
#define P(name, path) char name[PATH_MAX * 2]; snprintf(name, sizeof name, "%s%s", source, path)
#define ANSWER(call) return (call) == -1 ? -errno : 0
static void give(const char *p) { struct fuse_context *c = fuse_get_context(); if (lchown(p, c->uid, c->gid)) {} }

static int o_getattr(const char *path, struct stat *st, struct fuse_file_info *fi) { (void)fi; P(p, path); ANSWER(lstat(p, st)); }
static int o_readlink(const char *path, char *buf, size_t n) { P(p, path); ssize_t r = readlink(p, buf, n - 1); if (r < 0) return -errno; buf[r] = 0; return 0; }
static int o_mknod(const char *path, mode_t m, dev_t d) { P(p, path); int e = S_ISFIFO(m) ? refuse("mkfifo") : 0; if (e) return -e; if (mknod(p, m, d)) return -errno; give(p); return 0; }
static int o_mkdir(const char *path, mode_t m) { P(p, path); if (mkdir(p, m)) return -errno; give(p); return 0; }
static int o_unlink(const char *path) { P(p, path); ANSWER(unlink(p)); }
static int o_rmdir(const char *path) { P(p, path); ANSWER(rmdir(p)); }
static int o_symlink(const char *to, const char *path) { P(p, path); int e = refuse("symlink"); if (e) return -e; if (symlink(to, p)) return -errno; give(p); return 0; }
static int o_rename(const char *a, const char *b, unsigned flags) { P(pa, a); P(pb, b); int e = refuse("rename2"); if (flags && e) return -e; ANSWER(renameat2(AT_FDCWD, pa, AT_FDCWD, pb, flags)); }
static int o_link(const char *a, const char *b) { P(pa, a); P(pb, b); int e = refuse("link"); if (e) return -e; ANSWER(link(pa, pb)); }
static int o_chmod(const char *path, mode_t m, struct fuse_file_info *fi) { (void)fi; P(p, path); int e = refuse("chmod"); if (e) return -e; ANSWER(chmod(p, m)); }
static int o_chown(const char *path, uid_t u, gid_t g, struct fuse_file_info *fi) { (void)fi; P(p, path); int e = refuse("chown"); if (e) return -e; ANSWER(lchown(p, u, g)); }
static int o_truncate(const char *path, off_t n, struct fuse_file_info *fi) { (void)fi; P(p, path); ANSWER(truncate(p, n)); }
static int o_open(const char *path, struct fuse_file_info *fi) { P(p, path); int fd = open(p, fi->flags & ~O_NOFOLLOW); if (fd < 0) return -errno; fi->fh = fd; return 0; }
static int o_create(const char *path, mode_t m, struct fuse_file_info *fi) { P(p, path); int fd = open(p, fi->flags | O_CREAT, m); if (fd < 0) return -errno; give(p); fi->fh = fd; return 0; }
static int o_read(const char *path, char *buf, size_t n, off_t at, struct fuse_file_info *fi) { (void)path; ssize_t r = pread(fi->fh, buf, n, at); return r < 0 ? -errno : (int)r; }
static int o_write(const char *path, const char *buf, size_t n, off_t at, struct fuse_file_info *fi) { (void)path; int e = refuse("write"); if (e) return -e; ssize_t r = pwrite(fi->fh, buf, n, at); return r < 0 ? -errno : (int)r; }
static int o_statfs(const char *path, struct statvfs *st) { P(p, path); ANSWER(statvfs(p, st)); }
static int o_release(const char *path, struct fuse_file_info *fi) { (void)path; close(fi->fh); return 0; }
static int o_fsync(const char *path, int data, struct fuse_file_info *fi) { (void)path; (void)data; int e = refuse("fsync"); if (e) return -e; ANSWER(fsync(fi->fh)); }
static int o_fsyncdir(const char *path, int data, struct fuse_file_info *fi) { (void)path; (void)data; (void)fi; return -refuse("fsyncdir"); }
static int o_flock(const char *path, struct fuse_file_info *fi, int op) { (void)path; int e = refuse("flock"); if (e) return -e; ANSWER(flock(fi->fh, op)); }
static int o_lock(const char *path, struct fuse_file_info *fi, int cmd, struct flock *l) { (void)path; (void)fi; (void)cmd; (void)l; return -refuse("lock"); }
static int o_readdir(const char *path, void *buf, fuse_fill_dir_t fill, off_t at, struct fuse_file_info *fi, enum fuse_readdir_flags fl) {
    (void)at; (void)fi; (void)fl; P(p, path); DIR *d = opendir(p); if (!d) return -errno;
    for (struct dirent *e; (e = readdir(d));) { struct stat st = {.st_ino = e->d_ino, .st_mode = (mode_t)e->d_type << 12}; if (refuse("dtype")) st.st_mode = 0; if (fill(buf, e->d_name, &st, 0, 0)) break; }
    closedir(d); return 0;
}
static int o_utimens(const char *path, const struct timespec t[2], struct fuse_file_info *fi) { (void)fi; P(p, path); ANSWER(utimensat(AT_FDCWD, p, t, AT_SYMLINK_NOFOLLOW)); }
static void *o_init(struct fuse_conn_info *c, struct fuse_config *f) { (void)c; f->use_ino = 1; f->attr_timeout = f->entry_timeout = f->negative_timeout = 0; return NULL; }

int main(int argc, char **argv) {
    if (argc != 4 || !realpath(argv[1], source) || !realpath(argv[3], refusals)) return 2;
    umask(0);
    struct fuse_operations ops = {.getattr = o_getattr, .readlink = o_readlink, .mknod = o_mknod, .mkdir = o_mkdir, .unlink = o_unlink, .rmdir = o_rmdir,
        .symlink = o_symlink, .rename = o_rename, .link = o_link, .chmod = o_chmod, .chown = o_chown, .truncate = o_truncate, .open = o_open, .create = o_create,
        .read = o_read, .write = o_write, .statfs = o_statfs, .release = o_release, .fsync = o_fsync, .fsyncdir = o_fsyncdir, .readdir = o_readdir,
        .utimens = o_utimens, .init = o_init};
    if (refuse("flock")) ops.flock = o_flock;
    if (refuse("lock")) ops.lock = o_lock;
    char *args[] = {argv[0], argv[2], "-f", "-s", "-o", "allow_other,default_permissions,dev", NULL};
    return fuse_main(6, args, &ops, NULL);
}
