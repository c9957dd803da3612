/* SPDX-License-Identifier: Apache-2.0 */

#include "stafd-world.h"

#include <stdio.h>

/* ---- stafd ---- */

static void describe_entry(Properties *p, const char *nqn)
{
        bool referral = streq(nqn, "referral"), bad_port = text_after(nqn, "bad-port") != NULL;
        DlpEntry e = {
                .trtype = 3,
                .adrfam = 1,
                .subtype = referral ? DLPE_REFERRAL : DLPE_NVME,
                .portid = 7,
                .eflags = DLPE_EFLAGS_NCC,
                .subnqn = (char *) nqn,
                .traddr = (char *) "192.0.2.50",
        };
        (void) snprintf(e.trsvcid, sizeof(e.trsvcid), "%d", bad_port ? 0 : 4420);
        assert_int_equal(dlpe_describe(&e, p), 0);
}

static void describe_dc(const FakeDc *dc, Properties *p)
{
        assert_int_equal(properties_add(p, "transport", "tcp"), 0);
        assert_int_equal(properties_add(p, "traddr", dc->traddr), 0);
        assert_int_equal(properties_add(p, "trsvcid", "8009"), 0);
        assert_int_equal(properties_add(p, "subsysnqn", NQN_DISCOVERY), 0);
        assert_int_equal(properties_add(p, "host-iface", "eth0"), 0);
        assert_int_equal(properties_add(p, "host-nqn", "nqn.dc-host"), 0);
        assert_int_equal(properties_add(p, "device", "nvme0"), 0);
}

static int fake_list_sources(void *userdata, bool *ret_complete, LogPages **ret, size_t *ret_n)
{
        World *w = userdata;
        size_t n = 0;

        w->n_lists++;
        *ret = calloc(ELEMENTSOF(w->dcs), sizeof(**ret));
        for (; w->dcs[n].traddr; n++) {
                describe_dc(&w->dcs[n], &(*ret)[n].id);
                (*ret)[n].state = w->dcs[n].state;
                (*ret)[n].generation = w->dcs[n].generation;
        }
        *ret_n = n;
        *ret_complete = w->complete;
        if (w->change_while_listing) {
                w->change_while_listing = false;
                w->dcs[0].generation++;
                w->dcs[0].nqns[0] = "nqn.new";
                assert_true(bus_emit_sources_changed(w->stafd) >= 0);
        }
        return 0;
}

static int fake_list_controllers(void *userdata, bool detailed, PropertiesList *ret)
{
        World *w = userdata;

        w->n_lists++;
        for (size_t i = 0; w->dcs[i].traddr; i++)
                describe_dc(&w->dcs[i], properties_list_add(ret));
        return 0;
}

static int fake_get_log_pages(void *userdata, const TidFields *id, LogPages *ret)
{
        World *w = userdata;

        for (FakeDc *dc = w->dcs; dc->traddr; dc++) {
                if (!streq(dc->traddr, id->traddr))
                        continue;
                int error = dc->read_error;
                dc->n_reads++;
                dc->read_error = 0;
                ret->state = dc->state;
                ret->generation = dc->generation;
                for (size_t i = 0; dc->nqns[i]; i++)
                        describe_entry(properties_list_add(&ret->entries), dc->nqns[i]);
                return error;
        }
        return -ENOENT;
}

static void make_log(const FakeDc *dc, DiscoveryLog *ret)
{
        for (size_t i = 0; dc->nqns[i]; i++) {
                _cleanup_properties_ Properties p = { 0 };
                describe_entry(&p, dc->nqns[i]);
                assert_int_equal(dlpe_from_properties(&p, &ret->entries[ret->n_entries++]), 0);
        }
}

static void publish(World *w, const FakeDc *dc)
{
        const TidFields id = { .transport = "tcp",
                               .traddr = dc->traddr,
                               .host_iface = "eth0",
                               .host_nqn = "nqn.dc-host" };
        DlpEntry entries[ELEMENTSOF(dc->nqns)] = { 0 };
        DiscoveryLog log = { .entries = entries };
        _cleanup_tid_ Tid *tid = NULL;

        make_log(dc, &log);
        assert_int_equal(tid_new(&id, CONTROLLER_DISCOVERY, &tid), 0);
        assert_int_equal(publication_put(w->publication, tid, "nvme0",
                                         source_state_from_string(dc->state), dc->generation, &log),
                         0);
        for (size_t i = 0; i < log.n_entries; i++)
                dlpe_done(&entries[i]);
}

static int fake_list_changes(void *userdata, LogCursor at, LogChanges *ret)
{
        World *w = userdata;

        w->n_pages++;
        publication_begin(w->publication);
        for (FakeDc *dc = w->dcs; dc->traddr; dc++)
                publish(w, dc);
        assert_int_equal(publication_end(w->publication, w->complete), 0);
        assert_int_equal(publication_page(w->publication, at, ret), 0);
        ret->next.epoch += w->bad_epoch;
        for (size_t i = 0; i < ret->n_logs; i++)
                w->n_told += ret->logs[i].n_changed;
        return 0;
}

static const BusBackend fake_backend = {
        .role = CONTROLLER_DISCOVERY,
        .list_controllers = fake_list_controllers,
        .get_log_pages = fake_get_log_pages,
        .read_log_pages = fake_get_log_pages,
        .list_sources = fake_list_sources,
        .list_changes = fake_list_changes,
};

/* A stuck stafd is on the bus and says nothing; an old one does not know each method. */
static int on_call(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        const World *w = userdata;

        if (w->is_stuck)
                return sd_bus_message_is_method_call(m, NULL, NULL);
        if (w->is_new || sd_bus_message_is_method_call(m, NULL, "list_changes") <= 0)
                return 0;
        return sd_bus_reply_method_errorf(m, SD_BUS_ERROR_UNKNOWN_METHOD, "Unknown method") < 0 ? -1
                                                                                                : 1;
}

void start_stafd(World *w)
{
        static uint64_t epoch;

        if (!w->publication) /* small pages, so that there are many */
                assert_int_equal(publication_new(++epoch, 2, &w->publication), 0);
        assert_int_equal(private_bus_connect(&w->daemon, w->event, &w->stafd_bus), 0);
        assert_int_equal(bus_service_new(w->stafd_bus, &fake_backend, NULL, w, &w->stafd), 0);
        assert_true(sd_bus_add_filter(w->stafd_bus, NULL, on_call, w) >= 0);
}

void start_python_stafd(World *w)
{
        w->python = (BusService) { .backend = fake_backend, .userdata = w };
        assert_int_equal(private_bus_connect(&w->daemon, w->event, &w->stafd_bus), 0);
        assert_int_equal(calls_new(w->stafd_bus, &w->python, &w->python.calls), 0);
        assert_true(sd_bus_add_object_vtable(w->stafd_bus, NULL, BUS_STAF_PATH, BUS_STAF_NAME,
                                             bus_staf_vtable, &w->python) >= 0);
        assert_true(sd_bus_request_name_async(w->stafd_bus, NULL, BUS_STAF_NAME, 0, NULL, NULL) >=
                    0);
}

void stop_stafd(World *w)
{
        w->publication = publication_free(w->publication);
        w->stafd = bus_service_free(w->stafd);
        w->python.calls = calls_free(w->python.calls);
        w->stafd_bus = sd_bus_close_unref(w->stafd_bus);
}

/* ---- stacd ---- */

/* "dc1 complete nqn.a nqn.b": the state and the subsystems of each word, one a line. */
static void on_source(SourceSet *set, const char *key, void *userdata)
{
        World *w = userdata;
        const char *dc = text_after(key, "dc (tcp, 192.0.2.");

        text_buffer_printf(&w->log, "%s%.*s %s", dc ? "dc" : "", dc ? (int) strcspn(dc, ",") : 99,
                           text_or(dc, key), set ? source_state_to_string(set->state) : "gone");
        for (size_t i = 0; set && i < set->n_entries; i++)
                text_buffer_printf(&w->log, " %s", set->entries[i].tid->subsysnqn);
        text_buffer_append(&w->log, "\n");
        if (set && set->n_entries > 0) {
                (void) source_set_free(w->last);
                w->last = set;
        } else
                (void) source_set_free(set);
}

void start_stacd(World *w)
{
        assert_int_equal(private_bus_connect(&w->daemon, w->event, &w->stacd_bus), 0);
        assert_int_equal(stafd_client_new(w->event, w->stacd_bus,
                                          (DlpeHost) { "nqn.own-host", false, false }, NULL,
                                          on_source, w, &w->client),
                         0);
}

static int on_deadline(sd_event_source *source, uint64_t usec, void *userdata)
{
        *(bool *) userdata = true;
        return 0;
}

void run_for(World *w, usec_t usec)
{
        sd_event_source *timer = NULL;
        bool over = false;

        assert_true(sd_event_add_time_relative(w->event, &timer, CLOCK_MONOTONIC, usec, 0,
                                               on_deadline, &over) >= 0);
        while (!over)
                assert_true(sd_event_run(w->event, UINT64_MAX) >= 0);
        sd_event_source_unref(timer);
}

void expect(World *w, const char *log)
{
        sd_event_source *timer = NULL;
        bool over = false;

        assert_true(sd_event_add_time_relative(w->event, &timer, CLOCK_MONOTONIC,
                                               STAFD_WORLD_DEADLINE, 0, on_deadline, &over) >= 0);
        while (!over && w->log.length < strlen(log))
                assert_true(sd_event_run(w->event, UINT64_MAX) >= 0);
        sd_event_source_unref(timer);
        assert_string_equal(text_or(w->log.data, ""), log);
        text_buffer_done(&w->log);
}

void expect_silence(World *w)
{
        run_for(w, 100 * USEC_PER_MSEC);
        assert_string_equal(text_or(w->log.data, ""), "");
}

int setup_world(void **state)
{
        static const char open_to_all[] =
                "<policy context=\"default\"><allow user=\"*\"/><allow own=\"*\"/>"
                "<allow send_destination=\"*\" eavesdrop=\"true\"/><allow "
                "eavesdrop=\"true\"/></policy>";
        World *w = calloc(1, sizeof(*w));

        *state = w;
        int r = private_bus_start(&w->daemon, open_to_all);
        if (r == -ENOENT)
                return 0;
        assert_int_equal(r, 0);
        assert_true(sd_event_new(&w->event) >= 0);
        w->complete = true;
        w->dcs[0] = (FakeDc) { .traddr = "192.0.2.1",
                               .state = "complete",
                               .generation = 5,
                               .nqns = { "nqn.a", "nqn.b" } };
        return 0;
}

int teardown_world(void **state)
{
        World *w = *state;

        w->client = stafd_client_free(w->client);
        (void) source_set_free(w->last);
        text_buffer_done(&w->log);
        stop_stafd(w);
        sd_bus_close_unref(w->stacd_bus);
        sd_event_unref(w->event);
        private_bus_stop(&w->daemon);
        free(w);
        return 0;
}

World *world(void **state)
{
        World *w = *state;

        if (!w->event) {
                print_message("no dbus-daemon\n");
                skip();
        }
        return w;
}
