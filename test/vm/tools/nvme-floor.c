/* nvme-floor [-p] [-d MS] OPTS... - write each option string to /dev/nvme-fabrics; print start, end
 * and result of each.
 *   -p      in parallel, one thread each, started MS (default 100) apart; otherwise sequentially
 *   -n N    instead: subsystems nqn.2024-01.lab:sub1..N with the given transport options,
 *           sequentially; print the total */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static double t0;
static double now(void)
{
        struct timespec t;
        clock_gettime(CLOCK_MONOTONIC, &t);
        return t.tv_sec + t.tv_nsec / 1e9;
}

static int one(const char *opts, char *res, int n)
{
        int fd = open("/dev/nvme-fabrics", O_RDWR | O_CLOEXEC), r, e = 0;
        if (fd < 0)
                return errno;
        r = write(fd, opts, strlen(opts));
        if (r < 0)
                e = errno;
        else if ((r = read(fd, res, n - 1)) >= 0)
                res[r] = 0;
        close(fd);
        return e;
}

static void *run(void *a)
{
        char res[256] = "";
        const char *nq = strstr(a, "nqn="), *tr = strstr(a, "traddr=");
        double s = now() - t0;
        int e = one(a, res, sizeof res);
        double d = now() - t0;
        res[strcspn(res, "\n")] = 0;
        printf("start=%.3f end=%.3f took=%.3f %s %s | %.*s %.*s\n", s, d, d - s,
               e ? strerror(e) : "ok", res, (int) strcspn(tr, ","), tr,
               (int) strcspn(nq ? nq : "", ","), nq ? nq : "");
        return NULL;
}

int main(int argc, char **argv)
{
        int c, par = 0, gap = 100, n = 0;
        pthread_t th[256];

        setvbuf(stdout, NULL, _IOLBF, 0);
        while ((c = getopt(argc, argv, "pd:n:")) != -1)
                if (c == 'p')
                        par = 1;
                else if (c == 'd')
                        gap = atoi(optarg);
                else if (c == 'n')
                        n = atoi(optarg);
                else
                        return 2;
        t0 = now();
        if (n) {
                int bad = 0;
                for (int i = 1; i <= n; i++) {
                        char b[1024], res[256];
                        snprintf(b, sizeof b, "nqn=nqn.2024-01.lab:sub%d,%s", i, argv[optind]);
                        bad += one(b, res, sizeof res) != 0;
                }
                printf("total=%.3f\nfailed=%d\n", now() - t0, bad);
                return bad != 0;
        }
        for (int i = optind; i < argc; i++) {
                if (!par) {
                        run(argv[i]);
                        continue;
                }
                pthread_create(&th[i - optind], NULL, run, argv[i]);
                usleep(gap * 1000);
        }
        if (par)
                for (int i = optind; i < argc; i++)
                        pthread_join(th[i - optind], NULL);
        return 0;
}
