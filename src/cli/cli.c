/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"

#include <assert.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/text.h"

enum {
        OPTIONS_AT_ONCE = 24, /* of a program and a verb together, including help and version */
        LABEL_WIDTH = 28,
};

static const Option help_option = { _OPTION_MAX, 'h', "help", NULL, NULL, "Print this text" };
static const Option version_option = {
        _OPTION_MAX, 'v', "version", NULL, NULL, "Print the version"
};

/* The options that are valid at one point of the command line. */
typedef struct OptionTable {
        const Option *options[OPTIONS_AT_ONCE];
        struct option long_options[OPTIONS_AT_ONCE + 1];
        char short_options[2 * OPTIONS_AT_ONCE + 2];
        size_t n_options;
} OptionTable;

static void option_table_add(OptionTable *t, const Option *o)
{
        size_t n = strlen(t->short_options);

        assert(t->n_options < OPTIONS_AT_ONCE);
        t->long_options[t->n_options] = (struct option) {
                .name = o->long_name,
                .has_arg = o->value ? required_argument : no_argument,
                .val = o->short_name,
        };
        t->options[t->n_options++] = o;
        t->short_options[n++] = o->short_name;
        if (o->value)
                t->short_options[n++] = ':';
        t->short_options[n] = '\0';
}

static void option_table_init(OptionTable *t, const Program *program, const Verb *verb)
{
        /* '+': before the verb is known, parsing stops at the first word that is not an option, the
         * verb. */
        *t = (OptionTable) { .short_options = "+" };
        if (verb)
                t->short_options[0] = '\0';
        option_table_add(t, &help_option);
        option_table_add(t, &version_option);
        for (const Option *o = program->options; o && o->long_name; o++)
                option_table_add(t, o);
        for (const Option *o = verb ? verb->options : NULL; o && o->long_name; o++)
                option_table_add(t, o);
}

static const Option *option_table_find(const OptionTable *t, int short_name)
{
        for (size_t i = 0; i < t->n_options; i++)
                if (t->options[i]->short_name == short_name)
                        return t->options[i];
        return NULL;
}

static void print_label(const char *label, const char *help)
{
        printf("  %-*s %s\n", LABEL_WIDTH, label, help);
}

static void print_option(const Option *o)
{
        char label[64];

        if (o->value)
                snprintf(label, sizeof(label), "-%c, --%s %s", o->short_name, o->long_name,
                         o->value);
        else
                snprintf(label, sizeof(label), "-%c, --%s", o->short_name, o->long_name);
        print_label(label, o->help);
}

static void print_usage_line(FILE *f, const Program *p, const Verb *v)
{
        if (v) {
                fprintf(f, "usage: %s %s [OPTIONS]%s%s\n", p->name, v->name,
                        v->arguments ? " " : "", text_or(v->arguments, ""));
                return;
        }
        fprintf(f, "usage: %s [OPTIONS] ", p->name);
        for (const Verb *const *i = p->verbs; *i; i++)
                fprintf(f, "%s%s", i == p->verbs ? "" : "|", (*i)->name);
        fprintf(f, " ...\n");
}

static void cli_print_help(const Program *p, const Verb *v)
{
        OptionTable t;

        print_usage_line(stdout, p, v);
        printf("\n%s\n", v ? v->help : p->summary);
        if (!v) {
                printf("\nCommands:\n");
                for (const Verb *const *i = p->verbs; *i; i++)
                        print_label((*i)->name, (*i)->help);
        }
        printf("\nOptions:\n");
        option_table_init(&t, p, v);
        for (size_t i = 0; i < t.n_options; i++)
                print_option(t.options[i]);
}

static const Verb *program_find_verb(const Program *p, const char *name)
{
        for (const Verb *const *i = p->verbs; *i; i++)
                if (streq((*i)->name, name))
                        return *i;
        return NULL;
}

static bool option_allows(const Option *o, const char *value)
{
        if (!o->choices)
                return true;
        for (const char *const *c = o->choices; *c; c++)
                if (streq(*c, value))
                        return true;
        return false;
}

/* 0: continue at argv[optind]; 1: done; CLI_EXIT_USAGE: usage error, reported. */
static int parse_options(Invocation *inv, int argc, char **argv)
{
        OptionTable t;
        int c;

        option_table_init(&t, inv->program, inv->verb);
        optind = 0;
        while ((c = getopt_long(argc, argv, t.short_options, t.long_options, NULL)) >= 0) {
                const Option *o = option_table_find(&t, c);

                if (!o) {
                        print_usage_line(stderr, inv->program, inv->verb);
                        return CLI_EXIT_USAGE;
                }
                if (o == &help_option) {
                        cli_print_help(inv->program, inv->verb);
                        return 1;
                }
                if (o == &version_option) {
                        printf("nvme-stas %s\n", PROJECT_VERSION);
                        return 1;
                }
                if (o->value && !option_allows(o, optarg)) {
                        cli_error(inv, "--%s: \"%s\" is not one of %s", o->long_name, optarg,
                                  o->value);
                        return CLI_EXIT_USAGE;
                }
                inv->options[o->id] = o->value ? optarg : "";
        }
        return 0;
}

static int parse_verb(Invocation *inv, int argc, char **argv)
{
        char *name = argv[0];
        unsigned n;
        int r;

        inv->verb = program_find_verb(inv->program, name);
        if (!inv->verb) {
                cli_error(inv, "Unknown command \"%s\"", name);
                print_usage_line(stderr, inv->program, NULL);
                return CLI_EXIT_USAGE;
        }
        argv[0] = (char *) inv->program->name; /* getopt prefixes its messages with it */
        r = parse_options(inv, argc, argv);
        if (r != 0)
                return r;
        n = (unsigned) (argc - optind);
        if (n < inv->verb->n_arguments || n > inv->verb->n_arguments + inv->verb->n_optional) {
                print_usage_line(stderr, inv->program, inv->verb);
                return CLI_EXIT_USAGE;
        }
        inv->arguments = argv + optind;
        return 0;
}

int cli_main(const Program *program, int argc, char **argv)
{
        Invocation inv = { .program = program };
        int r;

        r = parse_options(&inv, argc, argv);
        if (r == 0 && optind >= argc) {
                print_usage_line(stderr, program, NULL);
                return EXIT_FAILURE;
        }
        if (r == 0)
                r = parse_verb(&inv, argc - optind, argv + optind);
        if (r != 0)
                return r == CLI_EXIT_USAGE ? CLI_EXIT_USAGE : EXIT_SUCCESS;

        r = inv.verb->run(&inv);
        if (fflush(stdout) != 0 && r >= 0) {
                cli_error(&inv, "Cannot write the output: %m");
                r = -EIO;
        }
        return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

void cli_error(const Invocation *i, const char *format, ...)
{
        _cleanup_free_ char *text = NULL;
        va_list ap;

        va_start(ap, format);
        if (vasprintf(&text, format, ap) < 0)
                text = NULL;
        va_end(ap);
        if (text)
                text_make_lines_printable(text);
        fprintf(stderr, "%s: %s\n", i->program->name, text_or(text, "Out of memory"));
}

int cli_oom(const Invocation *i)
{
        cli_error(i, "Out of memory");
        return -ENOMEM;
}

static const char *const output_choices[] = { "text", "json", NULL };

const Option cli_output_option = { OPTION_OUTPUT,  'o',
                                   "output",       "text|json",
                                   output_choices, "Print text (default) or JSON" };

bool cli_wants_json(const Invocation *i)
{
        const char *output = i->options[OPTION_OUTPUT];

        return output && streq(output, "json");
}
