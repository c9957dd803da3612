/* SPDX-License-Identifier: Apache-2.0 */

#include "peer/registration.h"

#include "codec/dim.h"
#include "peer/testing.h"

static const DimHost host = {
        .nqn = "nqn.2014-08.org.nvmexpress:uuid:lab",
        .id = "01234567-89ab-cdef-0123-456789abcdef",
        .symname = "rack7",
        .name = "lab",
        .version = "Linux",
};

/* stafd's data is decoded here by code that was written independently from the specification. */
static void test_what_our_hosts_send(void **state)
{
        _cleanup_free_ uint8_t *data = NULL;
        _cleanup_text_buffer_ TextBuffer b = { 0 };
        Registration r;
        size_t n;
        assert_int_equal(dim_encode_host(&host, &data, &n), 0);
        assert_null(registration_decode(data, n, &r));
        registration_describe(&r, &b);
        assert_string_equal(b.data, "eid=nqn.2014-08.org.nvmexpress:uuid:lab ename=lab ever=Linux "
                                    "trtype=3 adrfam=1 portlcl=0 traddr= "
                                    "hostid=01234567-89ab-cdef-0123-456789abcdef symname=rack7");
}

static void test_each_fault_is_named(void **state)
{
        static const struct {
                size_t offset;
                uint8_t value;
                const char *expected;
        } table[] = {
                { 0, 1, "TDL" },
                { 8, 2, "NUMENT is not 1" },
                { 16, 1, "ENTFMT is not extended" },
                { 18, 2, "ETYPE is not a host" },
                { 22, 0, "EKTYPE is not 5Fh" },
                { 24, 'x', "EID is no NQN" },
                { 1024 + 260, 'x', "the entry's NQN is not EID" },
                { 1024 + 1024, 1, "TEL" },
                { 1024 + 1028, 3, "an attribute beyond TEL" },
                { 1024 + 1028, 1, "TEL is not where the attributes end" },
                { 1024 + 1032, 9, "no host identifier" },
                { 1024 + 1034, 17, "EXATLEN" },
                { 1024 + 1034, 252, "EXATLEN" },
                { 1024 + 1034, 12, "a host identifier that is not of 16 bytes" },
        };
        for (size_t i = 0; i < ELEMENTSOF(table); i++) {
                _cleanup_free_ uint8_t *data = NULL;
                Registration r;
                size_t n;
                assert_int_equal(dim_encode_host(&host, &data, &n), 0);
                data[table[i].offset] = table[i].value;
                const char *wrong = registration_decode(data, n, &r);
                assert_non_null(wrong);
                assert_string_equal(wrong, table[i].expected);
        }
}

static void test_no_length_is_believed(void **state)
{
        _cleanup_free_ uint8_t *data = NULL;
        Registration r;
        size_t n;
        assert_int_equal(dim_encode_host(&host, &data, &n), 0);
        for (size_t k = 0; k < n; k++) {
                _cleanup_free_ uint8_t *part = malloc(k + 1);
                assert_non_null(part);
                memcpy(part, data, k);
                assert_non_null(registration_decode(part, k, &r));
        }
}

static void test_list(void **state)
{
        Registrations list = { 0 };
        Registration a = { .eid = "nqn.a", .symname = "1" }, b = { .eid = "nqn.b" };
        assert_int_equal(registrations_apply(&list, TASK_UPDATE, &a), -ENOENT);
        assert_int_equal(registrations_apply(&list, TASK_DEREGISTER, &a), -ENOENT);
        assert_int_equal(registrations_apply(&list, TASK_REGISTER, &a), 0);
        assert_int_equal(registrations_apply(&list, TASK_REGISTER, &b), 0);
        memcpy(a.symname, "2", 2);
        assert_int_equal(registrations_apply(&list, TASK_REGISTER, &a), 0);
        assert_int_equal(list.n_items, 2);
        assert_string_equal(list.items[0].symname, "2");
        memcpy(a.symname, "3", 2);
        assert_int_equal(registrations_apply(&list, TASK_UPDATE, &a), 0);
        assert_string_equal(list.items[0].symname, "3");
        assert_int_equal(registrations_apply(&list, TASK_DEREGISTER, &a), 0);
        assert_int_equal(list.n_items, 1);
        assert_string_equal(list.items[0].eid, "nqn.b");
        registrations_done(&list);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_what_our_hosts_send),
                cmocka_unit_test(test_each_fault_is_named),
                cmocka_unit_test(test_no_length_is_believed),
                cmocka_unit_test(test_list),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
