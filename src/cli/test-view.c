/* SPDX-License-Identifier: Apache-2.0 */

#include "cli/view.h"

#include <string.h>

#include "base/testing.h"

#define WELL_KNOWN "nqn.2014-08.org.nvmexpress.discovery"

static struct json_object *parse(const char *text)
{
        struct json_object *o;

        assert_int_equal(json_parse_bytes(text, strlen(text), &o), 0);
        return o;
}

/* A controller as described by Python's stafd 2.4.1, except for the keys in the middle. */
#define PYTHON_ROW(device, middle)                                                                 \
        "{'traddr':'127.0.0.1','trsvcid':'8009','transport':'tcp','subsysnqn':'" WELL_KNOWN        \
        "','host-iface':'','host-traddr':'','device':'" device "','connect attempts':'0'," middle  \
        "'hostid':'7b699377-cf2f-460d-bef3-90b22d437122'}"

/* JSON with Python's quotes, for readability. */
static struct json_object *parse_quoted(const char *text)
{
        _cleanup_free_ char *copy = strdup(text);

        assert_non_null(copy);
        for (char *p = copy; *p; p++)
                if (*p == '\'')
                        *p = '"';
        return parse(copy);
}

typedef char *View(struct json_object *rows, bool colour);

static void assert_view(View *view, const char *quoted, bool colour, const char *expected)
{
        _cleanup_json_ struct json_object *rows = parse_quoted(quoted);
        _cleanup_free_ char *text = view(rows, colour);

        assert_string_equal(text, expected);
}

static void test_controllers_of_python(void **state)
{
        assert_view(view_controllers, "[]", true, "");
        assert_view(view_controllers,
                    "[" PYTHON_ROW("nvme0", "'origin':'configured','connected':'True',"
                                            "'retry connect timer':'60.0s [off]',") "]",
                    false,
                    "DEVICE  TRANSPORT  ADDRESS    SVC   NQN                                   "
                    "STATE      ORIGIN\n"
                    "nvme0   tcp        127.0.0.1  8009  nqn.2014-08.org.nvmexpress.discovery  "
                    "connected  configured\n");
}

static void test_controller_without_namespaces(void **state)
{
        assert_view(
                view_controllers,
                "[{'transport':'tcp','traddr':'192.0.2.1','trsvcid':'4420','device':'nvme12',"
                "'subsysnqn':'nqn.b','connect attempts':'1','state':'live','namespaces':'none'}]",
                false,
                "DEVICE  TRANSPORT  ADDRESS    SVC   NQN    STATE\n"
                "nvme12  tcp        192.0.2.1  4420  nqn.b  live, the kernel shows no "
                "namespaces\n");
}

/* A dash for the missing device, and the reason. */
static void test_controller_that_fails(void **state)
{
        assert_view(
                view_controllers,
                "[{'transport':'tcp','traddr':'2001:db8::1','trsvcid':'4420','host-iface':'eth0',"
                "'subsysnqn':'nqn.a','connect attempts':'3','state':'retrying',"
                "'retry connect timer':'60.0s [12.3s]','last error':'Connection refused'},"
                "{'transport':'tcp','traddr':'192.0.2.1','trsvcid':'4420','device':'nvme12',"
                "'subsysnqn':'nqn.b','connect attempts':'2','state':'connected'}]",
                false,
                "DEVICE  TRANSPORT  ADDRESS      SVC   IFACE  NQN    STATE      TRIES  RETRY-IN"
                "  LAST-ERROR\n"
                "-       tcp        2001:db8::1  4420  eth0   nqn.a  retrying   3      12.3s   "
                "  Connection refused\n"
                "nvme12  tcp        192.0.2.1    4420  -      nqn.b  connected  -      -       "
                "  -\n");
}

static void test_controller_colours(void **state)
{
        static const struct {
                const char *row, *state;
        } cases[] = {
                { "[{'connected':'True'}]", "\x1b[32mconnected\x1b[0m" },
                { "[{'state':'live'}]", "\x1b[32mlive\x1b[0m" },
                { "[{}]", "\x1b[33mconnecting\x1b[0m" },
                { "[{'state':'retrying','last error':'x'}]", "\x1b[31mretrying\x1b[0m" },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_json_ struct json_object *rows = parse_quoted(cases[i].row);
                _cleanup_free_ char *text = view_controllers(rows, true);

                assert_non_null(strstr(text, cases[i].state));
        }
}

/* The format of answers is not relied on, not even from the daemon. */
static void test_controllers_of_wrong_types(void **state)
{
        assert_view(view_controllers, "[{'device':7,'traddr':null,'log_pages':'no'},3,null,[]]",
                    false, "STATE\nconnecting\nconnecting\nconnecting\nconnecting\n");
        assert_view(view_controllers_detailed, "[3,null,[]]", false, "");
}

static void test_controllers_detailed(void **state)
{
        assert_view(view_controllers_detailed,
                    "[{'device':'nvme0','transport':'tcp','traddr':'fe80::1','trsvcid':'8009',"
                    "'subsysnqn':'nqn.a','host-iface':'','connected':'True'},"
                    "{'device':'','transport':'fc','traddr':'nn-0x1:pn-0x2','trsvcid':'',"
                    "'subsysnqn':'nqn.b','state':'connecting'}]",
                    false,
                    "nvme0  tcp [fe80::1]:8009  nqn.a\n"
                    "  device     nvme0\n"
                    "  transport  tcp\n"
                    "  traddr     fe80::1\n"
                    "  trsvcid    8009\n"
                    "  subsysnqn  nqn.a\n"
                    "  connected  True\n"
                    "\n"
                    "-  fc nn-0x1:pn-0x2  nqn.b\n"
                    "  transport  fc\n"
                    "  traddr     nn-0x1:pn-0x2\n"
                    "  subsysnqn  nqn.b\n"
                    "  state      connecting\n");
}

static void test_long_lists_are_broken(void **state)
{
        _cleanup_json_ struct json_object *rows = parse(
                "[{\"dlpe\":\"{'trtype': 'tcp', 'adrfam': 'ipv4', 'traddr': '127.0.0.1', "
                "'trsvcid': '8009', 'subnqn': 'nqn.2024-01.lab:sub1', 'subtype': 'nvme'}\"}]");
        _cleanup_free_ char *text = view_controllers_detailed(rows, false);

        assert_string_equal(text, "-\n"
                                  "  dlpe  {'trtype': 'tcp', 'adrfam': 'ipv4', 'traddr': "
                                  "'127.0.0.1', 'trsvcid': '8009',\n"
                                  "        'subnqn': 'nqn.2024-01.lab:sub1', 'subtype': 'nvme'}\n");
}

static char *view_pages(struct json_object *rows, bool colour)
{
        return view_log_pages(rows, 0, colour);
}

#define PAGE(subtype, nqn, cntlid, eflags)                                                         \
        "{'trtype':'tcp','adrfam':'ipv4','traddr':'192.0.2.1','trsvcid':'4420','subnqn':'" nqn     \
        "','subtype':'" subtype "','treq':'disable sqflow','portid':'1','cntlid':'" cntlid         \
        "','asqsz':'32','eflags':'" eflags "'}"

static void test_log_pages(void **state)
{
        assert_view(view_pages, "[]", false, "");
        assert_view(view_pages,
                    "[" PAGE("discovery", "nqn.dc", "65535", "3") "," PAGE("nvme", "nqn.a", "7",
                                                                           "4") "]",
                    false,
                    "SUBTYPE    TRANSPORT  ADDRESS    SVC   NQN     PORT  CNTLID   FLAGS           "
                    "  TREQ\n"
                    "discovery  tcp        192.0.2.1  4420  nqn.dc  1     dynamic  dupretinfo,epcsd"
                    "  disable sqflow\n"
                    "nvme       tcp        192.0.2.1  4420  nqn.a   1     7        ncc             "
                    "  disable sqflow\n");
}

#define USED(traddr, treq, more)                                                                   \
        "{'trtype':'tcp','traddr':'" traddr "','subnqn':'nqn.a','subtype':'nvme','treq':'" treq    \
        "'" more "}"

/* Every TREQ in words, SECTYPE where there is any, and a mark with the reason on what is not used.
 */
static void test_requirements_and_what_is_not_used(void **state)
{
        assert_view(view_pages,
                    "[" USED("192.0.2.1", "5", ",'sectype':'tls1.3'") "," USED(
                            "0.0.0.0", "required",
                            ",'sectype':'none','not used':'its address is unspecified'") "]",
                    false,
                    "SUBTYPE  TRANSPORT  ADDRESS    NQN    TREQ                      SECTYPE  "
                    "NOT-USED\n"
                    "nvme     tcp        192.0.2.1  nqn.a  required, disable sqflow  tls1.3   -\n"
                    "nvme     tcp        0.0.0.0    nqn.a  required                  -        "
                    "its address is unspecified\n");
        assert_view(view_pages, "[" USED("192.0.2.1", "3", ",'sectype':'none'") "]", false,
                    "SUBTYPE  TRANSPORT  ADDRESS    NQN    TREQ\n"
                    "nvme     tcp        192.0.2.1  nqn.a  reserved 3h\n");
}

static void test_flags_without_a_name(void **state)
{
        static const struct {
                const char *rows, *flags;
        } cases[] = {
                { "[" PAGE("nvme", "nqn.a", "1", "0") "]", NULL },
                { "[" PAGE("nvme", "nqn.a", "1", "8") "]", " 8 " },
                { "[" PAGE("nvme", "nqn.a", "1", "x") "]", " x " },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_json_ struct json_object *rows = parse_quoted(cases[i].rows);
                _cleanup_free_ char *text = view_log_pages(rows, 0, false);

                assert_int_equal(!strstr(text, "FLAGS"), !cases[i].flags);
                if (cases[i].flags)
                        assert_non_null(strstr(text, cases[i].flags));
        }
}

static char *view_all(struct json_object *list, bool colour)
{
        return view_all_log_pages(list, false, colour);
}

static void test_all_log_pages(void **state)
{
        static const char list[] =
                "[{'discovery-controller':{'device':'nvme0','transport':'tcp','traddr':'192.0.2.1',"
                "'trsvcid':'8009','subsysnqn':'nqn.dc'},'log-pages':[" PAGE(
                        "nvme", "nqn.a", "65535", "0") "]},"
                                                       "{'discovery-controller':{'transport':'loop'"
                                                       ",'subsysnqn':'nqn.l'},'log-pages':[]},"
                                                       "7]";

        assert_view(view_all, "[]", false, "");
        assert_view(view_all, list, false,
                    "nvme0  tcp 192.0.2.1:8009  nqn.dc\n"
                    "  SUBTYPE  TRANSPORT  ADDRESS    SVC   NQN    PORT  CNTLID   TREQ\n"
                    "  nvme     tcp        192.0.2.1  4420  nqn.a  1     dynamic  disable sqflow\n"
                    "\n"
                    "-  loop  nqn.l\n"
                    "  no entries\n");
}

/* A log that has not been read is not reported as empty. */
static void test_log_pages_not_read(void **state)
{
        assert_view(
                view_all,
                "[{'discovery-controller':{'transport':'tcp','traddr':'192.0.2.1','trsvcid':'8009',"
                "'subsysnqn':'nqn.dc','last error':'timed "
                "out'},'log-pages':[],'log-state':'unknown'}]",
                false,
                "-  tcp 192.0.2.1:8009  nqn.dc\n"
                "  not read yet: timed out\n");
        assert_view(
                view_all,
                "[{'discovery-controller':{'transport':'tcp','traddr':'192.0.2.1','trsvcid':'8009',"
                "'subsysnqn':'nqn.dc','last error':'an old "
                "one'},'log-pages':[],'log-state':'complete'}]",
                false,
                "-  tcp 192.0.2.1:8009  nqn.dc\n"
                "  no entries\n");
}

static void test_status(void **state)
{
        assert_view(view_status,
                    "{'tron':false,'hostnqn':'nqn.h','symname':null,"
                    "'avahi':{'service types':['_a._tcp','_b._tcp'],'services':{}},"
                    "'controllers':[{'device':'nvme0','state':'connected','log_pages':[{},{}]}]}",
                    false,
                    "tron             false\n"
                    "hostnqn          nqn.h\n"
                    "symname          -\n"
                    "avahi\n"
                    "  service types  _a._tcp, _b._tcp\n"
                    "  services       -\n"
                    "\n"
                    "DEVICE  STATE      ENTRIES\n"
                    "nvme0   connected  2\n");
        assert_view(view_status, "{'tron':true,'controllers':[]}", false, "tron  true\n");
        assert_view(view_status, "{'tron':true,'controllers':7}", false, "tron  true\n");
}

/* JSON escapes are decoded; the characters must not reach a terminal. */
static void test_control_characters(void **state)
{
        static View *const views[] = { view_controllers, view_controllers_detailed };

        for (size_t i = 0; i < ELEMENTSOF(views); i++) {
                _cleanup_json_ struct json_object *rows =
                        parse("[{\"device\":\"nvme0\",\"subsysnqn\":\"nqn.\\u001b[2J\\u009b\\n\","
                              "\"traddr\":\"a\\rb\",\"trsvcid\":\"\\u0007\",\"last "
                              "error\":\"\\u007f\"}]");
                _cleanup_free_ char *text = views[i](rows, false);

                for (const char *p = text; *p; p++) {
                        assert_true(*p == '\n' || (*p >= ' ' && *p != '\x7f') || *p < 0);
                        assert_true(p[0] != '\xc2');
                }
                assert_non_null(strstr(text, "nqn.?[2J"));
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_controllers_of_python),
                cmocka_unit_test(test_controller_without_namespaces),
                cmocka_unit_test(test_controller_that_fails),
                cmocka_unit_test(test_controller_colours),
                cmocka_unit_test(test_controllers_of_wrong_types),
                cmocka_unit_test(test_controllers_detailed),
                cmocka_unit_test(test_long_lists_are_broken),
                cmocka_unit_test(test_log_pages),
                cmocka_unit_test(test_requirements_and_what_is_not_used),
                cmocka_unit_test(test_flags_without_a_name),
                cmocka_unit_test(test_all_log_pages),
                cmocka_unit_test(test_log_pages_not_read),
                cmocka_unit_test(test_status),
                cmocka_unit_test(test_control_characters),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
