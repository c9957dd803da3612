/* SPDX-License-Identifier: Apache-2.0 */

#include "observe/registry_entry.h"

#include "base/text.h"
#include "observe/line.h"
#include "observe/testing.h"

static int setup(void **state)
{
        static Root root;
        root = root_new();
        *state = &root;
        return 0;
}

static int teardown(void **state)
{
        root_remove(*state);
        return 0;
}

static void test_owners(void **state)
{
        const Root *root = *state;
        static const struct {
                const char *what, *owner, *inode; /* NULL: no such file */
                const char *expected;             /* of the controller with inode 42 */
        } table[] = {
                { "nobody", NULL, NULL, NULL },
                { "an entry of other attributes only", NULL, "42\n", NULL },
                { "others", "discoverd\n", NULL, "discoverd" },
                { "others, no line end", "nbft", NULL, "nbft" },
                { "others, an attribute of the same name", "nbft\n", "7\n", "nbft" },
                { "others, spaces and lines", "  some  one \nelse\n", NULL, "some  one" },
                { "nothing in it", "\n", NULL, NULL },
                { "empty", "", NULL, NULL },
                { "what no terminal should see", "a\033[2Jb\n", NULL, "a?[2Jb" },
                { "ours", "stas\n", "42\n", "stas" },
                { "ours, written by a program that knows no inodes", "stas\n", NULL, "stas" },
                { "ours, of a controller before", "stas\n", "41\n", NULL },
                { "ours, damaged", "stas\n", "forty-two\n", NULL },
                { "ours, damaged to nothing", "stas\n", "", NULL },
                { "ours, no inode has this number", "stas\n", "0\n", NULL },
                { "somebody else whose name begins like ours", "stasis\n", "41\n", "stasis" },
        };

        for (size_t i = 0; i < ELEMENTSOF(table); i++) {
                _cleanup_free_ char *owner = NULL;
                char name[32], path[64];
                (void) snprintf(name, sizeof(name), "nvme%zu", i);
                root_make_dir(root, name);
                (void) snprintf(path, sizeof(path), "%s/owner", name);
                if (table[i].owner)
                        root_put(root, path, table[i].owner);
                (void) snprintf(path, sizeof(path), "%s/inode", name);
                if (table[i].inode)
                        root_put(root, path, table[i].inode);

                assert_int_equal(registry_read_owner(root->path, (int) i, 42, &owner), 0);
                if (!streq_ptr(owner, table[i].expected))
                        fail_msg("%s: %s", table[i].what, text_or(owner, "nobody"));
        }
}

static void test_no_entry(void **state)
{
        const Root *root = *state;
        RegistryEntry entry = { .inode = 77 };
        char *owner = NULL;

        assert_int_equal(registry_entry_read(root->path, "nvme3", &entry), -ENOENT);
        assert_int_equal(registry_entry_read("/no/such/registry", "nvme3", &entry), -ENOENT);
        root_put(root, "nvme3", "stas\n");
        assert_int_equal(registry_entry_read(root->path, "nvme3", &entry), -ENOENT);
        root_make_dir(root, "nvme4");
        assert_int_equal(registry_entry_read(root->path, "nvme4", &entry), -ENOENT);
        assert_int_equal(entry.inode, 77);
        assert_int_equal(registry_read_owner(root->path, 3, 42, &owner), 0);
        assert_null(owner);
}

static void test_an_owner_is_cut(void **state)
{
        const Root *root = *state;
        RegistryEntry entry;
        char text[5000];

        memset(text, 'x', sizeof(text));
        text[sizeof(text) - 1] = '\0';
        root_put(root, "nvme3/owner", text);
        assert_int_equal(registry_entry_read(root->path, "nvme3", &entry), 0);
        assert_int_equal(strlen(entry.owner), sizeof(entry.owner) - 1);
        assert_false(entry.is_ours);
}

/* A daemon does not wait for somebody to write into a pipe. */
static void test_only_files_are_read(void **state)
{
        const Root *root = *state;
        RegistryEntry entry;
        char path[PATH_MAX];

        root_make_dir(root, "nvme3");
        assert_int_equal(mkfifo(root_path(root, "nvme3/owner", path), 0600), 0);
        assert_int_equal(registry_entry_read(root->path, "nvme3", &entry), -EBADMSG);
        root_make_dir(root, "nvme4");
        root_make_dir(root, "nvme4/owner");
        assert_int_equal(registry_entry_read(root->path, "nvme4", &entry), -EBADMSG);
        /* Nor through a link: an entry is a folder of the registry. */
        root_put(root, "elsewhere/owner", "stas\n");
        root_link(root, "elsewhere", "nvme5");
        assert_int_equal(registry_entry_read(root->path, "nvme5", &entry), -ENOENT);
}

static void test_lines(void **state)
{
        const Root *root = *state;
        char path[PATH_MAX], line[8];

        root_put(root, "file", " \tlive \r\nmore\n");
        assert_int_equal(line_read(AT_FDCWD, root_path(root, "file", path), line, sizeof(line)), 0);
        assert_string_equal(line, "live");
        root_put(root, "file", "1234567890\n");
        assert_int_equal(line_read(AT_FDCWD, path, line, sizeof(line)), 0);
        assert_string_equal(line, "1234567");
        root_drop(root, "file");
        assert_int_equal(line_read(AT_FDCWD, path, line, sizeof(line)), -ENOENT);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(test_owners),          TEST(test_no_entry),
                TEST(test_an_owner_is_cut), TEST(test_only_files_are_read),
                TEST(test_lines),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
