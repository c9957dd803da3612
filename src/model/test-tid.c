/* SPDX-License-Identifier: Apache-2.0 */

#include "model/tid.h"

#include <string.h>

#include "base/testing.h"

#define NQN "nqn.2024-01.lab:sub1"
#define WWN_PAIR "nn-0x20000090fa942779:pn-0x10000090fa942779"

static Tid *make(const TidFields *fields, ControllerKind kind)
{
        Tid *t;
        assert_int_equal(tid_new(fields, kind, &t), 0);
        return t;
}

static const TidFields simple = { .transport = "tcp", .traddr = "192.0.2.1", .subsysnqn = NQN };

static void test_defaults(void **state)
{
        static const struct {
                const char *transport, *traddr;
                ControllerKind kind;
                const char *trsvcid, *subsysnqn;
        } cases[] = {
                { "tcp", "192.0.2.1", CONTROLLER_DISCOVERY, "8009", NQN_DISCOVERY },
                { "TCP", "192.0.2.1", CONTROLLER_DISCOVERY, "8009", NQN_DISCOVERY },
                { "rdma", "192.0.2.1", CONTROLLER_DISCOVERY, "4420", NQN_DISCOVERY },
                { "fc", WWN_PAIR, CONTROLLER_DISCOVERY, "", NQN_DISCOVERY },
                { "loop", "", CONTROLLER_DISCOVERY, "", NQN_DISCOVERY },
        };
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                const TidFields f = { .transport = cases[i].transport, .traddr = cases[i].traddr };
                _cleanup_tid_ Tid *t = make(&f, cases[i].kind);
                assert_string_equal(t->trsvcid, cases[i].trsvcid);
                assert_string_equal(t->subsysnqn, cases[i].subsysnqn);
                assert_string_equal(t->host_traddr, "");
                assert_string_equal(t->host_iface, "");
                assert_string_equal(t->host_nqn, "");
        }

        _cleanup_tid_ Tid *io = make(&simple, CONTROLLER_IO);
        assert_string_equal(io->trsvcid, "4420");
}

static void test_texts_are_cleaned(void **state)
{
        const TidFields f = {
                .transport = " tcp\t",
                .traddr = " [2001:DB8::0:1] ",
                .trsvcid = " 08009 ",
                .subsysnqn = "\t" NQN "\n",
                .host_traddr = " [2001:DB8::2]",
                .host_iface = " eth0 ",
                .host_nqn = " nqn.2024-01.lab:host ",
        };
        _cleanup_tid_ Tid *t = make(&f, CONTROLLER_IO);
        assert_int_equal(t->transport, TRANSPORT_TCP);
        assert_string_equal(t->traddr, "2001:db8::1");
        assert_string_equal(t->trsvcid, "8009");
        assert_string_equal(t->subsysnqn, NQN);
        assert_string_equal(t->host_traddr, "2001:db8::2");
        assert_string_equal(t->host_iface, "eth0");
        assert_string_equal(t->host_nqn, "nqn.2024-01.lab:host");
}

/* From here on an address has a single form: exclusions, ip-family, the probe and the kernel see
 * the same. */
static void test_addresses_are_canonical(void **state)
{
        static const struct {
                const char *transport, *given, *canonical;
        } cases[] = {
                { "tcp", "::ffff:192.0.2.1", "192.0.2.1" },
                { "tcp", "[::FFFF:192.0.2.1]", "192.0.2.1" },
                { "rdma", "::ffff:c000:201", "192.0.2.1" },
                { "tcp", "0:0:0:0:0:ffff:192.0.2.1", "192.0.2.1" },
                { "tcp", "192.0.2.01", "192.0.2.1" },
                { "tcp", "0192.000.002.1", "192.0.2.1" },
                { "tcp", "192.0.2.1:4420", "192.0.2.1" },
                { "tcp", "192.0.2.1:x", "192.0.2.1" },
                { "rdma", "2001:0DB8::00001", "2001:db8::1" },
                { "tcp", "2001:db8::1%eth0", "2001:db8::1" },
                { "tcp", "FE80::1%eth0", "fe80::1%eth0" },
                { "tcp", "storage.Example", "storage.Example" },
                { "tcp", "192.0.2.1.5", "192.0.2.1.5" },
                { "loop", "::ffff:192.0.2.1", "::ffff:192.0.2.1" },
                { "fc", "NN-0X20000090FA942779:PN-0X10000090FA942779",
                  "NN-0X20000090FA942779:PN-0X10000090FA942779" },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                const TidFields f = { .transport = cases[i].transport,
                                      .traddr = cases[i].given,
                                      .subsysnqn = NQN,
                                      .host_traddr = cases[i].given };
                _cleanup_tid_ Tid *t = make(&f, CONTROLLER_IO), *copy = NULL;
                assert_string_equal(t->traddr, cases[i].canonical);
                assert_string_equal(t->host_traddr, cases[i].canonical);
                assert_int_equal(tid_dup(t, &copy), 0);
                assert_string_equal(copy->traddr, cases[i].canonical);
        }
}

/* It may be used like any other text, but not passed to the kernel. */
static void test_what_is_not_printable_is_garbled(void **state)
{
        const TidFields f = { "tcp", "storage\x1b[m",   NULL,      "nqn.\xef\xbf\xbe",
                              NULL,  "eth\xe2\x80\x8b", "nqn.\xff" };
        _cleanup_tid_ Tid *t = make(&f, CONTROLLER_IO), *copy = NULL,
                          *good = make(&simple, CONTROLLER_IO);

        assert_true(t->garbled);
        assert_string_equal(t->traddr, "storage?[m");
        assert_string_equal(t->subsysnqn, "nqn.???");
        assert_string_equal(t->host_iface, "eth???");
        assert_string_equal(t->host_nqn, "nqn.?");
        assert_int_equal(tid_dup(t, &copy), 0);
        assert_true(copy->garbled);
        assert_false(good->garbled);
}

static void test_ports_are_canonical(void **state)
{
        static const char *const cases[] = { "4420",   "04420",  "+4420",
                                             "0x1144", "0X1144", "+0x00001144" };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                const TidFields f = { "tcp", "192.0.2.1", cases[i], NQN, NULL, NULL, NULL };
                _cleanup_tid_ Tid *t = make(&f, CONTROLLER_IO);
                assert_string_equal(t->trsvcid, "4420");
        }
}

static void test_refused(void **state)
{
        char nqn_max[NQN_MAX + 1], nqn_long[NQN_MAX + 2];
        memset(nqn_max, 'n', NQN_MAX);
        memset(nqn_long, 'n', NQN_MAX + 1);
        nqn_max[NQN_MAX] = nqn_long[NQN_MAX + 1] = '\0';

        const struct {
                int r;
                TidFields f;
        } cases[] = {
                { 0, simple },
                { -EINVAL, { .transport = "pcie", .traddr = "192.0.2.1", .subsysnqn = NQN } },
                { -EINVAL, { .transport = "tc", .traddr = "192.0.2.1", .subsysnqn = NQN } },
                { -EINVAL, { .traddr = "192.0.2.1", .subsysnqn = NQN } },
                { -EINVAL, { .transport = "tcp", .traddr = "192.0.2.1" } },
                { -EINVAL, { .transport = "tcp", .traddr = "192.0.2.1", .subsysnqn = "  " } },
                { 0, { .transport = "tcp", .traddr = "192.0.2.1", .subsysnqn = nqn_max } },
                { -EINVAL, { .transport = "tcp", .traddr = "192.0.2.1", .subsysnqn = nqn_long } },
                { 0, { "tcp", "192.0.2.1", NULL, NQN, NULL, NULL, nqn_max } },
                { -EINVAL, { "tcp", "192.0.2.1", NULL, NQN, NULL, NULL, nqn_long } },
                { 0, { "tcp", "192.0.2.1", NULL, NQN, NULL, "a-15-bytes-name", NULL } },
                { -EINVAL, { "tcp", "192.0.2.1", NULL, NQN, NULL, "a-16-bytes-name-", NULL } },
                { -EINVAL, { "tcp", "fe80::1%a-16-bytes-name-", NULL, NQN, NULL, NULL, NULL } },
                { -EINVAL, { "tcp", "fe80::1%", NULL, NQN, NULL, NULL, NULL } },
                { 0, { "tcp", "192.0.2.1", "1", NQN, NULL, NULL, NULL } },
                { 0, { "tcp", "192.0.2.1", "65535", NQN, NULL, NULL, NULL } },
                { 0, { "tcp", "192.0.2.1", "000000065535", NQN, NULL, NULL, NULL } },
                { -EINVAL, { "tcp", "192.0.2.1", "65536", NQN, NULL, NULL, NULL } },
                { -EINVAL, { "tcp", "192.0.2.1", "0", NQN, NULL, NULL, NULL } },
                { -EINVAL, { "tcp", "192.0.2.1", "000", NQN, NULL, NULL, NULL } },
                { -EINVAL, { "tcp", "192.0.2.1", "-1", NQN, NULL, NULL, NULL } },
                { -EINVAL, { "tcp", "192.0.2.1", "http", NQN, NULL, NULL, NULL } },
                { -EINVAL, { "tcp", "192.0.2.1", "4420 0", NQN, NULL, NULL, NULL } },
                { -EINVAL, { "tcp", "192.0.2.1", "+", NQN, NULL, NULL, NULL } },
                { -EINVAL, { "tcp", "192.0.2.1", "++1", NQN, NULL, NULL, NULL } },
                { -EINVAL, { "tcp", "192.0.2.1", "0x", NQN, NULL, NULL, NULL } },
                { -EINVAL, { "tcp", "192.0.2.1", "0x10000", NQN, NULL, NULL, NULL } },
                { -EINVAL, { "tcp", "192.0.2.1", "0x1g", NQN, NULL, NULL, NULL } },
                { -EINVAL, { "tcp", "192.0.2.1", "1a", NQN, NULL, NULL, NULL } },
                { -EINVAL, { "tcp", "192.0.2.1", "\x11", NQN, NULL, NULL, NULL } },
                { -EINVAL, { "tcp", "192.0.2.1", "99999999999999999999", NQN, NULL, NULL, NULL } },
                { -EINVAL, { "rdma", "192.0.2.1", "none", NQN, NULL, NULL, NULL } },
                { -EADDRNOTAVAIL, { .transport = "tcp", .subsysnqn = NQN } },
                { -EADDRNOTAVAIL, { .transport = "tcp", .traddr = " ", .subsysnqn = NQN } },
                { -EADDRNOTAVAIL, { .transport = "tcp", .traddr = "[]", .subsysnqn = NQN } },
                { -EADDRNOTAVAIL, { .transport = "tcp", .traddr = "0.0.0.0", .subsysnqn = NQN } },
                { -EADDRNOTAVAIL, { .transport = "rdma", .traddr = "::", .subsysnqn = NQN } },
                { -EADDRNOTAVAIL, { .transport = "fc", .subsysnqn = NQN } },
                { 0, { .transport = "loop", .subsysnqn = NQN } },
                { 0, { .transport = "tcp", .traddr = "storage.example.com", .subsysnqn = NQN } },
        };
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_tid_ Tid *t = NULL;
                assert_int_equal(tid_new(&cases[i].f, CONTROLLER_IO, &t), cases[i].r);
                assert_int_equal(t != NULL, cases[i].r == 0);
        }
}

static void test_fc_and_loop_have_no_service(void **state)
{
        const TidFields fc = {
                .transport = "fc", .traddr = WWN_PAIR, .trsvcid = "none", .subsysnqn = NQN
        };
        _cleanup_tid_ Tid *t = make(&fc, CONTROLLER_IO);
        assert_string_equal(t->trsvcid, "");
}

static void test_identity_is_by_value(void **state)
{
        static const struct {
                TidFields a, b;
                bool equal;
        } cases[] = {
                { { "tcp", "2001:db8::1", NULL, NQN, NULL, NULL, NULL },
                  { "tcp", "[2001:0DB8:0:0::1]", "4420", NQN, "", "", "" },
                  true },
                { { "tcp", "192.0.2.1", NULL, NQN, NULL, NULL, NULL },
                  { "tcp", "::ffff:192.0.2.1", NULL, NQN, NULL, NULL, NULL },
                  true },
                { { "tcp", "fe80::1%eth0", NULL, NQN, NULL, NULL, NULL },
                  { "tcp", "fe80::1", NULL, NQN, NULL, "eth0", NULL },
                  true },
                { { "tcp", "fe80::1%eth0", NULL, NQN, NULL, NULL, NULL },
                  { "tcp", "fe80::1%eth1", NULL, NQN, NULL, NULL, NULL },
                  false },
                { { "tcp", "fe80::1%eth0", NULL, NQN, NULL, NULL, NULL },
                  { "tcp", "fe80::1", NULL, NQN, NULL, NULL, NULL },
                  false },
                { { "tcp", "fe80::1%eth1", NULL, NQN, NULL, "eth0", NULL }, /* host-iface wins */
                  { "tcp", "fe80::1", NULL, NQN, NULL, "eth0", NULL },
                  true },
                { { "tcp", "2001:db8::1%eth0", NULL, NQN, NULL, NULL, NULL }, /* not link-local */
                  { "tcp", "2001:db8::1", NULL, NQN, NULL, NULL, NULL },
                  true },
                { { "fc", WWN_PAIR, NULL, NQN, NULL, NULL, NULL },
                  { "fc", "NN-0X20000090FA942779:PN-0X10000090FA942779", NULL, NQN, NULL, NULL,
                    NULL },
                  true },
                { { "fc", WWN_PAIR, NULL, NQN, "nn-0xab00000000000000:pn-0xab00000000000001", NULL,
                    NULL },
                  { "fc", WWN_PAIR, "none", NQN, "nn-0xAB00000000000000:pn-0xAB00000000000001",
                    NULL, NULL },
                  true },
                { { "tcp", "Storage.example", NULL, NQN, NULL, NULL, NULL },
                  { "tcp", "storage.EXAMPLE", NULL, NQN, NULL, NULL, NULL },
                  true },
                { { "tcp", "192.0.2.1", NULL, NQN, "192.0.2.9", NULL, NULL },
                  { "tcp", "192.0.2.1", NULL, NQN, "::ffff:192.0.2.9", NULL, NULL },
                  true },
                { { "tcp", "192.0.2.1", "04420", NQN, NULL, NULL, NULL },
                  { "tcp", "192.0.2.1", NULL, NQN, NULL, NULL, NULL },
                  true },
                /* one part differs */
                { { "tcp", "192.0.2.1", "4420", NQN, NULL, NULL, NULL },
                  { "rdma", "192.0.2.1", "4420", NQN, NULL, NULL, NULL },
                  false },
                { { "tcp", "192.0.2.1", "4420", NQN, NULL, NULL, NULL },
                  { "tcp", "192.0.2.1", "4421", NQN, NULL, NULL, NULL },
                  false },
                { { "tcp", "192.0.2.1", NULL, NQN, NULL, NULL, NULL },
                  { "tcp", "192.0.2.1", NULL, NQN "X", NULL, NULL, NULL },
                  false },
                { { "tcp", "192.0.2.1", NULL, "nqn.a", NULL, NULL,
                    NULL }, /* NQNs are case-sensitive */
                  { "tcp", "192.0.2.1", NULL, "nqn.A", NULL, NULL, NULL },
                  false },
                { { "tcp", "192.0.2.1", NULL, NQN, "192.0.2.9", NULL, NULL },
                  { "tcp", "192.0.2.1", NULL, NQN, NULL, NULL, NULL },
                  false },
                { { "tcp", "192.0.2.1", NULL, NQN, NULL, "eth0", NULL },
                  { "tcp", "192.0.2.1", NULL, NQN, NULL, "eth1", NULL },
                  false },
                { { "tcp", "192.0.2.1", NULL, NQN, NULL, NULL, "nqn.h1" },
                  { "tcp", "192.0.2.1", NULL, NQN, NULL, NULL, "nqn.h2" },
                  false },
        };
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_tid_ Tid *a = make(&cases[i].a, CONTROLLER_IO);
                _cleanup_tid_ Tid *b = make(&cases[i].b, CONTROLLER_IO);
                if ((tid_compare(a, b) == 0) != cases[i].equal ||
                    (tid_compare(b, a) == 0) != cases[i].equal)
                        fail_msg("case %zu", i);
        }
}

/* Two names with the same hash. */
static void test_equal_hashes_are_not_equal_names(void **state)
{
        const TidFields f = { .transport = "tcp", .traddr = "host-36932", .subsysnqn = NQN };
        const TidFields g = { .transport = "tcp", .traddr = "host-123305", .subsysnqn = NQN };
        _cleanup_tid_ Tid *a = make(&f, CONTROLLER_IO), *b = make(&g, CONTROLLER_IO);

        assert_int_equal(address_compare(&a->address, &b->address), 0);
        assert_int_not_equal(tid_compare(a, b), 0);
}

static int sign(int r)
{
        return (r > 0) - (r < 0);
}

#define N_GENERATED 216

static size_t generate(Tid *tids[static N_GENERATED])
{
        static const char *const addresses[] = { "192.0.2.1", "::ffff:192.0.2.1", "fe80::1%eth0",
                                                 "fe80::1",   "storage.example",  "2001:db8::1" };
        static const char *const nqns[] = { "nqn.a", "nqn.b", "nqn.B" };
        static const char *const interfaces[] = { NULL, "eth0", "eth1" };
        static const char *const services[] = { "4420", "8009" };
        static const char *const transports[] = { "tcp", "rdma" };
        size_t n = 0;

        for (size_t a = 0; a < ELEMENTSOF(addresses); a++)
                for (size_t q = 0; q < ELEMENTSOF(nqns); q++)
                        for (size_t i = 0; i < ELEMENTSOF(interfaces); i++)
                                for (size_t s = 0; s < ELEMENTSOF(services); s++)
                                        for (size_t t = 0; t < ELEMENTSOF(transports); t++) {
                                                const TidFields f = {
                                                        .transport = transports[t],
                                                        .traddr = addresses[a],
                                                        .trsvcid = services[s],
                                                        .subsysnqn = nqns[q],
                                                        .host_iface = interfaces[i],
                                                };
                                                tids[n++] = make(&f, CONTROLLER_IO);
                                        }
        return n;
}

static void test_order_is_total(void **state)
{
        Tid *tids[N_GENERATED];
        size_t n = generate(tids), n_equal = 0;

        for (size_t i = 0; i < n; i++)
                for (size_t j = 0; j < n; j++) {
                        int ij = sign(tid_compare(tids[i], tids[j]));
                        assert_int_equal(ij, -sign(tid_compare(tids[j], tids[i])));
                        assert_true(i != j || ij == 0);
                        n_equal += i != j && ij == 0;
                        if (ij > 0)
                                continue;
                        for (size_t k = 0; k < n; k++) { /* i <= j <= k implies i <= k */
                                int jk = sign(tid_compare(tids[j], tids[k]));
                                int ik = sign(tid_compare(tids[i], tids[k]));
                                if (jk <= 0 && ((ij < 0 || jk < 0) ? ik >= 0 : ik != 0))
                                        fail_msg("%zu <= %zu <= %zu", i, j, k);
                        }
                }
        assert_true(n_equal > 0);
        for (size_t i = 0; i < n; i++)
                (void) tid_free(tids[i]);
}

static int compare_pointers(const void *a, const void *b)
{
        return tid_compare(*(Tid *const *) a, *(Tid *const *) b);
}

static void test_a_portals_and_a_subsystems_controllers_stand_together(void **state)
{
        Tid *tids[N_GENERATED];
        size_t n = generate(tids), n_portals = 1, n_subsystems = 1;

        qsort(tids, n, sizeof(*tids), compare_pointers);
        for (size_t i = 1; i < n; i++) {
                bool new_portal = tid_compare_portal(tids[i - 1], tids[i]) != 0;
                n_portals += new_portal;
                n_subsystems += new_portal || strcmp(tids[i - 1]->subsysnqn, tids[i]->subsysnqn);
        }
        /* four addresses by value (192.0.2.1 and fe80::1 have two spellings each), two services,
         * two transports; three subsystems on each */
        assert_int_equal(n_portals, 4 * 2 * 2);
        assert_int_equal(n_subsystems, 4 * 2 * 2 * 3);
        for (size_t i = 0; i < n; i++)
                (void) tid_free(tids[i]);
}

static void test_dup(void **state)
{
        const TidFields f = { "tcp", "fe80::1%eth1", "8009", NQN, "fe80::2", "eth0", "nqn.host" };
        _cleanup_tid_ Tid *t = make(&f, CONTROLLER_IO), *copy = NULL, *without = NULL;
        TidFields g;

        assert_int_equal(tid_dup(t, &copy), 0);
        assert_int_equal(tid_compare(t, copy), 0);
        assert_true(tid_hash(t) == tid_hash(copy));
        tid_fields(copy, &g);
        assert_string_equal(g.transport, "tcp");
        assert_string_equal(g.traddr, "fe80::1%eth1");
        assert_string_equal(g.trsvcid, "8009");
        assert_string_equal(g.subsysnqn, NQN);
        assert_string_equal(g.host_traddr, "fe80::2");
        assert_string_equal(g.host_iface, "eth0");
        assert_string_equal(g.host_nqn, "nqn.host");

        assert_string_equal(tid_interface(t), "eth0");
        assert_int_equal(tid_dup_without_interface(t, &without), 0);
        assert_string_equal(without->host_iface, "");
        assert_true(tid_hash(without) != tid_hash(t));
        assert_string_equal(tid_interface(without), "eth1");
        assert_string_equal(without->host_nqn, "nqn.host");
}

static void test_to_string(void **state)
{
        static const struct {
                TidFields f;
                const char *s;
        } cases[] = {
                { { "tcp", "192.0.2.1", "8009", NQN, NULL, NULL, "nqn.host" },
                  "(tcp, 192.0.2.1, 8009, " NQN ")" },
                { { "tcp", "fe80::1", "8009", NQN, "fe80::2", "eth0", NULL },
                  "(tcp, fe80::1, 8009, " NQN ", fe80::2, eth0)" },
                { { "tcp", "fe80::1", "8009", NQN, NULL, "eth0", NULL },
                  "(tcp, fe80::1, 8009, " NQN ", eth0)" },
                { { "loop", NULL, NULL, NQN, NULL, NULL, NULL }, "(loop, " NQN ")" },
        };
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_tid_ Tid *t = make(&cases[i].f, CONTROLLER_IO);
                _cleanup_free_ char *s = tid_to_string(t);
                assert_string_equal(s, cases[i].s);
        }
}

/* In each of both addresses; what is no such address keeps its comma. */
static void test_a_comma_in_an_fc_address(void **state)
{
        const TidFields f = { .transport = "fc",
                              .traddr = " NN-0x20000090fa942779,PN-0x10000090fa942779",
                              .subsysnqn = "nqn.a",
                              .host_traddr = "nn-20000090fa000001,pn-10000090fa000001" };
        const TidFields other = { .transport = "tcp",
                                  .traddr = "nn-20000090fa000001,pn-10000090fa000001",
                                  .subsysnqn = "nqn.a" };
        _cleanup_tid_ Tid *t = NULL, *o = NULL;

        assert_int_equal(tid_new(&f, CONTROLLER_IO, &t), 0);
        assert_string_equal(t->traddr, "NN-0x20000090fa942779:PN-0x10000090fa942779");
        assert_string_equal(t->host_traddr, "nn-20000090fa000001:pn-10000090fa000001");
        assert_int_equal(t->address.family, ADDRESS_FC);
        assert_int_equal(tid_new(&other, CONTROLLER_IO, &o), 0);
        assert_string_equal(o->traddr, other.traddr);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_a_comma_in_an_fc_address),
                cmocka_unit_test(test_defaults),
                cmocka_unit_test(test_texts_are_cleaned),
                cmocka_unit_test(test_addresses_are_canonical),
                cmocka_unit_test(test_what_is_not_printable_is_garbled),
                cmocka_unit_test(test_ports_are_canonical),
                cmocka_unit_test(test_refused),
                cmocka_unit_test(test_fc_and_loop_have_no_service),
                cmocka_unit_test(test_identity_is_by_value),
                cmocka_unit_test(test_equal_hashes_are_not_equal_names),
                cmocka_unit_test(test_order_is_total),
                cmocka_unit_test(test_a_portals_and_a_subsystems_controllers_stand_together),
                cmocka_unit_test(test_dup),
                cmocka_unit_test(test_to_string),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
