/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"
#include "cli/host_setting.h"
#include "cli/verbs.h"

enum {
        SYMNAME_MAX = 256, /* TP8010, Entity Name of the DIM command */
};

/* It must fit on one line of an INI file and into a field of the DIM command. */
static bool symname_is_valid(const char *name)
{
        if (!*name || strlen(name) > SYMNAME_MAX || name[0] == ' ' || name[strlen(name) - 1] == ' ')
                return false;
        for (; *name; name++)
                if ((unsigned char) *name < ' ' || *name == '\x7f')
                        return false;
        return true;
}

static int run_set_symname(const Invocation *i)
{
        const char *name = i->arguments[0];

        if (!symname_is_valid(name)) {
                cli_error(i,
                          "A symbolic name has 1 to %d bytes, no control characters and no "
                          "spaces at its ends",
                          SYMNAME_MAX);
                return -EINVAL;
        }
        return host_setting_save(i, "symname", name);
}

static int run_clear_symname(const Invocation *i)
{
        return host_setting_save(i, "symname", NULL);
}

static const Option set_symname_options[] = {
        { OPTION_FILE, 'f', "file", "FILE", NULL,
          "Save the name in this file and refer to it in sys.conf" },
        CLI_OPTION_END,
};

const Verb verb_set_symname = {
        .name = "set-symname",
        .arguments = "NAME",
        .n_arguments = 1,
        .help = "Set the symbolic name that is registered with discovery controllers",
        .options = set_symname_options,
        .run = run_set_symname,
};

const Verb verb_clear_symname = {
        .name = "clear-symname",
        .help = "Remove the symbolic name",
        .run = run_clear_symname,
};
