/* SPDX-License-Identifier: Apache-2.0 */

#include "exec/deletions.h"

#include <stdatomic.h>

#include "observe/testing.h"

typedef struct Fixture {
        Root root;
        Deletions all;
} Fixture;

static int setup(void **state)
{
        static Fixture f;
        f.root = root_new();
        deletions_init(&f.all);
        *state = &f;
        return 0;
}

static int teardown(void **state)
{
        Fixture *f = *state;
        deletions_done(&f->all);
        root_remove(&f->root);
        return 0;
}

static bool is_open(int fd)
{
        return fcntl(fd, F_GETFD) >= 0;
}

static void test_the_later_one_sees_the_earlier(void **state)
{
        Fixture *f = *state;
        Deletion a, b;
        deletion_begin(&f->all, 1, &a);
        deletion_begin(&f->all, 2, &b);
        assert_false(deletion_sees(&a, 2));
        assert_true(deletion_sees(&b, 1));
        assert_false(deletion_sees(&a, 1));
        assert_false(deletion_sees(&b, 2));
        assert_false(deletion_sees(&b, 3));
        deletion_end(&a);
        assert_false(deletion_sees(&b, 1));
        deletion_end(&b);
}

static void test_a_claim_lasts_as_long_as_its_deletion(void **state)
{
        Fixture *f = *state;
        Deletion d;
        root_put(&f->root, "nvme0n1", "");
        deletion_begin(&f->all, 1, &d);
        int fd = deletion_claim(&d, f->root.path, "nvme0n1");
        assert_true(fd >= 0);
        assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
        assert_int_equal(fcntl(fd, F_GETFL) & O_ACCMODE, O_RDONLY);
        deletion_end(&d);
        assert_false(is_open(fd));
}

/* An already claimed device would be busy; here it does not even exist to be opened again. */
static void test_claims_are_shared(void **state)
{
        Fixture *f = *state;
        Deletion a, b, c;
        root_put(&f->root, "nvme0n1", "");
        deletion_begin(&f->all, 1, &a);
        deletion_begin(&f->all, 2, &b);
        deletion_begin(&f->all, 3, &c);
        int first = deletion_claim(&b, f->root.path, "nvme0n1");
        assert_true(first >= 0);
        root_drop(&f->root, "nvme0n1");
        int second = deletion_claim(&a, f->root.path, "nvme0n1");
        assert_true(second >= 0);
        assert_true(deletion_claim(&a, f->root.path, "nvme0n1") >= 0); /* with its own claim */

        deletion_end(&b);
        assert_false(is_open(first));
        assert_true(is_open(second));
        assert_true(deletion_claim(&c, f->root.path, "nvme0n1") >= 0);
        deletion_end(&a);
        deletion_end(&c);
        deletion_begin(&f->all, 1, &a);
        assert_int_equal(deletion_claim(&a, f->root.path, "nvme0n1"), -ENOENT);
        deletion_end(&a);
}

typedef struct Claimer {
        const Fixture *f;
        Deletion deletion;
        atomic_int result;
} Claimer;

static void *claim_in_thread(void *userdata)
{
        Claimer *c = userdata;
        c->result = deletion_claim(&c->deletion, c->f->root.path, "nvme0n1");
        return NULL;
}

/* The device does not exist: a caller that does not wait for the other claim gets none. */
static void test_a_claim_on_its_way_is_waited_for(void **state)
{
        Fixture *f = *state;
        Deletion first;
        DiskClaim on_its_way = { .name = "nvme0n1", .fd = -1 };
        Claimer second = { .f = f, .result = 0 };
        pthread_t thread;
        deletion_begin(&f->all, 1, &first);
        SLIST_INSERT_HEAD(&first.claims, &on_its_way, entry);
        deletion_begin(&f->all, 2, &second.deletion);
        assert_int_equal(pthread_create(&thread, NULL, claim_in_thread, &second), 0);
        (void) usleep(20000);
        assert_int_equal(second.result, 0);

        assert_int_equal(pthread_mutex_lock(&f->all.lock), 0);
        on_its_way.fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
        assert_int_equal(pthread_cond_broadcast(&f->all.opened), 0);
        assert_int_equal(pthread_mutex_unlock(&f->all.lock), 0);
        assert_int_equal(pthread_join(thread, NULL), 0);
        assert_true(second.result > 0);
        assert_int_not_equal(second.result, on_its_way.fd);

        SLIST_REMOVE_HEAD(&first.claims, entry);
        assert_int_equal(close(on_its_way.fd), 0);
        deletion_end(&second.deletion);
        deletion_end(&first);
}

static void test_claims_that_fail(void **state)
{
        Fixture *f = *state;
        Deletion d;
        deletion_begin(&f->all, 1, &d);
        assert_int_equal(deletion_claim(&d, f->root.path, "nvme0n1"), -ENOENT);
        root_link(&f->root, "nvme0n1", "nvme0n1");
        assert_int_equal(deletion_claim(&d, f->root.path, "nvme0n1"), -ELOOP);
        assert_int_equal(
                deletion_claim(&d, f->root.path, "a-name-that-no-block-device-has-in-the-kernel"),
                -ENAMETOOLONG);
        assert_true(SLIST_EMPTY(&d.claims));
        deletion_end(&d);
}

enum {
        N_THREADS = 4,
        N_ROUNDS = 200
};

static void *delete_often(void *userdata)
{
        Fixture *f = userdata;
        size_t n_failures = 0;
        for (int i = 0; i < N_ROUNDS; i++) {
                Deletion d;
                deletion_begin(&f->all, i, &d);
                n_failures += deletion_claim(&d, f->root.path, i % 2 ? "odd" : "even") < 0;
                n_failures += deletion_claim(&d, f->root.path, "missing") != -ENOENT;
                (void) deletion_sees(&d, i + 1);
                deletion_end(&d);
        }
        return (void *) n_failures;
}

static void test_many_at_once(void **state)
{
        Fixture *f = *state;
        pthread_t threads[N_THREADS];
        root_put(&f->root, "odd", "");
        root_put(&f->root, "even", "");
        for (size_t i = 0; i < N_THREADS; i++)
                assert_int_equal(pthread_create(&threads[i], NULL, delete_often, f), 0);
        for (size_t i = 0; i < N_THREADS; i++) {
                void *n_failures;
                assert_int_equal(pthread_join(threads[i], &n_failures), 0);
                assert_null(n_failures);
        }
        assert_true(TAILQ_EMPTY(&f->all.list));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(test_the_later_one_sees_the_earlier),
                TEST(test_a_claim_lasts_as_long_as_its_deletion),
                TEST(test_claims_are_shared),
                TEST(test_a_claim_on_its_way_is_waited_for),
                TEST(test_claims_that_fail),
                TEST(test_many_at_once),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
