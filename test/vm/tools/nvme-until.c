/* SPDX-License-Identifier: Apache-2.0 */

/* clang-format off */
/* nvme-until - time an action in the VM without forking for each poll of sysfs.
 *
 *   nvme-until now
 *   nvme-until [-u UNIT]... [-p] [-t SEC] [-b UNIT=S] [ACTION]... [CONDITION]...
 * Actions, executed in order; time 0 is just before the first:
 *   -x CMD     run CMD in the shell; print exec=SECONDS and exec_rc
 *   -w F=TEXT  write TEXT to file F
 *   -l T=LINK  make the symbolic link LINK to T
 *   -r LINK    remove LINK
 * Conditions, all of which must hold, polled about every 5 ms; prints done=SECONDS or done=timeout:
 *   -i N       at least N I/O controllers are live        -I N    exactly N I/O controllers exist
 *   -d N       at least N discovery controllers are live  -D N    exactly N discovery controllers exist
 *   -n NQN     a live controller has this NQN             -N NQN  no controller has it
 *   -f FILE    the file exists                            -F FILE it does not exist
 * -b UNIT=S    then wait until UNIT has used no CPU for S seconds; print quiet=SECONDS, until the last use
 * -u UNIT      print the CPU seconds of the unit's control group at: start, exec, done, quiet
 * -p           print when each controller was first seen live
 */
/* clang-format on */
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

/* Attributes that are constant once a controller is live, by the inode of its link, which the
 * kernel never reuses. With a hundred controllers, reading all of them on each poll would distort
 * the measurement. */
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
                        /* the state first: everything read after "live" is final */
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

enum {
        MAX_ACTIONS = 16
};

struct action {
        int op;
        char *arg;
};

struct job {
        struct want want;
        struct action actions[MAX_ACTIONS];
        int n_actions, n_conditions, print;
        double timeout;
        char *quiet_unit; /* UNIT=SECONDS */
};

static int parse_condition(struct want *w, int c, char *arg)
{
        switch (c) {
        case 'i':
                w->io = atoi(arg);
                return 0;
        case 'I':
                w->io_exact = atoi(arg);
                return 0;
        case 'd':
                w->dc = atoi(arg);
                return 0;
        case 'D':
                w->dc_exact = atoi(arg);
                return 0;
        case 'n':
                w->nqn[w->nn++] = arg;
                return 0;
        case 'N':
                w->gone[w->ng++] = arg;
                return 0;
        case 'f':
                w->file[w->nf++] = arg;
                return 0;
        case 'F':
                w->nofile[w->nF++] = arg;
                return 0;
        }
        return -1;
}

static int parse(int argc, char **argv, struct job *j)
{
        int c;

        while ((c = getopt(argc, argv, "x:w:l:r:i:I:d:D:n:N:f:F:u:pt:b:")) != -1) {
                if (strchr("xwlr", c) && j->n_actions < MAX_ACTIONS)
                        j->actions[j->n_actions++] = (struct action) { c, optarg };
                else if (c == 'u' && nunits < MAXU)
                        units[nunits++] = optarg;
                else if (c == 'p')
                        j->print = 1;
                else if (c == 't')
                        j->timeout = atof(optarg);
                else if (c == 'b')
                        j->quiet_unit = optarg;
                else if (parse_condition(&j->want, c, optarg) == 0)
                        j->n_conditions++;
                else
                        return -1;
        }
        return 0;
}

static void run_command(const char *command)
{
        double start = now();
        int rc = system(command);
        double took = now() - start;

        cpus("exec");
        printf("exec=%.3f\nexec_rc=%d\n", took, rc >> 8);
}

static void write_file(const char *path, const char *text)
{
        int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);

        if (fd < 0 || write(fd, text, strlen(text)) < 0)
                perror(path);
        close(fd);
}

static void act(const struct action *a)
{
        char *value = strchr(a->arg, '=');

        if (a->op == 'x') {
                run_command(a->arg);
                return;
        }
        if (a->op == 'r') {
                if (unlink(a->arg))
                        perror(a->arg);
                return;
        }
        if (!value)
                return;
        *value++ = 0;
        if (a->op == 'w')
                write_file(a->arg, value);
        else if (symlink(a->arg, value))
                perror(value);
}

static int wait_for_conditions(const struct job *j, double t0)
{
        while (now() - t0 < j->timeout) {
                double start = now();
                if (look(&j->want, t0, j->print)) {
                        printf("done=%.3f\n", now() - t0);
                        return 1;
                }
                double pause = (now() - start) * 3; /* polling must not become the load */
                usleep((pause > 0.005 ? pause : 0.005) * 1e6);
        }
        printf("done=timeout\n");
        return 0;
}

static void wait_for_quiet(const struct job *j, double t0)
{
        char *value = strchr(j->quiet_unit, '=');
        if (!value)
                return;

        double quiet = atof(value + 1);
        *value = 0;
        double start = now(), last = start, used = cpu(j->quiet_unit);
        while (now() - last < quiet && now() - start < j->timeout) {
                usleep(100000);
                double u = cpu(j->quiet_unit);
                if (u - used > 0.002)
                        last = now();
                used = u;
        }
        printf("quiet=%.3f\n", last - t0);
        cpus("quiet");
}

int main(int argc, char **argv)
{
        struct job j = { .want = { .io_exact = -1, .dc_exact = -1 }, .timeout = 60 };
        int ok = 1;

        setvbuf(stdout, NULL, _IOLBF, 0);
        if (argc == 2 && !strcmp(argv[1], "now"))
                return printf("%.3f\n", now()), 0;
        if (parse(argc, argv, &j) < 0)
                return 2;

        cpus("start");
        double t0 = now();
        if (j.print)
                look(&j.want, t0, 1), nseen = 0;
        for (int i = 0; i < j.n_actions; i++)
                act(&j.actions[i]);
        if (j.n_conditions > 0) {
                ok = wait_for_conditions(&j, t0);
                cpus("done");
        }
        if (j.quiet_unit)
                wait_for_quiet(&j, t0);
        for (int i = 0; j.print && i < nseen; i++)
                printf("nvme%d %s live=%.3f\n", seen[i].id, seen[i].isio ? "io" : "dc", seen[i].t);
        return !ok;
}
