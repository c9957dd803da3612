/* SPDX-License-Identifier: Apache-2.0 */

#include "source/configuration_files.h"

#include <fcntl.h>
#include <ftw.h>
#include <linux/magic.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/testing.h"
#include "base/text.h"
#include "codec/testing.h"
#include "model/host_id.h"

#define ID "3f1b0f1c-2d41-4c56-9a4e-5b6b8a3c7d10"
#define OF_MACHINE_ID "f2782346-4809-484a-9a8b-952a04b57ba4"
#define OTHER_ID "11111111-2222-4333-8444-555555555555"

/* A separate directory for each test; "%s" in written text stands for it. */
typedef struct Folder {
        char path[64], file[80];
} Folder;

static int set_up(void **state)
{
        Folder *f = calloc(1, sizeof(*f));

        assert_non_null(f);
        strcpy(f->path, "/var/tmp/test-configuration-XXXXXX");
        assert_non_null(mkdtemp(f->path));
        (void) snprintf(f->file, sizeof(f->file), "%s/x.conf", f->path);
        *state = f;
        return 0;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
        return remove(path);
}

static int tear_down(void **state)
{
        Folder *f = *state;

        assert_int_equal(nftw(f->path, remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
        free(f);
        return 0;
}

static void write_bytes(const Folder *f, const char *name, const char *data, size_t n)
{
        char path[256];
        FILE *file;

        (void) snprintf(path, sizeof(path), "%s/%s", f->path, name);
        file = fopen(path, "we");
        assert_non_null(file);
        assert_int_equal(fwrite(data, 1, n, file), n);
        assert_int_equal(fclose(file), 0);
}

static void write_text(const Folder *f, const char *name, const char *text)
{
        write_bytes(f, name, text, strlen(text));
}

static void make_folder(const Folder *f, const char *name)
{
        char path[256];

        (void) snprintf(path, sizeof(path), "%s/%s", f->path, name);
        assert_int_equal(mkdir(path, 0755), 0);
}

/* The problems found, without the directory's name. */
static char *problems_in(const Folder *f, const Diagnostics *d)
{
        char *text = diagnostics_to_text(d), *p;
        size_t n = strlen(f->path);

        while ((p = strstr(text, f->path)))
                memmove(p, p + n, strlen(p + n) + 1);
        return text;
}

static void check_problems(const Folder *f, const Diagnostics *d, const char *expected)
{
        _cleanup_free_ char *problems = problems_in(f, d);

        assert_string_equal(problems, expected);
}

static void test_missing_file_gives_defaults(void **state)
{
        const Folder *f = *state;
        _cleanup_diagnostics_ Diagnostics d = { 0 };
        _cleanup_(configuration_freep) Configuration *c = NULL;

        assert_int_equal(configuration_load(f->file, false, CONTROLLER_DISCOVERY, &c, &d), 0);
        assert_int_equal(d.n_items, 0);
        assert_int_equal(c->policy.settings.value[SETTING_KATO], 30);
        assert_int_equal(c->n_controllers, 0);
}

static void load_both(const Folder *f, ControllerKind role, Configuration **c, Diagnostics *d)
{
        char behaviour[300], connections[300];
        const LaterFiles files = { .behaviour = behaviour, .connections = connections };

        (void) snprintf(behaviour, sizeof(behaviour), "%s/later.conf", f->path);
        (void) snprintf(connections, sizeof(connections), "%s/nvme-stas.conf", f->path);
        assert_int_equal(configuration_load(f->file, false, role, c, d), 0);
        assert_int_equal(configuration_load_later(&files, *c, d), 0);
}

static void test_controllers_of_both_families_add_up(void **state)
{
        const Folder *f = *state;
        _cleanup_diagnostics_ Diagnostics d = { 0 };
        _cleanup_(configuration_freep) Configuration *c = NULL;

        write_text(f, "x.conf",
                   "[Controllers]\ncontroller=transport=tcp;traddr=192.0.2.1;nqn=nqn.a\n");
        write_text(f, "later.conf",
                   "[I/O controller connection management]\n"
                   "honor-fabric-zoning = no\n");
        write_text(f, "nvme-stas.conf",
                   "[Subsystem]\nnqn=nqn.b\ncontroller=transport=tcp;traddr=192.0.2.2\n");
        make_folder(f, "nvme-stas.conf.d");
        write_text(f, "nvme-stas.conf.d/a.conf",
                   "[Subsystem]\nnqn=nqn.c\ncontroller=transport=tcp;traddr=192.0.2.3\n");
        load_both(f, CONTROLLER_IO, &c, &d);
        check_problems(f, &d, "");
        assert_int_equal(c->n_controllers, 3);
        assert_string_equal(c->controllers[2].subsysnqn, "nqn.c");
        assert_int_equal(c->policy.disconnect_scope, DISCONNECT_NONE);
}

static void test_of_contradictions_the_one_that_keeps_more_is_used(void **state)
{
        static const struct {
                const char *stas, *later;
                DisconnectScope scope;
                const char *problems;
        } cases[] = {
                { "only-stas-connections", "no", DISCONNECT_NONE,
                  "E /later.conf:2: honor-fabric-zoning: contradicts disconnect-scope at "
                  "/x.conf:2; this value is used\n" },
                { "no-disconnect", "yes", DISCONNECT_NONE,
                  "E /later.conf:2: honor-fabric-zoning: contradicts disconnect-scope at "
                  "/x.conf:2; the value there is used\n" },
                { "only-stas-connections", "yes", DISCONNECT_ONLY_STAS, "" },
        };
        const Folder *f = *state;

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_diagnostics_ Diagnostics d = { 0 };
                _cleanup_(configuration_freep) Configuration *c = NULL;
                char text[128];

                (void) snprintf(text, sizeof(text),
                                "[I/O controller connection management]\ndisconnect-scope = %s\n",
                                cases[i].stas);
                write_text(f, "x.conf", text);
                (void) snprintf(
                        text, sizeof(text),
                        "[I/O controller connection management]\nhonor-fabric-zoning = %s\n",
                        cases[i].later);
                write_text(f, "later.conf", text);
                load_both(f, CONTROLLER_IO, &c, &d);
                check_problems(f, &d, cases[i].problems);
                assert_int_equal(c->policy.disconnect_scope, cases[i].scope);
        }
}

static void test_a_host_id_that_is_not_the_derived_one_leaves_the_list_partial(void **state)
{
        const Folder *f = *state;
        _cleanup_diagnostics_ Diagnostics d = { 0 };
        _cleanup_(configuration_freep) Configuration *c = NULL;
        char nqn[] = "nqn.host", id[] = "11111111-2222-4333-8444-555555555555";
        const HostIdentity host = { .nqn = nqn, .id = id };
        _cleanup_(source_set_freep) SourceSet *set = NULL;

        write_text(f, "nvme-stas.conf",
                   "[Host]\nhostnqn=nqn.host\nhostid=21111111-2222-4333-8444-555555555555\n"
                   "[Subsystem]\nnqn=nqn.b\ncontroller=transport=tcp;traddr=192.0.2.2\n");
        load_both(f, CONTROLLER_IO, &c, &d);
        configuration_check_host_ids(c, &host, &d);
        check_problems(f, &d,
                       "W /nvme-stas.conf:6: hostid: '21111111-2222-4333-8444-555555555555' is not "
                       "the host ID that goes with the host NQN, which is "
                       "11111111-2222-4333-8444-555555555555; the line is not used\n");
        assert_int_equal(configuration_to_source_set(c, &host, NULL, &set), 0);
        assert_int_equal(set->state, SOURCE_PARTIAL);
}

static void test_drop_ins_sorted_later_wins_lists_add_up(void **state)
{
        const Folder *f = *state;
        _cleanup_diagnostics_ Diagnostics d = { 0 };
        _cleanup_(configuration_freep) Configuration *c = NULL;

        write_text(f, "x.conf",
                   "[Global]\nkato=1\nqueue-size=16\n[Controllers]\n"
                   "controller=transport=tcp;traddr=192.0.2.1\n");
        make_folder(f, "x.conf.d");
        write_text(f, "x.conf.d/20.conf",
                   "[Global]\nkato=3\n[Controllers]\n"
                   "controller=transport=tcp;traddr=192.0.2.3\n");
        write_text(f, "x.conf.d/10.conf",
                   "[Global]\nkato=2\nqueue-size=17\n[Controllers]\n"
                   "controller=transport=tcp;traddr=192.0.2.2\n");
        write_text(f, "x.conf.d/99.conf~", "[Global]\nkato=4\n");
        write_text(f, "x.conf.d/.98.conf", "[Global]\nreconnect-delay=5\n");
        write_text(f, "x.conf.d/.conf", "[Global]\nreconnect-delay=6\n");

        assert_int_equal(configuration_load(f->file, false, CONTROLLER_DISCOVERY, &c, &d), 0);
        assert_int_equal(d.n_items, 0);
        assert_int_equal(c->policy.settings.value[SETTING_KATO], 3);
        assert_int_equal(c->policy.settings.value[SETTING_QUEUE_SIZE], 17);
        assert_int_equal(c->policy.settings.value[SETTING_RECONNECT_DELAY], SETTING_DEFAULT);
        assert_int_equal(c->n_controllers, 3);
        for (size_t i = 0; i < 3; i++) {
                char traddr[32];

                (void) snprintf(traddr, sizeof(traddr), "192.0.2.%zu", i + 1);
                assert_string_equal(c->controllers[i].traddr, traddr);
        }
        assert_string_equal(c->controllers[2].where + strlen(f->path), "/x.conf.d/20.conf:4");
}

static void test_drop_ins_without_main_file(void **state)
{
        const Folder *f = *state;
        _cleanup_diagnostics_ Diagnostics d = { 0 };
        _cleanup_(configuration_freep) Configuration *c = NULL;

        make_folder(f, "x.conf.d");
        write_text(f, "x.conf.d/a.conf", "[Global]\ntron=true\n");
        assert_int_equal(configuration_load(f->file, false, CONTROLLER_IO, &c, &d), 0);
        assert_true(c->tron);
}

static void test_problems_name_the_file(void **state)
{
        const Folder *f = *state;
        _cleanup_diagnostics_ Diagnostics d = { 0 };
        _cleanup_(configuration_freep) Configuration *c = NULL;
        char link[256];

        write_text(f, "x.conf", "[Global]\ntron=maybe\n");
        make_folder(f, "x.conf.d");
        make_folder(f, "x.conf.d/folder.conf");
        (void) snprintf(link, sizeof(link), "%s/x.conf.d/gone.conf", f->path);
        assert_int_equal(symlink("nowhere", link), 0);
        write_text(f, "x.conf.d/z.conf", "[Global]\n\ncolour=red\n");

        assert_int_equal(configuration_load(f->file, false, CONTROLLER_IO, &c, &d), 0);
        assert_true(diagnostics_has_errors(&d));
        check_problems(f, &d,
                       "E /x.conf:2: tron: 'maybe' is not valid, must be true or false\n"
                       "E /x.conf.d/folder.conf: cannot be read: Is a directory\n"
                       "W /x.conf.d/gone.conf: points to a file that does not exist; ignored\n"
                       "W /x.conf.d/z.conf:3: colour: unknown key in [Global]; ignored\n");
}

static void test_long_file_and_long_line(void **state)
{
        const Folder *f = *state;
        _cleanup_diagnostics_ Diagnostics d = { 0 };
        _cleanup_(configuration_freep) Configuration *c = NULL;
        _cleanup_text_buffer_ TextBuffer b = { 0 };

        text_buffer_append(&b, "[Controllers]\ncontroller=\n");
        for (unsigned i = 0; i < 2000; i++)
                text_buffer_printf(&b, "  transport=tcp;traddr=10.0.%u.%u;nqn=nqn.%0200u\n",
                                   i / 256, i % 256, i);
        text_buffer_append(&b, "[Global]\ntron=");
        for (unsigned i = 0; i < 60000; i++)
                text_buffer_append(&b, " ");
        text_buffer_append(&b, "true");
        write_bytes(f, "x.conf", b.data, b.length);

        assert_int_equal(configuration_load(f->file, false, CONTROLLER_IO, &c, &d), 0);
        assert_int_equal(d.n_items, 0);
        assert_int_equal(c->n_controllers, 2000);
        assert_true(c->tron);
}

static void test_empty_device_is_an_empty_file(void **state)
{
        _cleanup_diagnostics_ Diagnostics d = { 0 };
        _cleanup_(configuration_freep) Configuration *c = NULL;

        assert_int_equal(configuration_load("/dev/null", false, CONTROLLER_IO, &c, &d), 0);
        assert_int_equal(d.n_items, 0);
}

static void test_endless_file_is_an_error(void **state)
{
        _cleanup_diagnostics_ Diagnostics d = { 0 };
        _cleanup_(configuration_freep) Configuration *c = NULL;

        assert_int_equal(configuration_load("/dev/zero", false, CONTROLLER_IO, &c, &d), 0);
        assert_int_equal(d.n_items, 1);
        assert_string_equal(d.items[0].reason, "cannot be read: File too large");
}

static void test_pipe_without_writer_does_not_hold(void **state)
{
        const Folder *f = *state;
        _cleanup_diagnostics_ Diagnostics d = { 0 };
        _cleanup_(configuration_freep) Configuration *c = NULL;

        assert_int_equal(mkfifo(f->file, 0600), 0);
        assert_int_equal(configuration_load(f->file, false, CONTROLLER_IO, &c, &d), 0);
}

static int load_host(const Folder *f, const char *text, HostIdentity **ret, Diagnostics *d)
{
        _cleanup_text_buffer_ TextBuffer b = { 0 };

        for (const char *p; (p = strchr(text, '@')); text = p + 1) {
                text_buffer_append_bytes(&b, text, (size_t) (p - text));
                text_buffer_append(&b, f->path);
        }
        text_buffer_append(&b, text);
        write_bytes(f, "x.conf", b.data, b.length);
        return host_identity_load(f->path, f->file, ret, d);
}

static void test_host_from_files(void **state)
{
        const Folder *f = *state;
        _cleanup_diagnostics_ Diagnostics d = { 0 };
        _cleanup_(host_identity_freep) HostIdentity *h = NULL;

        write_text(f, "hostnqn", "\nnqn.a rest\n");
        write_text(f, "hostid", ID "\n");
        write_text(f, "hostkey", "DHHC-1:00:eA==:\n");
        write_text(f, "name", "alpha beta\n");
        assert_int_equal(load_host(f,
                                   "[Host]\nnqn=file://@/hostnqn\nid=file://@/hostid\n"
                                   "key=file://@/hostkey\nsymname=file://@/name\n",
                                   &h, &d),
                         0);
        assert_int_equal(d.n_items, 0);
        assert_string_equal(h->nqn, "nqn.a");
        assert_string_equal(h->id, ID);
        assert_string_equal(secret_reveal_for_kernel(h->key), "DHHC-1:00:eA==:");
        assert_string_equal(h->symname, "alpha");
}

static void test_host_from_values(void **state)
{
        const Folder *f = *state;
        _cleanup_diagnostics_ Diagnostics d = { 0 };
        _cleanup_(host_identity_freep) HostIdentity *h = NULL;

        assert_int_equal(load_host(f,
                                   "[Host]\nnqn=nqn.a\nid=" ID "\nkey=DHHC-1:00:eA==:\n"
                                   "symname=alpha beta\n",
                                   &h, &d),
                         0);
        assert_string_equal(h->nqn, "nqn.a");
        assert_string_equal(secret_reveal_for_kernel(h->key), "DHHC-1:00:eA==:");
        assert_string_equal(h->symname, "alpha beta");
}

static void test_host_drop_in(void **state)
{
        const Folder *f = *state;
        _cleanup_diagnostics_ Diagnostics d = { 0 };
        _cleanup_(host_identity_freep) HostIdentity *h = NULL;

        make_folder(f, "x.conf.d");
        write_text(f, "x.conf.d/a.conf", "[Host]\nnqn=nqn.b\nsymname=\n");
        assert_int_equal(load_host(f, "[Host]\nnqn=nqn.a\nid=" ID "\nkey=\nsymname=x\n", &h, &d),
                         0);
        assert_string_equal(h->nqn, "nqn.b");
        assert_null(h->symname);
        assert_null(h->key);
}

/* The kernel accepts only one of the two, and other programs use the one in the NQN. */
static void test_id_beside_the_uuid_in_the_nqn(void **state)
{
        static const struct {
                const char *nqn, *problems;
        } cases[] = {
                { HOST_NQN_UUID_PREFIX ID, "" },
                { "nqn.2014-08.com.example:host", "" },
                { HOST_NQN_UUID_PREFIX OTHER_ID,
                  "W /x.conf: id: " ID " differs from the UUID in the host NQN, " OTHER_ID
                  ", which other programs use; the kernel does not accept one host NQN with two "
                  "host IDs\n" },
                { HOST_NQN_UUID_PREFIX "00000000-0000-0000-0000-000000000000",
                  "W /x.conf: nqn: the UUID in " HOST_NQN_UUID_PREFIX
                  "00000000-0000-0000-0000-000000000000 is zero; other hosts may have the same\n" },
        };
        const Folder *f = *state;

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_diagnostics_ Diagnostics d = { 0 };
                _cleanup_(host_identity_freep) HostIdentity *h = NULL;
                char text[256];

                (void) snprintf(text, sizeof(text), "[Host]\nnqn=%s\nid=" ID "\nkey=\n",
                                cases[i].nqn);
                assert_int_equal(load_host(f, text, &h, &d), 0);
                check_problems(f, &d, cases[i].problems);
        }
}

static void test_missing_key_and_name_are_no_errors(void **state)
{
        const Folder *f = *state;
        _cleanup_diagnostics_ Diagnostics d = { 0 };
        _cleanup_(host_identity_freep) HostIdentity *h = NULL;

        assert_int_equal(load_host(f,
                                   "[Host]\nnqn=nqn.a\nid=" ID "\nkey=file://@/none\n"
                                   "symname=file://@/none\n",
                                   &h, &d),
                         0);
        assert_null(h->key);
        assert_null(h->symname);
        check_problems(f, &d, "W /x.conf: symname: /none: No such file or directory\n");
}

static void test_unusable_key_is_not_used_nor_shown(void **state)
{
        const Folder *f = *state;
        _cleanup_diagnostics_ Diagnostics d = { 0 };
        _cleanup_(host_identity_freep) HostIdentity *h = NULL;

        assert_int_equal(load_host(f, "[Host]\nnqn=nqn.a\nid=" ID "\nkey=hunter2\n", &h, &d), 0);
        assert_null(h->key);
        check_problems(f, &d, "E /x.conf: key: is not of the form DHHC-1:NN:...:; ignored\n");
}

static void test_unusable_host(void **state)
{
        static const struct {
                const char *text, *problems;
                int error;
        } cases[] = {
                { "[Host]\nnqn=file://@/none\nid=file://@/empty\n",
                  "E /x.conf: nqn: /none: No such file or directory\n"
                  "E /x.conf: id: /empty: the file is empty\n",
                  -ENODATA },
                { "[Host]\nnqn=file://@/folder\nid=" ID "\n",
                  "E /x.conf: nqn: /folder: Is a directory\n", -ENODATA },
                /* One of them needs manual intervention. */
                { "[Host]\nnqn=file://@/none\nid=1234\n",
                  "E /x.conf: nqn: /none: No such file or directory\n"
                  "E /x.conf: id: '1234' is not a UUID (xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx)\n",
                  -EINVAL },
                { "[Host]\nnqn=iqn.a\nid=file://@/none\n",
                  "E /x.conf: nqn: 'iqn.a' must be printable UTF-8, begin with 'nqn.' and have at "
                  "most 223 bytes, no "
                  "white space and no comma\n"
                  "E /x.conf: id: /none: No such file or directory\n",
                  -EINVAL },
                { "[Host]\nnqn=file://hostnqn\nid=" ID "\n",
                  "E /x.conf: nqn: the path after 'file://' must begin with '/'\n", -EINVAL },
                { "[Host]\nnqn=iqn.a\nid=" ID "\n",
                  "E /x.conf: nqn: 'iqn.a' must be printable UTF-8, begin with 'nqn.' and have at "
                  "most 223 bytes, no "
                  "white space and no comma\n",
                  -EINVAL },
                { "[Host]\nnqn=nqn.a\nid=1234\n",
                  "E /x.conf: id: '1234' is not a UUID (xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx)\n",
                  -EINVAL },
                { "[Host]\nnqn=nqn.a\nid=00000000-0000-0000-0000-000000000000\n",
                  "E /x.conf: id: '00000000-0000-0000-0000-000000000000' is not a UUID "
                  "(xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx)\n",
                  -EINVAL },
        };
        const Folder *f = *state;

        write_text(f, "empty", " \n");
        make_folder(f, "folder");
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_diagnostics_ Diagnostics d = { 0 };
                HostIdentity *h = NULL;

                assert_int_equal(load_host(f, cases[i].text, &h, &d), cases[i].error);
                assert_null(h);
                check_problems(f, &d, cases[i].problems);
        }
}

static void test_without_sys_conf_the_usual_files_count(void **state)
{
        const Folder *f = *state;
        _cleanup_diagnostics_ Diagnostics d = { 0 };
        _cleanup_(host_identity_freep) HostIdentity *h = NULL;

        make_folder(f, "etc");
        make_folder(f, "etc/nvme");
        write_text(f, "etc/nvme/hostnqn", "nqn.a\n");
        write_text(f, "etc/nvme/hostid", ID "\n");
        write_text(f, "etc/nvme/hostkey", "DHHC-1:00:eA==:\n");
        assert_int_equal(host_identity_load(f->path, f->file, &h, &d), 0);
        assert_int_equal(d.n_items, 0);
        assert_string_equal(h->nqn, "nqn.a");
        assert_string_equal(h->id, ID);
        assert_non_null(h->key);
}

static void test_without_files_the_machine_names_the_host(void **state)
{
        const Folder *f = *state;
        _cleanup_diagnostics_ Diagnostics d = { 0 }, again = { 0 }, none = { 0 };
        _cleanup_(host_identity_freep) HostIdentity *h = NULL, *of_dmi = NULL, *nobody = NULL;
        char from[128], to[128];
        struct statfs fs;

        assert_int_equal(statfs(f->path, &fs), 0);
        if (fs.f_type == TMPFS_MAGIC || fs.f_type == OVERLAYFS_SUPER_MAGIC) {
                print_message("nothing in %s would last until the next boot\n", f->path);
                skip();
        }
        make_folder(f, "etc");
        make_folder(f, "run");
        write_text(f, "etc/machine-id", "0123456789abcdef0123456789abcdef\n");
        assert_int_equal(host_identity_load(f->path, f->file, &h, &d), 0);
        assert_string_equal(h->nqn, HOST_NQN_UUID_PREFIX OF_MACHINE_ID);
        assert_string_equal(h->id, OF_MACHINE_ID);
        check_problems(
                f, &d,
                "W /x.conf: nqn: /etc/nvme/hostnqn: No such file or directory; using "
                "nqn.2014-08.org.nvmexpress:uuid:" OF_MACHINE_ID
                ", made from the file /etc/machine-id\n"
                "W /x.conf: id: /etc/nvme/hostid: No such file or directory; using " OF_MACHINE_ID
                ", made from the host NQN\n");

        /* As mounted by systemd: the host would have another name after the next boot. */
        (void) snprintf(from, sizeof(from), "%s/etc/machine-id", f->path);
        (void) snprintf(to, sizeof(to), "%s/run/machine-id", f->path);
        assert_int_equal(link(from, to), 0);
        assert_int_equal(host_identity_load(f->path, f->file, &nobody, &none), -ENODATA);
        check_problems(f, &none,
                       "E /x.conf: nqn: /etc/nvme/hostnqn: No such file or directory\n"
                       "E /x.conf: id: /etc/nvme/hostid: No such file or directory\n");

        make_folder(f, "sys");
        make_folder(f, "sys/class");
        make_folder(f, "sys/class/dmi");
        make_folder(f, "sys/class/dmi/id");
        write_text(f, "sys/class/dmi/id/product_uuid", "00112233-4455-6677-8899-aabbccddeeff\n");
        assert_int_equal(host_identity_load(f->path, f->file, &of_dmi, &again), 0);
        assert_string_equal(of_dmi->id, "33221100-5544-7766-8899-aabbccddeeff");
}

/* Existing but invalid values are the administrator's; an NQN of another form contains no ID. */
static void test_what_names_no_host_is_an_error(void **state)
{
        static const struct {
                const char *nqn, *id, *problems;
                int error;
        } cases[] = {
                { "iqn.a\n", ID,
                  "E /x.conf: nqn: 'iqn.a' must be printable UTF-8, begin with 'nqn.' and have at "
                  "most 223 bytes, no "
                  "white space and no comma\n",
                  -EINVAL },
                { "nqn.a\n", "", "E /x.conf: id: /etc/nvme/hostid: the file is empty\n", -ENODATA },
                { "nqn.a\n", "1234",
                  "E /x.conf: id: '1234' is not a UUID (xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx)\n",
                  -EINVAL },
        };
        const Folder *f = *state;

        make_folder(f, "etc");
        make_folder(f, "etc/nvme");
        write_text(f, "etc/machine-id", "0123456789abcdef0123456789abcdef\n");
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_diagnostics_ Diagnostics d = { 0 };
                HostIdentity *h = NULL;

                write_text(f, "etc/nvme/hostnqn", cases[i].nqn);
                write_text(f, "etc/nvme/hostid", cases[i].id);
                assert_int_equal(host_identity_load(f->path, f->file, &h, &d), cases[i].error);
                check_problems(f, &d, cases[i].problems);
        }
}

static Configuration *load_text(const Folder *f, ControllerKind role, const char *text)
{
        _cleanup_diagnostics_ Diagnostics d = { 0 };
        Configuration *c;

        write_text(f, "x.conf", text);
        assert_int_equal(configuration_load(f->file, false, role, &c, &d), 0);
        assert_int_equal(d.n_items, 0);
        return c;
}

static const HostIdentity host = { .nqn = (char *) "nqn.host" };

static void test_source_set(void **state)
{
        const Folder *f = *state;
        _cleanup_(configuration_freep) Configuration *c = load_text(
                f, CONTROLLER_IO,
                "[Global]\nkato=9\n[Controllers]\n"
                "controller=transport=tcp;traddr=192.0.2.2;nqn=nqn.a;host-iface=eth0;kato=5;"
                "dhchap-secret=DHHC-1:00:eA==:\n"
                "controller=transport=tcp;traddr=192.0.2.1;nqn=nqn.a;host-nqn=nqn.other\n"
                "controller=transport=tcp;traddr=::ffff:192.0.2.2;nqn=nqn.a;host-iface=eth0\n");
        _cleanup_(source_set_freep) SourceSet *set = NULL;

        assert_int_equal(configuration_to_source_set(c, &host, NULL, &set), 0);
        assert_string_equal(set->key, "config");
        assert_int_equal(set->kind, SOURCE_CONFIGURED);
        assert_int_equal(set->state, SOURCE_COMPLETE);
        assert_false(set->restored);
        assert_int_equal(set->n_entries, 2);

        const SourceEntry *other = &set->entries[0], *e = &set->entries[1];
        assert_string_equal(other->tid->host_nqn, "nqn.other");
        assert_string_equal(e->tid->host_nqn, "nqn.host");
        assert_string_equal(e->tid->trsvcid, "4420");
        assert_string_equal(e->tid->host_iface, "eth0");
        assert_string_equal(e->where + strlen(f->path), "/x.conf:4");
        assert_int_equal(e->settings.value[SETTING_KATO], 5);
        assert_int_equal(other->settings.value[SETTING_KATO], SETTING_DEFAULT);
        assert_string_equal(secret_reveal_for_kernel(e->dhchap_secret), "DHHC-1:00:eA==:");
        assert_null(other->dhchap_secret);
}

/* One NQN has one ID: a line with another ID would be connected with one it does not specify. */
static void test_host_id_is_that_of_the_host_nqn(void **state)
{
        static const HostIdentity named = { .nqn = (char *) "nqn.host", .id = (char *) ID };
        const Folder *f = *state;
        _cleanup_diagnostics_ Diagnostics d = { 0 };
        _cleanup_(configuration_freep) Configuration *c = load_text(
                f, CONTROLLER_IO,
                "[Controllers]\n"
                "controller=transport=tcp;traddr=192.0.2.1;nqn=nqn.a;hostid=" OTHER_ID "\n"
                "controller=transport=tcp;traddr=192.0.2.2;nqn=nqn.a;hostid=" ID "\n"
                "controller=transport=tcp;traddr=192.0.2.3;nqn=nqn.a;hostid=" OTHER_ID
                ";hostnqn=nqn.2014-08.org.nvmexpress:uuid:" OTHER_ID "\n");

        configuration_check_host_ids(c, &named, &d);
        check_problems(f, &d,
                       "E /x.conf:2: controller: host-id: '" OTHER_ID "' is not the host ID that "
                       "goes with the host NQN, which is " ID "; the line is not used\n");
        assert_int_equal(c->n_controllers, 2);
        assert_string_equal(c->controllers[0].traddr, "192.0.2.2");
        assert_string_equal(c->controllers[1].traddr, "192.0.2.3");
}

static void test_source_set_of_discovery_controllers(void **state)
{
        const Folder *f = *state;
        _cleanup_(configuration_freep) Configuration *c =
                load_text(f, CONTROLLER_DISCOVERY,
                          "[Controllers]\ncontroller=transport=tcp;traddr=192.0.2.1\n");
        _cleanup_(source_set_freep) SourceSet *set = NULL;

        assert_int_equal(configuration_to_source_set(c, &host, NULL, &set), 0);
        assert_string_equal(set->entries[0].tid->subsysnqn, NQN_DISCOVERY);
        assert_string_equal(set->entries[0].tid->trsvcid, "8009");
}

static void test_ignore_iface(void **state)
{
        const Folder *f = *state;
        _cleanup_(configuration_freep) Configuration *c =
                load_text(f, CONTROLLER_DISCOVERY,
                          "[Global]\nignore-iface=true\n[Controllers]\n"
                          "controller=transport=tcp;traddr=192.0.2.1;host-iface=eth0\n");
        _cleanup_(source_set_freep) SourceSet *set = NULL;

        assert_int_equal(configuration_to_source_set(c, &host, NULL, &set), 0);
        assert_string_equal(set->entries[0].tid->host_iface, "");
}

static void test_host_name_makes_the_set_partial(void **state)
{
        const Folder *f = *state;
        _cleanup_(configuration_freep) Configuration *c =
                load_text(f, CONTROLLER_DISCOVERY,
                          "[Controllers]\ncontroller=transport=tcp;traddr=storage.example.com\n"
                          "controller=transport=loop;traddr=x\n"
                          "controller=transport=tcp;traddr=192.0.2.1\n");
        _cleanup_(source_set_freep) SourceSet *set = NULL;

        assert_int_equal(configuration_to_source_set(c, &host, NULL, &set), 0);
        assert_int_equal(set->state, SOURCE_PARTIAL);
        assert_int_equal(set->n_entries, 2);
}

static const char named[] = "[Controllers]\n"
                            "controller=transport=tcp;traddr=storage.example.com;kato=7\n"
                            "controller=transport=tcp;traddr=Storage.example.com;trsvcid=8010\n"
                            "controller=transport=tcp;traddr=192.0.2.9\n";

static void answer(HostNames *names, const char *address)
{
        const HostName *h = host_names_begin(names, USEC_INFINITY - 1);

        assert_non_null(h);
        (void) host_names_end(names, h->op_id, 0, address, 0, &h);
}

static void test_a_resolved_name_gives_its_lines_an_address(void **state)
{
        const Folder *f = *state;
        _cleanup_(configuration_freep) Configuration *c = load_text(f, CONTROLLER_DISCOVERY, named);
        _cleanup_(source_set_freep) SourceSet *unknown = NULL, *answered = NULL, *settled = NULL;
        _cleanup_(host_names_done) HostNames names = { 0 };

        assert_int_equal(host_names_set(&names, c->controllers, c->n_controllers, 0), 0);
        assert_int_equal(configuration_to_source_set(c, &host, &names, &unknown), 0);
        assert_int_equal(unknown->state, SOURCE_PARTIAL);
        assert_int_equal(unknown->n_entries, 1);

        answer(&names, "192.0.2.1");
        assert_int_equal(configuration_to_source_set(c, &host, &names, &answered), 0);
        assert_int_equal(answered->state, SOURCE_PARTIAL); /* the next answer may differ */
        assert_int_equal(answered->n_entries, 3);

        answer(&names, "192.0.2.1");
        assert_int_equal(configuration_to_source_set(c, &host, &names, &settled), 0);
        assert_int_equal(settled->state, SOURCE_COMPLETE);
        assert_int_equal(settled->n_entries, 3);
        const SourceEntry *e = &settled->entries[0];
        assert_string_equal(e->tid->traddr, "192.0.2.1");
        assert_string_equal(e->tid->trsvcid, "8009");
        assert_int_equal(e->tid->address.family, ADDRESS_IPV4);
        assert_string_equal(e->where + strlen(f->path), "/x.conf:2 (storage.example.com)");
        assert_int_equal(e->settings.value[SETTING_KATO], 7);
        assert_string_equal(settled->entries[1].tid->traddr, "192.0.2.1");
        assert_string_equal(settled->entries[1].tid->trsvcid, "8010");
        assert_string_equal(settled->entries[2].where + strlen(f->path), "/x.conf:4");
}

static void test_a_scope_is_part_of_an_answer(void **state)
{
        const Folder *f = *state;
        _cleanup_(configuration_freep) Configuration *c = load_text(f, CONTROLLER_DISCOVERY, named);
        _cleanup_(source_set_freep) SourceSet *set = NULL;
        _cleanup_(host_names_done) HostNames names = { 0 };

        assert_int_equal(host_names_set(&names, c->controllers, c->n_controllers, 0), 0);
        answer(&names, "fe80::1%eth0");
        assert_int_equal(configuration_to_source_set(c, &host, &names, &set), 0);
        assert_int_equal(set->n_entries, 3);
        assert_string_equal(tid_interface(set->entries[2].tid), "eth0");
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(test_missing_file_gives_defaults),
                TEST(test_controllers_of_both_families_add_up),
                TEST(test_of_contradictions_the_one_that_keeps_more_is_used),
                TEST(test_a_host_id_that_is_not_the_derived_one_leaves_the_list_partial),
                TEST(test_drop_ins_sorted_later_wins_lists_add_up),
                TEST(test_drop_ins_without_main_file),
                TEST(test_problems_name_the_file),
                TEST(test_long_file_and_long_line),
                TEST(test_empty_device_is_an_empty_file),
                TEST(test_endless_file_is_an_error),
                TEST(test_pipe_without_writer_does_not_hold),
                TEST(test_host_from_files),
                TEST(test_host_from_values),
                TEST(test_host_drop_in),
                TEST(test_id_beside_the_uuid_in_the_nqn),
                TEST(test_missing_key_and_name_are_no_errors),
                TEST(test_unusable_key_is_not_used_nor_shown),
                TEST(test_unusable_host),
                TEST(test_without_sys_conf_the_usual_files_count),
                TEST(test_without_files_the_machine_names_the_host),
                TEST(test_what_names_no_host_is_an_error),
                TEST(test_host_id_is_that_of_the_host_nqn),
                TEST(test_source_set),
                TEST(test_source_set_of_discovery_controllers),
                TEST(test_ignore_iface),
                TEST(test_host_name_makes_the_set_partial),
                TEST(test_a_resolved_name_gives_its_lines_an_address),
                TEST(test_a_scope_is_part_of_an_answer),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
