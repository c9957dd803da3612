/* SPDX-License-Identifier: Apache-2.0 */

/* Numeric addresses, and localhost from /etc/hosts: no name server is queried. */

#include "exec/resolve.h"

#include <arpa/inet.h>
#include <netdb.h>

#include "base/text.h"
#include "model/policy.h"
#include "observe/testing.h"

enum {
        IPV4 = IP_FAMILY_IPV4,
        IPV6 = IP_FAMILY_IPV6,
        BOTH = IP_FAMILY_IPV4 | IP_FAMILY_IPV6,
        IPV6_FIRST = BOTH | IP_FAMILY_IPV6_FIRST,
};

static void test_numbers(void **state)
{
        static const struct {
                const char *name;
                unsigned families;
                int result;
                const char *address;
        } table[] = {
                { "192.0.2.1", IPV4, 0, "192.0.2.1" },
                { "192.0.2.1", BOTH, 0, "192.0.2.1" },
                { "192.0.2.1", IPV6_FIRST, 0, "192.0.2.1" },
                { "192.0.2.1", IPV6, -EAFNOSUPPORT, NULL },
                { "192.0.2.1", 0, -EAFNOSUPPORT, NULL },
                { "2001:db8::0001", IPV6, 0, "2001:db8::1" },
                { "2001:db8::1", BOTH, 0, "2001:db8::1" },
                { "2001:db8::1", IPV4, -EAFNOSUPPORT, NULL },
                { "fe80::1%lo", IPV6, 0, "fe80::1%lo" },
        };

        for (size_t i = 0; i < ELEMENTSOF(table); i++) {
                _cleanup_free_ char *address = NULL;
                int r = resolve_name(table[i].name, table[i].families, NULL, &address);
                if (r != table[i].result || !streq_ptr(address, table[i].address))
                        fail_msg("%s, %u: %d %s", table[i].name, table[i].families, r,
                                 text_or(address, "-"));
        }
}

static void test_a_name(void **state)
{
        _cleanup_free_ char *address = NULL;
        assert_int_equal(resolve_name("localhost", BOTH, NULL, &address), 0);
        assert_string_equal(address, "127.0.0.1");
}

/* A list of up to 4 results from numeric addresses. */
static void fill_list(const char *const *texts, struct addrinfo list[static 4],
                      struct sockaddr_storage addresses[static 4])
{
        for (size_t i = 0; i < 4 && texts[i]; i++) {
                struct sockaddr_in *in = (struct sockaddr_in *) &addresses[i];
                struct sockaddr_in6 *in6 = (struct sockaddr_in6 *) &addresses[i];
                addresses[i] = (struct sockaddr_storage) { 0 };
                bool is_ipv6 = strchr(texts[i], ':');
                addresses[i].ss_family = is_ipv6 ? AF_INET6 : AF_INET;
                assert_int_equal(inet_pton(addresses[i].ss_family, texts[i],
                                           is_ipv6 ? (void *) &in6->sin6_addr : &in->sin_addr),
                                 1);
                list[i] = (struct addrinfo) {
                        .ai_family = addresses[i].ss_family,
                        .ai_addr = (struct sockaddr *) &addresses[i],
                        .ai_addrlen = is_ipv6 ? sizeof(*in6) : sizeof(*in),
                        .ai_next = i < 3 && texts[i + 1] ? &list[i + 1] : NULL,
                };
        }
}

static void test_one_of_many(void **state)
{
        static const struct {
                const char *what;
                const char *texts[4];
                unsigned families;
                const char *known, *expected;
        } table[] = {
                { "the first", { "192.0.2.2", "192.0.2.1" }, BOTH, NULL, "192.0.2.2" },
                { "IPv4 before IPv6", { "2001:db8::1", "192.0.2.1" }, BOTH, NULL, "192.0.2.1" },
                { "IPv6 before IPv4",
                  { "192.0.2.1", "2001:db8::2", "2001:db8::1" },
                  IPV6_FIRST,
                  NULL,
                  "2001:db8::2" },
                { "what there is", { "2001:db8::1" }, BOTH, NULL, "2001:db8::1" },
                { "what there is", { "192.0.2.1" }, IPV6_FIRST, NULL, "192.0.2.1" },
                { "what is allowed", { "192.0.2.1", "2001:db8::1" }, IPV6, NULL, "2001:db8::1" },
                { "none is allowed", { "192.0.2.1" }, IPV6, NULL, NULL },
                { "the known one", { "192.0.2.2", "192.0.2.1" }, BOTH, "192.0.2.1", "192.0.2.1" },
                { "the known one, of the other family",
                  { "192.0.2.2", "2001:db8::1", "192.0.2.3" },
                  BOTH,
                  "2001:db8::1",
                  "2001:db8::1" },
                { "the known one is not allowed any more",
                  { "2001:db8::1", "192.0.2.2" },
                  IPV4,
                  "2001:db8::1",
                  "192.0.2.2" },
                { "the known one has gone", { "192.0.2.2" }, BOTH, "192.0.2.1", "192.0.2.2" },
        };

        for (size_t i = 0; i < ELEMENTSOF(table); i++) {
                struct addrinfo list[4];
                struct sockaddr_storage addresses[4];
                _cleanup_free_ char *address = NULL;
                fill_list(table[i].texts, list, addresses);
                int r = resolve_choose(list, table[i].families, table[i].known, &address);
                if (r != (table[i].expected ? 0 : -EAFNOSUPPORT) ||
                    !streq_ptr(address, table[i].expected))
                        fail_msg("%s: %d %s", table[i].what, r, text_or(address, "-"));
        }
}

static void test_no_name(void **state)
{
        char name[400], *address = NULL;
        assert_int_equal(resolve_name("", BOTH, NULL, &address), -ENOENT);
        /* Too long for a name: no query is made. */
        memset(name, 'x', sizeof(name) - 1);
        name[sizeof(name) - 1] = '\0';
        int r = resolve_name(name, BOTH, NULL, &address);
        assert_true(r == -ENOENT || r == -EAGAIN);
        assert_null(address);
}

/* Only a definite answer means that there is no such name. */
static void test_errors(void **state)
{
        static const struct {
                int result, error, expected;
        } table[] = {
                { EAI_NONAME, 0, -ENOENT },
                { EAI_NODATA, 0, -ENOENT },
                { EAI_AGAIN, 0, -EAGAIN },
                { EAI_FAIL, 0, -EAGAIN },
                { EAI_ADDRFAMILY, 0, -EAFNOSUPPORT },
                { EAI_MEMORY, 0, -ENOMEM },
                { EAI_SYSTEM, ENOMEM, -ENOMEM },
                { EAI_SYSTEM, ENOENT, -EAGAIN },
                { EAI_BADFLAGS, 0, -EAGAIN },
                { EAI_SYSTEM, EMFILE, -EMFILE }, /* nobody was asked */
                { EAI_SYSTEM, ENFILE, -ENFILE },
        };
        for (size_t i = 0; i < ELEMENTSOF(table); i++)
                assert_int_equal(resolve_error(table[i].result, table[i].error), table[i].expected);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_numbers),     cmocka_unit_test(test_a_name),
                cmocka_unit_test(test_one_of_many), cmocka_unit_test(test_no_name),
                cmocka_unit_test(test_errors),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
