/* nvme-ctrls - print the kernel's view of its NVMe controllers, without forking.
 *
 *   nvme-ctrls       one line per controller, fields separated by tabs:
 *                    name inode type state nqn traddr trsvcid cntlid serial hostnqn transport
 *                    (- if missing). The inode is that of the sysfs directory. The kernel never
 *                    reuses it, so it distinguishes a controller from its successor of the same
 *                    name, which has the same serial and, on a quiet target, the same cntlid.
 *   nvme-ctrls -w    polls every few milliseconds and prints each change as
 *                    "SECONDS name inode OLD NEW": states as in sysfs, "none" before the
 *                    controller appeared, "gone" after it was removed; SECONDS on the monotonic
 *                    clock. The initial state is not printed. Ends when standard output is closed
 *                    or it is killed. */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum {
        MAX_CTRLS = 1024
};

struct ctrl {
        char name[32], state[32];
        unsigned long inode;
        bool seen;
};

static const char class_dir[] = "/sys/class/nvme";

static double now(void)
{
        struct timespec t;

        clock_gettime(CLOCK_MONOTONIC, &t);
        return t.tv_sec + t.tv_nsec / 1e9;
}

static bool read_attr(const char *name, const char *attr, char *buf, size_t size)
{
        char path[512];
        ssize_t n;
        int fd;

        snprintf(path, sizeof path, "%s/%s/%s", class_dir, name, attr);
        fd = open(path, O_RDONLY | O_CLOEXEC);
        n = fd < 0 ? -1 : read(fd, buf, size - 1);
        if (fd >= 0)
                close(fd);
        if (n < 0)
                n = snprintf(buf, size, "-");
        while (n > 0 && (buf[n - 1] == '\n' || buf[n - 1] == ' '))
                n--;
        buf[n] = 0;
        return strcmp(buf, "-") != 0;
}

static unsigned long inode_of(const char *name)
{
        char path[512];
        struct stat st;

        snprintf(path, sizeof path, "%s/%s/", class_dir, name);
        return stat(path, &st) == 0 ? st.st_ino : 0;
}

/* From "uevent", since reading "address" while the connection is torn down may kill the reader
 * (6.12, nvme_tcp_get_address()). */
static void address_part(const char *uevent, const char *key, char *buf, size_t size)
{
        const char *p = strstr(uevent, key);
        int n = p ? (int) strcspn(p + strlen(key), "\n") : 0;

        if (n > 0 && strncmp(p + strlen(key), "none\n", n + 1) != 0)
                snprintf(buf, size, "%.*s", n, p + strlen(key));
        else
                snprintf(buf, size, "-");
}

/* Before Linux 5.18 sysfs does not show the type; discovery controllers have the well-known NQN
 * there. */
static void type_by_nqn(const char *nqn, char *type, size_t size)
{
        if (strcmp(type, "-") == 0 && strcmp(nqn, "-") != 0)
                snprintf(type, size, "%s",
                         strcmp(nqn, "nqn.2014-08.org.nvmexpress.discovery") == 0 ? "discovery"
                                                                                  : "io");
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
        return strverscmp((*a)->d_name, (*b)->d_name);
}

static int is_ctrl(const struct dirent *e)
{
        return strncmp(e->d_name, "nvme", 4) == 0;
}

static void list(void)
{
        static const char *const attrs[] = { "cntrltype", "state",  "subsysnqn", "uevent",
                                             "cntlid",    "serial", "hostnqn",   "transport" };
        struct dirent **e;
        int n = scandir(class_dir, &e, is_ctrl, by_name);

        for (int i = 0; i < n; i++) {
                char v[8][512], traddr[256], trsvcid[64];
                unsigned long inode = inode_of(e[i]->d_name);

                for (int k = 0; k < 8; k++)
                        read_attr(e[i]->d_name, attrs[k], v[k], sizeof v[k]);
                type_by_nqn(v[2], v[0], sizeof v[0]);
                address_part(v[3], "\nNVME_TRADDR=", traddr, sizeof traddr);
                address_part(v[3], "\nNVME_TRSVCID=", trsvcid, sizeof trsvcid);
                if (inode)
                        printf("%s\t%lu\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", e[i]->d_name, inode,
                               v[0], v[1], v[2], traddr, trsvcid, v[4], v[5], v[6], v[7]);
        }
}

static void look(struct ctrl *c, int *n, bool quiet)
{
        DIR *d = opendir(class_dir);
        struct dirent *e;

        for (int i = 0; i < *n; i++)
                c[i].seen = false;
        while (d && (e = readdir(d))) {
                char state[32];
                unsigned long inode;
                int i;

                if (!is_ctrl(e) || !(inode = inode_of(e->d_name)) ||
                    !read_attr(e->d_name, "state", state, sizeof state))
                        continue;
                for (i = 0; i < *n && c[i].inode != inode; i++)
                        ;
                if (i == *n) {
                        if (*n == MAX_CTRLS)
                                continue;
                        snprintf(c[i].name, sizeof c[i].name, "%.31s", e->d_name);
                        snprintf(c[i].state, sizeof c[i].state, "none");
                        c[i].inode = inode;
                        ++*n;
                }
                c[i].seen = true;
                if (strcmp(c[i].state, state) != 0) {
                        if (!quiet)
                                printf("%.3f %s %lu %s %s\n", now(), c[i].name, inode, c[i].state,
                                       state);
                        snprintf(c[i].state, sizeof c[i].state, "%s", state);
                }
        }
        if (d)
                closedir(d);
        for (int i = 0; i < *n; i++) {
                if (c[i].seen)
                        continue;
                printf("%.3f %s %lu %s gone\n", now(), c[i].name, c[i].inode, c[i].state);
                c[i--] = c[--*n];
        }
}

int main(int argc, char **argv)
{
        static struct ctrl ctrls[MAX_CTRLS];
        int n = 0;

        if (argc == 1) {
                list();
                return 0;
        }
        if (argc != 2 || strcmp(argv[1], "-w") != 0)
                return 2;
        look(ctrls, &n, true);
        while (!ferror(stdout)) {
                double t = now();

                look(ctrls, &n, false);
                fflush(stdout);
                /* on two slow CPUs the observed processes must not wait for the observer */
                t = (now() - t) * 3;
                usleep((t > 0.005 ? t : 0.005) * 1e6);
        }
        return 0;
}
