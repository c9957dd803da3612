/* SPDX-License-Identifier: Apache-2.0 */

#include "cli/view.h"

#include <string.h>

#include "base/testing.h"

typedef char *View(struct json_object *rows, bool colour);

/* JSON with Python's quotes, for readability. */
static void assert_view(View *view, const char *quoted, bool colour, const char *expected)
{
        _cleanup_free_ char *copy = strdup(quoted), *text = NULL;
        _cleanup_json_ struct json_object *rows = NULL;

        assert_non_null(copy);
        for (char *p = copy; *p; p++)
                if (*p == '\'')
                        *p = '"';
        assert_int_equal(json_parse_bytes(copy, strlen(copy), &rows), 0);
        text = view(rows, colour);
        assert_string_equal(text, expected);
}

#define FAILING                                                                                    \
        "{'traddr':'192.0.2.1','trsvcid':'4420','transport':'tcp','subsysnqn':'nqn.a',"            \
        "'host-iface':'','host-traddr':'','host-nqn':'nqn.host','device':'',"                      \
        "'state':'not connected','decision':'wait','reason':'waiting after a failed connect',"     \
        "'why':'wanted; connecting failed','next try':'2.0s',"                                     \
        "'sources':'/etc/stas/stacd.conf:3 (configured, complete)\\nnvme0 (tcp) entry 1',"         \
        "'connect attempts':'4','last error':'ECONNREFUSED (refused)'}"

#define CONNECTED                                                                                  \
        "{'traddr':'2001:db8::1','trsvcid':'4420','transport':'tcp','subsysnqn':'nqn.b',"          \
        "'host-iface':'eth0','device':'nvme3','state':'live','decision':'nothing',"                \
        "'reason':'as it should be','why':'wanted and connected','connect attempts':'0',"          \
        "'ncc':'False','connection':'ours','registry owner':'stas'}"

/* The sentence states the decision; the details follow. */
static void test_paragraphs(void **state)
{
        assert_view(view_explanations, "[]", true, "");
        assert_view(view_explanations, "[" FAILING "," CONNECTED "]", false,
                    "-  tcp 192.0.2.1:4420  nqn.a  not connected\n"
                    "  wanted; connecting failed\n"
                    "  requested by      /etc/stas/stacd.conf:3 (configured, complete)\n"
                    "                    nvme0 (tcp) entry 1\n"
                    "  connect attempts  4\n"
                    "  last error        ECONNREFUSED (refused)\n"
                    "\n"
                    "nvme3  tcp [2001:db8::1]:4420  nqn.b  live\n"
                    "  wanted and connected\n"
                    "  host-iface  eth0\n"
                    "  connection  ours\n");
}

/* Values that differ from the usual are shown. */
static void test_peculiarities(void **state)
{
        assert_view(view_explanations,
                    "[{'device':'nvme1','why':'x','excluded by':'f:1','ncc':'True',"
                    "'connection':'foreign','registry owner':'other','in use':'True'}]",
                    false,
                    "nvme1\n"
                    "  x\n"
                    "  ncc             True\n"
                    "  connection      foreign\n"
                    "  registry owner  other\n"
                    "  in use          True\n");
}

static void test_colours(void **state)
{
        assert_view(view_explanations,
                    "[{'device':'nvme1','state':'live'},"
                    "{'device':'nvme2','state':'live','last error':'x'},"
                    "{'device':'nvme2','state':'live','last log error':'y'},"
                    "{'state':'x','decision':'wait','portal error':'z'},"
                    "{'device':'nvme3','state':'x','decision':'wait'},"
                    "{'device':'nvme4','state':'x','decision':'nothing'}]",
                    true,
                    "\x1b[32mnvme1  live\x1b[0m\n\n"
                    "\x1b[31mnvme2  live\x1b[0m\n  last error  x\n\n"
                    "\x1b[31mnvme2  live\x1b[0m\n  last log error  y\n\n"
                    "\x1b[31m-  x\x1b[0m\n  portal error  z\n\n"
                    "\x1b[33mnvme3  x\x1b[0m\n\n"
                    "nvme4  x\n");
}

/* The format of answers is not relied on, not even from the daemon. */
static void test_wrong_types_and_hostile_texts(void **state)
{
        assert_view(view_explanations, "[3,null,[],{'state':7,'sources':[],'why':'\\u001b[2J'}]",
                    false, "-\n  ?[2J\n");
        assert_view(view_plan, "[{'verb':7,'when':'now'},null]", false, "WHEN\nnow\n-\n");
}

static void test_plan(void **state)
{
        assert_view(view_plan, "[]", false, "");
        assert_view(view_plan,
                    "[{'traddr':'192.0.2.1','trsvcid':'4420','transport':'tcp','subsysnqn':'nqn.a',"
                    "'device':'','state':'not connected','verb':'connect','when':'2.0s',"
                    "'reason':'waiting after a failed connect'},"
                    "{'device':'nvme3','verb':'disconnect','when':'now'}]",
                    false,
                    "VERB        WHEN  DEVICE  TRANSPORT  ADDRESS    SVC   NQN    REASON\n"
                    "connect     2.0s  -       tcp        192.0.2.1  4420  nqn.a  waiting after a "
                    "failed connect\n"
                    "disconnect  now   nvme3   -          -          -     -      -\n");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_paragraphs),
                cmocka_unit_test(test_peculiarities),
                cmocka_unit_test(test_colours),
                cmocka_unit_test(test_wrong_types_and_hostile_texts),
                cmocka_unit_test(test_plan),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
