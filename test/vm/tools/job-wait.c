/* job-wait DEV - wait until DEV's first block holds a job header, then: set the clock, reseed the
 * RNG, and copy the job tar (at offset 4096) to stdout. Reads bypass the page cache, so that a VM
 * restored from a saved state sees the disk it was given and not what was cached when the state was
 * saved. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/random.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

int main(int argc, char **argv)
{
        enum {
                CHUNK = 1 << 20
        };
        char *buf;
        long long size, sec, nsec;
        int fd = open(argc > 1 ? argv[1] : "/dev/vdb", O_RDONLY | O_DIRECT), rnd, told = 0;

        if (fd < 0 || posix_memalign((void **) &buf, 4096, CHUNK))
                return perror("job-wait"), 1;
        while (pread(fd, buf, 4096, 0) != 4096 ||
               sscanf(buf, "LABJOB01 %lld %lld.%lld", &size, &sec, &nsec) != 3) {
                if (!told++) {
                        int c = open("/dev/ttyS0", O_WRONLY | O_NOCTTY);
                        if (c >= 0 && dprintf(c, "LAB READY\n"))
                                close(c);
                }
                usleep(50000);
        }
        struct timespec ts = { sec, nsec };
        clock_settime(CLOCK_REALTIME, &ts);
        struct {
                struct rand_pool_info i;
                char b[64];
        } p = { { 512, 64 }, { 0 } };
        memcpy(p.i.buf, buf + 256, 64);
        rnd = open("/dev/urandom", O_RDWR);
        ioctl(rnd, RNDADDENTROPY, &p);
        ioctl(rnd, RNDRESEEDCRNG);
        for (off_t o = 4096; size > 0;) {
                ssize_t n = pread(fd, buf, CHUNK, o);
                if (n <= 0)
                        return 1;
                o += n;
                if (n > size)
                        n = size;
                if (write(1, buf, n) != n)
                        return 1;
                size -= n;
        }
        return 0;
}
