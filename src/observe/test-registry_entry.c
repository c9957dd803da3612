/* SPDX-License-Identifier: Apache-2.0 */

#include "observe/registry_entry.h"

#include "base/text.h"
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
                const char *what, *owner, *inode, *daemon; /* NULL: no such file */
                const char *expected; /* for the controller with inode 42, from stacd's view */
        } table[] = {
                { "nobody", NULL, NULL, NULL, NULL },
                { "an entry of other attributes only", NULL, "42\n", NULL, NULL },
                { "others", "discoverd\n", NULL, NULL, "discoverd" },
                { "others, no line end", "nbft", NULL, NULL, "nbft" },
                { "others, an attribute of the same name", "nbft\n", "7\n", NULL, "nbft" },
                { "others, spaces and lines", "  some  one \nelse\n", NULL, NULL, "some  one" },
                { "nothing in it", "\n", NULL, NULL, NULL },
                { "empty", "", NULL, NULL, NULL },
                { "what no terminal should see", "a\033[2Jb\n", NULL, NULL, "a?[2Jb" },
                { "ours", "stas\n", "42\n", NULL, "stas" },
                { "ours, written by a program that knows no inodes", "stas\n", NULL, NULL, "stas" },
                { "ours, made by this daemon", "stas\n", "42\n", "stacd\n", "stas" },
                { "ours, made by the other one", "stas\n", "42\n", "stafd\n", "stafd" },
                { "others, an attribute of that name", "nbft\n", NULL, "stacd\n", "nbft" },
                { "ours, of a controller before", "stas\n", "41\n", NULL, NULL },
                { "ours, damaged", "stas\n", "forty-two\n", NULL, NULL },
                { "ours, damaged to nothing", "stas\n", "", NULL, NULL },
                { "ours, no inode has this number", "stas\n", "0\n", NULL, NULL },
                { "somebody else whose name begins like ours", "stasis\n", "41\n", NULL, "stasis" },
        };

        for (size_t i = 0; i < ELEMENTSOF(table); i++) {
                RegistryEntry entry;
                char name[32], path[64];
                (void) snprintf(name, sizeof(name), "nvme%zu", i);
                root_make_dir(root, name);
                (void) snprintf(path, sizeof(path), "%s/owner", name);
                if (table[i].owner)
                        root_put(root, path, table[i].owner);
                (void) snprintf(path, sizeof(path), "%s/inode", name);
                if (table[i].inode)
                        root_put(root, path, table[i].inode);
                (void) snprintf(path, sizeof(path), "%s/daemon", name);
                if (table[i].daemon)
                        root_put(root, path, table[i].daemon);

                bool found = registry_entry_find(root->path, (int) i, 42, &entry);
                const char *owner = found ? registry_entry_owner(&entry, "stacd", true) : NULL;
                if (!streq_ptr(owner, table[i].expected))
                        fail_msg("%s: %s", table[i].what, text_or(owner, "nobody"));
        }
}

static void test_no_entry(void **state)
{
        const Root *root = *state;
        RegistryEntry entry = { .inode = 77 };

        assert_int_equal(registry_entry_read(root->path, "nvme3", &entry), -ENOENT);
        assert_int_equal(registry_entry_read("/no/such/registry", "nvme3", &entry), -ENOENT);
        root_put(root, "nvme3", "stas\n");
        assert_int_equal(registry_entry_read(root->path, "nvme3", &entry), -ENOENT);
        root_make_dir(root, "nvme4");
        assert_int_equal(registry_entry_read(root->path, "nvme4", &entry), -ENOENT);
        assert_false(registry_entry_find(root->path, 3, 42, &entry));
        assert_int_equal(entry.inode, 77);
}

/* Before this attribute existed, entries did not specify the daemon: if the controller does not
 * show what it is either, neither daemon may claim it because of the entry. */
static void test_an_entry_of_either_daemon(void **state)
{
        const RegistryEntry old = { .owner = "stas", .is_ours = true };
        const RegistryEntry ours = { .owner = "stas", .is_ours = true, .daemon = "stacd" };

        assert_string_equal(registry_entry_owner(&old, "stacd", true), "stas");
        assert_null(registry_entry_owner(&old, "stacd", false));
        assert_string_equal(registry_entry_owner(&ours, "stacd", false), "stas");
        assert_string_equal(registry_entry_owner(&ours, "stafd", false), "stacd");
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

/* A daemon must not wait for a writer of a pipe. */
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
        /* Nor through a link: an entry is a directory in the registry. */
        root_put(root, "elsewhere/owner", "stas\n");
        root_link(root, "elsewhere", "nvme5");
        assert_int_equal(registry_entry_read(root->path, "nvme5", &entry), -ENOENT);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(test_owners),
                TEST(test_no_entry),
                TEST(test_an_entry_of_either_daemon),
                TEST(test_an_owner_is_cut),
                TEST(test_only_files_are_read),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
