/* SPDX-License-Identifier: Apache-2.0 */

/* A thread acts as stas-open-devices. */

#include "exec/openers.h"

#include <stdatomic.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "base/text.h"
#include "exec/clock.h"
#include "observe/testing.h"

typedef struct Fixture {
        Root root;
        char path[108]; /* of the socket */
        Openers openers;
        DiskNodes nodes;
        char *why;
        int listen_fd;
        pthread_t thread;
        _Atomic(const char *) answer; /* to the next query */
        atomic_size_t n_asked;
} Fixture;

static void *answer_all(void *userdata)
{
        Fixture *f = userdata;

        for (int fd; (fd = accept(f->listen_fd, NULL, NULL)) >= 0;) {
                const char *answer = f->answer;
                f->n_asked++;
                ssize_t n = write(fd, answer, strlen(answer));
                assert_int_equal(n, strlen(answer));
                assert_int_equal(close(fd), 0);
        }
        return NULL;
}

static int setup(void **state)
{
        static Fixture f;
        f = (Fixture) { .root = root_new(), .listen_fd = -1 };
        (void) snprintf(f.path, sizeof(f.path), "%s/socket", f.root.path);
        openers_init(&f.openers, f.path);
        root_put(&f.root, "class/block/nvme0n1/dev", "259:3\n");
        root_put(&f.root, "class/block/nvme0n1/nvme0n1p1/dev", "259:4\n");
        root_put(&f.root, "class/nvme-generic/ng0n1/dev", "241:0\n");
        root_put(&f.root, "nvme3/dev", "240:3\n");
        assert_int_equal(disk_nodes_add(&f.nodes, f.root.path, "nvme0n1"), 0);
        *state = &f;
        return 0;
}

static void serve(Fixture *f, const char *answer)
{
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        memcpy(address.sun_path, f->path, sizeof(address.sun_path));
        f->answer = answer;
        f->listen_fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        assert_int_equal(bind(f->listen_fd, (struct sockaddr *) &address, sizeof(address)), 0);
        assert_int_equal(listen(f->listen_fd, 8), 0);
        assert_int_equal(pthread_create(&f->thread, NULL, answer_all, f), 0);
}

static int teardown(void **state)
{
        Fixture *f = *state;
        if (f->listen_fd >= 0) {
                assert_int_equal(shutdown(f->listen_fd, SHUT_RDWR), 0);
                assert_int_equal(pthread_join(f->thread, NULL), 0);
                assert_int_equal(close(f->listen_fd), 0);
        }
        openers_done(&f->openers);
        disk_nodes_done(&f->nodes);
        free(f->why);
        root_remove(&f->root);
        return 0;
}

static int find(Fixture *f, usec_t since)
{
        free(f->why);
        f->why = NULL;
        int r = openers_find(&f->openers, &f->nodes, since, &f->why);
        assert_true((r != 0) == (f->why != NULL));
        return r;
}

static int find_now(Fixture *f)
{
        return find(f, now_monotonic());
}

static void test_nobody(void **state)
{
        Fixture *f = *state;
        serve(f, "b 259:30 7 other\nb 59:3 8 other\nc 259:3 9 other\nend\n");
        assert_int_equal(find_now(f), 0);
        f->answer = "end\n";
        assert_int_equal(find_now(f), 0);
        assert_int_equal(f->n_asked, 2);
}

static void test_somebody(void **state)
{
        static const char *const table[][2] = {
                { "b 259:3 1234 qemu-system-x86\nend\n",
                  "nvme0n1: in use by 1234 (qemu-system-x86)" },
                { "c 1:3 1 init\nb 259:4 17 a b\nend\n", "nvme0n1p1: in use by 17 (a b)" },
                { "? EACCES 3 hidden\nc 241:0 18 \nend\n", "ng0n1: in use by 18 ()" },
                { "c 241:0 18\nend\n", "ng0n1: in use by 18 ()" },
        };
        Fixture *f = *state;
        serve(f, NULL);
        for (size_t i = 0; i < ELEMENTSOF(table); i++) {
                f->answer = table[i][0];
                f->openers.asked_at = 0;
                assert_int_equal(find_now(f), 1);
                assert_string_equal(f->why, table[i][1]);
        }
}

/* A process that monitors a controller does not use its disks. */
static void test_the_controller_itself(void **state)
{
        Fixture *f = *state;
        char path[PATH_MAX];
        int fd = open(root_path(&f->root, "nvme3", path), O_PATH | O_DIRECTORY | O_CLOEXEC);
        assert_int_equal(disk_nodes_add_controller(&f->nodes, fd, 3), 0);
        assert_int_equal(close(fd), 0);
        serve(f, "c 240:3 17 smartd\nend\n");
        assert_int_equal(find_now(f), 0);
}

static void test_a_process_that_hides(void **state)
{
        Fixture *f = *state;
        serve(f, "b 259:9 1 x\n? EACCES 1235 database\nend\n");
        assert_int_equal(find_now(f), -EACCES);
        assert_string_equal(f->why, "nvme0n1: the processes that have it open cannot be "
                                    "determined: it may be 1235 (database)");
}

static void test_no_answer(void **state)
{
        Fixture *f = *state;
        assert_int_equal(find_now(f), -ENOENT);
        assert_string_equal(f->why, "nvme0n1: the processes that have it open cannot be "
                                    "determined: ENOENT (stas-open-devices.socket)");
        /* The server was killed while it scanned. */
        serve(f, "b 259:9 1 x\n");
        f->openers.asked_at = 0;
        assert_int_equal(find_now(f), -EPIPE);
        f->answer = "";
        f->openers.asked_at = 0;
        assert_int_equal(find_now(f), -EPIPE);
}

/* A positive answer is cached, a negative one is always queried anew. */
static void test_one_answer_for_many(void **state)
{
        Fixture *f = *state;
        serve(f, "b 259:3 1234 qemu\nend\n");
        for (int i = 0; i < 5; i++)
                assert_int_equal(find_now(f), 1);
        assert_int_equal(f->n_asked, 1);

        f->answer = "end\n";
        f->openers.asked_at -= 5 * USEC_PER_SEC;
        usec_t before = now_monotonic();
        assert_int_equal(find(f, before), 0);
        assert_int_equal(f->n_asked, 2);
        assert_int_equal(find(f, before), 0); /* queried since */
        assert_int_equal(f->n_asked, 2);
        assert_int_equal(find_now(f), 0);
        assert_int_equal(f->n_asked, 3);
}

/* Several callers waited for it, longer than an answer is valid. */
static void test_an_answer_that_took_long(void **state)
{
        Fixture *f = *state;
        serve(f, "b 259:3 1234 qemu\nend\n");
        assert_int_equal(find_now(f), 1);
        f->openers.asked_at -= 5 * USEC_PER_SEC;
        assert_int_equal(find(f, f->openers.asked_at - 1), 1);
        assert_int_equal(f->n_asked, 1);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(test_nobody),
                TEST(test_somebody),
                TEST(test_the_controller_itself),
                TEST(test_a_process_that_hides),
                TEST(test_no_answer),
                TEST(test_one_answer_for_many),
                TEST(test_an_answer_that_took_long),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
