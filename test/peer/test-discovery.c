/* SPDX-License-Identifier: Apache-2.0 */

/* Features for hosts that support TP8010: registration, log page 00h, entries of one port; and
 * wrong values there. */

#include "codec/dim.h"
#include "codec/supported_logs.h"
#include "peer/log_page.h"
#include "peer/testing-session.h"

static const DimHost host = {
        .nqn = "nqn.2014-08.org.nvmexpress:uuid:lab",
        .id = "01234567-89ab-cdef-0123-456789abcdef",
        .symname = "rack7",
};

static uint16_t dim(Session *s, uint32_t task, size_t n_less)
{
        _cleanup_free_ uint8_t *data = NULL;
        HostAnswer a;
        size_t n;
        assert_int_equal(dim_encode_host(&host, &data, &n), 0);
        assert_true(host_ask(s,
                             &(HostCommand) {
                                     .opcode = OPCODE_DIM,
                                     .cdw10 = task,
                                     .data = data,
                                     .n_data = n - n_less,
                             },
                             0, &a));
        return a.status;
}

static void test_registration(void **state)
{
        Fixture *f = *state;
        const Registrations *r = &f->peer.registrations;
        f->peer.model.dctype = DC_TYPE_CDC;
        make_ready(f->s);
        assert_int_equal(dim(f->s, TASK_UPDATE, 0),
                         STATUS_DISCOVERY_INFORMATION | STATUS_DO_NOT_RETRY);
        assert_int_equal(dim(f->s, TASK_REGISTER, 0), STATUS_SUCCESS);
        assert_int_equal(r->n_items, 1);
        assert_string_equal(r->items[0].symname, "rack7");
        assert_int_equal(dim(f->s, TASK_REGISTER, 4), STATUS_INVALID_FIELD | STATUS_DO_NOT_RETRY);
        assert_int_equal(dim(f->s, 3, 0), STATUS_INVALID_FIELD | STATUS_DO_NOT_RETRY);
        assert_int_equal(r->n_items, 1);
        assert_int_equal(dim(f->s, TASK_DEREGISTER, 0), STATUS_SUCCESS);
        assert_int_equal(r->n_items, 0);
}

static void test_registration_can_be_refused_with_any_status(void **state)
{
        Fixture *f = *state;
        f->peer.model.dctype = DC_TYPE_CDC;
        make_ready(f->s);
        peer_set_fault(&f->peer, STEP_DIM,
                       (Fault) { .kind = FAULT_FAIL, .status = 0x134, .n_left = 1 }, 0);
        assert_int_equal(dim(f->s, TASK_REGISTER, 0), 0x134);
        assert_int_equal(f->peer.registrations.n_items, 0);
        assert_int_equal(dim(f->s, TASK_REGISTER, 0), STATUS_SUCCESS);
}

static void test_no_registration_at_who_is_no_such_controller(void **state)
{
        Fixture *f = *state;
        make_ready(f->s);
        assert_int_equal(dim(f->s, TASK_REGISTER, 0), STATUS_INVALID_OPCODE | STATUS_DO_NOT_RETRY);
}

static bool get_page(Session *s, unsigned lid, unsigned lsp, uint32_t n, HostAnswer *ret)
{
        return host_ask(s,
                        &(HostCommand) {
                                .opcode = OPCODE_GET_LOG_PAGE,
                                .cdw10 = lid | lsp << 8 | (n / 4 - 1) << 16,
                                .n_wanted = n,
                        },
                        0, ret);
}

static void test_supported_log_pages(void **state)
{
        Fixture *f = *state;
        HostAnswer a;
        unsigned options;
        f->peer.model.log_options = LOG_PORT_LOCAL;
        make_ready(f->s);
        assert_true(get_page(f->s, 0, 0, 1024, &a));
        assert_int_equal(a.status, STATUS_SUCCESS);
        assert_int_equal(supported_logs_decode(a.data, a.n_data, &options), 0);
        assert_int_equal(options, DISCOVERY_LOG_PORT_LOCAL);

        /* It has faults of its own: the discovery log can still be read. */
        peer_set_fault(&f->peer, STEP_SUPPORTED_LOGS,
                       (Fault) { .kind = FAULT_FAIL, .status = 6, .n_left = 1 }, 0);
        assert_true(get_page(f->s, 0x70, 0, 1024, &a));
        assert_int_equal(a.status, STATUS_SUCCESS);
        assert_true(get_page(f->s, 0, 0, 1024, &a));
        assert_int_equal(a.status, STATUS_INTERNAL);
}

static void test_port_local_entries(void **state)
{
        Fixture *f = *state;
        HostAnswer a;
        for (int i = 0; i < 3; i++)
                add_entry(&f->peer, "nqn.a");
        f->peer.model.entries[1].is_elsewhere = true;
        make_ready(f->s);
        assert_true(get_page(f->s, 0x70, LOG_PORT_LOCAL, 1024, &a));
        assert_int_equal(a.status, STATUS_INVALID_FIELD | STATUS_DO_NOT_RETRY);
        f->peer.model.log_options = LOG_PORT_LOCAL;
        assert_true(get_page(f->s, 0x70, LOG_PORT_LOCAL, 1024, &a));
        assert_int_equal(a.data[LOG_NUMREC], 2);
        assert_true(get_page(f->s, 0x70, 0, 1024, &a));
        assert_int_equal(a.data[LOG_NUMREC], 3);
}

static void test_lies_about_the_log(void **state)
{
        Fixture *f = *state;
        HostAnswer a;
        Model *m = &f->peer.model;
        add_entry(&f->peer, "nqn.a");
        make_ready(f->s);
        m->lies_numrec = true;
        m->numrec = UINT64_C(1) << 54;
        assert_true(get_log(f->s, 0, 1024, true, &a));
        assert_true(get_le64(a.data + LOG_NUMREC) == m->numrec);
        m->log_bytes_max = 512;
        assert_true(get_log(f->s, 1024, 1024, true, &a));
        assert_int_equal(a.status, STATUS_SUCCESS);
        assert_int_equal(a.n_data, 512);
        m->log_bytes_max = 0;
        assert_true(get_log(f->s, 1024, 1024, true, &a));
        assert_int_equal(a.status, STATUS_SUCCESS);
        assert_int_equal(a.n_data, 0);
}

static void test_log_changes_while_it_is_read(void **state)
{
        Fixture *f = *state;
        HostAnswer a;
        Model *m = &f->peer.model;
        add_entry(&f->peer, "nqn.a");
        make_ready(f->s);
        m->n_moves = 1;
        uint64_t genctr = m->genctr;
        assert_true(get_log(f->s, 0, 1024, true, &a));
        assert_true(m->genctr == genctr);
        assert_true(get_log(f->s, 1024, 1024, true, &a));
        assert_true(m->genctr == genctr + 1);
        assert_true(get_log(f->s, 1024, 1024, true, &a));
        assert_true(m->genctr == genctr + 1);
}

static void test_host_that_wants_to_stay_is_refused(void **state)
{
        Fixture *f = *state;
        HostAnswer a;
        f->peer.model.can_be_held = false;
        connect_to(f->s, 0xffff, MODEL_WELL_KNOWN_NQN, 30000, &a);
        assert_int_equal(a.status, STATUS_CONNECT_PARAMETERS | STATUS_DO_NOT_RETRY);
        assert_int_equal(a.result, 48);
}

static void test_host_that_does_not_stay_is_taken(void **state)
{
        Fixture *f = *state;
        f->peer.model.can_be_held = false;
        make_ready(f->s);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(test_registration),
                TEST(test_registration_can_be_refused_with_any_status),
                TEST(test_no_registration_at_who_is_no_such_controller),
                TEST(test_supported_log_pages),
                TEST(test_port_local_entries),
                TEST(test_lies_about_the_log),
                TEST(test_log_changes_while_it_is_read),
                TEST(test_host_that_wants_to_stay_is_refused),
                TEST(test_host_that_does_not_stay_is_taken),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
