/* SPDX-License-Identifier: Apache-2.0 */

/* stafctl, stacctl and stasadm as a user runs them, against the real D-Bus service over a fake
 * daemon. */

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/json.h"
#include "base/testing.h"
#include "base/text.h"
#include "fake-daemon.h"

static char *arg_stafctl, *arg_stacctl, *arg_stasadm;

typedef struct Fixture {
        char directory[32];
        PrivateBus bus;
        pid_t stafd, stacd;
} Fixture;

typedef struct Outcome {
        int status;
        char *out, *err;
} Outcome;

static void outcome_done(Outcome *o)
{
        free(o->out);
        free(o->err);
}

#define _cleanup_outcome_ _cleanup_(outcome_done)

static char *slurp(const char *path)
{
        _cleanup_text_buffer_ TextBuffer b = { 0 };
        char chunk[512];
        size_t n;

        FILE *f = fopen(path, "re");
        assert_non_null(f);
        while ((n = fread(chunk, 1, sizeof(chunk), f)) > 0)
                text_buffer_append_bytes(&b, chunk, n);
        (void) fclose(f);
        return text_buffer_take(&b);
}

/* Runs a shell command in which $stafctl, $stacctl and $stasadm are the programs. */
static Outcome run(const char *command)
{
        _cleanup_free_ char *line = NULL;

        assert_true(asprintf(&line, "{ %s ; } >out 2>err </dev/null", command) > 0);
        int status = system(line);
        assert_true(WIFEXITED(status));
        return (Outcome) { WEXITSTATUS(status), slurp("out"), slurp("err") };
}

static void assert_run(const char *command, int status, const char *out, const char *err)
{
        _cleanup_outcome_ Outcome o = run(command);

        assert_string_equal(o.err, err);
        assert_string_equal(o.out, out);
        assert_int_equal(o.status, status);
}

static int set_up(void **state)
{
        static Fixture f = { .directory = "/tmp/test-programs-XXXXXX" };

        *state = &f;
        if (!mkdtemp(f.directory) || chdir(f.directory) < 0)
                return -1;
        (void) setenv("stafctl", arg_stafctl, 1);
        (void) setenv("stacctl", arg_stacctl, 1);
        (void) setenv("stasadm", arg_stasadm, 1);

        int r = private_bus_start(&f.bus,
                                  "<policy context=\"default\"><allow own=\"*\"/>"
                                  "<allow send_destination=\"*\"/><allow receive_type=\"signal\"/>"
                                  "<allow receive_type=\"method_return\"/>"
                                  "<allow receive_type=\"error\"/>"
                                  "<allow receive_type=\"method_call\"/></policy>");
        if (r == -ENOENT)
                return 0; /* the tests that need it are skipped */
        if (r < 0)
                return r;
        (void) setenv("DBUS_SYSTEM_BUS_ADDRESS", f.bus.address, 1);
        f.stafd = fake_daemon_start(&f.bus, CONTROLLER_DISCOVERY);
        f.stacd = fake_daemon_start(&f.bus, CONTROLLER_IO);
        return f.stafd > 0 && f.stacd > 0 ? 0 : -1;
}

static int tear_down(void **state)
{
        _cleanup_free_ char *command = NULL;
        Fixture *f = *state;

        fake_daemon_stop(f->stafd);
        fake_daemon_stop(f->stacd);
        private_bus_stop(&f->bus);
        if (asprintf(&command, "rm -r %s", f->directory) < 0 || chdir("/") < 0)
                return -1;
        return system(command);
}

static void need_bus(void **state)
{
        Fixture *f = *state;

        if (f->bus.address)
                return;
        print_message("there is no dbus-daemon\n");
        skip();
}

static void test_usage(void **state)
{
        static const struct {
                const char *command;
                int status;
                const char *out, *err; /* a part of it; NULL: nothing */
        } cases[] = {
                { "$stafctl", 1, NULL,
                  "usage: stafctl [OPTIONS] "
                  "tron|troff|status|ls|dlp|adlp|explain|plan|reload ..." },
                { "$stacctl", 1, NULL,
                  "usage: stacctl [OPTIONS] tron|troff|status|ls|explain|plan|reload ..." },
                { "$stasadm", 1, NULL,
                  "usage: stasadm [OPTIONS] hostnqn|hostid|set-symname|clear-symname ..." },
                { "$stafctl -h", 0, "Commands:", NULL },
                { "$stafctl dlp --help", 0, "--host-iface IFACE", NULL },
                { "$stafctl -v", 0, "nvme-stas " PROJECT_VERSION "\n", NULL },
                { "$stacctl ls --version", 0, "nvme-stas " PROJECT_VERSION "\n", NULL },
                { "$stafctl list", 2, NULL, "stafctl: Unknown command \"list\"\n" },
                { "$stacctl adlp", 2, NULL, "stacctl: Unknown command \"adlp\"\n" },
                { "$stafctl ls --bogus", 2, NULL, "usage: stafctl ls [OPTIONS]\n" },
                { "$stafctl ls extra", 2, NULL, "usage: stafctl ls [OPTIONS]\n" },
                { "$stafctl ls -o xml", 2, NULL, "\"xml\" is not one of text|json\n" },
                { "$stafctl dlp -t ib", 2, NULL, "\"ib\" is not one of tcp|rdma|fc|loop\n" },
                { "$stafctl dlp", 1, NULL, "--traddr is missing\n" },
                { "$stacctl explain a b", 2, NULL,
                  "usage: stacctl explain [OPTIONS] [DEVICE|NQN|ADDRESS]\n" },
                { "$stacctl plan extra", 2, NULL, "usage: stacctl plan [OPTIONS]\n" },
                { "$stasadm set-symname", 2, NULL, "usage: stasadm set-symname [OPTIONS] NAME\n" },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_outcome_ Outcome o = run(cases[i].command);

                assert_int_equal(o.status, cases[i].status);
                assert_non_null(strstr(o.out, text_or(cases[i].out, "")));
                assert_non_null(strstr(o.err, text_or(cases[i].err, "")));
                assert_int_equal(*o.out != '\0', cases[i].out != NULL);
                assert_int_equal(*o.err != '\0', cases[i].err != NULL);
        }
}

#define ABSENT(name) "Unable to communicate with " name " over D-Bus. Is " name " running?\n"

static void test_no_bus(void **state)
{
        assert_run("DBUS_SYSTEM_BUS_ADDRESS=unix:path=/nonexistent $stafctl ls", 1, "",
                   ABSENT("stafd"));
        assert_run("DBUS_SYSTEM_BUS_ADDRESS=unix:path=/nonexistent $stacctl tron", 1, "",
                   ABSENT("stacd"));
}

static void test_daemon_absent(void **state)
{
        static const char *const verbs[] = { "tron",    "status", "ls",    "ls --watch",
                                             "explain", "plan",   "reload" };
        Fixture *f = *state;

        need_bus(state);
        fake_daemon_stop(f->stacd);
        f->stacd = 0;
        for (size_t i = 0; i < ELEMENTSOF(verbs); i++) {
                char command[32];

                snprintf(command, sizeof(command), "$stacctl %s", verbs[i]);
                assert_run(command, 1, "", ABSENT("stacd"));
        }
        f->stacd = fake_daemon_start(&f->bus, CONTROLLER_IO);
        assert_true(f->stacd > 0);
        assert_run("$stacctl troff", 0, "tron = False\n", "");
}

static void test_tron(void **state)
{
        need_bus(state);
        assert_run("$stafctl tron", 0, "tron = True\n", "");
        assert_run("$stacctl troff", 0, "tron = False\n", "");
        assert_run("$stafctl troff", 0, "tron = False\n", "");
}

#define LISTED                                                                                     \
        "DEVICE  TRANSPORT  ADDRESS    SVC   NQN                                   "               \
        "STATE      ORIGIN\n"                                                                      \
        "nvme0   tcp        192.0.2.1  8009  nqn.2014-08.org.nvmexpress.discovery  "               \
        "connected  configured\n"

static void test_ls(void **state)
{
        need_bus(state);
        assert_run("$stafctl ls", 0, LISTED, "");
        _cleanup_outcome_ Outcome o = run("$stacctl ls --detailed");
        assert_non_null(strstr(o.out, "  model                evil?[2J\n"));
        assert_non_null(strstr(o.out, "  serial               " FAKE_NAME_SHOWN "\n"));
        assert_int_equal(o.status, 0);
}

static struct json_object *run_json(const char *command)
{
        _cleanup_outcome_ Outcome o = run(command);
        struct json_object *json;

        assert_string_equal(o.err, "");
        assert_int_equal(o.status, 0);
        assert_null(strchr(o.out, '\x1b'));
        assert_int_equal(json_parse_bytes(o.out, strlen(o.out), &json), 0);
        return json;
}

static void assert_json(const char *command, const char *expected)
{
        _cleanup_json_ struct json_object *json = run_json(command), *wanted = NULL;

        assert_int_equal(json_parse_bytes(expected, strlen(expected), &wanted), 0);
        if (!json_object_equal(json, wanted))
                fail_msg("%s: %s", command, json_object_to_json_string(json));
}

#define IDENTITY                                                                                   \
        "\"traddr\": \"192.0.2.1\", \"trsvcid\": \"8009\", \"transport\": \"tcp\", "               \
        "\"subsysnqn\": "                                                                          \
        "\"nqn.2014-08.org.nvmexpress.discovery\", \"host-iface\": \"\", \"host-traddr\": \"\", "  \
        "\"host-nqn\": \"" FAKE_HOST_NQN "\", \"device\": \"nvme0\""
#define DETAILS                                                                                    \
        ", \"connect attempts\": \"0\", \"retry connect timer\": \"60.0s [off]\", \"origin\": "    \
        "\"configured\", \"model\": \"evil?[2J\", \"serial\": \"" FAKE_NAME_SHOWN                  \
        "\", \"connected\": \"True\""
#define PROCESS                                                                                    \
        "\"tron\": false, \"log-level\": \"INFO\", \"hostnqn\": \"" FAKE_HOST_NQN                  \
        "\", \"symname\": null, \"name\": \"" FAKE_NAME_SHOWN "\""

/* The keys and the structure are those that Python's programs print. */
static void test_json(void **state)
{
        need_bus(state);
        assert_json("$stafctl ls -o json", "[{" IDENTITY "}]");
        assert_json("$stafctl --output=json ls -d", "[{" IDENTITY DETAILS "}]");
        assert_json("$stacctl status -o json",
                    "{" PROCESS ", \"controllers\": [{" IDENTITY DETAILS "}]}");
        assert_json("$stafctl status --output json",
                    "{" PROCESS ", \"controllers\": [{\"device\": \"nvme0\", \"connected\": "
                    "\"True\", \"log_pages\": [{\"subnqn\": \"nqn.a\"}]}]}");
        assert_json("$stafctl adlp -o json",
                    "[{\"discovery-controller\": {\"device\": \"nvme0\"}, \"log-pages\": "
                    "[{\"subnqn\": \"nqn.??" FAKE_NAME_SHOWN "\"}]}]");
        assert_json("$stacctl explain nvme0 -o json",
                    "[{" IDENTITY ", \"why\": \"wanted and connected by " FAKE_NAME_SHOWN "\"}]");
}

#define ONE                                                                                        \
        "\"traddr\": \"192.0.2.1\", \"host-nqn\": \"" FAKE_HOST_NQN "\", \"connected\": \"True\""

/* What is too much for one message is asked for one by one. */
static void test_more_than_one_message_can_carry(void **state)
{
        need_bus(state);
        assert_int_equal(system("touch " FAKE_LARGE), 0);
        assert_json("$stacctl ls -o json", "[{" IDENTITY "}]");
        assert_json("$stacctl ls -d -o json", "[{" ONE "}]");
        assert_json("$stacctl status -o json", "{" PROCESS ", \"controllers\": [{" ONE "}]}");
        assert_json("$stafctl adlp -o json",
                    "[{\"discovery-controller\": {" IDENTITY "}, \"log-pages\": [{\"subnqn\": "
                    "\"tcp|192.0.2.1|8009|nqn.2014-08.org.nvmexpress.discovery|||" FAKE_HOST_NQN
                    "\"}]}]");
        assert_json("$stafctl status -o json",
                    "{" PROCESS ", \"controllers\": [{" ONE ", \"log_pages\": [{\"subnqn\": "
                    "\"|192.0.2.1|||||" FAKE_HOST_NQN "\"}]}]}");
        assert_run("$stacctl explain", 1, "",
                   "stacctl: explain: The answer is larger than a message on D-Bus may be. Ask for "
                   "one controller at a time.\n");
        assert_int_equal(system("rm " FAKE_LARGE), 0);
}

static void test_dlp(void **state)
{
        need_bus(state);
        /* what is not given: the well-known NQN, and the host NQN that the daemon uses */
        assert_json("$stafctl dlp -a 192.0.2.1 -s 8009 -o json",
                    "[{\"subnqn\": "
                    "\"tcp|192.0.2.1|8009|nqn.2014-08.org.nvmexpress.discovery|||" FAKE_HOST_NQN
                    "\"}]");
        assert_json("$stafctl dlp --transport rdma --traddr 192.0.2.1 --trsvcid 1 --nqn n "
                    "--host-traddr w --host-iface f --host-nqn q -o json",
                    "[{\"subnqn\": \"rdma|192.0.2.1|1|n|w|f|q\"}]");
        assert_json("$stafctl dlp -t fc -a 192.0.2.1 -s 1 -n n -w w -f f -q q -o json",
                    "[{\"subnqn\": \"fc|192.0.2.1|1|n|w|f|q\"}]");
        assert_run("$stafctl dlp -t tcp -a 192.0.2.1 -s 1 -n n -q q", 0,
                   "NQN\ntcp|192.0.2.1|1|n|||q\n", "");
}

#define NO_ENTRIES_OR_LOG                                                                          \
        "No entries: the log is empty or not read yet, or there is no such discovery "             \
        "controller.\n"

/* Only our own daemon says why there is nothing. */
static void test_logs_without_entries(void **state)
{
        need_bus(state);
        assert_run("$stafctl dlp -a 192.0.2.3", 0, "", "The log is not read yet.\n");
        assert_run("$stafctl dlp -a 192.0.2.4", 0, "", "No entries.\n");
        assert_run("$stafctl dlp -a 192.0.2.2", 0, "", NO_ENTRIES_OR_LOG);
        assert_int_equal(system("touch " FAKE_PYTHON), 0);
        assert_run("$stafctl dlp -a 192.0.2.3", 0, "", NO_ENTRIES_OR_LOG);
        assert_int_equal(system("rm " FAKE_PYTHON), 0);
}

#define ADLP                                                                                       \
        "nvme0  tcp 192.0.2.1:8009  nqn.2014-08.org.nvmexpress.discovery\n"                        \
        "  NQN\n"                                                                                  \
        "  tcp|192.0.2.1|8009|nqn.2014-08.org.nvmexpress.discovery|||" FAKE_HOST_NQN "\n"

static void test_adlp_of_either_version(void **state)
{
        need_bus(state);
        assert_run("$stafctl adlp", 0, ADLP, "");
        assert_int_equal(system("touch " FAKE_PYTHON), 0);
        assert_run("$stafctl adlp", 0, ADLP, "");
        assert_int_equal(system("rm " FAKE_PYTHON), 0);
}

#define EXPLAINED                                                                                  \
        "nvme0  tcp 192.0.2.1:8009  nqn.2014-08.org.nvmexpress.discovery\n"                        \
        "  wanted and connected by " FAKE_NAME_SHOWN "\n"

static void test_explain(void **state)
{
        need_bus(state);
        assert_run("$stafctl explain", 0, EXPLAINED, "");
        assert_run("$stacctl explain nvme0", 0, EXPLAINED, "");
        assert_run("$stacctl explain nvme%s", 1, "",
                   "stacctl: explain: No I/O controller has the device, NQN or address "
                   "\"nvme%s\".\n");
        assert_run("$stacctl explain $(printf %01025d 1)", 1, "",
                   "stacctl: explain: No device, NQN or address is that long.\n");
}

static void test_plan(void **state)
{
        need_bus(state);
        assert_run("$stafctl plan", 0, "", "Nothing to do.\n");
        assert_json("$stafctl plan -o json", "[]");
        assert_run("$stacctl plan", 0, "VERB     WHEN\nconnect  now\n", "");
        assert_json("$stacctl plan -o json", "[{\"verb\": \"connect\", \"when\": \"now\"}]");
}

/* Not a terminal: a list for each change, and here is none. */
static void test_watch(void **state)
{
        need_bus(state);
        assert_run("timeout --preserve-status -s INT 2.5 $stafctl ls --watch", 0, LISTED, "");
        assert_run("timeout --preserve-status -s INT 1.5 $stafctl ls -w -o json | grep -c device",
                   0, "1\n", "");
        assert_run("$stafctl ls --watch >/dev/full", 1, "",
                   "stafctl: Cannot write the output: No space left on device\n");
}

/* A terminal: the list in its place, once a second. */
static void test_watch_on_a_terminal(void **state)
{
        need_bus(state);
        if (system("script -qec true /dev/null >/dev/null 2>&1") != 0) { /* a bare chroot */
                print_message("needs script and pseudo-terminals\n");
                skip();
        }
        _cleanup_outcome_ Outcome o =
                run("TERM=xterm NO_COLOR=1 script -qec 'timeout --foreground --preserve-status -s "
                    "INT 1.5 $stafctl ls --watch' /dev/null");
        assert_int_equal(o.status, 0);
        assert_ptr_equal(strstr(o.out, "\x1b[2J\x1b[HDEVICE "), o.out);
        assert_non_null(strstr(o.out, "configured\x1b[K\r\n\x1b[J"));
        assert_non_null(strstr(o.out + 8, "\x1b[HDEVICE "));
}

static void test_reload(void **state)
{
        need_bus(state);
        assert_run("$stafctl reload", 0, "", "");
        assert_run("$stacctl reload", 1, "",
                   "stacctl: reload: stacd.conf:3: kato: not a number\n"
                   "stacctl: reload: stacd.conf:7: no key\n");
}

static void test_full_disk(void **state)
{
        need_bus(state);
        assert_run("$stafctl ls >/dev/full", 1, "",
                   "stafctl: Cannot write the output: No space left on device\n");
}

static void assert_file(const char *path, const char *expected)
{
        _cleanup_free_ char *text = slurp(path);

        assert_string_equal(text, expected);
}

static void test_stasadm(void **state)
{
        static const char uuid[] = "nqn.2014-08.org.nvmexpress:uuid:";

        assert_run("mkdir -p d && cd d && $stasadm -c stas/sys.conf hostnqn -f nvme/hostnqn", 0, "",
                   "");
        _cleanup_free_ char *nqn = slurp("d/nvme/hostnqn");
        assert_int_equal(strncmp(nqn, uuid, strlen(uuid)), 0);
        assert_int_equal(strlen(nqn), strlen(uuid) + 36 + 1);
        assert_run("grep -qx \"nqn = file://$PWD/d/nvme/hostnqn\" d/stas/sys.conf", 0, "", "");

        /* the host ID is the UUID in the host NQN, else the kernel refuses one beside the other */
        assert_run("cd d && $stasadm -c stas/sys.conf hostid -f nvme/hostid && "
                   "grep -qx 'nqn.*:uuid:'$(cat nvme/hostid) nvme/hostnqn",
                   0, "", "");
        assert_run("printf '[Host]\\nnqn = nqn.2014-08.com.example:a\\n' >own.conf && "
                   "$stasadm -c own.conf hostid && cp own.conf first && "
                   "$stasadm -c own.conf hostid && ! cmp -s own.conf first",
                   0, "", "");

        assert_run("$stasadm --conf-file=sys.conf set-symname 'rack 7'", 0, "", "");
        assert_file("sys.conf", "[Host]\nsymname = rack 7\n");
        assert_run("$stasadm -c sys.conf set-symname -f /$PWD/name 'rack 8'", 0, "", "");
        assert_file("name", "rack 8\n");
        assert_run("$stasadm -c sys.conf clear-symname", 0, "", "");
        assert_file("sys.conf", "[Host]\n");

        /* what is so already is not written again */
        assert_run("i=$(stat -c %i sys.conf) && $stasadm -c sys.conf clear-symname && "
                   "test $i = $(stat -c %i sys.conf)",
                   0, "", "");

        /* without -f the value itself goes there */
        assert_run("$stasadm -c sys.conf hostid && grep -Exq 'id = [0-9a-f-]{36}' sys.conf", 0, "",
                   "");
}

static void test_symname_is_checked(void **state)
{
        static const char *const commands[] = {
                "$stasadm -c none set-symname ''",
                "$stasadm -c none set-symname ' a'",
                "$stasadm -c none set-symname \"$(printf 'a\\nb')\"",
                "$stasadm -c none set-symname $(printf %0257d 1)",
        };

        for (size_t i = 0; i < ELEMENTSOF(commands); i++) {
                _cleanup_outcome_ Outcome o = run(commands[i]);

                assert_int_equal(o.status, 1);
                assert_non_null(strstr(o.err, "A symbolic name has"));
                assert_int_not_equal(access("none", F_OK), 0);
        }
        assert_run("$stasadm -c full set-symname $(printf %0256d 1)", 0, "", "");
}

/* The units for host NQN and host ID start at the same time. */
static void test_stasadm_side_by_side(void **state)
{
        assert_run("for i in 1 2 3 4 5 6 7 8; do "
                   "$stasadm -c both hostnqn & $stasadm -c both hostid & "
                   "$stasadm -c both set-symname x & wait; "
                   "test $(wc -l <both) = 4 || exit 9; rm both; done",
                   0, "", "");
}

static void test_not_root(void **state)
{
        if (geteuid() != 0 || access("/usr/bin/setpriv", X_OK) < 0) {
                print_message("needs root and setpriv\n");
                skip();
        }
        assert_run("mkdir -m 755 ours && chmod 711 . && cp $stasadm . && "
                   "setpriv --reuid=65534 --regid=65534 --clear-groups "
                   "./stasadm -c ours/sys.conf hostid",
                   1, "", "stasadm: ours/sys.conf: Permission denied. Root privileges required.\n");
}

int main(int argc, char **argv)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_usage),
                cmocka_unit_test(test_no_bus),
                cmocka_unit_test(test_daemon_absent),
                cmocka_unit_test(test_tron),
                cmocka_unit_test(test_ls),
                cmocka_unit_test(test_json),
                cmocka_unit_test(test_more_than_one_message_can_carry),
                cmocka_unit_test(test_dlp),
                cmocka_unit_test(test_logs_without_entries),
                cmocka_unit_test(test_adlp_of_either_version),
                cmocka_unit_test(test_explain),
                cmocka_unit_test(test_plan),
                cmocka_unit_test(test_watch),
                cmocka_unit_test(test_watch_on_a_terminal),
                cmocka_unit_test(test_reload),
                cmocka_unit_test(test_full_disk),
                cmocka_unit_test(test_stasadm),
                cmocka_unit_test(test_symname_is_checked),
                cmocka_unit_test(test_stasadm_side_by_side),
                cmocka_unit_test(test_not_root),
        };

        if (argc != 4) {
                fprintf(stderr, "usage: %s STAFCTL STACCTL STASADM\n", argv[0]);
                return 2;
        }
        /* the tests leave the directory these may be relative to */
        arg_stafctl = realpath(argv[1], NULL);
        arg_stacctl = realpath(argv[2], NULL);
        arg_stasadm = realpath(argv[3], NULL);
        int r = cmocka_run_group_tests(tests, set_up, tear_down);
        free(arg_stafctl);
        free(arg_stacctl);
        free(arg_stasadm);
        return r;
}
