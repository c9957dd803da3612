/* SPDX-License-Identifier: Apache-2.0 */

/* Configuration files as found in the field (test/configs), and the outcome for each: the
 * diagnostics, whether a reload accepts it, the exit codes of --check and --check --strict, and
 * whether a daemon started with it knows what is wanted or defers removals. */

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/testing.h"
#include "base/text.h"
#include "codec/testing.h"
#include "daemon/daemon.h"

#define ID "11111111-2222-4333-8444-555555555555"

static const char *arg_folder;

/* In ascending order of severity. */
typedef enum Weight {
        CLEAN,
        WARNED,  /* fails --check --strict only */
        REFUSED, /* also fails --check and a reload; removals are deferred after a start */
} Weight;

typedef struct Case {
        const char *name; /* its suffix says for which daemon */
        Weight weight;
        const char *problems; /* without the file name */
} Case;

static const DaemonPaths paths = { .sysfs = "/nonexistent" };
static const DaemonType stafd = { .name = "stafd",
                                  .paths = &paths,
                                  .role = CONTROLLER_DISCOVERY,
                                  .conf_file = "/nonexistent/stafd.conf" };
static const DaemonType stacd = { .name = "stacd",
                                  .paths = &paths,
                                  .role = CONTROLLER_IO,
                                  .conf_file = "/nonexistent/stacd.conf" };

static HostIdentity *make_host(void)
{
        HostIdentity *host = calloc(1, sizeof(*host));

        assert_non_null(host);
        host->nqn = strdup("nqn.2014-08.org.nvmexpress:uuid:" ID);
        host->id = strdup(ID);
        assert_true(host->nqn && host->id);
        return host;
}

/* The diagnostics without the file name. */
static char *problems_in(const Diagnostics *d, const char *path)
{
        char *text = diagnostics_to_text(d), *p = text;

        while ((p = strstr(p, path)))
                memmove(p, p + strlen(path), strlen(p + strlen(path)) + 1);
        return text;
}

static void check_said(const DaemonType *type, const char *path, Weight weight,
                       const char *problems)
{
        _cleanup_diagnostics_ Diagnostics d = { 0 };
        _cleanup_(configuration_freep) Configuration *c = NULL;
        _cleanup_(host_identity_freep) HostIdentity *host = make_host();

        assert_int_equal(inputs_read_configuration(type, path, host, &c, &d), 0);
        _cleanup_free_ char *found = problems_in(&d, path);
        assert_string_equal(found, problems);
        assert_int_equal(check_exit_code(&d, false), weight == REFUSED);
        assert_int_equal(check_exit_code(&d, true), weight != CLEAN);
}

static void check_reload(const DaemonType *type, const char *path, Weight weight)
{
        _cleanup_(inputs_done) Inputs i = { .host = make_host() };
        _cleanup_free_ char *reason = NULL;

        assert_int_equal(inputs_load_configuration(type, path, true, &i, &reason),
                         weight == REFUSED ? -EINVAL : 0);
        assert_int_equal(reason != NULL, weight == REFUSED);
}

/* Host names are excluded here: an unresolved one makes a set partial on its own. */
static void check_start(const DaemonType *type, const char *path, Weight weight)
{
        _cleanup_(inputs_done) Inputs i = { .host = make_host() };
        _cleanup_free_ char *reason = NULL;
        _cleanup_(source_set_freep) SourceSet *set = NULL;

        assert_int_equal(inputs_load_configuration(type, path, false, &i, &reason), 0);
        assert_null(reason);
        assert_int_equal(inputs_make_source(&i, NULL, &set), 0);
        assert_int_equal(set->state, weight == REFUSED ? SOURCE_PARTIAL : SOURCE_COMPLETE);
        assert_int_equal(i.error_at != NULL, weight == REFUSED);
        if (i.error_at)
                assert_ptr_equal(strstr(i.error_at, path), i.error_at);
}

static void check_path(const DaemonType *type, const char *path, Weight weight,
                       const char *problems)
{
        check_said(type, path, weight, problems);
        check_reload(type, path, weight);
        check_start(type, path, weight);
}

static const DaemonType *type_of(const char *name)
{
        return strstr(name, ".stacd.conf") ? &stacd : &stafd;
}

static void check_cases(const Case *cases, size_t n)
{
        for (size_t i = 0; i < n; i++) {
                char path[512];

                (void) snprintf(path, sizeof(path), "%s/%s", arg_folder, cases[i].name);
                print_message("%s\n", cases[i].name);
                check_path(type_of(cases[i].name), path, cases[i].weight, cases[i].problems);
        }
}

static void test_right_files(void **state)
{
        static const Case cases[] = {
                { "empty.stafd.conf", CLEAN, "" },
                { "spacing.stafd.conf", CLEAN, "" },
                { "line-ends-of-windows.stafd.conf", CLEAN, "" },
                { "byte-order-mark.stafd.conf", CLEAN, "" },
                { "no-newline-at-the-end.stacd.conf", CLEAN, "" },
                { "empty-lists.stafd.conf", CLEAN, "" },
                { "letter-case.stacd.conf", CLEAN, "" },
                { "booleans.stafd.conf", CLEAN, "" },
                { "sections-twice.stacd.conf", CLEAN, "" },
                { "spans.stafd.conf", CLEAN, "" },
        };

        check_cases(cases, ELEMENTSOF(cases));
}

/* Settings of another version, or of the other daemon, do not prevent a start or reload. */
static void test_files_of_others_start_and_reload(void **state)
{
        static const Case cases[] = {
                { "version-1.stafd.conf", WARNED,
                  "W :4: persistent-connections: deprecated, use persistent-connections in "
                  "[Discovery controller connection management]\n"
                  "W :6: udev-rule: no longer used; ignored\n"
                  "W :8: stype: unknown key in [Service Discovery]; ignored\n"
                  "W :11: blacklist: deprecated, use exclude\n" },
                { "version-1.stacd.conf", WARNED,
                  "W :3: sticky-connections: deprecated, use disconnect-scope in [I/O controller "
                  "connection management]\n"
                  "W :4: udev-rule: no longer used; ignored\n"
                  "W :6: unknown section 'I/O controller disconnect policy', its keys are ignored\n"
                  "W :9: blacklist: deprecated, use exclude\n" },
                { "version-3.stafd.conf", WARNED,
                  "W :12: dc-giveup-timeout: a key of nvme-stas 3; ignored; see "
                  "zeroconf-connections-persistence\n" },
                { "version-3.stacd.conf", WARNED,
                  "W :6: honor-fabric-zoning: a key of nvme-stas 3, use disconnect-scope\n"
                  "W :9: section [I/O Controller Defaults] of nvme-stas 3 is ignored; see [Global] "
                  "of stacd.conf\n" },
                { "of-stafd.stacd.conf", WARNED,
                  "W :2: pleo: unknown key in [Global]; ignored\n"
                  "W :3: unknown section 'Service Discovery', its keys are ignored\n"
                  "W :5: unknown section 'Discovery controller connection management', its keys "
                  "are ignored\n" },
                { "of-stacd.stafd.conf", WARNED,
                  "W :2: nr-io-queues: unknown key in [Global]; ignored\n"
                  "W :3: unknown section 'I/O controller connection management', its keys are "
                  "ignored\n" },
                { "only-unknown.stafd.conf", WARNED,
                  "W :2: colour: unknown key in [Global]; ignored\n"
                  "W :3: unknown section 'Storage of the basement', its keys are ignored\n"
                  "W :7: controller: colour: unknown field\n" },
                { "rdma-interface.stacd.conf", WARNED,
                  "W :2: controller: host-iface: ignored: rdma does not support it; use "
                  "host-traddr\n" },
        };

        check_cases(cases, ELEMENTSOF(cases));
}

/* A single wrong letter must not remove a connection. */
static void test_misspelled_files(void **state)
{
        static const Case cases[] = {
                { "section-misspelled.stacd.conf", REFUSED,
                  "E :4: unknown section 'Controlers', did you mean [Controllers]?\n" },
                { "section-singular.stafd.conf", REFUSED,
                  "E :1: unknown section 'Controller', did you mean [Controllers]?\n" },
                { "section-in-lower-case.stafd.conf", REFUSED,
                  "E :1: unknown section 'controllers', did you mean [Controllers]?\n"
                  "E :3: unknown section 'service discovery', did you mean [Service "
                  "Discovery]?\n" },
                { "scope-misspelled.stacd.conf", REFUSED,
                  "E :1: unknown section 'I/O controller connection managment', did you mean [I/O "
                  "controller connection management]?\n"
                  "E :4: disconect-scope: unknown key in [I/O controller connection management], "
                  "did you mean disconnect-scope?\n"
                  "E :5: disconnect-trtypes: 'tpc' is not valid, must be tcp, rdma and fc joined "
                  "by '+'; a start with it disconnects nothing\n" },
                { "key-misspelled.stafd.conf", REFUSED,
                  "E :2: hdr_digest: unknown key in [Global], did you mean hdr-digest?\n"
                  "E :3: kat: unknown key in [Global], did you mean kato?\n"
                  "E :5: ignore-ifaces: unknown key in [Global], did you mean ignore-iface?\n"
                  "E :7: zero-conf: unknown key in [Service Discovery], did you mean zeroconf?\n"
                  "E :9: contoller: unknown key in [Controllers], did you mean controller?\n"
                  "E :10: controllers: unknown key in [Controllers], did you mean controller?\n"
                  "E :11: exlude: unknown key in [Controllers], did you mean exclude?\n" },
                { "key-elsewhere.stacd.conf", REFUSED,
                  "E :2: controller: belongs in [Controllers]\n"
                  "E :3: contoller: unknown key in [Global], did you mean controller in "
                  "[Controllers]?\n"
                  "E :4: disconnect-scope: belongs in [I/O controller connection management]\n"
                  "W :6: kato: unknown key in [Controllers]; ignored\n"
                  "W :7: tron: unknown key in [Controllers]; ignored\n" },
                { "fields-as-keys.stafd.conf", REFUSED,
                  "E :2: transport: is a field, not a key; write controller = "
                  "transport=tcp;traddr=...\n"
                  "E :3: hostnqn: is a field, not a key; write controller = "
                  "transport=tcp;traddr=...\n" },
                { "field-misspelled.stacd.conf", REFUSED,
                  "E :2: controller: hots-iface: unknown field, did you mean host-iface?; the line "
                  "is not used\n"
                  "E :3: controller: Nqn: unknown field, did you mean nqn?; the line is not used\n"
                  "E :4: exclude: transprt: unknown field, did you mean transport?\n" },
        };

        check_cases(cases, ELEMENTSOF(cases));
}

static void test_wrong_values(void **state)
{
        static const Case cases[] = {
                { "two-keys-on-a-line.stacd.conf", REFUSED,
                  "E :4: ignore-iface: 'true;kato=5' is not valid, must be true or false; kato "
                  "must be on a separate line; neither is used\n"
                  "E :7: disconnect-scope: 'only-stas-connections;disconnect-trtypes=tcp' is not "
                  "valid, must be only-stas-connections, "
                  "all-connections-matching-disconnect-trtypes or no-disconnect; "
                  "disconnect-trtypes must be on a separate line; neither is used; a start with it "
                  "disconnects nothing\n" },
                { "comment-behind-a-value.stafd.conf", REFUSED,
                  "E :2: tron: 'true # for a while' is not valid, must be true or false; comments "
                  "must be on separate lines\n"
                  "E :3: kato: '5 ; seconds' is not valid, must be a number from 0 to 2147483647; "
                  "comments must be on separate lines\n"
                  "E :5: controller: traddr: white space, a comma or a control character in it "
                  "(fields end with ';', comments must be on separate lines)\n" },
                { "quotes.stafd.conf", REFUSED,
                  "E :2: tron: '\"true\"' is not valid, must be true or false\n"
                  "E :4: controller: field 1: unknown field, did you mean transport?; the line "
                  "is not used\n" },
                { "numbers.stafd.conf", REFUSED,
                  "E :2: kato: '30s' is not valid, must be a number from 0 to 2147483647\n"
                  "E :3: queue-size: '-1' is not valid, must be a number from 16 to 1024\n"
                  "E :4: reconnect-delay: '0' is not valid, must be a number from 1 to 2147483647\n"
                  "E :7: controller: kato: '-5' is not a number from 0 to 2147483647\n"
                  "E :7: controller: trsvcid: '+8009' is not a port number (1 to 65535)\n" },
                { "addresses.stacd.conf", REFUSED,
                  "E :4: controller: traddr: '[2001:db8:::10:1]' is neither an IP address nor a "
                  "host name\n"
                  "E :5: controller: host-traddr: missing; the kernel requires it for fc\n" },
        };

        check_cases(cases, ELEMENTSOF(cases));
}

#define OF_DISCOVERY_CONF                                                                          \
        "a line of nvme-cli's discovery.conf; write controller = transport=tcp;traddr=... in "     \
        "[Controllers]\n"
#define OF_CONFIG_JSON                                                                             \
        "this is JSON, as in nvme-cli's config.json; it must be [Section] and 'key = value'\n"

static void test_files_of_other_programs(void **state)
{
        static const Case cases[] = {
                { "nvme-cli-discovery.stafd.conf", REFUSED,
                  "E :2: " OF_DISCOVERY_CONF "E :3: " OF_DISCOVERY_CONF },
                { "nvme-cli-discovery-pasted.stafd.conf", REFUSED,
                  "E :2: " OF_DISCOVERY_CONF "E :3: " OF_DISCOVERY_CONF
                  "E :4: controller: has options of nvme-cli; write transport=tcp;traddr=...\n" },
                { "nvme-cli-config.stacd.conf", REFUSED, "E :1: " OF_CONFIG_JSON },
                { "nvme-cli-config-of-one-line.stafd.conf", REFUSED, "E :1: " OF_CONFIG_JSON },
                { "json.stafd.conf", REFUSED, "E :1: " OF_CONFIG_JSON },
                { "version-3-connections.stafd.conf", REFUSED,
                  "W :2: section [Discovery Controller Defaults] of nvme-stas 3 is ignored; see "
                  "[Global] of stafd.conf\n"
                  "W :6: section [I/O Controller Defaults] of nvme-stas 3 is ignored; see [Global] "
                  "of stacd.conf\n"
                  "E :9: section [Host] of nvme-stas 3 is not supported here; the host is "
                  "configured in sys.conf\n"
                  "E :13: section [Discovery Controller] of nvme-stas 3 is not supported; write "
                  "controller = transport=tcp;traddr=... in [Controllers] of stafd.conf\n"
                  "E :16: section [Subsystem] of nvme-stas 3 is not supported; write controller = "
                  "transport=tcp;traddr=...;nqn=... in [Controllers] of stacd.conf\n" },
                { "nul-byte.stafd.conf", REFUSED,
                  "E :2: contains a NUL byte; the line is ignored\n" },
                { "utf-16.stafd.conf", REFUSED,
                  "E :1: contains a NUL byte; the line is ignored\n"
                  "E :2: contains a NUL byte; the line is ignored\n" },
                { "broken.stafd.conf", REFUSED,
                  "E :1: outside a section; a [Section] line must precede it\n"
                  "E :2: ']' is missing after the section name; the section is ignored\n"
                  "E :4: text after ']'; the section is ignored\n"
                  "E :6: neither [Section], 'key = value' nor a comment\n"
                  "E :7: no key before '='\n"
                  "E :8: ']' is missing after the section name; the section is ignored\n" },
        };

        check_cases(cases, ELEMENTSOF(cases));
}

/* A setting of another version, or a misspelled one, that keeps all connections must not keep
 * fewer. */
static void test_scope_in_doubt(void **state)
{
        static const struct {
                const char *name;
                DisconnectScope scope;
        } cases[] = {
                { "version-1.stacd.conf", DISCONNECT_NONE },
                { "version-3.stacd.conf", DISCONNECT_NONE },
                { "scope-misspelled.stacd.conf", DISCONNECT_NONE },
                { "two-keys-on-a-line.stacd.conf", DISCONNECT_NONE },
                { "key-elsewhere.stacd.conf", DISCONNECT_NONE },
                { "section-misspelled.stacd.conf", DISCONNECT_ONLY_STAS },
                { "letter-case.stacd.conf", DISCONNECT_ONLY_STAS },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_diagnostics_ Diagnostics d = { 0 };
                _cleanup_(configuration_freep) Configuration *c = NULL;
                char path[512];

                (void) snprintf(path, sizeof(path), "%s/%s", arg_folder, cases[i].name);
                assert_int_equal(inputs_read_configuration(&stacd, path, NULL, &c, &d), 0);
                assert_int_equal(c->policy.disconnect_scope, cases[i].scope);
        }
}

/* ---- what cannot be kept in a source tree ---- */

typedef struct Folder {
        char path[64], file[96], drop_in[128];
} Folder;

static int set_up(void **state)
{
        static Folder f;

        strcpy(f.path, "/tmp/test-configs-XXXXXX");
        assert_non_null(mkdtemp(f.path));
        (void) snprintf(f.file, sizeof(f.file), "%s/x.conf", f.path);
        (void) snprintf(f.drop_in, sizeof(f.drop_in), "%s.d/50.conf", f.file);
        *state = &f;
        return 0;
}

static int tear_down(void **state)
{
        const Folder *f = *state;
        char folder[128];

        (void) snprintf(folder, sizeof(folder), "%s.d", f->file);
        (void) remove(f->drop_in);
        (void) remove(folder);
        (void) remove(f->file);
        return remove(f->path);
}

static void write_text(const char *path, const char *text)
{
        FILE *file = fopen(path, "we");

        assert_non_null(file);
        assert_true(fputs(text, file) >= 0);
        assert_int_equal(fclose(file), 0);
}

static void test_missing_file(void **state)
{
        const Folder *f = *state;
        DaemonType usual = stafd;

        check_path(&stafd, f->file, REFUSED, "E : cannot be read: No such file or directory\n");
        usual.conf_file = f->file;
        check_path(&usual, f->file, CLEAN, "");
}

static void test_unreadable_file(void **state)
{
        const Folder *f = *state;
        bool is_root = geteuid() == 0;

        write_text(f->file, "[Global]\n");
        assert_int_equal(chmod(f->path, 0755), 0);
        assert_int_equal(chmod(f->file, 0), 0);
        if (is_root) /* can read everything */
                assert_int_equal(seteuid(65534), 0);
        check_path(&stafd, f->file, REFUSED, "E : cannot be read: Permission denied\n");
        if (is_root)
                assert_int_equal(seteuid(0), 0);
}

static void test_folder_instead_of_a_file(void **state)
{
        const Folder *f = *state;

        assert_int_equal(mkdir(f->file, 0755), 0);
        check_path(&stafd, f->file, REFUSED, "E : cannot be read: Is a directory\n");
}

static void test_line_of_a_mebibyte(void **state)
{
        const Folder *f = *state;
        _cleanup_text_buffer_ TextBuffer b = { 0 };

        text_buffer_append(&b, "[Global]\ntron=");
        for (size_t i = 0; i < 1024; i++)
                text_buffer_printf(&b, "%01024d", 0);
        text_buffer_append(&b, "\nkato=5\n");
        write_text(f->file, b.data);
        check_path(&stafd, f->file, REFUSED,
                   "E :2: longer than 65536 bytes; the line is ignored\n");
}

static void test_drop_in_with_an_error(void **state)
{
        const Folder *f = *state;
        char folder[128];

        (void) snprintf(folder, sizeof(folder), "%s.d", f->file);
        write_text(f->file, "[Controllers]\ncontroller=transport=tcp;traddr=192.0.2.10\n");
        assert_int_equal(mkdir(folder, 0755), 0);
        write_text(f->drop_in, "[Controllers]\ncontroler=transport=tcp;traddr=192.0.2.11\n");
        check_path(&stafd, f->file, REFUSED,
                   "E .d/50.conf:2: controler: unknown key in [Controllers], did you mean "
                   "controller?\n");
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(int argc, char **argv)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_right_files),
                cmocka_unit_test(test_files_of_others_start_and_reload),
                cmocka_unit_test(test_misspelled_files),
                cmocka_unit_test(test_wrong_values),
                cmocka_unit_test(test_files_of_other_programs),
                cmocka_unit_test(test_scope_in_doubt),
                TEST(test_missing_file),
                TEST(test_unreadable_file),
                TEST(test_folder_instead_of_a_file),
                TEST(test_line_of_a_mebibyte),
                TEST(test_drop_in_with_an_error),
        };

        if (argc != 2)
                return 1;
        arg_folder = argv[1];
        return cmocka_run_group_tests(tests, NULL, NULL);
}
