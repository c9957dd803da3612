/* nvme-until - time an action inside the lab VM without forking for each look at sysfs.
 *
 *   nvme-until now
 *   nvme-until [-u UNIT]... [-p] [-t SEC] [ACTION]... [COND]
 * Actions, done in order (time 0 is just before the first):
 *   -x CMD       system(CMD), prints exec=SECONDS (return of the command) and exec_rc
 *   -w F=TEXT    write TEXT to file F
 *   -l T=LINK    symlink LINK -> T
 *   -r LINK      unlink LINK
 * Conditions (all must hold; polled about every 5 ms), prints done=SECONDS or done=timeout:
 *   -i N         at least N I/O controllers are live        -I N   exactly N controllers of I/O
 * type exist -d N         at least N discovery controllers are live  -D N   exactly N discovery
 * controllers exist -n NQN       a live controller with this NQN            -N NQN no controller
 * with this NQN -f FILE      the file exists                            -F FILE it does not -b
 * UNIT=S      wait until UNIT has used no CPU for S seconds after the conditions (prints
 * quiet=SECONDS, to the last use) -u UNIT        print cpu of the unit's cgroup (seconds) at:
 * start, exec return, done, quiet -p             print each controller's first live time
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define MAXU 4
#define MAXC 1024
static char *units[MAXU];
static int nunits;
static struct {
        int id;
        double t;
        int isio;
} seen[MAXC];
static int nseen;

static double now(void)
{
        struct timespec t;
        clock_gettime(CLOCK_MONOTONIC, &t);
        return t.tv_sec + t.tv_nsec / 1e9;
}

static int slurp(const char *path, char *b, int n)
{
        int fd = open(path, O_RDONLY | O_CLOEXEC), r;
        if (fd < 0)
                return -1;
        r = read(fd, b, n - 1);
        close(fd);
        if (r < 0)
                return -1;
        while (r > 0 && b[r - 1] == '\n')
                r--;
        b[r] = 0;
        return r;
}

static double cpu(const char *unit)
{
        char p[256], b[1024], *c;
        snprintf(p, sizeof p, "/sys/fs/cgroup/system.slice/%s.service/cpu.stat", unit);
        if (slurp(p, b, sizeof b) <= 0 || !(c = strstr(b, "usage_usec ")))
                return 0;
        return atof(c + 11) / 1e6;
}

static void cpus(const char *when)
{
        for (int i = 0; i < nunits; i++)
                printf("cpu_%s_%s=%.3f\n", units[i], when, cpu(units[i]));
}

struct want {
        int io, io_exact, dc, dc_exact, nn, ng, nf, nF;
        char *nqn[8], *gone[8], *file[8], *nofile[8];
};

/* What never changes once a controller is live, by the inode of its link: the kernel gives none
 * twice. With a hundred controllers, reading all of it at each look would take time from what is
 * measured. */
static struct known {
        ino_t inode;
        int isdc;
        char nqn[230];
} known[MAXC];
static int nknown;

static struct known *known_of(ino_t inode)
{
        for (int i = 0; i < nknown; i++)
                if (known[i].inode == inode)
                        return &known[i];
        return NULL;
}

static void read_known(const char *name, struct known *k)
{
        char p[256], ty[64];
        snprintf(p, sizeof p, "/sys/class/nvme/%.32s/cntrltype", name);
        int r = slurp(p, ty, sizeof ty);
        snprintf(p, sizeof p, "/sys/class/nvme/%.32s/subsysnqn", name);
        slurp(p, k->nqn, sizeof k->nqn);
        k->isdc = r < 0 ? strstr(k->nqn, "discovery") != NULL : !strcmp(ty, "discovery");
}

static int is_live(const char *name)
{
        char p[256], st[64] = "";
        snprintf(p, sizeof p, "/sys/class/nvme/%.32s/state", name);
        slurp(p, st, sizeof st);
        return !strcmp(st, "live");
}

static int too_few(DIR *d, int n)
{
        struct dirent *e;
        while (n > 0 && (e = readdir(d)))
                n -= e->d_name[0] != '.';
        rewinddir(d);
        return n > 0;
}

static int look(const struct want *w, double t0, int track)
{
        int io = 0, io_all = 0, dc = 0, dc_all = 0, have = 0, bad = 0;
        DIR *d = opendir("/sys/class/nvme");
        struct dirent *e;
        if (d && !track && too_few(d, w->io + w->dc))
                return closedir(d), 0;
        while (d && (e = readdir(d))) {
                struct known fresh = { .inode = e->d_ino }, *k;
                int named = 0, live = 0;
                if (e->d_name[0] == '.')
                        continue;
                if (!(k = known_of(e->d_ino))) {
                        /* the state first: what is read after "live" is final */
                        live = is_live(e->d_name);
                        read_known(e->d_name, k = &fresh);
                        if (live && fresh.nqn[0] && nknown < MAXC)
                                known[nknown++] = fresh;
                }
                for (int i = 0; i < w->nn; i++)
                        named |= !strcmp(k->nqn, w->nqn[i]) << i;
                if (k != &fresh && (track || named || w->io || w->dc))
                        live = is_live(e->d_name);
                *(k->isdc ? &dc_all : &io_all) += 1;
                *(k->isdc ? &dc : &io) += live;
                have |= live ? named : 0;
                for (int i = 0; i < w->ng; i++)
                        bad |= !strcmp(k->nqn, w->gone[i]);
                if (track && live) {
                        int id = atoi(e->d_name + 4), s;
                        for (s = 0; s < nseen && seen[s].id != id; s++)
                                ;
                        if (s == nseen && nseen < MAXC) {
                                seen[nseen].id = id;
                                seen[nseen].isio = !k->isdc;
                                seen[nseen++].t = now() - t0;
                        }
                }
        }
        if (d)
                closedir(d);
        for (int i = 0; i < w->nf; i++)
                bad |= access(w->file[i], F_OK) != 0;
        for (int i = 0; i < w->nF; i++)
                bad |= access(w->nofile[i], F_OK) == 0;
        return !bad && io >= w->io && dc >= w->dc && have == (1 << w->nn) - 1 &&
               (w->io_exact < 0 || io_all == w->io_exact) &&
               (w->dc_exact < 0 || dc_all == w->dc_exact);
}

int main(int argc, char **argv)
{
        struct want w = { .io_exact = -1, .dc_exact = -1 };
        struct {
                int op;
                char *a;
        } act[16];
        int nact = 0, c, print = 0, conds = 0;
        double tmo = 60, quiet = 0;
        char *qunit = NULL;

        setvbuf(stdout, NULL, _IOLBF, 0);
        if (argc == 2 && !strcmp(argv[1], "now"))
                return printf("%.3f\n", now()), 0;
        while ((c = getopt(argc, argv, "x:w:l:r:i:I:d:D:n:N:f:F:u:pt:b:")) != -1) {
                conds += strchr("iIdDnNfF", c) != NULL;
                switch (c) {
                case 'x':
                case 'w':
                case 'l':
                case 'r':
                        act[nact].op = c;
                        act[nact++].a = optarg;
                        break;
                case 'i':
                        w.io = atoi(optarg);
                        break;
                case 'I':
                        w.io_exact = atoi(optarg);
                        break;
                case 'd':
                        w.dc = atoi(optarg);
                        break;
                case 'D':
                        w.dc_exact = atoi(optarg);
                        break;
                case 'n':
                        w.nqn[w.nn++] = optarg;
                        break;
                case 'N':
                        w.gone[w.ng++] = optarg;
                        break;
                case 'f':
                        w.file[w.nf++] = optarg;
                        break;
                case 'F':
                        w.nofile[w.nF++] = optarg;
                        break;
                case 'u':
                        units[nunits++] = optarg;
                        break;
                case 'p':
                        print = 1;
                        break;
                case 't':
                        tmo = atof(optarg);
                        break;
                case 'b':
                        qunit = optarg;
                        break;
                default:
                        return 2;
                }
        }
        cpus("start");
        double t0 = now();
        if (print)
                look(&w, t0, 1), nseen = 0;
        for (int i = 0; i < nact; i++) {
                char *eq = strchr(act[i].a, '=');
                if (act[i].op == 'x') {
                        double a = now();
                        int rc = system(act[i].a);
                        double e = now() - a;
                        cpus("exec");
                        printf("exec=%.3f\nexec_rc=%d\n", e, rc >> 8);
                } else if (act[i].op == 'r') {
                        if (unlink(act[i].a))
                                perror(act[i].a);
                } else if (eq) {
                        *eq = 0;
                        if (act[i].op == 'l') {
                                if (symlink(act[i].a, eq + 1))
                                        perror(eq + 1);
                        } else {
                                int fd = open(act[i].a, O_WRONLY | O_CREAT | O_TRUNC, 0644);
                                if (fd < 0 || write(fd, eq + 1, strlen(eq + 1)) < 0)
                                        perror(act[i].a);
                                close(fd);
                        }
                }
        }
        int ok = 0;
        while (conds && now() - t0 < tmo) {
                double a = now();
                if ((ok = look(&w, t0, print)))
                        break;
                double d = (now() - a) * 3;
                usleep((d > 0.005 ? d : 0.005) * 1e6);
        }
        if (conds) {
                if (ok)
                        printf("done=%.3f\n", now() - t0);
                else
                        printf("done=timeout\n");
                cpus("done");
        }
        if (qunit) {
                char *eq = strchr(qunit, '=');
                quiet = atof(eq + 1);
                *eq = 0;
                double last = now(), u = cpu(qunit), start = now();
                while (now() - last < quiet && now() - start < tmo) {
                        usleep(100000);
                        double v = cpu(qunit);
                        if (v - u > 0.002)
                                last = now();
                        u = v;
                }
                printf("quiet=%.3f\n", last - t0);
                cpus("quiet");
        }
        if (print)
                for (int i = 0; i < nseen; i++)
                        printf("nvme%d %s live=%.3f\n", seen[i].id, seen[i].isio ? "io" : "dc",
                               seen[i].t);
        return conds ? !ok : 0;
}
